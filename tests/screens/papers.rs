//! What is written to files: the delivery note of a dispatch, and exports.

use insta::assert_snapshot;
use rubentario::domain::code128::Code128;
use rubentario::text::Lang;
use rubentario::ui::wake::{Effect, Job};

use super::desk::Desk;

fn note(lang: Lang) -> (String, String) {
    let mut desk = Desk::full(lang, 100, 30);
    desk.scan("madrid:22");
    desk.keys("{esc}x");
    let written = desk.effects.iter().find_map(|e| match e {
        Effect::Do(Job::Write { path, text }) => Some((path.display().to_string(), text.clone())),
        _ => None,
    });
    written.unwrap_or_else(|| panic!("no note was written\n{}", desk.screen()))
}

#[test]
fn a_dispatch_has_a_delivery_note_with_its_id_as_a_barcode() {
    let (path, text) = note(Lang::Es);
    assert_eq!(path, "notes/madrid-22.txt");
    let bars = Code128::encode("madrid:22").unwrap().lines(1).remove(0);
    assert!(text.contains(bars.trim()), "{text}");
    assert_snapshot!("note_es", text);
    assert_snapshot!("note_en", note(Lang::En).1);
}

#[test]
fn every_list_can_be_exported() {
    for (what, keys) in [("movements", "2x"), ("peers", "3x"), ("alerts", "4x"), ("transfers", "5X")] {
        let mut desk = Desk::full(Lang::En, 120, 40);
        desk.keys(keys);
        let [Effect::Do(Job::Write { text, .. })] = &desk.effects[..] else { panic!("{:?}", desk.effects) };
        assert_snapshot!(format!("export_{what}"), text);
    }
}
