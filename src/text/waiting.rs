//! What an act that is done under a lock waits for.

use super::Lang;
use crate::node::event::LockView;

/// What an act waits for, and for how long it may.
#[must_use]
pub fn lock_wait(lang: Lang, lock: &LockView) -> String {
    let sku = &lock.sku;
    match (lang, &lock.holder) {
        (Lang::Es, Some(holder)) => {
            format!("esperando el cerrojo de {sku}, que ahora tiene {}", holder.warehouse)
        }
        (Lang::En, Some(holder)) => {
            format!("waiting for the lock of {sku}, which {} holds now", holder.warehouse)
        }
        (Lang::Es, None) => format!(
            "esperando a que la mayoría dé el cerrojo de {sku}; un almacén recién arrancado no vota durante 10 s"
        ),
        (Lang::En, None) => format!(
            "waiting for a majority to give the lock of {sku}; a warehouse that has just started does not vote for 10 s"
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::domain::{Sku, WarehouseId};
    use crate::node::event::SeatView;

    #[test]
    fn whoever_holds_it_is_named_and_else_what_the_others_wait_for() {
        let mut lock = LockView { sku: Sku::new("CASCO").unwrap(), holder: None, waiting: Vec::new() };
        assert!(lock_wait(Lang::En, &lock).contains("does not vote for 10 s"));
        lock.holder = Some(SeatView { warehouse: WarehouseId::new("sevilla").unwrap(), since_ms: 0 });
        assert_eq!(lock_wait(Lang::Es, &lock), "esperando el cerrojo de CASCO, que ahora tiene sevilla");
    }
}
