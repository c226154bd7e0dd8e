//! Clients that mean no good, and one that does among them.

use crate::client::Client;
use crate::server::{LARGE, Server, body, eventually};
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

#[test]
fn what_is_no_request_is_answered_and_closed() {
    let server = Server::start();
    let long_line = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(9000));
    let many_fields = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65));
    for (bytes, status, reason) in [
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 Bad Request", "bad_head"),
        ("\x16\x03\x01\x02\x00\x01\x00", "400 Bad Request", "bad_head"),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", "400 Bad Request", "expect"),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n", "417 Expectation Failed", "expect"),
        (long_line.as_str(), "431 Request Header Fields Too Large", "head_too_large"),
        (many_fields.as_str(), "431 Request Header Fields Too Large", "head_too_large"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000000\r\n\r\nxx", "413 Payload Too Large", "body"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "413 Payload Too Large", "body"),
    ] {
        let before = server.refused(reason);
        let mut client = Client::new(server.at);
        let answer = client.send(bytes).answer();
        assert_eq!(answer.status, format!("HTTP/1.1 {status}"), "bytes: {bytes:.60?}");
        assert_eq!(answer.field("Connection"), Some("close"));
        assert!(client.is_closed(), "bytes: {bytes:.60?}");
        assert_eq!(server.refused(reason), before + 1, "bytes: {bytes:.60?}");
    }
    eventually("nothing is left of them", || server.stats.connections.get() == 0);
}

#[test]
fn a_good_client_is_answered_among_hundreds_of_bad_ones() {
    let server = Server::with(|s| {
        s.limits.head_timeout = Duration::from_secs(60);
        // All are on this host.
        s.limits.per_address = s.limits.connections;
    });
    let mut held = Vec::new();
    for _ in 0..100 {
        let mut slow = TcpStream::connect(server.at).unwrap();
        slow.write_all(b"GET /metrics?collect[]=large HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut drip = TcpStream::connect(server.at).unwrap();
        drip.write_all(b"GET /met").unwrap();
        let mut preface = TcpStream::connect(server.at).unwrap();
        preface.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        let mut body = TcpStream::connect(server.at).unwrap();
        body.write_all(b"GET / HTTP/1.0\r\nContent-Length: 4000000000\r\n\r\n").unwrap();
        held.extend([slow, drip, preface, body]);
    }
    // Until the line is refused and the rest of it with it, which its sender may or may not see as an error.
    let mut line = TcpStream::connect(server.at).unwrap();
    let piece = vec![b'x'; 1 << 20];
    (0..64).try_for_each(|_| line.write_all(&piece)).ok();

    // Bursts are over; from here on slow and dripping clients hold all they can hold.
    eventually("slow readers give way", || server.stats.scrapes_in_flight.get() <= 20);
    let mut good = Client::new(server.at);
    let start = Instant::now();
    for _ in 0..10 {
        assert_eq!(good.get("/metrics").text(), "up 1\n");
        assert_eq!(good.get("/-/healthy").text(), "tallyd is healthy.\n");
    }
    assert!(start.elapsed() < Duration::from_secs(2), "20 small answers took {:?}", start.elapsed());
    assert!(good.get("/metrics?collect[]=large").body == body(LARGE));
    let slow = server.aborted("crowded_out") + server.refused("scrape_limit");
    assert!(slow >= 80, "{slow} slow readers gave way");
    assert_eq!((server.refused("body"), server.refused("bad_head")), (100, 100));
    assert_eq!(server.refused("head_too_large"), 1);
    drop(held);
    eventually("nothing is left of them", || server.stats.connections.get() == 1);
    assert!(server.web.stop());
}
