//! Products, rules, adjustments, the operator: keys in, acts out.

use super::sample::{CARTON_CODE, Desk, GLOVES_CODE, id, lot, q, sku};
use crate::domain::gtin::Gtin;
use crate::domain::reorder::ServiceLevel;
use crate::domain::{AdjustmentReason, Lot, Pack, ProductFields, ReorderRule};
use crate::ledger::act::Act;
use crate::ui::forms::{Form, FormKind, FormStep, Prefill};

const FREE_CODE: &str = "4006381333931";

#[test]
fn a_new_product_is_made_by_its_reference_and_name() {
    let mut desk = Desk::new(None).open(FormKind::NewProduct);
    let acts = desk.books("CA-001{enter}Casco blanco{enter}{enter}{enter}");
    let fields = ProductFields {
        name: Some("Casco blanco".into()),
        unit: Some("ud".into()),
        decimals: Some(0),
        barcodes: Some(Vec::new()),
        packs: Some(Vec::new()),
        category: Some(String::new()),
        lot_tracked: Some(false),
    };
    assert_eq!(acts, [Act::SetProduct { sku: sku("CA-001"), fields, unlocked: false }]);
}

#[test]
fn a_new_product_with_everything() {
    let mut desk = Desk::new(None).open(FormKind::NewProduct);
    desk.keys("CA-001{tab}Casco{tab}");
    desk.scan(FREE_CODE);
    desk.keys("{tab}{clear}caja{tab}{right}{tab}2,5{tab}");
    desk.scan("8904000210037");
    let acts = desk.books("{tab}Cabeza{tab}s{book}");
    let [Act::SetProduct { fields, .. }] = &acts[..] else { panic!("{acts:?}") };
    assert_eq!(fields.barcodes, Some(vec![Gtin::parse(FREE_CODE).unwrap()]));
    let size = "2.5";
    let size = crate::domain::Quantity::parse(size, 1).unwrap();
    let barcode = Some(Gtin::parse("8904000210037").unwrap());
    assert_eq!(fields.packs, Some(vec![Pack { size, barcode }]));
    assert_eq!((fields.decimals, fields.lot_tracked), (Some(1), Some(true)));
    assert_eq!((fields.unit.as_deref(), fields.category.as_deref()), (Some("caja"), Some("Cabeza")));
}

#[test]
fn a_product_that_can_not_be_is_refused_inside_the_form() {
    for (keys, why) in [
        ("{enter}", "el sku está en blanco"),
        ("GU-NIT-M{enter}", "ya existe"),
        ("CA-1{book}", "falta el nombre"),
        ("CA-1{tab}Casco{tab}5901234123458{enter}", "el dígito de control es 8 y debería ser 7"),
        ("CA-1{tab}Casco{tab}59012{enter}", "cifras"),
        ("CA-1{tab}Casco{tab}ABCDEFGH{enter}", "no es una cifra"),
        ("CA-1{tab}Casco{tab}5901234123457{enter}", "ya es de gu-nit-m"),
        ("CA-1{tab}Casco{tab}{tab}{clear}{enter}", "falta la unidad"),
        ("CA-1{tab}Casco{tab}{tab}{tab}{tab}0{book}", "mayor que cero"),
        ("CA-1{tab}Casco{tab}{tab}{tab}{tab}{tab}4006381333931{book}", "falta su contenido"),
        (
            "CA-1{tab}Casco{tab}4006381333931{tab}{tab}{tab}6{tab}4006381333931{book}",
            "el del paquete es otro",
        ),
    ] {
        let mut desk = Desk::new(None).open(FormKind::NewProduct);
        let screen = desk.stays(keys).to_lowercase();
        assert!(screen.contains(why), "{keys}\n{screen}");
    }
}

#[test]
fn only_what_changed_of_a_product_is_booked() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::EditProduct);
    assert!(desk.stays("").contains(GLOVES_CODE));
    assert_eq!(desk.keys("{book}"), FormStep::Close, "nothing changed");
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::EditProduct);
    let screen = desk.stays("{clear}Guante azul M");
    assert!(screen.contains("antes Guante nitrilo M"), "{screen}");
    let fields = ProductFields { name: Some("Guante azul M".into()), ..ProductFields::default() };
    assert_eq!(desk.books("{book}"), [Act::SetProduct { sku: sku("GU-NIT-M"), fields, unlocked: false }]);
}

#[test]
fn saving_a_retired_product_brings_it_back() {
    let mut desk = Desk::new(Some("MA-OLD")).open(FormKind::EditProduct);
    assert!(desk.stays("").contains("al guardar vuelve al catálogo"));
    let act = Act::SetProduct { sku: sku("MA-OLD"), fields: ProductFields::default(), unlocked: false };
    assert_eq!(desk.books("{book}"), [act]);
}

#[test]
fn a_lot_that_was_never_here_can_not_be_adjusted() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Adjust);
    assert!(desk.stays("-1{enter}L-XX{enter}").contains("no hay ningún lote L-XX"));
}

#[test]
fn the_unit_of_a_product_that_has_moved_stays() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::EditProduct);
    let screen = desk.stays("{tab}{tab}{clear}kg{enter}");
    assert!(screen.contains("ya se ha movido: su unidad sigue siendo ud"), "{screen}");
}

#[test]
fn a_form_of_a_product_needs_one_selected() {
    let desk = Desk::new(None);
    for kind in [FormKind::EditProduct, FormKind::Rule] {
        assert!(desk.refusal(kind).contains("Seleccione primero"));
    }
}

#[test]
fn a_rule_keeps_blank_and_zero_apart() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Rule);
    let screen = desk.stays("{clear}0{tab}{clear}");
    assert!(screen.contains("antes 50") && screen.contains("antes 100"), "{screen}");
    let rule = ReorderRule { reorder_point: Some(q(0)), ..ReorderRule::default() };
    let act = Act::SetRule { sku: sku("GU-NIT-M"), rule: Some(rule), shelf: None };
    assert_eq!(desk.books("{enter}"), [act]);
}

#[test]
fn a_rule_says_what_it_means_for_the_position_now() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Rule);
    assert!(desk.stays("").contains("Posición ahora 16 ud ≤ 50 ud: alerta, pedir 84 ud"), "{}", desk.words());
    assert!(desk.stays("{clear}10").contains("Posición ahora 16 ud sobre el punto de pedido"));
}

#[test]
fn a_rule_without_a_point_and_with_a_service_level_computes_it() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Rule);
    let screen = desk.stays("{clear}{back}{back}97,5");
    assert!(screen.contains("Hace falta para calcular el punto."), "{screen}");
    let screen = desk.stays("{back}2{back}7");
    assert!(
        screen.contains("Punto de pedido calculado") && screen.contains("se calcula cada día"),
        "{screen}"
    );
    let rule = ReorderRule {
        maximum: Some(q(100)),
        lead_time_days: Some(7),
        lead_time_deviation_days: Some(2),
        service_level: Some(ServiceLevel::P975),
        ..ReorderRule::default()
    };
    let act = Act::SetRule { sku: sku("GU-NIT-M"), rule: Some(rule), shelf: None };
    assert_eq!(desk.books("{enter}"), [act]);
}

#[test]
fn the_shelf_can_be_scanned_and_is_booked_alone() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Rule);
    desk.keys("{back}");
    desk.scan("B-01-1");
    let act = Act::SetRule { sku: sku("GU-NIT-M"), rule: None, shelf: Some("B-01-1".into()) };
    assert_eq!(desk.books("{enter}"), [act]);
}

#[test]
fn a_rule_with_a_wrong_figure_is_refused_inside_the_form() {
    for (keys, why) in [
        ("{clear}-1{enter}", "negativa"),
        ("{back}{back}96{enter}", "Puede ser 90 · 95 · 97,5 · 99"),
        ("{tab}{tab}{tab}{tab}x{enter}", "días enteros"),
        ("{tab}{tab}0{enter}", "múltiplo de cero"),
        ("{tab}{clear}49{enter}", "por debajo del punto de pedido"),
    ] {
        let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Rule);
        let screen = desk.stays(keys);
        assert!(screen.contains(why), "{keys}\n{screen}");
    }
}

#[test]
fn an_adjustment_needs_a_difference_and_a_reason() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Adjust);
    assert!(desk.stays("0{enter}").contains("Un ajuste de cero no cambia nada"));
    assert!(desk.stays("{clear}-4").contains("18 → 14 ud"));
    desk.stays("{enter}");
    assert!(desk.stays("{enter}").contains("Elija el motivo"));
    let act = Act::Adjust {
        sku: sku("GU-NIT-M"),
        lot: Lot::none(),
        expiry: None,
        delta: q(-4),
        reason: AdjustmentReason::Lost,
        reference: String::new(),
        transfer: None,
    };
    assert_eq!(desk.books("p{enter}"), [act]);
}

#[test]
fn a_reason_for_less_is_refused_where_more_is_booked_and_the_other_way_round() {
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Adjust);
    desk.keys("+4{enter}");
    assert!(desk.stays("d{enter}").contains("+4 suma, y «dañado» es un motivo para restar"));
    assert!(matches!(&desk.books("e{enter}")[..], [Act::Adjust { reason: AdjustmentReason::Found, .. }]));
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Adjust);
    desk.keys("-4{enter}");
    assert!(desk.stays("e{enter}").contains("−4 resta, y «encontrado» es un motivo para sumar"));
    assert!(matches!(&desk.books("d{enter}")[..], [Act::Adjust { reason: AdjustmentReason::Damaged, .. }]));
}

#[test]
fn a_date_without_the_lot_that_bears_it_is_refused() {
    let dated = "{tab}L9{tab}202712e{back}{clear}{book}";
    let mut desk = Desk::new(Some("GU-NIT-M")).open(FormKind::Receipt);
    assert!(desk.stays(&format!("6{dated}")).contains("una caducidad es de un lote"));
    assert!(matches!(&desk.books("L9{book}")[..], [Act::Receive { lines, .. }] if lines[0].lot == lot("L9")));
    for (kind, typed) in [(FormKind::Count, "6"), (FormKind::Adjust, "+6")] {
        let mut desk = Desk::new(Some("GU-NIT-M")).open(kind);
        assert!(desk.stays(&format!("{typed}{dated}")).contains("una caducidad es de un lote"), "{typed}");
    }
}

#[test]
fn an_adjustment_below_nothing_is_refused_and_down_to_nothing_is_not() {
    let mut desk = Desk::new(Some("MA-OLD")).open(FormKind::Adjust);
    assert!(desk.stays("-4{enter}").contains("menos que nada de las 3 en existencias"));
    desk.stays("{clear}-3{enter}");
    assert!(matches!(&desk.books("d{enter}")[..], [Act::Adjust { .. }]));
}

#[test]
fn an_adjustment_of_a_lot_tracked_product_demands_the_lot() {
    let mut desk = Desk::new(Some("SU-FIS-500")).open(FormKind::Adjust);
    desk.keys("-2{enter}");
    assert!(desk.stays("{enter}").contains("falta el lote"));
    desk.keys("l-viejo{enter}");
    let acts = desk.books("c{enter}");
    assert!(
        matches!(&acts[..], [Act::Adjust { lot: l, reason: AdjustmentReason::Expired, .. }] if *l == lot("L-VIEJO"))
    );
}

#[test]
fn what_turned_up_of_a_transfer_is_found_and_names_it() {
    let mut desk = Desk::new(None);
    let transfer = Some(id("sevilla:1"));
    let prefill = Prefill { sku: Some(sku("GU-NIT-M")), qty: Some(q(2)), transfer, ..Prefill::default() };
    desk.form = Some(Form::open_prefilled(FormKind::Adjust, &prefill, &desk.cx()).unwrap());
    let acts = desk.books("{enter}");
    assert!(matches!(&acts[..], [Act::Adjust { reason: AdjustmentReason::Found, transfer: Some(t), .. }]
        if *t == id("sevilla:1")));
}

#[test]
fn the_operator_says_a_name_or_scans_a_badge() {
    let mut desk = Desk::new(None).open(FormKind::Operator);
    assert!(desk.stays("{enter}").contains("El operario está en blanco"));
    assert_eq!(desk.keys("ana{enter}"), FormStep::OperatorIs("ana".parse().unwrap()));
    let mut desk = Desk::new(None).open(FormKind::Operator);
    assert_eq!(desk.scan("luis"), FormStep::OperatorIs("luis".parse().unwrap()), "and no key");
}

#[test]
fn a_barcode_scanned_twice_stands_once() {
    let mut desk = Desk::new(None).open(FormKind::NewProduct);
    desk.keys("CA-1{tab}Casco{tab}");
    desk.scan(FREE_CODE);
    desk.scan(FREE_CODE);
    let acts = desk.books("{book}");
    assert!(matches!(&acts[..], [Act::SetProduct { fields, .. }]
        if fields.barcodes.as_ref().is_some_and(|b| b.len() == 1)));
    let mut desk = Desk::new(None).open(FormKind::NewProduct);
    desk.scan(CARTON_CODE);
    assert!(desk.stays("CA-1{tab}Casco{book}").contains("ya es de GU-NIT-M"));
}
