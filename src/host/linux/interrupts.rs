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
        emit(&read(&path, &self.filter)?, self.zeros, out);
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Table {
    /// Numbers of the CPUs, as text.
    cpus: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Debug, PartialEq)]
struct Line {
    name: String,
    info: String,
    devices: String,
    counts: Vec<f64>,
}

/// The first line names the CPUs, which are those online: their place is not their number.
fn read(path: &Path, filter: &Filter) -> Result<Table, CollectError> {
    let mut table = Table::default();
    // Line by line: with 512 CPUs and the queues of their devices it has more than ten million bytes.
    files::for_lines(path, |number, line| {
        if number == 1 {
            table.cpus = super::softirqs::cpus(path, line)?.into_iter().map(str::to_owned).collect();
        } else if let Some(line) = parse_line(path, number, line, table.cpus.len())?
            && !filter.ignores(&[&*line.name, ";", &line.info, ";", &line.devices].concat())
        {
            table.lines.push(line);
        }
        Ok(())
    })?;
    // An empty file has no first line.
    if table.cpus.is_empty() { Err(super::softirqs::no_cpus(path)) } else { Ok(table) }
}

///   1:      17960        105  IR-IO-APIC-edge      i8042
/// NMI:         47       5031  Non-maskable interrupts
/// A count for each CPU, then what it is; those with a number have a chip, which is `info`, and devices.
/// `None` for lines of one count for all CPUs, `ERR` and `MIS`.
fn parse_line(path: &Path, number: usize, line: &str, cpus: usize) -> Result<Option<Line>, CollectError> {
    let Some((name, rest)) = line.split_once(':') else { return Ok(None) };
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let Some((counts, words)) = fields.split_at_checked(cpus).filter(|(_, words)| !words.is_empty()) else {
        return Ok(None);
    };
    let name = name.trim_ascii().to_owned();
    let chip = if name.parse::<u32>().is_ok() { 1 } else { words.len() };
    let (info, devices) = words.split_at(chip);
    let counts = counts.iter().map(|count| files::parse(path, number, count)).collect::<Result<_, _>>()?;
    Ok(Some(Line { name, info: info.join(" "), devices: devices.join(" "), counts }))
}

fn emit(table: &Table, zeros: bool, out: &mut dyn Sink) {
    let mut family = out.family(&INTERRUPTS);
    for line in &table.lines {
        for (cpu, &count) in table.cpus.iter().zip(&line.counts) {
            if zeros || count > 0.0 {
                family.sample(&[cpu, &line.name, &line.info, &line.devices], count);
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
        let line = |name: &str, info: &str, devices: &str, counts: &[f64]| {
            Some(Line {
                name: name.to_owned(),
                info: info.to_owned(),
                devices: devices.to_owned(),
                counts: counts.to_vec(),
            })
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
    }

    /// A file of this text, read.
    fn table_of(text: &str) -> Result<Table, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("interrupts");
        std::fs::write(&path, text).unwrap();
        let told = |e: CollectError| e.to_string().replace(dir.path().to_str().unwrap(), "");
        read(&path, &Filter::default()).map_err(told)
    }

    #[test]
    fn what_is_no_table_is_told_with_its_line() {
        for (text, want) in [
            ("", "/interrupts:1: expected the names of the CPUs, such as CPU0"),
            ("  x\n", "/interrupts:1: expected the names of the CPUs, such as CPU0"),
            ("  CPU0 CPU2\n 1: 7 x chip\n", "/interrupts:2: \"x\" is not a number"),
        ] {
            assert_eq!(table_of(text).unwrap_err(), want, "text: {text:?}");
        }
    }

    #[test]
    fn a_host_of_512_cpus_is_no_failure() {
        let head: String = (0..512).map(|cpu| format!("{:>11}", format!("CPU{cpu}"))).collect();
        let counts: String = (0..512).map(|cpu| format!("{:>11}", 1_000_000 + cpu)).collect();
        let lines: String =
            (0..2000).map(|irq| format!("{irq:>5}:{counts}  IR-PCI-MSI  {irq}-edge  nvme-q{irq}\n")).collect();
        let text = format!("      {head}\n{lines}");
        assert!(text.len() as u64 > files::MAX_FILE_BYTES, "{}", text.len());
        let table = table_of(&text).unwrap();
        assert_eq!((table.cpus.len(), table.lines.len()), (512, 2000));
        let last = table.lines.last().unwrap();
        assert_eq!((&*last.name, &*last.devices, last.counts[511]), ("1999", "1999-edge nvme-q1999", 1_000_511.0));
    }
}
