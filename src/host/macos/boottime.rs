//! When the system started. Source: sysctl(3), `kern.boottime`. Unit: seconds of unix time, with microseconds.

use super::bytes::{i32_at, i64_at};
use super::kernel::Question;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};

static BOOT_TIME: Desc<'static> =
    Desc::gauge("node_boot_time_seconds", "Unix time of last boot, including microseconds.", &[]);

/// The collector `boottime`.
pub static SPEC: Spec = Spec {
    name: "boottime",
    about: "when the system started",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(BootTime)),
};

/// What it shows.
pub static METRICS: Metrics = &[&BOOT_TIME];

struct BootTime;

impl Collector for BootTime {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(Question::BootTime.answer(decode)?, out);
        Ok(())
    }
}

/// Place of the microseconds in `struct timeval`, behind the seconds.
pub const MICROS: usize = 8;

fn decode(timeval: &[u8]) -> Option<f64> {
    let (seconds, micros) = (i64_at(timeval, 0)?, i32_at(timeval, MICROS)?);
    Some(seconds as f64 + seconds_from_micros(micros))
}

fn seconds_from_micros(micros: i32) -> f64 {
    f64::from(micros) / 1e6
}

fn emit(seconds: f64, out: &mut dyn Sink) {
    out.one(&BOOT_TIME, seconds);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::tests::{golden, survives};

    #[test]
    fn microseconds_are_kept() {
        let mut timeval = 1_763_700_000_i64.to_le_bytes().to_vec();
        timeval.extend(250_000_i64.to_le_bytes());
        golden("boottime", |out| emit(decode(&timeval).unwrap(), out));
        assert_eq!(decode(&timeval[..11]), None);
        survives(&timeval, |bytes| {
            decode(bytes);
        });
    }
}
