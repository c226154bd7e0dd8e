//! Files of flags: `@file` in the place of its lines.

use super::UsageError;
use crate::flag::Origin;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read;

/// A file of flags that is longer is some other file.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// An argument, and the file and line that it comes from.
pub struct Argument {
    pub text: String,
    pub from: Option<Origin>,
}

/// Puts the lines of files in the place of `@file`. What `send` sends may start with an `@` of its own.
pub fn expand(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Vec<Argument>, UsageError> {
    let mut expanded = Vec::new();
    let mut sends = false;
    for arg in args {
        let text = arg.into().into_string().map_err(|raw| UsageError(format!("the argument {raw:?} is not UTF-8")))?;
        sends |= expanded.is_empty() && text == "send";
        match text.strip_prefix('@') {
            Some(file) if !file.is_empty() && !sends => expand_file(file, &mut expanded)?,
            _ => expanded.push(Argument { text, from: None }),
        }
    }
    Ok(expanded)
}

/// Each line of a file as one argument.
fn expand_file(file: &str, expanded: &mut Vec<Argument>) -> Result<(), UsageError> {
    let cannot = |why: &dyn fmt::Display| UsageError(format!("can't read flags from {file}: {why}"));
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|e| cannot(&e))?;
    opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| cannot(&e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(cannot(&format_args!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| cannot(&"it is not UTF-8"))?;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            expanded
                .push(Argument { text: line.to_owned(), from: Some(Origin { file: file.to_owned(), line: number }) });
        }
    }
    Ok(())
}
