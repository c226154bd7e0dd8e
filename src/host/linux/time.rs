//! Clock, time zone and clock sources. Sources: clock_gettime(2), localtime(3), and the kernel's
//! ABI/testing/sysfs-devices-system-clocksource, `/sys/devices/system/clocksource`. Unit: seconds.

use crate::host::files::{self, Kept, Listing};
use crate::host::sys::{self, Zone};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::collections::HashMap;
use std::io;

static NOW: Desc<'static> = Desc::gauge("node_time_seconds", "System time in seconds since epoch (1970).", &[]);
static ZONE_OFFSET: Desc<'static> =
    Desc::gauge("node_time_zone_offset_seconds", "System time zone offset in seconds.", &["time_zone"]);
static AVAILABLE: Desc<'static> = Desc::gauge(
    "node_time_clocksource_available_info",
    "Available clocksources read from '/sys/devices/system/clocksource'.",
    &["device", "clocksource"],
);
static CURRENT: Desc<'static> = Desc::gauge(
    "node_time_clocksource_current_info",
    "Current clocksource read from '/sys/devices/system/clocksource'.",
    &["device", "clocksource"],
);

/// The collector `time`.
pub static SPEC: Spec = Spec {
    name: "time",
    about: "system time, zone and clock sources",
    default_enabled: true,
    flags: &[],
    build: |env| {
        let devices = Listing::new(env.roots.sys("devices/system/clocksource"));
        Ok(Box::new(Time { devices, files: HashMap::new() }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&NOW, &ZONE_OFFSET, &AVAILABLE, &CURRENT];

struct Time {
    devices: Listing,
    /// Of each device, what is available and what is current.
    files: HashMap<String, [Kept; 2]>,
}

impl Collector for Time {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

impl Time {
    fn read(&mut self) -> Result<Reading, CollectError> {
        let sources = self.sources()?;
        let now = clock_gettime(ClockId::Realtime);
        let zone = sys::zone(now.tv_sec)
            .ok_or_else(|| CollectError::call("localtime_r", io::Error::from(io::ErrorKind::InvalidData)))?;
        Ok(Reading { now, zone, sources })
    }

    fn sources(&mut self) -> Result<Vec<ClockSource>, CollectError> {
        let names = files::if_there(self.devices.names())?.unwrap_or_default();
        let is_device = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        let mut sources = Vec::new();
        for name in names.into_iter().filter(|name| name.strip_prefix("clocksource").is_some_and(is_device)) {
            let dir = self.devices.path().join(&name);
            let file = |name| Kept::new(dir.join(name));
            let [available, current] =
                self.files.entry(name).or_insert_with(|| ["available_clocksource", "current_clocksource"].map(file));
            sources.push(ClockSource { available: available.value()?, current: current.value()? });
        }
        Ok(sources)
    }
}

struct Reading {
    now: Timespec,
    zone: Zone,
    /// One for each device, in practice one.
    sources: Vec<ClockSource>,
}

struct ClockSource {
    /// Names with blanks between them.
    available: String,
    current: String,
}

fn emit(reading: &Reading, out: &mut dyn Sink) {
    out.one(&NOW, seconds_from_timespec(reading.now));
    out.family(&ZONE_OFFSET).sample(&[&reading.zone.name], f64::from(reading.zone.offset_seconds));
    let mut number = itoa::Buffer::new();
    let mut family = out.family(&AVAILABLE);
    for (device, source) in reading.sources.iter().enumerate() {
        let device = number.format(device);
        source.available.split_ascii_whitespace().for_each(|name| family.sample(&[device, name], 1.0));
    }
    let mut family = out.family(&CURRENT);
    for (device, source) in reading.sources.iter().enumerate() {
        family.sample(&[number.format(device), &source.current], 1.0);
    }
}

/// An f64 holds today's time to a quarter of a microsecond.
fn seconds_from_timespec(time: Timespec) -> f64 {
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
