//! Sockets that a service manager has opened and passes on, as descriptors from 3 on that the environment tells of.
//! Source: sd_listen_fds(3), systemd.socket(5).
//!
//! Where a socket goes is told by its kind, and for listeners by its name (`FileDescriptorName=`):
//!
//! ```text
//! for datagrams, UDP or unix             StatsD
//! a listener, TCP or unix, named statsd  StatsD
//! a listener named web                   HTTP
//! a listener of any other name           HTTP with --web.systemd-socket, as exporter-toolkit has it; StatsD without
//! ```
//!
//! The manager keeps them open when the agent ends, so that what comes meanwhile waits in them for the next one.

use super::{reason, sys};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, getsockname, sockopt};
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::net::{UnixDatagram, UnixListener};

/// The first of them. Source: sd_listen_fds(3), `SD_LISTEN_FDS_START`.
const FIRST: RawFd = 3;

/// Name of the listeners for HTTP.
const WEB: &str = "web";

/// Name of the listeners for StatsD.
const STATSD: &str = "statsd";

/// One that was passed, as it came.
#[derive(Debug)]
pub struct Descriptor {
    number: RawFd,
    name: String,
    socket: OwnedFd,
}

/// All that were passed, by what they are for.
#[derive(Debug, Default)]
pub struct Passed {
    /// Listeners for HTTP.
    pub web: Vec<Listener>,
    /// UDP sockets for StatsD.
    pub udp: Vec<UdpSocket>,
    /// TCP listeners for StatsD.
    pub tcp: Vec<TcpListener>,
    /// Unix datagram sockets for StatsD.
    pub unixgram: Vec<UnixDatagram>,
    /// Unix stream sockets for StatsD.
    pub unixstream: Vec<UnixListener>,
}

/// A listener, which does not wait.
#[derive(Debug)]
pub enum Listener {
    /// For TCP.
    Tcp(TcpListener),
    /// For unix streams.
    Unix(UnixListener),
}

/// Why what was passed can't be used: one sentence.
#[derive(Debug)]
pub struct PassedError(String);

impl fmt::Display for PassedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PassedError {}

impl PassedError {
    fn of(number: RawFd, name: &str, why: &str) -> Self {
        let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
        Self(format!("can't use the descriptor {number}{name} that the service manager passed: {why}"))
    }
}

/// Takes what was passed to this process, so that no program that it starts gets it as well. To be called first of all:
/// while there is only one thread, and nothing is open that the program has opened.
pub fn take() -> Result<Vec<Descriptor>, PassedError> {
    // The last tells of the same process as the first, by a number that is not used again.
    let [pid, count, names, _] = sys::take_vars(["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]);
    let names = names_of([&pid, &count, &names].map(Option::as_deref), std::process::id())?;
    let take = |(number, name): (RawFd, String)| match sys::take_descriptor(number) {
        Ok(socket) => Ok(Descriptor { number, name, socket }),
        Err(e) => Err(PassedError::of(number, &name, &reason(&e))),
    };
    (FIRST..).zip(names).map(take).collect()
}

/// The names of the descriptors that the process was given, in their order; the variables are `LISTEN_PID`, `LISTEN_FDS`
/// and `LISTEN_FDNAMES`.
fn names_of([pid, count, names]: [Option<&OsStr>; 3], ours: u32) -> Result<Vec<String>, PassedError> {
    // They may be a parent's, which did not take them.
    let is_ours = pid.is_some_and(|pid| pid.to_str() == Some(&ours.to_string()));
    let Some(count) = count.filter(|_| is_ours) else { return Ok(Vec::new()) };
    let Some(count) = count.to_str().and_then(|count| count.parse::<u16>().ok()) else {
        return Err(PassedError(format!("LISTEN_FDS={}: it is no number of descriptors", count.display())));
    };
    let Some(names) = names else { return Ok(vec![String::new(); count.into()]) };
    let names: Vec<String> = names.to_string_lossy().split(':').map(str::to_owned).collect();
    match names.len() == usize::from(count) {
        true => Ok(names),
        false => Err(PassedError(format!("LISTEN_FDNAMES has {} names, where LISTEN_FDS is {count}", names.len()))),
    }
}

impl Passed {
    /// Looks what the descriptors are, and gives each to whom it is for. `web`: whether HTTP is to be served on such
    /// listeners alone (`--web.systemd-socket`).
    pub fn new(descriptors: Vec<Descriptor>, web: bool) -> Result<Self, PassedError> {
        let mut passed = Self::default();
        for Descriptor { number, name, socket } in descriptors {
            passed.add(&name, socket, web).map_err(|why| PassedError::of(number, &name, &why))?;
        }
        match web && passed.web.is_empty() {
            true => Err(PassedError("--web.systemd-socket: the service manager passed no listener for HTTP".into())),
            false => Ok(passed),
        }
    }

    fn add(&mut self, name: &str, socket: OwnedFd, web: bool) -> Result<(), String> {
        match kind(&socket)? {
            Kind::Udp | Kind::Unixgram if name == WEB => return Err("HTTP takes a listener, and no datagrams".into()),
            Kind::Udp => self.udp.push(socket.into()),
            Kind::Unixgram => self.unixgram.push(socket.into()),
            Kind::Tcp => self.add_listener(name, Listener::Tcp(socket.into()), web)?,
            Kind::Unixstream => self.add_listener(name, Listener::Unix(socket.into()), web)?,
        }
        Ok(())
    }

    fn add_listener(&mut self, name: &str, listener: Listener, web: bool) -> Result<(), String> {
        if name == WEB && !web {
            return Err("it takes --web.systemd-socket to serve HTTP on it".into());
        }
        listener.never_wait().map_err(|e| reason(&e))?;
        match listener {
            listener if web && name != STATSD => self.web.push(listener),
            Listener::Tcp(listener) => self.tcp.push(listener),
            Listener::Unix(listener) => self.unixstream.push(listener),
        }
        Ok(())
    }
}

impl Listener {
    fn never_wait(&self) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => listener.set_nonblocking(true),
            Self::Unix(listener) => listener.set_nonblocking(true),
        }
    }
}

enum Kind {
    Udp,
    Tcp,
    Unixgram,
    Unixstream,
}

/// What a descriptor is; an error is a clause.
fn kind(socket: &OwnedFd) -> Result<Kind, String> {
    let ask = |e: Errno| if e == Errno::NOTSOCK { "it is no socket".into() } else { reason(&e.into()) };
    let of_type = sockopt::socket_type(socket).map_err(ask)?;
    let kind = match (getsockname(socket).map_err(ask)?.address_family(), of_type) {
        (AddressFamily::INET | AddressFamily::INET6, SocketType::DGRAM) => Kind::Udp,
        (AddressFamily::INET | AddressFamily::INET6, SocketType::STREAM) => Kind::Tcp,
        (AddressFamily::UNIX, SocketType::DGRAM) => Kind::Unixgram,
        (AddressFamily::UNIX, SocketType::STREAM) => Kind::Unixstream,
        _ => return Err("it is neither a UDP or TCP socket nor a unix one for datagrams or a stream".into()),
    };
    match kind {
        Kind::Tcp | Kind::Unixstream if !listens(socket).map_err(ask)? => {
            Err("it is no listener but a connection; Accept= is to be no".into())
        }
        kind => Ok(kind),
    }
}

fn listens(socket: &OwnedFd) -> rustix::io::Result<bool> {
    #[cfg(not(target_vendor = "apple"))]
    return sockopt::socket_acceptconn(socket);
    // There the system does not say; a connection fails when it is asked for connections.
    #[cfg(target_vendor = "apple")]
    return Ok({
        let _ = socket;
        true
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_names() {
        for (pid, count, names, want) in [
            (None, Some("1"), None, Ok(vec![])),
            (Some("8"), Some("1"), None, Ok(vec![])),
            (Some("77"), Some("1"), None, Ok(vec![])),
            (Some(""), Some("1"), None, Ok(vec![])),
            (Some("7"), None, None, Ok(vec![])),
            (Some("7"), Some("0"), None, Ok(vec![])),
            (Some("7"), Some("2"), None, Ok(vec!["", ""])),
            (Some("7"), Some("1"), Some(""), Ok(vec![""])),
            (Some("7"), Some("3"), Some("web:statsd:a.socket"), Ok(vec!["web", "statsd", "a.socket"])),
            (Some("7"), Some("2"), Some("web"), Err("LISTEN_FDNAMES has 1 names, where LISTEN_FDS is 2")),
            (Some("7"), Some("1"), Some("a:b"), Err("LISTEN_FDNAMES has 2 names, where LISTEN_FDS is 1")),
            (Some("7"), Some("-1"), None, Err("LISTEN_FDS=-1: it is no number of descriptors")),
            (Some("7"), Some("70000"), None, Err("LISTEN_FDS=70000: it is no number of descriptors")),
        ] {
            let got = names_of([pid, count, names].map(|value| value.map(OsStr::new)), 7).map_err(|e| e.to_string());
            let want = want.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(got, want.map_err(str::to_owned), "{pid:?} {count:?} {names:?}");
        }
    }

    fn udp() -> OwnedFd {
        UdpSocket::bind("127.0.0.1:0").unwrap().into()
    }

    fn tcp() -> OwnedFd {
        TcpListener::bind("127.0.0.1:0").unwrap().into()
    }

    fn unixgram() -> OwnedFd {
        UnixDatagram::unbound().unwrap().into()
    }

    fn unixstream() -> OwnedFd {
        let dir = tempfile::tempdir().unwrap();
        UnixListener::bind(dir.path().join("s")).unwrap().into()
    }

    /// Where each goes, in the order of the fields; or why it does not.
    fn sorted(sockets: Vec<(&str, OwnedFd)>, web: bool) -> Result<[usize; 5], String> {
        let descriptor =
            |(number, (name, socket)): (RawFd, (&str, OwnedFd))| Descriptor { number, name: name.into(), socket };
        let passed = Passed::new((FIRST..).zip(sockets).map(descriptor).collect(), web).map_err(|e| e.to_string())?;
        let Passed { web, udp, tcp, unixgram, unixstream } = passed;
        Ok([web.len(), udp.len(), tcp.len(), unixgram.len(), unixstream.len()])
    }

    fn all(name: &str) -> Vec<(&str, OwnedFd)> {
        vec![(name, udp()), (name, tcp()), (name, unixgram()), (name, unixstream())]
    }

    #[test]
    fn a_socket_goes_where_kind_and_name_say() {
        assert_eq!(sorted(Vec::new(), false), Ok([0; 5]));
        assert_eq!(sorted(all("tallyd.socket"), false), Ok([0, 1, 1, 1, 1]));
        assert_eq!(sorted(all("statsd"), false), Ok([0, 1, 1, 1, 1]));
        assert_eq!(sorted(all(""), true), Ok([2, 1, 0, 1, 0]));
        let with_web = all("statsd").into_iter().chain([("web", tcp()), ("web", unixstream())]).collect();
        assert_eq!(sorted(with_web, true), Ok([2, 1, 1, 1, 1]));
    }

    // Elsewhere a listener is not told from a connection, or unix sockets have no packets.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_can_t_be_used_is_one_sentence() {
        use rustix::net::{SocketFlags, socket, socketpair};
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let connection = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let packets = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None).unwrap().0;
        let streams = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::empty(), None).unwrap().0;
        let silent = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        let connected = "it is no listener but a connection; Accept= is to be no";
        for (name, socket, web, why) in [
            ("a", std::fs::File::open("/dev/null").unwrap().into(), false, "it is no socket"),
            ("a", packets, false, "it is neither a UDP or TCP socket nor a unix one for datagrams or a stream"),
            ("a", connection.into(), false, connected),
            ("a", streams, false, connected),
            ("a", silent, false, connected),
            ("web", tcp(), false, "it takes --web.systemd-socket to serve HTTP on it"),
            ("web", udp(), true, "HTTP takes a listener, and no datagrams"),
        ] {
            let sentence = format!("can't use the descriptor 4 ({name}) that the service manager passed: {why}");
            assert_eq!(sorted(vec![("", udp()), (name, socket)], web), Err(sentence));
        }
        let none = "--web.systemd-socket: the service manager passed no listener for HTTP";
        assert_eq!(sorted(Vec::new(), true), Err(none.into()));
        assert_eq!(sorted(vec![("statsd", tcp()), ("", udp())], true), Err(none.into()));
        let nameless = PassedError::of(3, "", "it is no socket").to_string();
        assert_eq!(nameless, "can't use the descriptor 3 that the service manager passed: it is no socket");
    }
}
