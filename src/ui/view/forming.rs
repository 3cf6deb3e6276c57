//! Forms: opening them, what they submit, and what became of it.

use uuid::Uuid;

use super::{Link, View};
use crate::domain::{Refusal, TransferId};
use crate::ledger::act::{Act, Outcome, Request};
use crate::node::intent::Intent;
use crate::ui::forms::{self, Form, FormContext, FormKind, FormStep, Prefill};
use crate::ui::overlays::dialog::{Dialog, Then};
use crate::ui::overlays::{OpenForm, Overlay};
use crate::ui::scan::Heard;
use crate::ui::toasts::Tone;
use crate::ui::wake::{Effect, Sound};

impl View {
    pub(super) fn open_form(&mut self, kind: FormKind) {
        self.open_form_with(kind, None);
    }

    pub(super) fn open_prefilled(&mut self, kind: FormKind, prefill: &Prefill) {
        let opened = Form::open_prefilled(kind.clone(), prefill, &self.form_context());
        self.opened(kind, opened);
    }

    /// Opens a form; what was scanned decides about product and lot.
    pub(super) fn open_form_with(&mut self, kind: FormKind, scan: Option<&str>) {
        let mut context = self.form_context();
        if scan.is_some() {
            context.selected = None;
        }
        let warehouse = self.last_destination.clone().filter(|_| kind == FormKind::Send);
        let prefill = Prefill { warehouse, by_scan: scan.is_some(), ..Prefill::default() };
        let opened = Form::open_prefilled(kind.clone(), &prefill, &context);
        let is_open = self.opened(kind, opened);
        if let (true, Some(text)) = (is_open, scan) {
            self.form_heard(Heard::Scan(text.to_owned()));
        }
    }

    pub(super) fn opened(&mut self, kind: FormKind, opened: Result<Form, String>) -> bool {
        match opened {
            Ok(form) => {
                if matches!(
                    kind,
                    FormKind::Receipt | FormKind::Issue | FormKind::Count | FormKind::Adjust | FormKind::Send
                ) {
                    self.last_act = kind.clone();
                }
                self.stop_typing();
                let rescan = match &kind {
                    FormKind::UnknownCode { scan, .. } => Some(scan.clone()),
                    _ => None,
                };
                self.overlays.push(Overlay::Form(Box::new(OpenForm {
                    form,
                    kind,
                    waits: Vec::new(),
                    later: Vec::new(),
                    rescan,
                })));
                true
            }
            Err(why) => {
                self.say(Tone::Error, why);
                false
            }
        }
    }

    /// A key or scan for the form on top; what comes while it waits for an answer is kept.
    pub(super) fn form_heard(&mut self, heard: Heard) {
        let key = match &heard {
            Heard::Key(key) => match self.keymap.in_form(*key) {
                Some(key) => Some(key),
                None => return,
            },
            Heard::Scan(_) => None,
        };
        let is_esc = key.is_some_and(|key| key.code == crossterm::event::KeyCode::Esc);
        let context = FormContext {
            model: &self.model,
            lang: self.lang,
            today: self.now.today(),
            now_ms: self.now.wall_ms,
            selected: None,
            own_seq: self.model.status.as_ref().map_or(0, |s| s.recorded),
            operator: self.operator.as_ref(),
            chosen: self.chosen.as_ref(),
            keys: &self.keymap,
        };
        let Some(Overlay::Form(open)) = self.overlays.last_mut() else { return };
        if !open.waits.is_empty() && !is_esc {
            open.later.push(heard);
            return;
        }
        let step = match heard {
            Heard::Key(pressed) => open.form.key(key.unwrap_or(pressed), &context),
            Heard::Scan(text) => {
                let step = open.form.scan(&text, &context);
                let sound = if open.form.is_refusing() { Sound::Bad } else { Sound::Good };
                self.effects.push(Effect::Ring(sound));
                step
            }
        };
        self.form_step(step);
    }

    fn form_step(&mut self, step: FormStep) {
        match step {
            FormStep::Stay => {}
            FormStep::Close => self.close_form(),
            FormStep::AskClose => {
                let lang = self.lang;
                let lines = vec![
                    lang.pick(
                        "Lo que ha escrito o leído no está registrado.",
                        "What you typed or scanned is not booked.",
                    )
                    .to_owned(),
                ];
                let title = lang.pick("¿Descartar?", "Discard?").to_owned();
                let dialog = Dialog::new(title, lines, lang.pick("Descartar", "Discard"), Then::DropForm);
                self.overlays.push(Overlay::Dialog(dialog));
            }
            FormStep::Submit(acts) => self.submit(acts),
            FormStep::OperatorIs(operator) => {
                self.close_form();
                self.sign_in(operator);
            }
            FormStep::Unknown { code, scan } => self.open_form(FormKind::UnknownCode { code, scan }),
            FormStep::Create(code) => {
                let Some(Overlay::Form(asked)) = self.overlays.pop() else { return };
                let prefill = Prefill { barcode: Some(code), ..Prefill::default() };
                self.open_prefilled(FormKind::NewProduct, &prefill);
                if let Some(Overlay::Form(open)) = self.overlays.last_mut() {
                    open.rescan = asked.rescan;
                }
            }
        }
    }

    /// Closes a question about a warehouse that has been answered at another one meanwhile, and says so.
    pub(super) fn close_what_is_settled(&mut self) {
        let Some(Overlay::Form(open)) = self.overlays.last() else { return };
        if !open.waits.is_empty() {
            return;
        }
        if let Some(said) = open.form.settled(&self.model, self.lang) {
            self.close_form();
            self.say(Tone::Note, said);
        }
    }

    fn close_form(&mut self) {
        if let Some(Overlay::Form(open)) = self.overlays.pop() {
            // Scans that came while it waited belong to whatever comes next.
            for heard in open.later {
                self.heard(heard);
            }
        }
    }

    /// Asks for a form's acts; the form stays open until all are answered.
    fn submit(&mut self, acts: Vec<Act>) {
        if self.operator.is_none() {
            let why = self.lang.pick("Diga primero quién es.", "Say first who you are.");
            self.refuse_form(why);
            self.open_form(FormKind::Operator);
            return;
        }
        let ids = self.ask_for(acts);
        if let Some(Overlay::Form(open)) = self.overlays.last_mut() {
            open.waits = ids;
        }
    }

    fn refuse_form(&mut self, why: &str) {
        if let Some(Overlay::Form(open)) = self.overlays.last_mut() {
            open.form.refused(why.to_owned());
        }
    }

    /// Asks the node for acts.
    pub(super) fn ask_for(&mut self, acts: Vec<Act>) -> Vec<Uuid> {
        let Some(operator) = self.operator.clone() else {
            self.open_form(FormKind::Operator);
            return Vec::new();
        };
        let mut ids = Vec::new();
        let mut requests = Vec::new();
        for act in acts {
            let id = self.new_id();
            let request = Request { id, operator: operator.clone(), act };
            self.requests.add(request.clone(), self.now.wall_ms);
            ids.push(id);
            requests.push(request);
        }
        self.outbox.push_back(Intent::Do { requests });
        ids
    }

    /// A dialog was answered.
    pub(super) fn answered_dialog(&mut self, yes: bool) {
        let Some(Overlay::Dialog(dialog)) = self.overlays.pop() else { return };
        match (dialog.then, yes) {
            (Then::DropForm | Then::DropScans, true) => {
                self.overlays.pop();
            }
            (Then::Quit, true) => self.effects.push(Effect::Quit),
            (Then::Unlocked(act), true) => self.submit(vec![*act]),
            (Then::Replenish(wanted), true) => self.carry_out(wanted),
            (_, false) => {}
        }
    }

    /// What became of a request.
    pub(super) fn answered(&mut self, id: Uuid, outcome: &Outcome) {
        let Some(act) = self.requests.answer(id, outcome) else { return };
        self.is_dirty = true;
        if self.run_answered(id, outcome) {
            return;
        }
        let at = self.overlays.iter().position(|o| matches!(o, Overlay::Form(f) if f.waits.contains(&id)));
        match outcome {
            Outcome::Recorded { entries } => {
                self.notes_due.extend(dispatched(&act, entries));
                if let Act::Send { to, .. } = &act {
                    self.last_destination = Some(to.clone());
                }
                if !self.stocktake_recorded(&act) {
                    let ids: Vec<_> = entries.iter().map(ToString::to_string).collect();
                    let done = self.lang.pick("registrado", "recorded");
                    self.say(Tone::Done, format!("{done} {}", ids.join(", ")));
                }
                let Some(at) = at else { return };
                let Some(Overlay::Form(open)) = self.overlays.get_mut(at) else { return };
                open.waits.retain(|w| *w != id);
                open.form.recorded(&act);
                // Of several acts one that was refused keeps the form open.
                if open.waits.is_empty() && !open.form.is_refusing() {
                    let Overlay::Form(open) = self.overlays.remove(at) else { return };
                    if let Some(scan) = open.rescan {
                        self.scans.push_front(scan);
                    }
                    for heard in open.later {
                        self.heard(heard);
                    }
                } else if open.waits.is_empty() {
                    // Keys typed ahead were meant for what came after a success.
                    open.later.clear();
                }
            }
            Outcome::Refused { refusal } => {
                let sentence = forms::refused(self.lang, refusal);
                self.effects.push(Effect::Ring(Sound::Bad));
                if let Some(Overlay::Form(open)) = at.and_then(|at| self.overlays.get_mut(at)) {
                    // What else a proposal asked for goes on: it takes keys again once all of it is answered.
                    if open.kind == FormKind::Replenish {
                        open.waits.retain(|w| *w != id);
                    } else {
                        open.waits.clear();
                    }
                    open.form.refused(sentence.clone());
                    // Keys typed ahead were meant for what came after a success; scans are kept.
                    let scans = std::mem::take(&mut open.later).into_iter();
                    let scans: Vec<_> = scans.filter(|h| matches!(h, Heard::Scan(_))).collect();
                    for scan in scans {
                        self.heard(scan);
                    }
                }
                // Above a question a toast would hide its answers; the form below says the same.
                let is_asked = matches!(refusal, Refusal::NoMajority { .. }) && self.offer_unlocked(act, at);
                if !is_asked {
                    self.say(Tone::Error, sentence);
                }
            }
        }
    }

    /// Where too few warehouses answer to give a lock, the act can be done without it: that is offered where its form
    /// is still looked at. Whether it was.
    fn offer_unlocked(&mut self, mut act: Act, form: Option<usize>) -> bool {
        let (Act::RequestTransfer { unlocked, .. } | Act::SetProduct { unlocked, .. }) = &mut act else {
            return false;
        };
        *unlocked = true;
        if form.is_none_or(|at| at + 1 != self.overlays.len()) {
            return false;
        }
        let lang = self.lang;
        let lines = match act {
            Act::SetProduct { .. } => lang.pick(
                "Si otro almacén cambia a la vez el mismo producto, queda lo último que se escriba.",
                "If another warehouse changes the same product meanwhile, the later word stands.",
            ),
            _ => lang.pick(
                "La solicitud se envía igual, pero no aparta nada: otro almacén puede pedir las mismas existencias.",
                "The request is sent all the same, but claims nothing: another warehouse may ask for the same goods.",
            ),
        };
        let title = lang.pick("No hay mayoría: ¿seguir sin cerrojo?", "No majority: go on without the lock?");
        let yes = lang.pick("Seguir", "Go on");
        let then = Then::Unlocked(Box::new(act));
        self.overlays.push(Overlay::Dialog(Dialog::new(title.to_owned(), vec![lines.to_owned()], yes, then)));
        true
    }

    pub(super) fn gone(&mut self) {
        self.is_dirty = true;
        self.link = match &self.link {
            Link::Stopped(reason) | Link::Away(reason) => Link::Stopped(reason.clone()),
            _ => Link::Stopped(self.lang.pick("su puerta se ha cerrado", "its door is closed").to_owned()),
        };
    }
}

/// The transfer whose goods left with an act, for its delivery note.
fn dispatched(act: &Act, entries: &[TransferId]) -> Option<TransferId> {
    match act {
        Act::Send { .. } => entries.first().cloned(),
        Act::SendRequested { transfer, .. } => Some(transfer.clone()),
        _ => None,
    }
}
