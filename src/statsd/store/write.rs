//! A scrape of the store, in turns: its owner lets go of the lock between two of them.

use super::Store;
use super::family::{Family, Shape};
use super::series::{Series, Value};
use crate::model::{CREATED, Labels, Sample, Sink};
use crate::statsd::observe::Tick;

/// How far a scrape is.
#[derive(Debug)]
pub struct Cursor {
    family: usize,
    /// What was born before this of the open family is written; 0 where no family is open.
    written: u64,
    /// Whether the sink takes the family's samples.
    open: bool,
    /// What is born from here on is not part of this scrape: a metric that went and came again would be in it twice.
    end: u64,
}

impl Store {
    /// Begins a scrape.
    pub fn begin(&mut self) -> Cursor {
        Cursor { family: 0, written: 0, open: false, end: self.births + 1 }
    }

    /// Writes up to `turn` more series, in the order in which metrics and series came. `false`: none was left.
    pub fn write(&mut self, cursor: &mut Cursor, turn: usize, now: Tick, out: &mut dyn Sink) -> bool {
        let zero_first = self.zero_first;
        self.walk(cursor, turn, &mut Writer { now, out, zero_first, created: None, quantiles: Vec::new() })
    }

    /// Shows up to `turn` more series to a visitor, in the order in which metrics and series came. `false`: none was left.
    pub(super) fn walk(&mut self, cursor: &mut Cursor, turn: usize, visitor: &mut impl Visitor) -> bool {
        let mut left = turn;
        while let Some(family) = self.families.get(cursor.family) {
            if left == 0 {
                return true;
            }
            let Some(family) = family.as_ref().filter(|family| family.born < cursor.end) else {
                cursor.next_family();
                continue;
            };
            if cursor.written == 0 {
                cursor.open = visitor.open(family);
            }
            // Series leave between two turns, but those that stay keep their order.
            let born = |at: u32| self.series.get(at as usize).and_then(Option::as_ref).map_or(0, |series| series.born);
            let start = family.series.partition_point(|&at| born(at) < cursor.written);
            let end = family.series.partition_point(|&at| born(at) < cursor.end);
            let rest = family.series.get(start..end).filter(|_| cursor.open).unwrap_or_default();
            let some = &rest[..rest.len().min(left)];
            for &at in some {
                if let Some(series) = self.series.get_mut(at as usize).and_then(Option::as_mut) {
                    visitor.series(&family.shape, series, self.created.of(at));
                    cursor.written = series.born + 1;
                }
            }
            left -= some.len();
            if some.len() == rest.len() {
                cursor.next_family();
            }
        }
        false
    }
}

/// Sees the metrics and series of a store.
pub(super) trait Visitor {
    /// The next metric. `false`: its series are to be left out.
    fn open(&mut self, family: &Family) -> bool;

    /// The next series of that metric, and when it came, where that is kept: in milliseconds since 1970.
    fn series(&mut self, shape: &Shape, series: &mut Series, created: Option<u64>);
}

impl Cursor {
    fn next_family(&mut self) {
        (self.family, self.written) = (self.family + 1, 0);
    }
}

/// Writes series one after the other.
struct Writer<'a> {
    now: Tick,
    out: &'a mut dyn Sink,
    zero_first: bool,
    /// When the series came that is written next, where that is kept: in seconds since 1970.
    created: Option<f64>,
    /// Used again for each summary.
    quantiles: Vec<f64>,
}

impl Visitor for Writer<'_> {
    fn open(&mut self, family: &Family) -> bool {
        self.out.open(&family.desc())
    }

    #[allow(clippy::cast_precision_loss)] // Milliseconds are exact for 285,000 years.
    fn series(&mut self, shape: &Shape, series: &mut Series, created: Option<u64>) {
        self.created = created.map(|millis| millis as f64 / 1000.0);
        let seen = std::mem::replace(&mut series.seen, true);
        if self.zero_first && !seen && matches!(shape, Shape::Counter) {
            self.value(&series.labels, &mut Value::Number(0.0), shape);
        } else {
            self.value(&series.labels, &mut series.value, shape);
        }
    }
}

impl Writer<'_> {
    fn value(&mut self, labels: &str, value: &mut Value, shape: &Shape) {
        let out = &mut *self.out;
        let mut push = |suffix: &'static str, more: Option<(&'static str, &str)>, value: f64| {
            out.push(&Sample { suffix, labels: Labels::Rendered(labels, more), value });
        };
        match (value, shape) {
            (Value::Number(value), _) => push("", None, *value),
            (Value::Summary(summary), Shape::Summary(shape)) => {
                self.quantiles.clear();
                summary.quantiles(&shape.options, self.now, &mut self.quantiles);
                for (label, value) in shape.labels.iter().zip(&self.quantiles) {
                    push("", Some(("quantile", label)), *value);
                }
                push("_sum", None, summary.sum());
                push("_count", None, to_f64(summary.count()));
            }
            (Value::Histogram(histogram), Shape::Histogram(shape)) => {
                for (label, count) in shape.options.labels().iter().zip(histogram.cumulative()) {
                    push("_bucket", Some(("le", label)), to_f64(count));
                }
                push("_sum", None, histogram.sum());
                push("_count", None, to_f64(histogram.count()));
            }
            (Value::Set(set), Shape::Set(options)) => push("", None, set.distinct(options, self.now)),
            // A value is made by its family's shape.
            _ => {}
        }
        if let Some(created) = self.created.filter(|_| !matches!(shape, Shape::Gauge | Shape::Set(_))) {
            let labels = Labels::Rendered(labels, None);
            self.out.push(&Sample { suffix: CREATED, labels, value: created });
        }
    }
}

#[allow(clippy::cast_precision_loss)] // The exposition knows floats only; counts are exact to 2^53.
fn to_f64(count: u64) -> f64 {
    count as f64
}
