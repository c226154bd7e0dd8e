//! What a restart keeps, on running agents.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, await_that, have, program};
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

const PORTS: [&str; 3] =
    ["--web.listen-address=127.0.0.1:0", "--statsd.listen-udp=127.0.0.1:0", "--statsd.listen-tcp=127.0.0.1:0"];

/// The agent, or what starts it, with a state file.
fn command(mut program: Command, state: &Path) -> Command {
    let flag = format!("--statsd.state-file={}", state.display());
    program.args(["--collector.disable-defaults", &flag]).args(PORTS);
    program
}

fn start(state: &Path, more: &[&str]) -> Agent {
    Agent::spawn(command(program(), state).args(more))
}

/// The series of apps.
fn series(agent: &Agent) -> Vec<String> {
    let own = ["process_", "tallyd_", "node_", "statsd_exporter_", "promhttp_", "go_"];
    let body = agent.metrics();
    body.lines().filter(|line| !own.iter().any(|own| line.contains(own))).map(str::to_owned).collect()
}

fn send(agent: &Agent) {
    agent.send_udp("hits:3|c|#env:prod\nhits:1|c|@0.1\nlevel:7.5|g\nlevel:-2|g\nmembers:a|s\nmembers:b|s");
    let mut stream = TcpStream::connect(agent.statsd("tcp")).unwrap();
    (1..=100).for_each(|i| writeln!(stream, "timer:{i}|ms|#of:tcp\nsize.a:{i}|h").unwrap());
    drop(stream);
    agent.await_value("statsd_exporter_lines_total", 206.0);
}

#[test]
fn a_restart_resets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (state, mapping) = (dir.path().join("state"), dir.path().join("mapping.yml"));
    fs::write(&mapping, "mappings:\n- match: size.*\n  name: size\n  observer_type: histogram\n").unwrap();
    let mapping = format!("--statsd.mapping-config={}", mapping.display());
    let mut agent = start(&state, &[&mapping]);
    assert_eq!(agent.value("tallyd_state_begun{from=\"nothing\"}"), Some(1.0));
    send(&agent);
    let before = series(&agent);
    assert!(before.len() > 30, "{before:?}");
    for run in 1..3 {
        agent.signal(SIGTERM);
        assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
        agent = start(&state, &[&mapping]);
        assert_eq!(series(&agent), before, "run {run}");
        assert_eq!(agent.value("tallyd_state_begun{from=\"finished\"}"), Some(1.0));
        assert!(agent.log().contains("as the agent ended"), "{}", agent.log());
    }
    send(&agent);
    agent.await_value("hits{env=\"prod\"}", 6.0);
    assert_eq!(agent.value("size_count"), Some(200.0));
}

#[test]
fn a_killed_agent_begins_with_what_was_written_last_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let mut agent = start(&state, &[]);
    send(&agent);
    agent.signal(SIGTERM);
    agent.wait();
    agent = start(&state, &[]);
    // The first write of a run takes the mark away that the run before has ended in order.
    agent.await_value("tallyd_state_writes_total{outcome=\"success\"}", 1.0);
    let before = series(&agent);
    agent.send_udp("hits:100|c|#env:prod");
    agent.await_value("hits{env=\"prod\"}", 103.0);
    agent.signal(SIGKILL);
    agent.wait();
    agent = start(&state, &[]);
    assert_eq!(series(&agent), before);
    assert_eq!(agent.value("tallyd_state_begun{from=\"unfinished\"}"), Some(1.0));
    assert!(agent.log().contains("did not end in order: what it counted after that is lost"), "{}", agent.log());
}

#[test]
fn a_damaged_file_is_set_aside_and_the_agent_counts_on() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    fs::write(&state, "TALLYDST, but then something else, which is no state at all").unwrap();
    let mut agent = start(&state, &[]);
    assert_eq!(agent.value("tallyd_state_begun{from=\"damaged\"}"), Some(1.0));
    assert!(agent.log().contains("it is set aside as"), "{}", agent.log());
    assert!(dir.path().join("state.damaged").exists());
    send(&agent);
    agent.signal(SIGTERM);
    agent.wait();
    assert!(state.exists() && !dir.path().join("state.tmp").exists());
}

#[test]
fn a_folder_that_takes_no_file_costs_the_state_only() {
    let agent = start(Path::new("/proc/state"), &[]);
    send(&agent);
    agent.await_value("tallyd_state_writes_total{outcome=\"failure\"}", 1.0);
    await_that("it is told", || agent.log().contains("can't write the state to /proc/state"));
}

/// A counter of many series, by its label.
fn send_many(agent: &Agent, count: usize) {
    let mut stream = TcpStream::connect(agent.statsd("tcp")).unwrap();
    (0..count).for_each(|i| writeln!(stream, "many:1|c|#number:{i},what:so_that_a_line_takes_some_room").unwrap());
    drop(stream);
    agent.await_value("tallyd_statsd_series", count as f64);
}

#[test]
fn a_file_that_can_t_grow_leaves_the_old_one_as_it_was() {
    if !have("bash") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    // Some 8 KiB, as a disk that is full after them.
    let mut limited = Command::new("bash");
    limited.args(["-c", "ulimit -f 8; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_tallyd")]);
    let mut agent = Agent::spawn(&mut command(limited, &state));
    agent.await_value("tallyd_state_writes_total{outcome=\"success\"}", 1.0);
    let before = fs::read(&state).unwrap();
    send_many(&agent, 1000);
    agent.signal(SIGTERM);
    assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
    await_that("it is told", || agent.log().contains("can't write the state to"));
    assert!(agent.log().contains("file too large"), "{}", agent.log());
    assert_eq!(fs::read(&state).unwrap(), before);
    assert!(!dir.path().join("state.tmp").exists());
    // What was not written is lost, and that is said.
    let agent = start(&state, &[]);
    assert_eq!(agent.value("tallyd_state_begun{from=\"unfinished\"}"), Some(1.0), "{}", agent.log());
}

#[test]
fn a_kill_during_a_write_leaves_a_file_that_is_whole() {
    const COUNT: usize = 20_000;
    let dir = tempfile::tempdir().unwrap();
    let (state, temporary) = (dir.path().join("state"), dir.path().join("state.tmp"));
    let mut agent = start(&state, &[]);
    send_many(&agent, COUNT);
    agent.signal(SIGTERM);
    agent.wait();
    let written = || fs::metadata(&state).unwrap().modified().unwrap();
    let mut hits = 0;
    await_that("three were killed while they wrote", || {
        fs::remove_file(&temporary).ok();
        let before = written();
        let mut agent = command(program(), &state).stderr(Stdio::null()).spawn().unwrap();
        // The first write of a run is due at once.
        while !temporary.exists() && written() == before {
            assert!(agent.try_wait().unwrap().is_none());
        }
        agent.kill().unwrap();
        agent.wait().unwrap();
        hits += usize::from(temporary.exists());
        let mut agent = start(&state, &[]);
        assert_eq!(agent.value("tallyd_statsd_series"), Some(COUNT as f64), "{}", agent.log());
        assert_eq!(agent.value("tallyd_state_begun{from=\"damaged\"}"), Some(0.0), "{}", agent.log());
        agent.signal(SIGTERM);
        agent.wait();
        hits == 3
    });
}
