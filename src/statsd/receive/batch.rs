//! Datagrams in batches, from UDP and unix sockets alike.

use super::AllowList;
use super::sys::{self, BATCH, Came, MAX_DATAGRAM_BYTES};
use std::io;
use std::os::fd::AsFd;

/// A buffer for a batch. Its memory counts only as far as datagrams reached into it.
pub struct Batch {
    buffer: Vec<u8>,
    datagrams: [Came; BATCH],
    /// Which datagrams come from someone who may not send.
    refused: [bool; BATCH],
    count: usize,
}

impl Batch {
    /// An empty one.
    pub fn new() -> Self {
        let datagrams = [Came::default(); BATCH];
        Self { buffer: vec![0; BATCH * MAX_DATAGRAM_BYTES], datagrams, refused: [false; BATCH], count: 0 }
    }

    /// Reads what is there, without waiting, and tells how many datagrams that is. `Ok(0)`: nothing is.
    pub fn receive(&mut self, socket: &impl AsFd, allow: &AllowList) -> io::Result<usize> {
        self.count = 0;
        let mut senders = (!allow.is_empty()).then_some([None; BATCH]);
        let came = sys::receive(socket.as_fd(), &mut self.buffer, &mut self.datagrams, senders.as_mut());
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

    /// How many of the datagrams are not there to their end.
    pub fn cut(&self) -> usize {
        self.datagrams.iter().take(self.count).filter(|datagram| datagram.is_cut).count()
    }

    /// Whether more may be waiting.
    pub fn is_full(&self) -> bool {
        self.count == BATCH
    }

    /// The lines of all datagrams but those. As statsd_exporter counts them, a line feed at the end of a datagram makes one more,
    /// empty line. A line that is cut off is none: its value might be another.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let datagrams = self.buffer.chunks_exact(MAX_DATAGRAM_BYTES).zip(&self.datagrams).zip(&self.refused);
        let taken = datagrams.take(self.count).filter(|(_, refused)| !**refused);
        taken.flat_map(|((piece, datagram), _)| {
            let bytes = &piece[..datagram.length.min(piece.len())];
            if datagram.is_cut { Lines::whole(bytes) } else { Lines::of(bytes) }
        })
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

    /// Those of a text that have a line feed behind them.
    fn whole(text: &'a [u8]) -> Self {
        Self(memchr::memrchr(b'\n', text).map(|end| &text[..end]))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;

    /// How many datagrams were cut, and the lines of all, each with how often it came in a row.
    fn received(datagrams: &[Vec<u8>]) -> (usize, Vec<(String, usize)>) {
        let (from, to) = UnixDatagram::pair().unwrap();
        let (mut batch, mut lines, mut cut) = (Batch::new(), Vec::<(String, usize)>::new(), 0);
        for datagram in datagrams {
            assert_eq!(from.send(datagram).unwrap(), datagram.len());
            assert_eq!(batch.receive(&to, &AllowList::default()).unwrap(), 1);
            cut += batch.cut();
            for line in batch.lines() {
                match lines.last_mut().filter(|(last, _)| last.as_bytes() == line) {
                    Some((_, times)) => *times += 1,
                    None => lines.push((String::from_utf8(line.to_vec()).unwrap(), 1)),
                }
            }
        }
        (cut, lines)
    }

    #[test]
    fn a_datagram_is_its_lines() {
        let want = [("a", 1), ("b", 1), ("", 2), ("a", 1)].map(|(line, times)| (line.to_owned(), times));
        assert_eq!(received(&[b"a\nb\n".to_vec(), b"".to_vec(), b"a".to_vec()]), (0, want.to_vec()));
    }

    #[test]
    #[cfg(target_os = "linux")] // Others have no datagrams as long.
    fn of_one_that_is_cut_the_lines_that_are_whole_are_taken() {
        let whole = MAX_DATAGRAM_BYTES / 8;
        let lines = |count| b"a:1|c@1\n".repeat(count);
        for (datagram, want) in [
            ([lines(whole - 1), b"b:1|c|@1".to_vec()].concat(), (0, vec![("a:1|c@1", whole - 1), ("b:1|c|@1", 1)])),
            ([lines(whole - 1), b"b:1|c|@0.125".to_vec()].concat(), (1, vec![("a:1|c@1", whole - 1)])),
            ([lines(whole), lines(1)].concat(), (1, vec![("a:1|c@1", whole)])),
            (b"x".repeat(MAX_DATAGRAM_BYTES + 1), (1, vec![])),
        ] {
            let (cut, lines) = want;
            let lines = lines.into_iter().map(|(line, times)| (line.to_owned(), times)).collect();
            assert_eq!(received(&[datagram]), (cut, lines));
        }
    }
}
