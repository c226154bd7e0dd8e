//! `tallyd send`: one metric to a StatsD server, from a shell or a script.
//!
//! cadence carries it. Its own values are numbers without a sign, so the line is ours: a step of a gauge
//! (`+5`) and a member of a set are text.

mod line;
mod target;

pub use line::LineError;

use crate::flag::Takes;
use crate::subcommand::{Matches, Operand, Opt, Subcommand};
use cadence::ext::MetricBackend;
use cadence::{MetricError, StatsdClient};
use line::{KIND_NAMES, Line};
use std::fmt;
use target::Target;

const EXAMPLES: &str = "\
Examples:
  tallyd send counter app.hits 1 --tag env=prod
  tallyd send timer app.request 320 --rate 0.1
  tallyd send gauge app.queue +5 --to unix:///run/tallyd/statsd.sock";

/// The subcommand.
pub static COMMAND: Subcommand = Subcommand {
    name: "send",
    about: "Send one metric to a StatsD server",
    usage: "tallyd send [OPTIONS] TYPE NAME VALUE",
    examples: EXAMPLES,
    operands: &[
        Operand { word: "TYPE", help: "What kind of metric it is", choices: &KIND_NAMES },
        Operand { word: "NAME", help: "Name of the metric, such as app.hits", choices: &[] },
        Operand {
            word: "VALUE",
            help: "A number; milliseconds for a timer, any text for a set. A gauge moves by a number with a sign, +5 or -3",
            choices: &[],
        },
    ],
    options: &[
        Opt::new("tag", Takes::Values("KEY=VALUE"), "A tag, or a word alone; can be given again and again"),
        Opt::new(
            "rate",
            Takes::Value("RATE"),
            "Say that the metric stands for 1/RATE of its kind; it is sent in any case",
        ),
        Opt::new(
            "to",
            Takes::Value("ADDRESS"),
            "udp://HOST:PORT, tcp://HOST:PORT, or unix:///PATH for a datagram socket",
        )
        .default("udp://127.0.0.1:8125"),
    ],
    verbs: &[],
};

/// Sends what the arguments of [`COMMAND`] say.
pub fn run(arguments: &Matches) -> Result<(), SendError> {
    let [kind, name, value] = [0, 1, 2].map(|at| arguments.operand(at));
    let tags: Vec<&str> = arguments.all("tag").collect();
    let line = Line::new(kind, name, value, arguments.value("rate"), &tags).map_err(SendError::Line)?;
    send(&line, arguments.value("to").unwrap_or_default())
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
