//! The daily snapshot: taken by one node, the first by name of those that are heard and have an hour.
//!
//! Every node knows the hour from its own configuration only and derives whose turn it is from the beats that it hears:
//! from the hour on each minute is another's, by name, until a snapshot has begun. So nobody is asked, and neither the
//! absence of one nor that it has no hour leaves a day out. Where two take themselves for the same (a partition, an hour
//! that differs), there are two snapshots: they overlap without harm.
//!
//! Any snapshot begun since the hour is the one of the day, an operator's too: it shows the same cluster at the same
//! hour, and a second one would tell nothing more. Only one that has not been closed for long doesn't count: it may
//! never be. The hour is read off cluster time, so that a wrong clock changes nothing; of this machine only its zone
//! counts.

use std::collections::VecDeque;

use chrono::{DateTime, Local, TimeZone, Timelike};
use uuid::Uuid;

use super::Runtime;
use crate::domain::{Operator, WarehouseId};
use crate::ledger::act::{Act, Request};
use crate::node::event::PeerState;
use crate::protocol::input::Now;

/// A snapshot due is made up for within so many minutes: a node that starts late doesn't take yesterday's.
const MADE_UP_FOR_MIN: u32 = 60;
/// One that has not been closed after so many milliseconds doesn't stand for the day.
const OPEN_FOR_MS: i64 = 5 * 60_000;
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
        let me = self.core.me();
        let peers = self.shown.peers().iter().filter(|peer| peer.standing.belongs());
        let turn = turn(me, peers.map(|peer| (&peer.id, peer.state)));
        let Some(since_ms) = due_since(&local, due, turn) else { return };
        let now_ms = local.timestamp_millis();
        if self.shown.snapshots().any(|s| is_of_the_day(s.begun_ms, s.closed.is_some(), since_ms, now_ms)) {
            return;
        }
        // The same id all day: a start in between asks for the same snapshot again, not for another.
        let name = format!("daily snapshot {} {}", local.date_naive(), me);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
        ask_once(&mut self.requests, Request { id, operator: Operator::system(), act: Act::TakeSnapshot });
    }
}

/// From which moment on a snapshot counts as the one of the day, in milliseconds since 1970 UTC, where it is due now and
/// the turn of the `rank`-th of so many.
fn due_since<Zone: TimeZone>(local: &DateTime<Zone>, due: u32, (rank, of): (u32, u32)) -> Option<i64> {
    let late = (local.hour() * 60 + local.minute()).checked_sub(due)?;
    let is_due = late < MADE_UP_FOR_MIN && late % of.max(1) == rank;
    is_due.then(|| local.timestamp_millis() - i64::from(late + 1) * 60_000)
}

/// Whether a snapshot stands for the day.
const fn is_of_the_day(begun_ms: i64, is_closed: bool, since_ms: i64, now_ms: i64) -> bool {
    begun_ms >= since_ms && (is_closed || now_ms.saturating_sub(begun_ms) < OPEN_FOR_MS)
}

/// How many of those that are heard come before this warehouse by name, and how many there are with it.
fn turn<'a>(me: &WarehouseId, peers: impl Iterator<Item = (&'a WarehouseId, PeerState)>) -> (u32, u32) {
    let heard = peers.filter(|(_, state)| *state != PeerState::Down);
    heard.fold((0, 1), |(rank, of), (peer, _)| (rank + u32::from(peer < me), of + 1))
}

/// Asks for what waits for its answer only once: while the store is away nothing is looked up, and minutes pass.
fn ask_once(waiting: &mut VecDeque<Request>, request: Request) {
    if waiting.iter().all(|known| known.id != request.id) {
        waiting.push_back(request);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use chrono::FixedOffset;

    use super::*;

    #[test]
    fn the_snapshot_of_the_day_is_due_for_an_hour_from_its_minute_of_local_time() {
        let madrid = FixedOffset::east_opt(2 * 3600).unwrap();
        let at = |hour, minute| madrid.with_ymd_and_hms(2026, 7, 1, hour, minute, 30).unwrap();
        let due = 22 * 60 + 15;
        let alone = (0, 1);
        assert_eq!(due_since(&at(22, 14), due, alone), None);
        assert_eq!(
            due_since(&at(23, 15), due, alone),
            None,
            "what was missed is not made up for the next day"
        );
        // What was taken within the minute before is the day's; what was taken yesterday is not.
        let begins = at(22, 14).timestamp_millis();
        assert_eq!(due_since(&at(22, 15), due, alone), Some(begins));
        assert_eq!(due_since(&at(23, 14), due, alone), Some(begins));
        // Each minute is another's: where the first has no hour, the second's turn comes a minute later.
        assert_eq!(
            [15, 16, 17, 18].map(|m| due_since(&at(22, m), due, (1, 3)).is_some()),
            [false, true, false, false]
        );
        assert_eq!(
            [15, 16, 17, 18].map(|m| due_since(&at(22, m), due, (0, 3)).is_some()),
            [true, false, false, true]
        );
    }

    #[test]
    fn any_snapshot_since_the_hour_stands_for_the_day_unless_it_stays_open() {
        let (since, minute) = (1_000_000, 60_000);
        assert!(!is_of_the_day(since - 1, true, since, since + minute));
        assert!(is_of_the_day(since, true, since, since + 50 * minute));
        assert!(is_of_the_day(since, false, since, since + minute), "it is under way");
        assert!(!is_of_the_day(since, false, since, since + 10 * minute), "nobody closes it");
    }

    #[test]
    fn turns_go_by_name_among_those_that_are_heard() {
        let [cadiz, madrid, vigo] = ["cadiz", "madrid", "vigo"].map(|name| WarehouseId::new(name).unwrap());
        let peers = |of_cadiz| [(&cadiz, of_cadiz), (&vigo, PeerState::Alive)];
        assert_eq!(turn(&madrid, peers(PeerState::Alive).into_iter()), (1, 3));
        assert_eq!(turn(&madrid, peers(PeerState::Suspect).into_iter()), (1, 3));
        assert_eq!(
            turn(&madrid, peers(PeerState::Down).into_iter()),
            (0, 2),
            "nobody's absence leaves a day out"
        );
        assert_eq!(turn(&madrid, std::iter::empty()), (0, 1));
    }

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
