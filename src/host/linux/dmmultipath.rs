//! Multipath devices of the device mapper. Source: Documentation/ABI/testing/sysfs-block-dm in the kernel,
//! `/sys/block/dm-*`, and `device/state` of each path. Unit: paths; bytes.

use crate::host::files::{self, Listing};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::io::ErrorKind;

static INFO: Desc<'static> = Desc::gauge(
    "node_dmmultipath_device_info",
    "Non-numeric information about a DM-multipath device.",
    &["device", "sysfs_name", "uuid"],
);
static ACTIVE: Desc<'static> = Desc::gauge(
    "node_dmmultipath_device_active",
    "Whether the multipath device-mapper device is active (1) or suspended (0).",
    &["device", "sysfs_name"],
);
static SIZE: Desc<'static> = Desc::gauge(
    "node_dmmultipath_device_size_bytes",
    "Size of the multipath device in bytes, read from /sys/block/<dm>/size.",
    &["device", "sysfs_name"],
);
static PATHS: Desc<'static> =
    Desc::gauge("node_dmmultipath_device_paths", "Number of paths for a multipath device.", &["device", "sysfs_name"]);
static PATHS_ACTIVE: Desc<'static> = Desc::gauge(
    "node_dmmultipath_device_paths_active",
    "Number of paths in active state (SCSI running or NVMe live) for a multipath device.",
    &["device", "sysfs_name"],
);
static PATHS_FAILED: Desc<'static> = Desc::gauge(
    "node_dmmultipath_device_paths_failed",
    "Number of paths not in active state for a multipath device.",
    &["device", "sysfs_name"],
);
static PATH_STATE: Desc<'static> = Desc::gauge(
    "node_dmmultipath_path_state",
    "Reports the underlying device state for a multipath path, as read from /sys/block/<dev>/device/state.",
    &["device", "path", "state"],
);

/// The collector `dmmultipath`.
pub static SPEC: Spec = Spec {
    name: "dmmultipath",
    about: "multipath devices of the device mapper from /sys/block",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(DmMultipath(Listing::new(env.roots.sys("block"))))),
};

/// What it shows.
pub static METRICS: Metrics = &[&INFO, &ACTIVE, &SIZE, &PATHS, &PATHS_ACTIVE, &PATHS_FAILED, &PATH_STATE];

struct DmMultipath(Listing);

impl Collector for DmMultipath {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        match read(&mut self.0) {
            Err(CollectError::Io { what, source }) if source.kind() == ErrorKind::PermissionDenied => {
                Err(CollectError::NoData(format!("{}: {source}", what.display())))
            }
            devices => {
                emit(&devices?, out);
                Ok(())
            }
        }
    }
}

struct Device {
    name: String,
    sysfs_name: String,
    uuid: String,
    suspended: bool,
    size_bytes: f64,
    paths: Vec<DevicePath>,
}

struct DevicePath {
    device: String,
    state: String,
}

impl DevicePath {
    /// Whether it can be used: `running` with SCSI, `live` with NVMe.
    fn is_active(&self) -> bool {
        matches!(self.state.as_str(), "running" | "live")
    }
}

fn read(block: &mut Listing) -> Result<Vec<Device>, CollectError> {
    let mut devices = Vec::new();
    for sysfs_name in block.names().map_err(CollectError::absent_is_no_data)? {
        let folder = block.path().join(&sysfs_name);
        if !sysfs_name.starts_with("dm-") {
            continue;
        }
        let Some(uuid) = files::if_there(files::value(&folder.join("dm/uuid")))? else { continue };
        if !uuid.starts_with("mpath-") {
            continue;
        }
        let mut paths = Vec::new();
        for device in files::list_if_there(&folder.join("slaves"))? {
            let state = files::value(&block.path().join(&device).join("device/state"))?;
            paths.push(DevicePath { device, state });
        }
        devices.push(Device {
            name: files::value(&folder.join("dm/name"))?,
            suspended: files::value(&folder.join("dm/suspended"))? == "1",
            size_bytes: bytes_from_sectors(files::number(&folder.join("size"))?),
            sysfs_name,
            uuid,
            paths,
        });
    }
    Ok(devices)
}

/// The kernel's sectors here are always of 512 bytes.
fn bytes_from_sectors(sectors: f64) -> f64 {
    sectors * 512.0
}

fn emit(devices: &[Device], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    devices.iter().for_each(|d| family.sample(&[&d.name, &d.sysfs_name, &d.uuid], 1.0));
    let mut each = |desc, value: &dyn Fn(&Device) -> f64| {
        let mut family = out.family(desc);
        devices.iter().for_each(|device| family.sample(&[&device.name, &device.sysfs_name], value(device)));
    };
    let active = |device: &Device| device.paths.iter().filter(|path| path.is_active()).count();
    each(&ACTIVE, &|device| f64::from(u8::from(!device.suspended)));
    each(&SIZE, &|device| device.size_bytes);
    each(&PATHS, &|device| device.paths.len() as f64);
    each(&PATHS_ACTIVE, &|device| active(device) as f64);
    each(&PATHS_FAILED, &|device| (device.paths.len() - active(device)) as f64);
    let mut family = out.family(&PATH_STATE);
    for device in devices {
        device.paths.iter().for_each(|path| family.sample(&[&device.name, &path.device, &path.state], 1.0));
    }
}
