//! When to reorder and how much: demand, safety stock, reorder point, days of cover.
//!
//! What decides an alert or an order is integer arithmetic, so every node decides alike; only the
//! statistics behind a proposed reorder point are floating point, rounded up to a thousandth.

use serde::{Deserialize, Serialize};

use super::{Quantity, QuantityError};

/// How sure one wants to be that stock lasts until the next delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ServiceLevel {
    /// 90 %
    #[serde(rename = "90")]
    P90,
    /// 95 %
    #[default]
    #[serde(rename = "95")]
    P95,
    /// 97.5 %
    #[serde(rename = "97.5")]
    P975,
    /// 99 %
    #[serde(rename = "99")]
    P99,
}

/// What leaves per day, in units of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DailyDemand {
    /// The average, d.
    pub mean: f64,
    /// Its standard deviation, σd.
    pub deviation: f64,
}

/// How long a delivery takes, in days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LeadTime {
    /// The average, L.
    pub mean: f64,
    /// Its standard deviation, σL.
    pub deviation: f64,
}

/// For how long the available stock lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// So many tenths of a day, rounded down.
    Tenths(u64),
    /// Without end: nothing leaves.
    Endless,
}

impl ServiceLevel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::P90, Self::P95, Self::P975, Self::P99];

    /// In percent, as it is written everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::P90 => "90",
            Self::P95 => "95",
            Self::P975 => "97.5",
            Self::P99 => "99",
        }
    }

    /// Reads one; the comma is as good as the point, and a percent sign may follow.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('%').trim_end().replace(',', ".");
        Self::ALL.into_iter().find(|level| level.word() == text)
    }

    /// The factor z of the normal distribution.
    #[must_use]
    pub const fn factor(self) -> f64 {
        match self {
            Self::P90 => 1.282,
            Self::P95 => 1.645,
            Self::P975 => 1.960,
            Self::P99 => 2.326,
        }
    }
}

impl DailyDemand {
    /// From what was issued on each day of a window, days without issues included.
    #[must_use]
    pub fn of_days(issued: &[Quantity]) -> Self {
        let Ok(count) = u32::try_from(issued.len()) else {
            return Self::default();
        };
        if count == 0 {
            return Self::default();
        }
        let days = f64::from(count);
        let mean = issued.iter().map(|&amount| units(amount)).sum::<f64>() / days;
        let squares = issued.iter().map(|&amount| (units(amount) - mean).powi(2)).sum::<f64>();
        let deviation = if count > 1 { (squares / (days - 1.0)).sqrt() } else { 0.0 };
        Self { mean, deviation }
    }

    /// From the sums over the days of a window: what was issued, and the squares of the days' issues in thousandths
    /// squared.
    #[must_use]
    pub fn of_sums(issued: Quantity, squares: f64, days: u32) -> Self {
        if days == 0 {
            return Self::default();
        }
        let days = f64::from(days);
        let mean = units(issued.max(Quantity::ZERO)) / days;
        let spread = squares / 1e6 - days * mean * mean;
        // A spread of nothing may come out a little below it.
        let deviation = if days > 1.0 { (spread.max(0.0) / (days - 1.0)).sqrt() } else { 0.0 };
        Self { mean, deviation }
    }
}

impl Cover {
    /// Available stock over the issues of a window of so many days.
    #[must_use]
    pub fn of(available: Quantity, issued: Quantity, days: u32) -> Self {
        if !issued.is_positive() || days == 0 {
            return Self::Endless;
        }
        let available = i128::from(available.thousandths().max(0));
        let tenths = available * i128::from(days) * 10 / i128::from(issued.thousandths());
        Self::Tenths(u64::try_from(tenths).unwrap_or(u64::MAX))
    }

    /// In days; `None` is without end.
    #[must_use]
    pub fn days(self) -> Option<f64> {
        match self {
            #[allow(clippy::cast_precision_loss, reason = "days of cover are shown, not counted with")]
            Self::Tenths(tenths) => Some(tenths as f64 / 10.0),
            Self::Endless => None,
        }
    }
}

/// The inventory position: on hand + incoming − reserved.
///
/// # Errors
/// An overflow.
pub fn position(
    on_hand: Quantity,
    incoming: Quantity,
    reserved: Quantity,
) -> Result<Quantity, QuantityError> {
    on_hand.plus(incoming)?.minus(reserved)
}

/// Whether an inventory position calls for an order.
#[must_use]
pub fn is_low(position: Quantity, reorder_point: Quantity) -> bool {
    position <= reorder_point
}

/// How much to order to reach the maximum: a multiple, and never below the minimum order.
///
/// Zero where the position has reached the maximum; a multiple of zero or none is no multiple.
///
/// # Errors
/// An overflow.
pub fn to_order(
    position: Quantity,
    maximum: Quantity,
    multiple: Option<Quantity>,
    minimum: Option<Quantity>,
) -> Result<Quantity, QuantityError> {
    let missing = maximum.minus(position)?;
    if !missing.is_positive() {
        return Ok(Quantity::ZERO);
    }
    let wanted = missing.max(minimum.unwrap_or_default()).thousandths();
    let step = multiple.filter(|multiple| multiple.is_positive()).map_or(1, Quantity::thousandths);
    // Both are positive and below 10^15, so the sum and the product stay in range.
    Quantity::from_thousandths((wanted + step - 1) / step * step)
}

/// Safety stock z·√(L·σd² + d²·σL²), rounded up to a thousandth.
///
/// # Errors
/// An overflow, also from numbers that are not finite.
pub fn safety_stock(
    level: ServiceLevel,
    demand: DailyDemand,
    lead: LeadTime,
) -> Result<Quantity, QuantityError> {
    let variance = lead.mean * demand.deviation.powi(2) + demand.mean.powi(2) * lead.deviation.powi(2);
    rounded_up(level.factor() * variance.sqrt())
}

/// The reorder point d·L + safety stock, rounded up to a thousandth.
///
/// # Errors
/// An overflow, also from numbers that are not finite.
pub fn reorder_point(
    demand: DailyDemand,
    lead: LeadTime,
    safety: Quantity,
) -> Result<Quantity, QuantityError> {
    rounded_up(demand.mean * lead.mean)?.plus(safety)
}

/// The reorder point of a service level, rounded down to what the product is counted in: of the positions there can be,
/// those at or below it are the same. None where it can't be counted.
#[must_use]
pub fn computed_point(
    level: ServiceLevel,
    demand: DailyDemand,
    lead: LeadTime,
    step: Quantity,
) -> Option<Quantity> {
    let safety = safety_stock(level, demand, lead).ok()?;
    reorder_point(demand, lead, safety).ok().map(|point| down_to(point, step))
}

/// The smallest quantity of a product with so many decimals.
#[must_use]
pub fn step(decimals: u8) -> Quantity {
    Quantity::from_thousandths(10_i64.pow(3 - u32::from(decimals.min(3)))).unwrap_or_default()
}

/// The nearest multiple of a step that is not above.
#[must_use]
pub fn down_to(amount: Quantity, step: Quantity) -> Quantity {
    let step = step.thousandths().max(1);
    // Towards zero, so in range.
    Quantity::from_thousandths(amount.thousandths() / step * step).unwrap_or_default()
}

fn units(amount: Quantity) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "the magnitude of a quantity is below 2^53")]
    let thousandths = amount.thousandths() as f64;
    thousandths / 1000.0
}

fn rounded_up(units: f64) -> Result<Quantity, QuantityError> {
    let thousandths = units * 1000.0;
    // 0.1 · 3 is a little over 0.3: what is that close to a thousandth is meant to be one.
    let nearest = thousandths.round();
    let whole = if (thousandths - nearest).abs() < 1e-6 { nearest } else { thousandths.ceil() };
    if !(0.0..=1e15).contains(&whole) {
        return Err(QuantityError::Overflow);
    }
    #[allow(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    let whole = whole as i64;
    Quantity::from_thousandths(whole)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn units(n: i64) -> Quantity {
        Quantity::units(n).unwrap()
    }

    fn thousandths(n: i64) -> Quantity {
        Quantity::from_thousandths(n).unwrap()
    }

    #[test]
    fn the_worked_example_comes_out() {
        let demand = DailyDemand { mean: 100.0, deviation: 20.0 };
        let lead = LeadTime { mean: 7.0, deviation: 2.0 };
        let safety = safety_stock(ServiceLevel::P95, demand, lead).unwrap();
        assert_eq!(safety, thousandths(340_321));
        let point = reorder_point(demand, lead, safety).unwrap();
        assert_eq!(point, thousandths(1_040_321));
        assert!(is_low(units(1040), point) && !is_low(units(1041), point));
    }

    #[test]
    fn a_computed_point_is_the_formulas_in_what_the_product_is_counted_in() {
        let demand = DailyDemand { mean: 100.0, deviation: 20.0 };
        let lead = LeadTime { mean: 7.0, deviation: 2.0 };
        let point = |level, decimals| computed_point(level, demand, lead, step(decimals)).unwrap();
        assert_eq!(point(ServiceLevel::P95, 0), units(1_040));
        assert_eq!(point(ServiceLevel::P95, 1), thousandths(1_040_300));
        assert_eq!(point(ServiceLevel::P90, 0), units(965));
        assert_eq!(point(ServiceLevel::P975, 0), units(1_105));
        assert_eq!(point(ServiceLevel::P99, 0), units(1_181));
        let still = computed_point(ServiceLevel::P99, DailyDemand::default(), lead, step(0));
        assert_eq!(still, Some(Quantity::ZERO), "what nobody takes is reordered when it is out");
    }

    #[test]
    fn sums_say_the_same_of_the_demand_as_the_days_themselves() {
        let days = [2, 4, 4, 4, 5, 5, 7, 9].map(units);
        let squares = days.iter().map(|day| day.thousandths() * day.thousandths()).sum::<i64>();
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let summed = DailyDemand::of_sums(units(40), squares as f64, 8);
        let counted = DailyDemand::of_days(&days);
        assert!((summed.mean - counted.mean).abs() < 1e-9);
        assert!((summed.deviation - counted.deviation).abs() < 1e-9);
        let same = DailyDemand::of_sums(units(24), 8.0 * 9e6, 8);
        assert_eq!(same, DailyDemand { mean: 3.0, deviation: 0.0 });
        assert_eq!(DailyDemand::of_sums(units(3), 9e6, 0), DailyDemand::default());
    }

    #[test]
    fn service_levels_are_read_as_they_are_written() {
        for level in ServiceLevel::ALL {
            assert_eq!(ServiceLevel::parse(level.word()), Some(level));
        }
        assert_eq!(ServiceLevel::parse(" 97,5 % "), Some(ServiceLevel::P975));
        assert_eq!(ServiceLevel::parse("96"), None);
    }

    #[test]
    fn a_position_at_the_reorder_point_is_low() {
        let now = position(units(10), units(5), units(3)).unwrap();
        assert_eq!(now, units(12));
        assert!(is_low(now, units(12)));
        assert!(!is_low(now, units(11)));
        assert!(is_low(Quantity::ZERO, Quantity::ZERO));
        assert!(position(Quantity::MAX, units(1), Quantity::ZERO).is_err());
    }

    #[test]
    fn an_order_fills_up_in_whole_multiples_above_the_minimum() {
        let order = |position, maximum, multiple: i64, minimum: i64| {
            to_order(units(position), units(maximum), Some(units(multiple)), Some(units(minimum))).unwrap()
        };
        assert_eq!(order(12, 100, 24, 0), units(96));
        assert_eq!(order(4, 100, 24, 0), units(96));
        assert_eq!(order(99, 100, 24, 0), units(24));
        assert_eq!(order(99, 100, 24, 50), units(72));
        assert_eq!(order(-5, 100, 10, 0), units(110));
        assert_eq!(order(100, 100, 24, 50), Quantity::ZERO);
        assert_eq!(order(130, 100, 24, 50), Quantity::ZERO);
        assert_eq!(to_order(units(1), thousandths(2_500), None, None), Ok(thousandths(1_500)));
        assert_eq!(order(1, 3, 0, 0), units(2));
    }

    #[test]
    fn cover_is_endless_where_nothing_leaves() {
        assert_eq!(Cover::of(units(50), Quantity::ZERO, 30), Cover::Endless);
        assert_eq!(Cover::Endless.days(), None);
        let cover = Cover::of(units(50), units(60), 30);
        assert_eq!(cover, Cover::Tenths(250));
        assert_eq!(cover.days(), Some(25.0));
        assert_eq!(Cover::of(units(-1), units(60), 30), Cover::Tenths(0));
        assert!(cover < Cover::Endless);
    }

    #[test]
    fn demand_is_the_mean_and_spread_of_the_days() {
        let days = [2, 4, 4, 4, 5, 5, 7, 9].map(units);
        let demand = DailyDemand::of_days(&days);
        assert!((demand.mean - 5.0).abs() < 1e-9);
        assert!((demand.deviation - (32.0_f64 / 7.0).sqrt()).abs() < 1e-9);
        assert_eq!(DailyDemand::of_days(&[]), DailyDemand::default());
        assert_eq!(DailyDemand::of_days(&[units(3)]), DailyDemand { mean: 3.0, deviation: 0.0 });
    }

    #[test]
    fn a_binary_fraction_does_not_order_a_thousandth_more() {
        let demand = DailyDemand { mean: 0.1, deviation: 0.0 };
        let lead = LeadTime { mean: 3.0, deviation: 0.0 };
        assert_eq!(reorder_point(demand, lead, Quantity::ZERO), Ok(thousandths(300)));
    }

    proptest! {
        #[test]
        fn an_order_is_enough_and_no_multiple_too_much(
            position in -1_000_000_i64..1_000_000, maximum in 0_i64..1_000_000,
            multiple in 1_i64..50_000, minimum in 0_i64..100_000,
        ) {
            let order = to_order(
                thousandths(position), thousandths(maximum), Some(thousandths(multiple)), Some(thousandths(minimum)),
            ).unwrap().thousandths();
            let missing = maximum - position;
            if missing <= 0 {
                prop_assert_eq!(order, 0);
            } else {
                prop_assert_eq!(order % multiple, 0);
                prop_assert!(order >= missing.max(minimum));
                prop_assert!(order - multiple < missing.max(minimum));
            }
        }

        #[test]
        fn no_number_makes_it_panic(
            mean in any::<f64>(), deviation in any::<f64>(), lead in any::<f64>(), spread in any::<f64>(),
            a in -999_999_999_999_999_i64..=999_999_999_999_999, b in -999_999_999_999_999_i64..=999_999_999_999_999,
            days in any::<u32>(),
        ) {
            let demand = DailyDemand { mean, deviation };
            let lead = LeadTime { mean: lead, deviation: spread };
            let _ = safety_stock(ServiceLevel::P99, demand, lead);
            let _ = reorder_point(demand, lead, thousandths(a));
            let _ = to_order(thousandths(a), thousandths(b), Some(thousandths(b)), Some(thousandths(a)));
            let _ = Cover::of(thousandths(a), thousandths(b), days);
        }
    }
}
