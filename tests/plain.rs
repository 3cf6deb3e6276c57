//! The terminal by lines: verbs in, answers out, for screen readers and pipes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/program.rs"]
mod program;

use std::io::Write as _;
use std::process::{Command, Stdio};

use program::{Home, Told};

/// Says lines to the program; what it answered to the end.
fn say(home: &Home, lang: &str, lines: &str) -> Told {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rubentario"));
    command.env_clear().env("HOME", home.path()).env("USER", "ana").env("TZ", "UTC");
    command.arg("--data-dir").arg(home.data()).args(["--node", "madrid", "--lang", lang, "--plain"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Told {
        exit: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn home() -> Home {
    let home = Home::new();
    let folder = home.path().join(".config/rubentario");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("madrid.toml"), "[ui]\nbadges = { \"0412345\" = \"luis\" }\n").unwrap();
    home
}

#[test]
fn a_day_goes_by_lines_of_verbs_codes_and_badges() {
    let home = home();
    let lines = "product set GU-NIT-M --name \"Guante látex\" --unit ud --barcode 5901234123457\n\
                 + 5901234123457 24\n\
                 0412345\n\
                 - GU-NIT-M 4\n\
                 5901234123457\n\
                 history --limit 5\n\
                 quit\n";
    let told = say(&home, "es", lines);
    assert_eq!(told.exit, 0, "{told:?}");
    assert!(told.out.contains("madrid: 0 productos"), "{}", told.out);
    assert!(told.out.contains("operario: luis"), "{}", told.out);
    // What happened is told between two lines, with who did it.
    let news: Vec<_> = told.out.lines().filter(|l| l.starts_with("madrid:")).collect();
    assert!(news.iter().any(|l| l.contains("ana entrada GU-NIT-M +24")), "{}", told.out);
    assert!(news.iter().any(|l| l.contains("luis salida GU-NIT-M -4")), "{}", told.out);
    assert!(told.out.contains("20"), "{}", told.out);
    // Letters as they are read aloud, signs in ASCII; nothing is moved to or erased.
    assert!(told.out.contains("Guante látex"));
    let strange: String = told.out.chars().filter(|c| !c.is_ascii() && !c.is_alphanumeric()).collect();
    assert_eq!(strange, "", "{}", told.out);
    assert!(!told.out.contains('\u{1b}') && !told.out.contains('\r') && !told.out.contains('\u{8}'));
}

#[test]
fn what_is_refused_says_why_and_the_last_failure_is_the_exit() {
    let home = home();
    let told = say(&home, "en", "receive NONE 3\nstock\n");
    assert_eq!(told.exit, 1, "{told:?}");
    assert!(told.out.contains("NONE"), "{}", told.out);
    let told = say(&home, "en", "nonsense\n\"open\nnode\nhelp\n");
    assert_eq!(told.exit, 2, "{told:?}");
    for answer in ["unrecognized subcommand", "a quote is not closed", "not here", "Exit codes"] {
        assert!(told.out.contains(answer), "{answer}: {}", told.out);
    }
}

#[test]
fn help_of_a_verb_is_that_verbs_help() {
    let home = home();
    for (lang, asks, says) in [
        ("es", "ayuda receive", "Registra una entrada de fuera"),
        ("en", "help receive", "Book goods in from outside"),
        ("en", "help +", "Book goods in from outside"),
        ("es", "help transfer send", "--request"),
        ("es", "ayuda", "Códigos de salida"),
        ("en", "ayuda", "Exit codes"),
    ] {
        let told = say(&home, lang, &format!("{asks}\n"));
        assert_eq!(told.exit, 0, "{asks}: {told:?}");
        assert!(told.out.contains(says), "{asks}: {}", told.out);
        let of_all = told.out.contains("stocktake");
        assert_eq!(of_all, asks == "ayuda", "{asks}: {}", told.out);
    }
}

#[test]
fn without_a_terminal_the_way_to_lines_is_named_and_a_dumb_one_takes_it() {
    let home = home();
    let told = program::told(&mut home.command("madrid"));
    assert_eq!(told.exit, 2, "{told:?}");
    assert!(told.err.contains("--plain"), "{told:?}");
    let told = program::told(home.command("madrid").env("TERM", "dumb"));
    assert_eq!(told.exit, 0, "{told:?}");
    assert!(told.out.contains("madrid: 0 products"), "{told:?}");
}
