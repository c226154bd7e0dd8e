//! A flag as data. `cli` gathers all of them into one table, from which parsing, `--help`, the man page and the shell
//! completions come; a collector declares its own beside the code that reads them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;
use std::time::Duration;

/// What follows a flag's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: `--name` switches on, `--no-name` off.
    Switch,
    /// One value, of which the last given counts. The word stands for it in help.
    Value(&'static str),
    /// One value at a time, any number of times.
    Values(&'static str),
}

/// One command-line flag.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Long name without the dashes.
    pub name: Cow<'static, str>,
    /// What follows the name.
    pub takes: Takes,
    /// Values when the flag is not given, separated by a space for [`Takes::Values`]; `"true"` for a switch that is on.
    pub default: &'static str,
    /// What it does, in one sentence or two.
    pub help: Cow<'static, str>,
    /// Older spellings that are still taken, left out of help.
    pub aliases: &'static [&'static str],
}

impl Flag {
    /// A switch that is off until given.
    pub const fn switch(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Switch, "", help)
    }

    /// A switch that is on until `--no-name`.
    pub const fn on(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Switch, "true", help)
    }

    /// A flag with one value.
    pub const fn value(name: &'static str, word: &'static str, default: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Value(word), default, help)
    }

    /// A flag that may be given again and again.
    pub const fn values(name: &'static str, word: &'static str, default: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Values(word), default, help)
    }

    const fn new(name: &'static str, takes: Takes, default: &'static str, help: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), takes, default, help: Cow::Borrowed(help), aliases: &[] }
    }

    /// The same flag with older spellings.
    #[must_use]
    pub const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

/// Where an argument stands in a file of flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, line {})", self.file, self.line)
    }
}

/// A flag's value that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagError {
    /// Name without the dashes.
    pub flag: String,
    /// The value as given.
    pub value: String,
    /// What is wrong with it: a clause without a full stop.
    pub why: String,
    /// Where it stands, if in a file.
    pub from: Option<Origin>,
}

impl fmt::Display for FlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--{}={}: {}", self.flag, self.value, self.why)?;
        self.from.as_ref().map_or(Ok(()), |from| write!(f, " {from}"))
    }
}

impl std::error::Error for FlagError {}

/// The values of all flags: those given, and the defaults of the others.
#[derive(Clone, Debug, Default)]
pub struct Values {
    values: HashMap<String, Vec<String>>,
    /// Where each value stands of those that the user gave.
    given: HashMap<String, Vec<Option<Origin>>>,
}

impl Values {
    /// Adds a value that the user gives: to those of before, or in the place of it or of the default.
    pub fn give(&mut self, flag: &Flag, value: String, from: Option<Origin>) {
        let values = self.values.entry(flag.name.clone().into_owned()).or_default();
        let origins = self.given.entry(flag.name.clone().into_owned()).or_default();
        if origins.is_empty() || !matches!(flag.takes, Takes::Values(_)) {
            values.clear();
            origins.clear();
        }
        values.push(value);
        origins.push(from);
    }

    /// The defaults of the given flags.
    pub fn defaults<'a>(flags: impl IntoIterator<Item = &'a Flag>) -> Self {
        let mut values = Self::default();
        for flag in flags {
            let list = match flag.takes {
                Takes::Values(_) => flag.default.split(' ').filter(|v| !v.is_empty()).map(str::to_owned).collect(),
                Takes::Switch | Takes::Value(_) => vec![flag.default.to_owned()],
            };
            values.values.insert(flag.name.clone().into_owned(), list);
        }
        values
    }

    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// Whether the user gave the flag.
    pub fn given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// The value of a flag, `""` when it has none.
    pub fn text(&self, name: &str) -> &str {
        debug_assert!(self.values.contains_key(name), "--{name} is in no table of flags");
        self.all(name).last().map_or("", String::as_str)
    }

    /// The values of a flag that may be given again and again.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value of a flag as an unsigned integer.
    pub fn parse<T: FromStr<Err = ParseIntError>>(&self, name: &str) -> Result<T, FlagError> {
        self.text(name).parse().map_err(|e: ParseIntError| {
            let large = *e.kind() == IntErrorKind::PosOverflow;
            self.wrong(name, if large { "the number is too large" } else { "it is a whole number, 0 or more" }.into())
        })
    }

    /// The value of a flag as a duration in Go's spelling: `200ms`, `1m30s`, `0`.
    pub fn duration(&self, name: &str) -> Result<Duration, FlagError> {
        parse_duration(self.text(name)).ok_or_else(|| {
            self.wrong(name, "a duration is a number with a unit, such as 500ms, 5s, 2m or 1h30m".into())
        })
    }

    /// The value of a flag as a number of bytes: `1048576`, `1024K`, `1M`, `1MiB`.
    pub fn bytes(&self, name: &str) -> Result<usize, FlagError> {
        parse_bytes(self.text(name)).ok_or_else(|| {
            let why = "a size is a whole number of bytes, or one with a unit of 1024: K, M, G, KiB, MiB or GiB";
            self.wrong(name, why.into())
        })
    }

    /// The same for a number that is from one to another, as a flag would spell them.
    pub fn number_within(&self, name: &str, range: [&str; 2]) -> Result<usize, FlagError> {
        self.within(name, self.parse(name)?, range, |text| text.parse().ok())
    }

    /// The same for a duration.
    pub fn duration_within(&self, name: &str, range: [&str; 2]) -> Result<Duration, FlagError> {
        self.within(name, self.duration(name)?, range, parse_duration)
    }

    /// The same for a number of bytes.
    pub fn bytes_within(&self, name: &str, range: [&str; 2]) -> Result<usize, FlagError> {
        self.within(name, self.bytes(name)?, range, parse_bytes)
    }

    fn within<T: PartialOrd>(
        &self,
        name: &str,
        value: T,
        range: [&str; 2],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, FlagError> {
        match range.map(parse) {
            [Some(least), Some(most)] if least <= value && value <= most => Ok(value),
            _ => Err(self.wrong(name, format!("it is from {} to {}", range[0], range[1]))),
        }
    }

    /// An error about the value of a flag.
    pub fn wrong(&self, name: &str, why: String) -> FlagError {
        self.wrong_value(name, self.text(name), why)
    }

    /// The same about one of its values.
    pub fn wrong_value(&self, name: &str, value: &str, why: String) -> FlagError {
        let at = self.all(name).iter().rposition(|other| other == value);
        let from = at.and_then(|at| self.given.get(name)?.get(at)?.clone());
        FlagError { flag: name.to_owned(), value: value.to_owned(), why, from }
    }
}

/// Reads a duration as Go spells it: `1h2m3.5s`, with units `ns us µs ms s m h`; `0` needs none.
/// `None` where the text is something else, negative, or beyond what a `Duration` holds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut total) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

/// Reads a size: bytes, or a whole number with a unit of which each is 1024 of the one before. `K`, `M` and `G` are so to
/// systemd and to JVMs, `Mi` to Kubernetes; `KB` and `MB` are not taken, since they mean 1000 to some and 1024 to others.
/// `None` where the text is something else, or more than fits.
pub fn parse_bytes(text: &str) -> Option<usize> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let shift = match unit {
        "" | "B" => 0,
        "K" | "Ki" | "KiB" => 10,
        "M" | "Mi" | "MiB" => 20,
        "G" | "Gi" | "GiB" => 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_or_have_a_unit_of_1024() {
        for (text, want) in [
            ("0", Some(0)),
            ("4096", Some(4096)),
            ("7B", Some(7)),
            ("2K", Some(2048)),
            ("2KiB", Some(2048)),
            ("64M", Some(64 << 20)),
            ("64Mi", Some(64 << 20)),
            ("64MiB", Some(64 << 20)),
            ("3G", Some(3 << 30)),
            ("3GiB", Some(3 << 30)),
            ("", None),
            ("M", None),
            ("64 M", None),
            ("64MB", None),
            ("64m", None),
            ("1.5G", None),
            ("-1", None),
            ("+1", None),
            ("99999999999999999999", None),
            ("99999999999G", None),
        ] {
            assert_eq!(parse_bytes(text), want, "text: {text:?}");
        }
    }

    #[test]
    fn durations_are_read_as_go_spells_them() {
        for (text, want) in [
            ("0", Some(0)),
            ("200ms", Some(200)),
            ("1m30s", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            ("0s", Some(0)),
            ("", None),
            ("5", None),
            ("s", None),
            ("-5s", None),
            ("5 s", None),
            ("5d", None),
            ("1e400s", None),
        ] {
            assert_eq!(parse_duration(text), want.map(Duration::from_millis), "text: {text:?}");
        }
    }
}
