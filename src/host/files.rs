//! Reading the kernel's text files: whole, one value, a directory, fields of a line. One kind of helper for all
//! collectors; each error carries path and line.

#[cfg(target_os = "linux")]
mod dir;
#[cfg(target_os = "linux")]
mod kept;
#[cfg(target_os = "linux")]
mod listing;

#[cfg(target_os = "linux")]
pub use dir::Dir;
#[cfg(target_os = "linux")]
pub use kept::{Kept, may_keep};
#[cfg(target_os = "linux")]
pub use listing::{Entry, Listing};

use super::CollectError;
use rustix::fd::AsFd;
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::retry_on_intr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek};
use std::path::Path;

/// No file of the kernel that a collector reads whole comes near this; a larger one is refused rather than kept in memory.
/// What grows with the host's CPUs times its devices, or with its connections, is read line by line.
pub const MAX_FILE_BYTES: u64 = 8 << 20;
/// Nor does a line come near this in files that are read line by line: eleven bytes for each of 8,192 CPUs are 88 KiB.
pub const MAX_LINE_BYTES: u64 = 128 << 10;

/// Room for the first read. Files of the kernel say that their size is 0, and reading on with what fits into a small buffer
/// costs a call for each doubling of it.
const FIRST_READ_BYTES: usize = 8 << 10;

/// The smallest page of the systems we run on. Files of many lines are handed out page by page. Source:
/// Documentation/filesystems/seq_file.rst.
const PAGE_BYTES: usize = 4 << 10;

/// Room for a value. Those of sysfs may be as long as a page, but hardly are; they are handed out with one read. Source:
/// Documentation/filesystems/sysfs.rst.
const VALUE_BYTES: usize = 256;

/// Reads a file whole; what is not UTF-8 becomes U+FFFD.
pub fn read(path: &Path) -> Result<String, CollectError> {
    let file = open(CWD, path).map_err(|e| CollectError::io(path, e))?;
    read_on(&file, path, Vec::with_capacity(FIRST_READ_BYTES)).map(text)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

fn open(dir: impl AsFd, path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(File::from(retry_on_intr(|| rustix::fs::openat(&dir, path, flags, Mode::empty()))?))
}

/// What is left of a file, after what was read of it.
fn read_on(file: &File, path: &Path, mut bytes: Vec<u8>) -> Result<Vec<u8>, CollectError> {
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| CollectError::io(path, e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(CollectError::malformed(path, 0, format!("more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(bytes)
}

/// Reads a file that may not exist.
pub fn read_if_there(path: &Path) -> Result<Option<String>, CollectError> {
    if_there(read(path))
}

/// Reads a file of one value, without the white space around it.
pub fn value(path: &Path) -> Result<String, CollectError> {
    value_of(&open(CWD, path).map_err(|e| CollectError::io(path, e))?, path)
}

/// Reads a file from its start, wherever it was read to before.
fn value_of(mut file: &File, path: &Path) -> Result<String, CollectError> {
    let trimmed = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let failed = |e| CollectError::io(path, e);
    let mut room = [0; VALUE_BYTES];
    let count = retry_on_intr(|| rustix::io::pread(file, &mut room, 0)).map_err(|e| failed(e.into()))?;
    match room.get(..count) {
        Some(value) if count < VALUE_BYTES => Ok(trimmed(value)),
        _ => {
            file.rewind().map_err(failed)?;
            read_on(file, path, Vec::new()).map(|bytes| trimmed(&bytes))
        }
    }
}

/// Reads a file of one number.
pub fn number(path: &Path) -> Result<f64, CollectError> {
    parse(path, 0, &value(path)?)
}

/// Reads a file that may be large line by line; `each` gets the number of the line, from 1, and its text. What is not
/// UTF-8 becomes U+FFFD.
pub fn for_lines(path: &Path, each: impl FnMut(usize, &str) -> Result<(), CollectError>) -> Result<(), CollectError> {
    let file = open(CWD, path).map_err(|e| CollectError::io(path, e))?;
    for_short_lines(&file, path, PAGE_BYTES, each)
}

/// The same for an open file whose lines have at most `longest` bytes, so that its end is known without asking for it,
/// which would make the kernel walk through all sockets once more.
pub fn for_short_lines(
    file: &File,
    path: &Path,
    longest: usize,
    mut each: impl FnMut(usize, &str) -> Result<(), CollectError>,
) -> Result<(), CollectError> {
    let mut reader = BufReader::with_capacity(PAGE_BYTES, Pages { file, longest, ended: false });
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

/// A file that is handed out by pages of whole lines: a page that has room for another line is the last.
struct Pages<'f> {
    file: &'f File,
    longest: usize,
    ended: bool,
}

impl Read for Pages<'_> {
    fn read(&mut self, page: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let count = self.file.read(page)?;
        self.ended = count + self.longest < page.len();
        Ok(count)
    }
}

/// Turns "does not exist" into `None`.
pub fn if_there<T>(result: Result<T, CollectError>) -> Result<Option<T>, CollectError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(CollectError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Turns what a driver answers for an attribute that it has no value for into `None`: the file is not there, this user
/// may not read it, or reading says that the device lacks the value, or lacks it now (an interface that is down has no
/// speed: `EINVAL`). Source: errno(3) and the drivers, which don't agree on one of these.
#[cfg(target_os = "linux")]
pub fn optional<T>(result: Result<T, CollectError>) -> Result<Option<T>, CollectError> {
    let nothing = [libc::ENODATA, libc::ENODEV, libc::ENXIO, libc::EINVAL, libc::EOPNOTSUPP, libc::EAGAIN, libc::EBUSY];
    match result {
        Ok(value) => Ok(Some(value)),
        Err(CollectError::Io { source, .. })
            if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
                || source.raw_os_error().is_some_and(|code| nothing.contains(&code)) =>
        {
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// Reads an attribute that a label is made of: empty where there is no value.
#[cfg(target_os = "linux")]
pub fn label(path: &Path) -> Result<String, CollectError> {
    optional(value(path)).map(Option::unwrap_or_default)
}

/// Reads an attribute of one whole number, decimal or hexadecimal after `0x`; `None` where there is no value, or where
/// the driver says so in words (`N/A (no PMA)`).
#[cfg(target_os = "linux")]
pub fn integer(path: &Path) -> Result<Option<f64>, CollectError> {
    integer_of(value(path), path)
}

#[cfg(target_os = "linux")]
fn integer_of(value: Result<String, CollectError>, path: &Path) -> Result<Option<f64>, CollectError> {
    match optional(value)? {
        Some(text) if !text.is_empty() && !text.starts_with("N/A") => parse_integer(path, 0, &text).map(Some),
        _ => Ok(None),
    }
}

/// Reads an attribute of one whole number that counts something, as [`integer`] does.
#[cfg(target_os = "linux")]
pub fn count(path: &Path) -> Result<Option<f64>, CollectError> {
    count_of(value(path), path)
}

#[cfg(target_os = "linux")]
fn count_of(value: Result<String, CollectError>, path: &Path) -> Result<Option<f64>, CollectError> {
    integer_of(value, path)?.map(|count| not_negative(path, 0, count)).transpose()
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

/// The numbers N of a directory's entries that are called `prefix` and N, in their order: CPUs, sensors, zones. None
/// where the directory does not exist.
pub fn numbered(path: &Path, prefix: &str) -> Result<Vec<u32>, CollectError> {
    Ok(numbers(&list_if_there(path)?, prefix))
}

/// The same of names that are known.
pub fn numbers(names: &[String], prefix: &str) -> Vec<u32> {
    let number = |name: &String| {
        let digits = name.strip_prefix(prefix)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let mut numbers: Vec<u32> = names.iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
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

/// A whole number from a field, decimal or hexadecimal after `0x`; `line` is 0 where the file is one value.
pub fn parse_integer(path: &Path, line: usize, field: &str) -> Result<f64, CollectError> {
    let number = match field.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).map(i128::from),
        None => field.parse::<i128>(),
    };
    number
        .map(|n| n as f64)
        .map_err(|_| CollectError::malformed(path, line, format!("{field:?} is not a whole number")))
}

/// A whole number from a field that counts something; `line` is 0 where the file is one value.
pub fn parse_count(path: &Path, line: usize, field: &str) -> Result<f64, CollectError> {
    not_negative(path, line, parse_integer(path, line, field)?)
}

fn not_negative(path: &Path, line: usize, count: f64) -> Result<f64, CollectError> {
    if count >= 0.0 { Ok(count) } else { Err(CollectError::malformed(path, line, format!("{count} is below zero"))) }
}

/// Lines of a text with their numbers, from 1.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().zip(1..).map(|(line, number)| (number, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_decimal_or_hexadecimal() {
        for (text, want) in [
            ("0", Some(0.0)),
            ("-1", Some(-1.0)),
            ("18446744073709551615", Some(18_446_744_073_709_551_615.0)),
            ("0x1003", Some(4099.0)),
            ("0xffffffffffffffff", Some(18_446_744_073_709_551_615.0)),
            ("0x", None),
            ("0x10000000000000000", None),
            ("", None),
            ("1.5", None),
            ("nan", None),
            ("12 V", None),
        ] {
            assert_eq!(parse_integer(Path::new("f"), 0, text).ok(), want, "text: {text:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_attribute_without_a_value_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        assert_eq!(integer(&dir.path().join("missing")).unwrap(), None);
        assert_eq!(integer(&file("empty", "\n")).unwrap(), None);
        assert_eq!(integer(&file("words", "N/A (no PMA)\n")).unwrap(), None);
        assert_eq!(integer(&file("number", "42\n")).unwrap(), Some(42.0));
        assert_eq!(integer(&file("below", "-1\n")).unwrap(), Some(-1.0));
        assert!(count(&dir.path().join("below")).is_err(), "a count is not below zero");
        assert!(integer(&file("garbage", "\0\0")).is_err());
        assert!(integer(dir.path()).is_err(), "a directory is a failure");
        for (code, none) in [(libc::EINVAL, true), (libc::ENODATA, true), (libc::EACCES, true), (libc::EIO, false)] {
            let error = CollectError::call("read", std::io::Error::from_raw_os_error(code));
            assert_eq!(optional::<()>(Err(error)).is_ok(), none, "errno {code}");
        }
    }

    #[test]
    fn entries_are_counted_in_order() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["cpu10", "cpu2", "cpu0", "cpu", "cpufreq", "cpu+1", "cpu99999999999"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(numbered(dir.path(), "cpu").unwrap(), [0, 2, 10]);
        assert_eq!(numbered(&dir.path().join("missing"), "cpu").unwrap(), [0; 0]);
    }
}
