//! The thread of one listener for streams: its connections, their lines, and a limit on both.
//!
//! A connection that sends faster than its lines are stored is read no faster: TCP makes the sender wait, and nothing is
//! lost.

use super::{Metrics, Shared};
use crate::once::Throttle;
use crate::statsd::MAX_LINE_BYTES;
use crate::stop::Stop;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
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

/// Serves the connections of a listener until told to stop, and then reads what is still there.
pub fn run(listener: &TcpListener, shared: &Shared) {
    let stop = &shared.stop;
    let mut server = Server { shared, connections: Vec::new(), buffer: vec![0; READ_BYTES] };
    let (mut resting, complaints) = (None, Throttle::default());
    while !stop.is_said() {
        let ready = server.wait(listener, stop, resting);
        resting = None;
        server.read_ready(&ready[2..]);
        if ready[0]
            && let Err(e) = server.accept(listener)
        {
            shared.metrics.tcp_errors.inc();
            complaints.warn(Instant::now(), format_args!("taking StatsD connections: {e}"));
            resting = Some(REST_AFTER_ERROR);
        }
    }
    let deadline = Instant::now() + DRAIN;
    while Instant::now() < deadline && server.read_ready(&[]) {}
}

struct Server<'a> {
    shared: &'a Shared,
    connections: Vec<Connection>,
    /// Shared by all connections: only an unfinished line outlives a read.
    buffer: Vec<u8>,
}

impl Server<'_> {
    /// Waits for something to happen: who is ready of listener, stop, and connections in their order.
    fn wait(&self, listener: &TcpListener, stop: &Stop, resting: Option<Duration>) -> Vec<bool> {
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

    fn accept(&mut self, listener: &TcpListener) -> io::Result<()> {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            // The client is gone already, or another round will find it.
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionAborted) => return Ok(()),
            Err(e) => return Err(e),
        };
        stream.set_nonblocking(true)?;
        if self.connections.len() < MAX_CONNECTIONS {
            self.shared.metrics.tcp_connections.inc();
            self.connections.push(Connection { stream, unfinished: Vec::new(), skipping: false });
        } else {
            self.shared.metrics.tcp_refused.inc();
        }
        Ok(())
    }

    /// Reads once from each connection that is ready, or from all where `ready` is empty; `false` when nothing came.
    fn read_ready(&mut self, ready: &[bool]) -> bool {
        let (mut place, mut came) = (0, false);
        let Self { shared, connections, buffer } = self;
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
                    connection.take(&buffer[..count], shared);
                    true
                }
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => true,
                Err(e) => {
                    shared.metrics.tcp_errors.inc();
                    log::debug!("reading from a StatsD connection: {e}");
                    connection.finish(shared);
                    false
                }
            }
        });
        came
    }
}

struct Connection {
    stream: TcpStream,
    /// The beginning of a line whose end has not come yet.
    unfinished: Vec<u8>,
    /// Whether the line that is coming is too long and is let by until its end.
    skipping: bool,
}

impl Connection {
    /// Takes what came: whole lines go to the pipeline as one batch, the beginning of another is kept.
    fn take(&mut self, mut bytes: &[u8], shared: &Shared) {
        let Shared { pipeline, metrics, clock, .. } = shared;
        if self.skipping || !self.unfinished.is_empty() {
            let Some(end) = memchr::memchr(b'\n', bytes) else {
                return self.keep(bytes, metrics);
            };
            if !std::mem::take(&mut self.skipping) {
                self.unfinished.extend_from_slice(&bytes[..end]);
                pipeline.ingest(clock.now(), std::iter::once(self.unfinished.as_slice()));
                self.unfinished.clear();
            }
            bytes = &bytes[end + 1..];
        }
        if let Some(end) = memchr::memrchr(b'\n', bytes) {
            pipeline.ingest(clock.now(), bytes[..end].split(|&byte| byte == b'\n'));
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes, metrics);
    }

    /// Keeps the beginning of a line, unless it is too long already.
    fn keep(&mut self, bytes: &[u8], metrics: &Metrics) {
        if self.skipping || bytes.is_empty() {
            return;
        }
        if self.unfinished.len() + bytes.len() > MAX_LINE_BYTES {
            metrics.tcp_too_long.inc();
            self.unfinished = Vec::new();
            self.skipping = true;
        } else {
            self.unfinished.extend_from_slice(bytes);
        }
    }

    /// The end of the stream ends its last line.
    fn finish(&mut self, shared: &Shared) {
        if !self.unfinished.is_empty() {
            shared.pipeline.ingest(shared.clock.now(), std::iter::once(self.unfinished.as_slice()));
        }
    }
}
