//! A histogram: how many values are at or below each of some bounds. Unit: the values'.

use super::summary::weight_to_f64;
use crate::model::go_float;
use crate::statsd::bytes::{Bytes, Put};
use std::sync::Arc;

/// Bounds and their labels, shared by all histograms of one mapping rule.
#[derive(Debug, Clone)]
pub struct HistogramOptions {
    bounds: Arc<[f64]>,
    labels: Arc<[Box<str>]>,
}

impl Default for HistogramOptions {
    /// client_golang's `DefBuckets`, which statsd_exporter takes: seconds of a network service.
    fn default() -> Self {
        Self::new(&[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
    }
}

impl HistogramOptions {
    /// Upper bounds in any order; doubles are dropped, and so is `+Inf`, which every histogram has.
    pub fn new(bounds: &[f64]) -> Self {
        let mut bounds: Vec<f64> = bounds.iter().copied().filter(|b| !b.is_nan() && *b < f64::INFINITY).collect();
        bounds.sort_unstable_by(f64::total_cmp);
        bounds.dedup();
        let labels = bounds.iter().chain([&f64::INFINITY]).map(|&b| go_float(b).into_boxed_str()).collect();
        Self { bounds: bounds.into(), labels }
    }

    /// The values of the label `le`, by rising bound, `+Inf` last.
    pub fn labels(&self) -> &[Box<str>] {
        &self.labels
    }
}

/// Counts of each bucket alone. Four bytes each suffice nearly always; the first that would overflow makes all eight.
#[derive(Debug)]
enum Counts {
    Narrow(Box<[u32]>),
    Wide(Box<[u64]>),
}

/// One series' histogram. Its options are shared and passed in: always pass the same.
#[derive(Debug)]
pub struct Histogram {
    counts: Counts,
    sum: f64,
}

impl Histogram {
    /// An empty histogram.
    pub fn new(options: &HistogramOptions) -> Self {
        Self { counts: Counts::Narrow(vec![0; options.labels.len()].into_boxed_slice()), sum: 0.0 }
    }

    /// Adds a value as often as its weight says. `NaN` must not come here.
    pub fn observe(&mut self, options: &HistogramOptions, value: f64, weight: u64) {
        self.counts.add(options.bounds.partition_point(|&bound| bound < value), weight);
        self.sum += value * weight_to_f64(weight);
    }

    /// How many values are at or below each bound, in the order of the labels.
    pub fn cumulative(&self) -> impl Iterator<Item = u64> {
        (0..self.counts.len()).scan(0_u64, |sum, bucket| {
            *sum = sum.saturating_add(self.counts.get(bucket));
            Some(*sum)
        })
    }

    /// Values added.
    pub fn count(&self) -> u64 {
        self.cumulative().last().unwrap_or(0)
    }

    /// Sum of the values added.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Appends itself.
    pub fn save(&self, out: &mut Vec<u8>) {
        out.put_f64(self.sum);
        (0..self.counts.len()).for_each(|bucket| out.put_u64(self.counts.get(bucket)));
    }

    /// As it was saved, with the same options.
    pub fn load(input: &mut Bytes<'_>, options: &HistogramOptions) -> Option<Self> {
        let mut histogram = Self::new(options);
        histogram.sum = input.f64()?;
        for bucket in 0..histogram.counts.len() {
            histogram.counts.add(bucket, input.u64()?);
        }
        Some(histogram)
    }

    /// Memory beyond the struct itself.
    pub fn heap_bytes(&self) -> usize {
        match &self.counts {
            Counts::Narrow(counts) => size_of_val::<[u32]>(counts),
            Counts::Wide(counts) => size_of_val::<[u64]>(counts),
        }
    }
}

impl Counts {
    fn len(&self) -> usize {
        match self {
            Self::Narrow(counts) => counts.len(),
            Self::Wide(counts) => counts.len(),
        }
    }

    fn get(&self, bucket: usize) -> u64 {
        match self {
            Self::Narrow(counts) => counts.get(bucket).copied().map_or(0, u64::from),
            Self::Wide(counts) => counts.get(bucket).copied().unwrap_or(0),
        }
    }

    fn add(&mut self, bucket: usize, weight: u64) {
        let sum = self.get(bucket).saturating_add(weight);
        match self {
            Self::Narrow(counts) => match (u32::try_from(sum), counts.get_mut(bucket)) {
                (Ok(sum), Some(count)) => *count = sum,
                (Err(_), Some(_)) => {
                    *self = Self::Wide(counts.iter().copied().map(u64::from).collect());
                    self.add(bucket, weight);
                }
                (_, None) => {}
            },
            Self::Wide(counts) => {
                if let Some(count) = counts.get_mut(bucket) {
                    *count = sum;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_sorted_and_labelled_as_go_does() {
        for (bounds, want) in [
            (vec![], vec!["+Inf"]),
            (vec![1e6, 0.005, 1.0, 1.0, f64::INFINITY], vec!["0.005", "1", "1e+06", "+Inf"]),
            (vec![f64::NAN, f64::NEG_INFINITY, -1.0], vec!["-Inf", "-1", "+Inf"]),
        ] {
            let options = HistogramOptions::new(&bounds);
            let labels: Vec<&str> = options.labels().iter().map(AsRef::as_ref).collect();
            assert_eq!(labels, want, "bounds: {bounds:?}");
        }
    }

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let options = HistogramOptions::new(&[1.0, 2.0]);
        let mut histogram = Histogram::new(&options);
        for (value, weight) in [(1.0, 1), (1.5, 2), (2.0, 3), (2.1, 4), (f64::INFINITY, 5), (-1.0, 6)] {
            histogram.observe(&options, value, weight);
        }
        assert_eq!(histogram.cumulative().collect::<Vec<_>>(), [7, 12, 21]);
        assert_eq!((histogram.count(), histogram.sum()), (21, f64::INFINITY));
    }

    #[test]
    fn counts_outgrow_four_bytes() {
        let options = HistogramOptions::default();
        let mut histogram = Histogram::new(&options);
        assert_eq!(histogram.heap_bytes(), 12 * 4);
        for weight in [u64::from(u32::MAX), 1, 2_000_000_000, u64::MAX] {
            histogram.observe(&options, 0.05, weight);
            histogram.observe(&options, 7.0, 1);
        }
        assert_eq!(histogram.cumulative().nth(2), Some(0));
        assert_eq!(histogram.cumulative().nth(3), Some(u64::MAX));
        assert_eq!((histogram.count(), histogram.heap_bytes()), (u64::MAX, 12 * 8));
    }

    proptest::proptest! {
        #[test]
        fn no_value_is_lost(values: Vec<(f64, u32)>) {
            let options = HistogramOptions::default();
            let mut histogram = Histogram::new(&options);
            let mut count = 0;
            for (value, weight) in values.into_iter().filter(|(value, _)| !value.is_nan()) {
                histogram.observe(&options, value, u64::from(weight));
                count += u64::from(weight);
            }
            let cumulative: Vec<u64> = histogram.cumulative().collect();
            proptest::prop_assert!(cumulative.is_sorted());
            proptest::prop_assert_eq!(histogram.count(), count);
        }
    }
}
