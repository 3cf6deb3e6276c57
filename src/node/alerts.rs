//! What somebody of this warehouse should look at now: derived from what is shown, raised and cleared by itself.
//!
//! Each alert belongs to a subject (a product, a transfer, a barcode, …). Only the subjects that changed are derived
//! anew, so that a movement costs the same with 20 products and with 20,000.

mod roster;
pub mod since;
mod stock;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};

use self::since::Undated;
use super::event::{ClockView, LinkView, PeerState, PeerView, ProductView};
use crate::domain::alert::{EXPIRING_DAYS, OVERDUE_HOURS};
use crate::domain::gtin::Gtin;
use crate::domain::{Alert, AlertKind, Quantity, Sku, TransferId, TransferState, Trouble, WarehouseId};
use crate::ledger::book::Transfer;
use crate::protocol::snapshot::Snapshot;

/// A clock that is further from cluster time than this, in milliseconds, is reported.
const CLOCK_MS: f64 = 2_000.0;
/// An offset that changed by less than this many milliseconds is told as before.
const STEADY_MS: u64 = 500;
/// Short products of a transfer that its alert names at most.
const SHORT_NAMED: usize = 3;
const OVERDUE_MS: i64 = OVERDUE_HOURS * 3_600_000;

/// What an alert is derived from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    Product(Sku),
    Transfer(TransferId),
    Barcode(Gtin),
    Peers,
    Roster,
    OwnClock,
    Messages,
    Ledgers,
    Snapshot(TransferId),
    Links,
}

/// When and who: what was said of an alert by its id.
pub type Acknowledged<'a> = &'a dyn Fn(&str) -> Option<(String, i64)>;

/// The moment of a derivation.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Milliseconds since 1970 UTC.
    pub wall_ms: i64,
    /// The day at this place.
    pub today: NaiveDate,
}

/// The alerts that stand, and what they follow from.
#[derive(Debug)]
pub struct Alerts {
    me: WarehouseId,
    standing: BTreeMap<String, Alert>,
    of_subject: HashMap<Subject, BTreeSet<String>>,
    /// In order; hardly ever more than one.
    barcodes: HashMap<Gtin, Vec<Sku>>,
    barcodes_of: HashMap<Sku, Box<[Gtin]>>,
    /// Transfers of ours that time alone can make overdue, with the moment it does.
    on_the_road: BTreeMap<TransferId, i64>,
    /// At the start a matter that was acknowledged is the same matter; later it is raised anew.
    starting: bool,
    /// Those that stand since then.
    from_start: BTreeSet<String>,
    changed: bool,
}

impl Alerts {
    /// Of a warehouse; none stands yet.
    #[must_use]
    pub fn new(me: WarehouseId) -> Self {
        Self {
            me,
            standing: BTreeMap::new(),
            of_subject: HashMap::new(),
            barcodes: HashMap::new(),
            barcodes_of: HashMap::new(),
            on_the_road: BTreeMap::new(),
            starting: true,
            from_start: BTreeSet::new(),
            changed: true,
        }
    }

    /// Everything was derived once.
    pub fn started(&mut self) {
        self.starting = false;
    }

    /// Those that stand, the pressing ones first, then the oldest.
    #[must_use]
    pub fn list(&self) -> Vec<Alert> {
        let mut alerts: Vec<_> = self.standing.values().cloned().collect();
        alerts.sort_by(|a, b| {
            let press = |alert: &Alert| std::cmp::Reverse(alert.what.severity());
            (press(a), a.raised_ms, &a.id).cmp(&(press(b), b.raised_ms, &b.id))
        });
        alerts
    }

    /// Whether an alert of this id stands.
    #[must_use]
    pub fn stands(&self, id: &str) -> bool {
        self.standing.contains_key(id)
    }

    /// Whether they changed since this was asked last.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// A product is shown anew.
    pub fn product(&mut self, view: &ProductView, moment: Moment, acknowledged: Acknowledged<'_>) {
        let sku = &view.product.sku;
        let mut found = stock::alerts(view, &self.me, moment.today);
        // Of what was cut short nothing is left but that somebody sees it.
        found.retain(|(id, what)| !ends_when_seen(what) || acknowledged(id).is_none());
        self.settle(Subject::Product(sku.clone()), found, moment, acknowledged);
        self.barcodes_changed(view, moment, acknowledged);
    }

    /// A transfer is shown anew.
    pub fn transfer(&mut self, transfer: &Transfer, moment: Moment, acknowledged: Acknowledged<'_>) {
        let ours = transfer.from == self.me || transfer.to == self.me;
        let road = transfer.dispatch.as_ref().filter(|_| transfer.is_on_the_road());
        match road {
            Some(dispatch) if ours => {
                let due = dispatch.mark.at_ms.saturating_add(OVERDUE_MS);
                self.on_the_road.insert(transfer.id.clone(), due);
            }
            _ => {
                self.on_the_road.remove(&transfer.id);
            }
        }
        let found = if ours { self.of_transfer(transfer, moment, acknowledged) } else { Vec::new() };
        self.settle(Subject::Transfer(transfer.id.clone()), found, moment, acknowledged);
    }

    /// Transfers that have become overdue by now and are not reported yet.
    #[must_use]
    pub fn overdue(&self, moment: Moment) -> Vec<TransferId> {
        let due = self.on_the_road.iter().filter(|&(_, &due)| due <= moment.wall_ms);
        due.map(|(id, _)| id)
            .filter(|id| !self.standing.contains_key(&self.id("transfer_overdue", id)))
            .cloned()
            .collect()
    }

    /// The peers are shown anew.
    pub fn peers(&mut self, peers: &[PeerView], moment: Moment, acknowledged: Acknowledged<'_>) {
        let mut found = Vec::new();
        for peer in peers {
            if !peer.standing.belongs() {
                continue;
            }
            if peer.state == PeerState::Down {
                let what = AlertKind::PeerDown {
                    peer: peer.id.clone(),
                    since_ms: peer.last_seen_ms.unwrap_or(moment.wall_ms),
                };
                found.push((self.id("peer_down", &peer.id), what));
            }
            // Beyond what the measurement itself may be wrong by.
            let beyond = |offset: f64| offset.abs() - peer.error_ms.unwrap_or(0.0) > CLOCK_MS;
            if let Some(offset) = peer.offset_ms.filter(|&offset| beyond(offset)) {
                #[allow(clippy::cast_possible_truncation, reason = "shown only; the cast saturates")]
                let offset_ms = self.steady_offset(&peer.id, offset.round() as i64);
                let what = AlertKind::Clock { peer: peer.id.clone(), offset_ms };
                found.push((self.id("clock", &peer.id), what));
            }
        }
        self.settle(Subject::Peers, found, moment, acknowledged);
    }

    /// The own clock is shown anew: it is reported where a majority of the others says that it is wrong.
    pub fn own_clock(&mut self, clock: ClockView, moment: Moment, acknowledged: Acknowledged<'_>) {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds against a limit")]
        let beyond = |error: u64| clock.offset_ms.unsigned_abs().saturating_sub(error) as f64 > CLOCK_MS;
        let found = clock.error_ms.filter(|error| beyond(*error)).map(|_| {
            let offset_ms = self.steady_offset(&self.me, clock.offset_ms);
            let what = AlertKind::Clock { peer: self.me.clone(), offset_ms };
            (self.id("clock", &self.me), what)
        });
        self.settle(Subject::OwnClock, found.into_iter().collect(), moment, acknowledged);
    }

    /// The offset that stands in the alert of a clock, as long as it is nearly right.
    fn steady_offset(&self, of: &WarehouseId, new_ms: i64) -> i64 {
        match self.standing.get(&self.id("clock", of)).map(|alert| &alert.what) {
            Some(AlertKind::Clock { offset_ms, .. }) if offset_ms.abs_diff(new_ms) < STEADY_MS => *offset_ms,
            _ => new_ms,
        }
    }

    /// Ledgers that are not followed further, and why; and those that this version can't read on.
    pub fn ledgers<'a>(
        &mut self,
        quarantined: impl Iterator<Item = (&'a WarehouseId, &'a str)>,
        unread: impl Iterator<Item = &'a WarehouseId>,
        moment: Moment,
        acknowledged: Acknowledged<'_>,
    ) {
        let forks = quarantined.map(|(peer, why)| {
            let what = AlertKind::LedgerFork { peer: peer.clone(), why: why.to_owned() };
            (self.id("ledger_fork", peer), what)
        });
        let unread =
            unread.map(|peer| (self.id("newer_ledger", peer), AlertKind::NewerLedger { peer: peer.clone() }));
        let found = forks.chain(unread).collect();
        self.settle(Subject::Ledgers, found, moment, acknowledged);
    }

    /// A snapshot is shown anew.
    pub fn snapshot(&mut self, snapshot: &Snapshot, moment: Moment, acknowledged: Acknowledged<'_>) {
        let differ = snapshot.markers.iter().filter(|(_, marker)| marker.claimed != marker.computed);
        let found = differ
            .map(|(peer, _)| {
                let (snapshot, peer) = (snapshot.id.clone(), peer.clone());
                let id = format!("snapshot_digest:{}:{snapshot}:{peer}", self.me);
                (id, AlertKind::SnapshotDigest { snapshot, peer })
            })
            .collect();
        self.settle(Subject::Snapshot(snapshot.id.clone()), found, moment, acknowledged);
    }

    /// The connections are shown anew.
    pub fn links(
        &mut self,
        store: &LinkView,
        bus: &LinkView,
        moment: Moment,
        acknowledged: Acknowledged<'_>,
    ) {
        let mut found = Vec::new();
        let why = |link: &LinkView| link.trouble.clone().unwrap_or_else(|| Trouble::silent(""));
        if !store.up {
            found.push((self.id("store_down", &store.kind), AlertKind::StoreDown { trouble: why(store) }));
        }
        if !bus.up {
            found.push((self.id("bus_down", &bus.kind), AlertKind::BusDown { trouble: why(bus) }));
        }
        self.settle(Subject::Links, found, moment, acknowledged);
    }

    /// What came that nobody here understands; how many, and of which version of the protocol.
    pub fn messages(
        &mut self,
        strange: Option<(u64, Option<u8>)>,
        moment: Moment,
        acknowledged: Acknowledged<'_>,
    ) {
        let found = strange.map(|(count, version)| {
            (self.id("unreadable_messages", &self.me), AlertKind::UnreadableMessages { count, version })
        });
        self.settle(Subject::Messages, found.into_iter().collect(), moment, acknowledged);
    }

    /// The alerts whose beginning only the history tells.
    #[must_use]
    pub fn undated<'a>(&self, transfers: impl Iterator<Item = &'a Transfer>) -> Vec<Undated> {
        let roads = since::roads(transfers, &self.me);
        let standing = self.standing.values();
        standing
            .filter_map(|alert| {
                let not_before = known_since(&alert.what).unwrap_or(i64::MIN);
                Undated::of(&alert.id, &alert.what, not_before, &roads)
            })
            .collect()
    }

    /// The history told since when an alert stands that was there at the start.
    pub fn dated(&mut self, id: &str, at_ms: i64, acknowledged: Acknowledged<'_>) {
        // One that was raised meanwhile is younger than what was looked for.
        if let Some(alert) = self.standing.get_mut(id).filter(|_| self.from_start.contains(id)) {
            alert.raised_ms = at_ms;
            alert.acknowledged_by = said_since(acknowledged, id, at_ms);
            self.changed = true;
        }
    }

    /// Somebody said that they have seen alerts: who and when is looked up anew. Some end by that.
    pub fn acknowledged(&mut self, acknowledged: Acknowledged<'_>) {
        let mut seen = Vec::new();
        for alert in self.standing.values_mut() {
            let by = said_since(acknowledged, &alert.id, alert.raised_ms);
            if by != alert.acknowledged_by {
                alert.acknowledged_by = by;
                self.changed = true;
            }
            if alert.acknowledged_by.is_some() && ends_when_seen(&alert.what) {
                seen.push(alert.id.clone());
            }
        }
        for id in seen {
            self.standing.remove(&id);
        }
    }

    fn of_transfer(
        &self,
        transfer: &Transfer,
        moment: Moment,
        acknowledged: Acknowledged<'_>,
    ) -> Vec<(String, AlertKind)> {
        let mut found = Vec::new();
        let id = &transfer.id;
        if self.on_the_road.get(id).is_some_and(|&due| due <= moment.wall_ms) {
            let what = AlertKind::TransferOverdue {
                transfer: id.clone(),
                from: transfer.from.clone(),
                to: transfer.to.clone(),
                since_ms: self.on_the_road.get(id).map_or(moment.wall_ms, |due| due - OVERDUE_MS),
            };
            found.push((self.id("transfer_overdue", id), what));
        }
        if transfer.from != self.me {
            return found;
        }
        let waits = matches!(transfer.state(), TransferState::Requested | TransferState::WithdrawalAsked);
        if let Some(request) = transfer.request.as_ref().filter(|_| waits) {
            let what = AlertKind::RequestWaiting {
                transfer: id.clone(),
                to: transfer.to.clone(),
                since_ms: request.mark.at_ms,
            };
            found.push((self.id("request_waiting", id), what));
        }
        let short = short_lines(transfer);
        let name = self.id("discrepancy", id);
        if !short.is_empty() && acknowledged(&name).is_none() {
            let what = AlertKind::Discrepancy {
                transfer: id.clone(),
                to: transfer.to.clone(),
                short,
                since_ms: transfer.receipt.as_ref().map_or(moment.wall_ms, |receipt| receipt.mark.at_ms),
            };
            found.push((name, what));
        }
        found
    }

    fn barcodes_changed(&mut self, view: &ProductView, moment: Moment, acknowledged: Acknowledged<'_>) {
        let product = &view.product;
        let packs = product.packs.iter().filter_map(|pack| pack.barcode);
        let mut now: Vec<Gtin> = product.barcodes.iter().copied().chain(packs).collect();
        if product.retired {
            now.clear();
        }
        now.sort_unstable();
        now.dedup();
        let sku = &product.sku;
        let before = self.barcodes_of.get(sku).map_or(&[][..], |gtins| gtins);
        if before == now {
            return;
        }
        let touched: BTreeSet<Gtin> = before.iter().chain(&now).copied().collect();
        for gtin in touched {
            let owners = self.barcodes.entry(gtin).or_insert_with(|| Vec::with_capacity(1));
            match owners.binary_search(sku) {
                Err(place) if now.binary_search(&gtin).is_ok() => owners.insert(place, sku.clone()),
                Ok(place) if now.binary_search(&gtin).is_err() => drop(owners.remove(place)),
                _ => {}
            }
            let owners = owners.clone();
            if owners.is_empty() {
                self.barcodes.remove(&gtin);
            }
            let found = owners.split_first().map_or_else(Vec::new, |(first, others)| {
                others
                    .iter()
                    .map(|other| {
                        let what =
                            AlertKind::ProductConflict { sku: first.clone(), other: other.clone(), gtin };
                        (self.id("product_conflict", &format!("{first}:{other}:{gtin}")), what)
                    })
                    .collect()
            });
            self.settle(Subject::Barcode(gtin), found, moment, acknowledged);
        }
        if now.is_empty() {
            self.barcodes_of.remove(sku);
        } else {
            self.barcodes_of.insert(sku.clone(), now.into());
        }
    }

    /// Makes exactly these the alerts of a subject.
    fn settle(
        &mut self,
        subject: Subject,
        found: Vec<(String, AlertKind)>,
        moment: Moment,
        acknowledged: Acknowledged<'_>,
    ) {
        let before = self.of_subject.remove(&subject).unwrap_or_default();
        if before.is_empty() && found.is_empty() {
            return;
        }
        let now: BTreeSet<String> = found.iter().map(|(id, _)| id.clone()).collect();
        for gone in before.difference(&now) {
            self.changed |= self.standing.remove(gone).is_some();
            self.from_start.remove(gone);
        }
        for (id, what) in found {
            match self.standing.get_mut(&id) {
                Some(alert) if alert.what == what => {}
                Some(alert) => {
                    alert.what = what;
                    self.changed = true;
                }
                None => {
                    let raised_ms = self.raised_ms(&id, &what, moment, acknowledged);
                    if self.starting {
                        self.from_start.insert(id.clone());
                    }
                    let alert = Alert {
                        warehouse: self.me.clone(),
                        acknowledged_by: said_since(acknowledged, &id, raised_ms),
                        id: id.clone(),
                        what,
                        raised_ms,
                    };
                    self.standing.insert(id, alert);
                    self.changed = true;
                }
            }
        }
        if !now.is_empty() {
            self.of_subject.insert(subject, now);
        }
    }

    /// Since when a new alert stands: at the start, since what it tells itself, but not later than it was acknowledged.
    fn raised_ms(&self, id: &str, what: &AlertKind, moment: Moment, acknowledged: Acknowledged<'_>) -> i64 {
        // Of a peer it is known at any time when it was heard last.
        if !self.starting && !matches!(what, AlertKind::PeerDown { .. }) {
            return moment.wall_ms;
        }
        let said = acknowledged(id).map(|(_, at_ms)| at_ms);
        known_since(what).into_iter().chain(said).fold(moment.wall_ms, i64::min)
    }

    fn id(&self, word: &str, about: &dyn std::fmt::Display) -> String {
        format!("{word}:{}:{about}", self.me)
    }
}

/// Whether nothing is left to do once somebody has seen it.
const fn ends_when_seen(what: &AlertKind) -> bool {
    matches!(what, AlertKind::Discrepancy { .. } | AlertKind::ReservationCut { .. })
}

/// Since when an alert stands, where the matter itself tells.
fn known_since(what: &AlertKind) -> Option<i64> {
    let midnight = |day: Option<NaiveDate>| Some(day?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    match what {
        AlertKind::TransferOverdue { since_ms, .. } => Some(since_ms.saturating_add(OVERDUE_MS)),
        AlertKind::RequestWaiting { since_ms, .. }
        | AlertKind::PeerDown { since_ms, .. }
        | AlertKind::ReservationCut { since_ms, .. }
        | AlertKind::Discrepancy { since_ms, .. } => Some(*since_ms),
        AlertKind::ReceiptOverdue { due, .. } => midnight(due.succ_opt()),
        AlertKind::LotExpired { expiry, .. } => midnight(expiry.succ_opt()),
        AlertKind::LotExpiring { expiry, .. } => {
            midnight(expiry.checked_sub_days(Days::new(EXPIRING_DAYS.unsigned_abs())))
        }
        _ => None,
    }
}

fn said_since(acknowledged: Acknowledged<'_>, id: &str, raised_ms: i64) -> Option<String> {
    acknowledged(id).filter(|&(_, at_ms)| at_ms >= raised_ms).map(|(by, _)| by)
}

/// What did not come in, per product: the first few.
fn short_lines(transfer: &Transfer) -> Vec<(Sku, Quantity, String)> {
    let lines = transfer.receipt.as_ref().map_or(&[][..], |receipt| &receipt.lines);
    let short = lines.iter().filter(|line| line.short.is_positive());
    short
        .take(SHORT_NAMED)
        .map(|line| {
            let reason = line.reason.map_or("", |reason| reason.word());
            (line.sku.clone(), line.short, reason.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests;
