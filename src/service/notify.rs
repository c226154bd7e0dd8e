//! Tells the service manager how the agent is: started, reading its files again, stopping, alive. Datagrams of
//! `KEY=value` lines to the unix socket in `$NOTIFY_SOCKET`; one that starts with `@` is in Linux's abstract namespace.
//! Without the variable nothing is said. Source: sd_notify(3), sd_watchdog_enabled(3).

use rustix::time::{ClockId, clock_gettime};
use std::ffi::OsStr;
use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// A manager that does not read for this long is not waited for.
const SEND_LIMIT: Duration = Duration::from_secs(5);

/// The service manager, if one listens.
#[derive(Debug, Default)]
pub struct Notify {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Notify {
    /// The manager that the environment names.
    pub fn from_env() -> Self {
        let var = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let Some(place) = var("NOTIFY_SOCKET") else { return Self::default() };
        let watchdog = watchdog(var("WATCHDOG_USEC").as_deref(), var("WATCHDOG_PID").as_deref(), std::process::id());
        match open(&place) {
            Ok(socket) => Self { socket: Some(socket), watchdog },
            Err(e) => {
                log::warn!("can't notify the service manager at {}: {e}", place.display());
                Self::default()
            }
        }
    }

    /// How often [`Notify::alive`] is due: half of what the manager waits for. `None`: it does not watch.
    pub fn interval(&self) -> Option<Duration> {
        self.watchdog.map(|limit| limit / 2)
    }

    /// All sockets serve. `status` is a line for the eyes of an administrator.
    pub fn ready(&self, status: &str) {
        self.send(&format!("READY=1\nSTATUS={status}"));
    }

    /// Files are being read again; [`Notify::reloaded`] ends it.
    pub fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// They have been read, or are as they were.
    pub fn reloaded(&self) {
        self.send("READY=1");
    }

    /// The end has begun.
    pub fn stopping(&self) {
        self.send("STOPPING=1\nSTATUS=stopping");
    }

    /// The main thread is not stuck. Says nothing to a manager that does not watch.
    pub fn alive(&self) {
        if self.watchdog.is_some() {
            self.send("WATCHDOG=1");
        }
    }

    fn send(&self, message: &str) {
        let Some((socket, manager)) = &self.socket else { return };
        if let Err(e) = socket.send_to_addr(message.as_bytes(), manager) {
            log::warn!("can't notify the service manager: {e}");
        }
    }
}

/// A socket of ours, and the manager's address.
fn open(place: &OsStr) -> io::Result<(UnixDatagram, SocketAddr)> {
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(SEND_LIMIT))?;
    Ok((socket, address(place)?))
}

/// The address that `$NOTIFY_SOCKET` stands for.
fn address(place: &OsStr) -> io::Result<SocketAddr> {
    match place.as_encoded_bytes() {
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name),
        [b'/', ..] => SocketAddr::from_pathname(place),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "neither a path nor an abstract name")),
    }
}

/// How long the manager waits for a sign of life, if it waits for one of ours.
fn watchdog(usec: Option<&OsStr>, of: Option<&OsStr>, pid: u32) -> Option<Duration> {
    let ours = of.is_none_or(|of| of.to_str() == Some(&pid.to_string()));
    let usec = usec?.to_str()?.parse().ok().filter(|usec| *usec > 0)?;
    ours.then_some(Duration::from_micros(usec))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a manager at this place hears while `say` runs.
    fn heard(manager: &UnixDatagram, place: &OsStr, say: impl Fn(&Notify)) -> Vec<String> {
        let notify = Notify { socket: Some(open(place).unwrap()), watchdog: Some(Duration::from_secs(30)) };
        say(&notify);
        manager.set_nonblocking(true).unwrap();
        let mut buffer = [0; 512];
        std::iter::from_fn(|| {
            manager.recv(&mut buffer).ok().map(|n| String::from_utf8_lossy(&buffer[..n]).into_owned())
        })
        .collect()
    }

    fn say_all(notify: &Notify) {
        notify.ready("serving");
        notify.alive();
        notify.stopping();
    }

    const ALL: [&str; 3] = ["READY=1\nSTATUS=serving", "WATCHDOG=1", "STOPPING=1\nSTATUS=stopping"];

    #[test]
    fn a_manager_at_a_path_hears_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        assert_eq!(heard(&manager, path.as_os_str(), say_all), ALL);
        let reloading = heard(&manager, path.as_os_str(), |notify| {
            notify.reloading();
            notify.reloaded();
        });
        assert_eq!(reloading[1..], ["READY=1"]);
        let micros = reloading[0].strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
        assert!(micros.parse::<u64>().unwrap() > 0, "{reloading:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_manager_in_the_abstract_namespace_hears_all() {
        let name = format!("@tallyd-test-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&address(OsStr::new(&name)).unwrap()).unwrap();
        assert_eq!(heard(&manager, OsStr::new(&name), say_all), ALL);
    }

    #[test]
    fn nobody_is_told_where_nobody_listens() {
        let notify = Notify::default();
        say_all(&notify);
        assert_eq!(notify.interval(), None);
        for place in ["relative", "", "vsock:2:1234"] {
            assert!(address(OsStr::new(place)).is_err(), "place: {place}");
        }
    }

    #[test]
    fn a_watchdog_counts_when_it_watches_us() {
        for (usec, of, want) in [
            (Some("30000000"), None, Some(30)),
            (Some("30000000"), Some("7"), Some(30)),
            (Some("30000000"), Some("8"), None),
            (Some("0"), None, None),
            (Some("soon"), None, None),
            (None, Some("7"), None),
        ] {
            let got = watchdog(usec.map(OsStr::new), of.map(OsStr::new), 7);
            assert_eq!(got, want.map(Duration::from_secs), "usec: {usec:?}, pid: {of:?}");
        }
    }
}
