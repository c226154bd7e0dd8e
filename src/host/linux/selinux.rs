//! SELinux: mode and access vector cache. Source: selinux(8), security/selinux/selinuxfs.c in the kernel,
//! `/sys/fs/selinux` and `/etc/selinux/config`. Unit: events or entries.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, refs};
use std::path::Path;

static ENABLED: Desc<'static> = Desc::gauge("node_selinux_enabled", "SELinux is enabled, 1 is true, 0 is false", &[]);
/// In the order of [`Figures`].
static FAMILIES: [Desc<'static>; 13] = [
    Desc::gauge("node_selinux_config_mode", "Configured SELinux enforcement mode", &[]),
    Desc::gauge("node_selinux_current_mode", "Current SELinux enforcement mode", &[]),
    Desc::counter("node_selinux_avc_lookups_total", "SELinux AVC lookups", &[]),
    Desc::counter("node_selinux_avc_hits_total", "SELinux AVC hits", &[]),
    Desc::counter("node_selinux_avc_misses_total", "SELinux AVC misses", &[]),
    Desc::counter("node_selinux_avc_allocations_total", "SELinux AVC allocations", &[]),
    Desc::counter("node_selinux_avc_reclaims_total", "SELinux AVC reclaims", &[]),
    Desc::counter("node_selinux_avc_frees_total", "SELinux AVC frees", &[]),
    Desc::gauge("node_selinux_avc_hash_entries", "SELinux AVC hash entries", &[]),
    Desc::gauge("node_selinux_avc_hash_buckets_available", "SELinux AVC hash buckets available", &[]),
    Desc::gauge("node_selinux_avc_hash_buckets_used", "SELinux AVC hash buckets used", &[]),
    Desc::gauge("node_selinux_avc_hash_longest_chain", "SELinux AVC hash longest chain", &[]),
    Desc::gauge("node_selinux_avc_threshold", "SELinux AVC threshold", &[]),
];

/// The collector `selinux`.
pub static SPEC: Spec = Spec {
    name: "selinux",
    about: "mode and access vector cache of SELinux from /sys/fs/selinux",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Selinux { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &{
    let [a, b, c, d, e, f, g, h, i, j, k, l, m] = refs(&FAMILIES);
    [&ENABLED, a, b, c, d, e, f, g, h, i, j, k, l, m]
};

struct Selinux {
    roots: Roots,
}

impl Collector for Selinux {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(read(&self.roots)?, out);
        Ok(())
    }
}

/// Values of [`FAMILIES`].
type Figures = [f64; 13];

/// `None` where SELinux is off.
fn read(roots: &Roots) -> Result<Option<Figures>, CollectError> {
    let Some(current) = files::if_there(files::number(&roots.sys("fs/selinux/enforce")))? else { return Ok(None) };
    // Until a policy is loaded, every process has the context "kernel": selinux(8) counts that as off.
    let context = files::optional(files::read(&roots.proc("self/attr/current")))?.unwrap_or_default();
    if context.trim_matches(['\0', '\n']) == "kernel" {
        return Ok(None);
    }
    let config = files::read_if_there(&roots.host("/etc/selinux/config"))?.unwrap_or_default();
    let avc = |name| roots.sys("fs/selinux/avc").join(name);
    let (cache, hash) = (avc("cache_stats"), avc("hash_stats"));
    let [lookups, hits, misses, allocations, reclaims, frees] = parse_cache(&cache, &files::read(&cache)?)?;
    let [entries, available, used, longest] = parse_hash(&hash, &files::read(&hash)?)?;
    let threshold = files::number(&avc("cache_threshold"))?;
    let config = config_mode(&config);
    Ok(Some([
        config,
        current,
        lookups,
        hits,
        misses,
        allocations,
        reclaims,
        frees,
        entries,
        available,
        used,
        longest,
        threshold,
    ]))
}

/// 1 enforcing, 0 permissive, -1 off.
fn config_mode(config: &str) -> f64 {
    let mut modes = config.lines().filter_map(|line| line.trim().strip_prefix("SELINUX="));
    match modes.next_back().map(str::trim) {
        Some("enforcing") => 1.0,
        Some("permissive") => 0.0,
        _ => -1.0,
    }
}

/// A line of names, `lookups hits misses allocations reclaims frees`, and one of figures for each CPU.
fn parse_cache(path: &Path, text: &str) -> Result<[f64; 6], CollectError> {
    let mut sums = [0_u64; 6];
    for (at, line) in files::lines(text).skip(1) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        for (place, sum) in sums.iter_mut().enumerate() {
            *sum = sum.wrapping_add(files::parse_u64(path, at, files::field(path, at, &fields, place)?)?);
        }
    }
    Ok(sums.map(|sum| sum as f64))
}

/// `entries: 503`, `buckets used: 512/512`, `longest chain: 2`: entries, buckets, used ones, longest chain.
fn parse_hash(path: &Path, text: &str) -> Result<[f64; 4], CollectError> {
    let figure = |name: &str| {
        let line = files::lines(text).find_map(|(at, line)| Some((at, line.strip_prefix(name)?.trim())));
        line.ok_or_else(|| CollectError::malformed(path, 0, format!("no line starts with {name:?}")))
    };
    let number = |(at, field)| files::parse(path, at, field);
    let (at, buckets) = figure("buckets used:")?;
    let (used, available) = buckets.split_once('/').unwrap_or((buckets, ""));
    Ok([
        number(figure("entries:")?)?,
        number((at, available))?,
        number((at, used))?,
        number(figure("longest chain:")?)?,
    ])
}

fn emit(figures: Option<Figures>, out: &mut dyn Sink) {
    out.one(&ENABLED, f64::from(u8::from(figures.is_some())));
    for (desc, figure) in FAMILIES.iter().zip(figures.into_iter().flatten()) {
        out.one(desc, figure);
    }
}
