//! A stocktake ends: its differences are booked in one go, or it is dropped and nothing is.
//!
//! Cancel has the keys at first. Closing is confirmed by Tab then Enter or by its letter; dropping, which loses what
//! people counted, by no letter.

use crossterm::event::{KeyCode, KeyModifiers};

use super::open_one;
use crate::domain::{Lot, Quantity, Sku, TransferId};
use crate::ledger::act::Act;
use crate::ledger::act::stocktake::StocktakeAct;
use crate::ledger::book::{Stocktake, StocktakeLine};
use crate::node::stocktakes::countable;
use crate::text::{Lang, format, stocktake as said, words};
use crate::ui::forms::dialog::seen_by;
use crate::ui::forms::press::Press;
use crate::ui::forms::reading::{figure, number};
use crate::ui::forms::sheet::{Piece, Row, Tone};
use crate::ui::forms::taking::cell_of;
use crate::ui::forms::transfers::goods_name;
use crate::ui::forms::{Answer, FormContext};
use crate::ui::keys::FormKey;
use crate::ui::theme::Theme;

/// Differences that are in sight at once.
const LISTED: usize = 8;

/// The form.
#[derive(Debug, Clone)]
pub struct Ending {
    id: TransferId,
    drops: bool,
    on_yes: bool,
    /// The first difference in sight.
    top: usize,
    differences: usize,
    /// Goods of the selection that nobody has counted, as it was opened: the catalogue may be large.
    left: usize,
}

impl Ending {
    pub fn open(id: &TransferId, drops: bool, cx: &FormContext) -> Result<Self, String> {
        let stocktake = open_one(id, cx)?;
        let differences = differing(stocktake).count();
        let left = uncounted(stocktake, cx);
        Ok(Self { id: id.clone(), drops, on_yes: false, top: 0, differences, left })
    }

    pub fn title(&self, lang: Lang) -> String {
        let verb = if self.drops {
            lang.pick("Descartar el recuento", "Drop the stocktake")
        } else {
            lang.pick("Cerrar el recuento", "Close the stocktake")
        };
        format!("{verb} {}", self.id)
    }

    pub fn size(&self) -> (u16, u16) {
        let listed = if self.drops { 0 } else { self.differences.min(LISTED) * 2 };
        (76, 12 + u16::try_from(listed).unwrap_or(0))
    }

    const fn yes(&self, lang: Lang) -> &'static str {
        if self.drops { lang.pick("Descartar", "Drop") } else { lang.pick("Registrar", "Book") }
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Next | Press::Back => self.on_yes = !self.on_yes,
            Press::Down | Press::LineAfter => {
                self.top = (self.top + 1).min(self.differences.saturating_sub(LISTED));
            }
            Press::Up | Press::LineBefore => self.top = self.top.saturating_sub(1),
            Press::Enter if self.on_yes => return self.confirm(),
            Press::Enter => return Answer::Close,
            Press::Text(key) => match key.code {
                KeyCode::Left => self.on_yes = false,
                KeyCode::Right => self.on_yes = true,
                KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                    let is_hot = self
                        .yes(cx.lang)
                        .chars()
                        .next()
                        .is_some_and(|hot| hot.to_lowercase().eq(c.to_lowercase()));
                    if is_hot && !self.drops {
                        return self.confirm();
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Answer::Stay
    }

    fn confirm(&self) -> Answer {
        let stocktake = self.id.clone();
        let step =
            if self.drops { StocktakeAct::Drop { stocktake } } else { StocktakeAct::Close { stocktake } };
        Answer::Submit(vec![Act::Stocktake(step)])
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let Some(stocktake) = cx.model.stocktakes.get(&self.id) else { return };
        let n = |n: usize| format::count(n, lang);
        let (counted, differ) = (stocktake.lines.len(), differing(stocktake).count());
        rows.push(Row::text(Tone::Strong, said::selection(lang, &stocktake.head.selection)));
        rows.push(Row::text(
            Tone::Plain,
            match lang {
                Lang::Es => format!("Líneas contadas {}, con diferencia {}", n(counted), n(differ)),
                Lang::En => format!("Lines counted {}, of which differ {}", n(counted), n(differ)),
            },
        ));
        let left = self.left;
        if left > 0 && !self.drops {
            let text = match lang {
                Lang::Es => format!("Sin contar {}: quedan como dice el libro", n(left)),
                Lang::En => format!("Not counted {}: they stay as the book says", n(left)),
            };
            rows.push(Row::text(Tone::Warning, text));
        }
        rows.push(Row::blank());
        if self.drops {
            let text = lang.pick(
                "No se registra ninguna diferencia. Lo contado queda en el libro, y habrá que contarlo de nuevo.",
                "No difference is booked. What was counted stays in the ledger, and has to be counted anew.",
            );
            rows.push(Row::text(Tone::Warning, text));
        } else {
            self.show_differences(stocktake, rows, theme, cx);
        }
        rows.push(Row::blank());
        rows.push(Row::Text(vec![
            (Tone::Dim, lang.pick("Lo verán ", "Seen by ").to_owned()),
            (Tone::Plain, seen_by(cx)),
        ]));
        rows.push(Row::Buttons {
            labels: vec![lang.pick("Cancelar", "Cancel"), self.yes(lang)],
            has_letters: !self.drops,
            focus: Some(usize::from(self.on_yes)),
        });
        keys.push((cx.key(FormKey::Next), lang.pick("moverse", "move")));
        keys.push((cx.key(FormKey::Enter), lang.pick("elegir", "choose")));
        if differ > LISTED && !self.drops {
            keys.push((cx.pair(FormKey::Down, FormKey::Up), lang.pick("más líneas", "more lines")));
        }
    }

    /// Each difference as it would be booked, and what it does to what is promised.
    fn show_differences(
        &self,
        stocktake: &Stocktake,
        rows: &mut Vec<Row<'_>>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let all: Vec<_> = differing(stocktake).collect();
        if all.is_empty() {
            let text =
                lang.pick("Todo cuadra: no hay nada que registrar.", "All agrees: there is nothing to book.");
            rows.push(Row::text(Tone::Ok, text));
        }
        for line in all.iter().skip(self.top).take(LISTED) {
            rows.push(Row::Text(change_pieces(line, theme, cx)));
            rows.extend(consequence(line, cx).map(|(tone, text)| Row::text(tone, format!("    {text}"))));
        }
        let below = all.len().saturating_sub(self.top + LISTED);
        if below > 0 {
            let more = theme.signs.more;
            rows.push(Row::text(
                Tone::Dim,
                match lang {
                    Lang::Es => format!("{more} y {} más", format::count(below, lang)),
                    Lang::En => format!("{more} and {} more", format::count(below, lang)),
                },
            ));
        }
    }
}

fn differing(stocktake: &Stocktake) -> impl Iterator<Item = &StocktakeLine> {
    stocktake.lines.values().filter(|line| !line.difference().is_zero())
}

/// Goods of the selection that nobody has counted.
fn uncounted(stocktake: &Stocktake, cx: &FormContext) -> usize {
    let Some(here) = cx.here() else { return 0 };
    let views = cx.model.products.values();
    let cells = views.flat_map(|view| view.cells.iter().map(move |cell| (view, cell)));
    let here_now = cells.filter(|(_, cell)| cell.warehouse == *here);
    here_now
        .filter(|(view, cell)| {
            let shelf = view.rule(here).map_or("", |rule| rule.shelf.as_str());
            stocktake.awaits(&countable(view, cell, shelf))
        })
        .count()
}

/// On hand and reserved of a lot here, now.
fn lies_here(sku: &Sku, lot: &Lot, cx: &FormContext) -> (Quantity, Quantity) {
    let cell = cx.product(sku).zip(cx.here()).and_then(|(view, here)| cell_of(view, here, lot));
    cell.map_or((Quantity::ZERO, Quantity::ZERO), |cell| (cell.on_hand, cell.reserved))
}

/// `1120 → 1118 ud  GU-NIT-M Guante…`
fn change_pieces(line: &StocktakeLine, theme: &Theme, cx: &FormContext) -> Vec<Piece> {
    let (now, _) = lies_here(&line.sku, &line.lot, cx);
    let after = now.saturating_plus(line.difference());
    let name = goods_name(&line.sku, &line.lot, cx);
    let Some(view) = cx.product(&line.sku) else { return vec![(Tone::Plain, name)] };
    let (product, lang) = (&view.product, cx.lang);
    // The name may be long: the reason comes before it.
    let reason = line.review.as_ref().map(|review| words::adjustment(lang, review.reason));
    let reason = reason.map_or_else(String::new, |reason| format!("{reason}  "));
    vec![
        (Tone::Plain, format!("  {} {} ", number(now, product, lang), theme.signs.to)),
        (Tone::Strong, format!("{}  ", figure(after, product, lang))),
        (Tone::Dim, reason),
        (Tone::Plain, name),
    ]
}

/// What a difference runs into: goods that moved since leave too few, or what is promised is not there.
fn consequence(line: &StocktakeLine, cx: &FormContext) -> Option<Piece> {
    let lang = cx.lang;
    let (now, reserved) = lies_here(&line.sku, &line.lot, cx);
    let after = now.saturating_plus(line.difference());
    let product = &cx.product(&line.sku)?.product;
    if after.is_negative() {
        let moved = format::change(now.saturating_plus(line.book.negated()), product.decimals, lang);
        let text = match lang {
            Lang::Es => format!("se movió {moved} desde que se contó: hay que volver a contarlo"),
            Lang::En => format!("{moved} moved since it was counted: it has to be counted again"),
        };
        return Some((Tone::Error, text));
    }
    let released = reserved.saturating_plus(after.negated());
    released.is_positive().then(|| {
        let qty = figure(released, product, lang);
        let text = match lang {
            Lang::Es => format!("libera {qty} de lo reservado, lo último primero"),
            Lang::En => format!("releases {qty} of what is reserved, the newest first"),
        };
        (Tone::Warning, text)
    })
}
