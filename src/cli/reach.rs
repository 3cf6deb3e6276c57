//! The way to a node: through the socket of the one that runs, else one that is opened for the length of the call.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::failure::REFUSED;
use super::{Failure, Global};
use crate::config::{Config, Flags};
use crate::domain::{Alert, Operator, Sku, TransferId, WarehouseId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::ledger::book::{Stocktake, Transfer};
use crate::node::client::{Client, ClientError};
use crate::node::event::{LockView, PeerView, ProductView, Reply, Status};
use crate::node::replenish::Classes;
use crate::node::snapshots::{SnapshotDetail, StockThen};
use crate::node::{Event, Intent, Question, Snapshot};
use crate::store::{HistoryPage, HistoryQuery};
use crate::text::{Lang, lock_wait, stopped};

/// So long a node may take to answer before a verb gives up.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// An act that takes longer than this is told to wait.
const UNSAID: Duration = Duration::from_secs(1);

/// What a verb needs of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To read: where no node runs, the store is opened read-only.
    Read,
    /// To write: where no node runs, one is started.
    Write,
}

/// Whose node it is, who asks, in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The warehouse of the node.
    pub warehouse: WarehouseId,
    /// Who does it; a verb that only reads needs nobody.
    pub operator: Option<Operator>,
    /// The language of the texts.
    pub lang: Lang,
}

/// A conversation with a node.
pub struct Session {
    way: Way,
    lang: Lang,
}

/// The two ways to a node: its doors in this process, or its socket.
enum Way {
    Doors(mpsc::Sender<Intent>, mpsc::Receiver<Event>),
    Socket(Box<Client>),
}

impl Setting {
    /// As the configuration says.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            warehouse: config.node.id.clone(),
            operator: config.ui.operator_or_user().cloned(),
            lang: config.node.lang,
        }
    }

    /// Who is written beside what is booked.
    ///
    /// # Errors
    /// When nobody is named as the operator, not even by the system.
    pub fn operator(&self) -> Result<&Operator, Failure> {
        self.operator.as_ref().ok_or_else(|| {
            let message = self.lang.pick(
                "no se sabe quién es el operario, y queda escrito junto a todo lo que se registra: dé --operator \
                 NOMBRE, RUBENTARIO_OPERATOR o [ui] operator",
                "nobody knows who the operator is, who is written beside all that is booked: give --operator NAME, \
                 RUBENTARIO_OPERATOR or [ui] operator",
            );
            Failure::usage(message, None)
        })
    }
}

/// The node of this data directory that runs in another process; none where no one listens.
///
/// # Errors
/// When there is a socket and it can't be talked to, or the data directory is none.
pub async fn attach(config: &Config) -> Result<Option<Session>, Failure> {
    let lang = config.node.lang;
    if let Some(path) = config.paths.in_the_way() {
        let path = path.display();
        return Err(Failure::config(match lang {
            Lang::Es => format!("{path} no es una carpeta: dé una con --data-dir"),
            Lang::En => format!("{path} is not a directory: give one by --data-dir"),
        }));
    }
    match Client::connect(config.paths.socket()).await {
        Ok(client) => Ok(Some(Session::through(client, lang))),
        Err(ClientError::NobodyThere { .. }) => Ok(None),
        Err(error) => Err(cut_off(lang, &error)),
    }
}

/// What the command line says, for the configuration.
#[must_use]
pub fn flags(global: &Global) -> Flags {
    Flags {
        config: global.config.clone(),
        data_dir: global.data_dir.clone(),
        node: global.node.clone(),
        operator: global.operator.clone(),
        lang: global.lang.clone(),
    }
}

impl Session {
    /// Over the two doors of a node in this process.
    #[must_use]
    pub const fn over(intents: mpsc::Sender<Intent>, events: mpsc::Receiver<Event>, lang: Lang) -> Self {
        Self { way: Way::Doors(intents, events), lang }
    }

    /// Over the socket of a node that runs in another process.
    #[must_use]
    pub fn through(client: Client, lang: Lang) -> Self {
        Self { way: Way::Socket(Box::new(client)), lang }
    }

    /// Says something to the node.
    ///
    /// # Errors
    /// When it has gone, or takes nothing for too long.
    pub async fn send(&mut self, intent: Intent) -> Result<(), Failure> {
        let lang = self.lang;
        let sending = async {
            match &mut self.way {
                Way::Doors(intents, _) => intents.send(intent).await.map_err(|_| gone(lang)),
                Way::Socket(client) => client.send(&intent).await.map_err(|error| cut_off(lang, &error)),
            }
        };
        tokio::time::timeout(PATIENCE, sending).await.unwrap_or_else(|_| Err(silent(lang)))
    }

    /// What was said before the next question answers nothing: it is dropped.
    pub fn drop_old(&mut self) {
        if let Way::Doors(_, events) = &mut self.way {
            while events.try_recv().is_ok() {}
        }
    }

    /// The next thing the node says.
    ///
    /// # Errors
    /// When it has gone, ends, or says nothing for too long.
    pub async fn next(&mut self) -> Result<Event, Failure> {
        let lang = self.lang;
        let hearing = async {
            match &mut self.way {
                Way::Doors(_, events) => Ok(events.recv().await),
                Way::Socket(client) => client.next().await.map_err(|error| cut_off(lang, &error)),
            }
        };
        let heard = tokio::time::timeout(PATIENCE, hearing).await.unwrap_or_else(|_| Err(silent(lang)))?;
        match heard {
            Some(Event::Stopping { reason }) => {
                let stops = lang.pick("el nodo se detiene", "the node stops");
                Err(Failure::unreachable(
                    "node_stopped",
                    format!("{stops}: {}", stopped(lang, &reason)),
                    Some(again(lang)),
                ))
            }
            Some(event) => Ok(event),
            None => Err(gone(lang)),
        }
    }

    /// Does one act and waits until it is recorded; the own entries come back.
    ///
    /// # Errors
    /// Its refusal, or no answer, which leaves open whether it is recorded.
    pub async fn act(&mut self, id: Uuid, operator: &Operator, act: Act) -> Result<Vec<TransferId>, Failure> {
        self.act_and_wait(id, operator, act).await.map_err(|failure| failure.of_act(id))
    }

    async fn act_and_wait(
        &mut self,
        id: Uuid,
        operator: &Operator,
        act: Act,
    ) -> Result<Vec<TransferId>, Failure> {
        let skus = locks_of(&act);
        let request = Request { id, operator: operator.clone(), act };
        self.send(Intent::Do { requests: vec![request] }).await?;
        let mut asked = skus.is_empty().then(Uuid::nil);
        loop {
            let event = if asked.is_some() {
                self.next().await?
            } else {
                // An act under a lock may wait for others: then it is said for whom.
                let Ok(event) = tokio::time::timeout(UNSAID, self.next()).await else {
                    let question = Uuid::now_v7();
                    self.send(Intent::Ask { id: question, question: Question::Locks }).await?;
                    asked = Some(question);
                    continue;
                };
                event?
            };
            let answers = match event {
                Event::Answered { answers } => answers,
                Event::Reply { id, reply: Ok(Reply::Locks { locks }) } if asked == Some(id) => {
                    for lock in locks.iter().filter(|lock| skus.contains(&lock.sku)) {
                        // Whoever can't read it waits all the same.
                        let _ = writeln!(io::stderr(), "rubentario: {}", lock_wait(self.lang, lock));
                    }
                    continue;
                }
                _ => continue,
            };
            let ours = answers.into_iter().find(|(answered, _)| *answered == id);
            match ours {
                Some((_, Outcome::Recorded { entries })) => return Ok(entries),
                Some((_, Outcome::Refused { refusal })) => return Err(refusal.into()),
                None => {}
            }
        }
    }

    /// How the node is.
    ///
    /// # Errors
    /// No answer.
    pub async fn status(&mut self) -> Result<Box<Status>, Failure> {
        match self.ask(Question::Status).await? {
            Reply::Status { status } => Ok(status),
            _ => Err(garbled(self.lang)),
        }
    }

    /// Has the recovery of the own ledger go on without these.
    ///
    /// # Errors
    /// When none is under way, or no answer.
    pub async fn recover_without(&mut self, absent: BTreeSet<WarehouseId>) -> Result<(), Failure> {
        let id = Uuid::now_v7();
        self.send(Intent::RecoverWithout { id, absent }).await?;
        self.reply(id).await.map(drop)
    }

    /// The locks that are held or wanted, as the node knows.
    ///
    /// # Errors
    /// No answer.
    pub async fn locks(&mut self) -> Result<Vec<LockView>, Failure> {
        match self.ask(Question::Locks).await? {
            Reply::Locks { locks } => Ok(locks),
            _ => Err(garbled(self.lang)),
        }
    }

    /// Steps back from the queue of a product's lock.
    ///
    /// # Errors
    /// When nothing waits for it, or no answer.
    pub async fn step_back(&mut self, sku: &Sku) -> Result<(), Failure> {
        let id = Uuid::now_v7();
        self.send(Intent::StepBack { id, sku: sku.clone() }).await?;
        let lang = self.lang;
        self.answer(id).await?.map(drop).map_err(|_| {
            let message = match lang {
                Lang::Es => format!("aquí nada espera el cerrojo de {sku}"),
                Lang::En => format!("nothing waits here for the lock of {sku}"),
            };
            let hint = lang.pick("«lock list» dice quién espera", "«lock list» tells who waits");
            Failure::Said { exit: REFUSED, code: "not_waiting", message, hint: Some(hint.to_owned()) }
        })
    }

    /// All products with what lies where.
    ///
    /// # Errors
    /// No answer.
    pub async fn products(&mut self) -> Result<Vec<Arc<ProductView>>, Failure> {
        match self.ask(Question::Products).await? {
            Reply::Products { products } => Ok(products),
            _ => Err(garbled(self.lang)),
        }
    }

    /// A page of the history.
    ///
    /// # Errors
    /// No answer.
    pub async fn history(&mut self, query: HistoryQuery) -> Result<HistoryPage, Failure> {
        match self.ask(Question::History { query }).await? {
            Reply::History { page } => Ok(page),
            _ => Err(garbled(self.lang)),
        }
    }

    /// The alerts that stand.
    ///
    /// # Errors
    /// No answer.
    pub async fn alerts(&mut self) -> Result<Vec<Alert>, Failure> {
        match self.ask(Question::Alerts).await? {
            Reply::Alerts { alerts } => Ok(alerts),
            _ => Err(garbled(self.lang)),
        }
    }

    /// The other warehouses.
    ///
    /// # Errors
    /// No answer.
    pub async fn peers(&mut self) -> Result<Vec<PeerView>, Failure> {
        match self.ask(Question::Peers).await? {
            Reply::Peers { peers } => Ok(peers),
            _ => Err(garbled(self.lang)),
        }
    }

    /// All transfers.
    ///
    /// # Errors
    /// No answer.
    pub async fn transfers(&mut self) -> Result<Vec<Arc<Transfer>>, Failure> {
        match self.ask(Question::Transfers).await? {
            Reply::Transfers { transfers } => Ok(transfers),
            _ => Err(garbled(self.lang)),
        }
    }

    /// This warehouse's stocktakes, oldest first.
    ///
    /// # Errors
    /// No answer.
    pub async fn stocktakes(&mut self) -> Result<Vec<Arc<Stocktake>>, Failure> {
        match self.ask(Question::Stocktakes).await? {
            Reply::Stocktakes { stocktakes } => Ok(stocktakes),
            _ => Err(garbled(self.lang)),
        }
    }

    /// The newest snapshots.
    ///
    /// # Errors
    /// No answer.
    pub async fn snapshots(&mut self) -> Result<Vec<Snapshot>, Failure> {
        match self.ask(Question::Snapshots).await? {
            Reply::Snapshots { snapshots } => Ok(snapshots),
            _ => Err(garbled(self.lang)),
        }
    }

    /// One snapshot, with what lay where at its cut; none where it isn't known.
    ///
    /// # Errors
    /// No answer.
    pub async fn snapshot(&mut self, id: &TransferId) -> Result<Option<Box<SnapshotDetail>>, Failure> {
        match self.ask(Question::Snapshot { id: id.clone() }).await? {
            Reply::Snapshot { detail } => Ok(detail),
            _ => Err(garbled(self.lang)),
        }
    }

    /// What lay where at a moment, milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// No answer.
    pub async fn stock_at(&mut self, at_ms: i64) -> Result<Box<StockThen>, Failure> {
        match self.ask(Question::StockAt { at_ms }).await? {
            Reply::StockAt { then } => Ok(then),
            _ => Err(garbled(self.lang)),
        }
    }

    /// The classes of the products by how often each was issued here.
    ///
    /// # Errors
    /// No answer.
    pub async fn classes(&mut self) -> Result<Classes, Failure> {
        match self.ask(Question::IssueCounts).await? {
            Reply::IssueCounts { counts } => Ok(Classes::new(counts)),
            _ => Err(garbled(self.lang)),
        }
    }

    async fn ask(&mut self, question: Question) -> Result<Reply, Failure> {
        let id = Uuid::now_v7();
        self.send(Intent::Ask { id, question }).await?;
        self.reply(id).await
    }

    async fn reply(&mut self, id: Uuid) -> Result<Reply, Failure> {
        let lang = self.lang;
        self.answer(id).await?.map_err(|why| Failure::unreachable("no_answer", stopped(lang, &why), None))
    }

    /// What the node answers: a reply, or why there is none.
    async fn answer(&mut self, id: Uuid) -> Result<Result<Reply, String>, Failure> {
        loop {
            match self.next().await? {
                Event::Reply { id: of, reply } if of == id => return Ok(reply),
                _ => {}
            }
        }
    }
}

/// The products whose locks an act is done under.
fn locks_of(act: &Act) -> BTreeSet<Sku> {
    match act {
        Act::RequestTransfer { lines, unlocked: false, .. } => lines.iter().map(|l| l.sku.clone()).collect(),
        Act::SetProduct { sku, unlocked: false, .. } => BTreeSet::from([sku.clone()]),
        _ => BTreeSet::new(),
    }
}

fn gone(lang: Lang) -> Failure {
    let message = lang.pick("el nodo ha dejado de responder", "the node has gone away");
    Failure::unreachable("node_gone", message, Some(again(lang)))
}

fn cut_off(lang: Lang, error: &ClientError) -> Failure {
    let message = lang.pick("se ha cortado la conexión con el nodo", "the connection to the node is cut");
    Failure::unreachable(
        "node_gone",
        format!("{message}: {}", stopped(lang, &error.to_string())),
        Some(again(lang)),
    )
}

fn silent(lang: Lang) -> Failure {
    let message = lang.pick(
        "el nodo no responde: quizá no alcanza su base de datos",
        "the node does not answer: perhaps it can't reach its database",
    );
    Failure::unreachable("no_answer", message, Some(again(lang)))
}

fn garbled(lang: Lang) -> Failure {
    let message = lang.pick("el nodo respondió otra cosa", "the node answered something else");
    Failure::unreachable("no_answer", message, None)
}

/// What to do where nothing was asked for that could be booked.
const fn again(lang: Lang) -> &'static str {
    lang.pick("inténtelo otra vez dentro de un momento", "try again in a moment")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::config::Dirs;

    fn config(data: &std::path::Path, env: &[(&str, &str)]) -> Config {
        let dirs = Dirs { config: data.into(), data: data.into(), runtime: data.into() };
        let words = ["rubentario", "--node", "madrid", "--lang", "es"].map(std::ffi::OsString::from);
        let global = crate::cli::parse(words).unwrap().global;
        let found = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Config::load(&flags(&global), &found, &dirs).unwrap()
    }

    #[tokio::test]
    async fn where_no_node_runs_there_is_nobody_to_attach_to() {
        let data = tempfile::tempdir().unwrap();
        assert!(attach(&config(data.path(), &[])).await.unwrap().is_none());
    }

    #[test]
    fn the_operator_is_the_user_of_the_system_unless_another_is_named_and_who_books_must_be_somebody() {
        let data = tempfile::tempdir().unwrap();
        let setting = Setting::of(&config(data.path(), &[("USER", "ana")]));
        assert_eq!((setting.operator().unwrap().as_str(), setting.lang), ("ana", Lang::Es));
        let nobody = Setting::of(&config(data.path(), &[])).operator().unwrap_err();
        assert_eq!(nobody.exit(), 2);
    }
}
