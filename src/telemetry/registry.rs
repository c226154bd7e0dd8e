//! The registry of the prometheus crate, with a list of what is in it.
//!
//! When the crate gathers, it copies each name, help text and label, and sorts them: a tenth of a scrape. The list is in
//! order, and a scrape asks it for values alone.

use crate::model::{Desc, Kind, Labels, Sink};
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, IntCounter, IntCounterVec, IntGauge};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Label names of one metric are no more.
const MAX_LABELS: usize = 2;

/// Metrics about the agent. Clones are one.
#[derive(Clone, Default)]
pub struct Registry {
    registered: prometheus::Registry,
    families: Arc<Mutex<BTreeMap<&'static str, Family>>>,
}

/// A family of which each set of label values has a metric.
pub(super) struct Family {
    pub name: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub labels: Vec<&'static str>,
    pub series: Series,
}

/// Metrics of one family by their label values.
#[derive(Clone, Debug, Default)]
pub(super) struct Series(Arc<Mutex<BTreeMap<Vec<String>, Figure>>>);

/// A metric that can be asked for its value.
#[derive(Clone, Debug)]
pub(super) enum Figure {
    Counter(IntCounter),
    Gauge(IntGauge),
    Seconds(Gauge),
}

impl Figure {
    fn value(&self) -> f64 {
        match self {
            Self::Counter(counter) => counter.get() as f64,
            Self::Gauge(gauge) => gauge.get() as f64,
            Self::Seconds(gauge) => gauge.get(),
        }
    }
}

impl Series {
    pub fn add(&self, values: &[&str], figure: Figure) {
        self.lock().entry(values.iter().map(|&value| value.to_owned()).collect()).or_insert(figure);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vec<String>, Figure>> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers what the crate has of a family, which fails where the name is there already, and lists the family.
    pub(super) fn add(&self, metrics: impl Collector + 'static, family: Family) -> prometheus::Result<()> {
        debug_assert!(family.labels.len() <= MAX_LABELS, "{} has room for its labels", family.name);
        self.registered.register(Box::new(metrics))?;
        self.families().insert(family.name, family);
        Ok(())
    }

    /// Pushes the families of which the name is wanted.
    pub fn push(&self, wanted: impl Fn(&str) -> bool, out: &mut dyn Sink) {
        for family in self.families().values().filter(|family| wanted(family.name)) {
            let mut writer = out.family(&Desc::new(family.kind, family.name, family.help, &[]));
            for (values, figure) in family.series.lock().iter() {
                let mut texts = [""; MAX_LABELS];
                texts.iter_mut().zip(values).for_each(|(text, value)| *text = value);
                writer.push("", Labels::Zip(&family.labels, &texts), figure.value());
            }
        }
    }

    /// What the crate has.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registered.gather()
    }

    fn families(&self) -> MutexGuard<'_, BTreeMap<&'static str, Family>> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A counter with labels.
#[derive(Clone, Debug)]
pub struct Counters {
    pub(super) vec: IntCounterVec,
    pub(super) series: Series,
}

impl Counters {
    /// The counter of these label values.
    pub fn with_label_values(&self, values: &[&str]) -> IntCounter {
        let counter = self.vec.with_label_values(values);
        self.series.add(values, Figure::Counter(counter.clone()));
        counter
    }

    /// Forgets all of them.
    pub fn reset(&self) {
        self.vec.reset();
        self.series.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Encoder;
    use crate::telemetry::Registrar;

    #[test]
    fn what_is_shown_is_what_the_crate_gathers() {
        let registry = Registry::new();
        let registrar = Registrar(&registry);
        registrar.counter("hits_total", "Hits.").unwrap().inc_by(3);
        registrar.gauge("depth", "Depth.").unwrap().set(-2);
        registrar.seconds("took_seconds", "Time.").unwrap().set(0.25);
        registrar.gauges("state", "State.", "of", &["b", "a"]).unwrap()[0].set(1);
        registrar.each("ended_total", "Ends.", "reason", &["late", "early"]).unwrap()[1].inc();
        let conflicts = registrar.counters("conflicts_total", "Conflicts.", &["name", "type"]).unwrap();
        conflicts.with_label_values(&["a", "counter"]).inc();
        conflicts.reset();
        for name in ["y", "x\"", "y"] {
            conflicts.with_label_values(&[name, "gauge"]).inc();
        }
        registrar.counters("none_total", "None.", &["name"]).unwrap();
        assert!(registrar.counter("depth", "Again.").is_err(), "a second registration is an error and no panic");

        let (mut encoder, mut body) = (Encoder::default(), Vec::new());
        registry.push(|name| name != "hits_total", &mut encoder);
        encoder.take(&mut body);
        let gathered = registry.gather().into_iter().filter(|family| family.name() != "hits_total").collect::<Vec<_>>();
        let want = prometheus::TextEncoder::new().encode_to_string(&gathered).unwrap();
        assert_eq!(String::from_utf8(body).unwrap(), want);
    }
}
