//! Goods scanned one after the other: each scan finds its line or begins one, and the last can be taken back.

use super::super::amount_field::AmountField;
use super::super::scanned::{Scanned, Stranger, find};
use super::super::sheet::Tone;
use super::super::{Answer, FormContext};
use super::against::alone;
use super::draft::Draft;
use super::{At, Lines, too_many};
use crate::ledger::act::MAX_LINES;

/// What a scan did to the list.
#[derive(Debug, Clone)]
pub struct Step {
    line: usize,
    /// The line as it was; none where the scan began it.
    before: Option<Draft>,
}

impl Lines {
    /// Whether Enter goes to the next line, and the list is booked in one go.
    pub(super) fn runs_on(&self) -> bool {
        (self.runs_on || self.drafts.len() > 1) && self.against().is_none()
    }

    /// Takes a scan.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        let scanned = match find(text, cx) {
            Ok(scanned) => scanned,
            Err(Stranger::Text { text, .. }) if self.focus == At::Reference => {
                self.reference.set(&text);
                self.touched = true;
                return Answer::Stay;
            }
            Err(Stranger::Text { text, .. }) if self.focus == At::Lot => {
                self.draft_mut().lot.set(&text);
                self.touched = true;
                return Answer::Stay;
            }
            Err(stranger) => return Answer::of_stranger(stranger, text),
        };
        if self.against().is_some() {
            if self.draft().product.sku() != Some(&scanned.sku) {
                return Answer::Say(Tone::Error, alone(self.kind, cx));
            }
            // What is left was only proposed: whoever scans counts.
            if self.steps.is_empty() && self.draft().qty.is_proposed() {
                self.draft_mut().qty = AmountField::default();
            }
        }
        if !self.take_scan(&scanned, cx) {
            return Answer::Say(Tone::Error, too_many(cx.lang));
        }
        self.runs_on |= !self.by_scan;
        self.touched = true;
        self.focus = At::Qty;
        self.rank_places(cx);
        Answer::Stay
    }

    /// Puts a scan where it belongs; false where the list is full.
    fn take_scan(&mut self, scanned: &Scanned, cx: &FormContext) -> bool {
        let current = self.current;
        let same = |(i, draft): &(usize, &Draft)| draft.is_of(scanned, *i == current);
        // The current line first: of two lines that would do, it is the one on the screen.
        let here = self.drafts.iter().enumerate().skip(current).find(same);
        let found = here.or_else(|| self.drafts.iter().enumerate().find(same));
        if let Some(i) = found.map(|(i, _)| i)
            && let Some(draft) = self.drafts.get_mut(i)
        {
            let before = draft.clone();
            if draft.add(scanned, cx) {
                self.steps.push(Step { line: i, before: Some(before) });
                self.current = i;
                return true;
            }
        }
        // A product that was only selected, not asked for, gives way to the one scanned.
        let untouched = !self.touched && self.drafts.len() == 1;
        let mut before = Some(Draft::default());
        if !untouched && !self.draft().is_blank() {
            if self.drafts.len() >= MAX_LINES {
                return false;
            }
            self.drafts.push(Draft::default());
            self.current = self.drafts.len() - 1;
            before = None;
        }
        *self.draft_mut() = Draft::scanned(scanned, cx);
        self.steps.push(Step { line: self.current, before });
        true
    }

    /// Takes the last scan back, with what was typed to its line since.
    pub(super) fn take_back(&mut self, cx: &FormContext) -> Answer {
        let Some(step) = self.steps.pop() else {
            let text = cx.lang.pick("No hay lectura que deshacer.", "There is no scan to undo.");
            return Answer::Say(Tone::Warning, text.to_owned());
        };
        match step.before {
            Some(before) => {
                if let Some(draft) = self.drafts.get_mut(step.line) {
                    *draft = before;
                }
            }
            None => self.remove_line(step.line),
        }
        if self.drafts.is_empty() {
            self.drafts.push(Draft::default());
        }
        self.turn_to(step.line.min(self.drafts.len().saturating_sub(1)));
        Answer::Stay
    }

    /// Removes a line; what was scanned to it can't be taken back any more.
    pub(super) fn remove_line(&mut self, line: usize) {
        if line >= self.drafts.len() {
            return;
        }
        self.drafts.remove(line);
        self.steps.retain(|s| s.line != line);
        for step in self.steps.iter_mut().filter(|s| s.line > line) {
            step.line -= 1;
        }
    }
}
