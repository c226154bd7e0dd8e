//! The texts below `/sys/fs/bcachefs`.

use crate::host::{CollectError, files};
use std::path::Path;

/// A name with its figures.
#[derive(Debug, PartialEq)]
pub struct Row<const N: usize> {
    pub name: String,
    pub figures: [f64; N],
}

/// Sizes and counts as the kernel prints them for people: `720`, `28.2k`, `2.05G`.
pub fn bytes(path: &Path, line: usize, text: &str) -> Result<f64, CollectError> {
    let text = text.trim();
    let suffix = text.chars().last().map(|suffix| suffix.to_ascii_uppercase());
    match suffix.and_then(|suffix| "KMGTPE".find(suffix)) {
        Some(power) => {
            let number = files::parse(path, line, &text[..text.len() - 1])?;
            Ok((number * 1024.0_f64.powi(i32::try_from(power).unwrap_or_default() + 1)).trunc())
        }
        None => files::parse_count(path, line, text),
    }
}

/// A line of headings, then lines of a name and its figures: `lz4   48.9G   71.2G   62.5k`.
pub fn table(path: &Path, text: &str) -> Result<Vec<Row<2>>, CollectError> {
    let mut rows = Vec::new();
    for (at, line) in files::lines(text).skip(1) {
        let mut fields = line.split_ascii_whitespace();
        let (Some(name), Some(first), Some(second)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let figures = [bytes(path, at, first)?, bytes(path, at, second)?];
        rows.push(Row { name: name.trim_end_matches(':').to_owned(), figures });
    }
    Ok(rows)
}

/// Lines of an error, how often it was seen, and when last.
pub fn errors(path: &Path, text: &str) -> Result<Vec<Row<1>>, CollectError> {
    let mut rows = Vec::new();
    for (at, line) in files::lines(text) {
        let mut fields = line.split_ascii_whitespace();
        let (Some(name), Some(count)) = (fields.next(), fields.next()) else { continue };
        rows.push(Row { name: name.to_owned(), figures: [files::parse_count(path, at, count)?] });
    }
    Ok(rows)
}

/// `since mount: 12` and `since filesystem creation: 1.05M`: the latter, which does not start anew.
pub fn counter(path: &Path, text: &str) -> Result<f64, CollectError> {
    let creation = |(at, line): (usize, &str)| match line.split_once(':') {
        Some(("since filesystem creation", value)) => Some(bytes(path, at, value)),
        _ => None,
    };
    files::lines(text)
        .find_map(creation)
        .unwrap_or_else(|| Err(CollectError::malformed(path, 0, "expected a line \"since filesystem creation:\"")))
}

/// Lines `sb : 12288` below `read:` and `write:`.
pub fn io_done(path: &Path, text: &str) -> Result<Vec<(&'static str, Row<1>)>, CollectError> {
    let (mut rows, mut operation) = (Vec::new(), None);
    for (at, line) in files::lines(text) {
        match (line.trim(), operation) {
            ("read:", _) => operation = Some("read"),
            ("write:", _) => operation = Some("write"),
            (line, Some(operation)) => rows.extend(named(path, at, line)?.map(|row| (operation, row))),
            _ => {}
        }
    }
    Ok(rows)
}

/// Lines `read: 197346` below `IO errors since filesystem creation`, up to the next such heading.
pub fn io_errors(path: &Path, text: &str) -> Result<Vec<Row<1>>, CollectError> {
    let mut rows = Vec::new();
    let mut lines = files::lines(text).skip_while(|(_, line)| !line.starts_with("IO errors since filesystem creation"));
    lines.next();
    for (at, line) in lines.take_while(|(_, line)| !line.starts_with("IO errors since ")) {
        rows.extend(named(path, at, line)?);
    }
    Ok(rows)
}

fn named(path: &Path, line: usize, text: &str) -> Result<Option<Row<1>>, CollectError> {
    let Some((name, value)) = text.split_once(':') else { return Ok(None) };
    Ok(Some(Row { name: name.trim().to_owned(), figures: [files::parse_count(path, line, value.trim())?] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people_are_read_back() {
        for (text, want) in [
            ("720", Some(720.0)),
            (" 28.2k", Some(28_876.0)),
            ("2.05G", Some(2_201_170_739.0)),
            ("", None),
            ("G", None),
            ("nank", None),
            ("1é", None),
        ] {
            assert_eq!(bytes(Path::new("f"), 0, text).ok(), want, "text: {text:?}");
        }
    }
}
