//! Files of the project's own: what is booked of good ones, and what is said of bad ones.

use rubentario::domain::reorder::ServiceLevel;
use rubentario::text::Lang;
use serde_json::json;

use super::bare_node::{Cluster, Told};

fn file(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

const CATALOGUE_MAP: &str = "name=nombre,unit=unidad,decimals=decimales,barcode=código,pack_size=paquete,\
                             pack_barcode=\"código del paquete\",category=familia,lot_tracked=lotes";
const STOCK_MAP: &str = "sku=Producto,qty=Cantidad,lot=Lote,expiry=Caducidad,shelf=Sitio";

async fn import_catalogue(cluster: &Cluster) -> Told {
    let file = file("catalogo.csv");
    let words = ["import", "catalogue", &file, "--decimal", "comma", "--map", CATALOGUE_MAP];
    cluster.run("madrid", &words).await
}

async fn import_stock(cluster: &Cluster, more: &[&str]) -> Told {
    let file = file("existencias.csv");
    let mut words =
        vec!["import", "stock", &file, "--decimal", "comma", "--date-format", "%d/%m/%Y", "--map", STOCK_MAP];
    words.extend(more);
    cluster.run("madrid", &words).await
}

async fn with_catalogue() -> Cluster {
    let cluster = Cluster::default();
    assert_eq!(import_catalogue(&cluster).await.exit, 0);
    cluster
}

#[tokio::test]
async fn a_catalogue_with_decimal_commas_and_quoted_line_breaks_is_imported_once() {
    let cluster = Cluster::default();
    let told = import_catalogue(&cluster).await;
    assert_eq!(told.exit, 0, "{told:?}");
    let report = told.json();
    assert_eq!(
        (&report["read"], &report["booked"], &report["error_count"]),
        (&json!(4), &json!(4), &json!(0))
    );
    let products = cluster.products();
    let cheese = &products.iter().find(|p| p.product.sku.as_str() == "QUESO-CUR").unwrap().product;
    assert_eq!(cheese.name, "Queso curado de oveja");
    assert_eq!((cheese.unit.as_str(), cheese.decimals, cheese.lot_tracked), ("kg", 3, true));
    assert_eq!(cheese.packs[0].size.to_string(), "2.5");
    assert_eq!(cheese.packs[0].barcode.unwrap().short(), "20611628936004");
    let again = import_catalogue(&cluster).await.json();
    assert_eq!((&again["booked"], &again["already_there"]), (&json!(0), &json!(4)));
    assert_eq!(cluster.recorded("madrid"), 4);
}

#[tokio::test]
async fn stock_is_received_row_by_row_and_an_import_that_is_run_again_books_nothing() {
    let cluster = with_catalogue().await;
    let told = import_stock(&cluster, &[]).await;
    assert_eq!(told.exit, 0, "{told:?}");
    let report = told.json();
    for (field, n) in [
        ("read", 6),
        ("booked", 4),
        ("nothing_to_book", 2),
        ("already_there", 0),
        ("skipped", 0),
        ("repeated", 1),
    ] {
        assert_eq!(report[field], n, "{field}");
    }
    let rows = cluster.run("madrid", &["stock"]).await.json();
    let seen: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["sku"], row["lot"], row["expiry"], row["on_hand"], row["shelf"]]))
        .collect();
    assert_eq!(
        seen,
        [
            json!(["CINTA-50", null, null, 0, "C-03"]),
            json!(["GU-NIT-M", null, null, 1200, "A-01"]),
            json!(["HARINA", "H/174", "2026-06-30", 1250.5, "B-02"]),
            json!(["QUESO-CUR", "Q-7", "2027-01-31", 12.845, "CAMARA 1, CAMARA 2"]),
        ]
    );
    let flour = cluster.products().into_iter().find(|p| p.product.sku.as_str() == "HARINA").unwrap();
    assert!(flour.product.lot_tracked, "a stock row with a lot makes its product lot-tracked");
    let before = cluster.recorded("madrid");
    let again = import_stock(&cluster, &[]).await;
    assert_eq!(again.exit, 0, "{again:?}");
    assert_eq!((&again.json()["booked"], &again.json()["already_there"]), (&json!(0), &json!(4)));
    assert_eq!(cluster.recorded("madrid"), before);
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_booked_and_books_nothing() {
    let cluster = with_catalogue().await;
    let report = import_stock(&cluster, &["--dry-run"]).await.json();
    assert_eq!((&report["dry_run"], &report["booked"]), (&json!(true), &json!(4)));
    assert_eq!(cluster.recorded("madrid"), 4);
}

#[tokio::test]
async fn rows_with_a_reference_are_booked_once_from_whatever_file() {
    let cluster = with_catalogue().await;
    let path = file("clientes.csv");
    let words = ["import", "stock", &path, "--ref-column", "mov"];
    assert_eq!(cluster.run("madrid", &words).await.json()["booked"], 2);
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other.csv");
    std::fs::write(&other, "sku,qty,mov\nGU-NIT-M,1,M-3\nGU-NIT-M,99,M-2\nGU-NIT-M,5,M-1\n").unwrap();
    let other = other.display().to_string();
    let report = cluster.run("madrid", &["import", "stock", &other, "--ref-column", "mov"]).await.json();
    assert_eq!(
        (&report["booked"], &report["already_there"], &report["changed"]),
        (&json!(1), &json!(2), &json!(1))
    );
    let rows = cluster.run("madrid", &["stock", "GU-NIT-M"]).await.json();
    assert_eq!(rows[0]["on_hand"], 12);
}

#[tokio::test]
async fn rules_are_set_and_blank_cells_leave_them_as_they_are() {
    let cluster = with_catalogue().await;
    let path = file("puntos-de-pedido.csv");
    let words = ["import", "rules", &path, "--decimal", "comma"];
    let report = cluster.run("madrid", &words).await.json();
    assert_eq!(
        (&report["booked"], &report["nothing_to_book"], &report["read"]),
        (&json!(3), &json!(1), &json!(4))
    );
    let products = cluster.products();
    let rule = |sku: &str| {
        let view = products.iter().find(|p| p.product.sku.as_str() == sku).unwrap();
        view.rules[0].1.rule.clone()
    };
    assert_eq!(rule("GU-NIT-M").reorder_point.unwrap().to_string(), "1500");
    assert_eq!(rule("GU-NIT-M").lead_time_days, Some(7));
    assert_eq!(rule("HARINA").reorder_point.unwrap().to_string(), "0");
    assert_eq!(rule("QUESO-CUR").reorder_point.unwrap().to_string(), "2.5");
    let again = cluster.run("madrid", &words).await.json();
    assert_eq!((&again["booked"], &again["already_there"]), (&json!(0), &json!(3)));
}

#[tokio::test]
async fn what_a_computed_reorder_point_needs_is_imported_too() {
    let cluster = with_catalogue().await;
    let report = cluster.run("madrid", &["import", "rules", &file("puntos-calculados.csv")]).await.json();
    assert_eq!(report["booked"], 2, "{report}");
    let products = cluster.products();
    let rule = |sku: &str| {
        let view = products.iter().find(|p| p.product.sku.as_str() == sku).unwrap();
        view.rules[0].1.rule.clone()
    };
    let gloves = rule("GU-NIT-M");
    assert_eq!((gloves.lead_time_days, gloves.lead_time_deviation_days), (Some(7), Some(2)));
    assert_eq!(gloves.service_level.map(ServiceLevel::word), Some("97.5"));
    assert_eq!(rule("HARINA").service_level.map(ServiceLevel::word), Some("95"));
    let told = cluster.run("madrid", &["import", "rules", &file("puntos-calculados-malos.csv")]).await;
    assert_eq!(
        reasons(&told),
        [
            "2 lead_time_deviation: «-1» is not a whole number from 0 to 3650",
            "2 service_level: «96» is none of 90, 95, 97.5, 99",
            "3 lead_time: a computed reorder point needs it"
        ]
    );
}

fn reasons(told: &Told) -> Vec<String> {
    let document = told.json();
    let problems = document["error"]["problems"].as_array().unwrap();
    problems
        .iter()
        .map(|p| {
            let column = p["column"].as_str().unwrap_or("—");
            format!("{} {column}: {}", p["line"], p["reason"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_bad_catalogue_is_refused_whole_with_every_line_column_and_reason() {
    let cluster = Cluster::default();
    let path = file("catalogo-malo.csv");
    let told = cluster.run("madrid", &["import", "catalogue", &path]).await;
    assert_eq!((told.exit, cluster.recorded("madrid")), (1, 0));
    assert_eq!(told.json()["error"]["code"], "file_rows");
    assert_eq!(told.json()["error"]["message"], "nothing was booked: 7 of 8 rows have errors");
    assert_eq!(
        reasons(&told),
        [
            "2 barcode: «5901234123450»: the check digit is 0 where 7 was expected",
            "3 sku: it is blank",
            "4 name: it is blank",
            "4 decimals: «4» is not a whole number from 0 to 3",
            "4 lot_tracked: «maybe» is neither yes nor no",
            "5 sku: «A» stands in line 2 already",
            "6 pack_size: «0»: the quantity must be more than zero",
            "6 barcode: «00o27000382493»: «o» at place 3 is not a digit",
            "7 pack_barcode: the barcode of a pack needs the pack's size",
            "8 —: the row has 3 cells, the heading has 9",
        ]
    );
    let told = cluster.run("madrid", &["import", "catalogue", &path, "--skip-bad"]).await;
    assert_eq!(told.exit, 0);
    let report = told.json();
    assert_eq!(
        (&report["booked"], &report["skipped"], &report["error_count"]),
        (&json!(1), &json!(7), &json!(10))
    );
}

#[tokio::test]
async fn bad_stock_is_refused_whole_and_the_good_row_is_taken_on_request() {
    let cluster = with_catalogue().await;
    let path = file("existencias-malas.csv");
    let told = cluster.run("madrid", &["import", "stock", &path]).await;
    assert_eq!((told.exit, cluster.recorded("madrid")), (1, 4));
    assert_eq!(
        reasons(&told),
        [
            "2 qty: «-3»: the quantity can't be negative",
            "3 qty: «2.5»: only whole units are counted",
            "4 qty: «many»: «m» at place 1 is not part of a quantity",
            "5 sku: there is no product NADA in the catalogue",
            "6 lot: QUESO-CUR is tracked by lot: name the lot",
            "7 expiry: «2027-02-30» is not a date of the form %Y-%m-%d",
            "9 expiry: the same lot expires on 2027-01-31 in line 8",
            "10 qty: «9999999999999999»: the quantity is too large: at most 999,999,999,999.999 can be counted",
        ]
    );
    let report = cluster.run("madrid", &["import", "stock", &path, "--skip-bad"]).await.json();
    assert_eq!((&report["booked"], &report["skipped"]), (&json!(2), &json!(8)));
}

#[tokio::test]
async fn bad_rules_are_told_in_spanish_to_people() {
    let cluster = with_catalogue().await;
    let path = file("puntos-malos.csv");
    let told = cluster.run_for_people(Lang::Es, "madrid", &["import", "rules", &path]).await;
    assert_eq!((told.exit, told.out.as_str()), (1, ""));
    let lines: Vec<_> = told.err.lines().collect();
    assert_eq!(
        lines,
        [
            "línea 2, columna «multiple»: «0»: la cantidad debe ser mayor que cero",
            "línea 2, columna «lead_time»: «soon» no es un número entero de 0 a 3650",
            "línea 2, columna «maximum»: el máximo 20 es menor que el punto de pedido 50",
            "línea 3, columna «sku»: «GU-NIT-M» ya estaba en la línea 2",
            "línea 4, columna «sku»: no hay ningún producto NADA en el catálogo",
            "línea 5, columna «reorder_point»: «-1»: la cantidad no puede ser negativa",
            "rubentario: no se ha registrado nada: 4 de 4 filas tienen errores",
            "  corríjalas, o con --skip-bad se toman las demás",
        ]
    );
}

#[tokio::test]
async fn missing_columns_are_named_with_those_that_are_there() {
    let cluster = with_catalogue().await;
    let path = file("sin-columnas.csv");
    let told = cluster.run("madrid", &["import", "stock", &path]).await;
    let error = &told.json()["error"];
    assert_eq!(error["message"], "these columns are missing: sku, qty");
    assert_eq!(error["hint"], "the file has: code, quantity; name them with --map sku=\"Column\"");
    let told = cluster.run("madrid", &["import", "stock", &path, "--map", "sku=Code,qty=Amount"]).await;
    assert_eq!(told.json()["error"]["message"], "the file does not have the columns Amount");
    let told = cluster.run("madrid", &["import", "stock", &path, "--map", "colour=x"]).await;
    assert_eq!((told.exit, &told.json()["error"]["code"]), (2, &json!("usage")));
    let told = cluster.run("madrid", &["import", "stock", "/nowhere.csv"]).await;
    assert_eq!((told.exit, &told.json()["error"]["message"]), (2, &json!("/nowhere.csv: there is no file")));
}

#[tokio::test]
async fn bytes_in_another_encoding_are_named_by_line() {
    let cluster = Cluster::default();
    let path = file("latin1.csv");
    let told = cluster.run("madrid", &["import", "catalogue", &path]).await;
    assert_eq!(
        reasons(&told),
        [
            "2 name: it is not UTF-8; save the file as UTF-8",
            "4 name: it is not UTF-8; save the file as UTF-8",
        ]
    );
    assert_eq!(cluster.recorded("madrid"), 0);
}

#[tokio::test]
async fn a_file_with_very_many_errors_tells_the_first_fifty_and_counts_them() {
    use std::fmt::Write;
    let cluster = Cluster::default();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.csv");
    let mut text = "sku,name\n".to_owned();
    for _ in 0..1234 {
        writeln!(text, ",x").unwrap();
    }
    std::fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    let told = cluster.run("madrid", &["import", "catalogue", &path]).await;
    assert_eq!(reasons(&told).len(), 50);
    assert_eq!(told.json()["error"]["count"], 1234);
    let told = cluster.run_for_people(Lang::Es, "madrid", &["import", "catalogue", &path]).await;
    assert!(told.err.contains("… y 1184 errores más"), "{}", told.err);
}

#[tokio::test]
async fn many_rows_go_in_messages_of_bounded_size() {
    use std::fmt::Write;
    let cluster = Cluster::default();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("big.csv");
    let mut text = "sku,name\n".to_owned();
    for n in 0..2300 {
        writeln!(text, "P-{n},Producto {n}").unwrap();
    }
    std::fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    let report = cluster.run("madrid", &["import", "catalogue", &path]).await.json();
    assert_eq!(report["booked"], 2300);
    assert_eq!(cluster.messages(), [500, 500, 500, 500, 300]);
}
