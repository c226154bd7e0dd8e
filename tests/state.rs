//! What a restart keeps, on running agents.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, await_that};
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

fn start(state: &Path, more: &[&str]) -> Agent {
    let flag = format!("--statsd.state-file={}", state.display());
    Agent::start(&[&["--collector.disable-defaults", &flag], more].concat())
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
