//! Real files, where `../shared/data` stands beside the checkout; skipped with a word otherwise.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::bare_node::{Cluster, id};

/// A data set's folder; says so where there is none.
fn data(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    // The harness captures what is printed by macros only.
    let _ = writeln!(std::io::stderr(), "SKIPPED: there is no {}", folder.display());
    None
}

fn path(folder: &std::path::Path, file: &str) -> String {
    folder.join(file).display().to_string()
}

/// The rows of a file by heading, read without the program's own reader of files.
fn rows(path: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn datakick_is_refused_whole_for_its_one_bad_barcode_and_taken_without_it() {
    let Some(folder) = data("datakick-gtin") else {
        return;
    };
    let file = path(&folder, "items.csv");
    let cluster = Cluster::default();
    let map = ["--map", "sku=GTIN-14,barcode=GTIN-14,name=Name"];
    let mut words = vec!["import", "catalogue", &file];
    words.extend(map);
    let told = cluster.run("madrid", &words).await;
    assert_eq!((told.exit, cluster.recorded("madrid")), (1, 0));
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text[..text.find("00o27000382493").unwrap()].matches('\n').count() + 1;
    assert_eq!(
        told.json()["error"]["problems"],
        json!([{
            "line": line, "column": "GTIN-14",
            "reason": "«00o27000382493»: «o» at place 3 is not a digit"
        }])
    );
    words.push("--skip-bad");
    let report = cluster.run("madrid", &words).await.json();
    assert_eq!(
        (&report["read"], &report["booked"], &report["skipped"]),
        (&json!(6560), &json!(6559), &json!(1))
    );
    assert_eq!(cluster.products().len(), 6559);
}

#[tokio::test]
async fn all_presentations_of_bdpm_become_products() {
    let Some(folder) = data("bdpm-cip13") else { return };
    let file = path(&folder, "presentations.csv");
    let cluster = Cluster::default();
    let words = ["import", "catalogue", &file, "--map", "sku=cip13,barcode=cip13,name=libelle_presentation"];
    let told = cluster.run("madrid", &words).await;
    assert_eq!(told.exit, 0, "{}", told.out);
    assert_eq!(told.json()["booked"], 20_083);
    let found = cluster.run("madrid", &["stock", "COMPRIME pelliculés"]).await.json();
    assert!(!found.as_array().unwrap().is_empty(), "accents don't matter");
}

const PRODUCTS: &str = "sku=ProductCode,unit=UnitOfMeasure,lot_tracked=LotAndExpiryControl";
const INVENTORY: &str = "sku=\"Product code\",qty=\"Physical QOH\",lot=\"Lot number\",expiry=\"Expiration date\",shelf=\"Bin location\"";
const LEVELS: &str = "sku=\"Product code\",reorder_point=\"Min quantity\",maximum=\"Max quantity\",\
                      shelf=\"Preferred bin location\"";

async fn openboxes(folder: &std::path::Path) -> Cluster {
    let cluster = Cluster::default();
    let products = path(folder, "products.csv");
    let told = cluster.run("nyc", &["import", "catalogue", &products, "--map", PRODUCTS]).await;
    assert_eq!((told.exit, &told.json()["booked"]), (0, &json!(57)), "{}", told.out);
    for (warehouse, file) in WAREHOUSES {
        let file = path(folder, file);
        let words = ["import", "stock", &file, "--map", INVENTORY, "--date-format", "%m/%d/%Y"];
        let told = cluster.run(warehouse, &words).await;
        assert_eq!(told.exit, 0, "{}", told.out);
    }
    cluster
}

const WAREHOUSES: [(&str, &str); 3] = [
    ("nyc", "mainWarehouseInventory.csv"),
    ("boston", "bostonWarehouseInventory.csv"),
    ("chicago", "chicagoWarehouseInventory.csv"),
];

#[tokio::test]
async fn openboxes_stock_agrees_with_its_files_per_product_and_lot() {
    let Some(folder) = data("openboxes-demo") else {
        return;
    };
    let cluster = openboxes(&folder).await;
    for ((warehouse, file), total) in WAREHOUSES.into_iter().zip([198_656_i64, 78_580, 51_137]) {
        let mut expected: BTreeMap<(String, Option<String>), i64> = BTreeMap::new();
        for row in rows(&path(&folder, file)) {
            let lot = Some(row["Lot number"].clone()).filter(|lot| !lot.is_empty());
            let qty: i64 = row["Physical QOH"].parse().unwrap();
            if qty > 0 {
                *expected.entry((row["Product code"].clone(), lot)).or_default() += qty;
            }
        }
        let stock = cluster.run(warehouse, &["stock", "--warehouse", warehouse]).await.json();
        let mut found = BTreeMap::new();
        for row in stock.as_array().unwrap() {
            let key = (row["sku"].as_str().unwrap().to_owned(), row["lot"].as_str().map(str::to_owned));
            let qty = row["on_hand"].as_i64().unwrap();
            if qty > 0 {
                found.insert(key, qty);
            }
            if let Some(expiry) = row["expiry"].as_str() {
                assert!(expiry < "2026-01-01", "every lot has expired: {row}");
            }
        }
        assert_eq!(found, expected, "{warehouse}");
        assert_eq!(found.values().sum::<i64>(), total, "{warehouse}");
    }
}

#[tokio::test]
async fn openboxes_levels_put_21_products_at_or_under_their_minimum_in_nyc() {
    let Some(folder) = data("openboxes-demo") else {
        return;
    };
    let cluster = openboxes(&folder).await;
    let levels = path(&folder, "inventoryLevels.csv");
    let told = cluster.run("nyc", &["import", "rules", &levels, "--map", LEVELS]).await;
    assert_eq!((told.exit, &told.json()["booked"]), (0, &json!(52)), "{}", told.out);
    let nyc = id("nyc");
    let (mut low, mut under) = (0, 0);
    for view in cluster.products() {
        let point = view.rule(&nyc).and_then(|rule| rule.rule.reorder_point);
        low += usize::from(point.is_some_and(|point| view.position(&nyc) <= point));
        under += usize::from(point.is_some_and(|point| view.position(&nyc) < point));
    }
    assert_eq!((low, under), (21, 13));
}

#[tokio::test]
async fn openboxes_replenishment_lists_are_sent_as_far_as_stock_goes() {
    let Some(folder) = data("openboxes-demo") else {
        return;
    };
    let cluster = openboxes(&folder).await;
    let mut left: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows(&path(&folder, "mainWarehouseInventory.csv")) {
        *left.entry(row["Product code"].clone()).or_default() += row["Physical QOH"].parse::<i64>().unwrap();
    }
    for (warehouse, file) in
        [("boston", "bostonStocklistItems.csv"), ("chicago", "chicagoStocklistItems.csv")]
    {
        let list = rows(&path(&folder, file));
        let mut words = vec!["transfer", "request"];
        for row in &list {
            words.extend([row["product_code"].as_str(), row["quantity"].as_str()]);
        }
        words.extend(["--from", "nyc"]);
        let asked = cluster.run(warehouse, &words).await;
        assert_eq!(asked.exit, 0, "{}", asked.out);
        let id = asked.json()["entries"][0].as_str().unwrap().to_owned();
        let sent = cluster.run("nyc", &["transfer", "send", "--request", &id]).await;
        assert_eq!(sent.exit, 0, "{}", sent.out);
        let mut missing = BTreeMap::new();
        for row in &list {
            let wanted: i64 = row["quantity"].parse().unwrap();
            let there = left.entry(row["product_code"].clone()).or_default();
            let taken = wanted.min(*there);
            *there -= taken;
            if taken < wanted {
                missing.insert(row["product_code"].clone(), wanted - taken);
            }
        }
        let transfers = cluster.run("nyc", &["transfers", "--state", "dispatched"]).await.json();
        let transfer = transfers.as_array().unwrap().iter().find(|t| t["id"] == *id).unwrap();
        let mut short: BTreeMap<String, i64> = BTreeMap::new();
        for line in transfer["lines"].as_array().unwrap() {
            let asked = line["requested"].as_i64().unwrap_or(0);
            let sent = line["dispatched"].as_i64().unwrap_or(0);
            *short.entry(line["sku"].as_str().unwrap().to_owned()).or_default() += asked - sent;
        }
        short.retain(|_, n| *n != 0);
        assert_eq!(short, missing, "{warehouse}");
        let received = cluster.run(warehouse, &["transfer", "receive", &id]).await;
        assert_eq!(received.exit, 0, "{}", received.out);
    }
}
