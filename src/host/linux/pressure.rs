//! Pressure stall information. Source: the kernel's Documentation/accounting/psi.rst, `/proc/pressure`. Unit:
//! microseconds there, seconds here.

use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, refs};
use std::path::Path;

static FAMILIES: [Desc<'static>; 6] = [
    Desc::counter(
        "node_pressure_cpu_waiting_seconds_total",
        "Total time in seconds that processes have waited for CPU time",
        &[],
    ),
    Desc::counter(
        "node_pressure_io_waiting_seconds_total",
        "Total time in seconds that processes have waited due to IO congestion",
        &[],
    ),
    Desc::counter(
        "node_pressure_io_stalled_seconds_total",
        "Total time in seconds no process could make progress due to IO congestion",
        &[],
    ),
    Desc::counter(
        "node_pressure_memory_waiting_seconds_total",
        "Total time in seconds that processes have waited for memory",
        &[],
    ),
    Desc::counter(
        "node_pressure_memory_stalled_seconds_total",
        "Total time in seconds no process could make progress due to memory congestion",
        &[],
    ),
    Desc::counter(
        "node_pressure_irq_stalled_seconds_total",
        "Total time in seconds no process could make progress due to IRQ congestion",
        &[],
    ),
];

/// File, line and index of the family: `some` tasks waited, or the `full` system stalled.
const SOURCES: [(&str, &str, usize); 6] = [
    ("cpu", "some", 0),
    ("io", "some", 1),
    ("io", "full", 2),
    ("memory", "some", 3),
    ("memory", "full", 4),
    ("irq", "full", 5),
];

/// The collector `pressure`.
pub static SPEC: Spec = Spec {
    name: "pressure",
    about: "pressure stall information from /proc/pressure",
    default_enabled: true,
    flags: &[],
    build: |env| {
        let file = |resource| Kept::new(env.roots.proc("pressure").join(resource));
        Ok(Box::new(Pressure(RESOURCES.map(file))))
    },
};

/// What it shows.
pub static METRICS: Metrics = &refs(&FAMILIES);

const RESOURCES: [&str; 4] = ["cpu", "io", "memory", "irq"];

/// The file of each.
struct Pressure([Kept; RESOURCES.len()]);

impl Collector for Pressure {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&mut self.0)?, out);
        Ok(())
    }
}

/// Totals in seconds by index of the family.
fn read(files: &mut [Kept; RESOURCES.len()]) -> Result<[Option<f64>; 6], CollectError> {
    let mut totals = [None; 6];
    for (resource, file) in RESOURCES.into_iter().zip(files) {
        let text = match file.read().map_err(absent_or_disabled_is_no_data) {
            Ok(text) => text,
            // Only with Linux 6.1 and CONFIG_IRQ_TIME_ACCOUNTING.
            Err(CollectError::NoData(_)) if resource == "irq" => continue,
            Err(e) => return Err(e),
        };
        for (_, line, index) in SOURCES.iter().filter(|source| source.0 == resource) {
            totals[*index] = Some(seconds_from_micros(total(file.path(), &text, line)?));
        }
    }
    Ok(totals)
}

/// Files are missing before Linux 4.20 or without CONFIG_PSI; with `psi=0` they are there but can't be opened.
fn absent_or_disabled_is_no_data(error: CollectError) -> CollectError {
    match error {
        CollectError::Io { what, source } if source.raw_os_error() == Some(libc::EOPNOTSUPP) => {
            CollectError::NoData(format!("{}: {source}; boot with psi=1", what.display()))
        }
        other => other.absent_is_no_data(),
    }
}

/// `some avg10=0.18 avg60=0.34 avg300=0.10 total=159886802`
fn total(path: &Path, text: &str, kind: &str) -> Result<f64, CollectError> {
    for (at, line) in files::lines(text) {
        let mut fields = line.split_ascii_whitespace();
        if fields.next() == Some(kind) {
            let total = fields.find_map(|field| field.strip_prefix("total="));
            return files::parse_count(path, at, total.unwrap_or_default());
        }
    }
    Err(CollectError::malformed(path, 0, format!("no line starts with {kind}")))
}

fn seconds_from_micros(micros: f64) -> f64 {
    micros / 1e6
}

fn emit(totals: &[Option<f64>; 6], out: &mut dyn Sink) {
    for (desc, total) in FAMILIES.iter().zip(totals) {
        if let Some(seconds) = total {
            out.one(desc, *seconds);
        }
    }
}
