//! Large real catalogues, where `../shared/data` stands beside the checkout; skipped with a word otherwise.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::bare_node::Cluster;

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
