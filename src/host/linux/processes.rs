//! Number of processes and threads by state. Sources: proc_pid_stat(5), `/proc/PID/stat` and `/proc/PID/task`;
//! `/proc/sys/kernel/threads-max` and `pid_max`.

use super::process::{ids, if_alive, is_id, split_stat};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::collections::BTreeMap;
use std::path::Path;

static THREADS: Desc<'static> = Desc::gauge("node_processes_threads", "Allocated threads in system", &[]);
static MAX_THREADS: Desc<'static> = Desc::gauge("node_processes_max_threads", "Limit of threads in the system", &[]);
static THREADS_STATE: Desc<'static> =
    Desc::gauge("node_processes_threads_state", "Number of threads in each state.", &["thread_state"]);
static STATE: Desc<'static> = Desc::gauge("node_processes_state", "Number of processes in each state.", &["state"]);
static PIDS: Desc<'static> = Desc::gauge("node_processes_pids", "Number of PIDs", &[]);
static MAX_PROCESSES: Desc<'static> = Desc::gauge("node_processes_max_processes", "Number of max PIDs limit", &[]);

/// The collector `processes`.
pub static SPEC: Spec = Spec {
    name: "processes",
    about: "number of processes and threads by state from /proc",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Processes { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&THREADS, &MAX_THREADS, &THREADS_STATE, &STATE, &PIDS, &MAX_PROCESSES];

struct Processes {
    roots: Roots,
}

impl Collector for Processes {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    pids: u32,
    threads: f64,
    states: BTreeMap<char, u32>,
    thread_states: BTreeMap<char, u32>,
    max_threads: f64,
    max_processes: f64,
}

fn read(roots: &Roots) -> Result<Counts, CollectError> {
    let mut counts = Counts {
        max_threads: files::number(&roots.proc("sys/kernel/threads-max"))?,
        max_processes: files::number(&roots.proc("sys/kernel/pid_max"))?,
        ..Counts::default()
    };
    for pid in &ids(roots)? {
        let dir = roots.proc(pid);
        let Some(stat) = read_stat(&dir.join("stat"))? else { continue };
        counts.pids += 1;
        counts.threads += stat.threads;
        *counts.states.entry(stat.state).or_default() += 1;
        let tasks = dir.join("task");
        for task in if_alive(files::list(&tasks))?.unwrap_or_default().iter().filter(|name| is_id(name)) {
            // The process itself is one of its threads.
            let state = if task == pid {
                Some(stat.state)
            } else {
                read_stat(&tasks.join(task).join("stat"))?.map(|stat| stat.state)
            };
            if let Some(state) = state {
                *counts.thread_states.entry(state).or_default() += 1;
            }
        }
    }
    Ok(counts)
}

struct Stat {
    state: char,
    threads: f64,
}

fn read_stat(path: &Path) -> Result<Option<Stat>, CollectError> {
    let Some(text) = if_alive(files::read(path))? else { return Ok(None) };
    parse_stat(&text).map(Some).ok_or_else(|| {
        CollectError::malformed(path, 1, "expected a state and, 18th after the name, the number of threads")
    })
}

/// 17 (khungtaskd) S 2 0 0 0 -1 2129984 0 0 0 0 14 0 0 0 20 0 1 0 24 ...
///                 ^                                         ^
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, mut fields) = split_stat(text)?;
    let state = fields.next()?.chars().next()?;
    let threads = fields.nth(16)?.parse().ok()?;
    Some(Stat { state, threads })
}

fn emit(counts: &Counts, out: &mut dyn Sink) {
    out.one(&THREADS, counts.threads);
    out.one(&MAX_THREADS, counts.max_threads);
    out.one(&PIDS, f64::from(counts.pids));
    out.one(&MAX_PROCESSES, counts.max_processes);
    for (desc, states) in [(&STATE, &counts.states), (&THREADS_STATE, &counts.thread_states)] {
        let mut family = out.family(desc);
        states.iter().for_each(|(state, &count)| family.sample(&[state.encode_utf8(&mut [0; 4])], f64::from(count)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let tail = "2 0 0 0 -1 64 0 0 0 0 14 0 0 0 20 0 3 0 24";
        for (text, want) in [
            (format!("1 (init) S {tail}"), Some(('S', 3.0))),
            (format!("1 (a) R 1) I {tail}"), Some(('I', 3.0))),
            (format!("1 (\n) Z {tail}"), Some(('Z', 3.0))),
            ("1 (init) S 2 0".to_owned(), None),
            (format!("1 init S {tail}"), None),
            (")(".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(parse_stat(&text).map(|stat| (stat.state, stat.threads)), want, "{text:?}");
        }
    }
}
