//! The store's port: what a node keeps, committed in batches. Two real adapters: PostgreSQL and SQLite.
//!
//! Every operation runs to its end in a task of its own: a caller that stops waiting never leaves a connection in
//! the middle of a transaction. Every operation is bounded; a connection that didn't answer in time is thrown away.

mod bulk;
mod commit;
mod demand;
mod error;
pub mod history;
mod ledger_range;
mod load;
mod page;
mod postgres;
mod restamp;
mod rows;
mod session;
mod snapshots;
mod sqlite;
mod stocktakes;
mod target;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::sync::Mutex;
use uuid::Uuid;

pub use crate::protocol::batch::{Batch, Loaded, PeerRecord, RosterVote, StateRows, Writer};
pub use commit::{Committed, Ready};
pub use error::{Fault, StoreError};
pub use history::{HistoryPage, HistoryQuery};
pub use snapshots::{Flow, Places, StockAt};
pub use target::{Mode, Target};

use crate::domain::{Lot, MovementKind, Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::book::Part;
use crate::ledger::{Seal, StoredEntry};
use crate::protocol::snapshot::Snapshot;
use session::{ACQUIRE, Conn, Database, LOAD, OPERATION, Readers, Session, within};

/// What an operation does with a connection.
type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// A node's database. Clones share its connections.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    node: WarehouseId,
    place: Place,
    readers: Readers,
    /// None: opened for reading.
    writing: Option<Mutex<Writing>>,
}

/// Where the database is.
enum Place {
    Postgres(postgres::Place),
    Sqlite(PathBuf),
}

/// The one connection that writes; none after a failure, until the next use.
struct Writing {
    session: Option<Session>,
    last: Option<postgres::Backend>,
}

/// One day of a product in a warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The day (UTC).
    pub day: NaiveDate,
    /// Issued that day and not undone since.
    pub issued: Quantity,
    /// Sum of what raised on-hand that day.
    pub came: Quantity,
    /// Sum of what lowered it, as a positive number.
    pub went: Quantity,
    /// Sum of all changes of on-hand that day.
    pub change: Quantity,
}

/// What left a warehouse of a product within a window, day by day summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The product.
    pub sku: Sku,
    /// Issued in the window and not undone since.
    pub issued: Quantity,
    /// The sum of the squares of the days' issues, in thousandths squared: what their deviation follows from.
    pub squares: f64,
    /// Of `issued`, that of today.
    pub today: Quantity,
    /// Of `issued`, that of the day on which the window begins.
    pub first: Quantity,
}

impl Store {
    /// Opens the database of a node; for writing it is made, brought up to date and kept from other processes.
    ///
    /// # Errors
    /// [`StoreError::Config`] says what somebody must change; [`StoreError::Down`] may pass.
    pub async fn open(target: &Target, node: &WarehouseId, mode: Mode) -> Result<Self, StoreError> {
        let (target, node) = (target.clone(), node.clone());
        finish(async move {
            let mut last = None;
            let (place, readers, session) = match target {
                Target::Postgres(url) => {
                    let place = postgres::Place::new(&url, &node)?;
                    let session = match mode {
                        Mode::Write => Some(Session::Postgres(place.prepare(&mut last).await?)),
                        Mode::Read => {
                            place.probe().await?;
                            None
                        }
                    };
                    let readers = Readers::Postgres(place.readers());
                    (Place::Postgres(place), readers, session)
                }
                Target::Sqlite(path) => {
                    let session = match mode {
                        Mode::Write => Some(Session::Sqlite(sqlite::prepare(&path).await?)),
                        Mode::Read => None,
                    };
                    let readers = Readers::Sqlite(sqlite::readers(&path));
                    (Place::Sqlite(path), readers, session)
                }
            };
            let inner = Inner {
                node,
                place,
                readers,
                writing: session.map(|session| Mutex::new(Writing { session: Some(session), last })),
            };
            let store = Self(Arc::new(inner));
            let node = store.0.node.clone();
            match mode {
                Mode::Write => store.write(|conn| Box::pin(commit::belong(conn, node))).await?,
                Mode::Read => {
                    let (version, what) = store.0.place.tables();
                    store
                        .read(OPERATION, move |conn| Box::pin(load::check(conn, node, version, what)))
                        .await?;
                }
            }
            Ok(store)
        })
        .await
    }

    /// `PostgreSQL` or `SQLite`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.0.place {
            Place::Postgres(_) => "PostgreSQL",
            Place::Sqlite(_) => "SQLite",
        }
    }

    /// Begins a new incarnation of the node under this start's nonce, and tells its number. Again with the same
    /// nonce it is the same incarnation.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn claim(&self, nonce: Uuid) -> Result<u32, StoreError> {
        self.write(move |conn| Box::pin(commit::claim(conn, nonce))).await
    }

    /// Loads everything a start needs. The history isn't read.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn load(&self) -> Result<Loaded, StoreError> {
        // Three connections at once: a start should show its first frame soon.
        let (products, stock, rest) = tokio::join!(
            self.read(LOAD, |conn| Box::pin(load::products(conn))),
            self.read(LOAD, |conn| Box::pin(load::stock(conn))),
            self.read(LOAD, |conn| Box::pin(load::rest(conn))),
        );
        Ok(Loaded { products: products?, stock: stock?, ..rest? })
    }

    /// Commits a batch as one transaction. A batch that was committed already changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Down`]: whether it was committed isn't known, the same batch may be tried again.
    /// [`StoreError::ForeignWriter`] and [`StoreError::Refused`]: nothing of it was committed.
    pub async fn commit(&self, batch: Arc<Batch>) -> Result<Committed, StoreError> {
        let ready = self.ready(batch)?;
        self.commit_ready(ready).await
    }

    /// Makes a batch ready to be committed: what takes the processor, while another one is being committed.
    ///
    /// # Errors
    /// [`StoreError::Refused`]: a row of it can't be kept.
    pub fn ready(&self, batch: Arc<Batch>) -> Result<Ready, StoreError> {
        let on = match self.0.place {
            Place::Postgres(_) => Database::Postgres,
            Place::Sqlite(_) => Database::Sqlite,
        };
        Ready::of(batch, on)
    }

    /// As [`Store::commit`], of a batch made ready before.
    ///
    /// # Errors
    /// See [`Store::commit`].
    pub async fn commit_ready(&self, ready: Ready) -> Result<Committed, StoreError> {
        self.write(move |conn| Box::pin(commit::commit(conn, ready))).await
    }

    /// The own entries that answer these requests, by request, in the order of their index.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn commands(&self, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<StoredEntry>>, StoreError> {
        let (node, ids) = (self.0.node.clone(), ids.to_vec());
        self.read(OPERATION, move |conn| Box::pin(ledger_range::commands(conn, node, ids))).await
    }

    /// One entry.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn entry(&self, origin: &WarehouseId, seq: u64) -> Result<Option<StoredEntry>, StoreError> {
        let origin = origin.clone();
        self.read(OPERATION, move |conn| Box::pin(ledger_range::entry(conn, origin, seq))).await
    }

    /// Whether a ledger was gone on with after a loss, at or before a place, by a later start than this one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn resumed(&self, origin: &WarehouseId, after: u32, upto: u64) -> Result<bool, StoreError> {
        let origin = origin.clone();
        self.read(OPERATION, move |conn| Box::pin(ledger_range::resumed(conn, origin, after, upto))).await
    }

    /// Consecutive entries of a ledger with their seals, ending at a seal: the last one within so many bytes, or the
    /// first one if that lies beyond. Empty where the first entry or a seal behind it is missing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn range(
        &self,
        origin: &WarehouseId,
        from_seq: u64,
        max_bytes: usize,
    ) -> Result<(Vec<StoredEntry>, Vec<Seal>), StoreError> {
        let origin = origin.clone();
        self.read(OPERATION, move |conn| Box::pin(ledger_range::range(conn, origin, from_seq, max_bytes)))
            .await
    }

    /// One page of the history, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn history(&self, query: &HistoryQuery) -> Result<HistoryPage, StoreError> {
        let query = query.clone();
        self.read(OPERATION, move |conn| Box::pin(page::history(conn, query))).await
    }

    /// What was issued since then and not undone, per warehouse and product; `now_ms` tells which day is today. Both
    /// are milliseconds since 1970 UTC, days are of UTC. Products without issues are left out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn demand(&self, since_ms: i64, now_ms: i64) -> Result<Vec<Demand>, StoreError> {
        self.read(LOAD, move |conn| Box::pin(demand::demand(conn, since_ms, now_ms))).await
    }

    /// How often each product was issued from a warehouse since then (milliseconds since 1970 UTC), without what was
    /// undone; by SKU. Products without issues are left out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn issue_counts(
        &self,
        warehouse: &WarehouseId,
        since_ms: i64,
    ) -> Result<Vec<(Sku, u64)>, StoreError> {
        let warehouse = warehouse.clone();
        self.read(LOAD, move |conn| Box::pin(demand::issue_counts(conn, warehouse, since_ms))).await
    }

    /// What a warehouse has done since then (milliseconds since 1970 UTC), without what was undone: how many acts and
    /// lines of each kind.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn done_since(
        &self,
        warehouse: &WarehouseId,
        since_ms: i64,
    ) -> Result<Vec<(MovementKind, u64, u64)>, StoreError> {
        let warehouse = warehouse.clone();
        self.read(LOAD, move |conn| Box::pin(demand::done_since(conn, warehouse, since_ms))).await
    }

    /// Issues and changes of a product per day since then (milliseconds since 1970 UTC), oldest first; days on which
    /// nothing moved are left out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn days(
        &self,
        warehouse: &WarehouseId,
        sku: &Sku,
        since_ms: i64,
    ) -> Result<Vec<Day>, StoreError> {
        let (warehouse, sku) = (warehouse.clone(), sku.clone());
        self.read(OPERATION, move |conn| Box::pin(demand::days(conn, warehouse, sku, since_ms))).await
    }

    /// The newest snapshots, newest first, at most so many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn snapshots(&self, limit: usize) -> Result<Vec<Snapshot>, StoreError> {
        self.read(OPERATION, move |mut conn| {
            Box::pin(async move { snapshots::newest(&mut conn, limit).await })
        })
        .await
    }

    /// The warehouses' parts at their markers of a snapshot, as far as they are kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn snapshot_parts(&self, id: &TransferId) -> Result<Vec<Part>, StoreError> {
        let id = id.clone();
        self.read(OPERATION, move |mut conn| Box::pin(async move { snapshots::parts(&mut conn, &id).await }))
            .await
    }

    /// How far each ledger had come at a moment, milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn places_at(&self, at_ms: i64) -> Result<Places, StoreError> {
        self.read(OPERATION, move |mut conn| {
            Box::pin(async move { snapshots::places_at(&mut conn, at_ms).await })
        })
        .await
    }

    /// What lay where at these places: from the nearest snapshot or the present, and the history between only.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn stock_at(&self, places: &Places) -> Result<StockAt, StoreError> {
        let places = places.clone();
        self.read(LOAD, move |mut conn| {
            Box::pin(async move { snapshots::stock_at(&mut conn, &places).await })
        })
        .await
    }

    /// What came, went and was lost up to these places, by product and lot.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn flows(&self, places: &Places) -> Result<BTreeMap<(Sku, Lot), Flow>, StoreError> {
        let places = places.clone();
        self.read(LOAD, move |mut conn| Box::pin(async move { snapshots::flows(&mut conn, &places).await }))
            .await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(OPERATION, |conn| Box::pin(load::ping(conn))).await
    }

    /// Ends all connections, once what runs has ended.
    pub async fn close(self) {
        let closing = async move {
            self.0.readers.close().await;
            if let Some(writing) = &self.0.writing
                && let Some(session) = writing.lock().await.session.take()
            {
                // A session that fails to say goodbye ends all the same.
                let _ = session.close().await;
            }
            Ok(())
        };
        let _ = finish(within(OPERATION, closing)).await;
    }

    async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(Conn<'c>) -> Work<'c, T> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        finish(async move {
            let writing =
                inner.writing.as_ref().ok_or_else(|| StoreError::broken("it was opened for reading only"))?;
            let mut writing = within(OPERATION, async { Ok(writing.lock().await) }).await?;
            let mut session = match writing.session.take() {
                Some(session) => session,
                None => inner.place.connect(&mut writing.last).await?,
            };
            let done = within(OPERATION, work(session.conn())).await;
            if done.as_ref().err().is_none_or(StoreError::spares_the_connection) {
                writing.session = Some(session);
            }
            done
        })
        .await
    }

    async fn read<T, W>(&self, limit: Duration, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(Conn<'c>) -> Work<'c, T> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        finish(async move {
            let mut reader = match within(2 * ACQUIRE, async { Ok(inner.readers.acquire().await) }).await? {
                Ok(reader) => reader,
                Err(error) => return Err(inner.place.why_not(error).await),
            };
            let done = within(limit, work(reader.conn())).await;
            if matches!(done, Err(StoreError::Down { .. })) {
                reader.discard();
            }
            done
        })
        .await
    }
}

impl Place {
    async fn connect(&self, last: &mut Option<postgres::Backend>) -> Result<Session, StoreError> {
        Ok(match self {
            Self::Postgres(place) => Session::Postgres(place.connect_to_write(last).await?),
            Self::Sqlite(path) => Session::Sqlite(sqlite::connect(path).await?),
        })
    }

    /// The version of the tables known here, and what they are in.
    fn tables(&self) -> (i64, String) {
        match self {
            Self::Postgres(place) => (postgres::version(), place.database().to_owned()),
            Self::Sqlite(path) => (sqlite::version(), path.display().to_string()),
        }
    }

    /// Why there was no connection to read with.
    async fn why_not(&self, error: sqlx::Error) -> StoreError {
        match (self, error) {
            (Self::Postgres(place), sqlx::Error::PoolTimedOut) => match place.probe().await {
                Err(why) => why,
                Ok(()) => StoreError::down("all connections are in use"),
            },
            (Self::Postgres(_), error) => error.into(),
            (Self::Sqlite(path), error) => sqlite::of_opening(error, path),
        }
    }
}

/// Runs it to its end, whether or not the caller goes on waiting.
async fn finish<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work).await.unwrap_or_else(|error| Err(StoreError::broken(error)))
}
