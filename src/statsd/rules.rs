//! The mapping file made ready for the store: each rule with the shape of the metrics that it makes.

use super::map::{self, Mapper, Match, Observer};
use super::observe::{Tick, ticks};
use super::store::{DEFAULT_HELP, Shape};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Rules and what they make.
pub struct Rules {
    /// Finds the rule for a name.
    pub mapper: Arc<Mapper>,
    /// What becomes of an observer, by rule.
    observers: Vec<Shape>,
    /// What becomes of an observer that no rule matches.
    unmapped: Shape,
    /// How long a series stays that no rule matches.
    ttl: Tick,
}

/// What a series is to be, as a rule has it, or the defaults do.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// What becomes of an observer.
    pub observer: &'a Shape,
    /// Help of the metric.
    pub help: &'a str,
    /// How long the series stays without a sample; 0: for ever.
    pub ttl: Tick,
    /// What values are multiplied by.
    pub scale: f64,
}

impl Rules {
    /// Makes a mapper ready. Rules that say the same share one shape.
    pub fn new(mapper: Arc<Mapper>) -> Self {
        let mut shapes = Shapes::default();
        let observers = mapper.rules().map(|rule| shapes.get(&rule.observer)).collect();
        let unmapped = shapes.get(&mapper.defaults().observer);
        let ttl = ttl(mapper.defaults().ttl);
        Self { mapper, observers, unmapped, ttl }
    }

    /// The terms of the rule that was found, or of what no rule matches.
    pub fn terms<'a>(&'a self, found: Option<&Match<'a>>) -> Terms<'a> {
        let Some(Match { id, rule, .. }) = found else {
            return Terms { observer: &self.unmapped, help: DEFAULT_HELP, ttl: self.ttl, scale: 1.0 };
        };
        Terms {
            observer: self.observers.get(*id).unwrap_or(&self.unmapped),
            help: rule.help.as_deref().unwrap_or(DEFAULT_HELP),
            ttl: ttl(rule.ttl),
            scale: rule.scale.unwrap_or(1.0),
        }
    }
}

/// A time to live in ticks; one shorter than a tick is a tick, since 0 is for ever.
fn ttl(time: Option<Duration>) -> Tick {
    time.map_or(0, |time| ticks(time).max(1))
}

/// Shapes by where their options are kept: the mapper shares options among the rules that inherit them.
#[derive(Default)]
struct Shapes {
    summaries: HashMap<*const map::SummaryOptions, Shape>,
    histograms: HashMap<*const map::HistogramOptions, Shape>,
}

impl Shapes {
    fn get(&mut self, observer: &Observer) -> Shape {
        match observer {
            Observer::Summary(options) => {
                self.summaries.entry(Arc::as_ptr(options)).or_insert_with(|| Shape::of(observer)).clone()
            }
            Observer::Histogram(options) => {
                self.histograms.entry(Arc::as_ptr(options)).or_insert_with(|| Shape::of(observer)).clone()
            }
        }
    }
}
