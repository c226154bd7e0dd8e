//! The HTTP side: the metrics, health, and a page that points to them. No client can hold up another.
//!
//! ```text
//! listeners -> front (one thread, one poll) -> workers (routes, body, write) -> front ...
//! ```
//!
//! The front owns every connection that nobody works on: idle ones, heads that arrive byte by byte, answers whose
//! readers are slow. Such a client holds a place in a list, some bytes and a deadline, and never a thread. A worker gets
//! a connection only with something to do, brings it as far as it goes without waiting, and hands it back.
//!
//! tiny_http prints the head of every answer, and its types are those of requests and answers. Its server is not used:
//! it gives a thread to each connection, ends its accept loop on the first error, and has no limit for time, for heads
//! or for connections; what has to be put before it on an open port is this front already.
//!
//! Limits, each counted when it is met: connections ([`Limits::connections`], [`Limits::per_address`]; an idle one makes
//! room before a new one is refused), bytes and fields of a head ([`Limits::head_bytes`], [`head::MAX_HEADERS`]), the time a head and an answer
//! may take ([`Limits`]), scrapes in flight ([`Settings::max_requests`]; one more waits for a moment). Of these, half may wait for slow readers; of
//! more, the one that has taken nothing for the longest is cut off, so that slow readers never use up the limit.

mod answer;
mod conn;
mod crowd;
mod encoding;
pub mod flags;
mod front;
pub mod head;
mod lifecycle;
pub mod limits;
mod print;
pub mod query;
mod ready;
mod routes;
pub mod secure;
mod socket;
pub mod stats;
mod wake;
mod worker;

pub use lifecycle::{Lifecycle, Told};
pub use limits::Limits;
pub use query::Query;
pub use ready::Ready;
pub use socket::Listener;
pub use stats::Stats;

use crate::once::Throttle;
use crate::threads::Threads;
use front::{Front, Parts};
use routes::Routes;
use secure::Door;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wake::Waker;
use worker::Worker;

/// Threads that answer. Two, so that a health check is not behind a large scrape.
const WORKERS: usize = 2;
/// Passwords that wait to be checked, one by one: a bcrypt hash takes tens of milliseconds.
const CHECKS: usize = 16;
/// TLS handshakes under way at once; of more, the oldest is ended. Each may hold 64 KiB and the work of a signature.
const MAX_HANDSHAKES: usize = 128;
/// A worker that is inside a scrape when the agent stops has this much longer than the answers.
const JOIN_GRACE: Duration = Duration::from_millis(500);

/// Where a scrape comes from.
pub trait Scraper: Send + Sync {
    /// Begins a scrape. The body is pulled as the client takes it, some 64 KiB at a time, on a thread that answers
    /// others as well: a `read` may work, but hardly wait. Before its first byte it may be not ready instead, as
    /// [`Ready::not_yet`] has it, until [`Query::timeout`] is over; a `read` of no bytes tells that, too.
    fn scrape(&self, query: &Query, ready: Ready) -> Result<Box<dyn Read + Send>, ScrapeError>;

    /// The largest and the busiest metrics of apps, so many of each, as text for people.
    fn top(&self, count: usize) -> String;
}

/// What is behind the routes.
pub struct Served {
    /// The metrics.
    pub scraper: Arc<dyn Scraper>,
    /// What `/-/reload` and `/-/quit` do, where they are enabled.
    pub lifecycle: Option<Arc<dyn Lifecycle>>,
}

/// What is wrong with the query of a scrape: one sentence, which the scraper gets with status 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrapeError(pub String);

impl fmt::Display for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ScrapeError {}

/// What the flags say about the web side.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Path of the metrics, with one slash before it. With `/` there is no landing page.
    pub telemetry_path: String,
    /// Scrapes in flight at once; 0 for no limit.
    pub max_requests: usize,
    /// Whether scrapers that ask for OpenMetrics get it.
    pub openmetrics: bool,
    /// How much sooner than its scraper gives up a scrape goes on without what is late.
    pub timeout_offset: Duration,
    /// Whether `/-/ready` says so.
    pub ready: Arc<AtomicBool>,
    /// Who may come in.
    pub door: Arc<Door>,
    /// Limits in number and time.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            telemetry_path: "/metrics".into(),
            max_requests: 40,
            openmetrics: false,
            timeout_offset: Duration::from_millis(500),
            ready: Arc::new(AtomicBool::new(false)),
            door: Arc::default(),
            limits: Limits::default(),
        }
    }
}

/// The running web side.
#[must_use = "threads run until stop"]
pub struct Web {
    stop: Arc<AtomicBool>,
    waker: Arc<Waker>,
    threads: Threads,
    stop_timeout: Duration,
}

impl Web {
    /// Starts serving on bound, non-blocking listeners.
    pub fn start(listeners: Vec<Listener>, settings: &Settings, served: Served, stats: Stats) -> io::Result<Self> {
        let (stats, stop, failures) = (Arc::new(stats), Arc::new(AtomicBool::new(false)), Arc::<Throttle>::default());
        let routes = Arc::new(Routes::new(settings, served, Arc::clone(&stats)));
        let limits = Limits { connections: settings.limits.connections.max(1), ..settings.limits };
        let (jobs, jobs_to_do) = crossbeam_channel::bounded(front::HANDED);
        let (first, first_to_do) = crossbeam_channel::bounded(1);
        let (done, back) = crossbeam_channel::bounded(limits.connections);
        let (waker, wake) = Waker::pair()?;
        let waker = Arc::new(waker);
        let mut web = Self { stop, waker, threads: Threads::default(), stop_timeout: limits.stop_timeout };
        for n in 0..WORKERS {
            let worker = Worker {
                first: if n == 0 { first_to_do.clone() } else { crossbeam_channel::never() },
                jobs: jobs_to_do.clone(),
                back: done.clone(),
                waker: Arc::clone(&web.waker),
                routes: Arc::clone(&routes),
                stats: Arc::clone(&stats),
                response_timeout: limits.response_timeout,
                failures: Arc::clone(&failures),
            };
            web.threads.spawn(&format!("web-{n}"), move || worker.run())?;
        }
        let (checks, to_check) = crossbeam_channel::bounded(CHECKS);
        if settings.door.is_guarded() {
            let (back, waker, stats) = (done.clone(), Arc::clone(&web.waker), Arc::clone(&stats));
            web.threads.spawn("web-login", move || worker::check_logins(&to_check, &back, &waker, &stats))?;
        }
        let max_waiting = (settings.max_requests > 0).then(|| (settings.max_requests / 2).max(1));
        let stop = Arc::clone(&web.stop);
        let front =
            Front::new(Parts { listeners, wake, first, jobs, back, checks, stop, routes, stats, limits, max_waiting });
        web.threads.spawn("web-front", move || front.run())?;
        Ok(web)
    }

    /// Takes no more connections, lets the answers under way end within a deadline, and ends the threads. Whether all of
    /// them ended; one that is stuck inside a scrape is left behind.
    pub fn stop(self) -> bool {
        self.stop.store(true, Ordering::Release);
        self.waker.wake();
        let ended = self.threads.join(Instant::now() + self.stop_timeout + JOIN_GRACE);
        if let Err(late) = &ended {
            log::warn!("still inside a scrape, and left behind: {}", late.join(", "));
        }
        ended.is_ok()
    }
}
