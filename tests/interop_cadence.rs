//! cadence, the Rust client, against a running agent: each kind of metric that it has, over UDP and unix datagrams. The
//! clients of other languages are in `interop/` and run by `.ci/interop`.

#![allow(clippy::unwrap_used)]

mod common;

use cadence::prelude::*;
use cadence::{MetricSink, QueuingMetricSink, StatsdClient, UdpMetricSink, UnixMetricSink};
use common::{Agent, await_that};
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// Each call of the client. The last one is of `interop.last`.
fn send(sink: impl MetricSink + Send + Sync + std::panic::RefUnwindSafe + 'static) {
    let client = StatsdClient::builder("interop", sink).with_tag("env", "test").with_container_id("in-42").build();
    client.incr("counter").unwrap();
    client.count_with_tags("counter", 4_u64).with_tag("path", "/a").try_send().unwrap();
    client.count_with_tags("sampled", 3_i64).with_sampling_rate(0.5).try_send().unwrap();
    client.count_with_tags("dated", 2_i64).with_timestamp(1_656_581_400).try_send().unwrap();
    client.count_with_tags("bare", 1_i64).with_tag_value("urgent").try_send().unwrap();
    client.decr("counter").unwrap();
    client.meter("meter", 5_u64).unwrap();
    client.gauge("gauge", 4_u64).unwrap();
    client.gauge("gauge", 2.25).unwrap();
    client.time("timer", 320_u64).unwrap();
    client.time("timer", Duration::from_millis(80)).unwrap();
    client.time("packed.timer", vec![250_u64, 500, 750]).unwrap();
    client.histogram("histogram", vec![12.0, 0.5]).unwrap();
    client.histogram("histogram", 3_u64).unwrap();
    client.distribution("distribution", vec![7_u64, 8]).unwrap();
    client.set("set", 42).unwrap();
    client.set("set", 43).unwrap();
    client.set("set", 42).unwrap();
    client.gauge("last", 1_u64).unwrap();
}

const EXPECTED: &str = r#"
interop_bare{container_id="in-42",env="test"} 1
interop_counter{container_id="in-42",env="test",path="/a"} 4
interop_counter{container_id="in-42",env="test"} 1
interop_dated{container_id="in-42",env="test"} 2
interop_distribution_count{container_id="in-42",env="test"} 2
interop_distribution_sum{container_id="in-42",env="test"} 15
interop_distribution{container_id="in-42",env="test",quantile="0.5"} 7
interop_distribution{container_id="in-42",env="test",quantile="0.9"} 8
interop_distribution{container_id="in-42",env="test",quantile="0.99"} 8
interop_gauge{container_id="in-42",env="test"} 2.25
interop_histogram_count{container_id="in-42",env="test"} 3
interop_histogram_sum{container_id="in-42",env="test"} 15.5
interop_histogram{container_id="in-42",env="test",quantile="0.5"} 3
interop_histogram{container_id="in-42",env="test",quantile="0.9"} 12
interop_histogram{container_id="in-42",env="test",quantile="0.99"} 12
interop_last{container_id="in-42",env="test"} 1
interop_packed_timer_count{container_id="in-42",env="test"} 3
interop_packed_timer_sum{container_id="in-42",env="test"} 1.5
interop_packed_timer{container_id="in-42",env="test",quantile="0.5"} 0.5
interop_packed_timer{container_id="in-42",env="test",quantile="0.9"} 0.75
interop_packed_timer{container_id="in-42",env="test",quantile="0.99"} 0.75
interop_sampled{container_id="in-42",env="test"} 6
interop_set{container_id="in-42",env="test"} 2
interop_timer_count{container_id="in-42",env="test"} 2
interop_timer_sum{container_id="in-42",env="test"} 0.4
interop_timer{container_id="in-42",env="test",quantile="0.5"} 0.08
interop_timer{container_id="in-42",env="test",quantile="0.9"} 0.32
interop_timer{container_id="in-42",env="test",quantile="0.99"} 0.32
statsd_exporter_events_error_total{reason="illegal_negative_counter"} 1
statsd_exporter_sample_errors_total{reason="illegal_event"} 1
statsd_exporter_tag_errors_total 1
"#;

/// What the agent shows of the client, and what it counts as wrong.
fn shown(agent: &Agent) -> String {
    let body = agent.metrics();
    let errors = |line: &&str| line.contains("_error") && line.starts_with("statsd_exporter") && !line.ends_with(" 0");
    let mut lines: Vec<&str> = body.lines().filter(|line| line.starts_with("interop_") || errors(line)).collect();
    lines.sort_unstable();
    format!("\n{}\n", lines.join("\n"))
}

#[test]
fn every_kind_of_metric_arrives_over_udp() {
    let agent = Agent::start(&["--collector.disable-defaults"]);
    let to = agent.statsd("udp");
    send(UdpMetricSink::from(to, UdpSocket::bind("127.0.0.1:0").unwrap()).unwrap());
    await_that("the last sample is there", || agent.metrics().contains("\ninterop_last{"));
    assert_eq!(shown(&agent), EXPECTED);
}

#[test]
fn every_kind_of_metric_arrives_over_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statsd.sock");
    let agent =
        Agent::start(&["--collector.disable-defaults", &format!("--statsd.listen-unixgram={}", path.display())]);
    // A thread of the client sends, which waits where the socket's queue is full.
    send(QueuingMetricSink::from(UnixMetricSink::from(&path, UnixDatagram::unbound().unwrap())));
    await_that("the last sample is there", || agent.metrics().contains("\ninterop_last{"));
    assert_eq!(shown(&agent), EXPECTED);
}
