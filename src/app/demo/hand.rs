//! Somebody at a node's door who does one thing after another and waits until it is seen.

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::cli::Failure;
use crate::domain::{Operator, TransferId, WarehouseId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::node::{Event, Intent, Node};
use crate::ui::Model;

/// A worker of one warehouse.
pub struct Hand {
    intents: mpsc::Sender<Intent>,
    events: mpsc::Receiver<Event>,
    operator: Operator,
    /// What the node has told so far.
    pub model: Model,
}

impl Hand {
    /// Goes to a node's door and waits until it may work there.
    pub async fn at(node: &Node) -> Result<Self, Failure> {
        let (intents, events) = node.door();
        let operator = Operator::new("demo")?;
        let mut hand = Self { intents, events, operator, model: Model::default() };
        hand.send(Intent::Subscribe).await?;
        hand.until(|model| model.status.as_ref().is_some_and(|status| status.joined)).await?;
        Ok(hand)
    }

    /// The warehouse.
    pub fn warehouse(&self) -> Result<WarehouseId, Failure> {
        self.model.status.as_ref().map(|status| status.warehouse.clone()).ok_or_else(gone)
    }

    /// Works under another name from now on.
    pub fn is_now(&mut self, name: &str) -> Result<(), Failure> {
        self.operator = Operator::new(name)?;
        Ok(())
    }

    /// Does all of these, and waits until each is recorded; the first entry of the last one comes back.
    pub async fn does(&mut self, acts: Vec<Act>) -> Result<Option<TransferId>, Failure> {
        let mut last = None;
        for chunk in acts.chunks(100) {
            let requests: Vec<_> = chunk
                .iter()
                .map(|act| Request { id: Uuid::now_v7(), operator: self.operator.clone(), act: act.clone() })
                .collect();
            let mut open: Vec<Uuid> = requests.iter().map(|request| request.id).collect();
            self.send(Intent::Do { requests }).await?;
            while !open.is_empty() {
                let Some(Event::Answered { answers }) = self.next().await? else { continue };
                for (id, outcome) in answers {
                    open.retain(|waiting| *waiting != id);
                    match outcome {
                        Outcome::Recorded { entries } => last = entries.into_iter().next(),
                        Outcome::Refused { refusal } => return Err(refusal.into()),
                    }
                }
            }
        }
        Ok(last)
    }

    /// Waits until the node has told this.
    pub async fn until(&mut self, seen: impl Fn(&Model) -> bool) -> Result<(), Failure> {
        while !seen(&self.model) {
            self.next().await?;
        }
        Ok(())
    }

    async fn send(&self, intent: Intent) -> Result<(), Failure> {
        self.intents.send(intent).await.map_err(|_| gone())
    }

    async fn next(&mut self) -> Result<Option<Event>, Failure> {
        match self.events.recv().await.ok_or_else(gone)? {
            Event::Picture { picture } => self.model.take_picture(*picture),
            Event::Changed { changes } => self.model.take_changes(*changes),
            Event::Lagged => self.send(Intent::Subscribe).await?,
            other => return Ok(Some(other)),
        }
        Ok(None)
    }
}

fn gone() -> Failure {
    Failure::unreachable("node_gone", "a node of the demonstration has gone away", None)
}
