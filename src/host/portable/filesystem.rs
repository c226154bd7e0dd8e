//! Space and inodes of mounted file systems. Source: sysinfo for the list of mounts, the system for each of them.
//! Units: bytes, inodes.
//!
//! The list leaves out file systems of the kernel's own, network mounts (they may hang) and, on macOS, volumes that
//! Finder does not show.

use super::failed;
use super::mount::{Mount, Space};
use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::collections::BTreeSet;
use sysinfo::{Disk, DiskRefreshKind, Disks};

pub const MOUNTS_INCLUDE: &str = "collector.filesystem.mount-points-include";
pub const MOUNTS_EXCLUDE: &str = "collector.filesystem.mount-points-exclude";
pub const TYPES_INCLUDE: &str = "collector.filesystem.fs-types-include";
pub const TYPES_EXCLUDE: &str = "collector.filesystem.fs-types-exclude";

#[cfg(target_os = "linux")]
static FLAGS: [Flag; 4] = flags(
    "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
    "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|\
     overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$",
);
#[cfg(not(target_os = "linux"))]
static FLAGS: [Flag; 4] = flags("^/(dev)($|/)", "^devfs$");

/// The flags of the filters, with what they leave out by default.
pub const fn flags(mounts: &'static str, types: &'static str) -> [Flag; 4] {
    [
        Flag::value(
            MOUNTS_EXCLUDE,
            "REGEXP",
            mounts,
            "Regexp of mount points to exclude for filesystem collector. (mutually exclusive to mount-points-include).",
        )
        .alias(&["collector.filesystem.ignored-mount-points"]),
        Flag::value(
            MOUNTS_INCLUDE,
            "REGEXP",
            "",
            "Regexp of mount points to include for filesystem collector. (mutually exclusive to mount-points-exclude).",
        ),
        Flag::value(
            TYPES_EXCLUDE,
            "REGEXP",
            types,
            "Regexp of filesystem types to exclude for filesystem collector. (mutually exclusive to fs-types-include).",
        )
        .alias(&["collector.filesystem.ignored-fs-types"]),
        Flag::value(
            TYPES_INCLUDE,
            "REGEXP",
            "",
            "Regexp of filesystem types to include for filesystem collector. (mutually exclusive to fs-types-exclude).",
        ),
    ]
}

/// A family of which each mount has a sample.
pub const fn gauge(name: &'static str, help: &'static str) -> Desc<'static> {
    Desc::gauge(name, help, &["device", "mountpoint", "fstype", "device_error"])
}

pub static AVAIL: Desc<'static> =
    gauge("node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.");
pub static DEVICE_ERROR: Desc<'static> =
    gauge("node_filesystem_device_error", "Whether an error occurred while getting statistics for the given device.");
pub static FILES: Desc<'static> = gauge("node_filesystem_files", "Filesystem total file nodes.");
pub static FILES_FREE: Desc<'static> = gauge("node_filesystem_files_free", "Filesystem total free file nodes.");
pub static FREE: Desc<'static> = gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.");
pub static READONLY: Desc<'static> = gauge("node_filesystem_readonly", "Filesystem read-only status.");
pub static SIZE: Desc<'static> = gauge("node_filesystem_size_bytes", "Filesystem size in bytes.");

/// The collector `filesystem`.
pub static SPEC: Spec = Spec {
    name: "filesystem",
    about: "space and inodes of mounted local file systems",
    default_enabled: true,
    flags: &FLAGS,
    build: |env| {
        Ok(Box::new(Filesystem {
            mounts: Filter::from_flags(env.flags, MOUNTS_INCLUDE, MOUNTS_EXCLUDE)?,
            types: Filter::from_flags(env.flags, TYPES_INCLUDE, TYPES_EXCLUDE)?,
            disks: None,
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&AVAIL, &DEVICE_ERROR, &FILES, &FILES_FREE, &FREE, &READONLY, &SIZE];

struct Filesystem {
    mounts: Filter,
    types: Filter,
    /// sysinfo's list, opened by the first scrape.
    disks: Option<Disks>,
}

impl Collector for Filesystem {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

impl Filesystem {
    fn read(&mut self) -> Result<Vec<Mount>, CollectError> {
        let disks = match &mut self.disks {
            Some(disks) => disks,
            none => none.insert(Disks::new().map_err(|e| failed("disks", e))?),
        };
        disks.refresh_specifics(true, DiskRefreshKind::nothing());
        let mut seen = BTreeSet::new();
        let wanted = |disk: &&Disk| {
            let (point, fs_type) = (disk.mount_point().to_string_lossy(), disk.file_system().to_string_lossy());
            !self.mounts.ignores(&point) && !self.types.ignores(&fs_type)
        };
        let mounts = disks.iter().filter(wanted).map(Mount::read);
        Ok(mounts.filter(|m| seen.insert([m.device.clone(), m.point.clone(), m.fs_type.clone()])).collect())
    }
}

fn emit(mounts: &[Mount], out: &mut dyn Sink) {
    let flag = |on: bool| f64::from(u8::from(on));
    let mut family = out.family(&DEVICE_ERROR);
    for mount in mounts {
        let error = mount.space.as_ref().err().map_or("", String::as_str);
        family.sample(&[&mount.device, &mount.point, &mount.fs_type, error], flag(!error.is_empty()));
    }
    let mut figures = |desc: &'static Desc<'static>, figure: &dyn Fn(&Space) -> f64| {
        let mut family = out.family(desc);
        for mount in mounts {
            if let Ok(space) = &mount.space {
                family.sample(&[&mount.device, &mount.point, &mount.fs_type, ""], figure(space));
            }
        }
    };
    figures(&SIZE, &|space| space.size);
    figures(&FREE, &|space| space.free);
    figures(&AVAIL, &|space| space.avail);
    figures(&FILES, &|space| space.files);
    figures(&FILES_FREE, &|space| space.files_free);
    figures(&READONLY, &|space| flag(space.readonly));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Encoder;

    #[test]
    fn a_mount_that_can_not_be_read_shows_its_error_and_no_figures() {
        let space = Space { size: 8192.0, free: 4096.0, avail: 2048.0, files: 9.0, files_free: 3.0, readonly: true };
        let mount = |device: &str, point: &str, space| Mount {
            device: device.into(),
            point: point.into(),
            fs_type: "ext4".into(),
            space,
        };
        let mounts = [mount("/dev/a", "/", Ok(space)), mount("/dev/b", "/b", Err("permission denied".into()))];
        let (mut encoder, mut body) = (Encoder::default(), Vec::new());
        emit(&mounts, &mut encoder);
        encoder.take(&mut body);
        let body = String::from_utf8(body).unwrap();
        let samples: Vec<&str> = body.lines().filter(|line| !line.starts_with('#')).collect();
        let a = "{device=\"/dev/a\",mountpoint=\"/\",fstype=\"ext4\",device_error=\"\"}";
        let b = "{device=\"/dev/b\",mountpoint=\"/b\",fstype=\"ext4\",device_error=\"permission denied\"}";
        let want = [
            format!("node_filesystem_device_error{a} 0"),
            format!("node_filesystem_device_error{b} 1"),
            format!("node_filesystem_size_bytes{a} 8192"),
            format!("node_filesystem_free_bytes{a} 4096"),
            format!("node_filesystem_avail_bytes{a} 2048"),
            format!("node_filesystem_files{a} 9"),
            format!("node_filesystem_files_free{a} 3"),
            format!("node_filesystem_readonly{a} 1"),
        ];
        assert_eq!(samples, want);
    }
}
