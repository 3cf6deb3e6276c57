//! Every place and everything that lies on top of one, in every state, at every size, in both languages: judged by rule.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use ratatui::layout::Size;
use rubentario::domain::{Quantity, Refusal, Trouble};
use rubentario::ledger::act::Outcome;
use rubentario::node::event::{Changes, Event, Picture, Status};
use rubentario::text::Lang;
use rubentario::ui::keys::Place;
use rubentario::ui::overlays::Overlay;
use rubentario::ui::theme::{Borders, Palette, Theme};
use rubentario::ui::wake::Wake;

use super::desk::Desk;
use super::fit::{CODES, COUNTING, CUT, STATES, short_names};
use super::world;

const SIZES: [(u16, u16); 5] = [(160, 50), (120, 40), (80, 24), (60, 15), (19, 5)];

/// The program's words that give its language away; people's own (names, notes) are Spanish and have none of these.
const SPANISH: &[&str] = &[
    "el",
    "los",
    "las",
    "que",
    "por",
    "para",
    "está",
    "falta",
    "almacén",
    "lo",
    "hay",
    "desde",
    "este",
    "esta",
    "aquí",
    "cantidad",
    "existencias",
    "movimientos",
    "alertas",
    "almacenes",
    "producto",
    "productos",
    "salir",
    "ayuda",
    "buscar",
    "cargando",
    "nada",
    "entrada",
    "salida",
    "opcional",
    "motivo",
    "lote",
    "registrar",
    "hace",
    "seleccionado",
    "disponible",
    "inventario",
    "reponer",
    "reservado",
    "espera",
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
    "there",
    "what",
    "not",
    "be",
    "quantity",
    "product",
    "products",
    "warehouse",
    "lot",
    "movements",
    "stock",
    "alerts",
    "leave",
    "quit",
    "help",
    "loading",
    "nothing",
    "receipt",
    "issue",
    "optional",
    "reason",
    "book",
    "ago",
    "selected",
    "available",
    "stocktake",
    "replenish",
    "reserved",
    "waits",
];

/// What the terminal is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    Loading,
    /// That there is nothing.
    Empty,
    /// Everything.
    Full,
    /// Everything, in large numbers.
    Large,
    /// That the store is down.
    StoreDown,
    /// That the broker is down.
    BusDown,
    /// That what was asked for is refused.
    Refused,
    /// That the node goes.
    Away,
    /// Nothing any more.
    Gone,
}

fn told(desk: &mut Desk, change: impl FnOnce(&mut Status)) {
    let mut status = world::status();
    change(&mut status);
    desk.tell(Event::Changed { changes: Box::new(Changes { status: Some(status), ..Changes::default() }) });
}

/// Quantities whose digits stand nowhere else.
fn large(mut picture: Picture) -> Picture {
    for view in &mut picture.products {
        let mut large = view.as_ref().clone();
        let mut product = large.product.as_ref().clone();
        product.decimals = 2;
        large.product = Arc::new(product);
        for cell in &mut large.cells {
            cell.on_hand = Quantity::from_thousandths(86_497_530).unwrap();
        }
        *view = Arc::new(large);
    }
    picture
}

/// Comes to a state with these keys and scans.
fn come(state: State, lang: Lang, picture: Picture, keys: &str, codes: &[&str]) -> Desk {
    let mut desk = match state {
        State::Loading => Desk::loading(lang, 120, 40),
        State::Empty => Desk::showing(world::empty(), lang, 120, 40),
        State::Large => Desk::showing(large(picture), lang, 120, 40),
        _ => Desk::showing(picture, lang, 120, 40),
    };
    desk.theme.signs.more = CUT;
    // That a stocktake is open is said for a while.
    desk.wait(Duration::from_secs(4)).keys(keys);
    for code in codes {
        desk.scan(code);
    }
    match state {
        State::StoreDown => told(&mut desk, |status| {
            status.store.up = false;
            status.store.trouble = Some(Trouble::silent("connection refused"));
        }),
        State::BusDown => told(&mut desk, |status| {
            status.bus.up = false;
            status.bus.trouble = Some(Trouble::silent("connection refused"));
        }),
        State::Refused => {
            desk.press_only("{book}");
            desk.decide(|_| Outcome::Refused { refusal: Refusal::Busy });
        }
        State::Away => desk.tell(Event::Stopping { reason: "the node was told to stop".into() }),
        State::Gone => desk.wake(Wake::Gone),
        _ => {}
    }
    desk
}

fn words(screen: &str) -> impl Iterator<Item = String> + '_ {
    screen.split(|c: char| !c.is_alphabetic() && c != '-').filter(|w| !w.is_empty()).map(str::to_lowercase)
}

/// The number that was cut, if one was: nothing but its beginning stands before the sign.
fn cut_number(screen: &str) -> Option<&str> {
    screen.match_indices(CUT).map(|(at, _)| &screen[..at]).find_map(|before| {
        let start = before.rfind([' ', '\n', '|', '│']).unwrap_or(0);
        let token = before[start..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_number = token.chars().all(|c| c.is_ascii_digit() || ".,\u{a0}\u{202f}".contains(c));
        (!token.is_empty() && is_number).then_some(token)
    })
}

/// A large quantity that does not stand whole, however it was cut: each has five digits and two decimals.
fn broken_quantity(screen: &str) -> Option<&str> {
    let starts = ["864", "86.4", "86,4", "86\u{a0}4", "86\u{202f}4"]
        .into_iter()
        .flat_map(|start| screen.match_indices(start));
    starts.map(|(at, _)| at).find_map(|at| {
        let mut rest = screen[at..].split(|c: char| !c.is_ascii_digit() && !".,\u{a0}\u{202f}".contains(c));
        let number = rest.next().unwrap_or_default();
        let decimals = number.rsplit(['.', ',']).next().unwrap_or_default();
        let digits = number.chars().filter(char::is_ascii_digit).count();
        // The top of a chart is rounded.
        let least = if screen[..at].ends_with("max ") || screen[..at].ends_with("máx. ") { 6 } else { 7 };
        (digits != least || decimals.len() != least - 5).then_some(number)
    })
}

/// Hints of the last line that stand there, but not as the table has them.
fn cut_hint(desk: &Desk, screen: &str, lang: Lang) -> Option<String> {
    let (view, place) = (&desk.view, desk.view.place());
    if !view.overlays().is_empty() || view.is_filtering(place) {
        return None;
    }
    let mut line = screen.lines().last().unwrap_or_default().trim().to_owned();
    for row in view.keymap().hints(place) {
        let Some(key) = row.key() else { continue };
        let hint = format!("{key} {}", row.binding.label(lang));
        if let Some(why) = view.why_not(row.binding.action) {
            line = line.replacen(&format!("{hint} ({why})"), "", 1);
        }
        line = format!("  {line}  ").replacen(&format!("  {hint}  "), "    ", 1);
    }
    (!line.trim().is_empty()).then(|| line.trim().to_owned())
}

/// The sentence that a state has, wherever one is.
fn sentence(state: State, lang: Lang) -> Option<&'static str> {
    match state {
        State::StoreDown => Some(lang.pick("lo que haga queda pendiente", "what you do stays pending")),
        State::BusDown => Some(lang.pick("aquí se sigue trabajando", "work goes on here")),
        State::Away => Some(lang.pick("Se ha ido el nodo", "The node has gone")),
        State::Gone => Some(lang.pick("El nodo se ha parado", "The node has stopped")),
        _ => None,
    }
}

/// The sentence of a place without goods.
fn nothing_there(state: State, place: Place, lang: Lang) -> Option<&'static str> {
    match (state, place) {
        (State::Loading, Place::Card | Place::Stocktake) => None,
        (State::Loading, _) => Some(lang.pick("cargando…", "loading…")),
        (State::Empty, Place::History) => Some(lang.pick("Aún no hay movimientos", "No movements yet")),
        (State::Empty, Place::Promises) => Some(lang.pick("No hay nada reservado", "Nothing is reserved")),
        (State::Empty, Place::Replenish) => Some(
            lang.pick("Ningún producto tiene aquí punto de pedido", "No product has a reorder point here"),
        ),
        (State::Empty, Place::Transfers) => Some(lang.pick("nada", "nothing")),
        _ => None,
    }
}

fn judge(state: State, lang: Lang, desk: &Desk) -> Vec<String> {
    let screen = desk.screen();
    let text = desk.words();
    let Size { width, height } = desk.view.size();
    let mut wrong = Vec::new();
    let mut lacks = |word: &str| {
        if !text.contains(word) {
            wrong.push(format!("lacks «{word}»"));
        }
    };
    if (width, height) == (19, 5) {
        lacks(lang.pick("Ventana demasiado pequeña", "Window too small"));
        return wrong;
    }
    if let Some(sentence) = sentence(state, lang) {
        lacks(sentence);
    }
    let place = desk.view.place();
    match desk.view.overlays().last() {
        None => {
            match place {
                // A product's is its own name, the board has those of its groups.
                Place::Card => {}
                Place::Transfers => lacks("5 "),
                _ => lacks(place.name(lang)),
            }
            if desk.view.toasts().shown().is_empty()
                && desk.view.pressed().is_empty()
                && height > 15
                && let Some(sentence) = nothing_there(state, place, lang)
            {
                lacks(sentence);
            }
        }
        Some(Overlay::Form(_)) => lacks(lang.pick("Esc salir", "Esc leave")),
        Some(_) => {}
    }
    let foreign = match lang {
        Lang::Es => ENGLISH,
        Lang::En => SPANISH,
    };
    if let Some(word) = words(&screen).find(|w| foreign.contains(&w.as_str())) {
        wrong.push(format!("has the other language's «{word}»"));
    }
    if let Some(number) = cut_number(&screen) {
        wrong.push(format!("cuts a number behind «{number}»"));
    }
    if state == State::Large
        && let Some(number) = broken_quantity(&screen)
    {
        wrong.push(format!("breaks a quantity: «{number}»"));
    }
    if let Some(rest) = cut_hint(desk, &screen, lang) {
        wrong.push(format!("has half a hint: «{rest}»"));
    }
    wrong
}

fn check(state: State, lang: Lang) {
    let mut wrong = Vec::new();
    let none: &[&str] = &[];
    let full = STATES.iter().map(|(name, keys)| (*name, *keys, none, world::full()));
    let counting = COUNTING.iter().map(|(name, keys)| (*name, *keys, none, super::stocktake::counting()));
    let scanned = CODES.iter().map(|(name, codes)| (*name, "+", *codes, world::full()));
    for (name, keys, codes, picture) in full.chain(counting).chain(scanned) {
        let mut desk = come(state, lang, short_names(picture), keys, codes);
        for (width, height) in SIZES {
            desk.resize(width, height);
            for what in judge(state, lang, &desk) {
                wrong.push(format!("{name} {width}x{height} {what}\n{}", desk.screen()));
            }
        }
    }
    assert!(wrong.is_empty(), "{state:?} {lang:?}: {}\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! matrix {
    ($($name:ident: $state:ident),* $(,)?) => {$(
        mod $name {
            use super::{Lang, State, check};

            #[test]
            fn es() {
                check(State::$state, Lang::Es);
            }

            #[test]
            fn en() {
                check(State::$state, Lang::En);
            }
        }
    )*};
}

matrix! {
    loading: Loading, empty: Empty, full: Full, large: Large, store_down: StoreDown, bus_down: BusDown,
    refused: Refused, away: Away, gone: Gone,
}

#[test]
fn scans_in_a_window_that_is_too_small_are_kept_and_counted() {
    for (lang, one, two) in
        [(Lang::Es, "1 lectura guardada", "2 lecturas guardadas"), (Lang::En, "1 scan kept", "2 scans kept")]
    {
        let mut desk = Desk::full(lang, 19, 5);
        desk.scan(world::GLOVES_CODE);
        assert!(desk.words().contains(one), "{}", desk.screen());
        desk.scan("HA-TRI");
        assert!(desk.words().contains(two), "{}", desk.screen());
        desk.resize(80, 24);
        let screen = desk.words();
        assert!(screen.contains(world::GLOVES_CODE) && screen.contains("HA-TRI"), "{}", desk.screen());
    }
}

/// The states that no other frame shows.
#[test]
fn states_have_their_frames() {
    let frame = |state, keys: &str| {
        let mut desk = come(state, Lang::Es, world::full(), keys, &[]);
        desk.theme = Theme::new(Palette::Dark, Borders::Round);
        desk
    };
    assert_snapshot!("away_120x40_es", frame(State::Away, "").screen());
    assert_snapshot!("gone_120x40_es", frame(State::Gone, "").screen());
    assert_snapshot!("refused_120x40_es", frame(State::Refused, "jj+24").screen());
    assert_snapshot!("home_60x15_es", frame(State::Full, "").resize(60, 15).screen());
    assert_snapshot!("form_store_down_60x15_es", frame(State::StoreDown, "jj+24").resize(60, 15).screen());
    let mut desk = Desk::full(Lang::En, 80, 24);
    desk.theme = Theme::new(Palette::Mono, Borders::Round);
    assert_snapshot!("home_mono_80x24_en", desk.screen());
}
