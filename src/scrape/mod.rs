//! One scrape: the agent's own metrics, the host, the apps, in this order, as a body that is made while it is read.
//!
//! A piece is made when the one before it was taken, so that a body of any size takes the memory of one piece. The host is
//! asked at once and has a deadline, by which the scrape goes on without what hangs.

mod crew;
mod run;

pub use crew::Crew;

use crate::encode::{Encoder, Format, Names, Refused};
use crate::host::Selection;
use crate::once::Throttle;
use crate::statsd::receive::Receivers;
use crate::statsd::store::Cursor;
use crate::statsd::{Clock, Pipeline};
use crate::telemetry::{Registrar, Registry, Telemetry};
use crate::web::{Query, Ready, ScrapeError, Scraper};
use crew::Running;
use prometheus::IntCounter;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// A piece is handed on when it has this many bytes.
const PIECE_BYTES: usize = 64 << 10;

/// Series written under one turn of the pipeline's lock: some 30 us, which ingest does not notice.
const SERIES_A_TURN: usize = 500;

/// What a scrape shows.
pub struct Sources {
    /// The agent itself.
    pub telemetry: Telemetry,
    /// The host.
    pub host: Crew,
    /// The time of the apps' series.
    pub clock: Clock,
    /// The apps.
    pub pipeline: Arc<Pipeline>,
    /// Their sockets.
    pub receivers: Receivers,
    /// What is left out of bodies.
    pub refused: LeftOut,
}

/// Counts families that a second source claimed, or that the format has no room for, and tells of them.
pub struct LeftOut {
    count: IntCounter,
    complaints: Throttle,
}

impl LeftOut {
    /// Registers the counter.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let count = Registrar(registry).counter(
            "tallyd_families_refused_total",
            "Metrics left out of a scrape, whole or in part: another source of it has one of the same name, or OpenMetrics \
             has no such value.",
        )?;
        Ok(Self { count, complaints: Throttle::default() })
    }

    fn tell(&self, refused: &[Refused]) {
        if let Some(first) = refused.first() {
            self.count.inc_by(refused.len() as u64);
            let line = format_args!("left out {}: {}", first.name, first.why);
            self.complaints.warn(Instant::now(), line);
        }
    }
}

/// Makes bodies.
pub struct Bodies {
    sources: Arc<Sources>,
    known: Arc<Known>,
}

/// What a body knows from those before it.
#[derive(Default)]
struct Known {
    /// Size of the first piece and a little more, for which the next one has room from its start: one that grows moves
    /// several times, at last to a mapping of its own.
    room: AtomicUsize,
    /// The agent's own names, by format. They are its own before the host is asked, which is then asked first, so that
    /// collectors run while telemetry is written.
    names: [OnceLock<Names>; 2],
}

impl Bodies {
    /// Of these sources.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self { sources, known: Arc::default() }
    }
}

impl Scraper for Bodies {
    fn scrape(&self, query: &Query, ready: Ready) -> Result<Box<dyn Read + Send>, ScrapeError> {
        let (sources, known) = (Arc::clone(&self.sources), Arc::clone(&self.known));
        let collect: Vec<&str> = query.collect.iter().map(String::as_str).collect();
        let exclude: Vec<&str> = query.exclude.iter().map(String::as_str).collect();
        let selection = sources.host.host().select(&collect, &exclude).map_err(|e| ScrapeError(e.to_string()))?;
        let filtered = !(collect.is_empty() && exclude.is_empty());
        let next = Next::start(filtered, selection);
        let encoder = Encoder::new(query.format).with_room(known.room.load(Ordering::Relaxed));
        let deadline = Instant::now() + query.timeout;
        Ok(Box::new(Body {
            sources,
            known,
            format: query.format,
            deadline,
            ready,
            encoder,
            piece: Vec::new(),
            read: 0,
            next,
        }))
    }

    fn top(&self, count: usize) -> String {
        self.sources.pipeline.top(count, self.sources.clock.now())
    }
}

/// What is written next.
enum Next {
    Telemetry(Selection),
    Host {
        selection: Selection,
        then_apps: bool,
    },
    /// The host is being asked, and has the encoder meanwhile. There may be one for what telemetry has written.
    Asked {
        running: Running,
        then_apps: bool,
    },
    Apps(Cursor),
    End,
    Nothing,
}

impl Next {
    /// A scrape that picks collectors is for them alone, as node_exporter has it.
    fn start(filtered: bool, selection: Selection) -> Self {
        if filtered { Self::Host { selection, then_apps: false } } else { Self::Telemetry(selection) }
    }
}

struct Body {
    sources: Arc<Sources>,
    known: Arc<Known>,
    format: Format,
    /// When the host has to have answered.
    deadline: Instant,
    /// Where to say that it has.
    ready: Ready,
    encoder: Encoder,
    piece: Vec<u8>,
    /// How much of the piece was read.
    read: usize,
    next: Next,
}

impl Body {
    /// Writes what the agent tells of itself; in all bodies but the first while the host is asked already.
    fn telemetry(&mut self, selection: Selection) -> Next {
        let sources = &self.sources;
        sources.receivers.count_drops();
        let known = &self.known.names[self.format as usize];
        let Some(names) = known.get() else {
            sources.telemetry.collect(&mut self.encoder);
            // Set: another scrape was the first as well, and has found the same.
            known.set(self.encoder.names()).ok();
            return Next::Host { selection, then_apps: true };
        };
        let body = std::mem::take(&mut self.encoder).without(names);
        self.encoder = body.part_with(names);
        let running = sources.host.begin(selection, self.deadline, body, self.ready.clone());
        sources.telemetry.collect(&mut self.encoder);
        Next::Asked { running, then_apps: true }
    }

    /// Makes the next piece; an empty one is the end. While the host is asked there is none, and it is not ready.
    fn fill(&mut self) -> io::Result<()> {
        while self.encoder.len() < PIECE_BYTES {
            let sources = &self.sources;
            self.next = match std::mem::replace(&mut self.next, Next::Nothing) {
                Next::Telemetry(selection) => self.telemetry(selection),
                Next::Host { selection, then_apps } => {
                    let encoder = std::mem::take(&mut self.encoder);
                    let running = sources.host.begin(selection, self.deadline, encoder, self.ready.clone());
                    Next::Asked { running, then_apps }
                }
                Next::Asked { mut running, then_apps } => {
                    if let Some(again) = running.look() {
                        self.next = Next::Asked { running, then_apps };
                        return Err(self.ready.not_yet(again));
                    }
                    let mut body = running.end();
                    body.append(&mut self.encoder);
                    self.encoder = body;
                    match then_apps {
                        true => Next::Apps(sources.pipeline.begin(sources.clock.now())),
                        false => Next::End,
                    }
                }
                Next::Apps(mut cursor) => {
                    match sources.pipeline.write(&mut cursor, SERIES_A_TURN, sources.clock.now(), &mut self.encoder) {
                        true => Next::Apps(cursor),
                        false => Next::End,
                    }
                }
                Next::End => {
                    self.encoder.end();
                    Next::Nothing
                }
                Next::Nothing => break,
            };
        }
        if self.piece.is_empty() {
            let len = self.encoder.len();
            self.known.room.store(len + len / 16, Ordering::Relaxed);
        }
        self.encoder.take(&mut self.piece);
        self.read = 0;
        self.sources.refused.tell(&self.encoder.refused());
        Ok(())
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() {
            self.fill()?;
        }
        let mut rest = &self.piece[self.read..];
        let count = rest.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}
