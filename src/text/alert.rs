//! An alert as one line.

use super::number::{one_or_more, quantity};
use super::time::{age, ago, date, span};
use super::{Lang, stopped, words};
use crate::domain::{Alert, AlertKind, Lot, Quantity, Sku, TransferId, WarehouseId};

/// The alert in one line. `now_ms` is now, in milliseconds since 1970 UTC, for its ages.
#[must_use]
pub fn alert_line(lang: Lang, alert: &Alert, now_ms: i64) -> String {
    let since = |ms: i64| now_ms.saturating_sub(ms);
    match &alert.what {
        AlertKind::LowStock { sku, position, reorder_point, order, from } => {
            low_stock(lang, sku, *position, *reorder_point, *order, from)
        }
        AlertKind::OutOfStock { sku } => format!("{sku}: {}", lang.pick("sin existencias", "out of stock")),
        AlertKind::LotExpiring { sku, lot, expiry, on_hand } => {
            let (of, day, qty) = (of_lot(lang, sku, lot), date(lang, *expiry), quantity(lang, *on_hand));
            match lang {
                Lang::Es => {
                    let left = one_or_more(*on_hand, ("queda", "quedan"));
                    format!("{of} caduca el {day} ({left} {qty})")
                }
                Lang::En => format!("{of} expires on {day} ({qty} on hand)"),
            }
        }
        AlertKind::LotExpired { sku, lot, expiry, on_hand } => {
            let (of, day, qty) = (of_lot(lang, sku, lot), date(lang, *expiry), quantity(lang, *on_hand));
            match lang {
                Lang::Es => {
                    let left = one_or_more(*on_hand, ("queda", "quedan"));
                    format!("{of} caducó el {day} ({left} {qty})")
                }
                Lang::En => format!("{of} expired on {day} ({qty} on hand)"),
            }
        }
        AlertKind::TransferOverdue { transfer, from, to, since_ms } => {
            let age = age(lang, since(*since_ms));
            let road = lang.pick("en camino desde hace", "on the road for");
            format!("{transfer}: {from} → {to}, {road} {age}")
        }
        AlertKind::RequestWaiting { transfer, to, since_ms } => {
            let waited = since(*since_ms);
            let age = age(lang, waited);
            match lang {
                // An age below this has no number to wait for.
                Lang::Es if waited < 10_000 => format!("{transfer}: {to} espera respuesta"),
                Lang::En if waited < 10_000 => format!("{transfer}: {to} waits for an answer"),
                Lang::Es => format!("{transfer}: {to} espera respuesta desde hace {age}"),
                Lang::En => format!("{transfer}: {to} has waited for an answer for {age}"),
            }
        }
        AlertKind::ReservationCut { reservation, sku, purpose, qty, .. } => {
            let (lacks, released) = one_or_more(*qty, (("falta", "liberada"), ("faltan", "liberadas")));
            let qty = quantity(lang, *qty);
            match lang {
                Lang::Es => {
                    format!("{sku}: {lacks} {qty} para «{purpose}» (reserva {reservation}, {released})")
                }
                Lang::En => {
                    format!("{sku}: {qty} short for “{purpose}” (reservation {reservation}, released)")
                }
            }
        }
        AlertKind::ReceiptOverdue { expectation, sku, left, due } => {
            let (day, qty) = (date(lang, *due), quantity(lang, *left));
            let words = (
                ("se esperaba", "no ha llegado", "was", "has not come"),
                ("se esperaban", "no han llegado", "were", "have not come"),
            );
            let (awaited, absent, was, not_come) = one_or_more(*left, words);
            match lang {
                Lang::Es => format!("{sku}: {qty} {awaited} el {day} y {absent} ({expectation})"),
                Lang::En => format!("{sku}: {qty} {was} expected on {day} and {not_come} ({expectation})"),
            }
        }
        AlertKind::Discrepancy { transfer, to, short, .. } => discrepancy(lang, transfer, to, short),
        AlertKind::PeerDown { peer, since_ms } => {
            let (silent, ago) = (since(*since_ms), ago(lang, since(*since_ms)));
            match lang {
                // «Heard last now» would be no answer to since when.
                Lang::Es if silent < 10_000 => format!("{peer} no responde"),
                Lang::En if silent < 10_000 => format!("{peer} does not answer"),
                Lang::Es => format!("{peer} no responde; última señal {ago}"),
                Lang::En => format!("{peer} does not answer; last heard {ago}"),
            }
        }
        AlertKind::ProductConflict { sku, other, gtin } => {
            let gtin = gtin.short();
            match lang {
                Lang::Es => format!("{sku} y {other} llevan el mismo código de barras {gtin}"),
                Lang::En => format!("{sku} and {other} have the same barcode {gtin}"),
            }
        }
        AlertKind::Clock { peer, offset_ms } => wrong_clock(lang, *peer == alert.warehouse, peer, *offset_ms),
        AlertKind::LedgerFork { .. }
        | AlertKind::NewerLedger { .. }
        | AlertKind::SnapshotDigest { .. }
        | AlertKind::WaitsForAdmission { .. }
        | AlertKind::RosterSplit { .. }
        | AlertKind::TwoClusters { .. }
        | AlertKind::StoreDown { .. }
        | AlertKind::UnreadableMessages { .. }
        | AlertKind::BusDown { .. } => trouble(lang, &alert.what),
    }
}

/// The product and its lot; an older ledger may have dated goods without one.
fn of_lot(lang: Lang, sku: &Sku, lot: &Lot) -> String {
    match lang {
        _ if lot.is_none() => sku.to_string(),
        Lang::Es => format!("{sku}: el lote {lot}"),
        Lang::En => format!("{sku}: lot {lot}"),
    }
}

fn trouble(lang: Lang, what: &AlertKind) -> String {
    match what {
        AlertKind::LedgerFork { peer, why } => {
            let fork =
                lang.pick("su libro de movimientos ya no se sigue", "its ledger is not followed any further");
            format!("{peer}: {fork} ({})", stopped(lang, why))
        }
        AlertKind::NewerLedger { peer } => match lang {
            Lang::Es => {
                format!("{peer} escribe lo que esta versión no conoce: actualice rubentario en este nodo")
            }
            Lang::En => format!("{peer} writes what this version does not know: update rubentario here"),
        },
        AlertKind::SnapshotDigest { snapshot, peer } => match lang {
            Lang::Es => format!(
                "instantánea {snapshot}: lo que {peer} dice de sus existencias no es lo que consta aquí"
            ),
            Lang::En => {
                format!("snapshot {snapshot}: what {peer} says of its stock is not what is known here")
            }
        },
        AlertKind::WaitsForAdmission { peer, new_key: false } => match lang {
            Lang::Es => format!("{peer} espera a que lo admitan (a en los pares)"),
            Lang::En => format!("{peer} waits to be admitted (a in the peers)"),
        },
        AlertKind::WaitsForAdmission { peer, new_key: true } => match lang {
            Lang::Es => {
                format!("{peer} se presenta con otra clave: si perdió la suya, admítala (a en los pares)")
            }
            Lang::En => format!("{peer} shows another key: if it lost its own, admit it (a in the peers)"),
        },
        AlertKind::RosterSplit { version } => match lang {
            Lang::Es => {
                format!("la red se decidió de dos maneras (versión {version}): no admite ni retira a nadie")
            }
            Lang::En => {
                format!("the network decided in two ways (version {version}): nobody is admitted or retired")
            }
        },
        AlertKind::TwoClusters { peer } => match lang {
            Lang::Es => format!("{peer} es de otra red con el mismo nombre y clave; no se unirán"),
            Lang::En => format!("{peer} is of another network with the same name and key; they never merge"),
        },
        AlertKind::UnreadableMessages { version: Some(version), .. } => match lang {
            Lang::Es => {
                format!("llegan mensajes de otra versión (protocolo {version}): actualice el más antiguo")
            }
            Lang::En => {
                format!("messages of another version come (protocol {version}): update the older one")
            }
        },
        AlertKind::UnreadableMessages { version: None, count } => match lang {
            Lang::Es => {
                format!("llegaron {count} mensajes que no se entienden: alguien más escribe en las colas")
            }
            Lang::En => {
                format!("{count} messages came that are not understood: somebody else writes to the queues")
            }
        },
        AlertKind::StoreDown { trouble } => {
            let name = lang.pick("la base de datos", "the database");
            let then = lang.pick("nada queda registrado", "nothing can be recorded");
            format!("{then}: {}", super::trouble::trouble(lang, name, trouble))
        }
        AlertKind::BusDown { trouble } => {
            let name = lang.pick("la mensajería", "the broker");
            let then = lang.pick("los demás lo verán más tarde", "the others will see it later");
            format!("{then}: {}", super::trouble::trouble(lang, name, trouble))
        }
        other => other.word().to_owned(),
    }
}

fn wrong_clock(lang: Lang, is_own: bool, peer: &WarehouseId, offset_ms: i64) -> String {
    let by = span(lang, offset_ms);
    let (es, en) = if offset_ms >= 0 { ("adelantado", "ahead") } else { ("atrasado", "behind") };
    match (lang, is_own) {
        (Lang::Es, false) => format!("{peer}: su reloj va {by} {es}"),
        (Lang::En, false) => format!("{peer}: its clock is {by} {en}"),
        (Lang::Es, true) => format!("El reloj de este equipo va {by} {es}; se registra con la hora de red"),
        (Lang::En, true) => format!("This machine's clock is {by} {en}; records carry cluster time"),
    }
}

fn discrepancy(
    lang: Lang,
    transfer: &TransferId,
    to: &WarehouseId,
    short: &[(Sku, Quantity, String)],
) -> String {
    let lines: Vec<_> = short
        .iter()
        .map(|(sku, qty, why)| format!("{} {sku} ({})", quantity(lang, *qty), words::reason(lang, why)))
        .collect();
    let lines = lines.join(", ");
    match lang {
        Lang::Es => {
            let lacked = match short {
                [(_, qty, _)] => one_or_more(*qty, ("faltó", "faltaron")),
                _ => "faltaron",
            };
            format!("{transfer}: en {to} {lacked} {lines}")
        }
        Lang::En => format!("{transfer}: short at {to}: {lines}"),
    }
}

fn low_stock(
    lang: Lang,
    sku: &Sku,
    position: Quantity,
    reorder_point: Quantity,
    order: Quantity,
    from: &[(WarehouseId, Quantity)],
) -> String {
    let (position, point) = (quantity(lang, position), quantity(lang, reorder_point));
    let order = if order.is_positive() {
        format!("{}{}", lang.pick(" → pedir ", " → order "), quantity(lang, order))
    } else {
        String::new()
    };
    let spare = from.first().map_or_else(String::new, |(warehouse, spare)| {
        let spare = quantity(lang, *spare);
        match lang {
            Lang::Es => format!(" ({warehouse} puede ceder {spare})"),
            Lang::En => format!(" ({warehouse} can spare {spare})"),
        }
    });
    format!("{sku}: {position} ≤ {point}{order}{spare}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn line(lang: Lang, what: AlertKind) -> String {
        let alert = Alert {
            id: "x".into(),
            warehouse: WarehouseId::new("madrid").unwrap(),
            what,
            raised_ms: 0,
            acknowledged_by: None,
        };
        alert_line(lang, &alert, 93_600_000)
    }

    #[test]
    fn low_stock_says_how_much_to_order_and_who_can_spare_some() {
        let what = AlertKind::LowStock {
            sku: Sku::new("GU-NIT-L").unwrap(),
            position: Quantity::units(18).unwrap(),
            reorder_point: Quantity::units(50).unwrap(),
            order: Quantity::units(46).unwrap(),
            from: vec![(WarehouseId::new("valencia").unwrap(), Quantity::units(18).unwrap())],
        };
        assert_eq!(line(Lang::Es, what.clone()), "GU-NIT-L: 18 ≤ 50 → pedir 46 (valencia puede ceder 18)");
        assert_eq!(line(Lang::En, what), "GU-NIT-L: 18 ≤ 50 → order 46 (valencia can spare 18)");
    }

    #[test]
    fn a_transfer_tells_how_long_it_is_on_the_road() {
        let what = AlertKind::TransferOverdue {
            transfer: "madrid:41".parse().unwrap(),
            from: WarehouseId::new("madrid").unwrap(),
            to: WarehouseId::new("sevilla").unwrap(),
            since_ms: 0,
        };
        assert_eq!(line(Lang::Es, what), "madrid:41: madrid → sevilla, en camino desde hace 26 h");
    }

    #[test]
    fn a_wrong_clock_tells_by_how_much_and_whose_it_is() {
        let clock =
            |peer: &str, offset_ms| AlertKind::Clock { peer: WarehouseId::new(peer).unwrap(), offset_ms };
        assert_eq!(line(Lang::Es, clock("sevilla", -2_300)), "sevilla: su reloj va 2,3 s atrasado");
        assert_eq!(
            line(Lang::En, clock("madrid", 10_805_000)),
            "This machine's clock is 3 h 0 min 5 s ahead; records carry cluster time"
        );
    }

    #[test]
    fn one_is_one_and_more_are_more() {
        let of = |n: i64| Quantity::units(n).unwrap();
        let sku = Sku::new("A").unwrap();
        let expired = |n| AlertKind::LotExpired {
            sku: sku.clone(),
            lot: Lot::new("L").unwrap(),
            expiry: chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
            on_hand: of(n),
        };
        assert!(line(Lang::Es, expired(1)).ends_with("(queda 1)"));
        assert!(line(Lang::Es, expired(2)).ends_with("(quedan 2)"));
        let short = |n| AlertKind::Discrepancy {
            transfer: "madrid:41".parse().unwrap(),
            to: WarehouseId::new("sevilla").unwrap(),
            short: vec![(sku.clone(), of(n), "missing".into())],
            since_ms: 0,
        };
        assert_eq!(line(Lang::Es, short(1)), "madrid:41: en sevilla faltó 1 A (falta)");
        assert_eq!(line(Lang::Es, short(2)), "madrid:41: en sevilla faltaron 2 A (falta)");
        let late = |n| AlertKind::ReceiptOverdue {
            expectation: "madrid:7".parse().unwrap(),
            sku: sku.clone(),
            left: of(n),
            due: chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
        };
        assert!(line(Lang::Es, late(1)).contains("1 se esperaba el 31/01/2026 y no ha llegado"));
        assert!(line(Lang::En, late(2)).contains("2 were expected on 2026-01-31 and have not come"));
    }

    #[test]
    fn a_discrepancy_names_products_and_reasons_in_the_language() {
        let what = AlertKind::Discrepancy {
            transfer: "madrid:41".parse().unwrap(),
            to: WarehouseId::new("sevilla").unwrap(),
            short: vec![(Sku::new("A").unwrap(), Quantity::parse("2.5", 3).unwrap(), "damaged".into())],
            since_ms: 0,
        };
        assert_eq!(line(Lang::Es, what.clone()), "madrid:41: en sevilla faltaron 2,5 A (dañado)");
        assert_eq!(line(Lang::En, what), "madrid:41: short at sevilla: 2.5 A (damaged)");
    }
}
