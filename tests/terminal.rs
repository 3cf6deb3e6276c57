//! The terminal as it really runs: a day's work on a pseudo-terminal, and every way to leave it.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "terminal/flows.rs"]
mod flows;
#[path = "support/seen.rs"]
mod seen;

use std::path::Path;

use portable_pty::CommandBuilder;
use rubentario::demo::catalogue::wares;
use rustix::process::Signal;
use seen::Seen;

const F2: &str = "\x1b[12~";
const RIGHT: &str = "\x1b[C";
const F3: &str = "\x1b[13~";

fn demo() -> Seen {
    let mut seen = Seen::demo(Path::new(env!("CARGO_BIN_EXE_rubentario")), "es", 120, 40);
    seen.until_text("MADRID");
    let wares = format!("─ {} ╮", wares().count());
    seen.until("the catalogue", |screen| screen.contents().contains(&wares));
    seen
}

/// A terminal of the warehouse madrid over a data dir that others share.
fn madrid(data: &Path) -> Seen {
    let home = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rubentario"));
    command.args(["--lang", "es", "--node", "madrid", "--operator", "ana", "--data-dir"]);
    command.arg(data);
    command.env_clear();
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    let mut seen = Seen::start(command, home, 120, 40);
    seen.until_text("Movimientos");
    seen.until_text("● SQLite");
    seen
}

#[test]
fn a_terminal_takes_over_the_node_of_one_that_is_killed_and_a_quit_says_who_else_uses_it() {
    let data = tempfile::tempdir().unwrap();
    let mut first = madrid(data.path());
    let mut second = madrid(data.path());
    // The first one runs the node: leaving it asks.
    first.press("q");
    first.until_text("Este terminal lleva el nodo");
    first.press("\x1b");
    let pid = data.path().join("local/madrid/node.pid");
    let before = std::fs::read_to_string(&pid).unwrap();
    first.signal(Signal::KILL);
    second.until("to take over", |screen| {
        std::fs::read_to_string(&pid).is_ok_and(|now| now != before) && screen.contents().contains("● SQLite")
    });
    second.press("n");
    second.until_text("╭ Producto nuevo");
    second.press("\x1b");
    second.until("the form to go", |screen| !screen.contents().contains("╭ Producto nuevo"));
    second.press("q");
    second.left_sane();
    assert!(second.ended_well());
}

/// The entry that was told last as recorded by a warehouse, other than one.
fn recorded(text: &str, warehouse: &str, other: &str) -> Option<String> {
    let mark = format!("registrado {warehouse}:");
    let found = text.match_indices(&mark).map(|(at, _)| {
        let digits: String = text[at + mark.len()..].chars().take_while(char::is_ascii_digit).collect();
        format!("{warehouse}:{digits}")
    });
    found.filter(|id| id != other).last()
}

fn until_recorded(seen: &mut Seen, warehouse: &str, other: &str) -> String {
    seen.until("the act to be recorded", |screen| recorded(&screen.contents(), warehouse, other).is_some());
    recorded(&seen.text(), warehouse, other).unwrap()
}

#[test]
fn goods_are_taken_in_by_scan_sent_to_another_warehouse_received_there_and_the_terminal_is_left_sane() {
    let mut seen = demo();
    assert!(seen.screen().alternate_screen());
    assert!(!seen.is_cooked());
    // A receipt: scan, quantity, Enter.
    seen.press("CA-AM\r");
    seen.until_text("╭ Entrada");
    seen.press("7");
    seen.until_text("Cantidad    7");
    seen.press("\r");
    let receipt = until_recorded(&mut seen, "madrid", "");

    seen.press("t");
    seen.until_text("╭ Enviar a otro almacén");
    seen.press("4");
    seen.until_text("Cantidad    4");
    // Enter goes where something is missing: to the destination.
    seen.press("\r");
    seen.press("s");
    seen.until_text("‹ sevilla ›");
    seen.press("\r");
    let transfer = until_recorded(&mut seen, "madrid", &receipt);
    seen.until_text(&format!("notes/{}.txt", transfer.replace(':', "-")));

    // At the other warehouse the delivery note is scanned.
    seen.press(F3);
    seen.until_text("SEVILLA");
    seen.until("sevilla to have joined", |screen| !screen.contents().contains("Uniéndose a la red"));
    seen.press("5");
    seen.until_text(&format!("{transfer} ← madrid"));
    seen.press(&format!("{transfer}\r"));
    seen.until_text(&format!("╭ Recibir {transfer} de madrid"));
    seen.until_text("Llega todo lo enviado.");
    // One of four did not come: arrows choose why.
    seen.press("3");
    seen.until_text("¿Por qué falta?");
    seen.press(RIGHT);
    seen.until_text("‹ falta ›");
    seen.press_by_hand("\r");
    until_recorded(&mut seen, "sevilla", "");
    // Received twice: refused, with the reason.
    seen.press(&format!("{transfer}\r"));
    seen.until_text("recibida · demo");
    seen.press("v");
    seen.until_text("está recibida");

    // The sender is told what is short.
    seen.press(F2);
    seen.until_text("MADRID");
    seen.press("1");
    seen.until_text(&format!("{transfer}: en sevilla"));
    seen.press("?");
    seen.until_text("╭ Ayuda");
    seen.press("\x1b");
    seen.until("help to go", |screen| !screen.contents().contains("╭ Ayuda"));
    seen.press("q");
    seen.left_sane();
    assert!(seen.ended_well());
}

#[test]
fn a_terminal_that_is_told_to_end_or_loses_its_line_is_left_sane_too() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut seen = demo();
        seen.signal(signal);
        seen.left_sane();
    }
}

#[test]
fn a_terminal_that_is_stopped_gives_the_window_back_and_draws_it_anew_when_it_goes_on() {
    let mut seen = demo();
    for stop in ["Ctrl-Z", "a signal"] {
        if stop == "Ctrl-Z" {
            seen.press("\x1a");
        } else {
            seen.signal(Signal::TSTP);
        }
        seen.stops();
        seen.until(stop, |screen| !screen.alternate_screen());
        seen.shows_the_shell();
        assert!(seen.is_cooked());
        seen.signal(Signal::CONT);
        seen.until("to go on", |screen| screen.alternate_screen() && screen.contents().contains("MADRID"));
        assert!(!seen.is_cooked());
    }
    seen.press("q");
    seen.left_sane();
    assert!(seen.ended_well());
}

#[test]
fn a_scan_that_comes_while_the_window_is_too_small_waits_until_it_grows() {
    let mut seen = demo();
    seen.resize(18, 5);
    seen.until_text("Ventana");
    seen.press("CA-AM\r");
    seen.until_text("lectura guardada");
    seen.resize(120, 40);
    seen.until_text("Lecturas guardadas");
    seen.press_by_hand("\r");
    seen.until_text("╭ Entrada");
    // What was scanned is not dropped without a question.
    seen.press("\x1b");
    seen.until_text("╭ ¿Descartar?");
    seen.press("\t");
    seen.press_by_hand("\r");
    seen.until("the form to go", |screen| !screen.contents().contains("╭ Entrada"));
    seen.press("q");
    seen.left_sane();
    assert!(seen.ended_well());
}
