//! What a summary promises: its quantiles, how far off each may be, and for how long a value counts.

use super::tick::Buckets;
use std::sync::Arc;
use std::time::Duration;

/// No stream of values is kept in more points than this, whatever errors were asked for.
pub(super) const MAX_POINTS: u16 = 1024;
const MIN_POINTS: u16 = 32;
/// Steps finer than a twentieth of the window are not made: each bucket costs memory and time.
const MAX_AGE_BUCKETS: u32 = 20;
/// The least error that can be asked for: the most points come far from it.
const MIN_ERROR: f64 = 1e-6;
/// Points kept to those that cover all ranks when each is as wide as allowed. On the way, twice as many are needed
/// for values in any usual order; the rest is room for values that drift (found with the streams in `accuracy`).
const POINTS_FACTOR: f64 = 4.0;
/// Of the largest error asked for, how wide points may be away from the quantiles; of the least, how wide always.
const WIDEST: f64 = 0.75;
const NARROWEST: f64 = 1.0 / 16.0;

/// Options shared by all summaries of one mapping rule.
#[derive(Debug, Clone)]
pub struct SummaryOptions {
    quantiles: Arc<[(f64, f64)]>,
    width: Width,
    pub(super) buckets: Buckets,
    /// Points that a stream of values is kept to.
    pub(super) points: u16,
}

/// How wide a range of ranks may be, by where it lies; all as parts of the count.
///
/// For a quantile q with error e, a range that q is in may have twice e. It must have kept to that when values were fewer
/// and it lay elsewhere. Cormode et al. ("Effective Computation of Biased Quantiles over Data Streams", 2005) let it
/// grow to both sides of the quantile, in proportion to the ranks below and above. Of a quantile in the upper half we let
/// it grow downwards only, and shrink on to the top (in the lower half, the other way round): where values come to lie
/// above all before, the points they fall between are then narrow already. That costs some points and bears drift.
#[derive(Debug, Clone, Copy)]
struct Width {
    /// For each rank above.
    above: f64,
    /// For each rank below.
    below: f64,
    most: f64,
    least: f64,
}

impl Width {
    fn new(quantiles: &[(f64, f64)]) -> Self {
        let mut width = Self { above: f64::INFINITY, below: f64::INFINITY, most: 0.0, least: 1.0 };
        for &(q, error) in quantiles {
            let twice = 2.0 * error.max(MIN_ERROR);
            // The lowest and the highest value are always kept: at 0 and 1 nothing is to be done.
            if (0.5..1.0).contains(&q) {
                width.above = width.above.min(twice / (1.0 - q));
            } else if q > 0.0 && q < 0.5 {
                width.below = width.below.min(twice / q);
            }
            width.most = width.most.max(twice * WIDEST);
            width.least = width.least.min(twice * NARROWEST);
        }
        width
    }
}

impl Default for SummaryOptions {
    /// The defaults of statsd_exporter.
    fn default() -> Self {
        Self::new(&[(0.5, 0.05), (0.9, 0.01), (0.99, 0.001)], Duration::from_secs(600), 5, 500)
    }
}

impl SummaryOptions {
    /// `quantiles` are pairs of a quantile and the rank error it may have, both of 0 to 1. `buf_cap` is taken for the
    /// mapping file's sake: the buffer it sizes elsewhere doesn't exist here, and no answer depends on it.
    pub fn new(quantiles: &[(f64, f64)], max_age: Duration, age_buckets: u32, _buf_cap: u32) -> Self {
        let mut sorted: Vec<(f64, f64)> = quantiles.iter().copied().filter(|(q, _)| (0.0..=1.0).contains(q)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        sorted.dedup_by(|a, b| a.0 == b.0);
        let mut options = Self {
            width: Width::new(&sorted),
            quantiles: sorted.into(),
            buckets: Buckets::new(max_age, age_buckets.min(MAX_AGE_BUCKETS)),
            points: 0,
        };
        options.points = to_points(options.least_points() * POINTS_FACTOR);
        options
    }

    /// The quantiles and their errors, by rising quantile.
    pub fn quantiles(&self) -> &[(f64, f64)] {
        &self.quantiles
    }

    /// How wide a range of ranks of a count may be.
    #[inline]
    pub(super) fn allowed(&self, from: f64, to: f64, count: f64) -> f64 {
        let Width { above, below, most, least } = self.width;
        // Where no quantile narrows it, infinity times nothing is NaN, which `min` passes over.
        (above * (count - to)).min(below * from).min(most * count).max(least * count)
    }

    /// How much slack a point may have at the most, by the weight below and up to it, and by its own.
    #[inline]
    pub(super) fn slack(&self, below: f64, rank: f64, weight: f64, count: f64) -> f64 {
        let Width { above, below: rise, most, least } = self.width;
        // The width for which weight and slack are just allowed, where slack adds to the rank.
        let falling = (above * (count - rank) - weight) / (1.0 + above);
        falling.min(rise * below - weight).min(most * count - weight).max(least * count - weight).max(0.0)
    }

    /// How many points cover all ranks when each is as wide as allowed: a walk along the ranks.
    fn least_points(&self) -> f64 {
        let (mut rank, mut points) = (0.0, 1.0);
        while rank < 1.0 && points < f64::from(MAX_POINTS) {
            rank += self.allowed(rank, rank, 1.0);
            points += 1.0;
        }
        points
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Clamped to the range.
fn to_points(points: f64) -> u16 {
    points.clamp(f64::from(MIN_POINTS), f64::from(MAX_POINTS)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_follow_from_the_errors_asked_for() {
        let points = |quantiles: &[(f64, f64)]| SummaryOptions::new(quantiles, Duration::from_secs(600), 5, 0).points;
        let common = [(0.5, 0.05), (0.9, 0.01), (0.99, 0.001)];
        let ends = [(0.0, 0.01), (1.0, 0.01), (f64::NAN, 0.1)];
        let cases: [&[(f64, f64)]; 5] = [&[], &[(0.5, 0.05)], &common, &[(0.5, 0.0)], &ends];
        assert_eq!(cases.map(points), [32, 104, 176, 1024, 272]);
    }

    #[test]
    fn a_range_around_a_quantile_has_twice_its_error() {
        let quantiles = [(0.05, 0.005), (0.5, 0.05), (0.9, 0.01), (0.99, 0.001)];
        let options = SummaryOptions::new(&quantiles, Duration::from_secs(600), 5, 0);
        for (quantile, error) in quantiles {
            for (from, to) in [(0.0, 0.0), (0.01, 0.0), (0.0, 0.01), (0.004, 0.004)] {
                let allowed = options.allowed((quantile - from) * 1e6, (quantile + to) * 1e6, 1e6);
                assert!(allowed <= error * 2e6, "quantile: {quantile}, from {from} below to {to} above: {allowed}");
            }
        }
        assert!(options.allowed(7e5, 7e5, 1e6) > 2e4 && options.allowed(9.99e5, 9.99e5, 1e6) < 2e3);
    }
}
