//! Tells the story: a line for people, or one JSON object for programs, per event.
//!
//! Each object has `at` (RFC 3339, UTC), `warehouse` (whose node says so; `null` = of all), `event` and `text` (the
//! sentence for people, in the language), and then what the event is about; `docs/json.md` lists them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::WarehouseId;
use crate::node::clock;
use crate::text::Lang;
use crate::text::time::{moment, rfc3339};

/// Where and how the story is told.
#[derive(Debug)]
pub struct Teller<W> {
    out: W,
    json: bool,
    lang: Lang,
}

#[derive(Serialize)]
struct Told<'a> {
    at: Option<String>,
    warehouse: Option<&'a WarehouseId>,
    event: &'static str,
    text: &'a str,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl<W: Write> Teller<W> {
    /// Tells on `out`, as JSON lines or as sentences.
    pub const fn new(out: W, json: bool, lang: Lang) -> Self {
        Self { out, json, lang }
    }

    /// The language.
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Tells one event, in both languages' words; `more` is an object of what it is about.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn tell(
        &mut self,
        warehouse: Option<&WarehouseId>,
        event: &'static str,
        [es, en]: [&str; 2],
        more: Value,
    ) -> io::Result<()> {
        let now_ms = i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
        let text = self.lang.pick(es, en);
        if self.json {
            let more = if let Value::Object(more) = more { more } else { Map::new() };
            serde_json::to_writer(
                &mut self.out,
                &Told { at: rfc3339(now_ms), warehouse, event, text, more },
            )?;
            writeln!(self.out)?;
        } else {
            let at = moment(self.lang, now_ms);
            let time = at.split_once(' ').map_or("", |(_, time)| time);
            let who = warehouse.map_or("·", WarehouseId::as_str);
            writeln!(self.out, "{time}  {who:<10} {text}")?;
        }
        self.out.flush()
    }
}
