//! The values of one age bucket, in bounded memory: Greenwald and Khanna's summary ("Space-Efficient Online Computation of
//! Quantile Summaries", 2001), with an allowed error that narrows towards the quantiles asked for (see
//! [`options`](super::options)).

use super::options::{MAX_POINTS, SummaryOptions};
use super::packed::PackedStream;
use super::rank::Step;
use crate::statsd::bytes::{Bytes, Put};

/// In percent: all slack counts, what the easing loses when points are too many, and gains back with each merge.
pub const FIRM: u8 = 100;
const EASE: u8 = 10;
const RECOVER: u8 = 1;
/// How the allowed error grows where not even that makes room.
const STRETCH: f64 = 1.5;

/// A value and how often it came; of an age bucket. Fourteen bytes: with padding it were sixteen.
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

/// Whether it is a sum of weights that came.
pub fn is_weight(weight: f32) -> bool {
    weight > 0.0 && weight.is_finite() && weight.fract() == 0.0
}

/// A value, and the weight of all values above the point before it, up to and with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub value: f64,
    /// A whole number, as a [`Sample`]'s.
    pub weight: f32,
    /// How much more weight may lie at or below the value than the points say.
    pub slack: f32,
    /// Whether all weight is of exactly this value, and not also of lower ones: of a heavy single value the rank just
    /// below it is then known.
    pub pure: bool,
}

impl Point {
    /// As of a list of such.
    pub fn step(&self) -> Step {
        Step { value: self.value, weight: self.weight.into(), span: self.span().into() }
    }

    /// What a value just below this one may have more at or below it than the points before say.
    fn span(&self) -> f32 {
        if self.pure { self.slack } else { self.weight - 1.0 + self.slack }
    }

    /// Takes the weight of the point below.
    fn absorb(&mut self, lower: &Self) {
        self.weight += lower.weight;
        self.pure = false;
    }
}

/// All values of an age bucket, to work with; see [`packed`](super::packed) for how they are kept.
///
/// Each point's rank is known to lie in a range, and ranges are kept no wider than what is allowed, so that the error of
/// an answer is bounded whatever the order of values. Values that all fall between two neighbours could make the
/// points for that very many. Where they become more than the options have, a part of the slack is not looked at
/// (`easing`): the bound is gone then, and what remains is a good guess.
#[derive(Debug)]
pub struct Stream {
    /// The number of the bucket.
    pub bucket: u16,
    /// The part of slack that counts, in percent.
    pub easing: u8,
    pub total: f64,
    pub points: Vec<Point>,
}

impl Stream {
    /// An empty one, for a bucket.
    pub fn new(bucket: u16) -> Self {
        Self { bucket, easing: FIRM, total: 0.0, points: Vec::new() }
    }

    /// As it was kept, with room for more points.
    pub fn unpack(kept: PackedStream<'_>, more: usize) -> Self {
        let PackedStream { bucket, easing, total, points: kept, .. } = kept;
        let mut points = Vec::with_capacity(kept.len() + more);
        points.extend(kept);
        Self { bucket, easing, total, points }
    }

    /// Appends itself.
    pub fn save(&self, out: &mut Vec<u8>) {
        out.put_u16(self.bucket);
        out.put_u8(self.easing);
        out.put_list(&self.points, |out, point| {
            out.put_f64(point.value);
            out.put_f32(point.weight);
            out.put_f32(if point.pure { point.slack } else { -point.slack });
        });
    }

    /// As it was saved.
    pub fn load(input: &mut Bytes<'_>) -> Option<Self> {
        let (bucket, easing) = (input.u16()?, input.u8()?);
        let points = input.list(|input| {
            let (value, weight, slack) = (input.f64()?, input.f32()?, input.f32()?);
            let is_one = !value.is_nan() && is_weight(weight) && slack.is_finite();
            is_one.then_some(Point { value, weight, slack: slack.abs(), pure: slack.is_sign_positive() })
        })?;
        let total: f64 = points.iter().map(|point| f64::from(point.weight)).sum();
        let are_few = points.len() <= usize::from(MAX_POINTS);
        let is_one = are_few && easing <= FIRM && total.is_finite() && points.is_sorted_by_key(|point| point.value);
        is_one.then_some(Self { bucket, easing, total, points })
    }

    /// Adds samples, which come by rising value.
    pub fn merge<'a>(&mut self, samples: impl Iterator<Item = &'a Sample>) {
        self.total += insert(&mut self.points, samples);
        // Two sorted runs, which the library merges in one pass.
        self.points.sort_by(|a, b| a.value.total_cmp(&b.value));
    }

    /// Merges neighbours as far as the allowed error permits, and further where points are too many for that.
    pub fn thin(&mut self, options: &SummaryOptions) {
        let most = usize::from(options.points);
        self.easing = (self.easing + RECOVER).min(FIRM);
        self.thin_once(options, 1.0);
        while self.points.len() > most && self.easing > 0 {
            self.easing = self.easing.saturating_sub(EASE);
            self.thin_once(options, 1.0);
        }
        let mut stretch = STRETCH;
        while self.points.len() > most {
            self.thin_once(options, stretch);
            stretch *= STRETCH;
        }
    }

    /// One pass from the highest value down; the lowest and the highest always stay.
    fn thin_once(&mut self, options: &SummaryOptions, stretch: f64) {
        let points = &mut self.points;
        let Some((&last, rest)) = points.split_last() else { return };
        let easing = f64::from(self.easing) / f64::from(FIRM);
        // Weight at or below the current point.
        let mut rank = self.total;
        let (mut current, mut write) = (last, rest.len());
        for read in (0..rest.len()).rev() {
            let point = points[read];
            let slack = f64::from(current.slack) * easing;
            let weight = f64::from(point.weight) + f64::from(current.weight);
            let allowed = options.allowed(rank - weight, rank + slack, self.total);
            if read > 0 && weight + slack <= allowed * stretch {
                current.absorb(&point);
            } else {
                points[write] = current;
                write -= 1;
                rank -= f64::from(current.weight);
                current = point;
            }
        }
        points[write] = current;
        points.drain(..write);
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
        points.push(Point { value: sample.value, weight: sample.weight, slack, pure: true });
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stay_few_whatever_comes() {
        let options = SummaryOptions::default();
        // Each value falls between the last two; and beside heavy ones.
        let closing_in = |i: u32| f64::from(i + 1).recip() * if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        for heaviest in [1.0, 1e6] {
            let mut stream = Stream::new(0);
            for i in 0..20_000 {
                let weight = if i % 4 < 2 { heaviest } else { 1.0 };
                let sample = Sample { value: closing_in(i), weight, bucket: 0 };
                stream.merge(std::iter::once(&sample));
                stream.thin(&options);
                let points = stream.points.len();
                assert!(points <= usize::from(options.points), "{heaviest}: {points}");
            }
        }
    }
}
