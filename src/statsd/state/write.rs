//! From the series to the file.

use super::{MAGIC, MAX_BYTES, StateFile, VERSION, beside, sync_folder};
use crate::statsd::Pipeline;
use crate::statsd::bytes::Put;
use crate::statsd::observe::Tick;
use flate2::Crc;
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::SystemTime;

/// Series for which the pipeline is held at once: far below a millisecond, and some 100 KiB of busy summaries.
const TURN: usize = 100;

impl StateFile {
    /// Writes the file anew and tells its size.
    pub(super) fn write(&self, finished: bool, wall: SystemTime) -> io::Result<u64> {
        let temporary = beside(&self.path, ".tmp");
        let written = self.write_to(&temporary, finished, wall).and_then(|bytes| {
            fs::rename(&temporary, &self.path)?;
            sync_folder(&self.path).map(|()| bytes)
        });
        if written.is_err() {
            // It may not even be there.
            fs::remove_file(&temporary).ok();
        }
        written
    }

    fn write_to(&self, path: &Path, finished: bool, wall: SystemTime) -> io::Result<u64> {
        let mut options = OpenOptions::new();
        let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
        let file = options.write(true).create(true).truncate(true).mode(0o600).custom_flags(flags).open(path)?;
        let mut out = Summed { file, crc: Crc::new(), bytes: 0 };
        copy(&self.pipeline, || self.clock.now(), (finished, wall), |bytes| out.put(bytes))?;
        out.end()
    }
}

/// Hands out a copy of all series, in pieces between which the pipeline goes on.
fn copy(
    pipeline: &Pipeline,
    now: impl Fn() -> Tick,
    (finished, wall): (bool, SystemTime),
    mut put: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = Vec::new();
    header(finished, wall, &mut buffer);
    pipeline.save_hashes(&mut buffer);
    put(&buffer)?;
    let mut cursor = pipeline.begin(now());
    let mut more = true;
    while more {
        buffer.clear();
        more = pipeline.save(&mut cursor, TURN, now(), &mut buffer);
        put(&buffer)?;
    }
    Ok(())
}

/// A state in memory, without its checksum: what [`decode`](super::decode) reads.
pub fn encode(pipeline: &Pipeline, now: Tick) -> Vec<u8> {
    let mut all = Vec::new();
    let put = |bytes: &[u8]| {
        all.extend_from_slice(bytes);
        Ok(())
    };
    // A vector takes all.
    copy(pipeline, || now, (true, SystemTime::UNIX_EPOCH), put).ok();
    all
}

fn header(finished: bool, wall: SystemTime, out: &mut Vec<u8>) {
    let written = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    out.extend_from_slice(MAGIC);
    out.put_u32(VERSION);
    out.put_u8(u8::from(finished));
    out.put_u64(u64::try_from(written.as_millis()).unwrap_or(u64::MAX));
}

/// A file, and the checksum of what is in it.
struct Summed {
    file: File,
    crc: Crc,
    bytes: u64,
}

impl Summed {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.crc.update(bytes);
        self.file.write_all(bytes)
    }

    fn end(mut self) -> io::Result<u64> {
        self.put(&self.crc.sum().to_le_bytes())?;
        self.file.sync_all()?;
        Ok(self.bytes)
    }
}
