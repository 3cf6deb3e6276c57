//! The story of `demo --headless`: goods come, go low, are sent, ride, arrive; at the end all warehouses agree.

use std::io::{Write as _, stdout};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::hand::Hand;
use crate::cli::Failure;
use crate::domain::{Lot, Quantity, Sku, TransferState};
use crate::ledger::act::{Act, ReceiptLine, TakeLine};
use crate::node::{Node, clock};
use crate::text::Lang;
use crate::ui::Model;

/// Between two steps, so that a person can read along.
const BREATH: Duration = Duration::from_millis(1_800);
/// So long the warehouses may take to agree.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the story is about.
const SKU: &str = "GU-NIT-L";

struct Teller {
    lang: Lang,
    as_json: bool,
}

impl Teller {
    fn says(&self, warehouse: &str, event: &str, es: &str, en: &str, more: Value) -> Result<(), Failure> {
        let mut out = stdout().lock();
        let text = self.lang.pick(es, en);
        if self.as_json {
            let at = crate::text::time::rfc3339(i64::try_from(clock::wall_ms()).unwrap_or(0));
            writeln!(
                out,
                "{}",
                json!({ "at": at, "warehouse": warehouse, "event": event, "text": text, "more": more })
            )?;
        } else {
            writeln!(out, "{warehouse:>9}  {text}")?;
        }
        out.flush()?;
        Ok(())
    }
}

fn units(n: i64) -> Quantity {
    Quantity::units(n).unwrap_or(Quantity::ZERO)
}

/// Tells it, and whether it went as it should: the exit code.
pub async fn tell(nodes: &[Node], lang: Lang, as_json: bool) -> Result<u8, Failure> {
    let teller = Teller { lang, as_json };
    let mut hands = Vec::new();
    for (node, name) in nodes.iter().zip(["ana", "luis", "eva"].into_iter().cycle()) {
        let mut hand = Hand::at(node).await?;
        hand.is_now(name)?;
        hands.push(hand);
    }
    let played = timeout(PATIENCE + BREATH * 12, play(&teller, &mut hands)).await;
    played.unwrap_or_else(|_| {
        let words =
            lang.pick("los almacenes no llegaron a coincidir", "the warehouses did not come to agree");
        Err(Failure::unreachable("disagree", words, None))
    })
}

async fn play(teller: &Teller, hands: &mut [Hand]) -> Result<u8, Failure> {
    let sku = Sku::new(SKU)?;
    all_agree(hands).await?;
    let before = stock_lines(teller, hands, &sku, "stock_before")?;
    sleep(BREATH).await;
    let [madrid, sevilla, ..] = hands else { return Ok(0) };
    let (here, there) = (madrid.warehouse()?, sevilla.warehouse()?);
    let receipt = ReceiptLine { sku: sku.clone(), lot: Lot::none(), expiry: None, qty: units(40) };
    let entry =
        madrid.does(vec![Act::Receive { lines: vec![receipt], reference: "pedido 9021".into() }]).await?;
    let entry = entry.map(|e| e.to_string()).unwrap_or_default();
    teller.says(
        here.as_str(),
        "receipt",
        &format!("ana recibe 40 cajas de {SKU} ({entry})"),
        &format!("ana receives 40 boxes of {SKU} ({entry})"),
        json!({ "sku": SKU, "qty": 40 }),
    )?;
    sleep(BREATH).await;
    let rule = crate::domain::ReorderRule {
        reorder_point: Some(units(30)),
        maximum: Some(units(90)),
        ..crate::domain::ReorderRule::default()
    };
    sevilla.does(vec![Act::SetRule { sku: sku.clone(), rule: Some(rule), shelf: None }]).await?;
    let there_now = sevilla.model.products.get(&sku).map_or(Quantity::ZERO, |p| p.available(&there));
    let out = there_now.saturating_plus(units(12).negated());
    if out.is_positive() {
        let line = TakeLine { sku: sku.clone(), lot: None, qty: out };
        let issue =
            Act::Issue { lines: vec![line], reference: "obra del puerto".into(), allow_expired: true };
        sevilla.does(vec![issue]).await?;
    }
    let low = |model: &Model| {
        let low = |alert: &crate::domain::Alert| {
            matches!(alert.what.word(), "low_stock" | "out_of_stock") && alert.what.sku() == Some(&sku)
        };
        model.alerts.iter().any(low)
    };
    sevilla.until(low).await?;
    teller.says(
        there.as_str(),
        "low_stock",
        &format!("luis entrega {out}; {SKU} queda por debajo de su punto de pedido y salta la alerta"),
        &format!("luis hands out {out}; {SKU} falls below its reorder point and the alert is raised"),
        json!({ "sku": SKU, "issued": out.to_json() }),
    )?;
    sleep(BREATH).await;
    let line = TakeLine { sku: sku.clone(), lot: None, qty: units(25) };
    let send = Act::Send { to: there.clone(), lines: vec![line], reference: "reposición".into() };
    let Some(id) = madrid.does(vec![send]).await? else { return Ok(1) };
    teller.says(
        here.as_str(),
        "transfer_sent",
        &format!("ana envía 25 a {there} ({id})"),
        &format!("ana sends 25 to {there} ({id})"),
        json!({ "transfer": id.to_string(), "qty": 25 }),
    )?;
    sevilla.until(|m| m.transfers.get(&id).is_some_and(|t| t.state() == TransferState::Dispatched)).await?;
    let road = sevilla.model.products.get(&sku).map_or(Quantity::ZERO, |p| p.incoming(&there));
    teller.says(
        there.as_str(),
        "in_transit",
        &format!("luis lo ve venir: {road} en camino"),
        &format!("luis sees it coming: {road} on the road"),
        json!({ "in_transit": road.to_json() }),
    )?;
    sleep(BREATH * 2).await;
    sevilla.does(vec![Act::TakeIn { transfer: id.clone(), lines: Vec::new() }]).await?;
    teller.says(
        there.as_str(),
        "transfer_received",
        &format!("luis recibe {id} completo"),
        &format!("luis takes {id} in, whole"),
        json!({ "transfer": id.to_string() }),
    )?;
    madrid.until(|m| m.transfers.get(&id).is_some_and(|t| t.state() == TransferState::Received)).await?;
    teller.says(
        here.as_str(),
        "seen",
        "ana ve que ha llegado",
        "ana sees that it has arrived",
        json!({ "transfer": id.to_string() }),
    )?;
    sleep(BREATH).await;
    all_agree(hands).await?;
    let after = stock_lines(teller, hands, &sku, "stock_after")?;
    sleep(BREATH).await;
    let wanted = before.saturating_plus(units(40)).saturating_plus(out.max(Quantity::ZERO).negated());
    let agree = after == wanted;
    teller.says(
        "*",
        "agree",
        &format!("los {} almacenes coinciden: {after} en total, de {before} + 40 − {out}", hands.len()),
        &format!("all {} warehouses agree: {after} in all, from {before} + 40 − {out}", hands.len()),
        json!({ "total": after.to_json(), "agree": agree }),
    )?;
    Ok(u8::from(!agree))
}

/// Waits until every warehouse tells the same of all goods.
async fn all_agree(hands: &mut [Hand]) -> Result<(), Failure> {
    let wanted: Vec<(crate::domain::WarehouseId, u64)> = hands
        .iter()
        .filter_map(|hand| hand.model.status.as_ref().map(|s| (s.warehouse.clone(), s.recorded)))
        .collect();
    for hand in hands {
        let own = hand.warehouse()?;
        hand.until(|model| {
            wanted
                .iter()
                .filter(|(id, _)| *id != own)
                .all(|(id, seq)| model.peers.iter().any(|peer| peer.id == *id && peer.applied >= *seq))
        })
        .await?;
    }
    Ok(())
}

/// Tells the stock as each warehouse sees it, all alike or it is an error; the total comes back.
fn stock_lines(teller: &Teller, hands: &[Hand], sku: &Sku, event: &str) -> Result<Quantity, Failure> {
    let mut totals = Vec::new();
    for hand in hands {
        let own = hand.warehouse()?;
        let product = hand.model.products.get(sku);
        let here = product.map_or(Quantity::ZERO, |p| p.on_hand(&own));
        let total = product.map_or(Quantity::ZERO, |p| p.total());
        totals.push(total);
        teller.says(
            own.as_str(),
            event,
            &format!("{SKU}: {here} aquí, {total} en la red"),
            &format!("{SKU}: {here} here, {total} in the network"),
            json!({ "sku": SKU, "on_hand": here.to_json(), "total": total.to_json() }),
        )?;
    }
    if totals.windows(2).any(|pair| pair[0] != pair[1]) {
        let words = teller.lang.pick("los almacenes no coinciden", "the warehouses do not agree");
        return Err(Failure::unreachable("disagree", words, None));
    }
    Ok(totals.first().copied().unwrap_or(Quantity::ZERO))
}
