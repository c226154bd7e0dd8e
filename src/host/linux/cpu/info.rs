//! Make and features of each CPU. Source: `/proc/cpuinfo`, whose keys differ between architectures.
//!
//! The procfs crate cuts a value at its second colon.

use crate::host::{CollectError, Roots, files};
use crate::model::{Desc, Sink};
use crate::pattern::Pattern;
use std::path::Path;

pub static INFO: Desc<'static> = Desc::gauge(
    "node_cpu_info",
    "CPU information from /proc/cpuinfo.",
    &["package", "core", "cpu", "vendor", "family", "model", "model_name", "microcode", "stepping", "cachesize"],
);
pub static FLAG: Desc<'static> = Desc::gauge(
    "node_cpu_flag_info",
    "The `flags` field of CPU information from /proc/cpuinfo taken from the first core.",
    &["flag"],
);
pub static BUG: Desc<'static> = Desc::gauge(
    "node_cpu_bug_info",
    "The `bugs` field of CPU information from /proc/cpuinfo taken from the first core.",
    &["bug"],
);

/// Which flags and bugs to show besides the CPUs; none without a pattern.
pub struct Info {
    pub flags: Option<Pattern>,
    pub bugs: Option<Pattern>,
}

impl Info {
    pub fn collect(&self, roots: &Roots, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = roots.proc("cpuinfo");
        let text = files::read(&path)?;
        self.emit(&parse(&path, &text)?, out);
        Ok(())
    }

    fn emit(&self, cpus: &[Cpu<'_>], out: &mut dyn Sink) {
        let mut family = out.family(&INFO);
        let mut number = itoa::Buffer::new();
        for cpu in cpus {
            let id = number.format(cpu.processor);
            let values = [
                cpu.package,
                cpu.core,
                id,
                cpu.vendor,
                cpu.family,
                cpu.model,
                cpu.model_name,
                cpu.microcode,
                cpu.stepping,
                cpu.cache_size,
            ];
            family.sample(&values, 1.0);
        }
        let Some(first) = cpus.first() else { return };
        words(&FLAG, first.flags, self.flags.as_ref(), out);
        words(&BUG, first.bugs, self.bugs.as_ref(), out);
    }
}

/// A sample for each word that the pattern finds.
fn words(desc: &Desc<'static>, text: &str, pattern: Option<&Pattern>, out: &mut dyn Sink) {
    let Some(pattern) = pattern else { return };
    let mut found: Vec<&str> = text.split_ascii_whitespace().filter(|word| pattern.is_match(word)).collect();
    found.sort_unstable();
    found.dedup();
    let mut family = out.family(desc);
    found.iter().for_each(|word| family.sample(&[word], 1.0));
}

/// One CPU; what its architecture does not tell is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cpu<'t> {
    processor: u32,
    package: &'t str,
    core: &'t str,
    vendor: &'t str,
    family: &'t str,
    model: &'t str,
    model_name: &'t str,
    microcode: &'t str,
    stepping: &'t str,
    cache_size: &'t str,
    flags: &'t str,
    bugs: &'t str,
}

impl<'t> Cpu<'t> {
    fn set(&mut self, key: &str, value: &'t str) {
        match key {
            "physical id" => self.package = value,
            // A hart is what RISC-V calls a core.
            "core id" | "hart" => self.core = value,
            // In turn: x86, s390, MIPS, PowerPC.
            "vendor_id" | "vendor" | "system type" | "cpu" => self.vendor = value,
            "cpu family" | "CPU Family" => self.family = value,
            "model" => self.model = value,
            // In turn: x86 and ARM, LoongArch, 32-bit ARM of old, MIPS, RISC-V.
            "model name" | "Model Name" | "Processor" | "cpu model" | "isa" => self.model_name = value,
            "microcode" => self.microcode = value,
            "stepping" => self.stepping = value,
            "cache size" => self.cache_size = value,
            "flags" | "Features" | "features" => self.flags = value,
            "bugs" => self.bugs = value,
            _ => {}
        }
    }
}

/// Blocks of `key : value` lines, a block for each CPU, which `processor : N` starts and an empty line ends. What comes
/// before the first holds for all (MIPS, s390, old ARM); what comes after the last is about the machine (PowerPC, ARM).
/// s390 has a line for each CPU, `processor N: ...`, and then blocks that `cpu number : N` starts.
fn parse<'t>(path: &Path, text: &'t str) -> Result<Vec<Cpu<'t>>, CollectError> {
    let (mut cpus, mut common, mut current): (Vec<Cpu<'t>>, Cpu<'t>, Option<usize>) = Default::default();
    for (line_number, line) in files::lines(text) {
        let Some((key, value)) = line.split_once(':') else {
            current = None;
            continue;
        };
        let (key, value) = (key.trim_ascii_end(), value.strip_prefix(' ').unwrap_or(value));
        let number = |text: &str| {
            let wrong = || CollectError::malformed(path, line_number, format!("{text:?} is not the number of a CPU"));
            text.trim().parse::<u32>().map_err(|_| wrong())
        };
        if let Some(rest) = key.strip_prefix("processor") {
            let processor = number(if rest.is_empty() { value } else { rest })?;
            if cpus.iter().any(|cpu| cpu.processor == processor) {
                return Err(CollectError::malformed(path, line_number, format!("CPU {processor} is there twice")));
            }
            current = Some(cpus.len());
            cpus.push(Cpu { processor, ..common });
        } else if key == "cpu number" {
            let processor = number(value)?;
            current = cpus.iter().position(|cpu| cpu.processor == processor);
        } else if let Some(cpu) = current.and_then(|at| cpus.get_mut(at)) {
            cpu.set(key, value);
        } else if cpus.is_empty() {
            common.set(key, value);
        }
    }
    if cpus.is_empty() {
        return Err(CollectError::malformed(path, 0, "expected a line with the number of a processor"));
    }
    Ok(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_architecture_names_its_cpus_in_its_own_way() {
        let x86 = Cpu {
            vendor: "GenuineIntel",
            model: "142",
            model_name: "Core: i7",
            flags: "fpu vme",
            core: "1",
            ..Cpu::default()
        };
        for (name, text, want) in [
            (
                "x86",
                "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 142\nmodel name\t: Core: i7\ncore id\t\t: 1\n\
                 flags\t\t: fpu vme\npower management:\n\nprocessor\t: 4\n",
                vec![x86, Cpu { processor: 4, ..Cpu::default() }],
            ),
            (
                "arm",
                "processor\t: 0\nmodel name\t: ARMv7\nFeatures\t: half thumb\n\nHardware\t: BCM2835\nmodel\t: Pi\n",
                vec![Cpu { model_name: "ARMv7", flags: "half thumb", ..Cpu::default() }],
            ),
            (
                "mips",
                "system type\t: MT7621\nmachine\t: x\nprocessor\t: 0\ncpu model\t: 1004Kc\n\nprocessor\t: 1\n",
                vec![
                    Cpu { vendor: "MT7621", model_name: "1004Kc", ..Cpu::default() },
                    Cpu { processor: 1, vendor: "MT7621", ..Cpu::default() },
                ],
            ),
            (
                "powerpc",
                "processor\t: 8\ncpu\t\t: POWER9\nrevision\t: 2.2\n\nmodel\t: 8375-42A\n",
                vec![Cpu { processor: 8, vendor: "POWER9", ..Cpu::default() }],
            ),
            (
                "riscv",
                "processor\t: 0\nhart\t\t: 2\nisa\t\t: rv64imafdc\n\n",
                vec![Cpu { core: "2", model_name: "rv64imafdc", ..Cpu::default() }],
            ),
            (
                "s390",
                "vendor_id       : IBM/S390\nfeatures\t: esan3 zarch\nprocessor 0: version = FF\n\
                 processor 1: version = FF\n\ncpu number      : 1\nphysical id     : 2\n",
                vec![
                    Cpu { vendor: "IBM/S390", flags: "esan3 zarch", ..Cpu::default() },
                    Cpu { processor: 1, vendor: "IBM/S390", flags: "esan3 zarch", package: "2", ..Cpu::default() },
                ],
            ),
        ] {
            assert_eq!(parse(Path::new("/proc/cpuinfo"), text).unwrap(), want, "{name}");
        }
    }

    #[test]
    fn a_processor_without_a_number_is_an_error() {
        for (text, want) in [
            ("", "/proc/cpuinfo: expected"),
            ("flags : a\n", "/proc/cpuinfo: expected"),
            ("processor : 0\nprocessor : x\n", "/proc/cpuinfo:2: "),
            ("processor : 0\n\nprocessor : 0\n", "/proc/cpuinfo:3: "),
            ("processor :\n", "/proc/cpuinfo:1: "),
        ] {
            let error = parse(Path::new("/proc/cpuinfo"), text).unwrap_err().to_string();
            assert!(error.starts_with(want), "{text:?}: {error}");
        }
    }
}
