//! A barcode that two products bear: the operator says which.

use std::sync::Arc;

use rubentario::domain::gtin::Gtin;
use rubentario::ledger::act::Act;
use rubentario::node::event::Picture;
use rubentario::text::Lang;

use super::desk::Desk;
use super::world::{self, GLOVES_CODE};

/// The large gloves bear the code of the medium ones.
fn shared() -> Picture {
    let mut picture = world::full();
    for view in &mut picture.products {
        if view.product.sku.as_str() == "GU-NIT-L" {
            let view = Arc::make_mut(view);
            Arc::make_mut(&mut view.product).barcodes = vec![Gtin::parse(GLOVES_CODE).unwrap()];
        }
    }
    picture
}

#[test]
fn a_scan_that_two_products_answer_to_asks_which_and_remembers_it_for_the_list() {
    for (lang, asks) in [(Lang::Es, "¿qué producto es?"), (Lang::En, "which product is it?")] {
        let mut desk = Desk::showing(shared(), lang, 80, 24);
        desk.scan(GLOVES_CODE);
        let words = desk.words();
        assert!(words.contains(asks) && words.contains("GU-NIT-L") && words.contains("GU-NIT-M"), "{words}");
        desk.keys("2");
        assert!(!desk.words().contains(asks));
        desk.keys("7");
        desk.press_only("{enter}");
        let acts = desk.decide(|_| rubentario::ledger::act::Outcome::Recorded { entries: Vec::new() });
        let [Act::Receive { lines, .. }] = &acts[..] else { panic!("{acts:?}") };
        assert_eq!(lines[0].sku.as_str(), "GU-NIT-M");
    }
}

#[test]
fn a_scan_that_is_left_books_nothing_and_one_that_was_answered_is_asked_again_after_the_form() {
    let mut desk = Desk::showing(shared(), Lang::Es, 80, 24);
    desk.scan(GLOVES_CODE).keys("{esc}");
    assert!(desk.view.overlays().is_empty() && desk.words().contains("lectura dejada"), "{}", desk.screen());
    desk.scan(GLOVES_CODE).keys("{down}{enter}");
    desk.scan(GLOVES_CODE);
    assert!(!desk.words().contains("¿qué producto es?"), "the form is of that product");
}
