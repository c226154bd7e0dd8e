//! Metrics that other programs leave in files `*.prom` of a directory. Source: text format 0.0.4; written by cron jobs
//! and the like, at best by renaming a finished file into place.
//!
//! A broken file spoils itself alone: it is left out whole, `node_textfile_scrape_error` says so, and the log names file
//! and line.

mod glob;
mod line;
mod merge;
mod number;
mod parse;
#[cfg(test)]
mod tests;

use self::merge::Merged;
use self::parse::{Family, Parts, Reading};
use super::{CollectError, Collector, Spec, files};
use crate::flag::Flag;
use crate::model::{Desc, Kind, Labels, Sink};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A file that is larger is left out.
pub const MAX_FILE_BYTES: u64 = 16 << 20;
/// Files beyond this number are left out.
pub const MAX_FILES: usize = 1024;

static MTIME: Desc<'static> =
    Desc::gauge("node_textfile_mtime_seconds", "Unixtime mtime of textfiles successfully read.", &["file"]);
static ERROR: Desc<'static> =
    Desc::gauge("node_textfile_scrape_error", "1 if there was an error opening or reading a file, 0 otherwise", &[]);

/// The collector `textfile`.
pub static SPEC: Spec = Spec {
    name: "textfile",
    about: "metrics that other programs leave in files of a directory",
    default_enabled: true,
    flags: &[Flag::values(
        "collector.textfile.directory",
        "DIRECTORY",
        "",
        "Directory to read text files with metrics from, supports glob matching. (repeatable).",
    )],
    metrics: &[&MTIME, &ERROR],
    build: |env| {
        let patterns = env.flags.all("collector.textfile.directory").to_vec();
        Ok(Box::new(Textfile { patterns, complaints: Vec::new() }))
    },
};

struct Textfile {
    patterns: Vec<String>,
    /// Those of the scrape before: what stays wrong is logged once.
    complaints: Vec<String>,
}

impl Collector for Textfile {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut found = read(&self.patterns);
        emit(&found, out);
        for complaint in &found.complaints {
            if !self.complaints.contains(complaint) {
                log::warn!("collector textfile: {complaint}");
            }
        }
        self.complaints = std::mem::take(&mut found.complaints);
        Ok(())
    }
}

/// What all files together have.
#[derive(Default)]
struct Found {
    families: Vec<Family>,
    /// Seconds since 1970 at which each file that could be read was last written.
    mtimes: BTreeMap<String, i64>,
    complaints: Vec<String>,
}

fn read(patterns: &[String]) -> Found {
    let (mut found, mut merged) = (Found::default(), Merged::default());
    for path in list(patterns, &mut found.complaints) {
        let name = path.to_string_lossy().into_owned();
        if found.mtimes.contains_key(&name) {
            continue;
        }
        match read_file(&path) {
            Ok((families, mtime)) => {
                merged.add(&name, families);
                found.mtimes.insert(name, mtime);
            }
            Err(e) => found.complaints.push(e.to_string()),
        }
    }
    let (families, complaints) = merged.finish();
    found.families = families;
    found.complaints.extend(complaints);
    found
}

/// The files to read, in order.
fn list(patterns: &[String], complaints: &mut Vec<String>) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for pattern in patterns.iter().filter(|pattern| !pattern.is_empty()) {
        let mut directories = glob::glob(pattern);
        if directories.is_empty() {
            // Its name may look like a pattern; if it is not there, the error says so.
            directories.push(pattern.into());
        }
        for directory in directories {
            match files::list(&directory) {
                Ok(names) => {
                    let names = names.iter().filter(|name| name.ends_with(".prom"));
                    paths.extend(names.map(|name| clean(&directory.join(name))));
                }
                Err(e) => complaints.push(e.to_string()),
            }
        }
    }
    if paths.len() > MAX_FILES {
        complaints.push(format!("{} files, of which {MAX_FILES} are read", paths.len()));
        paths.truncate(MAX_FILES);
    }
    paths
}

/// The path without `.`, `..` and doubled slashes, as node_exporter names files.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            Component::ParentDir if clean.has_root() => {}
            other => clean.push(other),
        }
    }
    clean
}

fn read_file(path: &Path) -> Result<(Vec<Family>, i64), CollectError> {
    let io = |e| CollectError::io(path, e);
    // Opening a pipe would wait for somebody to write to it.
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err(CollectError::malformed(path, 0, "not a regular file"));
    }
    let (mut file, mut bytes) = (File::open(path).map_err(io)?, Vec::new());
    let modified = file.metadata().and_then(|metadata| metadata.modified()).map_err(io)?;
    file.by_ref().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(CollectError::malformed(path, 0, format!("more than {MAX_FILE_BYTES} bytes")));
    }
    let families = parse::parse(&bytes).map_err(|e| CollectError::malformed(path, e.line, e.why))?;
    Ok((families, unix_seconds(modified)))
}

fn unix_seconds(time: SystemTime) -> i64 {
    let seconds = |since: std::time::Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    }
}

fn emit(found: &Found, out: &mut dyn Sink) {
    let mut family = out.family(&MTIME);
    found.mtimes.iter().for_each(|(file, seconds)| family.sample(&[file], *seconds as f64));
    out.one(&ERROR, f64::from(u8::from(!found.complaints.is_empty())));
    for family in &found.families {
        emit_family(family, out);
    }
}

fn emit_family(family: &Family, out: &mut dyn Sink) {
    let help = family.help.as_deref().unwrap_or_default();
    let desc = Desc::new(family.kind, &family.name, help, &[]);
    let mut samples = out.family(&desc);
    for series in &family.series {
        let labels: Vec<(&str, &str)> = series.labels.iter().map(|(name, value)| (&**name, &**value)).collect();
        let parts = match &series.reading {
            Reading::Value(value) => {
                samples.labeled(&labels, *value);
                continue;
            }
            Reading::Parts(parts) => parts,
        };
        let (suffix, label) = if family.kind == Kind::Histogram { ("_bucket", "le") } else { ("", "quantile") };
        for (point, value) in points(parts, family.kind) {
            let point = number::print(point);
            let labels = [&labels[..], &[(label, &point)]].concat();
            samples.push(suffix, Labels::Pairs(&labels), value);
        }
        samples.push("_sum", Labels::Pairs(&labels), parts.sum);
        samples.push("_count", Labels::Pairs(&labels), parts.count);
    }
}

/// Quantiles or buckets in ascending order, each once; a histogram always has a last bucket that holds all.
fn points(parts: &Parts, kind: Kind) -> Vec<(f64, f64)> {
    let mut points = parts.points.clone();
    points.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    // Of two with the same bound the later one in the file stands.
    points.reverse();
    points.dedup_by(|(a, _), (b, _)| a == b);
    points.reverse();
    if kind == Kind::Histogram && points.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
        points.push((f64::INFINITY, parts.count));
    }
    points
}
