//! What a key or a line of the palette does.

/// A wish of the operator inside the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// The stock.
    GoStock,
    /// The movements.
    GoHistory,
    /// The peers.
    GoPeers,
    /// The alerts.
    GoAlerts,
    /// The transfers.
    GoTransfers,
    /// The snapshots.
    GoSnapshots,
    /// Reservations and expected receipts.
    GoPromises,
    /// To what was done and is to be done today.
    GoToday,
    /// What is low, and what to do about it.
    GoReplenish,
    /// The pane alone, or all again.
    Zoom,
    /// More of the row: card, details.
    Open,
    /// Type a filter.
    Filter,
    /// Step out.
    Escape,
    /// Goods in.
    Receipt,
    /// Goods out.
    Issue,
    /// Count.
    Count,
    /// Correct with a reason.
    Adjust,
    /// Send to another warehouse.
    Send,
    /// Ask another warehouse for goods.
    Request,
    /// Keep goods for somebody.
    Reserve,
    /// Goods expected from outside.
    Expect,
    /// Release the reservation, or close the expected receipt.
    LetGo,
    /// Take a transfer in, or back.
    TakeIn,
    /// Decline a request or reject a delivery.
    Refuse,
    /// Withdraw an own request.
    Withdraw,
    /// Leave the queue of a lock.
    StepBack,
    /// Undo an own movement.
    Reverse,
    /// Do what the alert proposes.
    Resolve,
    /// Say that the alert was seen.
    Acknowledge,
    /// Let the warehouse in.
    Admit,
    /// Let the warehouse go.
    Retire,
    /// A new product.
    NewProduct,
    /// Change a product.
    EditProduct,
    /// Change the reorder rule and the shelf.
    Rule,
    /// The delivery note of a dispatch.
    Note,
    /// Begin a stocktake, or go on with it.
    Stocktake,
    /// Count what stands on no line of it.
    CountOther,
    /// Judge a line that somebody else counted.
    Review,
    /// Book its differences and end it.
    CloseStocktake,
    /// End it and book nothing.
    DropStocktake,
    /// Its report.
    Report,
    /// A snapshot of the whole cluster.
    TakeSnapshot,
    /// Mark a snapshot for a comparison.
    Mark,
    /// Mark all, or none.
    MarkAll,
    /// Do what is marked.
    CarryOut,
    /// Compare the two that are marked.
    Compare,
    /// The stock as of a moment.
    AsOf,
    /// What is shown to a file.
    Export,
    /// Hold the history still.
    Freeze,
    /// Copy the row.
    Copy,
    /// The list of all actions.
    Palette,
    /// The keys.
    Help,
    /// Who works here.
    Operator,
    /// The other language.
    Language,
    /// Another warehouse of this demo, from 0.
    Warehouse(u8),
    /// Leave.
    Quit,
    /// To the shell, for a while.
    Suspend,
}

impl Action {
    /// Whether a key of this action may fire in the middle of what turns out to be a scan: it only moves.
    #[must_use]
    pub const fn only_moves(self) -> bool {
        matches!(
            self,
            Self::Down
                | Self::Up
                | Self::Left
                | Self::Right
                | Self::Top
                | Self::Bottom
                | Self::HalfDown
                | Self::HalfUp
                | Self::PageDown
                | Self::PageUp
        )
    }
}
