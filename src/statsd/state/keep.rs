//! The thread that writes: at the start, each minute, and at the end.

use super::StateFile;
use crate::listen::reason;
use crate::threads::Threads;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::io;
use std::time::{Duration, Instant, SystemTime};

/// What a killed agent loses at the most, and the time that writing takes.
const INTERVAL: Duration = Duration::from_secs(60);

/// Writes a state file while it lives. The thread sleeps until a write is due.
#[must_use = "what is not finished counts as killed"]
pub struct Keeper {
    threads: Threads,
    /// Dropped when the last write is to be.
    running: Sender<()>,
}

impl Keeper {
    /// Starts the thread, whose first write says that the run has begun: were it killed right after, a file that
    /// a run before has finished would not tell.
    pub fn start(file: StateFile) -> io::Result<Self> {
        let (running, end) = bounded(0);
        let mut threads = Threads::default();
        threads.spawn("state", move || file.run(&end, INTERVAL))?;
        Ok(Self { threads, running })
    }

    /// Writes all there is, once nothing comes any more.
    pub fn finish(self, deadline: Instant) {
        drop(self.running);
        if self.threads.join(deadline).is_err() {
            log::error!("the state could not be written in time; what came since the last time is lost");
        }
    }
}

impl StateFile {
    /// Writes at once, then after each interval, and in the end.
    pub(super) fn run(&self, end: &Receiver<()>, interval: Duration) {
        let mut due = Instant::now();
        loop {
            let finished = end.recv_deadline(due) != Err(RecvTimeoutError::Timeout);
            due = Instant::now() + interval;
            self.write_or_tell(finished);
            if finished {
                return;
            }
        }
    }

    fn write_or_tell(&self, finished: bool) {
        let (wall, start) = (SystemTime::now(), Instant::now());
        match self.write(finished, wall) {
            Ok(bytes) => self.metrics.written(bytes, wall, start.elapsed()),
            Err(e) => {
                self.metrics.failed();
                log::error!("can't write the state to {}: {}", self.path.display(), reason(&e));
            }
        }
    }
}
