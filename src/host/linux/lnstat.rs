//! Statistics of the network caches. Source: lnstat(8), `/proc/net/stat`: a line of names, and one of hexadecimal figures
//! for each CPU. Unit: by the name, mostly events.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, name};
use std::collections::BTreeMap;
use std::path::Path;

static STATISTIC: Desc<'static> =
    Desc::counter("node_lnstat_*_total", "linux network cache stats", &["subsystem", "cpu"]);

/// The collector `lnstat`.
pub static SPEC: Spec = Spec {
    name: "lnstat",
    about: "statistics of the network caches from /proc/net/stat",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Lnstat { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&STATISTIC];

struct Lnstat {
    roots: Roots,
}

impl Collector for Lnstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

/// Figures by name; each with the file and the CPU.
type Statistics = BTreeMap<String, Vec<(String, usize, u64)>>;

fn read(roots: &Roots) -> Result<Statistics, CollectError> {
    let folder = roots.proc("net/stat");
    let mut statistics = Statistics::new();
    for file in files::list(&folder).map_err(CollectError::absent_is_no_data)? {
        let path = folder.join(&file);
        parse(&path, &files::read(&path)?, &file, &mut statistics)?;
    }
    Ok(statistics)
}

fn parse(path: &Path, text: &str, file: &str, out: &mut Statistics) -> Result<(), CollectError> {
    let mut lines = files::lines(text);
    let names: Vec<&str> = lines.next().map_or("", |(_, line)| line).split_ascii_whitespace().collect();
    if let Some(wrong) = names.iter().find(|name| !name::is_label_name(name)) {
        return Err(CollectError::malformed(path, 1, format!("{wrong:?} can't be part of a metric's name")));
    }
    for (cpu, (at, line)) in lines.enumerate() {
        for (name, figure) in names.iter().zip(line.split_ascii_whitespace()) {
            let figure = files::parse_hex(path, at, figure)?;
            out.entry((*name).to_owned()).or_default().push((file.to_owned(), cpu, figure));
        }
    }
    Ok(())
}

fn emit(statistics: &Statistics, out: &mut dyn Sink) {
    for (name, samples) in statistics {
        let name = format!("node_lnstat_{name}_total");
        let mut family = out.family(&Desc { name: &name, ..STATISTIC });
        for (file, cpu, figure) in samples {
            family.sample(&[file, &cpu.to_string()], *figure as f64);
        }
    }
}
