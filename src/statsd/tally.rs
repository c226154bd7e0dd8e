//! What the pipeline counts: in plain integers while it holds the lock, added to the agent's metrics once a batch.
//!
//! Names and help texts are statsd_exporter's.

use super::parse::LineError;
use super::store::FamilyKind;
use crate::telemetry::Registrar;
use prometheus::{IntCounter, IntCounterVec, IntGauge, Registry};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Why an event that parsed well has no effect; each is a value of the label `reason` of
/// `statsd_exporter_events_error_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventError {
    /// A counter can't go down.
    IllegalNegativeCounter,
    /// NaN or an infinity, which a sum never recovers from.
    NotFinite,
    /// The name is empty once it is escaped or mapped.
    EmptyMetricName,
}

impl EventError {
    const ALL: [Self; 3] = [Self::IllegalNegativeCounter, Self::NotFinite, Self::EmptyMetricName];

    const fn reason(self) -> &'static str {
        match self {
            Self::IllegalNegativeCounter => "illegal_negative_counter",
            Self::NotFinite => "not_finite",
            Self::EmptyMetricName => "empty_metric_name",
        }
    }
}

/// The type of an event, as the label `type` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// A counter.
    Counter,
    /// A gauge.
    Gauge,
    /// A timer, histogram or distribution.
    Observer,
}

impl EventType {
    const ALL: [Self; 3] = [Self::Counter, Self::Gauge, Self::Observer];

    /// The label value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Observer => "observer",
        }
    }
}

/// Counts of one batch.
#[derive(Debug, Default)]
pub struct Tally {
    pub lines: u64,
    pub samples: u64,
    pub sample_errors: [u64; LineError::ALL.len()],
    pub tags: u64,
    pub tag_errors: u64,
    pub events: [u64; EventType::ALL.len()],
    pub unmapped: u64,
    pub mapped: u64,
    pub event_errors: [u64; EventError::ALL.len()],
}

impl Tally {
    pub fn refuse(&mut self, error: LineError) {
        self.sample_errors[error.index()] += 1;
    }

    pub fn fail(&mut self, error: EventError) {
        self.event_errors[error as usize] += 1;
    }

    pub fn event(&mut self, kind: EventType, weight: u64) {
        self.events[kind as usize] += weight;
    }
}

/// At most so many metric names are told apart among conflicts; the rest are `other`.
const MAX_CONFLICT_NAMES: usize = 100;

/// The pipeline's metrics.
pub struct Metrics {
    lines: IntCounter,
    samples: IntCounter,
    sample_errors: Vec<IntCounter>,
    tags: IntCounter,
    tag_errors: IntCounter,
    events: Vec<IntCounter>,
    unmapped: IntCounter,
    mapped: IntCounter,
    event_errors: Vec<IntCounter>,
    conflicts: IntCounterVec,
    conflict_names: Mutex<HashSet<Box<str>>>,
    metrics: Vec<IntGauge>,
    series: IntGauge,
}

impl Metrics {
    /// Registers them.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let r = Registrar(registry);
        let reasons = LineError::ALL.map(LineError::reason);
        let kinds = r.gauges("statsd_exporter_metrics_total", "The total number of metrics.", &["type"])?;
        let actions = "The total number of StatsD events by action.";
        Ok(Self {
            lines: r.counter("statsd_exporter_lines_total", "The total number of StatsD lines received.")?,
            samples: r.counter("statsd_exporter_samples_total", "The total number of StatsD samples received.")?,
            sample_errors: r.each(
                "statsd_exporter_sample_errors_total",
                "The total number of errors parsing StatsD samples.",
                "reason",
                &reasons,
            )?,
            tags: r.counter("statsd_exporter_tags_total", "The total number of DogStatsD tags processed.")?,
            tag_errors: r
                .counter("statsd_exporter_tag_errors_total", "The number of errors parsing DogStatsD tags.")?,
            events: r.each(
                "statsd_exporter_events_total",
                "The total number of StatsD events seen.",
                "type",
                &EventType::ALL.map(EventType::as_str),
            )?,
            unmapped: r.counter(
                "statsd_exporter_events_unmapped_total",
                "The total number of StatsD events no mapping was found for.",
            )?,
            mapped: r.each("statsd_exporter_events_actions_total", actions, "action", &["map"])?.swap_remove(0),
            event_errors: r.each(
                "statsd_exporter_events_error_total",
                "The total number of StatsD events discarded due to errors.",
                "reason",
                &EventError::ALL.map(EventError::reason),
            )?,
            conflicts: r.counters(
                "statsd_exporter_events_conflict_total",
                "The total number of StatsD events with conflicting names.",
                &["metric_name", "type"],
            )?,
            conflict_names: Mutex::default(),
            metrics: FamilyKind::ALL.map(|kind| kinds.with_label_values(&[kind.model().as_str()])).to_vec(),
            series: r.gauge("tallyd_statsd_series", "Number of series that apps have sent and that are kept.")?,
        })
    }

    /// Adds the counts of a batch and empties them.
    pub fn add(&self, tally: &mut Tally) {
        let tally = std::mem::take(tally);
        let one = |counter: &IntCounter, by: u64| {
            if by > 0 {
                counter.inc_by(by);
            }
        };
        let each = |counters: &[IntCounter], by: &[u64]| counters.iter().zip(by).for_each(|(c, by)| one(c, *by));
        one(&self.lines, tally.lines);
        one(&self.samples, tally.samples);
        one(&self.tags, tally.tags);
        one(&self.tag_errors, tally.tag_errors);
        one(&self.unmapped, tally.unmapped);
        one(&self.mapped, tally.mapped);
        each(&self.sample_errors, &tally.sample_errors);
        each(&self.events, &tally.events);
        each(&self.event_errors, &tally.event_errors);
    }

    /// Counts an event whose metric can't be made because another one has the name.
    pub fn conflict(&self, name: &str, kind: EventType) {
        let mut names = self.conflict_names.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(name) && names.len() < MAX_CONFLICT_NAMES {
            names.insert(name.into());
        }
        let name = if names.contains(name) { name } else { "other" };
        self.conflicts.with_label_values(&[name, kind.as_str()]).inc();
    }

    /// Shows how many series there are.
    pub fn set_series(&self, count: usize) {
        self.series.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Shows how many sets of label names there are of a type.
    pub fn set_metrics(&self, kind: FamilyKind, count: usize) {
        if let Some(gauge) = self.metrics.get(kind as usize) {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}
