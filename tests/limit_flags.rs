//! Limits that flags move, up and down, by real sockets and files: what is over one is refused and counted, and what is
//! within is taken.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{Agent, PATIENCE, ask, await_that, program, value};
use std::fmt::Debug;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use tallyd::flag::Values;
use tallyd::{config, statsd, web};

/// An agent whose collectors are only those that are named.
fn agent(flags: &[&str]) -> Agent {
    Agent::start(&[&["--collector.disable-defaults"], flags].concat())
}

/// How a check of flags ends, and what it says.
fn checked(flags: &[&str]) -> (Option<i32>, String) {
    let output = program().arg("--check-config").args(flags).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn heads() {
    for (flag, length, status) in [
        ("--web.max-header-bytes=512", 600, 431),
        ("--web.max-header-bytes=1K", 600, 200),
        ("--web.max-header-bytes=8192", 9000, 431),
        ("--web.max-header-bytes=64K", 60_000, 200),
    ] {
        let agent = agent(&[flag]);
        let answer = ask(agent.web, "GET", "/metrics", &format!("X: {}\r\n", "x".repeat(length)));
        assert_eq!(answer.status, status, "{flag}, {length} bytes: {}", answer.body);
        let refused = "tallyd_web_requests_refused_total{reason=\"head_too_large\"}";
        agent.await_value(refused, f64::from(u8::from(status != 200)));
    }
}

/// Reads what a server says until it closes, and whether it closed within the time.
fn heard(stream: &mut TcpStream, time: Duration) -> (String, bool) {
    stream.set_read_timeout(Some(time)).unwrap();
    let mut bytes = Vec::new();
    let closed = match stream.read_to_end(&mut bytes) {
        Ok(_) => true,
        Err(e) => !matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    };
    (String::from_utf8(bytes).unwrap(), closed)
}

#[test]
fn the_time_of_a_head_and_between_two() {
    let refused = "tallyd_web_requests_refused_total{reason=\"head_timeout\"}";
    let short = agent(&["--web.read-header-timeout=100ms", "--web.idle-timeout=100ms"]);
    let long = agent(&["--web.read-header-timeout=1h", "--web.idle-timeout=24h"]);
    for head in ["GET /-/healthy HTTP/1.1\r\nHo", ""] {
        let mut streams = [&short, &long].map(|agent| TcpStream::connect(agent.web).unwrap());
        streams.iter_mut().for_each(|stream| stream.write_all(head.as_bytes()).unwrap());
        let (said, closed) = heard(&mut streams[0], PATIENCE);
        assert!(closed && said.contains("408 Request Timeout") != head.is_empty(), "{said}");
        assert_eq!(heard(&mut streams[1], Duration::from_millis(300)), (String::new(), false), "head: {head:?}");
        let rest = if head.is_empty() { "GET /-/healthy HTTP/1.1\r\nHost" } else { "st" };
        write!(streams[1], "{rest}: a\r\nConnection: close\r\n\r\n").unwrap();
        assert!(heard(&mut streams[1], PATIENCE).0.starts_with("HTTP/1.1 200 OK"));
    }
    short.await_value(refused, 1.0);
    long.await_value(refused, 0.0);
}

#[test]
fn the_time_of_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    // More than a unix socket holds.
    let series = format!("a{{b=\"{}\"}} 1\n", "x".repeat(1 << 20));
    fs::write(dir.path().join("a.prom"), series).unwrap();
    let directory = format!("--collector.textfile.directory={}", dir.path().display());
    let readers = ["1s", "1h"].map(|timeout| {
        let socket = dir.path().join(timeout);
        let listen = format!("--web.listen-address=unix://{}", socket.display());
        let flags = [&format!("--web.write-timeout={timeout}"), &listen, &directory, "--collector.textfile"];
        let agent = agent(&flags);
        let mut stream = UnixStream::connect(&socket).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        (agent, stream)
    });
    let aborted = "tallyd_web_responses_aborted_total{reason=\"too_slow\"}";
    readers[0].0.await_value(aborted, 1.0);
    let came = readers.map(|(agent, mut stream)| {
        let mut bytes = Vec::new();
        // A cut answer may end in a reset.
        stream.read_to_end(&mut bytes).ok();
        (bytes.len() > 1 << 20, agent.value(aborted).unwrap())
    });
    assert_eq!(came, [(false, 1.0), (true, 0.0)]);
}

#[test]
fn wrong_passwords() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("web.yml");
    fs::write(&file, format!("basic_auth_users: {{a: {}}}\n", bcrypt::hash("right", 4).unwrap())).unwrap();
    for (most, range) in [(1, 1..8), (40, 40..60)] {
        let flags = [&format!("--web.config.file={}", file.display()), &format!("--web.max-failed-logins={most}")];
        let agent = agent(&flags.map(String::as_str));
        let login = |password: &str| {
            let field = format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("a:{password}")));
            ask(agent.web, "GET", "/metrics", &field)
        };
        // One that was right before is not kept out.
        assert_eq!(login("right").status, 200);
        // One more comes each second that this takes.
        let tried = (0..).take_while(|_| login("wrong").status == 401).count();
        assert!(range.contains(&tried), "{tried} tries where {most} are allowed");
        let refused = value(&login("right").body, "tallyd_web_requests_refused_total{reason=\"login_limit\"}");
        assert_eq!(refused, Some(1.0));
    }
}

/// A line of this many bytes whose name and tags are short.
fn line(name: &str, length: usize) -> String {
    format!("{name}:0{}1|c", "0".repeat(length - name.len() - 5))
}

#[test]
fn lines() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    for (flag, most) in [("--statsd.max-line-length=64", 64), ("--statsd.max-line-length=60K", 60 << 10)] {
        let agent = agent(&[flag, &format!("--statsd.listen-unixstream={}", path.display())]);
        for (name, length) in [("within", most), ("over", most + 1)] {
            let line = line(name, length);
            agent.send_udp(&line);
            let mut tcp = TcpStream::connect(agent.statsd("tcp")).unwrap();
            let mut unix = UnixStream::connect(&path).unwrap();
            writeln!(tcp, "{line}").unwrap();
            writeln!(unix, "{line}").unwrap();
        }
        agent.await_value("within", 3.0);
        agent.await_value("statsd_exporter_sample_errors_total{reason=\"line_too_long\"}", 1.0);
        agent.await_value("statsd_exporter_tcp_too_long_lines_total", 1.0);
        agent.await_value("tallyd_statsd_unixstream_too_long_lines_total", 1.0);
        assert_eq!(agent.value("over"), None);
    }
}

#[test]
fn frames() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    for (flag, most) in [("--statsd.max-frame-length=64", 64), ("--statsd.max-frame-length=1M", 1 << 20)] {
        let agent = agent(&[flag, &format!("--statsd.listen-unixstream={}", path.display())]);
        for (length, taken) in [(most, 1.0), (most + 1, 1.0)] {
            let mut stream = UnixStream::connect(&path).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let packet = format!("a:1|c{}", "\n".repeat(length - 5));
            let prefix = u32::try_from(length).unwrap().to_le_bytes();
            // One that is too long is ended before all of it is sent.
            stream.write_all(&prefix).and_then(|()| stream.write_all(packet.as_bytes())).ok();
            agent.await_value("a", taken);
            agent.await_value("tallyd_statsd_unixstream_too_long_frames_total", f64::from(u8::from(length > most)));
        }
    }
}

#[test]
fn mapping_files() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rules.yml");
    let mapping = format!("--statsd.mapping-config={}", file.display());
    let rules = "mappings:\n- {match: a, name: b}\n- {match: c, name: d}\n";
    let regex = |count: usize| format!("mappings:\n- {{match: 'a{{{count}}}', match_type: regex, name: b}}\n");
    let comment = |length: usize| format!("#{}\n", " ".repeat(length - 2));
    for (text, flag, why) in [
        (comment(1024), "--statsd.max-mapping-size=1K", None),
        (comment(1025), "--statsd.max-mapping-size=1K", Some("it is longer than 1024 bytes")),
        (comment((16 << 20) + 1), "--statsd.max-mapping-size=17M", None),
        (rules.into(), "--statsd.max-mapping-rules=2", None),
        (
            rules.into(),
            "--statsd.max-mapping-rules=1",
            Some("line 3: there are more than 1 rules (--statsd.max-mapping-rules)"),
        ),
        (rules.into(), "--statsd.max-mapping-rules=0", None),
        (
            regex(1000),
            "--statsd.max-regex-size=1K",
            Some(
                "line 2: match \"a{1000}\": this expression takes more than 1024 bytes once compiled \
                 (--statsd.max-regex-size)",
            ),
        ),
        (regex(1000), "--statsd.max-regex-size=1M", None),
        (regex(60_000), "--statsd.max-regex-size=64M", None),
    ] {
        fs::write(&file, text).unwrap();
        let said = why.map_or(String::new(), |why| format!("tallyd: {}: {why}\n", file.display()));
        assert_eq!(checked(&[&mapping, flag]), (Some(if why.is_some() { 2 } else { 0 }), said), "{flag}");
    }
    let usual = checked(&[&mapping]);
    assert!(usual.1.contains("more than 1048576 bytes"), "{usual:?}");
    // They hold for a file that is read again, too.
    fs::write(&file, rules).unwrap();
    let agent = agent(&[&mapping, "--statsd.max-mapping-rules=2"]);
    fs::write(&file, format!("{rules}- {{match: e, name: f}}\n")).unwrap();
    agent.signal(libc::SIGHUP);
    agent.await_value("statsd_exporter_config_reloads_total{outcome=\"failure\"}", 1.0);
    agent.await_value("statsd_exporter_loaded_mappings", 2.0);
}

/// Text files of so many bytes, of which the agent reads one after the other.
fn text_files(dir: &Path, sizes: &[usize], flags: &[&str]) -> (Agent, f64) {
    for (number, size) in sizes.iter().enumerate() {
        let head = format!("file{number} 1\n#");
        let text = format!("{head}{}\n", " ".repeat(size - head.len() - 1));
        fs::write(dir.join(format!("{number}.prom")), text).unwrap();
    }
    let directory = format!("--collector.textfile.directory={}", dir.display());
    let agent = agent(&[&["--collector.textfile", &directory], flags].concat());
    let body = agent.metrics();
    let shown = (0..sizes.len()).filter(|number| value(&body, &format!("file{number}")).is_some()).count();
    let failed = value(&body, "node_textfile_scrape_error");
    assert_eq!(failed, Some(f64::from(u8::from(shown < sizes.len()))), "{flags:?}: {}", agent.log());
    (agent, f64::from(u32::try_from(shown).unwrap()))
}

#[test]
fn text_files_in_number_and_size() {
    for (sizes, flags, shown, why) in [
        (&[100, 100, 100][..], &["--collector.textfile.max-files=2"][..], 2.0, "3 files, of which 2 are read"),
        (&[100, 100, 100], &["--collector.textfile.max-files=3"], 3.0, ""),
        (&[1024, 1025], &["--collector.textfile.max-file-size=1K"], 1.0, "more than 1024 bytes"),
        (&[9 << 20, 9 << 20], &["--collector.textfile.max-file-size=9M"], 2.0, ""),
        (&[1024, 1024], &["--collector.textfile.max-total-size=2047"], 1.0, "or 2047 with the files before"),
        (&[1024, 1024], &["--collector.textfile.max-total-size=2K"], 2.0, ""),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (agent, got) = text_files(dir.path(), sizes, flags);
        assert_eq!(got, shown, "{flags:?}");
        await_that("the log says why", || agent.log().contains(why));
    }
}

#[test]
fn lines_that_wait_for_the_relay() {
    for (size, relayed) in [("1K", false), ("2K", true)] {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let target = peer.local_addr().unwrap();
        let flags = [format!("--statsd.relay.address={target}"), format!("--statsd.relay.buffer-size={size}")];
        let agent = agent(&flags.each_ref().map(String::as_str));
        // Of one packet, so that all of them come at once.
        agent.send_udp(&"a:1|c\n".repeat(200));
        agent.await_value("a", 200.0);
        for (name, want) in [
            ("statsd_exporter_relay_lines_relayed_total", if relayed { 200.0 } else { 0.0 }),
            ("tallyd_statsd_relay_lines_dropped_total", if relayed { 0.0 } else { 200.0 }),
        ] {
            agent.await_value(&format!("{name}{{target=\"{target}\"}}"), want);
        }
    }
}

#[test]
fn without_flags_limits_are_the_usual_ones() {
    let sections = config::sections();
    let flags = Values::defaults(sections.iter().flat_map(|section| &section.flags));
    let shown = |limits: &dyn Debug| format!("{limits:?}");
    assert_eq!(shown(&web::Limits::new(&flags).unwrap()), shown(&web::Limits::default()));
    assert_eq!(shown(&statsd::limits::mapping(&flags).unwrap()), shown(&statsd::map::Limits::default()));
}

#[test]
fn what_is_out_of_range_ends_the_start() {
    for (flag, least, most) in [
        ("web.max-header-bytes", "512", "64K"),
        ("web.read-header-timeout", "100ms", "1h"),
        ("web.idle-timeout", "100ms", "24h"),
        ("web.write-timeout", "100ms", "1h"),
        ("web.max-failed-logins", "1", "50"),
        ("web.max-connections", "1", "65535"),
        ("statsd.max-line-length", "64", "64K"),
        ("statsd.max-frame-length", "64", "1M"),
        ("statsd.max-mapping-size", "1K", "1G"),
        ("statsd.max-regex-size", "1K", "64M"),
        ("statsd.relay.buffer-size", "1K", "1G"),
        ("statsd.relay.packet-length", "64", "65507"),
        ("collector.textfile.max-files", "1", "100000"),
        ("collector.textfile.max-file-size", "1K", "1G"),
        ("collector.textfile.max-total-size", "1K", "1G"),
    ] {
        for value in [least, most] {
            assert_eq!(checked(&[&format!("--{flag}={value}")]), (Some(0), String::new()), "{flag}={value}");
        }
        // 0 stands for no limit nowhere here, and digits before the largest make it larger.
        for value in ["0".to_owned(), format!("9{most}")] {
            let said = format!("tallyd: --{flag}={value}: it is from {least} to {most}\n");
            assert_eq!(checked(&[&format!("--{flag}={value}")]), (Some(2), said));
        }
        let (code, said) = checked(&[&format!("--{flag}=many")]);
        assert!(code == Some(2) && said.starts_with(&format!("tallyd: --{flag}=many: ")), "{said}");
    }
}
