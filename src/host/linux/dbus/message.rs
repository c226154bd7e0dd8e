//! Messages: the call that we send, the head of what comes. Source: D-Bus Specification, "Message Protocol".

use super::reader::{Malformed, Reader, Value};

/// Bytes that tell how long the rest of a message is.
pub const PREFIX_BYTES: usize = 16;
/// A bus may send 128 MiB. The longest that we ask for is the list of units, some 300 bytes for each; more is refused rather
/// than kept in memory.
pub const MAX_MESSAGE_BYTES: usize = 16 << 20;

const METHOD_CALL: u8 = 1;
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;
/// A service that does not run is not started for being looked at.
const NO_AUTO_START: u8 = 0x2;
const VERSION: u8 = 1;

const PATH: u8 = 1;
const INTERFACE: u8 = 2;
const MEMBER: u8 = 3;
const ERROR_NAME: u8 = 4;
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SIGNATURE: u8 = 8;

/// A call of a method whose arguments are text.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Who is called.
    pub destination: &'a str,
    /// The object.
    pub path: &'a str,
    /// The interface that has the method.
    pub interface: &'a str,
    /// The method.
    pub member: &'a str,
    /// What it is called with.
    pub arguments: &'a [&'a str],
}

impl Call<'_> {
    /// Appends the message. A peer without a bus between knows no destination.
    pub fn encode(&self, serial: u32, on_a_bus: bool, out: &mut Vec<u8>) {
        let mut body = Vec::new();
        self.arguments.iter().for_each(|argument| put_text(argument, &mut body));
        let mut fields = Vec::new();
        put_field(PATH, 'o', self.path, &mut fields);
        put_field(INTERFACE, 's', self.interface, &mut fields);
        put_field(MEMBER, 's', self.member, &mut fields);
        if on_a_bus {
            put_field(DESTINATION, 's', self.destination, &mut fields);
        }
        if !self.arguments.is_empty() {
            pad(8, &mut fields);
            let count = u8::try_from(self.arguments.len()).unwrap_or(u8::MAX);
            fields.extend([SIGNATURE, 1, b'g', 0, count]);
            fields.extend(self.arguments.iter().map(|_| b's'));
            fields.push(0);
        }
        out.extend([b'l', METHOD_CALL, NO_AUTO_START, VERSION]);
        put_length(body.len(), out);
        out.extend(serial.to_le_bytes());
        put_length(fields.len(), out);
        // The head begins at a multiple of 8 and is 16 bytes long: places in `fields` are aligned as they are.
        pad(8, &mut fields);
        out.extend(fields);
        out.extend(body);
    }
}

fn put_field(code: u8, kind: char, value: &str, out: &mut Vec<u8>) {
    pad(8, out);
    out.extend([code, 1, kind as u8, 0]);
    put_text(value, out);
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    pad(4, out);
    put_length(text.len(), out);
    out.extend(text.as_bytes());
    out.push(0);
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn pad(size: usize, out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(size), 0);
}

/// How long a message is, head and body, and where its body begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Length of all of it.
    pub bytes: usize,
    /// Length of the head.
    pub head: usize,
    /// Whether numbers have their highest byte first.
    pub big_endian: bool,
}

/// Reads the first [`PREFIX_BYTES`] of a message.
pub fn extent(prefix: &[u8]) -> Result<Extent, Malformed> {
    let big_endian = match prefix.first() {
        Some(b'l') => false,
        Some(b'B') => true,
        _ => return Err(Malformed("a message has no byte order")),
    };
    let mut reader = Reader::new(prefix, big_endian);
    reader.u32()?; // Byte order, type, flags, version.
    let body = reader.length()?;
    reader.u32()?; // The sender's serial.
    let fields = reader.length()?;
    if body > MAX_MESSAGE_BYTES || fields > MAX_MESSAGE_BYTES {
        return Err(Malformed("a message is longer than any that was asked for"));
    }
    let head = (PREFIX_BYTES + fields).next_multiple_of(8);
    Ok(Extent { bytes: head + body, head, big_endian })
}

/// What the head of a message tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Head<'m> {
    /// The call that it answers; `None` if it is no answer.
    pub answers: Option<u32>,
    /// The name of the error, if it is one.
    pub error: Option<&'m str>,
    /// The types of the body.
    pub signature: &'m str,
}

/// Reads the head of a message.
pub fn head(bytes: &[u8], big_endian: bool) -> Result<Head<'_>, Malformed> {
    let mut reader = Reader::new(bytes, big_endian);
    reader.byte()?;
    let kind = reader.byte()?;
    reader.align(12);
    let length = reader.length()?;
    let end = PREFIX_BYTES + length;
    let (mut serial, mut name, mut head) = (None, "", Head::default());
    while reader.at() < end {
        reader.align(8);
        match (reader.byte()?, reader.variant()?) {
            (REPLY_SERIAL, Value::Number(number)) => serial = u32::try_from(number).ok(),
            (ERROR_NAME, Value::Text(text)) => name = text,
            (SIGNATURE, Value::Text(text)) => head.signature = text,
            _ => {}
        }
    }
    match kind {
        METHOD_RETURN => head.answers = serial,
        ERROR => (head.answers, head.error) = (serial, Some(name)),
        _ => {}
    }
    Ok(head)
}
