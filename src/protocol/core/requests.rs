//! Requests of operators: judged, written, answered once; the same id again gets the same answer.

use uuid::Uuid;

use super::Core;
use crate::domain::{MovementKind, Operator, Refusal, Sku, TransferId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::ledger::book::Violation;
use crate::ledger::entry::{Body, CommandId, Cut, Entry, EntryError, EntryRef, Fence, Hash, StoredEntry};
use crate::ledger::plan::{self, Ground, Planned};
use crate::protocol::input::Now;

/// A request whose entries are not known to be committed yet.
#[derive(Debug, Clone)]
pub(super) struct InFlight {
    digest: u32,
    entries: Vec<TransferId>,
    pub(super) batch: u64,
}

/// The locks that an act is written under.
#[derive(Debug, Clone, Default)]
pub(super) struct Under {
    pub(super) fences: Vec<(Sku, Fence)>,
    /// What was applied on entering.
    pub(super) after: Option<Cut>,
    /// The overtaken request that is made anew.
    pub(super) renews: Option<TransferId>,
}

/// Why an own entry could not be written.
enum NotWritten {
    Entry(EntryError),
    Violation(Violation),
}

impl Core {
    pub(super) fn request(
        &mut self,
        now: Now,
        request: &Request,
        known: &[StoredEntry],
        target: Option<&StoredEntry>,
    ) {
        let of_roster = matches!(request.act, Act::AdmitWarehouse { .. } | Act::RetireWarehouse { .. });
        if of_roster && known.is_empty() && self.ready().is_ok() {
            return self.roster_request(now, request, digest(request));
        }
        let outcome = match self.judge(now, request, known, target) {
            Ok(Some(entries)) => Outcome::Recorded { entries },
            // It is answered once it has its locks.
            Ok(None) => return,
            Err(refusal) => Outcome::Refused { refusal },
        };
        self.turn.answers.push((request.id, outcome));
    }

    fn judge(
        &mut self,
        now: Now,
        request: &Request,
        known: &[StoredEntry],
        target: Option<&StoredEntry>,
    ) -> Result<Option<Vec<TransferId>>, Refusal> {
        let digest = digest(request);
        if let Some(in_flight) = self.commands.get(&request.id) {
            let same = in_flight.digest == digest;
            return if same { Ok(Some(in_flight.entries.clone())) } else { Err(Refusal::RequestReused) };
        }
        if self.came_back.is_some() {
            return Err(Refusal::Recovering);
        }
        if let Some(first) = known.first() {
            let CommandId { digest: before, entries, .. } = first.entry.command;
            if before != digest {
                return Err(Refusal::RequestReused);
            }
            // The others went with a disk before anybody held them: it is not what was asked for.
            let kept = u32::try_from(known.len()).unwrap_or(u32::MAX);
            if kept < entries {
                return Err(Refusal::HalfRecorded { kept, of: entries });
            }
            return Ok(Some(known.iter().map(id_of).collect()));
        }
        if let Some(waits) = self.waits_already(request.id, digest) {
            return waits.map(|()| None);
        }
        self.may_act()?;
        let skus = self.locks_needed(&request.act);
        if skus.is_empty() {
            return self.write_act(now, request, digest, target, &Under::default()).map(Some);
        }
        // What can't be done anyway, by what is known here, needn't wait.
        self.plan(now, request, target)?;
        self.wait_for_locks(now, request.clone(), digest, skus).map(|()| None)
    }

    /// Whether operators' acts can be written now.
    pub(super) fn may_act(&self) -> Result<(), Refusal> {
        self.ready()?;
        if self.membership_leaving() {
            return Err(Refusal::Retiring);
        }
        Ok(())
    }

    fn plan(
        &self,
        now: Now,
        request: &Request,
        target: Option<&StoredEntry>,
    ) -> Result<Vec<Planned>, Refusal> {
        let others = self.others();
        let ground = Ground {
            book: &self.book,
            me: &self.setup.me,
            others: &others,
            today: self.today(now),
            target,
            recent: &self.recent,
        };
        plan::plan(&ground, request)
    }

    /// Writes an act, under the locks that it needs, if any.
    pub(super) fn write_act(
        &mut self,
        now: Now,
        request: &Request,
        digest: u32,
        target: Option<&StoredEntry>,
        under: &Under,
    ) -> Result<Vec<TransferId>, Refusal> {
        #[cfg(feature = "faults")]
        if let crate::ledger::act::Act::TakeIn { transfer, .. } = &request.act {
            self.allow_doubled_receipt_of(transfer);
        }
        let plan = self.plan(now, request, target)?;
        let mut entries = Vec::with_capacity(plan.len());
        let parts = if plan.len() > 1 { u32::try_from(plan.len()).unwrap_or(u32::MAX) } else { 0 };
        for (index, mut planned) in (0u32..).zip(plan) {
            let command = CommandId { id: request.id, index, digest, entries: parts };
            if let Body::TransferRequested { renews, .. } = &mut planned.body {
                renews.clone_from(&under.renews);
            }
            match self.try_write(now, &request.operator, command, planned, under) {
                Ok(id) => entries.push(id),
                Err(not_written) => {
                    let problem = match not_written {
                        NotWritten::Entry(error) => error.to_string(),
                        NotWritten::Violation(violation) => violation.to_string(),
                    };
                    if index > 0 {
                        // Planning promised that the whole act goes: a half-written one must not go on unnoticed.
                        self.stop(format!("an act could not be written whole: {problem}"));
                    }
                    return Err(Refusal::Field { field: "act".into(), problem });
                }
            }
        }
        let in_flight = InFlight { digest, entries: entries.clone(), batch: self.batch + 1 };
        self.commands.insert(request.id, in_flight);
        Ok(entries)
    }

    /// Whether this node may act at all.
    fn ready(&self) -> Result<(), Refusal> {
        let me = &self.setup.me;
        if let Some(why) = self.stopped() {
            return Err(Refusal::Stopped { why: why.to_owned() });
        }
        if self.roster().is_some_and(|roster| roster.former.contains_key(me)) {
            return Err(Refusal::WarehouseRetired { warehouse: me.clone() });
        }
        if self.writes_while_recovering() {
            return Ok(());
        }
        if self.shows_new_key() {
            return Err(Refusal::NewKey { warehouse: me.clone() });
        }
        if self.recovery.is_some() {
            return Err(if self.joining() { Refusal::Joining } else { Refusal::Recovering });
        }
        if !self.joined || !self.is_member() {
            return Err(Refusal::NotJoined);
        }
        Ok(())
    }

    /// The command of an entry that the node writes of its own accord.
    pub(super) fn own_command(&self) -> CommandId {
        let name = format!("{}:{}", self.incarnation, self.book.head(&self.setup.me).seq);
        CommandId { id: Uuid::new_v5(&self.setup.nonce, name.as_bytes()), index: 0, digest: 0, entries: 0 }
    }

    /// Writes an entry of the node's own accord; if it can't, the node stops.
    pub(super) fn write(
        &mut self,
        now: Now,
        operator: &Operator,
        command: CommandId,
        body: Body,
        names: Vec<EntryRef>,
    ) {
        let planned = Planned { body, names };
        let problem = match self.try_write(now, operator, command, planned, &Under::default()) {
            Ok(_) => return,
            Err(NotWritten::Entry(error)) => error.to_string(),
            Err(NotWritten::Violation(violation)) => violation.to_string(),
        };
        self.stop(problem);
    }

    fn try_write(
        &mut self,
        now: Now,
        operator: &Operator,
        command: CommandId,
        planned: Planned,
        under: &Under,
    ) -> Result<TransferId, NotWritten> {
        let me = self.setup.me.clone();
        let head = self.book.head(&me);
        let hlc = self.hlc.tick(self.time.ms(now));
        let stored = StoredEntry::write(Entry {
            origin: me.clone(),
            incarnation: self.incarnation,
            seq: head.seq + 1,
            hlc,
            error_ms: self.time.error_ms(),
            operator: operator.clone(),
            command,
            names: planned.names,
            fences: under.fences.clone(),
            after: under.after.clone(),
            prev_hash: head.hash,
            body: planned.body,
        })
        .map_err(NotWritten::Entry)?;
        let fold = self.book.fold(&stored).map_err(NotWritten::Violation)?;
        if moves_goods(&stored.entry.body) {
            for (key, cell) in &fold.stock {
                let before = self.book.cell(key).map(|c| c.on_hand).unwrap_or_default();
                let delta = cell.on_hand.saturating_plus(before.negated());
                self.recent.note(stored.entry.seq, &key.sku, &key.lot, delta);
            }
        }
        self.book.take(&fold);
        self.note_stamp(now, stored.entry.seq, hlc);
        let id = id_of(&stored);
        self.turn.take(stored.clone(), fold);
        self.snapshot_entry(now, &stored);
        self.lock_entry(now, &stored);
        self.heads_soon(now);
        Ok(id)
    }
}

/// Whether goods came or went by it. A count's difference was there before it was booked: another count that began
/// before it has seen the same goods, and would book it a second time.
const fn moves_goods(body: &Body) -> bool {
    !matches!(body, Body::CountLine { .. } | Body::Reversed { of: MovementKind::Count, .. })
}

fn id_of(entry: &StoredEntry) -> TransferId {
    TransferId { origin: entry.entry.origin.clone(), seq: entry.entry.seq }
}

/// The start of the hash of what is asked, operator and act.
fn digest(request: &Request) -> u32 {
    // A request came in as JSON or was made to travel as such: it always has that form.
    let json = serde_json::to_vec(&(&request.operator, &request.act)).unwrap_or_default();
    let hash = Hash::of(&json);
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}
