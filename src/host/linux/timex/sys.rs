//! The call adjtimex(2).
#![allow(unsafe_code)]

use std::io;

/// Reads the kernel's clock parameters and changes none. The number is the clock's state, `TIME_OK` to `TIME_ERROR`.
pub fn adjtimex() -> io::Result<(i32, libc::timex)> {
    // SAFETY: the struct is plain integers, for which all bits zero is a value; `modes` 0 asks for reading only.
    let mut timex: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer leads to a struct of the type that the call expects, alive and writable for its duration.
    let state = unsafe { libc::adjtimex(&raw mut timex) };
    if state < 0 { Err(io::Error::last_os_error()) } else { Ok((state, timex)) }
}
