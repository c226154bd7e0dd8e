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
const TEMPLATE_ARGS: &str = "<string>@/opt/homebrew/etc/tallyd.args</string>";
const TEMPLATE_LOG: &str = "<string>/opt/homebrew/var/log/tallyd.log</string>";
const LABEL: &str = "tallyd";

/// launchd.
pub struct Launchd {
    plist: PathBuf,
    program: PathBuf,
    args: PathBuf,
    log: PathBuf,
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
        // Homebrew keeps settings and logs of all below its prefix. A user's own are where the user's others are.
        let (folder, args, log, domain) = if place.user {
            let domain = format!("gui/{}", rustix::process::getuid().as_raw());
            let library = place.home.join("Library");
            (library.join("LaunchAgents"), place.config.clone(), library.join("Logs"), domain)
        } else {
            let of_all = |folder| Path::new(prefix).join(folder);
            ("/Library/LaunchDaemons".into(), of_all("etc"), of_all("var/log"), "system".to_owned())
        };
        let (plist, args, log) = (folder.join("tallyd.plist"), args.join("tallyd.args"), log.join("tallyd.log"));
        let needs_log = !place.user && !place.exists(&log);
        Self { plist, program, args, log, domain, needs_log }
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
        let element =
            |before: &str, path: &Path| format!("<string>{before}{}</string>", escaped(&path.to_string_lossy()));
        let text = TEMPLATE.replace(TEMPLATE_PROGRAM, &element("", &self.program));
        let text = text.replace(TEMPLATE_ARGS, &element("@", &self.args));
        let text = text.replace(TEMPLATE_LOG, &element("", &self.log));
        File { path: self.plist.clone(), text, mode: 0o644 }
    }

    fn args(&self) -> PathBuf {
        self.args.clone()
    }

    fn switch_on(&self) -> Vec<Step> {
        if !self.needs_log {
            return Vec::new();
        }
        let owned_by = |user| Call::new("chown", &[user, &*self.log.to_string_lossy()]);
        let to_nobody = Step::Run { call: owned_by("nobody"), undo: owned_by("root"), last: false };
        vec![Step::write(self.log.clone(), "", 0o644), to_nobody]
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
                Call::new("tail", &[&["-n", "100"], how, &[&*self.log.to_string_lossy()]].concat())
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
        assert_eq!(TEMPLATE.matches(TEMPLATE_ARGS).count(), 1);
        assert_eq!(TEMPLATE.matches(TEMPLATE_LOG).count(), 2);
        assert_eq!(TEMPLATE.matches(TEMPLATE_PREFIX).count(), 4);
    }

    #[test]
    fn a_path_stays_text() {
        assert_eq!(escaped("/a & <b>/tallyd"), "/a &amp; &lt;b&gt;/tallyd");
    }
}
