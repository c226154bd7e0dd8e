//! `tallyd send`: one metric to a StatsD server, from a shell or a script.
//!
//! cadence carries it. Its own values are numbers without a sign, so the line is ours: a step of a gauge
//! (`+5`) and a member of a set are text.

mod line;
mod target;

pub use line::LineError;

use cadence::ext::MetricBackend;
use cadence::{MetricError, StatsdClient};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use line::{KINDS, Line};
use std::fmt;
use target::Target;

/// Where metrics go unless `--to` says otherwise.
const DEFAULT_TARGET: &str = "udp://127.0.0.1:8125";

const EXAMPLES: &str = "\
Examples:
  tallyd send counter app.hits 1 --tag env=prod
  tallyd send timer app.request 320 --rate 0.1
  tallyd send gauge app.queue +5 --to unix:///run/tallyd/statsd.sock";

/// The subcommand: its arguments and their help.
pub fn command() -> Command {
    let kinds = PossibleValuesParser::new(KINDS.map(|kind| kind.name));
    let value =
        "A number; milliseconds for a timer, any text for a set. A gauge moves by a number with a sign, +5 or -3";
    let rate = "Say that the metric stands for 1/RATE of its kind; it is sent in any case";
    let to = "udp://HOST:PORT, tcp://HOST:PORT, or unix:///PATH for a datagram socket";
    Command::new("send")
        .about("Send one metric to a StatsD server")
        .after_help(EXAMPLES)
        .arg(positional("type", "TYPE", "What kind of metric it is").value_parser(kinds))
        .arg(positional("name", "NAME", "Name of the metric, such as app.hits"))
        .arg(positional("value", "VALUE", value).allow_negative_numbers(true))
        .arg(
            option("tag", "KEY=VALUE", "A tag, or a word alone; can be given again and again")
                .action(ArgAction::Append),
        )
        .arg(option("rate", "RATE", rate))
        .arg(option("to", "ADDRESS", to).default_value(DEFAULT_TARGET))
}

fn positional(id: &'static str, word: &'static str, help: &'static str) -> Arg {
    Arg::new(id).value_name(word).required(true).help(help)
}

fn option(id: &'static str, word: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).value_name(word).help(help)
}

/// Sends what the arguments of [`command`] say.
pub fn run(arguments: &ArgMatches) -> Result<(), SendError> {
    let text = |name: &str| arguments.get_one::<String>(name).map_or("", String::as_str);
    let tags: Vec<&str> = arguments.get_many::<String>("tag").unwrap_or_default().map(String::as_str).collect();
    let rate = arguments.get_one::<String>("rate").map(String::as_str);
    let line = Line::new(text("type"), text("name"), text("value"), rate, &tags).map_err(SendError::Line)?;
    send(&line, text("to"))
}

/// Sends a line to an address.
fn send(line: &Line, to: &str) -> Result<(), SendError> {
    let socket = |source: MetricError| SendError::Socket { to: to.to_owned(), source };
    let target = Target::open(to).ok_or_else(|| SendError::Address(to.to_owned()))?;
    let client = StatsdClient::from_sink("", target.map_err(|e| socket(e.into()))?);
    client.send_metric(line).map_err(socket)
}

/// Why a metric was not sent.
#[derive(Debug)]
pub enum SendError {
    /// No line can say it.
    Line(LineError),
    /// The address is of no known form.
    Address(String),
    /// The address can't be reached.
    Socket {
        /// The address as given.
        to: String,
        /// The system's reason.
        source: MetricError,
    },
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(why) => write!(f, "can't send the metric: {why}"),
            Self::Address(to) => {
                write!(f, "can't send to {to}: an address is udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH")
            }
            Self::Socket { to, source } => write!(f, "can't send to {to}: {source}"),
        }
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Line(why) => Some(why),
            Self::Socket { source, .. } => Some(source),
            Self::Address(_) => None,
        }
    }
}
