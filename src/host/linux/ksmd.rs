//! Merging of equal pages. Source: the kernel's admin-guide/mm/ksm, `/sys/kernel/mm/ksm`.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};

static FULL_SCANS: Desc<'static> =
    Desc::counter("node_ksmd_full_scans_total", "How many times all mergeable areas have been scanned.", &[]);
static GENERAL_PROFIT: Desc<'static> = Desc::gauge(
    "node_ksmd_general_profit_bytes",
    "How effective is KSM. ksm_saved_pages * sizeof(page) - (all_rmap_items) * sizeof(rmap_item)",
    &[],
);
static MERGE_ACROSS_NODES: Desc<'static> =
    Desc::gauge("node_ksmd_merge_across_nodes", "Specifies if pages from different NUMA nodes can be merged.", &[]);
static PAGES_SHARED: Desc<'static> =
    Desc::gauge("node_ksmd_pages_shared", "How many shared pages are being used.", &[]);
static PAGES_SHARING: Desc<'static> =
    Desc::gauge("node_ksmd_pages_sharing", "How many more sites are sharing them i.e. how much saved.", &[]);
static PAGES_TO_SCAN: Desc<'static> =
    Desc::gauge("node_ksmd_pages_to_scan", "How many pages to scan before ksmd goes to sleep.", &[]);
static PAGES_UNSHARED: Desc<'static> =
    Desc::gauge("node_ksmd_pages_unshared", "How many pages unique but repeatedly checked for merging.", &[]);
static PAGES_VOLATILE: Desc<'static> =
    Desc::gauge("node_ksmd_pages_volatile", "How many pages changing too fast to be placed in a tree.", &[]);
static RUN: Desc<'static> = Desc::gauge("node_ksmd_run", "The status of ksmd. stopped = 0, running = 1", &[]);
static SLEEP: Desc<'static> =
    Desc::gauge("node_ksmd_sleep_seconds", "How many seconds ksmd should sleep before next scan.", &[]);

/// The collector `ksmd`.
pub static SPEC: Spec = Spec {
    name: "ksmd",
    about: "merging of equal pages from /sys/kernel/mm/ksm",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Ksmd { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[
    &FULL_SCANS,
    &GENERAL_PROFIT,
    &MERGE_ACROSS_NODES,
    &PAGES_SHARED,
    &PAGES_SHARING,
    &PAGES_TO_SCAN,
    &PAGES_UNSHARED,
    &PAGES_VOLATILE,
    &RUN,
    &SLEEP,
];

struct Ksmd {
    roots: Roots,
}

impl Collector for Ksmd {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let values = read(&self.roots)?;
        values.iter().for_each(|(desc, value)| out.one(desc, *value));
        Ok(())
    }
}

static FILES: [(&str, &Desc<'static>); 10] = [
    ("full_scans", &FULL_SCANS),
    // May be negative; came with Linux 6.4.
    ("general_profit", &GENERAL_PROFIT),
    ("merge_across_nodes", &MERGE_ACROSS_NODES),
    ("pages_shared", &PAGES_SHARED),
    ("pages_sharing", &PAGES_SHARING),
    ("pages_to_scan", &PAGES_TO_SCAN),
    ("pages_unshared", &PAGES_UNSHARED),
    ("pages_volatile", &PAGES_VOLATILE),
    ("run", &RUN),
    ("sleep_millisecs", &SLEEP),
];

/// A value for each file that is there.
fn read(roots: &Roots) -> Result<Vec<(&'static Desc<'static>, f64)>, CollectError> {
    let dir = roots.sys("kernel/mm/ksm");
    let mut values = Vec::with_capacity(FILES.len());
    for (file, desc) in FILES {
        if let Some(value) = files::if_there(files::number(&dir.join(file)))? {
            values.push((desc, if file == "sleep_millisecs" { seconds_from_millis(value) } else { value }));
        }
    }
    Ok(values)
}

fn seconds_from_millis(millis: f64) -> f64 {
    millis / 1000.0
}
