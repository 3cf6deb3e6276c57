//! What an operator reads is there in Spanish and in English, in no third way, and is used.
//!
//! Texts stand where they are shown, in pairs: `pick("sí", "yes")`, or an arm for each language. This reads the program's
//! own source for pairs that are none. (A verb in a hint, `rubentario recover`, is said alike in both.)
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Words that are the same in both languages.
const ALIKE: &[&str] = &["SKU", "no", "total", "error", "id", "min", "ms", "{} h", "stock", "No"];

/// Words that give a language away.
const SPANISH: &[&str] = &[
    "el", "la", "los", "las", "del", "que", "por", "una", "con", "para", "está", "falta", "almacén", "se",
    "lo", "su", "lote", "cantidad", "producto", "hay", "desde", "este", "esta", "aquí",
];
const ENGLISH: &[&str] = &[
    "the",
    "of",
    "is",
    "are",
    "was",
    "with",
    "for",
    "which",
    "this",
    "that",
    "from",
    "and",
    "it",
    "quantity",
    "product",
    "warehouse",
    "lot",
    "here",
    "there",
    "what",
    "not",
    "be",
];

struct Source {
    path: PathBuf,
    text: String,
}

/// A string of the source, and where it begins and ends.
struct Literal {
    from: usize,
    to: usize,
    text: String,
}

/// The source below a folder, without its tests.
fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let is_test =
                    path.components().any(|c| c.as_os_str() == "tests") || path.ends_with("tests.rs");
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned();
                if !is_test {
                    found.push(Source { path, text });
                }
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// The strings of a source; comments, characters and lifetimes are none.
fn literals(source: &str) -> Vec<Literal> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            '\'' if chars.get(at + 1) == Some(&'\\') => {
                at += 3;
                while chars.get(at).is_some_and(|c| *c != '\'') {
                    at += 1;
                }
                at += 1;
            }
            '\'' if chars.get(at + 2) == Some(&'\'') => at += 3,
            '"' => {
                let from = at;
                let mut text = String::new();
                at += 1;
                while chars[at] != '"' {
                    if chars[at] == '\\' {
                        at += 1;
                        if chars[at] == '\n' {
                            while chars[at].is_whitespace() {
                                at += 1;
                            }
                            continue;
                        }
                    }
                    text.push(chars[at]);
                    at += 1;
                }
                at += 1;
                found.push(Literal { from, to: at, text });
            }
            _ => at += 1,
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    // What stands in braces is the program's.
    let bare = text
        .split('{')
        .enumerate()
        .map(|(i, part)| if i == 0 { part } else { part.split_once('}').map_or("", |(_, rest)| rest) });
    bare.flat_map(|part| part.split(|c: char| !c.is_alphabetic()))
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
}

fn has_word(text: &str, of: &[&str]) -> bool {
    words(text).any(|word| of.contains(&word.as_str()))
}

fn is_spanish(text: &str) -> bool {
    has_word(text, SPANISH) || text.chars().any(|c| "áéíóúñ¿¡ÁÉÍÓÚÑ".contains(c))
}

/// Pairs of a source: Spanish, English.
fn pairs(source: &Source) -> Vec<(String, String)> {
    let chars: Vec<char> = source.text.chars().collect();
    let between = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
    let literals = literals(&source.text);
    let mut pairs = Vec::new();
    for two in literals.windows(2) {
        let [es, en] = two else { continue };
        let before = between(es.from.saturating_sub(200), es.from);
        let calls = before.trim_end().ends_with("pick(") || before.trim_end().ends_with("because(");
        if calls && between(es.to, en.from).trim() == "," {
            pairs.push((es.text.clone(), en.text.clone()));
        }
    }
    pairs
}

fn shown() -> Vec<Source> {
    ["src/ui", "src/text", "src/cli", "src/app", "src/demo"].into_iter().flat_map(sources).collect()
}

#[test]
fn every_pair_says_it_in_two_languages_and_each_in_its_own() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for source in shown() {
        for (es, en) in pairs(&source) {
            // A date's format, and the words of the command line, are no language.
            if es.starts_with('%') || es.starts_with("motivos: ") {
                continue;
            }
            seen += 1;
            // A sentence ends as one in both.
            let ends = |text: &str| text.trim_end().ends_with(['.', '?', '!']);
            let are_long = words(&es).count() > 3 && words(&en).count() > 3;
            let why = if es == en && !es.is_empty() && !ALIKE.contains(&es.as_str()) && !es.starts_with('{') {
                "is the same in both"
            } else if es.trim().is_empty() != en.trim().is_empty() {
                "is missing in one"
            } else if is_spanish(&en) && !has_word(&en, ENGLISH) {
                "is Spanish in English"
            } else if has_word(&es, ENGLISH) && !is_spanish(&es) {
                "is English in Spanish"
            } else if (are_long && ends(&es) != ends(&en)) || es.starts_with(' ') != en.starts_with(' ') {
                "ends or begins differently"
            } else {
                continue;
            };
            wrong.push(format!("{}: {es:?} / {en:?} {why}", source.path.display()));
        }
    }
    assert!(seen > 400, "only {seen} pairs found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The arms of a `match` on the language: every string of an arm is in its language.
#[test]
fn every_arm_speaks_the_language_it_is_for() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for source in shown() {
        let chars: Vec<char> = source.text.chars().collect();
        for literal in literals(&source.text) {
            let before: String = chars[literal.from.saturating_sub(120)..literal.from].iter().collect();
            let arm = before.rsplit_once("=>").filter(|(_, rest)| {
                rest.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "!({:._".contains(c))
            });
            let Some((head, _)) = arm else { continue };
            let head = head.trim_end();
            let is_es = head.ends_with("Lang::Es");
            if literal.text.starts_with('%') || (!is_es && !head.ends_with("Lang::En")) {
                continue;
            }
            seen += 1;
            let foreign = if is_es {
                has_word(&literal.text, ENGLISH) && !is_spanish(&literal.text)
            } else {
                is_spanish(&literal.text) && !has_word(&literal.text, ENGLISH)
            };
            if foreign {
                wrong.push(format!("{}: {:?}", source.path.display(), literal.text));
            }
        }
    }
    assert!(seen > 60, "only {seen} arms found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A sentence of the screen that stands in one language only.
#[test]
fn no_sentence_of_the_screen_stands_alone() {
    let mut wrong = Vec::new();
    for source in sources("src/ui") {
        // The keys' own table has a column for each language, and its document both.
        if ["keys/table.rs", "keys/form.rs", "keys/document.rs"].iter().any(|own| source.path.ends_with(own))
        {
            continue;
        }
        let chars: Vec<char> = source.text.chars().collect();
        let mut in_pairs = BTreeSet::new();
        for (es, en) in pairs(&source) {
            in_pairs.insert(es);
            in_pairs.insert(en);
        }
        for literal in literals(&source.text) {
            let is_sentence = literal.text.trim().contains(' ')
                && !literal.text.contains("rubentario ")
                && words(&literal.text).filter(|w| w.chars().count() > 1).count() >= 2;
            if !is_sentence || in_pairs.contains(&literal.text) {
                continue;
            }
            let before: String = chars[literal.from.saturating_sub(160)..literal.from].iter().collect();
            let by_language = before.contains("Lang::Es") || before.contains("Lang::En");
            // Errors say it in English, for the log too, and in Spanish beside it; reasons and names are the program's.
            let of_the_program =
                ["error(", "reason = ", "Err(", ".name(", "field(", "debug_struct(", "\"", "#["]
                    .iter()
                    .any(|mark| before.trim_end().ends_with(mark.trim_end()));
            if !by_language && !of_the_program {
                wrong.push(format!("{}: {:?}", source.path.display(), literal.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words that nobody says any more.
#[test]
fn every_text_of_the_text_room_is_used() {
    let all: Vec<_> = sources("src");
    let mut unused = Vec::new();
    for source in sources("src/text") {
        let names = source.text.split("pub fn ").skip(1).chain(source.text.split("pub const fn ").skip(1));
        for name in names.filter_map(|rest| rest.split(['(', '<']).next()) {
            let uses = all.iter().filter(|other| {
                let calls =
                    [format!("{name}("), format!("{name},"), format!("::{name}"), format!("{name}}}")];
                let text = other.text.replace(&format!("fn {name}("), "");
                calls.iter().any(|call| text.contains(call.as_str()))
            });
            if uses.count() == 0 {
                unused.push(format!("{}: {name}", source.path.display()));
            }
        }
    }
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}
