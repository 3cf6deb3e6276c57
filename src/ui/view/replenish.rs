//! The replenishment run: opened, ticked, carried out, and what became of each request.

use uuid::Uuid;

use super::{Link, Screen, View};
use crate::domain::Refusal;
use crate::domain::replenish::Bring;
use crate::ledger::act::{Judged, Outcome};
use crate::node::event::Reply;
use crate::node::intent::{Intent, Question};
use crate::node::replenish::Classes;
use crate::text::{Lang, format};
use crate::ui::action::Action;
use crate::ui::forms::{self, FormKind, Prefill};
use crate::ui::keys::Place;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::dialog::{Dialog, Then};
use crate::ui::screens::replenish::{Asked, Fate, brings, request};
use crate::ui::toasts::Tone;

/// Requests that the question names; the others are counted.
const NAMED: usize = 8;
/// Requests under way at most: the queue for locks has room for others too.
const AT_ONCE: usize = 64;

impl View {
    /// What an action does here; false when it is none of these.
    pub(super) fn replenish_act(&mut self, action: Action) -> bool {
        match action {
            Action::GoReplenish => self.go_to(Place::Replenish),
            _ if self.place() != Place::Replenish => return false,
            Action::Mark => self.run.tick(),
            Action::MarkAll => self.run.tick_all(),
            Action::CarryOut => self.ask_to_carry_out(),
            Action::Resolve => {
                let prefill = Prefill { sku: self.run.selected().cloned(), ..Prefill::default() };
                self.open_prefilled(FormKind::Replenish, &prefill);
            }
            _ => return false,
        }
        true
    }

    /// The screen is gone to: all is looked at anew, and the classes are asked for.
    pub(super) fn open_run(&mut self) {
        self.run.asked.retain(|asked| asked.fate == Fate::Waiting);
        self.run.rebuild(&self.model, self.own.as_ref(), self.now.today());
        self.ask_classes();
    }

    /// A new picture: the run is looked at anew where it is shown.
    pub(super) fn run_anew(&mut self) {
        if self.screen == Screen::Replenish {
            self.run.rebuild(&self.model, self.own.as_ref(), self.now.today());
            self.ask_classes();
        }
    }

    fn ask_classes(&mut self) {
        if self.link == Link::Live {
            let id = self.new_id();
            self.run.question = Some(id);
            self.outbox.push_back(Intent::Ask { id, question: Question::IssueCounts });
        }
    }

    /// Takes an answer to the question for the classes; gives it back when it is none.
    pub(super) fn run_replied(
        &mut self,
        id: Uuid,
        reply: Result<Reply, String>,
    ) -> Option<Result<Reply, String>> {
        if self.run.question != Some(id) {
            return Some(reply);
        }
        self.run.question = None;
        match reply {
            Ok(Reply::IssueCounts { counts }) => self.run.classes = Some(Classes::new(counts)),
            Ok(_) => {}
            Err(why) => self.say(Tone::Error, why),
        }
        None
    }

    /// Names what is asked of whom, and what each keeps; Cancel has the keys.
    fn ask_to_carry_out(&mut self) {
        let lang = self.lang;
        let Some(here) = self.own.clone() else { return };
        let wanted = self.run.wanted(&self.model, &here);
        let of = |sku, qty| {
            let decimals = self.model.products.get(sku).map_or(0, |view| view.product.decimals);
            format::quantity(qty, decimals, lang)
        };
        let mut lines: Vec<String> = wanted
            .iter()
            .take(NAMED)
            .map(|(bring, Judged { sku, .. })| {
                let (qty, keeps) = (of(sku, bring.qty), of(sku, bring.keeps));
                match lang {
                    Lang::Es => format!("{sku}: {qty} de {} (le quedan {keeps})", bring.warehouse),
                    Lang::En => format!("{sku}: {qty} from {} (keeps {keeps})", bring.warehouse),
                }
            })
            .collect();
        if wanted.len() > NAMED {
            let more = wanted.len() - NAMED;
            lines.push(match lang {
                Lang::Es => format!("y {more} más"),
                Lang::En => format!("and {more} more"),
            });
        }
        lines.push(String::new());
        lines.push(
            lang.pick(
                "Lo ven todos los almacenes. La compra no se registra aquí: x la exporta, r la anota.",
                "All warehouses see it. The purchase is not booked by this: x exports it, r notes it.",
            )
            .to_owned(),
        );
        let title = match (wanted.len(), lang) {
            (1, Lang::Es) => "¿Hacer 1 petición?".to_owned(),
            (n, Lang::Es) => format!("¿Hacer {n} peticiones?"),
            (1, Lang::En) => "Make 1 request?".to_owned(),
            (n, Lang::En) => format!("Make {n} requests?"),
        };
        let then = Then::Replenish(wanted);
        let dialog = Dialog::new(title, lines, lang.pick("Pedir", "Request"), then);
        self.overlays.push(Overlay::Dialog(dialog));
    }

    /// Asks for what was confirmed, each under its product's lock.
    pub(super) fn carry_out(&mut self, wanted: Vec<(Bring, Judged)>) {
        self.run.asked.clear();
        self.run.unsent = wanted.into();
        self.run.ticked.clear();
        self.ask_for_more();
    }

    /// Makes as many requests as may be under way: others wait for locks as well.
    fn ask_for_more(&mut self) {
        let free = AT_ONCE.saturating_sub(self.run.under_way()).min(self.run.unsent.len());
        if free == 0 {
            return;
        }
        let wanted: Vec<_> = self.run.unsent.drain(..free).collect();
        let ids = self.ask_for(wanted.iter().map(|(bring, judged)| request(bring, judged)).collect());
        if ids.is_empty() {
            // Nobody has signed in.
            self.run.unsent.clear();
        }
        let asked = ids.into_iter().zip(wanted).map(|(id, (bring, judged))| Asked {
            id,
            sku: judged.sku,
            from: bring.warehouse,
            qty: bring.qty,
            fate: Fate::Waiting,
        });
        self.run.asked.extend(asked);
    }

    /// What became of a request; false when it is none of the run's.
    pub(super) fn run_answered(&mut self, id: Uuid, outcome: &Outcome) -> bool {
        let lang = self.lang;
        let Some(asked) = self.run.asked.iter_mut().find(|asked| asked.id == id) else { return false };
        asked.fate = match outcome {
            Outcome::Recorded { entries } => entries.first().cloned().map_or_else(
                || Fate::Refused(lang.pick("no quedó nada escrito", "nothing was written").to_owned()),
                Fate::Claimed,
            ),
            Outcome::Refused { refusal: Refusal::Claimed { claims, .. } } => {
                Fate::ClaimedBy(claims.iter().map(|(who, _)| who.clone()).collect())
            }
            Outcome::Refused { refusal: Refusal::NoMajority { .. } } => Fate::NoMajority,
            Outcome::Refused { refusal } => Fate::Refused(forms::refused(lang, refusal)),
        };
        self.ask_for_more();
        if self.run.waiting() == 0 {
            let all = self.run.asked.len();
            let done = self.run.asked.iter().filter(|asked| matches!(asked.fate, Fate::Claimed(_))).count();
            let words = match lang {
                Lang::Es => format!("reposición: {done} de {all} pedidas"),
                Lang::En => format!("replenishment: {done} of {all} requested"),
            };
            self.say(if done == all { Tone::Done } else { Tone::Error }, words);
        }
        true
    }

    /// Why it can't be done now.
    pub(super) fn why_not_replenish(&self, action: Action) -> Option<String> {
        let lang = self.lang;
        let because = |es, en| Some(lang.pick(es, en).to_owned());
        let chosen = self.run.selected().and_then(|sku| self.run.lows.get(sku));
        match action {
            Action::Mark | Action::Resolve if chosen.is_none() => {
                because("no hay nada bajo", "nothing is low")
            }
            Action::Mark if !chosen.is_some_and(brings) => {
                because("ningún almacén puede ceder", "no warehouse can spare any")
            }
            Action::MarkAll if !self.run.lows.values().any(brings) => {
                because("ningún almacén puede ceder", "no warehouse can spare any")
            }
            Action::CarryOut if self.run.waiting() > 0 => {
                because("aún se está pidiendo", "requests are still waiting")
            }
            Action::CarryOut if self.run.ticked.is_empty() => {
                because("marque con Espacio qué pedir", "tick with Space what to request")
            }
            _ => None,
        }
    }
}
