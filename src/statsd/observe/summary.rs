//! A summary: count and sum of all values, quantiles of those of the last while. Semantics: client_golang's
//! `prometheus/summary.go`.
//!
//! Each age bucket has a summary of its own ([`recent`](super::recent), then [`aged`](super::aged)); a query walks them together
//! ([`rank`](super::rank)). A bucket is exact until it has more different values than it keeps points (54 by default).

use super::aged::Aged;
use super::options::SummaryOptions;
use super::rank::{Runs, Step};
use super::recent::{Point, Recent};
use super::tick::{Clock, Tick};

/// One series' summary. Its options are shared and passed in: always pass the same.
#[derive(Debug, Default)]
pub struct Summary {
    count: u64,
    sum: f64,
    recent: Recent,
    /// Only while a bucket that is no longer filled is in the window.
    aged: Option<Box<Aged>>,
    clock: Clock,
}

impl Summary {
    /// An empty summary, without any memory of its own yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value as often as its weight says. `NaN` must not come here.
    pub fn observe(&mut self, options: &SummaryOptions, value: f64, weight: u64, now: Tick) {
        if self.count == 0 {
            self.clock = Clock::starting(options.buckets, now);
        }
        self.turn(options, now);
        self.count = self.count.saturating_add(weight);
        self.sum += value * weight_to_f64(weight);
        self.recent.insert(options, value, weight);
    }

    /// Values ever added; the window doesn't touch it.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Sum of all values ever added.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Appends the values at the quantiles of the options, in their order; `NaN` where the window is empty.
    pub fn quantiles(&mut self, options: &SummaryOptions, now: Tick, answers: &mut Vec<f64>) {
        self.window(options, now).quantiles(options.quantiles().iter().map(|&(q, _)| q), answers);
    }

    /// The value at one quantile. Its error is bounded if the options have the quantile.
    pub fn quantile(&mut self, options: &SummaryOptions, quantile: f64, now: Tick) -> f64 {
        let mut answers = Vec::with_capacity(1);
        self.window(options, now).quantiles(std::iter::once(quantile), &mut answers);
        answers.first().copied().unwrap_or(f64::NAN)
    }

    /// Memory beyond the struct itself.
    pub fn heap_bytes(&self) -> usize {
        self.recent.heap_bytes() + self.aged.as_ref().map_or(0, |aged| size_of::<Aged>() + aged.heap_bytes())
    }

    /// Starts a new bucket if the time has come.
    #[inline]
    fn turn(&mut self, options: &SummaryOptions, now: Tick) {
        if self.clock.is_over(now) {
            self.start_bucket(options, now);
        }
    }

    #[cold]
    fn start_bucket(&mut self, options: &SummaryOptions, now: Tick) {
        let ended = self.clock.bucket;
        self.clock.advance(options.buckets, now);
        // What has left goes first, for the others to have its room.
        if let Some(aged) = &mut self.aged {
            aged.expire(options.buckets, self.clock);
        }
        if !self.recent.is_empty() && self.clock.is_live(options.buckets, ended) {
            self.aged.get_or_insert_default().push(options, ended, self.recent.points());
        }
        self.recent.clear();
        if self.aged.as_ref().is_some_and(|aged| aged.is_empty()) {
            self.aged = None;
        }
    }

    fn window(&mut self, options: &SummaryOptions, now: Tick) -> Runs {
        self.turn(options, now);
        let mut runs = Runs::default();
        let mut rank = 0.0;
        runs.push(self.recent.points().iter().map(|point| step(point, &mut rank)));
        for run in self.aged.iter().flat_map(|aged| aged.runs()) {
            runs.push(run);
        }
        runs
    }
}

/// The point as a step, with its likely rank.
fn step(point: &Point, rank: &mut f64) -> Step {
    *rank += point.weight();
    Step { value: point.value(), rank: *rank + point.slack(), pure: point.is_pure() }
}

#[allow(clippy::cast_precision_loss)] // Exact to 2^53, as every float sum is.
pub(super) fn weight_to_f64(weight: u64) -> f64 {
    weight as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn options(quantiles: &[(f64, f64)], max_age_millis: u64, age_buckets: u32) -> SummaryOptions {
        SummaryOptions::new(quantiles, Duration::from_millis(max_age_millis), age_buckets, 500)
    }

    fn answers(summary: &mut Summary, options: &SummaryOptions, now: Tick) -> Vec<f64> {
        let mut answers = Vec::new();
        summary.quantiles(options, now, &mut answers);
        answers
    }

    #[test]
    fn few_values_are_answered_exactly() {
        let tens = |count: u32| (1..=count).map(|i| f64::from(i) * 10.0 / 1000.0).collect::<Vec<f64>>();
        let common = [(0.5, 0.05), (0.9, 0.01), (0.99, 0.001)];
        for (values, quantiles, want) in [
            (vec![7.0], &common[..], vec![7.0, 7.0, 7.0]),
            (vec![0.1, 0.3], &common, vec![0.1, 0.3, 0.3]),
            (vec![0.2, 0.1, 0.3], &common, vec![0.2, 0.3, 0.3]),
            (tens(20), &common, vec![0.1, 0.18, 0.2]),
            (tens(10), &[(0.95, 0.01), (0.5, 0.05)], vec![0.05, 0.1]),
            (tens(54), &[(0.0, 0.0), (1.0, 0.0)], vec![0.01, 0.54]),
            (vec![f64::NEG_INFINITY, -0.0, f64::INFINITY], &common, vec![0.0, f64::INFINITY, f64::INFINITY]),
            (vec![], &common, vec![]),
        ] {
            let options = options(quantiles, 600_000, 5);
            let mut summary = Summary::new();
            for &value in &values {
                summary.observe(&options, value, 1, 3);
            }
            let got = answers(&mut summary, &options, 4);
            if values.is_empty() {
                assert!(got.iter().all(|answer| answer.is_nan()), "values: {values:?}");
            } else {
                assert_eq!(got, want, "values: {values:?}");
            }
        }
    }

    #[test]
    fn values_leave_with_their_bucket_and_count_and_sum_stay() {
        let options = options(&[(0.5, 0.05)], 1000, 2);
        let mut summary = Summary::new();
        summary.observe(&options, 0.005, 1, 0);
        assert_eq!(summary.quantile(&options, 0.5, 9), 0.005);
        summary.observe(&options, 0.015, 2, 16);
        for (now, want) in [(16, 0.015), (19, 0.015), (24, 0.015), (2, 0.015)] {
            assert_eq!(summary.quantile(&options, 0.5, now), want, "now: {now}");
        }
        assert!(summary.quantile(&options, 0.5, 25).is_nan());
        assert_eq!((summary.count(), summary.sum()), (3, 0.005 + 0.015 * 2.0));
        summary.observe(&options, 5.0, 1, Tick::MAX);
        assert_eq!(summary.quantile(&options, 0.5, Tick::MAX), 5.0);
    }

    #[test]
    fn a_weight_counts_as_so_many_values() {
        let options = SummaryOptions::default();
        let mut summary = Summary::new();
        summary.observe(&options, 1.0, 2_000_000_000, 0);
        summary.observe(&options, 2.0, 1_000_000_000, 0);
        summary.observe(&options, 3.0, 1, 1300);
        assert_eq!((summary.count(), summary.sum()), (3_000_000_001, 4_000_000_003.0));
        assert_eq!(answers(&mut summary, &options, 1300), [1.0, 2.0, 2.0]);
    }

    #[test]
    fn unusual_options_are_borne() {
        for (quantiles, age_buckets) in [(&[(0.5, 0.05)][..], 2_000), (&[], 5), (&[(0.5, 0.0), (1.0, 0.0)], 3)] {
            let options = options(quantiles, 600_000, age_buckets);
            let mut summary = Summary::new();
            for i in 0..6_000_u32 {
                summary.observe(&options, f64::from(i).sin(), 1, i);
            }
            assert!(summary.heap_bytes() < 64 << 10, "{quantiles:?} in {age_buckets}: {}", summary.heap_bytes());
            assert_eq!(answers(&mut summary, &options, 6_000).len(), quantiles.len());
        }
    }

    #[test]
    fn memory_follows_use() {
        let options = SummaryOptions::default();
        assert_eq!((size_of::<Summary>(), Summary::new().heap_bytes()), (64, 0));
        for (values, most) in [(1, 56), (4, 56), (5, 112), (20, 448), (1_000, 952), (100_000, 952)] {
            let mut summary = Summary::new();
            for i in 0..values {
                summary.observe(&options, f64::from(i * 7919 % values), 1, 0);
            }
            assert!(summary.heap_bytes() <= most, "{} bytes for {values} values", summary.heap_bytes());
        }
    }

    /// The promise the README makes: 20,000 timers in 40 MiB, however their values fall on the age buckets.
    #[test]
    fn twenty_thousand_summaries_fit_forty_mebibytes() {
        let options = SummaryOptions::default();
        for buckets in 1..=5 {
            let mut summary = Summary::new();
            for i in 0..1_000_u32 {
                summary.observe(&options, f64::from(i).sin().exp(), 1, i * buckets / 1_000 * 1200);
            }
            let bytes = size_of::<Summary>() + summary.heap_bytes();
            assert!(bytes * 20_000 < 40 << 20, "{bytes} bytes each over {buckets} buckets");
        }
    }

    proptest::proptest! {
        #[test]
        fn quantiles_rise_and_are_values_seen(values in proptest::collection::vec((-1e9..1e9_f64, 1..1000_u64, 0..400_u32), 1..400)) {
            let quantiles: Vec<(f64, f64)> = (0..=20).map(|i| (f64::from(i) / 20.0, 0.02)).collect();
            let options = options(&quantiles, 600_000, 5);
            let (mut summary, mut now, mut count) = (Summary::new(), 0, 0);
            for &(value, weight, pause) in &values {
                now += pause;
                count += weight;
                summary.observe(&options, value, weight, now);
            }
            let answers = answers(&mut summary, &options, now);
            proptest::prop_assert!(answers.is_sorted(), "{answers:?}");
            proptest::prop_assert!(answers.iter().all(|answer| values.iter().any(|(value, ..)| value == answer)));
            proptest::prop_assert_eq!(summary.count(), count);
        }
    }
}
