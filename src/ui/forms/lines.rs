//! Receipt, issue, count, send and request: one line, or a list that runs on while goods are scanned.
//!
//! The fields edit the current line. A scan goes to its line: the same product and lot adds one scan's worth, any
//! other begins a line. Lines that aren't complete stay in the list and say what they miss, so no scan is lost.

mod against;
mod draft;
mod judge;
mod place;
mod show;
mod stream;

use crossterm::event::{KeyCode, KeyEvent};

use self::draft::Draft;
use self::judge::Trouble;
use self::place::Place;
use self::stream::Step;
use super::lot_field::Offer;
use super::press::{Press, neighbour};
use super::reading::said;
use super::sheet::Tone;
use super::{Answer, FormContext, Prefill, not_ready};
use crate::domain::{Refusal, Sku, TransferId, WarehouseId};
use crate::ledger::act::MAX_LINES;
use crate::node::event::ProductView;
use crate::text::Lang;
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinesKind {
    /// Goods in from outside.
    Receipt,
    /// Goods out.
    Issue,
    /// What was counted.
    Count,
    /// Goods to another warehouse.
    Send,
    /// Ask another warehouse for goods.
    Request,
}

impl LinesKind {
    /// Whether a retired product can still be booked with it.
    const fn takes_retired(self) -> bool {
        matches!(self, Self::Issue | Self::Count | Self::Send)
    }

    const fn offer(self) -> Offer {
        match self {
            Self::Receipt | Self::Count => Offer::All,
            Self::Issue | Self::Send | Self::Request => Offer::WithGoods,
        }
    }
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Place,
    Product,
    Qty,
    Against,
    Lot,
    Expiry,
    Expired,
    Reference,
}

/// Why the form goes to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    /// Enter leads from field to field.
    ByEnter,
    /// It was to be booked.
    ToBook,
}

/// The form.
#[derive(Debug, Clone)]
pub struct Lines {
    kind: LinesKind,
    place: Place,
    drafts: Vec<Draft>,
    current: usize,
    focus: At,
    reference: TextField,
    /// Against what the one line is booked.
    chosen: Option<against::Chosen>,
    /// The stocktake that a count belongs to.
    stocktake: Option<TransferId>,
    touched: bool,
    /// The first scan alone makes no list: it opened the form, and Enter books it.
    by_scan: bool,
    /// A list runs on: Enter goes to the next line, and the list is booked in one go.
    runs_on: bool,
    /// What the scans did, the last one behind.
    steps: Vec<Step>,
}

impl Lines {
    /// Opens it, on the product known.
    pub fn open(kind: LinesKind, prefill: &Prefill, cx: &FormContext) -> Result<Self, String> {
        let here = cx.here().ok_or_else(|| not_ready(cx.lang))?;
        let mut form = Self {
            kind,
            place: Place::of(kind, cx),
            drafts: vec![Draft::default()],
            current: 0,
            focus: At::Product,
            reference: TextField::default(),
            chosen: None,
            stocktake: None,
            touched: false,
            by_scan: prefill.by_scan,
            runs_on: false,
            steps: Vec::new(),
        };
        if form.has_place() && form.place.is_alone() {
            let text = cx.lang.pick(
                "Aún no se conoce otro almacén. En cuanto arranque y se oiga, podrá elegirse.",
                "No other warehouse is known yet. Once one runs and is heard, it can be chosen.",
            );
            return Err(text.to_owned());
        }
        if prefill.warehouse.as_ref() == Some(here) {
            return Err(said(cx.lang, &Refusal::ToOneself { warehouse: here.clone() }));
        }
        let sku = prefill.sku.as_ref().or(cx.selected);
        if let Some(view) = sku.and_then(|sku| cx.product(sku)) {
            if view.product.retired && !kind.takes_retired() {
                let sku = view.product.sku.clone();
                return Err(said(cx.lang, &Refusal::RetiredSku { sku }));
            }
            if let Some(draft) = form.drafts.first_mut() {
                draft.pick(&view.product.sku, cx);
                if let Some(qty) = prefill.qty {
                    draft.qty.propose(qty, cx.lang);
                }
                if let Some(lot) = &prefill.lot {
                    draft.lot.set(lot.as_str());
                }
            }
            form.focus = At::Qty;
            if let Some(id) = &prefill.against {
                form.choose(Some(id.clone()), view, cx.lang);
            }
        }
        form.rank_places(cx);
        if let Some(warehouse) = &prefill.warehouse {
            form.place.choose(warehouse);
        }
        Ok(form)
    }

    /// Opens it for what is counted in a stocktake.
    pub fn in_stocktake(id: TransferId, prefill: &Prefill, cx: &FormContext) -> Result<Self, String> {
        let form = Self::open(LinesKind::Count, prefill, cx)?;
        Ok(Self { stocktake: Some(id), ..form })
    }

    /// The lots that are offered.
    fn offer(&self, cx: &FormContext) -> Offer {
        if self.is_blind(cx) { Offer::Blind } else { self.kind.offer() }
    }

    /// Whether the book stays hidden from whoever counts.
    fn is_blind(&self, cx: &FormContext) -> bool {
        let stocktake = self.stocktake.as_ref().and_then(|id| cx.model.stocktakes.get(id));
        stocktake.is_some_and(|stocktake| stocktake.head.blind)
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        let name = match self.kind {
            LinesKind::Receipt => lang.pick("Entrada", "Receipt"),
            LinesKind::Issue => lang.pick("Salida", "Issue"),
            LinesKind::Count => lang.pick("Recuento", "Count"),
            LinesKind::Send => lang.pick("Enviar a otro almacén", "Send to another warehouse"),
            LinesKind::Request => lang.pick("Pedir a otro almacén", "Request from another warehouse"),
        };
        let name = match &self.stocktake {
            Some(id) => format!("{} {id}", lang.pick("Contar en", "Count in")),
            None => name.to_owned(),
        };
        if !self.runs_on() {
            return name;
        }
        let count = |n: usize, one: &'static str, many: &'static str| match n {
            1 => format!(" · 1 {one}"),
            n => format!(" · {n} {many}"),
        };
        let lines = self.drafts.iter().filter(|d| !d.is_blank()).count();
        let lines = count(lines, lang.pick("línea", "line"), lang.pick("líneas", "lines"));
        let scans = match self.steps.len() {
            0 => String::new(),
            n => count(n, lang.pick("lectura", "scan"), lang.pick("lecturas", "scans")),
        };
        format!("{name}{lines}{scans}")
    }

    pub fn size(&self) -> (u16, u16) {
        let list = if self.runs_on() { self.drafts.len().min(show::LISTED) + 2 } else { 0 };
        let rows = if self.stocktake.is_some() { 12 } else { 18 };
        (76, rows + u16::try_from(list).unwrap_or(0))
    }

    /// Takes a key.
    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Down if self.step_in_list(true, cx) => {}
            Press::Up if self.step_in_list(false, cx) => {}
            Press::Next | Press::Down => self.walk(true, cx),
            Press::Back | Press::Up => self.walk(false, cx),
            Press::Enter => return self.enter(cx),
            Press::Book => return self.book(cx),
            Press::LineBefore => self.turn_to(self.current.saturating_sub(1)),
            Press::LineAfter => self.turn_to((self.current + 1).min(self.drafts.len().saturating_sub(1))),
            Press::LineNew => return self.new_line(cx),
            Press::LineDrop => self.drop_line(),
            Press::TakeBack => return self.take_back(cx),
            Press::Text(key) => self.text(key, cx),
            Press::Esc => {}
        }
        Answer::Stay
    }

    const fn has_place(&self) -> bool {
        matches!(self.kind, LinesKind::Send | LinesKind::Request)
    }

    fn draft(&self) -> &Draft {
        // There is always a current line; the empty one answers where a slip would otherwise end the program.
        self.drafts.get(self.current).unwrap_or(&draft::BLANK)
    }

    fn draft_mut(&mut self) -> &mut Draft {
        if self.current >= self.drafts.len() {
            self.drafts.push(Draft::default());
            self.current = self.drafts.len() - 1;
        }
        let current = self.current;
        &mut self.drafts[current]
    }

    /// The current line's product.
    fn view<'a>(&self, cx: &FormContext<'a>) -> Option<&'a ProductView> {
        self.draft().product.sku().and_then(|sku| cx.product(sku))
    }

    /// The warehouse whose lots are offered: the one that gives.
    fn giver<'a>(&'a self, cx: &FormContext<'a>) -> Option<&'a WarehouseId> {
        match self.kind {
            LinesKind::Request => self.place.value(),
            _ => cx.here(),
        }
    }

    /// The fields that are shown now, from top to bottom.
    fn order(&self, cx: &FormContext) -> Vec<At> {
        let mut order = Vec::with_capacity(7);
        if self.has_place() {
            order.push(At::Place);
        }
        order.extend([At::Product, At::Qty]);
        if self.has_choices(cx) {
            order.push(At::Against);
        }
        let lots = self.view(cx).zip(self.giver(cx)).is_some_and(|(view, giver)| {
            let mut cells = view.cells.iter().filter(|c| c.warehouse == *giver);
            cells.any(|c| !c.lot.is_none())
        });
        let names_lots = matches!(self.kind, LinesKind::Receipt | LinesKind::Count);
        // A reservation has its lot.
        let is_open = self.kind != LinesKind::Issue || self.against().is_none();
        if names_lots || lots && is_open || !self.draft().lot.text().is_empty() {
            order.push(At::Lot);
        }
        let named = !self.draft().lot.text().is_empty();
        let tracked = self.view(cx).is_some_and(|v| v.product.lot_tracked);
        let dated = !self.draft().expiry.is_empty();
        if names_lots && (named || tracked || dated) {
            order.push(At::Expiry);
        }
        if self.asks_expired(cx) {
            order.push(At::Expired);
        }
        if self.stocktake.is_none() {
            order.push(At::Reference);
        }
        order
    }

    fn walk(&mut self, forward: bool, cx: &FormContext) {
        self.settle(cx);
        self.focus = neighbour(&self.order(cx), self.focus, forward);
    }

    /// Takes what is marked in the field's list before leaving it.
    fn settle(&mut self, cx: &FormContext) {
        match self.focus {
            At::Product => {
                self.draft_mut().settle_product(cx);
                self.rank_places(cx);
            }
            At::Lot => {
                let (view, offer) = (self.view(cx), self.offer(cx));
                if let Some((view, giver)) = view.zip(self.giver(cx).cloned()) {
                    self.draft_mut().lot.settle(view, &giver, offer, cx);
                }
            }
            _ => {}
        }
    }

    fn step_in_list(&mut self, down: bool, cx: &FormContext) -> bool {
        match self.focus {
            At::Product => self.draft_mut().product.step(down),
            At::Lot => {
                let (view, offer) = (self.view(cx), self.offer(cx));
                let place = view.zip(self.giver(cx).cloned());
                place.is_some_and(|(view, giver)| self.draft_mut().lot.step(down, view, &giver, offer, cx))
            }
            _ => false,
        }
    }

    fn enter(&mut self, cx: &FormContext) -> Answer {
        self.settle(cx);
        let stream = self.runs_on();
        if stream && self.draft().is_blank() {
            let book = cx.key(FormKey::Book);
            let text = match cx.lang {
                Lang::Es => format!("Lea o escriba la línea siguiente; {book} registra la lista."),
                Lang::En => format!("Scan or type the next line; {book} books the list."),
            };
            return Answer::Say(Tone::Plain, text);
        }
        match self.trouble(self.current, cx) {
            Some(trouble) => self.go_to(self.current, trouble, Walk::ByEnter),
            None if stream => self.new_line(cx),
            None => self.book(cx),
        }
    }

    /// Goes where something is missing or wrong, and says what; Enter walks on to empty fields without a word.
    fn go_to(&mut self, line: usize, trouble: Trouble, walk: Walk) -> Answer {
        let moved = line != self.current || trouble.at != self.focus;
        self.current = line;
        self.focus = trouble.at;
        if moved && trouble.missing && walk == Walk::ByEnter && trouble.at != At::Expired {
            return Answer::Stay;
        }
        let tone = if trouble.missing && moved { Tone::Warning } else { Tone::Error };
        Answer::Say(tone, trouble.sentence)
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        self.settle(cx);
        if self.drafts.len() > 1 {
            while let Some(blank) = self.drafts.iter().position(Draft::is_blank) {
                self.remove_line(blank);
            }
            if self.drafts.is_empty() {
                self.drafts.push(Draft::default());
            }
            self.current = self.current.min(self.drafts.len() - 1);
        }
        if let Some((line, trouble)) = self.first_trouble(cx) {
            return self.go_to(line, trouble, Walk::ToBook);
        }
        match self.acts(cx) {
            Ok(acts) => Answer::Submit(acts),
            Err((line, trouble)) => self.go_to(line, trouble, Walk::ToBook),
        }
    }

    fn new_line(&mut self, cx: &FormContext) -> Answer {
        if self.against().is_some() {
            return Answer::Say(Tone::Error, against::alone(self.kind, cx));
        }
        if !self.draft().is_blank()
            && let Some(trouble) = self.trouble_of_line(self.current, cx)
        {
            return self.go_to(self.current, trouble, Walk::ByEnter);
        }
        let blank = self.drafts.iter().position(Draft::is_blank);
        if blank.is_none() && self.drafts.len() >= MAX_LINES {
            return Answer::Say(Tone::Error, too_many(cx.lang));
        }
        self.current = blank.unwrap_or_else(|| {
            self.drafts.push(Draft::default());
            self.drafts.len() - 1
        });
        self.focus = At::Product;
        self.touched = true;
        Answer::Stay
    }

    fn drop_line(&mut self) {
        self.remove_line(self.current);
        if self.drafts.is_empty() {
            self.drafts.push(Draft::default());
        }
        self.turn_to(self.current.min(self.drafts.len() - 1));
    }

    fn turn_to(&mut self, line: usize) {
        self.current = line;
        let known = self.draft().product.sku().is_some();
        self.focus = if known { At::Qty } else { At::Product };
    }

    fn text(&mut self, key: KeyEvent, cx: &FormContext) {
        let edits = matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        self.touched |= edits;
        let retired_too = self.kind.takes_retired();
        match self.focus {
            At::Place => self.touched |= self.place.key(key),
            At::Product => {
                self.draft_mut().product.key(key, cx, retired_too);
            }
            At::Qty => self.draft_mut().qty.key(key),
            At::Against => self.touched |= self.against_key(key, cx),
            At::Lot => self.draft_mut().lot.key(key),
            At::Expiry => {
                self.draft_mut().expiry.key(key);
            }
            At::Expired => self.draft_mut().expired_key(key, cx.lang),
            At::Reference => {
                self.reference.key(key);
            }
        }
    }

    /// Puts the warehouse that can best give the first line's product first, unless somebody chose already.
    fn rank_places(&mut self, cx: &FormContext) {
        let sku: Option<Sku> = self.drafts.first().and_then(|d| d.product.sku().cloned());
        self.place.rank(self.kind, sku.as_ref(), cx);
    }
}

fn too_many(lang: Lang) -> String {
    let refusal = Refusal::TooManyLines { lines: MAX_LINES + 1, limit: MAX_LINES };
    said(lang, &refusal)
}
