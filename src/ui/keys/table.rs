//! The one table of keys.

use crate::text::Lang;
use crate::ui::action::Action;

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The stock pane.
    Stock,
    /// The movements pane.
    History,
    /// The peers pane.
    Peers,
    /// The alerts pane.
    Alerts,
    /// The transfers board.
    Transfers,
    /// The product card.
    Card,
    /// The snapshots.
    Snapshots,
    /// Reservations and expected receipts.
    Promises,
    /// The stocktake.
    Stocktake,
    /// The replenishment run.
    Replenish,
    /// Today.
    Today,
}

impl Place {
    /// All places.
    pub const ALL: [Self; 11] = [
        Self::Stock,
        Self::History,
        Self::Peers,
        Self::Alerts,
        Self::Transfers,
        Self::Card,
        Self::Snapshots,
        Self::Promises,
        Self::Stocktake,
        Self::Replenish,
        Self::Today,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Stock => lang.pick("Existencias", "Stock"),
            Self::History => lang.pick("Movimientos", "Movements"),
            Self::Peers => lang.pick("Pares", "Peers"),
            Self::Alerts => lang.pick("Alertas", "Alerts"),
            Self::Transfers => lang.pick("Transferencias", "Transfers"),
            Self::Card => lang.pick("Ficha", "Card"),
            Self::Snapshots => lang.pick("Instantáneas", "Snapshots"),
            Self::Promises => lang.pick("Reservas y esperadas", "Reserved and expected"),
            Self::Stocktake => lang.pick("Recuento", "Stocktake"),
            Self::Replenish => lang.pick("Reposición", "Replenishment"),
            Self::Today => lang.pick("Hoy", "Today"),
        }
    }
}

/// A set of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places(u16);

impl Places {
    const STOCK: Self = Self(1);
    const HISTORY: Self = Self(2);
    const PEERS: Self = Self(4);
    const ALERTS: Self = Self(8);
    const TRANSFERS: Self = Self(16);
    const CARD: Self = Self(32);
    const SNAPSHOTS: Self = Self(64);
    const PROMISES: Self = Self(128);
    const STOCKTAKE: Self = Self(256);
    const REPLENISH: Self = Self(512);
    const TODAY: Self = Self(1024);
    const ALL: Self = Self(2047);
    /// Where a product is selected.
    pub(super) const GOODS: Self = Self(1 + 2 + 8 + 32 + 128);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn but(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether a place is one of them.
    #[must_use]
    pub const fn has(self, place: Place) -> bool {
        let bit = match place {
            Place::Stock => 1,
            Place::History => 2,
            Place::Peers => 4,
            Place::Alerts => 8,
            Place::Transfers => 16,
            Place::Card => 32,
            Place::Snapshots => 64,
            Place::Promises => 128,
            Place::Stocktake => 256,
            Place::Replenish => 512,
            Place::Today => 1024,
        };
        self.0 & bit != 0
    }

    /// Whether all of others are.
    pub(super) const fn holds(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether all places are.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.0 == Self::ALL.0
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// What is done.
    pub action: Action,
    /// Its name in the config.
    pub word: &'static str,
    /// The keys, parted by blanks.
    pub keys: &'static str,
    /// Where.
    pub places: Places,
    /// Place among the hints: the smaller the sooner, 0 = not there.
    pub rank: u8,
    es: &'static str,
    en: &'static str,
}

impl Binding {
    /// What it does, in few words.
    #[must_use]
    pub const fn label(&self, lang: Lang) -> &'static str {
        lang.pick(self.es, self.en)
    }
}

const fn row(
    action: Action,
    word: &'static str,
    keys: &'static str,
    places: Places,
    rank: u8,
    es: &'static str,
    en: &'static str,
) -> Binding {
    Binding { action, word, keys, places, rank, es, en }
}

/// All keys.
pub const BINDINGS: &[Binding] = {
    use Action as A;
    use Places as P;
    const BUT_CARD: Places = P::ALL.but(P::CARD);
    const PANES: Places = P::STOCK.and(P::HISTORY).and(P::PEERS).and(P::ALERTS);
    /// Digits count there.
    const BUT_STOCKTAKE: Places = P::ALL.but(P::STOCKTAKE);
    &[
        row(A::CarryOut, "carry-out", "Enter Ctrl-s", P::REPLENISH, 4, "pedir lo marcado", "request ticked"),
        row(A::Mark, "tick", "Space", P::REPLENISH, 5, "marcar", "tick"),
        row(A::MarkAll, "tick-all", "a", P::REPLENISH, 6, "marcar todo", "tick all"),
        row(A::Resolve, "proposal", "r", P::REPLENISH, 7, "propuesta", "proposal"),
        row(A::Open, "open-product", "o", P::REPLENISH, 8, "ficha", "card"),
        row(A::Receipt, "receipt", "+", P::GOODS, 10, "entrada", "receipt"),
        row(A::Issue, "issue", "-", P::GOODS, 11, "salida", "issue"),
        row(A::Count, "count", "= u", P::GOODS, 12, "recuento", "count"),
        row(A::Stocktake, "stocktake", "c", P::GOODS, 22, "hoja de recuento", "stocktake"),
        row(A::Count, "count-line", "Enter = u", P::STOCKTAKE, 8, "contar", "count"),
        row(A::CountOther, "count-other", "n", P::STOCKTAKE, 9, "otra cosa", "something else"),
        row(A::Stocktake, "next-line", "c", P::STOCKTAKE, 10, "seguir", "go on"),
        row(A::Review, "review", "r", P::STOCKTAKE, 11, "revisar", "review"),
        row(A::CloseStocktake, "close-stocktake", "C", P::STOCKTAKE, 12, "cerrar", "close"),
        row(A::DropStocktake, "drop-stocktake", "D", P::STOCKTAKE, 24, "descartar", "drop"),
        row(A::Filter, "filter-lines", "/ b", P::STOCKTAKE, 17, "buscar", "find"),
        row(A::Report, "report", "i", P::STOCKTAKE, 15, "informe", "report"),
        row(A::NextPane, "next-lines", "Tab", P::STOCKTAKE, 14, "qué líneas", "which lines"),
        row(A::Send, "send", "t", P::GOODS.and(P::TRANSFERS).and(P::REPLENISH), 13, "enviar", "send"),
        row(A::Request, "request", "p", P::GOODS.and(P::TRANSFERS).and(P::REPLENISH), 14, "pedir", "request"),
        row(A::LetGo, "let-go", "d", P::PROMISES, 9, "liberar, cerrar", "release, close"),
        row(A::TakeIn, "take-in", "v", P::TRANSFERS, 10, "recibir", "take in"),
        row(A::Refuse, "refuse", "d", P::TRANSFERS, 11, "rechazar", "refuse"),
        row(A::Withdraw, "withdraw", "w", P::TRANSFERS, 12, "retirar", "withdraw"),
        row(A::StepBack, "step-back", "w", P::PEERS, 12, "dejar la cola", "leave the queue"),
        row(A::Note, "note", "x", P::TRANSFERS, 15, "albarán", "delivery note"),
        row(A::Resolve, "resolve", "r", P::ALERTS, 8, "resolver", "resolve"),
        row(A::Acknowledge, "acknowledge", "a", P::ALERTS, 9, "enterado", "acknowledge"),
        row(A::Admit, "admit", "a", P::PEERS, 8, "admitir", "admit"),
        row(A::Retire, "retire", "D", P::PEERS, 9, "retirar", "retire"),
        row(A::Reverse, "reverse", "z", P::HISTORY, 9, "anular", "reverse"),
        row(A::Freeze, "freeze", "f", P::HISTORY, 16, "congelar", "freeze"),
        row(A::Adjust, "adjust", "m", P::GOODS, 20, "ajuste", "adjust"),
        row(A::Reserve, "reserve", "V", P::GOODS, 21, "reservar", "reserve"),
        row(A::Expect, "expect", "P", P::GOODS, 22, "entrada esperada", "expected receipt"),
        row(
            A::NewProduct,
            "new-product",
            "n",
            BUT_CARD.but(P::STOCKTAKE),
            24,
            "producto nuevo",
            "new product",
        ),
        row(A::EditProduct, "edit-product", "E", P::GOODS, 25, "editar producto", "edit product"),
        row(A::Rule, "rule", "R", P::GOODS, 26, "regla y ubicación", "rule and shelf"),
        row(A::Open, "open", "Enter", P::STOCK.and(P::HISTORY).and(P::ALERTS), 15, "ficha", "card"),
        row(A::Open, "open-matter", "Enter", P::TODAY, 10, "ir allí", "go there"),
        row(A::Open, "open-promised", "Enter", P::PROMISES, 15, "ficha", "card"),
        row(A::Open, "open-transfer", "Enter", P::TRANSFERS, 16, "detalle", "details"),
        row(A::Filter, "filter", "/ b", P::STOCK.and(P::HISTORY).and(P::TRANSFERS), 17, "buscar", "find"),
        row(A::Filter, "filter-promised", "/ b", P::PROMISES, 17, "buscar", "find"),
        row(A::Open, "open-snapshot", "Enter", P::SNAPSHOTS, 10, "abrir", "open"),
        row(A::Mark, "mark", "Space", P::SNAPSHOTS, 12, "marcar", "mark"),
        row(A::Compare, "compare", "d", P::SNAPSHOTS, 13, "comparar", "compare"),
        row(A::AsOf, "as-of", "o", P::SNAPSHOTS.and(P::CARD), 14, "a fecha de", "as of"),
        row(A::TakeSnapshot, "snapshot", "s", P::ALL, 23, "instantánea", "snapshot"),
        row(A::Palette, "palette", ": Ctrl-p", P::ALL, 18, "órdenes", "commands"),
        row(A::Help, "help", "? F1", P::ALL, 19, "ayuda", "help"),
        row(A::Escape, "escape", "Esc", P::ALL, 0, "salir de aquí", "step out"),
        row(A::NextPane, "next-pane", "Tab", BUT_CARD.but(P::STOCKTAKE), 0, "panel siguiente", "next pane"),
        row(A::PreviousPane, "previous-pane", "Shift-Tab", BUT_CARD, 0, "panel anterior", "pane before"),
        row(A::GoStock, "stock", "1", BUT_STOCKTAKE, 0, "existencias", "stock"),
        row(A::GoHistory, "history", "2", BUT_STOCKTAKE, 0, "movimientos", "movements"),
        row(A::GoPeers, "peers", "3", BUT_STOCKTAKE, 0, "pares", "peers"),
        row(A::GoAlerts, "alerts", "4", BUT_STOCKTAKE, 0, "alertas", "alerts"),
        row(A::GoTransfers, "transfers", "5", BUT_STOCKTAKE, 21, "transferencias", "transfers"),
        row(A::GoSnapshots, "snapshots", "6", BUT_STOCKTAKE, 22, "instantáneas", "snapshots"),
        row(A::GoToday, "today", "7", BUT_STOCKTAKE, 22, "hoy", "today"),
        row(A::GoReplenish, "replenish", "r", P::STOCK, 18, "reponer", "replenish"),
        row(A::GoPromises, "promises", "L", P::ALL, 23, "reservas y esperadas", "reserved, expected"),
        row(A::Zoom, "zoom", "e", PANES, 27, "ampliar", "zoom"),
        row(A::Export, "export", "x", P::ALL.but(P::TRANSFERS), 28, "exportar", "export"),
        row(A::Export, "export-transfers", "X", P::TRANSFERS, 28, "exportar", "export"),
        row(A::Copy, "copy", "y", P::ALL, 29, "copiar", "copy"),
        row(A::Down, "down", "j Down", P::ALL, 0, "abajo", "down"),
        row(A::Up, "up", "k Up", P::ALL, 0, "arriba", "up"),
        row(A::Left, "left", "h Left", P::ALL, 0, "a la izquierda", "left"),
        row(A::Right, "right", "l Right", P::ALL, 0, "a la derecha", "right"),
        row(A::Top, "top", "gg Home", P::ALL, 0, "al principio", "to the top"),
        row(A::Bottom, "bottom", "G End", P::ALL, 0, "al final", "to the end"),
        row(A::HalfDown, "half-down", "Ctrl-d", P::ALL, 0, "media página abajo", "half a page down"),
        row(A::HalfUp, "half-up", "Ctrl-u", P::ALL, 0, "media página arriba", "half a page up"),
        row(A::PageDown, "page-down", "PgDn", P::ALL, 0, "página abajo", "page down"),
        row(A::PageUp, "page-up", "PgUp", P::ALL, 0, "página arriba", "page up"),
        row(A::Warehouse(0), "warehouse-1", "F2", P::ALL, 0, "primer almacén", "first warehouse"),
        row(A::Warehouse(1), "warehouse-2", "F3", P::ALL, 0, "segundo almacén", "second warehouse"),
        row(A::Warehouse(2), "warehouse-3", "F4", P::ALL, 0, "tercer almacén", "third warehouse"),
        row(A::Warehouse(3), "warehouse-4", "F5", P::ALL, 0, "cuarto almacén", "fourth warehouse"),
        row(A::Warehouse(4), "warehouse-5", "F6", P::ALL, 0, "quinto almacén", "fifth warehouse"),
        row(A::Warehouse(5), "warehouse-6", "F7", P::ALL, 0, "sexto almacén", "sixth warehouse"),
        row(A::Warehouse(6), "warehouse-7", "F8", P::ALL, 0, "séptimo almacén", "seventh warehouse"),
        row(A::Warehouse(7), "warehouse-8", "F9", P::ALL, 0, "octavo almacén", "eighth warehouse"),
        row(A::Operator, "operator", "O", P::ALL, 31, "operario", "operator"),
        row(A::Language, "language", "", P::ALL, 0, "in English", "en español"),
        row(A::Suspend, "suspend", "Ctrl-z", P::ALL, 0, "suspender", "suspend"),
        row(A::Quit, "quit", "q Ctrl-c", P::ALL, 30, "salir", "quit"),
    ]
};
