//! A worker: takes a connection with a request or a half-written answer, brings it as far as it goes without waiting,
//! and hands it back.

use super::answer::{Aborted, Answer, Chunk, Progress};
use super::conn::{Conn, State};
use super::head::Request;
use super::routes::{Routes, Ticket};
use super::stats::Stats;
use super::wake::Waker;
use crate::once::Throttle;
use crossbeam_channel::{Receiver, Sender, select};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After the last answer, this many bytes that a client still sends are read and thrown away.
pub const MAX_LINGER_BYTES: usize = 256 << 10;

/// What a worker has.
pub struct Worker {
    /// Connections to work on, for one worker alone: what comes when nobody has anything to do.
    pub first: Receiver<Box<Conn>>,
    /// Connections for whoever is free.
    pub jobs: Receiver<Box<Conn>>,
    /// Where they go back to. Has room for all connections there can be.
    pub back: Sender<Box<Conn>>,
    /// Tells the front that one came back.
    pub waker: Arc<Waker>,
    /// What is served.
    pub routes: Arc<Routes>,
    /// What is counted.
    pub stats: Arc<Stats>,
    /// An answer may take this long.
    pub response_timeout: Duration,
    /// Keeps the log short.
    pub throttle: Arc<Throttle>,
}

impl Worker {
    /// Works until the front is gone.
    pub fn run(self) {
        let mut chunk = Chunk::default();
        loop {
            let job = select! {
                recv(self.first) -> job => job,
                recv(self.jobs) -> job => job,
            };
            let Ok(mut conn) = job else { return };
            self.turn(&mut conn, &mut chunk);
            if self.back.send(conn).is_err() {
                return;
            }
            self.waker.wake();
        }
    }

    /// Goes on with a handshake, and takes what the client sent behind it.
    fn greet(&self, conn: &mut Conn) -> State {
        match conn.stream.handshake() {
            Ok(true) => {
                conn.stream.drain(&mut conn.input);
                State::Idle
            }
            Ok(false) => State::Handshake,
            Err(reason) => {
                self.stats.handshakes_failed.with_label_values(&[reason]).inc();
                State::Closed
            }
        }
    }

    fn turn(&self, conn: &mut Conn, chunk: &mut Chunk) {
        let now = Instant::now();
        let begun = match std::mem::replace(&mut conn.state, State::Closed) {
            State::Asked(request, ticket) => self.begin(&request, ticket, chunk, now),
            State::Answering(answer) => Ok(answer),
            State::Handshake => {
                conn.state = self.greet(conn);
                return;
            }
            other => {
                conn.state = other;
                return;
            }
        };
        let advanced = begun.and_then(|mut answer| {
            let progress = answer.advance(&mut conn.stream, chunk, now)?;
            Ok((answer, progress))
        });
        conn.state = match advanced {
            Ok((answer, Progress::Waiting)) => State::Answering(answer),
            Ok((answer, Progress::Done)) if answer.keep_alive => State::Idle,
            Ok((_, Progress::Done)) if conn.stream.finish().is_ok() => State::Lingering(MAX_LINGER_BYTES),
            Ok((_, Progress::Done)) => State::Closed,
            Err(aborted) => {
                self.count(conn, &aborted, now);
                State::Closed
            }
        };
    }

    fn begin(
        &self,
        request: &Request,
        mut ticket: Option<Ticket>,
        chunk: &mut Chunk,
        now: Instant,
    ) -> Result<Box<Answer>, Aborted> {
        let mut response = self.routes.answer(request);
        for header in &self.routes.rules().headers {
            response.add_header(header.clone());
        }
        let mut code = response.status_code().0;
        let deadline = now + self.response_timeout;
        let mut begun = Answer::begin(request, response, chunk, deadline);
        if let Err(error) = &begun {
            response = self.routes.failed(error);
            code = response.status_code().0;
            begun = Answer::begin(request, response, chunk, deadline);
        }
        let mut answer = begun.map_err(Aborted::BodyFailed)?;
        if let Some(ticket) = &mut ticket {
            ticket.code = code;
        }
        answer.ticket = ticket;
        Ok(Box::new(answer))
    }

    fn count(&self, conn: &Conn, aborted: &Aborted, now: Instant) {
        self.stats.responses_aborted.with_label_values(&[aborted.reason()]).inc();
        if let Aborted::BodyFailed(error) = aborted {
            self.stats.scrape_errors.with_label_values(&["gathering"]).inc();
            self.throttle.warn(now, format_args!("an answer was cut off: its body failed: {error}"));
            // An error here only means that the client is gone already.
            conn.stream.reset_on_close().ok();
        }
    }
}

/// Checks passwords, one after the other, until the front is gone.
pub fn check_logins(jobs: &Receiver<Box<Conn>>, back: &Sender<Box<Conn>>, waker: &Waker, stats: &Stats) {
    while let Ok(mut conn) = jobs.recv() {
        if let State::Checking(_, check, is_right) = &mut conn.state {
            let right = check.run();
            stats.logins.with_label_values(&[if right { "success" } else { "failure" }]).inc();
            *is_right = Some(right);
        }
        if back.send(conn).is_err() {
            return;
        }
        waker.wake();
    }
}
