//! Reads the arguments of subcommands.

use super::file::{Argument, place};
use super::{UsageError, unknown, value, words};
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
        let mut words = words(args);
        loop {
            // A negative number looks like a flag.
            let is_number = |text: &OsStr| text.to_str().is_some_and(|text| text.parse::<f64>().is_ok());
            let number = words.try_raw_args().filter(|_| matches.takes_operand());
            if let Some(number) = number.and_then(|mut raw| raw.next_if(is_number)) {
                matches.operands.push(number.to_string_lossy().into_owned());
                continue;
            }
            let (name, told) = match words.next().map_err(|e| UsageError(e.to_string()))? {
                None => break,
                Some(Arg::Short('h') | Arg::Long("help")) => {
                    return Ok(Asked::Help(help::subcommand(self, matches.verb, help::width())));
                }
                Some(Arg::Short(letter)) => {
                    let name = format!("-{letter}");
                    let told = matches.option(&name, &mut words);
                    (name, told)
                }
                Some(Arg::Long(name)) => {
                    let name = format!("--{name}");
                    let told = matches.option(&name, &mut words);
                    (name, told)
                }
                Some(Arg::Value(text)) => {
                    let text = text.to_string_lossy().into_owned();
                    let told = matches.push(&text);
                    (text, told)
                }
            };
            told.map_err(|sentence| place(args, &name, sentence))?;
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
    fn option(&mut self, name: &str, words: &mut lexopt::Parser) -> Result<(), String> {
        let known = || self.command.options.iter().chain(self.verb.map_or(&[][..], |verb| verb.options));
        let is = |option: &&Opt| option.short == Some(name) || name.strip_prefix("--") == Some(option.name);
        let Some(option) = known().find(is) else {
            let names = known().map(|option| option.name).chain(["help"]);
            return Err(unknown::flag(name, names.map(|name| format!("--{name}"))));
        };
        let value = value(option.takes, name, words)?.unwrap_or_default();
        check(name, &value, option.choices.iter().copied())?;
        if option.counts && value.parse::<u16>().is_err() {
            return Err(format!("{name}={value}: it is a whole number up to {}", u16::MAX));
        }
        self.options.push((option.name, value));
        Ok(())
    }
}

/// Whether a value is one of some, if there are any. `name` is that of the flag, or empty.
pub fn check<'a>(name: &str, value: &str, choices: impl Iterator<Item = &'a str> + Clone) -> Result<(), String> {
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
fn enumerate<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}
