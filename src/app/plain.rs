//! The line mode: a thread reads lines, the node is listened to meanwhile, and each line is answered in its turn.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::thread;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::timeout;
use uuid::Uuid;

use super::{Told, verbs};
use crate::cli::Failure;
use crate::cli::plain::{Next, Plain};
use crate::cli::reach::{Session, Setting};
use crate::config::Config;
use crate::node::{Event, Intent, Question, clock};
use crate::ui::Doors;

/// Lines that may wait.
const AHEAD: usize = 64;
/// How long what was told before an answer is waited for; a node that has gone tells nothing.
const TOLD: Duration = Duration::from_secs(2);

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
        // Where nothing comes, the next verb says that nobody is there.
        let _ = timeout(TOLD, catch_up(&mut plain, &intents, &mut facts)).await;
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

/// Takes all that was told before now. What an answer at the other door rests on is among it: the next line may name
/// what the last one made.
async fn catch_up(plain: &mut Plain, intents: &mpsc::Sender<Intent>, facts: &mut mpsc::Receiver<Event>) {
    let asked = Uuid::now_v7();
    if intents.send(Intent::Ask { id: asked, question: Question::Status }).await.is_err() {
        return;
    }
    let (mut has_answered, mut is_behind) = (false, false);
    while !has_answered || is_behind {
        let Some(fact) = facts.recv().await else { return };
        match &fact {
            Event::Reply { id, .. } if *id == asked => has_answered = true,
            Event::Lagged => is_behind = true,
            Event::Picture { .. } => is_behind = false,
            _ => {}
        }
        let ends = matches!(fact, Event::Stopping { .. });
        if plain.told(fact, now_ms()) {
            subscribe(intents).await;
        }
        if ends {
            return;
        }
    }
}

async fn subscribe(intents: &mpsc::Sender<Intent>) {
    // Where it has gone, the next verb says so.
    let _ = intents.send(Intent::Subscribe).await;
}

fn now_ms() -> i64 {
    i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeMap;

    use super::*;
    use crate::node::event::{Changes, PeerState, PeerView, Standing};
    use crate::text::Lang;

    fn plain() -> Plain {
        let setting = Setting { warehouse: "madrid".parse().unwrap(), operator: None, lang: Lang::En };
        Plain::new(setting, BTreeMap::new())
    }

    fn seen(peer: &str) -> Event {
        let peer = PeerView {
            id: peer.parse().unwrap(),
            standing: Standing::Member,
            state: PeerState::Alive,
            rtt_ms: None,
            offset_ms: None,
            error_ms: None,
            lag_entries: 0,
            has_ours: 0,
            applied: 0,
            last_seen_ms: None,
            quarantine: None,
        };
        Event::Changed { changes: Box::new(Changes { peers: Some(vec![peer]), ..Changes::default() }) }
    }

    /// A node that told changes before it is asked, and more to whoever subscribes again.
    async fn news(before: Event, when_subscribed: Event) -> String {
        let (intents, mut heard) = mpsc::channel(4);
        let (told, mut facts) = mpsc::channel(4);
        told.send(before).await.unwrap();
        let node = async move {
            while let Some(intent) = heard.recv().await {
                if let Intent::Ask { id, .. } = intent {
                    told.send(Event::Reply { id, reply: Err(String::new()) }).await.unwrap();
                } else {
                    told.send(when_subscribed.clone()).await.unwrap();
                    told.send(Event::Stopping { reason: String::new() }).await.unwrap();
                }
            }
        };
        let mut plain = plain();
        tokio::select! {
            () = catch_up(&mut plain, &intents, &mut facts) => {}
            () = node => {}
        }
        let mut out = Vec::new();
        plain.tell_news(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn what_was_told_before_a_line_is_known_when_it_is_read() {
        assert!(news(seen("sevilla"), seen("lugo")).await.contains("sevilla: "));
    }

    #[tokio::test]
    async fn whoever_missed_something_hears_it_before_the_next_line() {
        assert!(news(Event::Lagged, seen("sevilla")).await.contains("sevilla: "));
    }
}
