//! Metrics on a unix socket: who may, what is in its place, and that it goes.

#![allow(clippy::unwrap_used)]

#[path = "common/certificates.rs"]
#[allow(dead_code)] // Clients have no certificates here.
mod certificates;
mod common;

use certificates::certificate;
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
fn a_web_config_file_holds_there_too() {
    if !have("curl") || !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (socket, config) = (dir.path().join("web.sock"), dir.path().join("web.yml"));
    certificate(dir.path(), "a");
    let users = format!("basic_auth_users:\n  alice: {}\n", bcrypt::hash("wonderland", 4).unwrap());
    fs::write(&config, format!("tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n{users}")).unwrap();
    let flags = [
        format!("--web.listen-address=unix://{}", socket.display()),
        format!("--web.config.file={}", config.display()),
    ];
    let _agent = Agent::start(&flags.each_ref().map(String::as_str));
    let ask = |arguments: &str| {
        let mut curl = Command::new("curl");
        curl.current_dir(dir.path()).args(["-sS", "--max-time", "20", "-w", "%{http_code}", "-o", "body"]);
        let arguments = arguments.split(' ').filter(|argument| !argument.is_empty());
        let output = curl.arg("--unix-socket").arg(&socket).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let https = "--cacert a.crt https://localhost/metrics";
    assert_eq!(ask(&format!("{https} -u alice:wonderland")), "200");
    assert!(fs::read_to_string(dir.path().join("body")).unwrap().contains("\nnode_load1 "));
    assert_eq!(ask(https), "401");
    assert_eq!(ask("http://localhost/metrics"), "400");
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
