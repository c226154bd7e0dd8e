//! The head of an answer, printed by tiny_http, and how its body is framed.

use super::head::{ALLOW, Refusal};
use std::io;
use tiny_http::{HTTPVersion, Header, Response, StatusCode};

/// `Content-Type` of the one-sentence answers.
pub const PLAIN: &str = "text/plain; charset=utf-8";
/// Name and version, as `Server` shows them.
pub const SERVER: &str = concat!("tallyd/", env!("CARGO_PKG_VERSION"));

/// How the client knows where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`.
    Length(usize),
    /// Chunks, as HTTP/1.1 knows them.
    Chunked,
    /// The connection ends with it: HTTP/1.0 and a body of unknown length.
    UntilClose,
}

/// Prints the head of an answer.
///
/// tiny_http leaves `Connection` to its server, and for HTTP/1.0 it would read a body of unknown length into memory to
/// know it. So the end of what it prints is adapted here: its framing field comes last.
pub fn head(
    status: StatusCode,
    headers: Vec<Header>,
    framing: Framing,
    version: &HTTPVersion,
    keep_alive: bool,
) -> io::Result<Vec<u8>> {
    let length = match framing {
        Framing::Length(length) => Some(length),
        Framing::Chunked => None,
        Framing::UntilClose => Some(0),
    };
    let response = Response::new(status, headers, io::empty(), length, None).with_chunked_threshold(usize::MAX);
    let mut out = Vec::with_capacity(256);
    response.raw_print(&mut out, HTTPVersion(version.0, version.1), &[], true, None)?;
    let mut cut = |suffix: &[u8]| match out.ends_with(suffix) {
        true => out.truncate(out.len() - suffix.len()),
        false => debug_assert!(false, "a head ends in {suffix:?}"),
    };
    cut(b"\r\n");
    if framing == Framing::UntilClose {
        cut(b"Content-Length: 0\r\n");
    }
    match (keep_alive, *version <= (1, 0)) {
        (false, _) => out.extend_from_slice(b"Connection: close\r\n"),
        (true, true) => out.extend_from_slice(b"Connection: keep-alive\r\n"),
        (true, false) => {}
    }
    out.extend_from_slice(b"\r\n");
    Ok(out)
}

/// A header field; one that can't be one is left out, which no text of ours is.
pub fn field(name: &str, value: &str) -> Option<Header> {
    Header::from_bytes(name, value).ok()
}

/// A whole answer that refuses a request and ends the connection. It has these fields as well.
pub fn refusal(refusal: Refusal, more: &[Header]) -> io::Result<Vec<u8>> {
    let text = refusal.sentence() + "\n";
    let mut headers: Vec<Header> = [("Content-Type", PLAIN), ("Server", SERVER)]
        .into_iter()
        .filter_map(|(name, value)| field(name, value))
        .collect();
    match refusal {
        Refusal::Method => headers.extend(field("Allow", ALLOW)),
        Refusal::Unauthorized => headers.extend(field("WWW-Authenticate", "Basic")),
        _ => {}
    }
    headers.extend_from_slice(more);
    let mut out = head(refusal.status(), headers, Framing::Length(text.len()), &HTTPVersion(1, 1), false)?;
    out.extend_from_slice(text.as_bytes());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(framing: Framing, minor: u8, keep_alive: bool) -> String {
        let headers = field("Date", "now").into_iter().chain(field("Server", SERVER)).collect();
        let out = head(StatusCode(200), headers, framing, &HTTPVersion(1, minor), keep_alive).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_head_says_how_its_body_ends_and_whether_the_connection_does() {
        for (framing, minor, keep_alive, want) in [
            (Framing::Length(100_000), 1, true, "Content-Length: 100000\r\n\r\n"),
            (Framing::Length(0), 1, false, "Content-Length: 0\r\nConnection: close\r\n\r\n"),
            (Framing::Length(5), 0, true, "Content-Length: 5\r\nConnection: keep-alive\r\n\r\n"),
            (Framing::Chunked, 1, true, "Transfer-Encoding: chunked\r\n\r\n"),
            (Framing::UntilClose, 0, false, "Connection: close\r\n\r\n"),
        ] {
            let start = format!("HTTP/1.{minor} 200 OK\r\nDate: now\r\nServer: {SERVER}\r\n");
            assert_eq!(printed(framing, minor, keep_alive), start + want, "{framing:?} over 1.{minor}");
        }
    }
}
