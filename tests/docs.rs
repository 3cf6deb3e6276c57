//! What is written down about the program is what the program says.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the documents anew.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use rubentario::cli::man;
use rubentario::text::Lang;
use rubentario::ui::keys::document;
use similar_asserts::assert_eq;

fn is_in_step(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, now).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, now, "docs/{file}: UPDATE_DOCS=1 cargo test --test docs writes it anew");
}

#[test]
fn the_keys_are_those_of_the_table() {
    is_in_step("keys.md", &document::markdown());
}

#[test]
fn the_manual_page_is_that_of_the_program() {
    is_in_step("rubentario.1", &man::page(Lang::En));
    is_in_step("rubentario.es.1", &man::page(Lang::Es));
}

#[test]
fn the_manual_page_names_every_verb_key_and_option() {
    let page = man::page(Lang::En);
    for word in ["\\-\\-plain", "transfer send", "recover", "\\fIO\\fR", "Ctrl\\-s", "\\-\\-ref TEXT"] {
        let word = word.replace("\\fIO\\fR", "\\fBO\\fR");
        assert!(page.contains(&word), "{word}\n{page}");
    }
}
