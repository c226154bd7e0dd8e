//! Coarse time, and the age buckets it is cut into. Unit: a tenth of a second.

use crate::statsd::bytes::{Bytes, Put};
use std::time::Duration;

/// Tenths of a second since the agent's start: thirteen years in four bytes, finer than any age bucket one would ask for.
pub type Tick = u32;

/// Ticks in a second.
pub const TICKS_PER_SECOND: u32 = 10;

/// Ticks in a time; what is over the range counts as its end.
pub fn ticks(time: Duration) -> Tick {
    let millis_per_tick = u128::from(1000 / TICKS_PER_SECOND);
    Tick::try_from(time.as_millis() / millis_per_tick).unwrap_or(Tick::MAX)
}

/// When something was saved, by the clock of now: before that clock's start is below 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved(pub i64);

impl Saved {
    /// A time that was so many ticks after it. What is before the clock's start counts as the start.
    pub fn tick(self, after: i64) -> Tick {
        Tick::try_from(self.0.saturating_add(after).max(0)).unwrap_or(Tick::MAX)
    }
}

/// How a window is cut: `count` buckets of `step` ticks each. A value leaves when its bucket does, so it stays for
/// between `count - 1` and `count` steps. As client_golang's summary has it (`prometheus/summary.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets {
    /// Buckets in the window, the one being filled included.
    pub count: u32,
    /// Ticks a bucket is filled for.
    pub step: Tick,
}

impl Buckets {
    /// Cuts a window in equal buckets; both are at least one, a step is rounded up to a whole tick.
    pub fn new(window: Duration, count: u32) -> Self {
        let count = count.max(1);
        Self { count, step: ticks(window).div_ceil(count).max(1) }
    }
}

/// The bucket being filled, and when it ends. Buckets are counted from the first value, as client_golang does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    /// Number of the bucket being filled.
    pub bucket: u32,
    end: Tick,
}

impl Clock {
    /// A clock whose first bucket starts now.
    pub fn starting(buckets: Buckets, now: Tick) -> Self {
        Self { bucket: 0, end: now.saturating_add(buckets.step) }
    }

    /// Whether the bucket being filled has ended.
    pub fn is_over(&self, now: Tick) -> bool {
        now >= self.end
    }

    /// Moves to the bucket that `now` is in. A `now` of the past changes nothing.
    pub fn advance(&mut self, buckets: Buckets, now: Tick) {
        if self.is_over(now) {
            let steps = (now - self.end) / buckets.step + 1;
            self.bucket = self.bucket.saturating_add(steps);
            self.end = self.end.saturating_add(steps.saturating_mul(buckets.step));
        }
    }

    /// Appends itself, as of now.
    pub fn save(&self, now: Tick, out: &mut Vec<u8>) {
        out.put_u32(self.bucket);
        out.put_i64(i64::from(self.end) - i64::from(now));
    }

    /// As it was saved.
    pub fn load(input: &mut Bytes<'_>, saved: Saved) -> Option<Self> {
        Some(Self { bucket: input.u32()?, end: saved.tick(input.i64()?) })
    }

    /// Whether a bucket is still in the window.
    pub fn is_live(&self, buckets: Buckets, bucket: u32) -> bool {
        self.bucket - bucket < buckets.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_cut_in_whole_ticks() {
        for (window, count, want) in [
            (Duration::from_secs(600), 5, (5, 1200)),
            (Duration::from_secs(1), 2, (2, 5)),
            (Duration::from_secs(1), 3, (3, 4)),
            (Duration::from_secs(1), 0, (1, 10)),
            (Duration::from_millis(10), 5, (5, 1)),
        ] {
            let cut = Buckets::new(window, count);
            assert_eq!((cut.count, cut.step), want, "window: {window:?} in {count}");
        }
    }

    #[test]
    fn a_clock_jumps_over_idle_time_and_never_back() {
        let buckets = Buckets { count: 5, step: 10 };
        let mut clock = Clock::starting(buckets, 100);
        for (now, bucket) in [(109, 0), (110, 1), (50, 1), (119, 1), (155, 5), (4_000_000_000, 399_999_990)] {
            clock.advance(buckets, now);
            assert_eq!(clock.bucket, bucket, "now: {now}");
        }
    }
}
