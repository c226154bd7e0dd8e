//! Which version of a program is measured.

use crate::peer::Peer;
use std::fs;
use std::process::Command;

/// How a program tells its version.
#[derive(Clone, Copy)]
pub enum Version {
    /// Called with this flag.
    Flag(&'static str),
    /// By the `package.json` of npm, above the folder that it is in.
    Package,
}

/// A program's name and version, and that of Go where it is built with it.
pub fn of(peer: &Peer) -> String {
    let (version, go) = match peer.version {
        Version::Flag(flag) => flagged(peer, flag),
        Version::Package => (packaged(peer), None),
    };
    let go = go.map(|go| format!(" ({go})")).unwrap_or_default();
    format!("{} {}{go}", peer.name, version.as_deref().unwrap_or("of unknown version"))
}

fn flagged(peer: &Peer, flag: &str) -> (Option<String>, Option<String>) {
    let Some(path) = peer.path() else { return (None, None) };
    let output = Command::new(&path).arg(flag).output();
    let text = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let go = text.split_ascii_whitespace().find(|word| word.starts_with("go1.")).map(str::to_owned);
    // One that `go install` built knows no version of its own, but its module's.
    let module = || {
        let program = fs::read(&path).ok()?;
        let program = String::from_utf8_lossy(&program);
        let module = program.split("\nmod\t").nth(1)?.split('\t').nth(1)?;
        number(module)
    };
    // What is in parentheses is the version of a branch.
    let words = |line: &'_ str| line.split('(').next()?.split_ascii_whitespace().find_map(number);
    let said = text.lines().find_map(words);
    (said.or_else(module), go)
}

fn packaged(peer: &Peer) -> Option<String> {
    let program = fs::canonicalize(peer.path()?).ok()?;
    let package = fs::read_to_string(program.parent()?.parent()?.join("package.json")).ok()?;
    let value = package.split("\"version\":").nth(1)?;
    number(value.split('"').nth(1)?)
}

/// The version that a word begins with, such as `v1.37.1` or `5.12.0.git`.
fn number(word: &str) -> Option<String> {
    let word = word.strip_prefix('v').unwrap_or(word);
    let end = word.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(word.len());
    let number = word[..end].trim_end_matches('.');
    number.contains('.').then(|| number.to_owned())
}
