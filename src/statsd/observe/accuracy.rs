//! Quantiles against exact ranks, over streams that are hard on summaries. Smaller in debug builds.

use super::options::SummaryOptions;
use super::summary::Summary;
use super::tick::Tick;

const COUNT: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
/// Memory beyond the struct itself, by the age buckets that have values.
const MOST_BYTES: [usize; 5] = [2_500, 4_500, 0, 0, 10_000];
/// Ticks of one age bucket of the default options.
const BUCKET: Tick = 1200;

/// Numbers that are the same in every run. Source: Steele et al., SplitMix64, 2014.
struct Random(u64);

impl Random {
    /// In (0, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.next().ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos()
    }
}

/// A name, and the i-th value of the stream.
type Stream = (&'static str, fn(usize, &mut Random) -> f64);

const STREAMS: &[Stream] = &[
    ("uniform", |_, random| random.next()),
    ("log-normal", |_, random| (2.0 * random.normal()).exp()),
    ("Pareto", |_, random| random.next().powf(-2.0)),
    ("normal, below zero too", |_, random| random.normal()),
    ("sorted", |i, _| i as f64),
    ("reverse sorted", |i, _| -(i as f64)),
    ("sawtooth", |i, _| (i % 1013) as f64),
    ("slow sawtooth", |i, _| (i % (COUNT / 7)) as f64),
    ("all equal", |_, _| 0.1),
    ("whole milliseconds", |_, random| (20.0 * random.normal().exp()).round() / 1000.0),
    ("two values", |_, random| if random.next() < 0.9895 { 0.1 } else { 5.0 }),
    ("spreading out", |i, _| if i % 2 == 0 { i as f64 } else { -(i as f64) }),
    ("growing steps", |i, random| (i as f64).sqrt() * random.next()),
    ("shifting by bucket", |i, random| random.next() * 10_f64.powf((5 * i / COUNT) as f64)),
    ("shifting down by bucket", |i, random| random.next() * 0.5_f64.powf((5 * i / COUNT) as f64)),
];

/// Streams whose values all fall between the same neighbours: the ranges of their ranks can't be narrowed in bounded
/// memory, and what is kept is a guess.
const CONVERGING: &[Stream] = &[
    ("closing in", |i, _| if i % 2 == 0 { 1.0 / (1.0 + i as f64) } else { -1.0 / (1.0 + i as f64) }),
    ("rising, tail falling", |i, _| if i % 100 == 0 { 1e9 - i as f64 } else { i as f64 }),
];

/// The worst error in rank, in parts of what is allowed.
fn worst_error(answers: &[f64], options: &SummaryOptions, sorted: &[(f64, u64)]) -> f64 {
    let total: u64 = sorted.iter().map(|v| v.1).sum();
    let below = |limit: f64, with: bool| -> u64 {
        sorted.iter().take_while(|v| v.0 < limit || (with && v.0 == limit)).map(|v| v.1).sum()
    };
    let error = |(&answer, &(quantile, allowed)): (&f64, &(f64, f64))| {
        let rank = (quantile * total as f64).ceil();
        let (first, last) = (below(answer, false) as f64 + 1.0, below(answer, true) as f64);
        assert!(last >= first, "{answer} was never observed");
        f64::max(first - rank, rank - last).max(0.0) / total as f64 / allowed
    };
    answers.iter().zip(options.quantiles()).map(error).fold(0.0, f64::max)
}

fn sorted(values: &[(f64, u64)]) -> Vec<(f64, u64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    sorted
}

fn ticks_until(bucket: usize) -> Tick {
    Tick::try_from(bucket).unwrap() * BUCKET
}

/// Spreads a stream over some age buckets, and compares as each bucket and as the window ends.
fn check(stream: &Stream, options: &SummaryOptions, buckets: usize, weight: fn(usize) -> u64) -> (f64, usize) {
    let (mut random, mut summary, mut answers) = (Random(7), Summary::new(), Vec::new());
    let values: Vec<(f64, u64)> = (0..COUNT).map(|i| ((stream.1)(i, &mut random), weight(i))).collect();
    let (mut worst, mut most) = (0.0_f64, 0);
    let share = COUNT / buckets;
    let mut compare = |summary: &mut Summary, values: &[(f64, u64)], now| {
        answers.clear();
        summary.quantiles(options, now, &mut answers);
        let error = worst_error(&answers, options, &sorted(values));
        worst = worst.max(error);
    };
    for (i, &(value, weight)) in values.iter().enumerate() {
        let now = ticks_until(i / share);
        summary.observe(options, value, weight, now);
        if i % share == share - 1 || i == share / 10 {
            compare(&mut summary, &values[..=i], now);
        }
        most = most.max(summary.heap_bytes());
    }
    // As buckets leave, what stays must be as good alone.
    for left in 1..buckets {
        compare(&mut summary, &values[left * share..], ticks_until(left + 4));
    }
    (worst, most)
}

fn assert_errors(streams: &[Stream], most: f64) {
    let options = SummaryOptions::default();
    for stream in streams {
        for buckets in [1, 2, 5] {
            for weight in [|_| 1, |i| [1, 10, 3, 1000][i % 4]] {
                let (error, bytes) = check(stream, &options, buckets, weight);
                assert!(error <= most, "{}: {error:.2} of the allowed error over {buckets} buckets", stream.0);
                assert!(bytes <= MOST_BYTES[buckets - 1], "{}: {bytes} bytes over {buckets} buckets", stream.0);
                println!("{}: {error:.2} of the allowed error over {buckets} buckets, {bytes} bytes", stream.0);
            }
        }
    }
}

#[test]
fn errors_are_within_what_was_asked_for() {
    assert_errors(STREAMS, 1.0);
}

#[test]
fn converging_streams_are_off_by_a_bounded_part() {
    assert_errors(CONVERGING, 10.0);
}
