//! A connection and where it is in its life.

use super::answer::{Answer, Opening};
use super::crowd::Member;
use super::head::Request;
use super::routes::Ticket;
use super::secure::login::Check;
#[cfg(feature = "tls")]
use super::secure::session::Session;
use super::socket::Socket;
use rustix::event::PollFlags;
#[cfg(feature = "tls")]
use rustls::ServerConfig;
use std::io::{self, IoSlice, Read, Write};
use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::time::Instant;

/// What a connection runs over.
#[derive(Debug)]
pub enum Stream {
    /// The socket itself.
    Plain(Socket),
    /// TLS over it.
    #[cfg(feature = "tls")]
    Tls(Box<Session>),
}

impl Stream {
    /// A socket on which TLS is to be agreed on.
    #[cfg(feature = "tls")]
    pub fn tls(socket: Socket, config: &Arc<ServerConfig>) -> io::Result<Self> {
        Ok(Self::Tls(Box::new(Session::new(socket, Arc::clone(config))?)))
    }

    fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            #[cfg(feature = "tls")]
            Self::Tls(session) => &session.socket,
        }
    }

    /// Whether bytes have come that were not read.
    pub fn has_unread(&self) -> bool {
        self.socket().peek().is_ok_and(|first| first.is_some())
    }

    /// Says that nothing more will be written.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.finish(),
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.finish(),
        }
    }

    /// Goes on with what comes before the first request. Whether it is over, or the reason why it failed.
    pub fn handshake(&mut self) -> Result<bool, &'static str> {
        match self {
            Self::Plain(_) => Ok(true),
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.handshake().map_err(|failure| failure.reason()),
        }
    }

    /// Whether something has to be sent before anything else can be.
    pub fn wants_write(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.wants_write(),
        }
    }

    /// Takes what was read from the socket already.
    pub fn drain(&mut self, into: &mut Vec<u8>) {
        match self {
            Self::Plain(_) => _ = into,
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.drain(into),
        }
    }

    /// Makes closing a reset: the client sees that it did not get all, and the kernel keeps nothing for it.
    pub fn reset_on_close(&self) -> io::Result<()> {
        self.socket().reset_on_close()
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buf),
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.read(buf),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(buf),
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.write(buf),
        }
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write_vectored(bufs),
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.write_vectored(bufs),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            #[cfg(feature = "tls")]
            Self::Tls(session) => session.flush(),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket().as_fd()
    }
}

/// Where a connection is.
pub enum State {
    /// TLS is being agreed on.
    Handshake,
    /// Between two requests.
    Idle,
    /// A part of a head is there.
    Head,
    /// A request whose password is checked, and whether it is right, once that is known.
    Checking(Request, Box<Check>, Option<bool>),
    /// A scrape that waits for another to end, since there are as many as may be.
    Queued(Request),
    /// A request that waits for its answer.
    Asked(Request, Option<Ticket>),
    /// An answer whose body is not ready.
    Opening(Box<Opening>),
    /// An answer is under way.
    Answering(Box<Answer>),
    /// The last answer was sent. What still comes is thrown away, up to so many bytes: closing on unread bytes would
    /// reset the connection, and the client might never see the answer.
    Lingering(usize),
    /// Over.
    Closed,
}

/// One connection. Belongs to the front, or to the worker that it was handed to.
pub struct Conn {
    /// What it runs over.
    pub stream: Stream,
    /// Whom it is from, where that has an address.
    pub peer: Option<IpAddr>,
    /// Counts it among those of the same client.
    pub member: Option<Member>,
    /// Bytes that came and weren't used yet.
    pub input: Vec<u8>,
    /// So many of them were searched for the end of a head.
    pub scanned: usize,
    /// Where it is.
    pub state: State,
    /// Whether no request came on it yet.
    pub is_new: bool,
    /// Since when it is there.
    pub since: Instant,
    /// When it has to leave.
    pub deadline: Instant,
}

impl Conn {
    /// A new connection, on which nothing came yet.
    pub fn new(stream: Stream, peer: Option<IpAddr>, now: Instant, deadline: Instant) -> Self {
        let (state, input) = (State::Idle, Vec::new());
        Self { stream, peer, member: None, input, scanned: 0, state, is_new: true, since: now, deadline }
    }

    /// Goes on to another state.
    pub fn enter(&mut self, state: State, now: Instant, deadline: Instant) {
        self.state = state;
        self.since = now;
        self.deadline = deadline;
    }

    /// Whether it is being agreed on.
    pub fn is_handshaking(&self) -> bool {
        matches!(self.state, State::Handshake)
    }

    /// What its socket is to tell of. That the client has gone, it always tells.
    pub fn waits_for(&self) -> PollFlags {
        match self.state {
            State::Queued(_) | State::Opening(_) => PollFlags::empty(),
            State::Answering(_) => PollFlags::OUT,
            _ if self.stream.wants_write() => PollFlags::OUT,
            _ => PollFlags::IN,
        }
    }

    /// Whether nothing is under way on it, as far as it was read.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle | State::Lingering(_))
    }

    /// Whether an answer is under way on it.
    pub fn is_answering(&self) -> bool {
        matches!(self.state, State::Answering(_))
    }

    /// Whether it waits for another scrape to end.
    pub fn is_queued(&self) -> bool {
        matches!(self.state, State::Queued(_))
    }

    /// Whether its body is to be looked at again, rather than its time over.
    pub fn is_to_go_on(&self, now: Instant) -> bool {
        matches!(&self.state, State::Opening(opening) if now < opening.deadline)
    }

    /// Whether it has a request that is to be answered before the agent stops.
    pub fn is_owed(&self) -> bool {
        matches!(self.state, State::Answering(_) | State::Opening(_) | State::Queued(_))
    }

    /// Whether its first request is still to arrive.
    pub fn is_arriving(&self) -> bool {
        self.is_new && matches!(self.state, State::Idle | State::Head | State::Handshake)
    }

    /// Whether a request has begun to arrive that nobody has read from.
    pub fn has_request_unread(&self) -> bool {
        matches!(self.state, State::Idle) && self.stream.has_unread()
    }
}
