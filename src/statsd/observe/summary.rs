//! A summary: count and sum of all values, quantiles of those of the last while. Semantics: client_golang's
//! `prometheus/summary.go`.
//!
//! While values are few, all of the window are kept, each with its age bucket. When they become more, they go to the
//! [`Stream`] of their bucket, which goes with it. A query asks all streams and what is kept besides at once (see
//! [`rank`]).

use super::options::SummaryOptions;
use super::rank::{self, Step};
use super::stream::{Bench, Sample, Stream};
use super::tick::{Clock, Saved, Tick};
use crate::statsd::bytes::{Bytes, Put};

/// Values of a window that are kept as they came: with all else some 2 KiB, which streams of so many would exceed.
const FEW: usize = 112;
/// Values that wait for streams. More make one step of work do for more of them, and cost memory.
const LOG: usize = 32;
/// How the log grows: at first to twice its length.
const FIRST_GROWTH: usize = 4;
const MOST_GROWTH: usize = 16;

/// One series' summary. Its options are shared and passed in: always pass the same.
#[derive(Debug, Default)]
pub struct Summary {
    count: u64,
    sum: f64,
    /// Values that no stream has yet.
    log: Vec<Sample>,
    /// Of buckets that had more values than the log takes.
    streams: Vec<Stream>,
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
        if self.log.len() == self.log.capacity() {
            self.make_room(options);
        }
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // See `Sample`.
        self.log.push(Sample { value, weight: weight as f32, bucket: self.bucket() });
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
        self.turn(options, now);
        self.sort();
        let kept: f64 = self.log.iter().map(|sample| f64::from(sample.weight)).sum();
        let total = kept + self.streams.iter().map(Stream::total).sum::<f64>();
        let streams = self.streams.iter().map(|stream| List::Stream(stream.steps()));
        let log = List::Log(self.log.iter().map(Sample::step));
        rank::quantiles(streams.chain([log]), total, options.quantiles(), answers);
    }

    /// Appends itself, as of now.
    pub fn save(&self, now: Tick, out: &mut Vec<u8>) {
        out.put_u64(self.count);
        out.put_f64(self.sum);
        self.clock.save(now, out);
        out.put_list(&self.log, |out, sample| {
            out.put_f64(sample.value);
            out.put_f32(sample.weight);
            out.put_u16(sample.bucket);
        });
        out.put_list(&self.streams, |out, stream| stream.save(out));
    }

    /// As it was saved.
    pub fn load(input: &mut Bytes<'_>, saved: Saved) -> Option<Self> {
        let (count, sum, clock) = (input.u64()?, input.f64()?, Clock::load(input, saved)?);
        let log = input.list(|input| {
            let sample = Sample { value: input.f64()?, weight: input.f32()?, bucket: input.u16()? };
            let is_one = !{ sample.value }.is_nan() && sample.weight > 0.0 && { sample.weight }.is_finite();
            is_one.then_some(sample)
        })?;
        Some(Self { count, sum, log, streams: input.list(Stream::load)?, clock })
    }

    /// Memory beyond the struct itself.
    pub fn heap_bytes(&self) -> usize {
        let streams = self.streams.iter().map(Stream::heap_bytes).sum::<usize>();
        self.log.capacity() * size_of::<Sample>() + self.streams.capacity() * size_of::<Stream>() + streams
    }

    /// The number of the bucket that is filled, of which a window has far fewer than 2^16.
    #[allow(clippy::cast_possible_truncation)]
    fn bucket(&self) -> u16 {
        self.clock.bucket as u16
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
        if !self.clock.is_live(options.buckets, ended) {
            self.log.clear();
            self.streams.clear();
        }
        let (bucket, count) = (self.bucket(), options.buckets.count);
        let is_live = |of: u16| u32::from(bucket.wrapping_sub(of)) < count;
        self.log.retain(|sample| is_live(sample.bucket));
        self.streams.retain(|stream| is_live(stream.bucket));
        self.streams.iter_mut().for_each(Stream::close);
        if self.streams.is_empty() {
            self.streams = Vec::new();
        }
    }

    /// Makes the log longer, or empties it.
    #[cold]
    fn make_room(&mut self, options: &SummaryOptions) {
        let capacity = self.log.capacity();
        self.sort();
        // Equal values have become one: where that made room, none is asked for.
        if self.log.len() * 4 <= capacity * 3 {
            return;
        }
        let most = if self.streams.is_empty() { FEW } else { LOG };
        if capacity < most {
            let growth = capacity.clamp(FIRST_GROWTH, MOST_GROWTH);
            self.log.reserve_exact(capacity + growth - self.log.len());
        } else {
            self.hand_on(options);
        }
    }

    /// Sorts the log, and makes one of equal values of one bucket.
    fn sort(&mut self) {
        self.log
            .sort_unstable_by(|a, b| { a.value }.total_cmp(&{ b.value }).then_with(|| { a.bucket }.cmp(&{ b.bucket })));
        self.log.dedup_by(|later, earlier| {
            let same = later.value == earlier.value && later.bucket == earlier.bucket;
            if same {
                earlier.weight += later.weight;
            }
            same
        });
    }

    /// Hands the sorted log to the streams of its buckets.
    fn hand_on(&mut self, options: &SummaryOptions) {
        let filled = self.bucket();
        let mut bench = Bench::default();
        while let Some(&Sample { bucket, .. }) = self.log.last() {
            let stream = match self.streams.iter().position(|stream| stream.bucket == bucket) {
                Some(at) => &mut self.streams[at],
                None => {
                    self.streams.reserve_exact(1);
                    self.streams.push_mut(Stream::new(bucket))
                }
            };
            stream.merge(options, self.log.iter().filter(|sample| sample.bucket == bucket), &mut bench);
            if bucket != filled {
                stream.close();
            }
            self.log.retain(|sample| sample.bucket != bucket);
        }
        self.log.shrink_to(LOG);
    }
}

/// The values of a stream, or those that no stream has.
enum List<S, L> {
    Stream(S),
    Log(L),
}

impl<S: Iterator<Item = Step>, L: Iterator<Item = Step>> Iterator for List<S, L> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        match self {
            Self::Stream(steps) => steps.next(),
            Self::Log(steps) => steps.next(),
        }
    }
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
        assert_eq!(answers(&mut summary, &options, 9), [0.005]);
        summary.observe(&options, 0.015, 2, 16);
        for (now, want) in [(16, 0.015), (19, 0.015), (24, 0.015), (2, 0.015)] {
            assert_eq!(answers(&mut summary, &options, now), [want], "now: {now}");
        }
        assert!(answers(&mut summary, &options, 25)[0].is_nan());
        assert_eq!((summary.count(), summary.sum()), (3, 0.005 + 0.015 * 2.0));
        summary.observe(&options, 5.0, 1, Tick::MAX);
        assert_eq!(answers(&mut summary, &options, Tick::MAX), [5.0]);
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
        assert_eq!((size_of::<Summary>(), Summary::new().heap_bytes()), (72, 0));
        for (values, most) in [(1, 56), (4, 56), (5, 112), (20, 448), (1_000, 1_800), (100_000, 2_100)] {
            let mut summary = Summary::new();
            for i in 0..values {
                summary.observe(&options, f64::from(i * 7919 % values), 1, 0);
            }
            assert!(summary.heap_bytes() <= most, "{} bytes for {values} values", summary.heap_bytes());
        }
    }

    /// What docs/mapping.md says of memory: 20,000 timers fit in 40 MiB while their values are few, or of one age bucket.
    #[test]
    fn memory_is_what_the_documents_say() {
        let options = SummaryOptions::default();
        for (values, buckets, most) in [(100, 5, 2_097), (1_000, 1, 2_097), (1_000, 5, 4_200), (20_000, 5, 6_500)] {
            let mut summary = Summary::new();
            for i in 0..values {
                summary.observe(&options, f64::from(i).sin().exp(), 1, i * buckets / values * 1200);
            }
            let bytes = size_of::<Summary>() + summary.heap_bytes();
            assert!(bytes <= most, "{bytes} bytes of {values} values in {buckets} buckets");
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
