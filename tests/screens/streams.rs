//! Scan, scan, scan: lists that run on, codes that nobody knows, and badges.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use rubentario::domain::gtin::Gtin;
use rubentario::domain::{Lot, Operator, Quantity, Refusal};
use rubentario::ledger::act::{Act, Outcome};
use rubentario::node::event::{Changes, Event};
use rubentario::text::Lang;
use rubentario::ui::wake::{Effect, Sound};

use super::desk::Desk;
use super::world::{self, CARTON_CODE, GLOVES_CODE, q, sku};

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];
const UNKNOWN: &str = "8904000210037";
const BADGE: &str = "0412345";

/// What an act books, by product and lot.
fn booked(acts: &[Act]) -> BTreeMap<(String, String), Quantity> {
    let mut all = BTreeMap::new();
    let mut add = |sku: &str, lot: &str, qty: Quantity| {
        assert!(all.insert((sku.to_owned(), lot.to_owned()), qty).is_none(), "{sku} stands on two lines");
    };
    for act in acts {
        match act {
            Act::Receive { lines, .. } => {
                for l in lines {
                    add(l.sku.as_str(), l.lot.as_str(), l.qty);
                }
            }
            Act::Issue { lines, .. } | Act::Send { lines, .. } => {
                for l in lines {
                    add(l.sku.as_str(), l.lot.as_ref().map_or("", Lot::as_str), l.qty);
                }
            }
            Act::Count { sku, lot, counted, .. } => add(sku.as_str(), lot.as_str(), *counted),
            other => panic!("{other:?}"),
        }
    }
    all
}

fn lines(expected: &[(&str, &str, i64)]) -> BTreeMap<(String, String), Quantity> {
    expected.iter().map(|(sku, lot, qty)| (((*sku).to_owned(), (*lot).to_owned()), q(*qty))).collect()
}

fn rings(desk: &mut Desk) -> (usize, usize) {
    let count = |sound| desk.effects.iter().filter(|e| **e == Effect::Ring(sound)).count();
    let counted = (count(Sound::Good), count(Sound::Bad));
    desk.effects.clear();
    counted
}

#[test]
fn two_hundred_scans_in_two_seconds_lose_none_and_mix_up_none() {
    let serum = "SU-FIS-500";
    let codes = [GLOVES_CODE, "HA-TRI", GLOVES_CODE, "GU-NIT-L", CARTON_CODE];
    for (open, act) in [("+", "receive"), ("-", "issue"), ("t", "send"), ("=", "count")] {
        let mut desk = Desk::full(Lang::Es, 120, 40);
        desk.keys(open);
        for tenth in 0..20 {
            let ten = (0..10).map(|n| codes[(tenth * 10 + n) % codes.len()]);
            desk.burst(ten, Duration::from_millis(10));
            // Meanwhile the network goes on: goods of another kind arrive, and the picture is sent anew.
            if tenth % 4 == 0 {
                desk.tell(Event::Picture { picture: Box::new(world::full()) });
            }
            let product = world::products().into_iter().find(|p| p.product.sku == sku(serum)).unwrap();
            let products = vec![Arc::new(product)];
            desk.tell(Event::Changed { changes: Box::new(Changes { products, ..Changes::default() }) });
        }
        assert_eq!(rings(&mut desk), (200, 0), "{act}");
        desk.answer();
        if open == "t" {
            desk.keys("{back}{back}s");
        }
        // 200 scans: 80 of a pair, 40 cartons of twelve, 40 sacks, 40 pairs of the large ones.
        let expected: &[_] = &[("GU-NIT-M", "", 80 + 40 * 12), ("HA-TRI", "", 40), ("GU-NIT-L", "", 40)];
        if matches!(act, "issue" | "send") {
            // 18 of the large ones lie here: the form says so, and a typed figure puts it right.
            desk.keys("{book}");
            assert!(desk.words().contains("18"), "{act}\n{}", desk.screen());
            desk.keys("18");
        }
        desk.press_only("{book}");
        let acts = desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] });
        let mut expected = lines(expected);
        if matches!(act, "issue" | "send") {
            expected.insert(("GU-NIT-L".to_owned(), String::new()), q(18));
        }
        assert_eq!(booked(&acts), expected, "{act}\n{}", desk.screen());
    }
}

#[test]
fn a_quantity_typed_between_two_scans_is_that_of_the_first() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("+")
        .scan(GLOVES_CODE)
        .keys("24")
        .scan("HA-TRI")
        .scan("HA-TRI")
        .keys("7{enter}")
        .scan(CARTON_CODE);
    desk.press_only("{book}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
    assert_eq!(booked(&acts), lines(&[("GU-NIT-M", "", 36), ("HA-TRI", "", 7)]));
}

#[test]
fn the_running_list_shows_every_line_with_what_it_lacks() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 100, 30);
        desk.keys("+").scan(GLOVES_CODE).scan(CARTON_CODE).scan("SU-FIS-500").scan("HA-TRI").keys("3");
        assert_snapshot!(format!("stream_{tag}"), desk.screen());
    }
}

#[test]
fn the_first_scan_of_an_opened_form_begins_a_list_and_enter_goes_on() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("-").scan(GLOVES_CODE).keys("4{enter}");
    assert!(desk.view.outbox().is_empty(), "nothing is booked yet");
    desk.scan("HA-TRI");
    desk.press_only("{book}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
    assert_eq!(booked(&acts), lines(&[("GU-NIT-M", "", 4), ("HA-TRI", "", 1)]));
}

#[test]
fn the_last_line_is_taken_back_and_then_the_one_before() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("+").scan(GLOVES_CODE).scan(GLOVES_CODE).scan("HA-TRI").keys("9");
    desk.keys("{undo}");
    assert!(!desk.words().contains("HA-TRI Harina"), "{}", desk.screen());
    desk.keys("{undo}");
    desk.scan("GU-NIT-L");
    desk.press_only("{book}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
    assert_eq!(booked(&acts), lines(&[("GU-NIT-M", "", 1), ("GU-NIT-L", "", 1)]));
    desk.keys("+{undo}");
    assert!(desk.words().contains("No hay lectura que deshacer"), "{}", desk.screen());
}

#[test]
fn a_gs1_code_fills_lot_expiry_and_count_in_a_list() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("+").scan("(01)05901234123457(17)270131(30)50(10)LOT0002");
    desk.scan("(01)05901234123457(17)270131(30)50(10)LOT0002").scan("(01)20611628936004(10)LOT0003");
    desk.press_only("{book}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
    assert_eq!(booked(&acts), lines(&[("GU-NIT-M", "LOT0002", 100), ("GU-NIT-M", "LOT0003", 12)]));
}

#[test]
fn leaving_a_list_asks_first() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("+").scan(GLOVES_CODE).keys("{esc}");
    assert!(desk.words().contains("¿Descartar?"));
    // A scan waits for the answer: Cancel has the focus.
    desk.scan("HA-TRI");
    desk.keys("{enter}");
    desk.press_only("{book}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
    assert_eq!(booked(&acts), lines(&[("GU-NIT-M", "", 1), ("HA-TRI", "", 1)]));
}

/// The node has recorded that a product bears another code: first the change is shown, then the answer comes.
fn attach(desk: &mut Desk) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut changed = Vec::new();
    for intent in desk.view.outbox().iter() {
        if let rubentario::node::intent::Intent::Do { requests } = intent {
            acts.extend(requests.iter().map(|r| r.act.clone()));
        }
    }
    for act in &acts {
        let Act::SetProduct { sku, fields, .. } = act else { panic!("{act:?}") };
        let mut view = world::products().into_iter().find(|p| p.product.sku == *sku);
        let view = view.get_or_insert_with(|| {
            let mut other = world::products().remove(0);
            other.cells.clear();
            other
        });
        let mut product = view.product.as_ref().clone();
        product.sku = sku.clone();
        product.name = fields.name.clone().unwrap_or(product.name);
        product.barcodes = fields.barcodes.clone().unwrap_or(product.barcodes);
        product.packs = fields.packs.clone().unwrap_or(product.packs);
        view.product = Arc::new(product);
        changed.push(Arc::new(view.clone()));
    }
    desk.tell(Event::Changed { changes: Box::new(Changes { products: changed, ..Changes::default() }) });
    desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] })
}

#[test]
fn a_code_that_nobody_knows_is_attached_to_a_product_and_counts_at_once() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 80, 24);
        desk.keys("+").scan(GLOVES_CODE).scan(UNKNOWN);
        assert_eq!(rings(&mut desk), (1, 1));
        // What is scanned meanwhile waits its turn.
        desk.scan("HA-TRI").scan(UNKNOWN);
        desk.keys("nitrilo l");
        assert_snapshot!(format!("unknown_code_{tag}"), desk.screen());
        desk.press_only("{enter}");
        let acts = attach(&mut desk);
        assert!(
            matches!(&acts[..], [Act::SetProduct { sku: of, fields, .. }] if *of == sku("GU-NIT-L")
                && fields.barcodes == Some(vec![Gtin::parse(UNKNOWN).unwrap()])),
            "{acts:?}"
        );
        desk.press_only("{book}");
        let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
        let expected = lines(&[("GU-NIT-M", "", 1), ("GU-NIT-L", "", 2), ("HA-TRI", "", 1)]);
        assert_eq!(booked(&acts), expected, "{}", desk.screen());
    }
}

#[test]
fn a_carton_that_nobody_knows_becomes_the_pack_of_a_product_and_counts_its_pieces() {
    let carton = "30614141123453";
    Gtin::parse(carton).unwrap();
    let mut desk = Desk::full(Lang::Es, 80, 24);
    desk.scan(carton);
    desk.keys("nitrilo l{enter}");
    desk.press_only("10");
    desk.press_only("{enter}");
    let acts = attach(&mut desk);
    let Some(Act::SetProduct { fields, .. }) = acts.first() else { panic!("{acts:?}\n{}", desk.screen()) };
    assert_eq!(fields.packs.as_ref().unwrap()[0].size, q(10));
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
    assert_eq!(booked(&acts), lines(&[("GU-NIT-L", "", 10)]), "{}", desk.screen());
}

#[test]
fn a_product_is_made_for_a_code_that_nobody_knows() {
    let mut desk = Desk::full(Lang::Es, 80, 24);
    desk.scan(UNKNOWN);
    desk.keys("{new}");
    assert!(desk.words().contains("Producto nuevo") && desk.words().contains(UNKNOWN), "{}", desk.screen());
    desk.keys("BATA{enter}Bata desechable{enter}");
    desk.press_only("{book}");
    let acts = attach(&mut desk);
    assert!(matches!(&acts[..], [Act::SetProduct { sku: of, .. }] if *of == sku("BATA")));
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: Vec::new() });
    assert_eq!(booked(&acts), lines(&[("BATA", "", 1)]), "{}", desk.screen());
}

#[test]
fn a_delivery_note_takes_the_place_of_an_empty_form_but_not_of_a_list() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("+").scan("sevilla:117");
    assert!(desk.words().contains("Recibir sevilla:117 de sevilla"), "{}", desk.screen());
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("+").scan(GLOVES_CODE).scan("sevilla:117");
    assert!(desk.words().contains("sevilla:117 es un albarán"), "{}", desk.screen());
    assert_eq!(rings(&mut desk), (1, 1));
}

#[test]
fn goods_are_sent_where_the_last_ones_went() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("jjt4{enter}s");
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] });
    assert!(matches!(&acts[..], [Act::Send { .. }]), "{acts:?}\n{}", desk.screen());
    // From then on: t, the quantity, Enter.
    desk.keys("t");
    desk.press_only("5");
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Refused { refusal: Refusal::Nothing });
    assert!(
        matches!(&acts[..], [Act::Send { to, lines, .. }] if to.as_str() == "sevilla" && lines[0].qty == q(5)),
        "{acts:?}"
    );
    assert_eq!(rings(&mut desk), (0, 1), "what the node refuses is heard, too");
}

#[test]
fn a_badge_signs_in_wherever_it_is_scanned_and_leaves_a_list_as_it_is() {
    let is = |desk: &Desk, name: &str| desk.view.operator().map(Operator::as_str) == Some(name);
    let mut desk = Desk::full(Lang::Es, 120, 30);
    desk.keys("+").scan(GLOVES_CODE).scan(BADGE).scan("HA-TRI");
    assert!(is(&desk, "luis"));
    desk.press_only("{book}");
    let by: Vec<_> = desk
        .view
        .outbox()
        .iter()
        .filter_map(|intent| match intent {
            rubentario::node::intent::Intent::Do { requests } => Some(requests[0].operator.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(by, ["luis"]);
}

#[test]
fn who_is_there_is_said_by_name_by_choice_or_by_badge_and_goods_wait_for_it() {
    let name = |desk: &Desk| desk.view.operator().map(ToString::to_string);
    // One key asks; those who worked here lately are offered.
    let mut desk = Desk::full(Lang::Es, 80, 24);
    desk.keys("Omarta{enter}");
    assert_eq!(name(&desk).as_deref(), Some("marta"));
    desk.keys("O{down}{enter}");
    assert_eq!(name(&desk).as_deref(), Some("ana"), "who worked here before");
    desk.keys("O").scan(BADGE);
    assert_eq!(name(&desk).as_deref(), Some("luis"));
    // A badge that says the name itself.
    desk.keys("O").scan("Carmen Ruiz");
    assert_eq!(name(&desk).as_deref(), Some("Carmen Ruiz"));

    let mut desk = Desk::of(Lang::Es, 80, 24, None);
    desk.tell(Event::Picture { picture: Box::new(world::full()) });
    desk.scan(GLOVES_CODE).scan(BADGE);
    assert_eq!(name(&desk).as_deref(), Some("luis"));
    assert!(desk.words().contains("Entrada") && desk.words().contains("GU-NIT-M"), "{}", desk.screen());
}
