//! What a summary promises: its quantiles, how far off each may be, and for how long a value counts.

use super::tick::Buckets;
use std::sync::Arc;
use std::time::Duration;

/// A summary of one bucket never keeps more points than this, whatever errors were asked for.
const MAX_POINTS: u16 = 1024;
const MIN_POINTS: u16 = 16;
/// Steps finer than a fiftieth of the window are not made: each bucket costs memory.
const MAX_AGE_BUCKETS: u32 = 50;
/// The least error that can be asked for: the most points come far from it.
const MIN_ERROR: f64 = 1e-6;
/// Points kept to those a summary made at leisure would need: twice, as one made on the way is that much coarser.
const POINTS_FACTOR: f64 = 2.0;
/// Memory for accuracy, once more: found with the streams in `accuracy`, for 20,000 busy summaries to fit 40 MiB.
const AGED_FACTOR: f64 = 0.5;

/// Options shared by all summaries of one mapping rule.
#[derive(Debug, Clone)]
pub struct SummaryOptions {
    quantiles: Arc<[(f64, f64)]>,
    tents: Arc<[Tent]>,
    pub(super) buckets: Buckets,
    /// Points one bucket's summary is kept to.
    pub(super) points: u16,
    /// Points that all buckets no longer filled are kept to, together.
    pub(super) aged_points: u16,
}

/// The error one quantile allows at any rank: least at the quantile, growing to both sides (Cormode et al., "Effective
/// Computation of Biased Quantiles over Data Streams", 2005: targeted quantiles).
#[derive(Debug, Clone, Copy)]
struct Tent {
    above: f64,
    below: f64,
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
        let tent = |&(q, error): &(f64, f64)| {
            let error = error.max(MIN_ERROR);
            Tent { above: error / q.max(1e-9), below: error / (1.0 - q).max(1e-9) }
        };
        let mut options = Self {
            tents: sorted.iter().map(tent).collect(),
            quantiles: sorted.into(),
            buckets: Buckets::new(max_age, age_buckets.min(MAX_AGE_BUCKETS)),
            points: 0,
            aged_points: 0,
        };
        options.points = to_points(options.least_points() * POINTS_FACTOR);
        // Of buckets of equal count, one with k younger ones has this share of the points of one alone: see `aged`.
        let shares: f64 = (0..options.buckets.count - 1).map(|k| (1.0 + f64::from(k) / 2.0).sqrt().recip()).sum();
        options.aged_points = to_points(f64::from(options.points) * shares * AGED_FACTOR);
        options
    }

    /// The quantiles and their errors, by rising quantile.
    pub fn quantiles(&self) -> &[(f64, f64)] {
        &self.quantiles
    }

    /// The error in rank allowed at a rank, both as parts of the count.
    pub(super) fn allowed(&self, rank: f64) -> f64 {
        self.tents.iter().fold(1.0, |least, t| f64::min(least, f64::max(t.above * rank, t.below * (1.0 - rank))))
    }

    /// How many points cover all ranks when neighbours are twice the allowed error apart: a walk along the ranks.
    fn least_points(&self) -> f64 {
        let (mut rank, mut points) = (0.0, 1.0);
        while rank < 1.0 && points < f64::from(MAX_POINTS) {
            rank += 2.0 * self.allowed(rank).max(1e-6);
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
        let points = |quantiles: &[(f64, f64)]| {
            let options = SummaryOptions::new(quantiles, Duration::from_secs(600), 5, 0);
            (options.points, options.aged_points)
        };
        assert_eq!(points(&[]), (16, 25));
        assert_eq!(points(&[(0.5, 0.05)]), (16, 25));
        assert_eq!(points(&[(0.5, 0.05), (0.9, 0.01), (0.99, 0.001)]), (54, 85));
        assert_eq!(points(&[(0.5, 0.0)]), (1024, 1024));
        assert_eq!(points(&[(0.0, 0.01), (1.0, 0.01), (f64::NAN, 0.1)]).0, 16);
    }

    #[test]
    fn the_allowed_error_is_least_at_the_quantiles() {
        let options = SummaryOptions::default();
        for &(quantile, error) in options.quantiles() {
            assert!((options.allowed(quantile) - error).abs() < 1e-12, "quantile: {quantile}");
        }
        assert!(options.allowed(0.7) > 0.01 && options.allowed(0.999) > 0.001);
    }
}
