//! A scan that two products answer to: whoever holds the goods says which it is.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Sku;
use crate::domain::gtin::Gtin;
use crate::text::Lang;
use crate::ui::keys::FormKey;
use crate::ui::panes::stock::selected;
use crate::ui::parts::{pane, text};
use crate::ui::theme::Theme;
use crate::ui::view::View;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// What was scanned.
    pub scan: String,
    /// Its barcode.
    pub code: Gtin,
    /// The products that bear it.
    pub skus: Vec<Sku>,
    /// The one under the cursor.
    pub at: usize,
}

/// What a key did to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Nothing yet.
    Open,
    /// The scan is left.
    Nothing,
    /// This one.
    Sku(Sku),
}

impl Which {
    /// Takes a key: arrows and Enter, or the number of a row.
    pub fn key(&mut self, key: KeyEvent) -> Chosen {
        match key.code {
            KeyCode::Esc => return Chosen::Nothing,
            KeyCode::Down | KeyCode::Tab => self.at += 1,
            KeyCode::Up | KeyCode::BackTab => self.at = self.at.saturating_sub(1),
            KeyCode::Enter => return self.nth(self.at),
            KeyCode::Char(c @ '1'..='9') => {
                let nth = c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or(1) - 1;
                return self.nth(nth);
            }
            _ => {}
        }
        self.at = self.at.min(self.skus.len().saturating_sub(1));
        Chosen::Open
    }

    fn nth(&self, at: usize) -> Chosen {
        self.skus.get(at).map_or(Chosen::Open, |sku| Chosen::Sku(sku.clone()))
    }

    /// Draws it.
    pub fn draw(&self, view: &View, theme: &Theme, frame: &mut Frame, area: Rect) {
        let lang = view.lang();
        let title = format!(
            "{} {}: {}",
            lang.pick("Código", "Code"),
            self.code.short(),
            lang.pick("¿qué producto es?", "which product is it?")
        );
        let height = u16::try_from(self.skus.len() + 4).unwrap_or(u16::MAX).min(area.height);
        let inner = pane::on_top(frame, pane::middle(area, 66, height), theme, &title);
        let (room, rows) = (usize::from(inner.width), usize::from(inner.height.saturating_sub(2)));
        let top = self.at.saturating_sub(rows.saturating_sub(1));
        let mut lines = Vec::new();
        for (at, sku) in self.skus.iter().enumerate().skip(top).take(rows) {
            let name = view.model().products.get(sku).map_or("", |known| known.product.name.as_str());
            let words = format!(" {}  {sku}  {name}", at + 1);
            let line = Line::from(Span::raw(text::left(&words, room, theme.signs.more)));
            lines.push(selected(line, at == self.at, true, theme));
        }
        lines.push(Line::default());
        let (take, leave) = (view.form_key(FormKey::Enter), view.form_key(FormKey::Leave));
        let hint = match lang {
            Lang::Es => format!(" {take} o su número: ese   {leave} dejar la lectura"),
            Lang::En => format!(" {take} or its number: that one   {leave} leave the scan"),
        };
        lines.push(Line::styled(text::clip(&hint, room, theme.signs.more), theme.key));
        frame.render_widget(Paragraph::new(lines), inner);
    }
}
