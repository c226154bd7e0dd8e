//! Collectors that really hang: on a file that nobody answers for, and on a file system whose server is dead. The scrape
//! is served in time without them, and they are back when what they wait for is.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{Agent, Response, ask, await_that, get, have, value};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A tree of `/proc` whose load averages are a FIFO: who opens it waits for a writer.
struct Proc {
    dir: tempfile::TempDir,
}

impl Proc {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/host/proc");
        for name in ["meminfo", "vmstat"] {
            fs::copy(fixtures.join(name), dir.path().join(name)).unwrap();
        }
        let proc = Self { dir };
        assert!(Command::new("mkfifo").arg(proc.at("loadavg")).status().unwrap().success());
        proc
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Lets the one that waits go on, and puts a file in place of the FIFO.
    fn answer(&self) {
        fs::rename(self.at("loadavg"), self.at("fifo")).unwrap();
        fs::write(self.at("loadavg"), "4 5 6 1/2 3\n").unwrap();
        let mut fifo = OpenOptions::new().write(true).open(self.at("fifo")).unwrap();
        fifo.write_all(b"1 2 3 1/2 3\n").unwrap();
    }

    fn agent(&self) -> Agent {
        let procfs = format!("--path.procfs={}", self.dir.path().display());
        let collectors =
            ["--collector.disable-defaults", "--collector.loadavg", "--collector.meminfo", "--collector.vmstat"];
        Agent::start(&[&[procfs.as_str(), "--web.scrape-timeout-offset=0"], &collectors[..]].concat())
    }
}

fn scrape(agent: &Agent, timeout: &str) -> String {
    let Response { status, body, .. } =
        ask(agent.web, "GET", "/metrics", &format!("X-Prometheus-Scrape-Timeout-Seconds: {timeout}\r\n"));
    assert_eq!(status, 200, "{body}");
    body
}

fn success(body: &str, collector: &str) -> Option<f64> {
    value(body, &format!("node_scrape_collector_success{{collector=\"{collector}\"}}"))
}

/// Names of those that failed of the three collectors.
fn failed(body: &str) -> Vec<&'static str> {
    ["loadavg", "meminfo", "vmstat"].into_iter().filter(|name| success(body, name) != Some(1.0)).collect()
}

/// How many threads of the agent run collectors, or wait to.
fn threads(agent: &Agent) -> usize {
    let tasks = fs::read_dir(format!("/proc/{}/task", agent.child.id())).unwrap();
    tasks
        .filter(|task| {
            fs::read_to_string(task.as_ref().unwrap().path().join("comm")).is_ok_and(|name| name == "collect\n")
        })
        .count()
}

#[test]
fn a_collector_that_hangs_is_passed_by_and_left_alone_until_it_answers() {
    let proc = Proc::new();
    let agent = proc.agent();
    let body = scrape(&agent, "1");
    assert_eq!(failed(&body), ["loadavg"], "{body}");
    assert!(value(&body, "node_memory_MemTotal_bytes").is_some() && value(&body, "node_vmstat_pgfault").is_some());
    let duration = value(&body, "node_scrape_collector_duration_seconds{collector=\"loadavg\"}").unwrap();
    assert!(duration > 0.0, "since it was asked: {duration}");
    // Were it asked again, each of these would take its time out: longer than the test's patience.
    for _ in 0..20 {
        assert_eq!(failed(&scrape(&agent, "25")), ["loadavg"]);
    }
    assert_eq!(threads(&agent), 2, "one hangs, one goes on");
    assert_eq!(agent.value("tallyd_collectors_late_total"), Some(21.0));
    assert!(agent.log().contains("collector loadavg: no answer"), "{}", agent.log());

    proc.answer();
    await_that("it answers again", || agent.log().contains("collector loadavg: it answers again"));
    let body = scrape(&agent, "25");
    assert_eq!(
        (failed(&body), value(&body, "node_load1")),
        (vec![], Some(4.0)),
        "what it read late is shown to nobody"
    );
    await_that("the surplus thread ends", || threads(&agent) == 1);
}

#[test]
fn two_scrapes_at_once_go_on_without_it_and_one_alone_hangs() {
    let proc = Proc::new();
    let agent = proc.agent();
    thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| scrape(&agent, "1")));
        for one in both {
            assert_eq!(failed(&one.join().unwrap()), ["loadavg"]);
        }
    });
    await_that("all but the one inside of it are free", || threads(&agent) == 2);
    proc.answer();
    await_that("it is back", || failed(&scrape(&agent, "25")).is_empty());
}

#[test]
fn scrapes_that_meet_it_first_hold_up_nobody_else() {
    let proc = Proc::new();
    let agent = proc.agent();
    let ended = AtomicUsize::new(0);
    thread::scope(|scope| {
        let scrapes = [(); 8].map(|()| {
            scope.spawn(|| {
                let body = scrape(&agent, "25");
                ended.fetch_add(1, Ordering::Relaxed);
                body
            })
        });
        await_that("all have begun", || threads(&agent) >= 8);
        for _ in 0..20 {
            assert_eq!(get(agent.web, "/-/healthy").status, 200);
            assert_eq!(get(agent.web, "/metrics?collect[]=meminfo").status, 200);
        }
        // Each would have held one of two workers until its deadline.
        assert_eq!(ended.load(Ordering::Relaxed), 0, "they wait");
        proc.answer();
        for one in scrapes {
            assert_eq!(failed(&one.join().unwrap()), Vec::<&str>::new());
        }
    });
}

#[test]
fn an_agent_ends_with_a_collector_that_hangs() {
    let proc = Proc::new();
    let mut agent = proc.agent();
    assert_eq!(failed(&scrape(&agent, "0.2")), ["loadavg"]);
    agent.signal(15);
    assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
}

/// Mounts a FUSE file system that never answers, since nobody reads its requests, and runs the program that follows. The
/// system's end is held by a process that ends with what it is fed, and then the kernel answers in its place.
const BESIDE_A_DEAD_MOUNT: &str = r#"
exec 3<&0 9<>/dev/fuse
mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 dead "$1"
shift
cat <&3 >/dev/null &
exec "$@" 3<&- 9<&- </dev/null
"#;

/// A shell in name spaces of its own, where mounts are nobody else's.
fn apart(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-e", "-c", script, "sh"]);
    command
}

/// Whether this user may mount FUSE file systems. Where not, the test is skipped aloud, and fails where `CI` is set.
fn can_mount() -> bool {
    let can = have("unshare") && Path::new("/dev/fuse").exists() && apart("").status().unwrap().success();
    if !can {
        assert!(std::env::var_os("CI").is_none(), "no FUSE file system can be mounted");
        eprintln!("skipped: no FUSE file system can be mounted");
    }
    can
}

#[test]
fn a_mount_whose_server_is_dead_is_shown_as_such_until_it_answers() {
    if !can_mount() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let mut command = apart(BESIDE_A_DEAD_MOUNT);
    command.arg(place.path()).arg(env!("CARGO_BIN_EXE_tallyd")).arg("--collector.filesystem.mount-timeout=500ms");
    let listens = ["web.listen-address", "statsd.listen-udp", "statsd.listen-tcp"];
    let mut agent =
        Agent::spawn(command.args(listens.map(|flag| format!("--{flag}=127.0.0.1:0"))).stdin(Stdio::piped()));
    let shows = |body: &str, why: &str| {
        let labels = [format!("mountpoint=\"{}\"", place.path().display()), format!("device_error=\"{why}\"")];
        let mut errors = body.lines().filter(|line| line.starts_with("node_filesystem_device_error{"));
        errors.any(|line| labels.iter().all(|label| line.contains(label)) && line.ends_with(" 1"))
    };
    for _ in 0..3 {
        let body = scrape(&agent, "25");
        assert!(shows(&body, "mountpoint timeout"), "{body}");
        assert_eq!(success(&body, "filesystem"), Some(1.0));
    }
    drop(agent.child.stdin.take());
    await_that("the kernel answers", || shows(&scrape(&agent, "25"), "transport endpoint is not connected"));
}
