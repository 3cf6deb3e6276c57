//! Where things stand: reckoned from the size alone, for drawing and for keys alike.
//!
//! ```text
//! top line                                 (banner: only when something is wrong)
//! ╭ 1 stock ───────────╮╭ 3 peers ──╮
//! ╰────────────────────╯╰───────────╯      narrow: stock above, one of the others below
//! ╭ 2 movements ───────╮╭ 4 alerts ─╮      low: only the pane with the keys
//! ╰────────────────────╯╰───────────╯
//! keys
//! ```

use ratatui::layout::{Rect, Size};

use super::keys::Place;

/// Below this many columns there is only a notice.
pub const LEAST_WIDTH: u16 = 20;
/// Below this many rows there is only a notice.
pub const LEAST_HEIGHT: u16 = 6;
/// The banner takes no more rows.
const BANNER: u16 = 4;
/// From so many columns on panes stand side by side.
const WIDE: u16 = 100;
/// From so many rows of the body on two panes stand one above the other.
const HIGH: u16 = 14;

/// The parts of the screen from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// Who, where, how.
    pub top: Rect,
    /// What is wrong; may be empty.
    pub banner: Rect,
    /// The screen.
    pub body: Rect,
    /// The keys.
    pub hints: Rect,
}

/// Whether the window is too small to work in.
#[must_use]
pub const fn is_too_small(size: Size) -> bool {
    size.width < LEAST_WIDTH || size.height < LEAST_HEIGHT
}

/// The parts of the screen; the banner has so many lines to say, and gets what the screen can spare.
#[must_use]
pub fn areas(size: Size, banner: usize) -> Areas {
    let row = |y: u16, height: u16| Rect::new(0, y.min(size.height), size.width, height.min(size.height));
    let most = if size.height > LEAST_HEIGHT + 2 { (size.height / 6).clamp(1, BANNER) } else { 0 };
    let banner = most.min(u16::try_from(banner).unwrap_or(u16::MAX));
    Areas {
        top: row(0, 1),
        banner: row(1, banner),
        body: row(1 + banner, size.height.saturating_sub(2 + banner)),
        hints: row(size.height.saturating_sub(1), 1),
    }
}

/// Whether panes stand side by side.
#[must_use]
pub const fn is_wide(body: Rect) -> bool {
    body.width >= WIDE && body.height >= HIGH
}

/// How wide the panes beside the stock are.
#[must_use]
pub fn side(body: Rect) -> u16 {
    (body.width * 32 / 100).clamp(36, 64)
}

/// The panes of home that are in sight, with their places. `below` is the one under the stock where the window is
/// narrow; `peers` is how many rows their pane has, locks and what it
/// says below them included.
#[must_use]
pub fn home(body: Rect, focus: Place, below: Place, zoom: bool, peers: usize) -> Vec<(Place, Rect)> {
    if zoom || body.height < HIGH {
        return vec![(focus, body)];
    }
    if !is_wide(body) {
        let high = body.height * 11 / 20;
        let lower = Rect::new(body.x, body.y + high, body.width, body.height - high);
        return vec![(Place::Stock, Rect { height: high, ..body }), (below, lower)];
    }
    let side = side(body);
    let main = body.width - side;
    let stock = body.height * 3 / 5;
    let peers = u16::try_from(peers + 2).unwrap_or(u16::MAX).clamp(4, body.height / 3);
    let x = body.x + main;
    vec![
        (Place::Stock, Rect::new(body.x, body.y, main, stock)),
        (Place::History, Rect::new(body.x, body.y + stock, main, body.height - stock)),
        (Place::Peers, Rect::new(x, body.y, side, peers)),
        (Place::Alerts, Rect::new(x, body.y + peers, side, body.height - peers)),
    ]
}

/// Rows inside a frame.
#[must_use]
pub fn inner_height(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ever_stands_outside_the_window() {
        for width in 0..180 {
            for height in 0..60 {
                let size = Size::new(width, height);
                let all = areas(size, 9);
                let window = Rect::new(0, 0, width, height);
                for area in [all.top, all.banner, all.body, all.hints] {
                    assert_eq!(area.intersection(window).area(), area.area(), "{size:?} {area:?}");
                }
                for zoom in [false, true] {
                    for (_, area) in home(all.body, Place::Stock, Place::History, zoom, 70) {
                        assert_eq!(area.intersection(all.body), area, "{size:?}");
                    }
                }
            }
        }
    }
}
