//! Interrupts by line and CPU since boot. Source: proc_interrupts(5), `/proc/interrupts`.

use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static INTERRUPTS: Desc<'static> =
    Desc::counter("node_interrupts_total", "Interrupt details.", &["cpu", "type", "info", "devices"]);

/// The collector `interrupts`.
pub static SPEC: Spec = Spec {
    name: "interrupts",
    about: "interrupts by line and CPU from /proc/interrupts",
    default_enabled: false,
    flags: &[
        Flag::value(
            "collector.interrupts.name-include",
            "REGEX",
            "",
            "Regexp of interrupts to include, found in \"type;info;devices\".",
        ),
        Flag::value(
            "collector.interrupts.name-exclude",
            "REGEX",
            "",
            "Regexp of interrupts to exclude, found in \"type;info;devices\".",
        ),
        Flag::on("collector.interrupts.include-zeros", "Include interrupts that have a zero value."),
    ],
    build: |env| {
        let (include, exclude) = ("collector.interrupts.name-include", "collector.interrupts.name-exclude");
        Ok(Box::new(Interrupts {
            roots: env.roots.clone(),
            filter: Filter::from_both(env.flags, include, exclude)?,
            zeros: env.flags.on("collector.interrupts.include-zeros"),
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&INTERRUPTS];

struct Interrupts {
    roots: Roots,
    filter: Filter,
    zeros: bool,
}

impl Collector for Interrupts {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("interrupts");
        let text = files::read(&path)?;
        let mut table = parse(&path, &text)?;
        table.lines.retain(|line| !self.filter.ignores(&[line.name, ";", &line.info, ";", &line.devices].concat()));
        emit(&table, self.zeros, out);
        Ok(())
    }
}

#[derive(Debug)]
struct Table<'t> {
    /// Numbers of the CPUs, as text.
    cpus: Vec<&'t str>,
    lines: Vec<Line<'t>>,
}

#[derive(Debug, PartialEq)]
struct Line<'t> {
    name: &'t str,
    info: String,
    devices: String,
    counts: Vec<f64>,
}

/// The first line names the CPUs, which are those online: their place is not their number.
fn parse<'t>(path: &Path, text: &'t str) -> Result<Table<'t>, CollectError> {
    let mut lines = files::lines(text);
    let cpus = super::softirqs::cpus(path, lines.next().map_or("", |(_, line)| line))?;
    let lines = lines.filter_map(|(number, line)| parse_line(path, number, line, cpus.len()).transpose());
    Ok(Table { lines: lines.collect::<Result<_, _>>()?, cpus })
}

///   1:      17960        105  IR-IO-APIC-edge      i8042
/// NMI:         47       5031  Non-maskable interrupts
/// A count for each CPU, then what it is; those with a number have a chip, which is `info`, and devices.
/// `None` for lines of one count for all CPUs, `ERR` and `MIS`.
fn parse_line<'t>(path: &Path, number: usize, line: &'t str, cpus: usize) -> Result<Option<Line<'t>>, CollectError> {
    let Some((name, rest)) = line.split_once(':') else { return Ok(None) };
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let Some((counts, words)) = fields.split_at_checked(cpus).filter(|(_, words)| !words.is_empty()) else {
        return Ok(None);
    };
    let name = name.trim_ascii();
    let chip = if name.parse::<u32>().is_ok() { 1 } else { words.len() };
    let (info, devices) = words.split_at(chip);
    let counts = counts.iter().map(|count| files::parse(path, number, count)).collect::<Result<_, _>>()?;
    Ok(Some(Line { name, info: info.join(" "), devices: devices.join(" "), counts }))
}

fn emit(table: &Table<'_>, zeros: bool, out: &mut dyn Sink) {
    let mut family = out.family(&INTERRUPTS);
    for line in &table.lines {
        for (cpu, &count) in table.cpus.iter().zip(&line.counts) {
            if zeros || count > 0.0 {
                family.sample(&[cpu, line.name, &line.info, &line.devices], count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_from_sums() {
        let path = Path::new("/proc/interrupts");
        let line = |name, info: &str, devices: &str, counts: &[f64]| {
            Some(Line { name, info: info.to_owned(), devices: devices.to_owned(), counts: counts.to_vec() })
        };
        for (text, want) in [
            ("  1:   7   5  IO-APIC   1-edge      i8042, x", line("1", "IO-APIC", "1-edge i8042, x", &[7.0, 5.0])),
            ("NMI:   7   5  Non-maskable interrupts", line("NMI", "Non-maskable interrupts", "", &[7.0, 5.0])),
            // No blank before counts of ten digits.
            (" 10:3287008667 3310445093 GICv3", line("10", "GICv3", "", &[3_287_008_667.0, 3_310_445_093.0])),
            ("ERR:          0", None),
            ("", None),
        ] {
            assert_eq!(parse_line(path, 2, text, 2).unwrap(), want, "{text:?}");
        }
        let error = parse(path, "  CPU0 CPU2\n 1: 7 x chip\n").unwrap_err().to_string();
        assert!(error.starts_with("/proc/interrupts:2: "), "{error}");
    }
}
