//! Bad input at the verbs: each is refused with a sentence that says what, why and what to do, and changes nothing.

use std::path::Path;

use rubentario::text::Lang;
use serde_json::{Value, json};
use similar_asserts::assert_eq;

use super::bare_node::Cluster;

/// Gloves in madrid; cheese by lots, one of them past its date; 5 gloves on the road to sevilla, 2 asked of madrid.
async fn shop() -> (Cluster, String, String) {
    let cluster = Cluster::default();
    for words in [
        &["product", "set", "GU-NIT-M", "--name", "Guante"][..],
        &["product", "set", "QUESO", "--name", "Queso", "--unit", "kg", "--decimals", "2", "--lot-tracked"],
        &["receive", "GU-NIT-M", "12"],
        &["receive", "QUESO", "3", "--lot", "VIEJO", "--expiry", "2026-01-31"],
    ] {
        assert_eq!(cluster.run("madrid", words).await.exit, 0, "{words:?}");
    }
    let first_entry = |told: super::bare_node::Told| told.json()["entries"][0].as_str().unwrap().to_owned();
    let sent = cluster.run("madrid", &["transfer", "send", "GU-NIT-M", "5", "--to", "sevilla"]).await;
    let asked = cluster.run("sevilla", &["transfer", "request", "GU-NIT-M", "2", "--from", "madrid"]).await;
    (cluster, first_entry(sent), first_entry(asked))
}

/// Everything that could have changed.
async fn world(cluster: &Cluster) -> Vec<Value> {
    let mut world = Vec::new();
    for verb in [&["stock"][..], &["history"], &["transfers"]] {
        world.push(cluster.run("madrid", verb).await.json());
    }
    world.push(json!([cluster.recorded("madrid"), cluster.recorded("sevilla")]));
    world
}

/// Runs a verb that must be refused: exit 1, one error document, nothing changed; code, message and hint come back.
async fn refused(cluster: &Cluster, warehouse: &str, words: &[&str]) -> (String, String, Option<String>) {
    let before = world(cluster).await;
    let told = cluster.run(warehouse, words).await;
    assert_eq!((told.exit, told.err.as_str()), (1, ""), "{words:?}: {}", told.out);
    assert_eq!(world(cluster).await, before, "{words:?}");
    let document = told.json();
    let error = document["error"].as_object().unwrap();
    let text = |field: &str| error[field].as_str().map(str::to_owned);
    (text("code").unwrap(), text("message").unwrap(), text("hint"))
}

async fn is_refused(
    cluster: &Cluster,
    warehouse: &str,
    words: &[&str],
    expected: (&str, &str, Option<&str>),
) {
    let (code, message, hint) = refused(cluster, warehouse, words).await;
    assert_eq!((code.as_str(), message.as_str(), hint.as_deref()), expected, "{words:?}");
}

#[tokio::test]
async fn an_unknown_product_is_named_with_what_to_do() {
    let (cluster, _, _) = shop().await;
    let said = (
        "unknown_sku",
        "there is no product NADA in the catalogue",
        Some("look it up with «stock», or make it with «product set»"),
    );
    for words in [
        &["receive", "NADA", "1"][..],
        &["issue", "NADA", "1"],
        &["count", "NADA", "1"],
        &["adjust", "NADA", "1", "--reason", "found"],
        &["rule", "set", "NADA", "--reorder-point", "1"],
        &["product", "retire", "NADA"],
        &["transfer", "send", "NADA", "1", "--to", "sevilla"],
        &["transfer", "request", "NADA", "1", "--from", "sevilla"],
    ] {
        is_refused(&cluster, "madrid", words, said).await;
    }
}

#[tokio::test]
async fn a_wrong_barcode_is_told_digit_by_digit() {
    let (cluster, _, _) = shop().await;
    for (barcode, message) in [
        ("5901234123450", "--barcode: «5901234123450»: the check digit is 0 where 7 was expected"),
        ("590123412345X", "--barcode: «590123412345X»: «X» at place 13 is not a digit"),
        ("590123", "--barcode: «590123»: a barcode has 8, 12, 13, 14 digits, this one has 6"),
    ] {
        let words = ["product", "set", "GU-NIT-M", "--barcode", barcode];
        let (code, said, _) = refused(&cluster, "madrid", &words).await;
        assert_eq!((code.as_str(), said.as_str()), ("field", message));
    }
}

#[tokio::test]
async fn quantities_that_can_not_be_are_refused_everywhere() {
    let (cluster, _, _) = shop().await;
    let positive = "GU-NIT-M: the quantity must be more than zero";
    let large = "GU-NIT-M: the quantity is too large: at most 999,999,999,999.999 can be counted";
    let decimals = "GU-NIT-M: «1.5» has decimals, and only whole units are counted";
    let rounding = Some("round it, or give the product more decimals (up to 3)");
    let point = Some("write it in digits with a decimal point, such as 2.5");
    for (qty, message, hint) in [
        ("0", positive, None),
        ("-3", positive, None),
        ("99999999999999999999", large, None),
        ("1.5", decimals, rounding),
        ("1,5", "GU-NIT-M: «1,5» is not a number", point),
        ("1.0001", "GU-NIT-M: «1.0001» has more than 3 decimals", rounding),
        ("1e3", "GU-NIT-M: «1e3» is not a number", point),
    ] {
        for words in [
            &["receive", "GU-NIT-M", qty][..],
            &["issue", "GU-NIT-M", qty],
            &["transfer", "send", "GU-NIT-M", qty, "--to", "sevilla"],
            &["transfer", "request", "GU-NIT-M", qty, "--from", "sevilla"],
        ] {
            is_refused(&cluster, "madrid", words, ("quantity", message, hint)).await;
        }
    }
    let negative = ["count", "GU-NIT-M", "-1"];
    is_refused(&cluster, "madrid", &negative, ("quantity", "GU-NIT-M: the quantity can't be negative", None))
        .await;
    let nothing = ["adjust", "GU-NIT-M", "0", "--reason", "found"];
    is_refused(&cluster, "madrid", &nothing, ("quantity", "GU-NIT-M: the quantity can't be zero", None))
        .await;
    // Each is possible, both together are not.
    let most = "999999999999";
    assert_eq!(cluster.run("sevilla", &["receive", "GU-NIT-M", most]).await.exit, 0);
    is_refused(&cluster, "sevilla", &["receive", "GU-NIT-M", most], ("quantity", large, None)).await;
}

#[tokio::test]
async fn more_than_is_there_can_not_go_out() {
    let (cluster, _, asked) = shop().await;
    let said = (
        "not_enough",
        "only 7 of GU-NIT-M available here: 7 on hand, 0 reserved",
        Some("take less, count what is there, or ask another warehouse for it"),
    );
    is_refused(&cluster, "madrid", &["issue", "GU-NIT-M", "8"], said).await;
    is_refused(&cluster, "madrid", &["transfer", "send", "GU-NIT-M", "8", "--to", "sevilla"], said).await;
    is_refused(
        &cluster,
        "madrid",
        &["transfer", "send", "GU-NIT-M", "4", "GU-NIT-M", "4", "--to", "sevilla"],
        ("not_enough", "only 3 of GU-NIT-M available here: 7 on hand, 0 reserved", said.2),
    )
    .await;
    let less = ["adjust", "GU-NIT-M", "-8", "--reason", "lost"];
    let below = "GU-NIT-M: −8 would leave less than nothing of the 7 on hand";
    is_refused(&cluster, "madrid", &less, ("below_zero", below, Some("count what is there"))).await;
    let more = ["transfer", "send", "GU-NIT-M", "3", "--request", &asked];
    is_refused(&cluster, "madrid", &more, ("field", "lines: GU-NIT-M: 2 were asked for, not 3", None)).await;
}

#[tokio::test]
async fn a_lot_must_be_named_known_and_of_one_date() {
    let (cluster, _, _) = shop().await;
    let missing =
        ("lot_missing", "QUESO is tracked by lot: name the lot", Some("as SKU@LOT, or by --lot LOT"));
    for words in [
        &["receive", "QUESO", "1"][..],
        &["count", "QUESO", "1"],
        &["adjust", "QUESO", "1", "--reason", "found"],
    ] {
        is_refused(&cluster, "madrid", words, missing).await;
    }
    let unknown = (
        "unknown_lot",
        "there is no lot L9 of QUESO here",
        Some("«stock QUESO» shows the lots that are here"),
    );
    is_refused(&cluster, "madrid", &["issue", "QUESO", "1", "--lot", "L9"], unknown).await;
    is_refused(&cluster, "madrid", &["transfer", "send", "QUESO@L9", "1", "--to", "sevilla"], unknown).await;
    let other = ["receive", "QUESO", "1", "--lot", "VIEJO", "--expiry", "2027-01-31"];
    let message = "lot VIEJO of QUESO is here with expiry 2026-01-31, not 2027-01-31";
    let hint = Some("check the label; a lot has one expiry");
    is_refused(&cluster, "madrid", &other, ("lot_expiry_differs", message, hint)).await;
}

#[tokio::test]
async fn goods_past_their_date_go_out_only_when_somebody_says_so() {
    let (cluster, _, _) = shop().await;
    let said = (
        "lot_expired",
        "lot VIEJO of QUESO expired on 2026-01-31",
        Some("if it really is to go out, say so (--allow-expired)"),
    );
    is_refused(&cluster, "madrid", &["issue", "QUESO", "1"], said).await;
    is_refused(&cluster, "madrid", &["issue", "QUESO", "1", "--lot", "VIEJO"], said).await;
    let meant = ["issue", "QUESO", "1", "--lot", "VIEJO", "--allow-expired"];
    assert_eq!(cluster.run("madrid", &meant).await.exit, 0);
}

#[tokio::test]
async fn a_transfer_needs_another_warehouse_that_there_is() {
    let (cluster, _, _) = shop().await;
    let oneself = ("to_oneself", "madrid is this warehouse; a transfer needs another one", None);
    is_refused(&cluster, "madrid", &["transfer", "send", "GU-NIT-M", "1", "--to", "madrid"], oneself).await;
    is_refused(&cluster, "madrid", &["transfer", "request", "GU-NIT-M", "1", "--from", "madrid"], oneself)
        .await;
    let unknown = (
        "unknown_warehouse",
        "there is no warehouse lugo in the cluster",
        Some("known: sevilla, valencia, nyc, boston, chicago"),
    );
    is_refused(&cluster, "madrid", &["transfer", "send", "GU-NIT-M", "1", "--to", "lugo"], unknown).await;
    is_refused(&cluster, "madrid", &["transfer", "request", "GU-NIT-M", "1", "--from", "lugo"], unknown)
        .await;
    let name = ["transfer", "send", "GU-NIT-M", "1", "--to", "Lugo"];
    assert_eq!(refused(&cluster, "madrid", &name).await.0, "name");
}

#[tokio::test]
async fn goods_are_received_once_by_their_destination_and_never_more_than_were_sent() {
    let (cluster, sent, asked) = shop().await;
    let more = ["transfer", "receive", &sent, "--line", "GU-NIT-M=6"];
    let hint = Some("take in what was sent and adjust the rest as found, naming the transfer");
    let message = "GU-NIT-M: 5 were sent, 6 can't be taken in";
    is_refused(&cluster, "sevilla", &more, ("more_than_sent", message, hint)).await;
    let short = ["transfer", "receive", &sent, "--line", "GU-NIT-M=4"];
    let hint = Some("reasons: missing, damaged, expired, wrong_product, other");
    let message = "GU-NIT-M: 1 is missing and nobody said why";
    is_refused(&cluster, "sevilla", &short, ("reason_missing", message, hint)).await;
    let other = ["transfer", "receive", &sent, "--line", "QUESO=1"];
    let hint = Some("the lines are those of the dispatch, each with its lot");
    let message = format!("transfer {sent} has no line of QUESO");
    is_refused(&cluster, "sevilla", &other, ("no_such_line", &message, hint)).await;
    let hint = Some("do it at that warehouse's terminal");
    let message = format!("only sevilla can do that to {sent}");
    is_refused(&cluster, "madrid", &["transfer", "receive", &sent], ("not_yours", &message, hint)).await;
    let hint = Some("«transfers» lists them; what was just sent may take a moment to be seen here");
    let message = "there is no transfer madrid:99";
    let unknown = ["transfer", "receive", "madrid:99"];
    is_refused(&cluster, "sevilla", &unknown, ("unknown_transfer", message, hint)).await;
    let hint = Some("«transfers» shows how far each of them is");
    let message = format!("transfer {asked} is only requested so far");
    is_refused(&cluster, "sevilla", &["transfer", "receive", &asked], ("wrong_state", &message, hint)).await;

    assert_eq!(cluster.run("sevilla", &["transfer", "receive", &sent]).await.exit, 0);
    let hint = Some("what turned up later is an adjustment «found» that names the transfer");
    let message = format!("transfer {sent} is received already");
    for again in [&["transfer", "receive", &sent][..], &["transfer", "reject", &sent]] {
        is_refused(&cluster, "sevilla", again, ("wrong_state", &message, hint)).await;
    }
    let hint = Some("«transfers» shows how far each of them is");
    assert_eq!(cluster.run("madrid", &["transfer", "decline", &asked]).await.exit, 0);
    let message = format!("transfer {asked} is declined already");
    let words = ["transfer", "send", "--request", &asked];
    is_refused(&cluster, "madrid", &words, ("wrong_state", &message, hint)).await;
}

#[tokio::test]
async fn what_is_not_there_can_not_be_undone_seen_or_changed() {
    let (cluster, sent, _) = shop().await;
    let (code, message, hint) = refused(&cluster, "madrid", &["reverse", "madrid:99"]).await;
    assert_eq!((code.as_str(), message.as_str()), ("unknown_entry", "there is no own movement madrid:99"));
    assert!(hint.unwrap().contains("madrid:42"));
    let (code, message, hint) = refused(&cluster, "madrid", &["reverse", &sent]).await;
    assert_eq!((code.as_str(), message), ("not_reversible", format!("{sent} can't be reversed: dispatch")));
    assert!(hint.unwrap().contains("reject"));
    let (code, _, hint) = refused(&cluster, "madrid", &["product", "set", "GU-NIT-M"]).await;
    assert_eq!((code.as_str(), hint.as_deref()), ("nothing", Some("say what is to be booked or changed")));
}

async fn import_refused(cluster: &Cluster, kind: &str, content: &[u8]) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file.csv");
    std::fs::write(&path, content).unwrap();
    let before = world(cluster).await;
    let told = cluster.run("madrid", &["import", kind, as_text(&path)]).await;
    assert_eq!(told.exit, 1, "{told:?}");
    assert_eq!(world(cluster).await, before);
    told.json()["error"].clone()
}

fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_file_that_can_not_be_taken_says_where_and_why() {
    let (cluster, _, _) = shop().await;
    let error = import_refused(&cluster, "stock", b"sku,quantity\nGU-NIT-M,1\n").await;
    assert_eq!(error["code"], "file_columns");
    assert_eq!(error["message"], "these columns are missing: qty");
    assert_eq!(error["hint"], "the file has: sku, quantity; name them with --map sku=\"Column\"");

    let error = import_refused(&cluster, "catalogue", b"sku,name\nA,Uno\nA,Otro\n").await;
    assert_eq!(error["code"], "file_rows");
    assert_eq!(error["message"], "nothing was booked: 1 of 2 rows has errors");
    assert_eq!(error["hint"], "correct them, or take the others with --skip-bad");
    assert_eq!(
        error["problems"],
        json!([{"line": 3, "column": "sku", "reason": "«A» stands in line 2 already"}])
    );

    let error = import_refused(&cluster, "catalogue", b"sku,name\nA,ca\xf1\xf3n\n").await;
    assert_eq!(error["code"], "file_rows");
    assert_eq!(error["problems"][0]["reason"], "it is not UTF-8; save the file as UTF-8");
    let error = import_refused(&cluster, "catalogue", b"\xff\xfes\0k\0u\0").await;
    assert_eq!(
        (&error["code"], &error["hint"]),
        (&json!("file_encoding"), &json!("save it as CSV in UTF-8"))
    );

    let huge = format!("sku,name\nA,\"{}\"\nB,b\n", "x".repeat(20_000));
    let error = import_refused(&cluster, "catalogue", huge.as_bytes()).await;
    assert_eq!(error["problems"][0]["line"], 2);
    let reason = error["problems"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("at most 16384 are taken"), "{reason}");
    let long = format!("sku,name\nA,{}\n{},b\n", "x".repeat(301), "S".repeat(100));
    let error = import_refused(&cluster, "catalogue", long.as_bytes()).await;
    assert_eq!(error["problems"][0]["reason"], "it has 301 characters, at most 300 are allowed");
    assert_eq!(error["problems"][1]["column"], "sku");

    let error = import_refused(&cluster, "catalogue", b"").await;
    assert_eq!(error["code"], "file_empty");
}

#[tokio::test]
async fn the_same_is_said_in_spanish_to_people() {
    let (cluster, sent, asked) = shop().await;
    for (warehouse, words, said) in [
        (
            "madrid",
            vec!["issue", "GU-NIT-M", "8"],
            "rubentario: aquí solo hay 7 de GU-NIT-M: 7 en existencias, 0 reservadas\n  \
             saque menos, cuente lo que hay o pídalo a otro almacén\n",
        ),
        (
            "madrid",
            vec!["receive", "GU-NIT-M", "1,5"],
            "rubentario: GU-NIT-M: «1,5» tiene decimales, y se cuenta por unidades enteras\n  \
             redondéela, o dé más decimales al producto (caben 3)\n",
        ),
        (
            "madrid",
            vec!["receive", "GU-NIT-M", "1.5"],
            "rubentario: GU-NIT-M: «1,5» tiene decimales, y se cuenta por unidades enteras\n  \
             redondéela, o dé más decimales al producto (caben 3)\n",
        ),
        (
            "madrid",
            vec!["receive", "QUESO@VIEJO", "1,255"],
            "rubentario: QUESO: «1,255» tiene más de 2 decimales\n  \
             redondéela, o dé más decimales al producto (caben 3)\n",
        ),
        (
            "madrid",
            vec!["transfer", "send", "--request", &asked, "GU-NIT-M", "2,5"],
            "rubentario: líneas: GU-NIT-M: se pidieron 2, no 2,5\n",
        ),
        (
            "madrid",
            vec!["rule", "set", "QUESO", "--reorder-point", "2,5", "--maximum", "1,5"],
            "rubentario: máximo: 1,5 es menor que el punto de pedido 2,5\n",
        ),
        (
            "sevilla",
            vec!["transfer", "receive", &sent, "--line", "GU-NIT-M=4"],
            "rubentario: GU-NIT-M: falta 1 sin decir por qué\n  \
             motivos: missing, damaged, expired, wrong_product, other\n",
        ),
        (
            "sevilla",
            vec!["transfer", "receive", &sent, "--line", "GU-NIT-M=6"],
            "rubentario: GU-NIT-M: se enviaron 5; no pueden entrar 6\n  \
             reciba lo enviado y ajuste el resto como encontrado, con la transferencia\n",
        ),
    ] {
        let told = cluster.run_for_people(Lang::Es, warehouse, &words).await;
        assert_eq!((told.exit, told.out.as_str(), told.err.as_str()), (1, "", said), "{words:?}");
    }
}

#[tokio::test]
async fn an_expiry_without_a_lot_dates_nothing() {
    let (cluster, ..) = shop().await;
    let before = cluster.recorded("madrid");
    for words in [
        &["receive", "GU-NIT-M", "1", "--expiry", "2027-01-31"][..],
        &["count", "GU-NIT-M", "1", "--expiry", "2027-01-31"],
        &["adjust", "GU-NIT-M", "+1", "--reason", "found", "--expiry", "2027-01-31"],
        &["adjust", "GU-NIT-M", "-1", "--reason", "lost", "--expiry", "2027-01-31"],
    ] {
        let told = cluster.run("madrid", words).await;
        let error = told.json()["error"].clone();
        assert_eq!((told.exit, error["code"].as_str()), (1, Some("expiry_without_lot")), "{words:?}");
        assert_eq!(error["hint"], "name the lot, or leave the expiry out");
    }
    assert_eq!(cluster.recorded("madrid"), before);
}

#[tokio::test]
async fn neither_a_file_nor_expected_goods_date_goods_without_a_lot() {
    let (cluster, ..) = shop().await;
    let error = import_refused(&cluster, "stock", b"sku,qty,lot,expiry\nGU-NIT-M,1,,2027-01-31\n").await;
    assert_eq!(error["code"], "file_rows");
    let problem = json!({
        "line": 2, "column": "expiry", "reason": "GU-NIT-M: an expiry belongs to a lot, and none is named",
    });
    assert_eq!(error["problems"], json!([problem]));

    let told = cluster.run("madrid", &["expect", "GU-NIT-M", "5", "--on", "2026-06-20"]).await;
    let id = told.json()["entries"][0].as_str().unwrap().to_owned();
    let said = (
        "expiry_without_lot",
        "GU-NIT-M: an expiry belongs to a lot, and none is named",
        Some("name the lot, or leave the expiry out"),
    );
    let words = ["expected", "receive", &id, "5", "--expiry", "2027-01-31"];
    is_refused(&cluster, "madrid", &words, said).await;
    let expected = cluster.run("madrid", &["expected"]).await.json();
    assert_eq!((&expected[0]["left"], &expected[0]["received"]), (&json!(5), &json!(0)));
}

#[tokio::test]
async fn what_is_reserved_or_expected_of_a_product_that_is_not_there_is_not_nothing() {
    let (cluster, ..) = shop().await;
    for verb in ["reservations", "expected"] {
        let (code, message, _) = refused(&cluster, "madrid", &[verb, "--sku", "NADA"]).await;
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("unknown_sku", "there is no product NADA in the catalogue")
        );
        assert_eq!(cluster.run("madrid", &[verb, "--sku", "GU-NIT-M"]).await.json(), json!([]));
    }
}

#[tokio::test]
async fn a_reason_that_says_the_opposite_is_refused() {
    let (cluster, sent, _) = shop().await;
    let hint = Some("change the sign or the reason; a mistake is put right by «correction»");
    for reason in ["lost", "damaged", "expired"] {
        let message = format!("GU-NIT-M: +1 adds, and «{reason}» is a reason to take away");
        let words = ["adjust", "GU-NIT-M", "+1", "--reason", reason];
        is_refused(&cluster, "madrid", &words, ("reason_unfit", &message, hint)).await;
    }
    let message = "GU-NIT-M: −1 takes away, and «found» is a reason to add";
    let words = ["adjust", "GU-NIT-M", "-1", "--reason", "found"];
    is_refused(&cluster, "madrid", &words, ("reason_unfit", message, hint)).await;

    let hint = Some("leave the reason out, or say how much really came");
    let message = "GU-NIT-M: all 5 came, so nothing is «missing»";
    let words = ["transfer", "receive", &sent, "--line", "GU-NIT-M=5:missing"];
    is_refused(&cluster, "sevilla", &words, ("nothing_short", message, hint)).await;
    let words = ["transfer", "receive", &sent, "--line", "GU-NIT-M=5", "--line", "GU-NIT-M=4:missing"];
    let (code, message, _) = refused(&cluster, "sevilla", &words).await;
    assert_eq!((code.as_str(), message.as_str()), ("field", "lines: GU-NIT-M is named more than once"));
}

#[tokio::test]
async fn a_file_with_an_open_quote_or_an_impossible_date_form_is_refused_whole() {
    let (cluster, ..) = shop().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stock.csv").display().to_string();
    std::fs::write(&path, "sku,qty,shelf\nGU-NIT-M,1,A\nGU-NIT-M,2,\"B\nGU-NIT-M,3,C\n").unwrap();
    let said = (
        "file_quote",
        "nothing was booked: a quote opens in line 3 and isn't closed",
        Some("close it at the end of the cell; a quote within a cell is written twice (\"\")"),
    );
    for more in [&[][..], &["--skip-bad"], &["--dry-run"]] {
        let words: Vec<_> = ["import", "stock", &path].into_iter().chain(more.iter().copied()).collect();
        is_refused(&cluster, "madrid", &words, said).await;
    }
    std::fs::write(&path, "sku,qty\nGU-NIT-M,1\n").unwrap();
    for format in ["%Q", "%", "%d/%m", "%H:%M"] {
        let told = cluster.run("madrid", &["import", "stock", &path, "--date-format", format]).await;
        let code = told.json()["error"]["code"].clone();
        assert_eq!((told.exit, code), (2, json!("usage")), "{format}");
    }
    for format in ["%d.%m.%y", "%d/%m/%Y", "%b %e, %Y"] {
        let words = ["import", "stock", &path, "--date-format", format, "--dry-run"];
        assert_eq!(cluster.run("madrid", &words).await.exit, 0, "{format}");
    }
}

#[tokio::test]
async fn a_wrong_check_digit_is_told_wherever_a_product_is_named() {
    let (cluster, ..) = shop().await;
    let message =
        "there is no product 5901234123458, and as a barcode the check digit is 8 where 7 was expected";
    let said = ("unknown_sku", message, Some("scan or type it again; «stock» looks it up by its name"));
    for words in [
        &["receive", "5901234123458", "1"][..],
        &["issue", "5901234123458", "1"],
        &["count", "5901234123458", "1"],
        &["adjust", "5901234123458", "1", "--reason", "found"],
        &["reserve", "5901234123458", "1", "--for", "ana"],
        &["transfer", "send", "5901234123458", "1", "--to", "sevilla"],
        &["transfer", "request", "5901234123458", "1", "--from", "sevilla"],
        &["history", "--sku", "5901234123458"],
    ] {
        is_refused(&cluster, "madrid", words, said).await;
    }
    let told = cluster.run("madrid", &["stock", "5901234123458"]).await;
    assert_eq!((told.exit, told.json()), (0, json!([])));
    assert_eq!(told.err, "rubentario: «5901234123458»: the check digit is 8 where 7 was expected\n");
    // A right one that nobody bears is a product that isn't there.
    let (_, message, _) = refused(&cluster, "madrid", &["receive", "5901234123457", "1"]).await;
    assert_eq!(message, "there is no product 5901234123457 in the catalogue");
}

#[tokio::test]
async fn a_refusal_says_what_would_be_possible() {
    let (cluster, ..) = shop().await;
    let receipt = ["receive", "QUESO", "5", "--lot", "NUEVO", "--expiry", "2027-01-31"];
    assert_eq!(cluster.run("madrid", &receipt).await.exit, 0);
    let said = (
        "lot_expired",
        "lot VIEJO of QUESO expired on 2026-01-31; 5 are here that have not",
        Some("take only those that have not; if all are to go out, --allow-expired"),
    );
    is_refused(&cluster, "madrid", &["issue", "QUESO", "6"], said).await;
    let said = ("lot_missing", "QUESO is tracked by lot: name the lot", Some("as SKU@LOT, or by --lot LOT"));
    is_refused(&cluster, "madrid", &["receive", "QUESO", "1"], said).await;
    let (_, _, hint) = refused(&cluster, "madrid", &["issue", "QUESO", "1", "--lot", "OTRO"]).await;
    assert_eq!(hint.as_deref(), Some("«stock QUESO» shows the lots that are here"));
    let (_, message, _) = refused(&cluster, "madrid", &["receive", "GU-NIT-M", "9999999999999"]).await;
    assert_eq!(message, "GU-NIT-M: the quantity is too large: at most 999,999,999,999.999 can be counted");
    let (_, message, _) =
        refused(&cluster, "madrid", &["rule", "set", "QUESO", "--reorder-point", "-3"]).await;
    assert_eq!(message, "--reorder-point: «-3»: the quantity can't be negative");
    let told = cluster.run("madrid", &["stock", "--as-of", "tomorrow"]).await;
    let error = told.json()["error"].clone();
    assert_eq!((told.exit, &error["message"]), (2, &json!("--as-of: «tomorrow» is not a date")));
    assert_eq!(error["hint"], "such as 2026-05-17, \"2026-05-17 14:30\" or -7d");
    let (code, ..) = refused(&cluster, "madrid", &["history", "--sku", "NOPE"]).await;
    assert_eq!(code, "unknown_sku");
    for verb in ["history", "transfers"] {
        let words = ["rubentario", verb, "--limit", "0"].map(std::ffi::OsString::from);
        assert_eq!(rubentario::cli::parse(words).unwrap_err(), 2, "{verb}");
    }
}

#[tokio::test]
async fn one_row_is_one_row_in_both_languages() {
    let (cluster, ..) = shop().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stock.csv").display().to_string();
    std::fs::write(&path, "sku,qty\nGU-NIT-M,1\n").unwrap();
    let words = ["import", "stock", &path];
    for (lang, dry, done) in [
        (Lang::En, "1 row read, 1 would be booked\n", "1 row read, 1 booked\n"),
        (Lang::Es, "1 fila leída, 1 se registraría\n", "1 fila leída, 0 registradas, 1 ya estaba\n"),
    ] {
        let with_dry: Vec<_> = words.into_iter().chain(["--dry-run"]).collect();
        assert_eq!(cluster.run_for_people(lang, "madrid", &with_dry).await.out, dry);
        assert_eq!(cluster.run_for_people(lang, "madrid", &words).await.out, done);
    }
    std::fs::write(&path, "sku,qty\nNADA,1\n").unwrap();
    let told = cluster.run_for_people(Lang::Es, "madrid", &words).await;
    assert!(told.err.contains("no se ha registrado nada: 1 de 1 fila tiene errores"), "{told:?}");
}
