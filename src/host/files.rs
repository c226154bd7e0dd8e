//! Reading the kernel's text files: whole, one value, a directory, fields of a line. One kind of helper for all
//! collectors; each error carries path and line.

use super::CollectError;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// No file of the kernel that a collector reads comes near this; a larger one is refused rather than kept in memory.
pub const MAX_FILE_BYTES: u64 = 8 << 20;
/// Nor does a line come near this in files that are read line by line.
pub const MAX_LINE_BYTES: u64 = 64 << 10;

/// Reads a file whole; what is not UTF-8 becomes U+FFFD.
pub fn read(path: &Path) -> Result<String, CollectError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| CollectError::io(path, e))?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| CollectError::io(path, e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(CollectError::malformed(path, 0, format!("more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// Reads a file that may not exist.
pub fn read_if_there(path: &Path) -> Result<Option<String>, CollectError> {
    if_there(read(path))
}

/// Reads a file of one value, without the white space around it.
pub fn value(path: &Path) -> Result<String, CollectError> {
    read(path).map(|text| text.trim().to_owned())
}

/// Reads a file of one number.
pub fn number(path: &Path) -> Result<f64, CollectError> {
    parse(path, 0, &value(path)?)
}

/// Reads a file that may be large line by line; `each` gets the number of the line, from 1, and its text. What is not
/// UTF-8 becomes U+FFFD.
pub fn for_lines(
    path: &Path,
    mut each: impl FnMut(usize, &str) -> Result<(), CollectError>,
) -> Result<(), CollectError> {
    let mut reader = BufReader::new(File::open(path).map_err(|e| CollectError::io(path, e))?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line);
        match read.map_err(|e| CollectError::io(path, e))? {
            0 => break,
            length if length as u64 > MAX_LINE_BYTES => {
                return Err(CollectError::malformed(path, number, format!("more than {MAX_LINE_BYTES} bytes")));
            }
            _ => each(number, String::from_utf8_lossy(line.trim_ascii_end()).as_ref())?,
        }
    }
    Ok(())
}

/// Turns "does not exist" into `None`.
pub fn if_there<T>(result: Result<T, CollectError>) -> Result<Option<T>, CollectError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(CollectError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Names in a directory, sorted; those that are not UTF-8 are left out.
pub fn list(path: &Path) -> Result<Vec<String>, CollectError> {
    let entries = fs::read_dir(path).map_err(|e| CollectError::io(path, e))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| CollectError::io(path, e))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}

/// Names in a directory that may not exist.
pub fn list_if_there(path: &Path) -> Result<Vec<String>, CollectError> {
    if_there(list(path)).map(Option::unwrap_or_default)
}

/// A number from a field of a line; `line` is 0 where the file is one value. The kernel prints no NaN and no infinity.
pub fn parse(path: &Path, line: usize, field: &str) -> Result<f64, CollectError> {
    match field.parse() {
        Ok(number) if f64::is_finite(number) => Ok(number),
        _ => Err(CollectError::malformed(path, line, format!("{field:?} is not a number"))),
    }
}

/// An unsigned integer from a field of a line, where sums or shifts have to be exact.
pub fn parse_u64(path: &Path, line: usize, field: &str) -> Result<u64, CollectError> {
    field.parse().map_err(|_| CollectError::malformed(path, line, format!("{field:?} is not an unsigned integer")))
}

/// An unsigned integer in hexadecimal, without a prefix, from a field of a line.
pub fn parse_hex(path: &Path, line: usize, field: &str) -> Result<u64, CollectError> {
    u64::from_str_radix(field, 16)
        .map_err(|_| CollectError::malformed(path, line, format!("{field:?} is not a hexadecimal number")))
}

/// The field of a line at a place, from 0.
pub fn field<'t>(path: &Path, line: usize, fields: &[&'t str], at: usize) -> Result<&'t str, CollectError> {
    fields.get(at).copied().ok_or_else(|| CollectError::malformed(path, line, format!("field {} is missing", at + 1)))
}

/// Lines of a text with their numbers, from 1.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().zip(1..).map(|(line, number)| (number, line))
}
