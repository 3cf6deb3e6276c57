//! Somebody at a node's door: does one thing after the other, asks, and waits until something is seen.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

use super::error::DemoError;
use super::warehouse;
use crate::domain::{Operator, TransferId, WarehouseId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::node::event::Reply;
use crate::node::{Door, Event, Intent, Question};
use crate::ui::Model;

/// How long an answer, or something that must come, is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Acts that are asked for at once.
const AT_ONCE: usize = 64;
/// Who works in the warehouses, in their order.
const PEOPLE: [&str; 9] = ["ana", "luis", "eva", "jordi", "itziar", "pilar", "rocio", "xoan", "marta"];

/// A worker of one warehouse.
#[derive(Debug)]
pub struct Hand {
    warehouse: WarehouseId,
    operator: Operator,
    intents: mpsc::Sender<Intent>,
    events: mpsc::Receiver<Event>,
    model: Model,
    /// Changes were missed: the whole picture is wanted again.
    behind: bool,
}

impl Hand {
    /// At the door of the warehouse at this place of the list.
    ///
    /// # Errors
    /// Never, for the names there are.
    pub fn new(place: usize, door: Door) -> Result<Self, DemoError> {
        let (intents, events) = door;
        let operator = Operator::new(PEOPLE[place % PEOPLE.len()])?;
        Ok(Self {
            warehouse: warehouse(place)?,
            operator,
            intents,
            events,
            model: Model::default(),
            behind: false,
        })
    }

    /// The warehouse.
    #[must_use]
    pub const fn warehouse(&self) -> &WarehouseId {
        &self.warehouse
    }

    /// Who works there.
    #[must_use]
    pub const fn operator(&self) -> &Operator {
        &self.operator
    }

    /// What the node has told so far; nothing before [`Hand::join`].
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// Watches from now on, and waits until the node may write and knows that so many belong: what is sent to a warehouse
    /// that doesn't yet is refused.
    ///
    /// # Errors
    /// When the node ends, or can't join in time.
    pub async fn join(&mut self, warehouses: usize) -> Result<(), DemoError> {
        self.send(Intent::Subscribe).await?;
        let all_in = |model: &Model| {
            let status = model.status.as_ref();
            status.is_some_and(|status| status.joined && status.roster.members.len() >= warehouses)
        };
        self.until("it has joined", all_in).await
    }

    /// Does one thing; its entries come back.
    ///
    /// # Errors
    /// When it is refused, or the node ends.
    pub async fn act(&mut self, act: Act) -> Result<Vec<TransferId>, DemoError> {
        self.acts(vec![act]).await
    }

    /// Does all of these in order; their entries come back.
    ///
    /// # Errors
    /// When one is refused (those behind it may be done), or the node ends.
    pub async fn acts(&mut self, acts: Vec<Act>) -> Result<Vec<TransferId>, DemoError> {
        let mut recorded = Vec::new();
        for some in acts.chunks(AT_ONCE) {
            let request =
                |act: &Act| Request { id: Uuid::now_v7(), operator: self.operator.clone(), act: act.clone() };
            let requests: Vec<_> = some.iter().map(request).collect();
            let mut open: Vec<_> = requests.iter().map(|request| request.id).collect();
            self.send(Intent::Do { requests }).await?;
            while !open.is_empty() {
                let Some(Event::Answered { answers }) = self.in_time("an answer").await? else { continue };
                for (id, outcome) in answers {
                    open.retain(|waiting| *waiting != id);
                    match outcome {
                        Outcome::Recorded { entries } => recorded.extend(entries),
                        Outcome::Refused { refusal } => {
                            return Err(DemoError::Refused { warehouse: self.warehouse.clone(), refusal });
                        }
                    }
                }
            }
        }
        Ok(recorded)
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// When there is none, or the node ends.
    pub async fn ask(&mut self, question: Question) -> Result<Reply, DemoError> {
        let id = Uuid::now_v7();
        self.send(Intent::Ask { id, question }).await?;
        loop {
            if let Some(Event::Reply { id: answered, reply }) = self.in_time("a reply").await?
                && answered == id
            {
                return reply.map_err(|why| DemoError::NoAnswer { warehouse: self.warehouse.clone(), why });
            }
        }
    }

    /// Waits until the node has told this; `what` says in words what is waited for.
    ///
    /// # Errors
    /// When it is not seen in time, or the node ends.
    pub async fn until(
        &mut self,
        what: &'static str,
        seen: impl Fn(&Model) -> bool,
    ) -> Result<(), DemoError> {
        let waiting = async {
            while !seen(&self.model) {
                self.news().await?;
            }
            Ok(())
        };
        let seen = timeout(PATIENCE, waiting).await;
        seen.unwrap_or_else(|_| Err(DemoError::TooLate { warehouse: self.warehouse.clone(), what }))
    }

    /// Waits for the next event; changes go into the model, anything else comes back. Being cancelled loses nothing.
    ///
    /// # Errors
    /// When the node ends.
    pub async fn news(&mut self) -> Result<Option<Event>, DemoError> {
        if self.behind {
            self.send(Intent::Subscribe).await?;
            self.behind = false;
        }
        match self.events.recv().await {
            Some(Event::Picture { picture }) => self.model.take_picture(*picture),
            Some(Event::Changed { changes }) => self.model.take_changes(*changes),
            Some(Event::Lagged) => self.behind = true,
            Some(Event::Stopping { reason }) => return Err(self.ended(reason)),
            Some(other) => return Ok(Some(other)),
            None => return Err(self.ended(String::new())),
        }
        Ok(None)
    }

    async fn in_time(&mut self, what: &'static str) -> Result<Option<Event>, DemoError> {
        match timeout(PATIENCE, self.news()).await {
            Ok(news) => news,
            Err(_) => Err(DemoError::TooLate { warehouse: self.warehouse.clone(), what }),
        }
    }

    async fn send(&self, intent: Intent) -> Result<(), DemoError> {
        self.intents.send(intent).await.map_err(|_| self.ended(String::new()))
    }

    fn ended(&self, why: String) -> DemoError {
        DemoError::Ended { warehouse: self.warehouse.clone(), why }
    }
}
