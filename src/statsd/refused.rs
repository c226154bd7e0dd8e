//! Which metrics the limits on series hit most.

use crate::telemetry::Registrar;
use prometheus::{IntCounter, IntCounterVec, Registry};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Metrics shown by name.
const SHOWN: usize = 10;

/// Metrics counted by name, so that the worst of them can be told; what comes after them is in the sum only.
const MAX_NAMES: usize = 1000;

/// Counts events that were refused because there are as many series as there may be.
pub struct Refused {
    all: IntCounter,
    worst: IntCounterVec,
    counts: Mutex<HashMap<Box<str>, u64>>,
}

impl Refused {
    /// Registers the counters.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let r = Registrar(registry);
        Ok(Self {
            all: r.counter(
                "tallyd_statsd_events_over_limit_total",
                "StatsD events refused because their series would be one more than the limits allow.",
            )?,
            worst: r.counters(
                "tallyd_statsd_series_refused_total",
                "StatsD events refused because their series would be one more than the limits allow, for the ten metrics \
                 with most of them.",
                &["metric"],
            )?,
            counts: Mutex::default(),
        })
    }

    /// Counts events of a metric.
    pub fn add(&self, name: &str, events: u64) {
        self.all.inc_by(events);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(name) {
            *count += events;
        } else if counts.len() < MAX_NAMES {
            counts.insert(name.into(), events);
        }
    }

    /// Shows the worst of them, as of now.
    pub fn publish(&self) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.is_empty() {
            return;
        }
        let mut worst: Vec<(&str, u64)> = counts.iter().map(|(name, count)| (&**name, *count)).collect();
        worst.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        self.worst.reset();
        for (name, count) in worst.into_iter().take(SHOWN) {
            self.worst.with_label_values(&[name]).inc_by(count);
        }
    }
}
