//! `tallyd send` against real sockets: the bytes that arrive, and the sentence when nobody is there.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Read;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;
use tallyd::cli::{self, Request};
use tallyd::send::run;

const TIMEOUT: Option<Duration> = Some(Duration::from_secs(10));

/// Runs `send` with the arguments, without its name; the error as the user reads it.
fn send(arguments: &[&str], to: &str) -> Result<(), String> {
    let line = [&["send"], arguments, &["--to", to]].concat();
    match cli::parse(line).map_err(|e| e.to_string())? {
        Request::Send(matches) => run(&matches).map_err(|e| e.to_string()),
        other => Err(format!("it asks for {other:?}")),
    }
}

#[test]
fn lines_arrive_by_udp() {
    for server in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(socket) = UdpSocket::bind(server) else { continue };
        socket.set_read_timeout(TIMEOUT).unwrap();
        let to = format!("udp://{}", socket.local_addr().unwrap());
        let cases: &[(&[&str], &str)] = &[
            (&["counter", "app.hits", "1"], "app.hits:1|c"),
            (&["counter", "app.hits", "1", "--tag", "env=prod"], "app.hits:1|c|#env:prod"),
            (&["--tag", "env=prod", "counter", "--tag", "urgent", "app.hits", "1"], "app.hits:1|c|#env:prod,urgent"),
            (&["timer", "app.request", "320", "--rate", "0.1"], "app.request:320|ms|@0.1"),
            (&["gauge", "app.queue", "+5"], "app.queue:+5|g"),
            (&["gauge", "app.queue", "-3"], "app.queue:-3|g"),
            (&["gauge", "app.queue", "--tag", "a=b", "-3"], "app.queue:-3|g|#a:b"),
            (&["histogram", "app.size", "0.25"], "app.size:0.25|h"),
            (&["distribution", "app.size", "12"], "app.size:12|d"),
            (&["set", "app.users", "alice"], "app.users:alice|s"),
        ];
        for (arguments, want) in cases {
            assert_eq!(send(arguments, &to), Ok(()), "arguments: {arguments:?}");
            let mut packet = [0; 512];
            let length = socket.recv(&mut packet).unwrap();
            assert_eq!(std::str::from_utf8(&packet[..length]), Ok(*want));
        }
    }
}

#[test]
fn lines_arrive_by_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statsd.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(TIMEOUT).unwrap();
    for scheme in ["unix", "unixgram"] {
        assert_eq!(send(&["counter", "a", "1"], &format!("{scheme}://{}", path.display())), Ok(()));
        let mut packet = [0; 64];
        let length = socket.recv(&mut packet).unwrap();
        assert_eq!(&packet[..length], b"a:1|c");
    }
}

#[test]
fn lines_arrive_by_tcp_with_their_line_feed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(send(&["counter", "a", "1"], &format!("tcp://{}", listener.local_addr().unwrap())), Ok(()));
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(TIMEOUT).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text, "a:1|c\n");
}

#[test]
fn errors_are_sentences_that_name_the_address() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("unix://{}/none.sock", folder.path().display());
    let error = send(&["counter", "a", "1"], &nowhere).unwrap_err();
    assert!(error.starts_with(&format!("can't send to {nowhere}: No such file or directory")), "{error}");

    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["udp", "tcp"] {
        let closed = format!("{scheme}://{closed}");
        let error = send(&["counter", "a", "1"], &closed).unwrap_err();
        assert!(error.starts_with(&format!("can't send to {closed}: Connection refused")), "{error}");
    }

    for to in ["127.0.0.1:8125", "http://127.0.0.1", "udp://", ""] {
        assert_eq!(
            send(&["counter", "a", "1"], to),
            Err(format!("can't send to {to}: an address is udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH"))
        );
    }
    let error = send(&["gauge", "a", "many"], "udp://127.0.0.1:9").unwrap_err();
    assert_eq!(error, "can't send the metric: the value \"many\" of a gauge is not a number");
    let error = send(&["meter", "a", "1"], "udp://127.0.0.1:9").unwrap_err();
    assert_eq!(error, "\"meter\": it is one of counter, gauge, timer, histogram, distribution, set");
}

#[test]
fn help_is_in_order() {
    let Ok(Request::Print(help)) = cli::parse(["send", "--help"]) else { panic!("no help") };
    let words: String = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["counter, gauge, timer, histogram, distribution, set", "udp://127.0.0.1:8125", "--tag", "--rate"] {
        assert!(words.contains(part), "{part} in:\n{help}");
    }
}
