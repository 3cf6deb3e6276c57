//! Taking in what another warehouse sent, or taking back what it refused: all at once, or line by line.

use crossterm::event::{KeyCode, KeyEvent};

use super::amount_field::AmountField;
use super::choice::Choice;
use super::press::{Press, neighbour};
use super::reading::{amount, said, sentence};
use super::scanned::find;
use super::sheet::{Piece, Row, Tone};
use super::taking::on_hand_of;
use super::transfers::{decided_here, goods_figure, goods_name};
use super::{Answer, FormContext};
use crate::domain::typing::Sign;
use crate::domain::{Lot, Quantity, Refusal, ShortageReason, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::act::{Act, ArrivalLine};
use crate::text::{Lang, words};
use crate::ui::keys::FormKey;
use crate::ui::theme::Theme;

/// A dispatched product and lot, and what is said to have come of it.
#[derive(Debug, Clone)]
struct Line {
    sku: Sku,
    lot: Lot,
    sent: Quantity,
    came: AmountField,
    reason: Choice<ShortageReason>,
    /// Whether its pieces are scanned one by one: what was sent is no proposal any more.
    scanned: bool,
}

/// A field of the form, with its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Came(usize),
    Reason(usize),
}

/// The form.
#[derive(Debug, Clone)]
pub struct Arrival {
    id: TransferId,
    /// A rejected own transfer, on its way back.
    back: bool,
    other: WarehouseId,
    by: String,
    lines: Vec<Line>,
    focus: At,
    touched: bool,
    /// The scans that counted: the line, and how it was before.
    steps: Vec<(usize, Line)>,
}

impl Arrival {
    /// Opens it for a transfer that came, or came back.
    pub fn open(id: &TransferId, back: bool, cx: &FormContext) -> Result<Self, String> {
        let (transfer, _) = if back {
            decided_here(id, &[TransferState::Rejected], |t| &t.from, cx)?
        } else {
            decided_here(id, &[TransferState::Dispatched], |t| &t.to, cx)?
        };
        let other = if back { &transfer.to } else { &transfer.from };
        let mut lines: Vec<Line> = Vec::new();
        let dispatch = transfer.dispatch.as_ref();
        for sent in dispatch.iter().flat_map(|d| &d.lines) {
            let known = lines.iter_mut().find(|l| l.sku == sent.sku && l.lot == sent.lot);
            if let Some(line) = known {
                line.sent = line.sent.saturating_plus(sent.qty);
                line.came.propose(line.sent, cx.lang);
            } else {
                lines.push(Line {
                    sku: sent.sku.clone(),
                    lot: sent.lot.clone(),
                    sent: sent.qty,
                    came: AmountField::proposing(sent.qty, cx.lang),
                    reason: Choice::new(ShortageReason::ALL.to_vec()),
                    scanned: false,
                });
            }
        }
        let by = if back {
            transfer.rejection.as_ref().map(|m| (m.operator.clone(), m.text.clone()))
        } else {
            dispatch.map(|d| (d.mark.operator.clone(), d.mark.text.clone()))
        };
        let by = by.map_or_else(String::new, |(who, text)| {
            if text.is_empty() { who.to_string() } else { format!("{who} · {text}") }
        });
        Ok(Self {
            id: id.clone(),
            back,
            other: other.clone(),
            by,
            lines,
            focus: At::Came(0),
            touched: false,
            steps: Vec::new(),
        })
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        let (id, other) = (&self.id, &self.other);
        match (self.back, lang) {
            (false, Lang::Es) => format!("Recibir {id} de {other}"),
            (false, Lang::En) => format!("Take in {id} from {other}"),
            (true, Lang::Es) => format!("Recoger {id}, rechazada por {other}"),
            (true, Lang::En) => format!("Take back {id}, rejected by {other}"),
        }
    }

    pub fn size(&self) -> (u16, u16) {
        (96, 10 + u16::try_from(self.lines.len() * 2).unwrap_or(u16::MAX - 10))
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Next | Press::Down => self.walk(true, cx),
            Press::Back | Press::Up => self.walk(false, cx),
            Press::LineAfter => self.turn(true),
            Press::LineBefore => self.turn(false),
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) => self.text(key, cx),
            Press::TakeBack => return self.take_back(cx),
            Press::LineNew | Press::LineDrop | Press::Esc => {}
        }
        Answer::Stay
    }

    /// A scan goes to its line and counts there; the first takes the place of what was sent.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        let scanned = match find(text, cx) {
            Ok(scanned) => scanned,
            Err(stranger) => return Answer::of_stranger(stranger, text),
        };
        let lot = scanned.lot.as_ref();
        let of_lot = |l: &Line| l.sku == scanned.sku && lot.is_none_or(|lot| l.lot == *lot);
        // Of two lines of a product the one that is not full yet.
        let open = |l: &Line| of_lot(l) && (!l.scanned || l.is_short(cx));
        let found = self.lines.iter().position(open).or_else(|| self.lines.iter().position(of_lot));
        if let Some(i) = found {
            return self.count(i, scanned.amount, cx);
        }
        let lot = lot.cloned().unwrap_or_default();
        let refusal = Refusal::NoSuchLine { transfer: self.id.clone(), sku: scanned.sku, lot };
        Answer::Say(Tone::Error, said(cx.lang, &refusal))
    }

    fn count(&mut self, i: usize, amount: Quantity, cx: &FormContext) -> Answer {
        self.focus = At::Came(i);
        let Some(line) = self.lines.get_mut(i) else { return Answer::Stay };
        // What was typed is counted on from; what was only proposed is not.
        let counts_on = line.scanned || !line.came.is_proposed();
        let so_far = if counts_on { line.came(cx).unwrap_or_default() } else { Quantity::ZERO };
        let came = so_far.saturating_plus(amount);
        if came > line.sent {
            let refusal = Refusal::MoreThanSent { sku: line.sku.clone(), sent: line.sent, given: came };
            return Answer::Say(Tone::Error, said(cx.lang, &refusal));
        }
        self.steps.push((i, line.clone()));
        line.came.propose(came, cx.lang);
        line.scanned = true;
        self.touched = true;
        Answer::Stay
    }

    /// Takes the last scan back, with what was typed to its line since.
    fn take_back(&mut self, cx: &FormContext) -> Answer {
        let Some((i, before)) = self.steps.pop() else {
            let text = cx.lang.pick("No hay lectura que deshacer.", "There is no scan to undo.");
            return Answer::Say(Tone::Warning, text.to_owned());
        };
        if let Some(line) = self.lines.get_mut(i) {
            *line = before;
        }
        self.focus = At::Came(i);
        Answer::Stay
    }

    fn text(&mut self, key: KeyEvent, cx: &FormContext) {
        let lang = cx.lang;
        // Arrows choose the reason of a short line from its quantity, too: one field less to go to.
        let is_arrow = matches!(key.code, KeyCode::Left | KeyCode::Right);
        match self.focus {
            At::Came(i) => {
                if let Some(line) = self.lines.get_mut(i) {
                    if is_arrow && line.is_short(cx) {
                        self.touched |= line.reason.key(key, |r| words::shortage(lang, *r).to_owned());
                        return;
                    }
                    line.came.key(key);
                    let edits = matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
                    self.touched |= edits;
                }
            }
            At::Reason(i) => {
                if let Some(line) = self.lines.get_mut(i) {
                    self.touched |= line.reason.key(key, |r| words::shortage(lang, *r).to_owned());
                }
            }
        }
    }

    /// The fields: every line's quantity, and the reason where less came.
    fn order(&self, cx: &FormContext) -> Vec<At> {
        let mut order = Vec::with_capacity(self.lines.len() + 1);
        for (i, line) in self.lines.iter().enumerate() {
            order.push(At::Came(i));
            if line.is_short(cx) {
                order.push(At::Reason(i));
            }
        }
        order
    }

    fn walk(&mut self, forward: bool, cx: &FormContext) {
        self.focus = neighbour(&self.order(cx), self.focus, forward);
    }

    fn turn(&mut self, forward: bool) {
        let (At::Came(i) | At::Reason(i)) = self.focus;
        let last = self.lines.len().saturating_sub(1);
        self.focus = At::Came(if forward { (i + 1).min(last) } else { i.saturating_sub(1) });
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        let mut short = Vec::new();
        for (i, line) in self.lines.iter().enumerate() {
            let arrived = match line.came(cx) {
                Ok(arrived) => arrived,
                Err(sentence) => {
                    self.focus = At::Came(i);
                    return Answer::Say(Tone::Error, sentence);
                }
            };
            let missing = line.sent.saturating_plus(arrived.negated());
            if missing.is_zero() {
                continue;
            }
            let Some(reason) = line.reason.value().copied() else {
                self.focus = At::Reason(i);
                let refusal = Refusal::ReasonMissing { sku: line.sku.clone(), short: missing };
                return Answer::Say(Tone::Warning, said(cx.lang, &refusal));
            };
            short.push(ArrivalLine {
                sku: line.sku.clone(),
                lot: Some(line.lot.clone()),
                arrived,
                reason: Some(reason),
            });
        }
        let transfer = self.id.clone();
        let act = if self.back {
            Act::TakeBack { transfer, lines: short }
        } else {
            Act::TakeIn { transfer, lines: short }
        };
        Answer::Submit(vec![act])
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        if !self.by.is_empty() {
            let who =
                if self.back { lang.pick("Rechazó", "Rejected by") } else { lang.pick("Envió", "Sent by") };
            rows.push(Row::Text(vec![(Tone::Dim, format!("{who} ")), (Tone::Plain, self.by.clone())]));
        }
        let mut whole = true;
        for (i, line) in self.lines.iter().enumerate() {
            rows.push(Row::Field {
                label: goods_name(&line.sku, &line.lot, cx),
                field: line.came.field(),
                room: 9,
                ghost: String::new(),
                note: line.note(theme, cx),
                focus: self.focus == At::Came(i),
            });
            if !line.is_short(cx) {
                whole &= line.came(cx).is_ok();
                continue;
            }
            whole = false;
            let reason = line.reason.value();
            let note = if reason.is_none() {
                (Tone::Warning, line.reason.offer(&cx.sides(), |r| words::shortage(lang, *r).to_owned()))
            } else {
                (Tone::Plain, String::new())
            };
            rows.push(Row::Choice {
                label: lang.pick("  ¿Por qué falta?", "  Why less?").to_owned(),
                value: reason.map(|r| words::shortage(lang, *r).to_owned()),
                note,
                focus: self.focus == At::Reason(i),
            });
        }
        rows.push(Row::blank());
        if whole {
            let text = if self.back {
                lang.pick("Vuelve todo lo enviado.", "All that was sent is back.")
            } else {
                lang.pick("Llega todo lo enviado.", "All that was sent is here.")
            };
            rows.push(Row::text(Tone::Ok, text));
        } else {
            let text = lang.pick(
                "Lo que falta queda anotado con su motivo, a la vista de ambos almacenes.",
                "What is short is booked with its reason, for both warehouses to see.",
            );
            rows.push(Row::text(Tone::Dim, text));
        }
        keys.push((
            cx.key(FormKey::Enter),
            if self.back { lang.pick("recoger", "take back") } else { lang.pick("recibir", "take in") },
        ));
        if !self.steps.is_empty() {
            keys.push((cx.key(FormKey::TakeBack), lang.pick("deshacer", "undo")));
        }
        keys.push((cx.pair(FormKey::Up, FormKey::Down), lang.pick("línea", "line")));
        keys.push((cx.pair(FormKey::Left, FormKey::Right), lang.pick("motivo", "reason")));
    }
}

impl Line {
    /// What is said to have come.
    fn came(&self, cx: &FormContext) -> Result<Quantity, String> {
        let lang = cx.lang;
        let Some(view) = cx.product(&self.sku) else {
            let sku = self.sku.clone();
            return Err(said(lang, &Refusal::UnknownSku { sku }));
        };
        let came = amount(self.came.text(), &view.product, Sign::NotNegative, lang);
        let came = came.map_err(|why| format!("{}: {}", self.sku, sentence(&why)))?;
        if came > self.sent {
            let refusal = Refusal::MoreThanSent { sku: self.sku.clone(), sent: self.sent, given: came };
            return Err(said(lang, &refusal));
        }
        Ok(came)
    }

    fn is_short(&self, cx: &FormContext) -> bool {
        self.came(cx).is_ok_and(|came| came < self.sent)
    }

    fn note(&self, theme: &Theme, cx: &FormContext) -> Piece {
        let lang = cx.lang;
        let of = lang.pick("de", "of");
        let sent = goods_figure(self.sent, &self.sku, lang, cx);
        match self.came(cx) {
            Err(sentence) => (Tone::Error, sentence),
            Ok(came) => {
                let place = cx.product(&self.sku).zip(cx.here());
                let now = place.map_or(Quantity::ZERO, |(view, here)| on_hand_of(view, here, &self.lot));
                let (to, after) = (theme.signs.to, now.saturating_plus(came));
                let decimals = cx.product(&self.sku).map_or(0, |v| v.product.decimals);
                let show = |q| crate::text::format::quantity(q, decimals, lang);
                let here = lang.pick("aquí", "here");
                let tone = if came < self.sent { Tone::Warning } else { Tone::Plain };
                (tone, format!("{of} {sent} · {here} {} {to} {}", show(now), show(after)))
            }
        }
    }
}
