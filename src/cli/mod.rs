//! The command line: tables of flags, from which parsing, `--help`, the man page and the completions come.
//!
//! Flags are those of node_exporter and statsd_exporter. `@file` stands for the lines of a file, each one argument as it
//! is, without quoting; empty lines and those that start with `#` are left out.

mod file;
mod subcommand;
mod unknown;
mod words;

pub use file::MAX_FILE_BYTES;

use crate::flag::{Flag, Origin, Takes, Values};
use crate::host::absent::ABSENT;
use crate::subcommand::{Matches, Subcommand};
use crate::{config, help, send, service, top};
use lexopt::Arg;
use std::ffi::OsString;
use std::fmt;
use subcommand::{Asked, enumerate};
use words::Words;

/// What stands behind the program's name in the place of flags, and has arguments of its own.
pub static SUBCOMMANDS: [&Subcommand; 3] = [&send::COMMAND, &service::COMMAND, &top::COMMAND];

/// What `--version` prints.
const VERSION: &str = concat!("tallyd ", env!("CARGO_PKG_VERSION"), "\n");

/// What the command line asks for.
#[derive(Debug)]
pub enum Request {
    /// Run the agent.
    Run(Values),
    /// `tallyd send ...`
    Send(Matches),
    /// `tallyd service ...`
    Service(Matches),
    /// `tallyd top ...`
    Top(Matches),
    /// Print this and end: help or version.
    Print(String),
}

/// A command line that can't be used: one sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct UsageError(String);

impl UsageError {
    /// A sentence about what stands there in a file, or in none.
    fn at(sentence: String, from: Option<&Origin>) -> Self {
        Self(match from {
            Some(from) => format!("{sentence} {from}"),
            None => sentence,
        })
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// Reads a command line, without the program's name.
pub fn parse(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Request, UsageError> {
    let args = file::expand(args)?;
    let subcommand = |text: &str| SUBCOMMANDS.iter().find(|command| command.name == text).copied();
    if let Some((first, rest)) = args.split_first()
        && let Some(command) = subcommand(&first.text)
    {
        return Ok(match (command.parse(rest)?, command.name) {
            (Asked::Help(text), _) => Request::Print(text),
            (Asked::Work(matches), "send") => Request::Send(matches),
            (Asked::Work(matches), "service") => Request::Service(matches),
            (Asked::Work(matches), _) => Request::Top(matches),
        });
    }
    // Whatever else is wrong with the line, who asks for help gets it.
    if args.iter().any(|arg| arg.text == "--help") {
        return Ok(Request::Print(help::long(help::width())));
    }
    if args.iter().any(|arg| arg.text == "-h") {
        return Ok(Request::Print(help::short(help::width())));
    }
    let sections = config::sections();
    let flags = || sections.iter().flat_map(|section| &section.flags);
    let mut values = Values::defaults(flags());
    let mut words = Words::new(&args);
    while let Some(word) = words.next()? {
        let told = match word {
            // Among other letters, or with a value: else it was found before.
            Arg::Short('h') => return Ok(Request::Print(help::short(help::width()))),
            Arg::Long("help") => Err("--help takes no value".to_owned()),
            Arg::Short('V') => return Ok(Request::Print(VERSION.to_owned())),
            Arg::Long("version") => match words.value(Takes::Switch, "--version") {
                Ok(_) => return Ok(Request::Print(VERSION.to_owned())),
                Err(sentence) => Err(sentence),
            },
            Arg::Long(name) => {
                let name = format!("--{name}");
                match find(flags(), &name) {
                    Some(found) => set(found, &name, &mut words, &mut values),
                    None if is_absent(&name) => Ok(()),
                    None => Err(unknown::flag(&name, names(flags()))),
                }
            }
            Arg::Short(letter) => Err(format!("unknown flag -{letter}")),
            Arg::Value(text) => {
                let text = text.to_string_lossy();
                let names = SUBCOMMANDS.iter().map(|command| command.name);
                Err(match subcommand(&text) {
                    Some(_) => format!("{} take none of the agent's flags", enumerate(names)),
                    None => unknown::operand(&text, names),
                })
            }
        };
        told.map_err(|sentence| UsageError::at(sentence, words.from()))?;
    }
    Ok(Request::Run(values))
}

/// A flag by its name with dashes, and whether it is switched on rather than off.
fn find<'f>(mut flags: impl Iterator<Item = &'f Flag>, name: &str) -> Option<(&'f Flag, bool)> {
    let name = name.strip_prefix("--")?;
    let off = name.strip_prefix("no-");
    flags.find_map(|flag| match &flag.name {
        known if known == name || flag.aliases.contains(&name) => Some((flag, true)),
        known if flag.takes == Takes::Switch && off.is_some_and(|off| off == known) => Some((flag, false)),
        _ => None,
    })
}

/// Whether it switches off a collector that is not there.
fn is_absent(name: &str) -> bool {
    name.strip_prefix("--no-collector.").is_some_and(|name| ABSENT.contains(&name))
}

/// Every name that the agent's flags can be given by, with dashes.
fn names<'f>(flags: impl Iterator<Item = &'f Flag> + 'f) -> impl Iterator<Item = String> + 'f {
    let own = ["--help", "--version"].map(str::to_owned).into_iter();
    let absent = ABSENT.iter().map(|name| format!("--no-collector.{name}"));
    let all = flags.flat_map(|flag| {
        let off = (flag.takes == Takes::Switch).then(|| format!("--no-{}", flag.name));
        let aliases = flag.aliases.iter().map(|alias| format!("--{alias}"));
        [format!("--{}", flag.name)].into_iter().chain(aliases).chain(off)
    });
    own.chain(all).chain(absent)
}

/// Sets what is said of a flag; an error begins with its name.
fn set((flag, on): (&Flag, bool), name: &str, words: &mut Words<'_>, values: &mut Values) -> Result<(), String> {
    let value = words.value(flag.takes, name)?.unwrap_or_else(|| on.to_string());
    values.give(flag, value, words.from().cloned());
    Ok(())
}
