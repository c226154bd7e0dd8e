//! One series: its labels as they go over the wire, and its value.

use super::family::{Family, FamilyKind};

/// Refers to a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handle {
    pub(super) at: u32,
}

/// A change to a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Update {
    /// Adds to a counter or a gauge.
    Add(f64),
    /// Sets a gauge.
    Set(f64),
}

/// A series.
pub struct Series {
    /// Place of its family.
    pub(super) family: u32,
    /// Number of scrapes begun before it came.
    pub(super) born: u32,
    pub(super) labels: Box<str>,
    pub(super) value: Value,
}

/// What a series holds.
pub enum Value {
    /// The sum of a counter, or what a gauge was set to.
    Number(f64),
}

impl Series {
    pub(super) fn new(family: u32, labels: &str, of: &Family, born: u32) -> Self {
        let value = match of.kind() {
            FamilyKind::Counter | FamilyKind::Gauge => Value::Number(0.0),
            FamilyKind::Summary | FamilyKind::Histogram => Value::Number(0.0),
        };
        Self { family, born, labels: labels.into(), value }
    }

    pub(super) fn key(&self) -> (u32, &str) {
        (self.family, &self.labels)
    }

    pub(super) fn is(&self, family: u32, labels: &str) -> bool {
        self.key() == (family, labels)
    }

    pub(super) fn apply(&mut self, update: Update) {
        match (&mut self.value, update) {
            (Value::Number(number), Update::Add(by)) => *number += by,
            (Value::Number(number), Update::Set(to)) => *number = to,
        }
    }
}
