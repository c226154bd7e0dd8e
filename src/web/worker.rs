//! A worker: takes a connection with a request or a half-written answer, brings it as far as it goes without waiting,
//! and hands it back.

use super::answer::{Aborted, Answer, Chunk, Opening, Progress};
use super::conn::{Conn, State, Stream};
use super::ready::Ready;
use super::routes::Routes;
use super::stats::Stats;
use super::wake::Waker;
use crate::once::Throttle;
use crossbeam_channel::{Receiver, Sender, select};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tiny_http::ResponseBox;

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
    /// Keeps the log short: of bodies that fail, with any worker.
    pub failures: Arc<Throttle>,
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
            State::Asked(request, ticket) => {
                let ready = Ready::new(&self.waker);
                let response = self.dressed(self.routes.answer(&request, &ready));
                let deadline = now + self.response_timeout;
                self.open(Box::new(Opening::new(request, response, ready, deadline, ticket)), chunk)
            }
            State::Opening(opening) => self.open(opening, chunk),
            State::Answering(answer) => Ok(Begun::Answer(answer)),
            State::Handshake => {
                conn.state = self.greet(conn);
                return;
            }
            other => {
                conn.state = other;
                return;
            }
        };
        let advanced = begun.and_then(|begun| match begun {
            Begun::Answer(mut answer) => {
                let progress = answer.advance(&mut conn.stream, chunk, now)?;
                Ok(after(answer, progress, &mut conn.stream))
            }
            Begun::NotReady(opening) => Ok(State::Opening(opening)),
        });
        conn.state = advanced.unwrap_or_else(|aborted| {
            self.count(conn, &aborted, now);
            State::Closed
        });
    }

    /// Begins an answer, if its body is ready. Where that fails, the client is told so instead.
    fn open(&self, mut opening: Box<Opening>, chunk: &mut Chunk) -> Result<Begun, Aborted> {
        let mut pulled = opening.pull(chunk);
        if let Err(error) = &pulled {
            opening.replace(self.dressed(self.routes.failed(error)));
            pulled = opening.pull(chunk);
        }
        let begun = pulled.and_then(|is_last| match is_last {
            None => Ok(Begun::NotReady(opening)),
            Some(is_last) => Ok(Begun::Answer(Box::new(opening.answer(chunk, is_last)?))),
        });
        begun.map_err(Aborted::BodyFailed)
    }

    /// A response with the header fields that all have.
    fn dressed(&self, mut response: ResponseBox) -> ResponseBox {
        for header in &self.routes.rules().headers {
            response.add_header(header.clone());
        }
        response
    }

    fn count(&self, conn: &Conn, aborted: &Aborted, now: Instant) {
        self.stats.responses_aborted.with_label_values(&[aborted.reason()]).inc();
        if let Aborted::BodyFailed(error) = aborted {
            self.stats.scrape_errors.with_label_values(&["gathering"]).inc();
            self.failures.warn(now, format_args!("an answer was cut off: its body failed: {error}"));
            // An error here only means that the client is gone already.
            conn.stream.reset_on_close().ok();
        }
    }
}

/// An answer that is to go on.
enum Begun {
    Answer(Box<Answer>),
    /// Not yet.
    NotReady(Box<Opening>),
}

/// Where a connection is after a part of its answer.
fn after(answer: Box<Answer>, progress: Progress, stream: &mut Stream) -> State {
    match progress {
        Progress::Waiting => State::Answering(answer),
        Progress::Done if answer.keep_alive => State::Idle,
        Progress::Done if stream.finish().is_ok() => State::Lingering(MAX_LINGER_BYTES),
        Progress::Done => State::Closed,
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
