//! Refusals of stocktakes, in words.

use super::sku_and_lot;
use crate::domain::StocktakeProblem as P;
use crate::text::Lang;
use crate::text::number::counted;

/// What is wrong.
pub(super) fn message(lang: Lang, problem: &P) -> String {
    let es = lang == Lang::Es;
    match problem {
        P::OneIsOpen { open } if es => format!("ya hay un recuento abierto: {open}"),
        P::OneIsOpen { open } => format!("a stocktake is open already: {open}"),
        P::NoneIsOpen => lang.pick("no hay ningún recuento abierto", "no stocktake is open").to_owned(),
        P::NothingToCount if es => "aquí no hay existencias de esa selección".to_owned(),
        P::NothingToCount => "there is no stock of that selection here".to_owned(),
        P::Unknown { stocktake } if es => format!("aquí no hay ningún recuento {stocktake}"),
        P::Unknown { stocktake } => format!("there is no stocktake {stocktake} here"),
        P::Closed { stocktake } if es => format!("el recuento {stocktake} está cerrado"),
        P::Closed { stocktake } => format!("stocktake {stocktake} is closed"),
        P::NotCounted { sku, lot } => {
            let what = sku_and_lot(lang, sku.as_str(), lot);
            if es {
                format!("nadie ha contado {what} en este recuento")
            } else {
                format!("nobody has counted {what} in this stocktake")
            }
        }
        P::Twice { sku, lot } => {
            let what = sku_and_lot(lang, sku.as_str(), lot);
            if es { format!("{what} está dos veces") } else { format!("{what} is named twice") }
        }
        P::OwnCount { sku, lot, operator } => {
            let what = sku_and_lot(lang, sku.as_str(), lot);
            if es {
                format!("{operator} contó {what}: lo revisa otra persona")
            } else {
                format!("{operator} counted {what}: somebody else reviews it")
            }
        }
        P::RecountDue { sku, lot } => {
            let what = sku_and_lot(lang, sku.as_str(), lot);
            if es {
                format!("antes hay que volver a contar {what}")
            } else {
                format!("{what} is to be counted again first")
            }
        }
        P::CountedSince { sku, lot } => {
            let what = sku_and_lot(lang, sku.as_str(), lot);
            if es {
                format!("{what} se ha vuelto a contar mientras tanto")
            } else {
                format!("{what} was counted again meanwhile")
            }
        }
        P::Unfinished { reviews, recounts } => {
            let n = |n: usize, words| counted(lang, n as u64, words);
            if es {
                let (reviews, recounts) =
                    (n(*reviews, ("diferencia", "diferencias")), n(*recounts, ("línea", "líneas")));
                format!("sin terminar: {reviews} por revisar y {recounts} por volver a contar")
            } else {
                let (reviews, recounts) =
                    (n(*reviews, ("difference", "differences")), n(*recounts, ("line", "lines")));
                format!("not finished: {reviews} to be reviewed, and {recounts} to be counted again")
            }
        }
        P::Full { limit } if es => format!("un recuento registra como mucho {limit} diferencias"),
        P::Full { limit } => format!("a stocktake books {limit} differences at most"),
    }
}

/// What can be done about it.
pub(super) const fn hint(lang: Lang, problem: &P) -> &'static str {
    match problem {
        P::OneIsOpen { .. } => lang.pick("sígalo, ciérrelo o descártelo", "continue it, close it or drop it"),
        P::NoneIsOpen => lang.pick(
            "«stocktake open» abre uno; «stocktake list» los enseña",
            "«stocktake open» begins one; «stocktake list» shows them",
        ),
        P::NothingToCount => lang.pick("elija otra selección", "choose another selection"),
        P::Unknown { .. } | P::Closed { .. } => {
            lang.pick("«stocktake list» los enseña", "«stocktake list» shows them")
        }
        P::NotCounted { .. } => lang.pick("cuéntelo primero", "count it first"),
        P::Twice { .. } => lang.pick("sume lo contado en una línea", "add up what was counted in one line"),
        P::OwnCount { .. } => {
            lang.pick("identifíquese quien no lo haya contado", "sign in as somebody who has not counted it")
        }
        P::RecountDue { .. } | P::CountedSince { .. } => {
            lang.pick("mire la línea otra vez", "look at the line again")
        }
        P::Unfinished { .. } => lang
            .pick("cuéntelas y que otra persona las revise", "count them and have somebody else review them"),
        P::Full { .. } => lang.pick("cierre este y abra otro", "close this one and open another"),
    }
}
