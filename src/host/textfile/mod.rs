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
mod read;
#[cfg(test)]
mod tests;

use self::parse::{Family, Parts, Reading};
use self::read::{Found, Limits};
use super::{CollectError, Collector, Metrics, Spec};
use crate::flag::Flag;
use crate::model::{Desc, Kind, Labels, Sink, go_float};

static MTIME: Desc<'static> =
    Desc::gauge("node_textfile_mtime_seconds", "Unixtime mtime of textfiles successfully read.", &["file"]);
static ERROR: Desc<'static> =
    Desc::gauge("node_textfile_scrape_error", "1 if there was an error opening or reading a file, 0 otherwise", &[]);

/// The collector `textfile`.
pub static SPEC: Spec = Spec {
    name: "textfile",
    about: "metrics that other programs leave in files of a directory",
    default_enabled: true,
    flags: &[
        Flag::values(
            "collector.textfile.directory",
            "DIRECTORY",
            "",
            "Directory to read text files with metrics from, supports glob matching. (repeatable).",
        ),
        Flag::value("collector.textfile.max-files", "COUNT", "1024", "Text files that are read, up to 100000."),
        Flag::value("collector.textfile.max-file-size", "SIZE", "8M", "Largest text file that is read, up to 1G."),
        Flag::value(
            "collector.textfile.max-total-size",
            "SIZE",
            "32M",
            "Largest size of all text files together, up to 1G: they are in memory for a scrape.",
        ),
    ],
    build: |env| {
        let patterns = env.flags.all("collector.textfile.directory").to_vec();
        let limits = Limits {
            files: env.flags.number_within("collector.textfile.max-files", ["1", "100000"])?,
            file_bytes: env.flags.bytes_within("collector.textfile.max-file-size", ["1K", "1G"])? as u64,
            bytes: env.flags.bytes_within("collector.textfile.max-total-size", ["1K", "1G"])? as u64,
        };
        Ok(Box::new(Textfile { patterns, limits, complaints: Vec::new() }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&MTIME, &ERROR];

struct Textfile {
    patterns: Vec<String>,
    limits: Limits,
    /// Those of the scrape before: what stays wrong is logged once.
    complaints: Vec<String>,
}

impl Collector for Textfile {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut found = read::read(&self.patterns, &self.limits);
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
            let point = go_float(point);
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
