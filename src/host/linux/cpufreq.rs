//! Clock frequencies of CPUs and what governs them. Source: `/sys/devices/system/cpu/cpu*/cpufreq`, as
//! Documentation/admin-guide/pm/cpufreq.rst of the kernel describes it. Unit: hertz, from kilohertz.

use crate::host::files::{self, Kept, Listing};
use crate::host::linux::attributes::{self, Attribute, Row};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::path::Path;
use std::thread;

const CPU: &[&str] = &["cpu"];

static TABLE: [Attribute; 7] = [
    hertz("cpuinfo_cur_freq", "node_cpu_frequency_hertz", "Current CPU thread frequency in hertz."),
    hertz("cpuinfo_avg_freq", "node_cpu_frequency_avg_hertz", "Average CPU thread frequency in hertz."),
    hertz("cpuinfo_min_freq", "node_cpu_frequency_min_hertz", "Minimum CPU thread frequency in hertz."),
    hertz("cpuinfo_max_freq", "node_cpu_frequency_max_hertz", "Maximum CPU thread frequency in hertz."),
    hertz("scaling_cur_freq", "node_cpu_scaling_frequency_hertz", "Current scaled CPU thread frequency in hertz."),
    hertz("scaling_min_freq", "node_cpu_scaling_frequency_min_hertz", "Minimum scaled CPU thread frequency in hertz."),
    hertz("scaling_max_freq", "node_cpu_scaling_frequency_max_hertz", "Maximum scaled CPU thread frequency in hertz."),
];

static GOVERNOR: Desc<'static> =
    Desc::gauge("node_cpu_scaling_governor", "Current enabled CPU frequency governor.", &["cpu", "governor"]);

static FAMILIES: [&Desc<'static>; 8] = attributes::families(&[&GOVERNOR], &TABLE);

const fn hertz(file: &'static str, name: &'static str, help: &'static str) -> Attribute {
    Attribute::converted(file, Desc::gauge(name, help, CPU), from_kilo)
}

/// The collector `cpufreq`.
pub static SPEC: Spec = Spec {
    name: "cpufreq",
    about: "clock frequencies and governors of CPUs from /sys/devices/system/cpu",
    default_enabled: true,
    flags: &[],
    build: |env| {
        let root = env.roots.sys("devices/system/cpu");
        Ok(Box::new(Cpufreq { offline: Kept::new(root.join("offline")), cpus: Listing::new(root) }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct Cpufreq {
    cpus: Listing,
    offline: Kept,
}

impl Collector for Cpufreq {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&mut self.cpus, &mut self.offline)?, out);
        Ok(())
    }
}

/// A CPU: its frequencies, the governors that it could have, and the one it has.
struct Cpu {
    row: Row,
    governors: String,
    governor: String,
}

/// x86 kernels before 5.18 sleep for 10 ms in a read of the current frequency, to measure it (`arch_freq_get_on_cpu` in
/// arch/x86/kernel/cpu/aperfmperf.c). So more CPUs than this are read at the same time, by as many threads as it takes,
/// but by [`MAX_READERS`] at most.
const CPUS_PER_READER: usize = 8;
/// See [`CPUS_PER_READER`].
const MAX_READERS: usize = 16;

fn read(all: &mut Listing, offline: &mut Kept) -> Result<Vec<Cpu>, CollectError> {
    let text = offline.value().map_err(CollectError::absent_is_no_data)?;
    let malformed = || CollectError::malformed(offline.path(), 1, "expected a list of CPUs");
    let offline = parse_list(&text).ok_or_else(malformed)?;
    let mut cpus = all.numbered("cpu")?;
    cpus.retain(|cpu| !offline.iter().any(|(first, last)| (first..=last).contains(&cpu)));

    let readers = cpus.len().div_ceil(CPUS_PER_READER).clamp(1, MAX_READERS);
    let mut parts = cpus.chunks(cpus.len().div_ceil(readers).max(1));
    let own = parts.next().unwrap_or_default();
    let read_part = |part: &[u32]| part.iter().filter_map(|cpu| read_cpu(all.path(), *cpu).transpose()).collect();
    thread::scope(|scope| {
        let others: Result<Vec<_>, _> = parts
            .map(|part| thread::Builder::new().name("cpufreq".to_owned()).spawn_scoped(scope, || read_part(part)))
            .collect();
        let others = others.map_err(|e| CollectError::call("pthread_create", e))?;
        let mut all: Vec<Cpu> = read_part(own)?;
        for part in others {
            // A panic ends the process, so there is none to be told of.
            all.extend(part.join().unwrap_or_else(|_| Ok(Vec::new()))?);
        }
        Ok(all)
    })
}

/// `None` where the CPU has no frequency driver, as most virtual ones.
fn read_cpu(root: &Path, cpu: u32) -> Result<Option<Cpu>, CollectError> {
    let dir = root.join(format!("cpu{cpu}/cpufreq"));
    if !dir.is_dir() {
        return Ok(None);
    }
    Ok(Some(Cpu {
        row: Row { labels: vec![cpu.to_string()], values: attributes::read(&dir, &TABLE)? },
        governors: files::label(&dir.join("scaling_available_governors"))?,
        governor: files::label(&dir.join("scaling_governor"))?,
    }))
}

/// 0-3,8
/// First and last of each range of CPUs. Source: Documentation/admin-guide/cputopology.rst of the kernel.
fn parse_list(text: &str) -> Option<Vec<(u32, u32)>> {
    let range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some((first.parse().ok()?, last.parse().ok()?))
    };
    text.split(',').filter(|part| !part.is_empty()).map(range).collect()
}

fn emit(cpus: &[Cpu], out: &mut dyn Sink) {
    let mut family = out.family(&GOVERNOR);
    for Cpu { row, governors, governor } in cpus {
        let [cpu, ..] = row.labels.as_slice() else { continue };
        for name in governors.split_ascii_whitespace().filter(|_| !governor.is_empty()) {
            family.sample(&[cpu, name], f64::from(u8::from(name == governor)));
        }
    }
    attributes::emit(&TABLE, cpus.iter().map(|cpu| &cpu.row), out);
}

fn from_kilo(value: f64) -> f64 {
    value * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cpus_is_ranges() {
        for (text, want) in [
            ("", Some(vec![])),
            ("3", Some(vec![(3, 3)])),
            ("0-3,8,10-4000000000", Some(vec![(0, 3), (8, 8), (10, 4_000_000_000)])),
            ("0-", None),
            ("a", None),
            ("0-1-2", None),
        ] {
            assert_eq!(parse_list(text), want, "text: {text:?}");
        }
    }

    #[test]
    fn many_cpus_are_all_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("devices/system/cpu");
        for cpu in 0..40 {
            let dir = root.join(format!("cpu{cpu}/cpufreq"));
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("scaling_cur_freq"), cpu.to_string()).unwrap();
        }
        std::fs::write(root.join("offline"), "3,38-39\n").unwrap();
        let cpus = read(&mut Listing::new(root.clone()), &mut Kept::new(root.join("offline"))).unwrap();
        let got: Vec<f64> = cpus.iter().filter_map(|cpu| cpu.row.values[4]).collect();
        let want: Vec<f64> = (0..38).filter(|cpu| *cpu != 3).map(|cpu| f64::from(cpu) * 1e3).collect();
        assert_eq!(got, want);
    }
}
