//! A metric of an app: its name, type and help, and which series it has.

use crate::model::{Desc, Kind};
use crate::statsd::observe::{HistogramOptions, SummaryOptions};
use std::sync::Arc;

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

    /// The label that the exposition writes itself, so that a tag can't have its name.
    pub const fn reserved_label(self) -> Option<&'static str> {
        match self {
            Self::Summary => Some("quantile"),
            Self::Histogram => Some("le"),
            Self::Counter | Self::Gauge => None,
        }
    }
}

/// A type with all that its series are made by.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Sums.
    Counter,
    /// Last values.
    Gauge,
    /// Quantiles over a sliding window.
    Summary(Arc<SummaryShape>),
    /// Buckets.
    Histogram(Arc<HistogramOptions>),
}

/// What a summary's series share.
#[derive(Debug)]
pub struct SummaryShape {
    /// Quantiles, window and errors.
    pub options: SummaryOptions,
    /// The values of the label `quantile`, in the order of the options.
    pub labels: Box<[Box<str>]>,
}

impl SummaryShape {
    /// Renders the labels once.
    pub fn new(options: SummaryOptions) -> Self {
        let labels = options.quantiles().iter().map(|(quantile, _)| quantile.to_string().into_boxed_str()).collect();
        Self { options, labels }
    }
}

impl Shape {
    /// The type alone.
    pub const fn kind(&self) -> FamilyKind {
        match self {
            Self::Counter => FamilyKind::Counter,
            Self::Gauge => FamilyKind::Gauge,
            Self::Summary(_) => FamilyKind::Summary,
            Self::Histogram(_) => FamilyKind::Histogram,
        }
    }
}

/// What a metric is to be when it is new.
#[derive(Clone, Copy, Debug)]
pub struct FamilySpec<'a> {
    /// A valid metric name.
    pub name: &'a str,
    /// Its type.
    pub shape: &'a Shape,
    /// Help text.
    pub help: &'a str,
}

impl FamilySpec<'_> {
    /// Every sample name that the metric exposes.
    pub(super) fn sample_names(&self) -> impl Iterator<Item = String> {
        let suffixes = self.shape.kind().model().suffixes();
        [""].iter().chain(suffixes).map(|suffix| [self.name, suffix].concat())
    }
}

/// A metric and its series.
pub struct Family {
    name: Box<str>,
    help: Box<str>,
    pub(super) shape: Shape,
    /// Places of its series, in the order in which they came.
    pub(super) series: Vec<u32>,
    /// Keys of the sets of label names among its series.
    label_sets: Vec<u64>,
    /// When it came, in the order of all that came.
    pub(super) born: u64,
}

impl Family {
    pub(super) fn new(spec: &FamilySpec<'_>, born: u64) -> Self {
        Self {
            name: spec.name.into(),
            help: spec.help.into(),
            shape: spec.shape.clone(),
            series: Vec::new(),
            label_sets: Vec::new(),
            born,
        }
    }

    /// Whether this is the metric of that name and type, and not one that merely exposes the name.
    pub(super) fn has(&self, spec: &FamilySpec<'_>) -> bool {
        self.kind() == spec.shape.kind() && *self.name == *spec.name
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
        self.shape.kind()
    }

    pub(super) fn desc(&self) -> Desc<'_> {
        Desc::new(self.kind().model(), &self.name, &self.help, &[])
    }
}
