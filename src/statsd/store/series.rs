//! One series: its labels as they go over the wire, and its value.

use super::family::Shape;
use crate::statsd::observe::{Histogram, SetWindow, Summary, Tick};

/// Refers to a series. A handle outlives its series and then refers to none. Twelve bytes, where padding would make it
/// sixteen: each line in the cache has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub struct Handle {
    pub(super) at: u32,
    pub(super) born: u64,
}

/// A change to a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Update<'a> {
    /// Adds to a counter or a gauge.
    Add(f64),
    /// Sets a gauge.
    Set(f64),
    /// Observes a value as often as the weight says.
    Observe(f64, u64),
    /// Adds a member to a set.
    Insert(&'a [u8]),
}

/// A series.
pub struct Series {
    /// Place of its family.
    pub(super) family: u32,
    /// When it was changed last.
    pub(super) changed: Tick,
    /// How long it stays without a change; 0: for ever.
    pub(super) ttl: Tick,
    /// Whether a scrape has shown it.
    pub(super) seen: bool,
    /// When it came, in the order of all that came.
    pub(super) born: u64,
    pub(super) labels: Box<str>,
    pub(super) value: Value,
}

/// What a series holds.
pub enum Value {
    /// The sum of a counter, or what a gauge was set to.
    Number(f64),
    /// Boxed: most series are numbers, and should not take the room of a summary.
    Summary(Box<Summary>),
    /// Likewise.
    Histogram(Box<Histogram>),
    /// Likewise.
    Set(Box<SetWindow>),
}

impl Value {
    pub(super) fn new(shape: &Shape) -> Self {
        match shape {
            Shape::Counter | Shape::Gauge => Self::Number(0.0),
            Shape::Summary(_) => Self::Summary(Box::default()),
            Shape::Histogram(shape) => Self::Histogram(Box::new(Histogram::new(&shape.options))),
            Shape::Set(_) => Self::Set(Box::default()),
        }
    }

    /// A change that does not fit the type is none: it can't come from a handle and its own family's shape.
    pub(super) fn apply(&mut self, shape: &Shape, update: Update<'_>, now: Tick) {
        match (self, shape, update) {
            (Self::Number(number), _, Update::Add(by)) => *number += by,
            (Self::Number(number), _, Update::Set(to)) => *number = to,
            (Self::Summary(summary), Shape::Summary(shape), Update::Observe(value, weight)) => {
                summary.observe(&shape.options, value, weight, now);
            }
            (Self::Histogram(histogram), Shape::Histogram(shape), Update::Observe(value, weight)) => {
                histogram.observe(&shape.options, value, weight);
            }
            (Self::Set(set), Shape::Set(options), Update::Insert(member)) => set.insert(options, member, now),
            _ => {}
        }
    }
}

impl Series {
    pub(super) fn key(&self) -> (u32, &str) {
        (self.family, &self.labels)
    }

    /// Whether its time is over.
    pub(super) fn is_expired(&self, now: Tick) -> bool {
        self.ttl > 0 && self.changed.saturating_add(self.ttl) < now
    }

    pub(super) fn is(&self, family: u32, labels: &str) -> bool {
        self.key() == (family, labels)
    }
}
