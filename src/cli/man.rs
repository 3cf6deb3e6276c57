//! The manual page: verbs and options from the command line's own description, keys from the table of keys.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use super::{Invocation, spanish};
use crate::text::Lang;
use crate::ui::keys::document::places;
use crate::ui::keys::{BINDINGS, FORM_KEYS};

/// The page as `man` reads it. In either language all of it.
#[must_use]
pub fn page(lang: Lang) -> String {
    let mut command = match lang {
        Lang::Es => spanish::command(),
        Lang::En => Invocation::command(),
    };
    command.build();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut page = Page::default();
    page.raw(&format!(".TH RUBENTARIO 1 \"\" \"rubentario {}\"", env!("CARGO_PKG_VERSION")));
    page.section(lang.pick("NOMBRE", "NAME"));
    page.text(&format!("rubentario - {}", about.to_lowercase()));
    page.section(lang.pick("SINOPSIS", "SYNOPSIS"));
    page.raw(".B rubentario");
    page.text(lang.pick(
        "[--config FICHERO] [--data-dir CARPETA] [--node ID] [--operator NOMBRE] [--lang es|en] [ORDEN]",
        "[--config FILE] [--data-dir DIR] [--node ID] [--operator NAME] [--lang es|en] [VERB]",
    ));
    page.section(lang.pick("DESCRIPCIÓN", "DESCRIPTION"));
    page.text(lang.pick(
        "Varios almacenes llevan un mismo inventario, cada uno en su terminal, sin ningún servidor entre ellos. Sin ninguna orden se abre el terminal; una orden hace una cosa y termina. Cada almacén sigue adelante cuando no alcanza a los demás.",
        "Several warehouses keep one inventory, each at its own terminal, with no server between them. Without a verb the terminal starts; a verb does one thing and ends. Every warehouse goes on when others can't be reached.",
    ));
    page.section(lang.pick("OPCIONES", "OPTIONS"));
    for arg in command.get_arguments().filter(|a| !a.is_hide_set()) {
        page.term(&option(arg), &help(arg));
    }
    page.section(lang.pick("ÓRDENES", "VERBS"));
    for verb in command.get_subcommands() {
        page.verb("", verb);
    }
    page.section(lang.pick("TECLAS", "KEYS"));
    page.text(lang.pick(
        "Las del terminal, si la configuración no pone otras. Sus nombres están en docs/keys.md.",
        "Of the terminal, unless the configuration has others. docs/keys.md has their names.",
    ));
    for binding in BINDINGS.iter().filter(|b| !b.keys.is_empty()) {
        page.term(binding.keys, &format!("{} ({})", binding.label(lang), places(binding, lang)));
    }
    page.text(lang.pick("En los formularios:", "In forms:"));
    for binding in FORM_KEYS {
        page.term(binding.key, binding.label(lang));
    }
    page.section(lang.pick("ESTADO DE SALIDA", "EXIT STATUS"));
    for (exit, es, en) in [
        ("0", "hecho", "done"),
        ("1", "rechazado", "refused"),
        ("2", "uso o configuración", "usage or configuration"),
        ("3", "sin conexión, o falla la base de datos", "not reachable, or the store is down"),
    ] {
        page.term(exit, lang.pick(es, en));
    }
    page.section(lang.pick("ENTORNO", "ENVIRONMENT"));
    page.term("RUBENTARIO_OPERATOR", lang.pick("quién trabaja aquí", "who works here"));
    page.term(
        lang.pick("RUBENTARIO_<SECCIÓN>_<CLAVE>", "RUBENTARIO_<SECTION>_<KEY>"),
        lang.pick(
            "cualquier clave de la configuración, como RUBENTARIO_STORE_URL",
            "any key of the configuration, such as RUBENTARIO_STORE_URL",
        ),
    );
    page.term("NO_COLOR", lang.pick("sin colores", "no colours"));
    page.section(lang.pick("FICHEROS", "FILES"));
    page.term(
        lang.pick(
            "<carpeta de configuración>/<nodo>.toml, <carpeta de configuración>/config.toml",
            "<config dir>/<node>.toml, <config dir>/config.toml",
        ),
        lang.pick("la configuración: vea config.toml.example", "the configuration: see config.toml.example"),
    );
    page.text
}

fn option(arg: &Arg) -> String {
    let long = arg.get_long().map(|long| format!("--{long}")).unwrap_or_default();
    let short = arg.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    let takes = arg.get_action().takes_values();
    let value = arg.get_value_names().filter(|_| takes).and_then(|names| names.first());
    value.map_or_else(|| format!("{short}{long}"), |name| format!("{short}{long} {name}"))
}

fn help(arg: &Arg) -> String {
    arg.get_help().map(ToString::to_string).unwrap_or_default()
}

/// A page as it is written.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    fn raw(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn section(&mut self, name: &str) {
        self.raw(&format!(".SH {name}"));
    }

    fn text(&mut self, text: &str) {
        self.raw(".PP");
        self.raw(&escaped(text));
    }

    fn term(&mut self, term: &str, meaning: &str) {
        self.raw(".TP");
        let _ = writeln!(self.text, "\\fB{}\\fR", escaped(term));
        self.raw(&escaped(meaning));
    }

    /// A verb with its arguments and options; those of a group one by one.
    fn verb(&mut self, group: &str, verb: &Command) {
        let name = format!("{group}{}", verb.get_name());
        if verb.has_subcommands() {
            for one in verb.get_subcommands() {
                self.verb(&format!("{name} "), one);
            }
            return;
        }
        let mut usage = name;
        for arg in verb.get_positionals() {
            let word = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
            let _ = if arg.is_required_set() { write!(usage, " {word}") } else { write!(usage, " [{word}]") };
        }
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        self.term(&usage, &about);
        let own = verb.get_arguments().filter(|a| {
            !a.is_positional()
                && !a.is_global_set()
                && !a.is_hide_set()
                && a.get_id() != "help"
                && a.get_id() != "version"
        });
        for arg in own {
            self.raw(".br");
            let _ = writeln!(self.text, "\\fI{}\\fR  {}", escaped(&option(arg)), escaped(&help(arg)));
        }
    }
}

/// As `man` must be given a text: its own signs made harmless.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
