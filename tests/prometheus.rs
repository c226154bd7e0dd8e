//! A real Prometheus scrapes the agent, and promtool reads its metrics.

#![allow(clippy::unwrap_used)]

#[path = "common/certificates.rs"]
mod certificates;
mod common;

use certificates::{certificate, signed};
use common::{Agent, await_that, get, have};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

/// Ended with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// An address that was free a moment ago, for programs that can't be asked which port they got.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Lets Prometheus scrape the agent five times, by these settings besides, and asks it for series.
fn scrape_with_prometheus(agent: &Agent, settings: &str, series: &[(&str, &str)]) {
    agent.send_udp("app.hits:2|c|#env:prod\napp.temp:21.5|g\napp.time:320|ms|#path:/\napp.size:7|h");
    let dir = tempfile::tempdir().unwrap();
    let (config, log, at) = (dir.path().join("prometheus.yml"), dir.path().join("log"), free_address());
    let text = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
         scrape_configs:\n- job_name: tallyd\n  static_configs: [{{targets: ['{}']}}]\n{settings}",
        agent.web
    );
    fs::write(&config, text).unwrap();
    let _prometheus = Ended(
        Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", dir.path().join("data").display()))
            .arg(format!("--web.listen-address={at}"))
            .stderr(File::create(&log).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    await_that("Prometheus is ready", || std::net::TcpStream::connect(at).is_ok() && get(at, "/-/ready").status == 200);
    let query = |expression: &str| get(at, &format!("/api/v1/query?query={expression}")).body;
    // Five scrapes in a row: one that is refused whole, or late, counts 0.
    await_that("it has scraped five times", || {
        query("sum_over_time(up%5B1h%5D)").split('"').filter_map(|part| part.parse::<f64>().ok()).any(|ups| ups >= 5.0)
    });
    for (expression, value) in series {
        await_that(&format!("{expression} has {value}"), || query(expression).contains(value));
    }
    let answer = query("min_over_time(up%5B1h%5D)");
    assert!(answer.contains("\"1\""), "{answer}");
    let log = fs::read_to_string(log).unwrap();
    let about_us: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("level=warn") || line.contains("level=error"))
        .filter(|line| line.contains("scrape") || line.contains("append"))
        .collect();
    assert!(about_us.is_empty(), "{}", about_us.join("\n"));
}

#[test]
fn a_real_prometheus_scrapes_without_a_warning() {
    if have("prometheus") {
        let series = [
            ("app_hits%7Benv%3D%22prod%22%7D", "\"2\""),
            ("app_time_count%7Bpath%3D%22%2F%22%7D", "\"1\""),
            ("app_size_sum", "\"7\""),
            ("node_scrape_collector_success%7Bcollector%3D%22loadavg%22%7D", "\"1\""),
        ];
        scrape_with_prometheus(&Agent::start(&[]), "", &series);
    }
}

#[test]
fn a_real_prometheus_takes_openmetrics_where_it_is_enabled() {
    if have("prometheus") {
        let series = [
            // Only OpenMetrics names it so.
            ("app_hits_total%7Benv%3D%22prod%22%7D", "\"2\""),
            ("app_time%7Bquantile%3D%220.5%22%7D", "\"0.32\""),
            ("app_size_sum", "\"7\""),
            ("sum(node_cpu_seconds_total)%3E0", "\"value\""),
            ("app_hits_created%3E1e9", "\"env\":\"prod\""),
            ("app_time_created%3E1e9", "\"path\":\"/\""),
        ];
        let flags = ["--web.enable-openmetrics", "--web.enable-openmetrics-created"];
        scrape_with_prometheus(&Agent::start(&flags), "", &series);
    }
}

#[test]
fn a_real_prometheus_scrapes_with_tls_a_certificate_and_a_password() {
    if !have("prometheus") || !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    ["server", "ca"].iter().for_each(|name| certificate(dir.path(), name));
    signed(dir.path(), "client", "subjectAltName=DNS:prometheus.example");
    let web = format!(
        "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_ca_file: ca.crt\n  \
         client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [prometheus.example]\n\
         basic_auth_users:\n  prometheus: {}\n",
        bcrypt::hash("secret", 4).unwrap()
    );
    fs::write(at("web.yml"), web).unwrap();
    let agent = Agent::start(&[&format!("--web.config.file={}", at("web.yml"))]);
    let settings = format!(
        "  scheme: https\n  tls_config: {{ca_file: {}, cert_file: {}, key_file: {}}}\n  \
         basic_auth: {{username: prometheus, password: secret}}\n",
        at("server.crt"),
        at("client.crt"),
        at("client.key")
    );
    let series = [
        ("app_hits%7Benv%3D%22prod%22%7D", "\"2\""),
        // One password was checked, and remembered; one connection serves all scrapes.
        ("tallyd_web_logins_total%7Bresult%3D%22success%22%7D", "\"1\""),
        ("tallyd_web_connections_total", "\"1\""),
        ("sum(tallyd_web_tls_handshakes_failed_total)", "\"0\""),
        ("sum(tallyd_web_requests_refused_total)", "\"0\""),
    ];
    scrape_with_prometheus(&agent, &settings, &series);
}

/// What `promtool check metrics` says of an exposition: the first two words of the metric's name, and the complaint.
/// Debian's exporter is older, and lacks some metrics of a family of names that it has.
fn complaints(body: &str) -> BTreeSet<String> {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    promtool.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let line = |line: &str| {
        let (name, complaint) = line.split_once(' ').unwrap_or((line, ""));
        format!("{} {complaint}", name.split('_').take(2).collect::<Vec<_>>().join("_"))
    };
    String::from_utf8(output.stderr).unwrap().lines().map(line).collect()
}

#[test]
fn promtool_says_nothing_that_it_does_not_also_say_of_node_exporter() {
    if !have("promtool") || !have("prometheus-node-exporter") {
        return;
    }
    let agent = Agent::start(&[]);
    let at = free_address();
    let _peer = Ended(
        Command::new("prometheus-node-exporter")
            .arg(format!("--web.listen-address={at}"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    await_that("node_exporter serves", || std::net::TcpStream::connect(at).is_ok());
    let of_peer = complaints(&get(at, "/metrics").body);
    let ours: Vec<String> = complaints(&agent.metrics()).difference(&of_peer).cloned().collect();
    // A gauge of statsd_exporter that is named like a counter: its name is what dashboards know.
    let known = "statsd_exporter non-counter metrics should not have \"_total\" suffix";
    let new: Vec<&String> = ours.iter().filter(|complaint| *complaint != known).collect();
    assert!(new.is_empty(), "{new:#?}");
}
