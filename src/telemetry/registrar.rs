//! Making and registering metrics about the agent in one step each.

use prometheus::core::Collector;
use prometheus::{Gauge, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

/// Registers metrics in one registry. Names are fixed, so that registering fails only where a name is there twice, which
/// a test rules out.
pub struct Registrar<'a>(pub &'a Registry);

impl Registrar<'_> {
    fn add<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> prometheus::Result<C> {
        let metric = made?;
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    /// A counter.
    pub fn counter(&self, name: &str, help: &str) -> prometheus::Result<IntCounter> {
        self.add(IntCounter::new(name, help))
    }

    /// A gauge.
    pub fn gauge(&self, name: &str, help: &str) -> prometheus::Result<IntGauge> {
        self.add(IntGauge::new(name, help))
    }

    /// A gauge of seconds and their parts.
    pub fn seconds(&self, name: &str, help: &str) -> prometheus::Result<Gauge> {
        self.add(Gauge::new(name, help))
    }

    /// A counter with labels.
    pub fn counters(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
        self.add(IntCounterVec::new(Opts::new(name, help), labels))
    }

    /// A gauge with labels.
    pub fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
        self.add(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    /// A counter with one label, whose known values are all there from the start so that `rate()` sees the first.
    pub fn labeled(&self, name: &str, help: &str, label: &str, values: &[&str]) -> prometheus::Result<IntCounterVec> {
        let vec = self.counters(name, help, &[label])?;
        for value in values {
            vec.with_label_values(&[value]);
        }
        Ok(vec)
    }

    /// The counters of all those values, in their order.
    pub fn each(&self, name: &str, help: &str, label: &str, values: &[&str]) -> prometheus::Result<Vec<IntCounter>> {
        let vec = self.labeled(name, help, label, values)?;
        Ok(values.iter().map(|value| vec.with_label_values(&[*value])).collect())
    }
}
