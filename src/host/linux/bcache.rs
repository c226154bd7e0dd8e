//! Block cache. Source: Documentation/admin-guide/bcache.rst in the kernel, `/sys/fs/bcache/UUID`. Unit: by the name; the
//! kernel rounds what it prints with a suffix.

use crate::flag::Flag;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, heads};
use std::path::Path;

/// A family with the file, below the folder of what it is about, or the first word of the line that has its figure.
type Source = (Desc<'static>, &'static str);

const SET: &[&str] = &["uuid"];
const BACKING: &[&str] = &["uuid", "backing_device"];
const CACHE: &[&str] = &["uuid", "cache_device"];

const fn gauge(name: &'static str, help: &'static str, labels: &'static [&'static str], at: &'static str) -> Source {
    (Desc::gauge(name, help, labels), at)
}

const fn counter(name: &'static str, help: &'static str, labels: &'static [&'static str], at: &'static str) -> Source {
    (Desc::counter(name, help, labels), at)
}

static OF_SET: [Source; 9] = [
    gauge(
        "node_bcache_average_key_size_sectors",
        "Average data per key in the btree (sectors).",
        SET,
        "average_key_size",
    ),
    gauge(
        "node_bcache_btree_cache_size_bytes",
        "Amount of memory currently used by the btree cache.",
        SET,
        "btree_cache_size",
    ),
    gauge(
        "node_bcache_cache_available_percent",
        "Percentage of cache device without dirty data, usable for writeback (may contain clean cached \
         data).",
        SET,
        "cache_available_percent",
    ),
    gauge("node_bcache_congested", "Congestion.", SET, "congested"),
    gauge(
        "node_bcache_root_usage_percent",
        "Percentage of the root btree node in use (tree depth increases if too high).",
        SET,
        "root_usage_percent",
    ),
    gauge("node_bcache_tree_depth", "Depth of the btree.", SET, "tree_depth"),
    gauge(
        "node_bcache_active_journal_entries",
        "Number of journal entries that are newer than the index.",
        SET,
        "internal/active_journal_entries",
    ),
    gauge("node_bcache_btree_nodes", "Total nodes in the btree.", SET, "internal/btree_nodes"),
    counter(
        "node_bcache_cache_read_races_total",
        "Counts instances where while data was being read from the cache, the bucket was reused and \
         invalidated - i.e. where the pointer was stale after the read completed.",
        SET,
        "internal/cache_read_races",
    ),
];
static READ_DURATION: Desc<'static> =
    Desc::gauge("node_bcache_btree_read_average_duration_seconds", "Average btree read duration.", SET);
static OF_BACKING: [Source; 8] = [
    gauge(
        "node_bcache_dirty_data_bytes",
        "Amount of dirty data for this backing device in the cache.",
        BACKING,
        "dirty_data",
    ),
    counter(
        "node_bcache_bypassed_bytes_total",
        "Amount of IO (both reads and writes) that has bypassed the cache.",
        BACKING,
        "stats_total/bypassed",
    ),
    counter(
        "node_bcache_cache_hits_total",
        "Hits counted per individual IO as bcache sees them.",
        BACKING,
        "stats_total/cache_hits",
    ),
    counter(
        "node_bcache_cache_misses_total",
        "Misses counted per individual IO as bcache sees them.",
        BACKING,
        "stats_total/cache_misses",
    ),
    counter(
        "node_bcache_cache_bypass_hits_total",
        "Hits for IO intended to skip the cache.",
        BACKING,
        "stats_total/cache_bypass_hits",
    ),
    counter(
        "node_bcache_cache_bypass_misses_total",
        "Misses for IO intended to skip the cache.",
        BACKING,
        "stats_total/cache_bypass_misses",
    ),
    counter(
        "node_bcache_cache_miss_collisions_total",
        "Instances where data insertion from cache miss raced with write (data already present).",
        BACKING,
        "stats_total/cache_miss_collisions",
    ),
    counter(
        "node_bcache_cache_readaheads_total",
        "Count of times readahead occurred.",
        BACKING,
        "stats_total/cache_readaheads",
    ),
];
/// Lines of `writeback_rate_debug`.
static OF_WRITEBACK: [Source; 5] = [
    gauge(
        "node_bcache_dirty_target_bytes",
        "Current dirty data target threshold for this backing device in bytes.",
        BACKING,
        "target:",
    ),
    gauge("node_bcache_writeback_rate", "Current writeback rate for this backing device in bytes.", BACKING, "rate:"),
    gauge(
        "node_bcache_writeback_rate_proportional_term",
        "Current result of proportional controller, part of writeback rate",
        BACKING,
        "proportional:",
    ),
    gauge(
        "node_bcache_writeback_rate_integral_term",
        "Current result of integral controller, part of writeback rate",
        BACKING,
        "integral:",
    ),
    gauge(
        "node_bcache_writeback_change",
        "Last writeback rate change step for this backing device.",
        BACKING,
        "change:",
    ),
];
static OF_CACHE: [Source; 3] = [
    gauge(
        "node_bcache_io_errors",
        "Number of errors that have occurred, decayed by io_error_halflife.",
        CACHE,
        "io_errors",
    ),
    counter(
        "node_bcache_metadata_written_bytes_total",
        "Sum of all non data writes (btree writes and all other metadata).",
        CACHE,
        "metadata_written",
    ),
    counter("node_bcache_written_bytes_total", "Sum of all data that has been written to the cache.", CACHE, "written"),
];
/// Lines of `priority_stats`.
static OF_PRIORITY: [Source; 2] = [
    gauge(
        "node_bcache_priority_stats_unused_percent",
        "The percentage of the cache that doesn't contain any data.",
        CACHE,
        "Unused:",
    ),
    gauge("node_bcache_priority_stats_metadata_percent", "Bcache's metadata overhead.", CACHE, "Metadata:"),
];

const PRIORITY_STATS: &str = "collector.bcache.priorityStats";

/// The collector `bcache`.
pub static SPEC: Spec = Spec {
    name: "bcache",
    about: "block cache from /sys/fs/bcache",
    default_enabled: true,
    flags: &[Flag::switch(PRIORITY_STATS, "Expose expensive priority stats.")],
    build: |env| {
        let priority = env.flags.on(PRIORITY_STATS);
        Ok(Box::new(Bcache { roots: env.roots.clone(), priority }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &{
    let [a, b, c, d, e, f, g, h, i] = heads(&OF_SET);
    let [j, k, l, m, n, o, p, q] = heads(&OF_BACKING);
    let [r, s, t, u, v] = heads(&OF_WRITEBACK);
    let [w, x, y] = heads(&OF_CACHE);
    let [unused, metadata] = heads(&OF_PRIORITY);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, unused, metadata, &READ_DURATION]
};

struct Bcache {
    roots: Roots,
    /// Whether to have the kernel walk all buckets, which is expensive.
    priority: bool,
}

impl Collector for Bcache {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

struct Set {
    uuid: String,
    figures: [f64; 9],
    read_seconds: f64,
    backing: Vec<Device<8, 5>>,
    caches: Vec<Device<3, 2>>,
}

/// A device of a set: its figures from files of their own, and those that share a file.
struct Device<const N: usize, const M: usize> {
    name: String,
    figures: [f64; N],
    lines: Option<[f64; M]>,
}

impl Bcache {
    fn read(&self) -> Result<Vec<Set>, CollectError> {
        let folder = self.roots.sys("fs/bcache");
        let mut sets = Vec::new();
        for uuid in files::list_if_there(&folder)?.into_iter().filter(|name| name.contains('-')) {
            let set = folder.join(&uuid);
            let (mut backing, mut caches) = (Vec::new(), Vec::new());
            for name in files::list(&set)? {
                let device = set.join(&name);
                if is_numbered(&name, "bdev") {
                    let lines = Some(from_lines(&device.join("writeback_rate_debug"), &OF_WRITEBACK)?);
                    backing.push(Device { name, figures: from_files(&device, &OF_BACKING)?, lines });
                } else if is_numbered(&name, "cache") {
                    let lines = match self.priority {
                        true => Some(from_lines(&device.join("priority_stats"), &OF_PRIORITY)?),
                        false => None,
                    };
                    caches.push(Device { name, figures: from_files(&device, &OF_CACHE)?, lines });
                }
            }
            let figures = from_files(&set, &OF_SET)?;
            // The kernel prints nanoseconds here, whatever the name says.
            let read_seconds = number(&set.join("internal/btree_read_average_duration_us"))? * 1e-9;
            sets.push(Set { uuid, figures, read_seconds, backing, caches });
        }
        Ok(sets)
    }
}

fn is_numbered(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn from_files<const N: usize>(folder: &Path, sources: &[Source; N]) -> Result<[f64; N], CollectError> {
    let mut figures = [0.0; N];
    for (figure, (_, file)) in figures.iter_mut().zip(sources) {
        *figure = number(&folder.join(file))?;
    }
    Ok(figures)
}

fn from_lines<const N: usize>(path: &Path, sources: &[Source; N]) -> Result<[f64; N], CollectError> {
    let mut figures = [0.0; N];
    for (at, line) in files::lines(&files::read(path)?) {
        let Some((word, value)) = line.split_once(char::is_whitespace) else { continue };
        if let Some(place) = sources.iter().position(|(_, wanted)| *wanted == word) {
            let value = value.trim().trim_end_matches("/sec").trim_end_matches('%');
            figures[place] = parse(path, at, value)?;
        }
    }
    Ok(figures)
}

fn number(path: &Path) -> Result<f64, CollectError> {
    parse(path, 0, &files::value(path)?)
}

/// A number as `bch_hprint` of the kernel's drivers/md/bcache/util.c prints it: `512`, `1.1M`, `-20.4k`. What follows the
/// point is the rest of 1024 divided by 100, so `.10` is more than `.9`.
fn parse(path: &Path, line: usize, text: &str) -> Result<f64, CollectError> {
    let power = text.chars().last().and_then(|suffix| "kMGTPEZY".find(suffix));
    let Some(power) = power else { return files::parse(path, line, text) };
    let (negative, digits) = match text[..text.len() - 1].strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, &text[..text.len() - 1]),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let units = files::parse_u64(path, line, whole)? as f64 + files::parse_u64(path, line, rest)? as f64 / 10.24;
    let size = (units * 1024.0_f64.powi(i32::try_from(power).unwrap_or_default() + 1)).trunc();
    Ok(if negative { -size } else { size })
}

fn emit(sets: &[Set], out: &mut dyn Sink) {
    for (i, (desc, _)) in OF_SET.iter().enumerate() {
        let mut family = out.family(desc);
        sets.iter().for_each(|set| family.sample(&[&set.uuid], set.figures[i]));
    }
    let mut family = out.family(&READ_DURATION);
    sets.iter().for_each(|set| family.sample(&[&set.uuid], set.read_seconds));
    emit_devices(sets, |set| &set.backing, (&OF_BACKING, &OF_WRITEBACK), out);
    emit_devices(sets, |set| &set.caches, (&OF_CACHE, &OF_PRIORITY), out);
}

fn emit_devices<const N: usize, const M: usize>(
    sets: &[Set],
    devices: impl Fn(&Set) -> &[Device<N, M>],
    (of_files, of_lines): (&[Source; N], &[Source; M]),
    out: &mut dyn Sink,
) {
    let all = || sets.iter().flat_map(|set| devices(set).iter().map(|device| (set.uuid.as_str(), device)));
    for (i, (desc, _)) in of_files.iter().enumerate() {
        let mut family = out.family(desc);
        all().for_each(|(uuid, device)| family.sample(&[uuid, &device.name], device.figures[i]));
    }
    for (i, (desc, _)) in of_lines.iter().enumerate() {
        let mut family = out.family(desc);
        for (uuid, device) in all() {
            if let Some(lines) = &device.lines {
                family.sample(&[uuid, &device.name], lines[i]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_numbers_are_read_back() {
        for (text, want) in [
            ("0", Some(0.0)),
            ("512", Some(512.0)),
            ("1.1M", Some(1_150_976.0)),
            ("20.4G", Some(21_894_266_880.0)),
            ("-427.5k", Some(-437_748.0)),
            ("2k", Some(2048.0)),
            ("k", None),
            ("", None),
            ("1.x5k", None),
            ("--1k", None),
            ("1é", None),
        ] {
            assert_eq!(parse(Path::new("f"), 0, text).ok(), want, "text: {text:?}");
        }
    }
}
