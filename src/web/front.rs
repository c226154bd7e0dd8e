//! The front: the one thread that owns the listeners and every connection that nobody works on. It waits for all of them
//! in one `poll(2)`, reads heads, hands requests to the workers and keeps all deadlines. It never waits for a client.

mod entry;
mod room;
mod turns;

pub use turns::HANDED;

use super::Limits;
use super::conn::{Conn, State};
use super::crowd::Crowd;
use super::head::{self, Refusal};
use super::routes::Routes;
use super::secure::login::Gate;
use super::socket;
use super::stats::Stats;
use super::wake::Wakes;
use crate::once::Throttle;
use crossbeam_channel::{Receiver, Sender};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// After an error of accept a listener rests this long: most mean that descriptors or memory have run out, and the
/// connection that waits would wake the poll again at once.
const ACCEPT_REST: Duration = Duration::from_millis(100);
/// Connections taken from one listener before the others have their turn.
const ACCEPT_BATCH: usize = 64;
/// A client that was answered for the last time has this long to close.
const LINGER: Duration = Duration::from_secs(1);

/// What the front is made from.
pub struct Parts {
    /// The listening sockets.
    pub listeners: Vec<socket::Listener>,
    /// Wakes it from its poll.
    pub wake: Wakes,
    /// For the first worker alone, when none of them has anything to do. One scrape at a time is the rule, and what it
    /// allocates is then kept by one thread's allocator and not by all.
    pub first: Sender<Box<Conn>>,
    /// Connections for whoever is free.
    pub jobs: Sender<Box<Conn>>,
    /// Connections whose password is to be checked, by a thread of its own.
    pub checks: Sender<Box<Conn>>,
    /// Connections that come back from them.
    pub back: Receiver<Box<Conn>>,
    /// Whether to stop.
    pub stop: Arc<AtomicBool>,
    /// Takes requests in.
    pub routes: Arc<Routes>,
    /// What is counted.
    pub stats: Arc<Stats>,
    /// Limits in number and time.
    pub limits: Limits,
    /// Answers that may wait for their readers at once; `None` for any number.
    pub max_waiting: Option<usize>,
}

struct Listener {
    socket: socket::Listener,
    rests_until: Option<Instant>,
}

/// The front thread.
pub struct Front {
    parts: Parts,
    listeners: Vec<Listener>,
    /// Connections that wait. Boxed, because they move through channels that have a slot for each there can be.
    #[allow(clippy::vec_box)] // See above: slots for whole ones would cost some 100 kB.
    parked: Vec<Box<Conn>>,
    /// Who was right and who was wrong.
    gate: Gate,
    /// How many connections each client has.
    crowd: Crowd,
    /// How many scrapes in flight each client has.
    scraping: Crowd,
    /// Connections with something for the workers to do, in the order in which it came.
    #[allow(clippy::vec_box)] // As above.
    to_do: Vec<Box<Conn>>,
    /// Connections that the workers have.
    busy: usize,
    /// Connections whose passwords are being checked.
    checking: usize,
    /// When the last answers have to be over, once it is stopping.
    stops_at: Option<Instant>,
    /// Keep the log short: of errors of poll, and of accept.
    poll_errors: Throttle,
    accept_errors: Throttle,
}

impl Front {
    /// Makes the front.
    pub fn new(mut parts: Parts) -> Self {
        let listeners = parts.listeners.drain(..).map(|socket| Listener { socket, rests_until: None }).collect();
        let gate = Gate::new(parts.limits.failed_logins, Instant::now());
        let (crowd, scraping) = (Crowd::default(), Crowd::default());
        Self {
            parts,
            listeners,
            parked: Vec::new(),
            gate,
            crowd,
            scraping,
            to_do: Vec::new(),
            busy: 0,
            checking: 0,
            stops_at: None,
            poll_errors: Throttle::default(),
            accept_errors: Throttle::default(),
        }
    }

    /// Serves until it is told to stop and the answers under way are over.
    pub fn run(mut self) {
        loop {
            let ready = self.wait();
            let now = Instant::now();
            self.take_back(now);
            self.turn_ready(&ready, now);
            self.expire(now);
            self.end_crowding();
            self.go_on(now);
            self.hand_out();
            self.parts.stats.connections.set(i64::try_from(self.open()).unwrap_or(i64::MAX));
            if self.is_over(now) {
                return;
            }
        }
    }

    fn open(&self) -> usize {
        self.parked.len() + self.to_do.len() + self.busy + self.checking
    }

    /// Waits for anything to do.
    fn wait(&mut self) -> Ready {
        let now = Instant::now();
        let resting = self.listeners.iter().filter_map(|l| l.rests_until);
        // Once it is past, only workers are waited for, and they wake.
        let stops_at = self.stops_at.filter(|&at| at > now);
        let deadline = self.parked.iter().map(|c| c.deadline).chain(resting).chain(stops_at).min();
        // Longer than a timespec holds is as good as no deadline.
        let timeout = deadline.and_then(|at| Timespec::try_from(at.saturating_duration_since(now)).ok());
        let mut fds = Vec::with_capacity(1 + self.listeners.len() + self.parked.len());
        fds.push(PollFd::new(&self.parts.wake, PollFlags::IN));
        for listener in &self.listeners {
            let events = if listener.rests_until.is_none() { PollFlags::IN } else { PollFlags::empty() };
            fds.push(PollFd::new(&listener.socket, events));
        }
        for conn in &self.parked {
            fds.push(PollFd::new(&conn.stream, conn.waits_for()));
        }
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => {
                let mut revents = fds.iter().map(PollFd::revents);
                if revents.next().is_some_and(|e| !e.is_empty()) {
                    self.parts.wake.clear();
                }
                let listeners = revents.by_ref().take(self.listeners.len()).map(|e| !e.is_empty()).collect();
                Ready { listeners, parked: revents.map(|e| !e.is_empty()).collect() }
            }
            Err(Errno::INTR) => Ready::default(),
            Err(e) => {
                // Out of memory, or a descriptor limit lowered below what is open: neither is mended by asking again at once.
                self.poll_errors.warn(now, format_args!("waiting for HTTP connections failed: {e}"));
                std::thread::sleep(ACCEPT_REST);
                Ready::default()
            }
        }
    }

    /// Takes connections back from the workers.
    fn take_back(&mut self, now: Instant) {
        // Those parked now were not polled, so they go to the end, behind those that were.
        while let Ok(mut conn) = self.parts.back.try_recv() {
            match conn.state {
                State::Checking(..) => self.checking -= 1,
                _ => self.busy -= 1,
            }
            conn.since = now;
            match &conn.state {
                State::Answering(answer) => {
                    conn.deadline = answer.deadline;
                    self.parked.push(conn);
                }
                State::Opening(opening) => {
                    conn.deadline = opening.again();
                    self.parked.push(conn);
                }
                State::Idle if self.stops_at.is_none() || conn.is_new => {
                    let Limits { idle_timeout, arrival_timeout, .. } = self.parts.limits;
                    conn.deadline = now + if self.stops_at.is_none() { idle_timeout } else { arrival_timeout };
                    if let Some(conn) = self.next_head(conn, now) {
                        self.parked.push(conn);
                    }
                }
                State::Handshake if self.stops_at.is_none() || now < conn.deadline => self.parked.push(conn),
                State::Checking(..) => self.take_checked(conn, now),
                State::Lingering(_) => {
                    conn.deadline = now + LINGER;
                    self.parked.push(conn);
                }
                _ => {}
            }
        }
    }

    fn take_checked(&mut self, mut conn: Box<Conn>, now: Instant) {
        if let State::Checking(request, check, is_right) = std::mem::replace(&mut conn.state, State::Closed) {
            let conn = self.checked(conn, (request, check, is_right.unwrap_or_default()), now);
            self.parked.extend(conn);
        }
    }

    /// Gives each connection and listener that has something to say its turn.
    fn turn_ready(&mut self, ready: &Ready, now: Instant) {
        // From the end, so that taking one out moves none that is still to come: what fills its place was looked at.
        for at in (0..ready.parked.len().min(self.parked.len())).rev() {
            if !ready.parked.get(at).copied().unwrap_or_default() {
                continue;
            }
            let conn = self.parked.swap_remove(at);
            let conn = match conn.state {
                State::Answering(_) | State::Handshake => self.dispatch(conn),
                // Nothing but its end is told of it.
                State::Queued(_) => None,
                State::Opening(_) => {
                    self.abort(&conn, "client_gone");
                    None
                }
                _ => self.receive(conn, now),
            };
            self.parked.extend(conn);
        }
        for (at, &is_ready) in ready.listeners.iter().enumerate() {
            if is_ready {
                self.accept(at, now);
            }
        }
    }

    /// Reads what came. The connection, if it stays with the front.
    fn receive(&mut self, mut conn: Box<Conn>, now: Instant) -> Option<Box<Conn>> {
        let mut bytes = [0; 4096];
        let read = match conn.stream.read(&mut bytes) {
            Ok(0) => return None,
            Ok(read) => read,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => return Some(conn),
            Err(_) => return None,
        };
        if let State::Lingering(left) = &mut conn.state {
            *left = left.saturating_sub(read);
            return (*left > 0).then_some(conn);
        }
        conn.input.extend_from_slice(bytes.get(..read).unwrap_or_default());
        conn.stream.drain(&mut conn.input);
        self.next_head(conn, now)
    }

    /// Looks for the next head in what came, and hands it on when it is whole.
    fn next_head(&mut self, mut conn: Box<Conn>, now: Instant) -> Option<Box<Conn>> {
        if matches!(conn.state, State::Idle) {
            conn.input.drain(..head::blank_prefix(&conn.input));
            conn.scanned = 0;
            if conn.input.is_empty() {
                // An idle connection owns no buffer.
                conn.input = Vec::new();
                return Some(conn);
            }
            conn.enter(State::Head, now, now + self.parts.limits.head_timeout);
        }
        let most = self.parts.limits.head_bytes;
        let end = head::find_end(&conn.input, conn.scanned);
        let parsed = match end.map(|end| (end, conn.input.get(..end))) {
            Some((end, Some(bytes))) if end <= most => head::parse(bytes),
            None if !head::may_begin(&conn.input) => Err(Refusal::BadHead("it begins with no method")),
            None if conn.input.len() <= most => {
                conn.scanned = conn.input.len();
                return Some(conn);
            }
            _ => Err(Refusal::HeadTooLarge(most)),
        };
        conn.input.drain(..end.unwrap_or_default());
        match parsed {
            Ok(request) => self.judge(conn, request, now),
            Err(refusal) => self.refuse(conn, refusal, now),
        }
    }

    fn accept(&mut self, at: usize, now: Instant) {
        for _ in 0..ACCEPT_BATCH {
            let Some(listener) = self.listeners.get_mut(at) else { return };
            match listener.socket.accept() {
                Ok((socket, peer)) => self.welcome(socket, peer, now),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // The client's own doing, and the next in line may be well.
                Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => self.parts.stats.accept_errors.inc(),
                Err(e) => return self.accept_failed(at, &e, now),
            }
        }
    }

    fn accept_failed(&mut self, at: usize, error: &io::Error, now: Instant) {
        self.parts.stats.accept_errors.inc();
        self.accept_errors.warn(now, format_args!("an HTTP connection could not be accepted: {error}"));
        // An idle connection gives its descriptor to the one that waits, which is tried again at once.
        let lacks_descriptor = matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE));
        if lacks_descriptor && self.evict_idle(None) {
            return;
        }
        if let Some(listener) = self.listeners.get_mut(at) {
            listener.rests_until = Some(now + ACCEPT_REST);
        }
    }
}

/// What a poll found.
#[derive(Default)]
struct Ready {
    listeners: Vec<bool>,
    parked: Vec<bool>,
}
