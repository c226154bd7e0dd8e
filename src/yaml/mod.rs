//! YAML files of any part: text to a tree whose nodes know their line, and the values that a part reads from it.

mod error;
pub mod fields;
mod tree;

pub use error::FileError;
pub use tree::{Entry, MAX_DEPTH, MAX_SCALAR_BYTES, MAX_VALUES, Node, Value, read};

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The text of a file that may have `most` bytes. An error names the file.
pub fn text_of(path: &Path, most: u64) -> Result<String, FileError> {
    let failed = |e: io::Error| FileError::new(0, e.to_string()).in_file(path);
    let mut text = Vec::new();
    // One byte more than allowed tells a file that is too long.
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut text)).map_err(failed)?;
    if text.len() as u64 > most {
        return Err(FileError::new(0, format!("it is longer than {most} bytes")).in_file(path));
    }
    String::from_utf8(text).map_err(|e| {
        let valid = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..valid].iter().filter(|b| **b == b'\n').count() + 1;
        FileError::new(line, "this is not UTF-8").in_file(path)
    })
}
