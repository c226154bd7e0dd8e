//! Arguments to exit status; the only place that ends the process.

use std::io::{self, Write};
use std::process::ExitCode;
use tallyd::cli::{self, Request};
use tallyd::config::Config;
use tallyd::listen::passed::{self, Descriptor, Passed, PassedError};
use tallyd::signals::Signals;
use tallyd::statsd::reload::warn_unused;
use tallyd::{agent, descriptors, logging, memory, panic, send, service, top};

/// A socket that can't be had, a metric that can't be sent, or a service that can't be installed.
const FAILURE: u8 = 1;

/// A flag, a file, or a socket of the service manager, that can't be used. Source: the convention of shells.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let passed = passed::take();
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
        Ok(Request::Run(flags)) => {
            // Before anyone asks how many there are.
            descriptors::raise();
            // To read a large file, or to look a name up, takes a while.
            let signals = agent::catch_early();
            let (config, only_check) = (Config::new(&flags), flags.on("check-config"));
            // Some hundred names and values that nobody asks for again.
            drop(flags);
            match config {
                Ok(config) if only_check => check(&config),
                Ok(config) => run(config, passed, signals),
                Err(e) => end(Err(e), USAGE),
            }
        }
        Err(e) => end(Err(e), USAGE),
    }
}

/// Says what is no error in files that can be used.
fn check(config: &Config) -> ExitCode {
    let logging = logging::init(config.log_level, config.log_format);
    warn_unused(&config.mapper);
    end(logging, FAILURE)
}

fn run(config: Config, passed: Result<Vec<Descriptor>, PassedError>, signals: io::Result<Signals>) -> ExitCode {
    if let Err(e) = logging::init(config.log_level, config.log_format) {
        return end(Err(e), FAILURE);
    }
    match passed.and_then(|passed| Passed::new(passed, config.web.is_passed)) {
        Ok(passed) => end(agent::run(config, passed, signals), FAILURE),
        Err(e) => end(Err(e), USAGE),
    }
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
