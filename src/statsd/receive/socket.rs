//! The sockets of the StatsD side: made before anything is served, and taken away at the end; or passed by a service manager,
//! which keeps them.

use crate::listen::passed::Passed;
use crate::listen::unix::{self, SocketFile};
use crate::listen::{self, BindError};
use crate::statsd::settings::{Address, Settings};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixDatagram, UnixListener};

/// Bound sockets.
pub struct Sockets {
    pub(super) udp: Vec<Bound<UdpSocket>>,
    pub(super) tcp: Vec<Bound<TcpListener>>,
    pub(super) unixgram: Vec<Bound<UnixDatagram>>,
    pub(super) unixstream: Vec<Bound<UnixListener>>,
}

/// A bound socket.
pub(super) struct Bound<S> {
    pub socket: S,
    /// Its file, where the agent has made one.
    pub file: Option<SocketFile>,
    /// Whether a service manager has bound it and keeps it: what the agent leaves in it waits for the next agent.
    pub is_kept: bool,
}

impl Sockets {
    /// Takes the sockets that were passed, and binds those of the settings. Where one of a kind was passed, what is bound
    /// of that kind besides is what the user has named: the defaults would be in the way of it, or it in theirs.
    pub fn bind(settings: &Settings, passed: Passed) -> Result<Self, BindError> {
        let udp = bind_all("statsd.listen-udp", &settings.udp, passed.udp, |flag, address| {
            let socket = listen::bind_udp(flag, address)?;
            grow(&socket, settings.read_buffer);
            Ok(socket)
        })?;
        let tcp = bind_all("statsd.listen-tcp", &settings.tcp, passed.tcp, listen::bind_tcp)?;
        let mut unixgram = kept(passed.unixgram);
        if let Some(path) = &settings.unixgram {
            let (socket, file) = unix::bind_datagram("statsd.listen-unixgram", path, settings.unix_mode)?;
            grow(&socket, settings.read_buffer);
            unixgram.push(Bound { socket, file: Some(file), is_kept: false });
        }
        let mut unixstream = kept(passed.unixstream);
        if let Some(path) = &settings.unixstream {
            let (socket, file) = unix::bind_stream("statsd.listen-unixstream", path, settings.unix_mode)?;
            unixstream.push(Bound { socket, file: Some(file), is_kept: false });
        }
        Ok(Self { udp, tcp, unixgram, unixstream })
    }

    /// Whether flags could open more than this host reaches: the agent has bound sockets, and they are this host's alone.
    pub fn are_local(&self) -> bool {
        let udp = self.udp.iter().map(|udp| (udp.is_kept, udp.socket.local_addr()));
        let tcp = self.tcp.iter().map(|tcp| (tcp.is_kept, tcp.socket.local_addr()));
        let mut all = udp.chain(tcp).peekable();
        all.peek().is_some()
            && all.all(|(is_kept, address)| !is_kept && address.is_ok_and(|address| address.ip().is_loopback()))
    }

    /// Where they listen, for people.
    pub fn describe(&self) -> Vec<String> {
        let udp = self.udp.iter().filter_map(|udp| Some(format!("udp {}", udp.socket.local_addr().ok()?)));
        let tcp = self.tcp.iter().filter_map(|tcp| Some(format!("tcp {}", tcp.socket.local_addr().ok()?)));
        let unixgram = self.unixgram.iter().map(|unix| format!("unixgram {}", unix::place(unix.socket.local_addr())));
        let unixstream =
            self.unixstream.iter().map(|unix| format!("unixstream {}", unix::place(unix.socket.local_addr())));
        udp.chain(tcp).chain(unixgram).chain(unixstream).collect()
    }
}

impl<S: AsFd> AsFd for Bound<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Sockets of a service manager.
fn kept<S>(passed: Vec<S>) -> Vec<Bound<S>> {
    passed.into_iter().map(|socket| Bound { socket, file: None, is_kept: true }).collect()
}

fn bind_all<S>(
    flag: &'static str,
    addresses: &[Address],
    passed: Vec<S>,
    bind: impl Fn(&'static str, &str) -> Result<S, BindError>,
) -> Result<Vec<Bound<S>>, BindError> {
    let mut sockets = kept(passed);
    let only_given = !sockets.is_empty();
    for address in addresses.iter().filter(|address| address.given || !only_given) {
        match bind(flag, &address.text) {
            Ok(socket) => sockets.push(Bound { socket, file: None, is_kept: false }),
            Err(e) if e.absent && !address.given => log::debug!("{e}"),
            Err(e) => return Err(e),
        }
    }
    Ok(sockets)
}

/// Asks for a larger receive buffer: past the limit where the agent is allowed to, up to it otherwise. What the kernel
/// makes of it is no error; what it drops is counted.
fn grow(socket: &impl AsFd, bytes: usize) {
    use rustix::net::sockopt;
    #[cfg(target_os = "linux")]
    if sockopt::set_socket_recv_buffer_size_force(socket, bytes).is_ok() {
        return;
    }
    if let Err(e) = sockopt::set_socket_recv_buffer_size(socket, bytes) {
        log::debug!("asking for a receive buffer of {bytes} bytes: {e}");
    }
}
