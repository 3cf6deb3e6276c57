//! The line mode: a thread reads lines, the node is listened to meanwhile, and each line is answered in its turn.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::thread;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::{Told, verbs};
use crate::cli::Failure;
use crate::cli::plain::{Next, Plain};
use crate::cli::reach::{Session, Setting};
use crate::config::Config;
use crate::node::{Event, Intent, clock};
use crate::ui::Doors;

/// Lines that may wait.
const AHEAD: usize = 64;

/// Talks by lines until there are no more, with one door for the verbs and one for the news. Where nobody sits there,
/// the exit is that of the last line that failed.
pub fn run(config: &Config, (ask, watch): (Doors, Doors), runtime: &Runtime) -> Result<u8, Told> {
    let lang = config.node.lang;
    let session = Session::over(ask.0, ask.1, lang);
    runtime.block_on(talk(config, session, watch)).map_err(|failure| (failure, lang))
}

async fn talk(config: &Config, mut session: Session, watch: Doors) -> Result<u8, Failure> {
    let (intents, mut facts) = watch;
    let is_by_hand = io::stdin().is_terminal();
    let mut plain = Plain::new(Setting::of(config), config.ui.badges.clone());
    // It ends with the process: a blocked read can't be called off.
    let (line, mut lines) = mpsc::channel(AHEAD);
    thread::Builder::new().name("lines".into()).spawn(move || {
        for text in io::stdin().lock().lines().map_while(Result::ok) {
            if line.blocking_send(text).is_err() {
                return;
            }
        }
    })?;
    let subscribe = async |intents: &mpsc::Sender<Intent>| {
        // Where it has gone, the next verb says so.
        let _ = intents.send(Intent::Subscribe).await;
    };
    let now_ms = || i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
    verbs::wait_until_joined(&mut session).await;
    subscribe(&intents).await;
    let mut exit = 0;
    // What there is stands before the first prompt.
    while let Some(fact) = facts.recv().await {
        let is_picture = matches!(fact, Event::Picture { .. });
        plain.told(fact, now_ms());
        if is_picture {
            break;
        }
    }
    loop {
        let mut out = io::stdout();
        // What an answer rests on was told before it.
        while let Ok(fact) = facts.try_recv() {
            if plain.told(fact, now_ms()) {
                subscribe(&intents).await;
            }
        }
        plain.tell_news(&mut out)?;
        if is_by_hand {
            write!(out, "{}", plain.prompt())?;
            out.flush()?;
        }
        let text = loop {
            tokio::select! {
                text = lines.recv() => break text,
                Some(fact) = facts.recv() => {
                    if plain.told(fact, now_ms()) {
                        subscribe(&intents).await;
                    }
                }
            }
        };
        let next = match text {
            Some(text) => {
                session.drop_old();
                plain.line(&text, &mut session, &mut out, now_ms()).await?
            }
            None => Next::End,
        };
        match next {
            Next::Line(failed) if failed != 0 && !is_by_hand => exit = failed,
            Next::Line(_) => {}
            Next::End => {
                verbs::wait_until_published(&mut session).await;
                return Ok(exit);
            }
        }
    }
}
