//! `tallyd service` in folders of its own, and what a running agent tells the manager that started it.
//!
//! `BLESS=1 cargo test --test service` writes the goldens anew.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, program};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

const UNIT: &str = "etc/systemd/system/tallyd.service";
const LINK: &str = "etc/systemd/system/multi-user.target.wants/tallyd.service";
const ARGS: &str = "etc/tallyd.args";

/// A file of the repository.
fn ours(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn assert_golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/service").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "differs from {}", path.display());
}

/// A text with the folder of the test and the program under names that stay.
fn plain(text: &str, dir: &Path) -> String {
    text.replace(dir.to_str().unwrap(), "DIR").replace(env!("CARGO_BIN_EXE_tallyd"), "PROGRAM")
}

/// Runs a command to its end: whether it went well, and what it said.
fn said(command: &mut Command, dir: &Path) -> (bool, String) {
    let output = command.output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), plain(&text, dir))
}

/// `tallyd service --root DIR --manager systemd ...`
fn below(dir: &Path, args: &[&str]) -> (bool, String) {
    said(program().args(["service", "--root"]).arg(dir).args(["--manager", "systemd"]).args(args), dir)
}

/// Every file and link below a folder.
fn names(dir: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn an_image_gets_the_files_of_the_packages() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let (well, text) = below(dir, &["install"]);
    assert_eq!(
        (well, &*text),
        (
            true,
            "wrote DIR/etc/tallyd.args\n\
             wrote DIR/etc/systemd/system/tallyd.service\n\
             linked DIR/etc/systemd/system/multi-user.target.wants/tallyd.service to \
             /etc/systemd/system/tallyd.service\n"
        )
    );
    assert_eq!(names(dir), [LINK, UNIT, ARGS]);
    assert_eq!(fs::read_to_string(dir.join(UNIT)).unwrap(), ours("systemd/tallyd.service"));
    assert_eq!(fs::read_to_string(dir.join(ARGS)).unwrap(), ours("systemd/tallyd.args"));
    assert_eq!(fs::read_link(dir.join(LINK)).unwrap(), Path::new("/").join(UNIT));
    assert_eq!(fs::metadata(dir.join(UNIT)).unwrap().permissions().mode() & 0o777, 0o644);
    let (well, text) = below(dir, &["uninstall"]);
    assert!(well, "{text}");
    assert_eq!(names(dir), [""; 0]);
}

#[test]
fn an_upgrade_keeps_the_flags_and_replaces_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    assert!(below(dir, &["install"]).0);
    fs::write(dir.join(ARGS), "--no-collector.arp\n").unwrap();
    fs::write(dir.join(UNIT), "[Service]\nExecStart=/usr/bin/tallyd-0.0 @/etc/tallyd.args\n").unwrap();
    let upgraded = "kept DIR/etc/tallyd.args\nreplaced DIR/etc/systemd/system/tallyd.service\n";
    assert_eq!(below(dir, &["install"]), (true, upgraded.to_owned()));
    assert_eq!(fs::read_to_string(dir.join(ARGS)).unwrap(), "--no-collector.arp\n");
    assert_eq!(fs::read_to_string(dir.join(UNIT)).unwrap(), ours("systemd/tallyd.service"));
    let again = "kept DIR/etc/tallyd.args\nDIR/etc/systemd/system/tallyd.service is as it should be\n";
    assert_eq!(below(dir, &["install"]), (true, again.to_owned()));
    let gone = "kept DIR/etc/tallyd.args: it was changed\n\
                removed DIR/etc/systemd/system/multi-user.target.wants/tallyd.service\n\
                removed DIR/etc/systemd/system/tallyd.service\n";
    assert_eq!(below(dir, &["uninstall"]), (true, gone.to_owned()));
    assert_eq!(names(dir), [ARGS]);
}

#[test]
fn a_step_that_fails_undoes_those_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    // A file where a folder should be.
    fs::create_dir_all(dir.join("etc/systemd/system")).unwrap();
    fs::write(dir.join("etc/systemd/system/multi-user.target.wants"), "").unwrap();
    let (well, text) = below(dir, &["install"]);
    assert!(!well);
    assert_golden("undone-install.txt", &text);
    assert_eq!(names(dir), ["etc/systemd/system/multi-user.target.wants"]);
}

#[test]
fn other_managers_get_files_of_their_own() {
    for (manager, unit, template) in [
        ("launchd", "Library/LaunchDaemons/tallyd.plist", "launchd/tallyd.plist"),
        ("procd", "etc/init.d/tallyd", "openwrt/tallyd.init"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let run = |verb| said(program().args(["service", verb, "--manager", manager, "--root"]).arg(dir), dir);
        let (well, text) = run("install");
        assert!(well, "{manager}: {text}");
        assert_eq!(fs::read_to_string(dir.join(unit)).unwrap(), ours(template), "manager: {manager}");
        assert_golden(&format!("install-{manager}.txt"), &format!("{text}\n{}\n", names(dir).join("\n")));
        let (well, text) = run("uninstall");
        assert!(well, "{manager}: {text}");
        assert_eq!(names(dir), [""; 0], "manager: {manager}");
    }
}

#[test]
fn what_makes_no_sense_is_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let not_there = "tallyd: not installed: there is no DIR/etc/systemd/system/tallyd.service\n";
    assert_eq!(below(dir, &["uninstall"]), (false, not_there.to_owned()));
    let nothing_runs = "tallyd: can't start below --root: nothing runs there\n";
    assert_eq!(below(dir, &["start"]), (false, nothing_runs.to_owned()));
    let both = "tallyd: --root is for the services of a machine: it doesn't go with --user\n";
    assert_eq!(below(dir, &["--user", "install"]), (false, both.to_owned()));
    let misspelt = "tallyd: unexpected argument \"instal\"; did you mean install?\n";
    assert_eq!(below(dir, &["instal"]), (false, misspelt.to_owned()));
    fs::create_dir_all(dir.join("lib/systemd/system")).unwrap();
    fs::write(dir.join("lib/systemd/system/tallyd.service"), "").unwrap();
    let (well, text) = below(dir, &["install"]);
    assert!(!well && text.contains("a package has installed the service already"), "{text}");
    let (well, text) = said(program().args(["service", "install", "--user", "--manager", "procd"]), dir);
    assert!(!well && text.contains("procd keeps no services of a user"), "{text}");
}

/// A user's home, and a `systemctl` that writes down how it is called and fails where it is told to.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let fake = home.path().join("bin/systemctl");
        fs::create_dir(home.path().join("bin")).unwrap();
        fs::write(
            &fake,
            "#!/bin/sh\necho \"$*\" >>\"$HOME/calls\"\ncase \"$*\" in $FAIL) echo 'no such luck' >&2; exit 1;; esac\n",
        )
        .unwrap();
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs `tallyd service --user`; calls of systemctl that match `fail` fail.
    fn service(&self, verb: &str, fail: &str) -> (bool, String) {
        let home = self.path();
        let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap());
        let mut command = program();
        command.args(["service", "--user", "--manager", "systemd", verb]);
        said(command.env("HOME", home).env_remove("XDG_CONFIG_HOME").env("PATH", path).env("FAIL", fail), home)
    }

    /// How systemctl was called since the last time.
    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path().join("calls")).unwrap_or_default();
        fs::write(self.path().join("calls"), "").unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_user_has_a_service_of_their_own() {
    let home = Home::new();
    let (well, text) = home.service("install", "");
    assert!(well, "{text}");
    assert_golden("install-user.txt", &text);
    assert_eq!(home.calls(), ["--user daemon-reload", "--user enable tallyd.service"]);
    let unit = fs::read_to_string(home.path().join(".config/systemd/user/tallyd.service")).unwrap();
    assert_golden("user.service", &plain(&unit, home.path()));
    for (verb, call) in [
        ("start", "--user start tallyd.service"),
        ("stop", "--user stop tallyd.service"),
        ("restart", "--user restart tallyd.service"),
        ("status", "--user status --no-pager tallyd.service"),
    ] {
        assert_eq!(home.service(verb, ""), (true, String::new()), "verb: {verb}");
        assert_eq!(home.calls(), [call]);
    }
    assert_eq!(
        home.service("status", "*status*"),
        (false, "no such luck\ntallyd: systemctl --user status --no-pager tallyd.service: exit status: 1\n".to_owned())
    );
    home.calls();
    let (well, text) = home.service("uninstall", "");
    assert!(well, "{text}");
    assert_golden("uninstall-user.txt", &text);
    assert_eq!(
        home.calls(),
        [
            "--user is-active --quiet tallyd.service",
            "--user is-enabled --quiet tallyd.service",
            "--user stop tallyd.service",
            "--user disable tallyd.service",
            "--user daemon-reload"
        ]
    );
    assert_eq!(names(&home.path().join(".config")), [""; 0]);
}

#[test]
fn a_user_of_macos_has_flags_and_log_of_their_own() {
    let home = Home::new();
    let run = |verb| {
        let mut command = program();
        command.args(["service", "--user", "--manager", "launchd", verb]).env("HOME", home.path());
        said(command.env_remove("XDG_CONFIG_HOME").env("PATH", home.path().join("bin")), home.path())
    };
    let (well, text) = run("install");
    assert!(well, "{text}");
    assert_golden("install-user-launchd.txt", &text);
    let plist = fs::read_to_string(home.path().join("Library/LaunchAgents/tallyd.plist")).unwrap();
    assert_golden("user.plist", &plain(&plist, home.path()));
    let (well, text) = run("uninstall");
    assert!(well, "{text}");
    assert_eq!(names(home.path()), ["bin/systemctl"]);
}

#[test]
fn a_manager_that_fails_leaves_things_as_they_were() {
    let home = Home::new();
    let (well, text) = home.service("install", "*enable*");
    assert!(!well);
    assert_golden("undone-install-user.txt", &text);
    assert_eq!(
        home.calls(),
        ["--user daemon-reload", "--user enable tallyd.service", "--user daemon-reload"],
        "it forgets the unit again"
    );
    assert!(!home.path().join(".config").exists());

    assert!(home.service("install", "").0);
    let before = names(home.path());
    home.calls();
    let (well, text) = home.service("uninstall", "*daemon-reload*");
    assert!(!well);
    assert_golden("undone-uninstall-user.txt", &text);
    assert_eq!(
        home.calls()[4..],
        ["--user daemon-reload", "--user enable tallyd.service", "--user start tallyd.service"]
    );
    assert_eq!(names(home.path()), before);
}

#[test]
fn the_manager_hears_how_the_agent_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(common::PATIENCE)).unwrap();
    let next = |but: &str| loop {
        let mut buffer = [0; 512];
        let length = match manager.recv(&mut buffer) {
            // With a time limit, recv(2) does not go on by itself: signal(7).
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            read => read.unwrap(),
        };
        let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
        if text != but {
            return text;
        }
    };
    let mut command = program();
    command.args(["--web.listen-address=127.0.0.1:0", "--statsd.listen-udp=", "--statsd.listen-tcp="]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", Duration::from_millis(50).as_micros().to_string());
    let mut agent = Agent::spawn(&mut command);
    let serving = format!("READY=1\nSTATUS=serving /metrics on {}", agent.web);
    assert_eq!(next(""), serving);
    assert_eq!([next(""), next("")], ["WATCHDOG=1", "WATCHDOG=1"]);
    agent.signal(libc::SIGHUP);
    let reloading = next("WATCHDOG=1");
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(next("WATCHDOG=1"), "READY=1");
    agent.signal(libc::SIGTERM);
    assert_eq!(next("WATCHDOG=1"), "STOPPING=1\nSTATUS=stopping");
    assert!(agent.wait().success());
}
