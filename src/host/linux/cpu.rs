//! CPU time by mode, and what sysfs tells of each CPU. Sources: proc_stat(5), `/proc/stat`; `/proc/cpuinfo`; the kernel's
//! ABI/testing/sysfs-devices-system-cpu. Unit: seconds, from ticks of 1/100 s.
//!
//! The procfs crate numbers the CPUs of `/proc/stat` by their place in the file, which is wrong as soon as one is offline.

mod info;
mod sysfs;

use crate::flag::Flag;
use crate::host::files::{self, Kept, Listing};
use crate::host::filter::pattern;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec};
use crate::model::{Desc, Sink};
use info::Info;
use std::cmp::max;
use std::path::Path;
use sysfs::Sysfs;

static SECONDS: Desc<'static> =
    Desc::counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", &["cpu", "mode"]);
static GUEST_SECONDS: Desc<'static> = Desc::counter(
    "node_cpu_guest_seconds_total",
    "Seconds the CPUs spent in guests (VMs) for each mode.",
    &["cpu", "mode"],
);

/// The collector `cpu`.
pub static SPEC: Spec = Spec {
    name: "cpu",
    about: "time of each CPU by mode from /proc/stat, throttling and state from sysfs",
    default_enabled: true,
    flags: &[
        Flag::on("collector.cpu.guest", "Expose node_cpu_guest_seconds_total."),
        Flag::switch("collector.cpu.info", "Expose node_cpu_info."),
        Flag::value(
            "collector.cpu.info.flags-include",
            "REGEX",
            "",
            "Expose the CPU flags that this finds as node_cpu_flag_info; switches node_cpu_info on.",
        ),
        Flag::value(
            "collector.cpu.info.bugs-include",
            "REGEX",
            "",
            "Expose the CPU bugs that this finds as node_cpu_bug_info; switches node_cpu_info on.",
        ),
    ],
    build: |env| {
        let flags = pattern(env.flags, "collector.cpu.info.flags-include")?;
        let bugs = pattern(env.flags, "collector.cpu.info.bugs-include")?;
        let wanted = env.flags.on("collector.cpu.info") || flags.is_some() || bugs.is_some();
        Ok(Box::new(Cpu {
            roots: env.roots.clone(),
            stat: Kept::new(env.roots.proc("stat")),
            cpus: Listing::new(env.roots.sys("devices/system/cpu")),
            isolated: Kept::new(env.roots.sys("devices/system/cpu/isolated")),
            guest: env.flags.on("collector.cpu.guest"),
            info: wanted.then_some(Info { flags, bugs }),
            times: Vec::new(),
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[
    &SECONDS,
    &GUEST_SECONDS,
    &info::INFO,
    &info::FLAG,
    &info::BUG,
    &sysfs::CORE_THROTTLES,
    &sysfs::PACKAGE_THROTTLES,
    &sysfs::ISOLATED,
    &sysfs::ONLINE,
];

struct Cpu {
    roots: Roots,
    stat: Kept,
    cpus: Listing,
    isolated: Kept,
    guest: bool,
    info: Option<Info>,
    /// The times last shown, by ascending CPU.
    times: Vec<Times>,
}

impl Collector for Cpu {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let text = self.stat.read()?;
        let times = parse(self.stat.path(), &text)?;
        let sysfs = Sysfs::read(&mut self.cpus, &mut self.isolated)?;
        if let Some(info) = &self.info {
            info.collect(&self.roots, out)?;
        }
        self.times = settle(&self.times, times);
        emit(&self.times, self.guest, out);
        sysfs.emit(out);
        Ok(())
    }
}

/// Kernels count in ticks of their own and show ticks of 1/100 s (`USER_HZ`), on every architecture that Rust knows.
const TICKS_PER_SECOND: u64 = 100;

/// Fields of a line `cpuN` after its name; the last two are a part of `user` and `nice`.
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
const GUEST_MODES: [&str; 2] = ["user", "nice"];
const FIELDS: usize = MODES.len() + GUEST_MODES.len();
const IDLE: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    cpu: u32,
    ticks: [u64; FIELDS],
}

fn parse(path: &Path, text: &str) -> Result<Vec<Times>, CollectError> {
    let mut all: Vec<Times> = Vec::new();
    for (number, line) in files::lines(text) {
        // The line `cpu ` is the sum of the others.
        let Some(line) = line.strip_prefix("cpu").filter(|rest| !rest.starts_with(' ')) else { continue };
        let times = times(line)
            .ok_or_else(|| CollectError::malformed(path, number, "expected a CPU's number and at least four times"))?;
        if all.last().is_some_and(|last| last.cpu >= times.cpu) {
            return Err(CollectError::malformed(path, number, "expected CPUs in ascending order"));
        }
        all.push(times);
    }
    Ok(all)
}

/// cpu0 4694 0 3159 218535 417 0 26 4034 0 0
///    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
/// Number, then the times, of which old kernels have fewer. The tenth came with Linux 2.6.33.
fn times(line: &str) -> Option<Times> {
    let mut fields = line.split_ascii_whitespace();
    let cpu = fields.next()?.parse().ok()?;
    let mut ticks = [0; FIELDS];
    let mut count = 0;
    for (tick, field) in ticks.iter_mut().zip(fields) {
        *tick = field.parse().ok()?;
        count += 1;
    }
    (count > IDLE).then_some(Times { cpu, ticks })
}

/// Linux lets `idle` and `iowait` of a CPU run backwards by some ticks, which a counter must not: the highest value seen
/// stays. A larger step back of `idle` means that the CPU was taken out and put in again, and its counts start anew.
/// Both as in node_exporter. A CPU that is no longer there is forgotten.
fn settle(last: &[Times], mut now: Vec<Times>) -> Vec<Times> {
    const JUMP_BACK: u64 = 3 * TICKS_PER_SECOND;
    for times in &mut now {
        let Ok(before) = last.binary_search_by_key(&times.cpu, |times| times.cpu).map(|at| last[at].ticks) else {
            continue;
        };
        if before[IDLE].saturating_sub(times.ticks[IDLE]) < JUMP_BACK {
            times.ticks.iter_mut().zip(before).for_each(|(tick, before)| *tick = max(*tick, before));
        }
    }
    now
}

fn emit(times: &[Times], guest: bool, out: &mut dyn Sink) {
    let mut number = itoa::Buffer::new();
    let mut family = |desc: &Desc<'static>, modes: &[&str], from: usize| {
        let mut family = out.family(desc);
        for times in times {
            let cpu = number.format(times.cpu);
            for (mode, &ticks) in modes.iter().zip(&times.ticks[from..]) {
                family.sample(&[cpu, mode], seconds_from_ticks(ticks));
            }
        }
    };
    family(&SECONDS, &MODES, 0);
    if guest {
        family(&GUEST_SECONDS, &GUEST_MODES, MODES.len());
    }
}

fn seconds_from_ticks(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SECOND as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cpu: u32, user: u64, idle: u64) -> Times {
        Times { cpu, ticks: [user, 0, 0, idle, 0, 0, 0, 0, 0, 0] }
    }

    #[test]
    fn counters_never_run_backwards_unless_a_cpu_was_replaced() {
        for (last, now, want) in [
            (vec![], vec![line(0, 5, 1000)], vec![line(0, 5, 1000)]),
            (vec![line(0, 5, 1000)], vec![line(0, 6, 999)], vec![line(0, 6, 1000)]),
            (vec![line(0, 5, 1000)], vec![line(0, 4, 701)], vec![line(0, 5, 1000)]),
            (vec![line(0, 5, 1000)], vec![line(0, 1, 700)], vec![line(0, 1, 700)]),
            (vec![line(0, 5, 9), line(1, 7, 9)], vec![line(1, 6, 9)], vec![line(1, 7, 9)]),
            (vec![line(1, 7, 9)], vec![line(0, 1, 1), line(1, 8, 9)], vec![line(0, 1, 1), line(1, 8, 9)]),
        ] {
            assert_eq!(settle(&last, now.clone()), want, "{last:?} then {now:?}");
        }
    }

    #[test]
    fn lines_that_are_not_documented_are_told_by_number() {
        let path = Path::new("/proc/stat");
        assert_eq!(parse(path, "cpu  1 2 3 4\ncpu0 1 0 0 4\ncpu2 5 0 0 4 9\nintr 5\n").unwrap().len(), 2);
        for (text, line) in [
            ("cpu0 1 2 3\n", 1),
            ("cpu  1 2 3 4\ncpu0 1 2 x 4\n", 2),
            ("cpu0 1 2 3 4\ncpu0 1 2 3 4\n", 2),
            ("cpu0 1 2 3 -4\n", 1),
            ("cpux 1 2 3 4\n", 1),
            ("cpu", 1),
        ] {
            let error = parse(path, text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("/proc/stat:{line}: ")), "{text:?}: {error}");
        }
    }
}
