//! Sockets that a service manager passes: here the test is the manager, which keeps them over restarts of the agent.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, await_that, have};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const SIGCONT: i32 = 18;
const SIGSTOP: i32 = 19;
const SIGTERM: i32 = 15;

/// A socket of any kind: `AsFd` in a form of which there can be a list.
trait AsSocket {
    fn socket(&self) -> BorrowedFd<'_>;
}

impl<S: AsFd> AsSocket for S {
    fn socket(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
}

/// A command that starts the agent as systemd does, with these sockets from descriptor 3 on, and their names. What comes
/// with it must live until the agent has started.
fn passing(sockets: &[(&dyn AsSocket, &str)], flags: &[&str]) -> (Command, Vec<OwnedFd>) {
    let mut kept = Vec::new();
    let mut moves = String::new();
    for (target, (socket, _)) in (3..).zip(sockets) {
        // High, so that none is where another is to go.
        let copy = fcntl_dupfd_cloexec(socket.socket(), 64).unwrap();
        fcntl_setfd(&copy, FdFlags::empty()).unwrap();
        moves += &format!("{target}<&{0} {0}<&- ", copy.as_raw_fd());
        kept.push(copy);
    }
    let names: Vec<&str> = sockets.iter().map(|(_, name)| *name).collect();
    let (count, names) = (sockets.len(), names.join(":"));
    // In the end the shell is the agent, and so its number is the agent's.
    let script = format!("exec {moves}; LISTEN_PID=$$ LISTEN_FDS={count} LISTEN_FDNAMES={names} exec \"$@\"");
    let mut command = Command::new("bash");
    command.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_tallyd"), "--collector.disable-defaults"]).args(flags);
    (command, kept)
}

fn start(sockets: &[(&dyn AsSocket, &str)], flags: &[&str]) -> Agent {
    let (mut command, _kept) = passing(sockets, flags);
    Agent::spawn(&mut command)
}

/// The status and the words of an agent that ends by itself.
fn refused(sockets: &[(&dyn AsSocket, &str)], flags: &[&str]) -> (Option<i32>, String) {
    let (mut command, _kept) = passing(sockets, flags);
    let output = command.stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn end(mut agent: Agent) {
    agent.signal(SIGTERM);
    assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
}

#[test]
fn each_kind_is_served_and_stays_when_the_agent_ends() {
    if !have("bash") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (gram, stream) = (dir.path().join("gram"), dir.path().join("stream"));
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let unixgram = UnixDatagram::bind(&gram).unwrap();
    let unixstream = UnixListener::bind(&stream).unwrap();
    let sockets: [(&dyn AsSocket, &str); 5] =
        [(&web, "web"), (&udp, "tallyd.socket"), (&tcp, "statsd"), (&unixgram, ""), (&unixstream, "statsd")];
    for run in 0..2 {
        let agent = start(&sockets, &["--web.systemd-socket"]);
        assert_eq!(agent.web, web.local_addr().unwrap());
        let listens = format!(
            "listening for StatsD on udp {}, tcp {}, unixgram {}, unixstream {}",
            udp.local_addr().unwrap(),
            tcp.local_addr().unwrap(),
            gram.display(),
            stream.display()
        );
        assert!(agent.log().contains(&listens), "run {run}: {}", agent.log());
        for descriptor in 3..8 {
            let info = fs::read_to_string(format!("/proc/{}/fdinfo/{descriptor}", agent.child.id())).unwrap();
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:\t")).unwrap();
            assert!(flags.starts_with("02"), "{descriptor} is inherited by what it starts: {info}");
        }
        agent.send_udp("by_udp:1|c");
        TcpStream::connect(tcp.local_addr().unwrap()).unwrap().write_all(b"by_tcp:1|c\n").unwrap();
        UnixDatagram::unbound().unwrap().send_to(b"by_unixgram:1|c", &gram).unwrap();
        UnixStream::connect(&stream).unwrap().write_all(b"by_unixstream:1|c\n").unwrap();
        for series in ["by_udp", "by_tcp", "by_unixgram", "by_unixstream"] {
            agent.await_value(series, 1.0);
        }
        end(agent);
        assert!(gram.exists() && stream.exists(), "run {run}: the files are the manager's");
    }
}

#[test]
fn what_was_not_passed_is_bound_and_defaults_of_a_kind_that_was_are_not() {
    if !have("bash") {
        return;
    }
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = udp.local_addr().unwrap();
    let flags = ["--web.listen-address=127.0.0.1:0", "--statsd.listen-udp=127.0.0.1:0"];
    // Without --web.systemd-socket, a listener is StatsD's.
    let agent = start(&[(&udp, "a"), (&tcp, "a")], &flags);
    let log = agent.log();
    let said = log.split("listening for StatsD on ").nth(1).unwrap().lines().next().unwrap();
    let kinds: Vec<&str> = said.split(", ").map(|place| place.split(' ').next().unwrap()).collect();
    assert_eq!(kinds, ["udp", "udp", "tcp"], "{said}");
    assert_eq!(agent.statsd("udp"), address.to_string());
    assert_eq!(agent.statsd("tcp"), tcp.local_addr().unwrap().to_string());
    assert_ne!(agent.web, tcp.local_addr().unwrap());
    end(agent);
    // What tells of another process's sockets tells nothing.
    let none = ["--statsd.listen-udp=127.0.0.1:0", "--statsd.listen-tcp=", "--web.listen-address=127.0.0.1:0"];
    let mut command = common::program();
    command.env("LISTEN_PID", "1").env("LISTEN_FDS", "1").arg("--collector.disable-defaults").args(none);
    let agent = Agent::spawn(&mut command);
    assert_ne!(agent.statsd("udp"), address.to_string());
}

#[test]
fn what_can_t_be_used_ends_the_start_with_a_sentence() {
    if !have("bash") {
        return;
    }
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let connection = TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
    let file = fs::File::open("/dev/null").unwrap();
    let with = |name: &str, why: &str| {
        format!("tallyd: can't use the descriptor 3 ({name}) that the service manager passed: {why}\n")
    };
    for (socket, name, flags, sentence) in [
        (&file as &dyn AsSocket, "a", &[][..], with("a", "it is no socket")),
        (&connection, "a", &[], with("a", "it is no listener but a connection; Accept= is to be no")),
        (&tcp, "web", &[], with("web", "it takes --web.systemd-socket to serve HTTP on it")),
        (
            &tcp,
            "statsd",
            &["--web.systemd-socket"],
            "tallyd: --web.systemd-socket: the service manager passed no listener for HTTP\n".into(),
        ),
    ] {
        assert_eq!(refused(&[(socket, name)], flags), (Some(2), sentence), "{name} {flags:?}");
    }
    let output = common::program().arg("--web.systemd-socket").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

/// Sends lines without a pause but one that lets a slow machine follow, and counts them.
struct Sender {
    thread: thread::JoinHandle<u64>,
    over: Arc<AtomicBool>,
}

impl Sender {
    fn start(to: SocketAddr) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let told = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let mut sent = 0;
            while !told.load(Ordering::Relaxed) {
                // Some thousand a second.
                for _ in 0..5 {
                    socket.send_to(b"steady:1|c", to).unwrap();
                    sent += 1;
                }
                thread::sleep(Duration::from_millis(1));
            }
            sent
        });
        Self { thread, over }
    }

    fn stop(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn dropped(agent: &Agent) -> f64 {
    agent.value("statsd_exporter_udp_packet_drops_total").unwrap()
}

#[test]
fn restarts_under_load_lose_no_line() {
    if !have("bash") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    // As large as the machine allows, which may be little: what does not fit is counted.
    rustix::net::sockopt::set_socket_recv_buffer_size_force(&udp, 16 << 20).ok();
    let begin = || generation(&udp, dir.path());
    let (mut agent, sender) = (begin(), Sender::start(udp.local_addr().unwrap()));
    for run in 0..4 {
        let before = agent.value("steady").unwrap_or_default();
        await_that("it takes lines", || agent.value("steady").is_some_and(|now| now > before + 500.0));
        end(agent);
        agent = begin();
        assert_eq!(agent.value("tallyd_state_begun{from=\"finished\"}"), Some(1.0), "run {run}");
    }
    let sent = sender.stop() as f64;
    await_that("all lines are there", || agent.value("steady").unwrap() + dropped(&agent) >= sent);
    assert_eq!(agent.value("steady").unwrap() + dropped(&agent), sent);
}

fn generation(udp: &UdpSocket, folder: &Path) -> Agent {
    let state = format!("--statsd.state-file={}", folder.join("state").display());
    start(&[(udp, "statsd")], &["--web.listen-address=127.0.0.1:0", "--statsd.listen-tcp=", &state])
}

/// Sends packets of lines that are new to the agent, which takes longer for them than for the word to stop. Few enough for
/// any receive buffer.
fn send_new(to: SocketAddr, burst: usize) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for packet in 0..40 {
        let lines: Vec<String> = (0..50).map(|line| format!("new:1|c|#burst:{burst},line:{packet}_{line}")).collect();
        socket.send_to(lines.join("\n").as_bytes(), to).unwrap();
    }
}

/// How many of those lines were counted.
fn counted(agent: &Agent) -> usize {
    agent.metrics().lines().filter(|line| line.starts_with("new{") && line.ends_with("} 1")).count()
}

#[test]
fn what_waits_in_the_socket_is_the_next_agents() {
    if !have("bash") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = udp.local_addr().unwrap();
    for run in 0..2 {
        // There is no agent.
        send_new(to, 2 * run);
        let mut agent = generation(&udp, dir.path());
        await_that("all that waited is there", || counted(&agent) == (4 * run + 2) * 1000);
        // It wakes with lines to take and the word to stop at once.
        agent.signal(SIGSTOP);
        send_new(to, 2 * run + 1);
        agent.signal(SIGTERM);
        agent.signal(SIGCONT);
        assert_eq!(agent.wait().code(), Some(0), "{}", agent.log());
    }
    let agent = generation(&udp, dir.path());
    await_that("all lines are there", || counted(&agent) == 8000);
    assert_eq!(dropped(&agent), 0.0);
}
