//! A store from the bytes that an earlier run saved. Bytes that are none of ours lead to no store, and never to half of
//! one.

use super::family::{Family, FamilyKind, FamilySpec, Shape};
use super::save::{FAMILY, SERIES};
use super::series::Value;
use super::{SeriesSpec, Store};
use crate::memory::Room;
use crate::model::name::is_metric_name;
use crate::statsd::bytes::Bytes;
use crate::statsd::labels::names_of;
use crate::statsd::map::{HistogramOptions, Observer, Quantile, SummaryOptions};
use crate::statsd::observe::{Histogram, Saved, SetWindow, Summary, Tick};
use std::sync::Arc;
use std::time::Duration;

/// Series that were saved and are not there again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Their time to live is over.
    pub expired: u64,
    /// There are as many as there may be.
    pub over_limit: u64,
    /// The agent takes as much memory as it may.
    pub over_memory: u64,
}

/// Takes frames, one after the other.
pub struct Loader<'a> {
    store: Store,
    room: &'a mut Room,
    /// The family of the series to come.
    family: Option<u32>,
    /// Shapes of observers that were there before: metrics that are alike share one.
    observers: Vec<Shape>,
    at: Circumstances<'a>,
    lost: Lost,
}

/// How and when what is loaded was saved.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// What time it is.
    pub now: Tick,
    /// What time it was.
    pub saved: Saved,
    /// The shape of sets.
    pub sets: &'a Shape,
    /// Whether members of sets are hashed as they were.
    pub same_hashes: bool,
}

impl<'a> Loader<'a> {
    /// For a store with the settings of this one.
    pub fn new(like: &Store, at: Circumstances<'a>, room: &'a mut Room) -> Self {
        let mut store = like.like();
        store.minute = at.now;
        // What is loaded was made by the rules before these: each metric is held against them with its next sample.
        store.rules = 1;
        Self { store, room, family: None, observers: Vec::new(), at, lost: Lost::default() }
    }

    /// Takes a frame, without its length. `None`: no store is saved like this.
    pub fn frame(&mut self, frame: &[u8]) -> Option<()> {
        let mut input = Bytes(frame);
        match input.u8()? {
            FAMILY => {
                self.end_family();
                self.family = Some(self.load_family(&mut input)?);
            }
            SERIES => self.load_series(self.family?, &mut input)?,
            _ => return None,
        }
        input.end()
    }

    /// The store, and what is not in it.
    pub fn end(mut self) -> (Store, Lost) {
        self.end_family();
        (self.store, self.lost)
    }

    /// A metric of which no series is left goes.
    fn end_family(&mut self) {
        let family = |at: u32| self.store.families.get(at as usize).and_then(Option::as_ref);
        if let Some(at) = self.family.take().filter(|at| family(*at).is_some_and(|family| family.series.is_empty())) {
            self.store.remove_family(at);
        }
    }

    fn load_family(&mut self, input: &mut Bytes<'_>) -> Option<u32> {
        let kind = usize::from(input.u8()?);
        let kind = *FamilyKind::ALL.get(kind)?;
        let (name, help) = (input.text()?, input.text()?);
        let shape = match kind {
            FamilyKind::Counter => Shape::Counter,
            FamilyKind::Gauge => Shape::Gauge,
            FamilyKind::Set => self.at.sets.clone(),
            FamilyKind::Summary => self.observer(&Observer::Summary(Arc::new(summary_options(input)?))),
            FamilyKind::Histogram => {
                let buckets = input.list(Bytes::f64)?;
                self.observer(&Observer::Histogram(Arc::new(HistogramOptions { buckets })))
            }
        };
        let spec = FamilySpec { name, shape: &shape, help };
        if !is_metric_name(name) || self.store.find_family(&spec).ok()?.is_some() {
            return None;
        }
        let at = self.store.add_family(&spec);
        self.family_mut(at)?.rules = 0;
        Some(at)
    }

    fn family_mut(&mut self, at: u32) -> Option<&mut Family> {
        self.store.families.get_mut(at as usize)?.as_mut()
    }

    /// The shape of an observer; one for all that are alike.
    fn observer(&mut self, observer: &Observer) -> Shape {
        let shape = Shape::of(observer);
        if let Some(known) = self.observers.iter().find(|known| known.is_like(&shape)) {
            return known.clone();
        }
        self.observers.push(shape.clone());
        shape
    }

    fn load_series(&mut self, family: u32, input: &mut Bytes<'_>) -> Option<()> {
        let labels = input.text()?;
        names_of(labels)?;
        let (age, ttl, seen, created) = (input.u32()?, input.u32()?, input.u8()? != 0, input.u64()?);
        let shape = self.family_mut(family)?.shape.clone();
        let value = self.value(&shape, input)?;
        if self.store.find_series(family, labels).is_some() {
            return None;
        }
        if self.store.len() >= self.store.limits.series || self.store.is_full(family) {
            self.lost.over_limit += 1;
            return Some(());
        }
        // Not in ticks: those end at the clock's start, where a series could live for ever.
        if ttl > 0 && self.at.saved.0 - i64::from(age) + i64::from(ttl) < i64::from(self.at.now) {
            self.lost.expired += 1;
            return Some(());
        }
        let spec = SeriesSpec { labels, ttl };
        if self.store.take_room(&shape, &spec, None, self.room).is_err() {
            self.lost.over_memory += 1;
            return Some(());
        }
        let at = self.store.add_series(family, &spec, self.at.saved.tick(-i64::from(age)));
        let series = self.store.series.get_mut(at as usize)?.as_mut()?;
        (series.ttl, series.seen, series.value) = (ttl, seen, value);
        self.store.created.set(at, created);
        self.store.mortal += usize::from(ttl > 0);
        Some(())
    }

    fn value(&self, shape: &Shape, input: &mut Bytes<'_>) -> Option<Value> {
        Some(match shape {
            Shape::Counter | Shape::Gauge => Value::Number(input.f64()?),
            Shape::Summary(shape) => Value::Summary(Box::new(Summary::load(&shape.options, input, self.at.saved)?)),
            Shape::Histogram(shape) => Value::Histogram(Box::new(Histogram::load(input, &shape.options)?)),
            Shape::Set(_) => {
                let set = SetWindow::load(input, self.at.saved)?;
                Value::Set(Box::new(if self.at.same_hashes { set } else { SetWindow::new() }))
            }
        })
    }
}

fn summary_options(input: &mut Bytes<'_>) -> Option<SummaryOptions> {
    let quantiles = input.list(|input| Some(Quantile { quantile: input.f64()?, error: input.f64()? }))?;
    let (seconds, nanos) = (input.u64()?, input.u32().filter(|nanos| *nanos < 1_000_000_000)?);
    let max_age = Duration::new(seconds, nanos);
    Some(SummaryOptions { quantiles, max_age, age_buckets: input.u32()?, buf_cap: input.u32()? })
}
