//! Dialogs for what is hard to take back: they name the object, before → after and who will see it.
//!
//! Cancel has the keys at first; the act is confirmed by Tab then Enter. Where a reason can be given, whatever is typed
//! is the reason; where none can, the underlined letters choose, too.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::press::{Press, neighbour};
use super::reading::{figure, number, said};
use super::sheet::{Row, Tone};
use super::taking::{keeps_promises, on_hand_of};
use super::transfers::{decided_here, goods_name, goods_row};
use super::{Answer, FormContext, not_ready};
use crate::domain::{Lot, Quantity, Refusal, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::MovementRow;
use crate::ledger::act::Act;
use crate::ledger::book::Transfer;
use crate::text::{Lang, words};
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;
use crate::ui::theme::Theme;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// Refuse a delivery.
    Reject,
    /// Say no to a request.
    Decline,
    /// Ask to drop an own request.
    Withdraw,
    /// Undo an own movement.
    Reverse(Reversal),
}

/// What a reversal undoes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reversal {
    kind: &'static str,
    by: String,
    lines: Vec<(Sku, Lot, Quantity)>,
}

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Cancel,
    Confirm,
    Reason,
}

/// A dialog.
#[derive(Debug, Clone)]
pub struct Dialog {
    what: What,
    id: TransferId,
    /// The other side of a transfer.
    other: Option<WarehouseId>,
    lines: Vec<(Sku, Lot, Quantity)>,
    reason: TextField,
    at: At,
}

impl Dialog {
    /// Whether to refuse what came.
    pub fn reject(id: &TransferId, cx: &FormContext) -> Result<Self, String> {
        let (transfer, _) = decided_here(id, &[TransferState::Dispatched], |t| &t.to, cx)?;
        Ok(Self::of(What::Reject, transfer, &transfer.from))
    }

    /// Whether to decline what is asked of us.
    pub fn decline(id: &TransferId, cx: &FormContext) -> Result<Self, String> {
        let states = [TransferState::Requested, TransferState::WithdrawalAsked];
        let (transfer, _) = decided_here(id, &states, |t| &t.from, cx)?;
        Ok(Self::of(What::Decline, transfer, &transfer.to))
    }

    /// Whether to withdraw what we asked for.
    pub fn withdraw(id: &TransferId, cx: &FormContext) -> Result<Self, String> {
        let (transfer, _) = decided_here(id, &[TransferState::Requested], |t| &t.to, cx)?;
        Ok(Self::of(What::Withdraw, transfer, &transfer.from))
    }

    /// Whether to undo an own movement.
    pub fn reverse(entry: &TransferId, older: &[Arc<MovementRow>], cx: &FormContext) -> Result<Self, String> {
        let here = cx.here().ok_or_else(|| not_ready(cx.lang))?;
        let say = |refusal| said(cx.lang, &refusal);
        if entry.origin != *here {
            return Err(say(Refusal::UnknownEntry { entry: entry.clone() }));
        }
        let own = || cx.model.movements.iter().filter(|r| r.origin == *here);
        if own().any(|r| r.reverses == Some(entry.seq)) {
            return Err(say(Refusal::AlreadyReversed { entry: entry.clone() }));
        }
        let mut rows: Vec<_> = own().filter(|r| r.seq == entry.seq).collect();
        if rows.is_empty() {
            let older = older.iter().filter(|r| r.origin == *here && r.seq == entry.seq);
            rows.extend(older);
        }
        let Some(first) = rows.first() else {
            return Err(match cx.lang {
                Lang::Es => {
                    format!("{entry} no está entre los movimientos a la vista; búsquelo en el historial.")
                }
                Lang::En => format!("{entry} is not among the movements in sight; find it in the history."),
            });
        };
        if !first.kind.is_reversible() {
            return Err(say(Refusal::NotReversible {
                entry: entry.clone(),
                kind: first.kind.word().to_owned(),
            }));
        }
        let mut lines: Vec<(Sku, Lot, Quantity)> = Vec::new();
        for row in &rows {
            match lines.iter_mut().find(|(sku, lot, _)| *sku == row.sku && *lot == row.lot) {
                Some((_, _, qty)) => *qty = qty.saturating_plus(row.qty),
                None => lines.push((row.sku.clone(), row.lot.clone(), row.qty)),
            }
        }
        for (sku, lot, qty) in &lines {
            let Some(view) = cx.product(sku) else { continue };
            keeps_promises(view, here, lot, qty.negated()).map_err(say)?;
        }
        let by = if first.reference.is_empty() {
            first.operator.to_string()
        } else {
            format!("{} · {}", first.operator, first.reference)
        };
        let reversal = Reversal { kind: words::movement(cx.lang, first.kind), by, lines };
        Ok(Self {
            what: What::Reverse(reversal),
            id: entry.clone(),
            other: None,
            lines: Vec::new(),
            reason: TextField::default(),
            at: At::Cancel,
        })
    }

    fn of(what: What, transfer: &Transfer, other: &WarehouseId) -> Self {
        let sent = transfer.dispatch.iter().flat_map(|d| &d.lines);
        let mut lines: Vec<_> = sent.map(|l| (l.sku.clone(), l.lot.clone(), l.qty)).collect();
        if lines.is_empty() {
            let asked = transfer.request.iter().flat_map(|r| &r.lines);
            lines = asked.map(|l| (l.sku.clone(), l.lot.clone(), l.qty)).collect();
        }
        Self {
            what,
            id: transfer.id.clone(),
            other: Some(other.clone()),
            lines,
            reason: TextField::default(),
            at: At::Cancel,
        }
    }

    pub fn is_dirty(&self) -> bool {
        !self.reason.is_empty()
    }

    pub fn title(&self, lang: Lang) -> String {
        let id = &self.id;
        let verb = match &self.what {
            What::Reject => lang.pick("Rechazar la entrega", "Reject the delivery"),
            What::Decline => lang.pick("Denegar la solicitud", "Decline the request"),
            What::Withdraw => lang.pick("Retirar la solicitud", "Withdraw the request"),
            What::Reverse(reversal) => {
                let verb = lang.pick("Anular", "Reverse");
                return format!("{verb} {id} ({})", reversal.kind);
            }
        };
        format!("{verb} {id}")
    }

    pub fn size(&self) -> (u16, u16) {
        let lines = match &self.what {
            What::Reverse(reversal) => reversal.lines.len(),
            _ => self.lines.len(),
        };
        (72, 13 + u16::try_from(lines.min(100)).unwrap_or(100))
    }

    /// A request to withdraw carries no text.
    fn has_reason(&self) -> bool {
        self.what != What::Withdraw
    }

    fn confirm_word(&self, lang: Lang) -> &'static str {
        match &self.what {
            What::Reject => lang.pick("Rechazar", "Reject"),
            What::Decline => lang.pick("Denegar", "Decline"),
            What::Withdraw => lang.pick("Retirar", "Withdraw"),
            What::Reverse(_) => lang.pick("Anular", "Reverse"),
        }
    }

    fn cancel_word(lang: Lang) -> &'static str {
        lang.pick("Cancelar", "Cancel")
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        let order: &[At] = if self.has_reason() {
            &[At::Cancel, At::Confirm, At::Reason]
        } else {
            &[At::Cancel, At::Confirm]
        };
        match press {
            Press::Next | Press::Down => self.at = neighbour(order, self.at, true),
            Press::Back | Press::Up => self.at = neighbour(order, self.at, false),
            Press::Enter => match self.at {
                At::Cancel => return Answer::Close,
                At::Confirm => return self.confirm(),
                At::Reason => self.at = At::Confirm,
            },
            Press::Text(key) if self.at == At::Reason => {
                self.reason.key(key);
            }
            Press::Text(key) => match key.code {
                KeyCode::Left => self.at = At::Cancel,
                KeyCode::Right => self.at = At::Confirm,
                KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                    return self.letter(c, key, cx);
                }
                _ => {}
            },
            Press::Book
            | Press::LineBefore
            | Press::LineAfter
            | Press::LineNew
            | Press::LineDrop
            | Press::TakeBack
            | Press::Esc => {}
        }
        Answer::Stay
    }

    /// A letter while a button has the keys: the reason begins, or the button is chosen whose letter it is.
    fn letter(&mut self, letter: char, key: KeyEvent, cx: &FormContext) -> Answer {
        if self.has_reason() {
            if !letter.is_whitespace() {
                self.at = At::Reason;
                self.reason.key(key);
            }
            return Answer::Stay;
        }
        let begins = |word: &str| {
            word.chars().next().is_some_and(|first| first.to_lowercase().eq(letter.to_lowercase()))
        };
        if begins(self.confirm_word(cx.lang)) {
            self.confirm()
        } else if begins(Self::cancel_word(cx.lang)) {
            Answer::Close
        } else {
            Answer::Stay
        }
    }

    /// A scan is text for the reason, and nothing else here.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        if self.at == At::Reason {
            self.reason.paste(text);
            return Answer::Stay;
        }
        let text = cx.lang.pick(
            "Aquí no se leen códigos: confirme o cancele primero.",
            "No scan is taken here: confirm or cancel first.",
        );
        Answer::Say(Tone::Warning, text.to_owned())
    }

    fn confirm(&self) -> Answer {
        let transfer = self.id.clone();
        let reason = self.reason.text().trim().to_owned();
        Answer::Submit(vec![match &self.what {
            What::Reject => Act::Reject { transfer, reason },
            What::Decline => Act::Decline { transfer, reason },
            What::Withdraw => Act::AskWithdrawal { transfer },
            What::Reverse(_) => Act::Reverse { entry: transfer, reason },
        }])
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        self.show_object(rows, theme, cx);
        rows.push(Row::Text(vec![
            (Tone::Dim, lang.pick("Lo verán ", "Seen by ").to_owned()),
            (Tone::Plain, seen_by(cx)),
        ]));
        rows.push(Row::blank());
        if self.has_reason() {
            rows.push(Row::Field {
                label: lang.pick("Motivo", "Reason").to_owned(),
                field: &self.reason,
                room: 52,
                ghost: lang.pick("opcional", "optional").to_owned(),
                note: (Tone::Plain, String::new()),
                focus: self.at == At::Reason,
            });
        }
        rows.push(Row::Buttons {
            labels: vec![Self::cancel_word(lang), self.confirm_word(lang)],
            has_letters: !self.has_reason(),
            focus: match self.at {
                At::Cancel => Some(0),
                At::Confirm => Some(1),
                At::Reason => None,
            },
        });
        keys.push((cx.key(FormKey::Next), lang.pick("moverse", "move")));
        keys.push((cx.key(FormKey::Enter), lang.pick("elegir", "choose")));
    }

    fn show_object<'a>(&'a self, rows: &mut Vec<Row<'a>>, theme: &Theme, cx: &FormContext) {
        let lang = cx.lang;
        let to = theme.signs.to;
        if let What::Reverse(reversal) = &self.what {
            rows.push(Row::Text(vec![
                (Tone::Dim, lang.pick("Lo hizo ", "Done by ").to_owned()),
                (Tone::Plain, reversal.by.clone()),
            ]));
            for (sku, lot, qty) in &reversal.lines {
                rows.push(reversed_row(sku, lot, *qty, to, cx));
            }
            return;
        }
        let other = self.other.as_ref().map_or("", WarehouseId::as_str);
        for (sku, lot, qty) in &self.lines {
            rows.push(goods_row(sku, lot, *qty, cx));
        }
        let state = |s| words::transfer(lang, s);
        let (before, after, rest) = match &self.what {
            What::Reject => (
                state(TransferState::Dispatched),
                state(TransferState::Rejected),
                match lang {
                    Lang::Es => format!("nada entra aquí; todo vuelve a {other}"),
                    Lang::En => format!("nothing comes in here; all of it goes back to {other}"),
                },
            ),
            What::Decline => (
                state(TransferState::Requested),
                state(TransferState::Declined),
                match lang {
                    Lang::Es => format!("{other} tendrá que pedirlo en otra parte"),
                    Lang::En => format!("{other} will have to ask elsewhere"),
                },
            ),
            What::Withdraw | What::Reverse(_) => (
                state(TransferState::Requested),
                state(TransferState::WithdrawalAsked),
                match lang {
                    Lang::Es => format!("decide {other}, que puede haberlo enviado ya"),
                    Lang::En => format!("{other} decides, and may have sent it already"),
                },
            ),
        };
        rows.push(Row::Text(vec![
            (Tone::Plain, format!("{before} {to} ")),
            (Tone::Strong, after.to_owned()),
        ]));
        rows.push(Row::text(Tone::Dim, rest));
    }
}

fn reversed_row<'a>(sku: &Sku, lot: &Lot, qty: Quantity, to: &str, cx: &FormContext) -> Row<'a> {
    let name = goods_name(sku, lot, cx);
    let Some((view, here)) = cx.product(sku).zip(cx.here()) else {
        return Row::text(Tone::Plain, name);
    };
    let now = on_hand_of(view, here, lot);
    let after = now.saturating_plus(qty.negated());
    Row::Text(vec![
        (Tone::Plain, format!("  {} {to} ", number(now, &view.product, cx.lang))),
        (Tone::Strong, format!("{}  ", figure(after, &view.product, cx.lang))),
        (Tone::Plain, name),
    ])
}

/// Every warehouse sees every step.
pub fn seen_by(cx: &FormContext) -> String {
    let names: Vec<_> = cx.model.members().map(|p| p.id.as_str()).collect();
    if names.is_empty() {
        cx.lang.pick("solo este almacén", "this warehouse only").to_owned()
    } else {
        names.join(", ")
    }
}
