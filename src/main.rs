//! Arguments to exit status; the only place that ends the process.

use std::io::{self, Write};
use std::process::ExitCode;
use tallyd::cli::{self, Request};
use tallyd::config::Config;
use tallyd::{agent, logging, memory, panic, send, service, top};

/// A socket that can't be had, a metric that can't be sent, or a service that can't be installed.
const FAILURE: u8 = 1;

/// A flag or a file that can't be used. Source: the convention of shells and of clap.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    panic::end_on_panic(std::process::exit);
    memory::keep_small();
    match cli::parse(std::env::args_os().skip(1)) {
        Ok(Request::Print(text)) => print(&text),
        Ok(Request::Send(args)) => end(send::run(&args), FAILURE),
        Ok(Request::Service(args)) => end(service::run(&args), FAILURE),
        Ok(Request::Top(args)) => match top::run(&args) {
            Ok(text) => print(&text),
            Err(e) => end(Err(e), FAILURE),
        },
        Ok(Request::Run(flags)) => match Config::new(&flags) {
            Ok(_) if flags.on("check-config") => ExitCode::SUCCESS,
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

fn print(text: &str) -> ExitCode {
    // A reader that has gone away has seen enough.
    drop(io::stdout().write_all(text.as_bytes()));
    ExitCode::SUCCESS
}
