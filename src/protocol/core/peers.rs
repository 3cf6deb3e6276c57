//! The other nodes: what they say, whether they live, what they hold.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Core, Standing};
use crate::domain::WarehouseId;
use crate::ledger::Head;
use crate::protocol::batch::PeerRecord;
use crate::protocol::effects::{Lane, Send, Serve};
use crate::protocol::failure_detector::{BEAT_MS, FailureDetector, Liveness};
use crate::protocol::hlc::Hlc;
use crate::protocol::input::Now;
use crate::protocol::message::{Message, PublicKey};
use crate::protocol::offset::Offset;
use crate::protocol::recovery::Answer;
use crate::protocol::replay::Window;

/// When a peer was last heard is stored anew only after so many milliseconds.
const SEEN_STEP_MS: i64 = 60_000;

/// No honest peer knows of so many more starts than the node itself: they could all be used up at once.
const MOST_STARTS: u32 = 1 << 24;

/// What may prove that a ledger has two histories is asked for again after this, then after twice as long.
const PROOF_MS: u64 = 2_000;
const PROOF_LONGEST_MS: u64 = 300_000;

/// A head that differs from what is applied here, though no proof of another history has come.
#[derive(Debug, Clone)]
struct Doubt {
    head: Head,
    again_at: u64,
    wait_ms: u64,
}

/// Another node.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) record: PeerRecord,
    stored_seen_ms: i64,
    detector: FailureDetector,
    pub(super) offset: Offset,
    /// By how many milliseconds its messages are ahead of cluster time, where that is too far.
    far_ahead_ms: Option<i64>,
    pub(super) heads: BTreeMap<WarehouseId, Head>,
    doubts: BTreeMap<WarehouseId, Doubt>,
    pub(super) window: Window,
}

impl Peer {
    pub(super) fn known(record: PeerRecord) -> Self {
        Self {
            stored_seen_ms: record.last_seen_ms,
            record,
            detector: FailureDetector::default(),
            offset: Offset::default(),
            far_ahead_ms: None,
            heads: BTreeMap::new(),
            doubts: BTreeMap::new(),
            window: Window::default(),
        }
    }
}

/// What is known of another node, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerStatus {
    /// Its warehouse.
    pub id: WarehouseId,
    /// What it is to this cluster.
    pub standing: Standing,
    /// Whether its beats come.
    pub liveness: Liveness,
    /// Milliseconds of the best exchange of the last minute.
    pub rtt_ms: Option<u64>,
    /// Milliseconds that its clock is ahead of cluster time.
    pub offset_ms: Option<i64>,
    /// What that reading may be wrong by.
    pub error_ms: Option<u64>,
    /// Entries of its ledger that it told of and that aren't applied here.
    pub lag: u64,
    /// Our entries that it told to hold, up to this one; none as long as it has told nothing.
    pub has_ours: Option<u64>,
    /// Its entries that are applied here, up to this one.
    pub applied: u64,
    /// When it was last heard, milliseconds since 1970 UTC.
    pub last_seen_ms: Option<i64>,
    /// Why its ledger isn't followed any further, if it isn't.
    pub quarantine: Option<String>,
}

impl Core {
    pub(super) fn message(
        &mut self,
        now: Now,
        from: &WarehouseId,
        key: PublicKey,
        incarnation: u32,
        hlc: u64,
        message: Message,
    ) {
        let is_stale = self.peers.get(from).is_some_and(|peer| incarnation < peer.record.incarnation);
        self.heard(now, from, key, incarnation, hlc, &message);
        match message {
            Message::Entries(entries) => self.entries(now, entries),
            Message::Heads { heads, forks } => {
                if let Some(seq) = forks.get(&self.setup.me).filter(|_| self.is_proven(from, key))
                    && let Some(theirs) = heads.get(&self.setup.me).filter(|h| h.seq <= self.head().seq)
                {
                    self.set_apart_at(from, *seq, theirs);
                }
                // A member of a version that isn't known here yet may be the only one to hold the entry that makes it.
                if self.roster().is_none()
                    || self.is_proven(from, key)
                    || self.believes_strangers()
                    || self.later_members().any(|m| m == from)
                {
                    self.peer_heads(now, from, heads);
                } else {
                    self.strangers_heads(from, heads);
                }
            }
            Message::Fetch { origin, from_seq } => {
                if self.book.head(&origin).seq >= from_seq {
                    self.turn.serve.push(Serve { to: from.clone(), origin, from_seq });
                } else if let Some(entries) = self.kept_range(&origin, from_seq) {
                    let message = Message::Entries(entries);
                    self.turn.after_sends.push(Send { to: Some(from.clone()), lane: Lane::Inbox, message });
                }
            }
            Message::Beat { ping } => {
                self.peer(from).detector.beat(now.mono_ms);
                self.heard_in_recovery(from, key);
                if let Some(ping) = ping {
                    let message = Message::Pong { ping, wall_ms: now.wall_ms };
                    self.turn.at_once.push(Send { to: Some(from.clone()), lane: Lane::Control, message });
                }
            }
            Message::Pong { ping, wall_ms } => {
                if let Some(rtt_ms) = self.pings.round_trip(ping, now.mono_ms) {
                    self.peer(from).offset.sample(ping, rtt_ms, now.mono_ms, wall_ms);
                }
            }
            // It asks again once it shows a number beyond those of its earlier lives, which then say nothing more.
            Message::RecoverAsk { .. } if is_stale => {}
            Message::RecoverAsk { attempt } => {
                let held = self.held_of(from);
                // What lies behind a gap is not promised, so it may be given up: it must not be applied when the gap fills.
                if let Some(incoming) = self.incoming.get_mut(from) {
                    incoming.let_go_after(held.seq);
                }
                let heads = self.told_heads();
                let message = Message::RecoverAnswer {
                    attempt,
                    held,
                    joined: self.joined,
                    heads,
                    vote: self.told_vote(),
                };
                self.turn.after_sends.push(Send { to: Some(from.clone()), lane: Lane::Inbox, message });
            }
            Message::RecoverAnswer { attempt, held, joined, mut heads, vote } => {
                let known: Vec<_> = heads.keys().filter(|o| **o != self.setup.me).cloned().collect();
                self.version_told(from, key, attempt, vote.as_ref());
                let vote = vote.filter(|_| self.is_proven(from, key));
                self.vote_told(from, attempt, vote);
                if let Some(recovery) = &mut self.recovery
                    && recovery.attempt == attempt
                {
                    recovery.answer(from, Answer { held, joined });
                    for other in &known {
                        recovery.also(other);
                    }
                    // What it only keeps aside can be had of it as well, and the answer is fresh: ask at once.
                    let me = self.setup.me.clone();
                    heads.insert(me.clone(), held);
                    let incoming = self.incoming.entry(me).or_default();
                    incoming.answered();
                    // The rosters that name whoever has yet to answer may stand in the own ledger.
                    incoming.want(held.seq);
                }
                self.peer_heads(now, from, heads);
            }
            Message::Known { incarnation } => {
                if incarnation.saturating_sub(self.incarnation) > MOST_STARTS {
                    self.refuse(|refused| &mut refused.forged);
                } else if incarnation > self.incarnation {
                    self.incarnation = incarnation.saturating_add(1);
                    self.turn.dirty = true;
                    // A start that this store doesn't know of: the store is an older one.
                    self.begin_recovery(now);
                    self.lost_something();
                }
            }
            Message::Lock { version, sku, says } => self.lock_message(now, from, version, &sku, says),
            Message::Hello(hello) => self.hello(now, from, key, hello),
            Message::Voting(voting) => self.voting(now, from, voting),
            Message::Chosen(told) => self.chosen_elsewhere(now, from, told),
            Message::RetireAsk { attempt, operator } => self.retire_asked(now, from, attempt, &operator),
            Message::RetireAnswer { attempt, refusal } => self.retire_answered(now, from, attempt, refusal),
            Message::Unknown => {}
        }
    }

    /// A message under this node's own name: its own echo, or another process. Where the roster names this node's key,
    /// somebody with another one stops only itself.
    pub(super) fn own_name(
        &mut self,
        now: Now,
        key: PublicKey,
        incarnation: u32,
        nonce: Uuid,
        message: &Message,
    ) {
        if nonce == self.setup.nonce {
            if matches!(message, Message::Beat { .. }) {
                self.echo_at = Some(now.mono_ms);
            }
        } else if key != self.public && self.is_proven(&self.setup.me, self.public) {
            self.refuse(|refused| &mut refused.forged);
        } else if incarnation >= self.incarnation {
            self.stop(format!("another process runs under the name {}", self.setup.me));
        }
    }

    fn heard(
        &mut self,
        now: Now,
        from: &WarehouseId,
        key: PublicKey,
        incarnation: u32,
        hlc: u64,
        message: &Message,
    ) {
        // A time from too far ahead is not adopted; what comes with it is taken all the same.
        let cluster_ms = self.time.ms(now);
        let taken = self.merge_time(now, hlc);
        let ahead = i128::from(Hlc::millis(hlc)) - i128::from(cluster_ms);
        let far_ahead_ms = (!taken).then(|| i64::try_from(ahead).unwrap_or(i64::MAX));
        let seen_ms = self.cluster_moment(now);
        let is_new = !self.peers.contains_key(from);
        let known = self.peer(from).record.incarnation;
        // Only who holds the key of a member can say which start of it is the newest.
        let counts = self.book.roster().is_none() || self.is_proven(from, key);
        let peer = self.peer(from);
        peer.record.last_seen_ms = seen_ms;
        peer.far_ahead_ms = far_ahead_ms;
        let new_key = peer.record.key != Some(key.0);
        peer.record.key = Some(key.0);
        if counts {
            peer.record.incarnation = known.max(incarnation);
        }
        if is_new || new_key || (counts && incarnation > known) {
            self.turn.peers.insert(from.clone());
            self.turn.dirty = true;
            self.turn.changed.others = true;
            // Whoever has just come wants to know how far everybody is.
            self.heads_soon(now);
        }
        if incarnation < known && matches!(message, Message::Heads { .. } | Message::RecoverAsk { .. }) {
            let message = Message::Known { incarnation: known };
            self.turn.at_once.push(Send { to: Some(from.clone()), lane: Lane::Control, message });
        }
    }

    fn peer_heads(&mut self, now: Now, from: &WarehouseId, heads: BTreeMap<WarehouseId, Head>) {
        let me = self.setup.me.clone();
        let own = self.book.head(&me);
        let theirs_of_us = heads.get(&me).copied().unwrap_or(Head::EMPTY);
        // What somebody holds of an older start, beyond where a newer one went on, is void: it tells nothing.
        let is_void = theirs_of_us.incarnation < own.incarnation;
        // What a later start wrote isn't here, though more of an earlier one be: an old store was put back.
        let is_of_later = theirs_of_us.incarnation > own.incarnation;
        if (theirs_of_us.seq > own.seq && !is_void) || is_of_later {
            self.begin_recovery(now);
            self.lost_something();
            if let Some(recovery) = &mut self.recovery {
                recovery.holds_more(from, theirs_of_us);
            }
        } else if differs(own, theirs_of_us) && !is_void {
            self.ask_for_proof(now, from, &me, theirs_of_us);
        } else if !self.joined && !self.is_compared() {
            // New here, or back on an empty disk: the others can tell.
            self.begin_recovery(now);
        }
        for (origin, head) in heads.iter().filter(|(origin, _)| **origin != me) {
            let applied = self.book.head(origin);
            let end = self.book.rosters().end_of(origin).unwrap_or(u64::MAX);
            if self.book.is_quarantined(origin) {
                continue;
            }
            if differs(applied, *head) {
                self.ask_for_proof(now, from, origin, *head);
            } else if head.seq > applied.seq {
                self.incoming.entry(origin.clone()).or_default().want(head.seq.min(end));
            }
        }
        let peer = self.peer(from);
        let before = peer.heads.get(&me).map_or(0, |h| h.seq);
        peer.heads = heads;
        if theirs_of_us.seq != before {
            self.turn.changed.others = true;
        }
    }

    /// Somebody tells of another history of a ledger. That proves nothing: what the origin signed does, so it is asked
    /// for, each time after longer, as it may prove nothing either.
    fn ask_for_proof(&mut self, now: Now, from: &WarehouseId, origin: &WarehouseId, theirs: Head) {
        let new = Doubt { head: theirs, again_at: 0, wait_ms: 0 };
        let doubt = self.peer(from).doubts.entry(origin.clone()).or_insert_with(|| new.clone());
        if doubt.head != theirs {
            *doubt = new;
        }
        if now.mono_ms < doubt.again_at {
            return;
        }
        doubt.wait_ms = (doubt.wait_ms * 2).clamp(PROOF_MS, PROOF_LONGEST_MS);
        doubt.again_at = now.mono_ms + doubt.wait_ms;
        let from_seq = self.book.head(origin).seq.min(theirs.seq);
        let message = Message::Fetch { origin: origin.clone(), from_seq };
        self.turn.at_once.push(Send { to: Some(from.clone()), lane: Lane::Control, message });
    }

    /// Somebody who isn't known to belong tells how far ledgers go: what it says of members' can be fetched and proves
    /// itself; the rest is of no interest.
    fn strangers_heads(&mut self, from: &WarehouseId, heads: BTreeMap<WarehouseId, Head>) {
        let Some(roster) = self.book.roster() else { return };
        let of_members = heads.into_iter().filter(|(o, _)| roster.has(o) && *o != self.setup.me);
        let heads: BTreeMap<_, _> = of_members.collect();
        for (origin, head) in &heads {
            if head.seq > self.book.head(origin).seq && !self.book.is_quarantined(origin) {
                self.incoming.entry(origin.clone()).or_default().want(head.seq);
            }
        }
        self.peer(from).heads = heads;
    }

    /// The peers that a batch stores.
    pub(super) fn peers_to_store(&mut self, changed: &BTreeSet<WarehouseId>, now: Now) -> Vec<PeerRecord> {
        let now_ms = self.cluster_moment(now);
        let mut records = Vec::new();
        for (id, peer) in &mut self.peers {
            let seen_anew = peer.record.last_seen_ms > peer.stored_seen_ms.saturating_add(SEEN_STEP_MS)
                && peer.record.last_seen_ms <= now_ms;
            if changed.contains(id) || seen_anew {
                peer.stored_seen_ms = peer.record.last_seen_ms;
                records.push(peer.record.clone());
            }
        }
        records
    }

    /// Whether this node's own messages don't come back to it: then it says nothing about others.
    #[must_use]
    pub fn isolated(&self, now: Now) -> bool {
        self.echo_at.is_none_or(|at| now.mono_ms.saturating_sub(at) > 3 * BEAT_MS)
    }

    /// What is known of the other nodes.
    #[must_use]
    pub fn peers(&self, now: Now) -> Vec<PeerStatus> {
        let me = &self.setup.me;
        // Without an own echo, silence says nothing about others: time stands still for them.
        let as_of = self.echo_at.map_or(now.mono_ms, |at| now.mono_ms.min(at + BEAT_MS));
        let correction = self.time.correction(now);
        let peers = self.peers.iter().map(|(id, peer)| {
            let best = peer.offset.best(now.mono_ms);
            let part = self.book.heads().get(id);
            let applied = part.map_or(0, |p| p.head.seq);
            PeerStatus {
                id: id.clone(),
                standing: self.standing(id),
                liveness: peer.detector.liveness(as_of),
                rtt_ms: best.map(|s| s.rtt_ms),
                offset_ms: best.map(|s| s.ahead_ms.saturating_sub(correction)).or(peer.far_ahead_ms),
                error_ms: best.map(|s| s.error_ms(now.mono_ms)),
                lag: peer.heads.get(id).map_or(0, |h| h.seq.saturating_sub(applied)),
                has_ours: (!peer.heads.is_empty()).then(|| peer.heads.get(me).map_or(0, |h| h.seq)),
                applied,
                last_seen_ms: (peer.record.last_seen_ms > 0).then_some(peer.record.last_seen_ms),
                quarantine: part.and_then(|p| p.quarantine.clone()),
            }
        });
        peers.collect()
    }
}

/// Whether what somebody holds of a ledger can't be the same history as is applied here: another entry in the same
/// place, or a longer ledger that ends in an earlier start.
fn differs(applied: Head, theirs: Head) -> bool {
    let same_place = theirs.seq == applied.seq && theirs.hash != applied.hash;
    applied.seq > 0 && (same_place || (theirs.seq > applied.seq && theirs.incarnation < applied.incarnation))
}
