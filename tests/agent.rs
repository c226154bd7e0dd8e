//! The whole agent as a process: what it serves, how it refuses to start, and how it ends.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, await_that, get, program, value};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn a_host_and_its_apps_are_on_one_page() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("statsd.sock");
    let agent = Agent::start(&[&format!("--statsd.listen-unixgram={}", path.display())]);
    agent.send_udp("app.hits:2|c|#env:prod\napp.temp:21.5|g");
    let mut stream = TcpStream::connect(agent.statsd("tcp")).unwrap();
    stream.write_all(b"app.hits:3|c|#env:prod\napp.jobs:1|c").unwrap();
    drop(stream);
    UnixDatagram::unbound().unwrap().send_to(b"app.hits:4|c|#env:prod", &path).unwrap();
    agent.await_value("app_hits{env=\"prod\"}", 9.0);
    agent.await_value("app_jobs", 1.0);
    let body = agent.metrics();
    assert_eq!(value(&body, "app_temp"), Some(21.5));
    assert!(value(&body, "node_load1").is_some());
    assert_eq!(value(&body, "node_scrape_collector_success{collector=\"loadavg\"}"), Some(1.0));
    assert_eq!(value(&body, "statsd_exporter_lines_total"), Some(5.0));
    assert_eq!(value(&body, "statsd_exporter_udp_packets_total"), Some(1.0));
    assert_eq!(value(&body, "statsd_exporter_tcp_connections_total"), Some(1.0));
    assert_eq!(value(&body, "statsd_exporter_unixgram_packets_total"), Some(1.0));
    assert!(value(&body, "process_resident_memory_bytes").is_some());
}

/// A mapping file that is a pipe holds up the start until it is written.
#[test]
fn a_reload_that_is_asked_for_during_the_start_follows_it() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("rules.yml");
    assert!(Command::new("mkfifo").arg(&rules).status().unwrap().success());
    let mut command = program();
    command.args(["--web.listen-address=127.0.0.1:0", "--statsd.listen-udp=", "--statsd.listen-tcp="]);
    let mut child = command.arg(format!("--statsd.mapping-config={}", rules.display())).stderr(Stdio::piped()).spawn();
    let child = child.as_mut().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    // It can be opened without waiting once somebody reads.
    let mut write = |signal: &str| {
        let mut pipe = None;
        await_that("the rules are read", || {
            assert_eq!(child.try_wait().unwrap(), None, "it has ended");
            pipe = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&rules).ok();
            pipe.is_some()
        });
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        pipe.unwrap().write_all(b"mappings: []\n").unwrap();
    };
    write("-HUP");
    assert!(log.any(|line| line.contains("serving metrics on")));
    write("-0");
    assert!(log.any(|line| line.contains("SIGHUP: read the mapping file again")));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_scrape_can_pick_collectors() {
    let agent = Agent::start(&["--no-collector.time"]);
    agent.send_udp("app.hits:1|c");
    agent.await_value("app_hits", 1.0);
    let picked = get(agent.web, "/metrics?collect[]=loadavg&collect[]=uname").body;
    let families: Vec<&str> =
        picked.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(
        families,
        [
            "node_load1",
            "node_load5",
            "node_load15",
            "node_uname_info",
            "node_scrape_collector_duration_seconds",
            "node_scrape_collector_success"
        ]
    );
    let without = get(agent.web, "/metrics?exclude[]=loadavg").body;
    assert!(!without.contains("node_load1") && without.contains("node_uname_info"));
    for (query, sentence) in [
        ("collect[]=nope", "missing collector: nope"),
        ("collect[]=time", "disabled collector: time"),
        ("collect[]=uname&exclude[]=loadavg", "collect and exclude queries can't be combined"),
    ] {
        let response = get(agent.web, &format!("/metrics?{query}"));
        assert_eq!((response.status, response.body.trim()), (400, sentence), "query: {query}");
    }
}

#[test]
fn a_name_that_the_host_has_is_left_out_and_counted() {
    let agent = Agent::start(&[]);
    agent.send_udp("node.load1:77.8125|c\nprocess.cpu_seconds_total:77.8125|c\nfine:1|c");
    agent.await_value("fine", 1.0);
    let body = agent.metrics();
    assert_eq!(body.lines().filter(|line| line.starts_with("node_load1 ")).count(), 1);
    assert!(!body.contains(" 77.8125\n"));
    assert!(agent.value("tallyd_families_refused_total").is_some_and(|count| count >= 2.0));
    // A line of the log may come behind the answer.
    await_that("it is told", || agent.log().contains("left out node_load1: another source"));
}

#[test]
fn it_ends_on_a_signal_in_time_and_leaves_nothing_behind() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("statsd.sock");
        let mut agent = Agent::start(&[&format!("--statsd.listen-unixgram={}", path.display())]);
        assert!(path.exists());
        let _idle = TcpStream::connect(agent.web).unwrap();
        let start = Instant::now();
        agent.signal(signal);
        assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
        assert!(start.elapsed() < Duration::from_secs(2), "it took {:?}", start.elapsed());
        assert!(!path.exists(), "the socket is gone");
    }
}

#[test]
fn it_says_what_only_this_host_reaches_and_how_to_open_it() {
    let hints = |agent: &Agent| {
        let log = agent.log();
        ["--web.listen-address=:9100", "--statsd.listen-udp=:8125"].map(|flag| log.contains(flag))
    };
    assert_eq!(hints(&Agent::start(&[])), [true, true]);
    assert_eq!(hints(&Agent::start(&["--statsd.listen-udp=0.0.0.0:0"])), [true, false]);
}

#[test]
#[cfg(target_os = "linux")]
fn few_descriptors_are_not_kept_by_collectors() {
    let failed = |agent: &Agent| -> Vec<String> {
        agent.metrics();
        let body = agent.metrics();
        let failed = body.lines().filter(|l| l.starts_with("node_scrape_collector_success{") && l.ends_with(" 0"));
        failed.map(str::to_owned).collect()
    };
    let mut few = std::process::Command::new("sh");
    few.args([
        "-c",
        "ulimit -n 48; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_tallyd"),
        "--web.listen-address=127.0.0.1:0",
    ]);
    let few = Agent::spawn(few.args(["--statsd.listen-udp=127.0.0.1:0", "--statsd.listen-tcp=127.0.0.1:0"]));
    assert_eq!(failed(&few), failed(&Agent::start(&[])));
    let open = std::fs::read_dir(format!("/proc/{}/fd", few.child.id())).unwrap().count();
    assert!(open < 24, "{open} are open, and half are for connections");
}

#[test]
fn sighup_is_survived() {
    let agent = Agent::start(&[]);
    agent.signal(libc::SIGHUP);
    common::await_that("the log tells of it", || agent.log().contains("SIGHUP"));
    assert!(agent.metrics().contains("node_load1"));
}

/// Runs the agent to its end and returns its exit status and what it said.
fn refused(args: &[&str]) -> (Option<i32>, String) {
    let output = program().args(args).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_it_can_not_use_it_says_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("args");
    std::fs::write(&file, "# a comment\n\n--no-collector.loadavg\n--collector.nosuch\n").unwrap();
    let from_file = format!("@{}", file.display());
    let in_file =
        format!("tallyd: unknown flag --collector.nosuch; did you mean --collector.os? ({}, line 4)\n", file.display());
    for (args, sentence) in [
        (
            &["--web.listen-adress=:1"][..],
            "tallyd: unknown flag --web.listen-adress; did you mean --web.listen-address?\n",
        ),
        (
            &["--web.listen-address=nowhere"],
            "tallyd: --web.listen-address=nowhere: an address needs a port, such as 127.0.0.1:9100 or :9100\n",
        ),
        (
            &["--statsd.listen-udp=1.2.3.4:x"],
            "tallyd: --statsd.listen-udp=1.2.3.4:x: \"x\" is no port: a number from 0 to 65535\n",
        ),
        (
            &["--statsd.relay.address=a relay:8125"],
            "tallyd: --statsd.relay.address=a relay:8125: a name of a host has no ' '\n",
        ),
        (&["--log.level=loud"], "tallyd: --log.level=loud: it is debug, info, warn or error\n"),
        (&["serve"], "tallyd: unexpected argument \"serve\"; did you mean service?\n"),
        (&["@/no/such/file"], "tallyd: can't read flags from /no/such/file: No such file or directory (os error 2)\n"),
        (&[&from_file], &in_file),
    ] {
        assert_eq!(refused(args), (Some(2), sentence.to_owned()), "args: {args:?}");
    }
}

#[test]
fn an_address_in_use_is_one_sentence_before_anything_is_served() {
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (web, udp_at) = (web.local_addr().unwrap(), udp.local_addr().unwrap());
    for (flag, address) in [("web.listen-address", web), ("statsd.listen-tcp", web), ("statsd.listen-udp", udp_at)] {
        let all = ["--web.listen-address=127.0.0.1:0", "--statsd.listen-udp=", "--statsd.listen-tcp="];
        let others = all.iter().filter(|other| !other.contains(flag)).copied();
        let args: Vec<String> = others.map(str::to_owned).chain([format!("--{flag}={address}")]).collect();
        let (code, said) = refused(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(
            (code, said),
            (Some(1), format!("tallyd: can't listen on {address} (--{flag}): address already in use\n"))
        );
    }
}

/// Another status than that of a wrong flag: a service manager is to try again.
#[test]
fn a_name_without_an_address_is_a_socket_that_can_not_be_had() {
    for flag in ["web.listen-address", "statsd.listen-udp", "statsd.listen-tcp"] {
        let all = ["--web.listen-address=127.0.0.1:0", "--statsd.listen-udp=", "--statsd.listen-tcp="];
        let others = all.iter().filter(|other| !other.contains(flag)).copied();
        let args: Vec<String> = others.map(str::to_owned).chain([format!("--{flag}=nohost.invalid:0")]).collect();
        let (code, said) = refused(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with(&format!("tallyd: can't listen on nohost.invalid:0 (--{flag}): ")), "{said}");
    }
}

#[test]
fn flags_come_from_a_file_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("args");
    let flags = "# no shell reads this\n--collector.disable-defaults\n--collector.loadavg\n\
                 --web.telemetry-path=/m\n  --collector.filesystem.mount-points-exclude=^/(a|b)($|/)\n";
    std::fs::write(&file, flags).unwrap();
    let agent = Agent::start(&[&format!("@{}", file.display())]);
    let body = get(agent.web, "/m").body;
    assert!(body.contains("node_load1") && !body.contains("node_uname_info"));
    assert_eq!(get(agent.web, "/metrics").status, 404);
}

#[test]
fn help_and_version_are_printed() {
    let out = |arg: &str| String::from_utf8(program().arg(arg).output().unwrap().stdout).unwrap();
    assert_eq!(out("--version"), format!("tallyd {}\n", env!("CARGO_PKG_VERSION")));
    assert!(out("--help").contains("collector.loadavg"));
}
