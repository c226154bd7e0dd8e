//! What one connection sends: lines, or packets in frames, told apart by its first four bytes.
//!
//! DogStatsD's clients put the length of each packet before it, as 32 bits in little-endian order. A length that is allowed
//! has a zero among its four bytes, and so has almost every other one; a line has none.

use super::Ingest;
use super::batch::Lines;
use super::metrics::StreamCounters;

/// How much of a connection is kept, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Lengths {
    /// The longest line. A longer one is let by.
    pub line: usize,
    /// The longest packet of a frame. A longer one ends its connection: its length is most likely none, and there is no way
    /// to find the next.
    pub frame: usize,
}

/// Bytes of the length before a packet.
const PREFIX: usize = 4;

/// How a connection separates what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Its first bytes will tell.
    Unknown,
    /// Lines, each with a line feed behind it.
    Lines,
    /// Packets, each with its length before it.
    Frames,
}

impl Framing {
    /// What the first bytes tell.
    fn of(first: &[u8]) -> Self {
        match first.get(..PREFIX) {
            None => Self::Unknown,
            Some(prefix) if prefix.contains(&0) => Self::Frames,
            Some(_) => Self::Lines,
        }
    }
}

/// A connection that can't go on: it sends frames longer than allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong;

/// A connection, and what has come of it and is not whole yet.
pub struct Connection<S> {
    /// What it is read from.
    pub stream: S,
    framing: Framing,
    lengths: Lengths,
    unfinished: Vec<u8>,
    /// Whether the line that is coming is too long and is let by until its end.
    skipping: bool,
}

impl<S> Connection<S> {
    /// A new one.
    pub fn new(stream: S, framing: Framing, lengths: Lengths) -> Self {
        Self { stream, framing, lengths, unfinished: Vec::new(), skipping: false }
    }

    /// Takes what came: what is whole goes to the pipeline as one batch, the beginning of more is kept.
    pub fn take(&mut self, bytes: &[u8], to: &impl Ingest, counters: &StreamCounters) -> Result<(), TooLong> {
        match self.framing {
            Framing::Lines => self.lines(bytes, to, counters),
            Framing::Frames => return self.frames(bytes, to, counters),
            Framing::Unknown => {
                self.unfinished.extend_from_slice(bytes);
                self.framing = Framing::of(&self.unfinished);
                if self.framing != Framing::Unknown {
                    let bytes = std::mem::take(&mut self.unfinished);
                    return self.take(&bytes, to, counters);
                }
            }
        }
        Ok(())
    }

    fn frames(&mut self, bytes: &[u8], to: &impl Ingest, counters: &StreamCounters) -> Result<(), TooLong> {
        let most = self.lengths.frame;
        let bytes = self.complete(bytes);
        let (begun, mut too_long) = whole_frames(&self.unfinished, most);
        let mut whole = 0;
        if !too_long {
            (whole, too_long) = whole_frames(bytes, most);
        }
        if begun + whole > 0 {
            let packets = Frames(&self.unfinished[..begun]).chain(Frames(&bytes[..whole]));
            to.ingest(packets.flat_map(Lines::of));
        }
        // Memory is kept for what is to be added to alone: a connection may say nothing for long.
        if begun > 0 || too_long {
            self.unfinished = Vec::new();
        }
        if too_long {
            counters.frames.iter().for_each(|frames| frames.too_long.inc());
            return Err(TooLong);
        }
        self.unfinished.extend_from_slice(&bytes[whole..]);
        Ok(())
    }

    /// Adds what is missing to the frame that is begun, if one is, and returns what comes behind it.
    fn complete<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
        if self.unfinished.is_empty() {
            return bytes;
        }
        // Of its length first, which then tells the rest.
        for _ in 0..2 {
            let packet = packet_length(&self.unfinished).filter(|length| *length <= self.lengths.frame).unwrap_or(0);
            let missing = (PREFIX + packet).saturating_sub(self.unfinished.len());
            let (some, rest) = bytes.split_at(missing.min(bytes.len()));
            self.unfinished.extend_from_slice(some);
            bytes = rest;
        }
        bytes
    }

    fn lines(&mut self, mut bytes: &[u8], to: &impl Ingest, counters: &StreamCounters) {
        if self.skipping || !self.unfinished.is_empty() {
            let Some(end) = memchr::memchr(b'\n', bytes) else {
                return self.keep(bytes, counters);
            };
            self.keep(&bytes[..end], counters);
            if !std::mem::take(&mut self.skipping) {
                to.ingest(std::iter::once(self.unfinished.as_slice()));
                self.unfinished.clear();
            }
            bytes = &bytes[end + 1..];
        }
        if let Some(end) = memchr::memrchr(b'\n', bytes) {
            let lines = Lines::of(&bytes[..end]);
            let most = self.lengths.line;
            if has_long_line(&bytes[..end], most) {
                let is_short = |line: &&[u8]| line.len() <= most;
                counters.too_long_lines.inc_by(lines.clone().filter(|line| !is_short(line)).count() as u64);
                to.ingest(lines.filter(is_short));
            } else {
                to.ingest(lines);
            }
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes, counters);
    }

    /// Keeps the beginning of a line, unless it is too long already.
    fn keep(&mut self, bytes: &[u8], counters: &StreamCounters) {
        if self.skipping || bytes.is_empty() {
            return;
        }
        if self.unfinished.len() + bytes.len() > self.lengths.line {
            counters.too_long_lines.inc();
            self.unfinished = Vec::new();
            self.skipping = true;
        } else {
            self.unfinished.extend_from_slice(bytes);
        }
    }

    /// The end of the stream ends its last line. The beginning of a frame is none.
    pub fn finish(&self, to: &impl Ingest, counters: &StreamCounters) {
        if self.framing == Framing::Frames {
            self.cut(counters);
        } else if !self.unfinished.is_empty() {
            to.ingest(Lines::of(&self.unfinished));
        }
    }

    /// Counts what is not whole and will not be, since nobody reads on; `false`: nothing is. A line might be one with another
    /// value.
    pub fn cut(&self, counters: &StreamCounters) -> bool {
        if self.unfinished.is_empty() {
            return false;
        }
        match &counters.frames {
            Some(frames) if self.framing == Framing::Frames => frames.cut.inc(),
            _ => counters.cut_lines.inc(),
        }
        true
    }
}

/// Whether one of the lines of a text is longer than allowed. Looks at a few bytes only, since every piece that is read is asked.
fn has_long_line(mut text: &[u8], most: usize) -> bool {
    while let Some(window) = text.get(..=most) {
        match memchr::memrchr(b'\n', window) {
            Some(end) => text = &text[end + 1..],
            None => return true,
        }
    }
    false
}

/// The length of the packet of the first frame, once that is there.
fn packet_length(frame: &[u8]) -> Option<usize> {
    frame.first_chunk().map(|prefix| u32::from_le_bytes(*prefix) as usize)
}

/// The packets of whole frames.
#[derive(Clone)]
struct Frames<'a>(&'a [u8]);

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let length = packet_length(self.0)?;
        let (packet, rest) = self.0.get(PREFIX..)?.split_at_checked(length)?;
        self.0 = rest;
        Some(packet)
    }
}

/// How many bytes the whole frames at the beginning are, and whether the one behind them is longer than allowed.
fn whole_frames(bytes: &[u8], most: usize) -> (usize, bool) {
    let mut frames = Frames(bytes);
    loop {
        let rest = frames.0;
        let too_long = packet_length(rest).is_some_and(|length| length > most);
        if too_long || frames.next().is_none() {
            return (bytes.len() - rest.len(), too_long);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statsd::receive::Metrics;
    use crate::telemetry::Registry;
    use std::cell::RefCell;

    /// The lines that came, by their lengths.
    #[derive(Default)]
    struct Came(RefCell<Vec<usize>>);

    impl Ingest for Came {
        fn ingest<'a>(&self, lines: impl Iterator<Item = &'a [u8]> + Clone) {
            self.0.borrow_mut().extend(lines.map(<[u8]>::len));
        }
    }

    #[test]
    fn a_line_too_long_is_skipped_and_counted_however_it_comes() {
        const MOST: usize = 1000;
        const LONG: usize = MOST + 1;
        for lengths in [&[5, MOST, 5, LONG, 5][..], &[LONG, LONG, 5], &[3 * LONG, 5, 5], &[MOST, MOST], &[5; 5000]] {
            let text: Vec<u8> =
                lengths.iter().flat_map(|&length| ["x".repeat(length), "\n".into()].concat().into_bytes()).collect();
            let short: Vec<usize> = lengths.iter().copied().filter(|length| *length < LONG).collect();
            for piece in [1, 7, MOST, LONG, LONG + 1, usize::MAX] {
                let (got, counters) = (Came::default(), counters());
                let mut connection = Connection::new((), Framing::Lines, Lengths { line: MOST, frame: 0 });
                text.chunks(piece).for_each(|piece| connection.take(piece, &got, &counters).unwrap());
                connection.finish(&got, &counters);
                assert_eq!(got.0.take(), short, "{lengths:?} in pieces of {piece}");
                assert_eq!(counters.too_long_lines.get(), (lengths.len() - short.len()) as u64);
            }
        }
    }

    fn counters() -> StreamCounters {
        Metrics::new(&Registry::new()).unwrap().unixstream
    }

    /// How many frames were too long, how many were cut, and how many lines.
    fn counted(counters: &StreamCounters) -> [u64; 3] {
        let frames = counters.frames.as_ref().unwrap();
        [&frames.too_long, &frames.cut, &counters.cut_lines].map(prometheus::IntCounter::get)
    }

    #[test]
    fn frames_are_taken_however_they_come_and_keep_no_memory() {
        const MOST: usize = 1000;
        let frame = |length: usize| [&u32::try_from(length).unwrap().to_le_bytes()[..], &b"x".repeat(length)].concat();
        for lengths in [&[0, 1, 2, 3][..], &[MOST, 5, MOST], &[700, 0, 700, 0, 700], &[5, MOST + 1, 5], &[MOST + 1]] {
            let bytes: Vec<u8> = lengths.iter().flat_map(|&length| frame(length)).collect();
            let want: Vec<usize> = lengths.iter().copied().take_while(|length| *length <= MOST).collect();
            let too_long = u64::from(want.len() < lengths.len());
            for piece in [1, 3, 4, 7, 703, MOST, usize::MAX] {
                let (got, counters) = (Came::default(), counters());
                let mut connection = Connection::new((), Framing::Unknown, Lengths { line: 0, frame: MOST });
                let went = bytes.chunks(piece).try_for_each(|piece| connection.take(piece, &got, &counters));
                connection.finish(&got, &counters);
                assert_eq!(got.0.take(), want, "{lengths:?} in pieces of {piece}");
                assert_eq!(went.is_err(), too_long == 1);
                assert_eq!(counted(&counters), [too_long, 0, 0], "{lengths:?} in pieces of {piece}");
                assert_eq!(connection.unfinished.capacity(), 0, "{lengths:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_is_not_whole_at_the_end_of_a_stream_or_of_the_agent_is_counted() {
        for (bytes, at_the_end, at_the_stop) in [
            (&b""[..], (0, [0, 0, 0]), (0, [0, 0, 0])),
            (b"a:1|c\n", (1, [0, 0, 0]), (1, [0, 0, 0])),
            (b"a:1|c\nb:1", (2, [0, 0, 0]), (1, [0, 0, 1])),
            (b"a:1", (1, [0, 0, 0]), (0, [0, 0, 1])),
            (b"\x05\0\0\0a:1|c", (1, [0, 0, 0]), (1, [0, 0, 0])),
            (b"\x05\0\0\0a:1|c\x05\0", (1, [0, 1, 0]), (1, [0, 1, 0])),
            (b"\x14\0\0\0a:1|c\nb:1|c", (0, [0, 1, 0]), (0, [0, 1, 0])),
        ] {
            let end = |stopped: bool| {
                let (got, counters) = (Came::default(), counters());
                let mut connection = Connection::new((), Framing::Unknown, Lengths { line: 99, frame: 99 });
                connection.take(bytes, &got, &counters).unwrap();
                if stopped {
                    let counts = counted(&counters);
                    assert_eq!(connection.cut(&counters), counted(&counters) != counts);
                } else {
                    connection.finish(&got, &counters);
                }
                (got.0.take().len(), counted(&counters))
            };
            assert_eq!((end(false), end(true)), (at_the_end, at_the_stop), "bytes: {bytes:?}");
        }
    }

    #[test]
    fn the_first_bytes_tell_frames_from_lines() {
        for (first, framing) in [
            (&b""[..], Framing::Unknown),
            (b"\x05\0\0", Framing::Unknown),
            (b"\x05\0\0\0a:1|c", Framing::Frames),
            (b"\x0a\x20\0\0", Framing::Frames),
            (b"\xff\xff\xff\0", Framing::Frames),
            (b"\0\0\0\x01", Framing::Frames),
            (b"a:1|c\n", Framing::Lines),
            (b"\n\n\n\n", Framing::Lines),
        ] {
            assert_eq!(Framing::of(first), framing, "first: {first:?}");
        }
    }

    #[test]
    fn whole_frames_are_found_and_long_ones_refused() {
        for (bytes, found) in [
            (&b""[..], (0, false)),
            (b"\x01\0\0", (0, false)),
            (b"\x02\0\0\0a", (0, false)),
            (b"\x02\0\0\0ab", (6, false)),
            (b"\0\0\0\0\x01\0\0\0ab", (9, false)),
            (b"\x01\0\0\0a\x01\0\x01\0b", (5, true)),
            (b"\0\0\x01\0b", (0, false)),
        ] {
            assert_eq!(whole_frames(bytes, 65_536), found, "bytes: {bytes:?}");
        }
        let packets: Vec<&[u8]> = Frames(b"\x02\0\0\0ab\0\0\0\0\x01\0\0\0c").collect();
        assert_eq!(packets, [&b"ab"[..], b"", b"c"]);
    }
}
