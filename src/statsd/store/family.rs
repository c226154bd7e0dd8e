//! A metric of an app: its name, type and help, and which series it has.

use crate::model::{Desc, Kind};

/// The type of an app's metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FamilyKind {
    /// Sums.
    Counter,
    /// Last values.
    Gauge,
    /// Quantiles over a sliding window.
    Summary,
    /// Buckets.
    Histogram,
}

impl FamilyKind {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Counter, Self::Gauge, Self::Summary, Self::Histogram];

    /// The type in the exposition.
    pub const fn model(self) -> Kind {
        match self {
            Self::Counter => Kind::Counter,
            Self::Gauge => Kind::Gauge,
            Self::Summary => Kind::Summary,
            Self::Histogram => Kind::Histogram,
        }
    }

    /// Suffixes of the sample names that a metric of this type exposes besides its own name.
    pub const fn suffixes(self) -> &'static [&'static str] {
        self.model().suffixes()
    }

    /// The label that the exposition writes itself, so that a tag can't have its name.
    pub const fn reserved_label(self) -> Option<&'static str> {
        match self {
            Self::Summary => Some("quantile"),
            Self::Histogram => Some("le"),
            Self::Counter | Self::Gauge => None,
        }
    }
}

/// What a metric is to be when it is new.
#[derive(Clone, Copy, Debug)]
pub struct FamilySpec<'a> {
    /// A valid metric name.
    pub name: &'a str,
    /// Its type.
    pub kind: FamilyKind,
    /// Help text.
    pub help: &'a str,
}

/// A metric and its series.
pub struct Family {
    name: Box<str>,
    help: Box<str>,
    kind: FamilyKind,
    /// Places of its series, in the order in which they came.
    pub(super) series: Vec<u32>,
    /// Keys of the sets of label names among its series.
    label_sets: Vec<u64>,
    /// Number of scrapes begun before it came.
    pub(super) born: u32,
}

impl Family {
    pub(super) fn new(spec: &FamilySpec<'_>, born: u32) -> Self {
        let (name, help) = (spec.name.into(), spec.help.into());
        Self { name, help, kind: spec.kind, series: Vec::new(), label_sets: Vec::new(), born }
    }

    /// Whether this is the metric of that name and type, and not one that merely exposes the name.
    pub(super) fn has(&self, name: &str, kind: FamilyKind) -> bool {
        self.kind == kind && *self.name == *name
    }

    /// Adds a series; `true` where its set of label names is new.
    pub(super) fn add(&mut self, series: u32, names: u64) -> bool {
        self.series.push(series);
        let new = !self.label_sets.contains(&names);
        if new {
            self.label_sets.push(names);
        }
        new
    }

    pub(super) fn kind(&self) -> FamilyKind {
        self.kind
    }

    pub(super) fn desc(&self) -> Desc<'_> {
        Desc::new(self.kind.model(), &self.name, &self.help, &[])
    }
}
