//! Addresses to listen on: what a flag says, and the bound sockets that come of it.
//!
//! `host:port`, `1.2.3.4:port`, `[v6]:port`, or `:port` for all interfaces. Addresses are bound before anything else
//! starts, so that a port in use is an error of the start and never of a thread. Sockets in the file system are in [`unix`],
//! those that a service manager has bound in [`passed`].

pub mod passed;
mod sys;
pub mod unix;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{AddressFamily, SocketType, bind, listen, socket, sockopt};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs, UdpSocket};
use std::os::fd::OwnedFd;

/// Connections that wait for `accept`; the kernel cuts it to its own limit (`net.core.somaxconn`).
const BACKLOG: i32 = 1024;

/// An address that can't be listened on: one sentence that names the flag.
#[derive(Debug)]
pub struct BindError {
    /// Name of the flag, without the dashes.
    pub flag: &'static str,
    /// The address as given.
    pub address: String,
    /// What is wrong with it: a clause without a full stop.
    pub why: String,
    /// Whether the host has no such address, or no such family of addresses, rather than none that is free.
    pub absent: bool,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "can't listen on {} (--{}): {}", self.address, self.flag, self.why)
    }
}

impl std::error::Error for BindError {}

/// Says what is wrong with an address as it is written. Where a name leads is another question: one that has no answer
/// today may have one tomorrow.
pub fn check_addr(text: &str) -> Result<(), String> {
    split(text).map(drop)
}

/// Host, which is empty for all interfaces, and port.
fn split(text: &str) -> Result<(&str, u16), String> {
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err("an address needs a port, such as 127.0.0.1:9100 or :9100".into());
    };
    let port: u16 = port.parse().map_err(|_| format!("{port:?} is no port: a number from 0 to 65535"))?;
    if host.starts_with('[') && host.ends_with(']') {
        return match text.parse::<SocketAddr>() {
            Ok(_) => Ok((host, port)),
            Err(_) => Err(format!("{host:?} is no IPv6 address")),
        };
    }
    if host.contains(':') {
        return Err(format!("an IPv6 address stands in brackets: [{host}]:{port}"));
    }
    if let Some(other) = host.chars().find(|&c| !(c.is_ascii_alphanumeric() || "-._".contains(c))) {
        return Err(format!("a name of a host has no {other:?}"));
    }
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    if !host.is_empty() && host.chars().all(is_number) && host.parse::<Ipv4Addr>().is_err() {
        return Err(format!("{host:?} is no IPv4 address"));
    }
    Ok((host, port))
}

/// Finds what an address stands for. Where that is several, they are in the order in which to try them: IPv6 that
/// takes IPv4 as well for all interfaces, IPv4 first for a name, as Go has both.
pub fn resolve(text: &str) -> Result<Vec<SocketAddr>, String> {
    let (host, port) = split(text)?;
    if host.is_empty() {
        return Ok(vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()]);
    }
    let resolved = text.to_socket_addrs().map_err(|e| reason(&e))?;
    let (mut addresses, six): (Vec<SocketAddr>, Vec<SocketAddr>) = resolved.partition(SocketAddr::is_ipv4);
    addresses.extend(six);
    addresses.dedup();
    match addresses.is_empty() {
        true => Err(format!("{host:?} has no address")),
        false => Ok(addresses),
    }
}

/// Binds a TCP socket that listens, non-blocking, on the address that a flag gives.
pub fn bind_tcp(flag: &'static str, address: &str) -> Result<TcpListener, BindError> {
    let bound = bind_first(flag, address, SocketType::STREAM)?;
    listen(&bound, BACKLOG).map_err(|e| wrong(flag, address, reason(&e.into())))?;
    let listener = TcpListener::from(bound);
    listener.set_nonblocking(true).map_err(|e| wrong(flag, address, reason(&e)))?;
    Ok(listener)
}

/// Binds a UDP socket on the address that a flag gives.
pub fn bind_udp(flag: &'static str, address: &str) -> Result<UdpSocket, BindError> {
    bind_first(flag, address, SocketType::DGRAM).map(UdpSocket::from)
}

fn bind_first(flag: &'static str, address: &str, kind: SocketType) -> Result<OwnedFd, BindError> {
    let candidates = resolve(address).map_err(|why| wrong(flag, address, why))?;
    let mut error = wrong(flag, address, "it has no address".into());
    for candidate in candidates {
        match bind_one(candidate, kind) {
            Ok(bound) => return Ok(bound),
            Err(e) => {
                error.absent = matches!(e, rustix::io::Errno::AFNOSUPPORT | rustix::io::Errno::ADDRNOTAVAIL);
                error.why = reason(&e.into());
            }
        }
        // Another address is a way out only where this one does not exist here, as IPv6 on a host without it.
        if !error.absent {
            break;
        }
    }
    Err(error)
}

fn bind_one(address: SocketAddr, kind: SocketType) -> rustix::io::Result<OwnedFd> {
    let family = if address.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    let fd = socket(family, kind, None)?;
    // SOCK_CLOEXEC would do this at once, but not every system has it, and no program is started by another thread.
    fcntl_setfd(&fd, FdFlags::CLOEXEC)?;
    if kind == SocketType::STREAM {
        // Or a restart would have to wait for the connections of the last run to leave TIME_WAIT.
        sockopt::set_socket_reuseaddr(&fd, true)?;
    }
    if address == SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port())) {
        // Some systems default to IPv6 alone.
        sockopt::set_ipv6_v6only(&fd, false)?;
    }
    bind(&fd, &address)?;
    Ok(fd)
}

fn wrong(flag: &'static str, address: &str, why: String) -> BindError {
    BindError { flag, address: address.to_owned(), why, absent: false }
}

/// The system's reason as a clause: `address already in use`.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_go_spells_them() {
        for (text, want) in [
            ("127.0.0.1:9100", vec!["127.0.0.1:9100"]),
            ("[::1]:0", vec!["[::1]:0"]),
            (":9100", vec!["[::]:9100", "0.0.0.0:9100"]),
            ("0.0.0.0:65535", vec!["0.0.0.0:65535"]),
        ] {
            let got: Vec<String> = resolve(text).unwrap().iter().map(SocketAddr::to_string).collect();
            assert_eq!(got, want, "text: {text:?}");
        }
        for (text, why) in [
            ("", "an address needs a port, such as 127.0.0.1:9100 or :9100"),
            ("localhost", "an address needs a port, such as 127.0.0.1:9100 or :9100"),
            (":http", "\"http\" is no port: a number from 0 to 65535"),
            ("127.0.0.1:65536", "\"65536\" is no port: a number from 0 to 65535"),
            ("::1:9100", "an IPv6 address stands in brackets: [::1]:9100"),
            ("[::g]:9100", "\"[::g]\" is no IPv6 address"),
            ("1.2.3.256:9100", "\"1.2.3.256\" is no IPv4 address"),
            ("a host:9100", "a name of a host has no ' '"),
        ] {
            assert_eq!(check_addr(text), Err(why.into()), "text: {text:?}");
            assert_eq!(resolve(text), Err(why.into()), "text: {text:?}");
        }
        for text in ["host.invalid:9100", "metrics_1:0", "1.example:9100"] {
            assert_eq!(check_addr(text), Ok(()), "text: {text:?}");
        }
    }

    #[test]
    fn a_name_is_resolved() {
        let got = resolve("localhost:9100").unwrap();
        assert!(got.iter().all(|a| a.ip().is_loopback() && a.port() == 9100), "{got:?}");
    }

    #[test]
    fn an_address_in_use_is_one_sentence() {
        let first = bind_tcp("web.listen-address", "127.0.0.1:0").unwrap();
        let address = first.local_addr().unwrap().to_string();
        let error = bind_tcp("web.listen-address", &address).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("can't listen on {address} (--web.listen-address): address already in use")
        );
        let first = bind_udp("statsd.listen-udp", "127.0.0.1:0").unwrap();
        let address = first.local_addr().unwrap().to_string();
        let error = bind_udp("statsd.listen-udp", &address).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("can't listen on {address} (--statsd.listen-udp): address already in use")
        );
    }

    #[test]
    fn all_interfaces_take_ipv4() {
        let listener = bind_tcp("web.listen-address", ":0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    }
}
