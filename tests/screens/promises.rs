//! Reservations and orders: the screen of them, what is done from it, and where else they show.

use std::sync::Arc;

use insta::assert_snapshot;
use rubentario::domain::Quantity;
use rubentario::ledger::act::{Act, Outcome};
use rubentario::node::event::{Changes, Event, ProductView};
use rubentario::text::Lang;
use rubentario::ui::action::Action;
use rubentario::ui::keys::Place;

use super::desk::Desk;
use super::world::{self, id, q, sku};

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];

/// A desk at the screen of promises, the cursor on one of them.
fn at(promise: &str, lang: Lang, (width, height): (u16, u16)) -> Desk {
    let mut desk = Desk::full(lang, width, height);
    desk.keys("L");
    for _ in 0..desk.view.promises().rows.len() {
        if desk.view.promises().selected().is_some_and(|p| p.id == id(promise)) {
            return desk;
        }
        desk.keys("j");
    }
    panic!("{promise} is not listed\n{}", desk.screen());
}

#[test]
fn the_list_has_the_product_that_was_looked_at_first() {
    for (lang, tag) in LANGS {
        for (width, height) in [(120, 40), (80, 24), (160, 50), (40, 12)] {
            let mut desk = Desk::full(lang, width, height);
            desk.keys("jjjjL");
            assert_snapshot!(format!("promises_{width}x{height}_{tag}"), desk.screen());
        }
        let mut desk = Desk::showing(world::empty(), lang, 80, 24);
        assert_snapshot!(format!("promises_empty_{tag}"), desk.keys("L").screen());
        let mut desk = Desk::loading(lang, 80, 24);
        assert_snapshot!(format!("promises_loading_{tag}"), desk.keys("L").screen());
    }
    let order = |keys: &str| {
        let mut desk = Desk::full(Lang::Es, 120, 40);
        desk.keys(keys);
        let rows = desk.view.promises().rows.iter();
        rows.map(|p| p.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(order("jjjjL"), ["madrid:39", "madrid:38", "madrid:33", "madrid:37", "sevilla:77"]);
    assert_eq!(order("L"), ["madrid:33", "sevilla:77", "madrid:38", "madrid:39", "madrid:37"]);
}

#[test]
fn the_forms_show_what_they_promise_and_free() {
    let shown = [
        ("reserve", "jjV1p+2{tab}Pedido 9001{tab}+3d"),
        ("reserve_too_much", "jjjjV13{enter}"),
        ("expect", "jjP5p{tab}+1m{tab}Proveedor Sur 118"),
        ("issue_against", "jjj-{tab}{right}"),
        ("issue_of_what_is_kept", "jjjj-18{enter}"),
        ("receipt_against", "+{tab}{right}"),
        ("release", "jjjLd"),
        ("close_expected", "Ldno hay más"),
    ];
    for (name, keys) in shown {
        for (lang, tag, width, height) in [(Lang::Es, "120x40_es", 120, 40), (Lang::En, "80x24_en", 80, 24)] {
            let mut desk = Desk::full(lang, width, height);
            assert_snapshot!(format!("form_{name}_{tag}"), desk.keys(keys).screen());
        }
    }
}

#[test]
fn goods_go_out_against_the_reservation_under_the_cursor_and_come_in_against_the_order() {
    let mut desk = at("madrid:38", Lang::Es, (120, 40));
    desk.keys("-");
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: vec![id("madrid:45")] });
    let [Act::IssueReserved { reservation, qty, .. }] = &acts[..] else { panic!("{acts:?}") };
    assert_eq!((reservation, *qty), (&id("madrid:38"), Quantity::from_thousandths(250).ok()));
    assert_eq!(desk.view.place(), Place::Promises, "back on the list");
    let mut desk = at("madrid:33", Lang::Es, (120, 40));
    desk.keys("+");
    desk.press_only("12");
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: vec![id("madrid:45")] });
    let [Act::ReceiveExpected { expectation, qty, .. }] = &acts[..] else { panic!("{acts:?}") };
    assert_eq!((expectation, *qty), (&id("madrid:33"), Some(q(12))), "a part of what is to come");
}

#[test]
fn one_key_and_enter_release_a_reservation_and_close_an_order() {
    let release = Act::Release { reservation: id("madrid:38"), due: false };
    let close = Act::CloseExpectation { expectation: id("madrid:33"), reason: String::new() };
    for (name, act) in [("madrid:38", release), ("madrid:33", close)] {
        let mut desk = at(name, Lang::Es, (120, 40));
        desk.keys("d");
        desk.press_only("{enter}");
        assert_eq!(desk.decide(|_| Outcome::Recorded { entries: vec![id("madrid:45")] }), [act]);
    }
}

#[test]
fn anothers_promise_says_where_it_is_let_go_of() {
    let mut desk = at("sevilla:77", Lang::Es, (120, 40));
    assert_eq!(
        desk.view.why_not(Action::LetGo).as_deref(),
        Some("es de sevilla: solo allí se libera o se cierra")
    );
    desk.keys("d");
    assert!(desk.view.overlays().is_empty());
    assert!(desk.words().contains("solo allí se libera o se cierra"), "{}", desk.screen());
    // Goods of the product are issued here as ever, against nothing.
    desk.keys("-");
    assert!(!desk.words().contains("Hospital Macarena ·"), "{}", desk.screen());
}

#[test]
fn the_list_is_searched_and_left() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("L/panader{enter}");
    assert_eq!(desk.view.promises().rows.len(), 1);
    assert_eq!(desk.view.selected_sku(), Some(&sku("HA-TRI")));
    desk.keys("{esc}");
    assert_eq!(desk.view.promises().rows.len(), 5);
    desk.keys("{esc}");
    assert_eq!(desk.view.place(), Place::Stock);
}

#[test]
fn the_palette_knows_every_act_of_promises() {
    for (typed, words) in [(":reservar{enter}", "Reservar"), (":esperada{enter}", "Entrada esperada")] {
        let mut desk = Desk::full(Lang::Es, 100, 30);
        assert!(desk.keys(typed).words().contains(words), "{}", desk.screen());
    }
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys(":liberar");
    assert!(desk.words().contains("va a Reservas y esperadas"), "{}", desk.screen());
    desk.keys("{enter}");
    assert_eq!(desk.view.place(), Place::Promises);
}

#[test]
fn the_stock_shows_what_is_reserved_in_a_column_or_by_a_sign() {
    let screen = Desk::full(Lang::Es, 160, 50).screen();
    let flour = |screen: &str| screen.lines().find(|line| line.contains("HA-TRI")).unwrap().to_owned();
    assert!(screen.contains("Res."), "{screen}");
    assert!(flour(&screen).contains("40,25"), "{screen}");
    assert!(flour(&screen).contains(" 0,25"), "{screen}");
    let screen = Desk::full(Lang::Es, 80, 24).screen();
    assert!(!screen.contains("Res."), "{screen}");
    assert!(flour(&screen).contains("40,25*"), "{screen}");
    assert!(!screen.contains("1120*") && !screen.contains("1.120*"), "nothing of it is kept\n{screen}");
}

#[test]
fn the_card_tells_what_is_kept_for_whom_and_what_is_ordered() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    let words = desk.keys("{enter}").words();
    assert!(words.contains("30 por llegar, para el 12/05/2026, Látex Norte 90"), "{words}");
    assert!(words.contains("sevilla: 10 para Hospital Macarena"), "{words}");
}

#[test]
fn an_order_that_is_late_is_resolved_by_its_receipt() {
    let mut picture = world::full();
    let late = rubentario::domain::AlertKind::ReceiptOverdue {
        expectation: id("madrid:33"),
        sku: sku("GU-LAT-S"),
        left: q(30),
        due: chrono::NaiveDate::from_ymd_opt(2026, 5, 12).unwrap(),
    };
    picture.alerts = vec![rubentario::domain::Alert { what: late, ..picture.alerts[0].clone() }];
    let mut desk = Desk::showing(picture, Lang::Es, 120, 40);
    desk.keys("4r");
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: vec![id("madrid:45")] });
    assert!(
        matches!(&acts[..], [Act::ReceiveExpected { expectation, qty, .. }] if *expectation == id("madrid:33") && *qty == Some(q(30))),
        "{acts:?}"
    );
}

#[test]
fn what_changes_meanwhile_is_seen_and_what_is_not_shown_redraws_nothing() {
    let told = |change: &dyn Fn(&mut ProductView), name: &str| {
        let mut product = world::products().into_iter().find(|p| p.product.sku == sku(name)).unwrap();
        change(&mut product);
        let products = vec![Arc::new(product)];
        Event::Changed { changes: Box::new(Changes { products, ..Changes::default() }) }
    };
    let mut desk = at("madrid:38", Lang::Es, (120, 40));
    desk.view.take_dirty();
    desk.tell(told(&|product| product.cells[0].on_hand = q(17), "GU-NIT-L"));
    assert!(!desk.view.take_dirty(), "nothing is promised of it");
    desk.tell(told(&|product| product.reservations.clear(), "SU-FIS-500"));
    assert!(desk.view.take_dirty());
    assert!(desk.view.promises().rows.iter().all(|p| p.id != id("madrid:39")));
    assert_eq!(
        desk.view.promises().selected().map(|p| p.id.clone()),
        Some(id("madrid:38")),
        "the cursor stays"
    );
}

#[test]
fn what_is_promised_is_exported() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("L");
    let (name, text) = rubentario::ui::export::shown(&desk.view);
    assert_eq!(name, "promises");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("kind,id,warehouse,sku,lot,qty,left,day,text"));
    assert_eq!(lines.next(), Some("expected,madrid:33,madrid,GU-LAT-S,,40,30,2026-05-12,Látex Norte 90"));
    assert_eq!(lines.count(), 4);
}
