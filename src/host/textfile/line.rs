//! The pieces of a line: names, quoted values, words.

use crate::model::name::{is_label_name, is_metric_name};

/// What is left of a line.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    rest: &'a str,
}

impl<'a> Line<'a> {
    /// A line without its line feed.
    pub fn new(line: &'a str) -> Self {
        let mut line = Self { rest: line };
        line.blanks();
        line
    }

    /// All that is left.
    pub fn rest(&self) -> &'a str {
        self.rest
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes blanks and tabs.
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Takes a character and the blanks after it, if it is next.
    pub fn take(&mut self, c: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(c) else { return false };
        self.rest = rest;
        self.blanks();
        true
    }

    /// Takes everything up to the next blank, and the blanks.
    pub fn word(&mut self) -> &'a str {
        self.until(|c| c == ' ' || c == '\t')
    }

    /// Takes the name of a metric, and the blanks after it.
    pub fn metric_name(&mut self) -> Option<&'a str> {
        let name = self.until(|c| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
        is_metric_name(name).then_some(name)
    }

    /// Takes the name of a label, and the blanks after it.
    pub fn label_name(&mut self) -> Option<&'a str> {
        let name = self.until(|c| !c.is_ascii_alphanumeric() && c != '_');
        is_label_name(name).then_some(name)
    }

    fn until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.rest = rest;
        self.blanks();
        taken
    }

    /// "/var/\"x\""} 3
    /// ^^^^^^^^^^^^
    /// Takes a value in quotes, and the blanks after it.
    pub fn quoted(&mut self) -> Result<String, String> {
        if !self.rest.starts_with('"') {
            return Err("a label's value is not in quotes".into());
        }
        let (mut value, mut chars) = (String::new(), self.rest[1..].char_indices());
        while let Some((place, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[1 + place + 1..];
                    self.blanks();
                    return Ok(value);
                }
                '\\' => value.push(escaped(chars.next().map(|(_, c)| c))?),
                c => value.push(c),
            }
        }
        Err("the quotes of a label's value do not end".into())
    }
}

/// A help text with its escapes undone.
pub fn unescape_help(text: &str) -> Result<String, String> {
    let (mut help, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = chars.next() {
        help.push(if c == '\\' { escaped(chars.next())? } else { c });
    }
    Ok(help)
}

/// What a character stands for after a backslash.
fn escaped(c: Option<char>) -> Result<char, String> {
    match c {
        Some('n') => Ok('\n'),
        Some(c @ ('"' | '\\')) => Ok(c),
        Some(c) => Err(format!("there is no escape \\{c}")),
        None => Err("a line ends in a backslash".into()),
    }
}
