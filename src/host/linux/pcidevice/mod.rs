//! PCI devices: who made them, how they are linked, how many virtual functions they have. Source:
//! `/sys/bus/pci/devices`, as Documentation/ABI/testing/sysfs-bus-pci of the kernel describes it. Unit: transfers a
//! second; lanes.

mod ids;

use crate::flag::Flag;
use crate::host::linux::attributes::{self, Attribute, Row};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use ids::Names;
use std::path::Path;

const LOCATION: &[&str] = &["segment", "bus", "device", "function"];

macro_rules! pci {
    ($new:ident, $file:literal => $name:literal, $help:literal $(, $convert:expr)?) => {
        Attribute::$new($file, Desc::gauge(concat!("node_pcidevice_", $name), $help, LOCATION) $(, $convert)?)
    };
}

static TABLE: [Attribute; 10] = [
    pci!(parsed, "max_link_speed" => "max_link_transfers_per_second",
        "Value of maximum link's transfers per second (T/s)", parse_link_speed),
    pci!(parsed, "max_link_width" => "max_link_width",
        "Value of maximum link's width (number of lanes)", parse_link_width),
    pci!(parsed, "current_link_speed" => "current_link_transfers_per_second",
        "Value of current link's transfers per second (T/s)", parse_link_speed),
    pci!(parsed, "current_link_width" => "current_link_width",
        "Value of current link's width (number of lanes)", parse_link_width),
    pci!(converted, "d3cold_allowed" => "d3cold_allowed",
        "Whether the PCIe device supports D3cold power state (0/1).", zero_or_one),
    pci!(converted, "sriov_drivers_autoprobe" => "sriov_drivers_autoprobe",
        "Whether SR-IOV drivers autoprobe is enabled for the device (0/1).", zero_or_one),
    pci!(new, "sriov_numvfs" => "sriov_numvfs",
        "Number of Virtual Functions (VFs) currently enabled for SR-IOV."),
    pci!(new, "sriov_totalvfs" => "sriov_totalvfs",
        "Total number of Virtual Functions (VFs) supported by the device."),
    pci!(new, "sriov_vf_total_msix" => "sriov_vf_total_msix",
        "Total number of MSI-X vectors for Virtual Functions."),
    pci!(new, "numa_node" => "numa_node",
        "NUMA node number for the PCI device. -1 indicates unknown or not available."),
];

/// What node_exporter shows for an attribute that a device lacks: an unknown link, and no virtual functions. Only the
/// NUMA node is left out.
const LACKING: [Option<f64>; 10] = {
    let (unknown, none) = (Some(-1.0), Some(0.0));
    [unknown, unknown, unknown, unknown, none, none, none, none, none, None]
};

const POWER_STATES: [&str; 7] = ["D0", "D1", "D2", "D3hot", "D3cold", "unknown", "error"];

static POWER_STATE: Desc<'static> = Desc::gauge(
    "node_pcidevice_power_state",
    "PCIe device power state, one of: D0, D1, D2, D3hot, D3cold, unknown or error.",
    &["segment", "bus", "device", "function", "state"],
);
static INFO: Desc<'static> = Desc::gauge(
    "node_pcidevice_info",
    "Non-numeric data from /sys/bus/pci/devices/<location>, value is always 1.",
    &[
        "segment",
        "bus",
        "device",
        "function",
        "parent_segment",
        "parent_bus",
        "parent_device",
        "parent_function",
        "class_id",
        "vendor_id",
        "device_id",
        "subsystem_vendor_id",
        "subsystem_device_id",
        "revision",
        // With the flag for names.
        "vendor_name",
        "device_name",
        "subsystem_vendor_name",
        "subsystem_device_name",
        "class_name",
    ],
);

static FAMILIES: [&Desc<'static>; 12] = attributes::families(&[&INFO, &POWER_STATE], &TABLE);

/// The collector `pcidevice`.
pub static SPEC: Spec = Spec {
    name: "pcidevice",
    about: "PCI devices and their links from /sys/bus/pci",
    default_enabled: false,
    flags: &[
        Flag::value(
            "collector.pcidevice.idsfile",
            "PATH",
            "",
            "Path to pci.ids file to use for PCI device identification.",
        ),
        Flag::switch("collector.pcidevice.names", "Enable PCI device name resolution (requires pci.ids file)."),
    ],
    build: |env| {
        let file = env.flags.text("collector.pcidevice.idsfile");
        let names = env.flags.on("collector.pcidevice.names").then(|| Names::new(env.roots, file));
        Ok(Box::new(PciDevices { roots: env.roots.clone(), names }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct PciDevices {
    roots: Roots,
    names: Option<Names>,
}

impl Collector for PciDevices {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let devices = read(&self.roots)?;
        let ids: Vec<Ids> = devices.iter().map(|device| device.ids).collect();
        let names = self.names.as_mut().map(|names| names.of(&ids));
        emit(&devices, names.as_deref(), out);
        Ok(())
    }
}

/// Numbers that tell what a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Ids {
    class: u32,
    vendor: u32,
    device: u32,
    subsystem_vendor: u32,
    subsystem_device: u32,
}

struct Device {
    parent: Option<[String; 4]>,
    ids: Ids,
    revision: u32,
    power_state: String,
    /// Labelled with the location.
    row: Row,
}

fn read(roots: &Roots) -> Result<Vec<Device>, CollectError> {
    let all = roots.sys("bus/pci/devices");
    let mut devices = Vec::new();
    for name in files::list(&all).map_err(CollectError::absent_is_no_data)? {
        // A device may be pulled while it is read.
        devices.extend(files::if_there(read_device(&all.join(&name), &name))?);
    }
    Ok(devices)
}

fn read_device(dir: &Path, name: &str) -> Result<Device, CollectError> {
    let location = parse_location(name).ok_or_else(|| CollectError::malformed(dir, 0, "expected a PCI address"))?;
    let target = std::fs::read_link(dir).map_err(|e| CollectError::io(dir, e))?;
    let parent = target.parent().and_then(Path::file_name).and_then(|parent| parse_location(parent.to_str()?));
    let id = |file| read_id(&dir.join(file));
    let ids = Ids {
        class: id("class")?,
        vendor: id("vendor")?,
        device: id("device")?,
        subsystem_vendor: id("subsystem_vendor")?,
        subsystem_device: id("subsystem_device")?,
    };
    let mut values = attributes::read(dir, &TABLE)?;
    for (value, lacking) in values.iter_mut().zip(LACKING) {
        *value = value.or(lacking);
    }
    if let Some(node) = values.last_mut() {
        *node = node.filter(|node| *node >= 0.0);
    }
    Ok(Device {
        parent,
        ids,
        revision: id("revision")?,
        power_state: files::label(&dir.join("power_state"))?,
        row: Row { labels: location.to_vec(), values },
    })
}

fn read_id(path: &Path) -> Result<u32, CollectError> {
    let text = files::value(path)?;
    let id = text.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    id.ok_or_else(|| CollectError::malformed(path, 0, format!("{text:?} is not a hexadecimal number")))
}

/// 0000:45:00.0
/// ^^^^ segment
///      ^^ bus
///         ^^ device
///            ^ function
fn parse_location(text: &str) -> Option<[String; 4]> {
    let (segment, rest) = text.split_once(':')?;
    let (bus, rest) = rest.split_once(':')?;
    let (device, function) = rest.split_once('.')?;
    let location = [segment, bus, device, function];
    let is_hex = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_hexdigit());
    location.iter().all(is_hex).then(|| location.map(str::to_owned))
}

/// 8.0 GT/s PCIe
/// ^^^ billions of transfers a second
/// A link that is not there is `Unknown`. Kernels before 5.4 say no `PCIe`.
fn parse_link_speed(text: &str) -> Option<f64> {
    if text.starts_with("Unknown") {
        return Some(-1.0);
    }
    let (number, unit) = text.split_once(' ')?;
    let speed: f64 = number.parse().ok().filter(|_| unit.starts_with("GT/s"))?;
    speed.is_finite().then_some(speed * 1e9)
}

fn parse_link_width(text: &str) -> Option<f64> {
    if text.starts_with("Unknown") { Some(-1.0) } else { text.parse::<u32>().ok().map(f64::from) }
}

fn zero_or_one(value: f64) -> f64 {
    f64::from(u8::from(value != 0.0))
}

fn emit(devices: &[Device], names: Option<&[[String; 5]]>, out: &mut dyn Sink) {
    emit_info(devices, names, out);
    let mut family = out.family(&POWER_STATE);
    for Device { power_state, row, .. } in devices.iter().filter(|device| !device.power_state.is_empty()) {
        for state in POWER_STATES {
            let labels: Vec<&str> = row.labels.iter().map(String::as_str).chain([state]).collect();
            family.sample(&labels, f64::from(u8::from(state == power_state)));
        }
    }
    attributes::emit(&TABLE, devices.iter().map(|device| &device.row), out);
}

fn emit_info(devices: &[Device], names: Option<&[[String; 5]]>, out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    for (index, Device { parent, ids, revision, row, .. }) in devices.iter().enumerate() {
        // The root of a bus is no device.
        let parent = parent.clone().unwrap_or_else(|| ["*"; 4].map(str::to_owned));
        let numbers = [
            format!("0x{:06x}", ids.class),
            format!("0x{:04x}", ids.vendor),
            format!("0x{:04x}", ids.device),
            format!("0x{:04x}", ids.subsystem_vendor),
            format!("0x{:04x}", ids.subsystem_device),
            format!("0x{revision:02x}"),
        ];
        let names = names.and_then(|names| names.get(index)).into_iter().flatten();
        let values = row.labels.iter().chain(&parent).chain(&numbers).chain(names);
        let labels = INFO.labels.iter().copied();
        let labels: Vec<(&str, &str)> = labels.zip(values.map(String::as_str)).collect();
        family.labeled(&labels, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_has_four_parts() {
        for (text, want) in [
            ("0000:45:00.0", Some(["0000", "45", "00", "0"])),
            ("10000:e1:1f.7", Some(["10000", "e1", "1f", "7"])),
            ("pci0000:00", None),
            ("0000:45:00", None),
            ("0000:45:.0", None),
            ("", None),
        ] {
            assert_eq!(parse_location(text), want.map(|parts| parts.map(str::to_owned)), "text: {text:?}");
        }
    }

    #[test]
    fn a_link_may_be_unknown() {
        for (text, want) in [
            ("8.0 GT/s PCIe", Some(8e9)),
            ("2.5 GT/s", Some(2.5e9)),
            ("Unknown speed", Some(-1.0)),
            ("Unknown", Some(-1.0)),
            ("8.0", None),
            ("66 MHz PCI-X", None),
            ("inf GT/s", None),
        ] {
            assert_eq!(parse_link_speed(text), want, "text: {text:?}");
        }
    }
}
