//! The daily snapshot: taken by one node, the first by name of those that are heard.
//!
//! Every node knows the hour from its own configuration and derives who takes it from the beats that it hears, so
//! nobody is asked and no one's absence leaves a day out. Where two take themselves for the first (a partition, an
//! hour that differs), there are two snapshots: they overlap without harm.

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
        let Some(since_ms) = due_since(&local, due) else { return };
        let me = self.core.me();
        let peers = self.shown.peers();
        if !is_first(me, peers.iter().map(|peer| (&peer.id, peer.state)))
            || self.shown.snapshots().any(|s| s.begun_ms >= since_ms)
        {
            return;
        }
        // The same id all day: a start in between asks for the same snapshot again, not for another.
        let name = format!("daily snapshot {} {}", local.date_naive(), me);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
        ask_once(&mut self.requests, Request { id, operator: Operator::system(), act: Act::TakeSnapshot });
    }
}

/// From which moment on a snapshot counts as the one of the day, in milliseconds since 1970 UTC, where it is due now.
fn due_since<Zone: TimeZone>(local: &DateTime<Zone>, due: u32) -> Option<i64> {
    let late = (local.hour() * 60 + local.minute()).checked_sub(due)?;
    let is_due = late < MADE_UP_FOR_MIN;
    is_due.then(|| local.timestamp_millis() - i64::from(late + 1) * 60_000)
}

/// Whether this warehouse comes first by name of those that are heard.
fn is_first<'a>(me: &WarehouseId, mut peers: impl Iterator<Item = (&'a WarehouseId, PeerState)>) -> bool {
    peers.all(|(peer, state)| state == PeerState::Down || peer > me)
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
        assert_eq!(due_since(&at(22, 14), due), None);
        assert_eq!(due_since(&at(23, 15), due), None, "what was missed is not made up for the next day");
        // What was taken within the minute before is the day's; what was taken yesterday is not.
        let begins = at(22, 14).timestamp_millis();
        assert_eq!(due_since(&at(22, 15), due), Some(begins));
        assert_eq!(due_since(&at(23, 14), due), Some(begins));
    }

    #[test]
    fn the_first_by_name_of_those_that_are_heard_takes_it() {
        let [cadiz, madrid, vigo] = ["cadiz", "madrid", "vigo"].map(|name| WarehouseId::new(name).unwrap());
        let peers = |of_cadiz| [(&cadiz, of_cadiz), (&vigo, PeerState::Alive)];
        assert!(!is_first(&madrid, peers(PeerState::Alive).into_iter()));
        assert!(!is_first(&madrid, peers(PeerState::Suspect).into_iter()));
        assert!(is_first(&madrid, peers(PeerState::Down).into_iter()), "nobody's absence leaves a day out");
        assert!(is_first(&madrid, std::iter::empty()));
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
