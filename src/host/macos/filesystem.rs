//! Mounted file systems. Source: getfsstat(2) with `MNT_NOWAIT`, which asks no file system, so that none can hang;
//! space that can be purged, from CoreFoundation. Units: bytes, inodes.

use super::bytes::{text_at, u32_at, u64_at};
use super::iokit;
use super::kernel::Question;
use crate::flag::{Flag, FlagError};
use crate::host::filter::Filter;
use crate::host::portable::filesystem::{
    AVAIL, DEVICE_ERROR, FILES, FILES_FREE, FREE, MOUNTS_EXCLUDE, MOUNTS_INCLUDE, READONLY, SIZE, TYPES_EXCLUDE,
    TYPES_INCLUDE, flags, gauge,
};
use crate::host::{CollectError, Collector, Env, Metrics, Roots, Spec};
use crate::model::{Desc, Sink};
use std::collections::HashSet;

static FLAGS: [Flag; 4] = flags("^/(dev)($|/)", "^devfs$");

static PURGEABLE: Desc<'static> =
    gauge("node_filesystem_purgeable_bytes", "Filesystem space available including purgeable space (MacOS specific).");
static MOUNT_INFO: Desc<'static> = Desc::gauge(
    "node_filesystem_mount_info",
    "Filesystem mount information.",
    &["device", "major", "minor", "mountpoint"],
);

/// The collector `filesystem`.
pub static SPEC: Spec = Spec {
    name: "filesystem",
    about: "space and inodes of mounted file systems",
    default_enabled: true,
    flags: &FLAGS,
    build: |env| Ok(Box::new(Filesystem::new(env)?)),
};

/// What it shows.
pub static METRICS: Metrics =
    &[&DEVICE_ERROR, &READONLY, &SIZE, &FREE, &AVAIL, &FILES, &FILES_FREE, &MOUNT_INFO, &PURGEABLE];

/// File systems that have space to purge. Others are not asked: a call to a server that is gone would not return.
const PURGING: &[&str] = &["apfs", "hfs"];

struct Filesystem {
    roots: Roots,
    points: Filter,
    types: Filter,
}

impl Collector for Filesystem {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut mounts = self.choose(Question::FileSystems.answer(decode)?);
        for mount in mounts.iter_mut().filter(|mount| PURGING.contains(&mount.kind.as_str())) {
            mount.purgeable = iokit::purgeable(&mount.point).filter(|bytes| *bytes >= 0.0);
        }
        for mount in &mut mounts {
            mount.point = self.roots.strip(&mount.point).to_owned();
        }
        emit(&mounts, out);
        Ok(())
    }
}

impl Filesystem {
    fn new(env: &Env<'_>) -> Result<Self, FlagError> {
        Ok(Self {
            roots: env.roots.clone(),
            points: Filter::from_flags(env.flags, MOUNTS_INCLUDE, MOUNTS_EXCLUDE)?,
            types: Filter::from_flags(env.flags, TYPES_INCLUDE, TYPES_EXCLUDE)?,
        })
    }

    /// The mounts that the filters let through, each once.
    fn choose(&self, mut mounts: Vec<Mount>) -> Vec<Mount> {
        let mut seen = HashSet::new();
        mounts.retain(|mount| {
            !self.points.ignores(&mount.point)
                && !self.types.ignores(&mount.kind)
                && seen.insert([mount.device.clone(), mount.point.clone(), mount.kind.clone()])
        });
        mounts
    }
}

/// Places in `struct statfs` with 64-bit inodes, the only one on Apple silicon, and what it holds.
pub mod entry {
    pub const SIZE: usize = 2168;
    pub const BLOCK: usize = 0;
    pub const BLOCKS: usize = 8;
    pub const FREE: usize = 16;
    pub const AVAIL: usize = 24;
    pub const FILES: usize = 32;
    pub const FILES_FREE: usize = 40;
    pub const FLAGS: usize = 64;
    pub const TYPE: usize = 72;
    pub const TYPE_LEN: usize = 16;
    pub const POINT: usize = 88;
    pub const DEVICE: usize = 1112;
    pub const PATH_LEN: usize = 1024;
    pub const READ_ONLY: u32 = 1;
}

#[derive(Clone, Debug, PartialEq)]
struct Mount {
    device: String,
    point: String,
    kind: String,
    size: f64,
    free: f64,
    avail: f64,
    files: f64,
    files_free: f64,
    read_only: bool,
    purgeable: Option<f64>,
}

impl Mount {
    fn decode(statfs: &[u8]) -> Option<Self> {
        let block = f64::from(u32_at(statfs, entry::BLOCK)?);
        let count = |at| u64_at(statfs, at).map(|count| count as f64);
        Some(Self {
            device: text_at(statfs, entry::DEVICE, entry::PATH_LEN)?,
            point: text_at(statfs, entry::POINT, entry::PATH_LEN)?,
            kind: text_at(statfs, entry::TYPE, entry::TYPE_LEN)?,
            size: count(entry::BLOCKS)? * block,
            free: count(entry::FREE)? * block,
            avail: count(entry::AVAIL)? * block,
            files: count(entry::FILES)?,
            files_free: count(entry::FILES_FREE)?,
            read_only: u32_at(statfs, entry::FLAGS)? & entry::READ_ONLY != 0,
            purgeable: None,
        })
    }
}

fn decode(bytes: &[u8]) -> Option<Vec<Mount>> {
    let entries = bytes.chunks_exact(entry::SIZE);
    if entries.remainder().is_empty() { entries.map(Mount::decode).collect() } else { None }
}

/// Major and minor numbers are empty, as in node_exporter, and no device has an error: none is asked.
fn emit(mounts: &[Mount], out: &mut dyn Sink) {
    let mut figures = |desc: &'static Desc<'static>, figure: &dyn Fn(&Mount) -> Option<f64>| {
        let mut family = out.family(desc);
        for mount in mounts {
            if let Some(figure) = figure(mount) {
                family.sample(&[&mount.device, &mount.point, &mount.kind, ""], figure);
            }
        }
    };
    figures(&DEVICE_ERROR, &|_| Some(0.0));
    figures(&READONLY, &|mount| Some(f64::from(u8::from(mount.read_only))));
    figures(&SIZE, &|mount| Some(mount.size));
    figures(&FREE, &|mount| Some(mount.free));
    figures(&AVAIL, &|mount| Some(mount.avail));
    figures(&FILES, &|mount| Some(mount.files));
    figures(&FILES_FREE, &|mount| Some(mount.files_free));
    figures(&PURGEABLE, &|mount| mount.purgeable);
    let mut family = out.family(&MOUNT_INFO);
    for mount in mounts {
        family.sample(&[&mount.device, "", "", &mount.point], 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flag::Values;
    use crate::host::macos::tests::{golden, survives};

    fn statfs(device: &str, point: &str, kind: &str, flags: u32, counts: [u64; 5]) -> Vec<u8> {
        let mut bytes = vec![0; entry::SIZE];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(entry::BLOCK, &4096_u32.to_le_bytes());
        put(entry::BLOCKS, &counts.map(u64::to_le_bytes).concat());
        put(entry::FLAGS, &flags.to_le_bytes());
        put(entry::TYPE, kind.as_bytes());
        put(entry::POINT, point.as_bytes());
        put(entry::DEVICE, device.as_bytes());
        bytes
    }

    fn list() -> Vec<u8> {
        let apfs = [121_138_942, 66_519_842, 66_519_842, 4_294_967_279, 665_198_420];
        [
            statfs("/dev/disk3s1s1", "/", "apfs", 0x4000_9001, apfs),
            statfs("devfs", "/dev", "devfs", 0x0010_1000, [395, 0, 0, 684, 0]),
            statfs("/dev/disk3s5", "/System/Volumes/Data", "apfs", 0x0490_1000, apfs),
            statfs("//me@nas/share", "/Volumes/share", "smbfs", 0, [976_490_576, 244_122_644, 244_122_644, 0, 0]),
            statfs("//me@nas/share", "/Volumes/share", "smbfs", 0, [1, 1, 1, 1, 1]),
        ]
        .concat()
    }

    #[test]
    fn mounts_are_shown_once_and_those_of_the_kernel_not() {
        let roots = Roots::new("/proc", "/sys", "/", "/run/udev/data");
        let filesystem = Filesystem::new(&Env { roots: &roots, flags: &Values::defaults(&FLAGS) }).unwrap();
        let mut mounts = filesystem.choose(decode(&list()).unwrap());
        mounts[0].purgeable = Some(301_234_567_890.0);
        golden("filesystem", |out| emit(&mounts, out));
    }

    #[test]
    fn a_list_is_whole() {
        assert_eq!(decode(&[]), Some(Vec::new()));
        assert_eq!(decode(&list()[..entry::SIZE - 1]), None);
        assert_eq!(decode(&list()).map(|mounts| mounts.len()), Some(5));
        survives(&list(), |bytes| {
            decode(bytes);
        });
    }
}
