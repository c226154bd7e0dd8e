//! An agent for a test: started on free ports, asked over HTTP, ended with the test.

// Each test program uses a part of it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for anything: far above what a slow machine needs, so that only what never comes fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running agent.
pub struct Agent {
    pub child: Child,
    pub web: SocketAddr,
    log: Arc<Mutex<String>>,
    statsd: Vec<(String, String)>,
}

/// The program under test.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tallyd"))
}

impl Agent {
    /// Starts an agent on free loopback ports with these flags besides.
    pub fn start(flags: &[&str]) -> Self {
        let mut defaults = vec!["--web.listen-address=127.0.0.1:0"];
        for (flag, default) in [
            ("--statsd.listen-udp=", "--statsd.listen-udp=127.0.0.1:0"),
            ("--statsd.listen-tcp=", "--statsd.listen-tcp=127.0.0.1:0"),
        ] {
            if !flags.iter().any(|given| given.starts_with(flag)) {
                defaults.push(default);
            }
        }
        let mut command = program();
        Self::spawn(command.args(defaults).args(flags))
    }

    /// Starts the given command and waits until it serves.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut log, mut web, mut statsd) = (String::new(), None, Vec::new());
        while web.is_none() {
            let Some(Ok(line)) = lines.next() else { panic!("it ended before it served:\n{log}") };
            log.push_str(&line);
            log.push('\n');
            if let Some((_, places)) = line.split_once("listening for StatsD on ") {
                let places = places.trim_end_matches('"').split(", ").filter_map(|place| place.split_once(' '));
                statsd = places.map(|(kind, at)| (kind.to_owned(), at.to_owned())).collect();
            }
            if let Some((_, rest)) = line.split_once("http://").or_else(|| line.split_once("https://")) {
                web = rest.split(['/', '"']).next().map(|address| address.parse().unwrap());
            }
        }
        let log = Arc::new(Mutex::new(log));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { child, web: web.unwrap(), log, statsd }
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Where it listens for StatsD by `udp`, `tcp` or `unixgram`.
    pub fn statsd(&self, kind: &str) -> &str {
        let place = self.statsd.iter().find(|place| place.0 == kind);
        &place.unwrap_or_else(|| panic!("it listens by {kind}:\n{}", self.log())).1
    }

    /// Sends one datagram.
    pub fn send_udp(&self, packet: &str) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(packet.as_bytes(), self.statsd("udp")).unwrap();
    }

    /// The body of `/metrics`.
    pub fn metrics(&self) -> String {
        let response = get(self.web, "/metrics");
        assert_eq!(response.status, 200, "{}", response.body);
        response.body
    }

    /// The value of one series, if it is there.
    pub fn value(&self, series: &str) -> Option<f64> {
        value(&self.metrics(), series)
    }

    /// Waits until a series has a value.
    pub fn await_value(&self, series: &str, want: f64) {
        await_that(&format!("{series} is {want}"), || self.value(series) == Some(want));
    }

    /// Sends a signal.
    pub fn signal(&self, signal: i32) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([format!("-{signal}"), pid]).status().unwrap().success());
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        await_that("the agent ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Waits for a condition.
pub fn await_that(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The value of one series in an exposition.
pub fn value(body: &str, series: &str) -> Option<f64> {
    let found = body.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.map(|value| value.replace("Inf", "inf").parse().unwrap())
}

/// An answer.
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// One request on a connection of its own.
pub fn get(address: SocketAddr, path: &str) -> Response {
    ask(address, "GET", path, "")
}

/// One request of any method and with more fields, each with its line end.
pub fn ask(address: SocketAddr, method: &str, path: &str, fields: &str) -> Response {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: test\r\n{fields}Connection: close\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, mut rest) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut body = String::new();
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        while let Some((length, more)) = rest.split_once("\r\n") {
            let length = usize::from_str_radix(length, 16).unwrap();
            body.push_str(&more[..length]);
            rest = more[length..].strip_prefix("\r\n").unwrap();
        }
    } else {
        body.push_str(rest);
    }
    Response { status, head: head.to_owned(), body }
}

/// Whether a program is installed. Where it is not, the test is skipped aloud, and fails where `CI` is set.
pub fn have(tool: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|dir| dir.join(tool).is_file());
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{tool} is missing");
        eprintln!("skipped: {tool} is not installed");
    }
    found
}
