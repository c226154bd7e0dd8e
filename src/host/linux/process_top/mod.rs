//! The processes that take most CPU and most memory, by name. Source: proc_pid_stat(5), `/proc/PID/stat`; `/proc/uptime`.
//! Unit: seconds, bytes.
//!
//! Names of metrics and labels are those of process-exporter, which groups by the same name unless told otherwise. Only
//! scrapes look: what begins and ends between two of them is not seen.

mod ranking;
mod read;

use crate::flag::{Flag, FlagError, Values};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec};
use crate::model::{Desc, Sink};
use ranking::{Name, Ranking};

static CPU: Desc<'static> = Desc::counter(
    "namedprocess_namegroup_cpu_seconds_total",
    "CPU time of the processes of a name, those that have ended included.",
    &["groupname", "mode"],
);
static MEMORY: Desc<'static> = Desc::gauge(
    "namedprocess_namegroup_memory_bytes",
    "Memory of the processes of a name; pages that they share are counted for each.",
    &["groupname", "memtype"],
);
static PROCESSES: Desc<'static> =
    Desc::gauge("namedprocess_namegroup_num_procs", "Number of processes of a name.", &["groupname"]);
static THREADS: Desc<'static> =
    Desc::gauge("namedprocess_namegroup_num_threads", "Number of threads of the processes of a name.", &["groupname"]);
static NAMES: Desc<'static> =
    Desc::gauge("tallyd_process_top_names", "Names that processes have now, shown here or not.", &[]);
static UNREAD: Desc<'static> = Desc::gauge(
    "tallyd_process_top_unread",
    "Processes that were not read, since this user may not or since there are too many.",
    &[],
);

const COUNT_FLAG: &str = "collector.process_top.count";
/// A body with more names than this is no list of the top.
const MAX_COUNT: usize = 1000;

/// The collector `process_top`.
pub static SPEC: Spec = Spec {
    name: "process_top",
    about: "processes with most CPU and with most memory by name from /proc",
    default_enabled: false,
    flags: &[Flag::value(
        COUNT_FLAG,
        "N",
        "10",
        "Show this many names with most CPU, and as many with most memory; at most 1000.",
    )],
    build: |env| {
        let (roots, count) = (env.roots.clone(), count(env.flags)?);
        Ok(Box::new(ProcessTop { roots, count, ranking: Ranking::default() }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&CPU, &MEMORY, &PROCESSES, &THREADS, &NAMES, &UNREAD];

fn count(flags: &Values) -> Result<usize, FlagError> {
    let count = flags.text(COUNT_FLAG).parse().ok().filter(|count| (1..=MAX_COUNT).contains(count));
    count.ok_or_else(|| flags.wrong(COUNT_FLAG, format!("it is a number from 1 to {MAX_COUNT}")))
}

struct ProcessTop {
    roots: Roots,
    count: usize,
    ranking: Ranking,
}

impl Collector for ProcessTop {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let processes = read::read(&self.roots)?;
        self.ranking.update(&processes.read, processes.uptime);
        emit(&self.ranking.top(self.count), out);
        out.one(&NAMES, self.ranking.names_now() as f64);
        out.one(&UNREAD, processes.unread as f64);
        Ok(())
    }
}

fn emit(names: &[(&str, &Name)], out: &mut dyn Sink) {
    let mut family = out.family(&CPU);
    for (name, figures) in names {
        family.sample(&[name, "user"], read::seconds_from_ticks(figures.user));
        family.sample(&[name, "system"], read::seconds_from_ticks(figures.system));
    }
    let mut family = out.family(&MEMORY);
    for (name, figures) in names {
        family.sample(&[name, "resident"], figures.resident as f64);
        family.sample(&[name, "virtual"], figures.virtual_size as f64);
    }
    let mut family = out.family(&PROCESSES);
    names.iter().for_each(|(name, figures)| family.sample(&[name], figures.processes as f64));
    let mut family = out.family(&THREADS);
    names.iter().for_each(|(name, figures)| family.sample(&[name], figures.threads as f64));
}
