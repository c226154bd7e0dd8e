//! Reads the arguments of subcommands.

use super::file::Argument;
use super::words::Words;
use super::{UsageError, unknown};
use crate::help;
use crate::subcommand::{Matches, Opt, Subcommand};
use lexopt::Arg;
use std::ffi::OsStr;

/// What the arguments of a subcommand ask for.
pub(super) enum Asked {
    Help(String),
    Work(Matches),
}

impl Subcommand {
    /// Reads the arguments behind its name.
    pub(super) fn parse(&'static self, args: &[Argument]) -> Result<Asked, UsageError> {
        let mut matches = Matches { command: self, verb: None, operands: Vec::new(), options: Vec::new() };
        let mut words = Words::new(args);
        loop {
            // A negative number looks like a flag.
            let is_number = |text: &OsStr| text.to_str().is_some_and(|text| text.parse::<f64>().is_ok());
            if matches.takes_operand()
                && let Some(number) = words.next_raw(is_number)
            {
                matches.operands.push(number);
                continue;
            }
            let told = match words.next()? {
                None => break,
                Some(Arg::Short('h') | Arg::Long("help")) => {
                    return Ok(Asked::Help(help::subcommand(self, matches.verb, help::width())));
                }
                Some(Arg::Short(letter)) => {
                    let name = format!("-{letter}");
                    matches.option(&name, &mut words)
                }
                Some(Arg::Long(name)) => {
                    let name = format!("--{name}");
                    matches.option(&name, &mut words)
                }
                Some(Arg::Value(text)) => matches.push(&text.to_string_lossy()),
            };
            told.map_err(|sentence| UsageError::at(sentence, words.from()))?;
        }
        let missing = |what: String| UsageError(format!("{0} needs {what}; see tallyd {0} --help", self.name));
        if !self.verbs.is_empty() && matches.verb.is_none() {
            return Err(missing("a COMMAND".to_owned()));
        }
        if matches.operands.len() < self.operands.len() {
            return Err(missing(enumerate(self.operands.iter().map(|operand| operand.word))));
        }
        Ok(Asked::Work(matches))
    }
}

impl Matches {
    /// Whether an operand is missing that may be any text.
    fn takes_operand(&self) -> bool {
        self.command.operands.get(self.operands.len()).is_some_and(|operand| operand.choices.is_empty())
    }

    /// Takes what is no option.
    fn push(&mut self, text: &str) -> Result<(), String> {
        if let Some(operand) = self.command.operands.get(self.operands.len()) {
            check("", text, operand.choices.iter().copied())?;
            self.operands.push(text.to_owned());
            return Ok(());
        }
        let verbs = if self.verb.is_none() { self.command.verbs } else { &[] };
        match verbs.iter().find(|verb| verb.name == text) {
            None => Err(unknown::operand(text, verbs.iter().map(|verb| verb.name))),
            verb => {
                self.verb = verb;
                Ok(())
            }
        }
    }

    /// Takes an option by its name with dashes.
    fn option(&mut self, name: &str, words: &mut Words<'_>) -> Result<(), String> {
        let known = || self.command.options.iter().chain(self.verb.map_or(&[][..], |verb| verb.options));
        let is = |option: &&Opt| option.short == Some(name) || name.strip_prefix("--") == Some(option.name);
        let Some(option) = known().find(is) else {
            let names = known().map(|option| option.name).chain(["help"]);
            return Err(unknown::flag(name, names.map(|name| format!("--{name}"))));
        };
        let value = words.value(option.takes, name)?.unwrap_or_default();
        check(name, &value, option.choices.iter().copied())?;
        if let Some(most) = option.most
            && value.parse::<u16>().ok().is_none_or(|count| count > most)
        {
            return Err(format!("{name}={value}: it is a whole number up to {most}"));
        }
        self.options.push((option.name, value));
        Ok(())
    }
}

/// Whether a value is one of some, if there are any. `name` is that of the flag, or empty.
fn check<'a>(name: &str, value: &str, choices: impl Iterator<Item = &'a str> + Clone) -> Result<(), String> {
    if choices.clone().next().is_none() || choices.clone().any(|choice| choice == value) {
        return Ok(());
    }
    let known = choices.collect::<Vec<_>>().join(", ");
    Err(match name {
        "" => format!("{value:?}: it is one of {known}"),
        _ if value.is_empty() => format!("{name} needs a value"),
        _ => format!("{name}={value}: it is one of {known}"),
    })
}

/// `A, B and C`.
pub(super) fn enumerate<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}
