//! What a day's common acts cost in keys: more than stands here is a step back.

use rubentario::ledger::act::{Act, Outcome};
use rubentario::node::intent::Intent;
use rubentario::text::Lang;

use super::desk::Desk;
use super::world::{self, GLOVES_CODE};

/// Each text as it is typed, keys in braces; a scan begins with a blank.
struct Row {
    name: &'static str,
    /// What went before on this terminal.
    before: &'static [&'static str],
    steps: &'static [&'static str],
    /// So many keys it takes, the quantity's and people's names too; a scan costs none.
    keys: usize,
    act: &'static str,
}

const fn row(name: &'static str, steps: &'static [&'static str], keys: usize, act: &'static str) -> Row {
    Row { name, before: &[], steps, keys, act }
}

const SCANNED: &str = " 5901234123457";

const TABLE: &[Row] = &[
    // Scan, quantity, Enter: none besides.
    row("a receipt by scanner", &[SCANNED, "7", "{enter}"], 1 + 1, "receive"),
    row("a receipt by scanner of 24", &[SCANNED, "24", "{enter}"], 2 + 1, "receive"),
    Row {
        before: &["t", "10", "{back}", "{back}", "s", "{book}"],
        ..row("a transfer to where the last one went", &["t", "24", "{enter}"], 4, "send")
    },
    row("an issue", &["-", "4", "{enter}"], 3, "issue"),
    row("a count", &["=", "17", "{enter}"], 4, "count"),
    row("a reservation", &["V", "14", "{tab}", "Ana", "{enter}"], 8, "reserve"),
    row("taking in whole by the delivery note", &[" sevilla:117", "{enter}"], 1, "take in"),
    row(
        "taking in whole from the board",
        &["5", "{right}", "{right}", "j", "j", "v", "{enter}"],
        7,
        "take in",
    ),
    row("a request", &["p", "12", "{enter}"], 4, "request"),
    // Cancel has the keys at first.
    row("a reversal", &["2", "z", "{tab}", "{enter}"], 4, "reverse"),
];

fn name(act: &Act) -> &'static str {
    match act {
        Act::Receive { .. } => "receive",
        Act::Issue { .. } => "issue",
        Act::Count { .. } => "count",
        Act::Send { .. } => "send",
        Act::Reserve { .. } => "reserve",
        Act::TakeIn { .. } => "take in",
        Act::RequestTransfer { .. } => "request",
        Act::Reverse { .. } => "reverse",
        _ => "something else",
    }
}

fn keys(text: &str) -> usize {
    if text.starts_with('{') { 1 } else { text.chars().count() }
}

/// A desk whose stock pane stands on the gloves, of which there are many.
fn desk() -> Desk {
    let mut desk = Desk::full(Lang::Es, 120, 40);
    desk.keys("jj");
    desk
}

#[test]
fn a_common_act_costs_no_more_keys_than_the_table_says() {
    let mut wrong = Vec::new();
    for row in TABLE {
        let mut desk = desk();
        for key in row.before {
            desk.press_only(key);
        }
        desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:45")] });
        desk.answer();
        let mut cost = 0;
        for step in row.steps {
            if let Some(code) = step.strip_prefix(' ') {
                desk.scan(code);
            } else {
                desk.press_only(step);
                cost += keys(step);
            }
        }
        let acts = desk.decide(|_| Outcome::Recorded { entries: vec![world::id("madrid:46")] });
        let done: Vec<_> = acts.iter().map(name).collect();
        if done != [row.act] || cost != row.keys {
            wrong.push(format!("{}: {cost} keys, {done:?}\n{}", row.name, desk.screen()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_badge_signs_in_without_a_key() {
    let mut desk = Desk::of(Lang::Es, 120, 40, None);
    desk.tell(rubentario::node::event::Event::Picture { picture: Box::new(world::full()) });
    desk.scan("0412345").scan(GLOVES_CODE);
    desk.press_only("7");
    desk.press_only("{enter}");
    let by: Vec<_> = desk
        .intents()
        .into_iter()
        .filter_map(|intent| match intent {
            Intent::Do { requests } => Some(requests[0].operator.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(by, ["luis"]);
}

#[test]
fn a_transfer_to_the_last_used_warehouse_costs_six_keys_at_most() {
    let costs = TABLE.iter().filter(|row| row.act == "send").map(|row| row.keys);
    assert!(costs.max().is_some_and(|most| most <= 6));
}
