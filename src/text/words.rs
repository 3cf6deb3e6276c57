//! The fixed words of the domain as people of a language say them.

use super::Lang;
use crate::domain::{AdjustmentReason, MovementKind, ReleaseReason, Severity, ShortageReason, TransferState};
use crate::node::event::{PeerState, Standing};

/// What a movement is.
#[must_use]
pub const fn movement(lang: Lang, kind: MovementKind) -> &'static str {
    match kind {
        MovementKind::Receipt => lang.pick("entrada", "receipt"),
        MovementKind::Issue => lang.pick("salida", "issue"),
        MovementKind::Adjustment => lang.pick("ajuste", "adjustment"),
        MovementKind::Count => lang.pick("recuento", "count"),
        MovementKind::TransferRequested => lang.pick("solicitud", "request"),
        MovementKind::TransferWithdrawalAsked => lang.pick("retirada pedida", "withdrawal asked"),
        MovementKind::TransferDeclined => lang.pick("solicitud denegada", "request declined"),
        MovementKind::TransferDispatched => lang.pick("envío", "dispatch"),
        MovementKind::TransferReceived => lang.pick("recepción", "arrival"),
        MovementKind::TransferRejected => lang.pick("rechazo", "rejection"),
        MovementKind::TransferReturned => lang.pick("devolución", "return"),
        MovementKind::Reversal => lang.pick("anulación", "reversal"),
        MovementKind::Reserved => lang.pick("reserva", "reservation"),
        MovementKind::Released => lang.pick("liberación", "release"),
        MovementKind::ReceiptExpected => lang.pick("entrada esperada", "expected receipt"),
        MovementKind::ExpectationClosed => lang.pick("esperada cerrada", "expected closed"),
    }
}

/// What the domain says of a word that is none of its own: it says it in English.
#[must_use]
pub fn none_of(lang: Lang, said: &str) -> String {
    said.replacen(" is none of ", lang.pick(" no es ninguno de ", " is none of "), 1)
}

/// What an entry of a ledger is that is no movement.
#[must_use]
pub fn entry(lang: Lang, kind: &str) -> &str {
    match kind {
        "product_defined" => lang.pick("cambio de un producto", "a change of a product"),
        "product_retired" => lang.pick("retirada de un producto", "the retirement of a product"),
        "reorder_rule_set" => lang.pick("regla de un producto", "the rule of a product"),
        "alert_acknowledged" => lang.pick("alerta vista", "an alert that was seen"),
        "ledger_resumed" => lang.pick("vuelta del libro", "the return of the ledger"),
        "roster_changed" => lang.pick("cambio de la red", "a change of the cluster"),
        "snapshot_marker" | "snapshot_closed" => lang.pick("instantánea", "a snapshot"),
        "clock_corrected" => lang.pick("corrección del reloj", "a correction of the clock"),
        other => other,
    }
}

/// How a ledger is of which nothing more is followed.
#[must_use]
pub const fn set_apart(lang: Lang) -> &'static str {
    lang.pick("libro apartado", "set apart")
}

/// Why on-hand was adjusted.
#[must_use]
pub const fn adjustment(lang: Lang, reason: AdjustmentReason) -> &'static str {
    match reason {
        AdjustmentReason::Damaged => lang.pick("dañado", "damaged"),
        AdjustmentReason::Expired => lang.pick("caducado", "expired"),
        AdjustmentReason::Lost => lang.pick("perdido", "lost"),
        AdjustmentReason::Found => lang.pick("encontrado", "found"),
        AdjustmentReason::Count => lang.pick("recuento", "count"),
        AdjustmentReason::Correction => lang.pick("corrección", "correction"),
        AdjustmentReason::Other => lang.pick("otro", "other"),
    }
}

/// Why reserved goods were released.
#[must_use]
pub const fn release(lang: Lang, reason: ReleaseReason) -> &'static str {
    match reason {
        ReleaseReason::Asked => lang.pick("a mano", "by hand"),
        ReleaseReason::Due => lang.pick("pasó su día", "its day has passed"),
        ReleaseReason::Short => lang.pick("faltan existencias", "stock is short"),
    }
}

/// How far a transfer is.
#[must_use]
pub const fn transfer(lang: Lang, state: TransferState) -> &'static str {
    match state {
        TransferState::Requested => lang.pick("solicitada", "requested"),
        TransferState::WithdrawalAsked => lang.pick("retirada pedida", "withdrawal asked"),
        TransferState::Declined => lang.pick("denegada", "declined"),
        TransferState::Dispatched => lang.pick("en camino", "on the road"),
        TransferState::Received => lang.pick("recibida", "received"),
        TransferState::Rejected => lang.pick("rechazada", "rejected"),
        TransferState::Returned => lang.pick("devuelta", "returned"),
    }
}

/// Why less came than was sent.
#[must_use]
pub const fn shortage(lang: Lang, reason: ShortageReason) -> &'static str {
    match reason {
        ShortageReason::Missing => lang.pick("falta", "missing"),
        ShortageReason::Damaged => lang.pick("dañado", "damaged"),
        ShortageReason::Expired => lang.pick("caducado", "expired"),
        ShortageReason::WrongProduct => lang.pick("producto equivocado", "wrong product"),
        ShortageReason::Other => lang.pick("otro", "other"),
    }
}

/// Whether a peer is heard of.
#[must_use]
pub const fn peer(lang: Lang, state: PeerState) -> &'static str {
    match state {
        PeerState::Alive => lang.pick("activo", "alive"),
        PeerState::Suspect => lang.pick("sospechoso", "suspect"),
        PeerState::Down => lang.pick("caído", "down"),
    }
}

/// What somebody is to the network, where that is more worth saying than whether it is heard of.
#[must_use]
pub const fn standing(lang: Lang, standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Member => None,
        Standing::Candidate => Some(lang.pick("espera admisión", "waits to be admitted")),
        Standing::OtherKey => Some(lang.pick("muestra otra clave", "shows another key")),
        Standing::Retired => Some(lang.pick("retirado", "retired")),
        Standing::GivenUp => Some(lang.pick("dado por perdido", "given up")),
        Standing::Stranger => Some(lang.pick("no es de la red", "not of the network")),
    }
}

/// How much an alert presses.
#[must_use]
pub const fn severity(lang: Lang, severity: Severity) -> &'static str {
    match severity {
        Severity::Info => lang.pick("información", "info"),
        Severity::Warning => lang.pick("aviso", "warning"),
        Severity::Error => lang.pick("error", "error"),
    }
}

/// A reason as an entry holds it: a fixed word in the language, any other text as it is.
#[must_use]
pub fn reason(lang: Lang, text: &str) -> &str {
    if let Ok(known) = text.parse::<AdjustmentReason>() {
        return adjustment(lang, known);
    }
    if let Ok(known) = text.parse::<ReleaseReason>() {
        return release(lang, known);
    }
    text.parse::<ShortageReason>().map_or(text, |known| shortage(lang, known))
}
