//! Every line that is sent arrives, to the last one: over TCP at full speed, over UDP at a steady rate.

#![allow(clippy::unwrap_used)]

mod common;

use common::Agent;
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

const LINES_A_PACKET: u64 = 20;

/// A release build takes what a busy host sends; a debug build, a part of it.
const LINES: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
const UDP_LINES_A_SECOND: u64 = if cfg!(debug_assertions) { 40_000 } else { 200_000 };

/// Packets of 20 lines over 1,000 series, and the sum of their values.
fn packets() -> impl Iterator<Item = (String, u64)> {
    (0..LINES / LINES_A_PACKET).map(|packet| {
        let lines = (0..LINES_A_PACKET).map(|line| packet * LINES_A_PACKET + line);
        let text: Vec<String> =
            lines.clone().map(|n| format!("bench.requests:{}|c|#item:{},method:GET", n % 7 + 1, n % 1000)).collect();
        (text.join("\n") + "\n", lines.map(|n| n % 7 + 1).sum())
    })
}

/// The sum over all series.
fn total(agent: &Agent) -> f64 {
    let body = agent.metrics();
    let values = body.lines().filter(|line| line.starts_with("bench_requests{"));
    values.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
}

fn await_total(agent: &Agent, sum: u64) {
    common::await_that(&format!("all lines, {sum} in sum, are there"), || total(agent) == sum as f64);
    assert_eq!(agent.value("statsd_exporter_udp_packet_drops_total"), Some(0.0));
    assert_eq!(agent.value("statsd_exporter_events_total{type=\"counter\"}"), Some(LINES as f64));
}

#[test]
fn over_tcp() {
    let agent = Agent::start(&["--collector.disable-defaults"]);
    let mut stream = TcpStream::connect(agent.statsd("tcp")).unwrap();
    let mut sum = 0;
    for (packet, value) in packets() {
        stream.write_all(packet.as_bytes()).unwrap();
        sum += value;
    }
    drop(stream);
    await_total(&agent, sum);
}

#[test]
fn over_udp() {
    let agent = Agent::start(&["--collector.disable-defaults"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(agent.statsd("udp")).unwrap();
    let (start, mut sum, mut sent) = (Instant::now(), 0, 0);
    for (packet, value) in packets() {
        socket.send(packet.as_bytes()).unwrap();
        sum += value;
        sent += LINES_A_PACKET;
        // Keeps the rate: ahead of it, wait until it is due.
        let due = start + Duration::from_micros(sent * 1_000_000 / UDP_LINES_A_SECOND);
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    await_total(&agent, sum);
}
