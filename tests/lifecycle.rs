//! Reload and quit by HTTP, on a running agent.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, ask, await_that};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::thread::{self, ScopedJoinHandle};

#[test]
fn a_reload_is_all_or_nothing_and_answers_what_came_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mapping.yml");
    fs::write(&file, "mappings:\n- match: a.*\n  name: first\n").unwrap();
    let agent = Agent::start(&["--web.enable-lifecycle", &format!("--statsd.mapping-config={}", file.display())]);
    let reload = |method| {
        let response = ask(agent.web, method, "/-/reload", "");
        (response.status, response.body)
    };
    let send = |name: &str| {
        agent.send_udp("a.b:1|c");
        agent.await_value(name, 1.0);
    };
    send("first");
    fs::write(&file, "mappings:\n- match: a.*\n  nme: second\n").unwrap();
    let (status, said) = reload("POST");
    assert_eq!(status, 500);
    assert!(said.starts_with("The rules stay as they were: ") && said.contains("nme"), "{said}");
    assert!(said.contains("line 3") || said.contains(":3"), "{said}");
    agent.send_udp("a.c:1|c");
    agent.await_value("first", 2.0);
    fs::write(&file, "mappings:\n- match: a.*\n  name: second\n").unwrap();
    assert_eq!(reload("PUT"), (200, "The mapping file was read again, 1 rules.\n".into()));
    send("second");
    assert_eq!(agent.value("statsd_exporter_config_reloads_total{outcome=\"success\"}"), Some(1.0));
    assert_eq!(agent.value("statsd_exporter_config_reloads_total{outcome=\"failure\"}"), Some(1.0));
    assert_eq!(ask(agent.web, "GET", "/-/reload", "").status, 405);
}

/// A mapping file that is a pipe holds up a reload until it is written.
#[test]
fn others_are_answered_during_reloads() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mapping.yml");
    fs::write(&file, "mappings: []\n").unwrap();
    let agent = Agent::start(&["--web.enable-lifecycle", &format!("--statsd.mapping-config={}", file.display())]);
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    let open = || OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&file);
    thread::scope(|scope| {
        let reloads = [(); 4].map(|()| scope.spawn(|| ask(agent.web, "POST", "/-/reload", "")));
        let mut pipe = None;
        await_that("a reload begins", || {
            pipe = open().ok();
            pipe.is_some()
        });
        await_that("all have come", || agent.value("tallyd_web_connections_total") >= Some(5.0));
        assert_eq!(ask(agent.web, "GET", "/-/healthy", "").status, 200);
        drop(pipe);
        await_that("the reloads end", || {
            if let Ok(mut pipe) = open() {
                pipe.write_all(b"mappings: []\n").ok();
            }
            reloads.iter().all(ScopedJoinHandle::is_finished)
        });
    });
}

#[test]
fn what_a_reload_changes_holds_from_the_next_sample_on() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mapping.yml");
    let write = |rules: &str| fs::write(&file, format!("mappings:\n{rules}")).unwrap();
    write("- {match: a.*, name: m, help: One., observer_type: histogram, histogram_options: {buckets: [1, 2]}}\n");
    let flags = [
        "--web.enable-lifecycle",
        "--collector.disable-defaults",
        &*format!("--statsd.mapping-config={}", file.display()),
    ];
    let agent = Agent::start(&flags);
    // The metric's lines, help and type included, after a sample.
    let shown = |line: &str, series: &str, value: f64| {
        agent.send_udp(line);
        agent.await_value(series, value);
        let body = agent.metrics();
        let own = |line: &&str| line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ").starts_with('m');
        body.lines().filter(own).map(|line| format!("{line}\n")).collect::<String>()
    };
    let rules = |rules: &str| {
        write(rules);
        assert_eq!(ask(agent.web, "POST", "/-/reload", "").status, 200);
    };
    let one = "# HELP m One.\n# TYPE m histogram\nm_bucket{le=\"1\"} 0\nm_bucket{le=\"2\"} 1\nm_bucket{le=\"+Inf\"} 1\n\
        m_sum 1.5\nm_count 1\n";
    assert_eq!(shown("a.x:1500|ms", "m_count", 1.0), one);
    rules("- {match: a.*, name: m, help: Two., observer_type: histogram, histogram_options: {buckets: [1, 2]}}\n");
    assert_eq!(shown("a.x:500|ms", "m_count", 2.0).lines().next(), Some("# HELP m Two."));
    rules("- {match: a.*, name: m, help: Two., observer_type: histogram, histogram_options: {buckets: [5]}}\n");
    assert_eq!(agent.value("m_count"), Some(2.0), "nothing changes before a sample comes");
    let two =
        "# HELP m Two.\n# TYPE m histogram\nm_bucket{le=\"5\"} 1\nm_bucket{le=\"+Inf\"} 1\nm_sum 1.5\nm_count 1\n";
    assert_eq!(shown("a.x:1500|ms", "m_count", 1.0), two);
    rules("- {match: a.*, name: m, help: Three., summary_options: {quantiles: [{quantile: 0.5, error: 0.1}]}}\n");
    let three = "# HELP m Three.\n# TYPE m summary\nm{quantile=\"0.5\"} 2.5\nm_sum 2.5\nm_count 1\n";
    assert_eq!(shown("a.x:2500|ms", "m_sum", 2.5), three);
    rules("- {match: c.*, name: m, help: Four.}\n");
    assert_eq!(shown("c.x:7|c", "m", 7.0), "# HELP m Four.\n# TYPE m counter\nm 7\n");
}

#[test]
fn the_rules_are_drawn_for_who_asks() {
    let dir = tempfile::tempdir().unwrap();
    let (mapping, graph) = (dir.path().join("mapping.yml"), dir.path().join("rules.dot"));
    fs::write(&mapping, "mappings:\n- match: a.*\n  name: first\n").unwrap();
    let flags =
        [format!("--statsd.mapping-config={}", mapping.display()), format!("--debug.dump-fsm={}", graph.display())];
    let _agent = Agent::start(&[&flags[0], &flags[1]]);
    let drawn = fs::read_to_string(graph).unwrap();
    assert!(drawn.starts_with("digraph") && drawn.contains('*') && drawn.trim_end().ends_with('}'), "{drawn}");
}

#[test]
fn quit_answers_and_then_ends_the_agent_as_a_signal_does() {
    let mut agent = Agent::start(&["--web.enable-lifecycle"]);
    let response = ask(agent.web, "POST", "/-/quit", "");
    assert_eq!((response.status, response.body.as_str()), (200, "tallyd stops.\n"));
    assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
    assert!(agent.log().contains("/-/quit: asked to stop"), "{}", agent.log());
}

#[test]
fn without_a_file_nothing_is_read_and_nothing_fails() {
    let agent = Agent::start(&["--web.enable-lifecycle"]);
    let response = ask(agent.web, "POST", "/-/reload", "");
    let said = "There is no mapping file to read again (--statsd.mapping-config).\n";
    assert_eq!((response.status, response.body.as_str()), (200, said));
    for outcome in ["success", "failure"] {
        let counter = format!("statsd_exporter_config_reloads_total{{outcome=\"{outcome}\"}}");
        assert_eq!(agent.value(&counter), Some(0.0), "{outcome}");
    }
}

#[test]
fn neither_is_there_until_enabled() {
    let agent = Agent::start(&[]);
    for path in ["/-/reload", "/-/quit"] {
        let response = ask(agent.web, "POST", path, "");
        assert_eq!(response.status, 403);
        assert_eq!(response.body, "Lifecycle API is not enabled; --web.enable-lifecycle enables it.\n");
    }
    assert_eq!(ask(agent.web, "GET", "/-/healthy", "").status, 200);
}
