//! OpenMetrics from a running agent, read by the strict parser of Python's client library where that is installed
//! (`apt install python3-prometheus-client`; `PYTHON` names the interpreter). Prometheus's own is in `tests/prometheus.rs`.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{Agent, ask, await_that, value};
use std::collections::HashSet;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::SystemTime;
use tallyd::encode::{Encoder, Format};
use tallyd::host;
use tallyd::model::Sink;

/// As Prometheus sends it.
const ACCEPT: &str = "Accept: application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,\
    application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,\
    text/plain;version=0.0.4;q=0.3,*/*;q=0.2\r\n";

const READ: &str = "import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
names = [f.name for f in text_string_to_metric_families(sys.stdin.read())]
print(len(names), 'app_jobs' in names, 'node_cpu_seconds' in names)";

fn agent(flags: &[&str]) -> Agent {
    let agent = Agent::start(flags);
    agent.send_udp("app.jobs:2|c|#env:pr\"od\\\napp.done_total:3|c\napp.temp:-21.5|g\napp.time:320|ms\napp.low:-3|h");
    agent.await_value("app_temp", -21.5);
    agent
}

#[test]
fn those_who_ask_get_it_where_it_is_enabled() {
    let agent = agent(&["--web.enable-openmetrics"]);
    let response = ask(agent.web, "GET", "/metrics", ACCEPT);
    assert!(response.head.contains("application/openmetrics-text; version=1.0.0; charset=utf-8"), "{}", response.head);
    let body = response.body;
    assert_eq!(value(&body, "app_jobs_total{env=\"pr\\\"od\\\\\"}"), Some(2.0));
    assert_eq!(value(&body, "app_done_total"), Some(3.0));
    assert_eq!(value(&body, "app_low_count"), Some(1.0));
    assert_eq!(value(&body, "app_low_sum"), None, "a sum is a counter, and this one is below zero");
    assert!(body.contains("# TYPE app_done counter\n") && body.contains("# TYPE app_jobs counter\n"));
    assert!(body.ends_with("\n# EOF\n") && body.matches("# EOF").count() == 1);
    let picked = ask(agent.web, "GET", "/metrics?collect[]=loadavg", ACCEPT).body;
    assert!(picked.contains("node_load1 ") && picked.ends_with("\n# EOF\n"));
    let text = agent.metrics();
    assert!(text.contains("# TYPE app_jobs counter\n") && !text.contains("# EOF"));
    assert_eq!(value(&text, "app_low_sum"), Some(-3.0));
    // A line of the log may come behind the answer.
    await_that("it is told", || agent.log().contains("left out app_low: OpenMetrics knows no such value"));
}

#[test]
fn series_of_apps_tell_when_they_began_where_that_is_enabled() {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    let before = now();
    let agent = agent(&["--web.enable-openmetrics", "--web.enable-openmetrics-created"]);
    agent.send_udp("app.time:1|ms\napp.temp:1|g");
    agent.await_value("app_temp", 1.0);
    let body = ask(agent.web, "GET", "/metrics", ACCEPT).body;
    let again = ask(agent.web, "GET", "/metrics", ACCEPT).body;
    for name in ["app_jobs_created{env=\"pr\\\"od\\\\\"}", "app_done_created", "app_time_created", "app_low_created"] {
        let created = value(&body, name).unwrap();
        assert!((before - 0.001..=now()).contains(&created), "{name} {created}");
        assert_eq!(value(&again, name), Some(created));
    }
    assert_eq!(value(&body, "app_temp_created"), None);
    assert!(!agent.metrics().contains("_created"), "text 0.0.4 knows no such sample");
    strict_parser_takes(&agent);
}

#[test]
fn it_is_off_until_enabled() {
    let agent = agent(&[]);
    let response = ask(agent.web, "GET", "/metrics", ACCEPT);
    assert!(response.head.contains("text/plain; version=0.0.4; charset=utf-8"), "{}", response.head);
    assert!(!response.body.contains("# EOF"));
}

#[test]
fn a_strict_parser_takes_all_of_it() {
    let agent = agent(&["--web.enable-openmetrics"]);
    assert!(!ask(agent.web, "GET", "/metrics", ACCEPT).body.contains("_created"));
    strict_parser_takes(&agent);
}

/// Lets Python's client library read what the agent serves. Where it is not installed, that is skipped aloud, and fails
/// where `CI` is set. `PYTHON` names another Python.
fn strict_parser_takes(agent: &Agent) {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let has_parser = Command::new(&python)
        .args(["-c", "import prometheus_client.openmetrics.parser"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_parser {
        assert!(std::env::var_os("CI").is_none(), "{python} has no prometheus_client");
        eprintln!("skipped: {python} has no prometheus_client");
        return;
    }
    agent.send_udp(&(1..50).map(|n| format!("app.hist:{n}|d|#n:{}\n", n % 3)).collect::<String>());
    agent.await_value("app_hist_count{n=\"0\"}", 16.0);
    let body = ask(agent.web, "GET", "/metrics", ACCEPT).body;
    let mut parser = Command::new(&python)
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    parser.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let output = parser.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8(output.stderr).unwrap());
    assert!(said.ends_with(" True True\n"), "{said}");
}

#[test]
fn no_two_metrics_of_the_host_meet_without_their_suffixes() {
    let mut encoder = Encoder::new(Format::OpenMetrics);
    let mut names = HashSet::new();
    for desc in host::all_specs().iter().flat_map(|spec| host::metrics(spec)) {
        if !desc.name.contains('*') && names.insert(desc.name) {
            encoder.open(desc);
        }
    }
    assert_eq!(encoder.refused(), []);
}
