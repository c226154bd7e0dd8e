//! The agent's threads: named, and joined before a deadline.

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::io;
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

/// Nothing on our threads recurses; collectors and compression have the deepest frames. What is not touched costs nothing.
pub const STACK_BYTES: usize = 512 << 10;

/// Threads that end together. A thread that panics ends the process, so joining is about time only.
pub struct Threads {
    handles: Vec<JoinHandle<()>>,
    /// Each thread holds a clone of the sender until it ends; no message is ever sent.
    running: (Sender<()>, Receiver<()>),
}

impl Default for Threads {
    fn default() -> Self {
        Self { handles: Vec::new(), running: bounded(0) }
    }
}

impl Threads {
    /// Starts a thread. Linux cuts names at 15 bytes.
    pub fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let running = self.running.0.clone();
        let body = move || {
            run();
            drop(running);
        };
        self.handles.push(Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(body)?);
        Ok(())
    }

    /// Waits until all have ended, or the deadline has come: then the names of those that have not.
    pub fn join(self, deadline: Instant) -> Result<(), Vec<String>> {
        let (ours, running) = self.running;
        drop(ours);
        match running.recv_deadline(deadline) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                for handle in self.handles {
                    // The panic hook has told of a panic and ended the process.
                    drop(handle.join());
                }
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => {
                let late = self.handles.iter().filter(|handle| !handle.is_finished());
                Err(late.map(|handle| handle.thread().name().unwrap_or("?").to_owned()).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn threads_are_joined_or_named() {
        let mut threads = Threads::default();
        threads.spawn("quick", || {}).unwrap();
        let (release, held) = bounded::<()>(0);
        threads.spawn("slow", move || assert!(held.recv().is_err())).unwrap();
        assert_eq!(threads.join(Instant::now() + Duration::from_millis(50)), Err(vec!["slow".to_owned()]));
        drop(release);
        let mut threads = Threads::default();
        threads.spawn("quick", || {}).unwrap();
        assert_eq!(threads.join(Instant::now() + Duration::from_secs(60)), Ok(()));
    }
}
