//! What the scheduler did on each CPU. Source: the kernel's Documentation/scheduler/sched-stats.rst,
//! `/proc/schedstat`. Unit: nanoseconds there, seconds here.

use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::path::Path;

static RUNNING: Desc<'static> =
    Desc::counter("node_schedstat_running_seconds_total", "Number of seconds CPU spent running a process.", &["cpu"]);
static WAITING: Desc<'static> = Desc::counter(
    "node_schedstat_waiting_seconds_total",
    "Number of seconds spent by processing waiting for this CPU.",
    &["cpu"],
);
static TIMESLICES: Desc<'static> =
    Desc::counter("node_schedstat_timeslices_total", "Number of timeslices executed by CPU.", &["cpu"]);

/// The collector `schedstat`.
pub static SPEC: Spec = Spec {
    name: "schedstat",
    about: "running and waiting time of each CPU from /proc/schedstat",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Schedstat(Kept::new(env.roots.proc("schedstat"))))),
};

/// What it shows.
pub static METRICS: Metrics = &[&RUNNING, &WAITING, &TIMESLICES];

struct Schedstat(Kept);

impl Collector for Schedstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let text = self.0.read().map_err(CollectError::absent_is_no_data)?;
        emit(&parse(self.0.path(), &text)?, out);
        Ok(())
    }
}

struct Cpu {
    number: String,
    running_seconds: f64,
    waiting_seconds: f64,
    timeslices: f64,
}

/// `cpu0 498494191 0 3533438552 2553969831 3853684107 2465731542 2045936778163039 343796328169361 4767485306`: the last
/// three are running time, waiting time and timeslices. Versions 14 to 17 of the file have these nine numbers.
fn parse(path: &Path, text: &str) -> Result<Vec<Cpu>, CollectError> {
    let mut cpus = Vec::new();
    for (at, line) in files::lines(text) {
        let Some(rest) = line.strip_prefix("cpu") else { continue };
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let &[number, _, _, _, _, _, _, running, waiting, timeslices] = fields.as_slice() else {
            return Err(CollectError::malformed(path, at, "expected nine numbers for a CPU"));
        };
        cpus.push(Cpu {
            number: number.to_owned(),
            running_seconds: seconds_from_nanos(files::parse_count(path, at, running)?),
            waiting_seconds: seconds_from_nanos(files::parse_count(path, at, waiting)?),
            timeslices: files::parse_count(path, at, timeslices)?,
        });
    }
    Ok(cpus)
}

fn seconds_from_nanos(nanos: f64) -> f64 {
    nanos / 1e9
}

fn emit(cpus: &[Cpu], out: &mut dyn Sink) {
    let mut family = out.family(&RUNNING);
    cpus.iter().for_each(|cpu| family.sample(&[&cpu.number], cpu.running_seconds));
    let mut family = out.family(&WAITING);
    cpus.iter().for_each(|cpu| family.sample(&[&cpu.number], cpu.waiting_seconds));
    let mut family = out.family(&TIMESLICES);
    cpus.iter().for_each(|cpu| family.sample(&[&cpu.number], cpu.timeslices));
}
