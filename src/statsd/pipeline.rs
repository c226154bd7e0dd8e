//! Batches of lines to series: what a receiving thread runs, under one turn of the lock for each batch.

use super::ingest::{Context, State};
use super::map::Mapper;
use super::observe::{SetOptions, Tick};
use super::parse::Styles;
use super::settings::Options;
use super::state::{Frames, Header, ReadError};
use super::store::{Cursor, Lost};
use super::tally::Metrics;
use super::top::tables;
use crate::memory::Room;
use crate::model::Sink;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Metrics for which the pipeline is held at once to find the largest and the busiest: far below a millisecond.
const RANKED_A_TURN: usize = 1000;

/// The way from lines to series, shared by the threads that receive and those that scrape.
pub struct Pipeline {
    state: Mutex<State>,
    metrics: Arc<Metrics>,
    styles: Styles,
}

impl Pipeline {
    /// An empty pipeline with the rules of a mapping file.
    pub fn new(metrics: impl Into<Arc<Metrics>>, options: &Options, mapper: impl Into<Arc<Mapper>>) -> Self {
        let (metrics, mapper) = (metrics.into(), mapper.into());
        metrics.set_rules(mapper.rules().len());
        let state = State::new(options, SetOptions::new(options.set_window), mapper);
        Self { state: Mutex::new(state), metrics, styles: options.styles }
    }

    /// The same pipeline, which refuses new series where there is no room for them.
    #[must_use]
    pub fn within(self, room: Room) -> Self {
        self.metrics.set_memory_limit(room.most());
        self.lock().set_room(room);
        self
    }

    /// Takes a batch of lines. Nobody else comes between them.
    pub fn ingest<'a>(&self, now: Tick, lines: impl Iterator<Item = &'a [u8]>) {
        let context = Context { metrics: &self.metrics, styles: self.styles, now };
        let mut state = self.lock();
        state.upkeep(&context);
        for line in lines {
            state.line(&context, line);
        }
        state.publish(&context);
    }

    /// Maps by other rules from now on. Metrics that they make otherwise change with their next sample.
    pub fn set_rules(&self, mapper: Mapper) {
        self.metrics.set_rules(mapper.rules().len());
        self.lock().set_rules(mapper.into());
    }

    /// The largest and the busiest metrics, so many of each, for people.
    pub fn top(&self, count: usize, now: Tick) -> String {
        let context = Context { metrics: &self.metrics, styles: self.styles, now };
        let mut state = self.lock();
        state.upkeep(&context);
        let mut ranking = state.begin_ranking(count);
        drop(state);
        while self.lock().rank(&mut ranking, RANKED_A_TURN) {
            // Who waits for the lock is to have it now.
            std::thread::yield_now();
        }
        tables(ranking)
    }

    /// Begins a scrape.
    pub fn begin(&self, now: Tick) -> Cursor {
        let context = Context { metrics: &self.metrics, styles: self.styles, now };
        let mut state = self.lock();
        state.upkeep(&context);
        state.publish(&context);
        self.metrics.show_refused();
        state.begin()
    }

    /// Writes up to `turn` more series of a scrape; `false` when none is left.
    pub fn write(&self, cursor: &mut Cursor, turn: usize, now: Tick, out: &mut dyn Sink) -> bool {
        self.lock().write(cursor, turn, now, out)
    }

    /// Appends up to `turn` more series of a copy for later; `false` when none is left.
    pub fn save(&self, cursor: &mut Cursor, turn: usize, now: Tick, out: &mut Vec<u8>) -> bool {
        self.lock().save(cursor, turn, now, out)
    }

    /// Appends what members of sets are hashed with.
    pub fn save_hashes(&self, out: &mut Vec<u8>) {
        self.lock().save_hashes(out);
    }

    /// Takes the place of an earlier run: all of its series, or none where one can't be read.
    pub fn restore(&self, header: &Header, now: Tick, frames: &mut dyn Frames) -> Result<Lost, ReadError> {
        let mut state = self.lock();
        let lost = state.restore(header, now, frames)?;
        // The first scrape shows the agent's own metrics before it comes to the series.
        state.publish(&Context { metrics: &self.metrics, styles: self.styles, now });
        for (kind, count) in state.label_sets() {
            self.metrics.set_metrics(kind, count);
        }
        Ok(lost)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "pipeline_tests.rs"]
mod tests;
