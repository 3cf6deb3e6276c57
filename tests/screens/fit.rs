//! Every text fits at 80 columns in either language: nothing that the program says itself is cut.

use std::sync::Arc;
use std::time::Duration;

use rubentario::domain::Quantity;
use rubentario::node::event::Picture;
use rubentario::text::Lang;
use rubentario::ui::overlays::Overlay;

use super::desk::Desk;
use super::world;

/// Stands where something was cut, in place of the ellipsis, which texts have of their own.
const CUT: &str = "\u{2702}";

/// What people named may be too long for a column: here nothing is.
fn short_names(mut picture: Picture) -> Picture {
    for view in &mut picture.products {
        let mut short = view.as_ref().clone();
        let mut product = short.product.as_ref().clone();
        product.name = product.name.chars().take(5).collect();
        short.product = Arc::new(product);
        *view = Arc::new(short);
    }
    picture
}

/// How each state of the terminal is come to.
const STATES: &[(&str, &str)] = &[
    ("home", ""),
    ("stock", "e"),
    ("movements", "2e"),
    ("peers", "3e"),
    ("alerts", "4e"),
    ("transfers", "5"),
    ("a transfer", "5{enter}"),
    ("snapshots", "6"),
    ("what is promised", "L"),
    ("reserve", "jjV14{tab}Marta{tab}+3d"),
    ("expect", "jjP2p{tab}+1m"),
    ("issue against", "jjj-{tab}{right}"),
    ("release", "jjjLd"),
    ("close", "Ld"),
    ("help", "?"),
    ("the end of the help", "?{pgdn}{pgdn}{pgdn}{pgdn}{pgdn}{pgdn}{pgdn}{pgdn}"),
    ("palette", ":"),
    ("which key", "g"),
    ("a filter without a match", "/xyz"),
    ("card", "jj{enter}"),
    ("receipt", "jj+24"),
    ("issue", "jj-4"),
    ("too much", "j-40{enter}"),
    ("expired", "jjjj-15{enter}"),
    ("count", "jj=1100"),
    ("adjust", "jjm-3"),
    ("send", "jjt10"),
    ("request", "jp46"),
    ("new product", "n"),
    ("product", "jjE"),
    ("rule", "jjR"),
    ("operator", "O"),
    ("no stocktake", "c{esc}"),
    ("a stocktake to open", "c"),
    ("a stocktake by shelf", "c{right}{tab}"),
    ("a stocktake by category", "c{right}{right}{tab}"),
    ("reverse", "2z"),
    ("resolve", "4r"),
    ("replenish", "r"),
    ("replenish ticked", "ra"),
    ("replenish carried out?", "ra{enter}"),
    ("replenish proposal", "rr"),
    ("resolve low stock", "4jr"),
    ("leave?", "jj+24{esc}"),
    ("quit?", "jj+24{quit}"),
];

/// The same in the middle of a stocktake.
const COUNTING: &[(&str, &str)] = &[
    ("a stocktake", "c"),
    ("its lines to count", "c{tab}"),
    ("a line", "c17"),
    ("something else", "cn"),
    ("whose review", "cr"),
    ("a review", "cOluis{enter}r"),
    ("not to close", "cC"),
    ("to drop", "cD"),
];

const CODES: &[(&str, &[&str])] = &[
    ("a list", &[world::GLOVES_CODE, "SU-FIS-500", "HA-TRI"]),
    ("nobody's code", &["8904000210037"]),
    ("nobody's carton", &["30614141123453"]),
    ("a delivery note", &["sevilla:117"]),
    ("a misread code", &["5901234123458"]),
];

fn desk(lang: Lang, picture: Picture) -> Desk {
    let mut desk = Desk::showing(picture, lang, 80, 24);
    desk.theme.signs.more = CUT;
    desk
}

/// What is wrong with a screen. A form's way out is the last of its keys: where it stands, all of them do.
fn judge(name: &str, lang: Lang, desk: &Desk) -> Option<String> {
    let screen = desk.screen();
    let is_form = matches!(desk.view.overlays().last(), Some(Overlay::Form(_)));
    let way_out = lang.pick("Esc salir", "Esc leave");
    let why = match () {
        () if screen.contains(CUT) => "something is cut",
        () if is_form && !screen.contains(way_out) => "there is no way out",
        () => return None,
    };
    Some(format!("{name}, {lang:?}: {why}\n{screen}"))
}

#[test]
fn no_text_of_the_program_is_cut_at_80_columns() {
    let mut wrong = Vec::new();
    for lang in [Lang::Es, Lang::En] {
        for (name, keys) in STATES {
            let mut desk = desk(lang, short_names(world::full()));
            desk.keys(keys);
            wrong.extend(judge(name, lang, &desk));
        }
        for (name, keys) in COUNTING {
            let mut desk = desk(lang, short_names(super::stocktake::counting()));
            // That one is open is said for a while.
            desk.wait(Duration::from_secs(4)).keys(keys);
            wrong.extend(judge(name, lang, &desk));
        }
        for (name, codes) in CODES {
            let mut desk = desk(lang, short_names(world::full()));
            desk.keys("+");
            for code in *codes {
                desk.scan(code);
            }
            wrong.extend(judge(name, lang, &desk));
        }
        for keys in ["", "2e", "3e", "4e", "5", "6", "L", "r"] {
            let empty = Picture {
                products: Vec::new(),
                transfers: Vec::new(),
                movements: Vec::new(),
                alerts: Vec::new(),
                peers: Vec::new(),
                snapshots: Vec::new(),
                ..world::full()
            };
            let mut desk = desk(lang, empty);
            desk.keys(keys);
            wrong.extend(judge("empty", lang, &desk));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is on hand, large and with decimals.
fn large_numbers() -> Picture {
    let mut picture = world::full();
    for view in &mut picture.products {
        let mut large = view.as_ref().clone();
        let mut product = large.product.as_ref().clone();
        product.decimals = 2;
        large.product = Arc::new(product);
        for cell in &mut large.cells {
            cell.on_hand = Quantity::from_thousandths(1_234_560).unwrap();
        }
        *view = Arc::new(large);
    }
    picture
}

#[test]
fn a_quantity_is_never_cut_and_the_name_gives_way() {
    for (lang, here) in [(Lang::En, "1,234.56"), (Lang::Es, "1234,56")] {
        for (width, height) in [(160, 50), (120, 40), (80, 24), (40, 12)] {
            let mut desk = Desk::showing(large_numbers(), lang, width, height);
            desk.theme.signs.more = CUT;
            let screen = desk.screen();
            // A row of the stock, up to the border of its pane; after a digit only numbers are cut.
            let is_number = |c: char| c.is_ascii_digit() || c == '.';
            let rows = screen.lines().filter_map(|line| line.trim_start_matches('│').split('│').next());
            let is_cut = rows
                .filter(|row| row.contains(here))
                .any(|row| row.match_indices(CUT).any(|(at, _)| row[..at].ends_with(is_number)));
            assert!(!is_cut, "{lang:?} {width}x{height}\n{screen}");
            assert!(screen.contains(here), "{lang:?} {width}x{height}\n{screen}");
        }
    }
}
