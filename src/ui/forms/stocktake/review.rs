//! A second operator's word on what somebody else counted: why it differs, or that it is to be counted again.

use super::open_one;
use crate::domain::{AdjustmentReason, LineState, Lot, Operator, Quantity, Sku, TransferId};
use crate::ledger::act::Act;
use crate::ledger::act::stocktake::{ReviewLine, StocktakeAct};
use crate::ledger::book::{Stocktake, StocktakeLine};
use crate::text::{Lang, format, words};
use crate::ui::forms::choice::Choice;
use crate::ui::forms::press::{Press, neighbour};
use crate::ui::forms::reading::figure;
use crate::ui::forms::sheet::{Row, Tone};
use crate::ui::forms::taking::on_hand_of;
use crate::ui::forms::transfers::goods_name;
use crate::ui::forms::{Answer, FormContext};
use crate::ui::keys::FormKey;
use crate::ui::theme::Theme;

/// What is said of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It stands, and this is why it differs.
    Because(AdjustmentReason),
    /// It is to be counted again.
    Again,
}

impl Word {
    const fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Because(reason) => words::adjustment(lang, reason),
            Self::Again => lang.pick("volver a contar", "count it again"),
        }
    }

    const fn reason(self) -> Option<AdjustmentReason> {
        match self {
            Self::Because(reason) => Some(reason),
            Self::Again => None,
        }
    }
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Word,
    All,
}

/// The form.
#[derive(Debug, Clone)]
pub struct Reviewing {
    id: TransferId,
    sku: Sku,
    lot: Lot,
    word: Choice<Word>,
    all: Choice<bool>,
    focus: At,
}

impl Reviewing {
    pub fn open(id: &TransferId, sku: &Sku, lot: &Lot, cx: &FormContext) -> Result<Self, String> {
        let stocktake = open_one(id, cx)?;
        let agrees = stocktake.state_of(sku, lot) == Some(LineState::Agrees);
        // Where nothing differs there is nothing to give a reason for.
        let reasons = AdjustmentReason::ALL.iter().copied().filter(|_| !agrees).map(Word::Because);
        let mut all = Choice::new(vec![false, true]);
        all.choose(&false);
        Ok(Self {
            id: id.clone(),
            sku: sku.clone(),
            lot: lot.clone(),
            word: Choice::new(reasons.chain([Word::Again]).collect()),
            all,
            focus: At::Word,
        })
    }

    pub fn title(&self, lang: Lang) -> String {
        format!("{} {} · {}", lang.pick("Revisar", "Review"), self.sku, self.id)
    }

    fn line<'a>(&self, cx: &FormContext<'a>) -> Option<&'a StocktakeLine> {
        let stocktake = cx.model.stocktakes.get(&self.id)?;
        stocktake.lines.get(&(self.sku.clone(), self.lot.clone()))
    }

    /// The lines that wait and were counted by somebody else.
    fn others<'a>(&self, cx: &FormContext<'a>) -> Vec<&'a StocktakeLine> {
        let stocktake = cx.model.stocktakes.get(&self.id).filter(|stocktake| stocktake.is_open());
        stocktake.map_or_else(Vec::new, |stocktake| waiting_for(stocktake, cx.operator))
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        let lang = cx.lang;
        let order: &[At] = if self.others(cx).len() > 1 { &[At::Word, At::All] } else { &[At::Word] };
        match press {
            Press::Next | Press::Down => self.focus = neighbour(order, self.focus, true),
            Press::Back | Press::Up => self.focus = neighbour(order, self.focus, false),
            Press::Text(key) => match self.focus {
                At::Word => {
                    self.word.key(key, |word| word.text(lang).to_owned());
                }
                At::All => {
                    self.all.key(key, |all| all_word(*all, 2, lang));
                }
            },
            Press::Enter | Press::Book => return self.book(cx),
            _ => {}
        }
        Answer::Stay
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        let Some(word) = self.word.value().copied() else {
            self.focus = At::Word;
            let sides = cx.sides();
            let text = match cx.lang {
                Lang::Es => {
                    format!("Diga por qué difiere, con {sides} o su letra, o que se cuente otra vez.")
                }
                Lang::En => {
                    format!(
                        "Say why it differs, by {sides} or its letter, or that it is to be counted again."
                    )
                }
            };
            return Answer::Say(Tone::Warning, text);
        };
        let said = |line: &StocktakeLine| ReviewLine {
            sku: line.sku.clone(),
            lot: line.lot.clone(),
            count: Some(line.entry),
            reason: word.reason(),
        };
        let others = self.others(cx);
        let takes_all = self.all.value() == Some(&true) && others.len() > 1;
        let mut lines: Vec<_> = others.into_iter().filter(|_| takes_all).map(said).collect();
        let one = self.line(cx).map(said);
        lines.extend(one.filter(|one| !lines.iter().any(|line| line.sku == one.sku && line.lot == one.lot)));
        Answer::Submit(vec![Act::Stocktake(StocktakeAct::Review { stocktake: self.id.clone(), lines })])
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        rows.push(Row::text(Tone::Strong, goods_name(&self.sku, &self.lot, cx)));
        if let (Some(line), Some(view), Some(here)) = (self.line(cx), cx.product(&self.sku), cx.here()) {
            let product = &view.product;
            let difference = line.difference();
            let tone = if difference.is_zero() { Tone::Ok } else { Tone::Warning };
            rows.push(Row::Text(vec![
                (Tone::Dim, format!("{} ", lang.pick("Libro", "Book"))),
                (Tone::Plain, format!("{} {} ", figure(line.book, product, lang), theme.signs.to)),
                (Tone::Dim, format!("{} ", lang.pick("contado", "counted"))),
                (Tone::Strong, figure(line.counted, product, lang)),
                (Tone::Dim, format!("  {} ", lang.pick("diferencia", "difference"))),
                (tone, format::change(difference, product.decimals, lang)),
            ]));
            let now = on_hand_of(view, here, &self.lot);
            let moved = now.saturating_plus(line.book.negated());
            let mut pieces = vec![(Tone::Dim, counted_by(line, lang))];
            if moved != Quantity::ZERO {
                let text = lang.pick(" · movido desde entonces ", " · moved since ");
                pieces.push((Tone::Dim, text.to_owned()));
                pieces.push((Tone::Plain, format::change(moved, product.decimals, lang)));
            }
            rows.push(Row::Text(pieces));
        }
        rows.push(Row::blank());
        rows.push(Row::Choice {
            label: lang.pick("Por qué difiere", "Why it differs").to_owned(),
            value: self.word.value().map(|word| word.text(lang).to_owned()),
            note: (
                Tone::Dim,
                self.word.value().map_or_else(
                    || self.word.offer(&cx.sides(), |word| word.text(lang).to_owned()),
                    |_| String::new(),
                ),
            ),
            focus: self.focus == At::Word,
        });
        let others = self.others(cx).len();
        if others > 1 {
            rows.push(Row::Choice {
                label: lang.pick("Vale para", "It goes for").to_owned(),
                value: self.all.value().map(|all| all_word(*all, others, lang)),
                note: (Tone::Plain, String::new()),
                focus: self.focus == At::All,
            });
        }
        rows.push(Row::blank());
        let text = lang.pick(
            "Quien contó no revisa lo suyo: revisa quien ha entrado ahora.",
            "Whoever counted does not review it: the one signed in now does.",
        );
        rows.push(Row::text(Tone::Dim, text));
        keys.push((cx.key(FormKey::Enter), lang.pick("registrar", "book")));
        keys.push((cx.pair(FormKey::Left, FormKey::Right), lang.pick("elegir", "choose")));
        if others > 1 {
            keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
        }
    }
}

/// The lines that await a review that this operator may give.
pub fn waiting_for<'a>(stocktake: &'a Stocktake, operator: Option<&Operator>) -> Vec<&'a StocktakeLine> {
    let threshold = stocktake.head.threshold;
    let lines = stocktake.lines.values().filter(|line| line.state(threshold) == LineState::Review);
    lines.filter(|line| operator != Some(&line.by)).collect()
}

fn counted_by(line: &StocktakeLine, lang: Lang) -> String {
    let (by, times) = (&line.by, line.times);
    match (lang, times) {
        (Lang::Es, 1) => format!("Contado una vez, por {by}"),
        (Lang::Es, times) => format!("Contado {times} veces, la última por {by}"),
        (Lang::En, 1) => format!("Counted once, by {by}"),
        (Lang::En, times) => format!("Counted {times} times, last by {by}"),
    }
}

fn all_word(all: bool, others: usize, lang: Lang) -> String {
    match (all, lang) {
        (false, _) => lang.pick("esta línea", "this line").to_owned(),
        (true, Lang::Es) => format!("las {others} que esperan y contó otra persona"),
        (true, Lang::En) => format!("all {others} that wait and somebody else counted"),
    }
}
