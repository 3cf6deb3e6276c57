//! The daily snapshot: taken by one node, the first by name of those that are heard.
//!
//! Every node knows the hour from its own configuration and derives who takes it from the beats that it hears, so
//! nobody is asked and no one's absence leaves a day out. Where two take themselves for the first (a partition, an
//! hour that differs), there are two snapshots: they overlap without harm.

use chrono::{DateTime, Local, Timelike};
use uuid::Uuid;

use super::Runtime;
use crate::domain::Operator;
use crate::ledger::act::{Act, Request};
use crate::node::event::PeerState;
use crate::protocol::input::Now;

/// A snapshot due is made up for within so many minutes: a node that starts late doesn't take yesterday's.
const MADE_UP_FOR_MIN: u32 = 60;

impl Runtime {
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
        self.requests.push_back(Request { id, operator: Operator::system(), act: Act::TakeSnapshot });
    }
}
