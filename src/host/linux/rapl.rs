//! Energy that the processor, its parts and the memory have used. Source: `/sys/class/powercap`, as
//! Documentation/power/powercap/powercap.rst of the kernel describes it ("running average power limit"). Unit: joules,
//! from millionths.

use crate::flag::Flag;
use crate::host::linux::attributes::from_micro;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;

static BY_ZONE: Desc<'static> =
    Desc::counter("node_rapl_joules_total", "Current RAPL value in joules", &["index", "path", "rapl_zone"]);
static ONE_ZONE: Desc<'static> =
    Desc::counter("node_rapl_*_joules_total", "Current RAPL value of the zone in joules", &["index", "path"]);

/// The collector `rapl`.
pub static SPEC: Spec = Spec {
    name: "rapl",
    about: "energy used by processor and memory from /sys/class/powercap",
    default_enabled: true,
    flags: &[Flag::switch(
        "collector.rapl.enable-zone-label",
        "Put the name of a zone into a label of one metric instead of into the names of several.",
    )],
    build: |env| {
        let zone_label = env.flags.on("collector.rapl.enable-zone-label");
        Ok(Box::new(Rapl { roots: env.roots.clone(), zone_label, told: false }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&BY_ZONE, &ONE_ZONE];

struct Rapl {
    roots: Roots,
    zone_label: bool,
    /// Whether the log has that the energy may not be read.
    told: bool,
}

impl Collector for Rapl {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let zones = match read(&self.roots) {
            // Since Linux 5.10 for root only, because its course betrays what the processor computes (CVE-2020-8694).
            Err(CollectError::Io { what, source }) if source.kind() == ErrorKind::PermissionDenied => {
                let why = format!("{}: only root may read it", what.display());
                if !std::mem::replace(&mut self.told, true) {
                    log::info!("collector rapl: {why}");
                }
                return Err(CollectError::NoData(why));
            }
            zones => zones?,
        };
        if self.zone_label {
            emit_by_label(&zones, out)
        } else {
            emit_by_name(&zones, out)
        }
        Ok(())
    }
}

struct Zone {
    name: String,
    /// Tells zones of one name apart.
    index: String,
    path: String,
    joules: f64,
}

fn read(roots: &Roots) -> Result<Vec<Zone>, CollectError> {
    let class = roots.sys("class/powercap");
    let mut zones = Vec::new();
    let mut seen = HashMap::<String, u32>::new();
    for entry in files::list(&class).map_err(CollectError::absent_is_no_data)? {
        let dir = class.join(&entry);
        // Control types, the directories above the zones, have no name.
        let Some(text) = files::optional(files::value(&dir.join("name")))? else { continue };
        let (name, index) = split_name(&text);
        let count = seen.entry(name.to_owned()).or_default();
        let index = index.unwrap_or(*count);
        *count = index.saturating_add(1);
        // Zones of other control types may measure power only.
        let path = dir.join("energy_uj");
        let Some(energy) = files::if_there(files::value(&path))? else { continue };
        zones.push(Zone {
            name: name.to_owned(),
            index: index.to_string(),
            path: dir.to_string_lossy().into_owned(),
            joules: from_micro(files::parse_count(&path, 0, &energy)?),
        });
    }
    Ok(zones)
}

/// package-0
/// ^^^^^^^ name
///         ^ index; other names are taken whole, `package-0-die-1` too
fn split_name(text: &str) -> (&str, Option<u32>) {
    match text.split_once('-') {
        Some((name, index)) => index.parse().map_or((text, None), |index| (name, Some(index))),
        None => (text, None),
    }
}

/// Makes a part of a metric name of any text: each run of other characters becomes one `_`, with those beside it.
fn clean(name: &str) -> String {
    let (mut clean, mut replaced) = (String::with_capacity(name.len()), false);
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '_' && !replaced {
            clean.push(c);
            replaced = false;
        } else if c != '_' {
            clean.truncate(clean.trim_end_matches('_').len());
            clean.push('_');
            replaced = true;
        }
    }
    clean
}

fn emit_by_label(zones: &[Zone], out: &mut dyn Sink) {
    let mut family = out.family(&BY_ZONE);
    zones.iter().for_each(|zone| family.sample(&[&zone.index, &zone.path, &zone.name], zone.joules));
}

fn emit_by_name(zones: &[Zone], out: &mut dyn Sink) {
    let mut by_name = BTreeMap::<String, Vec<&Zone>>::new();
    for zone in zones {
        by_name.entry(format!("node_rapl_{}_joules_total", clean(&zone.name))).or_default().push(zone);
    }
    for (name, zones) in &by_name {
        let [first, ..] = zones.as_slice() else { continue };
        let help = format!("Current RAPL {} value in joules", first.name);
        let mut family = out.family(&Desc::counter(name, &help, ONE_ZONE.labels));
        zones.iter().for_each(|zone| family.sample(&[&zone.index, &zone.path], zone.joules));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named_by_its_file() {
        for (text, want) in [
            ("package-0", ("package", Some(0))),
            ("dram", ("dram", None)),
            ("package-0-die-1", ("package-0-die-1", None)),
            ("core-", ("core-", None)),
            ("", ("", None)),
        ] {
            assert_eq!(split_name(text), want, "text: {text:?}");
        }
    }

    #[test]
    fn any_name_becomes_a_part_of_one() {
        for (name, want) in [
            ("core", "core"),
            ("package-0-die-1", "package_0_die_1"),
            ("a_-_b", "a_b"),
            ("_a", "_a"),
            ("a b.", "a_b_"),
            (" a", "_a"),
        ] {
            assert_eq!(clean(name), want, "name: {name:?}");
        }
    }
}
