//! Who is at the terminal: asked on the first start, and whenever somebody else takes over.

use super::press::Press;
use super::reading::said;
use super::sheet::{Row, Tone};
use super::{Answer, FormContext};
use crate::domain::{Operator, Refusal};
use crate::text::Lang;
use crate::ui::parts::field::TextField;

/// The form.
#[derive(Debug, Clone, Default)]
pub struct OperatorForm {
    name: TextField,
}

impl OperatorForm {
    pub fn is_dirty(&self) -> bool {
        !self.name.is_empty()
    }

    pub fn title(lang: Lang) -> String {
        lang.pick("¿Quién es?", "Who is it?").to_owned()
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Enter | Press::Book => match Operator::new(self.name.text()) {
                Ok(operator) => return Answer::Operator(operator),
                Err(problem) => return Answer::Say(Tone::Error, said(cx.lang, &Refusal::Name { problem })),
            },
            Press::Text(key) => {
                self.name.key(key);
            }
            _ => {}
        }
        Answer::Stay
    }

    /// A badge can be scanned.
    pub fn scan(&mut self, text: &str) -> Answer {
        self.name.set(text.trim());
        Answer::Stay
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(&'static str, &'static str)>,
        lang: Lang,
    ) {
        rows.push(Row::Field {
            label: lang.pick("Operario", "Operator").to_owned(),
            field: &self.name,
            room: 40,
            ghost: lang.pick("su nombre, o lea su tarjeta", "your name, or scan your badge").to_owned(),
            note: (Tone::Plain, String::new()),
            focus: true,
        });
        let text = lang.pick(
            "Queda escrito en cada movimiento, a la vista de todos los almacenes.",
            "It stands on every movement, for all warehouses to see.",
        );
        rows.push(Row::blank());
        rows.push(Row::text(Tone::Dim, text));
        keys.push(("Enter", lang.pick("empezar", "begin")));
    }
}
