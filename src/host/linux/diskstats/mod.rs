//! Block devices. Source: kernel doc admin-guide/iostats, `/proc/diskstats`; what a device is, from `/sys/block` and from
//! udev's database. Units: bytes (from sectors of 512 bytes) and seconds (from milliseconds).

mod figures;
mod parse;
mod udev;

use self::figures::{DEVICE, FIGURES};
use self::parse::Disk;
use self::udev::Properties;
use crate::flag::Flag;
use crate::host::files::{self, Kept};
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec};
use crate::model::{Desc, Sink};

static INFO: Desc<'static> = Desc::gauge(
    "node_disk_info",
    "Info of /sys/block/<block_device>.",
    &["device", "major", "minor", "path", "wwn", "model", "serial", "revision", "rotational"],
);
static FILESYSTEM_INFO: Desc<'static> = Desc::gauge(
    "node_disk_filesystem_info",
    "Info about disk filesystem.",
    &["device", "type", "usage", "uuid", "version"],
);
static MAPPER_INFO: Desc<'static> = Desc::gauge(
    "node_disk_device_mapper_info",
    "Info about disk device mapper.",
    &["device", "name", "uuid", "vg_name", "lv_name", "lv_layer"],
);
static ATA_WRITE_CACHE: Desc<'static> = Desc::gauge("node_disk_ata_write_cache", "ATA disk has a write cache.", DEVICE);
static ATA_WRITE_CACHE_ENABLED: Desc<'static> =
    Desc::gauge("node_disk_ata_write_cache_enabled", "ATA disk has its write cache enabled.", DEVICE);
static ATA_ROTATION_RATE: Desc<'static> =
    Desc::gauge("node_disk_ata_rotation_rate_rpm", "ATA disk rotation rate in RPMs (0 for SSDs).", DEVICE);

/// The collector `diskstats`.
pub static SPEC: Spec = Spec {
    name: "diskstats",
    about: "reads, writes and identity of block devices from /proc/diskstats, /sys/block and udev",
    default_enabled: true,
    flags: &[
        Flag::value(
            "collector.diskstats.device-exclude",
            "REGEXP",
            r"^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$",
            "Regexp of diskstats devices to exclude (mutually exclusive to device-include).",
        )
        .alias(&["collector.diskstats.ignored-devices"]),
        Flag::value(
            "collector.diskstats.device-include",
            "REGEXP",
            "",
            "Regexp of diskstats devices to include (mutually exclusive to device-exclude).",
        ),
    ],
    build: |env| {
        let (include, exclude) = ("collector.diskstats.device-include", "collector.diskstats.device-exclude");
        let filter = Filter::from_flags(env.flags, include, exclude)?;
        Ok(Box::new(Diskstats { roots: env.roots.clone(), file: Kept::new(env.roots.proc("diskstats")), filter }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[
    &figures::READS,
    &figures::READS_MERGED,
    &figures::READ_BYTES,
    &figures::READ_TIME,
    &figures::WRITES,
    &figures::WRITES_MERGED,
    &figures::WRITTEN_BYTES,
    &figures::WRITE_TIME,
    &figures::IO_NOW,
    &figures::IO_TIME,
    &figures::IO_TIME_WEIGHTED,
    &figures::DISCARDS,
    &figures::DISCARDS_MERGED,
    &figures::DISCARDED_SECTORS,
    &figures::DISCARD_TIME,
    &figures::FLUSHES,
    &figures::FLUSH_TIME,
    &INFO,
    &FILESYSTEM_INFO,
    &MAPPER_INFO,
    &ATA_WRITE_CACHE,
    &ATA_WRITE_CACHE_ENABLED,
    &ATA_ROTATION_RATE,
];

struct Diskstats {
    roots: Roots,
    file: Kept,
    filter: Filter,
}

impl Collector for Diskstats {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

/// A device with all that is known of it.
struct Device {
    disk: Disk,
    udev: Properties,
    rotational: &'static str,
}

impl Diskstats {
    fn read(&mut self) -> Result<Vec<Device>, CollectError> {
        let text = self.file.read()?;
        let mut disks = parse::disks(self.file.path(), &text)?;
        disks.retain(|disk| !self.filter.ignores(&disk.name));
        Ok(disks.into_iter().map(|disk| identify(&self.roots, disk)).collect())
    }
}

/// Adds what sysfs and udev know. Neither has to: partitions have no queue, containers no udev.
fn identify(roots: &Roots, disk: Disk) -> Device {
    // "cciss/c0d0" is "cciss!c0d0" there.
    let queue = roots.sys("block").join(disk.name.replace('/', "!")).join("queue");
    let udev = Properties::read(roots, disk.major, disk.minor);
    let rotational = match files::value(&queue.join("rotational")) {
        Ok(value) if value == "1" => "1",
        _ => "0",
    };
    Device { disk, udev, rotational }
}

fn emit(devices: &[Device], out: &mut dyn Sink) {
    emit_info(devices, out);
    for (index, (desc, base)) in FIGURES.iter().enumerate() {
        let mut family = out.family(desc);
        for Device { disk, .. } in devices {
            if let Some(&figure) = disk.figures.get(index) {
                family.sample(&[&disk.name], base(figure));
            }
        }
    }
    for (desc, key) in [
        (&ATA_WRITE_CACHE, "ID_ATA_WRITE_CACHE"),
        (&ATA_WRITE_CACHE_ENABLED, "ID_ATA_WRITE_CACHE_ENABLED"),
        (&ATA_ROTATION_RATE, "ID_ATA_ROTATION_RATE_RPM"),
    ] {
        let mut family = out.family(desc);
        for Device { disk, udev, .. } in devices.iter().filter(|device| !device.udev.get("ID_ATA").is_empty()) {
            if let Ok(value) = udev.get(key).parse() {
                family.sample(&[&disk.name], value);
            }
        }
    }
}

fn emit_info(devices: &[Device], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    for Device { disk, udev, rotational, .. } in devices {
        let (major, minor) = (disk.major.to_string(), disk.minor.to_string());
        let [path, wwn, model, revision] = ["ID_PATH", "ID_WWN", "ID_MODEL", "ID_REVISION"].map(|key| udev.get(key));
        let labels = [&disk.name, &major, &minor, path, wwn, model, udev.serial(), revision, rotational];
        family.sample(&labels, 1.0);
    }
    let mut family = out.family(&FILESYSTEM_INFO);
    for Device { disk, udev, .. } in devices.iter().filter(|device| !device.udev.get("ID_FS_TYPE").is_empty()) {
        let [kind, usage] = ["ID_FS_TYPE", "ID_FS_USAGE"].map(|key| udev.get(key));
        family.sample(&[&disk.name, kind, usage, udev.get("ID_FS_UUID"), udev.get("ID_FS_VERSION")], 1.0);
    }
    let mut family = out.family(&MAPPER_INFO);
    for Device { disk, udev, .. } in devices.iter().filter(|device| !device.udev.get("DM_NAME").is_empty()) {
        let keys = ["DM_NAME", "DM_UUID", "DM_VG_NAME", "DM_LV_NAME", "DM_LV_LAYER"];
        let [name, uuid, group, volume, layer] = keys.map(|key| udev.get(key));
        family.sample(&[&disk.name, name, uuid, group, volume, layer], 1.0);
    }
}
