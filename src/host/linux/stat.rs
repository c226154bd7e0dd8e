//! Counts of the whole system since boot. Source: proc_stat(5), `/proc/stat`.
//!
//! The procfs crate has neither interrupts nor softirqs.

use crate::flag::Flag;
use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::path::Path;

static INTERRUPTS: Desc<'static> = Desc::counter("node_intr_total", "Total number of interrupts serviced.", &[]);
static CONTEXT_SWITCHES: Desc<'static> =
    Desc::counter("node_context_switches_total", "Total number of context switches.", &[]);
static FORKS: Desc<'static> = Desc::counter("node_forks_total", "Total number of forks.", &[]);
static BOOT_TIME: Desc<'static> = Desc::gauge("node_boot_time_seconds", "Node boot time, in unixtime.", &[]);
static RUNNING: Desc<'static> = Desc::gauge("node_procs_running", "Number of processes in runnable state.", &[]);
static BLOCKED: Desc<'static> =
    Desc::gauge("node_procs_blocked", "Number of processes blocked waiting for I/O to complete.", &[]);
static SOFTIRQS: Desc<'static> = Desc::counter("node_softirqs_total", "Number of softirq calls.", &["vector"]);

/// The collector `stat`.
pub static SPEC: Spec = Spec {
    name: "stat",
    about: "boot time, forks, context switches and interrupts from /proc/stat",
    default_enabled: true,
    flags: &[Flag::switch("collector.stat.softirq", "Export softirq calls per vector.")],
    build: |env| {
        Ok(Box::new(Stat { file: Kept::new(env.roots.proc("stat")), softirq: env.flags.on("collector.stat.softirq") }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&INTERRUPTS, &CONTEXT_SWITCHES, &FORKS, &BOOT_TIME, &RUNNING, &BLOCKED, &SOFTIRQS];

struct Stat {
    file: Kept,
    softirq: bool,
}

impl Collector for Stat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let text = self.file.read()?;
        emit(&parse(self.file.path(), &text)?, self.softirq, out);
        Ok(())
    }
}

/// The families of one value each, by the first word of their line.
static TOTALS: [(&str, &Desc<'static>); 6] = [
    ("intr", &INTERRUPTS),
    ("ctxt", &CONTEXT_SWITCHES),
    ("processes", &FORKS),
    ("btime", &BOOT_TIME),
    ("procs_running", &RUNNING),
    ("procs_blocked", &BLOCKED),
];

/// Softirqs in the kernel's order, `enum` of linux/interrupt.h. `block_iopoll` is now called `irq_poll` there.
const VECTORS: [&str; 10] =
    ["hi", "timer", "net_tx", "net_rx", "block", "block_iopoll", "tasklet", "sched", "hrtimer", "rcu"];

/// What is not there stays 0, as in node_exporter.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    totals: [f64; TOTALS.len()],
    softirqs: [f64; VECTORS.len()],
}

fn parse(path: &Path, text: &str) -> Result<Counts, CollectError> {
    let mut counts = Counts::default();
    for (number, line) in files::lines(text) {
        let mut fields = line.split_ascii_whitespace();
        let Some(name) = fields.next() else { continue };
        if let Some(at) = TOTALS.iter().position(|(total, _)| *total == name) {
            counts.totals[at] = files::parse(path, number, fields.next().unwrap_or_default())?;
        } else if name == "softirq" {
            // The first field is the sum of the others.
            fields.next();
            for count in &mut counts.softirqs {
                *count = files::parse(path, number, fields.next().unwrap_or_default())?;
            }
        }
    }
    Ok(counts)
}

fn emit(counts: &Counts, softirq: bool, out: &mut dyn Sink) {
    for ((_, desc), &count) in TOTALS.iter().zip(&counts.totals) {
        out.one(desc, count);
    }
    if softirq {
        let mut family = out.family(&SOFTIRQS);
        VECTORS.iter().zip(&counts.softirqs).for_each(|(vector, &count)| family.sample(&[vector], count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_break_off_are_told_by_number() {
        let path = Path::new("/proc/stat");
        assert_eq!(parse(path, "cpu  1 2\n\nnew 5\n").unwrap(), Counts::default());
        for line in ["ctxt", "btime x", "softirq 9 1 2", "softirq"] {
            let error = parse(path, &format!("intr 1 2\n{line}\n")).unwrap_err().to_string();
            assert!(error.starts_with("/proc/stat:2: "), "{line:?}: {error}");
        }
    }
}
