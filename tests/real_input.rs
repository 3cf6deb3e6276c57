//! Three nodes in processes of their own on a hospital's real files, worked as a user would: imports, replication,
//! alerts, replenishment, conservation. Skipped with a word where `../shared/data` doesn't stand beside the checkout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use program::{Home, Watcher};
use rubentario::domain::{Quantity, TransferId, TransferState, WarehouseId};
use rubentario::ui::Model;
use serde_json::{Value, json};
use similar_asserts::assert_eq;

const PRODUCTS: &str = "sku=ProductCode,unit=UnitOfMeasure,lot_tracked=LotAndExpiryControl";
const INVENTORY: &str = "sku=\"Product code\",qty=\"Physical QOH\",lot=\"Lot number\",expiry=\"Expiration date\",shelf=\"Bin location\"";
const LEVELS: &str = "sku=\"Product code\",reorder_point=\"Min quantity\",maximum=\"Max quantity\",\
                      shelf=\"Preferred bin location\"";
/// Warehouse, its inventory, the sum of its column `Physical QOH`.
const WAREHOUSES: [(&str, &str, i64); 3] = [
    ("nyc", "mainWarehouseInventory.csv", 198_656),
    ("boston", "bostonWarehouseInventory.csv", 78_580),
    ("chicago", "chicagoWarehouseInventory.csv", 51_137),
];
/// Who is replenished from nyc, by which list.
const LISTS: [(&str, &str); 2] =
    [("boston", "bostonStocklistItems.csv"), ("chicago", "chicagoStocklistItems.csv")];

/// Warehouse, product, lot.
type Cell = (String, String, Option<String>);
type Row = BTreeMap<String, String>;

/// The data set's folder; says so where there is none.
fn openboxes() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/openboxes-demo");
    if folder.is_dir() {
        return Some(folder);
    }
    // The harness captures what is printed by macros only.
    let _ = writeln!(std::io::stderr(), "SKIPPED: there is no {}", folder.display());
    None
}

/// The rows of a file by heading, read without the program's own reader of files.
fn rows(folder: &Path, file: &str) -> Vec<Row> {
    csv::Reader::from_path(folder.join(file)).unwrap().deserialize().collect::<Result<_, _>>().unwrap()
}

fn number(text: &str) -> i64 {
    text.parse().unwrap()
}

/// What the files say lies where.
fn expected(folder: &Path) -> BTreeMap<Cell, i64> {
    let mut cells = BTreeMap::new();
    for (warehouse, file, _) in WAREHOUSES {
        for row in rows(folder, file) {
            let lot = Some(row["Lot number"].clone()).filter(|lot| !lot.is_empty());
            let qty = number(&row["Physical QOH"]);
            if qty > 0 {
                *cells.entry((warehouse.to_owned(), row["Product code"].clone(), lot)).or_default() += qty;
            }
        }
    }
    cells
}

/// A field of the stock rows of a node by cell, zeros left out.
fn by_cell(stock: &Value, field: &str) -> BTreeMap<Cell, i64> {
    let all = stock.as_array().unwrap().iter().map(|row| {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        ((text("warehouse").unwrap(), text("sku").unwrap(), text("lot")), row[field].as_i64().unwrap())
    });
    all.filter(|(_, qty)| *qty != 0).collect()
}

/// Sums over the warehouses.
fn by_lot(cells: &BTreeMap<Cell, i64>) -> BTreeMap<(String, Option<String>), i64> {
    let mut lots = BTreeMap::new();
    for ((_, sku, lot), qty) in cells {
        *lots.entry((sku.clone(), lot.clone())).or_default() += qty;
    }
    lots
}

fn of_product(cells: &BTreeMap<Cell, i64>, warehouse: &str, sku: &str) -> i64 {
    cells.iter().filter(|((w, s, _), _)| w == warehouse && s == sku).map(|(_, qty)| qty).sum()
}

/// The SKUs of the alerts of a kind.
fn alerted(alerts: &Value, kind: &str) -> BTreeSet<String> {
    let of_kind = alerts.as_array().unwrap().iter().filter(|alert| alert["kind"] == kind);
    of_kind.map(|alert| alert["sku"].as_str().unwrap().to_owned()).collect()
}

/// All units on hand in a warehouse, as a terminal there knows it.
fn units(model: &Model, warehouse: &str) -> i64 {
    let warehouse = WarehouseId::new(warehouse).unwrap();
    let each = model.products.values().map(|product| product.on_hand(&warehouse));
    each.fold(Quantity::ZERO, Quantity::saturating_plus).thousandths() / 1000
}

fn all_have_arrived(model: &Model) -> bool {
    WAREHOUSES.iter().all(|(warehouse, _, total)| units(model, warehouse) == *total)
}

/// What nyc can't send of a list, by product; what it sends goes off `left`.
fn short_of(list: &[Row], left: &mut BTreeMap<Cell, i64>) -> Vec<Value> {
    let mut short = Vec::new();
    for row in list {
        let (sku, wanted) = (&row["product_code"], number(&row["quantity"]));
        let mut to_send = wanted.min(of_product(left, "nyc", sku));
        let sent = to_send;
        for ((warehouse, of, _), qty) in left.iter_mut() {
            if warehouse == "nyc" && of == sku {
                let taken = to_send.min(*qty);
                *qty -= taken;
                to_send -= taken;
            }
        }
        if sent < wanted {
            short
                .push(json!({"sku": sku, "requested": wanted, "dispatched": sent, "missing": wanted - sent}));
        }
    }
    short
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_work_on_a_hospitals_files_and_agree_on_every_lot() {
    let Some(folder) = openboxes() else { return };
    let home = Home::new();
    let nodes = WAREHOUSES.map(|(warehouse, _, _)| home.start(warehouse));
    let mut watchers = Vec::new();
    for (warehouse, _, _) in WAREHOUSES {
        watchers.push(Watcher::at(&home.socket(warehouse)).await);
    }
    let file = |name: &str| folder.join(name).display().to_string();

    let told = home.verb("nyc", &["import", "catalogue", &file("products.csv"), "--map", PRODUCTS]).done();
    assert_eq!((&told["booked"], &told["error_count"]), (&json!(57), &json!(0)));
    for watcher in &mut watchers {
        watcher.until("the catalogue", |model| model.products.len() == 57).await;
    }
    for (warehouse, inventory, _) in WAREHOUSES {
        let said = rows(&folder, inventory);
        let empty = said.iter().filter(|row| row["Physical QOH"] == "0").count();
        assert!(empty > 0, "the file has rows without stock");
        let words = ["import", "stock", &file(inventory), "--map", INVENTORY, "--date-format", "%m/%d/%Y"];
        let told = home.verb(warehouse, &words).done();
        assert_eq!(told["read"], said.len(), "{warehouse}");
        assert_eq!(told["nothing_to_book"], empty, "{warehouse}: rows with 0 book nothing");
        assert_eq!(told["booked"], said.len() - empty, "{warehouse}");
    }
    let told = home.verb("nyc", &["import", "rules", &file("inventoryLevels.csv"), "--map", LEVELS]).done();
    assert_eq!(told["booked"], 52);
    for watcher in &mut watchers {
        watcher.until("all stock", all_have_arrived).await;
    }

    stock_is_as_the_files_say(&home, &folder);
    low_stock_is_alerted_in_nyc(&home, &folder);
    replenish(&home, &folder, &mut watchers).await;
    nothing_was_made_or_lost(&home, &folder);
    drop(nodes);
}

fn stock_is_as_the_files_say(home: &Home, folder: &Path) {
    let expected = expected(folder);
    let mut expiries = BTreeMap::new();
    for (_, file, _) in WAREHOUSES {
        for row in rows(folder, file).into_iter().filter(|row| !row["Lot number"].is_empty()) {
            let date = &row["Expiration date"];
            let iso = format!("{}-{}-{}", &date[6..], &date[..2], &date[3..5]);
            expiries.insert((row["Product code"].clone(), row["Lot number"].clone()), iso);
        }
    }
    for (asked, _, _) in WAREHOUSES {
        let stock = home.verb(asked, &["stock"]).done();
        let found = by_cell(&stock, "on_hand");
        assert_eq!(found, expected, "as {asked} knows it");
        for (warehouse, _, total) in WAREHOUSES {
            let there = found.iter().filter(|((w, _, _), _)| w == warehouse).map(|(_, qty)| qty);
            assert_eq!(there.sum::<i64>(), total, "{warehouse} as {asked} knows it");
        }
        for row in stock.as_array().unwrap().iter().filter(|row| row["lot"].is_string()) {
            let lot = (row["sku"].as_str().unwrap().to_owned(), row["lot"].as_str().unwrap().to_owned());
            assert_eq!(row["expiry"], expiries[&lot], "{row}");
        }
        lots_are_marked_as_expired(home, asked, &expected);
    }
}

/// Every lot here has expired long ago: each has its alert, and the tables for people say so.
fn lots_are_marked_as_expired(home: &Home, warehouse: &str, stock: &BTreeMap<Cell, i64>) {
    let lots: BTreeSet<_> = stock
        .keys()
        .filter_map(|(w, sku, lot)| Some((w, sku, lot.as_ref()?)))
        .filter(|(w, _, _)| *w == warehouse)
        .map(|(_, sku, lot)| (sku.as_str(), lot.as_str()))
        .collect();
    assert!(!lots.is_empty());
    let alerts = home.verb(warehouse, &["alerts"]).done();
    let expired: Vec<_> =
        alerts.as_array().unwrap().iter().filter(|alert| alert["kind"] == "lot_expired").collect();
    assert_eq!(expired.len(), lots.len(), "{warehouse}");
    for (sku, lot) in lots {
        let says = |alert: &&&Value| {
            alert["sku"] == sku && alert["text"].as_str().unwrap().contains(&format!("lot {lot} expired on "))
        };
        assert_eq!(expired.iter().filter(says).count(), 1, "{warehouse} {sku} {lot}");
        let words = ["stock", sku, "--warehouse", warehouse];
        let table = program::told(home.command(warehouse).args(words)).out;
        let line = table.lines().find(|line| line.contains(lot)).unwrap_or_else(|| panic!("{table}"));
        assert!(line.contains(" expired "), "{line}");
    }
}

/// 21 products are at or under their minimum, 13 of them under it.
fn low_stock_is_alerted_in_nyc(home: &Home, folder: &Path) {
    let expected = expected(folder);
    let (mut low, mut under) = (BTreeSet::new(), 0);
    for row in rows(folder, "inventoryLevels.csv") {
        let (sku, minimum) = (&row["Product code"], number(&row["Min quantity"]));
        let there = of_product(&expected, "nyc", sku);
        under += usize::from(there < minimum);
        if there <= minimum {
            low.insert(sku.clone());
        }
    }
    assert_eq!((low.len(), under), (21, 13));
    let alerts = home.verb("nyc", &["alerts"]).done();
    assert_eq!(alerted(&alerts, "low_stock"), low);
    let out: BTreeSet<_> = low.iter().filter(|sku| of_product(&expected, "nyc", sku) == 0).cloned().collect();
    assert!(alerted(&alerts, "out_of_stock").is_superset(&out));
    for warehouse in ["boston", "chicago"] {
        let alerts = home.verb(warehouse, &["alerts"]).done();
        assert!(alerted(&alerts, "low_stock").is_empty(), "the levels are nyc's alone: {alerts}");
    }
}

/// The lists are asked for, sent as far as stock goes, and taken in; each short line is named.
async fn replenish(home: &Home, folder: &Path, watchers: &mut [Watcher]) {
    let mut left = expected(folder);
    let mut wanted = Vec::new();
    for (warehouse, list) in LISTS {
        let list = rows(folder, list);
        let mut words = vec!["transfer", "request"];
        for row in &list {
            words.extend([row["product_code"].as_str(), row["quantity"].as_str()]);
        }
        words.extend(["--from", "nyc"]);
        let asked = home.verb(warehouse, &words).done();
        let id = asked["entries"][0].as_str().unwrap().to_owned();
        let transfer: TransferId = id.parse().unwrap();
        watchers[0].until("the request", |model| model.transfers.contains_key(&transfer)).await;
        let alerts = home.verb("nyc", &["alerts"]).done();
        let waiting = alerts.as_array().unwrap().iter().filter(|alert| alert["kind"] == "request_waiting");
        assert_eq!(waiting.count(), 1, "{alerts}");

        let sent = home.verb("nyc", &["transfer", "send", "--request", &id]).done();
        let short = short_of(&list, &mut left);
        assert!(!short.is_empty(), "the list asks for more than there is");
        assert_eq!(sent["short"], json!(short), "{warehouse}");
        for watcher in &mut *watchers {
            let is_sent = |model: &Model| state(model, &transfer) == Some(TransferState::Dispatched);
            watcher.until("the dispatch", is_sent).await;
        }
        let stock = home.verb(warehouse, &["stock"]).done();
        let road: i64 = by_cell(&stock, "in_transit").values().sum();
        let asked: i64 = list.iter().map(|row| number(&row["quantity"])).sum();
        let missing: i64 = short.iter().map(|line| line["missing"].as_i64().unwrap()).sum();
        assert_eq!(road, asked - missing, "{warehouse}");
        home.verb(warehouse, &["transfer", "receive", &id]).done();
        for watcher in &mut *watchers {
            let is_in = |model: &Model| state(model, &transfer) == Some(TransferState::Received);
            watcher.until("the arrival", is_in).await;
        }
        wanted.push((warehouse, list, short));
    }
    let before = expected(folder);
    let after = by_cell(&home.verb("nyc", &["stock"]).done(), "on_hand");
    left.retain(|(warehouse, _, _), qty| warehouse == "nyc" && *qty > 0);
    for (warehouse, sku, _) in left.keys() {
        assert_eq!(of_product(&after, warehouse, sku), of_product(&left, warehouse, sku), "{sku}");
    }
    for (warehouse, list, short) in wanted {
        for row in list {
            let (sku, asked) = (&row["product_code"], number(&row["quantity"]));
            let missing = short.iter().find(|line| line["sku"] == *sku);
            let came = asked - missing.map_or(0, |line| line["missing"].as_i64().unwrap());
            let had = of_product(&before, warehouse, sku);
            assert_eq!(of_product(&after, warehouse, sku), had + came, "{warehouse} {sku}");
        }
    }
}

fn state(model: &Model, transfer: &TransferId) -> Option<TransferState> {
    model.transfers.get(transfer).map(|transfer| transfer.state())
}

/// On every node, per product and lot: what all warehouses have is what the files brought in, nothing is on the road,
/// and every figure is the sum of its movements.
fn nothing_was_made_or_lost(home: &Home, folder: &Path) {
    let brought = by_lot(&expected(folder));
    let mut books = Vec::new();
    for (asked, _, _) in WAREHOUSES {
        let stock = home.verb(asked, &["stock"]).done();
        let found = by_cell(&stock, "on_hand");
        assert_eq!(by_lot(&found), brought, "as {asked} knows it");
        assert_eq!(by_cell(&stock, "in_transit"), BTreeMap::new(), "as {asked} knows it");
        let history = home.verb(asked, &["history", "--limit", "100000"]).done();
        let mut moved: BTreeMap<Cell, i64> = BTreeMap::new();
        for row in history.as_array().unwrap().iter().filter(|row| row["kind"] != "transfer_requested") {
            let text = |name: &str| row[name].as_str().map(str::to_owned);
            let cell = (text("warehouse").unwrap(), text("sku").unwrap(), text("lot"));
            *moved.entry(cell).or_default() += row["qty"].as_i64().unwrap();
        }
        moved.retain(|_, qty| *qty != 0);
        assert_eq!(moved, found, "as {asked} knows it");
        books.push((found, history));
    }
    assert!(books.iter().all(|book| *book == books[0]), "all three agree, movement by movement");
}
