//! Every line that is sent arrives, to the last one: over TCP at full speed, over UDP as long as the receive buffer has
//! room. What it has no room for is counted.

#![allow(clippy::unwrap_used)]

mod common;

use common::Agent;
use std::io::Write;
use std::net::{TcpStream, UdpSocket};

const LINES_A_PACKET: u64 = 20;

/// A release build takes what a busy host sends; a debug build, a part of it.
const LINES: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

/// Packets under way at most: a receive buffer that nobody has made larger holds some ninety of them.
const WINDOW: usize = 50;

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

/// Lines that were taken.
fn counted(agent: &Agent) -> f64 {
    agent.value("statsd_exporter_events_total{type=\"counter\"}").unwrap()
}

fn await_total(agent: &Agent, sum: u64) {
    common::await_that(&format!("all lines, {sum} in sum, are there"), || total(agent) == sum as f64);
    assert_eq!(agent.value("statsd_exporter_udp_packet_drops_total"), Some(0.0));
    assert_eq!(counted(agent), LINES as f64);
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

fn udp_to(agent: &Agent) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(agent.statsd("udp")).unwrap();
    socket
}

#[test]
fn over_udp() {
    let agent = Agent::start(&["--collector.disable-defaults"]);
    let socket = udp_to(&agent);
    let (mut sum, mut sent) = (0, 0);
    let packets: Vec<(String, u64)> = packets().collect();
    for window in packets.chunks(WINDOW) {
        for (packet, value) in window {
            socket.send(packet.as_bytes()).unwrap();
            sum += value;
            sent += LINES_A_PACKET;
        }
        common::await_that("all lines so far are there", || counted(&agent) == sent as f64);
    }
    await_total(&agent, sum);
}

#[test]
fn over_udp_faster_than_it_may_be_taken() {
    let agent = Agent::start(&["--collector.disable-defaults", "--statsd.read-buffer=65536"]);
    let socket = udp_to(&agent);
    for (packet, _) in packets() {
        socket.send(packet.as_bytes()).unwrap();
    }
    let dropped = || agent.value("statsd_exporter_udp_packet_drops_total").unwrap() * LINES_A_PACKET as f64;
    common::await_that("each line is counted", || counted(&agent) + dropped() >= LINES as f64);
    assert_eq!(counted(&agent) + dropped(), LINES as f64);
}
