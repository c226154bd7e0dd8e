//! What a stream connection sends, whole and in pieces: the same lines come out of it, in the same order. The first byte
//! says whether the connection may send frames, the second how long the pieces are.

use std::cell::RefCell;
use tallyd::statsd::receive::connection::{Connection, Framing};
use tallyd::statsd::receive::{Ingest, Lengths, Metrics};
use tallyd::telemetry::Registry;

/// Short, so that inputs of a few bytes go over them.
const LENGTHS: Lengths = Lengths { line: 40, frame: 300 };

thread_local! {
    static METRICS: Metrics = Metrics::new(&Registry::new()).expect("metrics");
}

/// Keeps the lines that are no blank ones: how many of those there are depends on where a piece ends.
#[derive(Default)]
struct Lines(RefCell<Vec<Vec<u8>>>);

impl Ingest for Lines {
    fn ingest<'a>(&self, lines: impl Iterator<Item = &'a [u8]> + Clone) {
        assert_eq!(lines.clone().count(), lines.clone().count(), "lines can be gone through twice");
        self.0.borrow_mut().extend(lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec));
    }
}

/// The lines, and whether the connection was ended because of what it sent.
fn run<'a>(framing: Framing, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, bool) {
    let (lines, mut connection) = (Lines::default(), Connection::new((), framing, LENGTHS));
    METRICS.with(|metrics| {
        for piece in pieces {
            if connection.take(piece, &lines, &metrics.unixstream).is_err() {
                return (lines.0.take(), true);
            }
        }
        connection.finish(&lines, &metrics.unixstream);
        (lines.0.take(), false)
    })
}

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let [kind, length, bytes @ ..] = data else { return };
    let framing = if kind % 2 == 0 { Framing::Unknown } else { Framing::Lines };
    let whole = run(framing, std::iter::once(bytes));
    let pieces = run(framing, bytes.chunks(usize::from(*length).max(1)));
    assert_eq!(whole, pieces, "whole and in pieces");
}
