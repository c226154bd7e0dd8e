//! A directory of which several files are read. Opening it once saves the kernel the walk along the path, which costs more
//! than a short read and, below `/sys/class`, leads over links.

use super::{count_in, integer_in, optional, value_in};
use crate::host::CollectError;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::retry_on_intr;
use std::path::Path;

/// An open directory. What can be asked of its files is what [`files`](super) can be asked of paths.
pub struct Dir<'p> {
    path: &'p Path,
    fd: OwnedFd,
}

impl<'p> Dir<'p> {
    /// Opens a directory; anything else is an error.
    pub fn open(path: &'p Path) -> Result<Self, CollectError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty())) {
            Ok(fd) => Ok(Self { path, fd }),
            Err(e) => Err(CollectError::io(path, e.into())),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &'p Path {
        self.path
    }

    /// As [`files::label`](super::label).
    pub fn label(&self, name: &str) -> Result<String, CollectError> {
        self.told(optional(value_in(&self.fd, Path::new(name)))).map(Option::unwrap_or_default)
    }

    /// As [`files::integer`](super::integer).
    pub fn integer(&self, name: &str) -> Result<Option<f64>, CollectError> {
        self.told(integer_in(&self.fd, Path::new(name)))
    }

    /// As [`files::count`](super::count).
    pub fn count(&self, name: &str) -> Result<Option<f64>, CollectError> {
        self.told(count_in(&self.fd, Path::new(name)))
    }

    fn told<T>(&self, result: Result<T, CollectError>) -> Result<T, CollectError> {
        result.map_err(|e| e.below(self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn errors_tell_the_whole_path() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("mtu"), "1500\n").unwrap();
        fs::write(place.path().join("speed"), "fast\n").unwrap();
        let dir = Dir::open(place.path()).unwrap();
        assert_eq!(dir.integer("mtu").unwrap(), Some(1500.0));
        assert_eq!(dir.label("speed").unwrap(), "fast");
        assert_eq!(dir.integer("missing").unwrap(), None);
        let told = dir.count("speed").unwrap_err().to_string();
        assert_eq!(told, format!("{}: \"fast\" is not a whole number", place.path().join("speed").display()));
        assert!(Dir::open(&place.path().join("mtu")).is_err(), "a file is no directory");
    }
}
