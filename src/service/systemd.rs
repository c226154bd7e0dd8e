//! systemd, of the machine or of a user. Source: systemd.unit(5), systemctl(1), journalctl(1).

use super::ServiceError;
use super::manager::{Control, Manager};
use super::place::Place;
use super::step::{Call, File, Step};
use std::path::{Path, PathBuf};

const TEMPLATE: &str = include_str!("../../systemd/tallyd.service");
const TEMPLATE_COMMAND: &str = "ExecStart=/usr/bin/tallyd @/etc/tallyd.args\n";
/// From this line of the template to the next section is what a user's manager may not do.
const SYSTEM_ONLY: &str = "# From here on: only for the manager of the system.";
const UNIT: &str = "tallyd.service";

/// systemd.
pub struct Systemd {
    user: bool,
    config: PathBuf,
    program: PathBuf,
}

impl Systemd {
    /// For one place.
    pub fn new(place: &Place) -> Self {
        Self { user: place.user, config: place.config.clone(), program: place.program.clone() }
    }

    fn units(&self) -> PathBuf {
        if self.user { self.config.join("systemd/user") } else { "/etc/systemd/system".into() }
    }

    fn systemctl(&self, arguments: &[&str]) -> Call {
        let scope: &[&str] = if self.user { &["--user"] } else { &[] };
        Call::new("systemctl", &[scope, arguments].concat())
    }

    fn reload(&self) -> Step {
        let reload = self.systemctl(&["daemon-reload"]);
        Step::Run { call: reload.clone(), undo: reload, last: true }
    }

    fn run(&self, call: &[&str], undo: &[&str]) -> Step {
        Step::Run { call: self.systemctl(call), undo: self.systemctl(undo), last: false }
    }
}

impl Manager for Systemd {
    fn unit(&self) -> File {
        let command =
            format!("ExecStart={} @{}\n", quoted(&self.program.to_string_lossy()), self.args().to_string_lossy());
        let mut text = TEMPLATE.replace(TEMPLATE_COMMAND, &command);
        if self.user {
            let (ours, rest) = text.split_once(SYSTEM_ONLY).unwrap_or((&text, ""));
            let install = rest.split_once("[Install]\n").map_or("", |(_, install)| install);
            let install = install.replace("multi-user.target", "default.target");
            text = format!("{ours}[Install]\n{install}").replace("After=network.target\n", "");
        }
        File { path: self.units().join(UNIT), text, mode: 0o644 }
    }

    fn args(&self) -> PathBuf {
        if self.user { self.config.join("tallyd.args") } else { "/etc/tallyd.args".into() }
    }

    fn check(&self, place: &Place) -> Result<(), ServiceError> {
        let packaged = ["/usr/lib/systemd/system/tallyd.service", "/lib/systemd/system/tallyd.service"];
        match packaged.into_iter().find(|unit| !self.user && place.exists(Path::new(unit))) {
            None => Ok(()),
            Some(unit) => Err(ServiceError::Refused(format!(
                "a package has installed the service already ({unit}): systemctl enable --now {UNIT}"
            ))),
        }
    }

    fn boot_link(&self) -> Option<(PathBuf, PathBuf)> {
        let units = self.units();
        Some((units.join("multi-user.target.wants").join(UNIT), units.join(UNIT)))
    }

    fn switch_on(&self) -> Vec<Step> {
        vec![self.reload(), self.run(&["enable", UNIT], &["disable", UNIT])]
    }

    fn switch_off(&self) -> Vec<Step> {
        let is = |state| self.systemctl(&[state, "--quiet", UNIT]).succeeds();
        let stop = is("is-active").then(|| self.run(&["stop", UNIT], &["start", UNIT]));
        let disable = is("is-enabled").then(|| self.run(&["disable", UNIT], &["enable", UNIT]));
        stop.into_iter().chain(disable).collect()
    }

    fn states(&self) -> Vec<PathBuf> {
        let home = self.config.parent().unwrap_or(&self.config);
        match self.user {
            // It has moved with systemd 254.
            true => vec![self.config.join("tallyd"), home.join(".local/state/tallyd")],
            false => vec!["/var/lib/tallyd".into()],
        }
    }

    fn forget(&self) -> Vec<Step> {
        vec![self.reload()]
    }

    fn control(&self, control: &Control) -> Call {
        match control {
            Control::Start => self.systemctl(&["start", UNIT]),
            Control::Stop => self.systemctl(&["stop", UNIT]),
            Control::Restart => self.systemctl(&["restart", UNIT]),
            Control::Status => self.systemctl(&["status", "--no-pager", UNIT]),
            Control::Logs { follow } => {
                let unit = if self.user { "--user-unit" } else { "--unit" };
                let how = if *follow { "--follow" } else { "--no-pager" };
                Call::new("journalctl", &["--quiet", unit, UNIT, "--lines=100", how])
            }
        }
    }
}

/// A path as a word of `ExecStart=`: quoted where it has to be. Source: systemd.service(5), command lines.
fn quoted(path: &str) -> String {
    let path = path.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    if path.contains([' ', '\t', '\'', '"', '\\', ';']) { format!("\"{path}\"") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_what_is_replaced() {
        for part in [TEMPLATE_COMMAND, SYSTEM_ONLY, "[Install]\n", "multi-user.target", "After=network.target\n"] {
            assert_eq!(TEMPLATE.matches(part).count(), 1, "part: {part:?}");
        }
    }

    #[test]
    fn paths_are_quoted_where_they_must_be() {
        for (path, want) in [
            ("/usr/bin/tallyd", "/usr/bin/tallyd"),
            ("/opt/my tools/tallyd", "\"/opt/my tools/tallyd\""),
            ("/opt/50%/$x/tallyd", "/opt/50%%/$$x/tallyd"),
            ("/opt/a\"b\\c", "\"/opt/a\\\"b\\\\c\""),
        ] {
            assert_eq!(quoted(path), want, "path: {path}");
        }
    }
}
