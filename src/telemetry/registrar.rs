//! Making and registering metrics about the agent in one step each.

use super::registry::{Counters, Family, Figure, Registry, Series};
use crate::model::Kind;
use prometheus::core::Collector;
use prometheus::{Gauge, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts};

/// Registers metrics in one registry. Names are fixed, so that registering fails only where a name is there twice, which
/// a test rules out.
pub struct Registrar<'a>(pub &'a Registry);

impl Registrar<'_> {
    fn one<C: Collector + Clone + 'static>(
        &self,
        (name, help, kind): (&'static str, &'static str, Kind),
        made: prometheus::Result<C>,
        figure: fn(C) -> Figure,
    ) -> prometheus::Result<C> {
        let (metric, series) = (made?, Series::default());
        series.add(&[], figure(metric.clone()));
        self.0.add(metric.clone(), Family { name, help, kind, labels: Vec::new(), series })?;
        Ok(metric)
    }

    /// A counter.
    pub fn counter(&self, name: &'static str, help: &'static str) -> prometheus::Result<IntCounter> {
        self.one((name, help, Kind::Counter), IntCounter::new(name, help), Figure::Counter)
    }

    /// A gauge.
    pub fn gauge(&self, name: &'static str, help: &'static str) -> prometheus::Result<IntGauge> {
        self.one((name, help, Kind::Gauge), IntGauge::new(name, help), Figure::Gauge)
    }

    /// A gauge of seconds and their parts.
    pub fn seconds(&self, name: &'static str, help: &'static str) -> prometheus::Result<Gauge> {
        self.one((name, help, Kind::Gauge), Gauge::new(name, help), Figure::Seconds)
    }

    /// A counter with labels.
    pub fn counters(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[&'static str],
    ) -> prometheus::Result<Counters> {
        let (vec, series) = (IntCounterVec::new(Opts::new(name, help), labels)?, Series::default());
        let family = Family { name, help, kind: Kind::Counter, labels: labels.to_vec(), series: series.clone() };
        self.0.add(vec.clone(), family)?;
        Ok(Counters { vec, series })
    }

    /// Gauges, one for each value of a label.
    pub fn gauges(
        &self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: &[&str],
    ) -> prometheus::Result<Vec<IntGauge>> {
        let (vec, series) = (IntGaugeVec::new(Opts::new(name, help), &[label])?, Series::default());
        let gauges: Vec<IntGauge> = values.iter().map(|value| vec.with_label_values(&[*value])).collect();
        values.iter().zip(&gauges).for_each(|(value, gauge)| series.add(&[value], Figure::Gauge(gauge.clone())));
        self.0.add(vec, Family { name, help, kind: Kind::Gauge, labels: vec![label], series })?;
        Ok(gauges)
    }

    /// A counter with one label, whose known values are all there from the start so that `rate()` sees the first.
    pub fn labeled(
        &self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: &[&str],
    ) -> prometheus::Result<Counters> {
        let counters = self.counters(name, help, &[label])?;
        for value in values {
            counters.with_label_values(&[value]);
        }
        Ok(counters)
    }

    /// The counters of all those values, in their order.
    pub fn each(
        &self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: &[&str],
    ) -> prometheus::Result<Vec<IntCounter>> {
        let counters = self.labeled(name, help, label, values)?;
        Ok(values.iter().map(|value| counters.with_label_values(&[value])).collect())
    }
}
