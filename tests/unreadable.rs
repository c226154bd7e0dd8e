//! The agent as nobody, over a host whose files it may not read: it serves, and shows nothing of what it could not read.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use common::Agent;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use tallyd::host::COLLECTORS;

#[path = "common/collect.rs"]
mod collect;
mod common;

/// Collectors that need no file: they ask by calls.
const WITHOUT_FILES: &[&str] = &["arp", "netdev", "qdisc", "textfile", "timex", "uname"];

/// Those that list folders, and show that a device is there with what else they may read of it; and how the names of their
/// metrics begin.
const LISTS: &[(&str, &[&str])] = &[
    ("edac", &["node_edac_"]),
    ("fibrechannel", &["node_fibrechannel_"]),
    ("hwmon", &["node_hwmon_"]),
    ("infiniband", &["node_infiniband_"]),
    ("netclass", &["node_network_up", "node_network_info"]),
    ("nvme", &["node_nvme_"]),
    ("powersupplyclass", &["node_power_supply_"]),
    ("rapl", &["node_rapl_"]),
    ("thermal_zone", &["node_thermal_zone_"]),
    ("watchdog", &["node_watchdog_"]),
];

/// User and group of nobody, by custom; without root the tests are nobody enough.
const NOBODY: u32 = 65534;

/// What an agent shows.
struct Shown {
    body: String,
}

impl Shown {
    /// The collectors that succeeded, by name.
    fn names(&self) -> Vec<String> {
        let samples =
            self.body.lines().filter_map(|line| line.strip_prefix("node_scrape_collector_success{collector=\""));
        let all: Vec<_> = samples.filter_map(|rest| rest.split_once("\"} ")).collect();
        assert_eq!(all.len(), COLLECTORS.len(), "each tells of itself");
        let mut names: Vec<_> =
            all.iter().filter(|(_, value)| *value == "1").map(|(name, _)| (*name).to_owned()).collect();
        names.sort();
        names
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// What is shown where files and roots of a tree have these permissions.
fn shown(files: u32, roots: u32) -> Shown {
    let dir = tempfile::tempdir().unwrap();
    chmod(dir.path(), 0o755);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/host");
    collect::for_files(&fixtures, dir.path(), &mut |from, to| {
        fs::copy(from, to).unwrap();
        chmod(to, files);
    });
    for root in ["proc", "sys", "root", "udev"] {
        chmod(&dir.path().join(root), roots);
    }
    // A copy, as nobody may not go where the checkout is.
    let program = dir.path().join("tallyd");
    fs::copy(env!("CARGO_BIN_EXE_tallyd"), &program).unwrap();
    let mut command = Command::new(program);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/").args([
        "--web.listen-address=127.0.0.1:0",
        "--statsd.listen-udp=",
        "--statsd.listen-tcp=",
        "--collector.systemd.socket=/no/bus",
        "--collector.sysctl.include=kernel.threads-max",
    ]);
    for (flag, place) in [("procfs", "proc"), ("sysfs", "sys"), ("rootfs", "root"), ("udev.data", "udev")] {
        command.arg(format!("--path.{flag}={}", dir.path().join(place).display()));
    }
    command.args(COLLECTORS.iter().map(|spec| format!("--collector.{}", spec.name)));
    let agent = Agent::spawn(&mut command);
    // Twice: what failed once is not to be shown from memory.
    let [first, again] = [(); 2].map(|()| Shown { body: agent.metrics() });
    assert_eq!(first.names(), again.names());
    assert!(!agent.log().contains("panicked"), "{}", agent.log());
    again
}

// One test: a program that another thread has just copied can't be started while a child that this one forks has it open.
#[test]
fn what_may_not_be_read_is_not_shown() {
    let mut by_calls: Vec<_> = WITHOUT_FILES.iter().map(ToString::to_string).collect();
    by_calls.sort();
    // Folders that may not be entered.
    assert_eq!(shown(0o644, 0).names(), by_calls);
    // Files that may not be read.
    let mut listed: Vec<_> = LISTS.iter().map(|(name, _)| (*name).to_owned()).chain(by_calls).collect();
    listed.sort();
    let shown = shown(0, 0o755);
    assert_eq!(shown.names(), listed);
    let values = shown.body.lines().filter(|line| {
        !line.starts_with('#') && LISTS.iter().flat_map(|(_, begin)| *begin).any(|begin| line.starts_with(begin))
    });
    let told: Vec<_> = values.filter(|line| !line.contains("_info{")).collect();
    assert_eq!(told, Vec::<&str>::new(), "values of files that may not be read");
}
