//! The completions of shells: clap_complete's, from a command that has what the tables have.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, Command};
use clap_complete::{Shell, generate};
use tallyd::cli::SUBCOMMANDS;
use tallyd::config;
use tallyd::flag::{Flag, Takes};
use tallyd::help;
use tallyd::subcommand::Subcommand;

/// The completion for a shell.
pub fn of(shell: Shell) -> String {
    let mut made = Vec::new();
    generate(shell, &mut command(), "tallyd", &mut made);
    String::from_utf8(made).unwrap()
}

/// The command with all flags, as clap has it.
pub fn command() -> Command {
    let mut command = Command::new("tallyd")
        .version(env!("CARGO_PKG_VERSION"))
        .about(help::ABOUT)
        .subcommands(SUBCOMMANDS.map(subcommand))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(Arg::new("h").short('h').help("Print the flags most often needed").action(ArgAction::SetTrue))
        .arg(Arg::new("help").long("help").help("Print every flag").action(ArgAction::SetTrue));
    for flag in config::sections().iter().flat_map(|section| &section.flags) {
        command = command.args(args(flag));
    }
    command
}

/// A flag as clap's arguments: itself, and the `--no-` form of a switch.
fn args(flag: &Flag) -> Vec<Arg> {
    let name = flag.name.to_string();
    let arg = Arg::new(name.clone()).long(name.clone()).help(flag.help.to_string()).aliases(flag.aliases);
    match flag.takes {
        Takes::Switch => {
            let no = format!("no-{name}");
            let off = Arg::new(no.clone()).long(no).help(format!("Not: {}", flag.help));
            vec![arg.action(ArgAction::SetTrue), off.action(ArgAction::SetTrue)]
        }
        Takes::Value(word) => {
            let choices: Vec<&'static str> = word.split('|').collect();
            let arg = arg.action(ArgAction::Set);
            vec![if choices.len() > 1 {
                arg.value_parser(choices.into_iter().map(PossibleValue::new).collect::<Vec<_>>()).value_name("WORD")
            } else {
                arg.value_name(word)
            }]
        }
        Takes::Values(word) => vec![arg.value_name(word).action(ArgAction::Append)],
    }
}

fn subcommand(subcommand: &'static Subcommand) -> Command {
    let mut command = Command::new(subcommand.name)
        .about(subcommand.about)
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .subcommands(subcommand.verbs.iter().map(self::subcommand));
    for operand in subcommand.operands {
        let arg = Arg::new(operand.word.to_lowercase()).value_name(operand.word).required(true).help(operand.help);
        command = command.arg(one_of(arg, operand.choices));
    }
    for option in subcommand.options {
        let arg = Arg::new(option.name).long(option.name).help(option.help).global(!subcommand.verbs.is_empty());
        let arg = match option.takes {
            Takes::Switch => arg.action(ArgAction::SetTrue),
            Takes::Value(word) => arg.value_name(word),
            Takes::Values(word) => arg.value_name(word).action(ArgAction::Append),
        };
        let letter = option.short.and_then(|short| short.chars().nth(1));
        command = command.arg(one_of(letter.map_or(arg.clone(), |letter| arg.short(letter)), option.choices));
    }
    command.arg(Arg::new("help").short('h').long("help").help("Print help").action(ArgAction::Help))
}

fn one_of(arg: Arg, choices: &'static [&'static str]) -> Arg {
    if choices.is_empty() { arg } else { arg.value_parser(PossibleValuesParser::new(choices)) }
}
