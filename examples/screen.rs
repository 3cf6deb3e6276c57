//! Draws the picture of the README: the demonstration as it runs on a terminal, as SVG.
//!
//! `cargo build && cargo run --example screen docs/screen.svg`
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool of the house: what fails is to be seen")]
#![allow(clippy::cast_precision_loss, reason = "columns of a screen")]

#[path = "../tests/support/seen.rs"]
mod seen;

use std::fmt::Write as _;
use std::{env, fs};

use seen::Seen;
use vt100::{Cell, Color, Screen};

const COLUMNS: u16 = 120;
const ROWS: u16 = 36;
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 17.0;
const MARGIN: f32 = 12.0;
const TEXT: &str = "#d8dee6";
const GROUND: &str = "#14171c";
/// The sixteen colours, as a terminal with a dark background shows them.
const COLOURS: [&str; 16] = [
    "#14171c", "#d35f5f", "#6fc06f", "#d6b85a", "#6f9de0", "#b98ad6", "#58bcc4", "#d8dee6", "#7d8590",
    "#f07c7c", "#8edc8e", "#ecd27a", "#8fb6f0", "#dba6f2", "#7ed8de", "#ffffff",
];

fn main() {
    let target = env::args().nth(1).expect("the file to write");
    let program = env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("rubentario");
    let mut seen = Seen::demo(&program, "en", COLUMNS, ROWS);
    quiet(&mut seen);
    seen.press("GU-NIT-M\r");
    seen.until_text("╭ Receipt");
    seen.press("24");
    seen.until_text("Quantity   24");
    seen.press("\r");
    seen.until_text("recorded madrid:");
    quiet(&mut seen);
    fs::write(target, svg(seen.screen())).unwrap();
    seen.press("q");
    seen.left_sane();
}

/// The sample data is in and known everywhere, and nothing is marked as new or being said.
fn quiet(seen: &mut Seen) {
    seen.until("quiet", |screen| {
        let text = screen.contents();
        text.contains("short at sevilla")
            && text.matches("up to date").count() == 2
            && !text.contains('•')
            && !text.contains("recorded madrid:")
    });
}

/// The looks of a cell that a run of cells shares.
#[derive(PartialEq, Clone, Copy)]
struct Look {
    text: &'static str,
    ground: &'static str,
    bold: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (mut text, mut ground) = (colour(cell.fgcolor(), TEXT), colour(cell.bgcolor(), GROUND));
        if cell.inverse() {
            (text, ground) = (ground, text);
        }
        Self { text, ground, bold: cell.bold() }
    }
}

fn colour(colour: Color, default: &'static str) -> &'static str {
    match colour {
        Color::Idx(i) => COLOURS.get(usize::from(i)).copied().unwrap_or(default),
        _ => default,
    }
}

fn svg(screen: &Screen) -> String {
    let (width, height) =
        (f32::from(COLUMNS) * WIDTH + 2.0 * MARGIN, f32::from(ROWS) * HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-size=\"14\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{GROUND}\"/>\n"
    );
    for row in 0..ROWS {
        let mut column = 0;
        while column < COLUMNS {
            let look = screen.cell(row, column).map(Look::of).unwrap();
            let mut text = String::new();
            let start = column;
            while column < COLUMNS && screen.cell(row, column).map(Look::of) == Some(look) {
                let cell = screen.cell(row, column).unwrap();
                text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                column += 1;
            }
            run(&mut svg, row, start, column - start, look, &text);
        }
    }
    svg + "</svg>\n"
}

fn run(svg: &mut String, row: u16, column: u16, columns: u16, look: Look, text: &str) {
    let (x, y) = (MARGIN + f32::from(column) * WIDTH, MARGIN + f32::from(row) * HEIGHT);
    let width = f32::from(columns) * WIDTH;
    if look.ground != GROUND {
        let fill = look.ground;
        writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{fill}\"/>"
        )
        .unwrap();
    }
    // Word by word, so that each stands on its column whatever the font.
    let (weight, fill) = (if look.bold { " font-weight=\"bold\"" } else { "" }, look.text);
    for (place, word) in words(text) {
        let (x, y) = (x + place as f32 * WIDTH, y + 13.0);
        let width = word.chars().count() as f32 * WIDTH;
        let word = word.replace('&', "&amp;").replace('<', "&lt;");
        writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{width:.1}\" fill=\"{fill}\"{weight}>{word}</text>"
        )
        .unwrap();
    }
}

/// The words of a run, each with its place among the cells.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut before = ' ';
    for (place, char) in text.chars().enumerate() {
        match words.last_mut() {
            Some((_, word)) if char != ' ' && before != ' ' => word.push(char),
            _ if char != ' ' => words.push((place, char.to_string())),
            _ => {}
        }
        before = char;
    }
    words
}
