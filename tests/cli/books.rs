//! What the verbs that read, book and move do and print.

use rubentario::text::Lang;
use serde_json::json;

use super::bare_node::{Cluster, Then};

async fn with_goods() -> Cluster {
    let cluster = Cluster::default();
    let glove = ["product", "set", "GU-NIT-M", "--name", "Guante de látex M", "--barcode", "5901234123457"];
    assert_eq!(cluster.run("madrid", &glove).await.exit, 0);
    let cheese =
        ["product", "set", "QUESO", "--name", "Queso", "--unit", "kg", "--decimals", "3", "--lot-tracked"];
    assert_eq!(cluster.run("madrid", &cheese).await.exit, 0);
    assert_eq!(cluster.run("madrid", &["receive", "GU-NIT-M", "12"]).await.exit, 0);
    cluster
}

async fn on_hand(cluster: &Cluster, sku: &str, warehouse: &str) -> serde_json::Value {
    let rows = cluster.run("madrid", &["stock", sku, "--warehouse", warehouse]).await.json();
    rows[0]["on_hand"].clone()
}

#[tokio::test]
async fn a_receipt_is_recorded_under_its_id_and_a_retry_is_booked_once() {
    let cluster = with_goods().await;
    let receipt = [
        "receive",
        "QUESO@L1",
        "2.5",
        "--expiry",
        "2027-01-31",
        "--ref",
        "albarán 7",
        "--request-id",
        "0198f3a0-0000-7000-8000-000000000001",
    ];
    let first = cluster.run("madrid", &receipt).await;
    assert_eq!(first.exit, 0, "{first:?}");
    assert_eq!(
        first.json(),
        json!({"request": "0198f3a0-0000-7000-8000-000000000001", "entries": ["madrid:4"]})
    );
    assert_eq!(cluster.run("madrid", &receipt).await.json(), first.json());
    assert_eq!(on_hand(&cluster, "QUESO", "madrid").await, json!(2.5));
}

#[tokio::test]
async fn an_act_of_which_no_answer_came_can_be_repeated_by_the_id_that_is_told() {
    let cluster = with_goods().await;
    for (then, code) in [(Then::Goes, "node_gone"), (Then::IsSilent, "no_answer")] {
        let before = cluster.recorded("madrid");
        let told = cluster.run_unanswered("madrid", &["receive", "GU-NIT-M", "1"], then).await;
        let error = told.json()["error"].clone();
        assert_eq!((told.exit, error["code"].as_str()), (3, Some(code)), "{told:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.ends_with("; it may be recorded all the same"), "{message}");
        let id = error["request"].as_str().unwrap();
        let repeat = format!("--request-id {id}");
        assert!(error["hint"].as_str().unwrap().contains(&repeat), "{error}");
        let again = cluster.run("madrid", &["receive", "GU-NIT-M", "1", "--request-id", id]).await;
        assert_eq!(again.json()["request"], error["request"]);
        assert_eq!(cluster.recorded("madrid"), before + 1, "booked once");
    }
}

#[tokio::test]
async fn a_file_of_which_no_answer_came_can_be_imported_again() {
    let cluster = with_goods().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "sku,qty\nGU-NIT-M,3\n").unwrap();
    let words = ["import", "stock", file.path().to_str().unwrap()];
    let before = cluster.recorded("madrid");
    let told = cluster.run_unanswered("madrid", &words, Then::Goes).await;
    let error = told.json()["error"].clone();
    assert_eq!((told.exit, error["code"].as_str()), (3, Some("node_gone")));
    assert_eq!(error["hint"], "import the same file again: no row is booked twice");
    assert_eq!(cluster.run("madrid", &words).await.exit, 0);
    assert_eq!(cluster.recorded("madrid"), before + 1, "booked once");
}

#[tokio::test]
async fn counts_adjustments_and_reversals_move_what_is_on_hand() {
    let cluster = with_goods().await;
    let count = cluster.run("madrid", &["count", "GU-NIT-M", "10"]).await;
    assert_eq!(count.exit, 0, "{count:?}");
    assert_eq!(on_hand(&cluster, "GU-NIT-M", "madrid").await, json!(10));
    let adjust = cluster.run("madrid", &["adjust", "GU-NIT-M", "-3", "--reason", "damaged"]).await;
    assert_eq!(adjust.exit, 0, "{adjust:?}");
    let entry = adjust.json()["entries"][0].as_str().unwrap().to_owned();
    assert_eq!(on_hand(&cluster, "GU-NIT-M", "madrid").await, json!(7));
    assert_eq!(cluster.run("madrid", &["reverse", &entry]).await.exit, 0);
    assert_eq!(on_hand(&cluster, "GU-NIT-M", "madrid").await, json!(10));
    let again = cluster.run("madrid", &["reverse", &entry]).await;
    assert_eq!(again.json()["error"]["code"], "already_reversed");
}

#[tokio::test]
async fn a_transfer_goes_from_request_to_partial_receipt_with_a_reason() {
    let cluster = with_goods().await;
    let asked = cluster.run("sevilla", &["transfer", "request", "GU-NIT-M", "10", "--from", "madrid"]).await;
    assert_eq!(asked.exit, 0, "{asked:?}");
    let id = asked.json()["entries"][0].as_str().unwrap().to_owned();
    let sent = cluster.run("madrid", &["transfer", "send", "--request", &id]).await;
    assert_eq!(sent.exit, 0, "{sent:?}");
    let rows = cluster.run("madrid", &["stock", "gu-nit"]).await.json();
    assert_eq!((&rows[0]["warehouse"], &rows[0]["on_hand"]), (&json!("madrid"), &json!(2)));
    assert_eq!((&rows[1]["warehouse"], &rows[1]["in_transit"]), (&json!("sevilla"), &json!(10)));
    assert_eq!(rows[1]["reachable"], false);
    assert_eq!(rows[1]["as_of"], "2026-06-15T11:56:00.000Z");
    let short = ["transfer", "receive", &id, "--line", "GU-NIT-M=9:damaged"];
    let received = cluster.run("sevilla", &short).await;
    assert_eq!(received.exit, 0, "{received:?}");
    let twice = cluster.run("sevilla", &short).await;
    assert_eq!(twice.json()["error"]["code"], "wrong_state");
    let transfers = cluster.run("sevilla", &["transfers", "--state", "received", "--limit", "5"]).await;
    assert_eq!(
        transfers.json(),
        json!([{
            "id": id, "from": "madrid", "to": "sevilla", "state": "received",
            "lines": [{
                "sku": "GU-NIT-M", "lot": null, "requested": 10, "dispatched": 10, "received": 9, "returned": null,
                "shortage": 1, "reason": "damaged"
            }]
        }])
    );
    assert_eq!(cluster.run("sevilla", &["transfers", "--state", "requested"]).await.json(), json!([]));
}

#[tokio::test]
async fn what_a_request_asked_for_and_stock_could_not_give_is_named_line_by_line() {
    let cluster = with_goods().await;
    cluster.run("madrid", &["receive", "QUESO", "2.5", "--lot", "L1"]).await;
    cluster.run("madrid", &["receive", "QUESO", "1", "--lot", "L2"]).await;
    let asked =
        ["transfer", "request", "GU-NIT-M", "12", "QUESO", "4.5", "QUESO@L2", "1", "--from", "madrid"];
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(cluster.run("sevilla", &asked).await.json()["entries"][0].as_str().unwrap().to_owned());
    }
    let sent = cluster.run("madrid", &["transfer", "send", "--request", &ids[0]]).await;
    assert_eq!(sent.exit, 0, "{sent:?}");
    assert_eq!(
        sent.json()["short"],
        json!([{"sku": "QUESO", "requested": 5.5, "dispatched": 3.5, "missing": 2}])
    );
    cluster.run("madrid", &["receive", "GU-NIT-M", "5"]).await;
    let words = ["transfer", "send", "--request", &ids[1]];
    let sent = cluster.run_for_people(Lang::Es, "madrid", &words).await;
    let lines: Vec<_> = sent.out.lines().skip(1).collect();
    assert_eq!(
        lines,
        ["  GU-NIT-M: faltan 7 (pedidas 12, enviadas 5)", "  QUESO: faltan 5,5 (pedidas 5,5, enviadas 0)"]
    );
}

#[tokio::test]
async fn a_rejected_transfer_comes_back() {
    let cluster = with_goods().await;
    let sent = cluster.run("madrid", &["transfer", "send", "GU-NIT-M 4", "--to", "sevilla"]).await;
    let id = sent.json()["entries"][0].as_str().unwrap().to_owned();
    let reject = ["transfer", "reject", &id, "--reason", "mojado"];
    assert_eq!(cluster.run("sevilla", &reject).await.exit, 0);
    assert_eq!(cluster.run("madrid", &["transfer", "return", &id]).await.exit, 0);
    assert_eq!(on_hand(&cluster, "GU-NIT-M", "madrid").await, json!(12));
    let table = cluster.run_for_people(Lang::En, "madrid", &["transfers"]).await.out;
    let mut lines = table.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()));
    let titles: Vec<_> = lines.next().unwrap().collect();
    assert!(titles.windows(3).any(|three| three == ["Sent", "Received", "Returned"]), "{titles:?}");
    let cells: Vec<_> = lines.next().unwrap().collect();
    assert!(cells.windows(3).any(|three| three == ["4", "—", "4"]), "nothing was received: {cells:?}");
    let asked = cluster.run("sevilla", &["transfer", "request", "GU-NIT-M", "1", "--from", "madrid"]).await;
    let id = asked.json()["entries"][0].as_str().unwrap().to_owned();
    assert_eq!(cluster.run("sevilla", &["transfer", "withdraw", &id]).await.exit, 0);
    assert_eq!(cluster.run("madrid", &["transfer", "decline", &id]).await.exit, 0);
}

#[tokio::test]
async fn stock_is_found_without_accents_by_name_barcode_and_lot() {
    let cluster = with_goods().await;
    cluster.run("madrid", &["receive", "QUESO", "1", "--lot", "Ñ-7"]).await;
    for (query, sku) in
        [("latex", "GU-NIT-M"), ("LÁTEX guante", "GU-NIT-M"), ("5901234123457", "GU-NIT-M"), ("n-7", "QUESO")]
    {
        let rows = cluster.run("madrid", &["stock", query]).await.json();
        assert_eq!(rows.as_array().unwrap().len(), 1, "{query}");
        assert_eq!(rows[0]["sku"], sku, "{query}");
    }
    assert_eq!(cluster.run("madrid", &["stock", "nada"]).await.json(), json!([]));
}

#[tokio::test]
async fn history_is_paged_by_key_up_to_the_limit_and_filtered() {
    let cluster = with_goods().await;
    for _ in 0..3 {
        cluster.run("madrid", &["issue", "GU-NIT-M", "1", "--ref", "pedido"]).await;
    }
    let all = cluster.run("madrid", &["history"]).await.json();
    assert_eq!(all.as_array().unwrap().len(), 4);
    assert_eq!(
        (&all[0]["kind"], &all[0]["qty"], &all[0]["ref"]),
        (&json!("issue"), &json!(-1), &json!("pedido"))
    );
    let hlc: Vec<_> = all.as_array().unwrap().iter().map(|row| row["hlc"].as_str().unwrap()).collect();
    assert!(hlc.is_sorted_by(|a, b| a >= b), "newest first: {hlc:?}");
    let receipts = cluster.run("madrid", &["history", "--kind", "receipt"]).await.json();
    assert_eq!(receipts.as_array().unwrap().len(), 1);
    let two = cluster.run("madrid", &["history", "--limit", "2"]).await.json();
    assert_eq!(two.as_array().unwrap().len(), 2);
    let later = cluster.run("madrid", &["history", "--since", "2027-01-01"]).await.json();
    assert_eq!(later, json!([]));
    let others = cluster.run("madrid", &["history", "--operator", "luis"]).await.json();
    assert_eq!(others, json!([]));
}

#[tokio::test]
async fn a_long_history_takes_several_pages() {
    let cluster = with_goods().await;
    for n in 0..1005 {
        let told = cluster.run("madrid", &["receive", "GU-NIT-M", "1"]).await;
        assert_eq!(told.exit, 0, "{n}");
    }
    let rows = cluster.run("madrid", &["history", "--limit", "5000"]).await.json();
    assert_eq!(rows.as_array().unwrap().len(), 1006);
}

#[tokio::test]
async fn a_rule_keeps_what_is_not_said_and_zero_is_a_value() {
    let cluster = with_goods().await;
    let set = ["rule", "set", "GU-NIT-M", "--reorder-point", "20", "--maximum", "60", "--shelf", "A-1"];
    assert_eq!(cluster.run("madrid", &set).await.exit, 0);
    let set = ["rule", "set", "GU-NIT-M", "--reorder-point", "0", "--lead-time", "7"];
    assert_eq!(cluster.run("madrid", &set).await.exit, 0);
    let rows = cluster.run("madrid", &["stock", "GU-NIT-M"]).await.json();
    assert_eq!((&rows[0]["reorder_point"], &rows[0]["shelf"]), (&json!(0), &json!("A-1")));
    let view = &cluster.products()[0];
    let rule = &view.rules[0].1.rule;
    assert_eq!(rule.maximum.unwrap().to_string(), "60");
    assert_eq!(rule.lead_time_days, Some(7));
    let none = ["rule", "set", "GU-NIT-M", "--reorder-point", "none"];
    assert_eq!(cluster.run("madrid", &none).await.exit, 0);
    assert_eq!(cluster.products()[0].rules[0].1.rule.reorder_point, None);
}

#[tokio::test]
async fn status_and_peers_are_documents_and_tables() {
    let cluster = with_goods().await;
    let status = cluster.run("madrid", &["status"]).await.json();
    assert_eq!((&status["warehouse"], &status["recorded"]), (&json!("madrid"), &json!(3)));
    assert_eq!(status["store"], json!({"kind": "SQLite", "up": true, "trouble": null}));
    let ledgers = json!([{"warehouse": "sevilla", "entries": 1200, "of": 8000}]);
    let catching_up = json!({"ledgers": ledgers, "per_second": 100, "seconds_left": 68});
    assert_eq!(status["catching_up"], catching_up);
    let people = cluster.run_for_people(Lang::Es, "madrid", &["status"]).await.out;
    assert!(people.contains("\nreloj         +3 h 0 min ±12 ms de la hora de red\n"), "{people}");
    let told: Vec<_> = people.lines().skip_while(|line| !line.starts_with("al día")).take(2).collect();
    let all = "al día        Poniéndose al día: 1200 de 8000 asientos (100 por segundo, quedan 68 s)";
    assert_eq!(told, [all, "              sevilla: 1200 de 8000"]);
    assert_eq!(
        cluster.run("madrid", &["peers"]).await.json(),
        json!([{
            "id": "sevilla", "state": "down", "standing": "member", "rtt_ms": 2.5, "offset_ms": 1.2, "error_ms": 0.4, "lag_entries": 7,
            "applied_entries": 1200, "last_seen": "2026-06-15T11:56:00.000Z", "quarantine": null, "quarantine": null
        }])
    );
    let es = cluster.run_for_people(Lang::Es, "madrid", &["peers"]).await;
    assert_eq!(
        es.out,
        "Par      Estado  Ida y vuelta         Reloj  Están  Faltan  Última señal\n\
         sevilla  caído         2,5 ms  +1,2 ms ±0,4   1200       7  hace 4 min\n"
    );
    assert_eq!(cluster.run("madrid", &["alerts"]).await.json(), json!([]));
    let none = cluster.run_for_people(Lang::Es, "madrid", &["alerts"]).await;
    assert_eq!(none.out, "no hay alertas\n");
}

#[tokio::test]
async fn an_unknown_warehouse_is_told_and_an_empty_one_is_not_refused() {
    let cluster = with_goods().await;
    for verb in ["stock", "history"] {
        let unknown = cluster.run("madrid", &[verb, "--warehouse", "bilbao"]).await;
        assert_eq!(unknown.exit, 1, "{unknown:?}");
        let error = &unknown.json()["error"];
        assert_eq!(error["code"], "unknown_warehouse");
        assert_eq!(error["hint"], "known: madrid, sevilla");
        let empty = cluster.run("madrid", &[verb, "--warehouse", "sevilla"]).await;
        assert_eq!((empty.exit, empty.json()), (0, json!([])), "{verb}");
        let nothing = ["stock", "no-such-thing", "--warehouse", "madrid"];
        assert_eq!(cluster.run("madrid", &nothing).await.json(), json!([]));
    }
}

#[tokio::test]
async fn what_is_so_already_is_done_and_a_new_product_needs_a_name() {
    let cluster = with_goods().await;
    let name = ["product", "set", "GU-NIT-M", "--name", "Guante de látex M"];
    let rule = ["rule", "set", "GU-NIT-M", "--reorder-point", "20"];
    assert_eq!(cluster.run("madrid", &rule).await.exit, 0);
    let before = cluster.recorded("madrid");
    for so in [&name[..], &rule] {
        let again = cluster.run("madrid", so).await;
        assert_eq!((again.exit, &again.json()["entries"]), (0, &json!([])), "{again:?}");
        let said = cluster.run_for_people(Lang::En, "madrid", so).await;
        assert!(said.out.contains("it is so already"), "{said:?}");
    }
    for new in [&["product", "set", "NEW"][..], &["product", "set", "NEW", "--unit", "kg"]] {
        let nameless = cluster.run("madrid", new).await;
        assert_eq!(nameless.json()["error"]["code"], "field", "{nameless:?}");
        assert!(nameless.json()["error"]["message"].as_str().unwrap().contains("a new product needs a name"));
    }
    assert_eq!(
        cluster.run("madrid", &["product", "set", "GU-NIT-M"]).await.json()["error"]["code"],
        "nothing"
    );
    assert_eq!(cluster.recorded("madrid"), before);
}

#[tokio::test]
async fn locks_are_listed_with_who_waits_and_a_queue_can_be_left() {
    let cluster = with_goods().await;
    assert_eq!(
        cluster.run("madrid", &["lock", "list"]).await.json(),
        json!([{
            "sku": "A", "holder": "sevilla", "held_since": "2026-06-15T11:59:56.000Z",
            "waiting": [{"warehouse": "madrid", "since": "2026-06-15T11:59:58.000Z"}]
        }])
    );
    let es = cluster.run_for_people(Lang::Es, "madrid", &["lock", "list"]).await;
    assert!(es.out.starts_with("SKU  Lo tiene"), "{}", es.out);
    assert!(es.out.contains("sevilla (4,0 s)") && es.out.contains("madrid (2,0 s)"), "{}", es.out);
    assert_eq!(cluster.run("madrid", &["lock", "leave", "A"]).await.json(), json!({"left": "A"}));
    let refused = cluster.run("madrid", &["lock", "leave", "B"]).await;
    assert_eq!((refused.exit, &refused.json()["error"]["code"]), (1, &json!("not_waiting")));
}

#[tokio::test]
async fn people_read_tables_in_their_language() {
    let cluster = with_goods().await;
    cluster.run("madrid", &["receive", "QUESO", "12345.5", "--lot", "L1", "--expiry", "2027-01-31"]).await;
    let es = cluster.run_for_people(Lang::Es, "madrid", &["stock", "queso"]).await;
    let row = es.out.lines().nth(1).unwrap();
    assert!(row.contains("31/01/2027") && row.contains("12\u{a0}345,500"), "{row}");
    cluster.run("madrid", &["receive", "QUESO", "1", "--lot", "L0", "--expiry", "2026-06-14"]).await;
    let old = cluster.run_for_people(Lang::Es, "madrid", &["stock", "L0"]).await;
    assert!(old.out.contains("14/06/2026 caducado"), "{}", old.out);
    let en = cluster.run_for_people(Lang::En, "madrid", &["stock", "queso", "--warehouse", "madrid"]).await;
    let row = en.out.lines().find(|line| line.contains("L1")).unwrap();
    assert!(row.contains("2027-01-31") && row.contains("12,345.500"), "{row}");
    let refused = cluster.run_for_people(Lang::Es, "madrid", &["issue", "GU-NIT-M", "99"]).await;
    assert_eq!((refused.exit, refused.out.as_str()), (1, ""));
    assert!(
        refused.err.starts_with("rubentario: aquí solo hay 12 de GU-NIT-M: 12 en existencias"),
        "{refused:?}"
    );
    let booked = cluster.run_for_people(Lang::Es, "madrid", &["issue", "GU-NIT-M", "2"]).await;
    assert_eq!(booked.out, "salida de 2 GU-NIT-M: registrado (madrid:6)\n");
}

#[tokio::test]
async fn a_field_that_can_not_be_taken_is_told_in_spanish() {
    let cluster = with_goods().await;
    let long = "x".repeat(301);
    for (words, told) in [
        (vec!["product", "set", "NUEVO", "--unit", "ud"], "nombre: un producto nuevo necesita un nombre"),
        (vec!["product", "set", "GU-NIT-M", "--name", " "], "nombre: está en blanco"),
        (vec!["product", "set", "GU-NIT-M", "--name", &long], "nombre: tiene 301 caracteres y caben 300"),
        (
            vec!["product", "set", "GU-NIT-M", "--unit", "a\u{7}b"],
            "unidad: no se admite el carácter de control '\\u{7}'",
        ),
        (vec!["product", "retire", "GU-NIT-M"], "SKU: aún hay existencias de GU-NIT-M, o algo en camino"),
        (vec!["rule", "set", "GU-NIT-M", "--multiple", "0"], "múltiplo: 0 es demasiado poco"),
        (
            vec!["rule", "set", "GU-NIT-M", "--reorder-point", "9", "--maximum", "5"],
            "máximo: 5 es menor que el punto de pedido 9",
        ),
        (
            vec!["product", "set", "GU-NIT-M", "--barcode", "5901234123450"],
            "--barcode: «5901234123450»: el dígito de control es 0 y debería ser 7",
        ),
    ] {
        let refused = cluster.run_for_people(Lang::Es, "madrid", &words).await;
        assert_eq!(
            (refused.exit, refused.err.trim_end()),
            (1, format!("rubentario: {told}").as_str()),
            "{words:?}"
        );
    }
}

#[tokio::test]
async fn every_field_that_is_printed_is_documented() {
    fn fields(value: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
        match value {
            serde_json::Value::Object(map) => {
                for (name, value) in map {
                    found.insert(name.clone());
                    fields(value, found);
                }
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
            _ => {}
        }
    }
    let cluster = with_goods().await;
    let sent = cluster.run("madrid", &["transfer", "send", "GU-NIT-M", "1", "--to", "sevilla"]).await;
    let missing = cluster.run("madrid", &["import", "stock", "tests/data/sin-columnas.csv"]).await;
    let imported =
        cluster.run("madrid", &["import", "catalogue", "tests/data/catalogo-malo.csv", "--skip-bad"]).await;
    let mut found = std::collections::BTreeSet::new();
    for told in [&sent, &missing, &imported] {
        fields(&told.json(), &mut found);
    }
    for verb in ["stock", "history", "transfers", "peers", "status", "alerts", "lock list"] {
        let words: Vec<_> = verb.split(' ').collect();
        fields(&cluster.run("madrid", &words).await.json(), &mut found);
    }
    let text = include_str!("../../docs/json.md");
    for field in found {
        assert!(text.contains(&format!("`{field}`")) || text.contains(&format!("\"{field}\"")), "{field}");
    }
}
