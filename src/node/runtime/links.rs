//! The connections: what comes over the bus, what goes out of the outbox, and how bus and store are.

use super::Runtime;
use crate::bus::BusEvent;
use crate::domain::{Trouble, TroubleKind, WarehouseId};
use crate::node::clock;
use crate::node::event::Standing;
use crate::node::inbox::Opened;
use crate::node::outbox::{Next, Range};
use crate::protocol::effects::{Lane, Send, Serve};
use crate::protocol::input::{Input, Now};
use crate::protocol::message::Message;

impl Runtime {
    pub(super) fn bus_event(&mut self, event: Option<BusEvent>) {
        self.waits_for_bus = false;
        match event {
            Some(BusEvent::Delivery { lane, token, payload, .. }) => {
                match self.inbox.open(lane, token, &payload, clock::now().mono_ms) {
                    Opened::Input(input) => self.arrive(*input),
                    Opened::Ignored(token) => {
                        self.post.acknowledge(token.into_iter());
                        self.dirty.status = true;
                    }
                    Opened::Poison(token) => {
                        self.post.refuse(token);
                        self.messages_changed(clock::now());
                    }
                    Opened::Dropped => self.messages_changed(clock::now()),
                }
            }
            Some(BusEvent::Settled { tag, outcome }) => {
                self.dirty.status |= self.outbox.settled(tag, &outcome);
            }
            Some(BusEvent::Up { .. }) => {
                self.post.link(true);
                self.held.push_back(Input::BusUp);
                self.bus_is(true, None);
            }
            Some(BusEvent::Down { trouble }) => self.bus_lost(trouble),
            Some(BusEvent::Elsewhere { who }) => {
                let said = format!("another process takes this node's messages: {who}");
                self.held.push_back(Input::Elsewhere);
                self.bus_lost(Trouble::new(TroubleKind::Elsewhere, said));
            }
            Some(BusEvent::Blocked(blocked)) => {
                let said = "connection.blocked";
                self.bus_is(true, blocked.then(|| Trouble::new(TroubleKind::Full, said)));
            }
            Some(BusEvent::DeadLetters(letters)) => {
                self.dead_letters = letters;
                self.dirty.status = true;
            }
            None => {
                self.bus_ended = true;
                self.bus_lost(Trouble::silent("the bus ended"));
            }
        }
    }

    fn bus_lost(&mut self, why: Trouble) {
        self.post.link(false);
        self.inbox.link_down();
        self.outbox.link_down();
        self.bus_is(false, Some(why));
    }

    fn bus_is(&mut self, up: bool, trouble: Option<Trouble>) {
        if self.bus.up == up && self.bus.trouble == trouble {
            return;
        }
        if let Some(why) = &trouble {
            tracing::warn!(%why, "the bus is in trouble");
        } else {
            tracing::info!("the bus is up");
        }
        self.bus.up = up;
        self.bus.trouble = trouble;
        self.links_changed();
    }

    /// The store answers, or says why not.
    pub(super) fn store_trouble(&mut self, trouble: Option<Trouble>) {
        if self.store.up == trouble.is_none() && self.store.trouble == trouble {
            return;
        }
        if let Some(why) = &trouble {
            tracing::warn!(%why, "the store is in trouble");
        } else {
            tracing::info!("the store is up");
        }
        self.store.up = trouble.is_none();
        self.store.trouble = trouble;
        self.links_changed();
    }

    /// Something came that isn't understood, or it is long ago.
    pub(super) fn messages_changed(&mut self, now: Now) {
        self.dirty.status = true;
        let (strange, moment) = (self.inbox.strange(now.mono_ms), self.moment(now));
        let recorded = &self.recorded;
        self.alerts.messages(strange, moment, &|id| recorded.acknowledged(id));
    }

    fn links_changed(&mut self) {
        self.dirty.status = true;
        let moment = self.moment(clock::now());
        let recorded = &self.recorded;
        self.alerts.links(&self.store, &self.bus, moment, &|id| recorded.acknowledged(id));
    }

    /// Publishes what is committed of the own ledger, as far as the link takes it.
    pub(super) fn publish(&mut self) {
        if !self.post.is_up() || self.lost.is_some() {
            return;
        }
        let members = self.shown.peers().iter().filter(|peer| peer.standing == Standing::Member);
        let peers: Vec<WarehouseId> = members.map(|peer| peer.id.clone()).collect();
        let me = self.core.me().clone();
        loop {
            match self.outbox.next(!peers.is_empty()) {
                Next::Nothing => return,
                Next::Read(from_seq) => self.jobs.read(me.clone(), from_seq),
                Next::Publish(range) => {
                    let message = range.message(&me, self.core.public_key()).map(Message::Entries);
                    let stamp = self.stamp();
                    let mark = message.and_then(|m| self.post.send_to_all(stamp, peers.iter().cloned(), m));
                    self.outbox.sent(&range, mark);
                }
            }
        }
    }

    /// A range was read for somebody. Own entries go out only as far as the head file tells of them.
    pub(super) fn served(&mut self, serve: Serve, range: Option<Range>) {
        let Some(mut range) = range.filter(|_| self.lost.is_none()) else { return };
        let key = if serve.origin == *self.core.me() {
            range = range.up_to(self.head_written.seq);
            Some(self.core.public_key())
        } else {
            self.core.key_of(&serve.origin)
        };
        let message = key.and_then(|key| range.message(&serve.origin, key));
        if let Some(entries) = message {
            let message = Message::Entries(entries);
            let stamp = self.stamp();
            self.post.send(stamp, Send { to: Some(serve.to), lane: Lane::Inbox, message });
        }
    }

    /// The head file is what a start is held against; the outbox may publish no further than it says.
    pub(super) fn begin_with_head(&mut self) {
        self.held.push_back(Input::HeadFile { head: self.head_written });
        let stored = self.recorded.head(self.core.me());
        self.outbox.allow(stored.seq.min(self.head_written.seq));
        self.write_head();
    }
}
