//! What is said at the doors: requests wait for their lookup, questions are answered from what is committed.

use super::Runtime;
use crate::domain::Refusal;
use crate::ledger::act::Outcome;
use crate::node::clock;
use crate::node::door::{DoorId, Knock};
use crate::node::event::{Event, Reply};
use crate::node::intent::{Intent, Question};
use crate::node::replenish;
use crate::protocol::input::Input;
use uuid::Uuid;

/// Requests that may wait; beyond that whoever asks is told to come again.
const REQUESTS: usize = 20_000;
const DAY_MS: i64 = 86_400_000;

impl Runtime {
    pub(super) fn knock(&mut self, knock: Knock) {
        match knock {
            Knock::Opened { door, events, outside } => {
                self.doors.opened(door, events, outside);
                self.dirty.status |= outside;
            }
            Knock::Closed { door } => {
                self.doors.closed(door);
                self.dirty.status = true;
            }
            Knock::Said { door, intent } => self.said(door, intent),
        }
    }

    fn said(&mut self, door: DoorId, intent: Intent) {
        match intent {
            Intent::Subscribe => {
                let picture = Box::new(self.shown.picture());
                self.doors.subscribe(door, Event::Picture { picture });
            }
            Intent::Do { requests } => {
                for request in requests {
                    self.doors.asked(door, request.id);
                    let refusal = match &self.lost {
                        Some(why) => Refusal::Stopped { why: why.clone() },
                        None if self.requests.len() >= REQUESTS => Refusal::Busy,
                        None => {
                            self.requests.push_back(request);
                            continue;
                        }
                    };
                    self.doors.answer(vec![(request.id, Outcome::Refused { refusal })]);
                }
            }
            Intent::Ask { id, question } => {
                self.doors.asks(door);
                self.question(door, id, question);
            }
            Intent::RecoverWithout { id, absent } => {
                self.doors.asks(door);
                let reply = match self.core.recovering() {
                    Some(_) => {
                        self.held.push_back(Input::Absent { who: absent });
                        Ok(Reply::Status { status: Box::new(self.status(clock::now())) })
                    }
                    None => Err("this node is not getting its ledger back".to_owned()),
                };
                self.replied(door, id, reply);
            }
            Intent::StepBack { id, sku } => {
                self.doors.asks(door);
                let reply = if self.core.waits_for_lock(&sku) {
                    self.held.push_back(Input::StepBack { sku });
                    Ok(Reply::Locks { locks: self.lock_views(clock::now()) })
                } else {
                    Err(format!("nothing waits here for the lock of {sku}"))
                };
                self.replied(door, id, reply);
            }
            Intent::HandOver => {
                if self.ground.gives_way {
                    self.stopping = Some("another process takes over".to_owned());
                } else {
                    let why = "this node was started to stay".to_owned();
                    self.doors.tell(door, Event::Reply { id: Uuid::nil(), reply: Err(why) });
                }
            }
        }
    }

    fn question(&mut self, door: DoorId, id: Uuid, question: Question) {
        let reply = match question {
            Question::Status => Reply::Status { status: Box::new(self.status(clock::now())) },
            Question::Products => Reply::Products { products: self.shown.products() },
            Question::Alerts => Reply::Alerts { alerts: self.alerts.list() },
            Question::Peers => Reply::Peers { peers: self.peer_views(clock::now()) },
            Question::Locks => Reply::Locks { locks: self.lock_views(clock::now()) },
            Question::Stocktakes => Reply::Stocktakes { stocktakes: self.shown.stocktakes() },
            Question::Transfers => Reply::Transfers { transfers: self.shown.transfers() },
            Question::Snapshots => return self.jobs.snapshots(door, id),
            Question::Snapshot { id: snapshot } => return self.jobs.snapshot(door, id, snapshot),
            Question::StockAt { at_ms } => return self.jobs.stock_at(door, id, at_ms),
            Question::History { query } => return self.jobs.history(door, id, query),
            Question::IssueCounts => {
                let since_ms = replenish::class_since(self.moment(clock::now()).wall_ms);
                return self.jobs.issue_counts(door, id, self.core.me().clone(), since_ms);
            }
            Question::DoneSince { since_ms } => {
                return self.jobs.done_since(door, id, self.core.me().clone(), since_ms);
            }
            Question::Demand { sku, days } => {
                let days = i64::from(days.clamp(1, 366));
                let wall_ms = self.moment(clock::now()).wall_ms;
                let since_ms = (wall_ms / DAY_MS - days + 1) * DAY_MS;
                return self.jobs.demand(door, id, self.core.me().clone(), sku, since_ms);
            }
        };
        self.replied(door, id, Ok(reply));
    }

    /// A question is answered.
    pub(super) fn replied(&mut self, door: DoorId, id: Uuid, reply: Result<Reply, String>) {
        self.doors.reply(door, Event::Reply { id, reply });
        self.dirty.slow_doors = true;
    }
}
