//! NVMe controllers and their namespaces. Source: `/sys/class/nvme`, as drivers/nvme/host/sysfs.c of the kernel writes
//! it. Unit: bytes.
//!
//! All sizes are counts times the logical block size, as node_exporter has them. The kernel counts `size` in sectors of
//! 512 bytes, so with larger blocks the size and the capacity of a namespace come out larger than they are.

use crate::host::linux::attributes::{self, Attribute, Row};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static INFO: Desc<'static> = Desc::gauge(
    "node_nvme_info",
    "Non-numeric data from /sys/class/nvme/<device>, value is always 1.",
    &["device", "firmware_revision", "model", "serial", "state", "cntlid"],
);
static NAMESPACE_INFO: Desc<'static> = Desc::gauge(
    "node_nvme_namespace_info",
    "Information about NVMe namespaces. Value is always 1",
    &["device", "nsid", "ana_state"],
);

/// The last three are blocks until [`read_namespace`] has multiplied them with the first.
static TABLE: [Attribute; 4] = [
    Attribute::new(
        "queue/logical_block_size",
        Desc::gauge(
            "node_nvme_namespace_logical_block_size_bytes",
            "Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in \
             /sys/class/nvme/<device>/<namespace>/queue/logical_block_size",
            &["device", "nsid"],
        ),
    ),
    Attribute::new(
        "size",
        Desc::gauge(
            "node_nvme_namespace_capacity_bytes",
            "Capacity of the NVMe namespace in bytes. Computed as namespace_size * namespace_logical_block_size",
            &["device", "nsid"],
        ),
    ),
    Attribute::new(
        "size",
        Desc::gauge(
            "node_nvme_namespace_size_bytes",
            "Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/size",
            &["device", "nsid"],
        ),
    ),
    Attribute::new(
        "nuse",
        Desc::gauge(
            "node_nvme_namespace_used_bytes",
            "Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/nuse",
            &["device", "nsid"],
        ),
    ),
];

static FAMILIES: [&Desc<'static>; 6] = attributes::families(&[&INFO, &NAMESPACE_INFO], &TABLE);

/// The collector `nvme`.
pub static SPEC: Spec = Spec {
    name: "nvme",
    about: "NVMe controllers and namespaces from /sys/class/nvme",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Nvme { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct Nvme {
    roots: Roots,
}

impl Collector for Nvme {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

#[derive(Default)]
struct Devices {
    /// Values of the labels of [`INFO`].
    controllers: Vec<[String; 6]>,
    namespaces: Vec<Row>,
    /// State of each namespace's path, in the order of the namespaces. Source: NVMe base specification, Asymmetric
    /// Namespace Access.
    ana_states: Vec<String>,
}

fn read(roots: &Roots) -> Result<Devices, CollectError> {
    let class = roots.sys("class/nvme");
    let mut devices = Devices::default();
    for name in files::list(&class).map_err(CollectError::absent_is_no_data)? {
        let dir = class.join(&name);
        let label = |file| files::label(&dir.join(file));
        let [firmware, model, serial] = [label("firmware_rev")?, label("model")?, label("serial")?];
        devices.controllers.push([name.clone(), firmware, model, serial, label("state")?, label("cntlid")?]);
        for entry in files::if_there(files::list(&dir))?.unwrap_or_default() {
            let Some(id) = namespace_id(&entry) else { continue };
            let dir = dir.join(&entry);
            devices.namespaces.push(Row { labels: vec![name.clone(), id.to_owned()], values: read_namespace(&dir)? });
            let state = files::label(&dir.join("ana_state"))?;
            devices.ana_states.push(if state.is_empty() { "unknown".to_owned() } else { state });
        }
    }
    Ok(devices)
}

/// nvme0n1
///       ^
/// The number of a namespace, from its directory in that of the controller.
fn namespace_id(entry: &str) -> Option<&str> {
    let (controller, id) = entry.strip_prefix("nvme")?.split_once('n')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(controller) && is_number(id)).then_some(id)
}

/// Reads the sizes of a namespace. `nuse` is there since Linux 6.8.
fn read_namespace(dir: &Path) -> Result<Vec<Option<f64>>, CollectError> {
    let mut values = attributes::read(dir, &TABLE)?;
    if let [block, counts @ ..] = values.as_mut_slice() {
        for count in counts {
            *count = count.zip(*block).map(|(count, block)| count * block);
        }
    }
    Ok(values)
}

fn emit(devices: &Devices, out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    for labels in &devices.controllers {
        family.sample(&labels.each_ref().map(String::as_str), 1.0);
    }
    let mut family = out.family(&NAMESPACE_INFO);
    for (row, state) in devices.namespaces.iter().zip(&devices.ana_states) {
        let labels: Vec<&str> = row.labels.iter().chain([state]).map(String::as_str).collect();
        family.sample(&labels, 1.0);
    }
    attributes::emit(&TABLE, &devices.namespaces, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_known_by_its_name() {
        for (entry, want) in [
            ("nvme0n1", Some("1")),
            ("nvme12n34", Some("34")),
            ("nvme0c0n1", None),
            ("nvme0", None),
            ("ng0n1", None),
            ("nvme0n1p1", None),
            ("hwmon1", None),
        ] {
            assert_eq!(namespace_id(entry), want, "entry: {entry:?}");
        }
    }
}
