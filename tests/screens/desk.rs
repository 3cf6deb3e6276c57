//! An operator's desk: keys and facts go in, the screen comes out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Days, NaiveDate, Offset, Utc};
use crossterm::event::{Event as Term, KeyCode, KeyEvent, KeyModifiers, MouseEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use rubentario::ledger::act::{Act, Outcome};
use rubentario::node::event::{DemandDay, Event, Picture, Reply};
use rubentario::node::intent::{Intent, Question};
use rubentario::store::HistoryPage;
use rubentario::text::Lang;
use rubentario::ui::keys::Keymap;
use rubentario::ui::moment::Moment;
use rubentario::ui::theme::{Borders, Palette, Theme};
use rubentario::ui::view::{Settings, View};
use rubentario::ui::wake::{Effect, Wake};
use uuid::Uuid;

use super::world;

/// Long enough for a key to be a person's.
const SLOW: Duration = Duration::from_millis(120);
const FAST: Duration = Duration::from_millis(4);

pub struct Desk {
    pub view: View,
    pub theme: Theme,
    pub effects: Vec<Effect>,
    running: Duration,
}

impl Desk {
    /// Before the node has told anything.
    pub fn loading(lang: Lang, width: u16, height: u16) -> Self {
        Self::of(lang, width, height, Some("ana"))
    }

    pub fn of(lang: Lang, width: u16, height: u16, operator: Option<&str>) -> Self {
        Self::keyed(lang, width, height, operator, Keymap::new(&BTreeMap::new()).unwrap())
    }

    fn keyed(lang: Lang, width: u16, height: u16, operator: Option<&str>, keymap: Keymap) -> Self {
        let mut last = 0;
        let settings = Settings {
            lang,
            operator: operator.map(|name| name.parse().unwrap()),
            badges: Arc::new(BTreeMap::from([("0412345".to_owned(), "luis".parse().unwrap())])),
            keymap: Arc::new(keymap),
            can_print: false,
            pid: 2,
            place: (0, 3),
            size: Size::new(width, height),
            ids: Box::new(move |_| {
                last += 1;
                Uuid::from_u128(last)
            }),
        };
        let view = View::new(settings, moment(Duration::ZERO));
        let theme = Theme::new(Palette::Dark, Borders::Round);
        Self { view, theme, effects: Vec::new(), running: Duration::ZERO }
    }

    /// The same with keys of the config.
    pub fn with_keys(lang: Lang, width: u16, height: u16, keys: &[(&str, &str)]) -> Self {
        let keys = keys.iter().map(|(word, key)| ((*word).to_owned(), vec![(*key).to_owned()]));
        let mut desk = Self::keyed(lang, width, height, Some("ana"), Keymap::new(&keys.collect()).unwrap());
        desk.tell(Event::Picture { picture: Box::new(world::full()) });
        desk.answer();
        desk
    }

    /// Everything told, every question answered.
    pub fn full(lang: Lang, width: u16, height: u16) -> Self {
        Self::showing(world::full(), lang, width, height)
    }

    pub fn showing(picture: Picture, lang: Lang, width: u16, height: u16) -> Self {
        let mut desk = Self::loading(lang, width, height);
        desk.tell(Event::Picture { picture: Box::new(picture) });
        desk.answer();
        desk
    }

    pub fn tell(&mut self, event: Event) {
        self.wake(Wake::Node(event));
    }

    pub fn wake(&mut self, wake: Wake) {
        let effects = self.view.update(wake, moment(self.running));
        self.effects.extend(effects);
    }

    /// Answers what was asked as a node would; what is to be done stays undone.
    pub fn answer(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        while let Some(intent) = self.view.outbox().pop_front() {
            match intent {
                Intent::Ask { id, question: Question::History { query } } => {
                    let mut rows = world::movements();
                    if self.view.model().products.is_empty() || query.after.is_some() {
                        rows.clear();
                    }
                    rows.retain(|r| query.sku.as_ref().is_none_or(|sku| *sku == r.sku));
                    let text = query.text.unwrap_or_default().to_lowercase();
                    rows.retain(|r| format!("{} {}", r.sku, r.reference).to_lowercase().contains(&text));
                    let page = HistoryPage { rows, next: None };
                    self.tell(Event::Reply { id, reply: Ok(Reply::History { page }) });
                }
                Intent::Ask { id, question: Question::Demand { .. } } => {
                    self.tell(Event::Reply { id, reply: Ok(Reply::Demand { days: demand() }) });
                }
                Intent::Do { requests } => acts.extend(requests.into_iter().map(|r| r.act)),
                _ => {}
            }
        }
        acts
    }

    /// Answers the acts that wait.
    pub fn decide(&mut self, mut outcome: impl FnMut(&Act) -> Outcome) -> Vec<Act> {
        let mut done = Vec::new();
        let intents: Vec<_> = self.view.outbox().drain(..).collect();
        for intent in intents {
            if let Intent::Do { requests } = intent {
                let answers = requests.iter().map(|r| (r.id, outcome(&r.act))).collect();
                self.tell(Event::Answered { answers });
                done.extend(requests.into_iter().map(|r| r.act));
            } else {
                self.view.outbox().push_back(intent);
            }
        }
        done
    }

    pub fn press(&mut self, key: KeyEvent) {
        self.running += SLOW;
        self.wake(Wake::Term { event: Term::Key(key), at: self.running });
        self.running += SLOW;
        self.wake(Wake::Deadline);
    }

    /// Text as it is; `{enter}`, `{tab}`, … in braces.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            if first == '{' {
                let (name, behind) = rest[1..].split_once('}').unwrap();
                rest = behind;
                self.press(named(name));
            } else {
                rest = &rest[first.len_utf8()..];
                self.press(KeyEvent::from(KeyCode::Char(first)));
            }
        }
        self.answer();
        self
    }

    /// The same, with what is asked of the node left waiting.
    pub fn press_only(&mut self, key: &str) {
        match key.strip_prefix('{') {
            Some(name) => self.press(named(name.trim_end_matches('}'))),
            None => key.chars().for_each(|c| self.press(KeyEvent::from(KeyCode::Char(c)))),
        }
    }

    /// What is asked of the node and was not answered.
    pub fn intents(&mut self) -> Vec<Intent> {
        self.view.outbox().drain(..).collect()
    }

    pub fn mouse(&mut self, event: MouseEvent) {
        self.wake(Wake::Term { event: Term::Mouse(event), at: self.running });
    }

    pub fn paste(&mut self, text: String) {
        self.wake(Wake::Term { event: Term::Paste(text), at: self.running });
    }

    /// As a scanner types it.
    pub fn scan(&mut self, code: &str) -> &mut Self {
        self.running += SLOW;
        let keys = code.chars().map(KeyCode::Char).chain([KeyCode::Enter]);
        for key in keys {
            self.running += FAST;
            self.wake(Wake::Term { event: Term::Key(KeyEvent::from(key)), at: self.running });
        }
        self.running += SLOW;
        self.wake(Wake::Deadline);
        self.answer();
        self
    }

    /// Codes as fast as a machine types them: one every so often, its keys within it, nothing waited for.
    pub fn burst<'c>(&mut self, codes: impl IntoIterator<Item = &'c str>, every: Duration) {
        self.running += SLOW;
        for code in codes {
            let start = self.running;
            let step = every / u32::try_from(code.len() + 2).unwrap();
            let keys = code.chars().map(KeyCode::Char).chain([KeyCode::Enter]);
            for key in keys {
                self.running += step;
                self.wake(Wake::Term { event: Term::Key(KeyEvent::from(key)), at: self.running });
            }
            self.running = start + every;
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.wake(Wake::Term { event: Term::Resize(width, height), at: self.running });
        self
    }

    pub fn wait(&mut self, time: Duration) -> &mut Self {
        self.running += time;
        self.wake(Wake::Deadline);
        self
    }

    /// What is on the screen, trailing blanks left out.
    pub fn screen(&self) -> String {
        let Size { width, height } = self.view.size();
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| rubentario::ui::frame::draw(&self.view, &self.theme, frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let mut text = String::new();
        for y in 0..height {
            let mut line = String::new();
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol).max(1)).unwrap();
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The same as one line of words.
    pub fn words(&self) -> String {
        let plain = self.screen().replace(['│', '╭', '╮', '─', '╰', '╯'], " ");
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn moment(running: Duration) -> Moment {
    let passed = i64::try_from(running.as_millis()).unwrap();
    Moment { running, wall_ms: world::now_ms() + passed, zone: Utc.fix() }
}

fn demand() -> Vec<DemandDay> {
    let last = NaiveDate::from_ymd_opt(2026, 5, 17).unwrap();
    let day = |ago: u64| {
        let issued = i64::try_from(ago * 7 % 23).unwrap();
        let change = if ago.is_multiple_of(30) { 600 - issued } else { -issued };
        let (came, went) = (world::q(issued + change), world::q(issued));
        DemandDay { day: last - Days::new(ago), issued: went, came, went, change: world::q(change) }
    };
    (0..90).rev().map(day).collect()
}

pub fn named(name: &str) -> KeyEvent {
    let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    match name {
        "enter" => KeyCode::Enter.into(),
        "tab" => KeyCode::Tab.into(),
        "back" => KeyCode::BackTab.into(),
        "up" => KeyCode::Up.into(),
        "down" => KeyCode::Down.into(),
        "left" => KeyCode::Left.into(),
        "right" => KeyCode::Right.into(),
        "esc" => KeyCode::Esc.into(),
        "del" => KeyCode::Backspace.into(),
        "pgdn" => KeyCode::PageDown.into(),
        "f3" => KeyCode::F(3).into(),
        "book" => ctrl('s'),
        "new" => ctrl('n'),
        "undo" => ctrl('r'),
        "quit" => ctrl('c'),
        "ctrl-q" => ctrl('q'),
        "f1" => KeyCode::F(1).into(),
        "f11" => KeyCode::F(11).into(),
        "f12" => KeyCode::F(12).into(),
        other => panic!("no key {other}"),
    }
}
