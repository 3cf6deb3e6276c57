//! What to do when something about a reservation or an expected receipt can't be.

use crate::domain::Refusal;
use crate::text::Lang;

/// What to do.
pub(super) fn hint(lang: Lang, refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::BelowReserved { .. } => {
            lang.pick("libere antes la reserva", "release the reservation first")
        }
        Refusal::NoReservation { .. } => lang.pick("«reservations» las enumera", "«reservations» lists them"),
        Refusal::NoExpectation { .. } => lang.pick("«expected» las enumera", "«expected» lists them"),
        Refusal::LessReserved { .. } => lang.pick(
            "lo demás es otra salida, de lo que está disponible",
            "the rest is another issue, of what is available",
        ),
        _ => return None,
    })
}
