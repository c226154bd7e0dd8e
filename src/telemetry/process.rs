//! `process_*`: what the agent itself takes of the host. Names and help texts are client_golang's.
//!
//! Source: proc_pid_stat(5) and `/proc/self/net/netstat` of the real `/proc`, whatever `--path.procfs` says, and
//! getrlimit(2); elsewhere sysinfo. Units: seconds, bytes, descriptors. A figure that can't be read is left out.

use crate::model::{Desc, Sink};
use rustix::process::{Resource, getrlimit};
use std::fs;
use std::io::Read;

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
    usage: UsageReader,
}

impl ProcessMetrics {
    /// Pushes all that can be read.
    pub fn push(&mut self, out: &mut dyn Sink) {
        let usage = self.usage.read();
        let network = network_bytes();
        let usage_of = |figure: fn(&Usage) -> f64| usage.as_ref().map(figure);
        for (desc, value) in [
            (&CPU_SECONDS, usage_of(|usage| usage.cpu_seconds)),
            (&MAX_FDS, Some(limit(Resource::Nofile))),
            (&NETWORK_RECEIVE, network.map(|(received, _)| received)),
            (&NETWORK_TRANSMIT, network.map(|(_, sent)| sent)),
            (&OPEN_FDS, open_descriptors()),
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

/// What the system counts for a process.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usage {
    cpu_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    start_seconds: f64,
}

#[cfg(target_os = "linux")]
use linux::UsageReader;
#[cfg(not(target_os = "linux"))]
use portable::UsageReader;

#[cfg(target_os = "linux")]
mod linux {
    use super::Usage;
    use procfs::process::Process;

    /// Keeps when the system started: reading it costs all of `/proc/stat`.
    #[derive(Debug, Default)]
    pub struct UsageReader {
        boot_seconds: Option<f64>,
    }

    impl UsageReader {
        pub fn read(&mut self) -> Option<Usage> {
            let stat = Process::myself().and_then(|process| process.stat()).ok()?;
            let boot_seconds = match self.boot_seconds {
                Some(seconds) => seconds,
                None => *self.boot_seconds.insert(procfs::boot_time_secs().ok()? as f64),
            };
            let seconds_from_ticks = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
            Some(Usage {
                cpu_seconds: seconds_from_ticks(stat.utime.saturating_add(stat.stime)),
                resident_bytes: stat.rss as f64 * procfs::page_size() as f64,
                virtual_bytes: stat.vsize as f64,
                start_seconds: boot_seconds + seconds_from_ticks(stat.starttime),
            })
        }
    }
}

#[cfg(any(test, not(target_os = "linux")))]
mod portable {
    use super::Usage;
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, get_current_pid};

    /// sysinfo's handle, opened by the first scrape.
    #[derive(Debug, Default)]
    pub struct UsageReader {
        system: Option<System>,
    }

    impl UsageReader {
        pub fn read(&mut self) -> Option<Usage> {
            let pid = get_current_pid().ok()?;
            let system = match &mut self.system {
                Some(system) => system,
                none => none.insert(System::new().ok()?),
            };
            let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
            system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
            let process = system.process(pid)?;
            Some(Usage {
                cpu_seconds: seconds_from_millis(process.accumulated_cpu_time()),
                resident_bytes: process.memory() as f64,
                virtual_bytes: process.virtual_memory() as f64,
                start_seconds: process.start_time() as f64,
            })
        }
    }

    fn seconds_from_millis(millis: u64) -> f64 {
        millis as f64 / 1000.0
    }
}

/// The soft limit of a resource; none is shown as the largest number, as client_golang has it.
fn limit(resource: Resource) -> f64 {
    getrlimit(resource).current.unwrap_or(u64::MAX) as f64
}

/// How many descriptors are open besides the one that counts them. FreeBSD's `/dev/fd` shows the first three alone.
fn open_descriptors() -> Option<f64> {
    let folder = match () {
        () if cfg!(target_os = "linux") => "/proc/self/fd",
        () if cfg!(target_vendor = "apple") => "/dev/fd",
        () => return None,
    };
    let open = fs::read_dir(folder).ok()?.count().saturating_sub(1);
    Some(open as f64)
}

/// Bytes that the process's network namespace received and sent over IP: what client_golang takes for the process's.
fn network_bytes() -> Option<(f64, f64)> {
    let mut file = cfg!(target_os = "linux").then(|| fs::File::open("/proc/self/net/netstat"))?.ok()?;
    // The file says that its size is 0: without room from the start it would be read in ten pieces.
    let mut text = String::with_capacity(8 << 10);
    file.read_to_string(&mut text).ok()?;
    octets(&text)
}

/// `InOctets` and `OutOctets` of the two `IpExt:` lines, names above values.
fn octets(netstat: &str) -> Option<(f64, f64)> {
    let mut lines = netstat.lines().filter_map(|line| line.strip_prefix("IpExt: "));
    let (names, values) = (lines.next()?, lines.next()?);
    let value = |wanted: &str| {
        let mut columns = names.split(' ').zip(values.split(' '));
        columns.find(|(name, _)| *name == wanted)?.1.parse::<u64>().ok()
    };
    Some((value("InOctets")? as f64, value("OutOctets")? as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Encoder;

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
        let ours = UsageReader::default().read().unwrap();
        let theirs = portable::UsageReader::default().read().unwrap();
        assert!((ours.start_seconds - theirs.start_seconds).abs() <= 2.0, "{ours:?} {theirs:?}");
        assert!((ours.cpu_seconds - theirs.cpu_seconds).abs() <= 1.0, "{ours:?} {theirs:?}");
        let ratio = ours.resident_bytes / theirs.resident_bytes;
        assert!((0.5..2.0).contains(&ratio), "{ours:?} {theirs:?}");
    }

    #[test]
    fn octets_are_found_by_their_names() {
        for (netstat, want) in [
            ("TcpExt: A\nTcpExt: 1\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 5 7\n", Some((5.0, 7.0))),
            ("IpExt: OutOctets InOctets\nIpExt: 7 5\n", Some((5.0, 7.0))),
            ("IpExt: InOctets OutOctets\nIpExt: 5\n", None),
            ("IpExt: InOctets OutOctets\nIpExt: 5 x\n", None),
            ("IpExt: InOctets OutOctets\n", None),
            ("TcpExt: InOctets OutOctets\nTcpExt: 5 7\n", None),
            ("", None),
        ] {
            assert_eq!(octets(netstat), want, "netstat: {netstat:?}");
        }
    }
}
