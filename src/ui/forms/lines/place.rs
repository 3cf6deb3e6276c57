//! The other warehouse of a transfer.

use std::cmp::Reverse;

use crossterm::event::KeyEvent;

use super::super::FormContext;
use super::super::choice::Choice;
use super::super::reading::figure;
use super::super::sheet::{Row, Tone};
use super::LinesKind;
use crate::domain::{Sku, WarehouseId};
use crate::node::event::{PeerState, ProductView};
use crate::node::replenish::{cover, spare};
use crate::text::{format, words};

/// The choice of the warehouse.
#[derive(Debug, Clone)]
pub struct Place {
    choice: Choice<WarehouseId>,
    by_hand: bool,
}

impl Place {
    /// The warehouses known; the only one is chosen at once.
    pub fn of(kind: LinesKind, cx: &FormContext) -> Self {
        let mut choice = Choice::new(cx.model.members().map(|p| p.id.clone()).collect());
        if kind == LinesKind::Send
            && let [only] = choice.options()
        {
            let only = only.clone();
            choice.choose(&only);
        }
        Self { choice, by_hand: false }
    }

    pub fn is_alone(&self) -> bool {
        self.choice.options().is_empty()
    }

    pub fn value(&self) -> Option<&WarehouseId> {
        self.choice.value()
    }

    pub fn choose(&mut self, warehouse: &WarehouseId) {
        self.choice.choose(warehouse);
        self.by_hand = true;
    }

    pub fn key(&mut self, key: KeyEvent) -> bool {
        let changed = self.choice.key(key, ToString::to_string);
        self.by_hand |= changed;
        changed
    }

    /// For a request: those that can spare the product, the longest covered first; the best one is chosen.
    pub fn rank(&mut self, kind: LinesKind, sku: Option<&Sku>, cx: &FormContext) {
        let view = sku.and_then(|sku| cx.product(sku));
        let Some(view) = view.filter(|_| kind == LinesKind::Request && !self.by_hand) else {
            return;
        };
        let mut options = self.choice.options().to_vec();
        options.sort_by_cached_key(|w| {
            let spare = spare(view, w, cx.today);
            Reverse((spare.is_positive(), cover(view, w), spare))
        });
        let best = options.first().cloned().filter(|w| spare(view, w, cx.today).is_positive());
        self.choice = Choice::new(options);
        if let Some(best) = best {
            self.choice.choose(&best);
        }
    }

    pub fn row<'a>(
        &self,
        kind: LinesKind,
        view: Option<&ProductView>,
        cx: &FormContext,
        focus: bool,
    ) -> Row<'a> {
        let lang = cx.lang;
        let label = if kind == LinesKind::Request {
            lang.pick("Al almacén", "From")
        } else {
            lang.pick("Para", "To")
        };
        let mut note = String::new();
        let mut tone = Tone::Dim;
        if let Some(warehouse) = self.value() {
            if let Some(view) = view {
                note = facts(kind, view, warehouse, cx);
            }
            let peer = cx.model.peers.iter().find(|p| p.id == *warehouse);
            if let Some(peer) = peer.filter(|p| p.state != PeerState::Alive) {
                tone = Tone::Warning;
                if !note.is_empty() {
                    note.push_str(" · ");
                }
                note.push_str(words::peer(lang, peer.state));
            }
        } else {
            note = self.choice.offer(&cx.sides(), ToString::to_string);
        }
        Row::Choice {
            label: label.to_owned(),
            value: self.value().map(ToString::to_string),
            note: (tone, note),
            focus,
        }
    }
}

fn facts(kind: LinesKind, view: &ProductView, warehouse: &WarehouseId, cx: &FormContext) -> String {
    let lang = cx.lang;
    let days = cover(view, warehouse).days().map_or_else(
        || lang.pick("sin salidas", "no issues").to_owned(),
        |days| format!("{} {}", format::decimal(days.floor(), 0, lang), lang.pick("días", "days")),
    );
    if kind == LinesKind::Request {
        let spare = figure(spare(view, warehouse, cx.today), &view.product, lang);
        format!("{} {spare} · {days}", lang.pick("puede ceder", "can spare"))
    } else {
        let there = figure(view.available(warehouse), &view.product, lang);
        format!("{} {there} · {days}", lang.pick("tiene", "has"))
    }
}
