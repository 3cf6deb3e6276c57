//! The terminal over one node, its own or one that runs already, and over several for a demonstration.

use std::env;
use std::io::{IsTerminal as _, Write as _, stderr, stdin, stdout};
use std::path::Path;
use std::sync::Arc;

use rustix::process::Signal;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::link::{self, Link, Way};
use super::start::{self, Runs};
use super::{Told, config as configured, logging, plain, screens};
use crate::cli::{Failure, Global};
use crate::config::{self, Borders, Config, Theme};
use crate::node::client::Client;
use crate::store::StoreError;
use crate::text::{Lang, starting, stopped};
use crate::ui::chime::Wanted;
use crate::ui::theme::{self, Palette};
use crate::ui::{self, Bell, Doors, Options};

/// The terminal, with the node in it or attached to the node that runs.
pub fn run(global: &Global) -> Result<u8, Told> {
    let config = configured(global)?;
    let lang = config.node.lang;
    let is_plain = is_plain(global);
    if !is_plain {
        needs_a_terminal(lang)?;
    }
    let failed = |failure| (failure, lang);
    config.paths.create().map_err(|error| failed(error.into()))?;
    let _log = logging::begin(&config.paths.log_dir(), false);
    let runtime = start::runtime(&config)?;
    let node = start::node_config(&config, Runs::ToStay).map_err(failed)?;
    let tell = |trouble: &StoreError| tell_waiting(lang, trouble);
    let way = runtime.block_on(link::find(&node, lang, tell)).map_err(failed)?;
    let folder = config.paths.node_dir().to_owned();
    if is_plain {
        // One that finds the node again by itself, and one for the news.
        let (ask, asking) = Link::keep(way, node.clone(), lang, &runtime);
        let watch = runtime.block_on(Client::connect(&node.socket));
        let watch = watch.map_err(|error| {
            failed(Failure::unreachable("node_gone", stopped(lang, &error.to_string()), None))
        })?;
        let (watch, watching) = Link::keep(Way::Other(Box::new(watch)), node, lang, &runtime);
        let shown = plain::run(&config, (asking, watching), &runtime);
        runtime.block_on(async { tokio::join!(watch.end(), ask.end()) });
        return shown;
    }
    let (link, doors) = Link::keep(way, node, lang, &runtime);
    let shown = show(&config, vec![doors], &runtime, &folder).map(|()| 0).map_err(failed);
    runtime.block_on(link.end());
    shown
}

/// Whether lines are wanted instead of a screen, or a screen can't be had.
pub fn is_plain(global: &Global) -> bool {
    global.plain || env::var("TERM").is_ok_and(|term| term == "dumb")
}

pub fn needs_a_terminal(lang: Lang) -> Result<(), Told> {
    if stdin().is_terminal() && stdout().is_terminal() {
        return Ok(());
    }
    let words = lang.pick(
        "aquí no hay terminal (entrada y salida deben serlo)",
        "there is no terminal here (both input and output must be one)",
    );
    let hint = lang.pick(
        "use --plain para hablar por líneas, los verbos (`rubentario stock`), o `demo --headless`",
        "use --plain to talk by lines, the verbs (`rubentario stock`), or `demo --headless`",
    );
    Err((Failure::usage(words, Some(hint)), lang))
}

/// Says on the bare terminal, before anything is drawn, what is waited for.
fn tell_waiting(lang: Lang, trouble: &StoreError) {
    let waiting =
        lang.pick("esperando la base de datos; Ctrl-C termina", "waiting for the database; Ctrl-C ends");
    let trouble = starting::store_error(lang, trouble);
    // Where even that can't be written, waiting goes on.
    let _ = writeln!(stderr().lock(), "rubentario: {trouble}\n  {waiting}");
}

/// Shows nodes until somebody quits or the process is told to end.
pub fn show(config: &Config, doors: Vec<Doors>, runtime: &Runtime, folder: &Path) -> Result<(), Failure> {
    let terminal = ui::Terminal::new(doors, options(config, folder)?)
        .map_err(|error| screens::wrong_key(config, &error))?;
    runtime.spawn(heed_signals(terminal.bell()));
    Ok(terminal.run()?)
}

/// The terminal is left in order when the process is told to end, and whenever it stops and goes on.
async fn heed_signals(bell: Bell) {
    let stop = SignalKind::from_raw(Signal::TSTP.as_raw());
    let go_on = SignalKind::from_raw(Signal::CONT.as_raw());
    // Ctrl-C comes as a key; this signal comes from elsewhere.
    let int = SignalKind::interrupt();
    let (Ok(mut term), Ok(mut hup), Ok(mut int), Ok(mut stop), Ok(mut go_on)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
        signal(int),
        signal(stop),
        signal(go_on),
    ) else {
        return;
    };
    loop {
        let ring: fn(&Bell) = tokio::select! {
            _ = term.recv() => Bell::end,
            _ = hup.recv() => Bell::end,
            _ = int.recv() => Bell::end,
            _ = stop.recv() => Bell::suspend,
            _ = go_on.recv() => Bell::resume,
        };
        let bell = bell.clone();
        // The queue may be full: that must not hold up other tasks.
        let _ = tokio::task::spawn_blocking(move || ring(&bell)).await;
    }
}

/// Whether a terminal that tells its colours (`0;15`: text, background) is light. Few do; asking the others would race
/// with the keys.
fn has_light_background(colours: Option<&str>) -> bool {
    matches!(colours.and_then(|c| c.rsplit(';').next()), Some("7" | "15"))
}

/// Whether a terminal says of itself that it has more than sixteen colours.
fn has_many_colours(term: Option<&str>, colorterm: Option<&str>) -> bool {
    colorterm.is_some_and(|c| !c.is_empty())
        || term.is_some_and(|t| t.contains("256") || t.contains("direct") || t.contains("kitty"))
}

fn palette(theme: Theme) -> Palette {
    let said = |name| env::var(name).ok();
    let light = has_light_background(said("COLORFGBG").as_deref());
    let many = has_many_colours(said("TERM").as_deref(), said("COLORTERM").as_deref());
    let no_color = said("NO_COLOR").is_some_and(|value| !value.is_empty());
    match theme {
        Theme::Mono => Palette::Mono,
        _ if no_color => Palette::Mono,
        Theme::Sixteen => Palette::Sixteen { light },
        Theme::Light if many => Palette::Light,
        Theme::Light => Palette::Sixteen { light: true },
        Theme::Dark if many => Palette::Dark,
        Theme::Dark => Palette::Sixteen { light: false },
        Theme::Auto if !many => Palette::Sixteen { light },
        Theme::Auto if light => Palette::Light,
        Theme::Auto => Palette::Dark,
    }
}

fn options(config: &Config, folder: &Path) -> Result<Options, Failure> {
    let palette = palette(config.ui.theme);
    let borders = match config.ui.borders {
        Borders::Ascii => theme::Borders::Ascii,
        Borders::Plain => theme::Borders::Square,
        Borders::Rounded => theme::Borders::Round,
    };
    let theme = theme::Theme::new(palette, borders);
    // Where there are to be no colours there are none, whoever chose them.
    let theme = if palette == Palette::Mono { theme } else { screens::with_colors(config, theme)? };
    Ok(Options {
        lang: config.node.lang,
        operator: config.ui.operator.clone(),
        theme,
        keys: screens::keys(config),
        badges: Arc::new(config.ui.badges.clone()),
        bell: match config.ui.bell {
            config::Bell::All => Wanted::All,
            config::Bell::Errors => Wanted::Errors,
            config::Bell::Off => Wanted::Nothing,
        },
        mouse: config.ui.mouse,
        print: config.ui.print.clone(),
        folder: folder.to_owned(),
    })
}
