//! The sample: a catalogue, what lies where, rules, and transfers in every state.

use chrono::{Days, NaiveDate};

use super::hand::Hand;
use crate::cli::Failure;
use crate::domain::gtin::{Gtin, check_digit};
use crate::domain::{
    Lot, Pack, ProductFields, Quantity, Refusal, ReorderRule, ShortageReason, Sku, TransferId, WarehouseId,
};
use crate::ledger::act::{Act, ArrivalLine, ReceiptLine, TakeLine};
use crate::node::clock;

/// SKU, name, unit, decimals, category, tracked by lot.
const CATALOGUE: &[(&str, &str, &str, u8, &str, bool)] = &[
    ("GU-NIT-S", "Guante de nitrilo S", "caja", 0, "Protección de manos", false),
    ("GU-NIT-M", "Guante de nitrilo M", "caja", 0, "Protección de manos", false),
    ("GU-NIT-L", "Guante de nitrilo L", "caja", 0, "Protección de manos", false),
    ("GU-LAT-M", "Guante de látex M", "caja", 0, "Protección de manos", false),
    ("GU-ANT-8", "Guante anticorte talla 8", "par", 0, "Protección de manos", false),
    ("GU-ANT-9", "Guante anticorte talla 9", "par", 0, "Protección de manos", false),
    ("GU-SOL-9", "Guante de soldador talla 9", "par", 0, "Protección de manos", false),
    ("GU-FRIO-9", "Guante para frío talla 9", "par", 0, "Protección de manos", false),
    ("GU-QUI-9", "Guante contra químicos talla 9", "par", 0, "Protección de manos", false),
    ("MA-FFP2", "Mascarilla FFP2 plegada", "ud", 0, "Protección respiratoria", true),
    ("MA-FFP3", "Mascarilla FFP3 con válvula", "ud", 0, "Protección respiratoria", true),
    ("MA-QUIR", "Mascarilla quirúrgica tipo IIR", "caja", 0, "Protección respiratoria", true),
    ("FI-A2P3", "Filtro A2P3 para semimáscara", "ud", 0, "Protección respiratoria", true),
    ("SE-HALF", "Semimáscara de silicona M", "ud", 0, "Protección respiratoria", false),
    ("GA-TRA", "Gafa de seguridad transparente", "ud", 0, "Protección ocular", false),
    ("GA-OSC", "Gafa de seguridad oscura", "ud", 0, "Protección ocular", false),
    ("GA-PAN", "Gafa panorámica estanca", "ud", 0, "Protección ocular", false),
    ("PA-FAC", "Pantalla facial abatible", "ud", 0, "Protección ocular", false),
    ("PA-SOL", "Pantalla de soldar automática", "ud", 0, "Protección ocular", false),
    ("TA-ESP", "Tapón de espuma", "caja", 0, "Protección auditiva", false),
    ("TA-COR", "Tapón con cordón", "caja", 0, "Protección auditiva", false),
    ("OR-DIA", "Orejera de diadema 30 dB", "ud", 0, "Protección auditiva", false),
    ("OR-CAS", "Orejera para casco 28 dB", "ud", 0, "Protección auditiva", false),
    ("CA-BLA", "Casco blanco", "ud", 0, "Cabeza y altura", false),
    ("CA-AMA", "Casco amarillo", "ud", 0, "Cabeza y altura", false),
    ("CA-AZU", "Casco azul", "ud", 0, "Cabeza y altura", false),
    ("AR-ANT", "Arnés anticaídas de dos puntos", "ud", 0, "Cabeza y altura", false),
    ("CU-ELA", "Cuerda con absorbedor 1,8 m", "ud", 0, "Cabeza y altura", false),
    ("MO-ACE", "Mosquetón de acero", "ud", 0, "Cabeza y altura", false),
    ("CH-AV-M", "Chaleco de alta visibilidad M", "ud", 0, "Ropa de trabajo", false),
    ("CH-AV-L", "Chaleco de alta visibilidad L", "ud", 0, "Ropa de trabajo", false),
    ("PA-MUL-42", "Pantalón multibolsillos 42", "ud", 0, "Ropa de trabajo", false),
    ("PA-MUL-44", "Pantalón multibolsillos 44", "ud", 0, "Ropa de trabajo", false),
    ("MO-DES-L", "Mono desechable L", "ud", 0, "Ropa de trabajo", false),
    ("CH-AGU-L", "Chubasquero L", "ud", 0, "Ropa de trabajo", false),
    ("BO-S3-40", "Bota de seguridad S3 40", "par", 0, "Calzado", false),
    ("BO-S3-41", "Bota de seguridad S3 41", "par", 0, "Calzado", false),
    ("BO-S3-42", "Bota de seguridad S3 42", "par", 0, "Calzado", false),
    ("BO-S3-43", "Bota de seguridad S3 43", "par", 0, "Calzado", false),
    ("ZA-S1-42", "Zapato de seguridad S1P 42", "par", 0, "Calzado", false),
    ("PL-GEL", "Plantilla de gel", "par", 0, "Calzado", false),
    ("BO-CLO", "Clorhexidina 2 % 500 ml", "ud", 0, "Botiquín", true),
    ("BO-SUE", "Suero fisiológico 30 monodosis", "caja", 0, "Botiquín", true),
    ("BO-VEN", "Venda elástica 10 cm", "ud", 0, "Botiquín", false),
    ("BO-GAS", "Gasa estéril 20 × 20", "caja", 0, "Botiquín", true),
    ("BO-TIR", "Tiritas surtidas", "caja", 0, "Botiquín", true),
    ("BO-ESP", "Esparadrapo 5 m", "ud", 0, "Botiquín", false),
    ("BO-FRI", "Bolsa de frío instantáneo", "ud", 0, "Botiquín", true),
    ("BO-LAV", "Lavaojos 500 ml", "ud", 0, "Botiquín", true),
    ("TO-M6-20", "Tornillo M6 × 20", "kg", 3, "Fijación y adhesivos", false),
    ("TO-M8-30", "Tornillo M8 × 30", "kg", 3, "Fijación y adhesivos", false),
    ("AR-M8", "Arandela M8", "kg", 3, "Fijación y adhesivos", false),
    ("TU-M8", "Tuerca M8", "kg", 3, "Fijación y adhesivos", false),
    ("SI-TRA", "Silicona transparente 280 ml", "ud", 0, "Fijación y adhesivos", true),
    ("EP-2K", "Adhesivo epoxi de dos componentes", "ud", 0, "Fijación y adhesivos", true),
    ("CI-AME", "Cinta americana 50 m", "ud", 0, "Fijación y adhesivos", false),
    ("CI-BAL", "Cinta de balizamiento 200 m", "ud", 0, "Fijación y adhesivos", false),
    ("AC-HID-46", "Aceite hidráulico ISO 46", "l", 1, "Lubricantes y limpieza", false),
    ("AC-COR", "Taladrina soluble", "l", 1, "Lubricantes y limpieza", false),
    ("GR-LIT", "Grasa de litio", "kg", 2, "Lubricantes y limpieza", false),
    ("DE-IND", "Desengrasante industrial", "l", 1, "Lubricantes y limpieza", false),
    ("PA-BOB", "Bobina de papel industrial", "ud", 0, "Lubricantes y limpieza", false),
    ("AB-SEP", "Absorbente sepiolita", "kg", 0, "Lubricantes y limpieza", false),
    ("CA-3G25", "Cable 3G2,5", "m", 1, "Cable y manguera", false),
    ("CA-3G15", "Cable 3G1,5", "m", 1, "Cable y manguera", false),
    ("MA-AIR", "Manguera de aire 8 mm", "m", 1, "Cable y manguera", false),
    ("RA-AIR", "Racor rápido 1/4", "ud", 0, "Cable y manguera", false),
];

/// The prefix of the invented supplier's barcodes: of those that are kept for use within a company.
const PREFIX: u64 = 2_004_400;

/// The products' definitions.
pub fn catalogue() -> Result<Vec<Act>, Failure> {
    let products = CATALOGUE.iter().zip(0u64..).map(|((sku, name, unit, decimals, category, lots), n)| {
        let packs = if *decimals == 0 {
            vec![Pack { size: Quantity::units(10).map_err(quantity)?, barcode: Some(barcode(5_000 + n)?) }]
        } else {
            Vec::new()
        };
        let fields = ProductFields {
            name: Some((*name).to_owned()),
            unit: Some((*unit).to_owned()),
            decimals: Some(*decimals),
            barcodes: Some(vec![barcode(n)?]),
            packs: Some(packs),
            category: Some((*category).to_owned()),
            lot_tracked: Some(*lots),
        };
        Ok(Act::SetProduct { sku: Sku::new(sku)?, fields })
    });
    products.collect()
}

fn barcode(item: u64) -> Result<Gtin, Failure> {
    let body = format!("{PREFIX}{item:05}");
    let digits: Vec<u8> = body.bytes().map(|byte| byte - b'0').collect();
    let code = format!("{body}{}", check_digit(&digits));
    Gtin::parse(&code).map_err(|error| Failure::usage(error.to_string(), None))
}

fn quantity(problem: crate::domain::QuantityError) -> Failure {
    Failure::Refused(Refusal::Field { field: "qty".into(), problem: problem.to_string() })
}

/// A number that looks unplanned and is always the same.
fn some(warehouse: usize, product: usize, limit: i64) -> i64 {
    let mixed =
        (warehouse as u64 + 3).wrapping_mul(2_654_435_761) ^ (product as u64 + 7).wrapping_mul(40_503);
    i64::try_from((mixed >> 5) % 1_000_003).unwrap_or(0) % limit.max(1)
}

/// What lies in a warehouse at first, with lots and expiries around today.
pub fn opening(warehouse: usize, today: NaiveDate) -> Result<Vec<Act>, Failure> {
    let mut acts = Vec::new();
    for (product, (sku, .., lots)) in CATALOGUE.iter().enumerate() {
        let amount = match some(warehouse, product, 10) {
            0 => 0,
            1 | 2 => 3 + some(warehouse, product, 9),
            _ => 20 + some(warehouse, product, 180),
        };
        if amount == 0 {
            continue;
        }
        let sku = Sku::new(sku)?;
        let mut lines = Vec::new();
        if *lots {
            let shift = some(warehouse, product, 5);
            let days = [-20_i64, 12, 25, 200, 400];
            for (part, place) in [(amount / 3, 0), (amount - amount / 3, 1)] {
                if part > 0 {
                    let day = days[usize::try_from((shift + place * 2) % 5).unwrap_or(0)];
                    let ahead = Days::new(day.unsigned_abs());
                    let expiry =
                        if day < 0 { today.checked_sub_days(ahead) } else { today.checked_add_days(ahead) };
                    let lot = Lot::new(&format!(
                        "L{}{:03}",
                        warehouse + 1,
                        100 + product * 2 + usize::from(place == 1)
                    ))?;
                    lines.push(ReceiptLine { sku: sku.clone(), lot, expiry, qty: units(part)? });
                }
            }
        } else {
            lines.push(ReceiptLine { sku: sku.clone(), lot: Lot::none(), expiry: None, qty: units(amount)? });
        }
        acts.push(Act::Receive { lines, reference: "inventario inicial".into() });
    }
    Ok(acts)
}

/// Rules and shelves of a warehouse; some products are below their reorder point.
pub fn rules(warehouse: usize) -> Result<Vec<Act>, Failure> {
    let products = CATALOGUE.iter().enumerate().filter(|(product, _)| product % 3 == warehouse % 3);
    let rules = products.map(|(product, (sku, ..))| {
        let point = 10 + some(warehouse, product, 20);
        let rule = ReorderRule {
            reorder_point: Some(units(point)?),
            maximum: Some(units(point * 4)?),
            multiple: Some(units(5)?),
            minimum_order: None,
            lead_time_days: Some(3),
        };
        let shelf =
            format!("{}-{:02}", char::from(b'A' + u8::try_from(product % 6).unwrap_or(0)), product / 6 + 1);
        Ok(Act::SetRule { sku: Sku::new(sku)?, rule: Some(rule), shelf: Some(shelf) })
    });
    rules.collect()
}

fn units(n: i64) -> Result<Quantity, Failure> {
    Quantity::units(n).map_err(quantity)
}

fn line(sku: &str, n: i64) -> Result<TakeLine, Failure> {
    Ok(TakeLine { sku: Sku::new(sku)?, lot: None, qty: units(n)? })
}

/// Records the whole sample at the doors of the warehouses, at least two.
pub async fn fill(hands: &mut [Hand]) -> Result<(), Failure> {
    let today = clock::day_of(clock::wall_ms());
    let catalogue = catalogue()?;
    let last = catalogue.len();
    let [first, others @ ..] = hands else { return Ok(()) };
    first.does(catalogue).await?;
    for (warehouse, hand) in std::iter::once(first).chain(others).enumerate() {
        hand.until(|model| model.products.len() == last).await?;
        hand.does(opening(warehouse, today)?).await?;
        // What the transfers below move is there in any case.
        let sure = ["CA-BLA", "CA-AMA", "GA-TRA", "OR-DIA", "PL-GEL"].map(|sku| {
            let line = line(sku, 60)?;
            Ok(ReceiptLine { sku: line.sku, lot: Lot::none(), expiry: None, qty: line.qty })
        });
        let lines = sure.into_iter().collect::<Result<Vec<_>, Failure>>()?;
        hand.does(vec![Act::Receive { lines, reference: "pedido 8812".into() }]).await?;
        hand.does(rules(warehouse)?).await?;
        let taken = Act::Issue {
            lines: vec![line("CA-BLA", 4)?],
            reference: "cliente 77".into(),
            allow_expired: false,
        };
        hand.does(vec![taken]).await?;
    }
    transfers(hands).await
}

/// One transfer in every state, between the first two warehouses.
async fn transfers(hands: &mut [Hand]) -> Result<(), Failure> {
    let [here, there, ..] = hands else { return Ok(()) };
    let (here_id, there_id) = (here.warehouse()?, there.warehouse()?);
    for (step, text) in ["received", "rejected", "returned", "dispatched"]
        .iter()
        .zip(["GA-TRA", "CA-AMA", "OR-DIA", "PL-GEL"])
    {
        let lines = vec![line(text, 12)?];
        let id = sent(here, &there_id, lines).await?;
        there.until(|model| model.transfers.contains_key(&id)).await?;
        match *step {
            "received" => {
                let short = ArrivalLine {
                    sku: Sku::new(text)?,
                    lot: None,
                    arrived: units(10)?,
                    reason: Some(ShortageReason::Damaged),
                };
                there.does(vec![Act::TakeIn { transfer: id, lines: vec![short] }]).await?;
            }
            "rejected" => {
                there.does(vec![Act::Reject { transfer: id, reason: "color equivocado".into() }]).await?;
            }
            "returned" => {
                there.does(vec![Act::Reject { transfer: id.clone(), reason: "no se pidió".into() }]).await?;
                here.until(|model| model.transfers.get(&id).is_some_and(|t| t.rejection.is_some())).await?;
                here.does(vec![Act::TakeBack { transfer: id, lines: Vec::new() }]).await?;
            }
            _ => {}
        }
    }
    for what in ["requested", "withdrawn", "declined"] {
        let ask = Act::RequestTransfer {
            from: here_id.clone(),
            lines: vec![line("CA-BLA", 6)?],
            reference: "obra de la calle Mayor".into(),
        };
        let Some(id) = there.does(vec![ask]).await? else { continue };
        match what {
            "withdrawn" => {
                there.does(vec![Act::AskWithdrawal { transfer: id }]).await?;
            }
            "declined" => {
                here.until(|model| model.transfers.contains_key(&id)).await?;
                here.does(vec![Act::Decline { transfer: id, reason: "reservado para otra obra".into() }])
                    .await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn sent(hand: &mut Hand, to: &WarehouseId, lines: Vec<TakeLine>) -> Result<TransferId, Failure> {
    let act = Act::Send { to: to.clone(), lines, reference: String::new() };
    hand.does(vec![act]).await?.ok_or(Failure::Refused(Refusal::Nothing))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_catalogue_has_sixty_products_and_more_each_with_its_own_valid_barcodes() {
        let acts = catalogue().unwrap();
        assert!(acts.len() >= 60, "{}", acts.len());
        let (mut skus, mut codes) = (BTreeSet::new(), BTreeSet::new());
        for act in acts {
            let Act::SetProduct { sku, fields } = act else { panic!("{act:?}") };
            assert!(skus.insert(sku));
            let packs = fields.packs.unwrap().into_iter().filter_map(|pack| pack.barcode);
            for code in fields.barcodes.unwrap().into_iter().chain(packs) {
                assert!(codes.insert(code), "{code}");
            }
        }
    }

    #[test]
    fn some_lots_have_expired_and_some_expire_soon() {
        let today = NaiveDate::from_ymd_opt(2027, 1, 15).unwrap();
        let acts = opening(0, today).unwrap();
        let lines = acts.iter().flat_map(|act| match act {
            Act::Receive { lines, .. } => lines.clone(),
            _ => Vec::new(),
        });
        let expiries: Vec<_> = lines.filter_map(|line| line.expiry).collect();
        assert!(expiries.iter().any(|date| *date < today));
        assert!(expiries.iter().any(|date| *date > today && (*date - today).num_days() < 30));
    }
}
