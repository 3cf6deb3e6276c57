//! What must hold: after every step, and once all is healed.

use std::collections::BTreeMap;

use rubentario::domain::{Lot, Quantity, Sku, WarehouseId};
use rubentario::ledger::book::{Part, Stocktake, Transfer};
use rubentario::ledger::roster::Roster;
use rubentario::ledger::{Body, PublicKey};
use rubentario::protocol::Core;
use rubentario::protocol::hlc::{Hlc, MAX_AHEAD_MS};

use super::clocks::START_MS;
use super::locks;
use super::node::Node;
use super::operators::SKUS;
use super::snapshots;
use super::world::World;

/// Reading clocks at whole milliseconds costs so many.
const ROUNDING_MS: u64 = 5;
/// A right clock's node is never further ahead than what others may bring it to, and a start on top.
const FURTHEST_AHEAD_MS: u64 = 2 * MAX_AHEAD_MS + 2_000;

impl World {
    /// Nothing is ever negative, no honest node is taken for a liar, and no wrong clock spreads.
    pub fn check(&self) -> Result<(), String> {
        if let Some(why) = &self.failed {
            return Err(why.clone());
        }
        for (i, node) in self.nodes.iter().enumerate() {
            let Some(core) = &node.core else { continue };
            if let Some(why) = core.stopped() {
                return Err(format!("{} stopped: {why}", node.name));
            }
            let split = core.roster().and_then(|roster| roster.split);
            if let Some(version) = split.filter(|_| !self.forced_alone) {
                return Err(format!("{} knows two changes of version {version} of the roster", node.name));
            }
            // What was begun behind the end of one that was given up was never begun.
            if core.refused_markers() > 0 && !self.forced_alone {
                return Err(format!("{} refused an honest marker", node.name));
            }
            for (key, cell) in core.book().stock() {
                if cell.on_hand.is_negative() || cell.reserved > cell.on_hand {
                    return Err(format!("{}: {key:?} {cell:?}", node.name));
                }
                let kept = core.book().reservations_of(&key.sku);
                let kept = kept.filter(|r| r.id.origin == key.warehouse && r.lot == key.lot);
                let kept = kept.fold(Quantity::ZERO, |sum, r| sum.saturating_plus(r.left()));
                if kept != cell.reserved {
                    return Err(format!("{}: {key:?} {cell:?}, but {kept} by reservations", node.name));
                }
            }
            for (origin, part) in core.book().heads() {
                if let Some(why) = part.quarantine.as_ref().filter(|_| !has_left(core, origin)) {
                    return Err(format!("{} follows {origin} no more: {why}", node.name));
                }
            }
            for transfer in core.book().transfers() {
                sorted(transfer).map_err(|why| format!("{}: {} {why}", node.name, transfer.id))?;
            }
            self.check_clock(i, node, core)?;
        }
        self.check_holders()
    }

    /// What a node with a right clock takes for the time lies within its error of the true time, and a time from far
    /// ahead is never adopted.
    fn check_clock(&self, i: usize, node: &Node, core: &Core) -> Result<(), String> {
        let true_ms = START_MS + self.now_ms;
        let reading = core.clock(self.now(i));
        let off = reading.cluster_ms.abs_diff(true_ms);
        let bound = reading.error_ms.unwrap_or(u64::MAX).saturating_add(ROUNDING_MS);
        let trusts = !node.clock.is_wrong && !node.misled;
        if trusts && reading.synchronised && off > bound {
            return Err(format!("{}: cluster time is {off} ms off, {reading:?}", node.name));
        }
        let ahead = Hlc::millis(core.hlc()).saturating_sub(true_ms);
        if trusts && ahead > FURTHEST_AHEAD_MS {
            return Err(format!("{}: its hybrid clock is {ahead} ms ahead", node.name));
        }
        Ok(())
    }

    /// Whether nothing more will happen.
    pub(super) fn is_quiet(&self) -> bool {
        let lasting = || self.nodes.iter().enumerate().filter(|(_, n)| !n.burnt);
        let cuts: Vec<_> = lasting().map(|(_, n)| n.core.as_ref().map(|c| c.book().cut())).collect();
        let nobody_waits = lasting().all(|(i, n)| {
            let is_done = |c: &Core| {
                let mut closing = c.snapshots().all().filter(|s| !has_left(c, &s.id.origin));
                let is_back = c.joined() && c.recovering().is_none();
                is_back
                    && closing.all(|s| s.closed.is_some())
                    && locks::is_free(c, self.now(i))
                    && self.tells_the_time(i, c)
                    && self.belongs_as_it_should(c).is_ok()
            };
            n.asking.is_empty() && n.unfinished.is_empty() && n.core.as_ref().is_some_and(is_done)
        });
        nobody_waits && cuts.windows(2).all(|w| w[0] == w[1])
    }

    /// Every warehouse belongs with the key it has, or was retired; who burnt down was given up, unless it had agreed to
    /// leave before: then that may have been seen through without it.
    fn belongs_as_it_should(&self, core: &Core) -> Result<(), String> {
        let roster = core.roster().ok_or("knows no roster")?;
        for node in &self.nodes {
            let key = PublicKey(node.key.verifying_key().to_bytes());
            let as_it_should = match roster.former.get(&node.name) {
                Some(former) => node.burnt || !former.given_up,
                None => !node.burnt && roster.key(&node.name) == Some(key),
            };
            if !as_it_should {
                return Err(format!("knows {} otherwise than it is: {roster:?}", node.name));
            }
        }
        Ok(())
    }

    fn wrong_among(&self, roster: &Roster) -> usize {
        self.nodes.iter().filter(|n| n.clock.is_wrong && roster.has(&n.name)).count()
    }

    /// Notes who has had no majority of right clocks to go by: what it takes for the time may be wrong from then on.
    pub(super) fn note_misled(&mut self) {
        for i in 0..self.nodes.len() {
            let roster = self.nodes[i].core.as_ref().and_then(Core::roster);
            let misled = roster.is_some_and(|roster| {
                // Of two, one may be wrong: nobody can say which, and they don't agree.
                let most = if roster.members.len() == 2 { 1 } else { (roster.members.len() - 1) / 2 };
                self.wrong_among(roster) > most
            });
            self.nodes[i].misled |= misled;
        }
    }

    /// Where the clocks can agree, they do, and on the truth.
    fn tells_the_time(&self, i: usize, core: &Core) -> bool {
        let Some(roster) = core.roster().filter(|_| core.is_member()) else { return true };
        if self.wrong_among(roster) * 2 >= roster.members.len() {
            return true;
        }
        let reading = core.clock(self.now(i));
        let off = reading.cluster_ms.abs_diff(START_MS + self.now_ms);
        reading.synchronised && off <= reading.error_ms.unwrap_or(0) + ROUNDING_MS
    }

    /// All books and histories are equal, the answers given stand, and not a unit is lost or doubled.
    pub fn check_agreement(&mut self) -> Result<(), String> {
        self.check()?;
        if self.forced_alone && self.is_apart() {
            // Force without a majority may contradict what others decide, or leave more known than counts: that is
            // shown, and nobody can make the books equal again.
            self.coverage.saw("roster: apart by force");
            return Ok(());
        }
        self.check_snapshots()?;
        let stays = self.first();
        let first = stays.core.as_ref().unwrap();
        for (i, node) in self.nodes.iter().enumerate() {
            let Some(core) = &node.core else { continue };
            if !node.asking.is_empty() || core.recovering().is_some() || !core.joined() {
                return Err(format!(
                    "{} is not done: asking {:?}, recovering {:?}, joined {}",
                    node.name,
                    node.asking,
                    core.recovering(),
                    core.joined()
                ));
            }
            if core.book().cut() != first.book().cut() {
                let (mine, firsts) = (core.book().cut(), first.book().cut());
                return Err(format!("{}: {mine:?} against {firsts:?}", node.name));
            }
            if !locks::is_free(core, self.now(i)) {
                return Err(format!("{}: locks are not free: {:?}", node.name, core.locks(self.now(i))));
            }
            self.belongs_as_it_should(core).map_err(|why| format!("{} {why}", node.name))?;
            if core.roster() != first.roster() {
                let (mine, firsts) = (core.roster(), first.roster());
                return Err(format!(
                    "{} has another roster at the same cut: {mine:?}, {firsts:?}",
                    node.name
                ));
            }
            if !self.tells_the_time(i, core) {
                return Err(format!("{} has the wrong time: {:?}", node.name, core.clock(self.now(i))));
            }
            let same = core.book().stock().eq(first.book().stock())
                && core.book().transfers().eq(first.book().transfers())
                && core.book().products().eq(first.book().products())
                && stocktakes_of(core).eq(stocktakes_of(first));
            let parts = |of: &Core| -> Vec<_> {
                of.book().heads().keys().map(|w| Part::of(of.book(), w).listing()).collect()
            };
            if !same || parts(core) != parts(first) {
                return Err(format!("{} has another book at the same cut", node.name));
            }
            if node.disk.movements != stays.disk.movements {
                return Err(format!("{} has another history at the same cut", node.name));
            }
            let again = Core::new(node.setup(), node.disk.load());
            let stored = parts(&again) == parts(core)
                && again.book().stock().eq(core.book().stock())
                && again.book().transfers().eq(core.book().transfers())
                && stocktakes_of(&again).eq(stocktakes_of(core))
                && again.roster() == core.roster()
                && again.book().cut() == core.book().cut();
            if !stored {
                return Err(format!("{}: its store says something else than its book", node.name));
            }
        }
        self.check_conservation()?;
        self.check_requests(&self.first().disk)?;
        self.check_answers()
    }

    /// Whether somebody knows two changes of one version, or more of a ledger that was given up than counts.
    fn is_apart(&self) -> bool {
        self.nodes.iter().filter_map(|n| n.core.as_ref()).any(|core| {
            let void =
                core.book().heads().iter().any(|(o, part)| part.quarantine.is_some() && has_left(core, o));
            void || core.roster().is_some_and(|roster| roster.split.is_some())
        })
    }

    fn check_snapshots(&mut self) -> Result<(), String> {
        let mut known = BTreeMap::new();
        for node in &self.nodes {
            let Some(core) = &node.core else { continue };
            for seen in snapshots::check(core, &node.disk, &mut known)? {
                self.coverage.saw(if seen.complete { "snapshot: complete" } else { "snapshot: partial" });
                if seen.riding {
                    self.coverage.saw("snapshot: with goods on the road");
                }
            }
        }
        Ok(())
    }

    /// One that belongs.
    fn first(&self) -> &Node {
        let belongs = |n: &&Node| n.core.as_ref().is_some_and(Core::is_member);
        self.nodes.iter().find(belongs).unwrap()
    }

    fn check_conservation(&self) -> Result<(), String> {
        let first = self.first();
        let mut expected: BTreeMap<(Sku, Lot), Quantity> = BTreeMap::new();
        let mut add = |sku: &Sku, lot: &Lot, qty: Quantity| {
            let sum = expected.entry((sku.clone(), lot.clone())).or_default();
            *sum = sum.plus(qty).unwrap();
        };
        for entry in first.disk.entries.values() {
            match &entry.entry.body {
                Body::Received { sku, lot, qty, .. } => add(sku, lot, *qty),
                Body::Issued { sku, lot, qty, .. } => add(sku, lot, qty.negated()),
                Body::Adjusted { sku, lot, delta, .. } => add(sku, lot, *delta),
                Body::CountLine { sku, lot, counted, book, .. } => {
                    add(sku, lot, counted.minus(*book).unwrap());
                }
                Body::Reversed { deltas, .. } => deltas.iter().for_each(|d| add(&d.sku, &d.lot, d.delta)),
                Body::TransferReceived { lines, .. } | Body::TransferReturned { lines, .. } => {
                    lines.iter().for_each(|l| add(&l.sku, &l.lot, l.short.negated()));
                }
                _ => {}
            }
        }
        let book = first.core.as_ref().unwrap().book();
        for sku in SKUS.iter().map(|s| Sku::new(s).unwrap()) {
            for lot in ["", "L1", "L2"].map(|l| Lot::new(l).unwrap()) {
                let wanted = expected.get(&(sku.clone(), lot.clone())).copied().unwrap_or_default();
                let total = book.network_total(&sku, &lot);
                if total != wanted {
                    return Err(format!("{sku} {lot}: {total} in the network, {wanted} by the ledgers"));
                }
            }
        }
        Ok(())
    }

    fn check_answers(&self) -> Result<(), String> {
        let first = self.first();
        for (id, (entries, request, i)) in &self.answered {
            let own = first.disk.ledger(&self.nodes[*i].name, 1).filter(|e| e.entry.command.id == *id);
            let now: Vec<_> = own.map(|e| format!("{}:{}", e.entry.origin, e.entry.seq)).collect();
            if now != *entries {
                return Err(format!("{request:?} was answered {entries:?}, the ledgers hold {now:?}"));
            }
        }
        Ok(())
    }
}

/// The stocktakes of all warehouses.
fn stocktakes_of(core: &Core) -> impl Iterator<Item = &Stocktake> {
    core.book().heads().keys().flat_map(|warehouse| core.book().stocktakes(warehouse))
}

/// Whether somebody belongs no more.
pub(super) fn has_left(core: &Core, who: &WarehouseId) -> bool {
    core.roster().is_some_and(|roster| roster.former.contains_key(who))
}

/// Steps of a transfer stand in the history in the order in which they rest on each other.
fn sorted(transfer: &Transfer) -> Result<(), &'static str> {
    let sent = transfer.dispatch.as_ref().map(|d| d.mark.sort_key);
    let came = transfer.receipt.as_ref().map(|r| r.mark.sort_key);
    let refused = transfer.rejection.as_ref().map(|r| r.sort_key);
    let back = transfer.returned.as_ref().map(|r| r.mark.sort_key);
    let asked = transfer.request.as_ref().map(|r| r.mark.sort_key);
    let behind = |later: Option<u64>, earlier: Option<u64>| later.zip(earlier).is_none_or(|(l, e)| l > e);
    if !behind(came, sent) || !behind(refused, sent) {
        return Err("was answered before it was dispatched, by the history");
    }
    if !behind(sent, asked) {
        return Err("was dispatched before it was asked for, by the history");
    }
    if !behind(back, refused) {
        return Err("came back before it was rejected, by the history");
    }
    Ok(())
}
