//! From the file to frames.

use super::{MAGIC, MAX_BYTES, VERSION};
use crate::listen::reason;
use crate::statsd::Pipeline;
use crate::statsd::bytes::Bytes;
use crate::statsd::observe::{Saved, Tick, ticks};
use crate::statsd::store::Lost;
use flate2::Crc;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, SystemTime};

const HEADER_BYTES: usize = 8 + 4 + 1 + 8 + HASHES_BYTES;
const HASHES_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = size_of::<u32>();
const BUFFER: usize = 64 << 10;

/// Why a file can't be used: a clause.
#[derive(Debug)]
pub enum ReadError {
    /// It can't be read.
    Io(io::Error),
    /// It is too large to be one of ours.
    TooLarge(u64),
    /// It begins otherwise.
    NoState,
    /// Another version of the program wrote it.
    Version(u32),
    /// It is cut off, or was changed.
    Checksum,
    /// Its frames make no sense.
    Malformed,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(e) => f.write_str(&reason(e)),
            Self::TooLarge(bytes) => write!(f, "it has {bytes} bytes, where {MAX_BYTES} are the most"),
            Self::NoState => f.write_str("it is no state of tallyd"),
            Self::Version(version) => write!(f, "it has version {version}, where this tallyd reads version {VERSION}"),
            Self::Checksum => f.write_str("it is cut off or damaged: its checksum is wrong"),
            Self::Malformed => f.write_str("what is in it makes no sense"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// What is before the frames.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Whether it was written as the agent ended.
    pub finished: bool,
    /// How long ago it was written, by the clock of the wall; 0 where that was set back.
    pub age: Duration,
    /// What members of sets are hashed with.
    pub hashes: [u8; HASHES_BYTES],
}

impl Header {
    fn read(bytes: &[u8], wall: SystemTime) -> Result<Self, ReadError> {
        let mut input = Bytes(bytes.strip_prefix(MAGIC).ok_or(ReadError::NoState)?);
        match input.u32() {
            Some(VERSION) => {}
            Some(other) => return Err(ReadError::Version(other)),
            None => return Err(ReadError::Checksum),
        }
        let fields = |input: &mut Bytes<'_>| {
            let (finished, written) = (input.u8()? == 1, Duration::from_millis(input.u64()?));
            let age = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().saturating_sub(written);
            Some(Self { finished, age, hashes: *input.0.first_chunk()? })
        };
        fields(&mut input).ok_or(ReadError::Checksum)
    }

    /// When it was written, by a clock that tells `now`.
    pub fn saved(&self, now: Tick) -> Saved {
        Saved(i64::from(now) - i64::from(ticks(self.age)))
    }
}

/// Hands out frames.
pub trait Frames {
    /// The next, without its length. `false`: there is none.
    fn next(&mut self, frame: &mut Vec<u8>) -> Result<bool, ReadError>;
}

/// Frames that come one behind the other in so many bytes.
struct Reader<R> {
    input: R,
    left: u64,
}

impl<R: Read> Frames for Reader<R> {
    fn next(&mut self, frame: &mut Vec<u8>) -> Result<bool, ReadError> {
        frame.clear();
        if self.left == 0 {
            return Ok(false);
        }
        let mut length = [0; size_of::<u32>()];
        self.left = self.left.checked_sub(length.len() as u64).ok_or(ReadError::Malformed)?;
        self.input.read_exact(&mut length)?;
        let length = u64::from(u32::from_le_bytes(length));
        self.left = self.left.checked_sub(length).ok_or(ReadError::Malformed)?;
        let read = self.input.by_ref().take(length).read_to_end(frame)?;
        if read as u64 == length { Ok(true) } else { Err(ReadError::Malformed) }
    }
}

/// Opens a file and checks it as a whole; `None` where there is none.
pub fn open(path: &Path, wall: SystemTime) -> Result<Option<(Header, impl Frames + use<>)>, ReadError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(ReadError::NoState);
    }
    if meta.len() > MAX_BYTES {
        return Err(ReadError::TooLarge(meta.len()));
    }
    let mut input = BufReader::with_capacity(BUFFER, file);
    let mut start = Vec::new();
    input.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut start)?;
    let header = Header::read(&start, wall)?;
    let frames = meta.len().checked_sub((HEADER_BYTES + CHECKSUM_BYTES) as u64).ok_or(ReadError::Checksum)?;
    let mut crc = Crc::new();
    crc.update(&start);
    check(&mut input, crc, frames)?;
    input.seek(SeekFrom::Start(HEADER_BYTES as u64))?;
    Ok(Some((header, Reader { input, left: frames })))
}

/// Reads all frames, and whether the checksum behind them is right.
fn check(input: &mut impl BufRead, mut crc: Crc, mut left: u64) -> Result<(), ReadError> {
    while left > 0 {
        let some = input.fill_buf()?;
        let some = some.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(some);
        if some.is_empty() {
            return Err(ReadError::Checksum);
        }
        crc.update(some);
        let length = some.len();
        input.consume(length);
        left -= length as u64;
    }
    let mut checksum = Vec::new();
    input.take(CHECKSUM_BYTES as u64).read_to_end(&mut checksum)?;
    if checksum == crc.sum().to_le_bytes() { Ok(()) } else { Err(ReadError::Checksum) }
}

/// Reads a state from memory without its checksum, as if just written: for tests that are to come behind that.
pub fn decode(bytes: &[u8], pipeline: &Pipeline, now: Tick) -> Result<Lost, ReadError> {
    let mut header = Header::read(bytes, SystemTime::UNIX_EPOCH)?;
    header.age = Duration::ZERO;
    let frames = bytes.get(HEADER_BYTES..).unwrap_or_default();
    pipeline.restore(&header, now, &mut Reader { input: frames, left: frames.len() as u64 })
}
