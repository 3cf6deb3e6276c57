//! The verbs of the program itself: their documents field by field, their help, and how settings reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use chrono::DateTime;
use program::{Home, told};
use rubentario::node::clock;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use similar_asserts::assert_eq;

fn fields(document: &Value) -> BTreeSet<&str> {
    document.as_object().unwrap_or_else(|| panic!("{document}")).keys().map(String::as_str).collect()
}

fn names(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}

#[test]
fn every_verb_prints_the_fields_that_are_documented_and_no_others() {
    let home = Home::new();
    let sevilla = home.start("sevilla");
    let madrid = home.start("madrid");
    let verb = |words: &[&str]| home.verb("madrid", words).done();
    let recorded = verb(&["product", "set", "QUESO", "--name", "Queso", "--lot-tracked"]);
    assert_eq!(fields(&recorded), names("request entries"));
    for words in [
        &["receive", "QUESO", "5", "--lot", "L1", "--expiry", "2020-01-31", "--ref", "A-1"][..],
        &["count", "QUESO", "6", "--lot", "L1"],
        &["adjust", "QUESO", "-1", "--lot", "L1", "--reason", "damaged"],
        &["issue", "QUESO", "1", "--allow-expired"],
        &["reverse", "madrid:5"],
        &["rule", "set", "QUESO", "--reorder-point", "9", "--maximum", "20"],
    ] {
        assert_eq!(fields(&verb(words)), names("request entries"), "{words:?}");
    }
    let sent = sent_on_request(&home);
    assert_eq!(fields(&sent), names("request entries short"));
    assert_eq!(fields(&sent["short"][0]), names("sku requested dispatched missing"));

    assert_eq!(
        fields(&verb(&["stock"])[0]),
        names(
            "sku name lot expiry warehouse shelf on_hand reserved available in_transit given_up retired reorder_point position \
             days_of_cover as_of reachable"
        )
    );
    let history = verb(&["history"]);
    for row in history.as_array().unwrap() {
        let all = names("entry kind sku lot qty warehouse at hlc operator reason ref transfer");
        assert_eq!(fields(row), all);
    }
    let kinds: BTreeSet<_> =
        history.as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        names("receipt count adjustment issue reversal transfer_requested transfer_dispatched")
    );
    let transfers = verb(&["transfers"]);
    assert_eq!(fields(&transfers[0]), names("id from to state lines"));
    assert_eq!(
        fields(&transfers[0]["lines"][0]),
        names("sku lot requested dispatched received returned shortage reason")
    );
    assert_eq!(
        fields(&verb(&["peers"])[0]),
        names("id state standing rtt_ms offset_ms error_ms lag_entries applied_entries last_seen quarantine")
    );
    let alerts = verb(&["alerts"]);
    let alert = alerts.as_array().unwrap().iter().find(|alert| alert["kind"] == "low_stock").unwrap();
    assert_eq!(fields(alert), names("id kind severity sku warehouse text raised_at acknowledged_by"));
    let for_people = told(home.command("madrid").arg("alerts"));
    assert!(for_people.out.contains(alert["id"].as_str().unwrap()), "{for_people:?}");
    let ack = verb(&["alerts", "ack", alert["id"].as_str().unwrap()]);
    assert_eq!(fields(&ack), names("request entries"));
    let status = verb(&["status"]);
    assert_eq!(
        fields(&status),
        names(
            "version warehouse name cluster pid incarnation recorded published seen_by_all joined joining recovering recovery catching_up awaited attached once_recorded \
             stopped store bus dropped_messages refused dead_letters refused_markers clock roster"
        )
    );
    assert_eq!(fields(&status["roster"]), names("version members split other_cluster retiring new_key left"));
    assert_eq!(fields(&status["clock"]), names("offset_ms error_ms synchronised"));
    assert_eq!(fields(&status["store"]), names("kind up trouble"));
    a_file_prints_its_report(&home);
    drop((madrid, sevilla));
}

/// Sevilla asks madrid for nine pieces of what has no more, and madrid sends what it can.
fn sent_on_request(home: &Home) -> Value {
    // Sevilla answers once it has heard of madrid; asked again under one id the request is booked once.
    let ask = [
        "transfer",
        "request",
        "QUESO",
        "9",
        "--from",
        "madrid",
        "--request-id",
        "0198f3a0-0000-7000-8000-000000000001",
    ];
    let id = loop {
        let asked = home.verb("sevilla", &ask);
        if asked.exit == 0 {
            break asked.json()["entries"][0].as_str().unwrap().to_owned();
        }
        assert!(
            matches!(
                asked.refused().1.as_str(),
                "unknown_sku" | "unknown_warehouse" | "not_joined" | "joining"
            ),
            "{asked:?}"
        );
    };
    loop {
        let sent = home.verb("madrid", &["transfer", "send", "--request", &id]);
        if sent.exit == 0 {
            break sent.json();
        }
        assert_eq!(sent.refused().1, "unknown_transfer", "{sent:?}");
    }
}

fn a_file_prints_its_report(home: &Home) {
    let verb = |words: &[&str]| home.verb("madrid", words).done();
    let file = home.path().join("catalogue.csv");
    fs::write(&file, "sku,name\nA,Uno\n,Dos\n").unwrap();
    let path = file.to_str().unwrap();
    let report = verb(&["import", "catalogue", path, "--skip-bad"]);
    assert_eq!(
        fields(&report),
        names(
            "kind file dry_run read booked already_there changed nothing_to_book skipped repeated errors error_count"
        )
    );
    assert_eq!(fields(&report["errors"][0]), names("line column reason"));
    let refused = home.verb("madrid", &["import", "catalogue", path]);
    assert_eq!(refused.refused(), (1, "file_rows".to_owned()));
    assert_eq!(fields(&refused.json()["error"]), names("code message hint problems count"));
    assert_eq!(
        fields(&home.verb("madrid", &["issue", "A", "1"]).json()["error"]),
        names("code message hint")
    );
}

#[test]
fn a_lot_expires_at_the_midnight_of_this_machines_zone() {
    // Whatever the hour in UTC, it is another day in one of the two.
    for (zone, ahead) in [("<+14>-14", 14), ("<-12>12", -12)] {
        let home = Home::new();
        let verb = |words: &[&str]| told(home.command("madrid").env("TZ", zone).args(words));
        let now = i64::try_from(clock::wall_ms()).unwrap();
        let today = DateTime::from_timestamp_millis(now + ahead * 3_600_000).unwrap().date_naive();
        let yesterday = today.pred_opt().unwrap();
        let words = ["product", "set", "QUESO", "--name", "Queso", "--lot-tracked"];
        assert_eq!(verb(&words).exit, 0);
        for (lot, expiry) in [("HOY", today), ("AYER", yesterday)] {
            let expiry = expiry.to_string();
            let words = ["receive", "QUESO", "1", "--lot", lot, "--expiry", &expiry];
            assert_eq!(verb(&words).exit, 0);
        }
        let stock = verb(&["stock"]).out;
        let marked: Vec<_> = stock.lines().filter(|line| line.contains("expired")).collect();
        assert!(matches!(marked[..], [line] if line.contains("AYER")), "{zone}: {stock}");
    }
}

#[test]
fn settings_come_from_flags_over_the_environment_over_the_file() {
    let home = Home::new();
    let config = home.path().join("shop.toml");
    fs::write(&config, "[node]\nid = \"madrid\"\nname = \"Centro\"\n[ui]\noperator = \"eva\"\n").unwrap();
    let bare = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rubentario"));
        command.env_clear().env("HOME", home.path()).env("USER", "root").arg("--config").arg(&config);
        command.env("RUBENTARIO_DATA_DIR", home.data());
        command
    };
    told(bare().args(["product", "set", "A", "--name", "Uno", "--json"])).done();
    assert_eq!(told(bare().args(["status", "--json"])).done()["name"], "Centro");
    assert!(home.data().join("local/madrid/store.db").exists());
    told(bare().args(["receive", "A", "1", "--json"])).done();
    told(bare().env("RUBENTARIO_OPERATOR", "luis").args(["receive", "A", "2", "--json"])).done();
    let flag = ["receive", "A", "3", "--operator", "ana", "--json"];
    told(bare().env("RUBENTARIO_OPERATOR", "luis").args(flag)).done();
    let history = told(bare().args(["history", "--json"])).done();
    let operators: Vec<_> = history.as_array().unwrap().iter().map(|row| row["operator"].clone()).collect();
    assert_eq!(operators, [json!("ana"), json!("luis"), json!("eva")]);

    let other = home.path().join("other");
    let words = ["--data-dir", other.to_str().unwrap(), "product", "set", "B", "--name", "Dos", "--json"];
    told(bare().env("RUBENTARIO_CLUSTER_NAME", "acme").args(words)).done();
    assert!(other.join("acme/madrid/store.db").exists(), "flag and variable win");
    let status = told(bare().env("RUBENTARIO_NODE_NAME", "Norte").args(["status", "--lang", "es"]));
    assert!(status.out.contains("Norte") && status.out.contains("almacén"), "{status:?}");
}

#[test]
fn no_node_a_bad_id_and_an_unknown_option_are_exit_2() {
    let home = Home::new();
    let bare = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rubentario"));
        told(command.env_clear().env("HOME", home.path()).env("USER", "ana").args(words))
    };
    let nobody = bare(&["stock", "--json"]);
    assert_eq!(nobody.refused(), (2, "config".to_owned()));
    assert!(nobody.message().contains("--node ID"), "{nobody:?}");
    assert_eq!(bare(&["stock", "--json", "--node", "../etc"]).refused(), (2, "config".to_owned()));
    let unknown = bare(&["stock", "--json", "--colour"]);
    assert_eq!((unknown.exit, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("--colour"), "{unknown:?}");
    assert_eq!(bare(&["adjust", "A", "1", "--node", "madrid"]).exit, 2, "a reason is needed");
}

#[test]
fn whoever_only_reads_needs_no_name_and_whoever_writes_is_told_how_to_give_one() {
    let home = Home::new();
    home.verb("madrid", &["product", "set", "A", "--name", "Uno"]).done();
    let nobody = |words: &[&str]| {
        told(home.command("madrid").env("USER", "").env_remove("LOGNAME").args(words).arg("--json"))
    };
    for verb in ["status", "stock", "history", "peers", "alerts", "transfers", "snapshot list", "lock list"] {
        nobody(&verb.split(' ').collect::<Vec<_>>()).done();
    }
    for verb in [&["receive", "A", "1"][..], &["snapshot", "take"], &["alerts", "ack", "x"]] {
        let refused = nobody(verb);
        assert_eq!(refused.refused(), (2, "usage".to_owned()), "{verb:?}");
        assert!(refused.message().contains("--operator NAME"), "{refused:?}");
    }
    assert_eq!(home.verb("madrid", &["history"]).done(), json!([]), "nothing was booked");
    nobody(&["receive", "A", "1", "--operator", "luis"]).done();
}

#[test]
fn where_the_environment_names_no_user_the_system_is_asked() {
    let home = Home::new();
    let uid = rustix::process::getuid().as_raw().to_string();
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let own = users.lines().find(|line| line.split(':').nth(2) == Some(uid.as_str()));
    // A user whom only a directory service knows is asked for a name, as before.
    let Some(name) = own.and_then(|line| line.split(':').next()) else { return };
    let verb = |words: &[&str]| {
        let mut command = home.command("madrid");
        told(command.env_remove("USER").env_remove("LOGNAME").args(words).arg("--json")).done()
    };
    verb(&["product", "set", "A", "--name", "Uno"]);
    verb(&["receive", "A", "1"]);
    assert_eq!(verb(&["history"])[0]["operator"], name);
}

#[test]
fn what_the_config_says_of_the_screens_is_judged_by_every_verb() {
    let home = Home::new();
    let config = home.path().join("shop.toml");
    for (text, said) in [
        ("[ui]\nkeys = { bogus = \"-\" }\n", "shop.toml:2: [ui] keys: there is no action «bogus»"),
        ("[ui.keys]\nzoom = \"t\"\n", "shop.toml:2: [ui] keys: «t» means both"),
        ("[ui.colors]\nok = \"greenish\"\n", "shop.toml:2: [ui.colors] ok: «greenish» is no colour"),
    ] {
        fs::write(&config, text).unwrap();
        for verb in ["status", "node"] {
            let told = told(home.command("madrid").arg("--config").arg(&config).args([verb, "--json"]));
            assert_eq!(told.refused(), (2, "config".to_owned()), "{told:?}");
            assert!(told.message().contains(said), "{told:?}");
        }
    }
}

#[test]
fn a_data_directory_that_is_a_file_and_a_damaged_store_say_what_to_do() {
    let home = Home::new();
    let file = home.path().join("file");
    fs::write(&file, "no directory").unwrap();
    for verb in [&["status"][..], &["receive", "A", "1"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rubentario"));
        command.env_clear().env("HOME", home.path()).env("USER", "ana").args(["--node", "madrid", "--json"]);
        let told = told(command.arg("--data-dir").arg(&file).args(verb));
        assert_eq!(told.refused(), (2, "config".to_owned()), "{told:?}");
        assert!(told.message().ends_with("file is not a directory: give one by --data-dir"), "{told:?}");
    }
    home.verb("madrid", &["product", "set", "A", "--name", "Uno"]).done();
    let store = home.data().join("local/madrid/store.db");
    for beside in ["store.db-wal", "store.db-shm"] {
        // There is none where the last to close it put all into the file.
        let _ = fs::remove_file(store.with_file_name(beside));
    }
    fs::write(&store, "this is no database ".repeat(500)).unwrap();
    for verb in [&["status"][..], &["receive", "A", "1"]] {
        let told = home.verb("madrid", verb);
        assert_eq!(told.refused(), (2, "config".to_owned()), "{told:?}");
        let message = told.message();
        assert!(message.contains("store.db is damaged: file is not a database; move it away"), "{message}");
    }
}

#[test]
fn a_warehouse_that_never_started_here_is_exit_3_and_nothing_is_made_by_asking() {
    let home = Home::new();
    for verb in ["stock", "status", "lock list"] {
        let never = home.verb("bilbao", &verb.split(' ').collect::<Vec<_>>());
        assert_eq!(never.refused(), (3, "not_started".to_owned()), "{verb}");
        assert_eq!(never.message(), "no warehouse bilbao was ever started here");
    }
    assert!(!home.data().exists());
    home.verb("bilbao", &["product", "set", "A", "--name", "Uno"]).done();
    let status = home.verb("bilbao", &["status"]).done();
    assert_eq!((&status["pid"], &status["bus"]["trouble"]["what"]), (&json!(0), &json!("no_node")));
    let person = told(home.command("bilbao").arg("status"));
    assert!(person.out.contains("none: no node runs here"), "{person:?}");
    assert!(!person.out.contains("seen by all"), "there is nobody else: {person:?}");
}

#[test]
fn every_verb_has_help_with_a_sentence_for_each_of_its_options() {
    let home = Home::new();
    let all = "run; node; demo; status; stock; history; alerts; alerts ack; peers; transfers; receive; issue; count; \
               adjust; product set; product retire; rule set; transfer request; transfer withdraw; \
               transfer decline; transfer send; transfer receive; transfer reject; transfer return; reverse; \
               import catalogue; import stock; import rules";
    for verb in all.split(';').map(str::trim) {
        let help = told(home.command("madrid").args(verb.split(' ')).arg("--help").env("COLUMNS", "200"));
        assert_eq!((help.exit, help.err.as_str()), (0, ""), "{verb}");
        assert!(help.out.contains(&format!("Usage: rubentario {verb}")), "{verb}: {}", help.out);
        let of_a_value =
            |line: &str| ["[default", "[possible", "- "].iter().any(|it| line.trim_start().starts_with(it));
        let lines: Vec<_> = help.out.lines().filter(|line| !of_a_value(line)).collect();
        let indent = |line: &str| line.len() - line.trim_start().len();
        for pair in lines.windows(2).filter(|pair| pair[0].trim_start().starts_with(['-', '<', '['])) {
            let beside = pair[0].trim().contains("  ");
            let below = indent(pair[1]) > indent(pair[0]) && !pair[1].trim().is_empty();
            assert!(beside || below, "{verb}: {}", pair[0]);
        }
    }
}

#[test]
fn a_barcode_of_another_product_is_refused_and_nothing_changes() {
    let home = Home::new();
    let madrid = home.start("madrid");
    home.verb("madrid", &["product", "set", "A", "--name", "A", "--barcode", "5901234123457"]).done();
    home.verb("madrid", &["product", "set", "B", "--name", "B"]).done();
    let before = home.verb("madrid", &["status"]).done()["recorded"].clone();
    for words in [
        &["product", "set", "B", "--barcode", "5901234123457"][..],
        &["product", "set", "C", "--name", "C", "--pack", "12:5901234123457"],
    ] {
        let told = home.verb("madrid", words);
        assert_eq!(told.refused(), (1, "field".to_owned()));
        assert_eq!(told.message(), "barcodes: 5901234123457 is A's already");
    }
    assert_eq!(home.verb("madrid", &["status"]).done()["recorded"], before);
    // Its own is no other's.
    home.verb("madrid", &["product", "set", "A", "--name", "A2", "--barcode", "5901234123457"]).done();
    drop(madrid);
}

#[test]
fn a_retired_product_is_listed_nowhere() {
    let home = Home::new();
    let madrid = home.start("madrid");
    home.verb("madrid", &["product", "set", "A", "--name", "A"]).done();
    home.verb("madrid", &["receive", "A", "2"]).done();
    let left = home.verb("madrid", &["product", "retire", "A"]);
    assert_eq!(left.refused(), (1, "field".to_owned()));
    home.verb("madrid", &["issue", "A", "2"]).done();
    home.verb("madrid", &["rule", "set", "A", "--reorder-point", "3"]).done();
    assert_eq!(home.verb("madrid", &["stock"]).done().as_array().unwrap().len(), 1);
    home.verb("madrid", &["product", "retire", "A"]).done();
    assert_eq!(home.verb("madrid", &["stock"]).done(), json!([]));
    drop(madrid);
}

#[test]
fn goods_that_come_in_expired_are_told_and_a_moment_to_come_is_none() {
    let home = Home::new();
    let madrid = home.start("madrid");
    home.verb("madrid", &["product", "set", "A", "--name", "A"]).done();
    let told = home.verb("madrid", &["receive", "A", "2", "--lot", "L", "--expiry", "2020-01-31"]);
    assert!(told.err.contains("A came in expired already (on 2020-01-31)"), "{told:?}");
    let told = home.verb("madrid", &["receive", "A", "2", "--lot", "M", "--expiry", "2120-01-31"]);
    assert_eq!(told.err, "");
    let told = home.verb("madrid", &["stock", "--as-of", "2120-01-31"]);
    assert_eq!(told.refused(), (2, "usage".to_owned()));
    drop(madrid);
}

#[test]
fn what_others_have_seen_is_known_after_a_restart_without_them() {
    let home = Home::new();
    let madrid = home.start("madrid");
    let mut sevilla = home.start("sevilla");
    home.verb("madrid", &["product", "set", "A", "--name", "A"]).done();
    // The roster is agreed on, and both hold all of it.
    let seen = || {
        let status = home.verb("madrid", &["status"]).done();
        let members = status["roster"]["members"].as_array().map_or(0, Vec::len);
        members == 2 && status["recorded"].as_u64() > Some(1) && status["seen_by_all"] == status["recorded"]
    };
    while !seen() {
        std::thread::yield_now();
    }
    let before = home.verb("madrid", &["status"]).done();
    sevilla.kill();
    madrid.stop();
    // Nobody runs: a reader of the store says the same.
    let alone = home.verb("madrid", &["status"]).done();
    assert_eq!(alone["seen_by_all"], before["seen_by_all"]);
    let again = home.start("madrid");
    let after = home.verb("madrid", &["status"]).done();
    assert_eq!(after["seen_by_all"], before["seen_by_all"]);
    drop(again);
}

#[test]
fn the_demonstration_leaves_nothing_behind_however_it_is_told_to_end_and_takes_no_other_folder() {
    let home = Home::new();
    let tmp = home.path().join("tmp");
    fs::create_dir(&tmp).unwrap();
    let told = told(home.command("madrid").env("TMPDIR", &tmp).args(["demo", "--headless", "--json"]));
    assert_eq!(told.refused(), (2, "usage".to_owned()));
    assert!(told.message().starts_with("--data-dir"), "{told:?}");
    for signal in [Signal::TERM, Signal::HUP] {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_rubentario"))
            .args(["--lang", "en", "demo", "--headless", "--json"])
            .env_clear()
            .envs([("HOME", home.path()), ("TMPDIR", tmp.as_path())])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // It has begun when it says something.
        let mut line = String::new();
        BufReader::new(demo.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(fs::read_dir(&tmp).unwrap().count(), 1);
        kill_process(Pid::from_raw(i32::try_from(demo.id()).unwrap()).unwrap(), signal).unwrap();
        demo.wait().unwrap();
        assert_eq!(fs::read_dir(&tmp).unwrap().count(), 0, "{signal:?}");
    }
}
