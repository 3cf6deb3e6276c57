//! Doors: how terminals and verbs reach the loop, and how it tells them things without ever waiting for them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::event::{Changes, Event};
use super::intent::Intent;
use crate::ledger::act::Outcome;

/// Intents that one door holds before its sender has to wait.
const INTENTS: usize = 64;
/// Events that one door holds before changes are left out, to be told as [`Event::Lagged`].
const EVENTS: usize = 256;
/// Answers that wait for a slow subscriber before its door is closed.
const OWED: usize = 4096;

/// Names a door within this process.
pub type DoorId = u64;

/// The two ends that a terminal or a verb holds. Dropping the sender closes the door.
pub type Door = (mpsc::Sender<Intent>, mpsc::Receiver<Event>);

/// What a door says to the loop.
#[derive(Debug)]
pub enum Knock {
    /// Somebody is there.
    Opened {
        /// The door.
        door: DoorId,
        /// Where to tell things.
        events: mpsc::Sender<Event>,
        /// Whether it is another process that is there.
        outside: bool,
    },
    /// Somebody wants something.
    Said {
        /// The door.
        door: DoorId,
        /// What.
        intent: Intent,
    },
    /// Nothing more will be said there.
    Closed {
        /// The door.
        door: DoorId,
    },
}

/// Opens doors, from any thread.
#[derive(Debug, Clone)]
pub struct Hall {
    knocks: mpsc::Sender<Knock>,
    opened: Arc<AtomicU64>,
    runtime: Handle,
}

impl Hall {
    /// A hall and the end at which the loop listens. Call it inside a tokio runtime.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Knock>) {
        let (knocks, heard) = mpsc::channel(INTENTS);
        let hall = Self { knocks, opened: Arc::new(AtomicU64::new(1)), runtime: Handle::current() };
        (hall, heard)
    }

    /// Opens a door for this process.
    #[must_use]
    pub fn open(&self) -> Door {
        self.open_to(false)
    }

    /// Opens a door for another process.
    #[must_use]
    pub fn open_outside(&self) -> Door {
        self.open_to(true)
    }

    fn open_to(&self, outside: bool) -> Door {
        let door = self.opened.fetch_add(1, Ordering::Relaxed);
        let (intents, mut said) = mpsc::channel(INTENTS);
        let (events, told) = mpsc::channel(EVENTS);
        let knocks = self.knocks.clone();
        self.runtime.spawn(async move {
            if knocks.send(Knock::Opened { door, events, outside }).await.is_err() {
                return;
            }
            while let Some(intent) = said.recv().await {
                if knocks.send(Knock::Said { door, intent }).await.is_err() {
                    return;
                }
            }
            // The loop may have ended; then the door is closed anyway.
            let _ = knocks.send(Knock::Closed { door }).await;
        });
        (intents, told)
    }
}

#[derive(Debug)]
struct OpenDoor {
    events: mpsc::Sender<Event>,
    outside: bool,
    subscribed: bool,
    lagged: bool,
    /// Nothing more will be said there; it is closed when nothing more is owed.
    leaving: bool,
    owed: VecDeque<Event>,
    /// Requests and questions of it that are not answered yet.
    pending: usize,
}

impl OpenDoor {
    /// Hands over what is owed, in order; tells whether the door is still of use.
    fn hand_over(&mut self) -> bool {
        while let Some(event) = self.owed.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(event)) => {
                    self.owed.push_front(event);
                    return self.owed.len() <= OWED;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => return false,
            }
        }
        if self.lagged && self.events.try_send(Event::Lagged).is_ok() {
            self.lagged = false;
            self.subscribed = false;
        }
        !(self.events.is_closed() || self.leaving && self.pending == 0)
    }
}

/// The loop's side of all open doors.
#[derive(Debug, Default)]
pub struct Doors {
    open: BTreeMap<DoorId, OpenDoor>,
    askers: HashMap<Uuid, Vec<DoorId>>,
}

impl Doors {
    /// A door was opened.
    pub fn opened(&mut self, door: DoorId, events: mpsc::Sender<Event>, outside: bool) {
        let open = OpenDoor {
            events,
            outside,
            subscribed: false,
            lagged: false,
            leaving: false,
            owed: VecDeque::new(),
            pending: 0,
        };
        self.open.insert(door, open);
    }

    /// How many other processes are there.
    #[must_use]
    pub fn attached(&self) -> usize {
        self.open.values().filter(|door| door.outside && !door.leaving).count()
    }

    /// Nothing more will be said at a door.
    pub fn closed(&mut self, door: DoorId) {
        if let Some(open) = self.open.get_mut(&door) {
            open.leaving = true;
            open.subscribed = false;
            if !open.hand_over() {
                self.open.remove(&door);
            }
        }
    }

    /// A request came in at a door: its answer goes there.
    pub fn asked(&mut self, door: DoorId, request: Uuid) {
        self.asks(door);
        self.askers.entry(request).or_default().push(door);
    }

    /// A question came in at a door: one more thing is owed there.
    pub fn asks(&mut self, door: DoorId) {
        if let Some(open) = self.open.get_mut(&door) {
            open.pending += 1;
        }
    }

    /// Answers requests, each where it was asked.
    pub fn answer(&mut self, answers: Vec<(Uuid, Outcome)>) {
        let mut by_door: BTreeMap<DoorId, Vec<(Uuid, Outcome)>> = BTreeMap::new();
        for (request, outcome) in answers {
            for door in self.askers.remove(&request).unwrap_or_default() {
                by_door.entry(door).or_default().push((request, outcome.clone()));
            }
        }
        for (door, answers) in by_door {
            let settled = answers.len();
            self.settle(door, Event::Answered { answers }, settled);
        }
    }

    /// Answers a question.
    pub fn reply(&mut self, door: DoorId, event: Event) {
        self.settle(door, event, 1);
    }

    /// Tells something at one door that nobody waits for by an id.
    pub fn tell(&mut self, door: DoorId, event: Event) {
        self.settle(door, event, 0);
    }

    fn settle(&mut self, door: DoorId, event: Event, settled: usize) {
        if let Some(open) = self.open.get_mut(&door) {
            open.pending = open.pending.saturating_sub(settled);
            open.owed.push_back(event);
            if !open.hand_over() {
                self.open.remove(&door);
            }
        }
    }

    /// From this picture on, changes are shown at the door.
    pub fn subscribe(&mut self, door: DoorId, picture: Event) {
        if let Some(open) = self.open.get_mut(&door) {
            open.subscribed = !open.leaving;
            open.lagged = false;
        }
        self.tell(door, picture);
    }

    /// Shows changes to those who want them; who is behind misses them and is told so.
    pub fn show(&mut self, changes: &Changes) {
        for door in self.open.values_mut().filter(|d| d.subscribed && !d.lagged) {
            let changes = Box::new(changes.clone());
            let behind = !door.owed.is_empty();
            if behind || door.events.try_send(Event::Changed { changes }).is_err() {
                door.lagged = true;
            }
        }
    }

    /// More changed than changes tell: whoever is shown changes asks for the picture again.
    pub fn show_anew(&mut self) {
        for door in self.open.values_mut().filter(|d| d.subscribed) {
            door.lagged = true;
        }
    }

    /// Hands over what slow subscribers could not take before; tells whether some still can't.
    pub fn catch_up(&mut self) -> bool {
        self.open.retain(|_, door| door.hand_over());
        self.open.values().any(|door| door.lagged || !door.owed.is_empty())
    }

    /// Says good-bye everywhere.
    pub fn stop(&mut self, reason: &str) {
        for door in self.open.values_mut() {
            door.owed.push_back(Event::Stopping { reason: reason.to_owned() });
            door.hand_over();
        }
        self.open.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn one_door() -> (Doors, mpsc::Receiver<Event>) {
        let mut doors = Doors::default();
        let (events, told) = mpsc::channel(2);
        doors.opened(1, events, false);
        (doors, told)
    }

    fn reply(id: u128) -> Event {
        Event::Reply { id: Uuid::from_u128(id), reply: Err(String::new()) }
    }

    #[test]
    fn a_slow_subscriber_misses_changes_is_told_so_and_loses_no_answer() {
        let (mut doors, mut told) = one_door();
        doors.subscribe(1, reply(0));
        for n in 1..=3 {
            doors.show(&Changes::default());
            doors.asks(1);
            doors.reply(1, reply(n));
        }
        let mut seen = Vec::new();
        while doors.catch_up() || !told.is_empty() {
            while let Ok(event) = told.try_recv() {
                seen.push(event);
            }
        }
        let answers: Vec<_> = seen.iter().filter(|e| matches!(e, Event::Reply { .. })).collect();
        assert_eq!(answers, [&reply(0), &reply(1), &reply(2), &reply(3)]);
        assert_eq!(seen.last(), Some(&Event::Lagged));
        doors.show(&Changes::default());
        assert!(told.try_recv().is_err(), "until it subscribes again");
    }

    #[test]
    fn a_request_asked_at_two_doors_is_answered_at_both() {
        let (mut doors, mut first) = one_door();
        let (events, mut second) = mpsc::channel(2);
        doors.opened(2, events, false);
        let id = Uuid::from_u128(7);
        doors.asked(1, id);
        doors.asked(2, id);
        doors.answer(vec![(id, Outcome::Recorded { entries: vec![] })]);
        for told in [&mut first, &mut second] {
            assert!(matches!(told.try_recv(), Ok(Event::Answered { answers }) if answers[0].0 == id));
        }
    }

    #[test]
    fn a_door_whose_speaker_has_gone_stays_until_its_answers_are_given() {
        let (mut doors, mut told) = one_door();
        let id = Uuid::from_u128(7);
        doors.asked(1, id);
        doors.closed(1);
        doors.answer(vec![(id, Outcome::Recorded { entries: vec![] })]);
        assert!(matches!(told.try_recv(), Ok(Event::Answered { .. })));
        assert!(matches!(told.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
    }

    #[test]
    fn a_subscriber_that_never_reads_is_shut_out_and_not_kept_in_memory_without_end() {
        let (mut doors, _told) = one_door();
        for n in 0..OWED as u128 + 10 {
            doors.asks(1);
            doors.reply(1, reply(n));
        }
        assert!(!doors.catch_up(), "the door is closed");
    }
}
