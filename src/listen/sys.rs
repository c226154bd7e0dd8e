//! What takes over descriptors that are open at the start.

#![allow(unsafe_code)]

use rustix::io::{FdFlags, fcntl_setfd};
use std::ffi::OsString;
use std::io;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// The values of variables, which are removed: no program that is started gets them. To be called while there is only
/// one thread.
pub fn take_vars<const N: usize>(names: [&str; N]) -> [Option<OsString>; N] {
    names.map(|name| {
        let value = std::env::var_os(name);
        // SAFETY: no other thread reads the environment, since there is none: `main` calls this first.
        unsafe { std::env::remove_var(name) };
        value
    })
}

/// Takes over a descriptor that was open when the program started and that nobody else in it knows. No program that is
/// started inherits it from now on.
pub fn take_descriptor(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: borrowed for one call, which answers EBADF where nothing is open.
    let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl_setfd(descriptor, FdFlags::CLOEXEC)?;
    // SAFETY: it is open, as the call has shown, and whoever passed it gave it to this program, which has not opened
    // anything of its own yet.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
