//! The head of a request: found, parsed and judged before anything else of the agent sees it.
//! Source: RFC 9112 (form), RFC 9110 (meaning).

use super::query::{Plus, decode, parse_timeout};
use std::str::FromStr;
use std::time::Duration;
use tiny_http::{HTTPVersion, Header, Method, StatusCode};

/// A head with more fields than this is refused.
pub const MAX_HEADERS: usize = 64;

/// Methods that show something, as `Allow` lists them.
pub const ALLOW: &str = "GET, HEAD";

/// A request without a body, which is all that is served.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET` or `HEAD`; `POST` or `PUT` on paths that do something.
    pub method: Method,
    /// 1.0 or 1.1.
    pub version: HTTPVersion,
    /// Path of the target, decoded.
    pub path: String,
    /// What follows the question mark, as sent.
    pub query: String,
    /// Header fields. One whose value is not ASCII means nothing to us and is left out.
    pub headers: Vec<Header>,
    /// Whether the client wants to go on using the connection.
    pub keep_alive: bool,
}

impl Request {
    /// The value of a header field, `""` where there is none. The name is matched without regard to case.
    pub fn header(&self, name: &'static str) -> &str {
        self.headers.iter().find(|h| h.field.equiv(name)).map_or("", |h| h.value.as_str())
    }

    /// Whether it asks for something to be done, rather than shown.
    pub fn is_command(&self) -> bool {
        matches!(self.method, Method::Post | Method::Put)
    }

    /// How long a scraper says that it waits.
    pub fn scrape_timeout(&self) -> Option<Duration> {
        parse_timeout(self.header("X-Prometheus-Scrape-Timeout-Seconds"))
    }
}

/// Why a request is refused before any route sees it. The connection is closed after the answer, because what follows
/// on it can't be told from the rest of the refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not HTTP/1, or not well-formed; the clause says what.
    BadHead(&'static str),
    /// More bytes than this limit.
    HeadTooLarge(usize),
    /// More fields than [`MAX_HEADERS`].
    TooManyHeaders,
    /// The head took too long to arrive.
    HeadTimeout,
    /// There is a body.
    Body,
    /// The client waits for a `100 Continue`.
    Expect,
    /// It expects something else, which nobody here knows.
    Expectation,
    /// Another method than those of [`ALLOW`], on a path that only shows something.
    Method,
    /// More scrapes at once than this limit.
    ScrapeLimit(usize),
    /// Neither name nor password, or wrong ones.
    Unauthorized,
    /// Too many wrong passwords from one address, or too many to check.
    TooManyLogins,
    /// Too many wrong passwords from all addresses together.
    TooManyLoginsOfAll,
    /// More connections at once than the limit: said before a request was read.
    TooManyConnections,
    /// The same for the connections of one client.
    TooManyOfAddress,
}

impl Refusal {
    /// Value of the label `reason`.
    pub fn reason(self) -> &'static str {
        match self {
            Self::BadHead(_) => "bad_head",
            Self::HeadTooLarge(_) | Self::TooManyHeaders => "head_too_large",
            Self::HeadTimeout => "head_timeout",
            Self::Body => "body",
            Self::Expect | Self::Expectation => "expect",
            Self::Method => "method",
            Self::ScrapeLimit(_) => "scrape_limit",
            Self::Unauthorized => "unauthorized",
            Self::TooManyLogins => "login_limit",
            Self::TooManyLoginsOfAll => "login_rate",
            Self::TooManyConnections => "connection_limit",
            Self::TooManyOfAddress => "address_limit",
        }
    }

    /// Status of the answer.
    pub fn status(self) -> StatusCode {
        StatusCode(match self {
            Self::BadHead(_) | Self::Expect => 400,
            Self::Unauthorized => 401,
            Self::TooManyLogins | Self::TooManyLoginsOfAll => 429,
            Self::HeadTooLarge(_) | Self::TooManyHeaders => 431,
            Self::HeadTimeout => 408,
            Self::Body => 413,
            // RFC 9110, 10.1.1. It is not for a 100 Continue, which curl would ask for again without.
            Self::Expectation => 417,
            Self::Method => 405,
            Self::ScrapeLimit(_) | Self::TooManyConnections | Self::TooManyOfAddress => 503,
        })
    }

    /// What the client is told: one sentence.
    pub fn sentence(self) -> String {
        match self {
            Self::BadHead(why) => format!("This is no HTTP/1 request that can be served: {why}."),
            Self::HeadTooLarge(limit) => format!("The head of a request may have {limit} bytes."),
            Self::TooManyHeaders => format!("The head of a request may have {MAX_HEADERS} fields."),
            Self::HeadTimeout => "The head of the request took too long to arrive.".into(),
            Self::Body => "A request may have no body here.".into(),
            Self::Expect => "Nothing here waits for a 100 Continue.".into(),
            Self::Expectation => "Nothing that a request expects is known here but 100-continue.".into(),
            Self::Method => "Only GET and HEAD are served.".into(),
            Self::Unauthorized => "This needs a name and its password.".into(),
            Self::TooManyLogins | Self::TooManyLoginsOfAll => "Too many passwords to check, try again later.".into(),
            Self::ScrapeLimit(limit) => {
                format!("Limit of concurrent requests reached ({limit}), try again later.")
            }
            Self::TooManyConnections => "Limit of connections reached, try again later.".into(),
            Self::TooManyOfAddress => "Limit of connections of one address reached, try again later.".into(),
        }
    }
}

/// Length of the empty lines before a head, which RFC 9112, 2.2 asks a server to skip.
pub fn blank_prefix(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&b| b == b'\r' || b == b'\n').count()
}

/// Looks for the empty line that ends a head, from `scanned` on, which was searched before. The length of the head with
/// it, or `None` when more has to come.
pub fn find_end(bytes: &[u8], scanned: usize) -> Option<usize> {
    // The line end before may have been the last that was there.
    let start = scanned.saturating_sub(2);
    let window = bytes.get(start..)?;
    memchr::memchr_iter(b'\n', window).find_map(|at| match window.get(at + 1..)? {
        [b'\n', ..] => Some(start + at + 2),
        [b'\r', b'\n', ..] => Some(start + at + 3),
        _ => None,
    })
}

/// Whether the first bytes can be those of a request. A TLS hello would else be waited on until the deadline.
pub fn may_begin(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(u8::is_ascii_alphabetic)
}

/// Parses a whole head.
pub fn parse(head: &[u8]) -> Result<Request, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(Refusal::BadHead("it ends too early")),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooManyHeaders),
        Err(httparse::Error::Version) => return Err(Refusal::BadHead("only HTTP/1.0 and HTTP/1.1 are spoken here")),
        Err(_) => return Err(Refusal::BadHead("its head is malformed")),
    }
    let fields = Fields(parsed.headers);
    let version = HTTPVersion(1, parsed.version.unwrap_or_default());
    let method = Method::from_str(parsed.method.unwrap_or_default()).map_err(|()| Refusal::Method)?;
    if !matches!(method, Method::Get | Method::Head | Method::Post | Method::Put) {
        return Err(Refusal::Method);
    }
    fields.judge(&version)?;
    let (path, query) = split_target(parsed.path.unwrap_or_default())?;
    Ok(Request {
        method,
        path: decode(path, Plus::Itself),
        query: query.to_owned(),
        keep_alive: fields.keep_alive(&version),
        headers: fields.to_headers(),
        version,
    })
}

/// Path and query of `/path?query`, or of `http://host/path?query` as a proxy sends it.
fn split_target(target: &str) -> Result<(&str, &str), Refusal> {
    let origin = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.starts_with('/') => match rest.find(['/', '?']) {
            Some(at) => &rest[at..],
            None => "/",
        },
        _ => target,
    };
    let (path, query) = origin.split_once('?').unwrap_or((origin, ""));
    match (path.is_empty(), path.starts_with('/')) {
        (true, _) if origin.len() < target.len() => Ok(("/", query)),
        (_, true) => Ok((path, query)),
        _ => Err(Refusal::BadHead("its target is no path")),
    }
}

/// Header fields as they came.
struct Fields<'a>(&'a [httparse::Header<'a>]);

impl<'a> Fields<'a> {
    fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + 'n {
        self.0.iter().filter(move |h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value)
    }

    /// Refuses what isn't served, and what two readers could take for two different requests.
    fn judge(&self, version: &HTTPVersion) -> Result<(), Refusal> {
        let hosts = self.all("Host").count();
        if hosts > 1 || (hosts == 0 && *version == (1, 1)) {
            return Err(Refusal::BadHead("it needs one Host field"));
        }
        if let Some(expected) = self.all("Expect").next() {
            let is_known = expected.trim_ascii().eq_ignore_ascii_case(b"100-continue");
            return Err(if is_known { Refusal::Expect } else { Refusal::Expectation });
        }
        if self.all("Transfer-Encoding").next().is_some() {
            return Err(Refusal::Body);
        }
        for length in self.all("Content-Length") {
            if length.is_empty() || !length.iter().all(u8::is_ascii_digit) {
                return Err(Refusal::BadHead("its Content-Length is no number"));
            }
            if length.iter().any(|&digit| digit != b'0') {
                return Err(Refusal::Body);
            }
        }
        Ok(())
    }

    /// RFC 9112, 9.3: 1.1 goes on unless told to close, 1.0 closes unless told to go on.
    fn keep_alive(&self, version: &HTTPVersion) -> bool {
        let says = |option: &[u8]| {
            self.all("Connection").any(|v| v.split(|&b| b == b',').any(|o| o.trim_ascii().eq_ignore_ascii_case(option)))
        };
        !says(b"close") && (*version == (1, 1) || says(b"keep-alive"))
    }

    fn to_headers(&self) -> Vec<Header> {
        self.0.iter().filter_map(|h| Header::from_bytes(h.name, h.value).ok()).collect()
    }
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
