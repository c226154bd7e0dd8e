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

use crate::flag::Takes;
use crate::subcommand::{Matches, Opt, Subcommand};
use manager::{Control, Manager};
use place::Place;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use step::{Call, Step, Work};

/// The flags of a new installation.
const ARGS: &str = include_str!("../../systemd/tallyd.args");

const EXAMPLES: &str = "\
Examples:
  sudo tallyd service install && sudo tallyd service start
  tallyd service install --user
  tallyd service logs --follow
  tallyd service install --root /srv/image --manager systemd";

const fn verb(name: &'static str, usage: &'static str, about: &'static str, options: &'static [Opt]) -> Subcommand {
    Subcommand { name, about, usage, examples: "", operands: &[], options, verbs: &[] }
}

/// The subcommand.
pub static COMMAND: Subcommand = Subcommand {
    name: "service",
    about: "Install and control tallyd as a service",
    usage: "tallyd service [OPTIONS] COMMAND",
    examples: EXAMPLES,
    operands: &[],
    options: &[
        Opt::new("user", Takes::Switch, "The service of this user rather than that of the machine"),
        Opt::new("root", Takes::Value("DIR"), "Write below DIR, as for the image of another machine, and run nothing"),
        Opt::new("manager", Takes::Value("NAME"), "What keeps services there; found out unless given")
            .one_of(&find::NAMES),
    ],
    verbs: &[
        verb(
            "install",
            "tallyd service install [OPTIONS]",
            "Write the service's files and have it started at boot; flags that are there stay",
            &[],
        ),
        verb(
            "uninstall",
            "tallyd service uninstall [OPTIONS]",
            "Stop it and remove its files; flags that were changed stay",
            &[],
        ),
        verb("start", "tallyd service start [OPTIONS]", "Start it", &[]),
        verb("stop", "tallyd service stop [OPTIONS]", "Stop it", &[]),
        verb("restart", "tallyd service restart [OPTIONS]", "Start it anew, with the flags as they are now", &[]),
        verb("status", "tallyd service status [OPTIONS]", "Say whether it runs", &[]),
        verb(
            "logs",
            "tallyd service logs [OPTIONS]",
            "Show the last of what it logged",
            &[Opt::new("follow", Takes::Switch, "Go on with what comes").short("-f")],
        ),
    ],
};

/// Does what the arguments of [`COMMAND`] say, and says on stdout what it does.
pub fn run(arguments: &Matches) -> Result<(), ServiceError> {
    let place = Place::here(arguments.given("user"), arguments.value("root").map(PathBuf::from))?;
    let manager = find::manager(arguments.value("manager"), &place)?;
    let manager = manager.as_ref();
    let mut out = io::stdout().lock();
    let mut work = Work::new(&place, &mut out);
    match arguments.verb() {
        "install" => install(manager, &place, &mut work),
        "uninstall" => uninstall(manager, &place, &mut work),
        verb if place.root.is_some() => {
            Err(ServiceError::Refused(format!("can't {verb} below --root: nothing runs there")))
        }
        "start" => control(manager, &Control::Start),
        "stop" => control(manager, &Control::Stop),
        "restart" => control(manager, &Control::Restart),
        "status" => control(manager, &Control::Status),
        _ => control(manager, &Control::Logs { follow: arguments.given("follow") }),
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
    work.all(steps)?;
    if place.root.is_none() {
        manager.states().iter().for_each(|folder| leave(folder, work));
    }
    Ok(())
}

/// Removes a folder that is empty. What is in one may be wanted again: the series of apps.
fn leave(folder: &Path, work: &mut Work<'_>) {
    // With DynamicUser= there is a link to it.
    let Ok(real) = fs::canonicalize(folder) else { return };
    match fs::remove_dir(&real) {
        Ok(()) => {
            fs::remove_file(folder).ok();
            work.say(&format!("removed {}", folder.display()));
        }
        Err(e) if e.kind() == io::ErrorKind::DirectoryNotEmpty => {
            work.say(&format!("kept {}: the state of the service is in it", folder.display()));
        }
        Err(e) => work.say(&format!("kept {}: {e}", folder.display())),
    }
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
        /// Whether for a service of the user.
        user: bool,
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
            Self::File { tried, path, user, source } => {
                write!(f, "can't {tried} {}: {source}", path.display())?;
                if !user && source.kind() == io::ErrorKind::PermissionDenied {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_write_is_told_what_it_takes() {
        for (user, want) in [
            (false, "can't write /etc/a: permission denied; it takes root, or --user for a service of your own"),
            (true, "can't write /etc/a: permission denied"),
        ] {
            let source = io::ErrorKind::PermissionDenied.into();
            let error = ServiceError::File { tried: "write", path: "/etc/a".into(), user, source };
            assert_eq!(error.to_string(), want);
        }
    }
}
