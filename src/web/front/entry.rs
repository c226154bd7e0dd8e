//! Coming in: connections as they are accepted, and requests as they show who they are from.

use super::{Front, LINGER};
use crate::web::MAX_HANDSHAKES;
use crate::web::conn::{Conn, State, Stream};
use crate::web::crowd;
use crate::web::head::{Refusal, Request};
use crate::web::print;
use crate::web::routes::Admitted;
use crate::web::secure::login::{Check, Verdict};
use crate::web::socket::Socket;
use crate::web::worker::MAX_LINGER_BYTES;
use crossbeam_channel::TrySendError;
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::time::Instant;

impl Front {
    /// Takes a connection that was accepted.
    pub(super) fn welcome(&mut self, socket: OwnedFd, peer: Option<IpAddr>, now: Instant) {
        self.parts.stats.connections_total.inc();
        // One that failed already is closed by being dropped.
        let Ok(socket) = Socket::new(socket) else { return };
        let limits = self.parts.limits;
        let source = crowd::source(peer);
        // Its own first: nobody else gives way to a client that has its share.
        if source.is_some() && self.crowd.count(source) >= limits.per_address && !self.evict_idle(source) {
            return self.turn_away(socket, Refusal::TooManyOfAddress);
        }
        if self.open() >= limits.connections && !self.evict_idle(None) {
            return self.turn_away(socket, Refusal::TooManyConnections);
        }
        let Ok((stream, state)) = self.begin(socket) else { return };
        let is_handshake = matches!(state, State::Handshake);
        let mut conn = Conn::new(stream, peer, now, now + limits.idle_timeout);
        conn.member = source.map(|_| self.crowd.enter(source));
        if is_handshake {
            conn.enter(state, now, now + limits.head_timeout);
            self.end_oldest_handshake();
        }
        self.parked.push(Box::new(conn));
    }

    #[cfg(feature = "tls")]
    fn begin(&self, socket: Socket) -> io::Result<(Stream, State)> {
        match &self.parts.routes.rules().tls {
            Some(config) => Ok((Stream::tls(socket, config)?, State::Handshake)),
            None => Ok((Stream::Plain(socket), State::Idle)),
        }
    }

    #[cfg(not(feature = "tls"))]
    fn begin(&self, socket: Socket) -> io::Result<(Stream, State)> {
        Ok((Stream::Plain(socket), State::Idle))
    }

    /// Closes a connection for which there is no room. With TLS there are no words for it yet.
    fn turn_away(&self, mut socket: Socket, refusal: Refusal) {
        self.parts.stats.connections_refused.with_label_values(&[refusal.reason()]).inc();
        let rules = self.parts.routes.rules();
        if !rules.has_tls() {
            // Said once and not waited for: it may not even have asked yet.
            socket.write_all(&print::refusal(refusal, &rules.headers).unwrap_or_default()).ok();
            socket.finish().ok();
        }
    }

    /// Makes room for one more handshake, when there are as many as may be.
    fn end_oldest_handshake(&mut self) {
        let handshakes = self.parked.iter().enumerate().filter(|(_, conn)| conn.is_handshaking());
        if handshakes.clone().count() < MAX_HANDSHAKES {
            return;
        }
        // The deadline does not move while it goes on, so it tells the oldest.
        let Some(at) = handshakes.min_by_key(|(_, conn)| conn.deadline).map(|(at, _)| at) else { return };
        self.parked.swap_remove(at);
        self.handshake_failed("crowded_out");
    }

    /// Counts a handshake that the front has ended.
    pub(super) fn handshake_failed(&self, reason: &str) {
        self.parts.stats.handshakes_failed.with_label_values(&[reason]).inc();
    }

    /// Looks who a request is from, and goes on with it if it may pass.
    pub(super) fn judge(&mut self, mut conn: Box<Conn>, request: Request, now: Instant) -> Option<Box<Conn>> {
        conn.is_new = false;
        let rules = self.parts.routes.rules();
        match self.gate.judge(&rules.users, &request, conn.peer, now) {
            Verdict::Pass => self.admit(conn, request, now),
            Verdict::Refused(refusal) => self.refuse(conn, refusal, now),
            Verdict::Ask(check) => {
                conn.state = State::Checking(request, check, None);
                match self.parts.checks.try_send(conn) {
                    Ok(()) => {
                        self.checking += 1;
                        None
                    }
                    Err(TrySendError::Full(conn) | TrySendError::Disconnected(conn)) => {
                        self.gate.forgive(conn.peer);
                        self.refuse(conn, Refusal::TooManyLogins, now)
                    }
                }
            }
        }
    }

    /// Goes on with a request whose password was checked.
    pub(super) fn checked(
        &mut self,
        conn: Box<Conn>,
        (request, check, is_right): (Request, Box<Check>, bool),
        now: Instant,
    ) -> Option<Box<Conn>> {
        if !is_right {
            return self.refuse(conn, Refusal::Unauthorized, now);
        }
        self.gate.was_right(*check, conn.peer);
        self.admit(conn, request, now)
    }

    /// Hands a request to the workers, unless it is one that is not served, or has to wait.
    fn admit(&mut self, conn: Box<Conn>, request: Request, now: Instant) -> Option<Box<Conn>> {
        let others_wait = self.parked.iter().any(|conn| conn.is_queued());
        self.admit_behind(others_wait, conn, request, now)
    }

    fn admit_behind(
        &mut self,
        others_wait: bool,
        mut conn: Box<Conn>,
        request: Request,
        now: Instant,
    ) -> Option<Box<Conn>> {
        match self.parts.routes.admit(&request, others_wait) {
            Ok(Admitted::Go(mut ticket)) => {
                if let Some(ticket) = &mut ticket {
                    ticket.member = Some(self.scraping.enter(crowd::source(conn.peer)));
                }
                conn.state = State::Asked(request, ticket);
                self.dispatch(conn)
            }
            Ok(Admitted::Wait) => {
                self.parts.stats.scrapes_queued.inc();
                conn.enter(State::Queued(request), now, now + self.parts.limits.queue_timeout);
                Some(conn)
            }
            Err(refusal) => self.refuse(conn, refusal, now),
        }
    }

    /// Goes on with what has waited for something else than its client: scrapes for which there is a place, and answers
    /// whose bodies are ready.
    pub(super) fn go_on(&mut self, now: Instant) {
        let ready = |conn: &Conn| match &conn.state {
            State::Opening(opening) => opening.is_ready() || now >= conn.deadline,
            _ => false,
        };
        for at in (0..self.parked.len()).rev() {
            if self.parked.get(at).is_some_and(|conn| ready(conn)) {
                let conn = self.parked.swap_remove(at);
                self.dispatch(conn);
            }
        }
        while self.parts.routes.has_place() {
            let queued = self.parked.iter().enumerate().filter(|(_, conn)| conn.is_queued());
            // Who has the fewest in flight, and of those who came first: a client that asks for hundreds is behind all others.
            let turn = |conn: &Conn| (self.scraping.count(crowd::source(conn.peer)), conn.since);
            let Some((at, _)) = queued.min_by_key(|(_, conn)| turn(conn)) else { return };
            let mut conn = self.parked.swap_remove(at);
            if let State::Queued(request) = std::mem::replace(&mut conn.state, State::Closed) {
                let conn = self.admit_behind(false, conn, request, now);
                self.parked.extend(conn);
            }
        }
    }

    /// Answers a request that is not served, for the last time on this connection.
    pub(super) fn refuse(&mut self, mut conn: Box<Conn>, refusal: Refusal, now: Instant) -> Option<Box<Conn>> {
        self.parts.stats.requests_refused.with_label_values(&[refusal.reason()]).inc();
        let answer = print::refusal(refusal, &self.parts.routes.rules().headers).unwrap_or_default();
        // So few bytes fit into the socket; a client that left no room for them does not read them either.
        let sent = conn.stream.write_all(&answer).and_then(|()| conn.stream.finish());
        conn.input = Vec::new();
        conn.enter(State::Lingering(MAX_LINGER_BYTES), now, now + LINGER);
        sent.is_ok().then_some(conn)
    }
}
