//! Any keys in any order in a window of any size: nothing panics, and every frame can be drawn.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use rubentario::domain::Refusal;
use rubentario::ledger::act::Outcome;
use rubentario::node::event::Event;
use rubentario::text::Lang;
use rubentario::ui::wake::Wake;

use super::desk::Desk;
use super::world;

#[derive(Debug, Clone)]
enum Step {
    Key(KeyEvent),
    Scan(String),
    Paste(String),
    Size(u16, u16),
    Picture,
    Counting,
    Empty,
    Lagged,
    Recorded,
    Refused,
    Gone,
}

fn key() -> impl Strategy<Value = KeyEvent> {
    let code = prop_oneof![
        8 => prop::char::range(' ', '~').prop_map(KeyCode::Char),
        2 => prop::sample::select("+-=tpmnERVPLvdwzraxyfejkhlGg12345:?/éñ手ccCDiO".chars().collect::<Vec<_>>())
            .prop_map(KeyCode::Char),
        4 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down,
            KeyCode::Left, KeyCode::Right, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Home, KeyCode::End,
            KeyCode::Backspace, KeyCode::Delete, KeyCode::F(1), KeyCode::F(2), KeyCode::F(3),
        ]),
    ];
    let modifiers = prop_oneof![
        8 => Just(KeyModifiers::NONE), 1 => Just(KeyModifiers::CONTROL), 1 => Just(KeyModifiers::ALT),
    ];
    (code, modifiers).prop_map(|(code, modifiers)| KeyEvent::new(code, modifiers))
}

fn step() -> impl Strategy<Value = Step> {
    let codes = vec![
        world::GLOVES_CODE,
        "20611628936004",
        "HA-TRI",
        "sevilla:117",
        "(01)20611628936004(10)L",
        "ñ!?zz",
    ];
    prop_oneof![
        30 => key().prop_map(Step::Key),
        3 => prop::sample::select(codes).prop_map(|c| Step::Scan(c.to_owned())),
        1 => ".{0,12}".prop_map(Step::Paste),
        3 => (1_u16..130, 1_u16..45).prop_map(|(w, h)| Step::Size(w, h)),
        1 => Just(Step::Picture),
        1 => Just(Step::Counting),
        1 => Just(Step::Empty),
        1 => Just(Step::Lagged),
        1 => Just(Step::Recorded),
        1 => Just(Step::Refused),
        1 => Just(Step::Gone),
    ]
}

fn take(desk: &mut Desk, step: Step) {
    match step {
        Step::Key(key) => desk.press(key),
        Step::Scan(code) => drop(desk.scan(&code)),
        Step::Paste(text) => desk.paste(text),
        Step::Size(width, height) => drop(desk.resize(width, height)),
        Step::Picture => desk.tell(Event::Picture { picture: Box::new(world::full()) }),
        Step::Counting => desk.tell(Event::Picture { picture: Box::new(super::stocktake::counting()) }),
        Step::Empty => desk.tell(Event::Picture { picture: Box::new(world::empty()) }),
        Step::Lagged => desk.tell(Event::Lagged),
        Step::Recorded => {
            desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] });
        }
        Step::Refused => {
            desk.decide(|_| Outcome::Refused { refusal: Refusal::Busy });
        }
        Step::Gone => desk.wake(Wake::Gone),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_at_no_size_bring_the_terminal_down(
        steps in prop::collection::vec(step(), 1..60),
        width in 1_u16..130,
        height in 1_u16..45,
        spanish in any::<bool>(),
    ) {
        let lang = if spanish { Lang::Es } else { Lang::En };
        let mut desk = Desk::full(lang, width, height);
        for step in steps {
            take(&mut desk, step);
            desk.screen();
        }
    }
}

#[test]
fn every_small_size_can_be_drawn_with_every_screen() {
    for keys in [
        "",
        "2",
        "3",
        "4",
        "5",
        "L",
        "jj{enter}",
        "?",
        ":",
        "jj+24",
        "n",
        "jjR",
        "jjm",
        "jp4",
        "jjV3",
        "jj+2{esc}",
    ] {
        let mut desk = Desk::full(Lang::Es, 100, 30);
        desk.keys(keys);
        for width in [1, 2, 3, 5, 8, 19, 20, 21, 25, 33, 47, 79, 99, 101] {
            for height in [1, 2, 3, 5, 6, 7, 9, 13, 14, 15, 23] {
                desk.resize(width, height);
                desk.screen();
            }
        }
    }
}
