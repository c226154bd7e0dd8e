//! The lines of `/proc/diskstats`. Source: kernel doc admin-guide/iostats.

use crate::host::{CollectError, files};
use std::path::Path;

/// Figures that every kernel since 2.6.25 prints.
const MIN_FIGURES: usize = 11;
/// And with those of 4.18 (discards) and 5.5 (flushes).
pub const MAX_FIGURES: usize = 17;

/// One line of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Disk {
    pub major: u32,
    pub minor: u32,
    pub name: String,
    /// As many as this kernel prints, in its order: 64 bits each, on 32-bit machines too.
    pub figures: Vec<u64>,
}

/// Reads all lines. The lines of old kernels that have four figures for a partition are left out.
pub fn disks(path: &Path, text: &str) -> Result<Vec<Disk>, CollectError> {
    let mut disks = Vec::new();
    for (number, line) in files::lines(text) {
        disks.extend(disk(line).map_err(|why| CollectError::malformed(path, number, why))?);
    }
    Ok(disks)
}

///    8       0 sda 25354637 34367663 1003346126 18492372 28444756 ...
///    ^^^^^^^^^^^^^ ^^^^^^^^
///    device        figures
fn disk(line: &str) -> Result<Option<Disk>, String> {
    let mut fields = line.split_ascii_whitespace();
    let (Some(major), Some(minor), Some(name)) = (fields.next(), fields.next(), fields.next()) else {
        return if line.trim().is_empty() { Ok(None) } else { Err("expected numbers and name of a device".into()) };
    };
    let figures: Vec<u64> = fields.take(MAX_FIGURES).map(number).collect::<Result<_, _>>()?;
    if figures.len() < MIN_FIGURES {
        return Ok(None);
    }
    Ok(Some(Disk { major: number(major)?, minor: number(minor)?, name: name.to_owned(), figures }))
}

fn number<T: std::str::FromStr>(field: &str) -> Result<T, String> {
    field.parse().map_err(|_| format!("{field:?} is not a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_device_with_as_many_figures_as_the_kernel_knows() {
        let disk = |name: &str, figures: &[u64]| {
            Ok(Some(Disk { major: 8, minor: 1, name: name.into(), figures: figures.to_vec() }))
        };
        for (line, want) in [
            ("", Ok(None)),
            ("   8       1 sda1 1 2 3 4", Ok(None)),
            ("   8       1 sda 1 2 3 4 5 6 7 8 9 10 11", disk("sda", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])),
            ("8 1 c!d0 1 2 3 4 5 6 7 8 9 10 11 12", disk("c!d0", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
            ("8 1 x 18446744073709551615 2 3 4 5 6 7 8 9 0 1", disk("x", &[u64::MAX, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])),
            ("8 1", Err("expected numbers and name of a device".into())),
            ("8 1 sda 1 2 3 4 5 6 7 8 9 10 -1", Err("\"-1\" is not a whole number".into())),
            ("8 x sda 1 2 3 4 5 6 7 8 9 10 11", Err("\"x\" is not a whole number".into())),
        ] {
            assert_eq!(super::disk(line), want, "line: {line:?}");
        }
        let more = format!("8 1 sda{}", " 7".repeat(30));
        assert_eq!(super::disk(&more).map(|disk| disk.map(|disk| disk.figures.len())), Ok(Some(MAX_FIGURES)));
    }

    #[test]
    fn an_error_names_the_line() {
        let error = disks(Path::new("/proc/diskstats"), "\n8 0 sda a b c\n").unwrap_err();
        assert_eq!(error.to_string(), "/proc/diskstats:2: \"a\" is not a whole number");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*\n.*") {
            drop(disks(Path::new("x"), &text));
        }
    }
}
