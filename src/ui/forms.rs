//! The forms: what an operator books, sends, takes in or changes, with before → after while typing.
//!
//! A form is fed keys and scans and answers with a step; it holds no clock and asks nobody anything. What it
//! shows comes from the model at that moment, so figures that change while it is open are seen at once.

mod adjust;
mod amount_field;
mod answer;
mod arrival;
mod body;
mod choice;
mod dialog;
mod kept;
mod let_go;
mod lines;
mod lot_field;
mod membership;
mod operator;
mod press;
mod product;
mod product_field;
mod promise;
mod reading;
mod replenish;
mod rule;
mod scanned;
mod sheet;
mod stocktake;
mod taking;
mod transfers;
mod unknown_code;

use std::sync::Arc;

use chrono::NaiveDate;
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use self::body::Body;
use self::press::{Press, press};
use self::scanned::Stranger;
use self::sheet::{Sheet, Tone};
use crate::domain::gtin::Gtin;
use crate::domain::{Lot, Operator, Quantity, Refusal, Sku, TransferId, WarehouseId};
use crate::ledger::MovementRow;
use crate::ledger::act::Act;
use crate::node::event::ProductView;
use crate::text::Lang;
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::keys::map::Bound;
use crate::ui::keys::{FormKey, Keymap, Place};
use crate::ui::theme::Theme;

/// Which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormKind {
    /// Goods in from outside.
    Receipt,
    /// Goods out.
    Issue,
    /// What was counted.
    Count,
    /// A correction with its reason.
    Adjust,
    /// A new product of the catalogue.
    NewProduct,
    /// The selected product.
    EditProduct,
    /// The selected product's reorder rule and shelf here.
    Rule,
    /// What is low here is brought and bought.
    Replenish,
    /// Goods to another warehouse.
    Send,
    /// Ask another warehouse for goods.
    Request,
    /// Send what a request asks for.
    SendRequested(TransferId),
    /// Take in what came.
    TakeIn(TransferId),
    /// Take back what was rejected.
    TakeBack(TransferId),
    /// Refuse what came.
    Reject(TransferId),
    /// Decline what is asked of us.
    Decline(TransferId),
    /// Withdraw an own request.
    Withdraw(TransferId),
    /// Undo an own movement, by its entry's id.
    Reverse(TransferId),
    /// Keep goods for somebody.
    Reserve,
    /// Goods expected from outside.
    Expect,
    /// Let go of a reservation.
    Release(TransferId),
    /// Expect nothing more of it.
    CloseExpected(TransferId),
    /// Let a warehouse in, or go on with a new key.
    Admit(WarehouseId),
    /// Let a warehouse go.
    Retire(WarehouseId),
    /// A step of a stocktake.
    Stocktake(StocktakeStep),
    /// Who is at the terminal.
    Operator,
    /// What a barcode stands for that no product bears.
    UnknownCode {
        /// The barcode.
        code: Gtin,
        /// The whole scan, to be taken again once a product bears it.
        scan: String,
    },
}

/// What a form looks at.
#[derive(Debug, Clone, Copy)]
pub struct FormContext<'a> {
    /// The world as last told.
    pub model: &'a Model,
    /// The language of the screen.
    pub lang: Lang,
    /// The day.
    pub today: NaiveDate,
    /// The moment, milliseconds since 1970 UTC.
    pub now_ms: i64,
    /// The product under the cursor.
    pub selected: Option<&'a Sku>,
    /// Own entries recorded so far: what a count that begins now is pinned to.
    pub own_seq: u64,
    /// Who books.
    pub operator: Option<&'a Operator>,
    /// Which of several products a barcode stands for, where that was said.
    pub chosen: Option<&'a (Gtin, Sku)>,
    /// The keys in force, for hints and sentences.
    pub keys: &'a Keymap,
}

impl<'a> FormContext<'a> {
    /// This warehouse, once the node has told it.
    fn here(&self) -> Option<&'a WarehouseId> {
        self.model.status.as_ref().map(|s| &s.warehouse)
    }

    /// A key of forms, as it is written.
    fn key(&self, does: FormKey) -> String {
        self.keys.form_key(does)
    }

    /// Two that go together.
    fn pair(&self, one: FormKey, other: FormKey) -> String {
        self.keys.form_pair(one, other)
    }

    /// What steps through the values of a choice.
    fn sides(&self) -> String {
        self.pair(FormKey::Left, FormKey::Right)
    }

    /// The key of an action outside of forms.
    fn key_of(&self, action: Action, place: Place) -> String {
        self.keys.row(action, place).and_then(Bound::key).unwrap_or_default()
    }

    /// A product of the catalogue.
    fn product(&self, sku: &Sku) -> Option<&'a ProductView> {
        self.model.products.get(sku).map(AsRef::as_ref)
    }
}

/// What is known when a form opens, beyond the selected product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefill {
    /// The product, in place of the selected one.
    pub sku: Option<Sku>,
    /// Its lot.
    pub lot: Option<Lot>,
    /// A proposed quantity.
    pub qty: Option<Quantity>,
    /// The other warehouse.
    pub warehouse: Option<WarehouseId>,
    /// The transfer whose goods turned up (an adjustment).
    pub transfer: Option<TransferId>,
    /// The lot that has expired (an adjustment).
    pub expired: Option<Lot>,
    /// The reservation that goods go out against, or the expected receipt that they come in against.
    pub against: Option<TransferId>,
    /// A barcode that the new product bears.
    pub barcode: Option<Gtin>,
    /// A scan opens the form: it alone makes no list that runs on.
    pub by_scan: bool,
    /// Lines of the history that may be older than those the model keeps: the movement to undo is looked for there too.
    pub rows: Vec<Arc<MovementRow>>,
}

/// What a key or scan leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormStep {
    /// The form goes on.
    Stay,
    /// The form is done with; nothing was typed.
    Close,
    /// The operator wants out and has typed something: ask first.
    AskClose,
    /// Book these. The form takes no further key until [`Form::refused`].
    Submit(Vec<Act>),
    /// This is who it is.
    OperatorIs(Operator),
    /// A barcode was scanned that no product bears: ask what it is. The form stays as it is.
    Unknown {
        /// The barcode.
        code: Gtin,
        /// The whole scan.
        scan: String,
    },
    /// A new product is to bear this barcode.
    Create(Gtin),
}

/// An open form.
#[derive(Debug, Clone)]
pub struct Form {
    body: Body,
    notice: Option<(Tone, String)>,
    submitted: bool,
}

/// What a body answers to a key or scan.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// Nothing to say.
    Stay,
    /// Something is wrong, or worth a word.
    Say(Tone, String),
    /// Book these.
    Submit(Vec<Act>),
    /// Leave without booking.
    Close,
    /// This is who it is.
    Operator(Operator),
    /// Nobody's barcode: the scan, and that it is nobody's in words.
    Unknown(Gtin, String, String),
    /// A new product is to bear this.
    Create(Gtin),
}

impl Answer {
    /// To a scan that is no product.
    fn of_stranger(stranger: Stranger, scan: &str) -> Self {
        match stranger {
            Stranger::Unborne { code, sentence } => Self::Unknown(code, scan.to_owned(), sentence),
            other => Self::Say(Tone::Error, other.sentence()),
        }
    }
}

impl Form {
    /// Opens a form.
    ///
    /// # Errors
    /// Why it can't be opened, in words.
    pub fn open(kind: FormKind, cx: &FormContext) -> Result<Self, String> {
        Self::open_prefilled(kind, &Prefill::default(), cx)
    }

    /// Opens a form with what is known already: a proposal of an alert, for instance.
    ///
    /// # Errors
    /// Why it can't be opened, in words.
    pub fn open_prefilled(kind: FormKind, prefill: &Prefill, cx: &FormContext) -> Result<Self, String> {
        let body = Body::open(kind, prefill, cx)?;
        Ok(Self { body, notice: None, submitted: false })
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, cx: &FormContext) -> FormStep {
        let Some(press) = press(key) else {
            return FormStep::Stay;
        };
        if press == Press::Esc {
            let ask = self.is_dirty() && !self.submitted;
            return if ask { FormStep::AskClose } else { FormStep::Close };
        }
        if self.submitted {
            return FormStep::Stay;
        }
        self.notice = None;
        let answer = self.body.press(press, cx);
        self.take(answer)
    }

    /// Takes a scan.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> FormStep {
        if self.submitted {
            return FormStep::Stay;
        }
        self.notice = None;
        let answer = self.body.scan(text, cx);
        self.take(answer)
    }

    fn take(&mut self, answer: Answer) -> FormStep {
        match answer {
            Answer::Stay => FormStep::Stay,
            Answer::Say(tone, text) => {
                self.notice = Some((tone, text));
                FormStep::Stay
            }
            Answer::Submit(acts) => {
                self.submitted = true;
                FormStep::Submit(acts)
            }
            Answer::Close => FormStep::Close,
            Answer::Operator(operator) => FormStep::OperatorIs(operator),
            Answer::Unknown(code, scan, sentence) => {
                self.notice = Some((Tone::Error, sentence));
                FormStep::Unknown { code, scan }
            }
            Answer::Create(code) => FormStep::Create(code),
        }
    }

    /// What was submitted was refused: shows why and takes keys again.
    pub fn refused(&mut self, sentence: String) {
        self.submitted = false;
        self.notice = Some((Tone::Error, sentence));
    }

    /// What was submitted waits for this.
    pub fn waits_for(&mut self, what: String) {
        self.notice = Some((Tone::Plain, what));
    }

    /// One of several acts that were submitted was recorded.
    pub fn recorded(&mut self, act: &Act) {
        if let Body::Replenish(form) = &mut self.body {
            form.recorded(act);
        }
    }

    /// Whether the last key or scan was refused.
    #[must_use]
    pub const fn is_refusing(&self) -> bool {
        matches!(self.notice, Some((Tone::Error, _)))
    }

    /// Whether something was typed or scanned that would be lost.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.body.is_dirty()
    }

    /// What became elsewhere of what it asks, where nothing is left to ask.
    #[must_use]
    pub fn settled(&self, model: &Model, lang: Lang) -> Option<String> {
        self.body.settled(model, lang)
    }

    /// What the form is called.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        self.body.title(lang)
    }

    /// Columns and rows that it wants of those available.
    #[must_use]
    pub fn size(&self, available: Rect) -> (u16, u16) {
        let (columns, rows) = self.body.size();
        (columns.min(available.width), rows.min(available.height))
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame, area: Rect, theme: &Theme, cx: &FormContext) {
        let lang = cx.lang;
        let mut rows = Vec::new();
        let mut keys = Vec::new();
        self.body.show(&mut rows, &mut keys, theme, cx);
        let message = if self.submitted {
            let text = lang
                .pick("Enviado al nodo; esperando respuesta…", "Handed to the node; waiting for its answer…");
            let sent = || (Tone::Dim, text.to_owned());
            Some(self.notice.clone().unwrap_or_else(sent))
        } else {
            self.notice.clone()
        };
        keys.push((cx.key(FormKey::Leave), lang.pick("salir", "leave")));
        let who = cx.operator.filter(|_| !matches!(self.body, Body::Operator(_)));
        let sheet = Sheet { title: self.title(lang), who: who.map(ToString::to_string), rows, message, keys };
        sheet::draw(frame, area, theme, &sheet);
    }
}

pub use scanned::{Named, scanned_product, shared};
pub use stocktake::StocktakeStep;

/// A refusal as one text: what, why, and what to do.
#[must_use]
pub fn refused(lang: Lang, why: &Refusal) -> String {
    reading::said(lang, why)
}

/// What is said before the node has told what there is.
fn not_ready(lang: Lang) -> String {
    lang.pick(
        "El nodo aún no ha dicho qué hay aquí; inténtelo en un momento.",
        "The node has not told yet what is here; try again in a moment.",
    )
    .to_owned()
}

#[cfg(test)]
mod tests;
