//! What values may be, in the spellings that Go's parser takes (YAML 1.1).

use super::{Entry, FileError, Node, Value};
use crate::flag::parse_duration;
use std::time::Duration;

/// A map whose keys are known.
pub struct Fields<'a>(&'a [Entry]);

impl<'a> Fields<'a> {
    /// The fields of a map that has only these keys.
    pub fn new(node: &'a Node, known: &[&str]) -> Result<Self, FileError> {
        let entries = entries(node)?;
        match entries.iter().find(|entry| !known.contains(&&*entry.key)) {
            Some(Entry { key, line, .. }) => {
                Err(FileError::new(*line, format!("the key {key:?} is unknown; known here: {}", known.join(", "))))
            }
            None => Ok(Self(entries)),
        }
    }

    /// The value of a key; `None` where it is not there or null.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.0.iter().find(|entry| &*entry.key == key).map(|entry| &*entry.node).filter(|node| !node.is_null())
    }

    /// The value of a key as another type.
    pub fn read<T>(&self, key: &str, read: fn(&'a Node) -> Result<T, FileError>) -> Result<Option<T>, FileError> {
        self.get(key).map(read).transpose().map_err(|mut e| {
            e.why = format!("{key}: {}", e.why);
            e
        })
    }
}

/// The entries of a map.
pub fn entries(node: &Node) -> Result<&[Entry], FileError> {
    match &node.value {
        Value::Map(entries) => Ok(entries),
        Value::Text(..) if node.is_null() => Ok(&[]),
        Value::Text(..) | Value::List(_) => Err(FileError::new(node.line, "a map of keys and values is needed")),
    }
}

/// The items of a list.
pub fn list(node: &Node) -> Result<impl ExactSizeIterator<Item = &Node>, FileError> {
    match &node.value {
        Value::List(list) => Ok(list.iter().map(|node| &**node)),
        Value::Text(..) | Value::Map(_) => Err(FileError::new(node.line, "a list is needed")),
    }
}

/// A text. What looks like a number or a switch is a text too; null is the empty one.
pub fn text(node: &Node) -> Result<&str, FileError> {
    match &node.value {
        Value::Text(..) if node.is_null() => Ok(""),
        Value::Text(text, _) => Ok(text),
        Value::List(_) | Value::Map(_) => Err(FileError::new(node.line, "a text is needed")),
    }
}

/// A text that must stand without quotes to mean what it says.
fn plain(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text, true) => Some(text),
        _ => None,
    }
}

/// A switch.
pub fn switch(node: &Node) -> Result<bool, FileError> {
    match plain(node).unwrap_or_default() {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Ok(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Ok(false),
        _ => Err(wrong(node, "true or false")),
    }
}

/// A number; `.inf` only where it makes sense.
pub fn number(node: &Node) -> Result<f64, FileError> {
    let text = plain(node).unwrap_or_default();
    let digits = text.trim_start_matches(['+', '-']);
    // `010` is eight to YAML 1.1 and ten to everyone who reads it.
    let octal = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    let allowed = !octal && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let number = text.parse::<f64>().ok().filter(|number| allowed && number.is_finite());
    number.ok_or_else(|| wrong(node, "a number"))
}

/// A number, or infinity.
pub fn bound(node: &Node) -> Result<f64, FileError> {
    match plain(node) {
        Some(".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF") => Ok(f64::INFINITY),
        _ => number(node),
    }
}

/// A whole number, not negative.
pub fn count(node: &Node) -> Result<u32, FileError> {
    plain(node).and_then(|text| text.parse().ok()).ok_or_else(|| wrong(node, "a whole number"))
}

/// A time in Go's spelling.
pub fn duration(node: &Node) -> Result<Duration, FileError> {
    let duration = text(node).ok().and_then(parse_duration);
    duration.ok_or_else(|| wrong(node, "a time with a unit, such as 500ms, 90s or 1h30m, or 0"))
}

/// One of several words.
pub fn word<T: Copy>(node: &Node, words: &[(&str, T)]) -> Result<T, FileError> {
    let text = text(node)?;
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).filter(|word| !word.is_empty()).collect();
        wrong(node, &words.join(" or "))
    })
}

fn wrong(node: &Node, needed: &str) -> FileError {
    let why = match &node.value {
        Value::Text(text, true) => format!("{text} is not {needed}"),
        Value::Text(text, false) => format!("{text:?} in quotes is not {needed}"),
        Value::List(_) => format!("a list is not {needed}"),
        Value::Map(_) => format!("a map is not {needed}"),
    };
    FileError::new(node.line, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Debug;

    fn check<T: Debug + PartialEq>(read: fn(&Node) -> Result<T, FileError>, cases: &[(&str, Result<T, &str>)]) {
        for (value, want) in cases {
            let node = super::super::read(value).unwrap().unwrap();
            let got = read(&node).map_err(|e| e.to_string());
            assert_eq!(got.as_ref().map_err(String::as_str), want.as_ref().map_err(|e| *e), "value: {value:?}");
        }
    }

    #[test]
    fn numbers() {
        check(
            number,
            &[
                ("1", Ok(1.0)),
                ("-0.5", Ok(-0.5)),
                (".5", Ok(0.5)),
                ("1e-6", Ok(1e-6)),
                ("1E3", Ok(1e3)),
                ("0", Ok(0.0)),
                ("big", Err("line 1: big is not a number")),
                ("'1'", Err("line 1: \"1\" in quotes is not a number")),
                ("inf", Err("line 1: inf is not a number")),
                (".nan", Err("line 1: .nan is not a number")),
                (".inf", Err("line 1: .inf is not a number")),
                ("1e999", Err("line 1: 1e999 is not a number")),
                ("010", Err("line 1: 010 is not a number")),
                ("[1]", Err("line 1: a list is not a number")),
            ],
        );
        check(bound, &[(".inf", Ok(f64::INFINITY)), ("2.5", Ok(2.5)), ("-.inf", Err("line 1: -.inf is not a number"))]);
        check(
            count,
            &[
                ("5", Ok(5)),
                ("-1", Err("line 1: -1 is not a whole number")),
                ("2.5", Err("line 1: 2.5 is not a whole number")),
                ("4294967296", Err("line 1: 4294967296 is not a whole number")),
            ],
        );
    }

    #[test]
    fn switches() {
        check(
            switch,
            &[
                ("true", Ok(true)),
                ("yes", Ok(true)),
                ("off", Ok(false)),
                ("'true'", Err("line 1: \"true\" in quotes is not true or false")),
                ("1", Err("line 1: 1 is not true or false")),
            ],
        );
    }

    #[test]
    fn durations() {
        let needed = "a time with a unit, such as 500ms, 90s or 1h30m, or 0";
        let soon = format!("line 1: soon is not {needed}");
        let sixty = format!("line 1: 60 is not {needed}");
        let back = format!("line 1: -5s is not {needed}");
        check(
            duration,
            &[
                ("0", Ok(Duration::ZERO)),
                ("'0'", Ok(Duration::ZERO)),
                ("1m20s", Ok(Duration::from_secs(80))),
                ("soon", Err(&soon)),
                ("60", Err(&sixty)),
                ("-5s", Err(&back)),
            ],
        );
    }
}
