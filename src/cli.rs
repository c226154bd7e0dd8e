//! The command line: one table of flags, from which parsing, `--help`, the man page and the completions come.
//!
//! Flags are those of node_exporter and statsd_exporter. `@file` stands for the lines of a file, each one argument as it
//! is, without quoting; empty lines and those that start with `#` are left out.

use crate::flag::{Flag, Takes, Values};
use crate::host::absent::ABSENT;
use crate::{compat, config, help, send, service, top};
use clap::builder::PossibleValue;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read;

/// A file of flags that is longer is some other file.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// What the command line asks for.
#[derive(Debug)]
pub enum Request {
    /// Run the agent.
    Run(Values),
    /// `tallyd send ...`
    Send(ArgMatches),
    /// `tallyd service ...`
    Service(ArgMatches),
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

/// The command with all flags, as clap has it: what parsing and the completions come from.
pub fn command() -> Command {
    let mut command = Command::new("tallyd")
        .version(env!("CARGO_PKG_VERSION"))
        .about(help::ABOUT)
        .override_usage(help::USAGE)
        .subcommand(send_command())
        .subcommand(with_help(service::command()))
        .subcommand(with_help(top::command()))
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(Arg::new("h").short('h').help("Print the flags most often needed").action(ArgAction::SetTrue))
        .arg(Arg::new("help").long("help").help("Print every flag").action(ArgAction::SetTrue));
    for flag in config::sections().iter().flat_map(|section| &section.flags) {
        command = command.args(args(flag));
    }
    command
}

fn send_command() -> Command {
    with_help(send::command().override_usage("tallyd send [OPTIONS] TYPE NAME VALUE"))
}

/// A subcommand, and those below it, with clap's own `--help`, which the agent's replaces above them.
fn with_help(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").help("Print help").action(ArgAction::Help);
    command.arg(help).mut_subcommands(with_help)
}

/// The command with the switches, too, that turn off what is not there.
fn command_to_parse() -> Command {
    let nothing = |name: &&str| switch_off(format!("no-collector.{name}"));
    command().no_binary_name(true).args(ABSENT.iter().map(nothing))
}

/// The `--no-` form of a switch; it may be repeated.
fn switch_off(no: String) -> Arg {
    Arg::new(no.clone()).long(no.clone()).action(ArgAction::SetTrue).overrides_with(no)
}

/// A flag as clap's arguments: itself, and the `--no-` form of a switch.
fn args(flag: &Flag) -> Vec<Arg> {
    let name = flag.name.to_string();
    let arg = Arg::new(name.clone()).long(name.clone()).help(flag.help.to_string());
    let arg = arg.aliases(flag.aliases);
    match flag.takes {
        Takes::Switch => {
            let no = format!("no-{name}");
            let off = switch_off(no.clone()).overrides_with(name.clone()).help(format!("Not: {}", flag.help));
            vec![arg.action(ArgAction::SetTrue).overrides_with_all([name, no]), off]
        }
        Takes::Value(word) => {
            let arg = arg.value_name(word).action(ArgAction::Set).overrides_with(name);
            let choices: Vec<&str> = word.split('|').collect();
            let arg = if choices.len() > 1 {
                arg.value_parser(choices.into_iter().map(PossibleValue::new).collect::<Vec<_>>()).value_name("WORD")
            } else {
                arg
            };
            vec![if flag.default.is_empty() { arg } else { arg.default_value(flag.default) }]
        }
        Takes::Values(word) => {
            let arg = arg.value_name(word).action(ArgAction::Append);
            let defaults: Vec<&'static str> = flag.default.split(' ').filter(|value| !value.is_empty()).collect();
            vec![if defaults.is_empty() { arg } else { arg.default_values(defaults) }]
        }
    }
}

/// Behind one of these, help is that of the subcommand.
const SUBCOMMANDS: [&str; 3] = ["send", "service", "top"];

/// Reads a command line, without the program's name.
pub fn parse(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Request, UsageError> {
    let args = expand(args)?;
    // Whatever else is wrong with the line, who asks for help gets it.
    let own = || args.iter().map(|arg| arg.text.as_str()).take_while(|text| !SUBCOMMANDS.contains(text));
    if own().any(|text| text == "--help") {
        return Ok(Request::Print(help::long(help::width())));
    }
    if own().any(|text| text == "-h") {
        return Ok(Request::Print(help::short(help::width())));
    }
    let texts = args.iter().map(|arg| arg.text.clone());
    let matches = match command_to_parse().try_get_matches_from(texts) {
        Ok(matches) => matches,
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return Ok(Request::Print(e.to_string()));
        }
        Err(e) => return Err(sentence(&e, &args)),
    };
    match matches.subcommand() {
        Some(("send", matches)) => return Ok(Request::Send(matches.clone())),
        Some(("service", matches)) => return Ok(Request::Service(matches.clone())),
        Some(("top", matches)) => return Ok(Request::Top(matches.clone())),
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

/// Puts the lines of files in the place of `@file`. What `send` sends may start with an `@` of its own.
fn expand(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Vec<Argument>, UsageError> {
    let mut expanded = Vec::new();
    let mut sends = false;
    for arg in args {
        let text = arg.into().into_string().map_err(|raw| UsageError(format!("the argument {raw:?} is not UTF-8")))?;
        sends |= expanded.is_empty() && text == "send";
        match text.strip_prefix('@') {
            Some(file) if !file.is_empty() && !sends => expand_file(file, &mut expanded)?,
            _ => expanded.push(Argument { text, from: None }),
        }
    }
    Ok(expanded)
}

/// Each line of a file as one argument.
fn expand_file(file: &str, expanded: &mut Vec<Argument>) -> Result<(), UsageError> {
    let cannot = |why: &dyn fmt::Display| UsageError(format!("can't read flags from {file}: {why}"));
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|e| cannot(&e))?;
    opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| cannot(&e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(cannot(&format_args!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| cannot(&"it is not UTF-8"))?;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            expanded.push(Argument { text: line.to_owned(), from: Some((file.to_owned(), number)) });
        }
    }
    Ok(())
}

/// clap's error as one sentence that names the flag, and the file and line where it comes from one.
fn sentence(error: &clap::Error, args: &[Argument]) -> UsageError {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        // The nearest comes last.
        Some(ContextValue::Strings(texts)) if kind == ContextKind::SuggestedSubcommand => texts.last().cloned(),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let arg = text(ContextKind::InvalidArg).or_else(|| text(ContextKind::InvalidSubcommand)).unwrap_or_default();
    let name = arg.split([' ', '=']).next().unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let mut out = match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            unknown(&arg, name, || text(ContextKind::SuggestedArg).or_else(|| text(ContextKind::SuggestedSubcommand)))
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{name} needs a value"),
        ErrorKind::InvalidValue => {
            let known = error.get(ContextKind::ValidValue).map(ToString::to_string).unwrap_or_default();
            let given = if name.starts_with('-') { format!("{name}={value}") } else { format!("{value:?}") };
            format!("{given}: it is one of {known}")
        }
        ErrorKind::TooManyValues => format!("{name} takes no value"),
        ErrorKind::ArgumentConflict => "send and service take none of the agent's flags".into(),
        ErrorKind::MissingSubcommand => "service needs a COMMAND; see tallyd service --help".into(),
        ErrorKind::MissingRequiredArgument => "send needs TYPE, NAME and VALUE; see tallyd send --help".into(),
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    let of_file = args.iter().find(|a| !name.is_empty() && a.text.split([' ', '=']).next() == Some(name));
    if let Some((file, line)) = of_file.and_then(|a| a.from.as_ref()) {
        out.push_str(&format!(" ({file}, line {line})"));
    }
    UsageError(out)
}

/// What is said of an argument that is in no table.
fn unknown(arg: &str, name: &str, near: impl Fn() -> Option<String>) -> String {
    if let Some(why) = name.strip_prefix("--").and_then(compat::refusal) {
        return format!("{name}: {why}");
    }
    if name.starts_with('-') && arg[name.len()..].starts_with(' ') {
        return format!("{arg:?} is one argument: the value of a flag follows after =");
    }
    let mut out =
        if name.starts_with('-') { format!("unknown flag {name}") } else { format!("unexpected argument {arg:?}") };
    if let Some(near) = near() {
        out.push_str(&format!("; did you mean {near}?"));
    }
    out
}
