//! A metric of an app: its name, type and help, and which series it has.

use crate::model::{Desc, Kind};
use crate::statsd::map;
use crate::statsd::observe::{HistogramOptions, SetOptions, SummaryOptions};
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
    /// Numbers of distinct values.
    Set,
}

impl FamilyKind {
    /// Every type.
    pub const ALL: [Self; 5] = [Self::Counter, Self::Gauge, Self::Summary, Self::Histogram, Self::Set];

    /// The word for it in the agent's own metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            other => other.model().as_str(),
        }
    }

    /// The type in the exposition.
    pub const fn model(self) -> Kind {
        match self {
            Self::Counter => Kind::Counter,
            Self::Gauge | Self::Set => Kind::Gauge,
            Self::Summary => Kind::Summary,
            Self::Histogram => Kind::Histogram,
        }
    }

    /// The label that the exposition writes itself, so that a tag can't have its name.
    pub const fn reserved_label(self) -> Option<&'static str> {
        match self {
            Self::Summary => Some("quantile"),
            Self::Histogram => Some("le"),
            Self::Counter | Self::Gauge | Self::Set => None,
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
    Histogram(Arc<HistogramShape>),
    /// Numbers of distinct values.
    Set(Arc<SetOptions>),
}

/// What a summary's series share.
#[derive(Debug)]
pub struct SummaryShape {
    /// Quantiles, window and errors.
    pub options: SummaryOptions,
    /// The values of the label `quantile`, in the order of the options.
    pub labels: Box<[Box<str>]>,
    pub(super) source: Arc<map::SummaryOptions>,
}

/// What a histogram's series share.
#[derive(Debug)]
pub struct HistogramShape {
    /// Bounds and their labels.
    pub options: HistogramOptions,
    pub(super) source: Arc<map::HistogramOptions>,
}

impl SummaryShape {
    /// Renders the labels once. `source` is what the rules say.
    fn new(options: SummaryOptions, source: Arc<map::SummaryOptions>) -> Self {
        let labels = options.quantiles().iter().map(|(quantile, _)| quantile.to_string().into_boxed_str()).collect();
        Self { options, labels, source }
    }
}

impl Shape {
    /// What the rules make of an observer.
    pub fn of(observer: &map::Observer) -> Self {
        match observer {
            map::Observer::Summary(source) => {
                let quantiles: Vec<(f64, f64)> = source.quantiles.iter().map(|q| (q.quantile, q.error)).collect();
                let options = SummaryOptions::new(&quantiles, source.max_age, source.age_buckets, source.buf_cap);
                Self::Summary(Arc::new(SummaryShape::new(options, Arc::clone(source))))
            }
            map::Observer::Histogram(source) => {
                let options = HistogramOptions::new(&source.buckets);
                Self::Histogram(Arc::new(HistogramShape { options, source: Arc::clone(source) }))
            }
        }
    }

    /// The type alone.
    pub const fn kind(&self) -> FamilyKind {
        match self {
            Self::Counter => FamilyKind::Counter,
            Self::Gauge => FamilyKind::Gauge,
            Self::Summary(_) => FamilyKind::Summary,
            Self::Histogram(_) => FamilyKind::Histogram,
            Self::Set(_) => FamilyKind::Set,
        }
    }

    /// About what the value of a new series takes beside itself: a block, and what that refers to at first.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Counter | Self::Gauge => 0,
            Self::Summary(_) | Self::Set(_) => 160,
            Self::Histogram(shape) => 64 + size_of::<u32>() * shape.options.labels().len(),
        }
    }

    /// Whether a series of the one is a series of the other: same type, made by the same options.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Summary(one), Self::Summary(other)) => one.source == other.source,
            (Self::Histogram(one), Self::Histogram(other)) => one.source == other.source,
            _ => self.kind() == other.kind(),
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
    pub(super) fn sample_names(self) -> impl Iterator<Item = String> + use<> {
        let (suffixes, name) = (self.shape.kind().model().suffixes(), self.name.to_owned());
        [""].iter().chain(suffixes).map(move |suffix| [&*name, *suffix].concat())
    }
}

/// A metric and its series.
pub struct Family {
    pub(super) name: Box<str>,
    pub(super) help: Box<str>,
    pub(super) shape: Shape,
    /// Places of its series, in the order in which they came.
    pub(super) series: Vec<u32>,
    /// Keys of the sets of label names among its series.
    pub(super) label_sets: Vec<u64>,
    /// When it came, in the order of all that came.
    pub(super) born: u64,
    /// Samples of this minute, and of the one before.
    pub(super) samples: u64,
    pub(super) samples_before: u64,
    /// Under which rules it was made or found to agree with last, by their number.
    pub(super) rules: u32,
}

/// What a metric is to a sample that has its name.
pub enum Fit {
    /// The sample's own.
    Same,
    /// One of another type, which keeps the name.
    Conflict,
    /// One that the rules no longer make so.
    Outdated,
}

impl Family {
    pub(super) fn new(spec: &FamilySpec<'_>, born: u64, rules: u32) -> Self {
        Self {
            rules,
            name: spec.name.into(),
            help: spec.help.into(),
            shape: spec.shape.clone(),
            series: Vec::new(),
            label_sets: Vec::new(),
            born,
            samples: 0,
            samples_before: 0,
        }
    }

    /// Whether this is the metric that a sample wants. The first to come decides on help and options, until the rules
    /// are read again.
    pub(super) fn fit(&mut self, spec: &FamilySpec<'_>, rules: u32) -> Fit {
        // It may expose the name without being it.
        if *self.name != *spec.name {
            return Fit::Conflict;
        }
        if self.rules != rules {
            if !self.shape.is_like(spec.shape) {
                return Fit::Outdated;
            }
            self.rules = rules;
            self.help = spec.help.into();
        }
        if self.kind() == spec.shape.kind() { Fit::Same } else { Fit::Conflict }
    }

    /// Every sample name that it exposes.
    pub(super) fn sample_names(&self) -> impl Iterator<Item = String> + use<> {
        FamilySpec { name: &self.name, shape: &self.shape, help: "" }.sample_names()
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
