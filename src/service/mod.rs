//! `tallyd service`: installs and controls tallyd as a service of systemd, launchd or procd. The files that it writes are
//! those of `systemd/`, `launchd/` and `openwrt/`, with the paths of this machine.

mod find;
mod launchd;
mod manager;
pub mod notify;
mod place;
mod procd;
mod step;
mod systemd;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use manager::{Control, Manager};
use place::Place;
use std::fmt;
use std::io;
use std::path::PathBuf;
use step::{Call, Step, Work};

/// The flags of a new installation.
const ARGS: &str = include_str!("../../systemd/tallyd.args");

const EXAMPLES: &str = "\
Examples:
  sudo tallyd service install && sudo tallyd service start
  tallyd service install --user
  tallyd service logs --follow
  tallyd service install --root /srv/image --manager systemd";

/// The subcommand: its arguments and their help.
pub fn command() -> Command {
    let of_user = "The service of this user rather than that of the machine";
    let root = "Write below DIR, as for the image of another machine, and run nothing";
    let manager = "What keeps services there; found out unless given";
    let verb = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).override_usage(format!("tallyd service {name} [OPTIONS]"))
    };
    let follow = Arg::new("follow").long("follow").short('f').action(ArgAction::SetTrue).help("Go on with what comes");
    Command::new("service")
        .about("Install and control tallyd as a service")
        .override_usage("tallyd service [OPTIONS] COMMAND")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .arg(Arg::new("user").long("user").global(true).action(ArgAction::SetTrue).help(of_user))
        .arg(Arg::new("root").long("root").global(true).value_name("DIR").help(root))
        .arg(
            Arg::new("manager")
                .long("manager")
                .global(true)
                .value_name("NAME")
                .help(manager)
                .value_parser(PossibleValuesParser::new(find::NAMES)),
        )
        .subcommand(verb("install", "Write the service's files and have it started at boot; flags that are there stay"))
        .subcommand(verb("uninstall", "Stop it and remove its files; flags that were changed stay"))
        .subcommand(verb("start", "Start it"))
        .subcommand(verb("stop", "Stop it"))
        .subcommand(verb("restart", "Start it anew, with the flags as they are now"))
        .subcommand(verb("status", "Say whether it runs"))
        .subcommand(verb("logs", "Show the last of what it logged").arg(follow))
}

/// Does what the arguments of [`command`] say, and says on stdout what it does.
pub fn run(arguments: &ArgMatches) -> Result<(), ServiceError> {
    let Some((verb, arguments)) = arguments.subcommand() else {
        return Err(ServiceError::Refused("say what to do: tallyd service --help".into()));
    };
    let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let place = Place::here(arguments.get_flag("user"), text("root").map(PathBuf::from))?;
    let manager = find::manager(text("manager"), &place)?;
    let manager = manager.as_ref();
    let mut out = io::stdout().lock();
    let mut work = Work::new(&place, &mut out);
    match verb {
        "install" => install(manager, &place, &mut work),
        "uninstall" => uninstall(manager, &place, &mut work),
        verb if place.root.is_some() => {
            Err(ServiceError::Refused(format!("can't {verb} below --root: nothing runs there")))
        }
        "start" => control(manager, &Control::Start),
        "stop" => control(manager, &Control::Stop),
        "restart" => control(manager, &Control::Restart),
        "status" => control(manager, &Control::Status),
        _ => control(manager, &Control::Logs { follow: arguments.get_flag("follow") }),
    }
}

fn control(manager: &dyn Manager, control: &Control) -> Result<(), ServiceError> {
    let call = manager.control(control);
    call.run().map_err(|why| ServiceError::Call { call, why })
}

/// Writes the files and has the service started at boot. Twice is an upgrade.
fn install(manager: &dyn Manager, place: &Place, work: &mut Work<'_>) -> Result<(), ServiceError> {
    place.check_program()?;
    manager.check(place)?;
    let (unit, args) = (manager.unit(), manager.args());
    let mut steps = Vec::new();
    if place.exists(&args) {
        work.say(&format!("kept {}", place.under(&args).display()));
    } else {
        steps.push(Step::write(args, ARGS, 0o644));
    }
    if place.reads(&unit.path).is_some_and(|text| text == unit.text.as_bytes()) {
        work.say(&format!("{} is as it should be", place.under(&unit.path).display()));
    } else {
        steps.push(Step::Write(unit));
    }
    match place.root {
        Some(_) => steps.extend(manager.boot_link().filter(|(at, _)| !place.exists(at)).map(Step::link)),
        None => steps.extend(manager.switch_on()),
    }
    work.all(steps)?;
    if place.root.is_none() {
        let user = if place.user { " --user" } else { "" };
        work.say(&format!("installed; to start it now: tallyd service restart{user}"));
    }
    Ok(())
}

/// Stops the service and removes what [`install`] wrote.
fn uninstall(manager: &dyn Manager, place: &Place, work: &mut Work<'_>) -> Result<(), ServiceError> {
    let (unit, args) = (manager.unit().path, manager.args());
    if !place.exists(&unit) {
        return Err(ServiceError::Refused(format!("not installed: there is no {}", place.under(&unit).display())));
    }
    let mut steps = Vec::new();
    match place.root {
        Some(_) => steps.extend(manager.boot_link().filter(|(at, _)| place.exists(at)).map(|(at, _)| Step::Remove(at))),
        None => steps.extend(manager.switch_off()),
    }
    steps.push(Step::Remove(unit));
    match place.reads(&args) {
        Some(text) if text == ARGS.as_bytes() => steps.push(Step::Remove(args)),
        Some(_) => work.say(&format!("kept {}: it was changed", place.under(&args).display())),
        None => {}
    }
    if place.root.is_none() {
        steps.extend(manager.forget());
    }
    work.all(steps)
}

/// Why the service is not as it was asked for.
#[derive(Debug)]
pub enum ServiceError {
    /// It makes no sense here: a sentence.
    Refused(String),
    /// A file can't be written, linked or removed.
    File {
        /// What was tried.
        tried: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A program of the service manager failed.
    Call {
        /// Which, with its arguments.
        call: Call,
        /// Its exit status, or why it did not run.
        why: String,
    },
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::File { tried, path, source } => {
                write!(f, "can't {tried} {}: {source}", path.display())?;
                if source.kind() == io::ErrorKind::PermissionDenied {
                    f.write_str("; it takes root, or --user for a service of your own")?;
                }
                Ok(())
            }
            Self::Call { call, why } => write!(f, "{call}: {why}"),
        }
    }
}

impl std::error::Error for ServiceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::Refused(_) | Self::Call { .. } => None,
        }
    }
}
