//! What is shown of the book: built right after a turn, of exactly what that turn commits.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::event::{
    AskedView, CellView, ClockView, LedgerView, LockView, PeerState, PeerView, ProductView, RecoveryView,
    RoadView, SeatView,
};
use super::shown::Recorded;
use crate::domain::reorder::{self, DailyDemand};
use crate::domain::{MovementKind, Product, Quantity, Sku, WarehouseId};
use crate::ledger::book::{Book, RuleState};
use crate::ledger::entry::hlc_millis;
use crate::ledger::{Body, MovementRow, StoredEntry};
use crate::protocol::Liveness;
use crate::protocol::cluster_time::Reading;
use crate::protocol::core::{LedgerStatus, LockStatus, PeerStatus, RecoveryStatus, Seat};
use crate::store::Demand;

/// Days over which demand is looked at.
pub const DEMAND_DAYS: u32 = 30;
const DAY_MS: i64 = 86_400_000;

/// Since when issues are summed: the days of the window before today. All in milliseconds since 1970 UTC.
#[must_use]
pub const fn demand_since(wall_ms: i64) -> i64 {
    (wall_ms.div_euclid(DAY_MS) - DEMAND_DAYS as i64) * DAY_MS
}

/// Since when an issue is of the last days, today's among them.
#[must_use]
pub const fn recent_since(wall_ms: i64) -> i64 {
    demand_since(wall_ms) + DAY_MS
}

/// What was issued of each product within the last days, by warehouse.
#[derive(Debug, Clone, Default)]
pub struct Issued {
    by_sku: HashMap<Sku, BTreeMap<WarehouseId, Sums>>,
}

/// What was issued of a product by a warehouse.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// Within the last 30 days, today's with it.
    recent: Quantity,
    /// Within the 30 days before today, and the squares of those days' issues: these stay the same all day.
    before_today: Quantity,
    squares: f64,
}

impl Issued {
    /// From the store's sums since [`demand_since`].
    #[must_use]
    pub fn new(sums: Vec<Demand>) -> Self {
        let mut by_sku: HashMap<Sku, BTreeMap<WarehouseId, Sums>> = HashMap::new();
        for Demand { warehouse, sku, issued, squares, today, first } in sums {
            #[allow(clippy::cast_precision_loss, reason = "the magnitude of a quantity is below 2^53")]
            let of_today = (today.thousandths() as f64).powi(2);
            let sums = Sums {
                recent: issued.saturating_plus(first.negated()),
                before_today: issued.saturating_plus(today.negated()),
                squares: squares - of_today,
            };
            by_sku.entry(sku).or_default().insert(warehouse, sums);
        }
        Self { by_sku }
    }

    /// Of one product, within the last 30 days.
    #[must_use]
    pub fn of(&self, sku: &Sku) -> Vec<(WarehouseId, Quantity)> {
        let sums = self.by_sku.get(sku).into_iter().flatten();
        sums.filter(|(_, sums)| !sums.recent.is_zero()).map(|(w, sums)| (w.clone(), sums.recent)).collect()
    }

    /// The reorder points of the rules that compute theirs.
    #[must_use]
    pub fn points(
        &self,
        product: &Product,
        rules: &[(WarehouseId, RuleState)],
    ) -> Vec<(WarehouseId, Quantity)> {
        let step = reorder::step(product.decimals);
        let computed = rules.iter().filter_map(|(warehouse, state)| {
            let (level, lead) = state.rule.computes()?;
            let sums = self.by_sku.get(&product.sku).and_then(|sums| sums.get(warehouse));
            let sums = sums.copied().unwrap_or_default();
            let demand = DailyDemand::of_sums(sums.before_today, sums.squares, DEMAND_DAYS);
            let point = reorder::computed_point(level, demand, lead, step)?;
            Some((warehouse.clone(), point))
        });
        computed.collect()
    }

    /// Counts what a turn issued, and what it undid of issues; tells whether there was any. What others issued before
    /// the window, and is only learned now, is not of the last days.
    pub fn count(&mut self, movements: &[MovementRow], entries: &[StoredEntry], since_ms: i64) -> bool {
        let mut any = false;
        let issues = movements.iter().filter(|row| row.kind == MovementKind::Issue);
        for row in issues.filter(|row| row.at_ms >= since_ms) {
            self.add(&row.origin, &row.sku, row.qty.negated());
            any = true;
        }
        for entry in entries.iter().filter(|entry| hlc_millis(entry.entry.hlc) >= since_ms) {
            if let Body::Reversed { of: MovementKind::Issue, deltas, .. } = &entry.entry.body {
                for delta in deltas {
                    self.add(&entry.entry.origin, &delta.sku, delta.delta.negated());
                    any = true;
                }
            }
        }
        any
    }

    fn add(&mut self, warehouse: &WarehouseId, sku: &Sku, qty: Quantity) {
        let sums = self.by_sku.entry(sku.clone()).or_default();
        let sum = sums.entry(warehouse.clone()).or_default();
        // What is undone may have been issued before the window.
        sum.recent = sum.recent.saturating_plus(qty).max(Quantity::ZERO);
    }
}

/// A product as it is shown; none where the catalogue doesn't know it.
#[must_use]
pub fn product(book: &Book, sku: &Sku, issued: &Issued) -> Option<ProductView> {
    let state = book.product(sku)?;
    let cells = book.cells(sku).map(|(key, cell)| CellView {
        warehouse: key.warehouse.clone(),
        lot: key.lot.clone(),
        expiry: cell.expiry,
        on_hand: cell.on_hand,
        reserved: cell.reserved,
        counted_ms: book.counted_ms(key),
    });
    let mut roads = Vec::new();
    for transfer in book.roads(sku) {
        let lines = transfer.dispatch.iter().flat_map(|dispatch| &dispatch.lines);
        for line in lines.filter(|line| line.sku == *sku) {
            roads.push(RoadView {
                transfer: transfer.id.clone(),
                from: transfer.from.clone(),
                to: transfer.to.clone(),
                lot: line.lot.clone(),
                qty: line.qty,
            });
        }
    }
    // Of tens of thousands of products each, so without room for more.
    let mut cells: Vec<_> = cells.collect();
    cells.shrink_to_fit();
    let mut rules: Vec<_> = book.rules_of(sku).map(|(w, rule)| (w.clone(), rule.clone())).collect();
    rules.shrink_to_fit();
    let former = book.roster().into_iter().flat_map(|roster| &roster.former).filter(|(_, f)| f.given_up);
    let of_it =
        |who: &WarehouseId| cells.iter().any(|c| c.warehouse == *who) || roads.iter().any(|r| r.from == *who);
    let given_up = former.map(|(who, _)| who).filter(|who| of_it(who)).cloned().collect();
    Some(ProductView {
        product: Arc::clone(&state.product),
        cells,
        roads,
        issued_30d: issued.of(sku),
        points: issued.points(&state.product, &rules),
        asked: asked(book, sku),
        rules,
        given_up,
        reservations: book.reservations_of(sku).cloned().collect(),
        expectations: book.expectations_of(sku).cloned().collect(),
    })
}

/// What warehouses have asked others for of a product.
fn asked(book: &Book, sku: &Sku) -> Vec<AskedView> {
    let mut asked: Vec<AskedView> = Vec::new();
    for transfer in book.open_requests(sku) {
        let lines = transfer.request.iter().flat_map(|request| &request.lines);
        let of_it = lines.filter(|line| line.sku == *sku).map(|line| line.qty);
        let qty = of_it.fold(Quantity::ZERO, Quantity::saturating_plus);
        match asked.iter_mut().find(|known| known.from == transfer.from && known.to == transfer.to) {
            Some(known) => known.qty = known.qty.saturating_plus(qty),
            None => asked.push(AskedView { from: transfer.from.clone(), to: transfer.to.clone(), qty }),
        }
    }
    asked
}

/// Offsets and errors are shown anew when they change by at least this many milliseconds, or a fifth.
const WORTH_MS: u64 = 2;

/// The own clock as it is shown, unless it is shown nearly so already.
#[must_use]
pub fn clock(reading: Reading, shown: ClockView) -> ClockView {
    let near = |a: u64, b: u64| a.abs_diff(b) < WORTH_MS || 5 * a.abs_diff(b) < a.max(b);
    let new = ClockView {
        offset_ms: reading.offset_ms,
        error_ms: reading.error_ms,
        synchronised: reading.synchronised,
    };
    let offset_stays = new.offset_ms.abs_diff(shown.offset_ms) < 10 * WORTH_MS
        && near(new.offset_ms.unsigned_abs(), shown.offset_ms.unsigned_abs());
    let error_stays = match (new.error_ms, shown.error_ms) {
        (Some(new), Some(shown)) => near(new, shown),
        (new, shown) => new == shown,
    };
    if offset_stays && error_stays && new.synchronised == shown.synchronised { shown } else { new }
}

/// Seats are shown with a new moment only when it differs by more than this many milliseconds: clocks are corrected.
const SEAT_MS: u64 = 2_000;

/// The locks as they are shown, with the moments of those that are shown already.
#[must_use]
pub fn locks(all: Vec<LockStatus>, wall_ms: i64, mono_ms: u64, shown: &[LockView]) -> Vec<LockView> {
    let view = |lock: LockStatus| {
        let before = shown.iter().find(|known| known.sku == lock.sku);
        let seat = |seat: Seat, known: Option<&SeatView>| {
            let age = i64::try_from(mono_ms.saturating_sub(seat.since)).unwrap_or(i64::MAX);
            let since_ms = wall_ms.saturating_sub(age);
            let known = known.filter(|known| known.since_ms.abs_diff(since_ms) < SEAT_MS);
            SeatView { since_ms: known.map_or(since_ms, |known| known.since_ms), warehouse: seat.warehouse }
        };
        let held = before.and_then(|known| known.holder.as_ref());
        let holder = lock.holder.map(|s| {
            let known = held.filter(|known| known.warehouse == s.warehouse);
            seat(s, known)
        });
        let waiting = lock.waiting.into_iter().map(|s| {
            let known = before.and_then(|known| known.waiting.iter().find(|k| k.warehouse == s.warehouse));
            seat(s, known)
        });
        LockView { sku: lock.sku, holder, waiting: waiting.collect() }
    };
    all.into_iter().map(view).collect()
}

/// The others' ledgers as they are shown: what is stored of each.
#[must_use]
pub fn ledgers(all: Vec<LedgerStatus>, recorded: &Recorded) -> Vec<LedgerView> {
    let view = |ledger: LedgerStatus| {
        let entries = recorded.head(&ledger.origin).seq;
        LedgerView { entries, of: ledger.known.max(entries), warehouse: ledger.origin }
    };
    all.into_iter().map(view).filter(|ledger| ledger.of > 0).collect()
}

/// A recovery as it is shown, with how many own entries are stored.
#[must_use]
pub fn recovery(status: RecoveryStatus, recorded: u64) -> RecoveryView {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    RecoveryView {
        asked: count(status.asked),
        answered: count(status.answered),
        entries: recorded,
        of: status.held,
    }
}

/// A peer as it is shown, with how far its ledger is stored here, and ours there.
#[must_use]
pub fn peer(status: PeerStatus, stored: u64, has_ours: u64) -> PeerView {
    #[allow(clippy::cast_precision_loss, reason = "milliseconds for people")]
    let (rtt_ms, offset_ms, error_ms) = (
        status.rtt_ms.map(|ms| ms as f64),
        status.offset_ms.map(|ms| ms as f64),
        status.error_ms.map(|ms| ms as f64),
    );
    PeerView {
        id: status.id,
        standing: status.standing,
        state: match status.liveness {
            Liveness::Alive => PeerState::Alive,
            Liveness::Suspect => PeerState::Suspect,
            Liveness::Down => PeerState::Down,
        },
        rtt_ms,
        offset_ms,
        error_ms,
        lag_entries: (status.applied + status.lag).saturating_sub(stored),
        has_ours,
        applied: stored,
        last_seen_ms: status.last_seen_ms,
        quarantine: status.quarantine,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::{Lot, Operator};

    const TODAY_MS: i64 = 1_780_000_000_000;

    fn issue(days_ago: i64) -> MovementRow {
        MovementRow {
            origin: WarehouseId::new("sevilla").unwrap(),
            seq: 1,
            line: 0,
            kind: MovementKind::Issue,
            sku: Sku::new("GLOVES").unwrap(),
            lot: Lot::none(),
            qty: Quantity::units(-4).unwrap(),
            shortage: Quantity::ZERO,
            sort_key: 0,
            at_ms: TODAY_MS - days_ago * DAY_MS,
            hlc: 0,
            operator: Operator::new("luis").unwrap(),
            reason: String::new(),
            reference: String::new(),
            transfer: None,
            other: None,
            reverses: None,
        }
    }

    #[test]
    fn what_was_issued_before_the_last_days_and_is_only_learned_now_is_not_of_them() {
        let mut issued = Issued::default();
        let gloves = Sku::new("GLOVES").unwrap();
        assert!(!issued.count(&[issue(400), issue(30)], &[], recent_since(TODAY_MS)));
        assert_eq!(issued.of(&gloves), []);
        assert!(issued.count(&[issue(29), issue(0)], &[], recent_since(TODAY_MS)));
        assert_eq!(issued.of(&gloves), [(issue(0).origin, Quantity::units(8).unwrap())]);
    }
}
