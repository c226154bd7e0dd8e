//! Mounted file systems. Source: `/proc/1/mountinfo`, proc_pid_mountinfo(5), and statvfs(3) of each mount point. Unit:
//! bytes.
//!
//! A network mount whose server is gone keeps a caller of statvfs for good, so mounts are asked on threads of their own
//! ([`asker`]), but for those of which it is known that they don't; a scrape waits no longer than
//! `--collector.filesystem.mount-timeout`.

mod asker;
pub mod mounts;
mod space;

use self::asker::{Alarms, Answer, Asker, Target};
use self::mounts::Mount;
use self::space::Space;
use crate::flag::{Flag, FlagError, Values};
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec};
use crate::model::{Desc, Sink};
use std::path::Path;
use std::time::Duration;

const LABELS: &[&str] = &["device", "mountpoint", "fstype", "device_error"];

static SIZE: Desc<'static> = Desc::gauge("node_filesystem_size_bytes", "Filesystem size in bytes.", LABELS);
static FREE: Desc<'static> = Desc::gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.", LABELS);
static AVAIL: Desc<'static> =
    Desc::gauge("node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.", LABELS);
static FILES: Desc<'static> = Desc::gauge("node_filesystem_files", "Filesystem total file nodes.", LABELS);
static FILES_FREE: Desc<'static> =
    Desc::gauge("node_filesystem_files_free", "Filesystem total free file nodes.", LABELS);
static PURGEABLE: Desc<'static> = Desc::gauge(
    "node_filesystem_purgeable_bytes",
    "Filesystem space available including purgeable space (MacOS specific).",
    LABELS,
);
static READ_ONLY: Desc<'static> = Desc::gauge("node_filesystem_readonly", "Filesystem read-only status.", LABELS);
static DEVICE_ERROR: Desc<'static> = Desc::gauge(
    "node_filesystem_device_error",
    "Whether an error occurred while getting statistics for the given device.",
    LABELS,
);
static MOUNT_INFO: Desc<'static> = Desc::gauge(
    "node_filesystem_mount_info",
    "Filesystem mount information.",
    &["device", "major", "minor", "mountpoint"],
);

/// What `device_error` says of a mount that does not answer.
const SILENT: &str = "mountpoint timeout";

/// The collector `filesystem`.
pub static SPEC: Spec = Spec {
    name: "filesystem",
    about: "size and free space of mounted file systems from statvfs",
    default_enabled: true,
    flags: &[
        Flag::value(
            "collector.filesystem.mount-points-exclude",
            "REGEXP",
            "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
            "Regexp of mount points to exclude for filesystem collector. (mutually exclusive to mount-points-include).",
        )
        .alias(&["collector.filesystem.ignored-mount-points"]),
        Flag::value(
            "collector.filesystem.mount-points-include",
            "REGEXP",
            "",
            "Regexp of mount points to include for filesystem collector. (mutually exclusive to mount-points-exclude).",
        ),
        Flag::value(
            "collector.filesystem.fs-types-exclude",
            "REGEXP",
            "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|\
             overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$",
            "Regexp of filesystem types to exclude for filesystem collector. (mutually exclusive to fs-types-include).",
        )
        .alias(&["collector.filesystem.ignored-fs-types"]),
        Flag::value(
            "collector.filesystem.fs-types-include",
            "REGEXP",
            "",
            "Regexp of filesystem types to include for filesystem collector. (mutually exclusive to fs-types-exclude).",
        ),
        Flag::value(
            "collector.filesystem.mount-timeout",
            "DURATION",
            "5s",
            "How long a scrape waits for mounts to respond before it marks them as stale.",
        ),
        Flag::value(
            "collector.filesystem.stat-workers",
            "N",
            "4",
            "How many threads are kept to ask mounts with; more are started while some do not respond.",
        ),
    ],
    build: |env| Ok(Box::new(Filesystem::new(env.roots, env.flags)?)),
};

/// What it shows.
pub static METRICS: Metrics =
    &[&SIZE, &FREE, &AVAIL, &FILES, &FILES_FREE, &PURGEABLE, &READ_ONLY, &DEVICE_ERROR, &MOUNT_INFO];

/// File systems whose statvfs adds up counters that are in memory, whatever has become of the device. Of the others, vfat
/// may have to count its clusters, btrfs and xfs wait for work of theirs that is under way, and a network is a network.
/// Source: `ext4_statfs`, `shmem_statfs`, `fat_statfs`, `btrfs_statfs` and `xfs_fs_statfs` in the kernel.
const PROMPT: [&str; 2] = ["ext4", "tmpfs"];

struct Filesystem {
    roots: Roots,
    points: Filter,
    types: Filter,
    timeout: Duration,
    asker: Asker,
}

impl Filesystem {
    fn new(roots: &Roots, flags: &Values) -> Result<Self, FlagError> {
        let filter = |include, exclude| Filter::from_flags(flags, include, exclude);
        Ok(Self {
            roots: roots.clone(),
            points: filter("collector.filesystem.mount-points-include", "collector.filesystem.mount-points-exclude")?,
            types: filter("collector.filesystem.fs-types-include", "collector.filesystem.fs-types-exclude")?,
            timeout: flags.duration("collector.filesystem.mount-timeout")?,
            asker: Asker::new(flags.parse("collector.filesystem.stat-workers")?, space::of),
        })
    }

    /// The mounts that the filters let through, without their figures, and the places of all that may keep a caller.
    fn mounts(&self) -> Result<(Vec<Mount>, Vec<String>), CollectError> {
        let mut mounts = mounts::read(&self.roots)?;
        for mount in &mut mounts {
            mount.point = self.roots.strip(&mount.point).to_owned();
        }
        let slow = mounts.iter().filter(|mount| !PROMPT.contains(&mount.kind.as_str()));
        let slow = slow.map(|mount| mount.point.clone()).collect();
        mounts.retain(|mount| !self.points.ignores(&mount.point) && !self.types.ignores(&mount.kind));
        Ok((mounts::unique(mounts), slow))
    }

    fn read(&mut self) -> Result<Vec<(Mount, Answer)>, CollectError> {
        let (mounts, slow) = self.mounts()?;
        // The way from another root leads over mounts that the list does not have.
        let is_ours = self.roots.host("/") == Path::new("/");
        let is_prompt = |mount: &Mount| is_ours && !slow.iter().any(|place| leads_over(&mount.point, place));
        let (prompt, others): (Vec<Mount>, Vec<Mount>) = mounts.into_iter().partition(is_prompt);
        let target = |mount: &Mount| Target { path: self.roots.host(&mount.point), device: (mount.major, mount.minor) };
        let targets: Vec<Target> = others.iter().map(target).collect();
        let answers = self.asker.ask(&targets, &Alarms::new(self.timeout));
        let answers = answers.map_err(|e| CollectError::call("thread for statvfs", e))?;
        let asked = prompt.into_iter().map(|mount| {
            let path = Path::new(&mount.point);
            let answer = Answer::of(path, space::of(path));
            (mount, answer)
        });
        Ok(asked.chain(others.into_iter().zip(answers)).collect())
    }
}

/// Whether a path ends at a place or below it.
fn leads_over(path: &str, place: &str) -> bool {
    Path::new(path).starts_with(place)
}

impl Collector for Filesystem {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

type Figure = fn(&Space) -> f64;

/// What is known of a mount that answers.
const FIGURES: [(&Desc<'static>, Figure); 6] = [
    (&SIZE, |space| space.size),
    (&FREE, |space| space.free),
    (&AVAIL, |space| space.avail),
    (&FILES, |space| space.files),
    (&FILES_FREE, |space| space.files_free),
    // Linux purges nothing by itself; node_exporter has this here too.
    (&PURGEABLE, |_| 0.0),
];

/// The labels of a mount, in the order of [`LABELS`].
fn labels<'a>(mount: &'a Mount, answer: &'a Answer) -> [&'a str; 4] {
    let error = match answer {
        Answer::Space(_) => "",
        Answer::Failed(why) => why,
        Answer::Silent => SILENT,
    };
    [&mount.device, &mount.point, &mount.kind, error]
}

fn emit(mounts: &[(Mount, Answer)], out: &mut dyn Sink) {
    let mut family = out.family(&DEVICE_ERROR);
    for (mount, answer) in mounts {
        family.sample(&labels(mount, answer), f64::from(u8::from(!matches!(answer, Answer::Space(_)))));
    }
    let mut family = out.family(&READ_ONLY);
    for (mount, answer) in mounts {
        family.sample(&labels(mount, answer), f64::from(u8::from(mount.read_only)));
    }
    for (desc, figure) in FIGURES {
        let mut family = out.family(desc);
        for (mount, answer) in mounts {
            if let Answer::Space(space) = answer {
                family.sample(&labels(mount, answer), figure(space));
            }
        }
    }
    let mut family = out.family(&MOUNT_INFO);
    for (mount, _) in mounts.iter().filter(|(_, answer)| matches!(answer, Answer::Space(_))) {
        family.sample(&[&mount.device, &mount.major.to_string(), &mount.minor.to_string(), &mount.point], 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_over_what_is_mounted_along_it() {
        for (path, place, want) in [
            ("/", "/", true),
            ("/srv/a", "/", true),
            ("/srv/a", "/srv", true),
            ("/srv/a", "/srv/a", true),
            ("/srv/a", "/srv/a/b", false),
            ("/srv2", "/srv", false),
            ("/", "/srv", false),
        ] {
            assert_eq!(leads_over(path, place), want, "{path} over {place}");
        }
    }
}
