//! The buckets of a summary that are no longer filled: their points only, ten bytes each, in one allocation.
//!
//! They share a number of points. Where they have more, the older ones are thinned more: a bucket is only ever asked for
//! together with all younger ones, and its error is then a part of theirs. Were the errors of buckets independent, one
//! of weight m with a weight M of younger ones could be off by sqrt(1 + 2M/m) of what it may be alone. They are not where
//! the values of buckets are disjoint, so it is sqrt(1 + M/2m).

use super::options::SummaryOptions;
use super::rank::Step;
use super::recent::Point;
use super::tick::{Buckets, Clock};

/// Ranks are kept in fifteen bits: exact for so many values, else in this many parts of the bucket's count, a thirtieth
/// of the least error asked for by default.
const MAX_RANK: f64 = 32_767.0;
/// From here on all ranks of a bucket are one.
const MAX_SCALE: f64 = 1e7;
const IMPURE: u16 = 1 << 15;

/// A value and the weight at or below it. Ten bytes, where padding would make it sixteen.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(2))]
struct AgedPoint {
    value: f64,
    rank: u16,
}

/// One bucket: its number, its points, and the weight that one part of a rank stands for.
#[derive(Debug, Clone, Copy)]
struct Mark {
    bucket: u32,
    points: u16,
    unit: f64,
}

/// All buckets no longer filled, oldest first.
#[derive(Debug, Default)]
pub struct Aged {
    marks: Vec<Mark>,
    points: Vec<AgedPoint>,
}

impl AgedPoint {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Clamped to the range.
    fn new(value: f64, rank: f64, pure: bool) -> Self {
        let rank = rank.round().clamp(0.0, MAX_RANK) as u16;
        Self { value, rank: if pure { rank } else { rank | IMPURE } }
    }

    fn rank(self) -> f64 {
        f64::from(self.rank & !IMPURE)
    }

    fn is_pure(self) -> bool {
        self.rank & IMPURE == 0
    }
}

impl Aged {
    /// Takes over a bucket that has ended.
    pub fn push(&mut self, options: &SummaryOptions, bucket: u32, recent: &[Point]) {
        let total: f64 = recent.iter().map(|p| p.weight()).sum();
        let unit = (total / MAX_RANK).max(1.0);
        self.points.reserve_exact(recent.len());
        let mut rank = 0.0;
        for point in recent {
            rank += point.weight();
            let middle = rank + point.slack();
            self.points.push(AgedPoint::new(point.value(), middle / unit, point.is_pure()));
        }
        self.marks.reserve_exact(1);
        self.marks.push(Mark { bucket, points: u16::try_from(recent.len()).unwrap_or(u16::MAX), unit });
        self.thin(options);
    }

    /// Drops the buckets that have left the window.
    pub fn expire(&mut self, buckets: Buckets, clock: Clock) {
        let gone = self.marks.iter().take_while(|mark| !clock.is_live(buckets, mark.bucket)).count();
        if gone > 0 {
            let points: usize = self.marks.drain(..gone).map(|mark| usize::from(mark.points)).sum();
            self.points.drain(..points.min(self.points.len()));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Hands out each bucket as steps of rank.
    pub fn runs(&self) -> impl Iterator<Item = impl Iterator<Item = Step>> {
        let mut rest = self.points.as_slice();
        self.marks.iter().map(move |mark| {
            let (points, others) = rest.split_at_checked(usize::from(mark.points)).unwrap_or((rest, &[]));
            rest = others;
            points.iter().map(|p| Step { value: p.value, rank: p.rank() * mark.unit, pure: p.is_pure() })
        })
    }

    pub fn heap_bytes(&self) -> usize {
        self.points.capacity() * size_of::<AgedPoint>() + self.marks.capacity() * size_of::<Mark>()
    }

    fn thin(&mut self, options: &SummaryOptions) {
        let mut scale = 1.0;
        // Each bucket keeps its lowest and highest value, so a window of very many buckets has more points whatever the scale.
        while self.points.len() > usize::from(options.aged_points) && scale < MAX_SCALE {
            self.thin_once(options, scale);
            scale *= 1.06;
        }
        self.points.shrink_to_fit();
    }

    /// Thins each bucket by its share of the scale, from the youngest, whose points are last.
    fn thin_once(&mut self, options: &SummaryOptions, scale: f64) {
        let (mut younger, mut end) = (0.0, self.points.len());
        for mark in self.marks.iter_mut().rev() {
            let start = end.saturating_sub(usize::from(mark.points));
            let total = self.points.get(end - 1).map_or(0.0, |last| last.rank());
            let weight = total * mark.unit;
            let width = scale * (1.0 + 0.5 * younger / weight.max(1.0)).sqrt() * total;
            let dropped = thin_run(&mut self.points[start..end], |rank| width * options.allowed(rank / total));
            self.points.drain(start..start + dropped);
            mark.points -= u16::try_from(dropped).unwrap_or(mark.points);
            younger += weight;
            end = start;
        }
    }
}

/// Drops points whose neighbours are no further apart than the width allowed between them. The ones left are at the end; the lowest
/// and the highest always stay.
fn thin_run(points: &mut [AgedPoint], width: impl Fn(f64) -> f64) -> usize {
    let Some((&last, rest)) = points.split_last() else { return 0 };
    let (mut current, mut write) = (last, rest.len());
    for read in (0..rest.len()).rev() {
        let point = points[read];
        let below = read.checked_sub(1).map(|before| points[before].rank());
        if below.is_some_and(|below| current.rank() - below <= width(point.rank())) {
            current.rank |= IMPURE;
        } else {
            points[write] = current;
            write -= 1;
            current = point;
        }
    }
    points[write] = current;
    write
}
