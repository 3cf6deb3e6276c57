//! Some life while somebody watches: every now and then a small receipt, issue or transfer somewhere.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::sleep;

use super::error::DemoError;
use super::hand::Hand;
use crate::domain::{Quantity, Sku, TransferId, TransferState, WarehouseId};
use crate::ledger::act::{Act, ReceiptLine, TakeLine};
use crate::ledger::book::Transfer;
use crate::node::Question;
use crate::node::event::{CellView, ProductView, Reply};

/// Seconds between two movements.
const EVERY: std::ops::RangeInclusive<u64> = 15..=40;
/// Its transfers bear this text, so that those of people are left to people.
const REFERENCE: &str = "Reparto diario";
/// Of these, so many may wait at one warehouse.
const WAITING: usize = 3;

/// Goes on until a node ends. The hands have doors of their own and need not have joined; a refusal is nothing to it,
/// as people take goods too.
pub async fn live(mut hands: Vec<Hand>, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    loop {
        sleep(Duration::from_secs(rng.random_range(EVERY))).await;
        let place = rng.random_range(0..hands.len().max(1));
        if matches!(once(&mut hands, place, &mut rng).await, Err(DemoError::Ended { .. })) {
            return;
        }
    }
}

/// One movement at the warehouse at this place; none where nothing is to do. Its entries come back.
///
/// # Errors
/// When the act is refused, or the node ends.
pub async fn once(
    hands: &mut [Hand],
    place: usize,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<TransferId>, DemoError> {
    let names: Vec<_> = hands.iter().map(|hand| hand.warehouse().clone()).collect();
    let Some(hand) = hands.get_mut(place) else { return Ok(Vec::new()) };
    let Reply::Products { products } = hand.ask(Question::Products).await? else { return Ok(Vec::new()) };
    let Reply::Transfers { transfers } = hand.ask(Question::Transfers).await? else { return Ok(Vec::new()) };
    let sight = Sight { names: &names, place, products: &products, transfers: &transfers };
    match sight.next(rng) {
        Some(act) => hand.act(act).await,
        None => Ok(Vec::new()),
    }
}

/// What somebody in a warehouse sees before they act.
struct Sight<'a> {
    names: &'a [WarehouseId],
    place: usize,
    products: &'a [Arc<ProductView>],
    transfers: &'a [Arc<Transfer>],
}

impl Sight<'_> {
    fn next(&self, rng: &mut ChaCha8Rng) -> Option<Act> {
        // What comes to the first warehouse is left to whoever sits there.
        if self.place > 0
            && let Some(transfer) = self.arriving(self.me()?).next()
        {
            return Some(Act::TakeIn { transfer: transfer.id.clone(), lines: Vec::new() });
        }
        match rng.random_range(0..10) {
            0..5 => self.issue(rng),
            5..8 => self.receive(rng),
            _ => self.send(rng),
        }
    }

    fn me(&self) -> Option<&WarehouseId> {
        self.names.get(self.place)
    }

    fn arriving<'a>(&'a self, to: &'a WarehouseId) -> impl Iterator<Item = &'a Arc<Transfer>> {
        let ours = |t: &&Arc<Transfer>| t.dispatch.as_ref().is_some_and(|d| d.mark.text == REFERENCE);
        self.transfers
            .iter()
            .filter(move |t| t.to == *to && t.state() == TransferState::Dispatched)
            .filter(ours)
    }

    fn issue(&self, rng: &mut ChaCha8Rng) -> Option<Act> {
        let lines = vec![self.spare(rng, 1)?];
        Some(Act::Issue { lines, reference: "Mostrador".to_owned(), allow_expired: false })
    }

    fn send(&self, rng: &mut ChaCha8Rng) -> Option<Act> {
        let me = self.me()?;
        let others: Vec<_> =
            self.names.iter().filter(|name| *name != me && self.arriving(name).count() < WAITING).collect();
        let to = (*others.choose(rng)?).clone();
        let lines = vec![self.spare(rng, 2)?];
        Some(Act::Send { to, lines, reference: REFERENCE.to_owned() })
    }

    /// A little of a product of which there is more than so many times the reorder point.
    fn spare(&self, rng: &mut ChaCha8Rng, times: i64) -> Option<TakeLine> {
        let me = self.me()?;
        let plenty: Vec<(Sku, i64)> = self
            .products
            .iter()
            .filter(|view| !view.product.retired)
            .filter_map(|view| {
                let point = view.rule(me)?.rule.reorder_point?.thousandths();
                let over = view.available(me).thousandths() - point * times;
                (over > 0).then(|| (view.product.sku.clone(), over / Quantity::SCALE / 5))
            })
            .filter(|(_, units)| *units > 0)
            .collect();
        let (sku, most) = plenty.choose(rng)?.clone();
        let qty = Quantity::units(rng.random_range(1..=most)).ok()?;
        Some(TakeLine { sku, lot: None, qty })
    }

    /// A pack of a product that is not at its maximum, of its newest lot where it has lots.
    fn receive(&self, rng: &mut ChaCha8Rng) -> Option<Act> {
        let me = self.me()?;
        let wanted: Vec<_> = self.products.iter().filter_map(|view| Some((view, room(view, me)?))).collect();
        let (view, qty) = wanted.choose(rng)?;
        let (lot, expiry) = if view.product.lot_tracked {
            let here = view.cells.iter().filter(|cell| cell.warehouse == *me);
            let CellView { lot, expiry, .. } = here.max_by_key(|cell| cell.expiry)?;
            (lot.clone(), *expiry)
        } else {
            (crate::domain::Lot::none(), None)
        };
        let line = ReceiptLine { sku: view.product.sku.clone(), lot, expiry, qty: *qty };
        Some(Act::Receive { lines: vec![line], reference: "Proveedor".to_owned() })
    }
}

/// One order's multiple, or five units, where that still fits below the maximum.
fn room(view: &ProductView, me: &WarehouseId) -> Option<Quantity> {
    let rule = &view.rule(me)?.rule;
    let qty = rule.multiple.or_else(|| Quantity::units(5).ok())?;
    let then = view.position(me).saturating_plus(qty);
    (!view.product.retired && then <= rule.maximum?).then_some(qty)
}
