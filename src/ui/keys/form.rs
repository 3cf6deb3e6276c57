//! The keys of forms, and of all else that lies on top of a pane or narrows it: questions, lists, filters.
//!
//! Whoever takes such a key knows it by its default: the map turns what is pressed into that first, so that one table
//! says which key it is everywhere.

use crate::text::Lang;

/// What such a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKey {
    /// Take this.
    Enter,
    /// To the next field.
    Next,
    /// To the field before.
    Back,
    /// Down in a list, or to the next field.
    Down,
    /// Up.
    Up,
    /// The value before, the letter before.
    Left,
    /// The next one.
    Right,
    /// Book now.
    Book,
    /// A new line.
    LineNew,
    /// Drop the line.
    LineDrop,
    /// Take the last scan back.
    TakeBack,
    /// To the line before.
    LineBefore,
    /// To the next line.
    LineAfter,
    /// Nothing in the field.
    Clear,
    /// Without the last word.
    ClearWord,
    /// Out.
    Leave,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct FormBinding {
    /// What it means.
    pub does: FormKey,
    /// Its name in the config.
    pub word: &'static str,
    /// The key by which it is known, and which it has where the config gives it no other.
    pub key: &'static str,
    es: &'static str,
    en: &'static str,
}

impl FormBinding {
    /// What it does, in few words.
    #[must_use]
    pub const fn label(&self, lang: Lang) -> &'static str {
        lang.pick(self.es, self.en)
    }
}

const fn row(
    does: FormKey,
    word: &'static str,
    key: &'static str,
    es: &'static str,
    en: &'static str,
) -> FormBinding {
    FormBinding { does, word, key, es, en }
}

/// All of them.
pub const FORM_KEYS: &[FormBinding] = {
    use FormKey as K;
    &[
        row(
            K::Enter,
            "form-enter",
            "Enter",
            "lo que falta; si nada falta, registrar",
            "what is missing; if nothing is, book",
        ),
        row(K::Next, "form-next", "Tab", "campo siguiente", "next field"),
        row(K::Back, "form-back", "Shift-Tab", "campo anterior", "field before"),
        row(
            K::Down,
            "form-down",
            "Down",
            "campo o línea de lista siguiente",
            "next field, or next line of a list",
        ),
        row(K::Up, "form-up", "Up", "campo o línea de lista anterior", "field, or line of a list, before"),
        row(K::Left, "form-left", "Left", "valor anterior; letra anterior", "value before; letter before"),
        row(K::Right, "form-right", "Right", "valor siguiente; letra siguiente", "next value; next letter"),
        row(K::Book, "form-book", "Ctrl-s", "registrar ya, toda la lista", "book now, the whole list"),
        row(
            K::LineNew,
            "form-line",
            "Ctrl-n",
            "otra línea, o alta para el código",
            "another line, or a product for the code",
        ),
        row(K::LineDrop, "form-drop", "Ctrl-x", "quitar la línea", "drop the line"),
        row(K::TakeBack, "form-undo", "Ctrl-r", "deshacer la última lectura", "undo the last scan"),
        row(K::LineBefore, "form-line-before", "PgUp", "línea o página anterior", "line or page before"),
        row(K::LineAfter, "form-line-after", "PgDn", "línea o página siguiente", "next line or page"),
        row(K::Clear, "form-clear", "Ctrl-u", "borrar el campo", "clear the field"),
        row(K::ClearWord, "form-clear-word", "Ctrl-w", "borrar la palabra", "clear the word"),
        row(
            K::Leave,
            "form-leave",
            "Esc",
            "salir; pregunta si hay algo escrito",
            "leave; asks if something was typed",
        ),
    ]
};
