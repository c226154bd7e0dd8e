//! The thread of one listener for streams: its connections, their lines, and a limit on both.
//!
//! A connection that sends faster than its lines are stored is read no faster: the kernel makes the sender wait, and nothing is
//! lost.

use super::connection::{Connection, Framing, Lengths};
use super::metrics::StreamCounters;
use super::{AllowList, Shared};
use crate::descriptors;
use crate::once::Throttle;
use crate::stop::Stop;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt;
use std::io::{self, Read};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

/// How many connections a listener keeps, for how long, and how much of each. What is over it is closed and counted.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// Connections at a time.
    pub connections: usize,
    /// Connections of one address at a time.
    pub per_address: usize,
    /// How long one may say nothing; `None`: for ever.
    pub idle: Option<Duration>,
    /// How much of one is kept.
    pub lengths: Lengths,
}

/// Why a connection is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are too many.
    ConnectionLimit,
    /// Its descriptor is of those that are kept back for others.
    DescriptorLimit,
    /// There are too many of its address.
    AddressLimit,
    /// Its client may not send.
    NotAllowed,
}

/// Bytes read at once from a connection, the others waiting for their turn.
const READ_BYTES: usize = 64 << 10;

/// How long a listener is left alone that could not take a connection: descriptors may have run out, and asking again
/// at once would only spin.
const REST_AFTER_ERROR: Duration = Duration::from_millis(100);

/// How long a stop may take to read what has come before it.
const DRAIN: Duration = Duration::from_millis(500);

/// A listener for streams.
pub trait Listener: AsFd {
    /// One of its connections.
    type Stream: Read + AsFd;

    /// How its connections separate what they send.
    const FRAMING: Framing;

    /// Takes a connection that waits, without waiting itself, and the address of its client, where it has one; reading
    /// from it doesn't wait either.
    fn take(&self) -> io::Result<(Self::Stream, Option<IpAddr>)>;
}

impl Listener for TcpListener {
    type Stream = TcpStream;
    const FRAMING: Framing = Framing::Lines;

    fn take(&self) -> io::Result<(TcpStream, Option<IpAddr>)> {
        let (stream, client) = self.accept()?;
        stream.set_nonblocking(true)?;
        // The kernel asks a client that says nothing whether it is still there: one that has gone without a word would
        // stay until it is idle for too long.
        sockopt::set_socket_keepalive(&stream, true)?;
        Ok((stream, Some(client.ip().to_canonical())))
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;
    const FRAMING: Framing = Framing::Unknown;

    fn take(&self) -> io::Result<(UnixStream, Option<IpAddr>)> {
        let (stream, _) = self.accept()?;
        stream.set_nonblocking(true).map(|()| (stream, None))
    }
}

/// Serves the connections of a listener until told to stop, and then reads what is still there.
pub fn run<L: Listener>(listener: &L, shared: &Shared, counters: &StreamCounters) {
    let stop = &shared.stop;
    let mut server = Server::<L> { shared, counters, clients: Vec::new(), buffer: vec![0; READ_BYTES] };
    let (mut resting, complaints) = (None, Throttle::default());
    while !stop.is_said() {
        let ready = server.wait(listener, stop, resting);
        resting = None;
        server.read_ready(&ready[2..]);
        if ready[0]
            && let Err(e) = server.accept(listener)
        {
            counters.errors.inc();
            complaints.warn(Instant::now(), format_args!("taking StatsD connections: {e}"));
            resting = Some(REST_AFTER_ERROR);
        }
        server.end_idle(Instant::now());
    }
    let deadline = Instant::now() + DRAIN;
    while Instant::now() < deadline && server.read_ready(&[]) {}
    let cut = server.clients.iter().filter(|client| client.connection.cut(counters)).count();
    if cut > 0 {
        log::warn!(
            "StatsD lines or frames of {cut} connections were not taken: their end has not come before the stop"
        );
    }
}

/// A connection and who it is with.
struct Client<S> {
    connection: Connection<S>,
    address: Option<IpAddr>,
    /// When something came last.
    heard: Instant,
}

struct Server<'a, L: Listener> {
    shared: &'a Shared,
    counters: &'a StreamCounters,
    clients: Vec<Client<L::Stream>>,
    /// Shared by all connections: only an unfinished line outlives a read.
    buffer: Vec<u8>,
}

impl<L: Listener> Server<'_, L> {
    /// Waits for something to happen: who is ready of listener, stop, and connections in their order.
    fn wait(&self, listener: &L, stop: &Stop, resting: Option<Duration>) -> Vec<bool> {
        let of_listener = if resting.is_some() { PollFlags::empty() } else { PollFlags::IN };
        let mut fds = vec![PollFd::new(listener, of_listener), PollFd::new(stop, PollFlags::IN)];
        fds.extend(self.clients.iter().map(|client| PollFd::new(&client.connection.stream, PollFlags::IN)));
        let timeout = [resting, self.until_idle()].into_iter().flatten().min();
        let timeout = timeout.and_then(|time| Timespec::try_from(time).ok());
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => fds.iter().map(|fd| !fd.revents().is_empty()).collect(),
            // Interrupted: nobody is ready, look again.
            Err(_) => vec![false; fds.len()],
        }
    }

    /// How long it is until the first connection has said nothing for too long.
    fn until_idle(&self) -> Option<Duration> {
        let first = self.clients.iter().map(|client| client.heard).min()?;
        Some(self.shared.streams.idle?.saturating_sub(first.elapsed()))
    }

    /// Ends the connections that have said nothing for too long.
    fn end_idle(&mut self, now: Instant) {
        let Some(limit) = self.shared.streams.idle else { return };
        let Self { shared, counters, clients, .. } = self;
        let shared: &Shared = shared;
        clients.retain(|client| {
            let stays = now.saturating_duration_since(client.heard) < limit;
            if !stays {
                counters.idle.inc();
                client.connection.finish(shared, counters);
            }
            stays
        });
    }

    fn accept(&mut self, listener: &L) -> io::Result<()> {
        let (stream, address) = match listener.take() {
            Ok(taken) => taken,
            // The client is gone already, or another round will find it.
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionAborted) => return Ok(()),
            Err(e) => return Err(e),
        };
        let clients = self.clients.iter().map(|client| client.address);
        let refusal = refusal(&self.shared.streams, &self.shared.allow, address, clients)
            .or_else(|| descriptors::is_kept_back(&stream).then_some(Refusal::DescriptorLimit));
        match refusal {
            None => {
                self.counters.connections.inc();
                let connection = Connection::new(stream, L::FRAMING, self.shared.streams.lengths);
                self.clients.push(Client { connection, address, heard: Instant::now() });
            }
            Some(why) => {
                log::debug!("closed a StatsD connection of {address:?} at once: {why:?}");
                if let Some(counter) = self.counters.refused.get(why as usize) {
                    counter.inc();
                }
            }
        }
        Ok(())
    }

    /// Reads once from each connection that is ready, or from all where `ready` is empty; `false` when nothing came.
    fn read_ready(&mut self, ready: &[bool]) -> bool {
        let (mut place, mut came) = (0, false);
        let Self { shared, counters, clients, buffer } = self;
        let shared: &Shared = shared;
        clients.retain_mut(|Client { connection, heard, .. }| {
            let ready = ready.is_empty() || ready.get(place).copied().unwrap_or_default();
            place += 1;
            if !ready {
                return true;
            }
            match connection.stream.read(buffer) {
                Ok(0) => {
                    connection.finish(shared, counters);
                    false
                }
                Ok(count) => {
                    came = true;
                    *heard = Instant::now();
                    connection.take(&buffer[..count], shared, counters).is_ok()
                }
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => true,
                Err(e) => {
                    counters.errors.inc();
                    log::debug!("reading from a StatsD connection: {e}");
                    connection.finish(shared, counters);
                    false
                }
            }
        });
        came
    }
}

/// Why a client is not taken besides those that are there, if there is a reason.
fn refusal(
    limits: &StreamLimits,
    allow: &AllowList,
    address: Option<IpAddr>,
    clients: impl ExactSizeIterator<Item = Option<IpAddr>>,
) -> Option<Refusal> {
    if address.is_some_and(|address| !allow.allows(address)) {
        return Some(Refusal::NotAllowed);
    }
    if clients.len() >= limits.connections {
        return Some(Refusal::ConnectionLimit);
    }
    let same = address.map_or(0, |address| clients.filter(|other| *other == Some(address)).count());
    (same >= limits.per_address).then_some(Refusal::AddressLimit)
}
