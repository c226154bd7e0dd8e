//! launchd of macOS: a daemon of the machine, or an agent of a user. Source: launchd.plist(5), launchctl(1).
//!
//! What lies in the folder of property lists is loaded at boot or login, so that installing is writing it.

use super::manager::{Control, Manager};
use super::place::{PACKAGED, Place};
use super::step::{Call, File, Step};
use std::path::{Path, PathBuf};

const TEMPLATE: &str = include_str!("../../launchd/tallyd.plist");
const TEMPLATE_PREFIX: &str = "/opt/homebrew";
const TEMPLATE_PROGRAM: &str = "<string>/opt/homebrew/bin/tallyd</string>";
/// Homebrew's prefix on Intel.
const INTEL_PREFIX: &str = "/usr/local";
const LABEL: &str = "tallyd";

/// launchd.
pub struct Launchd {
    plist: PathBuf,
    /// Where Homebrew keeps settings and logs.
    prefix: &'static str,
    program: PathBuf,
    /// What the service belongs to: `system`, or a user who is logged in.
    domain: String,
    /// Whether the log has to be made for a service that runs as nobody, and may make no file there.
    needs_log: bool,
}

impl Launchd {
    /// For one place.
    pub fn new(place: &Place) -> Self {
        let of_arm = place.root.is_some() || place.exists(Path::new(TEMPLATE_PREFIX));
        let prefix = if of_arm { TEMPLATE_PREFIX } else { INTEL_PREFIX };
        let packaged = place.program == Path::new(PACKAGED);
        let program = if packaged { Path::new(prefix).join("bin/tallyd") } else { place.program.clone() };
        let (folder, domain) = if place.user {
            (place.home.join("Library/LaunchAgents"), format!("gui/{}", rustix::process::getuid().as_raw()))
        } else {
            ("/Library/LaunchDaemons".into(), "system".to_owned())
        };
        let plist = folder.join("tallyd.plist");
        let mut launchd = Self { plist, prefix, program, domain, needs_log: false };
        launchd.needs_log = !place.user && !place.exists(Path::new(&launchd.log()));
        launchd
    }

    fn log(&self) -> String {
        format!("{}/var/log/tallyd.log", self.prefix)
    }

    fn service(&self) -> String {
        format!("{}/{LABEL}", self.domain)
    }

    fn is_loaded(&self) -> bool {
        Call::new("launchctl", &["print", &self.service()]).succeeds()
    }

    fn load(&self) -> Call {
        Call::new("launchctl", &["bootstrap", &self.domain, &self.plist.to_string_lossy()])
    }

    fn unload(&self) -> Call {
        Call::new("launchctl", &["bootout", &self.service()])
    }
}

impl Manager for Launchd {
    fn unit(&self) -> File {
        let program = format!("<string>{}</string>", escaped(&self.program.to_string_lossy()));
        let text = TEMPLATE.replace(TEMPLATE_PREFIX, self.prefix);
        let text = text.replace(&TEMPLATE_PROGRAM.replace(TEMPLATE_PREFIX, self.prefix), &program);
        File { path: self.plist.clone(), text, mode: 0o644 }
    }

    fn args(&self) -> PathBuf {
        Path::new(self.prefix).join("etc/tallyd.args")
    }

    fn switch_on(&self) -> Vec<Step> {
        if !self.needs_log {
            return Vec::new();
        }
        let owned_by = |user| Call::new("chown", &[user, &*self.log()]);
        let to_nobody = Step::Run { call: owned_by("nobody"), undo: owned_by("root"), last: false };
        vec![Step::write(self.log().into(), "", 0o644), to_nobody]
    }

    fn switch_off(&self) -> Vec<Step> {
        let step = || Step::Run { call: self.unload(), undo: self.load(), last: false };
        self.is_loaded().then(step).into_iter().collect()
    }

    fn control(&self, control: &Control) -> Call {
        let service = self.service();
        match control {
            Control::Start | Control::Restart if !self.is_loaded() => self.load(),
            Control::Start => Call::new("launchctl", &["kickstart", &service]),
            Control::Restart => Call::new("launchctl", &["kickstart", "-k", &service]),
            Control::Stop => self.unload(),
            Control::Status => Call::new("launchctl", &["print", &service]),
            Control::Logs { follow } => {
                let how: &[&str] = if *follow { &["-f"] } else { &[] };
                Call::new("tail", &[&["-n", "100"], how, &[&*self.log()]].concat())
            }
        }
    }
}

/// Text of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_what_is_replaced() {
        assert_eq!(TEMPLATE.matches(TEMPLATE_PROGRAM).count(), 1);
        assert_eq!(TEMPLATE.matches("/opt/homebrew/etc/tallyd.args").count(), 1);
        assert_eq!(TEMPLATE.matches("/opt/homebrew/var/log/tallyd.log").count(), 2);
    }

    #[test]
    fn a_path_stays_text() {
        assert_eq!(escaped("/a & <b>/tallyd"), "/a &amp; &lt;b&gt;/tallyd");
    }
}
