//! What lies on top: help, the palette, questions, the card; and the notice of a window that is too small.

use insta::assert_snapshot;
use rubentario::text::Lang;
use rubentario::ui::wake::{Effect, Sound};

use super::desk::Desk;
use super::world::GLOVES_CODE;

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];

#[test]
fn help_lists_the_keys_and_narrows() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 100, 40);
        assert_snapshot!(format!("help_{tag}"), desk.keys("?").screen());
    }
    let mut desk = Desk::full(Lang::Es, 80, 24);
    assert_snapshot!("help_filtered_es", desk.keys("?recuento").screen());
    let mut desk = Desk::full(Lang::Es, 80, 24);
    assert_snapshot!("help_nothing_es", desk.keys("?xyzxyz").screen());
}

#[test]
fn the_palette_finds_any_action_and_does_it() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 100, 30);
        assert_snapshot!(format!("palette_{tag}"), desk.keys(":").screen());
    }
    let mut desk = Desk::full(Lang::Es, 80, 24);
    assert_snapshot!("palette_filtered_es", desk.keys(":transf").screen());
    desk.keys("{enter}");
    assert!(
        desk.words().contains("Por recibir") || desk.words().contains("sevilla:117"),
        "{}",
        desk.screen()
    );
}

#[test]
fn the_palette_goes_to_the_place_of_what_is_not_done_here() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys(":congelar");
    assert!(desk.words().contains("congelar: va a Movimientos"), "{}", desk.screen());
    desk.keys("{enter}");
    assert!(desk.view.history().is_frozen());
    let mut desk = Desk::full(Lang::En, 100, 30);
    desk.keys(":admit{enter}");
    assert_eq!(desk.view.place(), rubentario::ui::keys::Place::Peers);
}

#[test]
fn the_card_shows_a_product_everywhere_with_its_chart() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 120, 40);
        assert_snapshot!(format!("card_{tag}"), desk.keys("jj{enter}").screen());
        let mut desk = Desk::full(lang, 80, 24);
        assert_snapshot!(format!("card_lots_{tag}"), desk.keys("jjjj{enter}").screen());
    }
    let mut desk = Desk::full(Lang::Es, 40, 12);
    assert_snapshot!("card_small_es", desk.keys("jj{enter}").screen());
}

#[test]
fn quitting_asks_only_where_something_is_unfinished() {
    let mut desk = Desk::full(Lang::Es, 80, 24);
    desk.keys("q");
    assert_eq!(desk.effects, [Effect::Quit]);
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 80, 24);
        desk.keys("jj+24{quit}");
        assert!(!desk.effects.contains(&Effect::Quit));
        assert_snapshot!(format!("dialog_quit_{tag}"), desk.screen());
    }
}

#[test]
fn a_window_that_is_too_small_keeps_scans_and_lists_them_when_it_grows() {
    let mut desk = Desk::full(Lang::Es, 18, 5);
    desk.scan(GLOVES_CODE).scan("HA-TRI");
    assert_snapshot!("too_small_es", desk.screen());
    desk.resize(80, 24);
    assert_snapshot!("scans_kept_es", desk.screen());
    desk.keys("{enter}");
    assert!(desk.words().contains("GU-NIT-M"), "{}", desk.screen());
}

#[test]
fn a_code_that_nobody_knows_says_so() {
    for (lang, tag) in LANGS {
        let mut desk = Desk::full(lang, 80, 24);
        desk.scan("8904000210037");
        assert_snapshot!(format!("scan_unknown_{tag}"), desk.screen());
        assert!(desk.effects.contains(&Effect::Ring(Sound::Bad)));
    }
}

#[test]
fn the_scan_of_a_delivery_note_opens_what_is_to_be_done_with_it() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.scan("sevilla:117");
    assert!(desk.words().contains("GU-NIT-M"));
    assert_snapshot!("scan_note_es", desk.screen());
}
