//! A node that goes while the terminal is there: it is said, nothing is lost, and all is asked again of the next one.

use rubentario::ledger::act::Outcome;
use rubentario::node::{Event, Intent};
use rubentario::text::Lang;
use rubentario::ui::wake::Effect;

use super::desk::Desk;
use super::world::{self, GLOVES_CODE};

fn stopping() -> Event {
    Event::Stopping { reason: "the node was told to stop".into() }
}

#[test]
fn what_was_not_answered_is_asked_of_the_next_node_under_the_same_id() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("jj+24");
    desk.press_only("{enter}");
    let asked: Vec<_> = desk.intents().into_iter().filter(|i| matches!(i, Intent::Do { .. })).collect();
    assert_eq!(asked.len(), 1);
    desk.tell(stopping());
    let words = desk.words();
    assert!(words.contains("Se ha ido el nodo") && words.contains("se le dijo que parase"), "{words}");
    let again = desk.intents();
    assert_eq!(again.first(), Some(&Intent::Subscribe));
    assert_eq!(
        again.iter().filter(|i| matches!(i, Intent::Do { .. })).collect::<Vec<_>>(),
        asked.iter().collect::<Vec<_>>()
    );
    // Told twice why the node can't be had, it asks once.
    desk.tell(stopping());
    assert!(desk.intents().is_empty());
    desk.tell(Event::Picture { picture: Box::new(world::full()) });
    assert!(!desk.words().contains("Se ha ido el nodo"));
    let Some(Intent::Do { requests }) = asked.first() else { panic!("{asked:?}") };
    let answers = vec![(requests[0].id, Outcome::Recorded { entries: vec![world::id("madrid:45")] })];
    desk.tell(Event::Answered { answers });
    assert!(desk.words().contains("registrado madrid:45"), "{}", desk.screen());
}

#[test]
fn a_scan_without_a_node_waits_for_the_next_one() {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.tell(stopping());
    desk.scan(GLOVES_CODE);
    assert!(!desk.words().contains("Entrada GU"), "{}", desk.screen());
    assert_eq!(desk.view.waiting_scans().len(), 1);
    desk.keys("q");
    assert!(desk.words().contains("1 lecturas sin atender"), "{}", desk.screen());
    desk.keys("{esc}");
    desk.tell(Event::Picture { picture: Box::new(world::full()) });
    assert!(desk.view.waiting_scans().is_empty());
    assert!(desk.words().contains("GU-NIT-M"));
    assert!(!desk.view.overlays().is_empty(), "the scan opened its form");
}

#[test]
fn who_runs_the_node_is_asked_before_others_lose_it_and_who_is_attached_is_not() {
    for (pid, asks) in [(2, true), (1, false)] {
        let mut picture = world::full();
        picture.status.pid = pid;
        picture.status.attached = 2;
        let mut desk = Desk::showing(picture, Lang::En, 120, 40);
        desk.keys("q");
        assert_eq!(
            desk.words().contains("This terminal runs the node, and 2 other"),
            asks,
            "{}",
            desk.screen()
        );
        assert_eq!(desk.effects.contains(&Effect::Quit), !asks);
    }
}
