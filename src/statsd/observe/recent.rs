//! The summary of the bucket being filled: Greenwald and Khanna's, with the allowed error of targeted quantiles
//! ("Space-Efficient Online Computation of Quantile Summaries", 2001), filled by small batches and kept to a number of
//! points. As long as all values fit, it is all values.

use super::options::SummaryOptions;

/// Values taken unsorted before they are worked in.
const BATCH: usize = 14;
const FIRST_CAPACITY: usize = 4;
/// Neighbours are merged up to a multiple of the allowed error: the least multiple, what it grows by until the points are few
/// enough, and what it shrinks by each time. It shrinks slowly, so that one pass mostly does.
const FIRST_SCALE: f32 = 0.5;
const SCALE_STEP: f32 = 1.08;
const SCALE_DECAY: f32 = 0.99;

/// A value, and the weight of all values above the point before it, up to and with it. Fourteen bytes: padding is an
/// eighth of a busy summary.
///
/// Weights are `f32`, exact to 16 million; from there on they are off by 6e-8 of themselves, a ten-thousandth of the
/// least error asked for by default.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(2))]
pub struct Point {
    value: f64,
    weight: f32,
    /// The upper half of an `f32`, rounded up: how much more weight is taken to lie at or below the value than the points say.
    /// Its sign tells whether all weight is of exactly this value (plus) or also of lower ones (minus): of a heavy
    /// single value the rank just below it is then known.
    slack: u16,
}

const IMPURE: u16 = 1 << 15;

impl Point {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // See the type.
    fn new(value: f64, weight: u64) -> Self {
        Self { value, weight: weight as f32, slack: 0 }
    }

    pub fn value(&self) -> f64 {
        self.value
    }

    pub fn weight(&self) -> f64 {
        f64::from(self.weight)
    }

    pub fn slack(&self) -> f64 {
        f64::from(f32::from_bits(u32::from(self.slack & !IMPURE) << 16))
    }

    pub fn is_pure(&self) -> bool {
        self.slack & IMPURE == 0
    }

    /// Sets the slack of a new point; weights end far below the 2^96 that would reach the sign.
    #[allow(clippy::cast_possible_truncation)] // Weights are `f32`.
    fn set_slack(&mut self, slack: f64) {
        self.slack = u16::try_from((slack as f32).to_bits().div_ceil(1 << 16)).unwrap_or(0) & !IMPURE;
    }

    /// What a value just below this one may have more at or below it than the points before say.
    fn span(&self) -> f64 {
        if self.is_pure() { self.slack() } else { self.weight() + self.slack() }
    }

    /// Takes the weight of the point below.
    fn absorb(&mut self, lower: &Point) {
        self.weight += lower.weight;
        self.slack |= IMPURE;
    }

    /// Takes the weight of a new value if it is the same.
    fn join(&mut self, new: &Point) -> bool {
        let same = self.value == new.value;
        if same {
            self.weight += new.weight;
        }
        same
    }
}

/// Points by rising value, and behind them the values not yet worked in. One allocation.
#[derive(Debug, Default)]
pub struct Recent {
    points: Vec<Point>,
    settled: u16,
    /// What [`thin`](Self::thin) found to suffice.
    scale: f32,
}

impl Recent {
    /// Adds one value as often as its weight says.
    pub fn insert(&mut self, options: &SummaryOptions, value: f64, weight: u64) {
        if self.points.len() == self.points.capacity() {
            self.make_room(options);
        }
        self.points.push(Point::new(value, weight));
    }

    /// All points by rising value; what came last is worked in first.
    pub fn points(&mut self) -> &[Point] {
        self.settle();
        &self.points
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Forgets all; keeps the room, which a busy series fills again.
    pub fn clear(&mut self) {
        self.points.clear();
        self.settled = 0;
    }

    pub fn heap_bytes(&self) -> usize {
        self.points.capacity() * size_of::<Point>()
    }

    #[cold]
    fn make_room(&mut self, options: &SummaryOptions) {
        self.settle();
        let (keep, full) = (usize::from(options.points), usize::from(options.points) + BATCH);
        let capacity = self.points.capacity();
        if capacity >= full {
            self.thin(options, keep);
        } else if self.points.len() * 4 > capacity * 3 {
            // Equal values have become one point: where that made room, none is asked for.
            self.points.reserve_exact((capacity.max(FIRST_CAPACITY / 2) * 2).min(full) - self.points.len());
        }
    }

    /// Works the last values in: sorts them, and merges them from behind into the points.
    fn settle(&mut self) {
        let settled = usize::from(self.settled);
        if settled == self.points.len() {
            return;
        }
        let mut new = self.points.split_off(settled);
        new.sort_unstable_by(|a, b| a.value().total_cmp(&b.value()));
        new.dedup_by(|later, earlier| earlier.join(later));
        self.join_equal(&mut new);
        give_slack(&self.points, &mut new);
        let (mut old, mut write) = (settled, settled + new.len());
        // Within the capacity: the values came from here.
        self.points.resize(write, Point::new(0.0, 0));
        for point in new.iter().rev() {
            while old > 0 && self.points[old - 1].value > point.value {
                (old, write) = (old - 1, write - 1);
                self.points[write] = self.points[old];
            }
            write -= 1;
            self.points[write] = *point;
        }
        self.mark_settled();
    }

    /// Adds new values that have a point of their own to it, and takes them out of the new.
    fn join_equal(&mut self, new: &mut Vec<Point>) {
        let mut at = 0;
        new.retain(|point| {
            while self.points.get(at).is_some_and(|old| old.value < point.value) {
                at += 1;
            }
            !self.points.get_mut(at).is_some_and(|old| old.join(point))
        });
    }

    fn mark_settled(&mut self) {
        self.settled = u16::try_from(self.points.len()).unwrap_or(u16::MAX);
    }

    /// Merges neighbours where the allowed error permits; where that is not enough, where it permits least badly.
    fn thin(&mut self, options: &SummaryOptions, keep: usize) {
        let total: f64 = self.points.iter().map(|p| p.weight()).sum();
        self.scale = (self.scale * SCALE_DECAY).max(FIRST_SCALE);
        thin_once(&mut self.points, options, total, self.scale);
        while self.points.len() > keep {
            self.scale *= SCALE_STEP;
            thin_once(&mut self.points, options, total, self.scale);
        }
        self.mark_settled();
    }
}

/// The rank of a new value between two points is uncertain by the weight of the point above it, and the likely part of it is
/// taken. Taking all as uncertain, as the paper has it, gives a bound of the error, but none of the number of
/// points: sorted runs that pass again and again then leave points that can't be merged.
fn give_slack(old: &[Point], new: &mut [Point]) {
    let mut above = 0;
    for point in new {
        while old.get(above).is_some_and(|o| o.value < point.value) {
            above += 1;
        }
        if let Some(next) = old.get(above) {
            let below = above.checked_sub(1).and_then(|before| old.get(before));
            point.set_slack(next.span() * below.map_or(0.5, |below| likely_part(below, point, next)));
        }
    }
}

/// How much of the weight between two points lies below a value between them: half way between half, which is right
/// where values fall alike in time, and what even spread would have.
fn likely_part(below: &Point, point: &Point, above: &Point) -> f64 {
    let even = (point.value() - below.value()) / (above.value() - below.value());
    // Not finite: an infinity among the values, or a difference beyond the range.
    if even.is_finite() { f64::midpoint(0.5, even.clamp(0.0, 1.0)) } else { 0.5 }
}

/// One pass from the highest value down; the lowest and the highest always stay.
fn thin_once(points: &mut Vec<Point>, options: &SummaryOptions, total: f64, scale: f32) {
    let Some((&last, rest)) = points.split_last() else { return };
    let (widest, part) = (f64::from(scale) * total, total.recip());
    let mut rank = total - last.weight();
    let (mut current, mut write) = (last, rest.len());
    for read in (0..rest.len()).rev() {
        let point = points[read];
        let width = point.weight() + current.weight() + current.slack();
        if read > 0 && width <= widest * options.allowed(rank * part) {
            current.absorb(&point);
        } else {
            points[write] = current;
            write -= 1;
            current = point;
        }
        rank -= point.weight();
    }
    points[write] = current;
    points.drain(..write);
}
