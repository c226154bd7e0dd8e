//! Asks the kernel over a netlink socket and collects the answer, which comes in several datagrams.

use super::message::{HEADER, Malformed, messages, u32_at};
use crate::host::CollectError;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, retry_on_intr};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with};
use std::borrow::Cow;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

/// The kernel fills datagrams of a dump up to this size (`NLMSG_GOODSIZE` and what `netlink_dump` makes of it).
const MAX_DATAGRAM_BYTES: usize = 32 << 10;
/// No host has more links or neighbours than this; more is refused rather than kept in memory.
const MAX_ANSWERS: usize = 1 << 20;
/// How often a dump is begun anew because the kernel's tables changed below it.
const MAX_TRIES: usize = 4;
/// The kernel answers from memory; this is for a lock that is held there.
const TIMEOUT: Duration = Duration::from_secs(5);

const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_DUMP: u16 = 0x300;
const NLM_F_DUMP_INTR: u16 = 0x10;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLMSG_OVERRUN: u16 = 4;

/// A question that is answered by a list.
pub struct Question {
    /// Name of its type, for errors.
    pub name: &'static str,
    /// Its type.
    pub kind: u16,
    /// Type of the messages that answer it.
    pub answer: u16,
    /// What follows the header.
    pub body: Cow<'static, [u8]>,
    /// Who is asked; `None` is `NETLINK_ROUTE`.
    pub protocol: Option<Protocol>,
}

/// Asks a question and decodes each message of the answer.
pub fn dump<T>(question: &Question, decode: fn(&[u8]) -> Result<T, Malformed>) -> Result<Vec<T>, CollectError> {
    let failed = |e: Errno| CollectError::call(question.name, e.into());
    let socket = open(question.protocol).map_err(failed)?;
    let mut datagram = Vec::with_capacity(MAX_DATAGRAM_BYTES);
    let mut sequence = 0;
    loop {
        sequence += 1;
        retry_on_intr(|| send(&socket, &question.encode(sequence), SendFlags::empty())).map_err(failed)?;
        let mut answer = Answer::new(question.answer, sequence, decode);
        while !answer.done {
            datagram.clear();
            // With TRUNC the length is that of the whole datagram, even where it does not fit.
            let received = retry_on_intr(|| recv(&socket, spare_capacity(&mut datagram), RecvFlags::TRUNC));
            let (_, length) = received.map_err(failed)?;
            if length > datagram.len() {
                return Err(failed(Errno::MSGSIZE));
            }
            answer.feed(&datagram).map_err(|e| e.of(question))?;
        }
        // What changed meanwhile may be missing or there twice.
        if !answer.interrupted || usize::try_from(sequence).is_ok_and(|tries| tries >= MAX_TRIES) {
            return Ok(answer.items);
        }
    }
}

fn open(protocol: Option<Protocol>) -> Result<OwnedFd, Errno> {
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?;
    set_socket_timeout(&socket, Timeout::Recv, Some(TIMEOUT))?;
    Ok(socket)
}

impl Question {
    /// The message that asks, with its header.
    fn encode(&self, sequence: u32) -> Vec<u8> {
        let length = u32::try_from(HEADER + self.body.len()).unwrap_or_default();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(self.kind.to_ne_bytes());
        bytes.extend((NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]); // The kernel knows who asks.
        bytes.extend(self.body.iter());
        bytes
    }
}

/// An answer as far as it has come.
struct Answer<T> {
    kind: u16,
    sequence: u32,
    decode: fn(&[u8]) -> Result<T, Malformed>,
    items: Vec<T>,
    done: bool,
    interrupted: bool,
}

#[derive(Debug)]
enum AnswerError {
    Malformed(Malformed),
    Refused(io::Error),
}

impl AnswerError {
    fn of(self, question: &Question) -> CollectError {
        match self {
            Self::Malformed(why) => {
                CollectError::malformed(Path::new("netlink"), 0, format!("{}: {why}", question.name))
            }
            Self::Refused(e) => CollectError::call(question.name, e),
        }
    }
}

impl<T> Answer<T> {
    fn new(kind: u16, sequence: u32, decode: fn(&[u8]) -> Result<T, Malformed>) -> Self {
        Self { kind, sequence, decode, items: Vec::new(), done: false, interrupted: false }
    }

    /// Takes in a datagram.
    fn feed(&mut self, datagram: &[u8]) -> Result<(), AnswerError> {
        for message in messages(datagram) {
            let message = message.map_err(AnswerError::Malformed)?;
            if message.sequence != self.sequence || self.done {
                continue;
            }
            self.interrupted |= message.flags & NLM_F_DUMP_INTR != 0;
            match message.kind {
                NLMSG_ERROR | NLMSG_DONE => {
                    refusal(message.body)?;
                    self.done = true;
                }
                NLMSG_OVERRUN => return Err(AnswerError::Malformed(Malformed("the kernel lost data"))),
                kind if kind == self.kind => {
                    if self.items.len() == MAX_ANSWERS {
                        return Err(AnswerError::Malformed(Malformed("the answer has no end")));
                    }
                    self.items.push((self.decode)(message.body).map_err(AnswerError::Malformed)?);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// `NLMSG_ERROR` and `NLMSG_DONE` begin with a negative error number, or zero.
fn refusal(body: &[u8]) -> Result<(), AnswerError> {
    match u32_at(body, 0).map(u32::cast_signed) {
        Some(code) if code < 0 => Err(AnswerError::Refused(io::Error::from_raw_os_error(code.wrapping_neg()))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::link;
    use super::*;

    const CAPTURED: &[u8] = include_bytes!("../../../../tests/fixtures/netlink/links.bin");
    /// The number under which the captured dump was asked for.
    const SEQUENCE: u32 = 7;

    fn answer() -> Answer<link::Link> {
        Answer::new(link::QUESTION.answer, SEQUENCE, link::decode)
    }

    #[test]
    fn an_answer_ends_with_done() {
        let mut got = answer();
        got.feed(CAPTURED).unwrap();
        assert_eq!((got.items.len(), got.done, got.interrupted), (3, true, false));
    }

    #[test]
    fn answers_to_another_question_are_left_out() {
        let mut got = Answer::new(link::QUESTION.answer, SEQUENCE + 1, link::decode);
        got.feed(CAPTURED).unwrap();
        assert_eq!((got.items.len(), got.done), (0, false));
    }

    #[test]
    fn an_answer_that_is_cut_off_is_an_error_or_not_done() {
        for end in 0..CAPTURED.len() {
            let mut got = answer();
            assert!(got.feed(&CAPTURED[..end]).is_err() || !got.done, "cut at {end}");
        }
    }

    #[test]
    fn the_kernel_may_refuse() {
        let question = Question { body: Cow::Borrowed(&[]), name: "", kind: 0, answer: 0, protocol: None };
        let mut bytes = question.encode(SEQUENCE);
        bytes[0] = 20;
        bytes[4..6].copy_from_slice(&NLMSG_ERROR.to_ne_bytes());
        bytes.extend((-1_i32).to_ne_bytes());
        let error = answer().feed(&bytes).unwrap_err().of(&link::QUESTION);
        assert_eq!(error.to_string(), "RTM_GETLINK: Operation not permitted (os error 1)");
    }

    #[test]
    fn this_host_has_a_loopback_device() {
        let links = dump(&link::QUESTION, link::decode).unwrap();
        assert!(links.iter().any(|link| link.name == "lo" && link.counters.len() >= 23), "{links:?}");
    }

    proptest::proptest! {
        #[test]
        fn garbage_does_not_make_it_panic(at in 0..CAPTURED.len(), byte: u8) {
            let mut flipped = CAPTURED.to_vec();
            flipped[at] = byte;
            drop(answer().feed(&flipped));
        }
    }
}
