//! The sockets of the StatsD side: made before anything is served, and taken away at the end.

use crate::listen::unix::{self, SocketFile};
use crate::listen::{self, BindError};
use crate::statsd::settings::{Address, Settings};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;

/// Bound sockets.
pub struct Sockets {
    pub(super) udp: Vec<UdpSocket>,
    pub(super) tcp: Vec<TcpListener>,
    pub(super) unixgram: Option<(UnixDatagram, SocketFile)>,
    pub(super) unixstream: Option<(UnixListener, SocketFile)>,
}

impl Sockets {
    /// Binds all sockets of the settings.
    pub fn bind(settings: &Settings) -> Result<Self, BindError> {
        let udp = bind_all("statsd.listen-udp", &settings.udp, listen::bind_udp)?;
        for socket in &udp {
            grow(socket, settings.read_buffer);
        }
        let tcp = bind_all("statsd.listen-tcp", &settings.tcp, listen::bind_tcp)?;
        let unixgram = settings.unixgram.as_deref().map(|path| bind_unixgram(path, settings)).transpose()?;
        let unixstream = settings.unixstream.as_deref().map(|path| bind_unixstream(path, settings)).transpose()?;
        Ok(Self { udp, tcp, unixgram, unixstream })
    }

    /// Whether only this host reaches those that have an address, if there are any.
    pub fn are_local(&self) -> bool {
        let udp = self.udp.iter().map(UdpSocket::local_addr);
        let mut all = udp.chain(self.tcp.iter().map(TcpListener::local_addr)).flatten().peekable();
        all.peek().is_some() && all.all(|address| address.ip().is_loopback())
    }

    /// Where they listen, for people.
    pub fn describe(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.udp.iter().filter_map(|s| Some(format!("udp {}", s.local_addr().ok()?))).collect();
        all.extend(self.tcp.iter().filter_map(|s| Some(format!("tcp {}", s.local_addr().ok()?))));
        all.extend(self.unixgram.iter().map(|(_, file)| format!("unixgram {}", file.path().display())));
        all.extend(self.unixstream.iter().map(|(_, file)| format!("unixstream {}", file.path().display())));
        all
    }
}

fn bind_all<S>(
    flag: &'static str,
    addresses: &[Address],
    bind: impl Fn(&'static str, &str) -> Result<S, BindError>,
) -> Result<Vec<S>, BindError> {
    let mut sockets = Vec::new();
    for address in addresses {
        match bind(flag, &address.text) {
            Ok(socket) => sockets.push(socket),
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

fn bind_unixgram(path: &Path, settings: &Settings) -> Result<(UnixDatagram, SocketFile), BindError> {
    let (socket, file) = unix::bind_datagram("statsd.listen-unixgram", path, settings.unix_mode)?;
    grow(&socket, settings.read_buffer);
    Ok((socket, file))
}

fn bind_unixstream(path: &Path, settings: &Settings) -> Result<(UnixListener, SocketFile), BindError> {
    unix::bind_stream("statsd.listen-unixstream", path, settings.unix_mode)
}
