//! The local spool: nodes of one machine find each other through one SQLite file, with nothing installed.
//!
//! A row per recipient; deleting the row is the acknowledgement. Whoever commits mail knocks at the
//! recipient's datagram socket, so nobody polls; control messages are datagrams alone and touch no disk.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use thiserror::Error;
use tokio::net::UnixDatagram;

use super::backoff::Backoff;
use super::desk::{Closed, Desk, End};
use super::{BusCommand, BusError, BusEvent, Founding, Lane, Outgoing, PREFETCH, Recipients, Settled, Token};
use crate::domain::{Trouble, TroubleKind};
use datagram::{Courier, DATAGRAM_MAX, Datagram};
use file::SpoolFile;
use rows::Owner;
use seat::Seat;

mod datagram;
mod file;
mod rows;
mod seat;

/// A lost knock is made good, and a replaced file noticed, at this pace.
const LOOK_ROUND: Duration = Duration::from_secs(2);

#[derive(Debug, Error)]
enum SpoolError {
    #[error("the spool folder {} can't be used: {cause}", dir.display())]
    Dir { dir: PathBuf, cause: io::Error },
    #[error("the spool file {} has version {version}, from a newer rubentario", path.display())]
    Newer { path: PathBuf, version: i64 },
    #[error("the spool file failed: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("the program is stopping")]
    Stopping,
    #[error("the spool file was replaced")]
    Replaced,
    #[error("the spool's socket failed: {0}")]
    Socket(io::Error),
}

impl SpoolError {
    fn trouble(&self) -> Trouble {
        let what = match self {
            Self::Dir { .. } | Self::Newer { .. } => TroubleKind::Setup,
            Self::Sql(_) | Self::Stopping | Self::Replaced | Self::Socket(_) => TroubleKind::Silent,
        };
        Trouble::new(what, self.to_string())
    }
}

pub(super) fn spawn(dir: PathBuf, node: &str, cluster: &str, desk: Desk) {
    let owner = Owner { cluster: cluster.to_owned(), node: node.to_owned() };
    tokio::spawn(supervise(dir, owner, desk));
}

pub(super) async fn claim_founding(dir: &Path, cluster: &str, nonce: &str) -> Result<Founding, BusError> {
    let unreachable = |error: SpoolError| BusError::Unreachable(error.to_string());
    let mut file = SpoolFile::open(dir).await.map_err(unreachable)?;
    let founding =
        rows::found(&mut file.connection, cluster, nonce).await.map_err(|error| unreachable(error.into()))?;
    // The claim stands; a failure to close the file doesn't undo it.
    let _ = file.connection.close().await;
    Ok(founding)
}

async fn supervise(dir: PathBuf, owner: Owner, mut desk: Desk) {
    let Err(closed) = keep_up(&dir, &owner, &mut desk).await;
    desk.close(closed);
}

async fn keep_up(dir: &Path, owner: &Owner, desk: &mut Desk) -> Result<Infallible, Closed> {
    let mut backoff = Backoff::default();
    loop {
        match Session::open(dir, owner).await {
            Ok(Opened::Ready(session)) => {
                backoff.reset();
                match session.run(desk).await {
                    End::Closed(closed) => return Err(closed),
                    End::Broken(trouble) => desk.down(trouble),
                }
            }
            Ok(Opened::Taken { who }) => desk.elsewhere(who),
            Err(error) => desk.down(error.trouble()),
        }
        desk.wait_without_link(backoff.next()).await?;
    }
}

enum Opened {
    Ready(Box<Session>),
    Taken { who: String },
}

struct Session {
    owner: Owner,
    file: SpoolFile,
    socket: Arc<UnixDatagram>,
    socket_path: PathBuf,
    courier: Courier,
    /// The last message read, and those delivered without an answer yet.
    read_to: i64,
    open: BTreeSet<i64>,
    /// There may be unread mail.
    more: bool,
    dead: u64,
    _seat: Seat,
}

/// What one transaction did, told after its commit.
#[derive(Default)]
struct Done {
    settled: Vec<(u64, Settled)>,
    posted: BTreeSet<String>,
    control: Vec<Outgoing>,
    freed: bool,
    buried: bool,
}

impl Session {
    async fn open(dir: &Path, owner: &Owner) -> Result<Opened, SpoolError> {
        let mut file = SpoolFile::open(dir).await?;
        let in_dir = |cause| SpoolError::Dir { dir: dir.to_owned(), cause };
        let seat = match seat::take(dir, owner).map_err(in_dir)? {
            Seat::Taken { who } => return Ok(Opened::Taken { who }),
            mine @ Seat::Mine(_) => mine,
        };
        let socket_path = datagram::path(dir, owner).map_err(SpoolError::Socket)?;
        let socket = Arc::new(datagram::bind(&socket_path).map_err(SpoolError::Socket)?);
        rows::move_in(&mut file.connection, owner, &socket_path).await?;
        let dead = rows::dead_letters(&mut file.connection, owner).await?;
        Ok(Opened::Ready(Box::new(Self {
            owner: owner.clone(),
            file,
            courier: Courier::start(Arc::clone(&socket)),
            socket,
            socket_path,
            read_to: 0,
            open: BTreeSet::new(),
            more: true,
            dead,
            _seat: seat,
        })))
    }

    async fn run(mut self, desk: &mut Desk) -> End {
        desk.up();
        desk.tell(BusEvent::DeadLetters(self.dead));
        let end = match self.serve(desk).await {
            Ok(end) => end,
            Err(error) => End::Broken(error.trouble()),
        };
        if matches!(end, End::Closed(_)) {
            // What isn't taken away here is found stale by the next link.
            let _ = rows::move_out(&mut self.file.connection, &self.owner).await;
            let _ = std::fs::remove_file(&self.socket_path);
        }
        let _ = self.file.connection.close().await;
        end
    }

    async fn serve(&mut self, desk: &mut Desk) -> Result<End, SpoolError> {
        let mut buffer = vec![0; DATAGRAM_MAX];
        let mut look_round = tokio::time::interval(LOOK_ROUND);
        look_round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let socket = Arc::clone(&self.socket);
        loop {
            if self.more && self.open.len() < usize::from(PREFETCH) {
                self.deliver(desk).await?;
            }
            tokio::select! {
                batch = desk.next() => {
                    let Some(batch) = batch else { return Ok(End::Closed(Closed(None))) };
                    if let Some(end) = self.obey(desk, batch).await? {
                        return Ok(end);
                    }
                }
                received = socket.recv(&mut buffer) => {
                    let length = received.map_err(SpoolError::Socket)?;
                    match buffer.get(..length).and_then(datagram::read) {
                        Some(Datagram::Knock) => self.more = true,
                        Some(Datagram::Control { from, payload }) => desk.tell_control(from, payload),
                        None => {}
                    }
                }
                _ = look_round.tick() => {
                    if !self.file.is_current() {
                        return Err(SpoolError::Replaced);
                    }
                    std::fs::symlink_metadata(&self.socket_path).map_err(SpoolError::Socket)?;
                    self.more = true;
                }
            }
        }
    }

    async fn deliver(&mut self, desk: &mut Desk) -> Result<(), SpoolError> {
        let room = usize::from(PREFETCH).saturating_sub(self.open.len());
        let mail = rows::fetch(&mut self.file.connection, &self.owner, self.read_to, room).await?;
        self.more = mail.len() == room;
        for letter in mail {
            self.read_to = letter.id;
            self.open.insert(letter.id);
            desk.tell_delivery(letter.id.cast_unsigned(), letter.sender, letter.payload, letter.tries > 0);
        }
        Ok(())
    }

    /// Carries out a batch in one transaction; what it was told to publish is settled either way.
    async fn obey(&mut self, desk: &mut Desk, batch: Vec<BusCommand>) -> Result<Option<End>, SpoolError> {
        let mut publish = Vec::new();
        let mut acked = Vec::new();
        let mut refused = Vec::new();
        let mut end = None;
        for command in batch {
            match command {
                BusCommand::Publish(messages) => {
                    publish.extend(messages.into_iter().filter(|m| desk.admits(m)));
                }
                BusCommand::Ack(tokens) => {
                    acked.extend(tokens.into_iter().filter_map(|t| self.take(desk, t)));
                }
                BusCommand::Refuse(token) => refused.extend(self.take(desk, token)),
                BusCommand::Close(answer) => {
                    end = Some(End::Closed(Closed(Some(answer))));
                    break;
                }
            }
        }
        let tags: Vec<u64> = publish.iter().filter(|m| m.lane == Lane::Inbox).map(|m| m.tag).collect();
        match self.commit(publish, &acked, &refused).await {
            Ok(done) => self.tell_done(desk, done).await?,
            Err(error) => {
                for tag in tags {
                    desk.settle(tag, Settled::Dropped);
                }
                return Err(error.into());
            }
        }
        Ok(end)
    }

    /// The open delivery of a token, which is open no more.
    fn take(&mut self, desk: &Desk, token: Token) -> Option<i64> {
        let id = desk.delivery_of(token)?.cast_signed();
        self.open.remove(&id).then_some(id)
    }

    async fn commit(&mut self, publish: Vec<Outgoing>, acked: &[i64], refused: &[i64]) -> sqlx::Result<Done> {
        let (control, inbox): (Vec<_>, Vec<_>) = publish.into_iter().partition(|m| m.lane == Lane::Control);
        let mut done = Done { control, ..Done::default() };
        if inbox.is_empty() && acked.is_empty() && refused.is_empty() {
            return Ok(done);
        }
        let mut tx = self.file.connection.begin_with("BEGIN IMMEDIATE").await?;
        for id in acked {
            rows::acknowledge(&mut tx, *id).await?;
        }
        for id in refused {
            rows::bury(&mut tx, &self.owner, *id, "refused").await?;
            done.buried = true;
        }
        for message in inbox {
            let outcome = post_all(&mut tx, &self.owner, &message, &mut done.posted).await?;
            done.settled.push((message.tag, outcome));
        }
        for recipient in &done.posted {
            rows::trim(&mut tx, &self.owner.cluster, recipient).await?;
        }
        tx.commit().await?;
        done.freed = !acked.is_empty() || !refused.is_empty();
        Ok(done)
    }

    async fn tell_done(&mut self, desk: &mut Desk, done: Done) -> Result<(), SpoolError> {
        for (tag, outcome) in done.settled {
            desk.settle(tag, outcome);
        }
        if done.freed {
            self.more = true;
        }
        if done.buried {
            let dead = rows::dead_letters(&mut self.file.connection, &self.owner).await?;
            if dead != self.dead {
                self.dead = dead;
                desk.tell(BusEvent::DeadLetters(dead));
            }
        }
        if done.posted.is_empty() && done.control.is_empty() {
            return Ok(());
        }
        let present: BTreeMap<_, _> =
            rows::present(&mut self.file.connection, &self.owner.cluster).await?.into_iter().collect();
        for message in done.control {
            let bytes = datagram::control(&self.owner.node, &message.payload);
            for (node, path) in &present {
                if message.to == Recipients::Everyone
                    || matches!(&message.to, Recipients::Some(to) if to.contains(node))
                {
                    self.courier.send(path.clone(), Arc::clone(&bytes));
                }
            }
        }
        for recipient in done.posted {
            if let Some(path) = present.get(&recipient) {
                self.courier.send(path.clone(), datagram::knock());
            }
        }
        Ok(())
    }
}

async fn post_all(
    tx: &mut SqliteConnection,
    sender: &Owner,
    message: &Outgoing,
    posted: &mut BTreeSet<String>,
) -> sqlx::Result<Settled> {
    let Recipients::Some(to) = &message.to else {
        return Ok(Settled::Returned);
    };
    let mut outcome = Settled::Confirmed;
    for recipient in to {
        if rows::post(tx, sender, recipient, &message.payload).await? {
            if !posted.contains(recipient) {
                posted.insert(recipient.clone());
            }
        } else {
            outcome = Settled::Returned;
        }
    }
    Ok(outcome)
}
