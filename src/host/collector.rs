//! The contract of a collector.
//!
//! A collector is one file: a [`Spec`] that declares it, the [`Metrics`] it shows, `read` that touches the system and
//! returns plain values, and `emit` that turns them into samples and touches nothing. `collect` is
//! `emit(read(...)?, out)`, so a collector that fails has written nothing. Roots are injected; a collector never opens
//! `/proc` or `/sys` by name.

use super::Roots;
use crate::flag::{Flag, FlagError, Values};
use crate::model::{Desc, Sink};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What a collector is, declared as data.
pub struct Spec {
    /// Name, as in `--collector.NAME` and `collector="NAME"`.
    pub name: &'static str,
    /// What it exposes and from where, in one sentence without a full stop.
    pub about: &'static str,
    /// Whether it runs without being asked for.
    pub default_enabled: bool,
    /// Its own flags, named `collector.NAME.SOMETHING`.
    pub flags: &'static [Flag],
    /// Makes the collector; an error is about the value of one of its flags.
    pub build: fn(&Env<'_>) -> Result<Box<dyn Collector>, FlagError>,
}

/// Families that a collector always names alike; those that the kernel names are described with `*` in the name. They are
/// for those who describe collectors, and no part of a [`Spec`]: an agent runs without, and is 60 kB smaller for it.
pub type Metrics = &'static [&'static Desc<'static>];

/// Makes the lists of a system's collectors from their modules: each has a `SPEC` and its `METRICS`.
macro_rules! collectors {
    [$(#[$about:meta])* $($module:ident),+ $(,)?] => {
        $(#[$about])*
        pub const COLLECTORS: &[&$crate::host::Spec] = &[$(&$module::SPEC),+];

        /// What each of them shows.
        pub const METRICS: &[(&$crate::host::Spec, $crate::host::Metrics)] = &[$((&$module::SPEC, $module::METRICS)),+];
    };
}
pub(super) use collectors;

/// What a collector is made from.
pub struct Env<'a> {
    /// Where the kernel's files are.
    pub roots: &'a Roots,
    /// The values of all flags.
    pub flags: &'a Values,
}

/// Reads one topic of the host. Lives as long as the agent and is called by one thread at a time, so it may keep
/// buffers and running totals.
pub trait Collector: Send {
    /// Reads and pushes all samples of this collector, or returns an error and has pushed none.
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError>;
}

/// Why a collector has nothing to show.
#[derive(Debug)]
pub enum CollectError {
    /// The system has no such thing: no failure.
    NoData(String),
    /// A file or call of the system failed.
    Io {
        /// The file, or the name of the call.
        what: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The system's text is not of the form that it is documented to have.
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, from 1; 0 where the file is one value.
        line: usize,
        /// What was expected, or what stood there.
        why: String,
    },
}

impl CollectError {
    /// A failed read of a file.
    pub fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { what: path.to_owned(), source }
    }

    /// A failed system call.
    pub fn call(name: &str, source: io::Error) -> Self {
        Self::Io { what: name.into(), source }
    }

    /// Text that is not of the documented form. Lines count from 1; 0 stands for the whole file.
    pub fn malformed(path: &Path, line: usize, why: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_owned(), line, why: why.into() }
    }

    /// The same error, but a file that does not exist is no data.
    #[must_use]
    pub fn absent_is_no_data(self) -> Self {
        match self {
            Self::Io { what, source } if source.kind() == io::ErrorKind::NotFound => {
                Self::NoData(format!("{} does not exist", what.display()))
            }
            other => other,
        }
    }

    /// The same error of a file that was named by its place in a directory.
    #[must_use]
    pub fn below(self, dir: &Path) -> Self {
        match self {
            Self::Io { what, source } => Self::Io { what: dir.join(what), source },
            Self::Malformed { path, line, why } => Self::Malformed { path: dir.join(path), line, why },
            other @ Self::NoData(_) => other,
        }
    }
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoData(why) => write!(f, "no data: {why}"),
            Self::Io { what, source } => write!(f, "{}: {source}", what.display()),
            Self::Malformed { path, line: 0, why } => write!(f, "{}: {why}", path.display()),
            Self::Malformed { path, line, why } => write!(f, "{}:{line}: {why}", path.display()),
        }
    }
}

impl std::error::Error for CollectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::NoData(_) | Self::Malformed { .. } => None,
        }
    }
}
