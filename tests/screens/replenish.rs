//! The replenishment run, and the form of a proposal.

use std::sync::Arc;

use insta::assert_snapshot;
use rubentario::domain::reorder::ServiceLevel;
use rubentario::domain::{Refusal, ReorderRule, WarehouseId};
use rubentario::ledger::act::{Act, Judged, Outcome, TakeLine};
use rubentario::ledger::book::RuleState;
use rubentario::node::event::{AskedView, Changes, Event, Picture, ProductView, Reply};
use rubentario::node::intent::{Intent, Question};
use rubentario::text::Lang;
use rubentario::ui::keys::Place;
use rubentario::ui::theme::{Borders, Palette, Theme};
use rubentario::ui::wake::{Effect, Job};

use super::desk::Desk;
use super::world::{self, q, sku};

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];

fn place(text: &str) -> WarehouseId {
    text.parse().unwrap()
}

/// GU-LAT-S is out and two can spare some; GU-NIT-L is low, valencia can spare 34 above its point and the rest is
/// bought; HA-TRI is low by a computed point, and nobody has any; the others are not low.
fn products() -> Vec<ProductView> {
    let mut all = world::products();
    for view in &mut all {
        // Of the world's, nothing is on its way from a supplier here.
        view.expectations.clear();
        match view.product.sku.as_str() {
            "GU-NIT-L" => {
                let rule = ReorderRule { reorder_point: Some(q(29)), ..ReorderRule::default() };
                view.rules.push((place("valencia"), RuleState { rule, shelf: String::new() }));
            }
            "HA-TRI" => {
                let rule = ReorderRule {
                    service_level: Some(ServiceLevel::P95),
                    lead_time_days: Some(7),
                    ..ReorderRule::default()
                };
                view.rules = vec![(place("madrid"), RuleState { rule, shelf: String::new() })];
                view.points = vec![(place("madrid"), q(60))];
                view.issued_30d = vec![(place("madrid"), q(120))];
            }
            _ => {}
        }
    }
    all
}

fn picture() -> Picture {
    Picture { products: products().into_iter().map(Arc::new).collect(), ..world::full() }
}

/// The run, with the classes told.
fn open(lang: Lang, width: u16, height: u16) -> Desk {
    let mut desk = Desk::showing(picture(), lang, width, height);
    desk.press_only("r");
    tell_classes(&mut desk);
    desk
}

fn tell_classes(desk: &mut Desk) {
    for intent in desk.intents() {
        if let Intent::Ask { id, question: Question::IssueCounts } = intent {
            let counts = vec![(sku("GU-NIT-L"), 90), (sku("HA-TRI"), 12)];
            desk.tell(Event::Reply { id, reply: Ok(Reply::IssueCounts { counts }) });
        }
    }
}

/// Nothing of it is coming yet; so much is to be left at the source.
fn request(from: &str, of: &str, qty: i64, left: i64) -> Act {
    let lines = vec![TakeLine { sku: sku(of), lot: None, qty: q(qty) }];
    let judged = vec![Judged { sku: sku(of), coming: q(0), left: q(left) }];
    Act::RequestTransfer { from: place(from), lines, reference: String::new(), unlocked: false, judged }
}

#[test]
fn all_that_is_low_is_listed_with_what_each_source_keeps() {
    for (lang, tag) in LANGS {
        for (width, height) in [(160, 50), (120, 40), (80, 24), (60, 15)] {
            let desk = open(lang, width, height);
            assert_snapshot!(format!("replenish_{width}x{height}_{tag}"), desk.screen());
        }
    }
    let mut desk = open(Lang::Es, 120, 40);
    desk.theme = Theme::new(Palette::Mono, Borders::Ascii);
    assert_snapshot!("replenish_ascii_es", desk.screen());
}

#[test]
fn where_nothing_is_low_or_known_that_is_said() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::showing(world::empty(), lang, 100, 24);
        assert_snapshot!(format!("replenish_no_rule_{tag}"), desk.keys("r").screen());
        let mut enough = products();
        enough.retain(|view| view.product.sku.as_str() == "GU-NIT-M");
        let enough = Picture { products: enough.into_iter().map(Arc::new).collect(), ..world::full() };
        let mut desk = Desk::showing(enough, lang, 100, 24);
        assert_snapshot!(format!("replenish_nothing_low_{tag}"), desk.keys("r").screen());
        let mut desk = Desk::loading(lang, 100, 24);
        assert_snapshot!(format!("replenish_loading_{tag}"), desk.keys("r").screen());
    }
}

#[test]
fn what_is_ticked_is_named_with_what_each_keeps_before_it_is_asked_for() {
    for (lang, tag) in LANGS {
        let mut desk = open(lang, 120, 40);
        desk.press_only("a");
        desk.press_only("{enter}");
        assert_snapshot!(format!("replenish_confirm_{tag}"), desk.screen());
    }
    // Enter alone is Cancel.
    let mut desk = open(Lang::Es, 120, 40);
    desk.press_only("a");
    desk.press_only("{enter}");
    desk.press_only("{enter}");
    assert!(desk.answer().is_empty());
    assert!(desk.words().contains("marcados"), "the ticks stay\n{}", desk.screen());
}

#[test]
fn space_ticks_the_one_under_the_cursor_and_only_what_is_ticked_is_asked_for() {
    let mut desk = open(Lang::Es, 120, 40);
    desk.keys("j ");
    for key in ["{book}", "{tab}", "{enter}"] {
        desk.press_only(key);
    }
    assert_eq!(desk.answer(), [request("valencia", "GU-NIT-L", 34, 30)]);
}

#[test]
fn what_nobody_can_spare_can_not_be_ticked_and_nothing_ticked_is_said() {
    let mut desk = open(Lang::Es, 120, 40);
    desk.press_only("{enter}");
    assert!(desk.words().contains("marque con Espacio qué pedir"), "{}", desk.screen());
    let mut desk = open(Lang::Es, 120, 40);
    desk.keys("G ");
    assert!(desk.words().contains("ningún almacén puede ceder"), "{}", desk.screen());
    assert!(desk.view.run().ticked.is_empty());
}

#[test]
fn each_request_is_told_on_its_own_as_it_is_answered() {
    for (lang, tag) in LANGS {
        let mut desk = open(lang, 120, 40);
        for key in ["a", "{enter}", "{tab}", "{enter}"] {
            desk.press_only(key);
        }
        assert!(desk.screen().contains("0/2"), "{}", desk.screen());
        assert_snapshot!(format!("replenish_waiting_{tag}"), desk.screen());
        let acts = desk.decide(|act| match act {
            Act::RequestTransfer { from, .. } if *from == place("sevilla") => {
                Outcome::Recorded { entries: vec![world::id("madrid:45")] }
            }
            _ => {
                let (of, from) = (sku("GU-NIT-L"), place("valencia"));
                let claims = vec![(place("sevilla"), q(64))];
                let refusal = Refusal::Claimed { sku: of, from, wanted: q(34), claimable: q(0), claims };
                Outcome::Refused { refusal }
            }
        });
        assert_eq!(acts, [request("sevilla", "GU-LAT-S", 60, 0), request("valencia", "GU-NIT-L", 34, 30)]);
        desk.press_only("j");
        assert_snapshot!(format!("replenish_results_{tag}"), desk.screen());
    }
}

#[test]
fn without_a_majority_that_is_said_in_the_run() {
    let mut desk = open(Lang::En, 120, 40);
    for key in ["j", " ", "{enter}", "{tab}", "{enter}"] {
        desk.press_only(key);
    }
    desk.decide(|_| Outcome::Refused {
        refusal: Refusal::NoMajority { sku: sku("GU-NIT-L"), answered: 1, members: 3 },
    });
    desk.press_only("k");
    assert!(
        desk.words().contains("no majority answers: p requests it without the lock"),
        "{}",
        desk.screen()
    );
}

#[test]
fn what_is_asked_for_is_not_proposed_again() {
    let mut desk = open(Lang::Es, 120, 40);
    let mut view = products().into_iter().find(|v| v.product.sku.as_str() == "GU-LAT-S").unwrap();
    view.asked = vec![AskedView { from: place("sevilla"), to: place("madrid"), qty: q(60) }];
    let changes = Changes { products: vec![Arc::new(view)], ..Changes::default() };
    desk.tell(Event::Changed { changes: Box::new(changes) });
    assert!(desk.words().contains("pedido 60"), "{}", desk.screen());
    assert!(desk.words().contains("lo pedido basta"), "{}", desk.screen());
    desk.keys("r");
    assert!(desk.words().contains("GU-LAT-S: 60 ud ya se han pedido"), "{}", desk.screen());
}

#[test]
fn what_is_to_be_bought_is_exported_of_all_or_of_what_is_ticked() {
    let exported = |keys: &str| {
        let mut desk = open(Lang::Es, 120, 40);
        desk.keys(keys);
        let written = desk.effects.iter().find_map(|effect| match effect {
            Effect::Do(Job::Write { path, text }) => Some((path.display().to_string(), text.clone())),
            _ => None,
        });
        written.unwrap()
    };
    let (path, text) = exported("x");
    assert!(path.starts_with("exports/purchase-"), "{path}");
    assert_snapshot!("replenish_purchase", text);
    assert!(exported("j x").1.contains("GU-NIT-L") && !exported("j x").1.contains("HA-TRI"));
}

#[test]
fn esc_steps_out_and_the_card_comes_back_to_the_run() {
    let mut desk = open(Lang::Es, 120, 40);
    desk.keys("o");
    assert_eq!(desk.view.place(), Place::Card);
    desk.keys("{esc}");
    assert_eq!(desk.view.place(), Place::Replenish);
    desk.keys("{esc}");
    assert_eq!(desk.view.place(), Place::Stock);
}

#[test]
fn a_proposal_is_changed_and_its_purchase_is_expected_on_the_day_that_is_typed() {
    for (lang, tag) in LANGS {
        let mut desk = open(lang, 100, 30);
        desk.keys("jr");
        assert_snapshot!(format!("replenish_form_{tag}"), desk.screen());
    }
    let mut desk = open(Lang::Es, 100, 30);
    desk.keys("jr");
    assert!(desk.keys("40").words().contains("le quedan 24 ud · su punto 29 ud"), "{}", desk.screen());
    desk.keys("{tab}36{tab}2026-05-24{tab}pedido 7");
    desk.press_only("{enter}");
    let due = "2026-05-24".parse().unwrap();
    let bought = Act::Expect { sku: sku("GU-NIT-L"), qty: q(36), due, reference: "pedido 7".into() };
    assert_eq!(desk.answer(), [request("valencia", "GU-NIT-L", 40, 24), bought]);
}

#[test]
fn the_low_stock_alert_is_resolved_by_the_same_proposal() {
    let mut desk = Desk::showing(picture(), Lang::Es, 120, 40);
    desk.keys("4j");
    let at = desk.view.alerts_cursor().at;
    let about = desk.view.model().alerts[at].what.sku().cloned();
    desk.keys("gg");
    let low = desk.view.model().alerts.iter().position(|a| a.what.word() == "low_stock").unwrap();
    desk.keys(&"j".repeat(low)).keys("r");
    assert!(desk.words().contains("Reponer · GU-NIT-L"), "{about:?}\n{}", desk.screen());
    desk.press_only("{enter}");
    assert_eq!(
        desk.answer(),
        [request("valencia", "GU-NIT-L", 34, 30)],
        "a purchase without a day is not noted"
    );
}

#[test]
fn of_a_proposal_what_was_recorded_is_not_asked_for_again_when_the_rest_is_refused() {
    let mut desk = open(Lang::Es, 100, 30);
    desk.keys("jr{tab}{tab}2026-05-24");
    desk.press_only("{enter}");
    desk.decide(|act| match act {
        Act::Expect { .. } => Outcome::Recorded { entries: vec![world::id("madrid:45")] },
        _ => Outcome::Refused { refusal: Refusal::Busy },
    });
    assert!(desk.words().contains("Reponer · GU-NIT-L"), "it stays open\n{}", desk.screen());
    desk.press_only("{enter}");
    let again = desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:46")] });
    assert_eq!(again, [request("valencia", "GU-NIT-L", 34, 30)]);
    assert!(desk.view.overlays().is_empty(), "{}", desk.screen());
}
