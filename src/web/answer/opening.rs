//! An answer before its first byte: its body is asked for the first chunk, and may not be ready.

use super::{Answer, Chunk};
use crate::web::head::Request;
use crate::web::print::{self, Framing};
use crate::web::ready::Ready;
use crate::web::routes::Ticket;
use std::io::{self, Read};
use std::time::Instant;
use tiny_http::{Header, Method, ResponseBox, StatusCode};

/// An answer of which nothing was sent.
pub struct Opening {
    request: Request,
    status: StatusCode,
    headers: Vec<Header>,
    length: Option<usize>,
    body: Box<dyn Read + Send>,
    ready: Ready,
    /// When the answer has to be over.
    pub deadline: Instant,
    ticket: Option<Ticket>,
}

impl Opening {
    /// Of an answer to a request. Its body speaks by `ready` when it is not.
    pub fn new(
        request: Request,
        response: ResponseBox,
        ready: Ready,
        deadline: Instant,
        ticket: Option<Ticket>,
    ) -> Self {
        let (status, headers, length) = parts(&response);
        let body = response.into_reader();
        Self { request, status, headers, length, body, ready, deadline, ticket }
    }

    /// Puts another answer in its place.
    pub fn replace(&mut self, response: ResponseBox) {
        (self.status, self.headers, self.length) = parts(&response);
        self.body = response.into_reader();
    }

    /// Pulls the first chunk, and says whether it is the last; `None`: the body is not ready.
    pub fn pull(&mut self, chunk: &mut Chunk) -> io::Result<Option<bool>> {
        if self.request.method == Method::Head {
            return Ok(Some(true));
        }
        match chunk.fill(&mut self.body) {
            // What has come already would be lost.
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && chunk.len == 0 => Ok(None),
            filled => filled.map(Some),
        }
    }

    /// Prints the head, which [`Answer::advance`] is to write with the chunk that was pulled.
    pub fn answer(self, chunk: &Chunk, is_last: bool) -> io::Result<Answer> {
        let Self { request, status, headers, length, body, deadline, mut ticket, .. } = self;
        let unknown = if request.version >= (1, 1) { Framing::Chunked } else { Framing::UntilClose };
        let (framing, first) = match (&request.method, is_last) {
            (Method::Head, _) => (length.map_or(unknown, Framing::Length), None),
            (_, true) => (Framing::Length(chunk.len), Some(true)),
            (_, false) => (unknown, Some(false)),
        };
        let keep_alive = request.keep_alive && framing != Framing::UntilClose;
        let pending = print::head(status, headers, framing, &request.version, keep_alive)?;
        if let Some(ticket) = &mut ticket {
            ticket.code = status.0;
        }
        let body = (!is_last).then_some(body);
        Ok(Answer { body, framing, first, pending, sent: 0, keep_alive, deadline, _ticket: ticket })
    }

    /// Whether its body has said that it is to be read again.
    pub fn is_ready(&self) -> bool {
        self.ready.take()
    }

    /// When to read it again, said or not.
    pub fn again(&self) -> Instant {
        self.ready.again().map_or(self.deadline, |again| again.min(self.deadline))
    }
}

fn parts(response: &ResponseBox) -> (StatusCode, Vec<Header>, Option<usize>) {
    (response.status_code(), response.headers().to_vec(), response.data_length())
}
