//! A file that stays open between scrapes: to open and close a file of the kernel costs more than to read it.
//!
//! For files whose names always mean the same. Names of devices move from one to another, which only a walk along the
//! path tells.

use super::{FIRST_READ_BYTES, open, parse, read_on, text, value_of};
use crate::host::CollectError;
use rustix::fd::AsFd;
use rustix::fs::{CWD, fstatfs};
use rustix::process::{Resource, getrlimit};
use std::fs::File;
use std::io::Seek;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// File systems that make a file's text as it is read. Others (a bind mount, the FUSE file system of a container) may
/// have another file at the same path next time. Source: linux/magic.h, `PROC_SUPER_MAGIC` and `SYSFS_MAGIC`.
const OF_KERNEL: [i64; 2] = [0x9fa0, 0x6265_6572];

/// Descriptors that the agent must be allowed before any are kept: some two hundred are, at most, and of few each is worth
/// more to a connection or to a collector that opens a file.
const AMPLE: u64 = 512;

/// A file below `/proc` or `/sys`.
pub struct Kept {
    path: PathBuf,
    file: Option<File>,
}

impl Kept {
    /// Opens nothing yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// As [`files::read`](super::read).
    pub fn read(&mut self) -> Result<String, CollectError> {
        self.with(|file, path| read_on(file, path, Vec::with_capacity(FIRST_READ_BYTES))).map(text)
    }

    /// As [`files::number`](super::number).
    pub fn number(&mut self) -> Result<f64, CollectError> {
        let value = self.value()?;
        parse(&self.path, 0, &value)
    }

    /// As [`files::value`](super::value).
    pub fn value(&mut self) -> Result<String, CollectError> {
        self.with(value_of)
    }

    /// Reads the file, which is at its start.
    pub fn with<T>(&mut self, read: impl Fn(&File, &Path) -> Result<T, CollectError>) -> Result<T, CollectError> {
        // What was open may be of a mount that is gone, or of a driver that was unloaded: then it is opened anew.
        if let Some(mut file) = self.file.take()
            && file.rewind().is_ok()
            && let Ok(got) = read(&file, &self.path)
        {
            self.file = Some(file);
            return Ok(got);
        }
        let file = open(CWD, &self.path).map_err(|e| CollectError::io(&self.path, e))?;
        let got = read(&file, &self.path)?;
        self.file = Some(file).filter(|file| may_keep() && is_of_kernel(file));
        Ok(got)
    }
}

/// Whether there are descriptors to keep, by the limit at the first question.
pub fn may_keep() -> bool {
    static AMPLY: OnceLock<bool> = OnceLock::new();
    *AMPLY.get_or_init(|| getrlimit(Resource::Nofile).current.is_none_or(|most| most >= AMPLE))
}

/// Whether a file or directory is of a file system of the kernel's own.
pub fn is_of_kernel(file: impl AsFd) -> bool {
    // The type of the field differs between architectures.
    #[allow(clippy::useless_conversion)]
    fstatfs(file).is_ok_and(|system| OF_KERNEL.contains(&i64::from(system.f_type)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_kernels_files_stay_open_and_are_read_from_their_start() {
        let mut version = Kept::new("/proc/sys/kernel/random/uuid".into());
        let first = version.read().unwrap();
        assert!(version.file.is_some());
        let second = version.read().unwrap();
        assert!(first.len() == second.len() && first != second, "{first} {second}");
        let mut limit = Kept::new("/proc/sys/kernel/threads-max".into());
        assert_eq!(limit.number().unwrap(), limit.number().unwrap());
    }

    #[test]
    fn what_is_no_longer_there_is_opened_anew() {
        // A descriptor of a process that has ended.
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mut stat = Kept::new(format!("/proc/{}/stat", child.id()).into());
        stat.read().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        stat.path = "/proc/self/stat".into();
        assert!(stat.read().unwrap().starts_with(&std::process::id().to_string()));
    }

    #[test]
    fn other_files_are_opened_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("loadavg");
        let mut file = Kept::new(path.clone());
        assert!(file.read().is_err());
        for text in ["one", "two"] {
            fs::write(dir.path().join("new"), text).unwrap();
            fs::rename(dir.path().join("new"), &path).unwrap();
            assert_eq!(file.read().unwrap(), text);
        }
    }
}
