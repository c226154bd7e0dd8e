//! Which service manager is asked.

use super::ServiceError;
use super::launchd::Launchd;
use super::manager::Manager;
use super::place::Place;
use super::procd::Procd;
use super::systemd::Systemd;
use std::path::Path;

/// The managers that are known, as `--manager` names them.
pub const NAMES: [&str; 3] = ["systemd", "launchd", "procd"];

/// The manager by its name, or the one that is there.
pub fn manager(name: Option<&str>, place: &Place) -> Result<Box<dyn Manager>, ServiceError> {
    let there = |path: &str| place.exists(Path::new(path));
    let name = match name {
        Some(name) => name,
        None if there("/sbin/procd") => "procd",
        None if there("/run/systemd/system") || there("/usr/lib/systemd") || there("/lib/systemd") => "systemd",
        None if there("/bin/launchctl") => "launchd",
        None => {
            let known = NAMES.join(", ");
            return Err(ServiceError::Refused(format!("no service manager found; --manager takes one of {known}")));
        }
    };
    Ok(match name {
        "launchd" => Box::new(Launchd::new(place)),
        "procd" if place.user => {
            return Err(ServiceError::Refused("procd keeps no services of a user: leave out --user".into()));
        }
        "procd" => Box::new(Procd::new(place)),
        _ => Box::new(Systemd::new(place)),
    })
}
