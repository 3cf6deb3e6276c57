//! Requests of several entries that are cut in two: each entry is sealed, as where a request is larger than a message, and
//! the disk is lost when only the first of them have come to somebody else.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rubentario::domain::WarehouseId;
use rubentario::ledger::{Head, StoredEntry};
use rubentario::protocol::message::Entries;
use rubentario::protocol::{Effects, Input, Message, seal};
use uuid::Uuid;

use super::disk::Disk;
use super::node::Node;
use super::world::World;

impl World {
    /// Seals each new entry of the own ledger; the protocol allows that anywhere.
    pub(super) fn seal_each_entry(&self, i: usize, effects: &mut Effects) {
        let node = &self.nodes[i];
        let (Some(core), Some(batch)) = (&node.core, &mut effects.batch) else { return };
        let is_new =
            |e: &&StoredEntry| e.entry.origin == node.name && e.entry.incarnation == core.incarnation();
        for entry in batch.entries.iter().filter(is_new) {
            let seq = entry.entry.seq;
            if !batch.seals.iter().any(|(origin, seal)| *origin == node.name && seal.seq == seq) {
                let seal = seal::sign(&node.key, "acme", &node.name, seq, entry.hash);
                batch.seals.push((node.name.clone(), seal));
            }
        }
    }

    /// Where somebody's last request has come to others in part only, its store is lost, sometimes.
    pub(super) fn tear(&mut self) {
        let torn = (0..self.nodes.len()).find_map(|i| Some((i, self.kept_elsewhere(i)?)));
        let Some((i, kept)) = torn.filter(|_| self.rng.random_bool(0.3)) else { return };
        if self.a_key_is_lost() {
            return;
        }
        let name = self.nodes[i].name.clone();
        let own: Vec<_> = self.nodes[i].disk.ledger(&name, 1).cloned().collect();
        let Some(id) = own.last().map(|e| e.entry.command.id) else { return };
        let whole = own.iter().filter(|e| e.entry.command.id == id);
        let whole: Vec<_> = whole.map(|e| format!("{name}:{}", e.entry.seq)).collect();
        self.say(|| format!("node {i}: of {whole:?} only what comes up to {kept} is left"));
        // What was still on its way went with the machine.
        self.network.forget(|message| goes_beyond(message, &name, kept));
        for node in &mut self.nodes {
            let lost = |input: &Input| matches!(input, Input::Message { message, .. } if goes_beyond(message, &name, kept));
            node.inputs.retain(|input| !lost(input));
        }
        if let Some((_, request, _)) = self.answered.remove(&id)
            && !self.nodes[i].asking.iter().any(|r| r.id == id)
        {
            self.nodes[i].asking.push_back(request);
        }
        self.torn.insert(id, whole);
        self.crash(i, "fault: request cut by a lost disk");
        let node = &mut self.nodes[i];
        node.disk = Disk::default();
        node.backup = None;
        node.wrote = usize::try_from(kept).unwrap();
        if self.rng.random_bool(0.5) {
            // The data directory went with it, but for the key.
            node.head_file = Head::EMPTY;
            node.made_the_mark = false;
        }
    }

    /// Up to where others have a ledger that ends in a request of which they have only the first entries.
    fn kept_elsewhere(&self, i: usize) -> Option<u64> {
        let node = &self.nodes[i];
        node.core.as_ref().filter(|core| core.may_append())?;
        let others = || self.nodes.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, n)| n);
        let has = |n: &Node, of: &WarehouseId| {
            let applied = n.core.as_ref().map_or(0, |core| core.book().head(of).seq);
            applied.max(n.disk.ledger(of, 1).count() as u64)
        };
        let kept = others().map(|n| has(n, &node.name)).max().filter(|kept| *kept > 0)?;
        let own: Vec<_> = node.disk.ledger(&node.name, kept).collect();
        let (last, rest) = own.split_first()?;
        let is_cut = !rest.is_empty() && rest.iter().all(|e| e.entry.command.id == last.entry.command.id);
        let of_others = self.nodes.iter().filter(|n| n.name != node.name);
        let whole = of_others.map(|n| &n.name).all(|of| {
            let held = |n: &Node| n.disk.ledger(of, 1).count();
            others().filter(|n| !n.burnt).map(held).max() >= Some(held(node))
        });
        (is_cut && whole).then_some(kept)
    }

    /// No request is written twice, and only those that were cut are there in part.
    pub(super) fn check_requests(&self, disk: &Disk) -> Result<(), String> {
        let mut requests: BTreeMap<(&WarehouseId, Uuid), Vec<&StoredEntry>> = BTreeMap::new();
        for entry in disk.entries.values() {
            requests.entry((&entry.entry.origin, entry.entry.command.id)).or_default().push(entry);
        }
        for ((origin, id), entries) in requests {
            let indices = entries.iter().map(|e| e.entry.command.index);
            if !indices.eq(0..entries.len() as u32) {
                return Err(format!("{origin} wrote the request {id} more than once"));
            }
            let wanted = entries[0].entry.command.entries.max(1) as usize;
            if entries.len() != wanted && !self.torn.contains_key(&id) {
                return Err(format!(
                    "of {wanted} entries of the request {id} {origin} has {}",
                    entries.len()
                ));
            }
        }
        Ok(())
    }
}

/// Whether a message brings entries of a ledger behind this one.
fn goes_beyond(message: &Message, of: &WarehouseId, kept: u64) -> bool {
    let Message::Entries(Entries { origin, entries, .. }) = message else { return false };
    let last = entries.last().and_then(|raw| StoredEntry::read(raw.get().as_bytes().into()).ok());
    origin == of && last.is_some_and(|last| last.entry.seq > kept)
}
