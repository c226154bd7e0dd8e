//! Metrics on a unix socket: who may, what is in its place, and that it goes.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, have, program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

/// What curl says of a path served on a socket.
fn curl(socket: &Path, path: &str) -> String {
    let output = Command::new("curl")
        .args(["-sS", "--max-time", "20", "-w", "%{http_code}", "--unix-socket"])
        .arg(socket)
        .arg(format!("http://localhost{path}"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn curl_scrapes_a_unix_socket_which_has_its_mode_and_goes_with_the_agent() {
    if !have("curl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (flags, mode) in [(&[][..], 0o660), (&["--web.unixsocket-mode=0600"][..], 0o600)] {
        let path = dir.path().join("web.sock");
        // What an agent that was killed leaves behind.
        drop(UnixListener::bind(&path).unwrap());
        let listen = format!("--web.listen-address=unix://{}", path.display());
        let mut agent = Agent::start(&[&[listen.as_str(), "--statsd.listen-tcp="], flags].concat());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        assert_eq!(curl(&path, "/-/ready"), "tallyd is ready.\n200");
        let body = curl(&path, "/metrics");
        assert!(body.contains("\nnode_load1 ") && body.ends_with("200"), "{body}");
        let told = format!("serving metrics on unix://{} by http, under /metrics", path.display());
        assert!(agent.log().contains(&told), "{}", agent.log());
        agent.signal(libc::SIGTERM);
        assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
        assert!(!path.exists(), "the socket is gone");
    }
}

#[test]
fn a_path_that_is_taken_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (socket, file) = (dir.path().join("web.sock"), dir.path().join("file"));
    let _other = UnixListener::bind(&socket).unwrap();
    fs::write(&file, "not a socket").unwrap();
    for path in [&socket, &file] {
        let listen = format!("--web.listen-address=unix://{}", path.display());
        let output = program().args([&listen, "--statsd.listen-udp=", "--statsd.listen-tcp="]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let want =
            format!("tallyd: can't listen on {} (--web.listen-address): address already in use\n", path.display());
        assert_eq!((output.status.code(), said), (Some(1), want));
        assert!(path.exists());
    }
}
