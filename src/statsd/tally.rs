//! What the pipeline counts: in plain integers while it holds the lock, added to the agent's metrics once a batch.
//!
//! Names and help texts are statsd_exporter's.

use super::parse::LineError;
use super::refused::Refused;
use super::store::{FamilyKind, StoreError};
use crate::telemetry::{Counters, Registrar, Registry};
use prometheus::{IntCounter, IntGauge};
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
    /// A member of a set.
    Set,
}

/// What DogStatsD sends besides metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// An event.
    Event,
    /// A service check.
    ServiceCheck,
}

impl Message {
    const NAMES: [&'static str; 2] = ["event", "service_check"];
}

impl EventType {
    const ALL: [Self; 4] = [Self::Counter, Self::Gauge, Self::Observer, Self::Set];

    /// The label value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Observer => "observer",
            Self::Set => "set",
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
    pub dropped: u64,
    pub messages: [u64; Message::NAMES.len()],
    pub let_by: u64,
    /// Lines that the cache knew.
    pub hits: u64,
    pub event_errors: [u64; EventError::ALL.len()],
}

impl Tally {
    pub fn refuse(&mut self, error: LineError) {
        self.sample_errors[error.index()] += 1;
    }

    pub fn fail(&mut self, error: EventError, weight: u64) {
        self.event_errors[error as usize] += weight;
    }

    pub fn message(&mut self, message: Message) {
        self.messages[message as usize] += 1;
    }

    /// By a rule, or not.
    pub fn way(&mut self, mapped: bool, weight: u64) {
        if mapped {
            self.mapped += weight;
        } else {
            self.unmapped += weight;
        }
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
    actions: Vec<IntCounter>,
    messages: Vec<IntCounter>,
    hits: IntCounter,
    let_by: IntCounter,
    rules: IntGauge,
    refused: Refused,
    event_errors: Vec<IntCounter>,
    conflicts: Counters,
    conflict_names: Mutex<HashSet<Box<str>>>,
    metrics: Vec<IntGauge>,
    series: IntGauge,
}

impl Metrics {
    /// Registers them.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let r = Registrar(registry);
        let reasons = LineError::ALL.map(LineError::reason);
        let kinds = FamilyKind::ALL.map(FamilyKind::as_str);
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
            actions: r.each("statsd_exporter_events_actions_total", actions, "action", &["map", "drop"])?,
            messages: r.each(
                "tallyd_statsd_dogstatsd_messages_total",
                "DogStatsD messages that are no metrics, by kind.",
                "kind",
                &Message::NAMES,
            )?,
            let_by: r.counter(
                "tallyd_statsd_sections_ignored_total",
                "Sections of DogStatsD samples that were let by: time, external data, cardinality.",
            )?,
            hits: r.counter(
                "tallyd_statsd_line_cache_hits_total",
                "StatsD lines whose like was seen before, so that they were not parsed again.",
            )?,
            rules: r.gauge("statsd_exporter_loaded_mappings", "The current number of configured metric mappings.")?,
            refused: Refused::new(registry)?,
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
            metrics: r.gauges("statsd_exporter_metrics_total", "The total number of metrics.", "type", &kinds)?,
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
        one(&self.hits, tally.hits);
        one(&self.let_by, tally.let_by);
        each(&self.actions, &[tally.mapped, tally.dropped]);
        each(&self.messages, &tally.messages);
        each(&self.sample_errors, &tally.sample_errors);
        each(&self.events, &tally.events);
        each(&self.event_errors, &tally.event_errors);
    }

    /// Counts events that have no series.
    pub fn without_series(&self, error: StoreError, name: &str, event: EventType, weight: u64) {
        match error {
            StoreError::Conflict => self.conflict(name, event, weight),
            StoreError::Full => self.refused.over_limit(name, weight),
            StoreError::Memory => self.refused.over_memory(name, weight),
        }
    }

    /// Counts events whose metric can't be made because another one has the name.
    fn conflict(&self, name: &str, kind: EventType, weight: u64) {
        let mut names = self.conflict_names.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(name) && names.len() < MAX_CONFLICT_NAMES {
            names.insert(name.into());
        }
        let name = if names.contains(name) { name } else { "other" };
        self.conflicts.with_label_values(&[name, kind.as_str()]).inc_by(weight);
    }

    /// Shows which metrics the limits hit most.
    pub fn show_refused(&self) {
        self.refused.publish();
    }

    /// Shows how many rules there are.
    pub fn set_rules(&self, count: usize) {
        self.rules.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Shows how many series there are.
    pub fn set_series(&self, count: usize) {
        self.series.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Shows the limit on memory.
    pub fn set_memory_limit(&self, most: Option<usize>) {
        self.refused.set_memory_limit(most);
    }

    /// Shows whether memory is at its limit.
    pub fn set_memory_full(&self, is_full: bool) {
        self.refused.set_memory_full(is_full);
    }

    /// Shows how many sets of label names there are of a type.
    pub fn set_metrics(&self, kind: FamilyKind, count: usize) {
        if let Some(gauge) = self.metrics.get(kind as usize) {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}
