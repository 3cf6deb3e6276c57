//! A stocktake on the screen, from its review on: by somebody else, closed, dropped, printed.

use insta::assert_snapshot;
use rubentario::domain::{AdjustmentReason, Lot, Refusal};
use rubentario::ledger::act::Outcome;
use rubentario::ledger::act::stocktake::{ReviewLine, StocktakeAct};
use rubentario::ledger::book::{StocktakeEnd, StocktakeHead};
use rubentario::text::Lang;
use rubentario::ui::wake::{Effect, Job};

use super::stocktake::{BADGE, LANGS, at, books, closable, fresh, head, line, lines, of, tell};
use super::world::{self, id, q, sku};

#[test]
fn who_counted_a_line_does_not_review_it() {
    let mut desk = at(of(head(false), lines()), Lang::Es, 120, 40);
    desk.keys("r");
    assert!(desk.words().contains("la contó ana: revisa otra persona, O cambia"), "{}", desk.screen());
    assert!(desk.view.overlays().is_empty());
    desk.scan(BADGE).keys("r{enter}");
    assert!(desk.words().contains("Diga por qué difiere"), "{}", desk.screen());
    let steps = books(&mut desk, &["p", "{enter}"]);
    let word = ReviewLine {
        sku: sku("GU-NIT-M"),
        lot: Lot::none(),
        count: Some(46),
        reason: Some(AdjustmentReason::Lost),
    };
    assert_eq!(steps, [StocktakeAct::Review { stocktake: id("madrid:45"), lines: vec![word] }]);
}

#[test]
fn a_reviewer_sends_a_line_back_and_says_one_reason_for_all_that_wait() {
    let other = line("SU-FIS-500", "L-PRONTO", 3, 4, "ana");
    let own = line("SU-FIS-500", "L-VIEJO", 4, 5, "luis");
    let mut desk = at(of(head(false), [lines(), vec![other, own]].concat()), Lang::Es, 120, 40);
    desk.scan(BADGE);
    let back = books(&mut desk, &["r", "{left}", "{enter}"]);
    assert!(
        matches!(&back[..], [StocktakeAct::Review { lines, .. }] if lines.len() == 1 && lines[0].reason.is_none())
    );
    desk.keys("gg");
    let all = books(&mut desk, &["r", "d", "{tab}", "{right}", "{enter}"]);
    let [StocktakeAct::Review { lines, .. }] = &all[..] else { panic!("{all:?}") };
    let named: Vec<_> =
        lines.iter().map(|line| (line.sku.as_str(), line.lot.as_str(), line.reason)).collect();
    let damaged = Some(AdjustmentReason::Damaged);
    assert_eq!(
        named,
        [("GU-NIT-M", "", damaged), ("SU-FIS-500", "L-PRONTO", damaged)],
        "not what luis counted"
    );
}

#[test]
fn a_line_that_is_to_be_counted_again_is_not_reviewed() {
    let mut desk = at(of(head(false), lines()), Lang::Es, 120, 40);
    desk.scan(BADGE).keys("jr");
    assert!(desk.words().contains("antes hay que volver a contarla"), "{}", desk.screen());
    desk.keys("jr");
    assert!(desk.words().contains("nadie la ha contado"), "{}", desk.screen());
}

#[test]
fn it_is_not_closed_while_lines_wait() {
    let mut desk = at(of(head(false), lines()), Lang::Es, 120, 40);
    desk.keys("C");
    assert!(desk.view.overlays().is_empty());
    assert!(desk.words().contains("por revisar 1, por recontar 1"), "{}", desk.screen());
    let mut desk = fresh(false);
    desk.keys("C");
    assert!(desk.words().contains("no se ha contado nada"), "{}", desk.screen());
}

#[test]
fn the_closing_shows_before_and_after_and_what_it_runs_into() {
    let mut desk = at(closable(), Lang::Es, 120, 40);
    desk.keys("C");
    let screen = desk.words();
    for wanted in [
        "1120 → 1119 ud dañado GU-NIT-M",
        "18 → −2 ud dañado GU-NIT-L",
        "se movió −42 desde que se contó: hay que volver a contarlo",
        "4 → 1 ud dañado SU-FIS-500 · lote L-PRONTO",
        "libera 1 ud de lo reservado, lo último primero",
        "Sin contar 1: quedan como dice el libro",
        "Lo verán sevilla, valencia",
    ] {
        assert!(screen.contains(wanted), "{wanted}\n{}", desk.screen());
    }
}

#[test]
fn the_closing_is_confirmed_by_tab_then_enter_or_its_letter_and_by_no_enter_alone() {
    let close = StocktakeAct::Close { stocktake: id("madrid:45") };
    let mut desk = at(closable(), Lang::Es, 120, 40);
    assert!(books(&mut desk, &["C", "{enter}"]).is_empty());
    assert!(desk.view.overlays().is_empty());
    let by_tab = books(&mut desk, &["C", "{tab}", "{enter}"]);
    let mut desk = at(closable(), Lang::En, 120, 40);
    let by_letter = books(&mut desk, &["C", "b"]);
    assert_eq!([by_tab, by_letter], [vec![close.clone()], vec![close]]);
}

#[test]
fn a_closing_that_is_refused_says_why_and_can_be_left() {
    let mut desk = at(closable(), Lang::Es, 120, 40);
    for key in ["C", "{tab}", "{enter}"] {
        desk.press_only(key);
    }
    let refusal = Refusal::Recount { sku: sku("GU-NIT-L"), lot: Lot::none(), moved: q(-42) };
    desk.decide(|_| Outcome::Refused { refusal: refusal.clone() });
    assert!(desk.words().contains("GU-NIT-L se movió −42"), "{}", desk.screen());
    desk.keys("{esc}");
    assert!(desk.view.overlays().is_empty());
}

#[test]
fn it_is_dropped_by_no_letter() {
    let mut desk = at(of(head(false), lines()), Lang::Es, 120, 40);
    assert!(books(&mut desk, &["D", "d"]).is_empty());
    let drop = StocktakeAct::Drop { stocktake: id("madrid:45") };
    assert_eq!(books(&mut desk, &["{tab}", "{enter}"]), [drop]);
}

#[test]
fn what_was_closed_stays_in_sight_and_the_next_one_can_be_opened() {
    let mut desk = at(closable(), Lang::Es, 120, 40);
    let end = StocktakeEnd {
        entry: 50,
        at_ms: world::now_ms(),
        by: "luis".parse().unwrap(),
        dropped: false,
        counted: 5,
        uncounted: 1,
    };
    tell(&mut desk, StocktakeHead { end: Some(end), ..head(false) }, Vec::new(), 50);
    assert_snapshot!("stocktake_closed_es", desk.screen());
    desk.keys("5");
    assert!(desk.words().contains("no hay ningún recuento abierto"), "{}", desk.screen());
    desk.keys("c");
    assert!(desk.words().contains("Abrir un recuento"), "{}", desk.screen());
}

#[test]
fn it_is_printed_as_a_report_and_exported() {
    for (lang, tag) in LANGS {
        let mut desk = at(closable(), lang, 120, 40);
        desk.keys("ix");
        let written: Vec<_> = desk
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Do(Job::Write { path, text }) => Some((path.display().to_string(), text.clone())),
                _ => None,
            })
            .collect();
        let [(report, text), (export, csv)] = &written[..] else { panic!("{written:?}") };
        assert_eq!(report, "stocktakes/madrid-45.txt");
        assert!(export.starts_with("exports/stocktake-"), "{export}");
        // The report tells moments in the machine's zone.
        let text: Vec<_> = text.lines().filter(|line| !line.contains("2026")).collect();
        assert_snapshot!(format!("stocktake_report_{tag}"), text.join("\n"));
        assert_snapshot!("stocktake_export", csv);
    }
}
