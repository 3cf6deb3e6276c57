//! What to do about a product that is low: goods of other warehouses first, a purchase for the rest; and which products
//! matter most.
//!
//! Quantities are integers throughout: every node proposes the same from the same figures.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::movement::words;
use super::reorder::{Cover, down_to, to_order};
use super::{Quantity, ReorderRule, WarehouseId};

words!(
    /// How much a product matters, by how often it is taken.
    AbcClass {
        /// The few that make four fifths of the issues.
        A = "A",
        /// Those that make most of the rest.
        B = "B",
        /// All others, and what nobody takes.
        C = "C",
    }
);

/// Of the issues, in percent, those of class A together, and those of A and B.
const SHARE_A: u128 = 80;
const SHARE_B: u128 = 95;

/// What a warehouse lacks of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// On hand + incoming − reserved.
    pub position: Quantity,
    /// What it has asked other warehouses for and has no answer to.
    pub asked: Quantity,
    /// At or below which it is low.
    pub point: Quantity,
    /// The smallest quantity of the product.
    pub step: Quantity,
}

/// A warehouse that may give some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub warehouse: WarehouseId,
    /// On hand − reserved.
    pub available: Quantity,
    /// Of that, what is past its date: it is not worth the way.
    pub expired: Quantity,
    /// What others have asked it for.
    pub claimed: Quantity,
    /// Its own reorder point.
    pub point: Option<Quantity>,
    /// For how long what it has lasts there.
    pub cover: Cover,
}

/// What to bring from a warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bring {
    /// Which.
    pub warehouse: WarehouseId,
    /// How much.
    pub qty: Quantity,
    /// What it still has then, without what is reserved there or asked of it by others.
    pub keeps: Quantity,
}

/// What to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// What is wanted in all.
    pub order: Quantity,
    /// From other warehouses, the longest covered first.
    pub bring: Vec<Bring>,
    /// The rest, as it can be ordered.
    pub buy: Quantity,
}

impl Source {
    /// What it can give and still be above its own reorder point, in whole steps.
    #[must_use]
    pub fn spare(&self, step: Quantity) -> Quantity {
        let free = self.available.saturating_plus(self.claimed.negated());
        // At the point itself it would be low.
        let kept = self.point.map_or(Quantity::ZERO, |point| point.saturating_plus(step));
        // What is past its date is kept, and counts as kept.
        let fresh = free.saturating_plus(self.expired.negated());
        let spare = free.saturating_plus(kept.negated()).min(fresh);
        down_to(spare.max(Quantity::ZERO), step)
    }
}

/// What to bring and what to buy, so that the position comes up to the rule's maximum.
///
/// Without a maximum it comes up to the least that is above the reorder point; a maximum that is not above it counts as
/// that, too. Multiple and minimum order are those of a purchase: goods of other warehouses come in any quantity.
#[must_use]
pub fn propose(need: &Need, rule: &ReorderRule, mut sources: Vec<Source>) -> Proposal {
    let above = need.point.saturating_plus(need.step);
    let target = rule.maximum.map_or(above, |maximum| maximum.max(above));
    let position = need.position.saturating_plus(need.asked);
    let missing = target.saturating_plus(position.negated());
    if !missing.is_positive() {
        return Proposal::default();
    }
    sources.sort_by(|a, b| (Reverse(a.cover), &a.warehouse).cmp(&(Reverse(b.cover), &b.warehouse)));
    let mut left = missing;
    let mut bring = Vec::new();
    for source in sources {
        let qty = down_to(left, need.step).min(source.spare(need.step));
        if qty.is_positive() {
            left = left.saturating_plus(qty.negated());
            let keeps = source.available.saturating_plus(source.claimed.saturating_plus(qty).negated());
            bring.push(Bring { warehouse: source.warehouse, qty, keeps });
        }
    }
    let brought = missing.saturating_plus(left.negated());
    let multiple = rule.multiple.filter(|multiple| multiple.is_positive()).unwrap_or(need.step);
    let there = position.saturating_plus(brought);
    // Beyond what can be counted there is nothing to buy.
    let buy = to_order(there, target, Some(multiple), rule.minimum_order).unwrap_or_default();
    Proposal { order: brought.saturating_plus(buy), bring, buy }
}

/// The classes of products by how often each was taken: from the most taken on, A are those with which the first four
/// fifths of all issues are reached, B those with which 95 % are, C the rest. Of equals the first in order comes first.
#[must_use]
pub fn classes<K: Ord + Hash + Clone>(issues: &BTreeMap<K, u64>) -> BTreeMap<K, AbcClass> {
    let total: u128 = issues.values().map(|&times| u128::from(times)).sum();
    let mut ranked: Vec<(&K, u64)> = issues.iter().map(|(key, &times)| (key, times)).collect();
    ranked.sort_by(|a, b| (Reverse(a.1), a.0).cmp(&(Reverse(b.1), b.0)));
    let mut before = 0_u128;
    let class = |(key, times): (&K, u64)| {
        let class = match before * 100 {
            _ if times == 0 => AbcClass::C,
            share if share < total * SHARE_A => AbcClass::A,
            share if share < total * SHARE_B => AbcClass::B,
            _ => AbcClass::C,
        };
        before += u128::from(times);
        (key.clone(), class)
    };
    ranked.into_iter().map(class).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::domain::reorder::step;

    fn units(n: i64) -> Quantity {
        Quantity::units(n).unwrap()
    }

    fn need(position: i64, point: i64) -> Need {
        Need { position: units(position), asked: Quantity::ZERO, point: units(point), step: step(0) }
    }

    fn source(warehouse: &str, available: i64, point: Option<i64>, tenths: u64) -> Source {
        Source {
            warehouse: WarehouseId::new(warehouse).unwrap(),
            available: units(available),
            expired: Quantity::ZERO,
            claimed: Quantity::ZERO,
            point: point.map(units),
            cover: Cover::Tenths(tenths),
        }
    }

    fn up_to(maximum: i64) -> ReorderRule {
        ReorderRule { maximum: Some(units(maximum)), ..ReorderRule::default() }
    }

    fn brought(proposal: &Proposal) -> Vec<String> {
        proposal.bring.iter().map(|b| format!("{} {} keeps {}", b.warehouse, b.qty, b.keeps)).collect()
    }

    #[test]
    fn the_longest_covered_gives_first_and_each_stays_above_its_own_point() {
        let sources = vec![
            source("bilbao", 50, Some(50), 900),
            source("sevilla", 80, Some(20), 800),
            source("vigo", 90, None, 90),
        ];
        let proposal = propose(&need(4, 10), &up_to(100), sources);
        assert_eq!(brought(&proposal), ["sevilla 59 keeps 21", "vigo 37 keeps 53"]);
        assert_eq!((proposal.buy, proposal.order), (Quantity::ZERO, units(96)));
    }

    #[test]
    fn what_nobody_can_give_is_bought_in_whole_multiples_above_the_minimum() {
        let rule = ReorderRule { multiple: Some(units(12)), minimum_order: Some(units(30)), ..up_to(100) };
        let proposal = propose(&need(4, 10), &rule, vec![source("sevilla", 60, Some(20), 1)]);
        assert_eq!(brought(&proposal), ["sevilla 39 keeps 21"]);
        assert_eq!((proposal.buy, proposal.order), (units(60), units(99)), "57 are missing");
        let proposal = propose(&need(90, 90), &rule, vec![]);
        assert_eq!(proposal.buy, units(36), "10 are missing, 30 is the least, 36 the next multiple");
    }

    #[test]
    fn what_is_claimed_or_past_its_date_stays_where_it_is() {
        let claimed = Source { claimed: units(45), ..source("sevilla", 80, Some(20), 1) };
        let proposal = propose(&need(0, 10), &up_to(100), vec![claimed]);
        assert_eq!(brought(&proposal), ["sevilla 14 keeps 21"]);
        let old = Source { expired: units(70), ..source("sevilla", 80, Some(20), 1) };
        let proposal = propose(&need(0, 10), &up_to(100), vec![old]);
        assert_eq!(brought(&proposal), ["sevilla 10 keeps 70"]);
    }

    #[test]
    fn what_is_asked_for_already_is_not_asked_for_twice() {
        let need = Need { asked: units(90), ..need(4, 10) };
        let proposal = propose(&need, &up_to(100), vec![source("sevilla", 500, None, 1)]);
        assert_eq!(brought(&proposal), ["sevilla 6 keeps 494"]);
        let need = Need { asked: units(96), ..need };
        assert_eq!(propose(&need, &up_to(100), vec![source("sevilla", 500, None, 1)]), Proposal::default());
    }

    #[test]
    fn without_a_maximum_above_the_point_the_least_that_is_above_it_is_wanted() {
        for rule in [ReorderRule::default(), up_to(10), up_to(0)] {
            let proposal = propose(&need(4, 10), &rule, vec![]);
            assert_eq!(proposal.buy, units(7), "{rule:?}");
        }
    }

    #[test]
    fn classes_follow_how_often_products_are_taken() {
        use AbcClass::{A, B, C};
        let issues = BTreeMap::from([("a", 60), ("b", 20), ("c", 15), ("d", 4), ("e", 1), ("f", 0)]);
        let classes = classes(&issues);
        assert_eq!(classes.into_values().collect::<Vec<_>>(), [A, A, B, C, C, C]);
        let alone = super::classes(&BTreeMap::from([("x", 1), ("y", 0)]));
        assert_eq!(alone.into_values().collect::<Vec<_>>(), [A, C], "one that has it all is A");
        let none = super::classes(&BTreeMap::from([("x", 0)]));
        assert_eq!(none.into_values().collect::<Vec<_>>(), [C]);
    }

    proptest! {
        #[test]
        fn no_source_falls_to_its_point_and_the_target_is_reached(
            position in -50_i64..200, point in 0_i64..200, maximum in prop::option::of(0_i64..400),
            multiple in prop::option::of(1_i64..20), minimum in prop::option::of(0_i64..50),
            sources in prop::collection::vec(
                (0_i64..300, 0_i64..100, 0_i64..100, prop::option::of(0_i64..100), 0_u64..500), 0..5,
            ),
        ) {
            let rule = ReorderRule {
                maximum: maximum.map(units), multiple: multiple.map(units), minimum_order: minimum.map(units),
                ..ReorderRule::default()
            };
            let sources: Vec<Source> = sources.into_iter().enumerate().map(|(at, (there, expired, claimed, own, cover))| Source {
                expired: units(expired.min(there)), claimed: units(claimed),
                ..source(&format!("w{at}"), there, own, cover)
            }).collect();
            let proposal = propose(&need(position, point), &rule, sources.clone());
            let target = maximum.unwrap_or(0).max(point + 1);
            let mut there = units(position);
            for bring in &proposal.bring {
                let source = sources.iter().find(|s| s.warehouse == bring.warehouse).unwrap();
                prop_assert!(bring.qty.is_positive());
                prop_assert!(source.point.is_none_or(|own| bring.keeps > own), "{source:?} {bring:?}");
                prop_assert!(!bring.keeps.is_negative());
                prop_assert!(bring.qty <= source.available.saturating_plus(source.expired.negated()));
                there = there.plus(bring.qty).unwrap();
            }
            prop_assert!(there <= units(target.max(position)), "transfers bring no more than is missing");
            there = there.plus(proposal.buy).unwrap();
            prop_assert!(there >= units(target.min(position.max(target))));
            if proposal.buy.is_positive() {
                prop_assert_eq!(proposal.buy.thousandths() % units(multiple.unwrap_or(1)).thousandths(), 0);
                prop_assert!(proposal.buy >= units(minimum.unwrap_or(0)));
            }
        }
    }
}
