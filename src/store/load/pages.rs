//! The large tables, a page of rows an answer: a row by itself costs the driver more than what is in it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Names, Stamps, json, name};
use crate::domain::{Lot, Product, Quantity, Sku, WarehouseId};
use crate::ledger::book::{ProductState, StockCell, StockKey};
use crate::ledger::{EntryRef, Hash};
use crate::store::StoreError;
use crate::store::session::{Conn, on};

/// A question for the thousand rows behind a key of three texts, as one array of arrays.
struct Paged {
    sqlite: &'static str,
    postgres: &'static str,
}

static PRODUCTS: Paged = Paged {
    sqlite:
        "SELECT json_group_array(json_array(sku, name, unit, decimals, barcodes, packs, category, lot_tracked,
                    retired, revision, defined_origin, defined_seq, lower(hex(defined_hash)), stamps))
             FROM (SELECT * FROM product WHERE sku > $1 AND $2 = $3 ORDER BY sku LIMIT 1000)",
    postgres:
        "SELECT json_agg(json_build_array(sku, name, unit, decimals, barcodes::text, packs::text, category,
                      lot_tracked::int, retired::int, revision, defined_origin, defined_seq,
                      encode(defined_hash, 'hex'), stamps) ORDER BY sku)::text
               FROM (SELECT * FROM product WHERE sku > $1 AND $2 = $3 ORDER BY sku LIMIT 1000) AS page",
};

static STOCK: Paged = Paged {
    sqlite: "SELECT json_group_array(json_array(warehouse, sku, lot, on_hand, reserved, expiry))
             FROM (SELECT * FROM stock WHERE (warehouse, sku, lot) > ($1, $2, $3)
                   ORDER BY warehouse, sku, lot LIMIT 1000)",
    postgres: "SELECT json_agg(json_build_array(warehouse, sku, lot, on_hand, reserved, expiry)
                      ORDER BY warehouse, sku, lot)::text
               FROM (SELECT * FROM stock WHERE (warehouse, sku, lot) > ($1, $2, $3)
                     ORDER BY warehouse, sku, lot LIMIT 1000) AS page",
};

/// A row of `product`.
#[derive(Deserialize)]
struct ProductRow<'a> {
    sku: Sku,
    name: String,
    unit: String,
    decimals: u8,
    #[serde(borrow)]
    barcodes: Cow<'a, str>,
    #[serde(borrow)]
    packs: Cow<'a, str>,
    category: String,
    lot_tracked: u8,
    retired: u8,
    revision: u32,
    #[serde(borrow)]
    defined_origin: Cow<'a, str>,
    defined_seq: u64,
    defined_hash: Hash,
    #[serde(borrow)]
    stamps: Cow<'a, str>,
}

/// A row of `stock`.
#[derive(Deserialize)]
struct StockRow<'a> {
    #[serde(borrow)]
    warehouse: Cow<'a, str>,
    #[serde(borrow)]
    sku: Cow<'a, str>,
    #[serde(borrow)]
    lot: Cow<'a, str>,
    on_hand: Quantity,
    reserved: Quantity,
    expiry: Option<NaiveDate>,
}

pub(in crate::store) async fn products(
    mut conn: Conn<'_>,
) -> Result<BTreeMap<Sku, ProductState>, StoreError> {
    let mut warehouses = Names::<WarehouseId>::new();
    let mut stamps = Stamps::default();
    let mut all = Vec::new();
    conn.begin_reading().await?;
    let read = read(&mut conn, &PRODUCTS, |page| {
        for row in rows::<ProductRow<'_>>(page)? {
            let state = ProductState {
                defined_by: EntryRef {
                    origin: warehouses.read(&row.defined_origin)?,
                    seq: row.defined_seq,
                    hash: row.defined_hash,
                },
                stamps: stamps.read(&row.stamps, &mut warehouses)?,
                revision: row.revision,
                product: Arc::new(Product {
                    sku: row.sku.clone(),
                    name: row.name,
                    unit: row.unit,
                    decimals: row.decimals,
                    barcodes: json(&row.barcodes)?,
                    packs: json(&row.packs)?,
                    category: row.category,
                    lot_tracked: row.lot_tracked != 0,
                    retired: row.retired != 0,
                }),
            };
            all.push((row.sku, state));
        }
        Ok(all.last().map(|(sku, _)| [sku.to_string(), String::new(), String::new()]))
    })
    .await;
    let ended = conn.commit().await;
    read.and(ended.map_err(StoreError::from))?;
    Ok(all.into_iter().collect())
}

pub(in crate::store) async fn stock(mut conn: Conn<'_>) -> Result<BTreeMap<StockKey, StockCell>, StoreError> {
    conn.begin_reading().await?;
    let all = stock_within(&mut conn).await;
    let ended = conn.commit().await;
    all.and_then(|all| ended.map(|()| all).map_err(StoreError::from))
}

/// Within a transaction of whoever asks.
pub(in crate::store) async fn stock_within(
    conn: &mut Conn<'_>,
) -> Result<BTreeMap<StockKey, StockCell>, StoreError> {
    let mut warehouses = Names::<WarehouseId>::new();
    let mut skus = Names::<Sku>::new();
    let no_lot = Lot::none();
    let mut all = Vec::new();
    read(conn, &STOCK, |page| {
        for row in rows::<StockRow<'_>>(page)? {
            let key = StockKey {
                warehouse: warehouses.read(&row.warehouse)?,
                sku: skus.read(&row.sku)?,
                lot: if row.lot.is_empty() { no_lot.clone() } else { name(&row.lot)? },
            };
            all.push((key, StockCell { on_hand: row.on_hand, reserved: row.reserved, expiry: row.expiry }));
        }
        Ok(all.last().map(|(key, _)| [key.warehouse.to_string(), key.sku.to_string(), key.lot.to_string()]))
    })
    .await?;
    Ok(all.into_iter().collect())
}

fn rows<'a, T: Deserialize<'a>>(page: &'a str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(page).map_err(StoreError::broken)
}

/// Reads page after page, in a transaction so that they are as of one moment. A page is taken by `take`, which tells the
/// key of the last row so far.
async fn read(
    conn: &mut Conn<'_>,
    paged: &Paged,
    mut take: impl FnMut(&str) -> Result<Option<[String; 3]>, StoreError>,
) -> Result<(), StoreError> {
    let question = match conn {
        Conn::Sqlite(_) => paged.sqlite,
        Conn::Postgres(_) => paged.postgres,
    };
    let mut behind = [String::new(), String::new(), String::new()];
    loop {
        let [first, second, third] = &behind;
        let page: Option<String> = on!(&mut *conn, c => sqlx::query_scalar(question)
            .bind(first)
            .bind(second)
            .bind(third)
            .fetch_one(c)
            .await)?;
        match page.filter(|page| page != "[]") {
            Some(page) => match take(&page)? {
                Some(last) => behind = last,
                None => return Ok(()),
            },
            None => return Ok(()),
        }
    }
}
