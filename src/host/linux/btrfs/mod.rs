//! Btrfs. Source: the kernel's fs/btrfs/sysfs.c, `/sys/fs/btrfs/UUID`, and calls for the devices of mounted ones. Unit:
//! bytes; commits are in milliseconds there, in seconds here.

mod devices;
mod sys;

use crate::host::files::{self, Listing};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec};
use crate::model::{Desc, Sink};
use std::collections::HashMap;
use std::path::Path;

static INFO: Desc<'static> = Desc::gauge("node_btrfs_info", "Filesystem information", &["uuid", "label"]);
static RESERVE: Desc<'static> = Desc::gauge("node_btrfs_global_rsv_size_bytes", "Size of global reserve.", &["uuid"]);
static COMMITS: Desc<'static> =
    Desc::counter("node_btrfs_commits_total", "The total number of commits that have occurred.", &["uuid"]);
static LAST_COMMIT: Desc<'static> =
    Desc::gauge("node_btrfs_last_commit_seconds", "Duration of the most recent commit, in seconds.", &["uuid"]);
static MAX_COMMIT: Desc<'static> =
    Desc::gauge("node_btrfs_max_commit_seconds", "Duration of the slowest commit, in seconds.", &["uuid"]);
static COMMIT_SECONDS: Desc<'static> =
    Desc::counter("node_btrfs_commit_seconds_total", "Sum of the duration of all commits, in seconds.", &["uuid"]);
static RESERVED: Desc<'static> =
    Desc::gauge("node_btrfs_reserved_bytes", "Amount of space reserved for a data type", &["uuid", "block_group_type"]);
static USED: Desc<'static> = Desc::gauge(
    "node_btrfs_used_bytes",
    "Amount of used space by a layout/data type",
    &["uuid", "block_group_type", "mode"],
);
static SIZE: Desc<'static> = Desc::gauge(
    "node_btrfs_size_bytes",
    "Amount of space allocated for a layout/data type",
    &["uuid", "block_group_type", "mode"],
);
static RATIO: Desc<'static> = Desc::gauge(
    "node_btrfs_allocation_ratio",
    "Data allocation ratio for a layout/data type",
    &["uuid", "block_group_type", "mode"],
);
/// With the label `btrfs_dev_uuid` besides, where the kernel was asked for the device.
static DEVICE_SIZE: Desc<'static> = Desc::gauge(
    "node_btrfs_device_size_bytes",
    "Size of a device that is part of the filesystem.",
    &["uuid", "device"],
);

static DEVICE_UNUSED: Desc<'static> = Desc::gauge(
    "node_btrfs_device_unused_bytes",
    "Unused bytes unused on a device that is part of the filesystem.",
    &["uuid", "device", "btrfs_dev_uuid"],
);
static DEVICE_ERRORS: Desc<'static> = Desc::counter(
    "node_btrfs_device_errors_total",
    "Errors reported for the device",
    &["uuid", "type", "device", "btrfs_dev_uuid"],
);

/// The collector `btrfs`.
pub static SPEC: Spec = Spec {
    name: "btrfs",
    about: "Btrfs from /sys/fs/btrfs and its ioctls",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Btrfs { roots: env.roots.clone(), folder: Listing::new(env.roots.sys("fs/btrfs")) })),
};

/// What it shows.
pub static METRICS: Metrics = &[
    &INFO,
    &RESERVE,
    &COMMITS,
    &LAST_COMMIT,
    &MAX_COMMIT,
    &COMMIT_SECONDS,
    &RESERVED,
    &USED,
    &SIZE,
    &RATIO,
    &DEVICE_SIZE,
    &DEVICE_UNUSED,
    &DEVICE_ERRORS,
];

/// What block groups hold.
const TYPES: [&str; 3] = ["data", "metadata", "system"];

struct Btrfs {
    roots: Roots,
    folder: Listing,
}

impl Collector for Btrfs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let filesystems = read(&self.roots, &mut self.folder)?;
        emit(&filesystems, out);
        emit_devices(&filesystems, out);
        Ok(())
    }
}

struct Filesystem {
    uuid: String,
    label: String,
    reserve: f64,
    commits: Commits,
    /// In the order of [`TYPES`].
    allocations: [Allocation; 3],
    devices: Devices,
}

enum Devices {
    /// Name and size of each.
    Sysfs(Vec<(String, f64)>),
    Asked(Vec<devices::Device>),
}

/// Zeros before Linux 6.0.
#[derive(Default)]
struct Commits {
    count: f64,
    last_seconds: f64,
    max_seconds: f64,
    total_seconds: f64,
}

struct Allocation {
    reserved: f64,
    layouts: Vec<Layout>,
}

struct Layout {
    mode: String,
    used: f64,
    size: f64,
    ratio: f64,
}

fn read(roots: &Roots, folder: &mut Listing) -> Result<Vec<Filesystem>, CollectError> {
    let names = files::if_there(folder.names())?.unwrap_or_default();
    // Beside the filesystems there is `features`.
    let names: Vec<String> = names.into_iter().filter(|name| name.contains('-')).collect();
    let mut asked = match names.is_empty() {
        true => HashMap::new(),
        false => devices::read(roots).unwrap_or_else(|e| {
            log::debug!("collector btrfs: {e}");
            HashMap::new()
        }),
    };
    let mut filesystems = Vec::new();
    for name in names {
        let mut filesystem = read_filesystem(&folder.path().join(&name), &name)?;
        if let Some(devices) = asked.remove(&name.replace('-', "")) {
            filesystem.devices = Devices::Asked(devices);
        }
        filesystems.push(filesystem);
    }
    Ok(filesystems)
}

fn read_filesystem(folder: &Path, name: &str) -> Result<Filesystem, CollectError> {
    let text = |file: &str| Ok(files::if_there(files::value(&folder.join(file)))?.unwrap_or_default());
    let mut devices = Vec::new();
    for device in files::list(&folder.join("devices"))? {
        let sectors = figure(&folder.join("devices").join(&device).join("size"))?;
        devices.push((device, bytes_from_sectors(sectors)));
    }
    let [data, metadata, system] =
        TYPES.map(|name| read_allocation(&folder.join("allocation").join(name), devices.len()));
    let uuid = text("metadata_uuid")?;
    Ok(Filesystem {
        uuid: if uuid.is_empty() { name.to_owned() } else { uuid },
        label: text("label")?,
        reserve: figure(&folder.join("allocation/global_rsv_size"))?,
        commits: read_commits(&folder.join("commit_stats"))?,
        allocations: [data?, metadata?, system?],
        devices: Devices::Sysfs(devices),
    })
}

/// A figure that older kernels don't have; then it counts as 0.
fn figure(path: &Path) -> Result<f64, CollectError> {
    Ok(files::if_there(files::number(path))?.unwrap_or_default())
}

/// The kernel's sectors here are always of 512 bytes.
fn bytes_from_sectors(sectors: f64) -> f64 {
    sectors * 512.0
}

fn seconds_from_millis(millis: f64) -> f64 {
    millis / 1000.0
}

fn read_allocation(folder: &Path, devices: usize) -> Result<Allocation, CollectError> {
    let mut layouts = Vec::new();
    for mode in files::list(folder)? {
        let layout = folder.join(&mode);
        if layout.is_dir() {
            layouts.push(Layout {
                used: figure(&layout.join("used_bytes"))?,
                size: figure(&layout.join("total_bytes"))?,
                ratio: ratio(&mode, devices as f64),
                mode,
            });
        }
    }
    Ok(Allocation { reserved: figure(&folder.join("bytes_reserved"))?, layouts })
}

/// Bytes on disk for a byte of data, given the number of devices; 0 for a mode that we don't know.
fn ratio(mode: &str, devices: f64) -> f64 {
    match mode {
        "single" | "raid0" => 1.0,
        "dup" | "raid1" | "raid10" => 2.0,
        "raid1c3" => 3.0,
        "raid1c4" => 4.0,
        "raid5" => devices / (devices - 1.0),
        "raid6" => devices / (devices - 2.0),
        _ => 0.0,
    }
}

/// Lines such as `max_commit_ms 51462`.
fn read_commits(path: &Path) -> Result<Commits, CollectError> {
    let mut commits = Commits::default();
    for (at, line) in files::lines(&files::read_if_there(path)?.unwrap_or_default()) {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let value = files::parse_count(path, at, value.trim())?;
        match key {
            "commits" => commits.count = value,
            "last_commit_ms" => commits.last_seconds = seconds_from_millis(value),
            "max_commit_ms" => commits.max_seconds = seconds_from_millis(value),
            "total_commit_ms" => commits.total_seconds = seconds_from_millis(value),
            _ => {}
        }
    }
    Ok(commits)
}

fn emit(filesystems: &[Filesystem], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    filesystems.iter().for_each(|fs| family.sample(&[&fs.uuid, &fs.label], 1.0));
    let mut each = |desc, value: fn(&Filesystem) -> f64| {
        let mut family = out.family(desc);
        filesystems.iter().for_each(|fs| family.sample(&[&fs.uuid], value(fs)));
    };
    each(&RESERVE, |fs| fs.reserve);
    each(&COMMITS, |fs| fs.commits.count);
    each(&LAST_COMMIT, |fs| fs.commits.last_seconds);
    each(&MAX_COMMIT, |fs| fs.commits.max_seconds);
    each(&COMMIT_SECONDS, |fs| fs.commits.total_seconds);
    let mut family = out.family(&RESERVED);
    for fs in filesystems {
        TYPES.iter().zip(&fs.allocations).for_each(|(name, a)| family.sample(&[&fs.uuid, name], a.reserved));
    }
    let mut each_layout = |desc, value: fn(&Layout) -> f64| {
        let mut family = out.family(desc);
        for fs in filesystems {
            for (name, allocation) in TYPES.iter().zip(&fs.allocations) {
                let layouts = allocation.layouts.iter();
                layouts.for_each(|layout| family.sample(&[&fs.uuid, name, &layout.mode], value(layout)));
            }
        }
    };
    each_layout(&USED, |layout| layout.used);
    each_layout(&SIZE, |layout| layout.size);
    each_layout(&RATIO, |layout| layout.ratio);
}

/// Kinds of errors, in the order of the kernel's figures.
const ERRORS: [&str; 5] = ["write", "read", "flush", "corruption", "generation"];

fn emit_devices(filesystems: &[Filesystem], out: &mut dyn Sink) {
    let mut family = out.family(&DEVICE_SIZE);
    for Filesystem { uuid, devices, .. } in filesystems {
        match devices {
            Devices::Sysfs(devices) => {
                devices.iter().for_each(|(device, size)| family.sample(&[uuid, device], *size));
            }
            Devices::Asked(devices) => devices.iter().for_each(|device| {
                let labels = [("uuid", uuid.as_str()), ("device", &device.name), ("btrfs_dev_uuid", &device.uuid)];
                family.labeled(&labels, device.size);
            }),
        }
    }
    let asked = || {
        filesystems.iter().flat_map(|fs| {
            let devices = if let Devices::Asked(devices) = &fs.devices { devices.as_slice() } else { &[] };
            devices.iter().map(|device| (&fs.uuid, device))
        })
    };
    let mut family = out.family(&DEVICE_UNUSED);
    asked().for_each(|(uuid, device)| family.sample(&[uuid, &device.name, &device.uuid], device.unused));
    let mut family = out.family(&DEVICE_ERRORS);
    for (uuid, device) in asked() {
        for (kind, count) in ERRORS.iter().zip(device.errors) {
            family.sample(&[uuid, kind, &device.name, &device.uuid], count as f64);
        }
    }
}
