//! The replenishment run: all that is low, what other warehouses can spare of it, and what is to be bought.
//!
//! ```text
//! ╭ low: ticked, figures, what to bring and buy ╮
//! ╰─────────────────────────────────────────────╯
//! ╭ the one under the cursor: each source, what it keeps, what became of the request ╮   low: not there
//! ╰───────────────────────────────────────────────────────────────────────────────────╯
//! ```

mod table;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use uuid::Uuid;

use crate::domain::replenish::Bring;
use crate::domain::{Quantity, Sku, TransferId, WarehouseId};
use crate::ledger::act::{Act, Judged, TakeLine};
use crate::node::event::{PeerState, ProductView};
use crate::node::replenish::{Classes, Low, along, judged, low};
use crate::text::{Lang, format, words};
use crate::ui::Model;
use crate::ui::action::Action;
use crate::ui::keys::Place;
use crate::ui::parts::cursor::Cursor;
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::{Link, View};

/// From so many rows on the one under the cursor is shown below.
const HIGH: u16 = 16;
/// Rows of what is shown of it, where there is room, and where there is less.
const DETAIL: (u16, u16) = (9, 7);
/// From so many rows on there is room.
const ROOMY: u16 = 28;

/// What became of a request of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Not answered yet.
    Waiting,
    /// It claims the goods.
    Claimed(TransferId),
    /// Others claim them.
    ClaimedBy(Vec<WarehouseId>),
    /// Too few warehouses answer to give the lock.
    NoMajority,
    /// Refused otherwise.
    Refused(String),
}

/// A request of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its id.
    pub id: Uuid,
    /// What of.
    pub sku: Sku,
    /// Who was asked.
    pub from: WarehouseId,
    /// For how much.
    pub qty: Quantity,
    /// What became of it.
    pub fate: Fate,
}

/// What the screen keeps.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The cursor.
    pub cursor: Cursor,
    /// What is low: what is out, then the shortest covered.
    pub rows: Vec<Sku>,
    /// How it is with each.
    pub lows: BTreeMap<Sku, Low>,
    /// Those that are carried out.
    pub ticked: BTreeSet<Sku>,
    /// The classes; none: not told yet.
    pub classes: Option<Classes>,
    /// The question for them.
    pub question: Option<Uuid>,
    /// The requests of the last run.
    pub asked: Vec<Asked>,
    /// Those of it that are not made yet.
    pub unsent: VecDeque<(Bring, Judged)>,
}

impl Run {
    /// The product under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Sku> {
        self.rows.get(self.cursor.at)
    }

    /// Looks at all products anew.
    pub fn rebuild(&mut self, model: &Model, here: Option<&WarehouseId>, today: NaiveDate) {
        self.lows.clear();
        let Some(here) = here else { return self.order() };
        let found =
            model.products.iter().filter_map(|(sku, view)| Some((sku.clone(), low(view, here, today)?)));
        self.lows = found.collect();
        self.order();
    }

    /// Looks at those that changed.
    pub fn update(&mut self, model: &Model, changed: &[Sku], here: Option<&WarehouseId>, today: NaiveDate) {
        let Some(here) = here else { return };
        for sku in changed {
            match model.products.get(sku).and_then(|view| low(view, here, today)) {
                Some(low) => self.lows.insert(sku.clone(), low),
                None => self.lows.remove(sku),
            };
        }
        self.order();
    }

    /// Puts the rows in order; cursor and ticks stay on their products.
    fn order(&mut self) {
        let kept = self.selected().cloned();
        // What is out comes first, though nobody has taken any of late.
        let urgency = |low: &Low| (low.on_hand.is_positive(), low.cover);
        let mut all: Vec<_> = self.lows.iter().map(|(sku, low)| (urgency(low), sku.clone())).collect();
        all.sort();
        self.rows = all.into_iter().map(|(_, sku)| sku).collect();
        let lows = &self.lows;
        self.ticked.retain(|sku| lows.get(sku).is_some_and(brings));
        if let Some(at) = kept.and_then(|sku| self.rows.iter().position(|row| *row == sku)) {
            self.cursor.at = at;
        }
    }

    /// Ticks the one under the cursor, or takes its tick away, and goes on to the next.
    pub fn tick(&mut self) {
        let Some(sku) = self.selected().cloned() else { return };
        if !self.ticked.remove(&sku) {
            self.ticked.insert(sku);
        }
        self.cursor.at = (self.cursor.at + 1).min(self.rows.len().saturating_sub(1));
    }

    /// Ticks all that can be brought from somewhere; none where all are ticked.
    pub fn tick_all(&mut self) {
        let all: BTreeSet<_> =
            self.lows.iter().filter(|(_, low)| brings(low)).map(|(sku, _)| sku.clone()).collect();
        self.ticked = if self.ticked == all { BTreeSet::new() } else { all };
    }

    /// What is asked for: of each that is ticked what each warehouse can spare, and what that is judged by.
    #[must_use]
    pub fn wanted(&self, model: &Model, here: &WarehouseId) -> Vec<(Bring, Judged)> {
        let ticked = self.rows.iter().filter(|sku| self.ticked.contains(*sku));
        let lows = ticked.filter_map(|sku| Some((model.products.get(sku)?, self.lows.get(sku)?)));
        let of = |(view, low): (&Arc<ProductView>, &Low)| {
            let all = &low.proposal.bring;
            let judge = |b: &Bring| judged(view, here, &b.warehouse, b.qty, along(all, &b.warehouse));
            all.iter().map(|b| (b.clone(), judge(b))).collect::<Vec<_>>()
        };
        lows.flat_map(of).collect()
    }

    /// Requests not answered yet, or not made yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.unsent.len() + self.under_way()
    }

    /// Requests that were made and are not answered yet.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.asked.iter().filter(|asked| asked.fate == Fate::Waiting).count()
    }
}

/// The act that asks a warehouse for what it can spare, under the product's lock.
#[must_use]
pub fn request(bring: &Bring, judged: &Judged) -> Act {
    Act::RequestTransfer {
        from: bring.warehouse.clone(),
        lines: vec![TakeLine { sku: judged.sku.clone(), lot: None, qty: bring.qty }],
        reference: String::new(),
        unlocked: false,
        judged: vec![judged.clone()],
    }
}

/// Whether something can be brought from another warehouse.
#[must_use]
pub fn brings(low: &Low) -> bool {
    !low.proposal.bring.is_empty()
}

fn areas(body: Rect) -> (Rect, Option<Rect>) {
    if body.height < HIGH {
        return (body, None);
    }
    let rows = if body.height >= ROOMY { DETAIL.0 } else { DETAIL.1 };
    let [table, detail] = Layout::vertical([Constraint::Min(0), Constraint::Length(rows)]).areas(body);
    (table, Some(detail))
}

/// Rows of the table that fit.
#[must_use]
pub fn height(body: Rect) -> usize {
    usize::from(areas(body).0.height.saturating_sub(3))
}

/// Draws the screen.
pub fn draw(view: &View, theme: &Theme, frame: &mut Frame, body: Rect) {
    let lang = view.lang();
    let run = view.run();
    let (above, below) = areas(body);
    let title =
        format!("{} {}", lang.pick("Reposición", "Replenishment"), format::count(run.rows.len(), lang));
    let inner = pane::draw(frame, above, theme, &title, notes(view, theme), true);
    if inner.is_empty() {
        return;
    }
    if run.rows.is_empty() {
        pane::message(frame, inner, theme, empty(view));
    } else {
        table::draw(view, theme, frame, inner);
    }
    let Some(below) = below else { return };
    let chosen = run.selected().and_then(|sku| Some((view.model().products.get(sku)?, run.lows.get(sku)?)));
    let title = chosen.map_or_else(
        || lang.pick("Propuesta", "Proposal").to_owned(),
        |(product, _)| format!("{} {}", product.product.sku, product.product.name),
    );
    let inner = pane::draw(frame, below, theme, &title, Vec::new(), false);
    match chosen {
        Some((product, low)) => {
            let lines = detail(view, theme, product, low);
            let width = usize::from(inner.width);
            let fitting = lines.into_iter().map(|line| cut(line, width, theme));
            let lines: Vec<_> = fitting.take(usize::from(inner.height)).collect();
            frame.render_widget(Paragraph::new(lines), inner);
        }
        None => pane::message(frame, inner, theme, lang.pick("Nada seleccionado", "Nothing selected")),
    }
}

/// What is ticked, and how far the run is.
fn notes<'a>(view: &View, theme: &Theme) -> Vec<Span<'a>> {
    let lang = view.lang();
    let run = view.run();
    let mut notes = Vec::new();
    let waiting = run.waiting();
    if waiting > 0 {
        let done = run.asked.len() - waiting;
        let words = lang.pick("pidiendo", "requesting");
        let text = format!("{} {words} {done}/{}", theme.signs.pending, run.asked.len());
        notes.push(Span::styled(text, theme.transit));
    } else if !run.ticked.is_empty() {
        let ticked = run.ticked.len();
        let words = match ticked {
            1 => lang.pick("marcado", "ticked"),
            _ => lang.pick("marcados", "ticked"),
        };
        notes.push(Span::styled(format!("{ticked} {words}"), theme.focus));
    }
    notes
}

fn empty(view: &View) -> &'static str {
    let lang = view.lang();
    if matches!(view.link(), Link::Loading) {
        return lang.pick("cargando…", "loading…");
    }
    let has_point =
        |product: &ProductView| view.own().is_some_and(|here| product.reorder_point(here).is_some());
    if view.model().products.values().any(|product| has_point(product)) {
        lang.pick(
            "Nada que reponer: todo está por encima de su punto de pedido",
            "Nothing to replenish: everything is above its reorder point",
        )
    } else {
        lang.pick(
            "Ningún producto tiene aquí punto de pedido: se fija, o se calcula, en su regla (R en existencias)",
            "No product has a reorder point here: it is fixed, or computed, in its rule (R in the stock pane)",
        )
    }
}

/// Days as they are shown: whole ones.
fn days(cover: crate::domain::reorder::Cover, theme: &Theme, lang: Lang) -> String {
    cover.days().map_or_else(|| theme.signs.endless.to_owned(), |days| format::decimal(days.floor(), 0, lang))
}

/// Why it is low, what each source gives and keeps, what is to be bought.
fn detail<'a>(view: &View, theme: &Theme, product: &ProductView, low: &Low) -> Vec<Line<'a>> {
    let lang = view.lang();
    let of = |q: Quantity| format::quantity(q, product.product.decimals, lang);
    let unit = &product.product.unit;
    let dot = format!(" {} ", theme.signs.dot);
    let kind = if low.is_computed { lang.pick("calculado", "computed") } else { lang.pick("fijo", "fixed") };
    let mut facts = vec![
        format!(
            "{} {} {} {}",
            lang.pick("Posición", "Position"),
            of(low.position),
            theme.signs.at_most,
            of(low.point)
        ),
        kind.to_owned(),
        format!("{} {}", lang.pick("hay", "on hand"), of(low.on_hand)),
        format!("{} {}", lang.pick("días", "days"), days(low.cover, theme, lang)),
    ];
    if low.asked.is_positive() {
        facts.push(format!("{} {}", lang.pick("pedido ya", "requested"), of(low.asked)));
    }
    let mut lines = vec![Line::styled(format!(" {}", facts.join(&dot)), theme.normal)];
    for bring in &low.proposal.bring {
        let mut words = vec![
            format!(" {} {} {unit}", lang.pick("traer", "bring"), of(bring.qty)),
            format!("{} {}", lang.pick("le quedan", "keeps"), of(bring.keeps)),
        ];
        if let Some(point) = product.reorder_point(&bring.warehouse) {
            words.push(format!("{} {}", lang.pick("su punto", "its point"), of(point)));
        }
        let peer = view.model().peers.iter().find(|peer| peer.id == bring.warehouse);
        let mut look = theme.normal;
        if let Some(peer) = peer.filter(|peer| peer.state != PeerState::Alive) {
            words.push(words::peer(lang, peer.state).to_owned());
            look = theme.warning;
        }
        let name = text::left(bring.warehouse.as_str(), 14, theme.signs.more);
        lines.push(Line::from(vec![
            Span::styled(format!(" {} {name}", theme.signs.back), theme.transit),
            Span::styled(words.join(&dot), look),
        ]));
    }
    if low.proposal.buy.is_positive() {
        let rule = view
            .own()
            .and_then(|here| product.rule(here))
            .map(|state| state.rule.clone())
            .unwrap_or_default();
        let said = [
            (lang.pick("múltiplo", "multiple"), rule.multiple),
            (lang.pick("mínimo", "minimum"), rule.minimum_order),
            (lang.pick("hasta", "up to"), rule.maximum),
        ];
        let said = said.into_iter().filter_map(|(name, q)| q.map(|q| format!("{name} {}", of(q))));
        let mut words = vec![format!(" + {} {} {unit}", lang.pick("comprar", "buy"), of(low.proposal.buy))];
        words.extend(said);
        lines.push(Line::styled(words.join(&dot), theme.normal));
    } else if !brings(low) {
        let words = lang
            .pick(" lo pedido basta: falta que lo envíen", " what is requested is enough: it is to be sent");
        lines.push(Line::styled(words, theme.dim));
    }
    let asked = view.run().asked.iter().filter(|asked| asked.sku == product.product.sku);
    lines.extend(asked.map(|asked| fate(asked, &of(asked.qty), theme, view)));
    lines
}

/// What became of a request.
fn fate<'a>(asked: &Asked, qty: &str, theme: &Theme, view: &View) -> Line<'a> {
    let lang = view.lang();
    let (sign, style, said) = match &asked.fate {
        Fate::Waiting => {
            (theme.signs.pending, theme.transit, lang.pick("pidiendo…", "requesting…").to_owned())
        }
        Fate::Claimed(id) => (
            theme.signs.done,
            theme.ok,
            format!("{} {id}", lang.pick("pedido y apartado:", "requested and claimed:")),
        ),
        Fate::ClaimedBy(who) => {
            let who: Vec<_> = who.iter().map(ToString::to_string).collect();
            let words = lang.pick("lo tiene apartado", "claimed by");
            (theme.signs.error, theme.error, format!("{words} {}", who.join(", ")))
        }
        Fate::NoMajority => {
            let key = view.key_of(Action::Request, Place::Replenish).unwrap_or_default();
            let words = match lang {
                Lang::Es => format!("no contesta una mayoría: con {key} se pide sin cerrojo"),
                Lang::En => format!("no majority answers: {key} requests it without the lock"),
            };
            (theme.signs.error, theme.error, words)
        }
        Fate::Refused(why) => (theme.signs.error, theme.error, why.clone()),
    };
    let what = format!("{qty} {} {}: ", lang.pick("de", "from"), asked.from);
    Line::from(vec![Span::styled(format!(" {sign} "), style), Span::raw(what), Span::styled(said, style)])
}

/// A line that is no wider than the pane.
fn cut<'a>(line: Line<'a>, width: usize, theme: &Theme) -> Line<'a> {
    let mut room = width;
    let spans = line.spans.into_iter().map(|span| {
        let said = text::clip(&span.content, room, theme.signs.more);
        room = room.saturating_sub(text::width(&said));
        Span::styled(said, span.style)
    });
    Line::from(spans.collect::<Vec<_>>()).style(line.style)
}
