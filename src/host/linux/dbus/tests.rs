//! The client against peers that answer as recorded, in part, wrongly, or not at all. What was recorded is a systemd 252
//! behind its dbus-daemon.

use super::message::{Call, MAX_MESSAGE_BYTES, extent, head};
use super::*;
use crate::host::CollectError;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const ANSWERED: &[u8] = include_bytes!("../../../../tests/fixtures/dbus/systemd.answered");
const CALL: Call<'_> = Call {
    destination: "org.example",
    path: "/org/example",
    interface: "org.example.Shop",
    member: "Ask",
    arguments: &["a", "bc"],
};
/// Far more than a machine under load needs for what was sent already.
const PATIENCE: Duration = Duration::from_secs(60);
/// For peers that never answer.
const SHORT: Duration = Duration::from_millis(50);

/// A peer that does something with the first that connects, and where it listens.
fn peer<T: Send + 'static>(
    does: impl FnOnce(UnixStream) -> T + Send + 'static,
) -> (tempfile::TempDir, PathBuf, JoinHandle<T>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let listener = UnixListener::bind(&path).unwrap();
    let thread = thread::spawn(move || does(listener.accept().unwrap().0));
    (dir, path, thread)
}

/// A peer that says this, and then waits until we are gone.
fn saying(bytes: Vec<u8>) -> (tempfile::TempDir, PathBuf, JoinHandle<()>) {
    peer(move |mut stream| {
        // We may hang up while it speaks.
        drop(stream.write_all(&bytes));
        drop(stream.read_to_end(&mut Vec::new()));
    })
}

fn reason(result: Result<Bus, CollectError>) -> String {
    let told = result.map(|_| ()).unwrap_err().to_string();
    told.split_once("/bus: ").unwrap().1.to_owned()
}

/// A message of this type that answers call `serial`.
fn answer(kind: u8, serial: u32) -> Vec<u8> {
    let mut bytes = vec![b'l', kind, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 5, 1, b'u', 0];
    bytes.extend(serial.to_le_bytes());
    bytes
}

#[test]
fn a_call_is_spelled_as_the_specification_says() {
    let mut bytes = Vec::new();
    CALL.encode(7, true, &mut bytes);
    let want: &[&[u8]] = &[
        b"l\x01\x02\x01\x0f\0\0\0\x07\0\0\0\x68\0\0\0",
        b"\x01\x01o\0\x0c\0\0\0/org/example\0\0\0\0",
        b"\x02\x01s\0\x10\0\0\0org.example.Shop\0\0\0\0\0\0\0\0",
        b"\x03\x01s\0\x03\0\0\0Ask\0\0\0\0\0",
        b"\x06\x01s\0\x0b\0\0\0org.example\0\0\0\0\0",
        b"\x08\x01g\0\x02ss\0",
        b"\x01\0\0\0a\0\0\0\x02\0\0\0bc\0",
    ];
    assert_eq!(bytes, want.concat(), "{}", bytes.escape_ascii());
    let extent = extent(&bytes).unwrap();
    assert_eq!((extent.bytes, extent.big_endian), (bytes.len(), false));
    assert_eq!(head(&bytes[..extent.head], false).unwrap().signature, "ss");
}

#[test]
fn answers_come_in_the_order_of_the_calls() {
    let mut said = b"OK 0\r\n".to_vec();
    // A signal, an answer to nobody, and the second answer twice.
    for (kind, serial) in [(2, 1), (4, 1), (2, 9), (3, 3), (3, 3), (2, 2)] {
        said.extend(answer(kind, serial));
    }
    let (_dir, path, thread) = saying(said);
    let mut bus = Bus::connect(&path, true, Instant::now() + PATIENCE).unwrap();
    let answers = bus.ask(&[CALL, CALL]).unwrap();
    assert_eq!(answers, [Ok(Body::default()), Err(String::new())]);
    drop(bus);
    thread.join().unwrap();
}

#[test]
fn a_peer_that_is_stuck_is_left_at_the_deadline() {
    let signal = answer(4, 1);
    let hello = [&b"OK 0\r\n"[..], &answer(2, 1)].concat();
    let said = ["", "DATA\r\n", "OK 0\r\n", "OK"].map(|text| text.as_bytes().to_vec());
    for said in said.into_iter().chain([hello.clone(), [hello, signal].concat()]) {
        let told = String::from_utf8_lossy(&said).into_owned();
        let (_dir, path, thread) = saying(said);
        let bus = Bus::connect(&path, true, Instant::now() + SHORT);
        let error = bus.and_then(|mut bus| bus.ask(&[CALL])).unwrap_err().to_string();
        assert!(error.ends_with("/bus: timed out"), "{error} after {told:?}");
        thread.join().unwrap();
    }
}

#[test]
fn a_peer_that_accepts_nobody_is_left_at_the_deadline() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let _listener = UnixListener::bind(&path).unwrap();
    // std asks for a backlog of 128 or more; when it is full, connect(2) waits.
    let deadline = || Instant::now() + SHORT;
    let waiting: Vec<_> = (0..8).map(|_| Bus::connect(&path, true, deadline()).map(|_| ())).collect();
    assert!(waiting.iter().all(Result::is_err));
    assert!(reason(Bus::connect(&path, true, deadline())).contains("timed out"));
}

#[test]
fn what_is_wrong_is_told() {
    for (said, want) in [
        (b"REJECTED EXTERNAL\r\n".to_vec(), "it answers \"REJECTED EXTERNAL\""),
        (b"OK 0\r\nGET / HTTP/1.1\r\n\r\n".to_vec(), "a message has no byte order"),
        ([&b"OK 0\r\n"[..], &answer(3, 1)].concat(), ""),
        (vec![b'x'; 1 << 20], "a line of the authentication has no end"),
        (
            b"OK 0\r\nl\x02\0\x01\xff\xff\xff\x7f\0\0\0\0\0\0\0\0".to_vec(),
            "a message is longer than any that was asked for",
        ),
    ] {
        let (_dir, path, thread) = saying(said);
        assert_eq!(reason(Bus::connect(&path, true, Instant::now() + PATIENCE)), want);
        thread.join().unwrap();
    }
    let (_dir, path, thread) = peer(drop);
    let told = reason(Bus::connect(&path, true, Instant::now() + PATIENCE));
    assert!(
        told == "unexpected end of file" || told.starts_with("Broken pipe") || told.starts_with("Connection reset"),
        "{told}"
    );
    thread.join().unwrap();
}

#[test]
fn no_message_is_kept_that_is_too_long() {
    let length = u32::try_from(MAX_MESSAGE_BYTES).unwrap();
    for (bytes, fits) in [(length, true), (length + 1, false)] {
        let prefix = [&b"l\x02\0\x01"[..], &bytes.to_le_bytes(), &[0; 8]].concat();
        assert_eq!(extent(&prefix).is_ok(), fits, "{bytes} bytes");
    }
}

#[test]
fn both_byte_orders_are_read() {
    for (bytes, big_endian) in [(b"\x01u\0\0\x07\0\0\0", false), (b"\x01u\0\0\0\0\0\x07", true)] {
        let body = Body { bytes: bytes.to_vec(), signature: "v".into(), big_endian };
        assert_eq!(body.variant(), Ok(Value::Number(7)), "big endian: {big_endian}");
    }
}

/// The recorded messages, each as far as it is one.
fn walk(mut bytes: &[u8]) -> usize {
    let mut answers = 0;
    while let Some(extent) = bytes.get(..16).and_then(|prefix| extent(prefix).ok()) {
        let Some((message, rest)) = bytes.split_at_checked(extent.bytes) else { break };
        let (start, body) = message.split_at(extent.head);
        if let Ok(head) = head(start, extent.big_endian) {
            let signature = head.signature.to_owned();
            answers += usize::from(head.answers.is_some());
            let body = Body { bytes: body.to_owned(), signature, big_endian: extent.big_endian };
            body.variant().ok();
            let units = body.read("a(ssssssouso)");
            drop(units.and_then(|mut units| units.structures(|unit| unit.text().map(str::to_owned))));
        }
        bytes = rest;
    }
    answers
}

/// After the lines of the authentication.
fn messages() -> &'static [u8] {
    let begin = ANSWERED.windows(4).position(|bytes| bytes[0] == b'l' && bytes[3] == 1 && bytes[1] < 5).unwrap();
    &ANSWERED[begin..]
}

#[test]
fn recorded_messages_are_read_to_their_end() {
    assert_eq!(walk(messages()), 35);
}

proptest::proptest! {
    #[test]
    fn garbage_does_not_make_it_panic(at in 0..messages().len(), byte: u8, cut in 0..messages().len()) {
        let mut flipped = messages()[..cut.max(at + 1)].to_vec();
        flipped[at] = byte;
        walk(&flipped);
    }
}
