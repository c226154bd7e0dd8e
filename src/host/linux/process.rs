//! Processes in `/proc`. Source: proc(5), proc_pid_stat(5).
//!
//! The procfs crate holds a descriptor for each process and parses 52 fields, of which a few are wanted.

use crate::host::{CollectError, Roots, files};
use rustix::io::Errno;
use std::str::SplitAsciiWhitespace;

/// Kernels count in ticks of their own and show ticks of 1/100 s (`USER_HZ`), on every architecture that Rust knows.
pub const TICKS_PER_SECOND: f64 = 100.0;

/// The numbers of all processes that this user may know of, as text.
pub fn ids(roots: &Roots) -> Result<Vec<String>, CollectError> {
    let mut names = files::list(&roots.proc(""))?;
    names.retain(|name| is_id(name));
    Ok(names)
}

/// Whether this names a process, or a thread.
pub fn is_id(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_digit())
}

/// 17 (khungtaskd) S 2 0 0 0 -1 2129984 0 0 0 0 14 0 0 0 20 0 1 0 24 ...
///     ^           ^
/// Splits the text of a `stat` into the name and the fields after it. The name is the program's choice, brackets and all;
/// the last bracket ends it.
pub fn split_stat(text: &str) -> Option<(&str, SplitAsciiWhitespace<'_>)> {
    let (before, fields) = text.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    Some((name, fields.split_ascii_whitespace()))
}

/// `None` where the process ended meanwhile: its files are gone, or say so when they are read.
pub fn if_alive<T>(result: Result<T, CollectError>) -> Result<Option<T>, CollectError> {
    match files::if_there(result) {
        Err(CollectError::Io { source, .. }) if source.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => Ok(None),
        other => other,
    }
}
