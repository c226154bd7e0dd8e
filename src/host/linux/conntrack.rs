//! Connection tracking. Source: the kernel's Documentation/networking/nf_conntrack-sysctl.rst,
//! `/proc/sys/net/netfilter/nf_conntrack_{count,max}`, and `/proc/net/stat/nf_conntrack`, a line a CPU in hexadecimal.
//! Unit: table entries or events.

use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, refs};
use std::path::Path;

static ENTRIES: Desc<'static> = Desc::gauge(
    "node_nf_conntrack_entries",
    "Number of currently allocated flow entries for connection tracking.",
    &[],
);
static LIMIT: Desc<'static> =
    Desc::gauge("node_nf_conntrack_entries_limit", "Maximum size of connection tracking table.", &[]);
static STATISTICS: [Desc<'static>; 8] = [
    Desc::gauge("node_nf_conntrack_stat_found", "Number of searched entries which were successful.", &[]),
    Desc::gauge("node_nf_conntrack_stat_invalid", "Number of packets seen which can not be tracked.", &[]),
    Desc::gauge(
        "node_nf_conntrack_stat_ignore",
        "Number of packets seen which are already connected to a conntrack entry.",
        &[],
    ),
    Desc::gauge("node_nf_conntrack_stat_insert", "Number of entries inserted into the list.", &[]),
    Desc::gauge(
        "node_nf_conntrack_stat_insert_failed",
        "Number of entries for which list insertion was attempted but failed.",
        &[],
    ),
    Desc::gauge("node_nf_conntrack_stat_drop", "Number of packets dropped due to conntrack failure.", &[]),
    Desc::gauge(
        "node_nf_conntrack_stat_early_drop",
        "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.",
        &[],
    ),
    Desc::gauge(
        "node_nf_conntrack_stat_search_restart",
        "Number of conntrack table lookups which had to be restarted due to hashtable resizes.",
        &[],
    ),
];

/// The columns of [`STATISTICS`] in the file's first line. Kernels differ in the other columns.
const COLUMNS: [&str; 8] =
    ["found", "invalid", "ignore", "insert", "insert_failed", "drop", "early_drop", "search_restart"];

/// The collector `conntrack`.
pub static SPEC: Spec = Spec {
    name: "conntrack",
    about: "connection tracking from /proc/sys/net/netfilter and /proc/net/stat/nf_conntrack",
    default_enabled: true,
    flags: &[],
    build: |env| {
        let file = |name| Kept::new(env.roots.proc(name));
        Ok(Box::new(Conntrack {
            entries: file("sys/net/netfilter/nf_conntrack_count"),
            limit: file("sys/net/netfilter/nf_conntrack_max"),
            statistics: file("net/stat/nf_conntrack"),
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &{
    let [found, invalid, ignore, insert, failed, drop, early, restart] = refs(&STATISTICS);
    [&ENTRIES, &LIMIT, found, invalid, ignore, insert, failed, drop, early, restart]
};

struct Conntrack {
    entries: Kept,
    limit: Kept,
    statistics: Kept,
}

impl Collector for Conntrack {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

struct Table {
    entries: f64,
    limit: f64,
    /// Sums over all CPUs; not there where the kernel is built without `CONFIG_NF_CONNTRACK_PROCFS`.
    statistics: Option<[u64; 8]>,
}

impl Conntrack {
    fn read(&mut self) -> Result<Table, CollectError> {
        let statistics = match files::if_there(self.statistics.read())? {
            Some(text) => Some(sums(self.statistics.path(), &text)?),
            None => None,
        };
        // The module is loaded on first use.
        Ok(Table {
            entries: self.entries.number().map_err(CollectError::absent_is_no_data)?,
            limit: self.limit.number().map_err(CollectError::absent_is_no_data)?,
            statistics,
        })
    }
}

fn sums(path: &Path, text: &str) -> Result<[u64; 8], CollectError> {
    let mut lines = files::lines(text);
    let header: Vec<&str> = lines.next().map_or("", |(_, line)| line).split_ascii_whitespace().collect();
    let places = COLUMNS.map(|column| header.iter().position(|name| *name == column));
    if places[0].is_none() {
        return Err(CollectError::malformed(path, 1, "expected the names of the columns"));
    }
    let mut sums = [0_u64; 8];
    for (at, line) in lines {
        let columns: Vec<&str> = line.split_ascii_whitespace().collect();
        for (sum, place) in sums.iter_mut().zip(places) {
            if let Some(place) = place {
                *sum = sum.wrapping_add(files::parse_hex(path, at, files::field(path, at, &columns, place)?)?);
            }
        }
    }
    Ok(sums)
}

fn emit(table: &Table, out: &mut dyn Sink) {
    out.one(&ENTRIES, table.entries);
    out.one(&LIMIT, table.limit);
    for (desc, sum) in STATISTICS.iter().zip(table.statistics.iter().flatten()) {
        out.one(desc, *sum as f64);
    }
}
