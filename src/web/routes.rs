//! What is served: the metrics, health, and a page that says where they are.

use super::crowd::Member;
use super::encoding::{Packed, accepts_gzip};
use super::head::{Refusal, Request};
use super::lifecycle::{self, Lifecycle, QUIT, RELOAD};
use super::print::{PLAIN, SERVER, field};
use super::ready::Ready;
use super::secure::{Door, Rules};
use super::stats::Stats;
use super::{Query, Scraper, Served, Settings};
use crate::encode::Format;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tiny_http::{Header, Response, ResponseBox, StatusCode};

/// Path that says whether the program runs.
pub const HEALTHY: &str = "/-/healthy";
/// Path that says whether it takes what it is sent.
pub const READY: &str = "/-/ready";

/// Path of the largest and the busiest metrics.
pub const TOP: &str = "/-/top";
/// How long a scraper that does not say so waits: what Prometheus does by default.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(10);

/// Metrics of each table, unless `count` says otherwise.
const TOP_COUNT: usize = 10;
/// The highest `count` that counts.
const TOP_MAX: usize = 1000;

/// A scrape in flight. Counted as one until it is dropped, and then by its status code.
pub struct Ticket {
    stats: Arc<Stats>,
    /// Status code of the answer.
    pub code: u16,
    /// Counts it among those of the same client.
    pub member: Option<Member>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.stats.scrapes_in_flight.dec();
        self.stats.scrapes.with_label_values(&[itoa::Buffer::new().format(self.code)]).inc();
    }
}

/// What becomes of a request that was taken in.
pub enum Admitted {
    /// It is answered; a scrape has a ticket.
    Go(Option<Ticket>),
    /// It is a scrape, and there are as many as may be.
    Wait,
}

/// The routes and what they need.
pub struct Routes {
    telemetry_path: String,
    max_requests: usize,
    openmetrics: bool,
    timeout_offset: Duration,
    response_timeout: Duration,
    ready: Arc<AtomicBool>,
    scraper: Arc<dyn Scraper>,
    lifecycle: Option<Arc<dyn Lifecycle>>,
    door: Arc<Door>,
    stats: Arc<Stats>,
}

impl Routes {
    /// Makes the routes.
    pub fn new(settings: &Settings, served: Served, stats: Arc<Stats>) -> Self {
        Self {
            telemetry_path: settings.telemetry_path.clone(),
            max_requests: settings.max_requests,
            openmetrics: settings.openmetrics,
            timeout_offset: settings.timeout_offset,
            response_timeout: settings.limits.response_timeout,
            ready: Arc::clone(&settings.ready),
            scraper: served.scraper,
            lifecycle: served.lifecycle,
            door: Arc::clone(&settings.door),
            stats,
        }
    }

    /// Takes a request in: a scrape gets a ticket, or has to wait when there are too many or others wait already. So does a
    /// look at the top, which goes through all metrics too. Called by one thread only, so that the limit is exact.
    pub fn admit(&self, request: &Request, others_wait: bool) -> Result<Admitted, Refusal> {
        if request.is_command() && !matches!(request.path.as_str(), RELOAD | QUIT) {
            return Err(Refusal::Method);
        }
        if request.path != self.telemetry_path && request.path != TOP {
            return Ok(Admitted::Go(None));
        }
        if others_wait || !self.has_place() {
            return Ok(Admitted::Wait);
        }
        self.stats.scrapes_in_flight.inc();
        Ok(Admitted::Go(Some(Ticket { stats: Arc::clone(&self.stats), code: 200, member: None })))
    }

    /// Whether one more scrape may be in flight.
    pub fn has_place(&self) -> bool {
        let in_flight = usize::try_from(self.stats.scrapes_in_flight.get()).unwrap_or_default();
        self.max_requests == 0 || in_flight < self.max_requests
    }

    /// Gives up a scrape that has waited for long enough.
    pub fn give_up(&self) -> Refusal {
        self.stats.scrapes.with_label_values(&["503"]).inc();
        Refusal::ScrapeLimit(self.max_requests)
    }

    /// Who may come in.
    pub fn rules(&self) -> Arc<Rules> {
        self.door.rules(&self.stats)
    }

    /// Answers a request. A body that is not ready says by `ready` when it is.
    pub fn answer(&self, request: &Request, ready: &Ready) -> ResponseBox {
        match request.path.as_str() {
            path if path == self.telemetry_path => self.metrics(request, ready),
            "/" => text(200, "text/html; charset=utf-8", self.landing_page()),
            HEALTHY => text(200, PLAIN, "tallyd is healthy.\n".into()),
            READY if self.ready.load(Ordering::Acquire) => text(200, PLAIN, "tallyd is ready.\n".into()),
            READY => text(503, PLAIN, "tallyd is not ready.\n".into()),
            TOP => text(200, PLAIN, self.scraper.top(count(&request.query).unwrap_or(TOP_COUNT).min(TOP_MAX))),
            RELOAD | QUIT => lifecycle::answer(request, self.lifecycle.as_ref(), ready),
            _ => text(404, PLAIN, "There is nothing at this path.\n".into()),
        }
    }

    /// The answer whose body could not be read: to a scrape, unless it is a reload's.
    pub fn failed(&self, error: &std::io::Error) -> ResponseBox {
        if let Some(answer) = lifecycle::failed(error) {
            return answer;
        }
        self.stats.scrape_errors.with_label_values(&["gathering"]).inc();
        text(500, PLAIN, format!("The metrics could not be read: {error}.\n"))
    }

    fn metrics(&self, request: &Request, ready: &Ready) -> ResponseBox {
        let format = if self.openmetrics { Format::of_accept(request.header("Accept")) } else { Format::Text };
        let timeout = self.timeout(request.scrape_timeout());
        let query = Query { format, timeout, ..Query::parse(&request.query) };
        let body = match self.scraper.scrape(&query, ready.clone()) {
            Ok(body) => body,
            Err(error) => return text(400, PLAIN, format!("{}\n", error.0)),
        };
        if !accepts_gzip(request.header("Accept-Encoding")) {
            return response(200, format.content_type(), None, body, None);
        }
        let packed = Box::new(Packed::new(body));
        response(200, format.content_type(), field("Content-Encoding", "gzip"), packed, None)
    }

    /// How long a body may take to be made. Half of what the scraper waits is kept for it, whatever the offset says.
    fn timeout(&self, asked: Option<Duration>) -> Duration {
        let whole = asked.unwrap_or(SCRAPE_TIMEOUT).min(self.response_timeout);
        whole.saturating_sub(self.timeout_offset).max(whole / 2)
    }

    fn landing_page(&self) -> String {
        let link = |path: &str, about: &str| {
            let path = escape_html(path);
            format!("<li><a href=\"{path}\">{path}</a>: {about}</li>\n")
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>tallyd</title></head>\n<body>\n\
             <h1>tallyd {}</h1>\n<p>Metrics of this host and its apps.</p>\n<ul>\n{}{}{}{}</ul>\n\
             <p><code>tallyd --help</code> lists all flags.</p>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION"),
            link(&self.telemetry_path, "the metrics, for Prometheus or Alloy"),
            link(TOP, "the apps' largest and busiest metrics"),
            link(HEALTHY, "whether the program runs"),
            link(READY, "whether it takes what it is sent"),
        )
    }
}

/// An answer whose body is at hand.
pub fn text(status: u16, content_type: &str, body: String) -> ResponseBox {
    let length = body.len();
    response(status, content_type, None, Box::new(Cursor::new(body.into_bytes())), Some(length))
}

/// An answer.
pub fn response(
    status: u16,
    content_type: &str,
    more: Option<Header>,
    body: Box<dyn Read + Send>,
    length: Option<usize>,
) -> ResponseBox {
    let headers = field("Content-Type", content_type).into_iter().chain(field("Server", SERVER)).chain(more).collect();
    Response::new(StatusCode(status), headers, body, length, None)
}

/// The number in `count=20`.
fn count(query: &str) -> Option<usize> {
    query.split('&').find_map(|pair| pair.strip_prefix("count="))?.parse().ok()
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
