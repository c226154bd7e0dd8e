//! A running web side, and the scraper behind it.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tallyd::listen::bind_tcp;
use tallyd::telemetry::Registry;
use tallyd::web::{Lifecycle, Listener, Query, Ready, ScrapeError, Scraper, Served, Settings, Stats, Told, Web};

/// Length of the large body.
pub const LARGE: usize = 14 << 20;
/// Length of the medium body, which a socket's buffers may hold whole.
pub const MEDIUM: usize = 300_000;

/// A byte of a body, by its place, so that a piece lost or doubled shows.
pub fn byte_at(place: usize) -> u8 {
    b"0123456789abcdef\n"[(place / 7 + place) % 17]
}

/// The first bytes of a body.
pub fn body(len: usize) -> Vec<u8> {
    (0..len).map(byte_at).collect()
}

/// A body of `len` bytes that fails after them if told to, and waits in the middle while the gate is shut.
struct Body {
    at: usize,
    len: usize,
    fails: bool,
    gate: Option<Arc<AtomicBool>>,
}

impl Read for Body {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(gate) = &self.gate {
            eventually("the gate opens", || gate.load(Ordering::Acquire));
        }
        if self.at == self.len && self.fails {
            return Err(io::Error::other("the store is on fire"));
        }
        // Odd pieces, as a compressor would give them.
        let read = buf.len().min(self.len - self.at).min(40_009);
        buf[..read].iter_mut().enumerate().for_each(|(n, b)| *b = byte_at(self.at + n));
        self.at += read;
        Ok(read)
    }
}

/// A body that is not ready while the gate is shut.
struct Late {
    gate: Arc<AtomicBool>,
    ready: Ready,
    again: Duration,
    body: Body,
}

impl Read for Late {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.gate.load(Ordering::Acquire) {
            true => self.body.read(buf),
            false => Err(self.ready.not_yet(Instant::now() + self.again)),
        }
    }
}

/// A scraper whose body is named by `collect[]`.
#[derive(Default)]
pub struct Fake {
    /// Opens the body `gated`, and makes `late` and `later` ready.
    pub gate: Arc<AtomicBool>,
    /// Where to tell those who wait for the body `late`. Those who wait for `later` look for themselves.
    pub late: Mutex<Vec<Ready>>,
    /// The last query.
    pub last: Mutex<Query>,
    /// Names of the bodies asked for, in their order.
    pub asked: Mutex<Vec<String>>,
    /// What was last done by HTTP.
    pub done: Mutex<Option<&'static str>>,
    /// What the body `stats` shows.
    pub registry: Registry,
}

impl Scraper for Fake {
    fn scrape(&self, query: &Query, ready: Ready) -> Result<Box<dyn Read + Send>, ScrapeError> {
        *self.last.lock().unwrap() = query.clone();
        self.asked.lock().unwrap().push(query.collect.concat());
        let (len, fails, gate) = match query.collect.first().map(String::as_str) {
            None => return Ok(Box::new(&b"up 1\n"[..])),
            Some("stats") => {
                let text = prometheus::TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap();
                return Ok(Box::new(io::Cursor::new(text.into_bytes())));
            }
            Some("medium") => (MEDIUM, false, None),
            Some("large") => (LARGE, false, None),
            Some("empty") => (0, false, None),
            Some("broken") => (0, true, None),
            Some("cut") => (MEDIUM, true, None),
            Some("gated") => (MEDIUM, false, Some(Arc::clone(&self.gate))),
            Some(name @ ("late" | "later")) => {
                let (gate, body) = (Arc::clone(&self.gate), Body { at: 0, len: MEDIUM, fails: false, gate: None });
                let again = Duration::from_millis(if name == "late" { 60_000 } else { 20 });
                self.late.lock().unwrap().push(ready.clone());
                return Ok(Box::new(Late { gate, ready, again, body }));
            }
            Some(other) => return Err(ScrapeError(format!("There is no collector {other:?}."))),
        };
        Ok(Box::new(Body { at: 0, len, fails, gate }))
    }
    fn top(&self, count: usize) -> String {
        format!("top {count}\n")
    }
}

impl Lifecycle for Fake {
    fn reload(&self, told: Told) {
        told(match self.done.lock().unwrap().replace("reload") {
            None => Ok("Read.".into()),
            Some(_) => Err("Not read.".into()),
        });
    }

    fn quit(&self) {
        *self.done.lock().unwrap() = Some("quit");
    }
}

/// A running web side.
pub struct Server {
    pub at: SocketAddr,
    pub fake: Arc<Fake>,
    pub stats: Stats,
    pub web: Web,
}

impl Server {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        change(&mut settings);
        let fake = Arc::new(Fake::default());
        let stats = Stats::register(&fake.registry).unwrap();
        let listener = bind_tcp("web.listen-address", "127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let served = Served { scraper: Arc::clone(&fake) as Arc<_>, lifecycle: Some(Arc::clone(&fake) as Arc<_>) };
        let web = Web::start(vec![Listener::Tcp(listener)], &settings, served, stats.clone()).unwrap();
        Self { at, fake, stats, web }
    }

    pub fn refused(&self, reason: &str) -> u64 {
        self.stats.requests_refused.with_label_values(&[reason]).get()
    }

    pub fn aborted(&self, reason: &str) -> u64 {
        self.stats.responses_aborted.with_label_values(&[reason]).get()
    }

    pub fn scrapes(&self, code: &str) -> u64 {
        self.stats.scrapes.with_label_values(&[code]).get()
    }
}

/// Waits until a condition holds.
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}, in time");
        std::thread::sleep(Duration::from_millis(1));
    }
}
