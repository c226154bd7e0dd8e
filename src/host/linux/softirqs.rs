//! Softirqs by kind and CPU since boot. Source: the kernel's filesystems/proc, `/proc/softirqs`.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static SOFTIRQS: Desc<'static> =
    Desc::counter("node_softirqs_functions_total", "Softirq counts per CPU.", &["cpu", "type"]);

/// The collector `softirqs`.
pub static SPEC: Spec = Spec {
    name: "softirqs",
    about: "softirqs by kind and CPU from /proc/softirqs",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Softirqs { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&SOFTIRQS];

struct Softirqs {
    roots: Roots,
}

impl Collector for Softirqs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("softirqs");
        let text = files::read(&path)?;
        emit(&parse(&path, &text)?, out);
        Ok(())
    }
}

struct Table<'t> {
    /// Numbers of the CPUs, as text.
    cpus: Vec<&'t str>,
    /// Kinds, with a count for each CPU.
    kinds: Vec<(&'t str, Vec<f64>)>,
}

/// The first line names the CPUs, each other one is a kind with its counts:
///               CPU0       CPU1
///     HI:          7          1
fn parse<'t>(path: &Path, text: &'t str) -> Result<Table<'t>, CollectError> {
    let mut lines = files::lines(text);
    let cpus = cpus(path, lines.next().map_or("", |(_, line)| line))?;
    let mut kinds = Vec::new();
    for (number, line) in lines {
        let malformed = || CollectError::malformed(path, number, "expected a kind and a count for each CPU");
        let (kind, counts) = line.split_once(':').ok_or_else(malformed)?;
        let counts = counts.split_ascii_whitespace().map(|count| files::parse(path, number, count));
        let counts: Vec<f64> = counts.collect::<Result<_, _>>()?;
        if counts.len() != cpus.len() {
            return Err(malformed());
        }
        kinds.push((kind.trim_ascii(), counts));
    }
    Ok(Table { cpus, kinds })
}

/// Numbers of the CPUs that the first line of a table by CPU names: `CPU0 CPU1`.
pub fn cpus<'t>(path: &Path, line: &'t str) -> Result<Vec<&'t str>, CollectError> {
    let number = |name: &'t str| name.strip_prefix("CPU").filter(|number| number.parse::<u32>().is_ok());
    let cpus: Option<Vec<_>> = line.split_ascii_whitespace().map(number).collect();
    cpus.filter(|cpus| !cpus.is_empty()).ok_or_else(|| no_cpus(path))
}

/// What is wrong with a first line that is none.
pub fn no_cpus(path: &Path) -> CollectError {
    CollectError::malformed(path, 1, "expected the names of the CPUs, such as CPU0")
}

fn emit(table: &Table<'_>, out: &mut dyn Sink) {
    let mut family = out.family(&SOFTIRQS);
    for (kind, counts) in &table.kinds {
        for (cpu, &count) in table.cpus.iter().zip(counts) {
            family.sample(&[cpu, kind], count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_does_not_fit_the_head_is_an_error() {
        let path = Path::new("/proc/softirqs");
        for (text, line) in [
            ("", 1),
            ("CPU0 x\n", 1),
            ("CPU0 CPU1\nHI: 1 2\nRCU: 1\n", 3),
            ("CPU0\nHI: 1 2\n", 2),
            ("CPU0\nHI: x\n", 2),
            ("CPU0\nHI 1\n", 2),
        ] {
            let error = parse(path, text).map(|_| ()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("/proc/softirqs:{line}: ")), "{text:?}: {error}");
        }
    }
}
