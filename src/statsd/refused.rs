//! Which metrics the limits on series and on memory hit most.

use crate::telemetry::{Counters, Registrar, Registry};
use prometheus::{IntCounter, IntGauge};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Metrics shown by name.
const SHOWN: usize = 10;

/// Metrics counted by name, so that the worst of them can be told; what comes after them is in the sum only.
const MAX_NAMES: usize = 1000;

/// Counts events that were refused because there may be no more series, or no more memory for them.
pub struct Refused {
    over_limit: IntCounter,
    over_memory: IntCounter,
    memory_limit: IntGauge,
    memory_full: IntGauge,
    worst: Counters,
    counts: Mutex<HashMap<Box<str>, u64>>,
}

impl Refused {
    /// Registers the counters.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let r = Registrar(registry);
        Ok(Self {
            over_limit: r.counter(
                "tallyd_statsd_events_over_limit_total",
                "StatsD events refused because their series would be one more than the limits allow.",
            )?,
            over_memory: r.counter(
                "tallyd_statsd_events_over_memory_total",
                "StatsD events refused because their series would be new while memory is at its limit.",
            )?,
            memory_limit: r.gauge(
                "tallyd_memory_limit_bytes",
                "Resident memory from which on new series are refused (--limit.memory); 0: no limit.",
            )?,
            memory_full: r.gauge(
                "tallyd_memory_full",
                "1 while resident memory is at its limit, so that a new series is refused unless one went; otherwise 0.",
            )?,
            worst: r.counters(
                "tallyd_statsd_series_refused_total",
                "StatsD events refused because their series would be one more than the limits or memory allow, for the ten \
                 metrics with most of them.",
                &["metric"],
            )?,
            counts: Mutex::default(),
        })
    }

    /// Counts events of a metric that has as many series as it may, or of which all have.
    pub fn over_limit(&self, name: &str, events: u64) {
        self.over_limit.inc_by(events);
        self.add(name, events);
    }

    /// Counts events of a metric for whose series there is no memory.
    pub fn over_memory(&self, name: &str, events: u64) {
        self.over_memory.inc_by(events);
        self.add(name, events);
    }

    fn add(&self, name: &str, events: u64) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(name) {
            *count += events;
        } else if counts.len() < MAX_NAMES {
            counts.insert(name.into(), events);
        }
    }

    /// Shows the limit on memory; `None`: there is none.
    pub fn set_memory_limit(&self, most: Option<usize>) {
        self.memory_limit.set(most.map_or(0, |most| i64::try_from(most).unwrap_or(i64::MAX)));
    }

    /// Shows whether memory is at its limit.
    pub fn set_memory_full(&self, is_full: bool) {
        self.memory_full.set(i64::from(is_full));
    }

    /// Shows the worst of them, as of now.
    pub fn publish(&self) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.is_empty() {
            return;
        }
        let mut worst: Vec<(&str, u64)> = counts.iter().map(|(name, count)| (&**name, *count)).collect();
        worst.sort_unstable_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        self.worst.reset();
        for (name, count) in worst.into_iter().take(SHOWN) {
            self.worst.with_label_values(&[name]).inc_by(count);
        }
    }
}
