//! The thread of one listener for streams: its connections, their lines, and a limit on both.
//!
//! A connection that sends faster than its lines are stored is read no faster: the kernel makes the sender wait, and nothing is
//! lost.

use super::Shared;
use super::connection::{Connection, Framing};
use super::metrics::StreamCounters;
use crate::once::Throttle;
use crate::stop::Stop;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

/// Connections at a time; one more is closed at once, and counted.
pub const MAX_CONNECTIONS: usize = 1000;

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

    /// Takes a connection that waits, without waiting itself; reading from it doesn't wait either.
    fn take(&self) -> io::Result<Self::Stream>;
}

impl Listener for TcpListener {
    type Stream = TcpStream;
    const FRAMING: Framing = Framing::Lines;

    fn take(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.accept()?;
        stream.set_nonblocking(true).map(|()| stream)
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;
    const FRAMING: Framing = Framing::Unknown;

    fn take(&self) -> io::Result<UnixStream> {
        let (stream, _) = self.accept()?;
        stream.set_nonblocking(true).map(|()| stream)
    }
}

/// Serves the connections of a listener until told to stop, and then reads what is still there.
pub fn run<L: Listener>(listener: &L, shared: &Shared, counters: &StreamCounters) {
    let stop = &shared.stop;
    let mut server = Server::<L> { shared, counters, connections: Vec::new(), buffer: vec![0; READ_BYTES] };
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
    }
    let deadline = Instant::now() + DRAIN;
    while Instant::now() < deadline && server.read_ready(&[]) {}
}

struct Server<'a, L: Listener> {
    shared: &'a Shared,
    counters: &'a StreamCounters,
    connections: Vec<Connection<L::Stream>>,
    /// Shared by all connections: only an unfinished line outlives a read.
    buffer: Vec<u8>,
}

impl<L: Listener> Server<'_, L> {
    /// Waits for something to happen: who is ready of listener, stop, and connections in their order.
    fn wait(&self, listener: &L, stop: &Stop, resting: Option<Duration>) -> Vec<bool> {
        let of_listener = if resting.is_some() { PollFlags::empty() } else { PollFlags::IN };
        let mut fds = vec![PollFd::new(listener, of_listener), PollFd::new(stop, PollFlags::IN)];
        fds.extend(self.connections.iter().map(|connection| PollFd::new(&connection.stream, PollFlags::IN)));
        let timeout = resting.and_then(|rest| Timespec::try_from(rest).ok());
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => fds.iter().map(|fd| !fd.revents().is_empty()).collect(),
            // Interrupted: nobody is ready, look again.
            Err(_) => vec![false; fds.len()],
        }
    }

    fn accept(&mut self, listener: &L) -> io::Result<()> {
        let stream = match listener.take() {
            Ok(stream) => stream,
            // The client is gone already, or another round will find it.
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionAborted) => return Ok(()),
            Err(e) => return Err(e),
        };
        if self.connections.len() < MAX_CONNECTIONS {
            self.counters.connections.inc();
            self.connections.push(Connection::new(stream, L::FRAMING));
        } else {
            self.counters.refused.inc();
        }
        Ok(())
    }

    /// Reads once from each connection that is ready, or from all where `ready` is empty; `false` when nothing came.
    fn read_ready(&mut self, ready: &[bool]) -> bool {
        let (mut place, mut came) = (0, false);
        let Self { shared, counters, connections, buffer } = self;
        connections.retain_mut(|connection| {
            let ready = ready.is_empty() || ready.get(place).copied().unwrap_or_default();
            place += 1;
            if !ready {
                return true;
            }
            match connection.stream.read(buffer) {
                Ok(0) => {
                    connection.finish(shared);
                    false
                }
                Ok(count) => {
                    came = true;
                    connection.take(&buffer[..count], shared, counters).is_ok()
                }
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => true,
                Err(e) => {
                    counters.errors.inc();
                    log::debug!("reading from a StatsD connection: {e}");
                    connection.finish(shared);
                    false
                }
            }
        });
        came
    }
}
