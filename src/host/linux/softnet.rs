//! Packets that each CPU took off its backlog. Source: `softnet_seq_show` in the kernel's net/core/net-procfs.c,
//! `/proc/net/softnet_stat`. Unit: packets or events, in hexadecimal.

use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, refs};
use std::path::Path;

static FAMILIES: [Desc<'static>; 7] = [
    Desc::counter("node_softnet_processed_total", "Number of processed packets", &["cpu"]),
    Desc::counter("node_softnet_dropped_total", "Number of dropped packets", &["cpu"]),
    Desc::counter("node_softnet_times_squeezed_total", "Number of times processing packets ran out of quota", &["cpu"]),
    Desc::counter(
        "node_softnet_cpu_collision_total",
        "Number of collision occur while obtaining device lock while transmitting",
        &["cpu"],
    ),
    Desc::counter("node_softnet_received_rps_total", "Number of times cpu woken up received_rps", &["cpu"]),
    Desc::counter("node_softnet_flow_limit_count_total", "Number of times flow limit has been reached", &["cpu"]),
    Desc::gauge("node_softnet_backlog_len", "Softnet backlog status", &["cpu"]),
];

/// Where the figures of [`FAMILIES`] stand in a line; those from 9 on came with later kernels.
const COLUMNS: [usize; 7] = [0, 1, 2, 8, 9, 10, 11];
/// The columns of the oldest form, Linux 2.6.23.
const MIN_COLUMNS: usize = 9;
/// Where Linux 5.10 and later say which CPU it is; before that, lines count them.
const CPU_COLUMN: usize = 12;

/// The collector `softnet`.
pub static SPEC: Spec = Spec {
    name: "softnet",
    about: "packets that each CPU processed from /proc/net/softnet_stat",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Softnet(Kept::new(env.roots.proc("net/softnet_stat"))))),
};

/// What it shows.
pub static METRICS: Metrics = &refs(&FAMILIES);

struct Softnet(Kept);

impl Collector for Softnet {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let text = self.0.read()?;
        emit(&parse(self.0.path(), &text)?, out);
        Ok(())
    }
}

struct Cpu {
    number: String,
    figures: [u64; 7],
}

fn parse(path: &Path, text: &str) -> Result<Vec<Cpu>, CollectError> {
    let mut cpus = Vec::new();
    for (at, line) in files::lines(text) {
        let columns = line
            .split_ascii_whitespace()
            .map(|column| files::parse_hex(path, at, column))
            .collect::<Result<Vec<u64>, CollectError>>()?;
        if columns.len() < MIN_COLUMNS {
            return Err(CollectError::malformed(path, at, format!("expected {MIN_COLUMNS} columns or more")));
        }
        let column = |place: usize| columns.get(place).copied();
        let number = column(CPU_COLUMN).unwrap_or(at as u64 - 1).to_string();
        cpus.push(Cpu { number, figures: COLUMNS.map(|place| column(place).unwrap_or_default()) });
    }
    Ok(cpus)
}

fn emit(cpus: &[Cpu], out: &mut dyn Sink) {
    for (i, desc) in FAMILIES.iter().enumerate() {
        let mut family = out.family(desc);
        cpus.iter().for_each(|cpu| family.sample(&[&cpu.number], cpu.figures[i] as f64));
    }
}
