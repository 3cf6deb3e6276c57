//! Any keys and scans, in any form, at any size: no panic, and what is booked makes sense.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use super::sample::{CARTON_CODE, Desk, GLOVES_CODE, UNBORNE, id, lot, place, sku};
use crate::domain::Quantity;
use crate::domain::gtin::Gtin;
use crate::ledger::act::Act;
use crate::ledger::act::stocktake::StocktakeAct;
use crate::text::Lang;
use crate::ui::forms::{FormKind, FormStep, StocktakeStep};

#[derive(Debug, Clone)]
enum Heard {
    Key(KeyEvent),
    Scan(String),
    Refused,
    ProductGone,
    Moved,
}

/// Every form that opens in the sample.
pub fn kinds() -> Vec<FormKind> {
    vec![
        FormKind::Receipt,
        FormKind::Issue,
        FormKind::Count,
        FormKind::Adjust,
        FormKind::NewProduct,
        FormKind::EditProduct,
        FormKind::Rule,
        FormKind::Send,
        FormKind::Request,
        FormKind::Reserve,
        FormKind::Expect,
        FormKind::Release(id("madrid:3")),
        FormKind::CloseExpected(id("madrid:1")),
        FormKind::SendRequested(id("sevilla:3")),
        FormKind::TakeIn(id("sevilla:9")),
        FormKind::TakeBack(id("madrid:2")),
        FormKind::Reject(id("sevilla:9")),
        FormKind::Decline(id("sevilla:3")),
        FormKind::Withdraw(id("madrid:7")),
        FormKind::Reverse(id("madrid:6")),
        FormKind::Operator,
        FormKind::UnknownCode { code: Gtin::parse(UNBORNE).unwrap(), scan: UNBORNE.to_owned() },
    ]
}

/// The steps of the sample's stocktake.
fn steps() -> Vec<FormKind> {
    use StocktakeStep as S;
    let serum = || (sku("SU-FIS-500"), lot("L-NUEVO"));
    let steps = [
        S::Open,
        S::Count(id("madrid:5")),
        S::Review(id("madrid:5"), serum().0, serum().1),
        S::Close(id("madrid:5")),
        S::Drop(id("madrid:5")),
    ];
    steps.map(FormKind::Stocktake).to_vec()
}

fn heard() -> impl Strategy<Value = Heard> {
    let codes = prop_oneof![
        4 => proptest::char::range('0', '9').prop_map(KeyCode::Char),
        2 => proptest::sample::select(vec!['g', 'u', 's', 'l', '-', '+', '*', 'p', ',', '.', ' ', 'ñ', '中', 'é', '\u{301}'])
            .prop_map(KeyCode::Char),
        1 => any::<char>().prop_map(KeyCode::Char),
        5 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::Left,
            KeyCode::Right, KeyCode::Backspace, KeyCode::Delete, KeyCode::Home, KeyCode::End, KeyCode::PageUp,
            KeyCode::PageDown, KeyCode::F(3), KeyCode::Esc,
        ]),
    ];
    let modifiers = prop_oneof![8 => Just(KeyModifiers::NONE), 1 => any::<u8>().prop_map(KeyModifiers::from_bits_truncate)];
    let special = proptest::sample::select(vec!['s', 'n', 'x', 'u']);
    let scans = prop_oneof![
        Just(GLOVES_CODE.to_owned()),
        Just(CARTON_CODE.to_owned()),
        Just("SU-FIS-500".to_owned()),
        Just("HA-TRI".to_owned()),
        Just("(01)05901234123457(17)270131(30)50(10)LOT0002".to_owned()),
        any::<String>(),
    ];
    prop_oneof![
        12 => (codes, modifiers).prop_map(|(code, modifiers)| Heard::Key(KeyEvent::new(code, modifiers))),
        3 => special.prop_map(|c| Heard::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))),
        3 => scans.prop_map(Heard::Scan),
        1 => Just(Heard::Refused),
        1 => Just(Heard::ProductGone),
        1 => Just(Heard::Moved),
    ]
}

fn is_sound(act: &Act, own_seq: u64) -> bool {
    let here = place("madrid");
    match act {
        Act::Receive { lines, .. } => {
            !lines.is_empty() && lines.iter().all(|l| l.qty.is_positive() && l.sku.as_str() != "MA-OLD")
        }
        Act::Issue { lines, .. } => !lines.is_empty() && lines.iter().all(|l| l.qty.is_positive()),
        Act::Send { to: other, lines, .. } | Act::RequestTransfer { from: other, lines, .. } => {
            *other != here && !lines.is_empty() && lines.iter().all(|l| l.qty.is_positive())
        }
        Act::Reserve { qty, purpose, .. } => qty.is_positive() && !purpose.trim().is_empty(),
        Act::IssueReserved { qty, .. } | Act::ReceiveExpected { qty, .. } => {
            qty.is_some_and(Quantity::is_positive)
        }
        Act::Expect { qty, .. } => qty.is_positive(),
        Act::Count { counted, pinned, .. } => {
            !counted.is_negative() && pinned.is_some_and(|at| (7..=own_seq).contains(&at))
        }
        Act::Stocktake(StocktakeAct::Count { lines, .. }) => lines.iter().all(|line| {
            !line.counted.is_negative() && line.pinned.is_some_and(|at| (7..=own_seq).contains(&at))
        }),
        Act::Stocktake(StocktakeAct::Review { lines, .. }) => {
            !lines.is_empty() && lines.iter().all(|line| line.count.is_some())
        }
        Act::Adjust { delta, .. } => !delta.is_zero(),
        Act::TakeIn { lines, .. } | Act::TakeBack { lines, .. } => {
            lines.iter().all(|l| l.reason.is_some() && !l.arrived.is_negative() && l.arrived <= Quantity::MAX)
        }
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_key_or_scan_breaks_a_form(
        kind in proptest::sample::select([kinds(), steps()].concat()),
        selected in proptest::sample::select(vec!["GU-NIT-M", "SU-FIS-500", "HA-TRI"]),
        english in any::<bool>(),
        all in proptest::collection::vec(heard(), 1..60),
        (width, height) in (1_u16..100, 1_u16..40),
    ) {
        let mut desk = Desk::new(Some(selected));
        desk.lang = if english { Lang::En } else { Lang::Es };
        let mut desk = desk.open(kind);
        for one in all {
            let step = match one {
                Heard::Key(key) => desk.press(key),
                Heard::Scan(text) => desk.scan(&text),
                Heard::Refused => {
                    desk.form.as_mut().unwrap().refused("No.".into());
                    FormStep::Stay
                }
                Heard::ProductGone => {
                    desk.model.products.pop_last();
                    FormStep::Stay
                }
                Heard::Moved => {
                    desk.own_seq += 1;
                    FormStep::Stay
                }
            };
            if let FormStep::Submit(acts) = step {
                prop_assert!(!acts.is_empty() && acts.iter().all(|act| is_sound(act, desk.own_seq)), "{acts:?}");
            }
            desk.screen(width, height);
        }
    }
}

#[test]
fn a_form_is_drawn_at_any_size() {
    for kind in [kinds(), steps()].concat() {
        let mut desk = Desk::new(Some("SU-FIS-500")).open(kind);
        desk.scan(GLOVES_CODE);
        desk.scan("HA-TRI");
        for width in (1..30).chain([80, 200]) {
            for height in (1..12).chain([24, 60]) {
                desk.screen(width, height);
            }
        }
    }
}
