//! `tallyd top`: asks a running agent for its largest and busiest metrics.

use crate::flag::Takes;
use crate::listen::unix;
use crate::subcommand::{Matches, Opt, Subcommand};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// An agent that takes longer is not there.
const TIMEOUT: Duration = Duration::from_secs(5);
/// More than the page ever has.
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// The subcommand.
pub static COMMAND: Subcommand = Subcommand {
    name: "top",
    about: "Show which metrics of apps have most series, and which are busiest",
    usage: "tallyd top [OPTIONS]",
    examples: "",
    operands: &[],
    options: &[
        Opt::new("from", Takes::Value("URL"), "Where the agent serves: http://HOST:PORT or unix:///PATH")
            .default("http://127.0.0.1:9100"),
        Opt::new("count", Takes::Value("COUNT"), "Metrics of each kind to show, up to 1000").default("10").up_to(1000),
    ],
    verbs: &[],
};

/// Asks the agent that the arguments of [`COMMAND`] name, and returns its tables.
pub fn run(arguments: &Matches) -> Result<String, TopError> {
    let from = arguments.value("from").unwrap_or_default();
    let count = arguments.value("count").unwrap_or_default();
    let why = |why: String| TopError { from: from.to_owned(), why };
    if from.starts_with("https:") {
        return Err(why(format!(
            "https is not spoken here; curl shows the same: {}/-/top",
            from.trim_end_matches('/')
        )));
    }
    let answer = match from.strip_prefix("unix:") {
        Some(rest) => fetch_unix(&unix::parse_path(rest).map_err(why)?, count),
        None => {
            let host = from.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
            let host = host.filter(|host| !host.is_empty() && !host.contains('/'));
            fetch(host.ok_or_else(|| why("an agent is http://HOST:PORT or unix:///PATH".into()))?, count)
        }
    };
    let answer = answer.map_err(|e| why(e.to_string()))?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| why("it gave no HTTP answer".into()))?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        _ => Err(why(format!("it answered {:?}", head.lines().next().unwrap_or_default()))),
    }
}

fn fetch(host: &str, count: &str) -> io::Result<String> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in host.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(TIMEOUT))?;
                stream.set_write_timeout(Some(TIMEOUT))?;
                return ask(stream, host, count);
            }
            Err(e) => failed = e,
        }
    }
    Err(failed)
}

fn fetch_unix(path: &Path, count: &str) -> io::Result<String> {
    let stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    ask(stream, "localhost", count)
}

fn ask(mut stream: impl Read + Write, host: &str, count: &str) -> io::Result<String> {
    // In HTTP/1.0 the answer ends with the connection, and is in one piece.
    write!(stream, "GET /-/top?count={count} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
    Ok(answer)
}

/// Why there are no tables: one sentence.
#[derive(Debug)]
pub struct TopError {
    from: String,
    why: String,
}

impl fmt::Display for TopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "can't ask {}: {}", self.from, self.why)
    }
}

impl std::error::Error for TopError {}
