//! Where the web side listens, and the sockets of its connections, of whatever kind.

use crate::listen::passed::Listener as Passed;
use crate::listen::unix::{self, SocketFile};
use crate::listen::{self, BindError};
use rustix::net::{RecvFlags, Shutdown, recv, shutdown, sockopt};
use std::io::{self, IoSlice, Read, Write};
use std::net::{IpAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::Duration;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An address, as given.
    Tcp(String),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl Place {
    /// Reads what a flag says.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("vsock:") {
            return Err("vsock is not served; socat VSOCK-LISTEN:9100,fork UNIX-CONNECT:PATH passes it on to a unix \
                        socket, which unix:///PATH makes"
                .into());
        }
        let Some(rest) = text.strip_prefix("unix:") else {
            listen::check_addr(text)?;
            return Ok(Self::Tcp(text.to_owned()));
        };
        unix::parse_path(rest).map(Self::Unix)
    }

    /// Binds it. A file gets these permission bits.
    pub fn bind(&self, flag: &'static str, mode: u32) -> Result<Listener, BindError> {
        match self {
            Self::Tcp(address) => listen::bind_tcp(flag, address).map(Listener::Tcp),
            Self::Unix(path) => {
                let (socket, file) = unix::bind_stream(flag, path, mode)?;
                Ok(Listener::Unix(Some(file), socket))
            }
        }
    }
}

/// A bound socket that listens, non-blocking.
#[derive(Debug)]
pub enum Listener {
    /// TCP.
    Tcp(TcpListener),
    /// A unix socket, and its file where that is ours to remove. The file goes first: once the socket is closed, it may be
    /// another's.
    Unix(Option<SocketFile>, UnixListener),
}

impl Listener {
    /// Takes a connection that waits, and the address of its client, where it has one.
    pub fn accept(&self) -> io::Result<(OwnedFd, Option<IpAddr>)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                // Answers are written in large pieces; the rest of one must not wait for the client's acknowledgement. An
                // error only means that the client is gone already.
                stream.set_nodelay(true).ok();
                Ok((stream.into(), Some(peer.ip())))
            }
            Self::Unix(_, listener) => Ok((listener.accept()?.0.into(), None)),
        }
    }

    /// Whether only this host reaches it.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(listener) => listener.local_addr().is_ok_and(|address| address.ip().is_loopback()),
            Self::Unix(..) => true,
        }
    }

    /// Where it is, for people, as the flag has it.
    pub fn place(&self) -> String {
        match self {
            Self::Tcp(listener) => listener.local_addr().map_or_else(|e| e.to_string(), |at| at.to_string()),
            Self::Unix(_, listener) => format!("unix://{}", unix::place(listener.local_addr())),
        }
    }

    /// Where a path is served, for people.
    pub fn url(&self, scheme: &str, path: &str) -> String {
        match self {
            Self::Tcp(_) => format!("{scheme}://{}{path}", self.place()),
            Self::Unix(..) => format!("{} by {scheme}, under {path}", self.place()),
        }
    }
}

impl From<Passed> for Listener {
    fn from(passed: Passed) -> Self {
        match passed {
            Passed::Tcp(listener) => Self::Tcp(listener),
            Passed::Unix(listener) => Self::Unix(None, listener),
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix(_, listener) => listener.as_fd(),
        }
    }
}

/// A connected stream socket that never makes its thread wait.
#[derive(Debug)]
pub struct Socket(OwnedFd);

impl Socket {
    /// Takes a socket.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(Self(fd))
    }

    /// The first byte that has come and was not read; `None` at the end.
    pub fn peek(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let (read, _) = recv(&self.0, &mut first, RecvFlags::PEEK)?;
        Ok((read > 0).then_some(first[0]))
    }

    /// Says that nothing more will be written.
    pub fn finish(&self) -> io::Result<()> {
        Ok(shutdown(&self.0, Shutdown::Write)?)
    }

    /// Makes closing a reset: the client sees that it did not get all, and the kernel keeps nothing for it.
    pub fn reset_on_close(&self) -> io::Result<()> {
        Ok(sockopt::set_socket_linger(&self.0, Some(Duration::ZERO))?)
    }
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(&self.0, buf)?)
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(&self.0, buf)?)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(rustix::io::writev(&self.0, bufs)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_addresses_or_paths_and_what_is_neither_is_told() {
        let long = format!("unix:///{}", "x".repeat(200));
        for (text, want) in [
            ("127.0.0.1:9100", Ok(Place::Tcp("127.0.0.1:9100".into()))),
            ("unix:///run/tallyd/web.sock", Ok(Place::Unix("/run/tallyd/web.sock".into()))),
            ("unix:///a:1", Ok(Place::Unix("/a:1".into()))),
            ("unix:/run/web.sock", Err("a unix socket is unix:///PATH, the path from the root on")),
            ("unix://web.sock", Err("a unix socket is unix:///PATH, the path from the root on")),
            ("unix:", Err("a unix socket is unix:///PATH, the path from the root on")),
            ("unix:///", Err("a unix socket is unix:///PATH, the path from the root on")),
            (&long, Err("the path of a unix socket may not have so many bytes")),
            (
                "vsock://:9100",
                Err(
                    "vsock is not served; socat VSOCK-LISTEN:9100,fork UNIX-CONNECT:PATH passes it on to a unix socket, \
                     which unix:///PATH makes",
                ),
            ),
        ] {
            assert_eq!(Place::parse(text), want.map_err(str::to_owned), "text: {text:?}");
        }
    }
}
