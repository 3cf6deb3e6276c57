//! The daily snapshot: taken by one node, the first by name of those that are heard.
//!
//! Every node knows the hour from its own configuration and derives who takes it from the beats that it hears, so
//! nobody is asked and no one's absence leaves a day out. Where two take themselves for the first (a partition, an
//! hour that differs), there are two snapshots: they overlap without harm.

use std::collections::VecDeque;

use chrono::{DateTime, Local, Timelike};
use uuid::Uuid;

use super::Runtime;
use crate::domain::Operator;
use crate::ledger::act::{Act, Request};
use crate::node::event::PeerState;
use crate::protocol::input::Now;

/// A snapshot due is made up for within so many minutes: a node that starts late doesn't take yesterday's.
const MADE_UP_FOR_MIN: u32 = 60;
/// Reservations that are released in one minute at most: what is left is due in the next one, too.
const MOST_RELEASED: usize = 256;

impl Runtime {
    /// Releases the own reservations whose last day has passed, each by an entry: the fold reads no time.
    pub(super) fn release_what_is_due(&mut self, now: Now) {
        let today = self.moment(now).today;
        let standing = self.core.book().reservations_in(self.core.me());
        let due = standing.filter(|r| r.until.is_some_and(|day| day < today)).map(|r| r.id.clone());
        let mut due: Vec<_> = due.collect();
        due.truncate(MOST_RELEASED);
        for reservation in due {
            // The same id until it is done: one that was refused, or that a crash cut off, is asked again.
            let name = format!("reservation {reservation} is due");
            let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
            let act = Act::Release { reservation, due: true };
            ask_once(&mut self.requests, Request { id, operator: Operator::system(), act });
        }
    }

    /// Takes the snapshot of the day, where it is due and this node's to take.
    pub(super) fn daily_snapshot(&mut self, now: Now) {
        let Some(due) = self.ground.snapshot_daily_at else { return };
        let Some(time) = DateTime::from_timestamp_millis(self.moment(now).wall_ms) else {
            return;
        };
        let local = time.with_timezone(&Local);
        let minute = local.hour() * 60 + local.minute();
        let me = self.core.me();
        let first = self.shown.peers().iter().all(|p| p.state == PeerState::Down || p.id > *me);
        if minute < due || minute >= due + MADE_UP_FOR_MIN || !first {
            return;
        }
        let since_ms = time.timestamp_millis() - i64::from(minute - due + 1) * 60_000;
        if self.shown.snapshots().any(|s| s.begun_ms >= since_ms) {
            return;
        }
        // The same id all day: a start in between asks for the same snapshot again, not for another.
        let name = format!("daily snapshot {} {}", local.date_naive(), me);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
        ask_once(&mut self.requests, Request { id, operator: Operator::system(), act: Act::TakeSnapshot });
    }
}

/// Asks for what waits for its answer only once: while the store is away nothing is looked up, and minutes pass.
fn ask_once(waiting: &mut VecDeque<Request>, request: Request) {
    if waiting.iter().all(|known| known.id != request.id) {
        waiting.push_back(request);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_not_asked_for_again_while_the_store_is_away() {
        let request =
            |n| Request { id: Uuid::from_u128(n), operator: Operator::system(), act: Act::TakeSnapshot };
        let mut waiting = VecDeque::new();
        for _minute in 0..60 {
            ask_once(&mut waiting, request(1));
            ask_once(&mut waiting, request(2));
        }
        assert_eq!(waiting, [request(1), request(2)]);
    }
}
