//! What must be true of the three databases afterwards, seen from what the clerks were answered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use rubentario::domain::{Lot, MovementKind, Sku, WarehouseId};
use rubentario::ledger::act::{Act, Outcome};
use rubentario::ledger::entry::Body;
use rubentario::ledger::{Hash, StoredEntry};
use rubentario::protocol::batch::Loaded;
use rubentario::store::{HistoryQuery, Mode, Store, Target};

use super::clerk::Work;

const RANGE_BYTES: usize = 256 * 1024;
const PAGE: u32 = 1000;

/// Goods of one product and lot, in thousandths.
type Sums = BTreeMap<(Sku, Lot), i64>;
/// The same per warehouse.
type Cells = BTreeMap<(WarehouseId, Sku, Lot), i64>;

/// What the run has shown.
#[derive(Debug, Default)]
pub struct Seen {
    pub recorded: usize,
    pub refused: usize,
    pub transfers: usize,
    /// Answered only after a kill.
    pub asked_again: usize,
    /// Of those, the ones that the killed process had committed and not answered.
    pub booked_before_asked_again: usize,
}

/// What one database holds.
struct Held {
    ledgers: BTreeMap<WarehouseId, Vec<StoredEntry>>,
    loaded: Loaded,
    moved: Cells,
}

pub async fn judge(stores: &[Target], names: &[&str], work: &[Work]) -> Seen {
    let mut held = Vec::new();
    for (target, name) in stores.iter().zip(names) {
        held.push(read(target, &WarehouseId::new(name).unwrap(), names).await);
    }
    for other in &held[1..] {
        assert_equal_ledgers(&held[0], other);
        assert_eq!(held[0].loaded.stock, other.loaded.stock, "the same stock everywhere");
        assert_eq!(held[0].loaded.products, other.loaded.products, "the same catalogue everywhere");
        assert_eq!(transfers(&held[0]), transfers(other), "the same transfers everywhere");
    }
    let stock = stock(&held[0].loaded);
    for one in &held {
        assert_eq!(
            without_zeros(one.moved.clone()),
            without_zeros(stock.clone()),
            "the history adds up to the stock"
        );
    }
    assert_eq!(
        without_zeros(on_hand(&held[0].ledgers)),
        without_zeros(stock.clone()),
        "the stock is what the ledgers say"
    );
    conservation(&held[0].loaded, &stock, work);
    let mut seen = booked_once(&held[0].ledgers, work);
    seen.transfers = held[0].loaded.transfers.len();
    seen
}

async fn read(target: &Target, node: &WarehouseId, names: &[&str]) -> Held {
    let store = Store::open(target, node, Mode::Read).await.unwrap();
    let mut ledgers = BTreeMap::new();
    for name in names {
        let origin = WarehouseId::new(name).unwrap();
        let mut ledger: Vec<StoredEntry> = Vec::new();
        loop {
            let next = ledger.len() as u64 + 1;
            let (entries, _seals) = store.range(&origin, next, RANGE_BYTES).await.unwrap();
            if entries.is_empty() {
                break;
            }
            ledger.extend(entries);
        }
        assert_chained(&origin, &ledger);
        ledgers.insert(origin, ledger);
    }
    let loaded = store.load().await.unwrap();
    let moved = moved(&store).await;
    store.close().await;
    for (origin, part) in &loaded.heads {
        assert_eq!(part.quarantine, None, "{origin}");
        assert_eq!(part.head.seq, ledgers[origin].len() as u64, "{origin}");
    }
    Held { ledgers, loaded, moved }
}

/// What the lines of the history add up to.
async fn moved(store: &Store) -> Cells {
    let mut cells = Cells::new();
    let mut query = HistoryQuery { limit: PAGE, ..HistoryQuery::default() };
    loop {
        let page = store.history(&query).await.unwrap();
        for row in page.rows {
            use MovementKind::{Issue, Receipt, TransferDispatched, TransferReceived, TransferReturned};
            if matches!(row.kind, Receipt | Issue | TransferDispatched | TransferReceived | TransferReturned)
            {
                *cells.entry((row.origin, row.sku, row.lot)).or_default() += row.qty.thousandths();
            }
        }
        let Some(next) = page.next else { return cells };
        query.after = Some(next);
    }
}

fn assert_chained(origin: &WarehouseId, ledger: &[StoredEntry]) {
    let mut prev = Hash::ZERO;
    for (seq, stored) in (1..).zip(ledger) {
        assert_eq!((&stored.entry.origin, stored.entry.seq), (origin, seq));
        assert_eq!(stored.hash, Hash::of(&stored.bytes), "{origin}:{seq}");
        assert_eq!(stored.entry.prev_hash, prev, "{origin}:{seq} is chained to what stands before it");
        prev = stored.hash;
    }
}

fn assert_equal_ledgers(one: &Held, other: &Held) {
    for (origin, ledger) in &one.ledgers {
        let there = &other.ledgers[origin];
        assert_eq!(ledger.len(), there.len(), "{origin}: as many entries everywhere");
        for (here, there) in ledger.iter().zip(there) {
            assert_eq!(here.bytes, there.bytes, "{origin}:{}", here.entry.seq);
        }
    }
}

fn transfers(held: &Held) -> BTreeMap<String, String> {
    held.loaded.transfers.iter().map(|t| (t.id.to_string(), format!("{t:?}"))).collect()
}

fn stock(loaded: &Loaded) -> Cells {
    let cells = loaded.stock.iter().map(|(key, cell)| {
        let at = (key.warehouse.clone(), key.sku.clone(), key.lot.clone());
        (at, cell.on_hand.thousandths())
    });
    cells.collect()
}

/// Adds up the ledgers, entry by entry; nothing is ever below zero on the way.
fn on_hand(ledgers: &BTreeMap<WarehouseId, Vec<StoredEntry>>) -> Cells {
    let mut cells = Cells::new();
    for (origin, stored) in ledgers.iter().flat_map(|(origin, all)| all.iter().map(move |one| (origin, one)))
    {
        for (sku, lot, change) in changes(&stored.entry.body) {
            let cell = cells.entry((origin.clone(), sku, lot)).or_default();
            *cell += change;
            assert!(*cell >= 0, "{origin}:{} leaves {cell}", stored.entry.seq);
        }
    }
    cells
}

fn changes(body: &Body) -> Vec<(Sku, Lot, i64)> {
    match body {
        Body::ProductDefined { .. } | Body::TransferRejected { .. } | Body::RosterChanged { .. } => {
            Vec::new()
        }
        Body::Received { sku, lot, qty, .. } => vec![(sku.clone(), lot.clone(), qty.thousandths())],
        Body::Issued { sku, lot, qty, .. } => vec![(sku.clone(), lot.clone(), -qty.thousandths())],
        Body::TransferDispatched { lines, .. } => {
            lines.iter().map(|line| (line.sku.clone(), line.lot.clone(), -line.qty.thousandths())).collect()
        }
        Body::TransferReceived { lines, .. } | Body::TransferReturned { lines, .. } => lines
            .iter()
            .map(|line| (line.sku.clone(), line.lot.clone(), line.arrived.thousandths()))
            .collect(),
        // A process that ends loses nothing of its ledger, so none is ever resumed.
        other => panic!("nobody asked for {other:?}"),
    }
}

/// What came in by the clerks' word, less what went out and what was short, lies somewhere or is on the road.
fn conservation(loaded: &Loaded, stock: &Cells, work: &[Work]) {
    let mut there = Sums::new();
    for ((_, sku, lot), qty) in stock {
        *there.entry((sku.clone(), lot.clone())).or_default() += qty;
    }
    for transfer in &loaded.transfers {
        let sent =
            transfer.dispatch.iter().filter(|_| transfer.is_on_the_road()).flat_map(|sent| &sent.lines);
        for line in sent {
            *there.entry((line.sku.clone(), line.lot.clone())).or_default() += line.qty.thousandths();
        }
        for line in transfer.receipt.iter().chain(&transfer.returned).flat_map(|arrival| &arrival.lines) {
            *there.entry((line.sku.clone(), line.lot.clone())).or_default() += line.short.thousandths();
        }
    }
    let mut came = Sums::new();
    let recorded = work.iter().flat_map(|one| one.done.values());
    for done in recorded.filter(|done| matches!(done.outcome, Outcome::Recorded { .. })) {
        match &done.request.act {
            Act::Receive { lines, .. } => {
                for line in lines {
                    *came.entry((line.sku.clone(), line.lot.clone())).or_default() += line.qty.thousandths();
                }
            }
            Act::Issue { lines, .. } => {
                for line in lines {
                    let lot = line.lot.clone().expect("clerks name the lot");
                    *came.entry((line.sku.clone(), lot)).or_default() -= line.qty.thousandths();
                }
            }
            _ => {}
        }
    }
    there.retain(|_, qty| *qty != 0);
    came.retain(|_, qty| *qty != 0);
    assert!(!came.is_empty());
    assert_eq!(there, came, "what came in and didn't go out is there, by product and lot");
}

fn without_zeros(mut cells: Cells) -> Cells {
    cells.retain(|_, qty| *qty != 0);
    cells
}

/// Every entry answers a request that was recorded, in the place that was told; a refused one left nothing.
fn booked_once(ledgers: &BTreeMap<WarehouseId, Vec<StoredEntry>>, work: &[Work]) -> Seen {
    let mut seen = Seen::default();
    for one in work {
        let mut written: BTreeMap<_, Vec<&StoredEntry>> = BTreeMap::new();
        for stored in &ledgers[&one.me] {
            written.entry(stored.entry.command.id).or_default().push(stored);
        }
        for (id, done) in &one.done {
            let entries = written.remove(id).unwrap_or_default();
            let again = done.first_asked != done.answered;
            seen.asked_again += usize::from(again);
            match &done.outcome {
                Outcome::Recorded { entries: told } => {
                    seen.recorded += 1;
                    let places: Vec<_> = entries.iter().map(|stored| stored.entry.seq).collect();
                    let told: Vec<_> = told.iter().map(|entry| entry.seq).collect();
                    assert_eq!(
                        places, told,
                        "{}: {:?} is booked once, where it was said",
                        one.me, done.request
                    );
                    let before =
                        entries.iter().any(|stored| u64::from(stored.entry.incarnation) < done.answered);
                    seen.booked_before_asked_again += usize::from(again && before);
                }
                Outcome::Refused { refusal } => {
                    seen.refused += 1;
                    assert!(entries.is_empty(), "{}: refused ({refusal}) and yet booked", one.me);
                }
            }
        }
        // Who belongs is written by the node of its own accord.
        written.retain(|_, entries| {
            !entries.iter().all(|stored| matches!(stored.entry.body, Body::RosterChanged { .. }))
        });
        assert!(written.is_empty(), "{}: nobody asked for {written:?}", one.me);
    }
    assert!(seen.recorded > seen.refused, "{seen:?}");
    seen
}
