//! Lines go on to another server, and a peer that is away slows nothing.

#![allow(clippy::unwrap_used)]

mod common;

use common::Agent;
use std::net::UdpSocket;

#[test]
fn a_peer_whose_name_has_no_address_does_not_keep_the_agent_down() {
    let agent = Agent::start(&["--statsd.relay.address=relay.invalid:8125", "--collector.disable-defaults"]);
    agent.send_udp("a:1|c");
    agent.await_value("a", 1.0);
    for name in ["statsd_exporter_relay_packets_total", "tallyd_statsd_relay_lines_dropped_total"] {
        agent.await_value(&format!("{name}{{target=\"relay.invalid:8125\"}}"), 0.0);
    }
}

#[test]
fn every_line_is_sent_on() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let target = peer.local_addr().unwrap();
    let agent = Agent::start(&[&format!("--statsd.relay.address={target}"), "--collector.disable-defaults"]);
    agent.send_udp("a:1|c\n\nwhat is no metric\n");
    let mut buffer = [0; 100];
    let length = peer.recv(&mut buffer).unwrap();
    assert_eq!(std::str::from_utf8(&buffer[..length]), Ok("a:1|c\nwhat is no metric\n"));
    agent.await_value("a", 1.0);
    for (name, want) in [
        ("statsd_exporter_relay_packets_total", 1.0),
        ("statsd_exporter_relay_lines_relayed_total", 2.0),
        ("statsd_exporter_relay_long_lines_total", 0.0),
        ("tallyd_statsd_relay_lines_dropped_total", 0.0),
    ] {
        agent.await_value(&format!("{name}{{target=\"{target}\"}}"), want);
    }
    drop(peer);
    agent.send_udp("a:2|c");
    agent.await_value("a", 3.0);
}
