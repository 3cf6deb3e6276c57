//! What is written down about the program is what the program says.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the documents anew.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory as _;
use rubentario::cli::{Invocation, man};
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

#[test]
fn the_script_takes_no_command_of_the_program_for_a_warehouse() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("rubentario.sh");
    for verb in Invocation::command().get_subcommands() {
        // As a name of a node to set up: the script has words of its own among its first ones.
        let told = Command::new(&script).args(["services", verb.get_name()]).output().unwrap();
        let said = String::from_utf8(told.stderr).unwrap();
        assert_eq!(told.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("rubentario --node ID {}", verb.get_name())), "{said}");
    }
}
