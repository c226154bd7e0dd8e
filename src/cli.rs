//! The command line: one table of flags, from which parsing, `--help`, the man page and the completions come.
//!
//! Flags are those of node_exporter and statsd_exporter. `@file` stands for the lines of a file, each one argument as it
//! is, without quoting; empty lines and those that start with `#` are left out.

use crate::flag::{Flag, Takes, Values};
use crate::{config, send, top};
use clap::builder::PossibleValue;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::fmt;
use std::fs;

/// What the command line asks for.
#[derive(Debug)]
pub enum Request {
    /// Run the agent.
    Run(Values),
    /// `tallyd send ...`
    Send(ArgMatches),
    /// `tallyd top ...`
    Top(ArgMatches),
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

/// The command with all flags, as clap has it.
pub fn command() -> Command {
    let mut command = Command::new("tallyd")
        .version(env!("CARGO_PKG_VERSION"))
        .about("One agent for a host and its apps: reads the host, takes StatsD packets, and shows both on /metrics.")
        .after_help(
            "Each switch has a --no- form. @FILE takes flags from a file, one a line; lines that start with # are comments.",
        )
        .override_usage("tallyd [FLAGS] [@FILE]\n       tallyd send TYPE NAME VALUE\n       tallyd top [--from URL] [--count COUNT]")
        .subcommand(send::command())
        .subcommand(top::command())
        .subcommand_negates_reqs(true)
        .disable_help_subcommand(true);
    for section in config::sections() {
        for flag in &section.flags {
            for arg in args(flag) {
                command = command.arg(arg.help_heading(section.heading));
            }
        }
    }
    command
}

/// A flag as clap's arguments: itself, and the `--no-` form of a switch.
fn args(flag: &Flag) -> Vec<Arg> {
    let name = flag.name.to_string();
    let arg = Arg::new(name.clone()).long(name.clone()).help(flag.help.to_string());
    let arg = arg.aliases(flag.aliases);
    match flag.takes {
        Takes::Switch => {
            let no = format!("no-{name}");
            let help = format!("{} (default: {})", flag.help, if flag.default == "true" { "on" } else { "off" });
            vec![
                arg.help(help).action(ArgAction::SetTrue).overrides_with_all([name.clone(), no.clone()]),
                Arg::new(no.clone())
                    .long(no.clone())
                    .action(ArgAction::SetTrue)
                    .overrides_with_all([name, no])
                    .hide(true),
            ]
        }
        Takes::Value(word) => {
            let arg = arg.value_name(word).action(ArgAction::Set).overrides_with(name).allow_hyphen_values(true);
            let choices: Vec<&str> = word.split('|').collect();
            let arg = if choices.len() > 1 {
                arg.value_parser(choices.into_iter().map(PossibleValue::new).collect::<Vec<_>>()).value_name("WORD")
            } else {
                arg
            };
            vec![if flag.default.is_empty() { arg } else { arg.default_value(flag.default) }]
        }
        Takes::Values(word) => {
            let arg = arg.value_name(word).action(ArgAction::Append).allow_hyphen_values(true);
            let defaults: Vec<&'static str> = flag.default.split(' ').filter(|value| !value.is_empty()).collect();
            vec![if defaults.is_empty() { arg } else { arg.default_values(defaults) }]
        }
    }
}

/// Reads a command line, without the program's name.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Request, UsageError> {
    let args = expand(args)?;
    let texts = args.iter().map(|arg| arg.text.clone());
    let matches = match command().no_binary_name(true).try_get_matches_from(texts) {
        Ok(matches) => matches,
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return Ok(Request::Print(e.to_string()));
        }
        Err(e) => return Err(sentence(&e, &args)),
    };
    match matches.subcommand() {
        Some(("send", send)) => return Ok(Request::Send(send.clone())),
        Some(("top", top)) => return Ok(Request::Top(top.clone())),
        _ => {}
    }
    let mut values = Values::default();
    for flag in config::sections().iter().flat_map(|section| &section.flags) {
        let (list, given) = take(flag, &matches);
        values.set(&flag.name, list, given);
    }
    Ok(Request::Run(values))
}

/// The values of a flag, and whether the user gave them.
fn take(flag: &Flag, matches: &ArgMatches) -> (Vec<String>, bool) {
    let given = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
    let name: &str = &flag.name;
    if flag.takes == Takes::Switch {
        let (yes, no) = (given(name) && matches.get_flag(name), format!("no-{name}"));
        let no = given(&no) && matches.get_flag(&no);
        let value = if yes || no { yes } else { flag.default == "true" };
        return (vec![value.to_string()], yes || no);
    }
    let list = matches.get_many::<String>(name).map(|values| values.cloned().collect());
    (list.unwrap_or_default(), given(name))
}

/// An argument, and the file and line that it comes from.
struct Argument {
    text: String,
    from: Option<(String, usize)>,
}

/// Puts the lines of files in the place of `@file`.
fn expand(args: impl IntoIterator<Item = String>) -> Result<Vec<Argument>, UsageError> {
    let mut expanded = Vec::new();
    for text in args {
        let Some(file) = text.strip_prefix('@').filter(|file| !file.is_empty()) else {
            expanded.push(Argument { text, from: None });
            continue;
        };
        let lines = fs::read_to_string(file).map_err(|e| UsageError(format!("can't read flags from {file}: {e}")))?;
        for (line, number) in lines.lines().zip(1..) {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                expanded.push(Argument { text: line.to_owned(), from: Some((file.to_owned(), number)) });
            }
        }
    }
    Ok(expanded)
}

/// clap's error as one sentence that names the flag, and the file and line where it comes from one.
fn sentence(error: &clap::Error, args: &[Argument]) -> UsageError {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let arg = text(ContextKind::InvalidArg).or_else(|| text(ContextKind::InvalidSubcommand)).unwrap_or_default();
    let name = arg.split([' ', '=']).next().unwrap_or_default();
    let mut out = match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand if name.starts_with('-') => {
            format!("unknown flag {name}")
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => format!("unexpected argument {arg:?}"),
        ErrorKind::InvalidValue if text(ContextKind::InvalidValue).is_none_or(|v| v.is_empty()) => {
            format!("{name} needs a value")
        }
        ErrorKind::InvalidValue => {
            format!("{name}={}: not one of its values", text(ContextKind::InvalidValue).unwrap_or_default())
        }
        ErrorKind::TooManyValues => format!("{name} takes no value"),
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    if let Some(near) = text(ContextKind::SuggestedArg).or_else(|| text(ContextKind::SuggestedSubcommand)) {
        out.push_str(&format!("; did you mean {near}?"));
    }
    let of_file = args.iter().find(|a| !name.is_empty() && a.text.split([' ', '=']).next() == Some(name));
    if let Some((file, line)) = of_file.and_then(|a| a.from.as_ref()) {
        out.push_str(&format!(" ({file}, line {line})"));
    }
    UsageError(out)
}
