//! What goes wrong.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use rand::RngExt as _;
use rubentario::ledger::Head;
use rubentario::ledger::act::Act;
use rubentario::protocol::Input;

use super::disk::Disk;
use super::node::Node;
use super::world::World;

impl World {
    pub(super) fn misfortune(&mut self) {
        if self.run.is_a_rush() && self.rng.random_bool(0.8) {
            return;
        }
        let i = self.rng.random_range(0..self.nodes.len());
        if self.rng.random_bool(0.03) {
            self.nodes[i].backup = Some(self.nodes[i].disk.clone());
        }
        if self.rng.random_bool(0.05) {
            self.keep_members();
        }
        if self.rng.random_bool(0.003) {
            self.retire(i);
        }
        if self.rng.random_bool(0.001) {
            self.burn_down(i);
        }
        if self.rng.random_bool(0.02) && self.nodes[i].core.is_some() {
            self.crash(i, "fault: crash");
        }
        if self.rng.random_bool(0.02) {
            let nodes = self.nodes.len();
            self.network.cut(&mut self.rng, nodes, &mut self.coverage);
        }
        if self.rng.random_bool(0.01) {
            self.coverage.saw("fault: slow store");
            self.nodes[i].slow_until = self.now_ms + self.rng.random_range(500..10_000);
        }
        if self.rng.random_bool(0.005) && self.nodes[i].core.is_some() {
            let ms = self.rng.random_range(1_000..25_000);
            self.stand_still(i, ms, "fault: stood still");
        }
        if self.run.cuts_requests() {
            self.tear();
        } else if self.rng.random_bool(0.05) {
            self.recover_without(i);
        }
        if self.rng.random_bool(0.01) && self.nodes[i].core.is_some() {
            self.coverage.saw("fault: link down");
            self.network.disconnect(&mut self.rng, self.now_ms, i);
            self.nodes[i].inputs.push(Input::BusUp);
        }
        if self.rng.random_bool(0.02) {
            let waiting = self.nodes[i].core.as_ref().and_then(|core| core.waiting_for_locks().next());
            if let Some(Act::RequestTransfer { lines, .. }) = waiting.map(|request| &request.act) {
                let sku = lines[0].sku.clone();
                self.nodes[i].inputs.push(Input::StepBack { sku });
            }
        }
        if self.rng.random_bool(0.02) && self.nodes[i].clock.is_wrong {
            self.coverage.saw("fault: clock jumped");
            self.nodes[i].clock.jump(&mut self.rng);
            self.say(|| format!("node {i}: its clock jumps"));
        }
        if self.rng.random_bool(0.02) && self.nodes[i].clock.is_wrong {
            self.coverage.saw("fault: clock lied");
            self.nodes[i].clock.lie_ms = self.rng.random_range(-20_000_000..20_000_000);
        }
    }

    fn stand_still(&mut self, i: usize, ms: u64, what: &'static str) {
        self.coverage.saw(what);
        self.nodes[i].still_until = self.now_ms + ms;
        self.say(|| format!("node {i}: {what} until {}", self.nodes[i].still_until));
    }

    /// Whether a node's process is stopped for a while: what comes waits, and nothing is done.
    pub(super) fn stands_still(&self, i: usize) -> bool {
        !self.network.healing && self.nodes[i].still_until > self.now_ms
    }

    /// What was written under a lock may be committed when the lock has long gone to somebody else.
    pub(super) fn stop_before_the_commit(&mut self, i: usize) {
        let node = &self.nodes[i];
        let batch = node.unfinished.back().and_then(|turned| turned.batch.as_ref());
        let own = batch.into_iter().flat_map(|batch| &batch.entries).filter(|e| e.entry.origin == node.name);
        let is_fenced = own.into_iter().any(|e| !e.entry.fences.is_empty());
        let often = if self.run.is_a_rush() { 0.3 } else { 0.02 };
        if is_fenced && !self.network.healing && self.rng.random_bool(often) {
            // Mostly longer than a lease.
            let ms = self.rng.random_range(8_000..25_000);
            self.stand_still(i, ms, "fault: stood still before a commit under a lock");
        }
    }

    /// An operator goes on without those who don't answer a recovery. They may hold no more of the ledger than those who
    /// do, nor know of a change about it: what a warehouse then gives up nobody could take back.
    fn recover_without(&mut self, i: usize) {
        let Some(core) = &self.nodes[i].core else { return };
        let Some(silent) = core.recovering().filter(|silent| !silent.is_empty()) else { return };
        let name = &self.nodes[i].name;
        let absent: BTreeSet<_> = core.declared_absent().into_iter().chain(silent).collect();
        let is_asked = |n: &Node| match core.roster() {
            Some(roster) => roster.has(&n.name),
            None => core.peers(self.now(i)).iter().any(|peer| peer.id == n.name),
        };
        let held = |n: &Node| n.disk.ledger(name, 1).count();
        let others = || self.nodes.iter().filter(|n| n.name != *name);
        let answered = others().filter(|n| is_asked(n) && !absent.contains(&n.name)).map(held).max();
        let is_about = |n: &Node| {
            let vote = n.disk.load().vote;
            vote.acceptor.vote().accepted.as_ref().is_some_and(|(_, change)| change.subject() == name)
        };
        let all = others().map(held).max().max(Some(self.nodes[i].wrote));
        if answered < all || others().any(|n| absent.contains(&n.name) && is_about(n)) {
            return;
        }
        self.coverage.saw("operator: declared absent");
        self.say(|| format!("node {i}: recovers without {absent:?}"));
        self.nodes[i].inputs.push(Input::Absent { who: absent });
    }

    /// Whether the process ends here; nothing that follows is done then.
    pub(super) fn dies(&mut self, how: &'static str, i: usize) -> bool {
        let dies = !self.network.healing && self.rng.random_bool(0.003);
        if dies {
            self.crash(i, how);
        }
        dies
    }

    pub(super) fn crash(&mut self, i: usize, how: &'static str) {
        self.coverage.saw(how);
        self.say(|| format!("node {i}: {how}"));
        self.network.disconnect(&mut self.rng, self.now_ms, i);
        let until = self.now_ms + self.rng.random_range(0..5_000);
        self.nodes[i].stop(until);
        if !self.network.healing && !self.nodes[i].burnt && self.rng.random_bool(0.3) && !self.is_last_copy(i)
        {
            if self.rng.random_bool(0.3) {
                self.lose_disk(i);
            } else {
                self.set_back(i);
            }
        }
    }

    /// Whether only this disk holds some entry, of whichever ledger, or that the cluster was founded: what an operator
    /// was told and no other disk holds, no protocol brings back. Who doesn't belong need not be asked.
    pub(super) fn is_last_copy(&self, i: usize) -> bool {
        let mut joined = self.nodes.iter().enumerate().filter(|(_, node)| node.disk.has_joined());
        if joined.all(|(j, _)| j == i) {
            return true;
        }
        let held = |node: usize, of: usize| self.nodes[node].disk.ledger(&self.nodes[of].name, 1).count();
        (0..self.nodes.len()).any(|of| {
            let others = (0..self.nodes.len()).filter(|j| *j != i && self.belongs(*j));
            others.map(|j| held(j, of)).max().unwrap_or(0) < held(i, of)
        })
    }

    /// The database comes back from an older copy, or empty. The head file lies in the data directory and stays, as does
    /// the key.
    fn set_back(&mut self, i: usize) {
        let empty = self.rng.random_bool(0.2);
        let Some(copy) = self.nodes[i].backup.take().or_else(|| empty.then(Disk::default)) else { return };
        let copy = if empty { Disk::default() } else { copy };
        let node = &self.nodes[i];
        let held = |disk: &Disk| disk.ledger(&node.name, 1).count();
        let wrote = held(&node.disk).max(node.wrote);
        // What was promised since a copy is missed only if an entry of the same time is: of that the head file tells.
        let unnoticed = held(&copy) == held(&node.disk) && copy.load().vote != node.disk.load().vote;
        if unnoticed || self.a_key_is_lost() {
            return;
        }
        self.coverage.saw(if empty { "fault: store lost" } else { "fault: disk set back" });
        self.nodes[i].disk = copy;
        self.nodes[i].wrote = wrote;
        self.say(|| format!("node {i}: its disk is set back"));
    }

    /// Database and data directory are gone, with the key; the same warehouse starts on another disk.
    fn lose_disk(&mut self, i: usize) {
        if !self.may_lose_its_key(i) {
            return;
        }
        self.coverage.saw("fault: disk lost");
        let key = self.rng.random();
        let node = &mut self.nodes[i];
        node.wrote = node.wrote.max(node.disk.ledger(&node.name, 1).count());
        node.disk = Disk::default();
        node.backup = None;
        node.head_file = Head::EMPTY;
        node.made_the_mark = false;
        node.key = SigningKey::from_bytes(&key);
        self.say(|| format!("node {i}: its disk is lost"));
    }
}
