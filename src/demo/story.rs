//! The story of `demo --headless`: goods come in, run low, are asked for, ride, arrive; at the end all agree.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::error::DemoError;
use super::fill::fill;
use super::hand::Hand;
use super::teller::Teller;
use crate::domain::{Lot, Quantity, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::act::{Act, ReceiptLine, TakeLine};
use crate::ledger::book::Transfer;
use crate::node::event::{ProductView, Reply};
use crate::node::{Question, clock};
use crate::text::alert_line;
use crate::text::number::quantity;
use crate::ui::Model;

/// What the story is about; the script leaves it alone.
const SKU: &str = "GU-NIT-M";
/// How far below its reorder point it falls, in units.
const BELOW: i64 = 6;
/// What is received, and what is asked for, in units.
const RECEIVED: i64 = 40;
const ASKED: i64 = 50;
/// The warehouses have this long to agree at the end.
const AGREE: Duration = Duration::from_secs(30);
/// They are asked again after this long at the latest.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// Between two events of the story, so that a person can read along.
pub const BEAT: Duration = Duration::from_millis(1_100);

/// Plays the story at the nodes' doors, at least two, all empty: it fills them first.
///
/// # Errors
/// When a node refuses, ends or is too slow, or the warehouses don't agree in the end.
pub async fn headless<W: Write>(
    mut hands: Vec<Hand>,
    mut teller: Teller<W>,
    beat: Duration,
) -> Result<(), DemoError> {
    let names: Vec<_> = hands.iter().map(|hand| hand.warehouse().to_string()).collect();
    let all = names.join(", ");
    let words = [format!("almacenes en marcha: {all}"), format!("warehouses running: {all}")];
    told(&mut teller, None, "started", words, json!({ "warehouses": names }))?;
    fill(&mut hands).await?;
    let (products, transfers) = agreed(&mut hands).await?;
    let words = [
        format!("{} productos y {} transferencias de muestra, registrados", products.len(), transfers.len()),
        format!("{} sample products and {} transfers recorded", products.len(), transfers.len()),
    ];
    let states = by_state(&transfers);
    told(
        &mut teller,
        None,
        "filled",
        words,
        json!({ "products": products.len(), "transfers": transfers.len(), "states": states }),
    )?;
    let mut story = Story { teller, beat, sku: Sku::new(SKU)? };
    story.play(&mut hands).await
}

struct Story<W> {
    teller: Teller<W>,
    beat: Duration,
    sku: Sku,
}

impl<W: Write> Story<W> {
    async fn play(&mut self, hands: &mut [Hand]) -> Result<(), DemoError> {
        self.pause(1).await;
        let before = self.stock(hands, "stock_before").await?;
        self.pause(2).await;
        let [source, destination, ..] = &mut *hands else { return Err(DemoError::TooFew) };
        self.receive(source).await?;
        self.pause(1).await;
        let issued = self.run_low(destination).await?;
        self.pause(2).await;
        let transfer = self.ask_and_send(source, destination).await?;
        self.seen_by_all(hands, &transfer).await?;
        self.pause(2).await;
        self.take_in(hands, &transfer).await?;
        self.pause(1).await;
        let after = self.stock(hands, "stock_after").await?;
        self.pause(1).await;
        let expected = before.plus(Quantity::units(RECEIVED)?)?.minus(issued)?;
        if after != expected {
            let [first, .., last] = &*hands else { return Err(DemoError::TooFew) };
            return Err(disagree(first, last, format!("{SKU}: {after}, {expected}")));
        }
        let (products, transfers) = agreed(hands).await?;
        self.agree(hands, &products, &transfers, [before, issued, after])
    }

    async fn receive(&mut self, source: &mut Hand) -> Result<(), DemoError> {
        let qty = Quantity::units(RECEIVED)?;
        let line = ReceiptLine { sku: self.sku.clone(), lot: Lot::none(), expiry: None, qty };
        let lines = vec![line];
        let entries = source.act(Act::Receive { lines, reference: "Pedido 8812".to_owned() }).await?;
        let who = source.operator();
        let words = [
            format!("{who} recibe {RECEIVED} cajas de {SKU} (pedido 8812)"),
            format!("{who} receives {RECEIVED} boxes of {SKU} (order 8812)"),
        ];
        let more = json!({ "sku": SKU, "qty": qty.to_json(), "entry": entries.first() });
        told(&mut self.teller, Some(source.warehouse()), "received", words, more)
    }

    /// Issues so much that the reorder point is passed, and waits for the alert.
    async fn run_low(&mut self, destination: &mut Hand) -> Result<Quantity, DemoError> {
        let sku = self.sku.clone();
        let here = destination.warehouse().clone();
        let product = destination.model().products.get(&sku);
        let position = product.map(|p| p.position(&here)).unwrap_or_default();
        let point = product.and_then(|p| p.rule(&here)).and_then(|r| r.rule.reorder_point);
        let qty = position.minus(point.unwrap_or_default())?.plus(Quantity::units(BELOW)?)?;
        let lines = vec![TakeLine { sku: sku.clone(), lot: None, qty }];
        let reference = "Obra del puente".to_owned();
        let entries = destination.act(Act::Issue { lines, reference, allow_expired: false }).await?;
        let (who, amount) = (destination.operator(), quantity(self.teller.lang(), qty));
        let words = [
            format!("{who} entrega {amount} cajas de {SKU} a la obra del puente"),
            format!("{who} issues {amount} boxes of {SKU} to the bridge works"),
        ];
        let more = json!({ "sku": SKU, "qty": qty.to_json(), "entry": entries.first() });
        told(&mut self.teller, Some(&here), "issued", words, more)?;
        destination.until("a low-stock alert", |model| low(model, &sku).is_some()).await?;
        if let Some(alert) = low(destination.model(), &sku) {
            let now_ms = i64::try_from(clock::wall_ms()).unwrap_or(i64::MAX);
            let line = alert_line(self.teller.lang(), alert, now_ms);
            let words = [format!("alerta de existencias bajas: {line}"), format!("low-stock alert: {line}")];
            let more = json!({ "sku": SKU, "id": alert.id, "kind": alert.what.word() });
            told(&mut self.teller, Some(&here), "alert_raised", words, more)?;
        }
        Ok(qty)
    }

    async fn ask_and_send(
        &mut self,
        source: &mut Hand,
        destination: &mut Hand,
    ) -> Result<TransferId, DemoError> {
        let (from, to) = (source.warehouse().clone(), destination.warehouse().clone());
        let qty = Quantity::units(ASKED)?;
        let lines = vec![TakeLine { sku: self.sku.clone(), lot: None, qty }];
        let ask = Act::RequestTransfer {
            from: from.clone(),
            lines,
            reference: "Reposición".to_owned(),
            unlocked: false,
            judged: Vec::new(),
        };
        let id = first_of(destination, ask).await?;
        let who = destination.operator();
        let words = [
            format!("{who} pide {ASKED} cajas a {from} ({id})"),
            format!("{who} asks {from} for {ASKED} ({id})"),
        ];
        let more = json!({ "transfer": id, "sku": SKU, "qty": qty.to_json(), "from": from, "to": to });
        told(&mut self.teller, Some(&to), "requested", words, more.clone())?;
        self.pause(1).await;
        source.until("the request", |model| in_state(model, &id, TransferState::Requested)).await?;
        let answer = Act::SendRequested { transfer: id.clone(), lines: None, reference: String::new() };
        source.act(answer).await?;
        let who = source.operator();
        let words = [
            format!("{who} ve la solicitud y envía {ASKED} cajas a {to}"),
            format!("{who} sees the request and sends {ASKED} boxes to {to}"),
        ];
        told(&mut self.teller, Some(&from), "dispatched", words, more)?;
        Ok(id)
    }

    async fn seen_by_all(&mut self, hands: &mut [Hand], id: &TransferId) -> Result<(), DemoError> {
        for hand in hands.iter_mut() {
            hand.until("the dispatch", |model| in_state(model, id, TransferState::Dispatched)).await?;
            let road = hand.model().products.get(&self.sku).map(|p| p.in_transit()).unwrap_or_default();
            let amount = quantity(self.teller.lang(), road);
            let words =
                [format!("{id}: ve {amount} cajas en camino"), format!("{id}: sees {amount} on the road")];
            let more = json!({ "transfer": id, "sku": SKU, "in_transit": road.to_json() });
            told(&mut self.teller, Some(hand.warehouse()), "in_transit", words, more)?;
        }
        Ok(())
    }

    async fn take_in(&mut self, hands: &mut [Hand], id: &TransferId) -> Result<(), DemoError> {
        let sku = self.sku.clone();
        let [source, destination, ..] = &mut *hands else { return Err(DemoError::TooFew) };
        destination.act(Act::TakeIn { transfer: id.clone(), lines: Vec::new() }).await?;
        let who = destination.operator();
        let words = [format!("{who} recibe {id} completa"), format!("{who} takes {id} in, whole")];
        let more = json!({ "transfer": id, "sku": SKU });
        told(&mut self.teller, Some(destination.warehouse()), "taken_in", words, more.clone())?;
        self.pause(1).await;
        destination.until("the alert's end", |model| low(model, &sku).is_none()).await?;
        let words = ["la alerta se retira sola".to_owned(), "the alert clears by itself".to_owned()];
        told(&mut self.teller, Some(destination.warehouse()), "alert_cleared", words, json!({ "sku": SKU }))?;
        self.pause(1).await;
        source.until("the arrival", |model| in_state(model, id, TransferState::Received)).await?;
        let who = source.operator();
        let words = [format!("{who} ve que ha llegado"), format!("{who} sees that it has arrived")];
        told(&mut self.teller, Some(source.warehouse()), "arrival_seen", words, more)
    }

    /// Asks every node for the stock in all warehouses, once they agree; the total comes back.
    async fn stock(&mut self, hands: &mut [Hand], event: &'static str) -> Result<Quantity, DemoError> {
        agreed(hands).await?;
        let names: Vec<_> = hands.iter().map(|hand| hand.warehouse().clone()).collect();
        let mut total = Quantity::ZERO;
        for hand in hands {
            let products = products(hand).await?;
            let Some(product) = products.get(&self.sku) else { continue };
            total = product.total();
            let lang = self.teller.lang();
            let each: Vec<_> = names
                .iter()
                .map(|name| format!("{name} {}", quantity(lang, product.on_hand(name))))
                .collect();
            let (each, road) = (each.join(" · "), quantity(lang, product.in_transit()));
            let words =
                [format!("{SKU}: {each} · en camino {road}"), format!("{SKU}: {each} · on the road {road}")];
            let on_hand: BTreeMap<_, _> = names.iter().map(|n| (n, product.on_hand(n).to_json())).collect();
            let more = json!({
                "sku": SKU,
                "on_hand": on_hand,
                "in_transit": product.in_transit().to_json(),
                "total": total.to_json(),
            });
            told(&mut self.teller, Some(hand.warehouse()), event, words, more)?;
        }
        Ok(total)
    }

    fn agree(
        &mut self,
        hands: &[Hand],
        products: &Products,
        transfers: &Transfers,
        [before, issued, after]: [Quantity; 3],
    ) -> Result<(), DemoError> {
        let (nodes, products, transfers) = (hands.len(), products.len(), transfers.len());
        let amount = |qty| quantity(self.teller.lang(), qty);
        let sum = format!("{} + {RECEIVED} − {} = {}", amount(before), amount(issued), amount(after));
        let words = [
            format!(
                "los {nodes} almacenes coinciden en {products} productos y {transfers} transferencias; {sum}"
            ),
            format!("all {nodes} warehouses agree on {products} products and {transfers} transfers; {sum}"),
        ];
        let more = json!({
            "agree": true,
            "warehouses": nodes,
            "products": products,
            "transfers": transfers,
            "total": after.to_json(),
        });
        told(&mut self.teller, None, "agreed", words, more)
    }

    async fn pause(&self, beats: u32) {
        sleep(self.beat * beats).await;
    }
}

fn told<W: Write>(
    teller: &mut Teller<W>,
    warehouse: Option<&WarehouseId>,
    event: &'static str,
    [es, en]: [String; 2],
    more: Value,
) -> Result<(), DemoError> {
    Ok(teller.tell(warehouse, event, [&es, &en], more)?)
}

fn low<'a>(model: &'a Model, sku: &Sku) -> Option<&'a crate::domain::Alert> {
    model.alerts.iter().find(|alert| alert.what.word() == "low_stock" && alert.what.sku() == Some(sku))
}

fn in_state(model: &Model, id: &TransferId, state: TransferState) -> bool {
    model.transfers.get(id).is_some_and(|transfer| transfer.state() == state)
}

async fn first_of(hand: &mut Hand, act: Act) -> Result<TransferId, DemoError> {
    let first = hand.act(act).await?.into_iter().next();
    first.ok_or_else(|| DemoError::NoAnswer {
        warehouse: hand.warehouse().clone(),
        why: "no entry".to_owned(),
    })
}

type Products = BTreeMap<Sku, Arc<ProductView>>;
type Transfers = BTreeMap<TransferId, Arc<Transfer>>;

async fn products(hand: &mut Hand) -> Result<Products, DemoError> {
    match hand.ask(Question::Products).await? {
        Reply::Products { products } => {
            Ok(products.into_iter().map(|view| (view.product.sku.clone(), view)).collect())
        }
        _ => Err(another_reply(hand)),
    }
}

async fn transfers(hand: &mut Hand) -> Result<Transfers, DemoError> {
    match hand.ask(Question::Transfers).await? {
        Reply::Transfers { transfers } => Ok(transfers.into_iter().map(|t| (t.id.clone(), t)).collect()),
        _ => Err(another_reply(hand)),
    }
}

fn another_reply(hand: &Hand) -> DemoError {
    DemoError::NoAnswer { warehouse: hand.warehouse().clone(), why: "another reply came".to_owned() }
}

/// Asks every node for everything, until all say the same; the common answer comes back.
///
/// # Errors
/// When they don't within [`AGREE`].
async fn agreed(hands: &mut [Hand]) -> Result<(Products, Transfers), DemoError> {
    let end = sleep(AGREE);
    tokio::pin!(end);
    loop {
        let mut pictures = Vec::new();
        for hand in hands.iter_mut() {
            pictures.push((products(hand).await?, transfers(hand).await?));
        }
        let [first, others @ ..] = &mut *hands else { return Err(DemoError::TooFew) };
        let mut pictures = pictures.into_iter();
        let Some(common) = pictures.next() else { return Err(DemoError::TooFew) };
        let mut differing = others.iter().zip(pictures);
        let difference = differing.find_map(|(other, picture)| Some((other, differs(&common, &picture)?)));
        let Some((other, what)) = difference else { return Ok(common) };
        if end.is_elapsed() {
            return Err(disagree(first, other, what));
        }
        tokio::select! {
            () = &mut end => {}
            () = sleep(ASK_AGAIN) => {}
            news = first.news() => { news?; }
        }
    }
}

fn disagree(first: &Hand, other: &Hand, what: String) -> DemoError {
    DemoError::Disagree {
        first: first.warehouse().clone(),
        other: other.warehouse().clone(),
        what,
        seconds: AGREE.as_secs(),
    }
}

/// The first product or transfer that two nodes hold differently.
fn differs(one: &(Products, Transfers), other: &(Products, Transfers)) -> Option<String> {
    let skus = one.0.keys().chain(other.0.keys());
    let product = skus.into_iter().find(|&sku| !same_product(one.0.get(sku), other.0.get(sku)));
    let ids = one.1.keys().chain(other.1.keys());
    let transfer = ids.into_iter().find(|&id| one.1.get(id) != other.1.get(id));
    product.map(ToString::to_string).or_else(|| transfer.map(ToString::to_string))
}

/// Compares all but the demand of 30 days, which each node counts from its own history.
fn same_product(one: Option<&Arc<ProductView>>, other: Option<&Arc<ProductView>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    one.product == other.product
        && one.cells == other.cells
        && one.rules == other.rules
        && one.roads == other.roads
}

fn by_state(transfers: &Transfers) -> BTreeMap<TransferState, usize> {
    let mut states = BTreeMap::new();
    for transfer in transfers.values() {
        *states.entry(transfer.state()).or_default() += 1;
    }
    states
}
