//! Two warehouses that want the same last pieces of a third.

use rubentario::domain::{Quantity, Refusal, TransferId, TransferState, WarehouseId};
use rubentario::ledger::act::{Act, Outcome, TakeLine};
use rubentario::ui::Model;

use crate::hand::{Hand, has, here, product, receipt, sku, units};

/// Asks madrid for so many.
pub fn ask_for(n: i64, unlocked: bool) -> Act {
    let lines = vec![TakeLine { sku: sku(), lot: None, qty: units(n) }];
    let from = WarehouseId::new("madrid").unwrap();
    Act::RequestTransfer { from, lines, reference: String::new(), unlocked, judged: Vec::new() }
}

fn is_open(model: &Model, id: &TransferId) -> bool {
    model.transfers.get(id).is_some_and(|t| t.state() == TransferState::Requested)
}

/// Both ask at once for all that madrid has: one gets it, the other is told at once who did, and no piece goes twice.
pub async fn one_gets_them(ana: &mut Hand, luis: &mut Hand, eva: &mut Hand) {
    for hand in [&mut *ana, luis, eva] {
        hand.until(|model| model.peers.len() == 2).await;
    }
    ana.books(product()).await;
    ana.books(receipt(5)).await;
    luis.until(|model| has(model, "madrid", 5)).await;
    eva.until(|model| has(model, "madrid", 5)).await;

    let (of_luis, of_eva) = tokio::join!(luis.does(ask_for(5, false)), eva.does(ask_for(5, false)));
    let (entries, refusal, winner) = match (of_luis, of_eva) {
        (Outcome::Recorded { entries }, Outcome::Refused { refusal }) => (entries, refusal, "sevilla"),
        (Outcome::Refused { refusal }, Outcome::Recorded { entries }) => (entries, refusal, "valencia"),
        both => panic!("{both:?}"),
    };
    let winner = WarehouseId::new(winner).unwrap();
    let Refusal::Claimed { claimable, claims, .. } = refusal else { panic!("{refusal:?}") };
    assert_eq!((claimable, claims), (Quantity::ZERO, vec![(winner.clone(), units(5))]));

    ana.until(|model| is_open(model, &entries[0])).await;
    let transfer = entries[0].clone();
    let act = Act::SendRequested { transfer: transfer.clone(), lines: None, reference: String::new() };
    ana.books(act).await;
    ana.until(|model| here(model, "madrid") == Some(Quantity::ZERO)).await;
    let got = if winner.as_str() == "sevilla" { luis } else { eva };
    got.until(|model| model.transfers.get(&transfer).is_some_and(|t| t.state() == TransferState::Dispatched))
        .await;
    got.books(Act::TakeIn { transfer, lines: Vec::new() }).await;
    ana.until(|model| has(model, winner.as_str(), 5)).await;
    let sent = ana.model.transfers.values().filter_map(|t| t.dispatch.as_ref()).flat_map(|d| &d.lines);
    assert_eq!(sent.fold(Quantity::ZERO, |sum, line| sum.saturating_plus(line.qty)), units(5));
    for hand in [ana, got] {
        hand.until(|model| model.locks.is_empty()).await;
    }
}
