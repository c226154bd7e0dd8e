//! Arguments as lexopt cuts them, each with the place that it comes from.

use super::UsageError;
use super::file::Argument;
use crate::flag::{Origin, Takes};
use lexopt::{Arg, Parser};
use std::ffi::OsStr;

/// The words of arguments, one after the other.
pub(super) struct Words<'a> {
    args: &'a [Argument],
    parser: Parser,
    /// Of the argument that the last word, or its value, is from.
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(args: &'a [Argument]) -> Self {
        Self { args, parser: Parser::from_args(args.iter().map(|arg| &arg.text)), at: 0 }
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Result<Option<Arg<'_>>, UsageError> {
        // In the middle of an argument, a cluster of letters or one with a value, it is that of before.
        if let Some(rest) = self.parser.try_raw_args() {
            self.at = self.args.len() - rest.as_slice().len();
        }
        let from = self.from();
        self.parser.next().map_err(|e| UsageError::at(e.to_string(), from))
    }

    /// The next argument as it is, if it is such.
    pub(super) fn next_raw(&mut self, is: impl FnOnce(&OsStr) -> bool) -> Option<String> {
        let mut rest = self.parser.try_raw_args()?;
        let at = self.args.len() - rest.as_slice().len();
        // That it is UTF-8 was checked before.
        let raw = rest.next_if(is)?.into_string().ok();
        self.at = at;
        raw
    }

    /// The value of the flag that came last: what it has behind `=`, or the next argument unless that is a flag itself.
    /// `None` for a switch, which takes none. An error begins with the flag's name.
    pub(super) fn value(&mut self, takes: Takes, name: &str) -> Result<Option<String>, String> {
        let is_value = |next: &OsStr| next == "-" || !next.as_encoded_bytes().starts_with(b"-");
        let behind = self.parser.optional_value().and_then(|value| value.into_string().ok());
        match takes {
            Takes::Switch if behind.is_some() => Err(format!("{name} takes no value")),
            Takes::Switch => Ok(None),
            Takes::Value(_) | Takes::Values(_) => {
                let value = behind.or_else(|| self.next_raw(is_value));
                value.map(Some).ok_or_else(|| format!("{name} needs a value"))
            }
        }
    }

    /// Where what came last stands, if in a file.
    pub(super) fn from(&self) -> Option<&'a Origin> {
        self.args.get(self.at)?.from.as_ref()
    }
}
