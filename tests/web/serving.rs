//! What is served.

use crate::client::Client;
use crate::server::{LARGE, MEDIUM, Server, body, eventually};
use std::io::Read;
use std::sync::atomic::Ordering;
use std::time::Duration;

#[test]
fn answers_are_whole() {
    let server = Server::start();
    for (request, want) in [
        (
            "GET /metrics HTTP/1.1\r\nHost: a",
            "HTTP/1.1 200 OK\nContent-Type: text/plain; version=0.0.4; charset=utf-8\nContent-Length: 5\n\nup 1\n",
        ),
        (
            "GET /metrics HTTP/1.0",
            "HTTP/1.0 200 OK\nContent-Type: text/plain; version=0.0.4; charset=utf-8\nContent-Length: 5\n\
             Connection: close\n\nup 1\n",
        ),
        (
            "GET /metrics HTTP/1.0\r\nConnection: keep-alive",
            "HTTP/1.0 200 OK\nContent-Type: text/plain; version=0.0.4; charset=utf-8\nContent-Length: 5\n\
             Connection: keep-alive\n\nup 1\n",
        ),
        (
            "GET /metrics?collect[]=empty HTTP/1.1\r\nHost: a",
            "HTTP/1.1 200 OK\nContent-Type: text/plain; version=0.0.4; charset=utf-8\nContent-Length: 0\n\n",
        ),
        (
            "GET /metrics?collect%5B%5D=nope HTTP/1.1\r\nHost: a",
            "HTTP/1.1 400 Bad Request\nContent-Type: text/plain; charset=utf-8\nContent-Length: 30\n\n\
             There is no collector \"nope\".\n",
        ),
        (
            "GET /metrics?collect[]=broken HTTP/1.1\r\nHost: a",
            "HTTP/1.1 500 Internal Server Error\nContent-Type: text/plain; charset=utf-8\nContent-Length: 53\n\n\
             The metrics could not be read: the store is on fire.\n",
        ),
        (
            "GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close",
            "HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\nContent-Length: 19\nConnection: close\n\n\
             tallyd is healthy.\n",
        ),
        (
            "GET /nowhere HTTP/1.1\r\nHost: a",
            "HTTP/1.1 404 Not Found\nContent-Type: text/plain; charset=utf-8\nContent-Length: 31\n\n\
             There is nothing at this path.\n",
        ),
        (
            "DELETE /metrics HTTP/1.1\r\nHost: a",
            "HTTP/1.1 405 Method Not Allowed\nContent-Type: text/plain; charset=utf-8\nAllow: GET, HEAD\n\
             Content-Length: 30\nConnection: close\n\nOnly GET and HEAD are served.\n",
        ),
    ] {
        let answer = Client::new(server.at).send(format!("{request}\r\n\r\n")).answer();
        assert_eq!(answer.shown(), want, "request: {request:?}");
        assert_eq!(answer.field("Server"), Some(concat!("tallyd/", env!("CARGO_PKG_VERSION"))));
        assert!(answer.field("Date").is_some_and(|d| d.ends_with(" GMT")), "{answer:?}");
    }
    let counted = || [server.scrapes("200"), server.scrapes("400"), server.scrapes("500")];
    eventually("each scrape is counted", || counted() == [4, 1, 1]);
    assert_eq!(server.refused("method"), 1);
    assert!(server.web.stop());
}

#[test]
fn the_landing_page_links_what_is_served_and_escapes_it() {
    let server = Server::with(|s| s.telemetry_path = "/<m>".into());
    let answer = Client::new(server.at).get("/");
    assert_eq!(answer.field("Content-Type"), Some("text/html; charset=utf-8"));
    for part in ["<a href=\"/&lt;m&gt;\">", "/-/healthy", "/-/ready", env!("CARGO_PKG_VERSION")] {
        assert!(answer.text().contains(part), "{part} in {}", answer.text());
    }
    assert_eq!(Client::new(server.at).get("/%3Cm%3E").text(), "up 1\n");
    let server = Server::with(|s| s.telemetry_path = "/".into());
    assert_eq!(Client::new(server.at).get("/").text(), "up 1\n", "metrics on / leave no landing page");
}

#[test]
fn what_does_something_needs_post_or_put_and_no_web_page() {
    let server = Server::start();
    for (request, want, done) in [
        ("GET /-/reload", "405 Method Not Allowed|POST, PUT|Only POST and PUT are served here.\n", None),
        ("HEAD /-/quit", "405 Method Not Allowed|POST, PUT|", None),
        ("POST /metrics", "405 Method Not Allowed|GET, HEAD|Only GET and HEAD are served.\n", None),
        ("PUT /nowhere", "405 Method Not Allowed|GET, HEAD|Only GET and HEAD are served.\n", None),
        ("DELETE /-/quit", "405 Method Not Allowed|GET, HEAD|Only GET and HEAD are served.\n", None),
        ("POST /-/reload", "200 OK||Read.\n", Some("reload")),
        ("PUT /-/reload", "500 Internal Server Error||Not read.\n", Some("reload")),
        ("POST /-/quit", "200 OK||tallyd stops.\n", Some("quit")),
    ] {
        let mut client = Client::new(server.at);
        client.send(format!("{request} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"));
        let answer = client.try_answer(request.starts_with("HEAD")).unwrap();
        let allow = answer.field("Allow").unwrap_or_default();
        let got = format!("{}|{allow}|{}", answer.status.trim_start_matches("HTTP/1.1 "), answer.text());
        assert_eq!((got.as_str(), *server.fake.done.lock().unwrap()), (want, done), "request: {request}");
    }
    let request = "POST /-/reload HTTP/1.1\r\nHost: a\r\nOrigin: http://evil.example\r\n\r\n";
    let answer = Client::new(server.at).send(request).answer();
    assert_eq!((answer.status.as_str(), answer.text()), ("HTTP/1.1 403 Forbidden", "A web page may not do this.\n"));
    assert_eq!(*server.fake.done.lock().unwrap(), Some("quit"), "nothing was done");
}

#[test]
fn the_top_has_as_many_as_asked_for_within_reason() {
    let server = Server::start();
    for (target, want) in [
        ("/-/top", "top 10\n"),
        ("/-/top?count=3", "top 3\n"),
        ("/-/top?a=b&count=99999", "top 1000\n"),
        ("/-/top?count=-1", "top 10\n"),
    ] {
        assert_eq!(Client::new(server.at).get(target).text(), want, "target: {target}");
    }
}

#[test]
fn readiness_follows_its_flag() {
    let mut ready = None;
    let server = Server::with(|s| ready = Some(s.ready.clone()));
    let mut client = Client::new(server.at);
    assert_eq!(client.get("/-/ready").status, "HTTP/1.1 503 Service Unavailable");
    ready.unwrap().store(true, Ordering::Release);
    let answer = client.get("/-/ready");
    assert_eq!((answer.status.as_str(), answer.text()), ("HTTP/1.1 200 OK", "tallyd is ready.\n"));
}

#[test]
fn the_scraper_is_told_what_was_asked() {
    let server = Server::start();
    let fields = "Host: a\r\nX-Prometheus-Scrape-Timeout-Seconds: 2.5\r\n";
    let target = "/metrics?collect[]=medium&collect%5B%5D=b+c&exclude[]=%64";
    Client::new(server.at).send(format!("GET {target} HTTP/1.1\r\n{fields}\r\n")).answer();
    let last = server.fake.last.lock().unwrap();
    assert_eq!((last.collect.join(","), last.exclude.join(",")), ("medium,b c".into(), "d".into()));
    assert_eq!(last.timeout, Duration::from_secs(2));
}

#[test]
fn a_scrape_is_over_before_its_scraper_gives_up() {
    let server = Server::with(|settings| settings.timeout_offset = Duration::from_secs(1));
    for (asked, millis) in [
        ("", 9_000),
        ("X-Prometheus-Scrape-Timeout-Seconds: 15\r\n", 14_000),
        ("X-Prometheus-Scrape-Timeout-Seconds: 2.5\r\n", 1_500),
        ("X-Prometheus-Scrape-Timeout-Seconds: 0.5\r\n", 250),
        // An answer may take no longer than 30 s.
        ("X-Prometheus-Scrape-Timeout-Seconds: 300\r\n", 29_000),
        ("X-Prometheus-Scrape-Timeout-Seconds: soon\r\n", 9_000),
    ] {
        Client::new(server.at).send(format!("GET /metrics HTTP/1.1\r\nHost: a\r\n{asked}\r\n")).answer();
        assert_eq!(server.fake.last.lock().unwrap().timeout, Duration::from_millis(millis), "asked: {asked}");
    }
}

#[test]
fn a_connection_serves_request_after_request() {
    let server = Server::start();
    let mut client = Client::new(server.at);
    for _ in 0..50 {
        assert_eq!(client.get("/metrics").text(), "up 1\n");
    }
    // A head that ends exactly in pieces, with the empty lines that a server has to let by.
    for piece in ["\r\n\r\nGET /-/hea", "lthy HTTP/1.1\r\nHost", ": a\r\n\r", "\n"] {
        client.send(piece);
    }
    assert_eq!(client.answer().text(), "tallyd is healthy.\n");
    assert_eq!(server.stats.connections_total.get(), 1);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").answer();
    assert!(client.is_closed());
    eventually("it is gone", || server.stats.connections.get() == 0);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let server = Server::start();
    let mut client = Client::new(server.at);
    let targets = ["/metrics?collect[]=medium", "/-/healthy", "/nowhere", "/metrics"];
    let all: String = targets.iter().map(|t| format!("GET {t} HTTP/1.1\r\nHost: a\r\n\r\n")).collect();
    client.send(all.repeat(20));
    for _ in 0..20 {
        assert_eq!(client.answer().body, body(MEDIUM));
        assert_eq!(client.answer().text(), "tallyd is healthy.\n");
        assert!(client.answer().status.contains("404"));
        assert_eq!(client.answer().text(), "up 1\n");
    }
}

#[test]
fn head_is_answered_like_get_without_the_body() {
    let server = Server::start();
    let mut client = Client::new(server.at);
    for (target, field, value) in [
        ("/-/healthy", "Content-Length", "19"),
        ("/metrics?collect[]=large", "Transfer-Encoding", "chunked"),
        ("/nowhere", "Content-Length", "31"),
    ] {
        client.send(format!("HEAD {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let answer = client.try_answer(true).unwrap();
        assert_eq!(answer.field(field), Some(value), "target: {target}");
    }
    assert_eq!(client.get("/metrics").text(), "up 1\n", "no byte of a body was in between");
}

#[test]
fn large_bodies_come_whole_however_they_are_framed() {
    let server = Server::start();
    let want = body(LARGE);
    let target = "/metrics?collect[]=large";
    let mut client = Client::new(server.at);
    let answer = client.get(target);
    assert_eq!(answer.field("Transfer-Encoding"), Some("chunked"));
    assert!(answer.body == want, "chunked");
    let answer = client.send(format!("GET {target} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")).answer();
    assert_eq!((answer.field("Connection"), answer.field("Content-Length")), (Some("close"), None));
    assert!(answer.body == want, "until the connection closes");
    let gzip = "Host: a\r\nAccept-Encoding: gzip";
    let answer = Client::new(server.at).send(format!("GET {target} HTTP/1.1\r\n{gzip}\r\n\r\n")).answer();
    assert_eq!(answer.field("Content-Encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(answer.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == want && answer.body.len() < LARGE / 2, "gzip");
    assert_eq!(server.stats.scrapes_in_flight.get(), 0);
    eventually("each is counted", || server.scrapes("200") == 3);
}

#[test]
fn a_body_that_fails_midway_is_cut_off_and_never_ended() {
    let server = Server::start();
    let mut client = Client::new(server.at);
    client.send("GET /metrics?collect[]=cut HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(client.try_answer(false).is_err());
    assert_eq!(server.aborted("body_failed"), 1);
    assert_eq!(server.stats.scrape_errors.with_label_values(&["gathering"]).get(), 1);
}
