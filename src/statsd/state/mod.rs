//! What a restart does not lose: the series of apps in a file, written on stop and each minute, read on start.
//!
//! ```text
//! magic      8 bytes   TALLYDST
//! version    u32       1
//! finished   u8        1: written as the agent ended; 0: while it ran
//! written    u64       when, in milliseconds since 1970
//! hashes     16 bytes  what members of sets are hashed with
//! frames               u32 length, u8 what: F a metric, S a series of the metric before it; then its fields
//! checksum   u32       CRC-32 of all before it, as gzip has it
//! ```
//!
//! Numbers are little-endian, texts and lists have their length before them as u32 (`statsd/bytes`); the fields are in
//! `statsd/store/save` and in each observer's `save`. Whoever changes one raises the version. Times are told by how long ago
//! they were, since ticks mean nothing to the next run.
//!
//! The file is whole at each moment: it is written beside the old one, synced, and renamed. Reading takes the memory of
//! one frame, and the series as they are then kept. A file that is not as it must be is set aside, and the agent begins
//! with nothing.

mod keep;
mod metrics;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use keep::Keeper;
pub use metrics::Metrics;
pub use read::{Frames, Header, ReadError, decode};
pub use write::encode;

use super::observe::{TICKS_PER_SECOND, Tick};
use super::{Clock, Pipeline};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const MAGIC: &[u8; 8] = b"TALLYDST";
const VERSION: u32 = 3;

/// A file that is larger is neither read nor written: ten million series would fit.
const MAX_BYTES: u64 = 1 << 30;

/// Room before the start of a clock for times of an earlier run: a year. What is older counts as a year old.
const ROOM: Tick = 365 * 24 * 3600 * TICKS_PER_SECOND;

/// A file for the series of a pipeline.
pub struct StateFile {
    path: PathBuf,
    pipeline: Arc<Pipeline>,
    metrics: Metrics,
    clock: Clock,
}

impl StateFile {
    /// Gives a new pipeline what the file has, if there is one.
    pub fn read(path: PathBuf, pipeline: Arc<Pipeline>, metrics: Metrics) -> Self {
        let clock = Clock::start_at(ROOM);
        let is_there = restore(&path, &pipeline, &metrics, clock.now(), SystemTime::now());
        Self { path, pipeline, metrics, clock: if is_there { clock } else { Clock::start() } }
    }

    /// The clock that the series are dated by.
    pub fn clock(&self) -> Clock {
        self.clock
    }
}

/// Reads the file into the pipeline. `false`: the pipeline is as it was.
fn restore(path: &Path, pipeline: &Pipeline, metrics: &Metrics, now: Tick, wall: SystemTime) -> bool {
    let read = match read::open(path, wall) {
        Ok(Some((header, mut frames))) => pipeline.restore(&header, now, &mut frames).map(|lost| Some((header, lost))),
        Ok(None) => Ok(None),
        Err(e) => Err(e),
    };
    match read {
        Ok(Some((header, lost))) => {
            metrics.begun(&header, lost);
            tell(path, header.finished, header.age);
            true
        }
        Ok(None) => {
            log::info!("no state in {}: counting from 0", path.display());
            metrics.begun_with_nothing();
            false
        }
        Err(e) => {
            metrics.begun_with_damage();
            let aside = beside(path, ".damaged");
            match fs::rename(path, &aside) {
                Ok(()) => {
                    let (path, aside) = (path.display(), aside.display());
                    log::error!("can't use the state in {path}: {e}; it is set aside as {aside}, counting from 0");
                }
                Err(aside) => log::error!("can't use the state in {}: {e}; nor set it aside: {aside}", path.display()),
            }
            false
        }
    }
}

/// Says what is there again, and what may be lost.
fn tell(path: &Path, finished: bool, age: Duration) {
    let (path, seconds) = (path.display(), age.as_secs());
    if finished {
        log::info!("read the state in {path}, written {seconds} s ago as the agent ended");
    } else {
        log::warn!(
            "read the state in {path}, written {seconds} s ago while the agent ran, which did not end in order: what it \
             counted after that is lost"
        );
    }
}

/// A file in the same folder whose name goes on with a suffix.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename in a folder last through a crash of the machine.
fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(folder(path))?.sync_all()
}
