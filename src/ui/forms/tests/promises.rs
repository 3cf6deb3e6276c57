//! Reservations and orders: made, issued and received against, let go of.

use std::sync::Arc;

use super::sample::{Desk, GLOVES_CODE, day, id, lot, q, reservation, sku};
use crate::domain::{AdjustmentReason, Lot, Quantity};
use crate::ledger::act::{Act, TakeLine};
use crate::ui::forms::{Form, FormKind, FormStep, Prefill};

fn reserve(units: i64, purpose: &str) -> Act {
    let (sku, lot, purpose) = (sku("GU-NIT-M"), None, purpose.to_owned());
    Act::Reserve { sku, lot, qty: q(units), purpose, until: None }
}

#[test]
fn goods_are_kept_for_somebody_with_packs_and_short_dates() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Reserve);
    let screen = desk.stays("1p+2");
    assert!(screen.contains("Disponible 16 → 2 ud"), "{screen}");
    assert!(screen.contains("Reservado 2 → 16 ud"), "{screen}");
    assert_eq!(desk.keys("{enter}"), FormStep::Stay, "for whom is asked");
    assert_eq!(desk.books("Pedido 9001{enter}"), [reserve(14, "Pedido 9001")]);
    for (typed, until) in
        [("+3d", day(2026, 5, 20)), ("1805", day(2026, 5, 18)), ("202607e", day(2026, 7, 31))]
    {
        let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Reserve);
        let acts = desk.books(&format!("1{{tab}}Marta{{tab}}{typed}{{enter}}"));
        assert!(matches!(&acts[..], [Act::Reserve { until: Some(day), .. }] if *day == until), "{acts:?}");
    }
}

#[test]
fn a_reservation_without_a_purpose_or_of_a_day_gone_by_is_refused_in_its_field() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Reserve);
    let screen = desk.stays("3{enter}{enter}");
    assert!(screen.contains("para quién o para qué"), "{screen}");
    let screen = desk.stays("Marta{tab}17/05/2025{enter}");
    assert!(screen.contains("17/05/2025 ya ha pasado"), "{screen}");
    let acts = desk.books("{clear}17/05/2026{enter}");
    assert!(matches!(&acts[..], [Act::Reserve { until: Some(until), .. }] if *until == day(2026, 5, 17)));
}

#[test]
fn no_more_is_kept_than_is_available_and_the_refusal_says_for_whom_the_rest_is() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Reserve);
    let screen = desk.stays("17{enter}");
    assert!(screen.contains("solo hay 16 de GU-NIT-M: 18 en existencias, 2"), "{screen}");
    assert!(screen.contains("Reservado: 2 para Pedido 8812."), "{screen}");
}

#[test]
fn a_reservation_is_of_the_lots_that_leave_first_or_of_one_that_is_named_but_of_none_past_its_date() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Reserve);
    let screen = desk.stays("6");
    assert!(screen.contains("Lote L-PRONTO 4 → 0"), "{screen}");
    assert!(screen.contains("Lote L-NUEVO 10 → 8"), "{screen}");
    let acts = desk.books("{tab}l-nuevo{tab}Marta{enter}");
    assert!(
        matches!(&acts[..], [Act::Reserve { lot: Some(named), .. }] if *named == lot("L-NUEVO")),
        "{acts:?}"
    );
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Reserve);
    let screen = desk.stays("15{enter}");
    assert!(screen.contains("L-VIEJO") && screen.contains("Lo caducado no se reserva."), "{screen}");
}

#[test]
fn a_scan_names_the_product_of_a_promise() {
    let mut desk = Desk::new(Some("HA-TRI")).open(FormKind::Reserve);
    desk.scan(GLOVES_CODE);
    assert_eq!(desk.books("1{tab}Marta{enter}"), [reserve(1, "Marta")]);
}

#[test]
fn an_order_needs_its_day_and_raises_the_position() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Expect);
    let screen = desk.stays("2p");
    assert!(screen.contains("Posición 16 → 40 ud"), "{screen}");
    assert_eq!(desk.keys("{enter}"), FormStep::Stay, "the day is asked");
    let screen = desk.stays("{enter}");
    assert!(screen.contains("Falta el día"), "{screen}");
    let act = Act::Expect {
        sku: sku("GU-NIT-M"),
        qty: q(24),
        due: day(2026, 5, 24),
        reference: "Proveedor Sur 118".into(),
    };
    assert_eq!(desk.books("+1s{tab}Proveedor Sur 118{enter}"), [act]);
}

#[test]
fn nothing_is_ordered_of_a_retired_product_but_what_is_left_of_it_can_be_kept() {
    let desk = Desk::new(Some("MA-OLD"));
    assert!(desk.refusal(FormKind::Expect).contains("retirado del catálogo"));
    let mut desk = desk.open(FormKind::Reserve);
    assert!(matches!(&desk.books("3{tab}Marta{enter}")[..], [Act::Reserve { .. }]));
}

fn against(name: &str, units: i64) -> Act {
    let (reservation, qty) = (id(name), Some(q(units)));
    Act::IssueReserved { reservation, qty, reference: String::new(), allow_expired: false }
}

#[test]
fn an_issue_against_a_reservation_lowers_both() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    let screen = desk.stays("{tab}{right}");
    assert!(screen.contains("Cantidad 2"), "what is left is proposed\n{screen}");
    assert!(screen.contains("Pedido 8812 · 2 ud · hasta 20/05/2026"), "{screen}");
    assert!(screen.contains("Existencias 18 → 16 ud"), "{screen}");
    assert!(screen.contains("De la reserva quedan 2 → 0 ud"), "{screen}");
    assert_eq!(desk.books("{enter}"), [against("madrid:3", 2)]);
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    assert_eq!(desk.books("1{tab}{right}{enter}"), [against("madrid:3", 1)], "a typed amount stays");
}

#[test]
fn more_than_is_left_of_a_reservation_does_not_go_out_against_it() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    let screen = desk.stays("3{tab}{right}{enter}");
    assert!(screen.contains("De la reserva madrid:3 quedan 2 de GU-NIT-M, no 3"), "{}", screen);
}

#[test]
fn without_a_reservation_only_what_is_available_goes_out_and_the_refusal_says_for_whom_the_rest_is() {
    for kind in [FormKind::Issue, FormKind::Send] {
        let mut desk = Desk::new(Some("GU-NIT-M")).open(kind);
        let screen = desk.stays("17{enter}");
        assert!(screen.contains("solo hay 16 de GU-NIT-M"), "{screen}");
        assert!(screen.contains("Reservado: 2 para Pedido 8812."), "{screen}");
    }
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    let lines = vec![TakeLine { sku: sku("GU-NIT-M"), lot: None, qty: q(16) }];
    assert!(desk.stays("16").contains("Disponible 16 → 0 ud"));
    let act = Act::Issue { lines, reference: String::new(), allow_expired: false };
    assert_eq!(desk.books("{tab}{right}{left}{enter}"), [act], "the choice can be taken back");
}

#[test]
fn what_is_issued_against_a_reservation_is_booked_alone() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    let screen = desk.stays("{tab}{right}{new}");
    assert!(screen.contains("se registra sola"), "{screen}");
    assert_eq!(desk.scan("HA-TRI"), FormStep::Stay);
    assert!(desk.words().contains("se registra sola"));
    assert_eq!(desk.books("{enter}"), [against("madrid:3", 2)]);
}

#[test]
fn whoever_scans_what_was_kept_counts_it() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    desk.keys("{tab}{right}");
    desk.scan(GLOVES_CODE);
    assert!(desk.words().contains("Cantidad 1"), "{}", desk.words());
    desk.scan(GLOVES_CODE);
    assert_eq!(desk.books("{enter}"), [against("madrid:3", 2)]);
}

#[test]
fn a_reservation_that_is_gone_meanwhile_is_not_issued_from_what_is_available() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Issue);
    desk.keys("{tab}{right}");
    let mut view = desk.model.products[&sku("GU-NIT-M")].as_ref().clone();
    view.reservations.clear();
    desk.model.products.insert(sku("GU-NIT-M"), Arc::new(view));
    let screen = desk.stays("{enter}");
    assert!(screen.contains("madrid:3 no hay nada reservado"), "{screen}");
}

#[test]
fn one_of_several_reservations_is_chosen_by_its_letter() {
    let mut desk = Desk::new(Some("GU-NIT-M"));
    let mut view = desk.model.products[&sku("GU-NIT-M")].as_ref().clone();
    view.cells[0].reserved = q(5);
    view.reservations.push(reservation("madrid:5", "GU-NIT-M", 3, "Marta Ruiz"));
    desk.model.products.insert(sku("GU-NIT-M"), Arc::new(view));
    let mut desk = desk.open(FormKind::Issue);
    assert_eq!(desk.books("{tab}m{enter}"), [against("madrid:5", 3)]);
}

#[test]
fn an_order_is_received_whole_or_in_part() {
    let received = |thousandths| Act::ReceiveExpected {
        expectation: id("madrid:1"),
        lot: Lot::none(),
        expiry: None,
        qty: Some(Quantity::from_thousandths(thousandths).unwrap()),
        reference: String::new(),
    };
    let prefill = Prefill { sku: Some(sku("HA-TRI")), against: Some(id("madrid:1")), ..Prefill::default() };
    let open = || {
        let mut desk = Desk::new(None);
        desk.form = Some(Form::open_prefilled(FormKind::Receipt, &prefill, &desk.cx()).unwrap());
        desk
    };
    let mut desk = open();
    assert!(desk.stays("").contains("De lo esperado falta por llegar 25,00 → 0,00 kg"), "{}", desk.words());
    assert_eq!(desk.books("{enter}"), [received(25_000)]);
    let mut desk = open();
    assert!(
        desk.stays("10,5").contains("De lo esperado falta por llegar 25,00 → 14,50 kg"),
        "{}",
        desk.words()
    );
    assert_eq!(desk.books("{enter}"), [received(10_500)]);
}

#[test]
fn letting_go_shows_what_it_frees_and_asks_no_further() {
    let mut desk = Desk::new(None).open(FormKind::Release(id("madrid:3")));
    let screen = desk.stays("");
    assert!(screen.contains("Pedido 8812 · 2 ud · hasta 20/05/2026"), "{screen}");
    assert!(screen.contains("Disponible 16 → 18 ud"), "{screen}");
    assert_eq!(desk.books("{enter}"), [Act::Release { reservation: id("madrid:3"), due: false }]);
    let mut desk = Desk::new(None).open(FormKind::CloseExpected(id("madrid:1")));
    let screen = desk.stays("no hay más");
    assert!(screen.contains("Por llegar 25,00 → 0,00 kg"), "{screen}");
    let act = Act::CloseExpectation { expectation: id("madrid:1"), reason: "no hay más".into() };
    assert_eq!(desk.books("{enter}"), [act]);
}

#[test]
fn what_is_over_or_another_warehouses_can_not_be_let_go_of() {
    let desk = Desk::new(None);
    assert!(desk.refusal(FormKind::Release(id("madrid:9"))).contains("no hay nada reservado"));
    assert!(desk.refusal(FormKind::CloseExpected(id("madrid:9"))).contains("madrid:9"));
    assert!(desk.refusal(FormKind::Release(id("sevilla:9"))).contains("sevilla"));
}

#[test]
fn a_count_or_an_adjustment_below_what_is_reserved_says_what_it_releases() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Adjust);
    let screen = desk.stays("-17{tab}");
    assert!(screen.contains("Se libera de lo reservado: 1 para Pedido 8812"), "{screen}");
    let acts = desk.books("{tab}{right}{enter}");
    let reason = AdjustmentReason::ALL[0];
    assert!(
        matches!(&acts[..], [Act::Adjust { delta, reason: of, .. }] if *delta == q(-17) && *of == reason)
    );
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Count);
    assert!(desk.stays("0").contains("Se libera de lo reservado: 2 para Pedido 8812"));
    assert!(matches!(&desk.books("{enter}")[..], [Act::Count { .. }]));
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Count);
    assert!(!desk.stays("17").contains("Se libera"));
}
