//! Log lines that would repeat: at most one a second for each cause.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// At most one line in this time.
const INTERVAL: Duration = Duration::from_secs(1);

/// Lets a log line of one cause through at most once a second and says how many it held back.
#[derive(Debug, Default)]
pub struct Throttle {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    held: u64,
}

impl Throttle {
    /// Logs a warning, or holds it back.
    pub fn warn(&self, now: Instant, line: fmt::Arguments<'_>) {
        match self.pass(now) {
            Some(0) => log::warn!("{line}"),
            Some(held) => log::warn!("{line} ({held} like it before)"),
            None => {}
        }
    }

    /// Whether a line may pass now, with the number of those held back before it.
    fn pass(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL) {
            state.held += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_passes_and_tells_of_the_others() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let at = |millis| throttle.pass(start + Duration::from_millis(millis));
        assert_eq!(
            [at(0), at(10), at(999), at(1000), at(1999), at(2000)],
            [Some(0), None, None, Some(2), None, Some(1)]
        );
    }
}
