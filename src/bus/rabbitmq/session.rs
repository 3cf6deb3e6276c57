//! One link's life, from its connections to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt, select};
use lapin::message::Delivery;
use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Consumer, Event};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::acknowledger::Acknowledger;
use super::address::Brokers;
use super::connect::{Pair, close};
use super::fault::{explain, is_locked};
use super::outbox::Outbox;
use super::publisher::{Blocked, ControlPublisher, Copy, Publisher, Stop, Told};
use super::topology::Topology;
use crate::bus::desk::{Closed, Desk, End};
use crate::bus::{BusCommand, BusEvent, Lane, Outgoing, Recipients, Settled, is_name};
use crate::domain::Trouble;

/// How long declaring and consuming may take, and how long a close waits for confirms.
const SETTING_UP: Duration = Duration::from_secs(10);
const INBOX_ANSWER: Duration = Duration::from_secs(5);
const DELETING: Duration = Duration::from_secs(30);
const CLOSING: Duration = Duration::from_secs(5);
const ACKS_SETTLE: Duration = Duration::from_millis(50);
/// The dead letters are counted anew at this pace, and soon after a refusal.
const COUNT_AGAIN: Duration = Duration::from_secs(30);
const AFTER_REFUSAL: [Duration; 4] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1500),
];

/// What kept a session from starting.
pub(super) enum Obstacle {
    Broken(Trouble),
    SeatTaken,
    /// The broker answers, but this node's inbox doesn't.
    InboxStuck(Trouble),
}

pub(super) struct Session {
    pair: Pair,
    inbox: Consumer,
    control: Consumer,
    connection_events: BoxStream<'static, Event>,
    blocked: Blocked,
    outbox: Outbox,
    copies: mpsc::Sender<Copy>,
    told: mpsc::Receiver<Told>,
    control_publisher: ControlPublisher,
    acknowledger: Acknowledger,
    dead: watch::Receiver<u64>,
    recount: mpsc::Sender<()>,
}

impl Session {
    pub(super) async fn open(brokers: &Brokers, topology: &Topology) -> Result<Self, Obstacle> {
        let name = format!("rubentario {} {}", topology.exchange, topology.node);
        let pair = Pair::open(brokers, &name).await.map_err(Obstacle::Broken)?;
        let at = &pair.address.shown;
        let failure = match timeout(SETTING_UP, channels(&pair, topology)).await {
            Ok(Ok(channels)) => return Ok(Self::assemble(pair, channels, topology)),
            Ok(Err(Setback::Refused(error))) if is_locked(&error) => who_sits(&pair, topology).await,
            Ok(Err(Setback::Refused(error))) => Obstacle::Broken(explain(&error, &pair.address)),
            Ok(Err(Setback::InboxStuck)) => {
                let said = format!("the inbox of {} at {at} doesn't answer", topology.node);
                Obstacle::InboxStuck(Trouble::silent(said))
            }
            Err(_) => Obstacle::Broken(Trouble::silent(format!("the broker at {at} doesn't answer"))),
        };
        pair.close().await;
        Err(failure)
    }

    /// Deletes the inbox of a node that has no session; the next session makes it anew.
    pub(super) async fn delete_inbox(brokers: &Brokers, topology: &Topology) -> Result<(), Trouble> {
        let pair = Pair::open(brokers, "rubentario deletes a stuck inbox").await?;
        let deleted = timeout(DELETING, async {
            let channel = pair.consume.create_channel().await?;
            topology.take_seat(&channel).await?;
            topology.delete_inbox(&channel).await
        })
        .await;
        let result = if let Ok(deleted) = deleted {
            deleted.map_err(|error| explain(&error, &pair.address))
        } else {
            let said = format!("the broker at {} doesn't delete a stuck inbox", pair.address.shown);
            Err(Trouble::silent(said))
        };
        pair.close().await;
        result
    }

    fn assemble(pair: Pair, channels: Channels, topology: &Topology) -> Self {
        let connection_events =
            select(pair.publish.events_listener(), pair.consume.events_listener()).boxed();
        let blocked = Blocked::default();
        let publisher = |channel| Publisher {
            channel,
            exchange: topology.exchange.as_str().into(),
            sender: topology.node.as_str().into(),
            blocked: blocked.clone(),
            confirms: Arc::default(),
        };
        let (copies, to_publish) = mpsc::channel(1);
        let (tell, told) = mpsc::channel(64);
        tokio::spawn(publisher(channels.publish).run(to_publish, tell));
        let control_publisher = ControlPublisher::start(publisher(channels.publish_control));
        let (counted, dead) = watch::channel(channels.dead);
        let (recount, asked) = mpsc::channel(1);
        tokio::spawn(count_dead_letters(topology.clone(), channels.count, counted, asked));
        Self {
            pair,
            inbox: channels.inbox,
            control: channels.control,
            connection_events,
            blocked,
            outbox: Outbox::default(),
            copies,
            told,
            control_publisher,
            acknowledger: Acknowledger::start(channels.consume),
            dead,
            recount,
        }
    }

    pub(super) async fn run(mut self, desk: &mut Desk) -> End {
        desk.up();
        desk.tell(BusEvent::DeadLetters(*self.dead.borrow_and_update()));
        let end = self.serve(desk).await;
        if matches!(end, End::Closed(Closed(Some(_)))) && !self.blocked.get() {
            // What isn't confirmed in time is settled as dropped.
            let _ = timeout(CLOSING, self.finish_publishing(desk)).await;
        }
        for tag in self.outbox.dropped() {
            desk.settle(tag, Settled::Dropped);
        }
        if self.blocked.get() {
            desk.tell(BusEvent::Blocked(false));
        }
        if matches!(end, End::Closed(Closed(Some(_)))) {
            let _ = timeout(CLOSING, self.acknowledger.finish()).await;
            // A quorum queue takes 32 acknowledgements at a time and forgets the rest when the channel ends.
            sleep(ACKS_SETTLE).await;
        }
        self.pair.close().await;
        end
    }

    async fn serve(&mut self, desk: &mut Desk) -> End {
        let copies = self.copies.clone();
        loop {
            tokio::select! {
                batch = desk.next() => {
                    let Some(batch) = batch else { return End::Closed(Closed(None)) };
                    if let Some(end) = self.obey(desk, batch) {
                        return end;
                    }
                }
                Some(event) = self.connection_events.next() => match event {
                    Event::ConnectionBlocked(reason) => {
                        tracing::warn!(%reason, "the broker takes no messages");
                        self.block(desk, true);
                    }
                    Event::ConnectionUnblocked => self.block(desk, false),
                    Event::Error(error) => return End::Broken(explain(&error, &self.pair.address)),
                    _ => {}
                },
                delivery = self.inbox.next() => match self.delivered(delivery, "inbox") {
                    Ok(delivery) => {
                        self.acknowledger.delivered(delivery.delivery_tag);
                        desk.tell_delivery(delivery.delivery_tag, sender(&delivery), delivery.data, delivery.redelivered);
                    }
                    Err(end) => return end,
                },
                delivery = self.control.next() => match self.delivered(delivery, "control") {
                    Ok(delivery) => desk.tell_control(sender(&delivery), delivery.data),
                    Err(end) => return end,
                },
                told = self.told.recv() => if let Err(end) = self.answered(desk, told) { return end },
                room = copies.reserve(), if self.outbox.has_waiting() => {
                    if let (Ok(room), Some(copy)) = (room, self.outbox.pop()) {
                        room.send(copy);
                    }
                }
                changed = self.dead.changed() => {
                    if changed.is_err() {
                        let said = format!("the dead letters at {} can't be counted", self.pair.address.shown);
                        return End::Broken(Trouble::silent(said));
                    }
                    desk.tell(BusEvent::DeadLetters(*self.dead.borrow_and_update()));
                }
            }
        }
    }

    fn obey(&mut self, desk: &mut Desk, batch: Vec<BusCommand>) -> Option<End> {
        let mut acked = Vec::new();
        let mut end = None;
        let mut answering = true;
        for command in batch {
            match command {
                BusCommand::Publish(messages) => {
                    for message in messages {
                        self.publish(desk, message);
                    }
                }
                BusCommand::Ack(tokens) => {
                    acked.extend(tokens.into_iter().filter_map(|t| desk.delivery_of(t)));
                }
                BusCommand::Refuse(token) => {
                    if let Some(delivery) =
                        desk.delivery_of(token).filter(|delivery| !acked.contains(delivery))
                    {
                        answering &= self.acknowledger.reject(delivery);
                        // Where it is full already, a count is about to begin.
                        let _ = self.recount.try_send(());
                    }
                }
                BusCommand::Close(answer) => {
                    end = Some(End::Closed(Closed(Some(answer))));
                    break;
                }
            }
        }
        answering &= self.acknowledger.ack(acked);
        if !answering && end.is_none() {
            let said = format!("the broker at {} takes no acknowledgements", self.pair.address.shown);
            end = Some(End::Broken(Trouble::silent(said)));
        }
        end
    }

    fn publish(&mut self, desk: &mut Desk, message: Outgoing) {
        if !desk.admits(&message) {
            return;
        }
        match (message.lane, &message.to) {
            (Lane::Inbox, _) => {
                if let Some(outcome) = self.outbox.add(&message) {
                    desk.settle(message.tag, outcome);
                }
            }
            (Lane::Control, Recipients::Everyone) => {
                self.control_publisher.send(Topology::control_key(None), message.payload);
            }
            (Lane::Control, Recipients::Some(to)) => {
                for node in to {
                    self.control_publisher.send(Topology::control_key(Some(node)), message.payload.clone());
                }
            }
        }
    }

    fn block(&mut self, desk: &mut Desk, blocked: bool) {
        if self.blocked.get() != blocked {
            self.blocked.set(blocked);
            desk.tell(BusEvent::Blocked(blocked));
        }
    }

    fn delivered(&self, delivery: Option<lapin::Result<Delivery>>, what: &str) -> Result<Delivery, End> {
        let at = &self.pair.address.shown;
        match delivery {
            Some(Ok(delivery)) => Ok(delivery),
            Some(Err(error)) => Err(End::Broken(explain(&error, &self.pair.address))),
            None => Err(End::Broken(Trouble::silent(format!("the broker at {at} ended the {what} queue")))),
        }
    }

    fn answered(&mut self, desk: &mut Desk, told: Option<Told>) -> Result<(), End> {
        let at = &self.pair.address.shown;
        match told {
            Some(Ok(answer)) => {
                if let Some((tag, outcome)) = self.outbox.answered(answer) {
                    desk.settle(tag, outcome);
                }
                Ok(())
            }
            Some(Err(Stop::Failed(error))) => Err(End::Broken(explain(&error, &self.pair.address))),
            Some(Err(Stop::Silent)) => {
                Err(End::Broken(Trouble::silent(format!("the broker at {at} confirms no messages"))))
            }
            None => Err(End::Broken(Trouble::silent(format!("publishing to the broker at {at} stopped")))),
        }
    }

    async fn finish_publishing(&mut self, desk: &mut Desk) {
        let copies = self.copies.clone();
        while !self.outbox.is_settled() {
            tokio::select! {
                told = self.told.recv() => if self.answered(desk, told).is_err() { return },
                room = copies.reserve(), if self.outbox.has_waiting() => {
                    if let (Ok(room), Some(copy)) = (room, self.outbox.pop()) {
                        room.send(copy);
                    }
                }
            }
        }
    }
}

/// What it means that the seat is taken.
async fn who_sits(pair: &Pair, topology: &Topology) -> Obstacle {
    let asked = timeout(SETTING_UP, async {
        let channel = pair.consume.create_channel().await?;
        topology.is_own_seat(&channel).await
    });
    let at = &pair.address.shown;
    match asked.await {
        Ok(Ok(false)) => Obstacle::SeatTaken,
        Ok(Ok(true)) => Obstacle::Broken(Trouble::silent(format!(
            "the broker at {at} has not yet noticed that the connection before this one is broken"
        ))),
        Ok(Err(error)) => Obstacle::Broken(explain(&error, &pair.address)),
        Err(_) => Obstacle::Broken(Trouble::silent(format!("the broker at {at} doesn't answer"))),
    }
}

impl Pair {
    async fn close(self) {
        tokio::join!(close(&self.publish), close(&self.consume));
    }
}

struct Channels {
    publish: Channel,
    publish_control: Channel,
    consume: Channel,
    count: Channel,
    inbox: Consumer,
    control: Consumer,
    dead: u64,
}

/// Why the channels couldn't be set up.
enum Setback {
    Refused(lapin::Error),
    InboxStuck,
}

impl From<lapin::Error> for Setback {
    fn from(error: lapin::Error) -> Self {
        Self::Refused(error)
    }
}

async fn channels(pair: &Pair, topology: &Topology) -> Result<Channels, Setback> {
    let count = pair.consume.create_channel().await?;
    topology.take_seat(&count).await?;
    topology.declare(&count).await?;
    let dead = topology.dead_letters(&count).await?;
    let publish = pair.publish.create_channel().await?;
    publish.confirm_select(ConfirmSelectOptions::default()).await?;
    let publish_control = pair.publish.create_channel().await?;
    let consume_control = pair.consume.create_channel().await?;
    let control = topology.consume_control(&consume_control).await?;
    let consume = pair.consume.create_channel().await?;
    let consuming = timeout(INBOX_ANSWER, topology.consume_inbox(&consume));
    let inbox = consuming.await.map_err(|_| Setback::InboxStuck)??;
    Ok(Channels { publish, publish_control, consume, count, inbox, control, dead })
}

/// Counts until the session is gone or the count fails; a failure is seen by the watch's end.
async fn count_dead_letters(
    topology: Topology,
    channel: Channel,
    counted: watch::Sender<u64>,
    mut asked: mpsc::Receiver<()>,
) {
    loop {
        let waits: &[Duration] = match timeout(COUNT_AGAIN, asked.recv()).await {
            Ok(Some(())) => &AFTER_REFUSAL,
            Ok(None) => return,
            Err(_) => &[Duration::ZERO],
        };
        for wait in waits {
            sleep(*wait).await;
            let Ok(now) = topology.dead_letters(&channel).await else {
                return;
            };
            if counted.send_if_modified(|last| std::mem::replace(last, now) != now) {
                break;
            }
        }
    }
}

/// The sender as it named itself; empty where that is no name.
fn sender(delivery: &Delivery) -> String {
    let named = delivery.properties.app_id().as_ref().map(ToString::to_string);
    named.filter(|name| is_name(name)).unwrap_or_default()
}
