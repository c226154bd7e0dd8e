//! The word to stop, for threads that wait in `poll`.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Said once, heard by every thread: a flag for those that are busy, and a descriptor that becomes readable, and stays
/// so, for those that wait.
pub struct Stop {
    said: AtomicBool,
    /// Nothing is ever written: closing this end is what the others see.
    writer: Mutex<Option<PipeWriter>>,
    reader: PipeReader,
}

impl Stop {
    /// Not said yet.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self { said: AtomicBool::new(false), writer: Mutex::new(Some(writer)), reader })
    }

    /// Says it.
    pub fn say(&self) {
        self.said.store(true, Ordering::Release);
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether it was said.
    pub fn is_said(&self) -> bool {
        self.said.load(Ordering::Acquire)
    }
}

impl AsFd for Stop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
