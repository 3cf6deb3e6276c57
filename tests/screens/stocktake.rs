//! A stocktake on the screen: opened, counted, counted again, reviewed by somebody else, closed.

use std::sync::Arc;

use insta::assert_snapshot;
use rubentario::domain::{
    AdjustmentReason, Lot, Quantity, Refusal, Selection, Sku, StocktakeProblem, Threshold,
};
use rubentario::ledger::act::stocktake::{CountedLine, StocktakeAct};
use rubentario::ledger::act::{Act, Outcome};
use rubentario::ledger::book::{Review, Stocktake, StocktakeChange, StocktakeHead, StocktakeLine};
use rubentario::node::event::{Changes, Event, Picture, Status};
use rubentario::text::Lang;
use rubentario::ui::theme::{Borders, Palette, Theme};

use super::desk::Desk;
use super::world::{self, CARTON_CODE, GLOVES_CODE, id, q, sku};

pub const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];
pub const BADGE: &str = "0412345";
const MINUTE: i64 = 60_000;

pub fn head(blind: bool) -> StocktakeHead {
    StocktakeHead {
        id: id("madrid:45"),
        selection: Selection::All,
        blind,
        threshold: Threshold { units: Some(q(5)), percent: None },
        opened_ms: world::now_ms() - 40 * MINUTE,
        opened_by: "ana".parse().unwrap(),
        end: None,
    }
}

pub fn line(sku_text: &str, lot: &str, counted: i64, book: i64, by: &str) -> StocktakeLine {
    StocktakeLine {
        sku: sku(sku_text),
        lot: Lot::new(lot).unwrap(),
        expiry: None,
        pinned: 44,
        counted: q(counted),
        book: q(book),
        entry: 46,
        at_ms: world::now_ms() - 12 * MINUTE,
        by: by.parse().unwrap(),
        times: 1,
        again: false,
        review: None,
        booked: None,
    }
}

pub fn of(head: StocktakeHead, lines: Vec<StocktakeLine>) -> Stocktake {
    let mut stocktake = Stocktake::new(head);
    stocktake.lines = lines.into_iter().map(|line| ((line.sku.clone(), line.lot.clone()), line)).collect();
    stocktake
}

/// One line of every sort: it agrees, is to be counted again, awaits a review, is accepted; two nobody has counted.
pub fn lines() -> Vec<StocktakeLine> {
    let mut accepted = line("SU-FIS-500", "L-VIEJO", 4, 5, "luis");
    accepted.review = Some(Review {
        at_ms: world::now_ms() - 5 * MINUTE,
        by: "ana".parse().unwrap(),
        reason: AdjustmentReason::Damaged,
    });
    vec![
        line("GU-NIT-M", "", 1_123, 1_124, "ana"),
        line("GU-NIT-L", "", 8, 18, "ana"),
        line("SU-FIS-500", "L-NUEVO", 10, 10, "luis"),
        accepted,
    ]
}

fn picture(stocktake: Stocktake) -> Picture {
    Picture { stocktakes: vec![Arc::new(stocktake)], ..world::full() }
}

/// In the middle of one, a line of every sort in it.
pub fn counting() -> Picture {
    picture(of(head(false), lines()))
}

/// A desk in front of a stocktake.
pub fn at(stocktake: Stocktake, lang: Lang, width: u16, height: u16) -> Desk {
    let mut desk = Desk::showing(picture(stocktake), lang, width, height);
    desk.wait(std::time::Duration::from_secs(4)).keys("c");
    desk
}

pub fn fresh(blind: bool) -> Desk {
    at(of(head(blind), Vec::new()), Lang::Es, 120, 40)
}

fn recorded(desk: &mut Desk) -> Vec<Act> {
    desk.decide(|_| Outcome::Recorded { entries: vec![id("madrid:46")] })
}

/// Keys that book something, and what they book.
pub fn books(desk: &mut Desk, keys: &[&str]) -> Vec<StocktakeAct> {
    for key in keys {
        desk.press_only(key);
    }
    let acts = recorded(desk);
    let steps = acts.into_iter().map(|act| match act {
        Act::Stocktake(step) => step,
        other => panic!("{other:?}\n{}", desk.screen()),
    });
    steps.collect()
}

/// What was counted of what, and what it is pinned to.
fn counted(steps: &[StocktakeAct]) -> Vec<(String, String, Quantity, Option<u64>)> {
    let lines = steps.iter().flat_map(|step| match step {
        StocktakeAct::Count { stocktake, lines } => {
            assert_eq!(*stocktake, id("madrid:45"));
            lines.clone()
        }
        other => panic!("{other:?}"),
    });
    lines
        .map(|CountedLine { sku, lot, counted, pinned, .. }| {
            (sku.to_string(), lot.to_string(), counted, pinned)
        })
        .collect()
}

fn one(sku: &str, lot: &str, units: i64, pinned: u64) -> Vec<(String, String, Quantity, Option<u64>)> {
    vec![(sku.to_owned(), lot.to_owned(), q(units), Some(pinned))]
}

/// The node tells of lines, and of how many own entries there are.
pub fn tell(desk: &mut Desk, head: StocktakeHead, lines: Vec<StocktakeLine>, seq: u64) {
    let status = Some(Status { recorded: seq, ..world::status() });
    let stocktakes = vec![StocktakeChange { head, lines }];
    desk.tell(Event::Changed { changes: Box::new(Changes { status, stocktakes, ..Changes::default() }) });
}

fn under_cursor(desk: &Desk) -> (Sku, Lot) {
    let row = desk.view.sheet().selected().unwrap();
    (row.sku.clone(), row.lot.clone())
}

#[test]
fn a_stocktake_has_its_pictures() {
    for (lang, tag) in LANGS {
        let desk = at(of(head(false), lines()), lang, 120, 40);
        assert_snapshot!(format!("stocktake_{tag}"), desk.screen());
        let desk = at(of(head(true), lines()), lang, 80, 24);
        assert_snapshot!(format!("stocktake_blind_80_{tag}"), desk.screen());
        let mut desk = Desk::full(lang, 80, 24);
        desk.keys("c");
        assert_snapshot!(format!("stocktake_open_{tag}"), desk.screen());
        desk.keys("{esc}");
        assert_snapshot!(format!("stocktake_none_{tag}"), desk.screen());
    }
    let desk = at(of(head(false), lines()), Lang::Es, 160, 50);
    assert_snapshot!("stocktake_160", desk.screen());
    let desk = at(of(head(false), lines()), Lang::Es, 60, 15);
    assert_snapshot!("stocktake_60x15", desk.screen());
    let mut desk = at(of(head(false), lines()), Lang::En, 100, 30);
    desk.theme = Theme::new(Palette::Mono, Borders::Ascii);
    assert_snapshot!("stocktake_ascii", desk.screen());
}

#[test]
fn its_forms_have_their_pictures() {
    for (lang, tag) in LANGS {
        let mut desk = at(of(head(false), lines()), lang, 80, 24);
        desk.keys("17");
        assert_snapshot!(format!("stocktake_count_{tag}"), desk.screen());
        let mut desk = at(of(head(true), lines()), lang, 80, 24);
        desk.keys("17");
        assert_snapshot!(format!("stocktake_count_blind_{tag}"), desk.screen());
        let mut desk = at(of(head(false), lines()), lang, 80, 24);
        desk.scan(BADGE).keys("r");
        assert_snapshot!(format!("stocktake_review_{tag}"), desk.screen());
        let mut desk = at(closable(), lang, 80, 24);
        desk.keys("C");
        assert_snapshot!(format!("stocktake_close_{tag}"), desk.screen());
        let mut desk = at(closable(), lang, 80, 24);
        desk.keys("D");
        assert_snapshot!(format!("stocktake_drop_{tag}"), desk.screen());
    }
}

/// Reviewed: one difference that can be booked, one that takes what is promised, one that can't any more.
pub fn closable() -> Stocktake {
    let mut all = lines();
    let review = all[3].review.clone();
    all[0].review.clone_from(&review);
    all[1] = line("GU-NIT-L", "", 40, 60, "ana");
    all[1].times = 2;
    all[1].review.clone_from(&review);
    let mut promised = line("SU-FIS-500", "L-PRONTO", 1, 4, "luis");
    promised.review = review;
    all.push(promised);
    of(head(false), all)
}

#[test]
fn it_is_opened_over_a_selection() {
    for (keys, selection) in [
        ("{enter}", Selection::NotCounted { days: 30 }),
        ("{tab}{del}{del}7{enter}", Selection::NotCounted { days: 7 }),
        ("{right}{tab}a-03{enter}", Selection::Shelf { shelf: "a-03".into() }),
        ("{right}{right}{tab}g{enter}", Selection::Category { category: "Guantes".into() }),
        ("t{enter}", Selection::All),
    ] {
        let mut desk = Desk::full(Lang::Es, 100, 30);
        let keys: Vec<_> = split(&format!("c{keys}"));
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        let step = StocktakeAct::Open { selection, blind: true, threshold: Threshold::default() };
        assert_eq!(books(&mut desk, &keys), [step], "{keys:?}\n{}", desk.screen());
    }
}

/// Keys one by one.
fn split(keys: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let end = if first == '{' { rest.find('}').unwrap() + 1 } else { first.len_utf8() };
        all.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    all
}

#[test]
fn whoever_counts_may_see_the_book_and_large_differences_are_counted_twice() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("ct{tab}{right}{tab}2,5{tab}10");
    let threshold = Threshold { units: Some(Quantity::from_thousandths(2_500).unwrap()), percent: Some(10) };
    let step = StocktakeAct::Open { selection: Selection::All, blind: false, threshold };
    assert_eq!(books(&mut desk, &["{enter}"]), [step]);
}

#[test]
fn what_can_not_be_counted_is_said_before_it_is_opened() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    desk.keys("c{right}{tab}{enter}");
    assert!(desk.words().contains("Escriba o lea cómo empieza la ubicación"), "{}", desk.screen());
    desk.scan("Z-99").keys("{enter}");
    assert!(desk.words().contains("no hay existencias de esa selección"), "{}", desk.screen());
    desk.keys("{tab}{tab}x{enter}");
    assert!(desk.words().contains("Escriba una cantidad"), "{}", desk.screen());
    assert!(desk.answer().is_empty());
}

#[test]
fn a_quantity_is_typed_at_the_line_and_enter_goes_on_to_the_next() {
    let mut desk = fresh(true);
    assert_eq!(under_cursor(&desk).0, sku("GU-NIT-M"));
    let steps = books(&mut desk, &["1", "1", "2", "0", "{enter}"]);
    assert_eq!(counted(&steps), one("GU-NIT-M", "", 1_120, 44));
    // The node has not told of it yet; the cursor is on the next line all the same.
    assert_eq!(under_cursor(&desk).0, sku("GU-NIT-L"));
    tell(&mut desk, head(true), vec![line("GU-NIT-M", "", 1_120, 1_120, "ana")], 46);
    assert_eq!(under_cursor(&desk).0, sku("GU-NIT-L"));
    let steps = books(&mut desk, &["{enter}", "1", "8", "{enter}"]);
    assert_eq!(counted(&steps), one("GU-NIT-L", "", 18, 46));
    assert_eq!(under_cursor(&desk).0, sku("HA-TRI"));
}

#[test]
fn the_line_that_is_counted_stays_in_sight_above_its_form() {
    let mut desk = at(of(head(false), Vec::new()), Lang::Es, 80, 18);
    desk.keys("G7");
    let screen = desk.screen();
    let form = screen.lines().position(|line| line.contains("Contar en")).unwrap();
    let row = screen.lines().position(|line| line.contains("▌") && line.contains("L-VIEJO"));
    assert!(row.is_some_and(|row| row < form), "{screen}");
}

#[test]
fn a_line_is_pinned_to_when_its_counting_begins() {
    let mut desk = fresh(false);
    desk.keys("1");
    tell(&mut desk, head(false), Vec::new(), 60);
    let steps = books(&mut desk, &["8", "{enter}"]);
    assert_eq!(counted(&steps), one("GU-NIT-M", "", 18, 44), "what moves while it is typed is no difference");
    let steps = books(&mut desk, &["2", "{enter}"]);
    assert_eq!(counted(&steps), one("GU-NIT-L", "", 2, 60), "nor is what moved before");
}

#[test]
fn keys_that_come_before_the_answer_count_the_next_line() {
    let mut desk = fresh(true);
    for key in ["5", "{enter}", "7", "{enter}"] {
        desk.press_only(key);
    }
    assert_eq!(counted(&books(&mut desk, &[])), one("GU-NIT-M", "", 5, 44));
    assert_eq!(counted(&books(&mut desk, &[])), one("GU-NIT-L", "", 7, 44));
}

#[test]
fn a_scan_goes_to_its_line_and_scans_count_their_pieces() {
    let mut desk = fresh(true);
    desk.scan("GU-NIT-L").scan("GU-NIT-L");
    assert_eq!(under_cursor(&desk).0, sku("GU-NIT-L"));
    let steps = books(&mut desk, &["{enter}"]);
    assert_eq!(counted(&steps), one("GU-NIT-L", "", 2, 44));
    // A carton holds twelve; a typed figure takes the place of what was scanned.
    desk.scan(CARTON_CODE).scan(GLOVES_CODE);
    assert_eq!(counted(&books(&mut desk, &["{enter}"])), one("GU-NIT-M", "", 13, 44));
    desk.scan("HA-TRI").keys("40");
    assert_eq!(counted(&books(&mut desk, &["{enter}"])), one("HA-TRI", "", 40, 44));
}

#[test]
fn goods_scanned_one_after_the_other_are_booked_in_one_go() {
    let mut desk = fresh(true);
    for code in [CARTON_CODE, "HA-TRI", GLOVES_CODE] {
        desk.scan(code);
    }
    let steps = books(&mut desk, &["{book}"]);
    assert_eq!(steps.len(), 1);
    let both = [one("GU-NIT-M", "", 13, 44), one("HA-TRI", "", 1, 44)].concat();
    assert_eq!(counted(&steps), both);
    // What was booked is passed over, though the node has not told of it yet.
    let mut desk = fresh(true);
    desk.scan(GLOVES_CODE).scan("GU-NIT-L");
    books(&mut desk, &["{book}"]);
    assert_eq!(under_cursor(&desk).0, sku("HA-TRI"));
}

#[test]
fn goods_with_lots_are_counted_lot_by_lot() {
    let mut desk = fresh(true);
    desk.scan("SU-FIS-500").keys("{enter}");
    assert!(desk.words().contains("Lote obligatorio"), "which lot is asked\n{}", desk.screen());
    assert!(!desk.words().contains("L-NUEVO 10"), "blind: without its figure\n{}", desk.screen());
    let steps = books(&mut desk, &["L-NUEVO", "{enter}"]);
    assert_eq!(counted(&steps), one("SU-FIS-500", "L-NUEVO", 1, 44));
    // At a line of it the lot is clear.
    desk.keys("G");
    let (_, lot) = under_cursor(&desk);
    desk.scan("SU-FIS-500");
    assert_eq!(counted(&books(&mut desk, &["{enter}"])), one("SU-FIS-500", lot.as_str(), 1, 44));
}

#[test]
fn goods_that_stand_on_no_line_are_counted_too() {
    let mut desk = fresh(true);
    desk.keys("nGU-LAT-S{enter}3");
    assert_eq!(counted(&books(&mut desk, &["{enter}"])), one("GU-LAT-S", "", 3, 44));
}

#[test]
fn blind_means_that_no_figure_of_the_book_is_in_sight() {
    for (lang, figure) in [(Lang::Es, "1120"), (Lang::En, "1,120")] {
        let mut desk = at(of(head(true), Vec::new()), lang, 120, 40);
        assert!(!desk.words().contains(figure), "{}", desk.screen());
        desk.keys("7");
        assert!(!desk.words().contains(figure), "{}", desk.screen());
        desk.keys("{esc}{tab}{enter}x");
        assert!(!desk.effects.iter().any(|e| format!("{e:?}").contains(",1120,")), "nor in an export");
        let desk = at(of(head(false), Vec::new()), lang, 120, 40);
        assert!(desk.words().contains(figure), "{}", desk.screen());
    }
}

#[test]
fn a_large_difference_is_said_to_be_counted_again_and_comes_up_last() {
    let mut desk = at(of(head(true), vec![line("HA-TRI", "", 40, 40, "ana")]), Lang::Es, 120, 40);
    assert_eq!(under_cursor(&desk).0, sku("GU-NIT-M"));
    for key in ["5", "{enter}"] {
        desk.press_only(key);
    }
    tell(&mut desk, head(true), vec![line("GU-NIT-M", "", 5, 1_120, "ana")], 46);
    recorded(&mut desk);
    assert!(desk.words().contains("hay que volver a contar GU-NIT-M"), "{}", desk.screen());
    assert_eq!(under_cursor(&desk).0, sku("GU-NIT-L"), "first what nobody has counted");
    for lot in ["L-NUEVO", "L-PRONTO", "L-VIEJO"] {
        tell(&mut desk, head(true), vec![line("SU-FIS-500", lot, 1, 1, "ana")], 47);
    }
    assert_eq!(counted(&books(&mut desk, &["1", "8", "{enter}"])), one("GU-NIT-L", "", 18, 47));
    assert_eq!(under_cursor(&desk).0, sku("GU-NIT-M"));
}

#[test]
fn the_lines_of_one_sort_are_shown_alone() {
    let mut desk = at(of(head(false), lines()), Lang::Es, 120, 40);
    for (sort, skus) in [
        ("por contar 2", &["HA-TRI", "SU-FIS-500"][..]),
        ("recontar 1", &["GU-NIT-L"]),
        ("revisar 1", &["GU-NIT-M"]),
        ("difieren 3", &["GU-NIT-M", "GU-NIT-L", "SU-FIS-500"]),
        ("todas 6", &["GU-NIT-M", "GU-NIT-L", "HA-TRI", "SU-FIS-500", "SU-FIS-500", "SU-FIS-500"]),
    ] {
        desk.keys("{tab}");
        assert!(desk.screen().contains(&format!("[{sort}]")), "{}", desk.screen());
        let shown: Vec<_> = desk.view.sheet().shown().map(|row| row.sku.to_string()).collect();
        assert_eq!(shown, skus);
    }
    desk.keys("/l-nuevo{enter}");
    assert_eq!(desk.view.sheet().len(), 1);
    desk.keys("{esc}");
    assert_eq!(desk.view.sheet().len(), 6);
}

#[test]
fn after_a_restart_the_open_one_is_told_of_and_gone_on_with() {
    let mut desk = at(of(head(true), lines()), Lang::Es, 120, 40);
    desk.keys("{enter}40");
    // The terminal ends and comes back: a new view, told the same by the node.
    let mut desk = {
        drop(desk);
        Desk::showing(picture(of(head(true), lines())), Lang::Es, 120, 40)
    };
    assert!(desk.words().contains("el recuento madrid:45 está abierto: c lo sigue"), "{}", desk.screen());
    desk.keys("cc");
    assert_eq!(under_cursor(&desk).0, sku("HA-TRI"), "what nobody has counted");
    assert_eq!(counted(&books(&mut desk, &["4", "0", "{enter}"])), one("HA-TRI", "", 40, 44));
}

#[test]
fn goods_that_move_while_people_count_are_shown_beside_what_was_counted() {
    let mut desk = at(of(head(false), vec![line("GU-NIT-M", "", 1_120, 1_120, "ana")]), Lang::Es, 120, 40);
    assert!(!desk.words().contains("movido desde entonces"));
    let mut view = world::products().into_iter().find(|p| p.product.sku == sku("GU-NIT-M")).unwrap();
    view.cells[0].on_hand = q(1_090);
    let products = vec![Arc::new(view)];
    desk.tell(Event::Changed { changes: Box::new(Changes { products, ..Changes::default() }) });
    assert!(desk.words().contains("movido desde entonces −30"), "{}", desk.screen());
    // What is all gone needs no counting.
    let mut view = world::products().into_iter().find(|p| p.product.sku == sku("GU-NIT-L")).unwrap();
    view.cells[0].on_hand = q(0);
    let products = vec![Arc::new(view)];
    desk.tell(Event::Changed { changes: Box::new(Changes { products, ..Changes::default() }) });
    assert!(desk.view.sheet().rows().iter().all(|row| row.sku != sku("GU-NIT-L")));
}

#[test]
fn another_one_that_is_open_already_is_said_in_the_form() {
    let mut desk = Desk::full(Lang::Es, 100, 30);
    for key in ["c", "{enter}"] {
        desk.press_only(key);
    }
    let problem = StocktakeProblem::OneIsOpen { open: id("madrid:45") };
    desk.decide(|_| Outcome::Refused { refusal: Refusal::Stocktake { problem: problem.clone() } });
    assert!(desk.words().contains("Ya hay un recuento abierto: madrid:45"), "{}", desk.screen());
}

#[test]
fn a_click_goes_to_a_line() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut desk = at(of(head(false), lines()), Lang::Es, 120, 40);
    let kind = MouseEventKind::Down(MouseButton::Left);
    desk.mouse(MouseEvent { kind, column: 20, row: 6, modifiers: KeyModifiers::NONE });
    assert_eq!(under_cursor(&desk).0, sku("HA-TRI"), "{}", desk.screen());
}

#[test]
fn without_a_node_the_lines_stay_in_sight_and_nothing_is_counted() {
    for (lang, tag) in LANGS {
        for (width, height) in [(120, 40), (80, 24), (60, 15)] {
            let mut desk = at(of(head(false), lines()), lang, width, height);
            desk.tell(Event::Stopping { reason: "the node was told to stop".into() });
            assert_snapshot!(format!("stocktake_away_{width}x{height}_{tag}"), desk.screen());
        }
        let mut desk = at(of(head(false), lines()), lang, 80, 24);
        desk.wake(rubentario::ui::wake::Wake::Gone);
        assert_snapshot!(format!("stocktake_gone_80x24_{tag}"), desk.screen());
    }
    let mut desk = at(of(head(false), lines()), Lang::Es, 120, 40);
    desk.tell(Event::Stopping { reason: "the node was told to stop".into() });
    let before = desk.view.overlays().len();
    desk.press_only("7");
    assert_eq!(desk.view.overlays().len(), before, "{}", desk.screen());
    assert!(desk.words().contains("sin nodo: se busca"), "{}", desk.screen());
    desk.scan(GLOVES_CODE);
    assert_eq!(desk.view.waiting_scans().len(), 1, "a scan waits for the next node");
}
