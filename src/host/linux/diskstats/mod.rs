//! Block devices. Source: kernel doc admin-guide/iostats, `/proc/diskstats`; what a device is, from `/sys/block` and from
//! udev's database. Units: bytes (from sectors of 512 bytes) and seconds (from milliseconds).

mod parse;
mod udev;

use self::parse::Disk;
use self::udev::Properties;
use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Roots, Spec, files};
use crate::model::{Desc, Sink};

const DEVICE: &[&str] = &["device"];

static READS: Desc<'static> =
    Desc::counter("node_disk_reads_completed_total", "The total number of reads completed successfully.", DEVICE);
static READS_MERGED: Desc<'static> =
    Desc::counter("node_disk_reads_merged_total", "The total number of reads merged.", DEVICE);
static READ_BYTES: Desc<'static> =
    Desc::counter("node_disk_read_bytes_total", "The total number of bytes read successfully.", DEVICE);
static READ_TIME: Desc<'static> =
    Desc::counter("node_disk_read_time_seconds_total", "The total number of seconds spent by all reads.", DEVICE);
static WRITES: Desc<'static> =
    Desc::counter("node_disk_writes_completed_total", "The total number of writes completed successfully.", DEVICE);
static WRITES_MERGED: Desc<'static> =
    Desc::counter("node_disk_writes_merged_total", "The number of writes merged.", DEVICE);
static WRITTEN_BYTES: Desc<'static> =
    Desc::counter("node_disk_written_bytes_total", "The total number of bytes written successfully.", DEVICE);
static WRITE_TIME: Desc<'static> = Desc::counter(
    "node_disk_write_time_seconds_total",
    "This is the total number of seconds spent by all writes.",
    DEVICE,
);
static IO_NOW: Desc<'static> = Desc::gauge("node_disk_io_now", "The number of I/Os currently in progress.", DEVICE);
static IO_TIME: Desc<'static> =
    Desc::counter("node_disk_io_time_seconds_total", "Total seconds spent doing I/Os.", DEVICE);
static IO_TIME_WEIGHTED: Desc<'static> =
    Desc::counter("node_disk_io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os.", DEVICE);
static DISCARDS: Desc<'static> =
    Desc::counter("node_disk_discards_completed_total", "The total number of discards completed successfully.", DEVICE);
static DISCARDS_MERGED: Desc<'static> =
    Desc::counter("node_disk_discards_merged_total", "The total number of discards merged.", DEVICE);
static DISCARDED_SECTORS: Desc<'static> =
    Desc::counter("node_disk_discarded_sectors_total", "The total number of sectors discarded successfully.", DEVICE);
static DISCARD_TIME: Desc<'static> = Desc::counter(
    "node_disk_discard_time_seconds_total",
    "This is the total number of seconds spent by all discards.",
    DEVICE,
);
static FLUSHES: Desc<'static> = Desc::counter(
    "node_disk_flush_requests_total",
    "The total number of flush requests completed successfully",
    DEVICE,
);
static FLUSH_TIME: Desc<'static> = Desc::counter(
    "node_disk_flush_requests_time_seconds_total",
    "This is the total number of seconds spent by all flush requests.",
    DEVICE,
);

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
    metrics: &[
        &READS,
        &READS_MERGED,
        &READ_BYTES,
        &READ_TIME,
        &WRITES,
        &WRITES_MERGED,
        &WRITTEN_BYTES,
        &WRITE_TIME,
        &IO_NOW,
        &IO_TIME,
        &IO_TIME_WEIGHTED,
        &DISCARDS,
        &DISCARDS_MERGED,
        &DISCARDED_SECTORS,
        &DISCARD_TIME,
        &FLUSHES,
        &FLUSH_TIME,
        &INFO,
        &FILESYSTEM_INFO,
        &MAPPER_INFO,
        &ATA_WRITE_CACHE,
        &ATA_WRITE_CACHE_ENABLED,
        &ATA_ROTATION_RATE,
    ],
    build: |env| {
        let (include, exclude) = ("collector.diskstats.device-include", "collector.diskstats.device-exclude");
        let filter = Filter::from_flags(env.flags, include, exclude)?;
        Ok(Box::new(Diskstats { roots: env.roots.clone(), filter }))
    },
};

/// Brings a figure into its base unit.
type Unit = fn(u64) -> f64;

/// The figures of the kernel's line, in its order.
static FIGURES: [(&Desc<'static>, Unit); parse::MAX_FIGURES] = [
    (&READS, count),
    (&READS_MERGED, count),
    (&READ_BYTES, bytes_from_sectors),
    (&READ_TIME, seconds_from_millis),
    (&WRITES, count),
    (&WRITES_MERGED, count),
    (&WRITTEN_BYTES, bytes_from_sectors),
    (&WRITE_TIME, seconds_from_millis),
    (&IO_NOW, count),
    (&IO_TIME, seconds_from_millis),
    (&IO_TIME_WEIGHTED, seconds_from_millis),
    (&DISCARDS, count),
    (&DISCARDS_MERGED, count),
    (&DISCARDED_SECTORS, count),
    (&DISCARD_TIME, seconds_from_millis),
    (&FLUSHES, count),
    (&FLUSH_TIME, seconds_from_millis),
];

fn count(n: u64) -> f64 {
    n as f64
}

/// The kernel counts in sectors of 512 bytes, whatever the device's own are.
fn bytes_from_sectors(sectors: u64) -> f64 {
    sectors as f64 * 512.0
}

fn seconds_from_millis(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

struct Diskstats {
    roots: Roots,
    filter: Filter,
}

impl Collector for Diskstats {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots, &self.filter)?, out);
        Ok(())
    }
}

/// A device with all that is known of it.
struct Device {
    disk: Disk,
    udev: Properties,
    rotational: &'static str,
}

fn read(roots: &Roots, filter: &Filter) -> Result<Vec<Device>, CollectError> {
    let path = roots.proc("diskstats");
    let mut disks = parse::disks(&path, &files::read(&path)?)?;
    disks.retain(|disk| !filter.ignores(&disk.name));
    Ok(disks.into_iter().map(|disk| identify(roots, disk)).collect())
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
