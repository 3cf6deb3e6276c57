//! What is wrong with a name, in words.

use crate::domain::NameError;
use crate::text::Lang;

/// Puts what is wrong with a name in words.
#[must_use]
pub fn name_error(lang: Lang, error: &NameError) -> String {
    if lang == Lang::En {
        return error.to_string();
    }
    match error {
        NameError::Empty { what } => format!("{} está en blanco", named(what)),
        NameError::TooLong { what, length, limit } => {
            format!("{} tiene {length} caracteres y caben {limit}", named(what))
        }
        NameError::Character { what, text, found, .. } => {
            let (what, allowed) = (named(what), allowed(what));
            format!("{what} «{text}» no puede llevar {found:?}; {allowed}")
        }
    }
}

/// What a name error names, in Spanish.
fn named(what: &str) -> &str {
    match what {
        "the warehouse id" => "el id del almacén",
        "the SKU" => "el SKU",
        "the lot" => "el lote",
        "the operator" => "el operario",
        other => other,
    }
}

fn allowed(what: &str) -> &'static str {
    if what == "the warehouse id" {
        "use una letra minúscula y después minúsculas, cifras y guiones"
    } else {
        "no se admiten caracteres de control"
    }
}
