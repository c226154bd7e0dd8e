//! Arguments to exit status; the only place that ends the process.

use std::io::{self, Write};
use std::process::ExitCode;
use tallyd::cli::{self, Request};
use tallyd::config::Config;
use tallyd::{agent, logging, send, top};

/// A socket that can't be had, or a metric that can't be sent.
const FAILURE: u8 = 1;

/// A flag or a file that can't be used. Source: the convention of shells and of clap.
const USAGE: u8 = 2;

/// A thread has panicked: a fault of the program. Source: sysexits(3), `EX_SOFTWARE`.
const SOFTWARE: i32 = 70;

fn main() -> ExitCode {
    end_on_panic();
    match cli::parse(std::env::args().skip(1)) {
        Ok(Request::Print(text)) => print(&text),
        Ok(Request::Send(args)) => end(send::run(&args), FAILURE),
        Ok(Request::Top(args)) => match top::run(&args) {
            Ok(text) => print(&text),
            Err(e) => end(Err(e), FAILURE),
        },
        Ok(Request::Run(flags)) => match Config::new(&flags) {
            Ok(config) => run(config),
            Err(e) => end(Err(e), USAGE),
        },
        Err(e) => end(Err(e), USAGE),
    }
}

fn run(config: Config) -> ExitCode {
    if let Err(e) = logging::init(config.log_level, config.log_format) {
        return end(Err(e), FAILURE);
    }
    end(agent::run(config), FAILURE)
}

/// The exit status, and the sentence that goes with it.
fn end<E: std::fmt::Display>(result: Result<(), E>, status: u8) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            // Whoever closed stderr did not want to know.
            drop(writeln!(io::stderr(), "tallyd: {e}"));
            ExitCode::from(status)
        }
    }
}

/// Half an agent is worse than none: a panic on any thread ends the process, and whoever keeps the service starts it
/// again.
fn end_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tell(info);
        #[allow(clippy::exit)] // This is the place for it.
        std::process::exit(SOFTWARE);
    }));
}

fn print(text: &str) -> ExitCode {
    // A reader that has gone away has seen enough.
    drop(io::stdout().write_all(text.as_bytes()));
    ExitCode::SUCCESS
}
