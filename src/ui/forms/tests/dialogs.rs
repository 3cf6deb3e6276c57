//! Dialogs: nothing hard to take back happens by Enter alone, and they say what it does and who sees it.

use std::sync::Arc;

use super::sample::{Desk, id, movement, sku};
use crate::domain::MovementKind;
use crate::ledger::act::Act;
use crate::ui::forms::{Form, FormKind, FormStep, Prefill};

fn all() -> [(FormKind, Act); 4] {
    let reason = String::new;
    [
        (FormKind::Reject(id("sevilla:9")), Act::Reject { transfer: id("sevilla:9"), reason: reason() }),
        (FormKind::Decline(id("sevilla:3")), Act::Decline { transfer: id("sevilla:3"), reason: reason() }),
        (FormKind::Withdraw(id("madrid:7")), Act::AskWithdrawal { transfer: id("madrid:7") }),
        (FormKind::Reverse(id("madrid:6")), Act::Reverse { entry: id("madrid:6"), reason: reason() }),
    ]
}

#[test]
fn enter_alone_cancels() {
    for (kind, _) in all() {
        assert_eq!(Desk::new(None).open(kind).keys("{enter}"), FormStep::Close);
    }
}

#[test]
fn tab_then_enter_confirms() {
    for (kind, act) in all() {
        assert_eq!(Desk::new(None).open(kind).books("{tab}{enter}"), [act]);
    }
}

#[test]
fn where_no_reason_can_be_given_the_underlined_letters_choose() {
    let withdraw = || Desk::new(None).open(FormKind::Withdraw(id("madrid:7")));
    assert_eq!(withdraw().books("r"), [Act::AskWithdrawal { transfer: id("madrid:7") }]);
    assert_eq!(withdraw().keys("c"), FormStep::Close);
}

#[test]
fn what_is_typed_at_a_button_is_the_reason_and_no_letter_of_it_confirms() {
    let typed = ["roto en el muelle", "Dañado, retirar", "roto", "anulado por ana", "caja abierta"];
    for (kind, _) in all().into_iter().filter(|(kind, _)| !matches!(kind, FormKind::Withdraw(_))) {
        for (words, at) in typed.iter().flat_map(|words| [(words, ""), (words, "{tab}")]) {
            let mut desk = Desk::new(None).open(kind.clone());
            desk.stays(&format!("{at}{words}"));
            let acts = desk.books("{enter}{enter}");
            let reason = match &acts[..] {
                [Act::Reject { reason, .. } | Act::Decline { reason, .. } | Act::Reverse { reason, .. }] => {
                    reason
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(reason, words);
        }
    }
}

#[test]
fn the_reason_is_text_and_goes_with_the_act() {
    let mut desk = Desk::new(None).open(FormKind::Reject(id("sevilla:9")));
    let acts = desk.books("{up}caja rota{enter}{enter}");
    assert_eq!(acts, [Act::Reject { transfer: id("sevilla:9"), reason: "caja rota".into() }]);
}

#[test]
fn they_name_the_object_what_changes_and_who_sees_it() {
    let reject = Desk::new(None).open(FormKind::Reject(id("sevilla:9"))).words();
    for part in [
        "Rechazar la entrega sevilla:9",
        "12 ud GU-NIT-M Guante nitrilo M",
        "6 ud SU-FIS-500 · lote L-PRONTO",
        "en camino → rechazada",
        "vuelve a sevilla",
        "Lo verán sevilla, valencia",
    ] {
        assert!(reject.contains(part), "{part}\n{reject}");
    }
    let reverse = Desk::new(None).open(FormKind::Reverse(id("madrid:6"))).words();
    for part in ["Anular madrid:6 (entrada)", "ana · pedido 8812", "18 → 6 ud GU-NIT-M", "Lo verán"] {
        assert!(reverse.contains(part), "{part}\n{reverse}");
    }
}

#[test]
fn what_can_not_be_reversed_is_told_at_once() {
    let mut desk = Desk::new(None);
    for (entry, why) in [
        ("madrid:5", "un envío se deshace cuando el destino lo rechaza"),
        ("sevilla:4", "ningún movimiento propio"),
        ("madrid:4", "dejaría menos que nada de las 18"),
        ("madrid:99", "no está entre los movimientos a la vista"),
    ] {
        let said = desk.refusal(FormKind::Reverse(id(entry))).to_lowercase();
        assert!(said.contains(why), "{entry}: {said}");
    }
    let mut undone = movement(7, MovementKind::Reversal, "GU-NIT-M", "", -12);
    undone.reverses = Some(6);
    desk.model.movements.push_front(Arc::new(undone));
    assert!(desk.refusal(FormKind::Reverse(id("madrid:6"))).contains("ya está anulado"));
}

#[test]
fn a_movement_older_than_the_model_keeps_is_undone_from_its_page_of_the_history() {
    let mut desk = Desk::new(None);
    let rows = vec![Arc::new(movement(1, MovementKind::Issue, "GU-NIT-M", "", -5))];
    let prefill = Prefill { rows, ..Prefill::default() };
    let form = Form::open_prefilled(FormKind::Reverse(id("madrid:1")), &prefill, &desk.cx());
    desk.form = Some(form.unwrap());
    assert!(desk.words().contains("18 → 23 ud"), "{}", desk.words());
    assert_eq!(desk.model.products[&sku("GU-NIT-M")].cells.len(), 3);
}

#[test]
fn a_scan_confirms_nothing() {
    for (kind, _) in all() {
        assert_eq!(Desk::new(None).open(kind).scan("RA0001"), FormStep::Stay);
    }
}
