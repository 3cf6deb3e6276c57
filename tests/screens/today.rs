//! The board of today: what was done, what there is to do, and where each is dealt with.

use std::time::Duration;

use insta::assert_snapshot;
use rubentario::domain::MovementKind;
use rubentario::node::event::{Event, Reply};
use rubentario::node::{Intent, Question};
use rubentario::text::Lang;
use rubentario::ui::keys::Place;
use rubentario::ui::screens::today::Matter;
use rubentario::ui::theme::{Borders, Palette, Theme};

use super::desk::Desk;
use super::world;

const LANGS: [(Lang, &str); 2] = [(Lang::Es, "es"), (Lang::En, "en")];

/// Answers what was done today, where that is asked.
fn tell_done(desk: &mut Desk, done: &[(MovementKind, u64, u64)]) -> Option<i64> {
    let mut since = None;
    for intent in desk.intents() {
        if let Intent::Ask { id, question: Question::DoneSince { since_ms } } = intent {
            since = Some(since_ms);
            desk.tell(Event::Reply { id, reply: Ok(Reply::DoneSince { done: done.to_vec() }) });
        }
    }
    since
}

fn done() -> Vec<(MovementKind, u64, u64)> {
    vec![
        (MovementKind::Receipt, 12, 31),
        (MovementKind::Issue, 1, 1),
        (MovementKind::TransferDispatched, 2, 5),
        (MovementKind::Adjustment, 1, 1),
        (MovementKind::Count, 3, 3),
        (MovementKind::Reserved, 9, 9),
    ]
}

fn open(lang: Lang, width: u16, height: u16) -> Desk {
    let mut desk = Desk::full(lang, width, height);
    desk.press_only("7");
    tell_done(&mut desk, &done());
    desk
}

fn count(desk: &Desk, matter: Matter) -> (Option<usize>, usize) {
    let row = desk.view.today().rows.iter().find(|row| row.matter == matter).unwrap();
    (row.count, row.late)
}

#[test]
fn what_was_done_and_what_there_is_to_do_is_shown() {
    for (lang, tag) in LANGS {
        for (width, height) in [(160, 50), (120, 40), (80, 24), (60, 15), (40, 12)] {
            let desk = open(lang, width, height);
            assert_snapshot!(format!("today_{width}x{height}_{tag}"), desk.screen());
        }
        let mut desk = Desk::showing(world::empty(), lang, 80, 24);
        assert_snapshot!(format!("today_empty_{tag}"), desk.keys("7").screen());
        let mut desk = Desk::loading(lang, 80, 24);
        assert_snapshot!(format!("today_loading_{tag}"), desk.keys("7").screen());
    }
    let mut desk = open(Lang::Es, 120, 40);
    desk.theme = Theme::new(Palette::Mono, Borders::Ascii);
    assert_snapshot!("today_ascii_es", desk.screen());
}

#[test]
fn acts_of_one_sort_are_added_up_since_midnight_here() {
    let mut desk = Desk::full(Lang::En, 120, 40);
    desk.press_only("7");
    assert_eq!(count(&desk, Matter::Receipts), (None, 0), "not told yet");
    let since = tell_done(&mut desk, &done()).unwrap();
    let now = desk.view.now();
    assert_eq!(
        now.wall_ms - since,
        (now.wall_ms + i64::from(now.zone.local_minus_utc()) * 1000) % 86_400_000
    );
    assert_eq!(count(&desk, Matter::Receipts).0, Some(12));
    assert_eq!(count(&desk, Matter::Corrections).0, Some(4), "adjustments and counts");
    assert_eq!(count(&desk, Matter::TakenIn).0, Some(0));
}

#[test]
fn each_row_leads_to_where_it_is_dealt_with() {
    let rows = open(Lang::Es, 120, 40).view.today().rows.len();
    let mut places = Vec::new();
    for at in 0..rows {
        let mut desk = open(Lang::Es, 120, 40);
        desk.keys(&"j".repeat(at));
        let meant = desk.view.today().selected().unwrap().matter.place();
        desk.press_only("{enter}");
        assert_eq!(desk.view.place(), meant);
        places.push(meant);
    }
    places.dedup();
    assert_eq!(
        places,
        [
            Place::History,
            Place::Transfers,
            Place::History,
            Place::Transfers,
            Place::Promises,
            Place::Stocktake,
            Place::Alerts,
            Place::Replenish
        ]
    );
}

#[test]
fn what_changes_is_seen_within_a_second_and_asked_for_anew() {
    let mut desk = open(Lang::En, 120, 40);
    let before = count(&desk, Matter::Low).0.unwrap();
    assert!(before > 0);
    let changes = rubentario::node::event::Changes { alerts: Some(Vec::new()), ..Default::default() };
    desk.tell(Event::Changed { changes: Box::new(changes) });
    desk.wait(Duration::from_millis(1_100));
    assert_eq!(count(&desk, Matter::Low).0, Some(0));
    assert!(tell_done(&mut desk, &done()).is_some(), "what was done is asked for anew");
}

#[test]
fn what_a_node_that_went_had_not_answered_is_asked_of_the_next_one() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.press_only("7");
    desk.intents();
    desk.tell(Event::Stopping { reason: "the node was told to stop".into() });
    desk.intents();
    desk.tell(Event::Picture { picture: Box::new(world::full()) });
    assert!(tell_done(&mut desk, &done()).is_some());
    assert_eq!(count(&desk, Matter::Receipts).0, Some(12));
}
