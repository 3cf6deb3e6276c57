//! What the verbs print for programs. `docs/json.md` documents it; fields are only ever added.
//!
//! What is absent is `null`, moments are RFC 3339 in UTC, quantities are exact numbers in the product's unit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use crate::domain::reorder::Cover;
use crate::domain::{
    Alert, Lot, MovementKind, Operator, Quantity, Severity, ShortageReason, Sku, TransferId, TransferState,
    WarehouseId,
};
use crate::ledger::MovementRow;
use crate::ledger::book::{Arrival, Transfer};
use crate::ledger::entry::RequestLine;
use crate::node::event::{CellView, PeerState, PeerView, ProductView, RoadView, Standing};
use crate::text::Lang;
use crate::text::alert_line;
use crate::text::time::rfc3339;

/// Days of the window whose issues are the demand.
const DEMAND_DAYS: u32 = 30;

/// A row of `stock`: one lot of one product in one warehouse.
#[derive(Debug, Clone, Serialize)]
pub struct StockRow {
    /// The product.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// The lot.
    pub lot: Option<Lot>,
    /// Its date.
    pub expiry: Option<NaiveDate>,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Whether the product is retired: what is left of it can only go out.
    pub retired: bool,
    /// Where it stands there.
    pub shelf: Option<String>,
    /// Goods there.
    #[serde(serialize_with = "number")]
    pub on_hand: Quantity,
    /// Promised of them.
    #[serde(serialize_with = "number")]
    pub reserved: Quantity,
    /// On hand − reserved.
    #[serde(serialize_with = "number")]
    pub available: Quantity,
    /// On the road to that warehouse.
    #[serde(serialize_with = "number")]
    pub in_transit: Quantity,
    /// The rule's, fixed or computed, all lots.
    #[serde(serialize_with = "optional_number")]
    pub reorder_point: Option<Quantity>,
    /// On hand + incoming − reserved, all lots.
    #[serde(serialize_with = "number")]
    pub position: Quantity,
    /// For how long what is available lasts, all lots; none: nothing leaves.
    pub days_of_cover: Option<f64>,
    /// Up to when that warehouse was heard of.
    pub as_of: Option<String>,
    /// Whether it is heard of now.
    pub reachable: bool,
    /// What was given up with that warehouse, its own and on the road from it: counted in no other figure.
    #[serde(serialize_with = "number")]
    pub given_up: Quantity,
}

/// Up to when a warehouse is known, and whether it is heard of now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Milliseconds since 1970 UTC.
    pub as_of_ms: Option<i64>,
    /// Whether it is heard of now.
    pub reachable: bool,
}

/// How well each warehouse is known: the own one now, the others when they were last heard.
#[must_use]
pub fn heard(own: &WarehouseId, peers: &[PeerView], now_ms: i64) -> BTreeMap<WarehouseId, Heard> {
    let others = peers.iter().map(|peer| {
        let heard = Heard { as_of_ms: peer.last_seen_ms, reachable: peer.state != PeerState::Down };
        (peer.id.clone(), heard)
    });
    let here = Heard { as_of_ms: Some(now_ms), reachable: true };
    others.chain([(own.clone(), here)]).collect()
}

/// The rows of a product: its lots in every warehouse that has or had some, expects some or has a rule for it; a
/// product that is nowhere has one row at zero in the own warehouse.
#[must_use]
pub fn stock_rows(
    product: &ProductView,
    own: &WarehouseId,
    heard: &BTreeMap<WarehouseId, Heard>,
) -> Vec<StockRow> {
    let mut places: BTreeSet<(&WarehouseId, Lot)> = BTreeSet::new();
    places.extend(product.cells.iter().map(|c| (&c.warehouse, c.lot.clone())));
    let lost = |r: &RoadView| product.is_given_up(&r.from);
    places.extend(product.roads.iter().map(|r| (if lost(r) { &r.from } else { &r.to }, r.lot.clone())));
    // Of a retired product there is nothing to say but where some of it is left.
    if product.product.retired {
        places.retain(|(warehouse, lot)| {
            let left = |c: &CellView| c.warehouse == **warehouse && c.lot == *lot && !c.on_hand.is_zero();
            product.cells.iter().any(left) || product.roads.iter().any(|r| r.lot == *lot)
        });
    }
    let rules = product.rules.iter().filter(|_| !product.product.retired);
    for (warehouse, _) in rules {
        if !places.iter().any(|(w, _)| *w == warehouse) {
            places.insert((warehouse, Lot::none()));
        }
    }
    if places.is_empty() && !product.product.retired {
        places.insert((own, Lot::none()));
    }
    places
        .into_iter()
        .map(|(warehouse, lot)| stock_row(product, warehouse, lot, heard.get(warehouse)))
        .collect()
}

fn stock_row(product: &ProductView, warehouse: &WarehouseId, lot: Lot, heard: Option<&Heard>) -> StockRow {
    let is_given_up = product.is_given_up(warehouse);
    let cell = product.cells.iter().find(|c| c.warehouse == *warehouse && c.lot == lot);
    let (gone, roads): (Vec<_>, Vec<_>) =
        product.roads.iter().filter(|r| r.lot == lot).partition(|r| product.is_given_up(&r.from));
    let roads = roads.into_iter().filter(|r| r.to == *warehouse);
    let there = cell.map(|c| c.on_hand).filter(|_| is_given_up);
    let gone = gone.into_iter().filter(|r| r.from == *warehouse).map(|r| r.qty).chain(there);
    let given_up = gone.fold(Quantity::ZERO, Quantity::saturating_plus);
    let counted = cell.filter(|_| !is_given_up);
    let on_hand = counted.map_or(Quantity::ZERO, |c| c.on_hand);
    let reserved = counted.map_or(Quantity::ZERO, |c| c.reserved);
    let rule = product.rule(warehouse);
    let cover = Cover::of(product.available(warehouse), product.issued_30d(warehouse), DEMAND_DAYS);
    let expiry = cell.and_then(|c| c.expiry).or_else(|| {
        let mut elsewhere = product.cells.iter().filter(|c| !lot.is_none() && c.lot == lot);
        elsewhere.find_map(|c| c.expiry)
    });
    StockRow {
        sku: product.product.sku.clone(),
        name: product.product.name.clone(),
        expiry,
        warehouse: warehouse.clone(),
        retired: product.product.retired,
        shelf: rule.and_then(|r| text(&r.shelf)),
        on_hand,
        reserved,
        available: on_hand.saturating_plus(reserved.negated()),
        in_transit: roads.fold(Quantity::ZERO, |sum, r| sum.saturating_plus(r.qty)),
        reorder_point: product.reorder_point(warehouse),
        position: product.position(warehouse),
        days_of_cover: cover.days(),
        as_of: heard.and_then(|h| h.as_of_ms).and_then(rfc3339),
        reachable: heard.is_some_and(|h| h.reachable),
        given_up,
        lot: some_lot(lot),
    }
}

/// A row of `history`: one product and lot of one entry.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryRow {
    /// The entry.
    pub entry: TransferId,
    /// What it is.
    pub kind: MovementKind,
    /// The product.
    pub sku: Sku,
    /// The lot.
    pub lot: Option<Lot>,
    /// Change of on-hand; of a request, what was asked for.
    #[serde(serialize_with = "number")]
    pub qty: Quantity,
    /// Whose ledger.
    pub warehouse: WarehouseId,
    /// When.
    pub at: Option<String>,
    /// Its place in the order of all movements: 16 hex digits that sort as text.
    pub hlc: String,
    /// Who.
    pub operator: Operator,
    /// Why.
    pub reason: Option<String>,
    /// The free text.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The transfer it belongs to.
    pub transfer: Option<TransferId>,
}

impl HistoryRow {
    /// For programs.
    #[must_use]
    pub fn of(row: &MovementRow) -> Self {
        Self {
            entry: TransferId { origin: row.origin.clone(), seq: row.seq },
            kind: row.kind,
            sku: row.sku.clone(),
            lot: some_lot(row.lot.clone()),
            qty: row.qty,
            warehouse: row.origin.clone(),
            at: rfc3339(row.at_ms),
            hlc: format!("{:016x}", row.sort_key),
            operator: row.operator.clone(),
            reason: text(&row.reason),
            reference: text(&row.reference),
            transfer: row.transfer.clone(),
        }
    }
}

/// A row of `transfers`.
#[derive(Debug, Clone, Serialize)]
pub struct TransferRow {
    /// The entry that began it.
    pub id: TransferId,
    /// The source.
    pub from: WarehouseId,
    /// The destination.
    pub to: WarehouseId,
    /// How far it is.
    pub state: TransferState,
    /// What of.
    pub lines: Vec<TransferLine>,
}

/// A line of a transfer; what has not happened yet is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransferLine {
    /// The product.
    pub sku: Sku,
    /// The lot.
    pub lot: Option<Lot>,
    /// Asked for.
    #[serde(serialize_with = "optional_number")]
    pub requested: Option<Quantity>,
    /// Sent.
    #[serde(serialize_with = "optional_number")]
    pub dispatched: Option<Quantity>,
    /// Taken in at the destination.
    #[serde(serialize_with = "optional_number")]
    pub received: Option<Quantity>,
    /// Taken back at the source.
    #[serde(serialize_with = "optional_number")]
    pub returned: Option<Quantity>,
    /// Did not arrive.
    #[serde(serialize_with = "optional_number")]
    pub shortage: Option<Quantity>,
    /// Why.
    pub reason: Option<ShortageReason>,
}

impl TransferRow {
    /// For programs.
    #[must_use]
    pub fn of(transfer: &Transfer) -> Self {
        Self {
            id: transfer.id.clone(),
            from: transfer.from.clone(),
            to: transfer.to.clone(),
            state: transfer.state(),
            lines: transfer_lines(transfer),
        }
    }
}

/// The dispatched lines, each with what was asked for it, then what was asked for and not sent.
fn transfer_lines(transfer: &Transfer) -> Vec<TransferLine> {
    let mut asked: Vec<_> = transfer.request.iter().flat_map(|request| &request.lines).map(Some).collect();
    let sent = transfer.dispatch.iter().flat_map(|dispatch| &dispatch.lines);
    let mut lines: Vec<_> = sent
        .map(|line| TransferLine {
            sku: line.sku.clone(),
            lot: some_lot(line.lot.clone()),
            requested: None,
            dispatched: Some(line.qty),
            received: None,
            returned: None,
            shortage: None,
            reason: None,
        })
        .collect();
    // A request without a lot is answered by one dispatched line or several: it stands at the first.
    for exact in [true, false] {
        for line in lines.iter_mut().filter(|line| line.requested.is_none()) {
            let lot = line.lot.clone().unwrap_or_default();
            let answers = |wanted: &RequestLine| {
                wanted.sku == line.sku && if exact { wanted.lot == lot } else { wanted.lot.is_none() }
            };
            let asked = asked.iter_mut().find(|asked| asked.is_some_and(answers));
            line.requested = asked.and_then(Option::take).map(|wanted| wanted.qty);
        }
    }
    let dispatched = transfer.dispatch.is_some().then_some(Quantity::ZERO);
    lines.extend(asked.into_iter().flatten().map(|line| TransferLine {
        sku: line.sku.clone(),
        lot: some_lot(line.lot.clone()),
        requested: Some(line.qty),
        dispatched,
        received: None,
        returned: None,
        shortage: None,
        reason: None,
    }));
    if let Some(receipt) = &transfer.receipt {
        arrived(&mut lines, receipt, |line, qty| line.received = Some(qty));
    }
    if let Some(returned) = &transfer.returned {
        arrived(&mut lines, returned, |line, qty| line.returned = Some(qty));
    }
    lines
}

fn arrived(lines: &mut [TransferLine], arrival: &Arrival, set: impl Fn(&mut TransferLine, Quantity)) {
    for (line, came) in lines.iter_mut().zip(&arrival.lines) {
        set(line, came.arrived);
        line.shortage = Some(came.short);
        line.reason = came.reason;
    }
}

/// A product of a request that its dispatch did not bring, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortLine {
    /// The product.
    pub sku: Sku,
    /// Asked for, all lots.
    #[serde(serialize_with = "number")]
    pub requested: Quantity,
    /// Sent, all lots.
    #[serde(serialize_with = "number")]
    pub dispatched: Quantity,
    /// The rest.
    #[serde(serialize_with = "number")]
    pub missing: Quantity,
}

/// What was asked for and not sent, in the order of the request; a request is answered once, so this will not come.
#[must_use]
pub fn short_lines(transfer: &Transfer) -> Vec<ShortLine> {
    let (Some(request), Some(dispatch)) = (&transfer.request, &transfer.dispatch) else {
        return Vec::new();
    };
    let mut all: Vec<ShortLine> = Vec::new();
    for line in &request.lines {
        if let Some(known) = all.iter_mut().find(|known| known.sku == line.sku) {
            known.requested = known.requested.saturating_plus(line.qty);
            continue;
        }
        let sent = dispatch.lines.iter().filter(|sent| sent.sku == line.sku).map(|sent| sent.qty);
        all.push(ShortLine {
            sku: line.sku.clone(),
            requested: line.qty,
            dispatched: sent.fold(Quantity::ZERO, Quantity::saturating_plus),
            missing: Quantity::ZERO,
        });
    }
    for line in &mut all {
        line.missing = line.requested.saturating_plus(line.dispatched.negated());
    }
    all.retain(|line| line.missing.is_positive());
    all
}

/// A row of `peers`.
#[derive(Debug, Clone, Serialize)]
pub struct PeerRow {
    /// The warehouse.
    pub id: WarehouseId,
    /// Whether it is heard of; `retired` once it left.
    pub state: &'static str,
    /// What it is to the network.
    pub standing: Standing,
    /// Round trip.
    pub rtt_ms: Option<f64>,
    /// How far its clock is ahead.
    pub offset_ms: Option<f64>,
    /// ± of that.
    pub error_ms: Option<f64>,
    /// Its entries that are not here yet.
    pub lag_entries: u64,
    /// Its entries that are here.
    pub applied_entries: u64,
    /// When it was last heard.
    pub last_seen: Option<String>,
    /// Why its ledger isn't followed any further; null where it is.
    pub quarantine: Option<String>,
}

impl PeerRow {
    /// For programs.
    #[must_use]
    pub fn of(peer: &PeerView) -> Self {
        Self {
            id: peer.id.clone(),
            state: match (peer.standing, peer.state) {
                (Standing::Retired | Standing::GivenUp, _) => "retired",
                (_, PeerState::Alive) => "alive",
                (_, PeerState::Suspect) => "suspect",
                (_, PeerState::Down) => "down",
            },
            standing: peer.standing,
            rtt_ms: peer.rtt_ms,
            offset_ms: peer.offset_ms,
            error_ms: peer.error_ms,
            lag_entries: peer.lag_entries,
            applied_entries: peer.applied,
            last_seen: peer.last_seen_ms.and_then(rfc3339),
            quarantine: peer.quarantine.clone(),
        }
    }
}

/// A row of `alerts`.
#[derive(Debug, Clone, Serialize)]
pub struct AlertRow {
    /// Stable while the matter lasts.
    pub id: String,
    /// The fixed word.
    pub kind: &'static str,
    /// How much it presses.
    pub severity: Severity,
    /// The product.
    pub sku: Option<Sku>,
    /// The warehouse it concerns.
    pub warehouse: WarehouseId,
    /// For people, in the language asked for.
    pub text: String,
    /// Since when.
    pub raised_at: Option<String>,
    /// Who has seen it.
    pub acknowledged_by: Option<String>,
}

impl AlertRow {
    /// For programs.
    #[must_use]
    pub fn of(alert: &Alert, lang: Lang, now_ms: i64) -> Self {
        Self {
            id: alert.id.clone(),
            kind: alert.what.word(),
            severity: alert.what.severity(),
            sku: alert.what.sku().cloned(),
            warehouse: alert.warehouse.clone(),
            text: alert_line(lang, alert, now_ms),
            raised_at: rfc3339(alert.raised_ms),
            acknowledged_by: alert.acknowledged_by.clone(),
        }
    }
}

pub(super) fn some_lot(lot: Lot) -> Option<Lot> {
    (!lot.is_none()).then_some(lot)
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this shape")]
pub(super) fn number<S: serde::Serializer>(amount: &Quantity, s: S) -> Result<S::Ok, S::Error> {
    amount.to_json().serialize(s)
}

#[allow(clippy::ref_option, reason = "serde asks for this shape")]
pub(super) fn optional_number<S: serde::Serializer>(
    amount: &Option<Quantity>,
    s: S,
) -> Result<S::Ok, S::Error> {
    amount.map_or(Value::Null, Quantity::to_json).serialize(s)
}

#[cfg(test)]
mod tests;
