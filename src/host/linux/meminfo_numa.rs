//! Use of memory by NUMA node. Source: the kernel's ABI/stable/sysfs-devices-node, `meminfo` and `numastat` below
//! `/sys/devices/system/node/nodeN`. Unit: bytes, but for counts of huge pages; `numastat` counts pages.

use super::meminfo::Field;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Kind, Sink, name};
use std::collections::BTreeMap;
use std::path::Path;

static FIELD: Desc<'static> = Desc::gauge("node_memory_numa_*", "Memory information field *.", &["node"]);
static COUNT: Desc<'static> = Desc::counter("node_memory_numa_*_total", "Memory information field *_total.", &["node"]);

/// The collector `meminfo_numa`.
pub static SPEC: Spec = Spec {
    name: "meminfo_numa",
    about: "use of memory by NUMA node from /sys/devices/system/node",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(MeminfoNuma { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&FIELD, &COUNT];

struct MeminfoNuma {
    roots: Roots,
}

impl Collector for MeminfoNuma {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

/// What each field is on each node that has it, by the field's name.
type Fields = BTreeMap<String, (Kind, Vec<(String, f64)>)>;

fn read(roots: &Roots) -> Result<Fields, CollectError> {
    let dir = roots.sys("devices/system/node");
    let mut fields = Fields::new();
    for name in files::if_there(files::list(&dir))?.unwrap_or_default() {
        let Some(node) = name.strip_prefix("node").filter(|node| node.parse::<u32>().is_ok()) else { continue };
        let mut add = |(name, kind, value)| {
            fields.entry(name).or_insert((kind, Vec::new())).1.push((node.to_owned(), value));
        };
        let path = dir.join(&name).join("meminfo");
        parse_meminfo(&path, &files::read(&path)?)?.into_iter().for_each(&mut add);
        let path = dir.join(&name).join("numastat");
        parse_numastat(&path, &files::read(&path)?)?.into_iter().for_each(&mut add);
    }
    Ok(fields)
}

type Named = (String, Kind, f64);

/// Node 0 MemTotal:       134182340 kB
fn parse_meminfo(path: &Path, text: &str) -> Result<Vec<Named>, CollectError> {
    let field = |(number, line): (usize, &str)| {
        let (_, line) = line
            .strip_prefix("Node ")
            .and_then(|line| line.split_once(' '))
            .ok_or_else(|| CollectError::malformed(path, number, "expected Node and its number"))?;
        let field = Field::parse(path, number, line)?;
        let mut name = String::new();
        field.push_key(&mut name);
        Ok((name, Kind::Gauge, field.value))
    };
    files::lines(text).map(field).collect()
}

/// numa_hit 193460335812
fn parse_numastat(path: &Path, text: &str) -> Result<Vec<Named>, CollectError> {
    let field = |(number, line): (usize, &str)| {
        let (key, value) = line
            .split_once(' ')
            .filter(|(key, _)| name::is_label_name(key))
            .ok_or_else(|| CollectError::malformed(path, number, "expected a name and a value"))?;
        Ok(([key, "_total"].concat(), Kind::Counter, files::parse(path, number, value)?))
    };
    files::lines(text).map(field).collect()
}

fn emit(fields: &Fields, out: &mut dyn Sink) {
    for (name, (kind, values)) in fields {
        let (full, help) = (["node_memory_numa_", name].concat(), ["Memory information field ", name, "."].concat());
        let mut family = out.family(&Desc::new(*kind, &full, &help, FIELD.labels));
        values.iter().for_each(|(node, value)| family.sample(&[node], *value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_another_form_are_told_by_number() {
        let path = Path::new("/n");
        for line in ["", "MemFree: 1 kB", "Node 0", "Node 0 MemFree 1"] {
            let error = parse_meminfo(path, &format!("Node 0 MemTotal: 1 kB\n{line}\n")).unwrap_err().to_string();
            assert!(error.starts_with("/n:2: "), "{line:?}: {error}");
        }
        for line in ["", "numa_miss", "numa_miss x", "numa-miss 1"] {
            let error = parse_numastat(path, &format!("numa_hit 1\n{line}\n")).unwrap_err().to_string();
            assert!(error.starts_with("/n:2: "), "{line:?}: {error}");
        }
    }
}
