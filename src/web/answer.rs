//! An answer under way: its body is pulled from its reader in chunks and written as far as the client takes it.
//! Framing is that of RFC 9112, 7.1.

mod opening;

pub use opening::Opening;

use super::conn::Stream;
use super::print::Framing;
use super::routes::Ticket;
use std::io::{self, IoSlice, Read, Write};
use std::time::{Duration, Instant};

/// A body is pulled in pieces of this size.
pub const CHUNK_BYTES: usize = 64 << 10;
/// After this time the worker goes on with another connection and comes back later.
const TURN: Duration = Duration::from_millis(10);

/// Hexadecimal digits of the size of a chunk. Their number is fixed so that the size can be filled in after the data.
const SIZE_DIGITS: usize = 5;
const FRAME: usize = SIZE_DIGITS + 2;
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// A buffer for one chunk, with room for its frame. A worker has one for all its answers.
#[derive(Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    len: usize,
}

impl Chunk {
    /// Pulls until the chunk is full or the body has ended, and says whether it has.
    fn fill(&mut self, body: &mut dyn Read) -> io::Result<bool> {
        self.bytes.resize(FRAME + CHUNK_BYTES + LAST_CHUNK.len(), 0);
        self.len = 0;
        while let Some(room) = self.bytes.get_mut(FRAME + self.len..FRAME + CHUNK_BYTES).filter(|r| !r.is_empty()) {
            match body.read(room) {
                Ok(0) => return Ok(true),
                Ok(read) => self.len += read.min(room.len()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(false)
    }

    /// What goes over the wire for it.
    fn framed(&mut self, framing: Framing, ended: bool) -> &[u8] {
        let end = FRAME + self.len;
        let (from, to) = match (framing, self.len, ended) {
            (Framing::Length(_) | Framing::UntilClose, ..) => (FRAME, end),
            (Framing::Chunked, 0, _) => (end, self.put(end, &LAST_CHUNK[2..])),
            (Framing::Chunked, len, _) => {
                let width = SIZE_DIGITS;
                self.put(0, format!("{len:0width$x}\r\n").as_bytes());
                (0, self.put(end, if ended { LAST_CHUNK } else { b"\r\n" }))
            }
        };
        self.bytes.get(from..to).unwrap_or_default()
    }

    fn put(&mut self, at: usize, bytes: &[u8]) -> usize {
        let end = at + bytes.len();
        if let Some(room) = self.bytes.get_mut(at..end) {
            room.copy_from_slice(bytes);
        }
        end
    }
}

/// How far an answer has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// All is written.
    Done,
    /// The client takes no more for now, or others have waited long enough.
    Waiting,
}

/// Why an answer ends before its end.
#[derive(Debug)]
pub enum Aborted {
    /// The connection failed.
    ClientGone,
    /// The body could not be read to its end.
    BodyFailed(io::Error),
}

impl Aborted {
    /// Value of the label `reason`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::ClientGone => "client_gone",
            Self::BodyFailed(_) => "body_failed",
        }
    }
}

/// An answer that is not wholly written.
pub struct Answer {
    body: Option<Box<dyn Read + Send>>,
    framing: Framing,
    /// Whether the first chunk is in the worker's buffer still, and is the last one.
    first: Option<bool>,
    /// Bytes that the client did not take yet, from `sent` on.
    pending: Vec<u8>,
    sent: usize,
    /// Whether the connection goes on afterwards.
    pub keep_alive: bool,
    /// When it has to be over.
    pub deadline: Instant,
    /// Held until it is over.
    _ticket: Option<Ticket>,
}

impl Answer {
    /// Writes as much as the client takes, within one turn.
    pub fn advance(&mut self, stream: &mut Stream, chunk: &mut Chunk, now: Instant) -> Result<Progress, Aborted> {
        let turn_ends = now + TURN;
        let first = self.first.take().map_or(&[][..], |ended| chunk.framed(self.framing, ended));
        let mut taken = self.write(stream, first).map_err(|_| Aborted::ClientGone)?;
        while taken {
            let Some(body) = &mut self.body else { return Ok(Progress::Done) };
            if Instant::now() >= turn_ends {
                break;
            }
            let ended = chunk.fill(body).map_err(Aborted::BodyFailed)?;
            if ended {
                self.body = None;
            }
            taken = self.write(stream, chunk.framed(self.framing, ended)).map_err(|_| Aborted::ClientGone)?;
        }
        Ok(Progress::Waiting)
    }

    /// Writes what is pending and then `more`; keeps what the client does not take. Whether all is written.
    fn write(&mut self, stream: &mut Stream, mut more: &[u8]) -> io::Result<bool> {
        loop {
            let first = self.pending.get(self.sent..).unwrap_or_default();
            if first.is_empty() && more.is_empty() {
                // Not kept for later: a connection between two requests owns no buffer.
                self.pending = Vec::new();
                self.sent = 0;
                return match stream.flush() {
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(false),
                    flushed => flushed.map(|()| true),
                };
            }
            let left = first.len();
            match stream.write_vectored(&[IoSlice::new(first), IoSlice::new(more)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.sent += written.min(left);
                    more = more.get(written.saturating_sub(left)..).unwrap_or_default();
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    self.pending.drain(..self.sent);
                    self.sent = 0;
                    self.pending.extend_from_slice(more);
                    return Ok(false);
                }
                Err(e) => return Err(e),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_framed_as_the_standard_has_them() {
        let mut chunk = Chunk::default();
        let mut body: &[u8] = &[b'x'; CHUNK_BYTES + 300];
        assert!(!chunk.fill(&mut body).unwrap());
        let framed = chunk.framed(Framing::Chunked, false);
        assert!(framed.starts_with(b"10000\r\nxxx") && framed.ends_with(b"xxx\r\n"));
        assert_eq!(framed.len(), FRAME + CHUNK_BYTES + 2);
        assert!(chunk.fill(&mut body).unwrap());
        let framed = chunk.framed(Framing::Chunked, true);
        assert!(framed.starts_with(b"0012c\r\nxxx") && framed.ends_with(b"xxx\r\n0\r\n\r\n"));
        assert!(chunk.fill(&mut body).unwrap());
        assert_eq!(chunk.framed(Framing::Chunked, true), b"0\r\n\r\n");
        assert_eq!(chunk.framed(Framing::UntilClose, true), b"");
    }
}
