//! Carries out the sample data at the doors: openings, then the script, each step once what it rests on is seen.

use super::catalogue::wares;
use super::error::DemoError;
use super::hand::Hand;
use super::opening::opening;
use super::script::{Begun, Step, steps};
use super::warehouse;
use crate::node::clock;

/// Joins, and fills the warehouses unless the first one has a catalogue already.
///
/// # Errors
/// When an act is refused, a node ends, or something is not seen in time.
pub async fn fill(hands: &mut [Hand]) -> Result<(), DemoError> {
    let today = clock::day_of(clock::wall_ms());
    let products = wares().count();
    let all = hands.len();
    for (place, hand) in hands.iter_mut().enumerate() {
        hand.join(all).await?;
        if place > 0 {
            hand.until("the catalogue", |model| model.products.len() >= products).await?;
        } else if !hand.model().products.is_empty() {
            return Ok(());
        }
        hand.acts(opening(place, today)?).await?;
    }
    let mut begun = Begun::new();
    for step in steps(hands.len()) {
        if let Some(hand) = hands.get_mut(step.at) {
            take(step, hand, &mut begun).await?;
        }
    }
    Ok(())
}

async fn take(step: &Step, hand: &mut Hand, begun: &mut Begun) -> Result<(), DemoError> {
    if let Some(other) = step.deed.other() {
        let other = warehouse(other)?;
        hand.until("the other warehouse", |model| model.peers.iter().any(|peer| peer.id == other)).await?;
    }
    if let (Some(state), Some(id)) = (step.after(), begun.get(step.transfer)) {
        let there = |model: &crate::ui::Model| model.transfers.get(id).is_some_and(|t| t.state() == state);
        hand.until("the step before", there).await?;
    }
    let entries = hand.act(step.act(begun)?).await?;
    if let Some(first) = entries.into_iter().next() {
        begun.entry(step.transfer).or_insert(first);
    }
    Ok(())
}
