//! Why a file is refused.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file that can't be used, with the place and one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The file, where the text came from one.
    pub path: Option<PathBuf>,
    /// The line, counted from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// What the rule matches, when it is about a rule that says so.
    pub matching: Option<String>,
    /// What is wrong: a clause without a full stop.
    pub why: String,
}

impl FileError {
    pub(crate) fn new(line: usize, why: impl Into<String>) -> Self {
        Self { path: None, line, matching: None, why: why.into() }
    }

    pub(crate) fn in_rule(mut self, matching: Option<&str>) -> Self {
        self.matching = matching.map(str::to_owned);
        self
    }

    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if let Some(matching) = &self.matching {
            write!(f, "match {matching:?}: ")?;
        }
        f.write_str(&self.why)
    }
}

impl std::error::Error for FileError {}
