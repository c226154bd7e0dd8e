//! When each series came, for those who ask: OpenMetrics shows it as `_created`, so that a scraper can tell a new series
//! from one that it had missed.
//!
//! A table beside the series, so that who does not ask for it pays nothing. By the clock of the wall: it is told to
//! others.

use std::time::SystemTime;

/// Tells the time.
pub type WallClock = fn() -> SystemTime;

/// By the places of series.
#[derive(Default)]
pub struct Created {
    clock: Option<WallClock>,
    /// In milliseconds since 1970.
    times: Vec<u64>,
}

impl Created {
    /// Asks this clock for each series that comes, or keeps no time at all.
    pub fn new(clock: Option<WallClock>) -> Self {
        Self { clock, times: Vec::new() }
    }

    /// The clock that is asked.
    pub fn clock(&self) -> Option<WallClock> {
        self.clock
    }

    /// A series came at this place.
    pub fn note(&mut self, at: u32) {
        let Some(clock) = self.clock else { return };
        let since = clock().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.set(at, u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
    }

    /// The series at this place came at this time; 0: nobody knows.
    pub fn set(&mut self, at: u32, millis: u64) {
        let at = at as usize;
        if self.clock.is_none() {
            return;
        }
        if self.times.len() <= at {
            self.times.resize(at + 1, 0);
        }
        self.times[at] = millis;
    }

    /// When the series at this place came, in milliseconds since 1970.
    pub fn of(&self, at: u32) -> Option<u64> {
        self.times.get(at as usize).copied().filter(|millis| *millis > 0)
    }
}
