//! Databases to test on, and things to put into them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rubentario::domain::gtin::Gtin;
use rubentario::domain::reorder::ServiceLevel;
use rubentario::domain::{
    Lot, MovementKind, Operator, Pack, Product, Quantity, ReorderRule, ShortageReason, Sku, TransferId,
    WarehouseId,
};
use rubentario::ledger::PublicKey;
use rubentario::ledger::book::{
    Arrival, Dispatch, Mark, PartHead, ProductState, RequestStep, RuleState, Stamp, StockCell, StockKey,
    Transfer,
};
use rubentario::ledger::book::{Decree, Expectation, ForcedRelease, Reservation};
use rubentario::ledger::entry::{ArrivedLine, DispatchLine, Fence, RequestLine};
use rubentario::ledger::roster::{Ballot, Change, Matter};
use rubentario::ledger::{Body, CommandId, Entry, EntryRef, Hash, Head, MovementRow, Seal, StoredEntry};
use rubentario::protocol::roster::Acceptor;
use rubentario::store::{
    Batch, Fault, Mode, PeerRecord, RosterVote, StateRows, Store, StoreError, Target, Writer,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::postgres::Database;

const LOOK_AGAIN: Duration = Duration::from_millis(20);
const AT_MOST: Duration = Duration::from_secs(30);

/// A database of one's own.
pub enum Place {
    Sqlite(TempDir),
    Postgres(Database),
}

impl Place {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub fn postgres() -> Self {
        Self::Postgres(Database::new())
    }

    pub fn target(&self) -> Target {
        match self {
            Self::Sqlite(dir) => Target::Sqlite(file_in(dir)),
            Self::Postgres(database) => Target::Postgres(database.url()),
        }
    }

    /// Opened; a server may take a moment to notice that whoever had it open has gone.
    pub async fn open(&self) -> Store {
        let open = async {
            loop {
                match Store::open(&self.target(), &madrid(), Mode::Write).await {
                    Err(StoreError::Config(Fault::Held { .. })) => tokio::time::sleep(LOOK_AGAIN).await,
                    opened => return opened.unwrap(),
                }
            }
        };
        tokio::time::timeout(AT_MOST, open).await.expect("nobody holds it for long")
    }

    /// Opened and claimed.
    pub async fn begin(&self) -> (Store, Pen) {
        let store = self.open().await;
        let nonce = Uuid::now_v7();
        let incarnation = store.claim(nonce).await.unwrap();
        let pen = Pen { incarnation, nonce, batch: 0 };
        (store, pen)
    }

    /// Runs statements past the store.
    pub async fn run(&self, statements: &'static str) {
        use sqlx::{Connection, Executor};
        match self {
            Self::Sqlite(dir) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file_in(dir));
                let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                connection.execute(statements).await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(database) => {
                let mut connection = sqlx::PgConnection::connect(&database.url()).await.unwrap();
                connection.execute(statements).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// One text of one row, asked past the store.
    pub async fn ask(&self, question: &'static str) -> String {
        use sqlx::Connection;
        match self {
            Self::Sqlite(dir) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file_in(dir));
                let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
            }
            Self::Postgres(database) => {
                let mut connection = sqlx::PgConnection::connect(&database.url()).await.unwrap();
                sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
            }
        }
    }
}

pub fn file_in(dir: &TempDir) -> PathBuf {
    dir.path().join("node").join("store.sqlite")
}

/// Numbers batches.
#[derive(Clone)]
pub struct Pen {
    pub incarnation: u32,
    pub nonce: Uuid,
    pub batch: u64,
}

impl Pen {
    /// The next batch, empty.
    pub fn batch(&mut self) -> Batch {
        self.batch += 1;
        Batch {
            writer: Writer { incarnation: self.incarnation, nonce: self.nonce, batch: self.batch },
            entries: Vec::new(),
            seals: Vec::new(),
            movements: Vec::new(),
            restamps: Vec::new(),
            rows: StateRows::default(),
            peers: Vec::new(),
            vote: None,
            hlc_ceiling: 0,
            joined: false,
            published: 0,
        }
    }
}

/// Writes entries of one origin.
pub struct Quill {
    pub origin: WarehouseId,
    pub seq: u64,
    pub prev_hash: Hash,
}

impl Quill {
    pub fn of(origin: &str) -> Self {
        Self { origin: warehouse(origin), seq: 0, prev_hash: Hash::ZERO }
    }

    pub fn write(&mut self, body: Body) -> StoredEntry {
        self.answer(command(Uuid::now_v7(), 0), body)
    }

    pub fn answer(&mut self, command: CommandId, body: Body) -> StoredEntry {
        self.seq += 1;
        let entry = StoredEntry::write(Entry {
            origin: self.origin.clone(),
            incarnation: 1,
            seq: self.seq,
            hlc: hybrid(self.seq),
            error_ms: None,
            operator: operator(),
            command,
            names: Vec::new(),
            fences: Vec::new(),
            after: None,
            prev_hash: self.prev_hash,
            body,
        })
        .unwrap();
        self.prev_hash = entry.hash;
        entry
    }

    pub fn received(&mut self, sku: &str, units: i64) -> StoredEntry {
        self.write(received(sku, units))
    }
}

pub fn command(id: Uuid, index: u32) -> CommandId {
    CommandId { id, index, digest: 0xfeed, entries: 0 }
}

/// The hybrid time of the n-th thing in these tests: seconds from the start of 2026.
pub fn hybrid(n: u64) -> u64 {
    (1_767_225_600_000 + n * 1000) << 16
}

/// Its milliseconds.
pub fn moment(n: u64) -> i64 {
    i64::try_from(hybrid(n) >> 16).unwrap()
}

pub fn received(sku: &str, units: i64) -> Body {
    Body::Received {
        sku: self::sku(sku),
        lot: Lot::none(),
        expiry: None,
        qty: self::units(units),
        reference: "order 7".into(),
        expectation: None,
    }
}

pub fn warehouse(id: &str) -> WarehouseId {
    WarehouseId::new(id).unwrap()
}

pub fn madrid() -> WarehouseId {
    warehouse("madrid")
}

pub fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

pub fn operator() -> Operator {
    Operator::new("Ana").unwrap()
}

pub fn units(n: i64) -> Quantity {
    Quantity::units(n).unwrap()
}

pub fn seal(seq: u64) -> Seal {
    Seal { seq, signature: [u8::try_from(seq % 251).unwrap(); 64] }
}

pub fn cell(origin: &str, product: &str, on_hand: i64) -> (StockKey, StockCell) {
    let key = StockKey { warehouse: warehouse(origin), sku: sku(product), lot: Lot::none() };
    let cell = StockCell { on_hand: units(on_hand), ..StockCell::default() };
    (key, cell)
}

/// A line of the history which an entry shows.
pub fn movement(entry: &StoredEntry, kind: MovementKind, product: &str, qty: i64) -> MovementRow {
    let entry = &entry.entry;
    MovementRow {
        origin: entry.origin.clone(),
        seq: entry.seq,
        line: 0,
        kind,
        sku: sku(product),
        lot: Lot::none(),
        qty: units(qty),
        shortage: Quantity::ZERO,
        sort_key: entry.hlc,
        at_ms: i64::try_from(entry.hlc >> 16).unwrap(),
        hlc: entry.hlc,
        operator: entry.operator.clone(),
        reason: String::new(),
        reference: String::new(),
        transfer: None,
        other: None,
        reverses: None,
    }
}

pub fn product(sku_text: &str, name: &str, defined_by: EntryRef) -> ProductState {
    let stamp = Some(Stamp { revision: 1, origin: defined_by.origin.clone() });
    ProductState {
        product: Arc::new(Product {
            sku: sku(sku_text),
            name: name.into(),
            unit: "ud".into(),
            decimals: 0,
            barcodes: vec![Gtin::parse("5901234123457").unwrap()],
            packs: vec![Pack { size: units(12), barcode: None }],
            category: "pasta".into(),
            lot_tracked: true,
            retired: false,
        }),
        revision: 1,
        defined_by,
        stamps: Arc::new(std::array::from_fn(|_| stamp.clone())),
    }
}

/// A batch with a row of every kind.
pub fn everything(pen: &mut Pen) -> Batch {
    let mut madrid_writes = Quill::of("madrid");
    let first = madrid_writes.received("P1", 5);
    let second = madrid_writes.received("P1", 2);
    let foreign = Quill::of("sevilla").received("P1", 1);
    let mut other = product("P2", "Leche «1 l»", first.reference());
    let leche = Arc::make_mut(&mut other.product);
    leche.barcodes.clear();
    leche.packs.clear();
    leche.lot_tracked = false;
    leche.retired = true;
    let stamps = Arc::make_mut(&mut other.stamps);
    stamps[7] = Some(Stamp { revision: 4, origin: warehouse("sevilla") });
    stamps[3] = None;
    let mark = |text: &str| Mark {
        entry: foreign.reference(),
        hlc: 1,
        rests_on: 0,
        sort_key: u64::MAX >> 1,
        at_ms: moment(1),
        operator: operator(),
        text: text.into(),
    };
    let transfer = Transfer {
        id: TransferId { origin: warehouse("sevilla"), seq: 1 },
        from: madrid(),
        to: warehouse("sevilla"),
        request: Some(RequestStep {
            mark: mark("please"),
            lines: vec![RequestLine { sku: sku("P1"), lot: Lot::none(), qty: units(2) }],
            fences: vec![(sku("P1"), Fence { n: 3, node: warehouse("sevilla") })],
            renews: Some(TransferId { origin: warehouse("sevilla"), seq: 7 }),
        }),
        withdrawal: Some(mark("")),
        decline: Some(mark("no")),
        dispatch: Some(Dispatch {
            mark: mark("\u{0}odd\\u0000"),
            lines: vec![DispatchLine {
                sku: sku("P1"),
                lot: Lot::new("L1").unwrap(),
                expiry: "2027-02-28".parse().ok(),
                qty: units(2),
            }],
        }),
        receipt: Some(Arrival {
            mark: mark(""),
            lines: vec![ArrivedLine {
                sku: sku("P1"),
                lot: Lot::new("L1").unwrap(),
                expiry: None,
                arrived: units(1),
                short: units(1),
                reason: Some(ShortageReason::Missing),
            }],
        }),
        rejection: Some(mark("")),
        returned: None,
    };
    let reservation = Reservation {
        id: TransferId { origin: warehouse("sevilla"), seq: 8 },
        sku: sku("P1"),
        lot: Lot::new("L1").unwrap(),
        qty: units(9),
        issued: units(2),
        released: units(3),
        cut: Some(ForcedRelease { seq: 9, at_ms: moment(4), qty: units(3) }),
        purpose: "order 8812".into(),
        until: "2027-02-28".parse().ok(),
        closed: false,
    };
    let seq = reservation.id.seq + 3;
    let id = TransferId { seq, ..reservation.id.clone() };
    let over = Reservation { id, released: units(7), closed: true, cut: None, ..reservation.clone() };
    let mut batch = pen.batch();
    batch.movements = vec![movement(&first, MovementKind::Receipt, "P1", 5)];
    batch.seals = vec![(madrid(), seal(2)), (warehouse("sevilla"), seal(1))];
    batch.rows = StateRows {
        stock: vec![
            cell("madrid", "P1", 7),
            (
                StockKey { lot: Lot::new("L1").unwrap(), ..cell("sevilla", "P1", 0).0 },
                StockCell { on_hand: units(4), reserved: units(4), expiry: "2027-02-28".parse().ok() },
            ),
        ],
        products: vec![product("P1", "Macarrones", first.reference()), other],
        rules: vec![
            (
                (madrid(), sku("P1")),
                RuleState {
                    rule: ReorderRule {
                        reorder_point: Some(Quantity::ZERO),
                        maximum: Some(Quantity::MAX),
                        multiple: None,
                        minimum_order: Some(units(3)),
                        lead_time_days: Some(u32::MAX),
                        lead_time_deviation_days: Some(2),
                        service_level: Some(ServiceLevel::P975),
                    },
                    shelf: "A-3".into(),
                },
            ),
            ((warehouse("sevilla"), sku("P1")), RuleState::default()),
        ],
        transfers: vec![transfer],
        reservations: vec![reservation, over],
        expectations: vec![Expectation {
            id: TransferId { origin: madrid(), seq: 10 },
            sku: sku("P1"),
            qty: units(9),
            received: units(10),
            due: "2027-02-28".parse().unwrap(),
            reference: "supplier".into(),
            closed: true,
        }],
        reversals: vec![(madrid(), 1, 2)],
        heads: vec![
            (
                madrid(),
                PartHead {
                    head: Head { incarnation: 1, seq: 2, hash: second.hash },
                    hlc: hybrid(2),
                    sort_key: hybrid(3),
                    sealed: 2,
                    quarantine: None,
                },
            ),
            (
                warehouse("sevilla"),
                PartHead { quarantine: Some("another history".into()), ..PartHead::default() },
            ),
        ],
        acknowledged: vec![(warehouse("sevilla"), "low_stock:madrid:P1".into(), "Ana".into(), moment(2))],
        decrees: vec![Decree {
            founding: first.hash,
            version: 2,
            change: Change::Admitted { member: warehouse("sevilla"), key: PublicKey([7; 32]) },
            entry: second.reference(),
            hlc: hybrid(2),
            proven: true,
        }],
        snapshots: vec![super::snapshots::snapshot(1, true)],
        parts: Vec::new(),
        stocktakes: vec![super::stocktakes::open().head, super::stocktakes::closed().head],
        stocktake_lines: [super::stocktakes::open(), super::stocktakes::closed()]
            .into_iter()
            .flat_map(|s| s.lines.into_values().map(move |line| (s.head.id.clone(), line)))
            .collect(),
        counted: vec![(cell("madrid", "P1", 7).0, moment(3))],
    };
    let mut acceptor = Acceptor::default();
    acceptor.prepare(&Ballot { n: 3, node: madrid() });
    let matter = Some(Matter { founding: first.hash, version: 3 });
    batch.vote = Some(RosterVote { matter, acceptor, with: None, abstains_to: 2, retiring: true });
    batch.peers = vec![
        PeerRecord { id: warehouse("sevilla"), key: Some([7; 32]), incarnation: 3, last_seen_ms: moment(3) },
        PeerRecord { id: warehouse("toledo"), key: None, incarnation: 0, last_seen_ms: 0 },
    ];
    batch.entries = vec![first, second, foreign];
    batch.hlc_ceiling = hybrid(100);
    batch.joined = true;
    batch.published = 2;
    batch
}

/// The place in a ledger that the store refused, and why.
pub fn refusal(error: StoreError) -> (String, u64, String) {
    match error {
        StoreError::Refused { origin, seq, why } => (origin.to_string(), seq, why),
        other => panic!("not a refusal: {other}"),
    }
}

/// Texts shared, as the node shares them.
pub fn bytes_of(entries: &[StoredEntry]) -> Vec<Arc<[u8]>> {
    entries.iter().map(|e| Arc::clone(&e.bytes)).collect()
}
