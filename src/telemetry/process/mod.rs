//! `process_*`: what the agent itself takes of the host. Names and help texts are client_golang's.
//!
//! Source: proc_pid_stat(5) and `/proc/self/net/netstat` of the real `/proc`, whatever `--path.procfs` says, and
//! getrlimit(2); elsewhere sysinfo. Units: seconds, bytes, descriptors. A figure that can't be read is left out.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, not(target_os = "linux")))]
mod portable;

use crate::model::{Desc, Sink};
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use portable as system;
use rustix::process::{Resource, getrlimit};

static CPU_SECONDS: Desc<'static> =
    Desc::counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", &[]);
static MAX_FDS: Desc<'static> = Desc::gauge("process_max_fds", "Maximum number of open file descriptors.", &[]);
static NETWORK_RECEIVE: Desc<'static> = Desc::counter(
    "process_network_receive_bytes_total",
    "Number of bytes received by the process over the network.",
    &[],
);
static NETWORK_TRANSMIT: Desc<'static> =
    Desc::counter("process_network_transmit_bytes_total", "Number of bytes sent by the process over the network.", &[]);
static OPEN_FDS: Desc<'static> = Desc::gauge("process_open_fds", "Number of open file descriptors.", &[]);
static RESIDENT: Desc<'static> = Desc::gauge("process_resident_memory_bytes", "Resident memory size in bytes.", &[]);
static START_TIME: Desc<'static> =
    Desc::gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", &[]);
static VIRTUAL: Desc<'static> = Desc::gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", &[]);
static VIRTUAL_MAX: Desc<'static> =
    Desc::gauge("process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.", &[]);

/// The families that `ProcessMetrics::push` may open.
pub static METRICS: &[&Desc<'static>] = &[
    &CPU_SECONDS,
    &MAX_FDS,
    &NETWORK_RECEIVE,
    &NETWORK_TRANSMIT,
    &OPEN_FDS,
    &RESIDENT,
    &START_TIME,
    &VIRTUAL,
    &VIRTUAL_MAX,
];

/// Reads the agent's own figures, once for each scrape.
#[derive(Debug, Default)]
pub struct ProcessMetrics {
    usage: system::UsageReader,
    network: system::NetworkReader,
}

impl ProcessMetrics {
    /// Pushes all that can be read.
    pub fn push(&mut self, out: &mut dyn Sink) {
        let usage = self.usage.read();
        let network = self.network.read();
        let usage_of = |figure: fn(&Usage) -> f64| usage.as_ref().map(figure);
        for (desc, value) in [
            (&CPU_SECONDS, usage_of(|usage| usage.cpu_seconds)),
            (&MAX_FDS, Some(limit(Resource::Nofile))),
            (&NETWORK_RECEIVE, network.map(|(received, _)| received)),
            (&NETWORK_TRANSMIT, network.map(|(_, sent)| sent)),
            (&OPEN_FDS, system::open_descriptors()),
            (&RESIDENT, usage_of(|usage| usage.resident_bytes)),
            (&START_TIME, usage_of(|usage| usage.start_seconds)),
            (&VIRTUAL, usage_of(|usage| usage.virtual_bytes)),
            (&VIRTUAL_MAX, Some(limit(Resource::As))),
        ] {
            if let Some(value) = value {
                out.one(desc, value);
            }
        }
    }
}

/// Reads the resident set alone, the same as `process_resident_memory_bytes`.
#[derive(Debug, Default)]
pub struct Resident(system::UsageReader);

impl Resident {
    /// In bytes; `None` where it can't be read.
    pub fn read(&mut self) -> Option<u64> {
        self.0.resident()
    }
}

/// What the system counts for a process.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usage {
    cpu_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    start_seconds: f64,
}

/// The soft limit of a resource; none is shown as the largest number, as client_golang has it.
fn limit(resource: Resource) -> f64 {
    getrlimit(resource).current.unwrap_or(u64::MAX) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Encoder;
    use std::fs;

    fn body() -> String {
        let (mut encoder, mut out) = (Encoder::default(), Vec::new());
        ProcessMetrics::default().push(&mut encoder);
        encoder.take(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn value(body: &str, name: &str) -> f64 {
        let line = body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap();
        line.parse().unwrap()
    }

    #[test]
    fn the_figures_are_those_of_this_process() {
        let before = body();
        let file = fs::File::open("/dev/null").unwrap();
        let after = body();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        // A clock that was set since boot moves the boot time, so the bound is loose.
        let age = now - value(&after, "process_start_time_seconds");
        assert!((-60.0..86_400.0).contains(&age), "age: {age}");
        assert!(value(&after, "process_resident_memory_bytes") > 65_536.0);
        assert!(value(&after, "process_virtual_memory_bytes") >= value(&after, "process_resident_memory_bytes"));
        assert!(value(&after, "process_cpu_seconds_total") >= value(&before, "process_cpu_seconds_total"));
        assert!(value(&after, "process_open_fds") >= 4.0, "three standard streams and the file");
        assert!(value(&after, "process_max_fds") >= value(&after, "process_open_fds"));
        drop(file);
    }

    #[test]
    fn every_family_that_is_shown_is_declared() {
        for name in body().lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
            assert!(METRICS.iter().any(|desc| desc.name == name), "{name}");
        }
    }

    #[test]
    fn linux_and_sysinfo_count_alike() {
        let ours = system::UsageReader::default().read().unwrap();
        let theirs = portable::UsageReader::default().read().unwrap();
        assert!((ours.start_seconds - theirs.start_seconds).abs() <= 2.0, "{ours:?} {theirs:?}");
        assert!((ours.cpu_seconds - theirs.cpu_seconds).abs() <= 1.0, "{ours:?} {theirs:?}");
        let ratio = ours.resident_bytes / theirs.resident_bytes;
        assert!((0.5..2.0).contains(&ratio), "{ours:?} {theirs:?}");
        let ratio = Resident::default().read().unwrap() as f64 / ours.resident_bytes;
        assert!((0.5..2.0).contains(&ratio), "{ours:?}");
    }
}
