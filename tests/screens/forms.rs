//! Every form, opened by its key, empty, filled and refused.

use insta::assert_snapshot;
use rubentario::domain::{Lot, Refusal};
use rubentario::ledger::act::{Act, Outcome};
use rubentario::text::Lang;

use super::desk::Desk;
use super::world::{self, GLOVES_CODE, q, sku};

fn both(name: &str, keys: &str) {
    for (lang, tag) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let mut desk = Desk::full(lang, 100, 30);
        assert_snapshot!(format!("form_{name}_{tag}"), desk.keys(keys).screen());
    }
}

#[test]
fn goods_in_show_before_and_after() {
    both("receipt_empty", "jj+");
    both("receipt_filled", "jj+24");
}

#[test]
fn goods_out_show_before_and_after() {
    both("issue_filled", "jj-4");
}

#[test]
fn more_than_there_is_cannot_go_out_and_the_form_says_how_much_can() {
    both("issue_too_much", "j-40{enter}");
}

#[test]
fn expired_goods_are_asked_about() {
    both("issue_expired", "jjjj-15{enter}");
}

#[test]
fn a_count_shows_the_difference_it_will_book() {
    both("count", "jj=1100");
}

#[test]
fn an_adjustment_names_its_reason() {
    both("adjust", "jjm-3");
}

#[test]
fn goods_are_sent_and_asked_for() {
    both("send", "jjt10");
    both("request", "jp46");
}

#[test]
fn products_are_made_and_changed() {
    both("product_new", "n");
    both("product_edit", "jjE");
    both("rule", "jjR");
}

#[test]
fn a_first_start_asks_who_is_there() {
    for (lang, tag) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let desk = Desk::of(lang, 80, 24, None);
        assert_snapshot!(format!("form_operator_{tag}"), desk.screen());
    }
}

#[test]
fn a_form_fits_into_a_small_window() {
    for keys in ["jj+24", "jjm-3", "n", "jjR", "jp46"] {
        let mut desk = Desk::full(Lang::Es, 40, 12);
        let name = format!("form_small_{}", keys.replace(['+', '-'], "_"));
        assert_snapshot!(name, desk.keys(keys).screen());
    }
}

#[test]
fn a_scan_opens_the_last_act_with_the_quantity_in_focus() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.scan(GLOVES_CODE);
    assert_snapshot!("form_by_scan_es", desk.screen());
    desk.press_only("7");
    desk.press_only("{enter}");
    let acts = desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] });
    assert!(
        matches!(&acts[..], [Act::Receive { lines, .. }] if lines[0].sku == sku("GU-NIT-M") && lines[0].qty == q(7)),
        "{acts:?}"
    );
}

#[test]
fn a_refused_act_keeps_the_form_with_the_reason() {
    for (lang, tag) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let mut desk = Desk::full(lang, 100, 30);
        desk.keys("jj-");
        desk.press_only("4");
        desk.press_only("{enter}");
        desk.decide(|_| Outcome::Refused {
            refusal: Refusal::NotEnough {
                sku: sku("GU-NIT-M"),
                lot: Lot::none(),
                wanted: q(4),
                available: q(3),
                on_hand: q(5),
                reserved: q(2),
            },
        });
        assert_snapshot!(format!("form_refused_{tag}"), desk.screen());
    }
}

#[test]
fn leaving_a_typed_form_asks_first() {
    for (lang, tag) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let mut desk = Desk::full(lang, 100, 30);
        assert_snapshot!(format!("dialog_leave_{tag}"), desk.keys("jj+24{esc}").screen());
    }
}

#[test]
fn a_reversal_is_shown_before_it_is_done() {
    for (lang, tag) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let mut desk = Desk::full(lang, 100, 30);
        assert_snapshot!(format!("form_reverse_{tag}"), desk.keys("2z").screen());
    }
}

#[test]
fn an_alert_is_resolved_by_a_form_that_is_filled_already() {
    for (lang, tag) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let mut desk = Desk::full(lang, 100, 30);
        desk.keys("4");
        while desk.view.selected_sku().is_none_or(|s| *s != sku("GU-NIT-L")) {
            desk.keys("j");
        }
        assert_snapshot!(format!("form_resolve_{tag}"), desk.keys("r").screen());
    }
}
