//! The command line: tables of flags, from which parsing, `--help`, the man page and the completions come.
//!
//! Flags are those of node_exporter and statsd_exporter. `@file` stands for the lines of a file, each one argument as it
//! is, without quoting; empty lines and those that start with `#` are left out.

mod file;
mod subcommand;
mod unknown;

pub use file::MAX_FILE_BYTES;

use crate::flag::{Flag, Takes, Values};
use crate::host::absent::ABSENT;
use crate::subcommand::{Matches, Subcommand};
use crate::{config, help, send, service, top};
use file::Argument;
use lexopt::Arg;
use std::ffi::{OsStr, OsString};
use std::fmt;
use subcommand::Asked;

/// What stands behind the program's name in the place of flags, and has arguments of its own.
pub static SUBCOMMANDS: [&Subcommand; 3] = [&send::COMMAND, &service::COMMAND, &top::COMMAND];

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
    let mut words = words(&args);
    while let Some(word) = words.next().map_err(|e| UsageError(e.to_string()))? {
        // What it is named by, and what is wrong with it.
        let (name, wrong) = match word {
            Arg::Short('V') | Arg::Long("version") => {
                return Ok(Request::Print(concat!("tallyd ", env!("CARGO_PKG_VERSION"), "\n").to_owned()));
            }
            Arg::Long(name) => {
                let name = format!("--{name}");
                let told = match find(flags(), &name) {
                    Some(found) => set(found, &name, &mut words, &mut values),
                    None if is_absent(&name) => Ok(()),
                    None => Err(unknown::flag(&name, names(flags()))),
                };
                match told {
                    Ok(()) => continue,
                    Err(sentence) => (name, sentence),
                }
            }
            Arg::Short(letter) => (format!("-{letter}"), format!("unknown flag -{letter}")),
            Arg::Value(text) => {
                let text = text.to_string_lossy().into_owned();
                let sentence = match subcommand(&text) {
                    Some(_) => "send and service take none of the agent's flags".to_owned(),
                    None => unknown::operand(&text, SUBCOMMANDS.iter().map(|command| command.name)),
                };
                (text, sentence)
            }
        };
        return Err(file::place(&args, &name, wrong));
    }
    Ok(Request::Run(values))
}

/// Arguments as lexopt cuts them.
fn words(args: &[Argument]) -> lexopt::Parser {
    lexopt::Parser::from_args(args.iter().map(|arg| &arg.text))
}

/// The value of the flag that came last: what it has behind `=`, or the next argument unless that is a flag itself. `None`
/// for a switch, which takes none. An error begins with the flag's name.
fn value(takes: Takes, name: &str, words: &mut lexopt::Parser) -> Result<Option<String>, String> {
    let is_value = |next: &OsStr| next == "-" || !next.as_encoded_bytes().starts_with(b"-");
    let behind = words.optional_value();
    match takes {
        Takes::Switch if behind.is_some() => Err(format!("{name} takes no value")),
        Takes::Switch => Ok(None),
        Takes::Value(_) | Takes::Values(_) => {
            let value = behind.or_else(|| words.try_raw_args()?.next_if(is_value));
            // That it is UTF-8 was checked before.
            let value = value.and_then(|value| value.into_string().ok());
            value.map(Some).ok_or_else(|| format!("{name} needs a value"))
        }
    }
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
fn set((flag, on): (&Flag, bool), name: &str, words: &mut lexopt::Parser, values: &mut Values) -> Result<(), String> {
    let Some(value) = value(flag.takes, name, words)? else {
        values.set(&flag.name, vec![on.to_string()], true);
        return Ok(());
    };
    if let Takes::Value(word) | Takes::Values(word) = flag.takes
        && word.contains('|')
    {
        subcommand::check(name, &value, word.split('|'))?;
    }
    let mut list = match flag.takes {
        Takes::Values(_) if values.given(&flag.name) => values.all(&flag.name).to_vec(),
        _ => Vec::new(),
    };
    list.push(value);
    values.set(&flag.name, list, true);
    Ok(())
}
