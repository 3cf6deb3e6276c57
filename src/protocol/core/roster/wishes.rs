//! What operators want of the roster: judged at once, decided by the members, answered when it is known how it ended.

use uuid::Uuid;

use super::{Asked, Standing, Wish};
use crate::domain::{Operator, Refusal, TransferId, WarehouseId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::ledger::entry::{Body, CommandId};
use crate::ledger::roster::{Change, Roster};
use crate::protocol::core::Core;
use crate::protocol::effects::{Lane, Send};
use crate::protocol::input::Now;
use crate::protocol::message::Message;

/// An operator is told by then that too few answer.
const NO_MAJORITY_MS: u64 = 3_000;
/// While a majority takes part, the outcome is worth waiting for.
const GOES_ON_MS: u64 = 2_000;
const ASK_AGAIN_MS: u64 = 1_000;

impl Core {
    /// An operator wants somebody admitted or retired; the answer comes when it is decided.
    pub(in super::super) fn roster_request(&mut self, now: Now, request: &Request, digest: u32) {
        let under_way = |id: Option<Uuid>| id == Some(request.id);
        let wishes = self.membership.wishes.iter().any(|w| under_way(w.request.map(|(id, _)| id)));
        if wishes || self.membership.asked.values().any(|a| a.request == request.id) {
            return;
        }
        let wanted = match &request.act {
            Act::AdmitWarehouse { warehouse, replace_key } => {
                self.admission(warehouse, *replace_key).map(Some)
            }
            Act::RetireWarehouse { warehouse, force } => self.retirement(now, request, warehouse, *force),
            _ => Err(Refusal::Nothing),
        };
        match wanted {
            Ok(None) => {}
            Ok(Some(change)) => {
                let wish = Wish {
                    operator: request.operator.clone(),
                    request: Some((request.id, digest)),
                    due: now.mono_ms,
                    until: now.mono_ms + NO_MAJORITY_MS,
                    change,
                };
                // An operator's word comes before what the node would do by itself.
                self.membership
                    .wishes
                    .retain(|w| !w.change.is_same_wish(&wish.change) || w.request.is_some());
                let lost = wish.change.follows_a_loss().then(|| wish.change.subject().clone());
                self.membership.wishes.push(wish);
                if let Some(lost) = lost {
                    self.said_to_be_lost(&lost);
                }
            }
            Err(refusal) => self.turn.answers.push((request.id, Outcome::Refused { refusal })),
        }
    }

    fn deciding_roster(&self) -> Result<&Roster, Refusal> {
        let roster = self.roster().ok_or(Refusal::NotJoined)?;
        match roster.split {
            Some(version) => Err(Refusal::RosterSplit { version }),
            None => Ok(roster),
        }
    }

    fn admission(&self, warehouse: &WarehouseId, replace_key: bool) -> Result<Change, Refusal> {
        let roster = self.deciding_roster()?;
        let member = warehouse.clone();
        let candidate = self.membership.candidates.get(warehouse);
        let change = match (self.standing(warehouse), candidate) {
            (Standing::Candidate, Some(candidate)) if !replace_key => {
                Change::Admitted { member, key: candidate.key }
            }
            (Standing::OtherKey, Some(candidate)) if replace_key => match candidate.next_seq {
                Some(from_seq) => Change::KeyReplaced { member, key: candidate.key, from_seq },
                None => return Err(Refusal::StillRecovering { warehouse: member }),
            },
            (Standing::OtherKey, _) => return Err(Refusal::OtherKey { warehouse: member }),
            (Standing::Member, _) if self.book.is_quarantined(warehouse) && !replace_key => {
                Change::QuarantineEnded { member, at: self.book.head(warehouse) }
            }
            (Standing::Member, _) => return Err(Refusal::MemberAlready { warehouse: member }),
            (Standing::Retired | Standing::GivenUp, _) => {
                return Err(Refusal::WarehouseRetired { warehouse: member });
            }
            _ => return Err(Refusal::NobodyWaits { warehouse: member }),
        };
        roster
            .judge(&change)
            .map_err(|why| Refusal::Unfit { warehouse: warehouse.clone(), why: why.to_string() })?;
        Ok(change)
    }

    /// What is to be decided here; none: the one to be retired is asked first.
    fn retirement(
        &mut self,
        now: Now,
        request: &Request,
        warehouse: &WarehouseId,
        force: bool,
    ) -> Result<Option<Change>, Refusal> {
        let roster = self.deciding_roster()?;
        if roster.former.contains_key(warehouse) {
            return Err(Refusal::WarehouseRetired { warehouse: warehouse.clone() });
        }
        let last = self.book.head(warehouse);
        let change = Change::GivenUp { member: warehouse.clone(), last };
        roster
            .judge(&change)
            .map_err(|why| Refusal::Unfit { warehouse: warehouse.clone(), why: why.to_string() })?;
        if *warehouse == self.setup.me {
            return self.own_retirement().map(Some);
        }
        if force {
            return Ok(Some(change));
        }
        let attempt = Uuid::new_v5(&request.id, b"retire");
        let asked = Asked {
            who: warehouse.clone(),
            operator: request.operator.clone(),
            request: request.id,
            again_at: now.mono_ms,
            until: now.mono_ms + NO_MAJORITY_MS,
        };
        self.membership.asked.insert(attempt, asked);
        Ok(None)
    }

    /// Begins to leave: from here on nothing is appended until the outcome is known.
    fn own_retirement(&mut self) -> Result<Change, Refusal> {
        let me = self.setup.me.clone();
        let lots =
            self.book.stock().filter(|(key, cell)| key.warehouse == me && !cell.on_hand.is_zero()).count();
        let ours = self.book.transfers().filter(|t| t.from == me || t.to == me);
        let transfers = ours.filter(|t| !t.state().is_closed() && !self.is_void(t)).count();
        if lots + transfers > 0 {
            return Err(Refusal::NotEmpty { warehouse: me, lots, transfers });
        }
        self.membership.vote.retiring = true;
        self.store_vote();
        self.turn.changed.others = true;
        Ok(Change::Retired { last: self.head(), member: me })
    }

    /// Whether a transfer's other side is gone and nothing is on the road to it.
    fn is_void(&self, transfer: &crate::ledger::book::Transfer) -> bool {
        let me = &self.setup.me;
        let other = if transfer.from == *me { &transfer.to } else { &transfer.from };
        let gone = self.roster().is_some_and(|roster| roster.former.contains_key(other));
        gone && (transfer.dispatch.is_none() || transfer.to == *me)
    }

    /// A start in the middle of leaving goes on with it.
    pub(in super::super) fn go_on_leaving(&mut self) {
        if self.membership.vote.retiring {
            let change = Change::Retired { member: self.setup.me.clone(), last: self.head() };
            let operator = Operator::system();
            self.membership.wishes.push(Wish { change, operator, request: None, due: 0, until: u64::MAX });
        }
    }

    /// Another member's operator wants this warehouse retired.
    pub(in super::super) fn retire_asked(
        &mut self,
        now: Now,
        from: &WarehouseId,
        attempt: Uuid,
        operator: &Operator,
    ) {
        let ready = if self.membership.vote.retiring {
            Ok(None)
        } else if !self.may_append() {
            Err(Refusal::Recovering)
        } else {
            self.own_retirement().map(Some)
        };
        let refusal = match ready {
            Ok(change) => {
                let wish = |change| Wish {
                    change,
                    operator: operator.clone(),
                    request: None,
                    due: now.mono_ms,
                    until: u64::MAX,
                };
                self.membership.wishes.extend(change.map(wish));
                None
            }
            Err(refusal) => Some(refusal),
        };
        let message = Message::RetireAnswer { attempt, refusal };
        self.turn.after_sends.push(Send { to: Some(from.clone()), lane: Lane::Control, message });
    }

    /// The one asked says whether it leaves.
    pub(in super::super) fn retire_answered(
        &mut self,
        now: Now,
        from: &WarehouseId,
        attempt: Uuid,
        refusal: Option<Refusal>,
    ) {
        let Some(asked) = self.membership.asked.get_mut(&attempt).filter(|a| a.who == *from) else { return };
        if let Some(refusal) = refusal {
            let request = asked.request;
            self.membership.asked.remove(&attempt);
            self.turn.answers.push((request, Outcome::Refused { refusal }));
        } else {
            asked.again_at = u64::MAX;
            asked.until = now.mono_ms + super::BETWEEN_CHANGES_MS + NO_MAJORITY_MS;
        }
    }

    pub(super) fn ask_to_retire_again(&mut self, now: Now) {
        let mut over = Vec::new();
        let former = self.roster().map(|r| r.former.clone()).unwrap_or_default();
        for (attempt, asked) in &mut self.membership.asked {
            if let Some(former) = former.get(&asked.who) {
                over.push((*attempt, recorded(&former.entry)));
            } else if now.mono_ms >= asked.until {
                let refusal = Refusal::NoAnswer { warehouse: asked.who.clone() };
                over.push((*attempt, Outcome::Refused { refusal }));
            } else if now.mono_ms >= asked.again_at {
                asked.again_at = now.mono_ms + ASK_AGAIN_MS;
                let message = Message::RetireAsk { attempt: *attempt, operator: asked.operator.clone() };
                let to = Some(asked.who.clone());
                self.turn.at_once.push(Send { to, lane: Lane::Control, message });
            }
            self.turn.wake_by(asked.again_at.min(asked.until));
        }
        for (attempt, outcome) in over {
            if let Some(asked) = self.membership.asked.remove(&attempt) {
                self.turn.answers.push((asked.request, outcome));
            }
        }
    }

    /// Answers the wishes of which the outcome is known, or that too few members answer.
    pub(super) fn answer_wishes(&mut self, now: Now) {
        let Some(roster) = self.roster().cloned() else { return };
        let mut still = Vec::new();
        for mut wish in std::mem::take(&mut self.membership.wishes) {
            let outcome =
                if is_done(&roster, &wish.change) || self.book.rosters().has(roster.founding, &wish.change) {
                    Some(recorded(&roster.entry))
                } else if let Err(why) = roster.judge(&wish.change) {
                    let warehouse = wish.change.subject().clone();
                    Some(Outcome::Refused { refusal: Refusal::Unfit { warehouse, why: why.to_string() } })
                } else if wish.request.is_some() && now.mono_ms >= wish.until {
                    let outcome = self.too_few(now, &roster, &mut wish);
                    if outcome.is_some()
                        && self.membership.vote.retiring
                        && wish.change.subject() == &self.setup.me
                    {
                        // It stays silent until the outcome is known, and goes on trying.
                        still.push(Wish { request: None, until: u64::MAX, ..wish.clone() });
                    }
                    outcome
                } else {
                    None
                };
            match (outcome, wish.request) {
                (None, _) => still.push(wish),
                (Some(outcome), Some((request, _))) => self.turn.answers.push((request, outcome)),
                (Some(_), None) => {}
            }
        }
        let gone = |w: &Wish| {
            let of_candidate = matches!(w.change, Change::Admitted { .. }) && w.request.is_none();
            of_candidate && !self.membership.candidates.contains_key(w.change.subject())
        };
        still.retain(|w| !gone(w));
        if let Some(until) = still.iter().filter(|w| w.request.is_some()).map(|w| w.until).min() {
            self.turn.wake_by(until);
        }
        self.membership.wishes = still;
    }

    /// A wish's time is over: it goes on where a majority takes part, stands alone where it may, or is refused.
    fn too_few(&mut self, now: Now, roster: &Roster, wish: &mut Wish) -> Option<Outcome> {
        let balloting = self.membership.balloting.as_ref();
        let proposer = balloting.and_then(|b| b.proposer()).filter(|p| p.wish().is_same_wish(&wish.change));
        // Who promised may be gone before it accepted: once the change is put forward only acceptances tell.
        let accepted = self.membership.heard.acceptances.len();
        let in_time = now.mono_ms < self.membership.forward_at.saturating_add(NO_MAJORITY_MS);
        let answered = proposer.map_or(0, |p| match p.forward() {
            Some(_) if !in_time => accepted,
            _ => p.promisers().count(),
        });
        let needed = roster.majority();
        if answered >= needed {
            wish.until = now.mono_ms + GOES_ON_MS;
            return None;
        }
        let may_stand_alone = match &wish.change {
            Change::GivenUp { .. } => true,
            // Of two, the other can't vote: its key is what is lost.
            Change::KeyReplaced { .. } => roster.members.len() == 2,
            _ => false,
        };
        if proposer.is_some()
            && let Some(balloting) = &mut self.membership.balloting
        {
            balloting.give_up();
        }
        // What this member accepted may have been chosen with its help: another change must not take its place.
        let vote = self.membership.balloting.as_ref().map(|b| b.acceptor().vote());
        let accepted = vote.and_then(|vote| vote.accepted.as_ref()).map(|(_, change)| change);
        let is_free = accepted.is_none_or(|change| change.is_same_wish(&wish.change));
        if !is_free && self.write_what_is_left(now) {
            wish.until = now.mono_ms + NO_MAJORITY_MS;
            return None;
        }
        let must_be_free = matches!(wish.change, Change::KeyReplaced { .. });
        if may_stand_alone && self.may_append() && (is_free || !must_be_free) {
            self.write_alone(now, roster, wish);
            return self.roster().filter(|r| is_done(r, &wish.change)).map(|r| recorded(&r.entry));
        }
        Some(Outcome::Refused { refusal: Refusal::NoQuorum { answered, needed } })
    }

    fn write_alone(&mut self, now: Now, roster: &Roster, wish: &Wish) {
        let change = match &wish.change {
            Change::GivenUp { member, .. } => {
                let held = self.membership.heard.held.iter().copied();
                let last = held.fold(self.book.head(member), |a, b| if b.seq > a.seq { b } else { a });
                Change::GivenUp { member: member.clone(), last }
            }
            Change::KeyReplaced { member, key, from_seq } => {
                let from_seq = (*from_seq).max(self.book.head(member).seq + 1);
                Change::KeyReplaced { member: member.clone(), key: *key, from_seq }
            }
            change => change.clone(),
        };
        let body = Body::RosterChanged {
            version: roster.version + 1,
            founding: Some(roster.founding),
            change,
            ballot: None,
            acceptances: Vec::new(),
        };
        let command = match wish.request {
            Some((id, digest)) => CommandId { id, index: 0, digest, entries: 0 },
            None => self.own_command(),
        };
        let operator = wish.operator.clone();
        self.write_version(now, &operator, command, body);
    }
}

/// Whether a roster is as a change would have it.
fn is_done(roster: &Roster, change: &Change) -> bool {
    match change {
        Change::Admitted { member, .. } => roster.has(member),
        Change::Retired { member, .. } | Change::GivenUp { member, .. } => roster.former.contains_key(member),
        Change::KeyReplaced { member, key, .. } => roster.key(member) == Some(*key),
        Change::Founded { .. } | Change::QuarantineEnded { .. } => false,
    }
}

fn recorded(entry: &crate::ledger::EntryRef) -> Outcome {
    Outcome::Recorded { entries: vec![TransferId { origin: entry.origin.clone(), seq: entry.seq }] }
}
