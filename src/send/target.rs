//! The socket that a line goes out by.

use cadence::{MetricSink, UnixMetricSink};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// A server that takes longer to accept a connection or a line is not there.
const TIMEOUT: Duration = Duration::from_secs(5);

/// An open socket.
#[derive(Debug)]
pub enum Target {
    /// Connected, because the kernel tells only a connected socket that nobody listens.
    Udp(UdpSocket),
    /// Lines end with a line feed.
    Tcp(TcpStream),
    /// Datagrams.
    Unix(UnixMetricSink),
}

impl Target {
    /// Opens an address; `None`: it is of no known form.
    pub fn open(address: &str) -> Option<io::Result<Self>> {
        let (scheme, rest) = address.split_once("://").filter(|(_, rest)| !rest.is_empty())?;
        match scheme {
            "udp" => Some(udp(rest).map(Self::Udp)),
            "tcp" => Some(tcp(rest).map(Self::Tcp)),
            "unix" | "unixgram" => Some(unix(rest).map(Self::Unix)),
            _ => None,
        }
    }
}

fn udp(address: &str) -> io::Result<UdpSocket> {
    first_that_opens(address, |server| {
        let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any)?;
        socket.connect(server)?;
        Ok(socket)
    })
}

fn tcp(address: &str) -> io::Result<TcpStream> {
    let stream = first_that_opens(address, |server| TcpStream::connect_timeout(&server, TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

fn unix(path: &str) -> io::Result<UnixMetricSink> {
    let socket = UnixDatagram::unbound()?;
    // A datagram socket blocks its senders while its queue is full.
    socket.set_write_timeout(Some(TIMEOUT))?;
    Ok(UnixMetricSink::from(path, socket))
}

/// Tries each address that a name stands for.
fn first_that_opens<T>(address: &str, open: impl Fn(SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for server in address.to_socket_addrs()? {
        match open(server) {
            Ok(opened) => return Ok(opened),
            Err(e) => failed = e,
        }
    }
    Err(failed)
}

impl MetricSink for Target {
    fn emit(&self, line: &str) -> io::Result<usize> {
        match self {
            Self::Udp(socket) => {
                let sent = socket.send(line.as_bytes())?;
                // On this host the answer to a closed port is here already.
                socket.take_error()?.map_or(Ok(sent), Err)
            }
            Self::Tcp(stream) => {
                let line = format!("{line}\n");
                let mut stream = stream;
                stream.write_all(line.as_bytes())?;
                Ok(line.len())
            }
            Self::Unix(sink) => sink.emit(line),
        }
    }
}
