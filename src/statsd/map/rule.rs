//! What a rule says about the metrics that it matches.

use std::sync::Arc;
use std::time::Duration;

/// The kinds of events that `match_metric_type` tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// `c`
    Counter,
    /// `g`
    Gauge,
    /// `ms`, `h` and `d`
    Observer,
}

impl EventKind {
    /// All of them, in the order of their indexes.
    pub const ALL: [Self; 3] = [Self::Counter, Self::Gauge, Self::Observer];

    /// The word for it in a mapping file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Observer => "observer",
        }
    }
}

/// What to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Count it under the rule's name and labels.
    Map,
    /// Let it go.
    Drop,
}

/// A rule, without the part that matches and renders. What the file leaves out has its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The glob or regular expression, as written.
    pub matching: Box<str>,
    /// The line on which the rule starts.
    pub line: usize,
    /// What to do with an event.
    pub action: Action,
    /// Help text of the metric.
    pub help: Option<Arc<str>>,
    /// How long a series stays without a sample; `None`: for ever.
    pub ttl: Option<Duration>,
    /// What values are multiplied by.
    pub scale: Option<f64>,
    /// Whether a tag goes before the rule's label of the same name.
    pub honor_labels: bool,
    /// What timers, histograms and distributions become.
    pub observer: Observer,
}

/// What timers, histograms and distributions become.
#[derive(Clone, Debug, PartialEq)]
pub enum Observer {
    /// A summary.
    Summary(Arc<SummaryOptions>),
    /// A histogram.
    Histogram(Arc<HistogramOptions>),
}

/// How a summary is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryOptions {
    /// Quantiles in rising order, each once.
    pub quantiles: Vec<Quantile>,
    /// How far back the quantiles look. Not zero.
    pub max_age: Duration,
    /// In how many steps the window moves on. Not zero.
    pub age_buckets: u32,
    /// Samples that are collected before they are merged, as the file says; nothing here depends on it. Not zero.
    pub buf_cap: u32,
}

/// A quantile of a summary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// From 0 to 1.
    pub quantile: f64,
    /// By how much the rank may be off, from 0 to 1.
    pub error: f64,
}

/// How a histogram is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramOptions {
    /// Upper bounds in rising order, finite; the one at infinity is not among them.
    pub buckets: Vec<f64>,
}

/// What holds for metrics without a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Defaults {
    /// How long a series stays without a sample; `None`: for ever.
    pub ttl: Option<Duration>,
    /// What timers, histograms and distributions become.
    pub observer: Observer,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { ttl: None, observer: Observer::Summary(Arc::default()) }
    }
}

/// Of statsd_exporter the quantiles, of client_golang the rest (`DefMaxAge`, `DefAgeBuckets`, `DefBufCap`).
impl Default for SummaryOptions {
    fn default() -> Self {
        let quantiles = [(0.5, 0.05), (0.9, 0.01), (0.99, 0.001)];
        Self {
            quantiles: quantiles.map(|(quantile, error)| Quantile { quantile, error }).to_vec(),
            max_age: Duration::from_secs(600),
            age_buckets: 5,
            buf_cap: 500,
        }
    }
}

/// `DefBuckets` of client_golang, in seconds.
impl Default for HistogramOptions {
    fn default() -> Self {
        Self { buckets: vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0] }
    }
}
