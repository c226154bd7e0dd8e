//! Values of a group's files. A group goes at any time, and a controller that is off has no files.

use crate::host::{CollectError, files};
use std::path::Path;

/// `None` where the group went meanwhile, or has no such file.
pub fn unless_gone<T>(result: Result<T, CollectError>) -> Result<Option<T>, CollectError> {
    match files::if_there(result) {
        Err(CollectError::Io { source, .. }) if source.raw_os_error() == Some(libc::ENODEV) => Ok(None),
        other => other,
    }
}

/// A file of one number; `None` also for `max`, which is no limit.
pub fn number(path: &Path) -> Result<Option<f64>, CollectError> {
    match unless_gone(files::value(path))?.as_deref() {
        None | Some("max") => Ok(None),
        Some(text) => files::parse_integer(path, 0, text).map(Some),
    }
}

/// Numbers of a file that has a key and a number in each line; `None` for a key that it has not.
pub fn keyed<const N: usize>(path: &Path, keys: [&str; N]) -> Result<[Option<f64>; N], CollectError> {
    let mut numbers = [None; N];
    let Some(text) = unless_gone(files::read(path))? else { return Ok(numbers) };
    for (at, line) in files::lines(&text) {
        let Some((key, number)) = line.split_once(' ') else { continue };
        if let Some(place) = keys.iter().position(|wanted| *wanted == key) {
            numbers[place] = Some(files::parse_count(path, at, number.trim())?);
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_not_there_is_none_and_what_is_wrong_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("memory.stat");
        assert_eq!(keyed(&path, ["anon", "file"]).unwrap(), [None, None]);
        fs::write(&path, "anon 4096\nanon_thp 1\n").unwrap();
        assert_eq!(keyed(&path, ["anon", "file"]).unwrap(), [Some(4096.0), None]);
        fs::write(&path, "file 1\nanon many\n").unwrap();
        let told = keyed(&path, ["anon", "file"]).unwrap_err().to_string();
        assert_eq!(told, format!("{}:2: \"many\" is not a whole number", path.display()));
        assert_eq!(number(&dir.path().join("missing")).unwrap(), None);
        fs::write(&path, "max\n").unwrap();
        assert_eq!(number(&path).unwrap(), None);
    }
}
