//! ZFS. Source: the kstats of OpenZFS, `/proc/spl/kstat/zfs`. Unit: by the name; the module names what it counts.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, name};
use std::collections::BTreeMap;
use std::path::Path;

static KSTAT: Desc<'static> = Desc::untyped("node_zfs_*", "kstat.zfs.misc.*", &[]);
static POOL: Desc<'static> = Desc::untyped("node_zfs_zpool_*", "kstat.zfs.misc.io.*", &["zpool"]);
static DATASET: Desc<'static> =
    Desc::untyped("node_zfs_zpool_dataset_*", "kstat.zfs.misc.objset.*", &["zpool", "dataset"]);
static STATE: Desc<'static> = Desc::gauge("node_zfs_zpool_state", "kstat.zfs.misc.state", &["zpool", "state"]);

/// Files that name the module's own statistics, each with what stands for it in the name of a family.
const FILES: [(&str, &str); 11] = [
    ("abdstats", "abd"),
    ("arcstats", "arc"),
    ("dbufstats", "dbuf"),
    ("dmu_tx", "dmu_tx"),
    ("dnodestats", "dnode"),
    ("fm", "fm"),
    ("vdev_cache_stats", "vdev_cache"),
    ("vdev_mirror_stats", "vdev_mirror"),
    ("xuio_stats", "xuio"),
    ("zfetchstats", "zfetch"),
    ("zil", "zil"),
];
/// States of a pool, as the label `state` has them.
const STATES: [&str; 7] = ["online", "degraded", "faulted", "offline", "removed", "unavail", "suspended"];
/// Types of a value, `KSTAT_DATA_*` of sys/kstat.h.
const INT64: &str = "3";
const UINT64: &str = "4";

/// The collector `zfs`.
pub static SPEC: Spec = Spec {
    name: "zfs",
    about: "ZFS from /proc/spl/kstat/zfs",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Zfs { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&KSTAT, &POOL, &DATASET, &STATE];

struct Zfs {
    roots: Roots,
}

impl Collector for Zfs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

/// Name and help of a family, and its samples: values of the labels, and the figure.
type Families = BTreeMap<(String, String), Vec<(Vec<String>, f64)>>;

#[derive(Default)]
struct Statistics {
    module: Families,
    pools: Families,
    datasets: Families,
    /// Pool and state, in small letters.
    states: Vec<(String, String)>,
}

fn read(roots: &Roots) -> Result<Statistics, CollectError> {
    let folder = roots.proc("spl/kstat/zfs");
    let mut statistics = Statistics::default();
    let names = files::list(&folder).map_err(CollectError::absent_is_no_data)?;
    for (file, subsystem) in FILES.iter().filter(|(file, _)| names.iter().any(|name| name == file)) {
        let path = folder.join(file);
        for kstat in parse_kstats(&path, &files::read(&path)?)?.figures {
            let family =
                (format!("node_zfs_{subsystem}_{}", kstat.metric), format!("kstat.zfs.misc.{file}.{}", kstat.name));
            statistics.module.entry(family).or_default().push((Vec::new(), kstat.value));
        }
    }
    for pool in names {
        let path = folder.join(&pool);
        if path.is_dir() {
            read_pool(&path, &pool, &mut statistics)?;
        }
    }
    Ok(statistics)
}

/// The files of a pool. They vanish while the pool is exported, which is no failure.
fn read_pool(folder: &Path, pool: &str, out: &mut Statistics) -> Result<(), CollectError> {
    for file in files::list_if_there(folder)? {
        let path = folder.join(&file);
        let Some(text) = (match file.as_str() {
            "io" | "state" => files::read_if_there(&path)?,
            file if file.starts_with("objset-") => files::read_if_there(&path)?,
            _ => None,
        }) else {
            continue;
        };
        match file.as_str() {
            "state" => {
                let state = text.lines().next().unwrap_or_default().to_ascii_lowercase();
                out.states.push((pool.to_owned(), state));
            }
            "io" => {
                for kstat in parse_io(&path, &text)? {
                    let family =
                        (format!("node_zfs_zpool_{}", kstat.metric), format!("kstat.zfs.misc.io.{}", kstat.name));
                    out.pools.entry(family).or_default().push((vec![pool.to_owned()], kstat.value));
                }
            }
            _ => {
                let Kstats { dataset, figures } = parse_kstats(&path, &text)?;
                let labels = vec![pool.to_owned(), dataset];
                for kstat in figures {
                    let family = (
                        format!("node_zfs_zpool_dataset_{}", kstat.metric),
                        format!("kstat.zfs.misc.objset.{}", kstat.name),
                    );
                    out.datasets.entry(family).or_default().push((labels.clone(), kstat.value));
                }
            }
        }
    }
    Ok(())
}

/// A figure with its name in the file and as part of a metric's name.
#[derive(Debug, PartialEq)]
struct Kstat {
    name: String,
    metric: String,
    value: f64,
}

impl Kstat {
    fn new(path: &Path, line: usize, name: &str, value: &str) -> Result<Self, CollectError> {
        let metric = name.replace('-', "_");
        if !name::is_label_name(&metric) {
            return Err(CollectError::malformed(path, line, format!("{name:?} can't be part of a metric's name")));
        }
        Ok(Self { name: name.to_owned(), metric, value: files::parse(path, line, value)? })
    }
}

#[derive(Debug, Default, PartialEq)]
struct Kstats {
    /// Of an objset only.
    dataset: String,
    figures: Vec<Kstat>,
}

/// Lines of name, type and value after a line that says so; values that are no 64-bit integers are left out.
fn parse_kstats(path: &Path, text: &str) -> Result<Kstats, CollectError> {
    let mut kstats = Kstats::default();
    let mut lines = files::lines(text);
    if !lines.any(|(_, line)| line.split_ascii_whitespace().eq(["name", "type", "data"])) {
        return Err(CollectError::malformed(path, 0, "expected a line \"name type data\""));
    }
    for (at, line) in lines {
        let mut fields = line.split_ascii_whitespace();
        let (Some(name), Some(kind), Some(value)) = (fields.next(), fields.next(), fields.next()) else { continue };
        if name == "dataset_name" {
            // The name may have spaces in it.
            let rest = line.trim_start().trim_start_matches(name).trim_start().trim_start_matches(kind);
            rest.trim().clone_into(&mut kstats.dataset);
        } else if [INT64, UINT64].contains(&kind) {
            kstats.figures.push(Kstat::new(path, at, name, value)?);
        }
    }
    Ok(kstats)
}

/// A line of names that starts with `nread`, and one of values.
fn parse_io(path: &Path, text: &str) -> Result<Vec<Kstat>, CollectError> {
    let mut lines = files::lines(text).skip_while(|(_, line)| !line.starts_with("nread"));
    let names = lines.next().map_or("", |(_, line)| line).split_ascii_whitespace();
    let Some((at, values)) = lines.next() else { return Ok(Vec::new()) };
    let values: Vec<&str> = values.split_ascii_whitespace().collect();
    let kstat = |(place, name): (usize, &str)| Kstat::new(path, at, name, files::field(path, at, &values, place)?);
    names.enumerate().map(kstat).collect()
}

fn emit(statistics: &Statistics, out: &mut dyn Sink) {
    emit_families(&statistics.module, &KSTAT, out);
    emit_families(&statistics.pools, &POOL, out);
    emit_families(&statistics.datasets, &DATASET, out);
    let mut family = out.family(&STATE);
    for (pool, current) in &statistics.states {
        for state in STATES {
            family.sample(&[pool, state], f64::from(u8::from(current == state)));
        }
    }
}

fn emit_families(families: &Families, like: &Desc<'_>, out: &mut dyn Sink) {
    for ((name, help), samples) in families {
        let mut family = out.family(&Desc { name, help, ..*like });
        for (labels, value) in samples {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            family.sample(&labels, *value);
        }
    }
}
