//! What the mouse points at answers; nothing needs it.

use std::time::Duration;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;
use rubentario::text::Lang;
use rubentario::ui::keys::Place;
use rubentario::ui::overlays::Overlay;

use super::desk::Desk;
use super::world::sku;

/// Where a text stands on the screen.
fn find(desk: &Desk, text: &str) -> (u16, u16) {
    let screen = desk.screen();
    let found = screen.lines().enumerate().find_map(|(y, line)| {
        let at = line.find(text)?;
        Some((line[..at].chars().count(), y))
    });
    let (x, y) = found.unwrap_or_else(|| panic!("no {text}\n{screen}"));
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

fn mouse(desk: &mut Desk, kind: MouseEventKind, (column, row): (u16, u16)) {
    desk.mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
}

fn click(desk: &mut Desk, text: &str) {
    let at = find(desk, text);
    mouse(desk, MouseEventKind::Down(MouseButton::Left), at);
    desk.answer();
}

#[test]
fn a_click_goes_there_and_two_open_it() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    click(&mut desk, "GU-NIT-M");
    assert_eq!(desk.view.selected_sku(), Some(&sku("GU-NIT-M")));
    assert_eq!(desk.view.place(), Place::Stock);
    click(&mut desk, "GU-NIT-M");
    assert_eq!(desk.view.place(), Place::Card, "{}", desk.screen());
    // Two clicks long apart are two clicks.
    let mut desk = Desk::full(Lang::Es, 120, 40);
    click(&mut desk, "HA-TRI");
    desk.wait(Duration::from_secs(2));
    click(&mut desk, "HA-TRI");
    assert_eq!(desk.view.place(), Place::Stock);
}

#[test]
fn a_key_of_the_hints_is_as_good_as_pressed() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    click(&mut desk, "+ entrada");
    assert!(matches!(desk.view.overlays().last(), Some(Overlay::Form(_))), "{}", desk.screen());
    let mut desk = Desk::full(Lang::Es, 80, 24);
    click(&mut desk, "? ayuda");
    assert!(matches!(desk.view.overlays().last(), Some(Overlay::Help(_))), "{}", desk.screen());
}

#[test]
fn the_wheel_moves_what_is_under_it() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    let at = find(&desk, "pedido 8812");
    mouse(&mut desk, MouseEventKind::ScrollDown, at);
    assert_eq!(desk.view.place(), Place::History);
    assert_eq!(desk.view.history().cursor.at, 1);
}

#[test]
fn a_click_chooses_in_the_palette_and_answers_a_question() {
    let mut desk = Desk::full(Lang::Es, 80, 24);
    desk.keys(":recuento");
    click(&mut desk, " = u ");
    assert!(desk.words().contains("Contado"), "{}", desk.screen());
    let mut desk = Desk::full(Lang::Es, 80, 24);
    desk.keys("jj+24{esc}");
    click(&mut desk, "Cancelar");
    assert!(matches!(desk.view.overlays().last(), Some(Overlay::Form(_))));
    desk.keys("{esc}");
    click(&mut desk, "Descartar ]");
    assert!(desk.view.overlays().is_empty(), "{}", desk.screen());
}

#[test]
fn what_may_follow_a_key_is_shown_until_it_comes() {
    for (lang, tag) in [(Lang::Es, "es"), (Lang::En, "en")] {
        let mut desk = Desk::full(lang, 80, 24);
        desk.keys("jjg");
        assert_snapshot!(format!("which_key_{tag}"), desk.screen());
        // Esc leaves it, and nothing else.
        desk.keys("{esc}");
        assert!(desk.view.pressed().is_empty());
        assert_eq!(desk.view.stock().cursor.at, 2);
        desk.keys("gg");
        assert_eq!(desk.view.stock().cursor.at, 0);
    }
}
