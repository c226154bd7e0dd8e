//! The values of one age bucket, in bounded memory: Greenwald and Khanna's summary ("Space-Efficient Online Computation of
//! Quantile Summaries", 2001), with an allowed error that narrows towards the quantiles asked for (see
//! [`options`](super::options)). As long as all different values fit, it is all values.

use super::options::SummaryOptions;
use super::rank::Step;
use crate::statsd::bytes::{Bytes, Put};

/// What the easing loses when points are too many, and gains back with each merge.
const EASE: f32 = 0.1;
const RECOVER: f32 = 0.01;
/// How the allowed error grows where not even that makes room.
const STRETCH: f64 = 1.5;
/// Room is made for so many points at a time.
const ROOM: usize = 16;

/// A value and how often it came; of an age bucket. Fourteen bytes, as a [`Point`] is.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(2))]
pub struct Sample {
    pub value: f64,
    /// Exact to 16 million; from there on off by 6e-8 of itself, a ten-thousandth of the least error asked for by default.
    pub weight: f32,
    pub bucket: u16,
}

impl Sample {
    /// As of a list whose ranks are known.
    pub fn step(&self) -> Step {
        Step { value: self.value, weight: f64::from(self.weight), span: 0.0 }
    }
}

/// A value, and the weight of all values above the point before it, up to and with it. Fourteen bytes: padding would be
/// an eighth of a busy summary.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(2))]
struct Point {
    value: f64,
    weight: f32,
    /// The upper half of an `f32`, rounded up: how much more weight may lie at or below the value than the points say.
    /// Its sign tells whether all weight is of exactly this value (plus) or also of lower ones (minus): of a heavy
    /// single value the rank just below it is then known.
    slack: u16,
}

const IMPURE: u16 = 1 << 15;

impl Point {
    /// Slack is far below the 2^96 that would reach the sign.
    #[allow(clippy::cast_possible_truncation)] // Weights are `f32`.
    fn new(sample: &Sample, slack: f64) -> Self {
        let slack = u16::try_from((slack as f32).to_bits().div_ceil(1 << 16)).unwrap_or(0) & !IMPURE;
        Self { value: sample.value, weight: sample.weight, slack }
    }

    fn weight(&self) -> f64 {
        f64::from(self.weight)
    }

    fn slack(&self) -> f64 {
        f64::from(f32::from_bits(u32::from(self.slack & !IMPURE) << 16))
    }

    fn is_pure(&self) -> bool {
        self.slack & IMPURE == 0
    }

    /// What a value just below this one may have more at or below it than the points before say.
    fn span(&self) -> f64 {
        if self.is_pure() { self.slack() } else { self.weight() - 1.0 + self.slack() }
    }

    /// Takes the weight of the point below.
    fn absorb(&mut self, lower: &Self) {
        self.weight += lower.weight;
        self.slack |= IMPURE;
    }
}

/// Room to work in, for one stream after the other.
#[derive(Debug, Default)]
pub struct Bench(Vec<Point>);

/// All values of an age bucket.
///
/// Each point's rank is known to lie in a range, and ranges are kept no wider than what is allowed, so that the error of
/// an answer is bounded whatever the order of values. Values that all fall between two neighbours could make the
/// points for that very many. Where they become more than the options have, a part of the slack is not looked at
/// (`easing`): the bound is gone then, and what remains is a good guess.
#[derive(Debug)]
pub struct Stream {
    /// The number of the bucket.
    pub bucket: u16,
    /// The part of slack that counts.
    easing: f32,
    total: f64,
    points: Vec<Point>,
}

impl Stream {
    /// An empty one, for a bucket.
    pub fn new(bucket: u16) -> Self {
        Self { bucket, easing: 1.0, total: 0.0, points: Vec::new() }
    }

    /// Appends itself.
    pub fn save(&self, out: &mut Vec<u8>) {
        out.put_u16(self.bucket);
        out.put_f32(self.easing);
        out.put_f64(self.total);
        out.put_list(&self.points, |out, point| {
            out.put_f64(point.value);
            out.put_f32(point.weight);
            out.put_u16(point.slack);
        });
    }

    /// As it was saved.
    pub fn load(input: &mut Bytes<'_>) -> Option<Self> {
        let (bucket, easing, total) = (input.u16()?, input.f32()?, input.f64()?);
        let points = input.list(|input| {
            let point = Point { value: input.f64()?, weight: input.f32()?, slack: input.u16()? };
            let is_one = !{ point.value }.is_nan() && point.weight > 0.0 && point.slack().is_finite();
            is_one.then_some(point)
        })?;
        let rise = points.is_sorted_by_key(|point| point.value);
        // Thinning ends only where the total is that of the points, but for rounding.
        let sum: f64 = points.iter().map(Point::weight).sum();
        let adds_up = sum.is_finite() && (total - sum).abs() <= total * 1e-3;
        (rise && adds_up && (0.0..=1.0).contains(&easing)).then_some(Self { bucket, easing, total, points })
    }

    /// Adds samples, which come by rising value. The bench is where that is done, so that the stream itself has memory for
    /// what is left, and not for what comes as well.
    pub fn merge<'a>(
        &mut self,
        options: &SummaryOptions,
        samples: impl Iterator<Item = &'a Sample>,
        bench: &mut Bench,
    ) {
        let points = &mut bench.0;
        points.clone_from(&self.points);
        self.total += insert(points, samples);
        // Two sorted runs, which the library merges in one pass.
        points.sort_by(|a, b| { a.value }.total_cmp(&{ b.value }));
        if points.len() > usize::from(options.exact) {
            self.thin(points, options);
        }
        if points.len() > self.points.capacity() || points.len() + 2 * ROOM < self.points.capacity() {
            self.points = Vec::with_capacity(points.len().next_multiple_of(ROOM));
        }
        self.points.clone_from(points);
    }

    /// Merges neighbours as far as the allowed error permits, and further where points are too many for that.
    fn thin(&mut self, points: &mut Vec<Point>, options: &SummaryOptions) {
        let most = usize::from(options.points);
        self.easing = (self.easing + RECOVER).min(1.0);
        self.thin_once(points, options, 1.0);
        while points.len() > most && self.easing > 0.0 {
            self.easing = (self.easing - EASE).max(0.0);
            self.thin_once(points, options, 1.0);
        }
        let mut stretch = STRETCH;
        while points.len() > most {
            self.thin_once(points, options, stretch);
            stretch *= STRETCH;
        }
    }

    /// One pass from the highest value down; the lowest and the highest always stay.
    fn thin_once(&self, points: &mut Vec<Point>, options: &SummaryOptions, stretch: f64) {
        let Some((&last, rest)) = points.split_last() else { return };
        let easing = f64::from(self.easing);
        // Weight at or below the current point.
        let mut rank = self.total;
        let (mut current, mut write) = (last, rest.len());
        for read in (0..rest.len()).rev() {
            let point = points[read];
            let slack = current.slack() * easing;
            let weight = point.weight() + current.weight();
            let allowed = options.allowed(rank - weight, rank + slack, self.total);
            if read > 0 && weight + slack <= allowed * stretch {
                current.absorb(&point);
            } else {
                points[write] = current;
                write -= 1;
                rank -= current.weight();
                current = point;
            }
        }
        points[write] = current;
        points.drain(..write);
    }

    /// The weight of all values.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// Gives back the memory of points that don't come any more.
    pub fn close(&mut self) {
        self.points.shrink_to_fit();
    }

    /// Its points, by rising value.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.points.iter().map(|point| Step { value: point.value, weight: point.weight(), span: point.span() })
    }

    /// Memory beyond the struct itself.
    pub fn heap_bytes(&self) -> usize {
        self.points.capacity() * size_of::<Point>()
    }
}

/// Puts new values behind the points, each with its slack; one that has a point already adds to that. How much weight
/// has come.
fn insert<'a>(points: &mut Vec<Point>, samples: impl Iterator<Item = &'a Sample>) -> f64 {
    let (settled, mut at, mut total) = (points.len(), 0, 0.0);
    for sample in samples {
        total += f64::from(sample.weight);
        while at < settled && points[at].value < sample.value {
            at += 1;
        }
        let is_same = |&at: &usize| points.get(at).is_some_and(|point| point.value == sample.value);
        let last = points.len().checked_sub(1).filter(|&last| last >= settled);
        if let Some(same) = last.filter(is_same).or(Some(at).filter(|&at| at < settled).filter(is_same)) {
            points[same].weight += sample.weight;
            continue;
        }
        // Below the lowest and above the highest, ranks are known.
        let slack = if at == 0 || at == settled { 0.0 } else { points[at].span() };
        points.push(Point::new(sample, slack));
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_is_never_less_than_it_was() {
        let sample = Sample { value: 1.0, weight: 1.0, bucket: 0 };
        for slack in [0.0, 1.0, 3.0, 127.0, 257.0, 65_537.0, 1e9, 1e18] {
            let kept = Point::new(&sample, slack).slack();
            assert!(kept >= slack && kept <= slack * 1.01, "{slack}: {kept}");
        }
    }

    #[test]
    fn points_stay_few_whatever_comes() {
        let options = SummaryOptions::default();
        // Each value falls between the last two; and beside heavy ones.
        let closing_in = |i: u32| f64::from(i + 1).recip() * if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        for heaviest in [1.0, 1e6] {
            let (mut stream, mut bench) = (Stream::new(0), Bench::default());
            for i in 0..20_000 {
                let weight = if i % 4 < 2 { heaviest } else { 1.0 };
                let sample = Sample { value: closing_in(i), weight, bucket: 0 };
                stream.merge(&options, std::iter::once(&sample), &mut bench);
                assert!(stream.points.len() <= usize::from(options.points), "{heaviest}: {}", stream.points.len());
            }
        }
    }
}
