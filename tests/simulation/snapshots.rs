//! Every snapshot that was closed: the same everywhere, closed under names, conserving, with digests that agree.

use std::collections::{BTreeMap, BTreeSet};

use rubentario::domain::{Lot, Sku, TransferId, WarehouseId};
use rubentario::ledger::book::{Part, part};
use rubentario::ledger::entry::Cut;
use rubentario::ledger::{Body, Hash, StoredEntry};
use rubentario::protocol::Core;
use rubentario::protocol::snapshot::Marker;

use super::checks::has_left;
use super::disk::Disk;

/// What a check of one snapshot found of it.
pub struct Seen {
    pub complete: bool,
    pub riding: bool,
}

/// Checks all closed snapshots that a node knows against its disk; `known` gathers the cuts over all nodes.
pub fn check(core: &Core, disk: &Disk, known: &mut BTreeMap<TransferId, Cut>) -> Result<Vec<Seen>, String> {
    let me = core.me();
    let mut seen = Vec::new();
    for snapshot in core.snapshots().all() {
        let id = &snapshot.id;
        if !snapshot.digests_agree() {
            return Err(format!("{me}: the digests of snapshot {id} don't agree: {snapshot:?}"));
        }
        let Some(closed) = &snapshot.closed else {
            if has_left(core, &id.origin) {
                // Only who began it could have closed it.
                continue;
            }
            return Err(format!("{me}: snapshot {id} was never closed: {snapshot:?}"));
        };
        if *known.entry(id.clone()).or_insert_with(|| closed.cut.clone()) != closed.cut {
            return Err(format!("{me} knows another cut of snapshot {id}"));
        }
        closed_under_names(disk, &closed.cut).map_err(|why| format!("snapshot {id}: {why}"))?;
        let mut riding = false;
        // Of a ledger that had ended, more or less than counts may have been applied here.
        let is_unknown = |marker: &Marker| marker.has_ended() && marker.computed == Hash::ZERO;
        let lacks_ended = snapshot.markers.values().any(is_unknown);
        if closed.missing.is_empty() && !lacks_ended {
            let mut parts = Vec::new();
            for (warehouse, marker) in &snapshot.markers {
                let listing = disk.parts.get(&(id.clone(), warehouse.clone()));
                let Some(listing) = listing else {
                    return Err(format!("{me} has not kept the part of {warehouse} in snapshot {id}"));
                };
                if Hash::of(listing) != marker.computed {
                    return Err(format!("{me} has kept another part of {warehouse} in snapshot {id}"));
                }
                parts.push(Part::read(listing)?);
            }
            riding =
                conserves(disk, &closed.cut, &parts).map_err(|why| format!("{me}, snapshot {id}: {why}"))?;
        }
        seen.push(Seen { complete: closed.missing.is_empty(), riding });
    }
    Ok(seen)
}

fn within<'a>(disk: &'a Disk, cut: &'a Cut) -> impl Iterator<Item = &'a StoredEntry> {
    let place = |w: &WarehouseId| cut.get(w).map_or(0, |head| head.seq);
    disk.entries.values().filter(move |e| e.entry.seq <= place(&e.entry.origin))
}

fn closed_under_names(disk: &Disk, cut: &Cut) -> Result<(), String> {
    for entry in within(disk, cut) {
        for name in &entry.entry.names {
            if cut.get(&name.origin).is_none_or(|head| head.seq < name.seq) {
                return Err(format!(
                    "{}:{} rests on {name:?}, which is not in",
                    entry.entry.origin, entry.entry.seq
                ));
            }
        }
    }
    Ok(())
}

/// On hand and on the road = what came, went and was lost; tells whether anything was on the road.
fn conserves(disk: &Disk, cut: &Cut, parts: &[Part]) -> Result<bool, String> {
    let mut found: BTreeMap<(Sku, Lot), i64> = BTreeMap::new();
    for (key, cell) in parts.iter().flat_map(|part| &part.stock) {
        *found.entry((key.sku.clone(), key.lot.clone())).or_default() += cell.on_hand.thousandths();
    }
    let riding = part::riding(parts.iter().flat_map(|part| &part.steps));
    for goods in &riding {
        *found.entry((goods.sku.clone(), goods.lot.clone())).or_default() += goods.qty.thousandths();
    }
    let mut expected: BTreeMap<(Sku, Lot), i64> = BTreeMap::new();
    let mut add = |sku: &Sku, lot: &Lot, qty: i64| {
        *expected.entry((sku.clone(), lot.clone())).or_default() += qty;
    };
    for entry in within(disk, cut) {
        match &entry.entry.body {
            Body::Received { sku, lot, qty, .. } => add(sku, lot, qty.thousandths()),
            Body::Issued { sku, lot, qty, .. } => add(sku, lot, -qty.thousandths()),
            Body::Adjusted { sku, lot, delta, .. } => add(sku, lot, delta.thousandths()),
            Body::CountLine { sku, lot, counted, book, .. } => {
                add(sku, lot, counted.thousandths() - book.thousandths());
            }
            Body::Reversed { deltas, .. } => {
                deltas.iter().for_each(|d| add(&d.sku, &d.lot, d.delta.thousandths()));
            }
            Body::TransferReceived { lines, .. } | Body::TransferReturned { lines, .. } => {
                lines.iter().for_each(|l| add(&l.sku, &l.lot, -l.short.thousandths()));
            }
            _ => {}
        }
    }
    let all: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    for key in all {
        let (there, due) = (found.get(key).unwrap_or(&0), expected.get(key).unwrap_or(&0));
        if there != due {
            return Err(format!("{key:?}: {there} thousandths are there, {due} are due"));
        }
    }
    Ok(!riding.is_empty())
}
