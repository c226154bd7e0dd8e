//! A summary: count and sum of all values, quantiles of those of the last while. Semantics: client_golang's
//! `prometheus/summary.go`.
//!
//! New values wait in a log, from which they go to the [`Stream`] of their age bucket, some at a time. While different
//! values are few, streams keep all of them. A stream goes with its bucket. A query asks all streams and the log at once
//! (see [`rank`]).

use super::options::SummaryOptions;
use super::packed::{Packed, Points};
use super::rank::{self, Step};
use super::stream::{Sample, Stream, is_weight};
use super::tick::{Clock, Saved, Tick};
use crate::statsd::bytes::{Bytes, Put};

/// So many different values of a window are all kept.
const FEW: usize = 112;
/// Values that wait for streams. More make one step of work do for more of them, and cost memory.
const LOG: usize = 24;
/// How the log grows: at first to twice its length.
const FIRST_GROWTH: usize = 4;
const MOST_GROWTH: usize = 8;

/// One series' summary. Its options are shared and passed in: always pass the same.
#[derive(Debug, Default)]
pub struct Summary {
    count: u64,
    sum: f64,
    /// Values that no stream has yet, of any bucket.
    log: Vec<Sample>,
    streams: Packed,
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
        let total = kept + self.streams.iter(options).map(|stream| stream.total).sum::<f64>();
        let streams = self.streams.iter(options).map(|stream| List::Stream(stream.points));
        let log = List::Log(self.log.iter());
        rank::quantiles(streams.chain([log]), total, options.quantiles(), answers);
    }

    /// Appends itself, as of now.
    pub fn save(&self, options: &SummaryOptions, now: Tick, out: &mut Vec<u8>) {
        out.put_u64(self.count);
        out.put_f64(self.sum);
        self.clock.save(now, out);
        out.put_list(&self.log, |out, sample| {
            out.put_f64(sample.value);
            out.put_f32(sample.weight);
            out.put_u16(sample.bucket);
        });
        let streams: Vec<Stream> = self.streams.iter(options).map(|stream| Stream::unpack(stream, 0)).collect();
        out.put_list(&streams, |out, stream| stream.save(out));
    }

    /// As it was saved.
    pub fn load(options: &SummaryOptions, input: &mut Bytes<'_>, saved: Saved) -> Option<Self> {
        let (count, sum, clock) = (input.u64()?, input.f64()?, Clock::load(input, saved)?);
        let log = input.list(|input| {
            let sample = Sample { value: input.f64()?, weight: input.f32()?, bucket: input.u16()? };
            (!{ sample.value }.is_nan() && is_weight(sample.weight)).then_some(sample)
        })?;
        let mut summary = Self { count, sum, log, streams: Packed::default(), clock };
        let (filled, mut room) = (summary.bucket(), Vec::new());
        for stream in input.list(Stream::load)? {
            summary.streams.put(options, &stream, stream.bucket == filled, &mut room);
        }
        Some(summary)
    }

    /// Memory beyond the struct itself.
    pub fn heap_bytes(&self) -> usize {
        self.log.capacity() * size_of::<Sample>() + self.streams.heap_bytes()
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
        if !self.streams.is_empty() {
            // Streams of ended buckets have their slack for granted: values that came later would find it wide.
            self.sort();
            self.hand_on(options);
        }
        self.clock.advance(options.buckets, now);
        if !self.clock.is_live(options.buckets, ended) {
            self.log.clear();
            self.streams = Packed::default();
        }
        let (bucket, count) = (self.bucket(), options.buckets.count);
        let is_live = |of: u16| u32::from(bucket.wrapping_sub(of)) < count;
        self.log.retain(|sample| is_live(sample.bucket));
        self.streams.turn(options, bucket, is_live);
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
        if capacity < LOG {
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
        let (filled, mut room) = (self.bucket(), Vec::new());
        let points: usize = self.streams.iter(options).map(|stream| stream.points.len()).sum();
        let are_few = points + self.log.len() <= FEW;
        while let Some(&Sample { bucket, .. }) = self.log.last() {
            let kept = self.streams.iter(options).find(|kept| kept.bucket == bucket);
            let mut stream = kept.map_or_else(|| Stream::new(bucket), |kept| Stream::unpack(kept, LOG));
            stream.merge(self.log.iter().filter(|sample| sample.bucket == bucket));
            if !are_few {
                stream.thin(options);
            }
            self.streams.put(options, &stream, bucket == filled, &mut room);
            self.log.retain(|sample| sample.bucket != bucket);
        }
    }
}

/// The values of a stream, or those that no stream has.
enum List<'a> {
    Stream(Points<'a>),
    Log(std::slice::Iter<'a, Sample>),
}

impl Iterator for List<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        match self {
            Self::Stream(points) => points.next().map(|point| point.step()),
            Self::Log(samples) => samples.next().map(Sample::step),
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
        assert_eq!((size_of::<Summary>(), Summary::new().heap_bytes()), (64, 0));
        for (values, most) in [(1, 56), (4, 56), (5, 112), (24, 336), (100, 800), (1_000, 800), (100_000, 1_000)] {
            let mut summary = Summary::new();
            for i in 0..values {
                summary.observe(&options, f64::from(i * 7919 % values), 1, 0);
            }
            assert!(summary.heap_bytes() <= most, "{} bytes for {values} values", summary.heap_bytes());
        }
    }

    /// What docs/mapping.md says of memory: of milliseconds with no or three digits behind the point, and of what has
    /// seventeen digits.
    #[test]
    fn memory_is_what_the_documents_say() {
        let options = SummaryOptions::default();
        let digits = |factor: f64| move |value: f64| (value * factor).round() / factor / 1000.0;
        type Write<'a> = &'a dyn Fn(f64) -> f64;
        let forms: [Write<'_>; 3] = [&digits(1.0), &digits(1000.0), &|value| value];
        for (values, buckets, most) in [
            (100, 5, [800, 900, 1_500]),
            (1_000, 1, [800, 800, 1_400]),
            (1_000, 5, [1_100, 1_400, 3_000]),
            (20_000, 5, [1_200, 1_700, 4_100]),
            (200_000, 5, [1_400, 2_100, 6_200]),
        ] {
            for (form, most) in forms.iter().zip(most) {
                let mut summary = Summary::new();
                for i in 0..values {
                    let value = f64::from(i).sin().exp() * 100.0;
                    summary.observe(&options, form(value), 1, i * buckets / values * 1200);
                }
                let bytes = size_of::<Summary>() + summary.heap_bytes();
                assert!(bytes <= most, "{bytes} bytes of {values} values in {buckets} buckets");
            }
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
