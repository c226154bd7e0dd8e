//! Throttling, isolation and presence of each CPU. Source: the kernel's ABI/testing/sysfs-devices-system-cpu and
//! admin-guide/cputopology, `/sys/devices/system/cpu`.

use crate::host::CollectError;
use crate::host::files::{self, Kept, Listing, if_there};
use crate::model::{Desc, Sink};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

pub static CORE_THROTTLES: Desc<'static> = Desc::counter(
    "node_cpu_core_throttles_total",
    "Number of times this CPU core has been throttled.",
    &["package", "core"],
);
pub static PACKAGE_THROTTLES: Desc<'static> = Desc::counter(
    "node_cpu_package_throttles_total",
    "Number of times this CPU package has been throttled.",
    &["package"],
);
pub static ISOLATED: Desc<'static> = Desc::gauge(
    "node_cpu_isolated",
    "Whether each core is isolated, information from /sys/devices/system/cpu/isolated.",
    &["cpu"],
);
pub static ONLINE: Desc<'static> =
    Desc::gauge("node_cpu_online", "CPUs that are online and being scheduled.", &["cpu"]);

#[derive(Debug, Default, PartialEq)]
pub struct Sysfs {
    /// Times each core was throttled, by package and core.
    cores: BTreeMap<(u32, u32), f64>,
    packages: BTreeMap<u32, f64>,
    isolated: Vec<u16>,
    /// Whether each CPU is online, by its name after `cpu`.
    online: Vec<(String, bool)>,
}

impl Sysfs {
    /// Reads what there is; a virtual machine mostly has none of it.
    pub fn read(cpus: &mut Listing, isolated: &mut Kept) -> Result<Self, CollectError> {
        let malformed = |path| CollectError::malformed(path, 1, "expected a list of CPUs");
        let isolated = match if_there(isolated.read())? {
            Some(text) => cpu_list(&text).ok_or_else(|| malformed(isolated.path()))?,
            None => Vec::new(),
        };
        let mut sysfs = Self { isolated, ..Self::default() };
        let mut names = if_there(cpus.names())?.unwrap_or_default();
        names
            .retain(|name| name.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
        // As in node_exporter: where the first CPU can't be taken offline, and has no such file, nothing is said of any.
        let hotplug = names.first().is_some_and(|first| cpus.path().join(first).join("online").exists());
        for name in names {
            let cpu = cpus.path().join(&name);
            sysfs.read_throttles(&cpu)?;
            if hotplug {
                let online = files::read_if_there(&cpu.join("online"))?.is_some_and(|text| text.trim() == "1");
                sysfs.online.push((name["cpu".len()..].to_owned(), online));
            }
        }
        Ok(sysfs)
    }

    /// Counts of a CPU's core and package. Threads of one core and cores of one package share a count: the first is read.
    fn read_throttles(&mut self, cpu: &Path) -> Result<(), CollectError> {
        let dir = cpu.join("thermal_throttle");
        if !dir.exists() {
            return Ok(());
        }
        let (package, core) = (id(&cpu.join("topology/physical_package_id"))?, id(&cpu.join("topology/core_id"))?);
        // Missing while the CPU is offline.
        let (Some(package), Some(core)) = (package, core) else { return Ok(()) };
        read_once(self.cores.entry((package, core)), &dir.join("core_throttle_count"))?;
        // Some old CPUs have counts of the cores only.
        read_once(self.packages.entry(package), &dir.join("package_throttle_count"))
    }

    pub fn emit(&self, out: &mut dyn Sink) {
        let (mut first, mut second) = (itoa::Buffer::new(), itoa::Buffer::new());
        let mut family = out.family(&ISOLATED);
        self.isolated.iter().for_each(|&cpu| family.sample(&[first.format(cpu)], 1.0));
        let mut family = out.family(&PACKAGE_THROTTLES);
        self.packages.iter().for_each(|(&package, &count)| family.sample(&[first.format(package)], count));
        let mut family = out.family(&CORE_THROTTLES);
        for (&(package, core), &count) in &self.cores {
            family.sample(&[first.format(package), second.format(core)], count);
        }
        let mut family = out.family(&ONLINE);
        self.online.iter().for_each(|(cpu, online)| family.sample(&[cpu], f64::from(u8::from(*online))));
    }
}

/// An id of the topology; `None` where it is not there or -1, the kernel's word for not known.
fn id(path: &Path) -> Result<Option<u32>, CollectError> {
    let Some(text) = if_there(files::value(path))? else { return Ok(None) };
    if text == "-1" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| CollectError::malformed(path, 0, format!("{text:?} is not an id")))
}

fn read_once<K: Ord>(entry: Entry<'_, K, f64>, path: &Path) -> Result<(), CollectError> {
    if let Entry::Vacant(entry) = entry
        && let Some(count) = if_there(files::number(path))?
    {
        entry.insert(count);
    }
    Ok(())
}

/// 1,3-5,9
/// The kernel's list of CPUs, empty where there is none. The ids are 16 bits wide, so that no text makes it long.
fn cpu_list(text: &str) -> Option<Vec<u16>> {
    let mut cpus = Vec::new();
    for part in text.trim().split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cpus.extend(first.parse::<u16>().ok()?..=last.parse().ok()?);
    }
    cpus.sort_unstable();
    cpus.dedup();
    Some(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus_are_read_as_the_kernel_writes_them() {
        for (text, want) in [
            ("", Some(vec![])),
            ("\n", Some(vec![])),
            ("1,3-5,9\n", Some(vec![1, 3, 4, 5, 9])),
            ("2-1", Some(vec![])),
            ("1,1", Some(vec![1])),
            ("1-", None),
            ("a", None),
            ("0-70000", None),
            ("1-2-3", None),
        ] {
            assert_eq!(cpu_list(text), want, "{text:?}");
        }
    }
}
