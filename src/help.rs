//! Help as text, from the table of flags: `--help` has every flag, `-h` those that are needed most often.

use crate::config::{self, Section};
use crate::flag::{Flag, Takes};
use crate::host;
use crate::subcommand::{Operand, Opt, Subcommand};
use rustix::termios::tcgetwinsize;
use std::fmt::Write;
use std::io;

/// What the program is, in one sentence.
pub const ABOUT: &str =
    "One agent for a host and its apps: reads the host, takes StatsD packets, and shows both on /metrics.";

/// The forms of a command line.
pub const USAGE: &str =
    "tallyd [FLAGS] [@FILE]\n       tallyd send TYPE NAME VALUE\n       tallyd service COMMAND\n       tallyd top";

/// What holds for all flags.
pub const NOTES: &str = "A switch is off unless help says that it is on; --no-NAME turns it off. Of a flag that is given \
    twice the last counts; those with ... add up. @FILE takes flags from a file, one a line; lines that start with # are \
    comments.";

/// Where the text beside a flag starts.
const COLUMN: usize = 36;

/// Text that no terminal is known for is for one of this width, and none is wider than what is good to read.
const DEFAULT_WIDTH: usize = 80;
const WIDEST: usize = 110;

/// How wide help may be: as the terminal is that it goes to.
pub fn width() -> usize {
    let columns = tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { DEFAULT_WIDTH } else { columns.clamp(COLUMN + 26, WIDEST) }
}

/// Every flag.
pub fn long(width: usize) -> String {
    let mut out = start(width);
    for Section { heading, flags } in config::sections() {
        writeln!(out, "\n{heading}:").ok();
        flags.iter().for_each(|flag| entry(&mut out, width, &head(flag), &text(flag)));
    }
    out.push('\n');
    paragraph(&mut out, width, 0, NOTES);
    out
}

/// The flags that most users need, and the names of the collectors.
pub fn short(width: usize) -> String {
    let mut out = start(width);
    for Section { heading, flags } in config::sections() {
        if !matches!(heading, "Host" | "Limits" | "Without effect") {
            writeln!(out, "\n{heading}:").ok();
            let needed = flags.iter().filter(|flag| flag.takes != Takes::Switch);
            needed.for_each(|flag| entry(&mut out, width, &head(flag), &first_clause(flag)));
        }
    }
    for (what, on) in [("on, unless --no-collector.NAME", true), ("off, unless --collector.NAME", false)] {
        let specs = host::all_specs();
        let names: Vec<&str> = specs.iter().filter(|spec| spec.default_enabled == on).map(|spec| spec.name).collect();
        writeln!(out, "\nCollectors that are {what}:").ok();
        paragraph(&mut out, width, 2, &names.join(" "));
    }
    out.push_str("\nEvery flag: tallyd --help\n");
    out
}

/// What a subcommand, or a verb of one, takes.
pub fn subcommand(command: &Subcommand, verb: Option<&Subcommand>, width: usize) -> String {
    let mut out = String::new();
    let shown = verb.unwrap_or(command);
    paragraph(&mut out, width, 0, &format!("{}.", shown.about));
    writeln!(out, "\nUsage: {}\n", shown.usage).ok();
    for Operand { word, help, choices } in shown.operands {
        entry(&mut out, width, word, &with_choices(help, choices, ""));
    }
    for Subcommand { name, about, .. } in shown.verbs {
        entry(&mut out, width, name, &format!("{about}."));
    }
    let of_both = verb.map_or(&[][..], |verb| verb.options).iter().chain(command.options);
    for Opt { name, short, takes, default, help, choices, .. } in of_both {
        let short = short.map_or_else(String::new, |short| format!("{short}, "));
        let head = match takes {
            Takes::Switch => format!("{short}--{name}"),
            Takes::Value(word) => format!("{short}--{name}={word}"),
            Takes::Values(word) => format!("{short}--{name}={word} ..."),
        };
        entry(&mut out, width, &head, &with_choices(help, choices, default));
    }
    entry(&mut out, width, "-h, --help", "Print this.");
    if !shown.examples.is_empty() {
        writeln!(out, "\n{}", shown.examples).ok();
    }
    out
}

/// A clause as a sentence, with what may be chosen and what is chosen otherwise.
pub fn with_choices(clause: &str, choices: &[&str], default: &str) -> String {
    let mut out = format!("{clause}.");
    if !choices.is_empty() {
        write!(out, " One of {}.", choices.join(", ")).ok();
    }
    if !default.is_empty() {
        write!(out, " (default: {default})").ok();
    }
    out
}

fn start(width: usize) -> String {
    let mut out = String::new();
    paragraph(&mut out, width, 0, ABOUT);
    writeln!(out, "\nUsage: {USAGE}\n").ok();
    entry(&mut out, width, "-h", "Print the flags most often needed.");
    entry(&mut out, width, "--help", "Print every flag.");
    entry(&mut out, width, "-V, --version", "Print the version.");
    out
}

/// The flag as it is written: `--[no-]name`, `--name=WORD`, `--name=WORD ...`
pub fn head(flag: &Flag) -> String {
    match flag.takes {
        Takes::Switch => format!("--[no-]{}", flag.name),
        Takes::Value(word) => format!("--{}={word}", flag.name),
        Takes::Values(word) => format!("--{}={word} ...", flag.name),
    }
}

/// What the flag does, and its default where that is something.
pub fn text(flag: &Flag) -> String {
    with_default(&flag.help, flag)
}

fn first_clause(flag: &Flag) -> String {
    let end = flag.help.find(". ").or_else(|| flag.help.find("; ")).unwrap_or(flag.help.len());
    let clause = flag.help[..end].split("; ").next().unwrap_or_default();
    with_default(&format!("{}.", clause.trim_end_matches('.')), flag)
}

fn with_default(help: &str, flag: &Flag) -> String {
    match (flag.takes, flag.default) {
        (_, "") => help.to_owned(),
        (Takes::Switch, _) => format!("{help} (default: on)"),
        (_, default) => format!("{help} (default: {default})"),
    }
}

/// A flag, with its text beside it or below.
fn entry(out: &mut String, width: usize, head: &str, text: &str) {
    write!(out, "  {head}").ok();
    let used = head.chars().count() + 2;
    if used + 2 > COLUMN {
        out.push('\n');
        paragraph(out, width, COLUMN, text);
        return;
    }
    let mut below = String::new();
    paragraph(&mut below, width, COLUMN, text);
    out.push_str(&below[used..]);
}

/// Words in lines of at most `width`, each indented. A word that is longer has a line of its own.
fn paragraph(out: &mut String, width: usize, indent: usize, text: &str) {
    let mut column = 0;
    // A default stays in one piece.
    let (text, default) = text.split_at(text.find("(default: ").unwrap_or(text.len()));
    for word in text.split(' ').filter(|word| !word.is_empty()).chain([default].into_iter().filter(|d| !d.is_empty())) {
        let length = word.chars().count();
        if column > indent && column + 1 + length > width {
            out.push('\n');
            column = 0;
        }
        if column == 0 {
            write!(out, "{:indent$}{word}", "").ok();
            column = indent + length;
        } else {
            write!(out, " {word}").ok();
            column += 1 + length;
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_lines_short() {
        for (text, want) in [
            ("one (default: two three)", "  one\n  (default: two three)\n"),
            ("one", "  one\n"),
            ("one two three", "  one two\n  three\n"),
            ("a-word-that-is-too-long and on", "  a-word-that-is-too-long\n  and on\n"),
        ] {
            let mut out = String::new();
            paragraph(&mut out, 10, 2, text);
            assert_eq!(out, want, "text: {text:?}");
        }
    }

    #[test]
    fn a_flag_shows_how_it_is_written_and_its_default() {
        for (flag, want) in [
            (Flag::switch("a", "A."), ("--[no-]a", "A.")),
            (Flag::on("a", "A."), ("--[no-]a", "A. (default: on)")),
            (Flag::value("a", "WORD", "x", "A."), ("--a=WORD", "A. (default: x)")),
            (Flag::values("a", "WORD", "", "A."), ("--a=WORD ...", "A.")),
        ] {
            assert_eq!((head(&flag).as_str(), text(&flag).as_str()), want);
        }
    }

    #[test]
    fn help_is_as_wide_as_it_may_be() {
        for width in [60, 80, 110] {
            for all in long(width).lines().chain(short(width).lines()) {
                // A default is not broken, nor is the name of a flag.
                let line = all.trim_start();
                let breakable = line.contains(' ') && !line.starts_with("--") && !line.starts_with("(default: ");
                assert!(all.chars().count() <= width || !breakable, "{width}: {line}");
            }
        }
        assert!(short(80).lines().count() * 3 < long(80).lines().count(), "-h is short:\n{}", short(80));
    }
}
