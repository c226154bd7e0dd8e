//! Caches of kernel objects. Source: slabinfo(5), `/proc/slabinfo`, which only root can read.

use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static ACTIVE_OBJECTS: Desc<'static> = Desc::gauge(
    "node_slabinfo_active_objects",
    "The number of objects that are currently active (i.e., in use).",
    &["slab"],
);
static OBJECTS: Desc<'static> = Desc::gauge(
    "node_slabinfo_objects",
    "The total number of allocated objects (i.e., objects that are both in use and not in use).",
    &["slab"],
);
static OBJECT_SIZE: Desc<'static> =
    Desc::gauge("node_slabinfo_object_size_bytes", "The size of objects in this slab, in bytes.", &["slab"]);
static OBJECTS_PER_SLAB: Desc<'static> =
    Desc::gauge("node_slabinfo_objects_per_slab", "The number of objects stored in each slab.", &["slab"]);
static PAGES_PER_SLAB: Desc<'static> =
    Desc::gauge("node_slabinfo_pages_per_slab", "The number of pages allocated for each slab.", &["slab"]);

/// In the order of the file's columns.
static COLUMNS: [&Desc<'static>; 5] = [&ACTIVE_OBJECTS, &OBJECTS, &OBJECT_SIZE, &OBJECTS_PER_SLAB, &PAGES_PER_SLAB];

/// The collector `slabinfo`.
pub static SPEC: Spec = Spec {
    name: "slabinfo",
    about: "caches of kernel objects from /proc/slabinfo",
    default_enabled: false,
    flags: &[
        Flag::value(
            "collector.slabinfo.slabs-include",
            "REGEX",
            ".*",
            "Regexp of slabs to include in slabinfo collector.",
        ),
        Flag::value(
            "collector.slabinfo.slabs-exclude",
            "REGEX",
            "",
            "Regexp of slabs to exclude in slabinfo collector.",
        ),
    ],
    build: |env| {
        let (include, exclude) = ("collector.slabinfo.slabs-include", "collector.slabinfo.slabs-exclude");
        let filter = Filter::from_both(env.flags, include, exclude)?;
        Ok(Box::new(Slabinfo { roots: env.roots.clone(), filter }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &COLUMNS;

struct Slabinfo {
    roots: Roots,
    filter: Filter,
}

impl Collector for Slabinfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("slabinfo");
        let text = files::read(&path)?;
        let mut slabs = parse(&path, &text)?;
        slabs.retain(|slab| !self.filter.ignores(slab.name));
        emit(&slabs, out);
        Ok(())
    }
}

struct Slab<'t> {
    name: &'t str,
    columns: [f64; COLUMNS.len()],
}

/// kmalloc-8192         132    148   8192    4    8 : tunables    0    0    0 : slabdata     37     37      0
/// ^^^^^^^^^^^^         ^^^    ^^^   ^^^^    ^    ^
fn parse<'t>(path: &Path, text: &'t str) -> Result<Vec<Slab<'t>>, CollectError> {
    let mut slabs = Vec::new();
    for (number, line) in files::lines(text) {
        if line.starts_with("slabinfo - ") || line.starts_with('#') {
            continue;
        }
        let malformed = || CollectError::malformed(path, number, "expected a name, five numbers and tunables");
        // A name may have colons.
        let (line, _) = line.split_once(" : tunables ").ok_or_else(malformed)?;
        let (name, mut fields) =
            line.split_once(' ').map(|(name, rest)| (name, rest.split_ascii_whitespace())).ok_or_else(malformed)?;
        let mut columns = [0.0; COLUMNS.len()];
        for column in &mut columns {
            *column = files::parse(path, number, fields.next().ok_or_else(malformed)?)?;
        }
        slabs.push(Slab { name, columns });
    }
    Ok(slabs)
}

fn emit(slabs: &[Slab<'_>], out: &mut dyn Sink) {
    for (column, desc) in COLUMNS.iter().enumerate() {
        let mut family = out.family(desc);
        slabs.iter().for_each(|slab| family.sample(&[slab.name], slab.columns[column]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_another_form_are_told_by_number() {
        let path = Path::new("/proc/slabinfo");
        let good = "f2fs_xattr-8:0 1 2 3 4 5 : tunables 0 0 0 : slabdata 1 2 0\n";
        assert_eq!(parse(path, good).unwrap()[0].name, "f2fs_xattr-8:0");
        for line in ["", "a", "a 1 2 3 4 : tunables 0", "a 1 2 3 4 x : tunables 0", "a 1 2 3 4 5"] {
            let error = parse(path, &format!("{good}{line}\n")).map(|_| ()).unwrap_err().to_string();
            assert!(error.starts_with("/proc/slabinfo:2: "), "{line:?}: {error}");
        }
    }
}
