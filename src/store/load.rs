//! What a start loads: the state tables, whole.

mod pages;

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash as HashKey;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use sqlx::Row;

use super::StoreError;
use super::commit::of_this_node;
use super::error::{Fault, message};
use super::postgres::code_of;
use super::session::{Conn, on};
use super::{Loaded, PeerRecord, RosterVote, sqlite};
use crate::domain::reorder::ServiceLevel;
use crate::domain::{Quantity, ReorderRule, Sku, TransferId, WarehouseId};
use crate::ledger::book::{
    Decree, Expectation, ForcedRelease, PartHead, Reservation, RuleState, Stamp, Transfer,
};
use crate::ledger::{EntryRef, Hash, Head};
use crate::protocol::snapshot::REMEMBERED;

pub(super) use pages::{products, stock, stock_within};

/// Names that were read before: a name that occurs in a thousand rows is kept once.
struct Names<T>(HashSet<T>);

impl<T> Names<T>
where
    T: std::str::FromStr + Clone + Eq + HashKey + std::borrow::Borrow<str>,
    T::Err: std::fmt::Display,
{
    fn new() -> Self {
        Self(HashSet::new())
    }

    fn read(&mut self, text: &str) -> Result<T, StoreError> {
        if let Some(name) = self.0.get(text) {
            return Ok(name.clone());
        }
        let name: T = text.parse().map_err(StoreError::broken)?;
        self.0.insert(name.clone());
        Ok(name)
    }
}

/// A name from its text.
pub(super) fn name<T>(text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(StoreError::broken)
}

fn level(text: &str) -> Result<ServiceLevel, StoreError> {
    ServiceLevel::parse(text).ok_or_else(|| StoreError::broken("a service level that there isn't"))
}

/// A quantity from its thousandths.
pub(super) fn quantity(thousandths: i64) -> Result<Quantity, StoreError> {
    Quantity::from_thousandths(thousandths).map_err(StoreError::broken)
}

/// A number as it was before it was stored.
pub(super) fn number<T: TryFrom<i64>>(n: i64) -> Result<T, StoreError>
where
    T::Error: std::fmt::Display,
{
    T::try_from(n).map_err(StoreError::broken)
}

/// A hash from its bytes.
pub(super) fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    let bytes = bytes.try_into().map_err(|_| StoreError::broken("a hash that has not 32 bytes"))?;
    Ok(Hash::from_bytes(bytes))
}

/// A value from its JSON.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::broken)
}

/// Everything but products and stock.
pub(super) async fn rest(mut conn: Conn<'_>) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded {
        rules: rules(&mut conn).await?,
        transfers: transfers(&mut conn).await?,
        reservations: reservations(&mut conn).await?,
        expectations: expectations(&mut conn).await?,
        reversals: reversals(&mut conn).await?,
        heads: heads(&mut conn).await?,
        acknowledged: acknowledged(&mut conn).await?,
        decrees: decrees(&mut conn).await?,
        stocktakes: super::stocktakes::all(&mut conn).await?,
        counted: super::stocktakes::counted(&mut conn).await?,
        peers: peers(&mut conn).await?,
        snapshots: super::snapshots::newest(&mut conn, REMEMBERED).await?,
        ..Loaded::default()
    };
    let question = "SELECT incarnation, hlc_ceiling, joined, published, roster_vote FROM writer";
    let row: Option<(i64, i64, bool, i64, Option<String>)> =
        on!(conn, c => sqlx::query_as(question).fetch_optional(c).await)?;
    if let Some((incarnation, ceiling, joined, published, vote)) = row {
        loaded.vote = vote.as_deref().map_or_else(|| Ok(RosterVote::default()), json)?;
        loaded.incarnation = number(incarnation)?;
        loaded.hlc_ceiling = number(ceiling)?;
        loaded.joined = joined;
        loaded.published = number(published)?;
    }
    Ok(loaded)
}

async fn rules(conn: &mut Conn<'_>) -> Result<BTreeMap<(WarehouseId, Sku), RuleState>, StoreError> {
    let question =
        "SELECT warehouse, sku, reorder_point, maximum, multiple, minimum_order, lead_time_days, shelf,
                           lead_time_deviation_days, service_level
                    FROM reorder_rule";
    let mut warehouses = Names::<WarehouseId>::new();
    on!(conn, c => {
        let mut all = Vec::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let amount = |i: usize| row.try_get::<Option<i64>, _>(i)?.map(quantity).transpose();
            let rule = ReorderRule {
                reorder_point: amount(2)?,
                maximum: amount(3)?,
                multiple: amount(4)?,
                minimum_order: amount(5)?,
                lead_time_days: row.try_get::<Option<i64>, _>(6)?.map(number).transpose()?,
                lead_time_deviation_days: row.try_get::<Option<i64>, _>(8)?.map(number).transpose()?,
                service_level: row.try_get::<Option<&str>, _>(9)?.map(level).transpose()?,
            };
            let key = (warehouses.read(row.try_get(0)?)?, name(row.try_get(1)?)?);
            all.push((key, RuleState { rule, shelf: row.try_get(7)? }));
        }
        Ok(all.into_iter().collect())
    })
}

pub(super) async fn transfers(conn: &mut Conn<'_>) -> Result<Vec<Transfer>, StoreError> {
    let question =
        "SELECT origin, seq, from_warehouse, to_warehouse, CAST(request AS text), CAST(withdrawal AS text),
                           CAST(decline AS text), CAST(dispatch AS text), CAST(receipt AS text),
                           CAST(rejection AS text), CAST(returned AS text)
                    FROM transfer ORDER BY origin, seq";
    on!(conn, c => {
        let mut all = Vec::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            macro_rules! step {
                ($i:literal) => { row.try_get::<Option<&str>, _>($i)?.map(json).transpose()? };
            }
            all.push(Transfer {
                id: TransferId {
                    origin: name(row.try_get(0)?)?,
                    seq: number(row.try_get(1)?)?,
                },
                from: name(row.try_get(2)?)?,
                to: name(row.try_get(3)?)?,
                request: step!(4),
                withdrawal: step!(5),
                decline: step!(6),
                dispatch: step!(7),
                receipt: step!(8),
                rejection: step!(9),
                returned: step!(10),
            });
        }
        Ok(all)
    })
}

async fn reservations(conn: &mut Conn<'_>) -> Result<Vec<Reservation>, StoreError> {
    let question = "SELECT origin, seq, sku, lot, qty, issued, released, cut_seq, cut_ms, cut_qty, purpose,
                           until_day, closed
                    FROM reservation WHERE NOT closed OR cut_seq IS NOT NULL ORDER BY origin, seq";
    on!(conn, c => {
        let mut all = Vec::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let cut: (Option<i64>, Option<i64>, Option<i64>) =
                (row.try_get(7)?, row.try_get(8)?, row.try_get(9)?);
            let cut = match cut {
                (Some(seq), Some(at_ms), Some(qty)) => {
                    Some(ForcedRelease { seq: number(seq)?, at_ms, qty: quantity(qty)? })
                }
                _ => None,
            };
            all.push(Reservation {
                id: TransferId { origin: name(row.try_get(0)?)?, seq: number(row.try_get(1)?)? },
                sku: name(row.try_get(2)?)?,
                lot: name(row.try_get(3)?)?,
                qty: quantity(row.try_get(4)?)?,
                issued: quantity(row.try_get(5)?)?,
                released: quantity(row.try_get(6)?)?,
                cut,
                purpose: row.try_get(10)?,
                until: row.try_get::<Option<NaiveDate>, _>(11)?,
                closed: row.try_get(12)?,
            });
        }
        Ok(all)
    })
}

async fn expectations(conn: &mut Conn<'_>) -> Result<Vec<Expectation>, StoreError> {
    let question = "SELECT origin, seq, sku, qty, received, due, reference, closed
                    FROM expected_receipt ORDER BY origin, seq";
    on!(conn, c => {
        let mut all = Vec::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            all.push(Expectation {
                id: TransferId { origin: name(row.try_get(0)?)?, seq: number(row.try_get(1)?)? },
                sku: name(row.try_get(2)?)?,
                qty: quantity(row.try_get(3)?)?,
                received: quantity(row.try_get(4)?)?,
                due: row.try_get::<NaiveDate, _>(5)?,
                reference: row.try_get(6)?,
                closed: row.try_get(7)?,
            });
        }
        Ok(all)
    })
}

async fn reversals(conn: &mut Conn<'_>) -> Result<Vec<(WarehouseId, u64, u64)>, StoreError> {
    let question = "SELECT origin, undone, undone_by FROM reversal ORDER BY origin, undone";
    let mut warehouses = Names::<WarehouseId>::new();
    on!(conn, c => {
        let mut all = Vec::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let origin = warehouses.read(row.try_get(0)?)?;
            all.push((origin, number(row.try_get(1)?)?, number(row.try_get(2)?)?));
        }
        Ok(all)
    })
}

async fn heads(conn: &mut Conn<'_>) -> Result<BTreeMap<WarehouseId, PartHead>, StoreError> {
    let question =
        "SELECT origin, incarnation, seq, hash, hlc, sort_key, sealed, quarantine FROM ledger_head";
    on!(conn, c => {
        let mut all = BTreeMap::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            let part = PartHead {
                head: Head {
                    incarnation: number(row.try_get(1)?)?,
                    seq: number(row.try_get(2)?)?,
                    hash: hash(row.try_get(3)?)?,
                },
                hlc: number(row.try_get(4)?)?,
                sort_key: number(row.try_get(5)?)?,
                sealed: number(row.try_get(6)?)?,
                quarantine: row.try_get(7)?,
            };
            all.insert(name(row.try_get(0)?)?, part);
        }
        Ok(all)
    })
}

async fn acknowledged(conn: &mut Conn<'_>) -> Result<Vec<(WarehouseId, String, String, i64)>, StoreError> {
    let question =
        "SELECT warehouse, alert, operator, at_ms FROM acknowledged_alert ORDER BY warehouse, alert";
    let rows: Vec<(String, String, String, i64)> =
        on!(conn, c => sqlx::query_as(question).fetch_all(c).await)?;
    rows.into_iter()
        .map(|(warehouse, alert, operator, at)| Ok((name(&warehouse)?, alert, operator, at)))
        .collect()
}

async fn decrees(conn: &mut Conn<'_>) -> Result<Vec<Decree>, StoreError> {
    let question = "SELECT founding, version, CAST(change AS text), origin, seq, hash, hlc, proven
                    FROM decree ORDER BY founding, version, decree";
    on!(conn, c => {
        let mut all = Vec::new();
        let mut rows = sqlx::query(question).fetch(c);
        while let Some(row) = rows.try_next().await? {
            all.push(Decree {
                founding: hash(row.try_get(0)?)?,
                version: number(row.try_get(1)?)?,
                change: json(row.try_get(2)?)?,
                entry: EntryRef {
                    origin: name(row.try_get(3)?)?,
                    seq: number(row.try_get(4)?)?,
                    hash: hash(row.try_get(5)?)?,
                },
                hlc: number(row.try_get(6)?)?,
                proven: row.try_get(7)?,
            });
        }
        Ok(all)
    })
}

async fn peers(conn: &mut Conn<'_>) -> Result<Vec<PeerRecord>, StoreError> {
    let question = "SELECT id, key, incarnation, last_seen_ms FROM peer ORDER BY id";
    let rows: Vec<(String, Option<Vec<u8>>, i64, i64)> =
        on!(conn, c => sqlx::query_as(question).fetch_all(c).await)?;
    let read = |(id, key, incarnation, last_seen_ms): (String, Option<Vec<u8>>, i64, i64)| {
        let key = key.map(|key| {
            <[u8; 32]>::try_from(key).map_err(|_| StoreError::broken("a key that has not 32 bytes"))
        });
        Ok(PeerRecord {
            id: name(&id)?,
            key: key.transpose()?,
            incarnation: number(incarnation)?,
            last_seen_ms,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Stamps that were read before: most products have the same ones.
#[derive(Default)]
struct Stamps(Option<(String, Arc<[Option<Stamp>; 8]>)>);

impl Stamps {
    fn read(
        &mut self,
        text: &str,
        warehouses: &mut Names<WarehouseId>,
    ) -> Result<Arc<[Option<Stamp>; 8]>, StoreError> {
        if let Some((known, stamps)) = &self.0
            && known == text
        {
            return Ok(Arc::clone(stamps));
        }
        let mut one = |text: &str| {
            if text == "-" {
                return Ok(None);
            }
            let (revision, origin) =
                text.split_once(' ').ok_or_else(|| StoreError::broken("a product's stamps can't be read"))?;
            Ok(Some(Stamp {
                revision: revision.parse().map_err(StoreError::broken)?,
                origin: warehouses.read(origin)?,
            }))
        };
        let listed = text.split(", ").map(&mut one).collect::<Result<Vec<_>, StoreError>>()?;
        let stamps: [Option<Stamp>; 8] = match listed.as_slice() {
            [all] => std::array::from_fn(|_| all.clone()),
            _ => listed.try_into().map_err(|_| StoreError::broken("a product has not eight stamps"))?,
        };
        let stamps = Arc::new(stamps);
        self.0 = Some((text.to_owned(), Arc::clone(&stamps)));
        Ok(stamps)
    }
}

/// Whether a reader understands these tables.
pub(super) async fn check(
    mut conn: Conn<'_>,
    node: WarehouseId,
    known: i64,
    what: String,
) -> Result<(), StoreError> {
    let question = "SELECT max(version) FROM _sqlx_migrations WHERE success";
    let found: Result<Option<i64>, sqlx::Error> =
        on!(&mut conn, c => sqlx::query_scalar(question).fetch_one(c).await);
    match found {
        Ok(Some(found)) if found > known => Err(Fault::Newer { found, known }.into()),
        Ok(Some(found)) if found == known => of_this_node(conn, node).await,
        Ok(_) => Err(Fault::Older { what }.into()),
        Err(error) if code_of(&error).as_deref() == Some("42P01") => Err(Fault::Blank { what }.into()),
        Err(error) if message(&error).contains("no such table") => Err(Fault::Blank { what }.into()),
        Err(error) => Err(sqlite::of_opening(error, Path::new(&what))),
    }
}

pub(super) async fn ping(conn: Conn<'_>) -> Result<(), StoreError> {
    // SQLite reads nothing for a bare SELECT 1.
    let question = "SELECT one FROM writer";
    on!(conn, c => sqlx::query_scalar::<_, i64>(question).fetch_optional(c).await)?;
    Ok(())
}
