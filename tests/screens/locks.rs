//! The locks in the peers pane: who holds them, who waits and how long, and stepping back.

use insta::assert_snapshot;
use rubentario::domain::{Refusal, Sku, WarehouseId};
use rubentario::ledger::act::{Act, Outcome};
use rubentario::node::Intent;
use rubentario::node::event::{LockView, Picture, SeatView};
use rubentario::text::Lang;

use super::desk::Desk;
use super::world;

fn seat(warehouse: &str, ago_ms: i64) -> SeatView {
    SeatView { warehouse: WarehouseId::new(warehouse).unwrap(), since_ms: world::now_ms() - ago_ms }
}

fn picture() -> Picture {
    let lock = |sku: &str, holder, waiting| LockView { sku: Sku::new(sku).unwrap(), holder, waiting };
    let locks = vec![
        lock("GU-LAT-S", Some(seat("sevilla", 400)), vec![]),
        lock("GU-NIT-L", Some(seat("valencia", 9_000)), vec![seat("madrid", 7_000), seat("sevilla", 2_000)]),
    ];
    Picture { locks, ..world::full() }
}

#[test]
fn the_peers_pane_shows_who_holds_and_who_waits() {
    assert_snapshot!("locks_120x40_es", Desk::showing(picture(), Lang::Es, 120, 40).screen());
    let mut alone = Desk::showing(picture(), Lang::En, 100, 30);
    assert_snapshot!("locks_zoom_en", alone.keys("3e").screen());
}

#[test]
fn an_operator_steps_back_from_the_queue_that_this_warehouse_waits_in() {
    let mut desk = Desk::showing(picture(), Lang::Es, 120, 40);
    desk.keys("3");
    desk.press_only("w");
    let left = desk.intents();
    assert!(matches!(&left[..], [Intent::StepBack { sku, .. }] if sku.as_str() == "GU-NIT-L"), "{left:?}");
    let mut none = Desk::full(Lang::Es, 120, 40);
    none.keys("3w");
    assert!(none.screen().contains("este almacén no espera ningún cerrojo"), "{}", none.screen());
}

#[test]
fn without_a_majority_going_on_without_the_lock_is_offered() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("p");
    desk.keys("5");
    desk.press_only("{enter}");
    let no_majority = |act: &Act| {
        let Act::RequestTransfer { lines, unlocked: false, .. } = act else { panic!("{act:?}") };
        let refusal = Refusal::NoMajority { sku: lines[0].sku.clone(), answered: 1, members: 3 };
        Outcome::Refused { refusal }
    };
    let asked = desk.decide(no_majority);
    assert_eq!(asked.len(), 1);
    assert_snapshot!("locks_no_majority_es", desk.screen());
    // At the smallest window the answers can be read, and why is said once.
    desk.resize(80, 24);
    let (screen, words) = (desk.screen(), desk.words());
    assert!(words.contains("[ Cancelar ] [ Seguir ]"), "{screen}");
    assert_eq!(words.matches("que no son mayoría").count(), 1, "{screen}");
    desk.press_only("{tab}");
    desk.press_only("{enter}");
    let again = desk.answer();
    assert!(matches!(&again[..], [Act::RequestTransfer { unlocked: true, .. }]), "{again:?}");
}
