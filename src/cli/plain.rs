//! Lines instead of a screen, for screen readers, pipes and simple terminals: verbs go in, what they say comes out, and
//! what happened meanwhile is told between two of them. Nothing is redrawn, and no sign needs more than ASCII.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::io::Write;

use clap::error::ErrorKind;

use super::reach::{Session, Setting};
use super::{Desk, Failure, Verb, failure};
use crate::domain::gtin::Gtin;
use crate::domain::{Operator, Sku};
use crate::ledger::MovementRow;
use crate::node::Event;
use crate::text::alert::alert_line;
use crate::text::number::{counted, signed};
use crate::text::{stopped, words};
use crate::ui::Model;

/// News that are kept until the next line is read; older ones are in the history.
const KEPT: usize = 100;

/// A conversation by lines.
#[derive(Debug)]
pub struct Plain {
    setting: Setting,
    badges: BTreeMap<String, Operator>,
    model: Model,
    alerts: BTreeSet<String>,
    news: VecDeque<String>,
    missed: usize,
}

/// What a line leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The next line; what a verb would have ended with.
    Line(u8),
    /// The end.
    End,
}

impl Plain {
    /// Before anything was said.
    #[must_use]
    pub fn new(setting: Setting, badges: BTreeMap<String, Operator>) -> Self {
        let (model, alerts, news) = (Model::default(), BTreeSet::new(), VecDeque::new());
        Self { setting, badges, model, alerts, news, missed: 0 }
    }

    /// What stands before what is typed.
    #[must_use]
    pub fn prompt(&self) -> String {
        match &self.setting.operator {
            Some(operator) => format!("{} {operator}> ", self.setting.warehouse),
            None => format!("{}> ", self.setting.warehouse),
        }
    }

    /// Takes a fact; tells whether the picture must be asked for, of whichever node comes next.
    pub fn told(&mut self, event: Event, now_ms: i64) -> bool {
        match event {
            Event::Lagged => return true,
            Event::Picture { picture } => {
                let is_first = self.model.status.is_none();
                self.model.take_picture(*picture);
                if is_first {
                    let here = self.summary();
                    self.say(here);
                }
                self.tell_alerts(now_ms);
            }
            Event::Changed { changes } => {
                for row in &changes.movements {
                    let line = self.movement(row);
                    self.say(line);
                }
                for peer in changes.peers.iter().flatten() {
                    let before = self.model.peers.iter().find(|p| p.id == peer.id);
                    if before.is_none_or(|b| b.state != peer.state) {
                        let lang = self.setting.lang;
                        self.say(format!("{}: {}", peer.id, words::peer(lang, peer.state)));
                    }
                }
                let has_alerts = changes.alerts.is_some();
                self.model.take_changes(*changes);
                if has_alerts {
                    self.tell_alerts(now_ms);
                }
            }
            Event::Stopping { reason } => {
                let stops = self.setting.lang.pick("el nodo se detiene", "the node stops");
                self.say(format!("{stops}: {}", stopped(self.setting.lang, &reason)));
                return true;
            }
            Event::Answered { .. } | Event::Reply { .. } => {}
        }
        false
    }

    fn say(&mut self, line: String) {
        if self.news.len() >= KEPT {
            self.news.pop_front();
            self.missed += 1;
        }
        self.news.push_back(line);
    }

    fn summary(&self) -> String {
        let lang = self.setting.lang;
        let of = |n: usize, one, more| counted(lang, u64::try_from(n).unwrap_or(0), (one, more));
        let word = |es, en| lang.pick(es, en);
        format!(
            "{}: {}, {}, {}. {}",
            self.setting.warehouse,
            of(self.model.products.len(), word("producto", "product"), word("productos", "products")),
            of(self.model.members().count(), word("par", "peer"), word("pares", "peers")),
            of(self.model.alerts.len(), word("alerta", "alert"), word("alertas", "alerts")),
            lang.pick("Escriba «ayuda» o «salir».", "Type «help» or «quit»."),
        )
    }

    fn movement(&self, row: &MovementRow) -> String {
        let lang = self.setting.lang;
        let lot = if row.lot.is_none() { String::new() } else { format!("@{}", row.lot) };
        let kind = words::movement(lang, row.kind);
        let (id, qty) = (format!("{}:{}", row.origin, row.seq), signed(lang, row.qty));
        format!("{id} {} {kind} {}{lot} {qty}", row.operator, row.sku)
    }

    fn tell_alerts(&mut self, now_ms: i64) {
        let lang = self.setting.lang;
        let known = std::mem::take(&mut self.alerts);
        self.alerts = self.model.alerts.iter().map(|a| a.id.clone()).collect();
        let new = self.model.alerts.iter().filter(|a| !known.contains(&a.id));
        let word = lang.pick("alerta", "alert");
        let lines: Vec<_> =
            new.map(|a| format!("{word} {}: {}", a.id, alert_line(lang, a, now_ms))).collect();
        for line in lines {
            self.say(line);
        }
    }

    /// Tells what happened since the last line.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn tell_news(&mut self, out: &mut dyn Write) -> Result<(), Failure> {
        let missed = std::mem::take(&mut self.missed);
        if missed > 0 {
            let lang = self.setting.lang;
            let words = if missed == 1 {
                lang.pick("novedad más", "more line")
            } else {
                lang.pick("novedades más", "more lines")
            };
            writeln!(out, "{missed} {words}; {}", lang.pick("véase history", "see history"))?;
        }
        for line in std::mem::take(&mut self.news) {
            writeln!(out, "{}", ascii(&line))?;
        }
        Ok(out.flush()?)
    }

    /// Does what a line asks.
    ///
    /// # Errors
    /// When the answer can't be written; what the verb itself says of its failure is an answer.
    pub async fn line(
        &mut self,
        text: &str,
        session: &mut Session,
        out: &mut dyn Write,
        now_ms: i64,
    ) -> Result<Next, Failure> {
        let lang = self.setting.lang;
        if let Some(operator) = self.badges.get(text.trim()).cloned() {
            return self.operator_is(operator, out);
        }
        let Ok(mut words) = shell_words::split(text) else {
            writeln!(out, "{}", lang.pick("falta cerrar unas comillas", "a quote is not closed"))?;
            return Ok(Next::Line(failure::USAGE));
        };
        match words.first().map(String::as_str) {
            None => return Ok(Next::Line(0)),
            Some("quit" | "exit" | "q" | "salir") => return Ok(Next::End),
            Some("operator" | "operario") => {
                return match Operator::new(&words[1..].join(" ")) {
                    Ok(operator) => self.operator_is(operator, out),
                    Err(error) => {
                        writeln!(out, "{}", ascii(&crate::text::refusal::name_error(lang, &error)))?;
                        Ok(Next::Line(failure::USAGE))
                    }
                };
            }
            // Help of the verb behind it.
            Some("help" | "ayuda") => {
                words.remove(0);
                words.push("--help".to_owned());
            }
            Some(_) => {}
        }
        let sign = match words.first().map(String::as_str) {
            Some("+") => Some("receive"),
            Some("-") => Some("issue"),
            Some("=") => Some("count"),
            _ => None,
        };
        if let Some(verb) = sign {
            verb.clone_into(&mut words[0]);
        }
        for word in &mut words {
            if let Ok(code) = Gtin::parse(word)
                && let Some(sku) = self.bearer(code)
            {
                *word = sku.to_string();
            }
        }
        // A code alone asks what there is of it.
        if let [word] = &words[..]
            && Sku::new(word).is_ok_and(|sku| self.model.products.contains_key(&sku))
        {
            words.insert(0, "stock".to_owned());
        }
        self.verb(words, session, out, now_ms).await
    }

    fn operator_is(&mut self, operator: Operator, out: &mut dyn Write) -> Result<Next, Failure> {
        writeln!(out, "{}: {operator}", self.setting.lang.pick("operario", "operator"))?;
        self.setting.operator = Some(operator);
        Ok(Next::Line(0))
    }

    /// The product whose own barcode it is.
    fn bearer(&self, code: Gtin) -> Option<&Sku> {
        let mut bearers = self.model.bearers(code).filter(|v| !v.product.retired);
        bearers.find(|v| v.product.barcodes.contains(&code)).map(|v| &v.product.sku)
    }

    async fn verb(
        &mut self,
        words: Vec<String>,
        session: &mut Session,
        out: &mut dyn Write,
        now_ms: i64,
    ) -> Result<Next, Failure> {
        let lang = self.setting.lang;
        let args = std::iter::once("rubentario".to_owned()).chain(words).map(OsString::from);
        let args: Vec<_> = args.collect();
        let asked = match super::understand(&args, lang) {
            Ok(asked) => asked,
            Err(error) => {
                let told = super::told(&error, lang).unwrap_or_else(|| error.render().to_string());
                write!(out, "{}", ascii(&told))?;
                let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
                return Ok(Next::Line(if is_help { 0 } else { failure::USAGE }));
            }
        };
        let Some(Verb::Talk(talk)) = asked.verb else {
            let words = lang.pick(
                "aquí no: este terminal ya habla con su nodo",
                "not here: this terminal talks to its node already",
            );
            writeln!(out, "{}", ascii(words))?;
            return Ok(Next::Line(failure::USAGE));
        };
        let mut setting = self.setting.clone();
        if let Some(operator) = asked.global.operator.as_deref().and_then(|name| Operator::new(name).ok()) {
            setting.operator = Some(operator);
        }
        let (mut said, mut aside) = (Vec::new(), Vec::new());
        let json = asked.global.json;
        let mut desk = Desk {
            out: &mut said,
            err: &mut aside,
            json,
            operator_flag: asked.global.operator.clone(),
            setting,
            now_ms,
        };
        let exit = match super::talk(talk, session, &mut desk).await {
            Ok(()) => 0,
            Err(failure) => failure.tell(lang, json, &mut said, &mut aside),
        };
        for bytes in [said, aside] {
            let text = String::from_utf8_lossy(&bytes);
            write!(out, "{}", if json { text.into_owned() } else { ascii(&text) })?;
        }
        Ok(Next::Line(exit))
    }
}

/// The same with every sign in ASCII; letters stay, as they are what is read aloud.
fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() || c.is_alphanumeric() => plain.push(c),
            '−' | '–' | '—' | '·' | '•' | '─' => plain.push('-'),
            '→' => plain.push_str("->"),
            '←' => plain.push_str("<-"),
            '…' => plain.push_str("..."),
            '«' | '»' | '“' | '”' => plain.push('"'),
            '’' => plain.push('\''),
            '≤' => plain.push_str("<="),
            '±' => plain.push_str("+-"),
            '∞' => plain.push_str("inf"),
            '×' => plain.push('x'),
            '⇄' => plain.push_str("<>"),
            '✓' => plain.push_str("ok"),
            // A blank that groups digits, and the combining marks of letters.
            c if c.is_whitespace() => plain.push(' '),
            '\u{300}'..='\u{36f}' => plain.push(c),
            '¿' | '¡' => {}
            _ => plain.push('?'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_become_ascii_and_letters_stay() {
        assert_eq!(
            ascii("Guante látex −12 → madrid · «ñ» 20\u{202f}083 ✓"),
            "Guante látex -12 -> madrid - \"ñ\" 20 083 ok"
        );
    }
}
