//! Datagrams in batches, from UDP and unix sockets alike.

use super::AllowList;
use super::sys::{self, BATCH, MAX_DATAGRAM_BYTES};
use std::io;
use std::os::fd::AsFd;

/// A buffer for a batch. Its memory counts only as far as datagrams reached into it.
pub struct Batch {
    buffer: Vec<u8>,
    lengths: [usize; BATCH],
    /// Which datagrams come from someone who may not send.
    refused: [bool; BATCH],
    count: usize,
}

impl Batch {
    /// An empty one.
    pub fn new() -> Self {
        Self { buffer: vec![0; BATCH * MAX_DATAGRAM_BYTES], lengths: [0; BATCH], refused: [false; BATCH], count: 0 }
    }

    /// Reads what is there, without waiting, and tells how many datagrams that is. `Ok(0)`: nothing is.
    pub fn receive(&mut self, socket: &impl AsFd, allow: &AllowList) -> io::Result<usize> {
        self.count = 0;
        let mut senders = (!allow.is_empty()).then_some([None; BATCH]);
        let came = sys::receive(socket.as_fd(), &mut self.buffer, &mut self.lengths, senders.as_mut());
        for (refused, sender) in self.refused.iter_mut().zip(senders.iter().flatten()) {
            *refused = sender.is_none_or(|sender| !allow.allows(sender));
        }
        match came {
            Ok(count) => self.count = count,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(e) => return Err(e),
        }
        Ok(self.count)
    }

    /// How many of the datagrams come from someone who may not send.
    pub fn refused(&self) -> usize {
        self.refused.iter().take(self.count).filter(|refused| **refused).count()
    }

    /// Whether more may be waiting.
    pub fn is_full(&self) -> bool {
        self.count == BATCH
    }

    /// The lines of all datagrams but those. As statsd_exporter counts them, a line feed at the end of a datagram makes one more,
    /// empty line.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let datagrams = self.buffer.chunks_exact(MAX_DATAGRAM_BYTES).zip(&self.lengths).zip(&self.refused);
        let taken = datagrams.take(self.count).filter(|(_, refused)| !**refused);
        taken.flat_map(|((piece, length), _)| Lines::of(&piece[..(*length).min(piece.len())]))
    }
}

/// The pieces of a text between line feeds.
#[derive(Clone)]
pub struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Lines<'a> {
    /// Those of a text: one at least, which may be empty.
    pub fn of(text: &'a [u8]) -> Self {
        Self(Some(text))
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.0?;
        if let Some(end) = memchr::memchr(b'\n', text) {
            self.0 = Some(&text[end + 1..]);
            return Some(&text[..end]);
        }
        self.0 = None;
        Some(text)
    }
}
