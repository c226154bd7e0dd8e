//! The time that series are dated by.

use super::observe::{Tick, ticks};
use std::time::Instant;

/// Tells ticks by a clock that no one can set. It stands still while the machine sleeps (`CLOCK_MONOTONIC`;
/// `mach_absolute_time` on macOS), and is meant to: apps sleep too, so that after it nothing is old that they would have
/// sent meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    from: Tick,
}

impl Clock {
    /// Starts at 0.
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// Starts at a tick: room before it for what an earlier run has left.
    pub fn start_at(from: Tick) -> Self {
        Self { start: Instant::now(), from }
    }

    /// Ticks since the start, and those it started with.
    pub fn now(self) -> Tick {
        self.from.saturating_add(ticks(self.start.elapsed()))
    }
}
