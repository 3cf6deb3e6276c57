//! Reading without a node: a store opened read-only answers questions at a door, joins nothing and writes nothing.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::alerts::{Alerts, Moment};
use super::door::Door;
use super::event::{
    ClockView, DemandDay, Event, LinkView, PeerState, PeerView, Reply, RosterStatus, Standing, Status,
};
use super::intent::{Intent, Question};
use super::replenish;
use super::seen_file::{self, Seen};
use super::views::{self, Issued};
use super::{NodeConfig, clock, shown::Recorded, snapshots};
use crate::domain::{Sku, Trouble, TroubleKind, WarehouseId};
use crate::ledger::book::{Book, Tables};
use crate::store::{Mode, Store, StoreError};

const DAY_MS: i64 = 86_400_000;

/// What the store said when it was opened.
struct Reader {
    store: Store,
    book: Book,
    issued: Issued,
    recorded: Recorded,
    status: Status,
    peers: Vec<PeerView>,
}

/// Opens a node's store for reading and a door to it.
///
/// # Errors
/// When there is no such store, or it doesn't answer.
pub async fn open(config: &NodeConfig) -> Result<Door, StoreError> {
    let store = Store::open(&config.store, &config.me, Mode::Read).await?;
    let loaded = store.load().await?;
    let wall_ms = i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
    let issued = Issued::new(store.demand(views::demand_since(wall_ms), wall_ms).await?);
    let recorded = Recorded::new(&config.me, &loaded);
    let head = recorded.head(&config.me).seq;
    let link = |kind: &str, up, trouble: Option<Trouble>| LinkView { kind: kind.to_owned(), up, trouble };
    let status = Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        warehouse: config.me.clone(),
        name: config.name.clone(),
        cluster: config.cluster.clone(),
        pid: 0,
        incarnation: loaded.incarnation,
        recorded: head,
        published: loaded.published.min(head),
        seen_by_all: 0,
        joined: loaded.joined,
        joining: false,
        recovering: false,
        recovery: None,
        catching_up: None,
        awaited: Vec::new(),
        once_recorded: None,
        attached: 0,
        stopped: Some("no node runs here".to_owned()),
        store: link(store.kind(), true, None),
        bus: link(config.bus_kind(), false, Some(Trouble::new(TroubleKind::NoNode, ""))),
        dropped_messages: 0,
        refused: crate::protocol::Refusals::default(),
        dead_letters: 0,
        roster: RosterStatus::default(),
        refused_markers: 0,
        clock: ClockView::default(),
    };
    let seen = Seen::open(seen_file::path(&config.folder));
    let book = Book::from_tables(Tables {
        stock: loaded.stock,
        products: loaded.products,
        rules: loaded.rules,
        transfers: loaded.transfers,
        reservations: loaded.reservations,
        expectations: loaded.expectations,
        reversals: loaded.reversals,
        heads: loaded.heads,
        acknowledged: loaded.acknowledged,
        decrees: loaded.decrees,
        stocktakes: loaded.stocktakes,
        counted: loaded.counted,
    });
    let peers = loaded.peers.iter().map(|peer| PeerView {
        id: peer.id.clone(),
        standing: standing(&book, &peer.id),
        state: PeerState::Down,
        rtt_ms: None,
        offset_ms: None,
        error_ms: None,
        lag_entries: 0,
        has_ours: seen.of(&peer.id, None).min(head),
        applied: recorded.head(&peer.id).seq,
        last_seen_ms: (peer.last_seen_ms > 0).then_some(peer.last_seen_ms),
        quarantine: book.heads().get(&peer.id).and_then(|part| part.quarantine.clone()),
    });
    let peers: Vec<_> = peers.collect();
    let members = peers.iter().filter(|peer: &&PeerView| peer.standing == Standing::Member);
    let status = Status { seen_by_all: members.map(|peer| peer.has_ours).min().unwrap_or(head), ..status };
    let reader = Reader { store, book, issued, recorded, status, peers };
    let (intents, said) = mpsc::channel(16);
    let (told, events) = mpsc::channel(16);
    tokio::spawn(reader.serve(said, told));
    Ok((intents, events))
}

/// What the roster in the store says of somebody.
fn standing(book: &Book, who: &WarehouseId) -> Standing {
    let Some(roster) = book.roster() else { return Standing::Stranger };
    match roster.former.get(who) {
        Some(former) if former.given_up => Standing::GivenUp,
        Some(_) => Standing::Retired,
        None if roster.has(who) => Standing::Member,
        None => Standing::Stranger,
    }
}

impl Reader {
    async fn serve(self, mut said: mpsc::Receiver<Intent>, told: mpsc::Sender<Event>) {
        while let Some(intent) = said.recv().await {
            let event = match intent {
                Intent::Ask { id, question } => Event::Reply { id, reply: self.answer(question).await },
                Intent::Subscribe
                | Intent::Do { .. }
                | Intent::RecoverWithout { .. }
                | Intent::StepBack { .. }
                | Intent::HandOver => {
                    Event::Stopping { reason: "no node runs here: this door only reads".to_owned() }
                }
            };
            if told.send(event).await.is_err() {
                break;
            }
        }
        self.store.close().await;
    }

    async fn answer(&self, question: Question) -> Result<Reply, String> {
        let failed = |error: StoreError| error.to_string();
        Ok(match question {
            Question::Status => Reply::Status { status: Box::new(self.status.clone()) },
            Question::Products => Reply::Products { products: self.products().map(Arc::new).collect() },
            Question::History { query } => {
                Reply::History { page: self.store.history(&query).await.map_err(failed)? }
            }
            Question::Alerts => Reply::Alerts { alerts: self.alerts().await.map_err(failed)? },
            Question::Peers => Reply::Peers { peers: self.peers.clone() },
            // Where no node runs, nobody asks for a lock here.
            Question::Locks => Reply::Locks { locks: Vec::new() },
            Question::Transfers => {
                Reply::Transfers { transfers: self.book.transfers().cloned().map(Arc::new).collect() }
            }
            Question::Stocktakes => {
                let own = self.book.stocktakes(&self.status.warehouse);
                Reply::Stocktakes { stocktakes: own.cloned().map(Arc::new).collect() }
            }
            Question::Snapshots => {
                Reply::Snapshots { snapshots: self.store.snapshots(snapshots::LISTED).await.map_err(failed)? }
            }
            Question::Snapshot { id } => Reply::Snapshot {
                detail: snapshots::open(&self.store, &id).await.map_err(failed)?.map(Box::new),
            },
            Question::StockAt { at_ms } => Reply::StockAt {
                then: Box::new(snapshots::stock_then(&self.store, at_ms).await.map_err(failed)?),
            },
            Question::IssueCounts => {
                let wall_ms = i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
                let since_ms = replenish::class_since(wall_ms);
                let counts = self.store.issue_counts(&self.status.warehouse, since_ms).await;
                Reply::IssueCounts { counts: counts.map_err(failed)? }
            }
            Question::DoneSince { since_ms } => {
                let done = self.store.done_since(&self.status.warehouse, since_ms).await;
                Reply::DoneSince { done: done.map_err(failed)? }
            }
            Question::Demand { sku, days } => {
                Reply::Demand { days: self.demand(&sku, days).await.map_err(failed)? }
            }
        })
    }

    fn products(&self) -> impl Iterator<Item = super::event::ProductView> {
        let skus = self.book.products().map(|(sku, _)| sku);
        skus.filter_map(|sku| views::product(&self.book, sku, &self.issued))
    }

    async fn alerts(&self) -> Result<Vec<crate::domain::Alert>, StoreError> {
        let wall = clock::wall_ms();
        let moment =
            Moment { wall_ms: i64::try_from(wall).unwrap_or(i64::MAX), today: clock::local_day_of(wall) };
        let acknowledged = |id: &str| self.recorded.acknowledged(id);
        let mut alerts = Alerts::new(self.status.warehouse.clone());
        for product in self.products() {
            alerts.product(&product, moment, &acknowledged);
        }
        for transfer in self.book.transfers() {
            alerts.transfer(transfer, moment, &acknowledged);
        }
        alerts.ledgers(self.recorded.quarantined(), std::iter::empty(), moment, &acknowledged);
        for undated in alerts.undated(self.book.transfers()) {
            if let Some(at_ms) = undated.look(&self.store, &self.status.warehouse).await? {
                alerts.dated(&undated.id, at_ms, &acknowledged);
            }
        }
        Ok(alerts.list())
    }

    async fn demand(&self, sku: &Sku, days: u32) -> Result<Vec<DemandDay>, StoreError> {
        let wall_ms = i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
        let since_ms = (wall_ms / DAY_MS - i64::from(days.clamp(1, 366)) + 1) * DAY_MS;
        let days = self.store.days(&self.status.warehouse, sku, since_ms).await?.into_iter();
        Ok(days.map(DemandDay::from).collect())
    }
}
