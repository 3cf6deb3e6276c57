//! Who is at the terminal: asked on the first start, and whenever somebody else takes over.

use super::press::Press;
use super::reading::said;
use super::sheet::{Row, Tone};
use super::{Answer, FormContext};
use crate::domain::{Operator, Refusal};
use crate::text::Lang;
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;

/// How many names are offered.
const OFFERED: usize = 6;

/// The form.
#[derive(Debug, Clone, Default)]
pub struct OperatorForm {
    name: TextField,
    /// Who worked here lately, the last one first.
    known: Vec<Operator>,
    at: usize,
}

impl OperatorForm {
    /// Opens it with the names of those who worked here lately.
    pub fn open(cx: &FormContext) -> Self {
        let mut known: Vec<Operator> = Vec::new();
        let here = cx.here();
        for row in cx.model.movements.iter().filter(|row| here == Some(&row.origin)) {
            if !known.contains(&row.operator) {
                known.push(row.operator.clone());
            }
        }
        Self { name: TextField::default(), known, at: 0 }
    }

    pub fn is_dirty(&self) -> bool {
        !self.name.is_empty()
    }

    pub fn size(&self) -> (u16, u16) {
        (76, 8 + u16::try_from(self.known.len().min(OFFERED)).unwrap_or(0))
    }

    pub fn title(lang: Lang) -> String {
        lang.pick("¿Quién es?", "Who is it?").to_owned()
    }

    /// Those whose name begins as typed.
    fn offered(&self) -> Vec<&Operator> {
        let typed = self.name.text().trim().to_lowercase();
        let begins = |o: &&Operator| o.as_str().to_lowercase().starts_with(&typed);
        self.known.iter().filter(begins).take(OFFERED).collect()
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            // Typed as it is, unless one of those offered was gone to.
            Press::Enter | Press::Book => {
                match self.at.checked_sub(1).and_then(|at| self.offered().get(at).copied()) {
                    Some(known) => return Answer::Operator(known.clone()),
                    None => return Self::sign_in(self.name.text(), cx),
                }
            }
            Press::Down | Press::Next => self.at = (self.at + 1) % (self.offered().len() + 1),
            Press::Up | Press::Back => {
                let many = self.offered().len() + 1;
                self.at = (self.at + many - 1) % many;
            }
            Press::Text(key) => {
                self.name.key(key);
                self.at = 0;
            }
            _ => {}
        }
        Answer::Stay
    }

    /// Takes a name, typed or from a badge that says it.
    pub fn sign_in(name: &str, cx: &FormContext) -> Answer {
        match Operator::new(name) {
            Ok(operator) => Answer::Operator(operator),
            Err(problem) => Answer::Say(Tone::Error, said(cx.lang, &Refusal::Name { problem })),
        }
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        rows.push(Row::Field {
            label: lang.pick("Operario", "Operator").to_owned(),
            field: &self.name,
            room: 40,
            ghost: lang.pick("su nombre, o lea su tarjeta", "your name, or scan your badge").to_owned(),
            note: (Tone::Plain, String::new()),
            focus: self.at == 0,
        });
        for (i, known) in self.offered().into_iter().enumerate() {
            let pieces = vec![(Tone::Plain, known.to_string())];
            rows.push(Row::Item { pieces, chosen: self.at == i + 1 });
        }
        let text = lang.pick(
            "Queda escrito en cada movimiento, a la vista de todos los almacenes.",
            "It stands on every movement, for all warehouses to see.",
        );
        rows.push(Row::blank());
        rows.push(Row::text(Tone::Dim, text));
        keys.push((cx.key(FormKey::Enter), lang.pick("empezar", "begin")));
        if !self.offered().is_empty() {
            keys.push((cx.pair(FormKey::Down, FormKey::Up), lang.pick("uno de ellos", "one of them")));
        }
    }
}
