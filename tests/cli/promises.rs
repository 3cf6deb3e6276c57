//! Reservations and expected receipts, as a script and as an operator at the verbs meet them.

use rubentario::text::Lang;
use serde_json::{Value, json};

use super::bare_node::Cluster;

/// Twelve pairs of gloves in madrid.
async fn gloves() -> Cluster {
    let cluster = Cluster::default();
    for words in [&["product", "set", "GLOVE", "--name", "Glove"][..], &["receive", "GLOVE", "12"]] {
        done(&cluster, words).await;
    }
    cluster
}

async fn done(cluster: &Cluster, words: &[&str]) -> Vec<String> {
    let ran = cluster.run("madrid", words).await;
    assert_eq!(ran.exit, 0, "{words:?}: {ran:?}");
    let entries = ran.json()["entries"].as_array().unwrap().clone();
    entries.iter().map(|entry| entry.as_str().unwrap().to_owned()).collect()
}

async fn refused(cluster: &Cluster, words: &[&str]) -> (String, String) {
    let ran = cluster.run("madrid", words).await;
    assert_eq!(ran.exit, 1, "{words:?}: {ran:?}");
    let error = ran.json()["error"].clone();
    (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
}

/// On hand, reserved, available and position of the gloves.
async fn figures(cluster: &Cluster) -> Value {
    let row = cluster.run("madrid", &["stock", "GLOVE", "--warehouse", "madrid"]).await.json()[0].clone();
    json!([row["on_hand"], row["reserved"], row["available"], row["position"]])
}

async fn left(cluster: &Cluster) -> Value {
    let rows = cluster.run("madrid", &["reservations"]).await.json();
    let rows = rows.as_array().unwrap().iter().map(|row| json!([row["id"], row["left"], row["for"]]));
    rows.collect()
}

#[tokio::test]
async fn what_is_reserved_is_on_hand_but_not_available_to_issues_and_transfers() {
    let cluster = gloves().await;
    let reserve = ["reserve", "GLOVE", "9", "--for", "order 8812", "--until", "2026-06-20"];
    let id = &done(&cluster, &reserve).await[0];
    assert_eq!(figures(&cluster).await, json!([12, 9, 3, 3]));
    assert_eq!(left(&cluster).await, json!([[id, 9, "order 8812"]]));
    for taking in [
        &["issue", "GLOVE", "4"][..],
        &["transfer", "send", "GLOVE", "4", "--to", "sevilla"],
        &["reserve", "GLOVE", "4", "--for", "another"],
    ] {
        let (code, message) = refused(&cluster, taking).await;
        assert_eq!(code, "not_enough");
        assert_eq!(message, "only 3 of GLOVE available here: 12 on hand, 9 reserved");
    }
    done(&cluster, &["issue", "GLOVE", "3"]).await;
    assert_eq!(figures(&cluster).await, json!([9, 9, 0, 0]));
    done(&cluster, &["release", id]).await;
    assert_eq!(figures(&cluster).await, json!([9, 0, 9, 9]));
    assert_eq!(refused(&cluster, &["release", id]).await.0, "no_reservation");
}

#[tokio::test]
async fn reserved_goods_go_out_in_parts_and_a_mistake_gives_them_back_to_who_had_them() {
    let cluster = gloves().await;
    let id = &done(&cluster, &["reserve", "GLOVE", "9", "--for", "ana"]).await[0];
    let first = &done(&cluster, &["reservations", "issue", id, "4"]).await[0];
    assert_eq!(figures(&cluster).await, json!([8, 5, 3, 3]));
    let (code, message) = refused(&cluster, &["reservations", "issue", id, "6"]).await;
    assert_eq!(code, "less_reserved");
    assert_eq!(message, format!("5 of GLOVE are left of reservation {id}, not 6"));
    done(&cluster, &["reverse", first]).await;
    assert_eq!(figures(&cluster).await, json!([12, 9, 3, 3]));
    // All that was left goes out; what the reservation is for becomes the reference.
    let all = &done(&cluster, &["reservations", "issue", id]).await[0];
    assert_eq!(figures(&cluster).await, json!([3, 0, 3, 3]));
    let newest = cluster.run("madrid", &["history", "--limit", "1"]).await.json()[0].clone();
    assert_eq!(json!([newest["kind"], newest["qty"], newest["ref"]]), json!(["issue", -9, "ana"]));
    done(&cluster, &["reverse", all]).await;
    assert_eq!(left(&cluster).await, json!([[id, 9, "ana"]]));
}

#[tokio::test]
async fn an_undone_issue_does_not_wake_a_reservation_that_was_released() {
    let cluster = gloves().await;
    let id = &done(&cluster, &["reserve", "GLOVE", "9", "--for", "ana"]).await[0];
    let issue = &done(&cluster, &["reservations", "issue", id, "4"]).await[0];
    done(&cluster, &["release", id]).await;
    done(&cluster, &["reverse", issue]).await;
    assert_eq!(figures(&cluster).await, json!([12, 0, 12, 12]));
    assert_eq!(left(&cluster).await, json!([]));
}

#[tokio::test]
async fn a_count_below_what_is_reserved_releases_the_newest_first_and_as_little_as_it_can() {
    let cluster = gloves().await;
    let old = done(&cluster, &["reserve", "GLOVE", "5", "--for", "old"]).await.remove(0);
    let middle = done(&cluster, &["reserve", "GLOVE", "3", "--for", "middle"]).await.remove(0);
    done(&cluster, &["reserve", "GLOVE", "2", "--for", "new"]).await;
    let entries = done(&cluster, &["count", "GLOVE", "7"]).await;
    assert_eq!(entries.len(), 3, "two releases, then the count");
    assert_eq!(left(&cluster).await, json!([[&old, 5, "old"], [&middle, 2, "middle"]]));
    assert_eq!(figures(&cluster).await, json!([7, 7, 0, 0]));
    done(&cluster, &["adjust", "GLOVE", "-3", "--reason", "damaged"]).await;
    assert_eq!(left(&cluster).await, json!([[&old, 4, "old"]]));
    assert_eq!(figures(&cluster).await, json!([4, 4, 0, 0]));
    let released = cluster.run("madrid", &["history", "--kind", "released"]).await.json();
    let released = released.as_array().unwrap();
    let told: Value = released.iter().map(|row| json!([row["qty"], row["reason"], row["ref"]])).collect();
    let newest_first =
        [json!([1, "short", "old"]), json!([2, "short", "middle"]), json!([1, "short", "middle"])];
    assert_eq!(told.as_array().unwrap()[..3], newest_first);
    assert_eq!(told[3], json!([2, "short", "new"]));
    let (code, message) = refused(&cluster, &["adjust", "GLOVE", "-5", "--reason", "lost"]).await;
    assert_eq!(code, "below_zero", "{message}");
}

#[tokio::test]
async fn a_receipt_whose_goods_are_promised_is_not_reversed_until_they_are_released() {
    let cluster = Cluster::default();
    done(&cluster, &["product", "set", "GLOVE", "--name", "Glove"]).await;
    let receipt = done(&cluster, &["receive", "GLOVE", "12"]).await.remove(0);
    let id = done(&cluster, &["reserve", "GLOVE", "9", "--for", "ana"]).await.remove(0);
    let (code, message) = refused(&cluster, &["reverse", &receipt]).await;
    assert_eq!(code, "below_reserved");
    assert!(message.ends_with("would leave less than the 9 reserved of 12 on hand"), "{message}");
    done(&cluster, &["release", &id]).await;
    done(&cluster, &["reverse", &receipt]).await;
    assert_eq!(figures(&cluster).await, json!([0, 0, 0, 0]));
}

#[tokio::test]
async fn a_reservation_takes_what_expires_first_and_is_one_per_lot() {
    let cluster = Cluster::default();
    for words in [
        &["product", "set", "QUESO", "--name", "Queso", "--lot-tracked"][..],
        &["receive", "QUESO@L2", "5", "--expiry", "2027-02-28"],
        &["receive", "QUESO@L1", "5", "--expiry", "2027-01-31"],
    ] {
        done(&cluster, words).await;
    }
    assert_eq!(done(&cluster, &["reserve", "QUESO", "7", "--for", "ana"]).await.len(), 2);
    let rows = cluster.run("madrid", &["reservations", "--sku", "QUESO"]).await.json();
    let rows: Value = rows.as_array().unwrap().iter().map(|row| json!([row["lot"], row["left"]])).collect();
    assert_eq!(rows, json!([["L1", 5], ["L2", 2]]));
}

#[tokio::test]
async fn a_day_that_has_passed_and_nobody_are_refused() {
    let cluster = gloves().await;
    let yesterday = ["reserve", "GLOVE", "1", "--for", "ana", "--until", "2026-06-14"];
    assert_eq!(refused(&cluster, &yesterday).await.0, "day_passed");
    assert_eq!(refused(&cluster, &["reserve", "GLOVE", "1", "--for", "  "]).await.0, "no_purpose");
    done(&cluster, &["reserve", "GLOVE", "1", "--for", "ana", "--until", "2026-06-15"]).await;
    assert_eq!(refused(&cluster, &["expect", "GLOVE", "1", "--on", "2026-06-14"]).await.0, "day_passed");
    let nobody = cluster.run_for_people(Lang::Es, "madrid", &["release", "madrid:99"]).await;
    assert!(nobody.err.contains("no hay nada reservado"), "{nobody:?}");
}

#[tokio::test]
async fn expected_goods_count_into_the_position_until_they_come_or_are_given_up() {
    let cluster = gloves().await;
    let expect = ["expect", "GLOVE", "50", "--on", "2026-06-20", "--ref", "PO 7"];
    let id = done(&cluster, &expect).await.remove(0);
    assert_eq!(figures(&cluster).await, json!([12, 0, 12, 62]));
    let part = done(&cluster, &["expected", "receive", &id, "20"]).await.remove(0);
    assert_eq!(figures(&cluster).await, json!([32, 0, 32, 62]));
    let rows = cluster.run("madrid", &["expected"]).await.json();
    let row = json!({
        "id": id, "warehouse": "madrid", "sku": "GLOVE", "qty": 50, "received": 20, "left": 30,
        "on": "2026-06-20", "ref": "PO 7",
    });
    assert_eq!(rows, json!([row]));
    done(&cluster, &["reverse", &part]).await;
    assert_eq!(figures(&cluster).await, json!([12, 0, 12, 62]));
    // More than was ordered came: nothing more is expected, and a mistake brings back what was.
    let more = done(&cluster, &["expected", "receive", &id, "60"]).await.remove(0);
    assert_eq!(figures(&cluster).await, json!([72, 0, 72, 72]));
    assert_eq!(refused(&cluster, &["expected", "receive", &id]).await.0, "no_expectation");
    done(&cluster, &["reverse", &more]).await;
    assert_eq!(figures(&cluster).await, json!([12, 0, 12, 62]));
    done(&cluster, &["expected", "close", &id, "--reason", "not made any more"]).await;
    assert_eq!(figures(&cluster).await, json!([12, 0, 12, 12]));
    assert_eq!(cluster.run("madrid", &["expected"]).await.json(), json!([]));
}
