//! Whole flows of single screens, as somebody at the keyboard goes through them.

use super::demo;

#[test]
fn a_snapshot_is_taken_from_the_palette_and_opened_with_its_cut_drawn() {
    let mut seen = demo();
    seen.until_text("pares 2/2");
    seen.press(":");
    seen.until_text("╭ Órdenes");
    seen.press("inst");
    seen.until_text(": inst");
    seen.press_by_hand("\r");
    seen.until("the palette to go", |screen| !screen.contents().contains("╭ Órdenes"));
    seen.press("6");
    seen.until_text("✓ completa");
    seen.press_by_hand("\r");
    for warehouse in ["madrid", "sevilla", "valencia"] {
        seen.until(warehouse, |screen| {
            screen
                .contents()
                .lines()
                .any(|line| line.contains(&format!("│ {warehouse} ")) && line.contains("─┃─"))
        });
    }
    seen.until_text("✓ se conserva, lote por lote");
    seen.press("q");
    seen.left_sane();
    assert!(seen.ended_well());
}
