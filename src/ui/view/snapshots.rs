//! Snapshots: taken anywhere, opened, compared, and the stock as of a moment.

use chrono::{NaiveDateTime, NaiveTime, TimeZone};
use uuid::Uuid;

use super::View;
use crate::domain::TransferId;
use crate::domain::typing::{DateOrder, DateRules, Lean, typed_date};
use crate::ledger::act::Act;
use crate::node::event::Reply;
use crate::node::intent::{Intent, Question};
use crate::node::snapshots::SnapshotDetail;
use crate::text::Lang;
use crate::ui::action::Action;
use crate::ui::parts::field::TextField;
use crate::ui::screens::card::then::{Past, Then};
use crate::ui::screens::snapshots::{self, Opened};
use crate::ui::toasts::Tone;

impl View {
    /// What an action does here; false when it is none of these.
    pub(super) fn snapshot_act(&mut self, action: Action) -> bool {
        match action {
            Action::TakeSnapshot => {
                self.ask_for(vec![Act::TakeSnapshot]);
            }
            Action::Mark => self.viewer.mark(),
            Action::Compare => {
                let mut both = self.viewer.marked.clone();
                both.sort_by_key(|id| self.model.snapshots.get(id).map(|s| s.begun_ms));
                self.ask_snapshots(both);
            }
            Action::AsOf if self.card.is_some() => {
                if let Some(card) = &mut self.card {
                    card.then = Then::Typing(TextField::default());
                    self.filtering = true;
                }
            }
            Action::AsOf => {
                self.viewer.close();
                self.viewer.moment.set("");
                self.filtering = true;
            }
            _ => return false,
        }
        true
    }

    /// Opens the snapshot under the cursor.
    pub(super) fn open_snapshot(&mut self) {
        let chosen = self.viewer.selected().cloned();
        self.ask_snapshots(chosen.into_iter().collect());
    }

    fn ask_snapshots(&mut self, ids: Vec<TransferId>) {
        self.viewer.close();
        self.viewer.opened = Opened::Waiting;
        for id in ids {
            self.ask_viewer(Question::Snapshot { id });
        }
    }

    fn ask_viewer(&mut self, question: Question) {
        let id = self.new_id();
        self.viewer.asked.push(id);
        self.outbox.push_back(Intent::Ask { id, question });
    }

    /// Asks for the stock as of the moment that was typed, for the viewer or for the card.
    pub(super) fn ask_as_of(&mut self) {
        self.filtering = false;
        let text = match self.card.as_mut().map(|card| std::mem::take(&mut card.then)) {
            Some(Then::Typing(field)) => field.text().trim().to_owned(),
            _ => self.viewer.moment.text().trim().to_owned(),
        };
        let Some(at_ms) = self.moment_of(&text) else {
            let words = self.lang.pick(
                "escriba un momento: 14:30, 2026-05-17 o 2026-05-17 14:30",
                "type a moment: 14:30, 2026-05-17 or 2026-05-17 14:30",
            );
            self.say(Tone::Error, words.to_owned());
            return;
        };
        if at_ms > self.now.wall_ms {
            let words = self.lang.pick(
                "ese momento no ha llegado todavía: escriba uno que haya pasado",
                "that moment has not come yet: type one that has passed",
            );
            self.say(Tone::Error, words.to_owned());
            return;
        }
        if self.card.is_some() {
            let id = self.new_id();
            self.outbox.push_back(Intent::Ask { id, question: Question::StockAt { at_ms } });
            if let Some(card) = &mut self.card {
                card.then = Then::Asked(id);
            }
            return;
        }
        self.viewer.opened = Opened::Waiting;
        self.ask_viewer(Question::StockAt { at_ms });
    }

    /// A time of today, a day (its end; today, as far as it has come), or both.
    fn moment_of(&self, text: &str) -> Option<i64> {
        let today = self.now.today();
        let rules = DateRules {
            order: if self.lang == Lang::Es { DateOrder::DayFirst } else { DateOrder::MonthFirst },
            lean: Lean::Back,
            today,
        };
        let time = NaiveTime::parse_from_str(text, "%H:%M")
            .map(|time| today.and_time(time))
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"));
        let local = match time {
            Ok(time) => time,
            Err(_) => match typed_date(text, rules).ok()? {
                day if day == today => return Some(self.now.wall_ms),
                day => day.and_hms_milli_opt(23, 59, 59, 999)?,
            },
        };
        self.now.zone.from_local_datetime(&local).single().map(|at| at.timestamp_millis())
    }

    /// A field of a pane or of the card has the focus no more.
    pub(super) fn stop_typing(&mut self) {
        self.filtering = false;
        if let Some(card) = self.card.as_mut().filter(|card| matches!(card.then, Then::Typing(_))) {
            card.then = Then::Now;
        }
    }

    /// Back to the present on the card; false when it is there.
    pub(super) fn card_is_now(&mut self) -> bool {
        let then = self.card.as_mut().map(|card| std::mem::take(&mut card.then));
        then.is_none_or(|then| matches!(then, Then::Now))
    }

    /// Takes an answer to what the card asked of the past; gives it back when it is none.
    pub(super) fn card_then_replied(
        &mut self,
        id: Uuid,
        reply: Result<Reply, String>,
    ) -> Option<Result<Reply, String>> {
        let Some(card) =
            self.card.as_mut().filter(|card| matches!(card.then, Then::Asked(asked) if asked == id))
        else {
            return Some(reply);
        };
        card.then = Then::Now;
        match reply {
            Ok(Reply::StockAt { then }) => card.then = Then::At(Box::new(Past::of(&card.sku, &then))),
            Ok(_) => {}
            Err(why) => self.say(Tone::Error, why),
        }
        None
    }

    /// Takes an answer to a question of the viewer; gives it back when it is none.
    pub(super) fn viewer_replied(
        &mut self,
        id: Uuid,
        reply: Result<Reply, String>,
    ) -> Option<Result<Reply, String>> {
        let Some(at) = self.viewer.asked.iter().position(|asked| *asked == id) else {
            return Some(reply);
        };
        self.viewer.asked.remove(at);
        self.is_dirty = true;
        let unknown = self.lang.pick("no se conoce esa instantánea", "that snapshot is not known");
        match reply {
            Ok(Reply::StockAt { then }) => self.viewer.opened = Opened::Then(then),
            Ok(Reply::Snapshot { detail: Some(detail) }) => self.take_detail(detail),
            Ok(Reply::Snapshot { detail: None }) => {
                self.viewer.close();
                self.say(Tone::Error, unknown.to_owned());
            }
            Ok(_) => {}
            Err(why) => {
                self.viewer.close();
                self.say(Tone::Error, why);
            }
        }
        None
    }

    fn take_detail(&mut self, detail: Box<SnapshotDetail>) {
        if !self.viewer.asked.is_empty() {
            self.viewer.first = Some(detail);
            return;
        }
        self.viewer.opened = match self.viewer.first.take() {
            None => Opened::One(detail),
            Some(first) if first.snapshot.begun_ms <= detail.snapshot.begun_ms => Opened::Two(first, detail),
            Some(first) => Opened::Two(detail, first),
        };
    }

    /// Why it can't be done now.
    pub(super) fn why_not_snapshot(&self, action: Action) -> Option<String> {
        let lang = self.lang;
        let because = |es, en| Some(lang.pick(es, en).to_owned());
        match action {
            Action::Mark if self.viewer.selected().is_none() => because("no hay ninguna", "there is none"),
            Action::Compare if self.viewer.marked.len() != 2 => {
                because("marque dos con Espacio", "mark two with Space")
            }
            _ => None,
        }
    }

    /// Lines of what is opened in the viewer.
    pub(super) fn viewer_lines(&self) -> usize {
        snapshots::lines(self, usize::from(self.areas().body.width.saturating_sub(4)))
    }
}
