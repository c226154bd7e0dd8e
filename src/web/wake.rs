//! Waking the front: a byte through a socket pair, which every system with `poll(2)` has.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// Wakes the front from its poll.
#[derive(Debug)]
pub struct Waker(UnixStream);

impl Waker {
    /// A waker and the end to poll.
    pub fn pair() -> io::Result<(Self, Wakes)> {
        let (write, read) = UnixStream::pair()?;
        write.set_nonblocking(true)?;
        read.set_nonblocking(true)?;
        Ok((Self(write), Wakes(read)))
    }

    /// Wakes it. When the pipe is full it is awake already; when the other end is gone, so is the front.
    pub fn wake(&self) {
        (&self.0).write_all(&[1]).ok();
    }
}

/// The end to poll.
#[derive(Debug)]
pub struct Wakes(UnixStream);

impl Wakes {
    /// Forgets the wakes that came.
    pub fn clear(&self) {
        let mut bytes = [0; 256];
        while (&self.0).read(&mut bytes).is_ok_and(|read| read == bytes.len()) {}
    }
}

impl AsFd for Wakes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
