//! A stocktake begins: which goods, whether whoever counts sees the book, which differences are counted twice.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::{Quantity, Selection, Threshold};
use crate::ledger::act::Act;
use crate::ledger::act::stocktake::StocktakeAct;
use crate::node::stocktakes::countable;
use crate::text::{Lang, format};
use crate::ui::forms::choice::Choice;
use crate::ui::forms::press::{Press, neighbour};
use crate::ui::forms::reading::sentence;
use crate::ui::forms::sheet::{Piece, Row, Tone};
use crate::ui::forms::{Answer, FormContext, not_ready};
use crate::ui::keys::FormKey;
use crate::ui::parts::field::TextField;

/// What is proposed: what nobody has counted for so many days.
const DAYS: &str = "30";
/// The longest time that is asked for.
const MOST_DAYS: u32 = 3650;

/// How the goods are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    NotCounted,
    Shelf,
    Category,
    All,
}

impl By {
    const ALL: [Self; 4] = [Self::NotCounted, Self::Shelf, Self::Category, Self::All];

    const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::NotCounted => lang.pick("lo no contado hace tiempo", "what was not counted lately"),
            Self::Shelf => lang.pick("por ubicación", "by shelf"),
            Self::Category => lang.pick("por categoría", "by category"),
            Self::All => lang.pick("todo", "everything"),
        }
    }
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    By,
    Days,
    Shelf,
    Category,
    Blind,
    Units,
    Percent,
}

/// How much the selection would count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    lines: usize,
    shelves: usize,
}

/// The form.
#[derive(Debug, Clone)]
pub struct Opening {
    by: Choice<By>,
    days: TextField,
    shelf: TextField,
    category: Choice<String>,
    blind: Choice<bool>,
    units: TextField,
    percent: TextField,
    focus: At,
    touched: bool,
    /// Reckoned at each key, not at each frame: the catalogue may be large.
    found: Option<Found>,
}

impl Opening {
    pub fn open(cx: &FormContext) -> Result<Self, String> {
        let here = cx.here().ok_or_else(|| not_ready(cx.lang))?;
        let here_now = cx.model.products.values().filter(|view| view.on_hand(here).is_positive());
        let named: BTreeSet<_> = here_now.map(|view| view.product.category.trim().to_owned()).collect();
        let mut category = Choice::new(named.into_iter().filter(|name| !name.is_empty()).collect());
        let of_selected =
            cx.selected.and_then(|sku| cx.product(sku)).map(|view| view.product.category.clone());
        if let Some(of_selected) = of_selected {
            category.choose(&of_selected);
        }
        let chosen = |mut choice: Choice<By>| {
            choice.choose(&By::NotCounted);
            choice
        };
        let mut blind = Choice::new(vec![true, false]);
        blind.choose(&true);
        let mut form = Self {
            by: chosen(Choice::new(By::ALL.to_vec())),
            days: TextField::new(DAYS),
            shelf: TextField::default(),
            category,
            blind,
            units: TextField::default(),
            percent: TextField::default(),
            focus: At::By,
            touched: false,
            found: None,
        };
        form.look(cx);
        Ok(form)
    }

    pub const fn is_dirty(&self) -> bool {
        self.touched
    }

    pub fn title(lang: Lang) -> String {
        lang.pick("Abrir un recuento", "Open a stocktake").to_owned()
    }

    /// The fields that are shown now, from top to bottom.
    fn order(&self) -> Vec<At> {
        let mut order = vec![At::By];
        match self.by.value() {
            Some(By::NotCounted) => order.push(At::Days),
            Some(By::Shelf) => order.push(At::Shelf),
            Some(By::Category) => order.push(At::Category),
            Some(By::All) | None => {}
        }
        order.extend([At::Blind, At::Units, At::Percent]);
        order
    }

    pub fn press(&mut self, press: Press, cx: &FormContext) -> Answer {
        match press {
            Press::Next | Press::Down => self.focus = neighbour(&self.order(), self.focus, true),
            Press::Back | Press::Up => self.focus = neighbour(&self.order(), self.focus, false),
            Press::Enter | Press::Book => return self.book(cx),
            Press::Text(key) => {
                self.key(key, cx.lang);
                self.look(cx);
            }
            _ => {}
        }
        Answer::Stay
    }

    /// The label of a shelf goes where a shelf is asked for.
    pub fn scan(&mut self, text: &str, cx: &FormContext) -> Answer {
        if self.focus == At::Shelf {
            self.shelf.set(text.trim());
            self.touched = true;
            self.look(cx);
            return Answer::Stay;
        }
        let text = cx.lang.pick(
            "Aquí solo se lee la etiqueta de la ubicación, con el cursor en ella.",
            "Only a shelf's label is scanned here, with the cursor in its field.",
        );
        Answer::Say(Tone::Warning, text.to_owned())
    }

    fn key(&mut self, key: KeyEvent, lang: Lang) {
        let edits = matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete);
        match self.focus {
            At::By => self.touched |= self.by.key(key, |by| by.word(lang).to_owned()),
            At::Category => self.touched |= self.category.key(key, Clone::clone),
            At::Blind => self.touched |= self.blind.key(key, |blind| blind_word(*blind, lang).to_owned()),
            At::Days | At::Shelf | At::Units | At::Percent => {
                self.touched |= edits;
                self.field_mut().key(key);
            }
        }
    }

    fn field_mut(&mut self) -> &mut TextField {
        match self.focus {
            At::Shelf => &mut self.shelf,
            At::Units => &mut self.units,
            At::Percent => &mut self.percent,
            _ => &mut self.days,
        }
    }

    /// The selection, or where it lacks something and what.
    fn selection(&self, cx: &FormContext) -> Result<Selection, (At, String)> {
        let lang = cx.lang;
        match self.by.value() {
            Some(By::All) => Ok(Selection::All),
            Some(By::Shelf) => {
                let begins = self.shelf.text().trim().to_owned();
                let words = lang
                    .pick("Escriba o lea cómo empieza la ubicación.", "Type or scan how the shelf begins.");
                if begins.is_empty() {
                    Err((At::Shelf, words.to_owned()))
                } else {
                    Ok(Selection::Shelf { shelf: begins })
                }
            }
            Some(By::Category) => {
                let words = || match lang {
                    Lang::Es => format!("Elija la categoría con {} o su letra.", cx.sides()),
                    Lang::En => format!("Choose the category with {} or its letter.", cx.sides()),
                };
                let category = self.category.value().cloned();
                category
                    .map(|category| Selection::Category { category })
                    .ok_or_else(|| (At::Category, words()))
            }
            Some(By::NotCounted) | None => {
                let days = self.days.text().trim().parse::<u32>().ok().filter(|&days| days <= MOST_DAYS);
                let words = lang.pick("Son días enteros, de 0 a 3650.", "That is whole days, 0 to 3650.");
                days.map(|days| Selection::NotCounted { days }).ok_or((At::Days, words.to_owned()))
            }
        }
    }

    fn threshold(&self, lang: Lang) -> Result<Threshold, (At, String)> {
        let units = self.units.text().trim().replace(lang.pick(",", "."), ".");
        let units = (!units.is_empty()).then(|| Quantity::parse(&units, 3)).transpose();
        let units = units.ok().filter(|units| units.is_none_or(|units| !units.is_negative()));
        let units = units.ok_or_else(|| {
            let words = lang.pick(
                "Escriba una cantidad, por ejemplo 2, o deje el campo en blanco.",
                "Type a quantity, such as 2, or leave the field blank.",
            );
            (At::Units, words.to_owned())
        })?;
        let percent = self.percent.text().trim().trim_end_matches('%').trim();
        let percent = (!percent.is_empty()).then(|| percent.parse::<u32>()).transpose();
        let percent = percent.map_err(|_| {
            let words = lang.pick(
                "Escriba un tanto por ciento entero, por ejemplo 5, o deje el campo en blanco.",
                "Type a whole percentage, such as 5, or leave the field blank.",
            );
            (At::Percent, words.to_owned())
        })?;
        Ok(Threshold { units, percent })
    }

    /// Reckons what the selection would count now.
    fn look(&mut self, cx: &FormContext) {
        self.found = self.selection(cx).ok().zip(cx.here()).map(|(selection, here)| {
            let mut shelves = BTreeSet::new();
            let mut lines = 0;
            // Nothing was counted later than now.
            let now_ms = cx.now_ms;
            for view in cx.model.products.values() {
                let place = view.rule(here).map_or("", |rule| rule.shelf.as_str());
                let cells = view.cells.iter().filter(|cell| cell.warehouse == *here);
                let taken =
                    cells.filter(|cell| selection.takes(&countable(view, cell, place), now_ms)).count();
                if taken > 0 {
                    shelves.insert(place);
                    lines += taken;
                }
            }
            Found { lines, shelves: shelves.len() }
        });
    }

    fn book(&mut self, cx: &FormContext) -> Answer {
        let lang = cx.lang;
        let judged = self.selection(cx).and_then(|selection| Ok((selection, self.threshold(lang)?)));
        let (selection, threshold) = match judged {
            Ok(both) => both,
            Err((at, sentence)) => {
                self.focus = at;
                return Answer::Say(Tone::Error, sentence);
            }
        };
        self.look(cx);
        if self.found.is_none_or(|found| found.lines == 0) {
            let text = lang.pick(
                "Aquí no hay existencias de esa selección; elija otra.",
                "There is no stock of that selection here; choose another one.",
            );
            return Answer::Say(Tone::Error, text.to_owned());
        }
        let blind = self.blind.value().copied().unwrap_or_default();
        Answer::Submit(vec![Act::Stocktake(StocktakeAct::Open { selection, blind, threshold })])
    }

    pub fn show<'a>(
        &'a self,
        rows: &mut Vec<Row<'a>>,
        keys: &mut Vec<(String, &'static str)>,
        cx: &FormContext,
    ) {
        let lang = cx.lang;
        for at in self.order() {
            rows.push(self.row(at, cx));
        }
        rows.push(Row::blank());
        rows.push(Row::Text(self.verdict(lang)));
        rows.push(Row::text(
            Tone::Dim,
            lang.pick(
                "Mientras se cuenta pueden moverse las existencias: cada línea se compara con el libro de su momento.",
                "Goods may move while people count: each line is held against the book of its own moment.",
            ),
        ));
        keys.push((cx.key(FormKey::Enter), lang.pick("abrir", "open")));
        keys.push((cx.key(FormKey::Next), lang.pick("campo", "field")));
        keys.push((cx.pair(FormKey::Left, FormKey::Right), lang.pick("elegir", "choose")));
    }

    fn row(&self, at: At, cx: &FormContext) -> Row<'_> {
        let lang = cx.lang;
        let focus = self.focus == at;
        let none = (Tone::Plain, String::new());
        let choice = |label: &str, value: Option<String>, note: Piece| Row::Choice {
            label: label.to_owned(),
            value,
            note,
            focus,
        };
        let wrong = |judged: Option<(At, String)>, else_note: &str| match judged {
            Some((wrong, text)) if wrong == at && focus => (Tone::Error, sentence(&text)),
            _ => (Tone::Dim, else_note.to_owned()),
        };
        match at {
            At::By => choice(
                lang.pick("Se cuenta", "Count"),
                self.by.value().map(|by| by.word(lang).to_owned()),
                none,
            ),
            At::Category => choice(
                lang.pick("Categoría", "Category"),
                self.category.value().cloned(),
                (Tone::Dim, self.category_note(cx)),
            ),
            At::Blind => choice(
                lang.pick("El libro", "The book"),
                self.blind.value().map(|blind| blind_word(*blind, lang).to_owned()),
                (Tone::Dim, lang.pick("a quien cuenta", "to whoever counts").to_owned()),
            ),
            At::Days => Row::Field {
                label: lang.pick("Sin contar en", "Not counted for").to_owned(),
                field: &self.days,
                room: 8,
                ghost: String::new(),
                note: wrong(self.selection(cx).err(), lang.pick("días", "days")),
                focus,
            },
            At::Shelf => Row::Field {
                label: lang.pick("Ubicación", "Shelf").to_owned(),
                field: &self.shelf,
                room: 16,
                ghost: lang.pick("su comienzo", "its beginning").to_owned(),
                note: (
                    Tone::Dim,
                    lang.pick("A-03 cuenta A-03-1, A-03-2…", "A-03 counts A-03-1, A-03-2…").to_owned(),
                ),
                focus,
            },
            At::Units => Row::Field {
                label: lang.pick("Recontar si difiere más de", "Recount beyond").to_owned(),
                field: &self.units,
                room: 10,
                ghost: lang.pick("opcional", "optional").to_owned(),
                note: wrong(self.threshold(lang).err(), lang.pick("unidades", "units")),
                focus,
            },
            At::Percent => Row::Field {
                label: lang.pick("o más de", "or beyond").to_owned(),
                field: &self.percent,
                room: 10,
                ghost: lang.pick("opcional", "optional").to_owned(),
                note: wrong(self.threshold(lang).err(), lang.pick("% del libro", "% of the book")),
                focus,
            },
        }
    }

    fn category_note(&self, cx: &FormContext) -> String {
        let lang = cx.lang;
        match (self.category.value(), self.category.options().len()) {
            (_, 0) => lang.pick("ningún producto tiene categoría", "no product has a category").to_owned(),
            (Some(_), _) => String::new(),
            (None, _) => self.category.offer(&cx.sides(), Clone::clone),
        }
    }

    fn verdict(&self, lang: Lang) -> Vec<Piece> {
        match self.found {
            None => vec![(
                Tone::Dim,
                lang.pick("Falta decir qué se cuenta", "What is counted is to be said").to_owned(),
            )],
            Some(Found { lines: 0, .. }) => {
                vec![(Tone::Warning, lang.pick("Nada que contar", "Nothing to count").to_owned())]
            }
            Some(Found { lines, shelves }) => {
                let n = |n| format::count(n, lang);
                let text = match (lang, lines) {
                    (Lang::Es, 1) => "1 línea que contar".to_owned(),
                    (Lang::Es, lines) => {
                        format!("{} líneas que contar, en {} ubicaciones", n(lines), n(shelves))
                    }
                    (Lang::En, 1) => "1 line to count".to_owned(),
                    (Lang::En, lines) => format!("{} lines to count, on {} shelves", n(lines), n(shelves)),
                };
                vec![(Tone::Strong, text)]
            }
        }
    }
}

const fn blind_word(blind: bool, lang: Lang) -> &'static str {
    if blind { lang.pick("oculto", "hidden") } else { lang.pick("a la vista", "shown") }
}
