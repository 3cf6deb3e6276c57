//! The adapter's side of a link: takes commands, tells events, and never waits for one while the other
//! is stuck, so a caller which is slow with its events can't block the acknowledgements it sends.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{BusCommand, BusEvent, BusLink, Lane, NodeName, Outgoing, Settled, Token, unsendable};
use crate::domain::{Trouble, TroubleKind};

/// Bounds of the two channels, in commands and events.
const COMMANDS: usize = 64;
const EVENTS: usize = 512;
/// Beyond so many waiting events, control messages are lost; beyond the second, commands wait.
const CONTROL_WAITING: usize = 256;
const WAITING: usize = 4096;
/// The most commands taken at once.
const BATCH: usize = 64;

/// Makes both sides of a link.
pub(super) fn open() -> (BusLink, Desk) {
    let (commands, taken) = mpsc::channel(COMMANDS);
    let (told, events) = mpsc::channel(EVENTS);
    let desk = Desk {
        commands: taken,
        events: told,
        waiting: VecDeque::new(),
        link: rand::random(),
        generation: 0,
        state: State::New,
    };
    (BusLink { commands, events }, desk)
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    New,
    Up,
    Down(Trouble),
    Elsewhere(String),
}

/// The caller wants no link any more, and an answer where it asked for one.
#[derive(Debug)]
pub(super) struct Closed(pub(super) Option<oneshot::Sender<()>>);

/// How a session ended.
#[derive(Debug)]
pub(super) enum End {
    /// On the caller's wish.
    Closed(Closed),
    /// The link broke.
    Broken(Trouble),
}

#[derive(Debug)]
pub(super) struct Desk {
    commands: mpsc::Receiver<BusCommand>,
    events: mpsc::Sender<BusEvent>,
    waiting: VecDeque<BusEvent>,
    link: u64,
    generation: u64,
    state: State,
}

impl Desk {
    /// The next commands; none when the caller has dropped its ends. May be cancelled at any time.
    pub(super) async fn next(&mut self) -> Option<Vec<BusCommand>> {
        let mut batch = Vec::new();
        loop {
            let events_wait = !self.waiting.is_empty();
            let commands_fit = self.waiting.len() < WAITING;
            tokio::select! {
                biased;
                room = self.events.reserve(), if events_wait => match room {
                    Ok(permit) => {
                        if let Some(event) = self.waiting.pop_front() {
                            permit.send(event);
                        }
                    }
                    Err(_) => return None,
                },
                () = self.events.closed(), if !events_wait => return None,
                taken = self.commands.recv_many(&mut batch, BATCH), if commands_fit => {
                    return (taken > 0).then_some(batch);
                }
            }
        }
    }

    pub(super) fn tell(&mut self, event: BusEvent) {
        if self.waiting.is_empty() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(event) | mpsc::error::TrySendError::Closed(event)) => {
                    self.waiting.push_back(event);
                }
            }
        } else {
            self.waiting.push_back(event);
        }
    }

    /// Tells a control message, unless the caller is so far behind that it would be stale.
    pub(super) fn tell_control(&mut self, from: NodeName, payload: Vec<u8>) {
        if self.waiting.len() < CONTROL_WAITING {
            self.tell(BusEvent::Delivery {
                lane: Lane::Control,
                token: None,
                from,
                payload,
                redelivered: false,
            });
        }
    }

    pub(super) fn tell_delivery(
        &mut self,
        delivery: u64,
        from: NodeName,
        payload: Vec<u8>,
        redelivered: bool,
    ) {
        let token = Token { link: self.link, generation: self.generation, delivery };
        self.tell(BusEvent::Delivery { lane: Lane::Inbox, token: Some(token), from, payload, redelivered });
    }

    pub(super) fn settle(&mut self, tag: u64, outcome: Settled) {
        self.tell(BusEvent::Settled { tag, outcome });
    }

    /// Settles a message that can't be sent at all, and says whether it can.
    pub(super) fn admits(&mut self, message: &Outgoing) -> bool {
        match unsendable(message) {
            Some(reason) => {
                self.settle(message.tag, Settled::Unsendable { reason });
                false
            }
            None => true,
        }
    }

    pub(super) fn up(&mut self) {
        self.generation += 1;
        self.state = State::Up;
        self.tell(BusEvent::Up { generation: self.generation });
    }

    pub(super) fn down(&mut self, trouble: Trouble) {
        let state = State::Down(trouble.clone());
        if self.state != state {
            self.state = state;
            self.tell(BusEvent::Down { trouble });
        }
    }

    pub(super) fn elsewhere(&mut self, who: String) {
        let state = State::Elsewhere(who.clone());
        if self.state != state {
            if self.state == State::Up {
                let said = "another process has taken the inbox";
                self.tell(BusEvent::Down { trouble: Trouble::new(TroubleKind::Elsewhere, said) });
            }
            self.state = state;
            self.tell(BusEvent::Elsewhere { who });
        }
    }

    /// The delivery that a token stands for, if it is of the link that is up.
    pub(super) fn delivery_of(&self, token: Token) -> Option<u64> {
        (token.link == self.link && token.generation == self.generation).then_some(token.delivery)
    }

    /// Answers commands without a link for so long, or until the caller closes.
    pub(super) async fn wait_without_link(&mut self, pause: Duration) -> Result<(), Closed> {
        self.meanwhile(tokio::time::sleep(pause)).await
    }

    /// Answers commands without a link until the work is done, or the caller closes first.
    pub(super) async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Closed> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                batch = self.next() => self.without_link(batch)?,
            }
        }
    }

    fn without_link(&mut self, batch: Option<Vec<BusCommand>>) -> Result<(), Closed> {
        for command in batch.ok_or(Closed(None))? {
            match command {
                BusCommand::Publish(messages) => {
                    for message in messages {
                        if self.admits(&message) && message.lane == Lane::Inbox {
                            self.settle(message.tag, Settled::Dropped);
                        }
                    }
                }
                BusCommand::Ack(_) | BusCommand::Refuse(_) => {}
                BusCommand::Close(answer) => return Err(Closed(Some(answer))),
            }
        }
        Ok(())
    }

    /// Tells what still waits, as far as there is room, and answers a close.
    pub(super) fn close(mut self, closed: Closed) {
        while let Some(event) = self.waiting.pop_front() {
            if self.events.try_send(event).is_err() {
                break;
            }
        }
        if let Some(answer) = closed.0 {
            let _ = answer.send(());
        }
    }
}
