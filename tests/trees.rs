//! Collectors over trees of hosts that the fixtures of `tests/host.rs` are not: other machines, other kernels, and hosts
//! that hide their files or have them in pieces.
//!
//! Fixtures are `tests/fixtures/trees/TREE/{proc,sys,root}`, goldens `tests/golden/trees/TREE.prom`, written anew by
//! `BLESS=1 cargo test --test trees`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use collect::Shown;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tallyd::host::COLLECTORS;

#[path = "common/collect.rs"]
mod collect;

/// A tree, and collectors that have data there. The others are run too, and must have none.
const TREES: &[(&str, &[&str])] = &[
    ("raspberry-pi", &["cpu", "cpufreq", "diskstats", "hwmon", "loadavg", "meminfo", "stat", "thermal_zone"]),
    (
        "linux-4.4",
        &[
            "cpu",
            "diskstats",
            "entropy",
            "filefd",
            "loadavg",
            "meminfo",
            "netstat",
            "schedstat",
            "sockstat",
            "softnet",
            "stat",
            "vmstat",
        ],
    ),
    ("numa", &["buddyinfo", "cpu", "edac", "hwmon", "meminfo_numa", "stat"]),
    ("cgroup-v1", &["containers"]),
];

/// Collectors that ask the kernel by calls, or that tell of themselves, or that something is not there.
const APART: &[&str] = &[
    "arp",
    "filesystem",
    "netclass",
    "netdev",
    "os",
    "qdisc",
    "selinux",
    "systemd",
    "textfile",
    "time",
    "timex",
    "uname",
    "wifi",
];

/// Collectors whose figures are other ones where a file ends after one of its lines.
const LINES_COUNT: &[(&str, &str)] = &[
    ("bcache", "a line that is missing is 0, as in node_exporter"),
    ("btrfs", "a line that is missing is 0, as in node_exporter"),
    ("conntrack", "its figures are sums over the lines of CPUs"),
    ("diskstats", "its labels are lines of udev's files"),
    ("nfs", "a line that is missing is 0, as in node_exporter"),
    ("nfsd", "a line that is missing is 0, as in node_exporter"),
    ("stat", "a line that is missing is 0, as in node_exporter"),
    ("tcpstat", "its figures are sums over the lines of sockets"),
    ("udp_queues", "its figures are sums over the lines of sockets"),
    ("xfrm", "a line that is missing is 0, as in node_exporter"),
    ("xfs", "a line that is missing is 0, as in node_exporter"),
];

fn manifest(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What each collector but those of [`APART`] shows of a tree.
fn all(tree: &Path, given: &[&str]) -> Vec<(&'static str, Shown)> {
    let (roots, flags) = (collect::roots(tree), collect::flags(given));
    let named = COLLECTORS.iter().map(|spec| spec.name).filter(|name| !APART.contains(name));
    named.map(|name| (name, shown(tree, collect::run(name, &roots, &flags)))).collect()
}

/// A tree is named in a label of rapl.
fn shown(tree: &Path, Shown { body, success }: Shown) -> Shown {
    Shown { body: body.replace(tree.to_str().unwrap(), "@TREE@"), success }
}

#[test]
fn other_hosts_are_read_as_the_goldens_say() {
    let mut differing = Vec::new();
    for (tree, with_data) in TREES {
        let mut got = String::new();
        let place = manifest("tests/fixtures/trees").join(tree);
        for (name, Shown { body, success }) in all(&place, &["collector.cpu.info=true"]) {
            let data = success && !body.is_empty();
            if data != with_data.contains(&name) {
                differing.push(format!("{name} over {tree} has data: {data}, success: {success}"));
            }
            write!(got, "{body}").unwrap();
        }
        let golden = manifest("tests/golden/trees").join(format!("{tree}.prom"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &got).unwrap();
        }
        let want = fs::read_to_string(&golden).unwrap_or_default();
        if got != want {
            let first = got.lines().zip(want.lines()).find(|(got, want)| got != want);
            differing.push(format!("{tree}: {first:?}"));
        }
    }
    assert!(differing.is_empty(), "review, then BLESS=1 cargo test --test trees:\n{}", differing.join("\n"));
}

#[test]
fn where_there_is_nothing_nothing_is_shown() {
    let empty = tempfile::tempdir().unwrap();
    fs::create_dir(empty.path().join("proc")).unwrap();
    for (name, Shown { body, .. }) in all(empty.path(), &[]) {
        assert_eq!(body, "", "{name}");
    }
}

/// What a collector shows of files that can't be read is nothing, or nothing that these files tell.
#[test]
fn what_can_not_be_read_is_not_made_up() {
    let fixtures = manifest("tests/fixtures/host");
    let whole: Vec<(&str, Shown)> = all(&fixtures, &[]);
    // Reading a process's memory at 0 fails with EIO; a link to itself, with ELOOP; a folder, with EISDIR.
    type Way = (&'static str, fn(&Path));
    let ways: [Way; 3] = [
        ("EIO", |to| symlink("/proc/self/mem", to).unwrap()),
        ("ELOOP", |to| symlink(to.file_name().unwrap(), to).unwrap()),
        ("EISDIR", |to| fs::create_dir(to).unwrap()),
    ];
    for (error, make) in ways {
        let dir = tempfile::tempdir().unwrap();
        collect::for_files(&fixtures, dir.path(), &mut |_, to| make(to));
        for ((name, shown), (_, before)) in all(dir.path(), &[]).into_iter().zip(&whole) {
            let known: BTreeSet<&str> = before.body.lines().collect();
            let made_up = shown.body.lines().find(|line| !known.contains(line));
            assert_eq!(made_up, None, "{name} where files give {error}");
        }
    }
}

#[test]
fn files_cut_in_the_middle_of_a_line_are_read_or_refused() {
    let fixtures = manifest("tests/fixtures/host");
    for part in 1..4 {
        let dir = tempfile::tempdir().unwrap();
        collect::for_files(&fixtures, dir.path(), &mut |from, to| {
            let text = fs::read(from).unwrap();
            fs::write(to, &text[..text.len() * part / 4]).unwrap();
        });
        let given = collect::all_on(dir.path());
        all(dir.path(), &given.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// After a whole line, so that no number is another one. What is shown is what the whole file says.
#[test]
fn files_cut_after_a_line_tell_no_other_figures() {
    let fixtures = manifest("tests/fixtures/host");
    let whole: Vec<(&str, Shown)> = all(&fixtures, &[]);
    let dir = tempfile::tempdir().unwrap();
    collect::for_files(&fixtures, dir.path(), &mut |from, to| {
        let text = fs::read(from).unwrap();
        let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
        fs::write(to, lines[..lines.len().div_ceil(2)].concat()).unwrap();
    });
    let mut wrong = Vec::new();
    for ((name, shown), (_, before)) in all(dir.path(), &[]).into_iter().zip(&whole) {
        let known: BTreeSet<&str> = before.body.lines().collect();
        let lie = shown.body.lines().find(|line| !known.contains(line));
        let reason = LINES_COUNT.iter().find(|(collector, _)| *collector == name).map(|(_, reason)| reason);
        if lie.is_some() != reason.is_some() {
            wrong.push(format!("{name}: {lie:?}, {reason:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
