//! Keys of forms and of what lies on top, as the config has them.

use insta::assert_snapshot;
use rubentario::ledger::act::Act;
use rubentario::text::Lang;
use rubentario::ui::overlays::Overlay;
use rubentario::ui::theme::{Borders, Palette, Theme};
use rubentario::ui::wake::Effect;

use super::desk::Desk;

const OTHERS: &[(&str, &str)] =
    &[("form-enter", "F11"), ("form-leave", "F12"), ("form-book", "F10"), ("quit", "Ctrl-q"), ("help", "F1")];

#[test]
fn a_form_takes_the_keys_of_the_config_and_no_others_and_hints_at_them() {
    let mut desk = Desk::with_keys(Lang::Es, 120, 40, OTHERS);
    desk.keys("+7");
    assert!(
        desk.words().contains("F11 registrar") && desk.words().contains("F12 salir"),
        "{}",
        desk.screen()
    );
    desk.press_only("{enter}");
    assert!(desk.answer().is_empty(), "Enter means nothing any more");
    desk.keys("{esc}");
    assert!(matches!(desk.view.overlays().last(), Some(Overlay::Form(_))), "nor does Esc");
    desk.press_only("{f11}");
    assert!(matches!(&desk.answer()[..], [Act::Receive { .. }]), "{}", desk.screen());
}

#[test]
fn lists_questions_and_filters_take_them_too() {
    let mut desk = Desk::with_keys(Lang::Es, 120, 40, OTHERS);
    desk.keys(":{esc}");
    assert!(matches!(desk.view.overlays().last(), Some(Overlay::Palette(_))));
    desk.keys("{f12}");
    assert!(desk.view.overlays().is_empty());
    desk.keys("{f1}F12");
    assert!(desk.words().contains("F12 en formularios salir"), "{}", desk.screen());
    desk.keys("{f1}");
    assert!(desk.view.overlays().is_empty());
    desk.keys("/guante");
    assert!(desk.words().contains("F11 listo F12 quitar"), "{}", desk.screen());
    desk.keys("{f12}");
    assert!(!desk.words().contains("F12 quitar"), "{}", desk.screen());
    desk.keys("+7{f12}");
    assert!(matches!(desk.view.overlays().last(), Some(Overlay::Dialog(_))), "{}", desk.screen());
    desk.keys("{tab}{f11}");
    assert!(desk.view.overlays().is_empty(), "{}", desk.screen());
}

#[test]
fn the_terminal_ends_from_within_a_form_by_the_key_of_the_config() {
    let mut desk = Desk::with_keys(Lang::Es, 120, 40, OTHERS);
    desk.keys("+{quit}");
    assert!(matches!(desk.view.overlays(), [Overlay::Form(_)]), "{}", desk.screen());
    desk.keys("{ctrl-q}");
    let ends = desk.effects.iter().any(|effect| matches!(effect, Effect::Quit));
    assert!(ends || matches!(desk.view.overlays().last(), Some(Overlay::Dialog(_))), "{}", desk.screen());
}

#[test]
fn the_theme_of_ascii_has_no_other_signs_and_the_help_says_what_they_mean() {
    for keys in ["", "+", "m", "t", "p", "E", "R", "V", "c", "?", "?sign", ":", "1{enter}", "5", "6", "rr"] {
        for lang in [Lang::Es, Lang::En] {
            let mut desk = Desk::full(lang, 120, 40);
            desk.theme = Theme::new(Palette::Dark, Borders::Ascii);
            let screen = desk.keys(keys).screen();
            let strange = screen.chars().find(|c| !c.is_ascii() && !c.is_alphabetic() && !"¿¡".contains(*c));
            assert_eq!(strange, None, "{keys}\n{screen}");
        }
    }
    let mut desk = Desk::full(Lang::Es, 80, 24);
    assert_snapshot!("help_signs_es", desk.keys("?signo").screen());
}
