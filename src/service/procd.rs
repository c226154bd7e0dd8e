//! procd of OpenWrt: an init script, which enables and controls itself. Source: OpenWrt's procd init scripts.

use super::manager::{Control, Manager};
use super::place::Place;
use super::step::{Call, File, Step};
use std::path::PathBuf;

const TEMPLATE: &str = include_str!("../../openwrt/tallyd.init");
const TEMPLATE_PROGRAM: &str = "command /usr/bin/tallyd @";
const SCRIPT: &str = "/etc/init.d/tallyd";
/// `S` and the number that the script starts at.
const BOOT_LINK: &str = "/etc/rc.d/S95tallyd";

/// procd.
pub struct Procd {
    program: PathBuf,
}

impl Procd {
    /// For one place.
    pub fn new(place: &Place) -> Self {
        Self { program: place.program.clone() }
    }
}

impl Manager for Procd {
    fn unit(&self) -> File {
        let program = format!("command {} @", quoted(&self.program.to_string_lossy()));
        File { path: SCRIPT.into(), text: TEMPLATE.replace(TEMPLATE_PROGRAM, &program), mode: 0o755 }
    }

    fn args(&self) -> PathBuf {
        "/etc/tallyd.args".into()
    }

    fn boot_link(&self) -> Option<(PathBuf, PathBuf)> {
        Some((BOOT_LINK.into(), "../init.d/tallyd".into()))
    }

    fn switch_on(&self) -> Vec<Step> {
        vec![Step::Run { call: Call::new(SCRIPT, &["enable"]), undo: Call::new(SCRIPT, &["disable"]), last: false }]
    }

    fn switch_off(&self) -> Vec<Step> {
        let is = |state| Call::new(SCRIPT, &[state]).succeeds();
        let run = |call: &str, undo: &str| Step::Run {
            call: Call::new(SCRIPT, &[call]),
            undo: Call::new(SCRIPT, &[undo]),
            last: false,
        };
        let stop = is("running").then(|| run("stop", "start"));
        let disable = is("enabled").then(|| run("disable", "enable"));
        stop.into_iter().chain(disable).collect()
    }

    fn control(&self, control: &Control) -> Call {
        match control {
            Control::Start => Call::new(SCRIPT, &["start"]),
            Control::Stop => Call::new(SCRIPT, &["stop"]),
            Control::Restart => Call::new(SCRIPT, &["restart"]),
            Control::Status => Call::new(SCRIPT, &["status"]),
            Control::Logs { follow } => {
                let how: &[&str] = if *follow { &["-f"] } else { &["-l", "100"] };
                Call::new("logread", &[how, &["-e", "tallyd"]].concat())
            }
        }
    }
}

/// A path as a word of a shell script.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_what_is_replaced() {
        assert_eq!(TEMPLATE.matches(TEMPLATE_PROGRAM).count(), 1);
        assert!(TEMPLATE.contains("\nSTART=95\n"), "the number in {BOOT_LINK}");
    }

    #[test]
    fn paths_are_quoted_where_they_must_be() {
        assert_eq!(quoted("/usr/bin/tallyd"), "/usr/bin/tallyd");
        assert_eq!(quoted("/my tools/it's"), "'/my tools/it'\\''s'");
    }
}
