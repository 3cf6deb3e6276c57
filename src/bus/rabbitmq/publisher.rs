//! Publishing: one task for the inbox lane, which waits for confirms, and one for the control lane,
//! which doesn't. No publish is ever cancelled; where one hangs, the link is given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use lapin::options::BasicPublishOptions;
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// The most messages on their way without a confirm.
const UNCONFIRMED: usize = 256;
/// A broker which isn't blocked answers in this time, or the link is broken.
const PATIENCE: Duration = Duration::from_secs(10);
const CONTROL_WAITING: usize = 64;
const PERSISTENT: u8 = 2;
const TRANSIENT: u8 = 1;

/// Whether the broker takes no messages for now.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocked(Arc<AtomicBool>);

impl Blocked {
    pub(super) fn set(&self, blocked: bool) {
        self.0.store(blocked, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits for the broker; none where it had its time and wasn't blocked at the end of it.
    async fn wait<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(answer);
        loop {
            match timeout(PATIENCE, &mut answer).await {
                Ok(answer) => return Some(answer),
                Err(_) if self.get() => {}
                Err(_) => return None,
            }
        }
    }
}

/// One copy of a message, for one recipient.
#[derive(Debug)]
pub(super) struct Copy {
    /// The session's number of the message.
    pub(super) number: u64,
    pub(super) key: ShortString,
    pub(super) payload: Arc<[u8]>,
}

/// What the broker said, of the copy of a message with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It led to no inbox; `Stored` still follows for it.
    Returned(u64),
    Stored(u64),
    Refused(u64),
}

/// Why publishing stopped.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(lapin::Error),
    Silent,
}

pub(super) type Told = Result<Answer, Stop>;

#[derive(Debug, Clone)]
pub(super) struct Publisher {
    pub(super) channel: Channel,
    pub(super) exchange: ShortString,
    pub(super) sender: ShortString,
    pub(super) blocked: Blocked,
    /// Confirms seen on this link.
    pub(super) confirms: Arc<AtomicU64>,
}

type Confirm = BoxFuture<'static, Result<Vec<Answer>, Stop>>;

impl Publisher {
    /// Publishes copies in order until there are none to come and all are answered, or it fails.
    pub(super) async fn run(self, mut copies: mpsc::Receiver<Copy>, told: mpsc::Sender<Told>) {
        let mut open = FuturesUnordered::<Confirm>::new();
        let mut more = true;
        while more || !open.is_empty() {
            let tell = tokio::select! {
                biased;
                Some(answers) = open.next(), if !open.is_empty() => match answers {
                    Ok(answers) => answers.into_iter().map(Ok).collect(),
                    Err(stop) => vec![Err(stop)],
                },
                copy = copies.recv(), if more && open.len() < UNCONFIRMED => {
                    let Some(copy) = copy else {
                        more = false;
                        continue;
                    };
                    match self.publish(&copy).await {
                        Ok(confirm) => {
                            open.push(self.confirmed(copy.number, confirm));
                            continue;
                        }
                        Err(stop) => vec![Err(stop)],
                    }
                }
            };
            for answer in tell {
                let stopped = answer.is_err();
                if told.send(answer).await.is_err() || stopped {
                    return;
                }
            }
        }
    }

    async fn publish(&self, copy: &Copy) -> Result<PublisherConfirm, Stop> {
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_app_id(self.sender.clone())
            .with_message_id(copy.number.to_string().into());
        let (exchange, key) = (self.exchange.clone(), copy.key.clone());
        let sent = self.channel.basic_publish(exchange, key, options, &copy.payload, properties);
        self.blocked.wait(sent).await.ok_or(Stop::Silent)?.map_err(Stop::Failed)
    }

    /// What a confirm says. Where it doesn't come but others do, one inbox is stuck and not the broker, so
    /// the message counts as refused: one broken inbox must not end the links of all who write to it.
    ///
    /// A grouped confirm can hand a returned message to another copy than its own,
    /// so the returned message's own number counts.
    fn confirmed(&self, number: u64, confirm: PublisherConfirm) -> Confirm {
        let blocked = self.blocked.clone();
        let confirms = Arc::clone(&self.confirms);
        let before = confirms.load(Ordering::Relaxed);
        Box::pin(async move {
            let confirmation = match blocked.wait(confirm).await {
                Some(confirmation) => confirmation.map_err(Stop::Failed)?,
                None if confirms.load(Ordering::Relaxed) > before => {
                    return Ok(vec![Answer::Refused(number)]);
                }
                None => return Err(Stop::Silent),
            };
            confirms.fetch_add(1, Ordering::Relaxed);
            let (own, returned) = match confirmation {
                Confirmation::Nack(returned) => (Answer::Refused(number), returned),
                Confirmation::Ack(returned) => (Answer::Stored(number), returned),
                Confirmation::NotRequested => (Answer::Stored(number), None),
            };
            let returned = returned.map(|message| {
                let id = message.delivery.properties.message_id().as_ref().map(ToString::to_string);
                Answer::Returned(id.and_then(|id| id.parse().ok()).unwrap_or(number))
            });
            Ok(returned.into_iter().chain([own]).collect())
        })
    }
}

/// Publishes control messages; what waits too long or meets a blocked broker is lost.
#[derive(Debug)]
pub(super) struct ControlPublisher {
    waiting: mpsc::Sender<(ShortString, Arc<[u8]>)>,
    blocked: Blocked,
}

impl ControlPublisher {
    pub(super) fn start(publisher: Publisher) -> Self {
        let (waiting, mut taken) = mpsc::channel::<(ShortString, Arc<[u8]>)>(CONTROL_WAITING);
        let blocked = publisher.blocked.clone();
        tokio::spawn(async move {
            let properties = BasicProperties::default()
                .with_delivery_mode(TRANSIENT)
                .with_app_id(publisher.sender.clone());
            while let Some((key, payload)) = taken.recv().await {
                let exchange = publisher.exchange.clone();
                let options = BasicPublishOptions::default();
                // A broken channel ends the session by way of its connection's events.
                if publisher
                    .channel
                    .basic_publish(exchange, key, options, &payload, properties.clone())
                    .await
                    .is_err()
                {
                    return;
                }
            }
        });
        Self { waiting, blocked }
    }

    pub(super) fn send(&self, key: String, payload: Arc<[u8]>) {
        if !self.blocked.get() {
            let _ = self.waiting.try_send((key.into(), payload));
        }
    }
}
