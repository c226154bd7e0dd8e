//! Unix stream sockets: lines and frames, what is too long, and the socket's file.

#![allow(clippy::unwrap_used)]

mod common;

use common::Agent;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

/// A packet with its length before it.
fn frame(packet: &str) -> Vec<u8> {
    let length = u32::try_from(packet.len()).unwrap();
    [&length.to_le_bytes()[..], packet.as_bytes()].concat()
}

#[test]
fn lines_and_frames_are_told_apart_by_connection() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("statsd.sock");
    // What an agent that was killed leaves behind.
    drop(UnixListener::bind(&path).unwrap());
    let mut agent = Agent::start(&[
        &format!("--statsd.listen-unixstream={}", path.display()),
        "--statsd.unixsocket-mode=620",
        "--collector.disable-defaults",
    ]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o620);
    let mut lines = UnixStream::connect(&path).unwrap();
    lines.write_all(b"a").unwrap();
    let mut frames = UnixStream::connect(&path).unwrap();
    for byte in [frame("b:1|c\nb:2|c"), frame(""), frame("b:3|c")].concat() {
        frames.write_all(&[byte]).unwrap();
    }
    lines.write_all(format!("a:1|c\n{}\naa:2|c", "x".repeat(10_000)).as_bytes()).unwrap();
    drop(lines);
    agent.await_value("aa", 3.0);
    agent.await_value("b", 6.0);
    frames.write_all(&[&frame("c:1|c")[..], &(1_u32 << 20).to_le_bytes()].concat()).unwrap();
    assert_eq!(frames.read(&mut [0]).unwrap(), 0, "a frame that is too long ends the connection");
    agent.await_value("c", 1.0);
    agent.await_value("tallyd_statsd_unixstream_connections_total", 2.0);
    agent.await_value("tallyd_statsd_unixstream_too_long_lines_total", 1.0);
    agent.await_value("tallyd_statsd_unixstream_too_long_frames_total", 1.0);
    agent.signal(libc::SIGTERM);
    agent.wait();
    assert!(!path.exists(), "the socket is gone");
}
