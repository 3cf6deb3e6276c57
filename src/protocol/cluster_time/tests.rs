#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

const HOUR_MS: i64 = 3_600_000;

fn at(wall_ms: u64, mono_ms: u64) -> Now {
    Now { wall_ms, mono_ms, ahead_ms: 0 }
}

#[test]
fn a_clock_hours_off_is_outvoted_by_two_that_agree() {
    let mut time = ClusterTime::default();
    let right = 1_000_000_000_000_u64;
    let now = at(right + 3 * 3_600_000, 5_000);
    let peer = |offset: i64| Interval::around(i64::try_from(right).unwrap() - 5_000 + offset, 10);
    time.weigh(now, 3, [peer(0), peer(40)].into_iter());
    let reading = time.reading(now);
    assert!(reading.synchronised);
    assert!((reading.offset_ms - 3 * HOUR_MS).abs() <= 600, "{reading:?}");
    assert_eq!(time.error_ms().map(u64::from), reading.error_ms);
}

#[test]
fn without_a_majority_the_last_correction_holds_with_a_growing_error() {
    let mut time = ClusterTime::default();
    let peer = Interval::around(1_000_000_000 - 100, 5);
    time.weigh(at(1_000_000_000, 100), 2, [peer].into_iter());
    let before = time.reading(at(1_000_000_000, 100));
    // The peer is gone, and the local clock jumps.
    let later = at(9_000_000_000, 3_600_100);
    time.weigh(later, 2, std::iter::empty());
    let after = time.reading(later);
    assert_eq!(after.cluster_ms, before.cluster_ms + 3_600_000);
    assert!(after.error_ms > before.error_ms);
    assert_eq!((after.synchronised, time.error_ms()), (false, None));
}

#[test]
fn before_anybody_agrees_cluster_time_is_the_local_clock() {
    let mut time = ClusterTime::default();
    time.weigh(at(7_000, 100), 1, std::iter::empty());
    assert_eq!(
        time.reading(at(8_000, 200)),
        Reading { cluster_ms: 8_000, offset_ms: 0, error_ms: None, synchronised: false }
    );
    let hours_off = Interval::around(3 * HOUR_MS, 1);
    time.weigh(at(9_000, 300), 2, [hours_off].into_iter());
    assert_eq!(time.ms(at(9_000, 300)), 9_000, "two that differ decide nothing");
}

#[test]
fn intervals_that_touch_share_their_point() {
    let intervals = [Interval { low: 0, high: 5 }, Interval { low: 5, high: 9 }];
    assert_eq!(intersect(&intervals, 2), Some(Interval { low: 5, high: 5 }));
    assert_eq!(intersect(&intervals, 3), None);
    assert_eq!(intersect(&[], 1), None);
}

fn intervals(around: std::ops::Range<i64>, most: usize) -> impl Strategy<Value = Vec<Interval>> {
    let one = (around, 0..400_i64).prop_map(|(low, width)| Interval { low, high: low + width });
    proptest::collection::vec(one, 0..most)
}

proptest! {
    /// However a minority of the members lies, and whoever of them is not heard, the error given is honest.
    #[test]
    fn the_error_is_honest_though_some_are_not_heard(
        honest in proptest::collection::vec(-500..500_i64, 2..6),
        lies in proptest::collection::vec(-3_000..3_000_i64, 0..5),
        silent in 0..4_usize,
    ) {
        let truth = 1_700_000_000_000_i64;
        let lies = &lies[..lies.len().min(honest.len() - 1)];
        let members = honest.len() + lies.len();
        let heard = honest[1..].iter().skip(silent).chain(lies);
        let mut time = ClusterTime::default();
        let now = at(u64::try_from(truth + honest[0]).unwrap(), 0);
        time.weigh(now, members, heard.map(|off| Interval::around(truth + off, 0)));
        let reading = time.reading(now);
        let off = i64::try_from(reading.cluster_ms).unwrap() - truth;
        prop_assert!(!reading.synchronised || off.unsigned_abs() <= reading.error_ms.unwrap(), "{reading:?}");
    }

    /// However a minority lies, the true time lies within what the rest leads to.
    #[test]
    fn the_true_time_is_never_lost_to_a_minority_of_liars(
        truth in -1_000..1_000_i64,
        margins in proptest::collection::vec((0..300_i64, 0..300_i64), 1..8),
        lies in intervals(-2_000..2_000, 7),
    ) {
        let honest: Vec<_> =
            margins.iter().map(|(a, b)| Interval { low: truth - a, high: truth + b }).collect();
        let lies = &lies[..lies.len().min(honest.len() - 1)];
        let all: Vec<_> = honest.iter().chain(lies).copied().collect();
        let found = intersect(&all, all.len() / 2 + 1).unwrap();
        prop_assert!(found.low <= truth && truth <= found.high, "{found:?}");
    }

    /// The sweep finds what trying every point finds.
    #[test]
    fn it_is_the_smallest_interval_that_holds_every_point_with_enough_agreement(
        all in intervals(-50..50, 8),
        agreeing in 1..5_usize,
    ) {
        let covered = |p: i64| all.iter().filter(|i| i.low <= p && p <= i.high).count() >= agreeing;
        let points: Vec<i64> = (-60..460).filter(|p| covered(*p)).collect();
        let wanted = points.first().zip(points.last()).map(|(low, high)| Interval { low: *low, high: *high });
        prop_assert_eq!(intersect(&all, agreeing), wanted);
    }

    /// In which order the clocks were read changes nothing, and asking for more agreement never widens the answer.
    #[test]
    fn more_agreement_lies_within_less(all in intervals(-500..500, 8), agreeing in 1..5_usize) {
        let mut backwards = all.clone();
        backwards.reverse();
        prop_assert_eq!(intersect(&all, agreeing), intersect(&backwards, agreeing));
        if let Some(inner) = intersect(&all, agreeing + 1) {
            let outer = intersect(&all, agreeing).unwrap();
            prop_assert!(outer.low <= inner.low && inner.high <= outer.high);
        }
    }

    /// Members whose clocks are right within the tolerance end up with cluster times that differ by no more than that.
    #[test]
    fn a_majority_of_right_clocks_agrees_on_cluster_time(
        offsets in proptest::collection::vec(-400..400_i64, 3..8),
        liar in -100_000_000..100_000_000_i64,
        half_rtt in 0..50_u64,
    ) {
        let truth = 1_700_000_000_000_i64;
        let clocks: Vec<i64> = offsets.iter().copied().chain([liar]).collect();
        for me in 0..clocks.len() {
            let mut time = ClusterTime::default();
            let now = at(u64::try_from(truth + clocks[me]).unwrap(), 0);
            let others = clocks.iter().enumerate().filter(|(i, _)| *i != me);
            let others: Vec<_> = others.map(|(_, c)| Interval::around(truth + c, half_rtt)).collect();
            time.weigh(now, clocks.len(), others.into_iter());
            let reading = time.reading(now);
            prop_assert!(reading.synchronised);
            let off = i64::try_from(reading.cluster_ms).unwrap() - truth;
            prop_assert!(off.unsigned_abs() <= reading.error_ms.unwrap());
            prop_assert!(reading.error_ms.unwrap() <= 2_000, "{reading:?}");
        }
    }
}
