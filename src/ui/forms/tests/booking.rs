//! Receipt, issue, count: keys in, acts out.

use super::sample::{CARTON_CODE, Desk, GLOVES_CODE, day, lot, q, sku};
use crate::domain::MovementKind;
use crate::domain::{Lot, Quantity};
use crate::ledger::act::{Act, ReceiptLine, TakeLine};
use crate::ui::forms::{FormKind, FormStep};

fn receipt(lines: Vec<ReceiptLine>) -> Vec<Act> {
    vec![Act::Receive { lines, reference: String::new() }]
}

fn gloves(units: i64) -> ReceiptLine {
    ReceiptLine { sku: sku("GU-NIT-M"), lot: Lot::none(), expiry: None, qty: q(units) }
}

#[test]
fn a_receipt_by_scanner_is_scan_quantity_enter() {
    let mut desk = Desk::new(None).open_by_scan(FormKind::Receipt, GLOVES_CODE);
    assert_eq!(desk.books("12{enter}"), receipt(vec![gloves(12)]));
}

#[test]
fn typed_quantities_are_read_with_arithmetic_and_packs() {
    for (typed, units) in [("5", 5), ("12*6+3", 75), ("3p", 36), ("2p+1", 25), ("1200", 1200)] {
        let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
        assert_eq!(desk.books(&format!("{typed}{{enter}}")), receipt(vec![gloves(units)]), "{typed}");
    }
}

#[test]
fn a_quantity_that_is_none_is_refused_inside_the_form_and_can_be_corrected() {
    for (typed, why) in [
        ("0", "mayor que cero"),
        ("-3", "negativa"),
        ("1,5", "unidades enteras"),
        ("99999999999999999999", "demasiado grande"),
        ("abc", "no es parte de una cantidad"),
        ("4*", "falta un número"),
    ] {
        let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
        let screen = desk.stays(&format!("{typed}{{enter}}"));
        assert!(screen.to_lowercase().contains(why), "{typed}\n{screen}");
        assert_eq!(desk.books("{clear}7{enter}"), receipt(vec![gloves(7)]));
    }
}

#[test]
fn before_and_after_are_shown_while_typing() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
    assert!(desk.stays("").contains("Existencias 18 ud"));
    assert!(desk.stays("7").contains("Existencias 18 → 25 ud"));
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    assert!(desk.stays("7").contains("Existencias 18 → 11 ud"));
}

#[test]
fn a_product_is_found_by_parts_of_its_name_and_by_its_barcode() {
    for typed in ["guante", "gunitm", "NITRILO", "fisiologico", "59012341", CARTON_CODE] {
        let mut desk = Desk::new(None).open(FormKind::Issue);
        desk.keys(typed);
        let acts = desk.books("{enter}1{enter}");
        let Some(Act::Issue { lines, .. }) = acts.first() else { panic!("{acts:?}") };
        let wanted = if typed.starts_with("fis") { "SU-FIS-500" } else { "GU-NIT-M" };
        assert_eq!(lines[0].sku, sku(wanted), "{typed}");
    }
}

#[test]
fn letters_of_commands_are_text_in_a_text_field() {
    let mut desk = Desk::new(None).open(FormKind::Receipt);
    let screen = desk.stays("q/?+:");
    assert!(screen.contains("q/?+:"), "{screen}");
}

#[test]
fn a_receipt_of_a_lot_tracked_product_demands_the_lot() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Receipt);
    desk.keys("6{enter}");
    let screen = desk.stays("{enter}");
    assert!(screen.contains("falta el lote"), "{screen}");
    let acts = desk.books("L9{tab}202712e{enter}");
    let line =
        ReceiptLine { sku: sku("SU-FIS-500"), lot: lot("L9"), expiry: Some(day(2027, 12, 31)), qty: q(6) };
    assert_eq!(acts, receipt(vec![line]));
}

#[test]
fn a_known_lot_brings_its_date_and_another_one_is_refused() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Receipt);
    let acts = desk.books("6{enter}L-PRONTO{enter}");
    assert!(matches!(&acts[..], [Act::Receive { lines, .. }] if lines[0].expiry == Some(day(2026, 6, 30))));
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Receipt);
    let screen = desk.stays("6{enter}L-PRONTO{tab}01/01/2027{book}");
    assert!(screen.contains("caduca aquí el 30/06/2026, no el 01/01/2027"), "{screen}");
}

#[test]
fn a_gs1_scan_fills_lot_expiry_and_count() {
    let code = "(01)05901234123457(17)270131(30)50(10)LOT0002";
    let mut desk = Desk::new(None).open_by_scan(FormKind::Receipt, code);
    let line = ReceiptLine { lot: lot("LOT0002"), expiry: Some(day(2027, 1, 31)), ..gloves(50) };
    assert_eq!(desk.books("{enter}"), receipt(vec![line]));
}

#[test]
fn a_list_runs_on_while_goods_are_scanned_and_ctrl_s_books_it_in_one_go() {
    let mut desk = Desk::new(None).open(FormKind::Receipt);
    for code in [GLOVES_CODE, GLOVES_CODE, "HA-TRI", CARTON_CODE] {
        assert_eq!(desk.scan(code), FormStep::Stay);
    }
    assert!(desk.words().contains("2 líneas"));
    let acts = desk.books("{book}");
    let flour = ReceiptLine { sku: sku("HA-TRI"), ..gloves(1) };
    assert_eq!(acts, receipt(vec![gloves(14), flour]));
}

#[test]
fn ten_quick_scans_are_ten() {
    let mut desk = Desk::new(None).open(FormKind::Issue);
    for _ in 0..10 {
        desk.scan(GLOVES_CODE);
    }
    let acts = desk.books("{book}");
    assert!(matches!(&acts[..], [Act::Issue { lines, .. }] if lines.len() == 1 && lines[0].qty == q(10)));
}

#[test]
fn a_scan_takes_the_place_of_a_product_that_was_only_selected() {
    let mut desk = Desk::new(Some("HA-TRI")).open(FormKind::Receipt);
    desk.scan(GLOVES_CODE);
    assert_eq!(desk.books("{book}"), receipt(vec![gloves(1)]));
}

#[test]
fn a_line_that_is_not_complete_stays_in_the_list_and_says_what_it_lacks() {
    let mut desk = Desk::new(None).open(FormKind::Receipt);
    desk.scan("SU-FIS-500");
    desk.scan(GLOVES_CODE);
    let screen = desk.stays("{book}");
    assert!(screen.contains("falta el lote"), "{screen}");
    let acts = desk.books("L9{book}");
    assert!(
        matches!(&acts[..], [Act::Receive { lines, .. }] if lines.len() == 2 && lines[0].lot == lot("L9"))
    );
}

#[test]
fn lines_are_added_and_dropped_by_hand() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
    desk.keys("5{new}harina{enter}2,25{enter}suero{enter}1{drop}");
    let flour =
        ReceiptLine { sku: sku("HA-TRI"), qty: Quantity::from_thousandths(2250).unwrap(), ..gloves(1) };
    assert_eq!(desk.books("{book}"), receipt(vec![gloves(5), flour]));
}

#[test]
fn an_unknown_code_is_answered_and_changes_nothing() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
    desk.keys("5");
    assert!(matches!(desk.scan("4006381333931"), FormStep::Unknown { .. }), "what it is, is asked");
    assert!(desk.words().contains("Ningún producto"));
    for (code, why) in [("5901234123458", "dígito de control"), ("(01)5901234123458", "La lectura no vale")]
    {
        assert_eq!(desk.scan(code), FormStep::Stay);
        let screen = desk.words();
        assert!(screen.contains(why), "{code}\n{screen}");
    }
    assert_eq!(desk.books("{enter}"), receipt(vec![gloves(5)]));
}

#[test]
fn more_than_is_there_is_refused_in_words_of_the_domain() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    let screen = desk.stays("17{enter}");
    assert!(screen.contains("solo hay 16 de GU-NIT-M: 18 en existencias, 2"), "{screen}");
    assert!(matches!(&desk.books("{clear}16{enter}")[..], [Act::Issue { .. }]));
}

#[test]
fn the_last_unit_can_be_issued() {
    let mut desk = Desk::new(Some("MA-OLD")).open(FormKind::Issue);
    assert!(desk.stays("3").contains("3 → 0 ud"));
    assert!(matches!(&desk.books("{enter}")[..], [Act::Issue { .. }]));
}

#[test]
fn two_lines_of_an_issue_cannot_take_the_same_goods() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    let screen = desk.stays("10{new}GU-NIT-M{enter}7{book}");
    assert!(screen.contains("solo hay 6 de GU-NIT-M"), "{screen}");
}

#[test]
fn an_issue_takes_the_lot_that_expires_first_among_the_unexpired() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Issue);
    let screen = desk.stays("6");
    assert!(screen.contains("Lote L-PRONTO 4 → 0"), "{screen}");
    assert!(screen.contains("Lote L-NUEVO 10 → 8"), "{screen}");
    assert!(!screen.contains("L-VIEJO"), "{screen}");
    let acts = desk.books("{enter}");
    let lines = vec![TakeLine { sku: sku("SU-FIS-500"), lot: None, qty: q(6) }];
    assert_eq!(acts, vec![Act::Issue { lines, reference: String::new(), allow_expired: false }]);
}

#[test]
fn an_expired_lot_goes_out_only_after_an_explicit_yes() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Issue);
    let screen = desk.stays("2{tab}l-viejo{enter}");
    assert!(screen.contains("caducó el 30/04/2026"), "{screen}");
    assert!(screen.contains("¿Sacar caducado?"), "{screen}");
    desk.stays("{enter}");
    let acts = desk.books("s{enter}");
    let lines = vec![TakeLine { sku: sku("SU-FIS-500"), lot: Some(lot("L-VIEJO")), qty: q(2) }];
    assert_eq!(acts, vec![Act::Issue { lines, reference: String::new(), allow_expired: true }]);
}

#[test]
fn a_lot_can_be_picked_from_those_that_are_here_and_an_unknown_one_is_refused() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Issue);
    let acts = desk.books("1{tab}{down}{down}{enter}");
    assert!(matches!(&acts[..], [Act::Issue { lines, .. }] if lines[0].lot == Some(lot("L-NUEVO"))));
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Issue);
    let screen = desk.stays("1{tab}L-XX{enter}");
    assert!(screen.contains("no hay ningún lote L-XX"), "{screen}");
}

#[test]
fn zero_is_a_count_and_the_count_is_pinned_to_when_the_product_was_set() {
    let mut desk = Desk::new(Some("HA-TRI")).open(FormKind::Count);
    assert!(!desk.stays("").contains("40"), "a count is blind until it is typed");
    let screen = desk.stays("0");
    assert!(screen.contains("Libro al empezar 40,00 kg diferencia −40,00"), "{screen}");
    assert_eq!(
        desk.books("{enter}"),
        vec![Act::Count {
            sku: sku("HA-TRI"),
            lot: Lot::none(),
            expiry: None,
            counted: Quantity::ZERO,
            pinned: Some(7),
            reference: String::new(),
        }]
    );
}

#[test]
fn goods_that_move_while_people_count_are_no_difference() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Count);
    desk.keys("18");
    desk.moves("GU-NIT-M", -4);
    let screen = desk.words();
    assert!(screen.contains("Libro al empezar 18 ud diferencia 0"), "{screen}");
    assert!(screen.contains("Existencias 14 → 14 ud"), "{screen}");
}

#[test]
fn a_difference_that_somebody_else_booked_meanwhile_is_not_booked_again() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Count);
    desk.keys("16");
    desk.changes(MovementKind::Count, "GU-NIT-M", -2);
    let screen = desk.words();
    assert!(screen.contains("Libro al empezar 16 ud diferencia 0"), "{screen}");
    assert!(screen.contains("Existencias 16 → 16 ud"), "{screen}");
}

#[test]
fn a_count_of_less_than_is_reserved_says_what_it_releases_and_is_booked() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Count);
    assert!(!desk.stays("2").contains("Libera"));
    let screen = desk.stays("{clear}1");
    assert!(screen.contains("Se libera de lo reservado: 1 para Pedido 8812"), "{screen}");
    assert!(matches!(&desk.books("{enter}")[..], [Act::Count { counted, .. }] if *counted == q(1)));
}

/// What is counted of what in a list, and what each line is pinned to.
fn counted(acts: Vec<Act>) -> Vec<(String, Quantity, u64)> {
    acts.into_iter()
        .map(|act| match act {
            Act::Count { sku, counted, pinned: Some(pinned), .. } => (sku.to_string(), counted, pinned),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn goods_that_move_before_a_later_line_is_counted_are_no_difference_of_it() {
    let mut desk = Desk::new(Some("HA-TRI")).open(FormKind::Count);
    desk.keys("40{new}");
    desk.moves("GU-NIT-M", -4);
    let screen = desk.stays("GU-NIT-M{enter}14");
    assert!(screen.contains("Libro al empezar 14 ud diferencia 0"), "{screen}");
    desk.moves("GU-NIT-M", -1);
    let screen = desk.words();
    assert!(screen.contains("diferencia 0 Movido mientras se cuenta −1"), "{screen}");
    let lines = [("HA-TRI".to_owned(), q(40), 7), ("GU-NIT-M".to_owned(), q(14), 8)];
    assert_eq!(counted(desk.books("{book}")), lines);
}

#[test]
fn a_line_of_scanned_pieces_is_pinned_to_its_first_scan() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Count);
    desk.moves("GU-NIT-M", -4);
    desk.scan(GLOVES_CODE);
    desk.moves("GU-NIT-M", -1);
    desk.scan(CARTON_CODE);
    desk.scan("HA-TRI");
    let lines = [("GU-NIT-M".to_owned(), q(13), 8), ("HA-TRI".to_owned(), q(1), 9)];
    assert_eq!(counted(desk.books("{book}")), lines);
}

#[test]
fn another_product_in_a_line_begins_its_count_anew() {
    let mut desk = Desk::new(Some("HA-TRI")).open(FormKind::Count);
    desk.moves("GU-NIT-M", -4);
    desk.keys("14{back}{clear}GU-NIT-M");
    let lines = [("GU-NIT-M".to_owned(), q(14), 8)];
    assert_eq!(counted(desk.books("{book}")), lines);
}

#[test]
fn counts_by_scanner_are_booked_one_act_each() {
    let mut desk = Desk::new(None).open(FormKind::Count);
    for code in [GLOVES_CODE, "HA-TRI", GLOVES_CODE] {
        desk.scan(code);
    }
    let acts = desk.books("{book}");
    assert!(matches!(&acts[..], [Act::Count { counted, .. }, Act::Count { .. }] if *counted == q(2)));
}

#[test]
fn a_retired_product_can_leave_but_not_come_in() {
    let desk = Desk::new(Some("MA-OLD"));
    assert!(desk.refusal(FormKind::Receipt).contains("retirado del catálogo"));
    let mut desk = Desk::new(None).open(FormKind::Receipt);
    desk.scan("MA-OLD");
    assert!(desk.stays("{enter}").contains("retirado del catálogo"));
}

#[test]
fn esc_asks_only_where_something_would_be_lost() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
    assert_eq!(desk.keys("{tab}{back}{esc}"), FormStep::Close);
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
    assert_eq!(desk.keys("5{esc}"), FormStep::AskClose);
    let mut desk = Desk::new(None).open(FormKind::Receipt);
    desk.scan(GLOVES_CODE);
    assert_eq!(desk.keys("{esc}"), FormStep::AskClose);
}

#[test]
fn what_is_submitted_is_not_submitted_twice_and_a_refusal_opens_the_form_again() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
    desk.books("5{enter}");
    assert_eq!(desk.keys("{enter}{book}"), FormStep::Stay);
    desk.form.as_mut().unwrap().refused("El almacén está lleno.".into());
    assert!(desk.stays("").contains("El almacén está lleno."));
    assert_eq!(desk.books("{enter}"), receipt(vec![gloves(5)]));
}

#[test]
fn nothing_can_be_booked_before_the_node_has_told_what_is_here() {
    let mut desk = Desk::new(None);
    desk.model.status = None;
    assert!(desk.refusal(FormKind::Receipt).contains("aún no ha dicho"));
}
