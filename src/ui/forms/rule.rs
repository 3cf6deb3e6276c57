//! A product's reorder rule and shelf in this warehouse. Blank is «not set»; 0 is a value.

use crossterm::event::{KeyCode, KeyEvent};

use super::press::{Press, neighbour};
use super::reading::{amount, figure, said, sentence};
use super::sheet::{Piece, Row, Tone};
use super::{Answer, FormContext, not_ready};
use crate::domain::reorder::{ServiceLevel, is_low, to_order};
use crate::domain::typing::Sign;
use crate::domain::{Product, Quantity, Refusal, ReorderRule, Sku};
use crate::ledger::act::Act;
use crate::ledger::book::RuleState;
use crate::text::{Lang, format};
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;
use crate::ui::theme::Theme;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Point,
    Maximum,
    Multiple,
    Minimum,
    Lead,
    Deviation,
    Level,
    Shelf,
}

const ORDER: [At; 8] =
    [At::Point, At::Maximum, At::Multiple, At::Minimum, At::Lead, At::Deviation, At::Level, At::Shelf];

/// The form.
#[derive(Debug, Clone)]
pub struct Rule {
    sku: Sku,
    /// In the order of the form.
    fields: [TextField; 8],
    before: RuleState,
    focus: At,
    touched: bool,
}

impl Rule {
    /// Opens it for a product.
    pub fn open(sku: Option<&Sku>, cx: &FormContext) -> Result<Self, String> {
        let here = cx.here().ok_or_else(|| not_ready(cx.lang))?;
        let view = sku.and_then(|sku| cx.product(sku)).ok_or_else(|| select_first(cx.lang))?;
        let before = view.rule(here).cloned().unwrap_or_default();
        let typed = |q: Option<Quantity>| q.map_or_else(String::new, |q| format::typed(q, cx.lang));
        let rule = &before.rule;
        let fields = [
            typed(rule.reorder_point),
            typed(rule.maximum),
            typed(rule.multiple),
            typed(rule.minimum_order),
            days(rule.lead_time_days),
            days(rule.lead_time_deviation_days),
            percent(rule.service_level, cx.lang),
            before.shelf.clone(),
        ];
        Ok(Self {
            sku: view.product.sku.clone(),
            fields: fields.map(|text| TextField::new(&text)),
            before,
            focus: At::Point,
            touched: false,
        })
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(&self, lang: Lang) -> String {
        format!("{} · {}", lang.pick("Regla de pedido y ubicación", "Reorder rule and shelf"), self.sku)
    }

    fn field(&self, at: At) -> &TextField {
        let [point, maximum, multiple, minimum, lead, deviation, level, place] = &self.fields;
        match at {
            At::Point => point,
            At::Level => level,
            At::Lead => lead,
            At::Deviation => deviation,
            At::Maximum => maximum,
            At::Multiple => multiple,
            At::Minimum => minimum,
            At::Shelf => place,
        }
    }

    fn field_mut(&mut self) -> &mut TextField {
        let [point, maximum, multiple, minimum, lead, deviation, level, place] = &mut self.fields;
        match self.focus {
            At::Point => point,
            At::Level => level,
            At::Lead => lead,
            At::Deviation => deviation,
            At::Maximum => maximum,
            At::Multiple => multiple,
            At::Minimum => minimum,
            At::Shelf => place,
        }
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Next | Press::Down => self.focus = neighbour(&ORDER, self.focus, true),
            Press::Back | Press::Up => self.focus = neighbour(&ORDER, self.focus, false),
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) => self.key(key),
            _ => {}
        }
        Answer::Stay
    }

    /// A shelf's label can be scanned.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        if self.focus == At::Shelf {
            self.field_mut().set(text.trim());
            self.touched = true;
            return Answer::Stay;
        }
        let text = cx.lang.pick(
            "Aquí solo se lee la etiqueta de la ubicación, con el cursor en ella.",
            "Only a shelf's label is scanned here, with the cursor in its field.",
        );
        Answer::Say(Tone::Warning, text.to_owned())
    }

    fn key(&mut self, key: KeyEvent) {
        self.touched |= matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        self.field_mut().key(key);
    }

    fn judge(&self, product: &Product, lang: Lang) -> Result<ReorderRule, (At, String)> {
        let figure = |at: At| {
            let text = self.field(at).text();
            if text.trim().is_empty() {
                return Ok(None);
            }
            let read = amount(text, product, Sign::NotNegative, lang);
            read.map(Some).map_err(|why| (at, sentence(&why)))
        };
        let whole_days = |at: At| {
            let text = self.field(at).text().trim();
            if text.is_empty() {
                return Ok(None);
            }
            let wrong = lang.pick("Son días enteros, de 0 a 3650.", "These are whole days, 0 to 3650.");
            let days = text.parse::<u32>().ok().filter(|&d| d <= 3650);
            days.map(Some).ok_or_else(|| (at, wrong.to_owned()))
        };
        let level = self.field(At::Level).text().trim();
        let service_level = ServiceLevel::parse(level);
        if service_level.is_none() && !level.is_empty() {
            return Err((At::Level, format!("{} {}", lang.pick("Puede ser", "It can be"), levels(lang))));
        }
        let rule = ReorderRule {
            reorder_point: figure(At::Point)?,
            service_level,
            lead_time_days: whole_days(At::Lead)?,
            lead_time_deviation_days: whole_days(At::Deviation)?,
            maximum: figure(At::Maximum)?,
            multiple: figure(At::Multiple)?,
            minimum_order: figure(At::Minimum)?,
        };
        if rule.service_level.is_some() && rule.reorder_point.is_none() && rule.lead_time_days.is_none() {
            let text = lang.pick("Hace falta para calcular el punto.", "It is needed to compute the point.");
            return Err((At::Lead, text.to_owned()));
        }
        if rule.multiple.is_some_and(Quantity::is_zero) {
            let text = lang.pick(
                "Un múltiplo de cero no vale: escriba otro, o déjelo en blanco.",
                "A multiple of zero won't do: type another one, or leave it blank.",
            );
            return Err((At::Multiple, text.to_owned()));
        }
        if rule.maximum.zip(rule.reorder_point).is_some_and(|(max, point)| max < point) {
            let text = lang.pick(
                "El máximo está por debajo del punto de pedido.",
                "The maximum lies below the reorder point.",
            );
            return Err((At::Maximum, text.to_owned()));
        }
        Ok(rule)
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        let Some(view) = cx.product(&self.sku) else {
            let sku = self.sku.clone();
            return Answer::Say(Tone::Error, said(cx.lang, &Refusal::UnknownSku { sku }));
        };
        let rule = match self.judge(&view.product, cx.lang) {
            Ok(rule) => rule,
            Err((at, sentence)) => {
                self.focus = at;
                return Answer::Say(Tone::Error, sentence);
            }
        };
        let place = self.field(At::Shelf).text().trim().to_owned();
        let rule = Some(rule).filter(|r| *r != self.before.rule);
        let place = Some(place).filter(|s| *s != self.before.shelf);
        if rule.is_none() && place.is_none() {
            return Answer::Close;
        }
        Answer::Submit(vec![Act::SetRule { sku: self.sku.clone(), rule, shelf: place }])
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        theme: &Theme,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        let Some((view, here)) = cx.product(&self.sku).zip(cx.here()) else {
            return;
        };
        let product = &view.product;
        rows.push(Row::text(Tone::Strong, product.name.clone()));
        let judged = self.judge(product, lang);
        for at in ORDER {
            let label = match at {
                At::Point => lang.pick("Punto de pedido", "Reorder point"),
                At::Level => lang.pick("Nivel servicio", "Service level"),
                At::Lead => lang.pick("Plazo de entrega", "Lead time"),
                At::Deviation => lang.pick("Su desviación", "Its deviation"),
                At::Maximum => lang.pick("Máximo", "Maximum"),
                At::Multiple => lang.pick("Múltiplo", "Multiple"),
                At::Minimum => lang.pick("Pedido mínimo", "Minimum order"),
                At::Shelf => lang.pick("Ubicación", "Shelf"),
            };
            let note = match &judged {
                Err((wrong, sentence)) if *wrong == at => (Tone::Error, sentence.clone()),
                _ => self.note(at, product, lang),
            };
            let computes = at == At::Point && judged.as_ref().is_ok_and(|rule| rule.computes().is_some());
            let ghost =
                if computes { lang.pick("calculado", "computed") } else { lang.pick("no fijado", "not set") };
            rows.push(Row::Field {
                label: label.to_owned(),
                field: self.field(at),
                room: if at == At::Shelf { 30 } else { 14 },
                ghost: ghost.to_owned(),
                note,
                focus: self.focus == at,
            });
        }
        rows.push(Row::blank());
        if let Ok(rule) = &judged {
            let position = view.position(here);
            let at_most = theme.signs.at_most;
            // What another rule computes is known once it is saved.
            let same = rule.computes() == self.before.rule.computes();
            let computed = view.reorder_point(here).filter(|_| same);
            let point = rule.reorder_point.map_or(computed.filter(|_| rule.computes().is_some()), Some);
            rows.push(Row::Text(verdict(rule, point, position, product, at_most, lang)));
        }
        keys.push((cx.key(FormKey::Enter), lang.pick("guardar", "save")));
        keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
    }

    /// The unit, and what stood there before.
    fn note(&self, at: At, product: &Product, lang: Lang) -> Piece {
        let rule = &self.before.rule;
        let typed = |q: Option<Quantity>| q.map_or_else(String::new, |q| format::typed(q, lang));
        let is_blank = self.field(at).text().trim().is_empty();
        let level_note = if is_blank { format!("% · {}", levels(lang)) } else { "%".to_owned() };
        let (before, unit) = match at {
            At::Point => (typed(rule.reorder_point), product.unit.as_str()),
            At::Maximum => (typed(rule.maximum), product.unit.as_str()),
            At::Multiple => (typed(rule.multiple), product.unit.as_str()),
            At::Minimum => (typed(rule.minimum_order), product.unit.as_str()),
            At::Level => (percent(rule.service_level, lang), level_note.as_str()),
            At::Lead => (days(rule.lead_time_days), lang.pick("días", "days")),
            At::Deviation => (days(rule.lead_time_deviation_days), lang.pick("días", "days")),
            At::Shelf => (self.before.shelf.clone(), ""),
        };
        if self.field(at).text().trim() == before {
            return (Tone::Dim, unit.to_owned());
        }
        let word = lang.pick("antes", "before");
        let before = if before.is_empty() { lang.pick("no fijado", "not set").to_owned() } else { before };
        (Tone::Plain, format!("{unit} · {word} {before}").trim_start_matches(" · ").to_owned())
    }
}

/// What the rule says of the position as it is now.
fn verdict(
    rule: &ReorderRule,
    point: Option<Quantity>,
    position: Quantity,
    product: &Product,
    at_most: &str,
    lang: Lang,
) -> Vec<Piece> {
    let now = figure(position, product, lang);
    let mut pieces =
        vec![(Tone::Dim, format!("{} ", lang.pick("Posición ahora", "Position now"))), (Tone::Plain, now)];
    let Some(point) = point else {
        let words = if rule.computes().is_some() {
            lang.pick(
                "el punto se calcula cada día de la demanda de 30",
                "the point is computed daily from 30 days' demand",
            )
        } else {
            lang.pick("sin alerta", "no alert")
        };
        pieces.push((Tone::Dim, format!("  {words}")));
        return pieces;
    };
    if !is_low(position, point) {
        pieces.push((
            Tone::Ok,
            format!("  {}", lang.pick("sobre el punto de pedido", "above the reorder point")),
        ));
        return pieces;
    }
    pieces.push((
        Tone::Warning,
        format!(" {at_most} {}: {}", figure(point, product, lang), lang.pick("alerta", "alert")),
    ));
    let order = rule.maximum.and_then(|max| to_order(position, max, rule.multiple, rule.minimum_order).ok());
    if let Some(order) = order.filter(|q| q.is_positive()) {
        let word = lang.pick("pedir", "order");
        pieces.push((Tone::Warning, format!(", {word} {}", figure(order, product, lang))));
    }
    pieces
}

/// A service level as it is typed.
fn percent(level: Option<ServiceLevel>, lang: Lang) -> String {
    level.map_or_else(String::new, |level| match lang {
        Lang::Es => level.word().replace('.', ","),
        Lang::En => level.word().to_owned(),
    })
}

/// The service levels there are.
fn levels(lang: Lang) -> String {
    ServiceLevel::ALL.map(|level| percent(Some(level), lang)).join(" · ")
}

fn days(days: Option<u32>) -> String {
    days.map_or_else(String::new, |days| days.to_string())
}

/// What is said where a product has to be chosen before the form opens.
pub fn select_first(lang: Lang) -> String {
    lang.pick("Seleccione primero un producto en existencias.", "Select a product in the stock pane first.")
        .to_owned()
}
