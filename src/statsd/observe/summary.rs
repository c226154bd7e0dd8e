//! A summary: count and sum of all values, quantiles of those of the last while. Semantics: client_golang's
//! `prometheus/summary.go`.
//!
//! Each age bucket has a summary of its own ([`recent`](super::recent), then [`aged`](super::aged)); a query walks them together
//! ([`rank`](super::rank)). A bucket is exact until it has more different values than it keeps points (34 by default).

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

/// The point as a step, its rank the middle of where it may be.
fn step(point: &Point, rank: &mut f64) -> Step {
    *rank += point.weight();
    Step { value: point.value(), rank: *rank + point.slack() / 2.0, pure: point.is_pure() }
}

#[allow(clippy::cast_precision_loss)] // Exact to 2^53, as every float sum is.
pub(super) fn weight_to_f64(weight: u64) -> f64 {
    weight as f64
}
