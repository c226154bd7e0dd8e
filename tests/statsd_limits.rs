//! Who may send StatsD, and how many connections there may be, by real sockets from several addresses of loopback.

#![cfg(target_os = "linux")] // Elsewhere loopback has one address.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, PATIENCE, await_that, program, value};
use rustix::net::{AddressFamily, SocketAddrAny, SocketType, bind, connect, socket};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::Command;

fn agent(flags: &[&str]) -> Agent {
    Agent::start(&[flags, &["--collector.disable-defaults"]].concat())
}

/// A connection from one address of loopback.
fn connect_from(host: &str, agent: &Agent) -> TcpStream {
    let to: SocketAddr = agent.statsd("tcp").parse().unwrap();
    let from = SocketAddr::new(host.parse().unwrap(), 0);
    let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket(family, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrAny::from(from)).unwrap();
    connect(&socket, &SocketAddrAny::from(to)).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Whether the agent has ended a connection.
fn is_ended(mut stream: TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0)) || stream.take_error().unwrap().is_some()
}

fn refused(agent: &Agent, reason: &str, want: f64) {
    agent.await_value(&format!("tallyd_statsd_tcp_connections_refused_total{{reason=\"{reason}\"}}"), want);
}

#[test]
fn only_networks_that_are_allowed_may_send() {
    let agent = agent(&["--statsd.allow-from=127.0.0.2", "--statsd.allow-from=127.1.0.0/16"]);
    for (host, line) in
        [("127.0.0.1", "a:1|c"), ("127.0.0.2", "a:2|c"), ("127.1.255.3", "a:4|c\na:8|c"), ("127.2.0.1", "a:16|c")]
    {
        UdpSocket::bind((host, 0)).unwrap().send_to(line.as_bytes(), agent.statsd("udp")).unwrap();
    }
    agent.await_value("a", 14.0);
    agent.await_value("tallyd_statsd_udp_packets_refused_total", 2.0);
    agent.await_value("statsd_exporter_udp_packets_total", 4.0);
    let mut allowed = connect_from("127.0.0.2", &agent);
    assert!(is_ended(connect_from("127.0.0.1", &agent)));
    allowed.write_all(b"a:32|c\n").unwrap();
    agent.await_value("a", 46.0);
    refused(&agent, "not_allowed", 1.0);
    agent.await_value("statsd_exporter_lines_total", 4.0);
}

#[test]
fn ipv4_is_known_behind_a_socket_for_both_families() {
    let agent = agent(&["--statsd.listen-udp=:0", "--statsd.listen-tcp=:0", "--statsd.allow-from=127.0.0.2/32"]);
    let port = |kind| agent.statsd(kind).rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
    for (host, line) in [("127.0.0.1", "a:1|c"), ("127.0.0.2", "a:2|c")] {
        let socket = UdpSocket::bind((host, 0)).unwrap();
        socket.send_to(line.as_bytes(), ("127.0.0.1", port("udp"))).unwrap();
    }
    agent.await_value("a", 2.0);
    agent.await_value("tallyd_statsd_udp_packets_refused_total", 1.0);
    assert!(is_ended(TcpStream::connect(("127.0.0.1", port("tcp"))).unwrap()));
    refused(&agent, "not_allowed", 1.0);
}

#[test]
fn connections_are_limited_in_all_and_by_address() {
    let agent = agent(&["--statsd.max-connections=3", "--statsd.max-connections-per-address=2"]);
    let kept = [1, 1].map(|_| connect_from("127.0.0.1", &agent));
    agent.await_value("statsd_exporter_tcp_connections_total", 2.0);
    assert!(is_ended(connect_from("127.0.0.1", &agent)));
    refused(&agent, "address_limit", 1.0);
    let mut other = connect_from("127.0.0.2", &agent);
    agent.await_value("statsd_exporter_tcp_connections_total", 3.0);
    assert!(is_ended(connect_from("127.0.0.3", &agent)));
    refused(&agent, "connection_limit", 1.0);
    drop(kept);
    other.write_all(b"a:1|c\n").unwrap();
    agent.await_value("a", 1.0);
    let mut again = connect_from("127.0.0.1", &agent);
    again.write_all(b"a:1|c\n").unwrap();
    agent.await_value("a", 2.0);
}

#[test]
fn a_connection_that_says_nothing_is_ended_and_what_it_began_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let agent = agent(&["--statsd.idle-timeout=300ms", &format!("--statsd.listen-unixstream={}", path.display())]);
    let mut stream = connect_from("127.0.0.1", &agent);
    let mut local = UnixStream::connect(&path).unwrap();
    stream.write_all(b"a:1|c").unwrap();
    local.write_all(b"a:1|c").unwrap();
    assert!(is_ended(stream));
    assert_eq!(local.read(&mut [0]).unwrap(), 0);
    agent.await_value("a", 2.0);
    agent.await_value("tallyd_statsd_tcp_connections_idle_total", 1.0);
    agent.await_value("tallyd_statsd_unixstream_connections_idle_total", 1.0);
}

#[test]
fn names_and_tags_have_limits_that_can_be_lifted() {
    let [name, label] = [1025, 1025].map(|length| "n".repeat(length));
    let tags = (0..101).map(|n| format!("t{n}:v")).collect::<Vec<_>>().join(",");
    let packet = format!("{name}:1|c\na:1|c|#k:{label}\nb:1|c|#{tags}\nc:1|c");
    let agent = agent(&[]);
    agent.send_udp(&packet);
    agent.await_value("c", 1.0);
    let body = agent.metrics();
    for reason in ["name_too_long", "label_too_long", "too_many_tags"] {
        let counter = format!("statsd_exporter_sample_errors_total{{reason=\"{reason}\"}}");
        assert_eq!(value(&body, &counter), Some(1.0), "{reason}");
    }
    let lifted = ["--statsd.max-name-length=0", "--statsd.max-label-length=0", "--statsd.max-tags=0"];
    let agent = self::agent(&lifted);
    agent.send_udp(&packet);
    agent.await_value("c", 1.0);
    agent.await_value("tallyd_statsd_series", 4.0);
}

/// An agent that a shell has given so many descriptors.
fn agent_within(limit: &str) -> Agent {
    let flags = "--web.listen-address=127.0.0.1:0 --statsd.listen-udp= --statsd.listen-tcp=127.0.0.1:0 \
                 --collector.disable-defaults";
    let script = format!("{limit}; exec {} {flags}", program().get_program().display());
    Agent::spawn(Command::new("sh").args(["-c", &script]))
}

#[test]
fn connections_leave_descriptors_to_scrapes() {
    let agent = agent_within("ulimit -n 64");
    let clients: Vec<TcpStream> = (0..60).map(|_| connect_from("127.0.0.1", &agent)).collect();
    let reason = "tallyd_statsd_tcp_connections_refused_total{reason=\"descriptor_limit\"}";
    let taken = |body: &str| value(body, "statsd_exporter_tcp_connections_total").unwrap();
    await_that("all have come", || {
        let body = agent.metrics();
        taken(&body) + value(&body, reason).unwrap() == 60.0
    });
    let body = agent.metrics();
    let kept = taken(&body);
    assert!((1.0..32.0).contains(&kept), "{kept} of 60 are kept, in half of 64 descriptors");
    assert_eq!(value(&body, "process_max_fds"), Some(64.0));
    drop(clients);
}

#[test]
fn of_two_limits_on_descriptors_the_higher_holds() {
    let agent = agent_within("ulimit -n 96; ulimit -Sn 32");
    assert_eq!(agent.value("process_max_fds"), Some(96.0));
}

#[test]
fn a_network_that_is_none_ends_the_start() {
    let output = program().args(["--check-config", "--statsd.allow-from=10.0.0.0/33"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "tallyd: --statsd.allow-from=10.0.0.0/33: a network is ADDRESS/BITS or an address, such as 10.0.0.0/8, \
         192.168.1.7 or fd00::/8\n"
    );
}
