//! Memory zones. Source: proc_zoneinfo(5), `/proc/zoneinfo`. Unit: pages.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

const LABELS: &[&str] = &["node", "zone"];

const fn gauge(name: &'static str, help: &'static str) -> Desc<'static> {
    Desc::gauge(name, help, LABELS)
}

const fn counter(name: &'static str, help: &'static str) -> Desc<'static> {
    Desc::counter(name, help, LABELS)
}

/// Families by the first word of their line.
static FIELDS: [(&str, Desc<'static>); 34] = [
    ("nr_free_pages", gauge("node_zoneinfo_nr_free_pages", "Total number of free pages in the zone")),
    ("min", gauge("node_zoneinfo_min_pages", "Zone watermark pages_min")),
    ("low", gauge("node_zoneinfo_low_pages", "Zone watermark pages_low")),
    ("high", gauge("node_zoneinfo_high_pages", "Zone watermark pages_high")),
    ("scanned", gauge("node_zoneinfo_scanned_pages", "Pages scanned since last reclaim")),
    ("spanned", gauge("node_zoneinfo_spanned_pages", "Total pages spanned by the zone, including holes")),
    ("present", gauge("node_zoneinfo_present_pages", "Physical pages existing within the zone")),
    ("managed", gauge("node_zoneinfo_managed_pages", "Present pages managed by the buddy system")),
    ("nr_active_anon", gauge("node_zoneinfo_nr_active_anon_pages", "Number of anonymous pages recently more used")),
    ("nr_inactive_anon", gauge("node_zoneinfo_nr_inactive_anon_pages", "Number of anonymous pages recently less used")),
    ("nr_isolated_anon", gauge("node_zoneinfo_nr_isolated_anon_pages", "Temporary isolated pages from anon lru")),
    ("nr_anon_pages", gauge("node_zoneinfo_nr_anon_pages", "Number of anonymous pages currently used by the system")),
    (
        "nr_anon_transparent_hugepages",
        gauge(
            "node_zoneinfo_nr_anon_transparent_hugepages",
            "Number of anonymous transparent huge pages currently used by the system",
        ),
    ),
    ("nr_active_file", gauge("node_zoneinfo_nr_active_file_pages", "Number of active pages with file-backing")),
    ("nr_inactive_file", gauge("node_zoneinfo_nr_inactive_file_pages", "Number of inactive pages with file-backing")),
    ("nr_isolated_file", gauge("node_zoneinfo_nr_isolated_file_pages", "Temporary isolated pages from file lru")),
    ("nr_file_pages", gauge("node_zoneinfo_nr_file_pages", "Number of file pages")),
    ("nr_slab_reclaimable", gauge("node_zoneinfo_nr_slab_reclaimable_pages", "Number of reclaimable slab pages")),
    ("nr_slab_unreclaimable", gauge("node_zoneinfo_nr_slab_unreclaimable_pages", "Number of unreclaimable slab pages")),
    ("nr_mlock_stack", gauge("node_zoneinfo_nr_mlock_stack_pages", "mlock()ed pages found and moved off LRU")),
    ("nr_kernel_stack", gauge("node_zoneinfo_nr_kernel_stacks", "Number of kernel stacks")),
    ("nr_mapped", gauge("node_zoneinfo_nr_mapped_pages", "Number of mapped pages")),
    ("nr_dirty", gauge("node_zoneinfo_nr_dirty_pages", "Number of dirty pages")),
    ("nr_writeback", gauge("node_zoneinfo_nr_writeback_pages", "Number of writeback pages")),
    ("nr_unevictable", gauge("node_zoneinfo_nr_unevictable_pages", "Number of unevictable pages")),
    ("nr_shmem", gauge("node_zoneinfo_nr_shmem_pages", "Number of shmem pages (included tmpfs/GEM pages)")),
    ("nr_dirtied", counter("node_zoneinfo_nr_dirtied_total", "Page dirtyings since bootup")),
    ("nr_written", counter("node_zoneinfo_nr_written_total", "Page writings since bootup")),
    ("numa_hit", counter("node_zoneinfo_numa_hit_total", "Allocated in intended node")),
    ("numa_miss", counter("node_zoneinfo_numa_miss_total", "Allocated in non intended node")),
    ("numa_foreign", counter("node_zoneinfo_numa_foreign_total", "Was intended here, hit elsewhere")),
    ("numa_interleave", counter("node_zoneinfo_numa_interleave_total", "Interleaver preferred this zone")),
    ("numa_local", counter("node_zoneinfo_numa_local_total", "Allocation from local node")),
    ("numa_other", counter("node_zoneinfo_numa_other_total", "Allocation from other node")),
];

static PROTECTION: Desc<'static> = gauge("node_zoneinfo_protection_*", "Protection array *. field");

pub static METRICS: Metrics = &{
    let mut metrics = [&PROTECTION; FIELDS.len() + 1];
    let mut at = 0;
    while at < FIELDS.len() {
        metrics[at] = &FIELDS[at].1;
        at += 1;
    }
    metrics
};

/// The collector `zoneinfo`.
pub static SPEC: Spec = Spec {
    name: "zoneinfo",
    about: "memory zones from /proc/zoneinfo",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Zoneinfo { roots: env.roots.clone() })),
};

struct Zoneinfo {
    roots: Roots,
}

impl Collector for Zoneinfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("zoneinfo");
        let text = files::read(&path)?;
        emit(&parse(&path, &text)?, out);
        Ok(())
    }
}

struct Zone<'t> {
    node: &'t str,
    name: &'t str,
    /// What the zone has of [`FIELDS`]; the first zone of a node has the counts of the whole node too.
    fields: [Option<f64>; FIELDS.len()],
    protection: Vec<f64>,
}

/// Node 0, zone      DMA
///   pages free     2949
///         min      8
///         protection: (0, 2039, 31932, 31932, 31932)
///       nr_free_pages 2949
fn parse<'t>(path: &Path, text: &'t str) -> Result<Vec<Zone<'t>>, CollectError> {
    let mut zones: Vec<Zone<'t>> = Vec::new();
    for (number, line) in files::lines(text) {
        let malformed = |why: &str| CollectError::malformed(path, number, why);
        if let Some(rest) = line.strip_prefix("Node ") {
            let (node, name) = rest.split_once(", zone ").ok_or_else(|| malformed("expected a node and a zone"))?;
            zones.push(Zone { node, name: name.trim_ascii(), fields: [None; FIELDS.len()], protection: Vec::new() });
            continue;
        }
        let line = line.trim_ascii();
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let field = FIELDS.iter().position(|(name, _)| *name == key);
        if field.is_none() && key != "protection:" {
            continue;
        }
        let zone = zones.last_mut().ok_or_else(|| malformed("expected a node and a zone before"))?;
        if let Some(slot) = field.and_then(|at| zone.fields.get_mut(at)) {
            *slot = Some(files::parse(path, number, value.trim_ascii_start())?);
        } else {
            let list = value.trim_ascii_start().strip_prefix('(').and_then(|list| list.strip_suffix(')'));
            let list = list.ok_or_else(|| malformed("expected a list in brackets"))?.split(", ");
            zone.protection = list.map(|pages| files::parse(path, number, pages)).collect::<Result<_, _>>()?;
        }
    }
    Ok(zones)
}

fn emit(zones: &[Zone<'_>], out: &mut dyn Sink) {
    for (at, (_, desc)) in FIELDS.iter().enumerate() {
        let mut family = out.family(desc);
        for zone in zones {
            if let Some(value) = zone.fields[at] {
                family.sample(&[zone.node, zone.name], value);
            }
        }
    }
    for at in 0..zones.iter().map(|zone| zone.protection.len()).max().unwrap_or_default() {
        let (name, help) = (format!("node_zoneinfo_protection_{at}"), format!("Protection array {at}. field"));
        let mut family = out.family(&Desc::gauge(&name, &help, LABELS));
        for zone in zones {
            if let Some(&pages) = zone.protection.get(at) {
                family.sample(&[zone.node, zone.name], pages);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_another_form_are_told_by_number() {
        let path = Path::new("/proc/zoneinfo");
        assert_eq!(parse(path, "Node 0, zone DMA\n  per-node stats\n    high:  0\n").unwrap().len(), 1);
        for (text, line) in [
            ("  min 8\n", 1),
            ("Node 0\n", 1),
            ("Node 0, zone DMA\n  min x\n", 2),
            ("Node 0, zone DMA\n  min\n", 2),
            ("Node 0, zone DMA\n  protection: 1\n", 2),
            ("Node 0, zone DMA\n  protection: (1, )\n", 2),
        ] {
            let error = parse(path, text).map(|_| ()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("/proc/zoneinfo:{line}: ")), "{text:?}: {error}");
        }
    }
}
