//! Sending, asking, taking in and back: keys in, acts out.

use super::sample::{Desk, GLOVES_CODE, id, lot, place, q, sku};
use crate::domain::{Lot, ShortageReason};
use crate::ledger::act::{Act, ArrivalLine, TakeLine};
use crate::ui::forms::{Form, FormKind, FormStep, Prefill};

fn gloves(units: i64) -> TakeLine {
    TakeLine { sku: sku("GU-NIT-M"), lot: None, qty: q(units) }
}

#[test]
fn goods_are_sent_to_the_warehouse_that_is_chosen() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Send);
    desk.stays("5{enter}");
    let acts = desk.books("v{enter}");
    let lines = vec![gloves(5)];
    assert_eq!(acts, vec![Act::Send { to: place("valencia"), lines, reference: String::new() }]);
}

#[test]
fn several_scanned_lines_go_in_one_dispatch() {
    let mut desk = Desk::new(None).open(FormKind::Send);
    desk.scan(GLOVES_CODE);
    desk.scan("HA-TRI");
    desk.stays("{book}");
    let acts = desk.books("s{book}");
    assert!(
        matches!(&acts[..], [Act::Send { to, lines, .. }] if *to == place("sevilla") && lines.len() == 2)
    );
}

#[test]
fn a_request_proposes_the_warehouse_that_can_spare_some_and_is_covered_longest() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Request);
    let screen = desk.stays("46");
    assert!(screen.contains("valencia"), "{screen}");
    assert!(screen.contains("puede ceder 64 ud"), "{screen}");
    let lines = vec![gloves(46)];
    let acts = desk.books("{enter}");
    assert_eq!(
        acts,
        vec![Act::RequestTransfer {
            from: place("valencia"),
            lines,
            reference: String::new(),
            unlocked: false,
            judged: Vec::new(),
        }]
    );
}

#[test]
fn a_source_is_left_above_its_own_reorder_point() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Request);
    let screen = desk.stays("{back}{back}s");
    assert!(
        screen.contains("puede ceder 89 ud"),
        "120 less a reorder point of 30, and one above it\n{screen}"
    );
}

#[test]
fn a_proposal_is_booked_by_enter_or_replaced_by_typing() {
    for (keys, units) in [("{enter}", 46), ("30{enter}", 30)] {
        let mut desk = Desk::new(None);
        let prefill = Prefill {
            sku: Some(sku("GU-NIT-M")),
            qty: Some(q(46)),
            warehouse: Some(place("sevilla")),
            ..Prefill::default()
        };
        desk.form = Some(Form::open_prefilled(FormKind::Request, &prefill, &desk.cx()).unwrap());
        let lines = vec![gloves(units)];
        let act = Act::RequestTransfer {
            from: place("sevilla"),
            lines,
            reference: String::new(),
            unlocked: false,
            judged: Vec::new(),
        };
        assert_eq!(desk.books(keys), vec![act]);
    }
}

#[test]
fn all_that_was_sent_is_taken_in_by_enter_at_once() {
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    let screen = desk.stays("");
    assert!(screen.contains("18 → 30"), "{screen}");
    assert!(screen.contains("4 → 10"), "{screen}");
    let act = Act::TakeIn { transfer: id("sevilla:9"), lines: Vec::new() };
    assert_eq!(desk.books("{enter}"), vec![act]);
}

#[test]
fn a_shortage_needs_its_reason() {
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    let screen = desk.stays("{down}4{enter}");
    assert!(screen.contains("faltan 2 sin decir por qué"), "{screen}");
    let acts = desk.books("d{enter}");
    let line = ArrivalLine {
        sku: sku("SU-FIS-500"),
        lot: Some(lot("L-PRONTO")),
        arrived: q(4),
        reason: Some(ShortageReason::Damaged),
    };
    assert_eq!(acts, vec![Act::TakeIn { transfer: id("sevilla:9"), lines: vec![line] }]);
}

#[test]
fn arrows_choose_the_reason_from_the_quantity_too() {
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    let acts = desk.books("{down}4{right}{right}{enter}");
    assert!(
        matches!(&acts[..], [Act::TakeIn { lines, .. }] if lines[0].reason == Some(ShortageReason::ALL[1]))
    );
}

#[test]
fn nothing_of_a_line_may_have_come() {
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    let acts = desk.books("0{enter}{right}{enter}");
    assert!(matches!(&acts[..], [Act::TakeIn { lines, .. }] if lines[0].arrived == q(0)
        && lines[0].reason == Some(ShortageReason::Missing) && lines[0].lot == Some(Lot::none())));
}

#[test]
fn more_than_was_sent_is_refused_and_an_adjustment_is_proposed() {
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    let screen = desk.stays("13{enter}");
    assert!(screen.contains("se enviaron 12"), "{screen}");
    assert!(screen.contains("encontrado"), "{screen}");
}

#[test]
fn a_scan_goes_to_its_line() {
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    desk.scan("SU-FIS-500");
    desk.stays("5{enter}");
    let acts = desk.books("m{right}{enter}");
    assert!(matches!(&acts[..], [Act::TakeIn { lines, .. }] if lines[0].sku == sku("SU-FIS-500")));
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    desk.scan("HA-TRI");
    assert!(desk.stays("").contains("no tiene ninguna línea de HA-TRI"));
}

#[test]
fn pieces_that_came_are_scanned_one_by_one_with_a_quantity_typed_between_and_the_last_is_undone() {
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    for _ in 0..3 {
        desk.scan("GU-NIT-M");
    }
    assert!(desk.stays("").contains("faltan") || desk.stays("").contains("¿Por qué falta?"));
    desk.stays("10");
    desk.scan("GU-NIT-M");
    desk.scan("GU-NIT-M");
    desk.scan("GU-NIT-M");
    assert!(desk.stays("").contains("se enviaron 12"), "the thirteenth did not count");
    desk.scan("SU-FIS-500");
    desk.stays("{undo}");
    let act = Act::TakeIn { transfer: id("sevilla:9"), lines: Vec::new() };
    assert_eq!(desk.books("{enter}"), vec![act], "twelve of twelve, and the other line as it was sent");
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    for _ in 0..2 {
        desk.scan("GU-NIT-M");
    }
    let acts = desk.books("{undo}{enter}d{enter}");
    assert!(matches!(&acts[..], [Act::TakeIn { lines, .. }] if lines.len() == 1 && lines[0].arrived == q(1)));
    let mut desk = Desk::new(None).open(FormKind::TakeIn(id("sevilla:9")));
    assert!(desk.stays("{undo}").contains("No hay lectura que deshacer"));
}

#[test]
fn a_rejected_transfer_is_taken_back() {
    let mut desk = Desk::new(None).open(FormKind::TakeBack(id("madrid:2")));
    assert!(desk.stays("").contains("caja rota"));
    let act = Act::TakeBack { transfer: id("madrid:2"), lines: Vec::new() };
    assert_eq!(desk.books("{enter}"), vec![act]);
}

#[test]
fn a_form_opens_only_for_a_transfer_that_is_ours_to_decide_and_far_enough() {
    let desk = Desk::new(None);
    for (kind, why) in [
        (FormKind::TakeIn(id("sevilla:1")), "está recibida"),
        (FormKind::TakeIn(id("madrid:2")), "lo puede hacer valencia"),
        (FormKind::TakeIn(id("nadie:1")), "no hay ninguna transferencia"),
        (FormKind::TakeBack(id("sevilla:9")), "lo puede hacer sevilla"),
        (FormKind::SendRequested(id("madrid:7")), "lo puede hacer sevilla"),
    ] {
        let said = desk.refusal(kind.clone());
        assert!(said.to_lowercase().contains(why), "{kind:?}: {said}");
    }
}

#[test]
fn a_request_is_answered_as_far_as_stock_goes_with_the_shortfall_in_sight() {
    let mut desk = Desk::new(None).open(FormKind::SendRequested(id("sevilla:3")));
    let screen = desk.stays("");
    assert!(screen.contains("pedido 20 · aquí 18 → 2 · faltan 4"), "{screen}");
    let flour = TakeLine { sku: sku("HA-TRI"), lot: None, qty: q(5) };
    assert_eq!(
        desk.books("{enter}"),
        vec![Act::SendRequested {
            transfer: id("sevilla:3"),
            lines: Some(vec![gloves(16), flour]),
            reference: String::new()
        }]
    );
}

#[test]
fn a_line_of_a_request_may_be_left_out_but_not_all_of_them() {
    let mut desk = Desk::new(None).open(FormKind::SendRequested(id("sevilla:3")));
    assert!(desk.stays("0{down}0{enter}").contains("No se enviaría nada"));
    let acts = desk.books("2{enter}");
    assert!(matches!(&acts[..], [Act::SendRequested { lines: Some(lines), .. }] if lines.len() == 1));
    let mut desk = Desk::new(None).open(FormKind::SendRequested(id("sevilla:3")));
    assert!(desk.stays("17{enter}").contains("solo hay 16"));
    assert!(desk.stays("21{enter}").contains("se piden 20 ud. Lo demás va en otro envío"));
    assert_eq!(desk.keys("{esc}"), FormStep::AskClose);
}
