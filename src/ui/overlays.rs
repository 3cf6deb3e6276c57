//! What lies on top of a screen, one above the other; the topmost has the keys.

pub mod dialog;
pub mod list;
pub mod which;

use ratatui::layout::Rect;
use uuid::Uuid;

use self::dialog::Dialog;
use self::list::{Help, Palette};
use self::which::Which;
use crate::domain::TransferId;
use crate::ui::forms::{Form, FormKind, StocktakeStep};
use crate::ui::parts::pane;
use crate::ui::scan::Heard;

/// An open form with what waits for it.
#[derive(Debug, Clone)]
pub struct OpenForm {
    /// The form.
    pub form: Form,
    /// Which one.
    pub kind: FormKind,
    /// Requests that were made of it and not answered.
    pub waits: Vec<Uuid>,
    /// Keys and scans that came meanwhile.
    pub later: Vec<Heard>,
    /// The scan that is taken again once this is booked: it made the form necessary.
    pub rescan: Option<String>,
}

impl OpenForm {
    /// Where it stands in an area: in the middle, or below the lines that are counted by it.
    #[must_use]
    pub fn place(&self, area: Rect) -> Rect {
        let (wide, high) = self.form.size(area);
        let middle = pane::middle(area, wide, high);
        if self.is_counting() { Rect { y: area.bottom() - middle.height, ..middle } } else { middle }
    }

    /// Whether lines of a stocktake are counted by it.
    #[must_use]
    pub const fn is_counting(&self) -> bool {
        matches!(self.kind, FormKind::Stocktake(StocktakeStep::Count(_)))
    }
}

/// Something on top.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// A form.
    Form(Box<OpenForm>),
    /// A question.
    Dialog(Dialog),
    /// The keys.
    Help(Help),
    /// All actions.
    Palette(Palette),
    /// A transfer.
    Details(TransferId),
    /// A scan that several products answer to.
    Which(Which),
    /// Scans that came while the window was too small.
    Scans(Vec<String>),
}
