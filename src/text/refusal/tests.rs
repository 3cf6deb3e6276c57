//! Every refusal has its sentence and its hint in both languages.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::domain::{Quantity, Sku};

fn both(what: &Refusal) -> (Said, Said) {
    (refusal(Lang::Es, what), refusal(Lang::En, what))
}

#[test]
fn too_little_stock_says_what_is_there_and_what_is_promised() {
    let (es, en) = both(&Refusal::NotEnough {
        sku: Sku::new("GU-NIT-L").unwrap(),
        lot: Lot::none(),
        wanted: Quantity::units(9).unwrap(),
        available: Quantity::units(3).unwrap(),
        on_hand: Quantity::units(5).unwrap(),
        reserved: Quantity::units(2).unwrap(),
    });
    assert_eq!(en.message, "only 3 of GU-NIT-L available here: 5 on hand, 2 reserved");
    assert_eq!(es.message, "aquí solo hay 3 de GU-NIT-L: 5 en existencias, 2 reservadas");
}

#[test]
fn an_unknown_warehouse_is_answered_with_the_known_ones() {
    let (es, en) = both(&Refusal::UnknownWarehouse {
        warehouse: WarehouseId::new("sevila").unwrap(),
        known: vec![WarehouseId::new("sevilla").unwrap(), WarehouseId::new("valencia").unwrap()],
    });
    assert_eq!(es.hint.unwrap(), "conocidos: sevilla, valencia");
    assert_eq!(en.message, "there is no warehouse sevila in the cluster");
}

#[test]
fn a_name_error_is_told_in_both_languages() {
    let problem = WarehouseId::new("Sevilla").unwrap_err();
    let (es, en) = both(&Refusal::Name { problem });
    assert_eq!(
        es.message,
        "el id del almacén «Sevilla» no puede llevar 'S'; use una letra minúscula y después minúsculas, \
         cifras y guiones"
    );
    assert!(en.message.starts_with("the warehouse id «Sevilla» can't contain 'S'"));
}

#[test]
fn a_dispatch_can_not_be_reversed_and_the_hint_says_how_it_is_undone() {
    let (es, en) = both(&Refusal::NotReversible {
        entry: "madrid:7".parse().unwrap(),
        kind: "transfer_dispatched".into(),
    });
    assert_eq!(es.message, "madrid:7 no se puede anular: envío");
    assert!(en.hint.unwrap().contains("reject"));
}

#[test]
fn goods_without_a_lot_are_spoken_of_without_one() {
    let (es, en) = both(&Refusal::LotExpired {
        sku: Sku::new("HARINA").unwrap(),
        lot: Lot::none(),
        expiry: chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
        fresh: Quantity::ZERO,
    });
    assert_eq!(
        (es.message.as_str(), en.message.as_str()),
        ("HARINA caducó el 31/01/2026", "HARINA expired on 2026-01-31")
    );
}

#[test]
fn one_is_one_and_more_are_more() {
    let of = |n: i64| Quantity::units(n).unwrap();
    let sku = Sku::new("A").unwrap();
    let sent =
        |sent, given| both(&Refusal::MoreThanSent { sku: sku.clone(), sent: of(sent), given: of(given) });
    assert_eq!(sent(1, 2).0.message, "A: se envió 1; no pueden entrar 2");
    assert_eq!(sent(1, 2).1.message, "A: 1 was sent, 2 can't be taken in");
    assert_eq!(sent(2, 3).0.message, "A: se enviaron 2; no pueden entrar 3");
    let reservation: crate::domain::TransferId = "madrid:7".parse().unwrap();
    let left = |left, wanted| Refusal::LessReserved {
        reservation: reservation.clone(),
        sku: sku.clone(),
        left: of(left),
        wanted: of(wanted),
    };
    assert_eq!(both(&left(1, 2)).0.message, "de la reserva madrid:7 queda 1 de A, no 2");
    assert_eq!(both(&left(1, 2)).1.message, "1 of A is left of reservation madrid:7, not 2");
    let unfinished = |reviews, recounts| {
        let problem = crate::domain::StocktakeProblem::Unfinished { reviews, recounts };
        both(&Refusal::Stocktake { problem })
    };
    let (es, en) = unfinished(1, 2);
    assert_eq!(es.message, "sin terminar: 1 diferencia por revisar y 2 líneas por volver a contar");
    assert_eq!(en.message, "not finished: 1 difference to be reviewed, and 2 lines to be counted again");
}

#[test]
fn whoever_can_not_be_decided_upon_without_the_others_is_told_what_goes_on_meanwhile() {
    let (es, en) = both(&Refusal::NoQuorum { answered: 1, needed: 2 });
    assert!(es.hint.unwrap().contains("siguen funcionando"));
    assert!(en.hint.unwrap().contains("go on"));
}

#[test]
fn no_refusal_speaks_english_on_a_spanish_screen() {
    let sku = Sku::new("A").unwrap();
    let transfer: crate::domain::TransferId = "madrid:7".parse().unwrap();
    for what in [
        Refusal::UnknownSku { sku: sku.clone() },
        Refusal::RetiredSku { sku: sku.clone() },
        Refusal::LotMissing { sku: sku.clone() },
        Refusal::ExpiryWithoutLot { sku: sku.clone() },
        Refusal::NothingShort {
            sku: sku.clone(),
            sent: Quantity::ZERO,
            reason: crate::domain::ShortageReason::Missing,
        },
        Refusal::ReasonUnfit {
            sku: sku.clone(),
            delta: Quantity::ZERO,
            reason: crate::domain::AdjustmentReason::Found,
        },
        Refusal::CountTooOld { sku: sku.clone() },
        Refusal::UnitFixed { sku, unit: "kg".into() },
        Refusal::Nothing,
        Refusal::TooManyLines { lines: 300, limit: 250 },
        Refusal::ToOneself { warehouse: WarehouseId::new("madrid").unwrap() },
        Refusal::UnknownTransfer { transfer: transfer.clone() },
        Refusal::NotYours { transfer: transfer.clone(), decider: WarehouseId::new("sevilla").unwrap() },
        Refusal::UnknownEntry { entry: transfer.clone() },
        Refusal::AlreadyReversed { entry: transfer },
        Refusal::UnknownAlert { alert: "x".into() },
        Refusal::Claimed {
            sku: Sku::new("A").unwrap(),
            from: WarehouseId::new("madrid").unwrap(),
            wanted: Quantity::ZERO,
            claimable: Quantity::ZERO,
            claims: vec![(WarehouseId::new("vigo").unwrap(), Quantity::ZERO)],
        },
        Refusal::NoMajority { sku: Sku::new("A").unwrap(), answered: 1, members: 2 },
        Refusal::LockLost { sku: Sku::new("A").unwrap() },
        Refusal::MoreComing {
            sku: Sku::new("A").unwrap(),
            coming: Quantity::units(12).unwrap(),
            seen: Quantity::ZERO,
        },
        Refusal::SteppedBack { sku: Sku::new("A").unwrap(), holder: None },
        Refusal::SteppedBack { sku: Sku::new("A").unwrap(), holder: Some(WarehouseId::new("vigo").unwrap()) },
        Refusal::RequestReused,
        Refusal::HalfRecorded { kept: 3, of: 5 },
        Refusal::DayUnusual { day: chrono::NaiveDate::MAX },
        Refusal::NotJoined,
        Refusal::Joining,
        Refusal::NewKey { warehouse: WarehouseId::new("vigo").unwrap() },
        Refusal::WarehouseRetired { warehouse: WarehouseId::new("vigo").unwrap() },
        Refusal::Retiring,
        Refusal::NobodyWaits { warehouse: WarehouseId::new("vigo").unwrap() },
        Refusal::MemberAlready { warehouse: WarehouseId::new("vigo").unwrap() },
        Refusal::OtherKey { warehouse: WarehouseId::new("vigo").unwrap() },
        Refusal::StillRecovering { warehouse: WarehouseId::new("vigo").unwrap() },
        Refusal::Unfit { warehouse: WarehouseId::new("vigo").unwrap(), why: "x".into() },
        Refusal::NotEmpty { warehouse: WarehouseId::new("vigo").unwrap(), lots: 1, transfers: 2 },
        Refusal::NoAnswer { warehouse: WarehouseId::new("vigo").unwrap() },
        Refusal::NoQuorum { answered: 1, needed: 2 },
        Refusal::RosterSplit { version: 4 },
        Refusal::Recovering,
        Refusal::Stopped { why: "x".into() },
        Refusal::Busy,
    ] {
        let (es, en) = both(&what);
        assert_ne!(es.message, en.message, "{what:?}");
        assert_eq!(es.hint.is_some(), en.hint.is_some(), "{what:?}");
    }
}

#[test]
fn what_can_be_done_is_said_of_who_waits_and_of_who_was_given_up() {
    let hint = |refusal| both(&refusal).1.hint.unwrap();
    assert!(hint(Refusal::NotJoined).contains("peers admit ID"));
    let vigo = WarehouseId::new("vigo").unwrap();
    assert!(hint(Refusal::NewKey { warehouse: vigo }).contains("peers admit ID --replace-key"));
    let why = "it was given up at entry 9; what it wrote later is void";
    let given_up = hint(Refusal::Stopped { why: why.into() });
    assert!(
        given_up.contains("take another id") && !given_up.contains("start this node again"),
        "{given_up}"
    );
    assert!(hint(Refusal::Stopped { why: "disk full".into() }).contains("start this node again"));
}
