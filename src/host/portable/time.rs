//! The system's clock and time zone. Sources: clock_gettime(2), localtime_r(3). Unit: seconds.

use crate::host::sys::{self, Zone};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::io;

static TIME: Desc<'static> = Desc::gauge("node_time_seconds", "System time in seconds since epoch (1970).", &[]);

static ZONE_OFFSET: Desc<'static> =
    Desc::gauge("node_time_zone_offset_seconds", "System time zone offset in seconds.", &["time_zone"]);

/// The collector `time`.
pub static SPEC: Spec = Spec {
    name: "time",
    about: "system time and zone",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(Time)),
};

/// What it shows.
pub static METRICS: Metrics = &[&TIME, &ZONE_OFFSET];

struct Time;

impl Collector for Time {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let now = clock_gettime(ClockId::Realtime);
        let zone = sys::zone(now.tv_sec)
            .ok_or_else(|| CollectError::call("localtime_r", io::Error::from(io::ErrorKind::InvalidData)))?;
        emit(now, &zone, out);
        Ok(())
    }
}

fn emit(now: Timespec, zone: &Zone, out: &mut dyn Sink) {
    out.one(&TIME, seconds_from_timespec(now));
    out.family(&ZONE_OFFSET).sample(&[&zone.name], f64::from(zone.offset_seconds));
}

/// An f64 holds today's time to a quarter of a microsecond.
fn seconds_from_timespec(time: Timespec) -> f64 {
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_are_negative() {
        for (tv_sec, tv_nsec, want) in [(0, 0, 0.0), (1, 500_000_000, 1.5), (-1, 500_000_000, -0.5)] {
            assert_eq!(seconds_from_timespec(Timespec { tv_sec, tv_nsec }), want);
        }
    }
}
