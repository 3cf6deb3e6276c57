//! A shift on a pseudo-terminal: the day, a stocktake, reservations and expected receipts, replenishment, a snapshot.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/seen.rs"]
mod seen;

use std::path::Path;
use std::process::Command;

use portable_pty::CommandBuilder;
use seen::Seen;
use serde_json::Value;

const TAB: &str = "\t";

/// A warehouse alone, with its terminal, and verbs beside it.
struct Shift {
    seen: Seen,
    data: tempfile::TempDir,
}

fn verb(data: &Path, args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_rubentario"))
        .args(["--lang", "es", "--node", "madrid", "--operator", "ana", "--data-dir"])
        .arg(data)
        .args(args)
        .arg("--json")
        .env_remove("RUBENTARIO_STORE_URL")
        .env_remove("RUBENTARIO_BUS_URLS")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{args:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&said).unwrap()
}

impl Shift {
    /// Ten gloves and forty masks lie there.
    fn begins() -> Self {
        let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rubentario"));
        command.args(["--lang", "es", "--node", "madrid", "--operator", "ana", "--data-dir"]);
        command.arg(data.path());
        command.env_clear();
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        let mut seen = Seen::start(command, home, 120, 40);
        seen.until_text("● SQLite");
        let mut shift = Self { seen, data };
        for (sku, name, qty) in [("GUANTE", "Guante de nitrilo", "10"), ("MASCARA", "Mascarilla FFP2", "40")]
        {
            shift.verb(&["product", "set", sku, "--name", name, "--unit", "ud"]);
            shift.verb(&["receive", sku, qty]);
        }
        shift.seen.until_text("Mascarilla FFP2");
        shift
    }

    fn verb(&self, args: &[&str]) -> Value {
        verb(self.data.path(), args)
    }

    /// What the ledger says is on hand of a product, and what of it is promised.
    fn stock(&self, sku: &str) -> (Value, Value) {
        let rows = self.verb(&["stock", sku]);
        let row = rows.as_array().unwrap().iter().find(|row| row["sku"] == *sku).unwrap();
        (row["on_hand"].clone(), row["reserved"].clone())
    }

    /// Types by hand; what comes of it is waited for.
    fn types(&mut self, keys: &str, then: &str) {
        self.seen.press_by_hand(keys);
        self.seen.until_text(then);
    }

    /// Until the row of that name says something.
    fn until_row(&mut self, name: &str, says: &str) {
        let is_it = |line: &str| {
            let row = line.trim_start_matches('│').trim_start_matches('▌').trim_start();
            let row = row.strip_prefix("hecho").or_else(|| row.strip_prefix("por hacer")).unwrap_or(row);
            let rest = row.trim_start().strip_prefix(name)?;
            Some(rest.starts_with("  ") && format!("{} ", rest.trim()).contains(says))
        };
        let found = |screen: &vt100::Screen| screen.contents().lines().any(|line| is_it(line) == Some(true));
        self.seen.until(&format!("{name}: {says}"), found);
    }

    fn leaves(mut self) {
        self.seen.press_by_hand("q");
        self.seen.left_sane();
        assert!(self.seen.ended_well());
    }
}

#[test]
fn a_stocktake_is_opened_counted_again_reviewed_by_another_and_booked_while_goods_move() {
    let mut shift = Shift::begins();
    shift.types("c", "╭ Abrir un recuento");
    // Everything, to be counted twice from a difference of more than one on.
    shift.types("t", "‹ todo ›");
    shift.seen.press_by_hand(TAB);
    shift.seen.press_by_hand(TAB);
    shift.types("1", "difiere más de  1");
    shift.types("\r", "contadas 0 de 2");
    // Scans go to their line, and count a piece each.
    shift.seen.press("GUANTE\r");
    shift.seen.until_text("╭ Contar en");
    shift.seen.press("GUANTE\r");
    shift.seen.press("GUANTE\r");
    shift.seen.until_text("Contado   3");
    shift.types("\x13", "recontar 1");
    // Goods move while people count: the second count stands by its own moment.
    shift.verb(&["issue", "GUANTE", "2"]);
    shift.seen.press_by_hand("g");
    shift.seen.press_by_hand("g");
    shift.types("6", "╭ Contar en");
    shift.types("\r", "revisar 1");
    shift.seen.press_by_hand("G");
    shift.types("40", "╭ Contar en");
    shift.types("\r", "contadas 2 de 2");
    // Whoever counted reviews nothing of it.
    shift.seen.press_by_hand("g");
    shift.seen.press_by_hand("g");
    shift.types("r", "la contó ana");
    shift.types("O", "╭ ¿Quién es?");
    shift.types("luis", "luis");
    shift.types("\r", "· luis");
    shift.types("r", "╭ Revisar GUANTE");
    shift.types("p", "‹ perdido ›");
    shift.types("\r", "aceptada");
    shift.verb(&["receive", "GUANTE", "5"]);
    // Cancel has the keys: an Enter books nothing.
    shift.types("C", "╭ Cerrar el recuento");
    shift.seen.press_by_hand("\r");
    shift.seen.until("the form to go", |screen| !screen.contents().contains("╭ Cerrar"));
    assert_eq!(shift.stock("GUANTE").0, 13);
    shift.types("C", "╭ Cerrar el recuento");
    shift.seen.press_by_hand(TAB);
    shift.types("\r", "cerrado");
    // Ten, two out, five in; six of eight were there when they were counted.
    assert_eq!(shift.stock("GUANTE").0, 11);
    assert_eq!(shift.stock("MASCARA").0, 40);
    shift.leaves();
}

#[test]
fn goods_are_reserved_and_issued_against_it_and_expected_and_received_against_it() {
    let mut shift = Shift::begins();
    shift.types("V", "╭ Reservar");
    shift.types("6", "6");
    shift.seen.press_by_hand(TAB);
    shift.types("Pedido 8812", "Pedido 8812");
    shift.types("\r", "registrado madrid:");
    assert_eq!(shift.stock("GUANTE"), (10.into(), 6.into()));
    // What is promised to somebody can't go to somebody else.
    shift.types("-", "╭ Salida");
    shift.types("5", "5");
    shift.types("\r", "4");
    assert_eq!(shift.stock("GUANTE").0, 10);
    shift.seen.press_by_hand("\x1b");
    shift.seen.until("the form or its question", |screen| {
        let text = screen.contents();
        text.contains("Descartar") || !text.contains("╭ Salida")
    });
    shift.seen.press_by_hand("\t\r");
    shift.seen.until("the form to go", |screen| !screen.contents().contains("╭ Salida"));
    // From its own line it can.
    shift.types("L", "Pedido 8812");
    shift.types("-", "╭ Salida");
    shift.seen.until_text("Pedido 8812");
    shift.types("\r", "No hay nada reservado");
    assert_eq!(shift.stock("GUANTE"), (4.into(), 0.into()));

    shift.seen.press_by_hand("1");
    shift.types("P", "╭ Entrada esperada");
    shift.types("24", "24");
    shift.seen.press_by_hand(TAB);
    shift.types("+3d", "+3d");
    shift.seen.press_by_hand(TAB);
    shift.types("Proveedor Sur", "Proveedor Sur");
    shift.types("\r", "registrado madrid:");
    shift.types("L", "esperada GUANTE");
    shift.types("+", "╭ Entrada");
    // Twenty of twenty-four come: four are still to come.
    shift.seen.press_by_hand("\x15");
    shift.types("20", "20");
    shift.types("\r", "registrado madrid:");
    shift.seen.until("four to be left", |screen| {
        screen.contents().lines().any(|line| line.contains("esperada GUANTE") && line.contains(" 4     24"))
    });
    assert_eq!(shift.stock("GUANTE").0, 24);
    shift.leaves();
}

#[test]
fn the_day_counts_what_is_booked_and_leads_to_what_waits_and_the_palette_finds_it() {
    let mut shift = Shift::begins();
    shift.types(":", "╭ Órdenes");
    shift.types("hoy", "hoy");
    shift.types("\r", "╭ Hoy");
    // Booked elsewhere, it shows at once.
    shift.until_row("Entradas", "2 ");
    shift.verb(&["receive", "GUANTE", "3"]);
    shift.until_row("Entradas", "3 ");
    shift.until_row("Salidas", "0 ");
    shift.verb(&["issue", "GUANTE", "1"]);
    shift.until_row("Salidas", "1 ");
    let now = i64::try_from(rubentario::node::clock::wall_ms()).unwrap();
    let today = chrono::DateTime::from_timestamp_millis(now).unwrap().date_naive().to_string();
    shift.verb(&["expect", "MASCARA", "12", "--on", &today, "--ref", "Proveedor Sur"]);
    shift.until_row("Entradas esperadas", "Proveedor Sur");
    for _ in 0..8 {
        shift.seen.press_by_hand("j");
    }
    shift.types("\r", "╭ Reservas y esperadas");
    shift.types("+", "╭ Entrada");
    shift.types("\r", "No hay nada reservado");
    shift.types("7", "╭ Hoy");
    shift.until_row("Entradas", "4 ");
    assert_eq!(shift.stock("MASCARA").0, 52);
    shift.leaves();
}

#[test]
fn a_snapshot_is_taken_opened_and_found_to_add_up() {
    let mut shift = Shift::begins();
    shift.types("6", "aún no hay ninguna");
    shift.types("s", "completa");
    shift.types("\r", "✓ se conserva, lote por lote");
    shift.seen.until_text("existencias 50 + en tránsito 0 = entradas 50");
    shift.seen.until_text("GUANTE Guante de nitrilo");
    shift.verb(&["issue", "GUANTE", "4"]);
    shift.types("\x1b", "╭ 6 Instantáneas 1");
    shift.types("s", "╭ 6 Instantáneas 2");
    // Four fewer are there in the second.
    for key in [" ", "k", " "] {
        shift.seen.press_by_hand(key);
    }
    shift.types("d", "madrid:6 → madrid:");
    shift.seen.until_text("GUANTE");
    let text = shift.seen.text();
    let line = text.lines().find(|line| line.contains("GUANTE")).unwrap();
    assert!(["10", "6", "−4"].iter().all(|number| line.contains(number)), "{text}");
    shift.leaves();
}

#[test]
fn what_is_low_is_requested_from_other_warehouses_in_one_go_and_stands_on_the_board() {
    let mut seen = Seen::demo(Path::new(env!("CARGO_BIN_EXE_rubentario")), "es", 120, 40);
    seen.until_text("MADRID");
    seen.until("low stock", |screen| screen.contents().contains("→ pedir"));
    seen.press_by_hand("1");
    seen.press_by_hand("r");
    seen.until_text("╭ Reposición");
    // One of them alone: what comes from where is shown before it is asked for.
    seen.press_by_hand(" ");
    seen.until_text("1 marcado");
    let sku = {
        let text = seen.text();
        let line = text.lines().find(|line| line.contains("[x]")).unwrap().to_owned();
        line.split("[x]").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
    };
    seen.press_by_hand("\r");
    seen.until_text("¿Hacer");
    seen.press_by_hand(TAB);
    seen.press_by_hand("\r");
    seen.until_text("reposición: ");
    assert!(!seen.text().contains("reposición: 0 "), "{}", seen.text());
    seen.press_by_hand("5");
    let named = sku.clone();
    seen.until("its request on the board", move |screen| screen.contents().contains(&named));
    seen.press_by_hand("q");
    seen.left_sane();
    assert!(seen.ended_well());
}
