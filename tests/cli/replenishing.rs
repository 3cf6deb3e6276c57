//! What is low, what is brought and bought, as a script and as an operator at the verbs meet it.

use rubentario::domain::{Quantity, Refusal};
use rubentario::text::Lang;
use serde_json::{Value, json};

use super::bare_node::{Cluster, id};

/// Gloves are low in madrid, and sevilla has some to spare; masks are low, and nobody has any; caps are not low.
async fn low() -> Cluster {
    let cluster = Cluster::default();
    for words in [
        "product set GLOVE --name Glove",
        "product set MASK --name Mask --unit box",
        "product set CAP --name Cap",
        "receive GLOVE 4",
        "receive CAP 50",
        "issue CAP 1",
        "issue CAP 1",
        "issue GLOVE 1",
        "rule set GLOVE --reorder-point 10 --maximum 100 --multiple 12 --minimum-order 24",
        "rule set MASK --reorder-point 5 --lead-time 7",
        "rule set CAP --reorder-point 5",
    ] {
        done(&cluster, "madrid", words).await;
    }
    done(&cluster, "sevilla", "receive GLOVE 60").await;
    done(&cluster, "sevilla", "rule set GLOVE --reorder-point 20").await;
    cluster
}

async fn done(cluster: &Cluster, warehouse: &str, words: &str) {
    let words: Vec<&str> = words.split(' ').collect();
    let ran = cluster.run(warehouse, &words).await;
    assert_eq!(ran.exit, 0, "{words:?}: {ran:?}");
}

#[tokio::test]
async fn what_is_low_is_listed_with_what_to_bring_and_what_to_buy() {
    let cluster = low().await;
    let rows = cluster.run("madrid", &["replenish"]).await.json();
    assert_eq!(
        rows,
        json!([
            {
                "sku": "GLOVE", "name": "Glove", "on_hand": 3, "position": 3, "reorder_point": 10, "computed": false,
                "days_of_cover": null, "abc": "A", "requested": 0, "order": 99,
                "bring": [{"warehouse": "sevilla", "qty": 39, "keeps": 21}], "buy": 60,
            },
            {
                "sku": "MASK", "name": "Mask", "on_hand": 0, "position": 0, "reorder_point": 5, "computed": false,
                "days_of_cover": null, "abc": "C", "requested": 0, "order": 6, "bring": [], "buy": 6,
            },
        ])
    );
    let one = cluster.run("madrid", &["replenish", "MASK"]).await.json();
    assert_eq!((one.as_array().unwrap().len(), &one[0]["sku"]), (1, &json!("MASK")));
    let unknown = cluster.run("madrid", &["replenish", "HAT"]).await;
    assert_eq!((unknown.exit, &unknown.json()["error"]["code"]), (1, &json!("unknown_sku")));
    assert_eq!(cluster.run("sevilla", &["replenish"]).await.json(), json!([]));
}

#[tokio::test]
async fn people_read_what_each_source_keeps() {
    let cluster = low().await;
    let es = cluster.run_for_people(Lang::Es, "madrid", &["replenish", "GLOVE"]).await;
    assert_eq!(
        es.out,
        "SKU    Producto  Hay  Posición  Punto de pedido  Días  ABC  Pedido ya  Comprar  Traer\n\
         GLOVE  Glove       3         3               10     ∞  A            —       60  sevilla 39 (le quedan 21)\n"
    );
    let none = cluster.run_for_people(Lang::En, "sevilla", &["replenish"]).await;
    assert_eq!(none.out, "nothing is low\n");
}

#[tokio::test]
async fn the_purchase_proposal_is_a_sheet() {
    let cluster = low().await;
    let sheet = "sku,name,category,barcode,qty,unit,position,reorder_point,maximum,multiple,minimum_order,lead_time\n\
                 GLOVE,Glove,,,60,ud,3,10,100,12,24,\n\
                 MASK,Mask,,,6,box,0,5,,,,7\n";
    let told = cluster.run_for_people(Lang::En, "madrid", &["replenish", "--csv"]).await;
    assert_eq!((told.exit, told.out.as_str()), (0, sheet));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("buy.csv");
    let told = cluster.run("madrid", &["replenish", "--csv", file.to_str().unwrap()]).await;
    assert_eq!(told.json().as_array().unwrap().len(), 2, "the table is printed all the same");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), sheet);
    let nowhere = folder.path().join("no/buy.csv");
    assert_eq!(cluster.run("madrid", &["replenish", "--csv", nowhere.to_str().unwrap()]).await.exit, 2);
}

#[tokio::test]
async fn what_is_carried_out_is_asked_for_once() {
    let cluster = low().await;
    let asked = cluster.run("madrid", &["replenish", "--do"]).await.json();
    let told = &asked[0];
    assert_eq!(asked.as_array().unwrap().len(), 1, "what is to be bought is asked of nobody");
    assert_eq!(
        (&told["sku"], &told["from"], &told["qty"], &told["outcome"]),
        (&json!("GLOVE"), &json!("sevilla"), &json!(39), &json!("claimed"))
    );
    let transfers = cluster.run("madrid", &["transfers"]).await.json();
    assert_eq!((&transfers[0]["id"], &transfers[0]["state"]), (&told["transfer"], &json!("requested")));
    let row = cluster.run("madrid", &["replenish", "GLOVE"]).await.json()[0].clone();
    assert_eq!((&row["requested"], &row["bring"], &row["buy"]), (&json!(39), &json!([]), &json!(60)));
    assert_eq!(cluster.run("madrid", &["replenish", "--do"]).await.json(), json!([]));
    let words = cluster.run_for_people(Lang::Es, "madrid", &["replenish", "--do"]).await;
    assert_eq!((words.exit, words.out.as_str()), (0, "nada que traer de otros almacenes\n"));
}

#[tokio::test]
async fn each_line_is_told_on_its_own_and_one_that_is_refused_does_not_stop_the_others() {
    let cluster = low().await;
    done(&cluster, "sevilla", "receive MASK 20").await;
    let claims = vec![(id("valencia"), Quantity::units(50).unwrap())];
    let (sku, from, wanted) = ("GLOVE".parse().unwrap(), id("sevilla"), Quantity::units(39).unwrap());
    let claimable = Quantity::units(10).unwrap();
    cluster.refuses("GLOVE", Refusal::Claimed { sku, from, wanted, claimable, claims });
    let ran = cluster.run("madrid", &["replenish", "--do"]).await;
    let error = ran.json()["error"].clone();
    assert_eq!((ran.exit, &error["code"]), (1, &json!("some_refused")));
    let lines = error["lines"].as_array().unwrap();
    let told: Vec<Value> =
        lines.iter().map(|l| json!([l["sku"], l["outcome"], l["by"], l["claimable"]])).collect();
    assert_eq!(
        told,
        [json!(["GLOVE", "claimed_by_other", ["valencia"], 10]), json!(["MASK", "claimed", [], null])]
    );

    let cluster = low().await;
    let sku = "GLOVE".parse().unwrap();
    cluster.refuses("GLOVE", Refusal::NoMajority { sku, answered: 1, members: 3 });
    let ran = cluster.run("madrid", &["replenish", "--do", "GLOVE"]).await;
    assert_eq!((ran.exit, &ran.json()["error"]["lines"][0]["outcome"]), (3, &json!("no_majority")));
    let es = cluster.run_for_people(Lang::Es, "madrid", &["replenish", "--do", "GLOVE"]).await;
    assert!(
        es.out.starts_with("GLOVE: 39 de sevilla: ") && es.err.contains("1 de 1 no se han podido pedir"),
        "{es:?}"
    );
}

#[tokio::test]
async fn a_rule_without_a_point_needs_what_it_is_computed_from() {
    let cluster = low().await;
    let set = |words: &'static str| {
        let cluster = &cluster;
        async move { cluster.run("madrid", &words.split(' ').collect::<Vec<_>>()).await }
    };
    let bare = set("rule set CAP --reorder-point none --service-level 95").await;
    assert_eq!((bare.exit, &bare.json()["error"]["code"]), (1, &json!("field")));
    assert_eq!(set("rule set CAP --service-level 96").await.exit, 1);
    let all = "rule set CAP --reorder-point none --service-level 97.5 --lead-time 7 --lead-time-deviation 2";
    assert_eq!(set(all).await.exit, 0);
    let rule =
        cluster.products().iter().find(|v| v.product.sku.as_str() == "CAP").unwrap().rules[0].1.rule.clone();
    let level = rule.service_level.map(rubentario::domain::reorder::ServiceLevel::word);
    assert_eq!((level, rule.lead_time_deviation_days, rule.reorder_point), (Some("97.5"), Some(2), None));
}

#[tokio::test]
async fn a_stocktake_of_a_class_names_its_products_as_they_are_when_it_opens() {
    let cluster = low().await;
    let opened = cluster.run("madrid", &["stocktake", "open", "--abc", "A"]).await;
    assert_eq!(opened.exit, 0, "{opened:?}");
    // CAP was issued twice, GLOVE once: both make the first four fifths.
    let history = cluster.recorded("madrid");
    assert!(history > 0);
    let none = cluster.run("sevilla", &["stocktake", "open", "--abc", "B"]).await;
    assert_eq!(
        (none.exit, &none.json()["error"]["code"]),
        (1, &json!("stocktake")),
        "nothing of class B is there"
    );
}
