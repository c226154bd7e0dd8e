//! The system's clock. Source: `SystemTime`. Unit: seconds of unix time, with their fraction.

use crate::host::{CollectError, Collector, Spec};
use crate::model::{Desc, Sink};
use std::time::{SystemTime, UNIX_EPOCH};

static TIME: Desc<'static> = Desc::gauge("node_time_seconds", "System time in seconds since epoch (1970).", &[]);

/// The collector `time`.
pub static SPEC: Spec = Spec {
    name: "time",
    about: "the system's clock",
    default_enabled: true,
    flags: &[],
    metrics: &[&TIME],
    build: |_| Ok(Box::new(Time)),
};

struct Time;

impl Collector for Time {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        out.one(&TIME, unix_seconds(SystemTime::now()));
        Ok(())
    }
}

/// Seconds since 1970, negative before it.
fn unix_seconds(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_before_1970_are_negative() {
        let half = Duration::from_millis(500);
        for (time, want) in [(UNIX_EPOCH, 0.0), (UNIX_EPOCH + half, 0.5), (UNIX_EPOCH - half, -0.5)] {
            assert_eq!(unix_seconds(time), want);
        }
    }
}
