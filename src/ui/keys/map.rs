//! The keys in force: the table with the changes of the config.

use std::collections::{BTreeMap, BTreeSet};

use crossterm::event::KeyEvent;

use super::form::{FORM_KEYS, FormBinding, FormKey};
use super::press::{Press, Why, because};
use super::table::{BINDINGS, Binding, Place};
use crate::text::Lang;
use crate::ui::action::Action;

/// Why the keys of the config can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No action of that name.
    #[error("there is no action «{word}»; the actions are {}", words().join(", "))]
    UnknownAction {
        /// The name as given.
        word: String,
    },
    /// A key that can't be bound.
    #[error("{word} = «{key}»: {}", why.1)]
    BadKey {
        /// The action.
        word: String,
        /// The key as given.
        key: String,
        /// Why not.
        why: Why,
    },
    /// One key for two actions in one place.
    #[error("«{key}» means both {one} and {other}")]
    Clash {
        /// The key.
        key: String,
        /// One action.
        one: String,
        /// The other.
        other: String,
    },
}

/// The names of the actions, as the config says them.
fn words() -> Vec<&'static str> {
    let forms = FORM_KEYS.iter().map(|binding| binding.word);
    let words: BTreeSet<_> = BINDINGS.iter().map(|binding| binding.word).chain(forms).collect();
    words.into_iter().collect()
}

impl KeyError {
    /// The sentence, in the language.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Es, Self::UnknownAction { word }) => {
                format!("no hay ninguna acción «{word}»; las acciones son {}", words().join(", "))
            }
            (Lang::Es, Self::BadKey { word, key, why }) => format!("{word} = «{key}»: {}", why.0),
            (Lang::Es, Self::Clash { key, one, other }) => {
                format!("«{key}» significa a la vez {one} y {other}: cambie una de las dos")
            }
        }
    }

    /// Whether it is about an action.
    #[must_use]
    pub fn is_of(&self, action: &str) -> bool {
        match self {
            Self::UnknownAction { word } | Self::BadKey { word, .. } => word == action,
            Self::Clash { one, other, .. } => one == action || other == action,
        }
    }
}

/// What keys pressed so far mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// That.
    Action(Action),
    /// More may follow.
    Prefix,
    /// Nothing.
    Nothing,
}

/// A row of the table with the keys in force.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The row.
    pub binding: &'static Binding,
    /// Its keys.
    pub sequences: Vec<Vec<Press>>,
}

impl Bound {
    /// The first key as it is written.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        self.sequences.first().map(|s| written(s))
    }

    /// All keys as they are written.
    #[must_use]
    pub fn keys(&self) -> String {
        let all: Vec<_> = self.sequences.iter().map(|s| written(s)).collect();
        all.join(" ")
    }
}

/// A row of the table of forms with the keys in force.
#[derive(Debug, Clone)]
pub struct BoundInForms {
    /// The row.
    pub binding: &'static FormBinding,
    /// The key it is known by.
    known: Press,
    /// Its keys.
    presses: Vec<Press>,
}

impl BoundInForms {
    /// All keys as they are written.
    #[must_use]
    pub fn keys(&self) -> String {
        let all: Vec<_> = self.presses.iter().map(ToString::to_string).collect();
        all.join(" ")
    }
}

/// All keys in force.
#[derive(Debug, Clone)]
pub struct Keymap {
    rows: Vec<Bound>,
    forms: Vec<BoundInForms>,
}

impl Keymap {
    /// The table with changes: the keys of an action by its name; none = no key.
    ///
    /// # Errors
    /// An unknown action, a key that can't be bound, or one key for two actions.
    pub fn new(changes: &BTreeMap<String, Vec<String>>) -> Result<Self, KeyError> {
        let known = words();
        if let Some(word) = changes.keys().find(|word| !known.contains(&word.as_str())) {
            return Err(KeyError::UnknownAction { word: word.clone() });
        }
        let mut rows: Vec<Bound> = Vec::new();
        for binding in BINDINGS {
            let chosen = changes.get(binding.word).map(|keys| keys.iter().map(String::as_str).collect());
            let keys: Vec<_> = chosen.unwrap_or_else(|| binding.keys.split_whitespace().collect());
            let sequences = keys.into_iter().map(|key| {
                Press::parse_sequence(key).map_err(|why| KeyError::BadKey {
                    word: binding.word.to_owned(),
                    key: key.to_owned(),
                    why,
                })
            });
            let sequences = sequences.collect::<Result<Vec<_>, _>>()?;
            for earlier in &rows {
                clash(earlier, binding, &sequences)?;
            }
            rows.push(Bound { binding, sequences });
        }
        let mut forms: Vec<BoundInForms> = Vec::new();
        for binding in FORM_KEYS {
            let bound = in_forms(binding, changes.get(binding.word))?;
            for press in &bound.presses {
                let earlier = forms.iter().find(|row| row.presses.contains(press));
                let earlier = earlier.map(|row| row.binding.word).or_else(|| {
                    let row = rows.iter().find(|row| works_in_forms(row, *press))?;
                    Some(row.binding.word)
                });
                if let Some(one) = earlier {
                    return Err(KeyError::Clash {
                        key: press.to_string(),
                        one: one.to_owned(),
                        other: binding.word.to_owned(),
                    });
                }
            }
            forms.push(bound);
        }
        Ok(Self { rows, forms })
    }

    /// The rows of forms.
    #[must_use]
    pub fn form_rows(&self) -> &[BoundInForms] {
        &self.forms
    }

    /// What a key means in a form: the key that this is known by; itself where it has no meaning but to type; none
    /// where the config took its meaning away.
    #[must_use]
    pub fn in_form(&self, key: KeyEvent) -> Option<KeyEvent> {
        let Some(press) = Press::of(key) else { return Some(key) };
        let known = |known: Press| KeyEvent { kind: key.kind, state: key.state, ..known.event() };
        if let Some(row) = self.forms.iter().find(|row| row.presses.contains(&press)) {
            return Some(known(row.known));
        }
        (!self.forms.iter().any(|row| row.known == press)).then_some(key)
    }

    /// What a key does wherever it is pressed, in forms too.
    #[must_use]
    pub fn anywhere(&self, key: KeyEvent) -> Option<Action> {
        let press = Press::of(key)?;
        self.rows.iter().find(|row| works_in_forms(row, press)).map(|row| row.binding.action)
    }

    /// The key of forms as it is written.
    #[must_use]
    pub fn form_key(&self, does: FormKey) -> String {
        let row = self.forms.iter().find(|row| row.binding.does == does);
        row.and_then(|row| row.presses.first()).map(ToString::to_string).unwrap_or_default()
    }

    /// Two keys of forms that go together: arrows as such.
    #[must_use]
    pub fn form_pair(&self, one: FormKey, other: FormKey) -> String {
        [one, other]
            .map(|does| match self.form_key(does).as_str() {
                "Left" => "←".to_owned(),
                "Right" => "→".to_owned(),
                "Up" => "↑".to_owned(),
                "Down" => "↓".to_owned(),
                other => other.to_owned(),
            })
            .join(" ")
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> &[Bound] {
        &self.rows
    }

    /// The row of an action in a place.
    #[must_use]
    pub fn row(&self, action: Action, place: Place) -> Option<&Bound> {
        self.rows.iter().find(|r| r.binding.action == action && r.binding.places.has(place))
    }

    /// What keys pressed one after the other mean in a place.
    #[must_use]
    pub fn find(&self, place: Place, pressed: &[Press]) -> Found {
        let mut found = Found::Nothing;
        for row in self.rows.iter().filter(|r| r.binding.places.has(place)) {
            for sequence in &row.sequences {
                if sequence == pressed {
                    return Found::Action(row.binding.action);
                }
                if sequence.starts_with(pressed) {
                    found = Found::Prefix;
                }
            }
        }
        found
    }

    /// What may follow the keys pressed so far, each with what it leads to.
    #[must_use]
    pub fn continuations(&self, place: Place, pressed: &[Press]) -> Vec<(String, &'static Binding)> {
        let rows = self.rows.iter().filter(|r| r.binding.places.has(place));
        let all = rows.flat_map(|r| r.sequences.iter().map(move |s| (s, r.binding)));
        all.filter_map(|(sequence, binding)| {
            let rest = sequence.strip_prefix(pressed).filter(|rest| !rest.is_empty())?;
            Some((written(rest), binding))
        })
        .collect()
    }

    /// The rows whose keys are hinted at in a place, the most useful first.
    #[must_use]
    pub fn hints(&self, place: Place) -> Vec<&Bound> {
        let mut rows: Vec<_> = self
            .rows
            .iter()
            .filter(|r| r.binding.rank > 0 && r.binding.places.has(place) && !r.sequences.is_empty())
            .collect();
        rows.sort_by_key(|r| r.binding.rank);
        rows
    }

    /// The label of an action, with its key where it has one.
    #[must_use]
    pub fn label(&self, action: Action, place: Place, lang: Lang) -> String {
        self.row(action, place).map_or_else(String::new, |row| {
            row.key().map_or_else(
                || row.binding.label(lang).to_owned(),
                |key| format!("{key} {}", row.binding.label(lang)),
            )
        })
    }
}

/// The keys of a row of forms: each is one key, and types nothing.
fn in_forms(binding: &'static FormBinding, chosen: Option<&Vec<String>>) -> Result<BoundInForms, KeyError> {
    let bad = |key: &str, why| KeyError::BadKey { word: binding.word.to_owned(), key: key.to_owned(), why };
    let read = |key: &str| {
        let press = Press::parse(key).map_err(|why| bad(key, why))?;
        if press.types() {
            let why = because(
                "en los formularios escribe una letra: ponga una con Ctrl, de función o con nombre",
                "in forms it types a letter: use one with Ctrl, a function key or one with a name",
            );
            return Err(bad(key, why));
        }
        Ok(press)
    };
    let presses = match chosen {
        None => vec![read(binding.key)?],
        Some(keys) => keys.iter().map(|key| read(key)).collect::<Result<_, _>>()?,
    };
    if presses.is_empty() && matches!(binding.does, FormKey::Enter | FormKey::Leave) {
        let why = because("sin ella nadie sale de un formulario", "without it nobody gets out of a form");
        return Err(bad("", why));
    }
    Ok(BoundInForms { binding, known: read(binding.key)?, presses })
}

/// Whether a key of a row works in forms as well: the end of the terminal does, by what types nothing.
fn works_in_forms(row: &Bound, press: Press) -> bool {
    matches!(row.binding.action, Action::Quit | Action::Suspend)
        && !press.types()
        && row.sequences.iter().any(|sequence| *sequence == [press])
}

fn clash(earlier: &Bound, binding: &Binding, sequences: &[Vec<Press>]) -> Result<(), KeyError> {
    let meet = Place::ALL.iter().any(|&place| earlier.binding.places.has(place) && binding.places.has(place));
    if !meet {
        return Ok(());
    }
    for one in &earlier.sequences {
        for other in sequences {
            if one.starts_with(other) || other.starts_with(one) {
                let shorter = if one.len() < other.len() { one } else { other };
                return Err(KeyError::Clash {
                    key: written(shorter),
                    one: earlier.binding.word.to_owned(),
                    other: binding.word.to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn written(sequence: &[Press]) -> String {
    sequence.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn with(word: &str, keys: &str) -> Result<Keymap, KeyError> {
        let keys = keys.split('|').filter(|k| !k.is_empty()).map(ToOwned::to_owned).collect();
        Keymap::new(&BTreeMap::from([(word.to_owned(), keys)]))
    }

    #[test]
    fn the_table_has_no_clash_and_no_key_that_terminals_confuse() {
        Keymap::new(&BTreeMap::new()).unwrap();
    }

    #[test]
    fn a_clash_names_both() {
        let error = with("zoom", "t").unwrap_err();
        assert_eq!(error.to_string(), "«t» means both send and zoom");
        assert!(matches!(with("zoom", "g"), Err(KeyError::Clash { .. })), "g begins gg");
    }

    #[test]
    fn a_letter_may_mean_different_things_in_different_panes() {
        let map = with("acknowledge", "z").unwrap();
        let z = [Press::parse("z").unwrap()];
        assert_eq!(map.find(Place::History, &z), Found::Action(Action::Reverse));
        assert_eq!(map.find(Place::Alerts, &z), Found::Action(Action::Acknowledge));
        assert_eq!(map.find(Place::Peers, &z), Found::Nothing);
    }

    #[test]
    fn what_can_t_be_bound_is_refused_with_the_reason() {
        for bad in ["Alt-x", "Ctrl-m", "Ctrl-[", "F13", "Hyper-x", "Ctrl-É"] {
            assert!(matches!(with("zoom", bad), Err(KeyError::BadKey { .. })), "{bad}");
        }
        let error = with("receive", "+").unwrap_err().to_string();
        assert!(error.starts_with("there is no action «receive»; the actions are "), "{error}");
        for word in words() {
            assert!(error.contains(word), "{word}: {error}");
        }
    }

    #[test]
    fn a_key_of_forms_clashes_with_others_there_and_with_the_end_of_the_terminal() {
        for (word, key, said) in [
            ("form-book", "Ctrl-x", "«Ctrl-x» means both form-book and form-drop"),
            ("form-leave", "Enter", "«Enter» means both form-enter and form-leave"),
            ("form-drop", "Ctrl-c", "«Ctrl-c» means both quit and form-drop"),
            ("quit", "Esc", "«Esc» means both escape and quit"),
            ("suspend", "Ctrl-s", "«Ctrl-s» means both carry-out and suspend"),
        ] {
            assert_eq!(with(word, key).unwrap_err().to_string(), said);
        }
        let quit = with("quit", "Ctrl-x").unwrap_err();
        assert_eq!(quit.to_string(), "«Ctrl-x» means both quit and form-drop");
        assert!(quit.is_of("quit"), "the line of the config that is wrong is named");
    }

    #[test]
    fn a_key_that_types_is_none_of_forms_and_the_way_out_stays() {
        for (word, keys) in [
            ("form-book", "b"),
            ("form-book", "Space"),
            ("form-book", "gg"),
            ("form-leave", ""),
            ("form-enter", ""),
        ] {
            assert!(matches!(with(word, keys), Err(KeyError::BadKey { .. })), "{word} = {keys}");
        }
        with("form-undo", "").unwrap();
    }

    #[test]
    fn another_key_takes_the_place_of_the_one_that_forms_know() {
        let map = with("form-book", "F10|Ctrl-b").unwrap();
        let event = |key| Press::parse(key).unwrap().event();
        for key in ["F10", "Ctrl-b"] {
            assert_eq!(map.in_form(event(key)), Some(event("Ctrl-s")), "{key}");
        }
        assert_eq!(map.in_form(event("Ctrl-s")), None, "it has no meaning any more");
        assert_eq!(map.in_form(event("s")), Some(event("s")));
        assert_eq!(map.form_key(FormKey::Book), "F10");
    }

    #[test]
    fn the_terminal_ends_from_a_form_by_the_keys_of_the_config_that_type_nothing() {
        let map = with("quit", "Q|F10").unwrap();
        let event = |key| Press::parse(key).unwrap().event();
        assert_eq!(map.anywhere(event("F10")), Some(Action::Quit));
        assert_eq!(map.anywhere(event("Q")), None, "it is a letter of a text");
        assert_eq!(map.anywhere(event("Ctrl-c")), None);
    }

    #[test]
    fn an_action_may_lose_its_keys() {
        let map = with("zoom", "").unwrap();
        assert_eq!(map.find(Place::Stock, &[Press::parse("e").unwrap()]), Found::Nothing);
    }

    #[test]
    fn keys_one_after_the_other_are_bound_too() {
        let map = with("zoom", "g e|F12").unwrap();
        let [g, e, f12] = ["g", "e", "F12"].map(|key| Press::parse(key).unwrap());
        assert_eq!(map.find(Place::Stock, &[g, e]), Found::Action(Action::Zoom));
        assert_eq!(map.find(Place::Stock, &[f12]), Found::Action(Action::Zoom));
        assert_eq!(map.find(Place::Stock, &[g, g]), Found::Action(Action::Top));
    }

    #[test]
    fn a_key_with_a_name_of_two_letters_is_one_key() {
        let map = Keymap::new(&BTreeMap::new()).unwrap();
        for (key, action) in [("Up", Action::Up), ("Down", Action::Down)] {
            let press = Press::parse(key).unwrap();
            assert_eq!(map.find(Place::Stock, &[press]), Found::Action(action), "{key}");
        }
    }

    #[test]
    fn two_letters_make_a_sequence() {
        let map = Keymap::new(&BTreeMap::new()).unwrap();
        let g = Press::parse("g").unwrap();
        assert_eq!(map.find(Place::Stock, &[g]), Found::Prefix);
        assert_eq!(map.find(Place::Stock, &[g, g]), Found::Action(Action::Top));
    }
}
