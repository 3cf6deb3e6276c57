//! What a warehouse should reorder, from what is shown: the figures, what to bring from where, what to buy.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::event::ProductView;
use super::views::DEMAND_DAYS;
use crate::domain::reorder::{Cover, is_low, step};
use crate::domain::replenish::{self, AbcClass, Bring, Need, Proposal, Source};
use crate::domain::{Quantity, Sku, WarehouseId};
use crate::ledger::act::Judged;

/// Days over which issues are counted for the classes A, B and C.
pub const CLASS_DAYS: u32 = 90;
const DAY_MS: i64 = 86_400_000;

/// Since when issues count for the classes, both in milliseconds since 1970 UTC: so many days, today's with it.
#[must_use]
pub const fn class_since(wall_ms: i64) -> i64 {
    (wall_ms.div_euclid(DAY_MS) - CLASS_DAYS as i64 + 1) * DAY_MS
}

/// The classes of the products by how often each was issued; one that was not is of class C.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes(BTreeMap<Sku, AbcClass>);

impl Classes {
    /// From what the node tells.
    #[must_use]
    pub fn new(counts: Vec<(Sku, u64)>) -> Self {
        Self(replenish::classes(&counts.into_iter().collect()))
    }

    /// Of one product.
    #[must_use]
    pub fn of(&self, sku: &Sku) -> AbcClass {
        self.0.get(sku).copied().unwrap_or(AbcClass::C)
    }
}

/// A product that is at or below its reorder point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Low {
    /// On hand, all lots.
    pub on_hand: Quantity,
    /// On hand + incoming − reserved.
    pub position: Quantity,
    /// The reorder point.
    pub point: Quantity,
    /// Whether that is computed from demand.
    pub is_computed: bool,
    /// For how long what is available lasts.
    pub cover: Cover,
    /// What other warehouses were asked for and have not answered.
    pub asked: Quantity,
    /// What to do.
    pub proposal: Proposal,
}

/// What a warehouse should do about a product; none where it is not low there.
#[must_use]
pub fn low(view: &ProductView, me: &WarehouseId, today: NaiveDate) -> Option<Low> {
    let rule = &view.rule(me).filter(|_| !view.product.retired)?.rule;
    let point = view.reorder_point(me)?;
    let position = view.position(me);
    is_low(position, point).then(|| Low {
        on_hand: view.on_hand(me),
        position,
        point,
        is_computed: rule.reorder_point.is_none(),
        cover: cover(view, me),
        asked: asked_by(view, me),
        proposal: propose(view, me, point, today),
    })
}

/// What to bring and what to buy of a product that is low.
#[must_use]
pub fn propose(view: &ProductView, me: &WarehouseId, point: Quantity, today: NaiveDate) -> Proposal {
    let Some(state) = view.rule(me) else { return Proposal::default() };
    let need = Need {
        position: view.position(me),
        asked: asked_by(view, me),
        point,
        step: step(view.product.decimals),
    };
    let others: BTreeSet<&WarehouseId> = view.cells.iter().map(|cell| &cell.warehouse).collect();
    let others = others.into_iter().filter(|who| *who != me && !view.is_given_up(who));
    replenish::propose(&need, &state.rule, others.map(|who| source(view, who, today)).collect())
}

/// What a warehouse can give of a product and still be above its own reorder point.
#[must_use]
pub fn spare(view: &ProductView, warehouse: &WarehouseId, today: NaiveDate) -> Quantity {
    source(view, warehouse, today).spare(step(view.product.decimals))
}

/// For how long what a warehouse has available lasts.
#[must_use]
pub fn cover(view: &ProductView, warehouse: &WarehouseId) -> Cover {
    Cover::of(view.available(warehouse), view.issued_30d(warehouse), DEMAND_DAYS)
}

fn source(view: &ProductView, warehouse: &WarehouseId, today: NaiveDate) -> Source {
    let gone = view
        .cells
        .iter()
        .filter(|cell| cell.warehouse == *warehouse && cell.expiry.is_some_and(|day| day < today));
    let free = gone.map(|cell| cell.on_hand.saturating_plus(cell.reserved.negated()));
    let claims = view.asked.iter().filter(|asked| asked.from == *warehouse);
    Source {
        warehouse: warehouse.clone(),
        available: view.available(warehouse),
        expired: free.fold(Quantity::ZERO, Quantity::saturating_plus),
        claimed: claims.fold(Quantity::ZERO, |sum, asked| sum.saturating_plus(asked.qty)),
        point: view.reorder_point(warehouse),
        cover: cover(view, warehouse),
    }
}

/// What a request is judged by: nothing more is coming than is seen now and `along` with it, and the source stays above
/// its own reorder point, or has what it keeps as seen now where that is less.
#[must_use]
pub fn judged(
    view: &ProductView,
    me: &WarehouseId,
    from: &WarehouseId,
    qty: Quantity,
    along: Quantity,
) -> Judged {
    let asked = view.asked.iter().filter(|asked| asked.to == *me).map(|asked| asked.qty);
    let sent = view.roads.iter().filter(|road| road.to == *me).map(|road| road.qty);
    let claims = view.asked.iter().filter(|asked| asked.from == *from).map(|asked| asked.qty);
    let gone = claims.chain([qty]).map(Quantity::negated);
    let keeps = gone.fold(view.available(from), Quantity::saturating_plus);
    let above = |point: Quantity| point.saturating_plus(step(view.product.decimals));
    Judged {
        sku: view.product.sku.clone(),
        coming: asked.chain(sent).fold(along, Quantity::saturating_plus),
        left: view.reorder_point(from).map_or(Quantity::ZERO, above).min(keeps.max(Quantity::ZERO)),
    }
}

/// Of what is brought together, what comes from the others.
#[must_use]
pub fn along(all: &[Bring], with: &WarehouseId) -> Quantity {
    let others = all.iter().filter(|bring| bring.warehouse != *with).map(|bring| bring.qty);
    others.fold(Quantity::ZERO, Quantity::saturating_plus)
}

/// What a warehouse has asked others for and has no answer to.
#[must_use]
pub fn asked_by(view: &ProductView, me: &WarehouseId) -> Quantity {
    let own = view.asked.iter().filter(|asked| asked.to == *me && !view.is_given_up(&asked.from));
    own.fold(Quantity::ZERO, |sum, asked| sum.saturating_plus(asked.qty))
}
