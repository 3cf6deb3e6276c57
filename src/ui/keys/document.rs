//! The keys as documents: all of them, from the one table, for people who read before they press.

use std::fmt::Write as _;

use super::form::FORM_KEYS;
use super::table::{BINDINGS, Binding, Place, Places};
use crate::text::Lang;

/// All keys as Markdown, in both languages.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# Keys\n\n\
         Made from the program's own table; the help (`?`) and the palette (`:`) show the same. A letter may mean\n\
         different things in different places. The last column is the action's name under `[ui.keys]` in the\n\
         configuration, where every one of these can have other keys: one (`\"+\"`), several (`[\"-\", \"i\"]`), or two\n\
         letters one after the other (`\"g x\"`). A key with two meanings in one place is refused at the start, by both\n\
         names.\n\n\
         | Keys | English | Español | Where | Name |\n|---|---|---|---|---|\n",
    );
    for binding in BINDINGS {
        let (en, es) = (binding.label(Lang::En), binding.label(Lang::Es));
        let keys = cell(binding.keys);
        let _ =
            writeln!(text, "| {keys} | {en} | {es} | {} | `{}` |", places(binding, Lang::En), binding.word);
    }
    text.push_str(
        "\n## In forms\n\n\
         These are the same in every form, and in questions, lists and filters as far as they have a use there. The\n\
         configuration changes them like the others, one key at a time, to keys that type no letter. `quit` and\n\
         `suspend` work there too, by those of their keys that type none.\n\n\
         | Key | English | Español | Name |\n|---|---|---|---|\n",
    );
    for binding in FORM_KEYS {
        let (en, es) = (binding.label(Lang::En), binding.label(Lang::Es));
        let _ = writeln!(text, "| {} | {en} | {es} | `{}` |", cell(binding.key), binding.word);
    }
    text
}

/// Keys as code, each apart.
fn cell(keys: &str) -> String {
    let all: Vec<_> = keys.split_whitespace().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
    if all.is_empty() { "—".to_owned() } else { all.join(" ") }
}

/// Where a row works, in words.
#[must_use]
pub fn places(binding: &Binding, lang: Lang) -> String {
    if binding.places.is_all() {
        return lang.pick("en todas partes", "everywhere").to_owned();
    }
    let (here, not): (Vec<Place>, Vec<_>) = Place::ALL.iter().partition(|place| binding.places.has(**place));
    let named =
        |places: &[Place]| places.iter().map(|p| p.name(lang)).collect::<Vec<_>>().join(", ").to_lowercase();
    if binding.places.holds(Places::GOODS) && not.len() > 1 {
        let mut all = vec![lang.pick("donde hay un producto", "where a product is").to_owned()];
        let rest: Vec<_> = here.into_iter().filter(|place| !Places::GOODS.has(*place)).collect();
        if !rest.is_empty() {
            all.push(named(&rest));
        }
        return all.join(", ");
    }
    if not.len() <= 3 {
        return format!("{} {}", lang.pick("todo menos", "all but"), named(&not));
    }
    named(&here)
}
