//! The plan of the house, kept: who may use whom, and what may never enter a room.
//!
//! A room uses only rooms below it. The three lowest are pure: time, randomness and I/O come in as inputs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The rooms with their floors, ground first.
const ROOMS: &[(&str, u8)] = &[
    ("domain", 1),
    ("ledger", 2),
    ("protocol", 3),
    ("store", 4),
    ("bus", 4),
    ("node", 5),
    ("text", 6),
    ("config", 7),
    ("ui", 8),
    ("cli", 9),
    ("demo", 9),
    ("bench", 9),
    ("app", 10),
];

/// What a room may not mention, beside the rooms above it.
const FORBIDDEN: &[(&[&str], &[&str])] = &[
    (
        &["domain", "ledger", "protocol"],
        &[
            "tokio",
            "tokio_util",
            "futures_util",
            "sqlx",
            "lapin",
            "ratatui",
            "crossterm",
            "rand",
            "clap",
            "directories",
            "std::fs",
            "std::net",
            "std::io",
            "std::env",
            "std::process",
            "std::thread",
            "Instant::now",
            "SystemTime::now",
            "Utc::now",
            "Local::now",
            "now_v7",
            "new_v7",
        ],
    ),
    (&["store"], &["lapin", "ratatui", "crossterm", "clap"]),
    (&["bus"], &["ratatui", "crossterm", "clap"]),
    (&["node"], &["ratatui", "crossterm", "clap", "sqlx", "lapin"]),
    (&["config"], &["ratatui", "crossterm", "clap", "sqlx", "lapin", "tokio"]),
    (&["ui"], &["sqlx", "lapin", "clap", "tokio::net"]),
    (&["cli"], &["sqlx", "lapin"]),
];

/// One offence: where, and what.
type Offence = String;

#[test]
fn every_room_uses_only_rooms_below_it_and_nothing_it_must_not() {
    let offences = offences_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(offences.is_empty(), "the plan of the house is broken:\n{}", offences.join("\n"));
}

#[test]
fn a_use_of_a_higher_room_is_found_however_it_is_written() {
    for (room, text) in [
        ("domain", "use crate::ledger::Entry;"),
        ("ledger", "use crate::{domain::Sku, protocol::Core};"),
        ("protocol", "use crate::{\n    domain::{Sku, Quantity},\n    store,\n};"),
        ("protocol", "fn f(store: &crate::store::Store) {}"),
        ("store", "use crate::bus::Bus;"),
        ("node", "pub use crate::config::Config;"),
        ("domain", "use super::super::store;"),
        ("domain", "use rand::Rng;"),
        ("ledger", "fn f() { let now = std::time::Instant::now(); }"),
        ("protocol", "fn f() { tokio::spawn(g()); }"),
        ("protocol", "use {\n  std::sync::Arc,\n  tokio::sync::mpsc,\n};"),
        ("ui", "use sqlx::Row;"),
    ] {
        assert!(!offences_of(room, 0, text, "x.rs").is_empty(), "{room}: {text}");
    }
}

#[test]
fn what_the_plan_allows_is_not_an_offence() {
    for (room, text) in [
        ("ledger", "use crate::{domain::Sku, ledger::chain};"),
        ("cli", "use crate::{config::Config, node::Intent, ui};"),
        ("domain", "//! Nothing here knows of crate::store.\n/* nor of tokio:: */\npub struct A;"),
        ("domain", "const TEXT: &str = \"crate::store \\\" sqlx\";"),
        ("protocol", "fn random_operand() { let strand = 1; }"),
        ("domain", "use super::quantity::Quantity;"),
        (
            "domain",
            "fn f<'a>(c: &'a str) -> char { let _ = '\"'; 'x' }\n#[cfg(test)]\nmod tests { use proptest::prelude::*; }",
        ),
    ] {
        assert_eq!(offences_of(room, 0, text, "x.rs"), Vec::<Offence>::new(), "{room}: {text}");
    }
}

#[test]
fn every_file_of_the_house_is_in_a_room_of_the_plan() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let known = ["main", "lib"].contains(&name.as_str()) || ROOMS.iter().any(|(room, _)| *room == name);
        assert!(known, "src/{name} is no room of the plan: see ROOMS and docs/architecture.md");
    }
}

#[test]
fn main_wires_and_does_no_more() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap();
    assert!(main.lines().count() < 100, "main.rs has {} lines", main.lines().count());
}

fn offences_in(src: &Path) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (room, _) in ROOMS {
        let mut files = Vec::new();
        rust_files(&src.join(room), &mut files);
        files.extend(Some(src.join(format!("{room}.rs"))).filter(|file| file.exists()));
        for file in files {
            let depth = file.strip_prefix(src).unwrap().components().count() - 1;
            let text = fs::read_to_string(&file).unwrap();
            offences.extend(offences_of(
                room,
                depth,
                &text,
                &file.strip_prefix(src).unwrap().display().to_string(),
            ));
        }
    }
    offences
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn offences_of(room: &str, depth: usize, text: &str, file: &str) -> Vec<Offence> {
    let code = code_of(text);
    let floor = floor_of(room).expect("a room of the plan");
    let mut offences = Vec::new();
    for (place, path) in paths_of(&code, depth) {
        let line = 1 + code[..place].matches('\n').count();
        let first = path.first().map_or("", String::as_str);
        if first == "crate" || first == "rubentario" {
            let Some(other) = path.get(1) else { continue };
            if other != room && floor_of(other).is_some_and(|above| above >= floor) {
                offences.push(format!("src/{file}:{line}: {room} (floor {floor}) uses {other}"));
            }
        }
        let whole = path.join("::");
        for (rooms, names) in FORBIDDEN {
            for name in names.iter().filter(|_| rooms.contains(&room)) {
                let met = if name.contains("::") || name.contains("_v7") {
                    format!("::{whole}::").contains(&format!("::{name}::"))
                } else {
                    first == *name
                };
                if met {
                    offences.push(format!("src/{file}:{line}: {room} uses {name}"));
                }
            }
        }
    }
    offences
}

fn floor_of(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// Every path in the code with its place, `use` trees spread out, `super` that leaves the room as `crate`.
fn paths_of(code: &str, depth: usize) -> Vec<(usize, Vec<String>)> {
    let mut paths = Vec::new();
    let tokens = tokens_of(code);
    let mut place = 0;
    while place < tokens.len() {
        if tokens[place].1 == "use" {
            let end = tokens[place..]
                .iter()
                .position(|(_, token)| *token == ";")
                .map_or(tokens.len(), |n| place + n);
            spread(&tokens[place + 1..end], &[], &mut paths);
            place = end;
        } else if is_name(tokens[place].1) {
            let start = tokens[place].0;
            let mut path = vec![tokens[place].1.to_owned()];
            while place + 2 < tokens.len() && tokens[place + 1].1 == "::" && is_name(tokens[place + 2].1) {
                path.push(tokens[place + 2].1.to_owned());
                place += 2;
            }
            // A lone name is a variable, a field or a method; only a path can leave the room.
            if path.len() > 1 {
                paths.push((start, path));
            }
            place += 1;
        } else {
            place += 1;
        }
    }
    for (_, path) in &mut paths {
        let ups = path.iter().take_while(|part| *part == "super").count();
        if ups > depth {
            path.splice(..ups, ["crate".to_owned()]);
        }
    }
    paths
}

/// The paths of a use tree; gives back how many tokens it took.
fn spread(tokens: &[(usize, &str)], before: &[String], paths: &mut Vec<(usize, Vec<String>)>) -> usize {
    let mut path = before.to_vec();
    let mut start = None;
    let mut place = 0;
    while place < tokens.len() {
        let (at, token) = tokens[place];
        match token {
            "{" => {
                place += 1;
                while place < tokens.len() && tokens[place].1 != "}" {
                    place += spread(&tokens[place..], &path, paths);
                    if place < tokens.len() && tokens[place].1 == "," {
                        place += 1;
                    }
                }
                return place + 1;
            }
            "," | "}" => break,
            "as" => place += 1,
            name if is_name(name) => {
                start.get_or_insert(at);
                path.push(name.to_owned());
            }
            _ => {}
        }
        place += 1;
    }
    if let Some(start) = start {
        paths.push((start, path));
    }
    place
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

fn tokens_of(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut place = 0;
    while let Some(letter) = code[place..].chars().next() {
        let rest = &code[place..];
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = if is_part(letter) {
            rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            letter.len_utf8()
        };
        if !letter.is_whitespace() {
            tokens.push((place, &rest[..length]));
        }
        place += length;
    }
    tokens
}

/// The code with comments and texts blanked out, line by line as it was.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if letter == '"' {
            quoted(rest)
        } else if let Some(length) =
            raw_text(rest).filter(|_| !code.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        {
            length
        } else if letter == '\'' {
            character(rest)
        } else {
            0
        };
        if taken == 0 {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        } else {
            code.extend(rest[..taken].chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
            rest = &rest[taken..];
        }
    }
    code
}

fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut place = 0;
    while place < text.len() {
        if text[place..].starts_with("/*") {
            depth += 1;
            place += 2;
        } else if text[place..].starts_with("*/") {
            depth -= 1;
            place += 2;
            if depth == 0 {
                return place;
            }
        } else {
            place += text[place..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (place, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_text(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close).map_or(body.len(), |end| end + close.len());
    Some(text.len() - body.len() + end)
}

/// The length of a character literal; a lifetime has none.
fn character(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match letters.next() {
        Some((_, '\\')) => text[3..].find('\'').map_or(text.len(), |end| end + 4),
        Some(_) => letters.next().filter(|(_, letter)| *letter == '\'').map_or(0, |(place, _)| place + 1),
        None => 0,
    }
}
