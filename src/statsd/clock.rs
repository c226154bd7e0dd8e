//! The time that series are dated by.

use super::observe::{Tick, ticks};
use std::time::Instant;

/// Tells ticks since its making, by a clock that no one can set.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// Starts at 0.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Ticks since the start.
    pub fn now(self) -> Tick {
        ticks(self.0.elapsed())
    }
}
