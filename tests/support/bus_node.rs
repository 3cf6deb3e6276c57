//! A node at the bus, as a test sees it: it sends, it waits for what is told, and fails loudly.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::VecDeque;
use std::time::Duration;

use rubentario::bus::{
    BusCommand, BusConfig, BusEvent, BusLink, Lane, Outgoing, Recipients, Settled, Token, start,
};
use tokio::sync::oneshot;

/// Long enough for a loaded machine; nothing waits so long when it works.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Node {
    name: String,
    link: BusLink,
    next_tag: u64,
    passed_over: VecDeque<BusEvent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub lane: Lane,
    pub token: Option<Token>,
    pub from: String,
    pub text: String,
    pub redelivered: bool,
}

impl Node {
    /// Starts a link without waiting for it.
    pub fn start(config: &BusConfig, cluster: &str, name: &str) -> Self {
        let link = start(config.clone(), name, cluster).expect("the link starts");
        Self { name: name.to_owned(), link, next_tag: 1, passed_over: VecDeque::new() }
    }

    /// Starts a link and waits until it is up.
    pub async fn up(config: &BusConfig, cluster: &str, name: &str) -> Self {
        let mut node = Self::start(config, cluster, name);
        node.until_up().await;
        node
    }

    pub async fn command(&self, command: BusCommand) {
        self.link.commands.send(command).await.expect("the link takes commands");
    }

    /// Sends to the inboxes of these nodes, and returns the tag.
    pub async fn send(&mut self, to: &[&str], text: &str) -> u64 {
        self.publish(Lane::Inbox, named(to), text.as_bytes()).await
    }

    pub async fn publish(&mut self, lane: Lane, to: Recipients, payload: &[u8]) -> u64 {
        let tag = self.next_tag;
        self.next_tag += 1;
        self.command(BusCommand::Publish(vec![Outgoing { tag, lane, to, payload: payload.into() }])).await;
        tag
    }

    pub async fn ack(&self, tokens: &[Token]) {
        self.command(BusCommand::Ack(tokens.to_vec())).await;
    }

    async fn event(&mut self) -> BusEvent {
        match tokio::time::timeout(PATIENCE, self.link.events.recv()).await {
            Ok(Some(event)) => event,
            Ok(None) => panic!("{}: the link ended; passed over: {:?}", self.name, self.passed_over),
            Err(tokio::time::error::Elapsed { .. }) => panic!(
                "{}: nothing was told for {PATIENCE:?}; passed over: {:?}",
                self.name, self.passed_over
            ),
        }
    }

    /// The first event for which `pick` has an answer; others are kept for later.
    pub async fn until<T>(&mut self, mut pick: impl FnMut(&BusEvent) -> Option<T>) -> T {
        for at in 0..self.passed_over.len() {
            if let Some(found) = pick(&self.passed_over[at]) {
                self.passed_over.remove(at);
                return found;
            }
        }
        loop {
            let event = self.event().await;
            if let Some(found) = pick(&event) {
                return found;
            }
            self.passed_over.push_back(event);
        }
    }

    pub async fn until_up(&mut self) -> u64 {
        self.until(|event| match event {
            BusEvent::Up { generation } => Some(*generation),
            _ => None,
        })
        .await
    }

    pub async fn until_down(&mut self) -> String {
        self.until(|event| match event {
            BusEvent::Down { trouble } => Some(trouble.said.clone()),
            _ => None,
        })
        .await
    }

    pub async fn outcome(&mut self, wanted: u64) -> Settled {
        self.until(|event| match event {
            BusEvent::Settled { tag, outcome } if *tag == wanted => Some(outcome.clone()),
            _ => None,
        })
        .await
    }

    pub async fn dead_letters(&mut self) -> u64 {
        self.until(|event| match event {
            BusEvent::DeadLetters(count) => Some(*count),
            _ => None,
        })
        .await
    }

    pub async fn delivery(&mut self) -> Delivery {
        self.until(|event| match event {
            BusEvent::Delivery { lane, token, from, payload, redelivered } => Some(Delivery {
                lane: *lane,
                token: *token,
                from: from.clone(),
                text: String::from_utf8_lossy(payload).into_owned(),
                redelivered: *redelivered,
            }),
            _ => None,
        })
        .await
    }

    /// The next inbox delivery, acknowledged.
    pub async fn take(&mut self) -> Delivery {
        let delivery = self.delivery().await;
        self.ack(delivery.token.as_slice()).await;
        delivery
    }

    /// Ends the link in good order.
    pub async fn close(mut self) {
        let (answer, closed) = oneshot::channel();
        self.command(BusCommand::Close(answer)).await;
        let events = &mut self.link.events;
        tokio::time::timeout(PATIENCE, async {
            let drain = async { while events.recv().await.is_some() {} };
            let (closed, ()) = tokio::join!(closed, drain);
            closed.expect("a close is answered");
        })
        .await
        .expect("the link closes");
    }

    /// Ends the link as a crash would, and waits until it is gone.
    pub async fn crash(self) {
        let BusLink { commands, mut events } = self.link;
        drop(commands);
        let gone = async { while events.recv().await.is_some() {} };
        tokio::time::timeout(PATIENCE, gone).await.expect("the link ends");
    }
}

pub fn named(names: &[&str]) -> Recipients {
    Recipients::Some(names.iter().map(|name| (*name).to_owned()).collect())
}
