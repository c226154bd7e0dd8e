//! The connection: who we are, calls out, answers in, all of it before one deadline. Source: D-Bus Specification,
//! "Authentication Protocol".

use super::message::{Call, Extent, PREFIX_BYTES, extent, head};
use super::reader::{Body, Malformed};
use crate::host::CollectError;
use rustix::io::{Errno, retry_on_intr};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use std::io::{self, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many calls wait for an answer at a time. A bus cuts off who has more than 128 open.
/// Source: dbus-daemon(1), `max_replies_per_connection`.
const MAX_OPEN_CALLS: usize = 64;
/// No line of the authentication is longer. Source: `MAX_BUFFER` of dbus-auth.c.
const MAX_LINE_BYTES: usize = 16 << 10;
const READ_BYTES: usize = 16 << 10;

const HELLO: Call<'_> = Call {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "Hello",
    arguments: &[],
};

/// What came of a call: the values of its answer, or the name of the error.
pub type Answer = Result<Body, String>;

/// A connection to a bus, or to a peer without one.
pub struct Bus {
    socket: PathBuf,
    stream: UnixStream,
    deadline: Instant,
    on_a_bus: bool,
    /// The number of the last call.
    serial: u32,
    /// What has come and was not looked at.
    input: Vec<u8>,
}

impl Bus {
    /// Connects as the user that runs us. On a bus we get a name; a peer knows no names.
    pub fn connect(socket: &Path, on_a_bus: bool, deadline: Instant) -> Result<Self, CollectError> {
        let stream = open(socket, deadline).map_err(|e| CollectError::io(socket, e))?;
        let mut bus = Self { socket: socket.to_owned(), stream, deadline, on_a_bus, serial: 0, input: Vec::new() };
        bus.authenticate()?;
        if on_a_bus {
            let answers = bus.ask(&[HELLO])?;
            if let Some(Err(error)) = answers.first() {
                return Err(bus.failed(io::Error::other(error.clone())));
            }
        }
        Ok(bus)
    }

    /// Calls all of these and returns the answers in the order of the calls.
    pub fn ask(&mut self, calls: &[Call<'_>]) -> Result<Vec<Answer>, CollectError> {
        let first = self.serial.wrapping_add(1);
        let mut answers: Vec<Option<Answer>> = vec![None; calls.len()];
        let (mut sent, mut open) = (0, 0);
        while sent < calls.len() || open > 0 {
            let mut output = Vec::new();
            for call in calls.iter().skip(sent).take(MAX_OPEN_CALLS - open) {
                self.serial = self.serial.wrapping_add(1);
                call.encode(self.serial, self.on_a_bus, &mut output);
                (sent, open) = (sent + 1, open + 1);
            }
            self.send(&output)?;
            let (serial, answer) = self.next_answer()?;
            let place = usize::try_from(serial.wrapping_sub(first)).unwrap_or(usize::MAX);
            if let Some(empty @ None) = answers.get_mut(place).filter(|_| place < sent) {
                *empty = Some(answer);
                open -= 1;
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }

    /// The error of an answer that is not what it should be.
    pub fn malformed(&self, why: Malformed) -> CollectError {
        CollectError::malformed(&self.socket, 0, why.to_string())
    }

    /// `EXTERNAL` without a name: the kernel tells who we are, also where user namespaces number us otherwise.
    fn authenticate(&mut self) -> Result<(), CollectError> {
        self.send(b"\0AUTH EXTERNAL\r\n")?;
        let mut line = self.line()?;
        if line == "DATA" {
            self.send(b"DATA\r\n")?;
            line = self.line()?;
        }
        if !line.starts_with("OK ") {
            return Err(self.failed(io::Error::new(ErrorKind::PermissionDenied, format!("it answers {line:?}"))));
        }
        self.send(b"BEGIN\r\n")
    }

    fn line(&mut self) -> Result<String, CollectError> {
        loop {
            if let Some(end) = self.input.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
                self.input.drain(..end + 2);
                return Ok(line);
            }
            if self.input.len() > MAX_LINE_BYTES {
                return Err(self.malformed(Malformed("a line of the authentication has no end")));
            }
            self.receive()?;
        }
    }

    /// The next message that answers a call, and which call. Signals are let by.
    fn next_answer(&mut self) -> Result<(u32, Answer), CollectError> {
        loop {
            self.receive_up_to(PREFIX_BYTES)?;
            let extent = extent(&self.input[..PREFIX_BYTES]).map_err(|e| self.malformed(e))?;
            self.receive_up_to(extent.bytes)?;
            let answer = decode(&self.input[..extent.bytes], extent).map_err(|e| self.malformed(e))?;
            self.input.drain(..extent.bytes);
            if let Some(answer) = answer {
                return Ok(answer);
            }
        }
    }

    fn receive_up_to(&mut self, count: usize) -> Result<(), CollectError> {
        while self.input.len() < count {
            self.receive()?;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<(), CollectError> {
        let mut room = [0; READ_BYTES];
        let read = left(self.deadline).and_then(|left| {
            self.stream.set_read_timeout(Some(left))?;
            retry_on_intr(|| rustix::io::read(&self.stream, &mut room)).map_err(io::Error::from)
        });
        match read {
            Ok(0) => Err(self.failed(ErrorKind::UnexpectedEof.into())),
            Ok(count) => {
                self.input.extend(room.iter().take(count));
                Ok(())
            }
            Err(e) => Err(self.failed(late(e))),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), CollectError> {
        let sent = left(self.deadline).and_then(|left| {
            self.stream.set_write_timeout(Some(left))?;
            self.stream.write_all(bytes)
        });
        sent.map_err(|e| self.failed(late(e)))
    }

    fn failed(&self, error: io::Error) -> CollectError {
        CollectError::io(&self.socket, error)
    }
}

/// `connect` of a unix socket waits where the other side accepts nobody, as long as a write may.
fn open(path: &Path, deadline: Instant) -> io::Result<UnixStream> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&socket, Timeout::Send, Some(left(deadline)?))?;
    let address = SocketAddrUnix::new(path)?;
    match retry_on_intr(|| connect(&socket, &address)) {
        Ok(()) => Ok(socket.into()),
        Err(Errno::AGAIN) => Err(ErrorKind::TimedOut.into()),
        Err(e) => Err(e.into()),
    }
}

/// The time until a deadline.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// A timeout of a socket is told as "would block".
fn late(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}

/// The answer that a message is, if it is one.
fn decode(message: &[u8], extent: Extent) -> Result<Option<(u32, Answer)>, Malformed> {
    let (bytes, body) = message.split_at_checked(extent.head).ok_or(Malformed("a message is cut off"))?;
    let head = head(bytes, extent.big_endian)?;
    let Some(serial) = head.answers else { return Ok(None) };
    let answer = match head.error {
        Some(name) => Err(name.to_owned()),
        None => {
            Ok(Body { bytes: body.to_owned(), signature: head.signature.to_owned(), big_endian: extent.big_endian })
        }
    };
    Ok(Some((serial, answer)))
}
