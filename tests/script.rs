//! `rubentario.sh` where there is no Rust: a checkout that was built goes on with what it has, another says what to do.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// All that the script needs of a system, and no cargo.
const PROGRAMS: &[&str] = &["bash", "cat", "cut", "dirname", "find", "head", "sed", "sort"];

fn script(checkout: &Path, words: &[&str]) -> Output {
    let programs = TempDir::new().unwrap();
    for name in PROGRAMS {
        let found =
            ["/usr/bin", "/bin"].iter().map(|dir| Path::new(dir).join(name)).find(|path| path.exists());
        symlink(found.unwrap(), programs.path().join(name)).unwrap();
    }
    let mut command = Command::new(programs.path().join("bash"));
    command.arg(checkout.join("rubentario.sh")).args(words);
    command.env_clear().env("PATH", programs.path()).env("HOME", checkout);
    command.output().unwrap()
}

fn checkout() -> TempDir {
    let checkout = TempDir::new().unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["rubentario.sh", "Cargo.toml"] {
        fs::copy(ours.join(file), checkout.path().join(file)).unwrap();
    }
    checkout
}

#[test]
fn without_cargo_the_program_as_it_was_built_last_is_run() {
    let checkout = checkout();
    let folder = checkout.path().join("target/release");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("rubentario");
    fs::write(&program, "#!/bin/sh\necho ran \"$@\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let told = script(checkout.path(), &["madrid", "--plain"]);
    assert!(told.status.success(), "{told:?}");
    assert_eq!(String::from_utf8_lossy(&told.stdout), "ran --node madrid run --plain\n");
    assert!(String::from_utf8_lossy(&told.stderr).contains("as it was built last"), "{told:?}");
}

#[test]
fn without_cargo_and_never_built_it_says_how_to_get_it() {
    let told = script(checkout().path(), &["madrid"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&told.stderr).contains("https://rustup.rs"), "{told:?}");
    let told = script(checkout().path(), &["Madrid"]);
    assert_eq!(told.status.code(), Some(2), "a bad id is told before anything is built");
}

#[test]
fn help_and_version_are_answered_and_nothing_is_told_how_it_is_used() {
    let checkout = checkout();
    for words in
        [&["test", "--help"][..], &["services", "--help"], &["services", "--install", "-h"], &["help"]]
    {
        let told = script(checkout.path(), words);
        assert!(told.status.success(), "{words:?}: {told:?}");
        assert!(
            String::from_utf8_lossy(&told.stdout).contains("rubentario.sh services"),
            "{words:?}: {told:?}"
        );
    }
    let told = script(checkout.path(), &["--version"]);
    assert_eq!(String::from_utf8_lossy(&told.stdout), format!("rubentario {}\n", env!("CARGO_PKG_VERSION")));
    let told = script(checkout.path(), &[""]);
    assert_eq!((told.status.code(), told.stdout.len()), (Some(2), 0), "{told:?}");
    assert!(String::from_utf8_lossy(&told.stderr).contains("rubentario.sh NODE-ID"), "{told:?}");
}

/// Each sentence stands in both languages: a call that has one argument too few would say nothing in one of them.
#[test]
fn the_script_speaks_the_language_of_the_locale() {
    let checkout = checkout();
    let told = |lang: &str, words: &[&str]| {
        let mut command = Command::new(checkout.path().join("rubentario.sh"));
        command.args(words).env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", lang);
        let told = command.output().unwrap();
        (told.status.code(), String::from_utf8([told.stdout, told.stderr].concat()).unwrap())
    };
    for (words, es, en) in [
        (&["Madrid"][..], "no es un id de nodo", "is no node id"),
        (&["stock"], "es una orden del programa", "is a command of the program"),
        (&["services", "--x"], "no conoce --x", "knows no --x"),
        (&["demo"], "necesita un terminal", "needs a terminal"),
        (&["help"], "esta ayuda", "this\n"),
    ] {
        let (spanish, english) = (told("es_ES.UTF-8", words), told("en_GB.UTF-8", words));
        assert!(spanish.1.contains(es) && !spanish.1.contains(en), "{spanish:?}");
        assert!(english.1.contains(en) && !english.1.contains(es), "{english:?}");
        assert_eq!(spanish.0, english.0);
    }
    let script = fs::read_to_string(checkout.path().join("rubentario.sh")).unwrap();
    let script = script.replace("\\\n", " ");
    for line in script.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let quoted = |text: &str| text.matches(['"', '\'']).count();
        for call in ["fail 1 ", "fail 2 ", "note ", "tell "] {
            if let Some((_, said)) = line.split_once(call)
                && !line.contains("() {")
            {
                assert!(quoted(said) >= 4, "one language only: {line}");
            }
        }
    }
}
