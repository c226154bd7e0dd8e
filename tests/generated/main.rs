//! Files that are made from the program's own tables: the man page, the completions and the list of metrics.
//!
//! `BLESS=1 cargo test --test generated` writes them; otherwise one that is not as the tables have it fails.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod completions;
mod man;
mod metrics;

use clap_complete::Shell;
use std::fs;
use std::path::Path;
use std::process::Command;
use tallyd::cli;

/// What the files say of themselves.
const NOTE: &str = "Made from tallyd's tables by: BLESS=1 cargo test --test generated";

fn compare(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    let first = there.lines().zip(made.lines()).find(|(there, made)| there != made);
    assert!(
        there == made,
        "{file} is not what the tables say: it has {} lines where they make {}; first: {first:#?}\n\
         Review, then: BLESS=1 cargo test --test generated",
        there.lines().count(),
        made.lines().count()
    );
}

#[test]
fn the_man_page_is_what_the_flags_say() {
    compare("docs/tallyd.1", &man::page());
}

#[test]
fn the_examples_of_the_man_page_are_command_lines() {
    for (command, _) in man::EXAMPLES {
        let words = command.split(' ').filter(|word| !word.starts_with('@'));
        if let Some(("tallyd", arguments)) = words.collect::<Vec<_>>().split_first().map(|(first, rest)| (*first, rest))
        {
            cli::parse(arguments.iter().copied()).unwrap();
        }
    }
}

#[test]
fn the_list_of_metrics_is_what_the_collectors_declare() {
    compare("docs/metrics.md", &metrics::page());
}

#[test]
fn the_completions_are_what_the_flags_say() {
    for (shell, file) in [(Shell::Bash, "tallyd.bash"), (Shell::Zsh, "_tallyd"), (Shell::Fish, "tallyd.fish")] {
        let made = completions::of(shell);
        // zsh wants `#compdef` in the first line.
        let at = made.find('\n').filter(|_| made.starts_with("#compdef")).map_or(0, |end| end + 1);
        let (first, rest) = made.split_at(at);
        compare(&format!("completions/{file}"), &format!("{first}# {NOTE}\n{rest}"));
    }
}

#[test]
fn bash_completes_flags_and_their_no_forms() {
    if !common::have("bash") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("tallyd.bash"), completions::of(Shell::Bash)).unwrap();
    for (typed, want) in [
        (&["--no-collector.load"][..], "--no-collector.loadavg"),
        (&["--web.listen-a"], "--web.listen-address"),
        (&["--log.level", "de"], "debug"),
        (&["sen"], "send"),
        (&["send", "ga"], "gauge"),
    ] {
        let words: Vec<String> = typed.iter().map(|word| format!("'{word}'")).collect();
        let previous = if typed.len() > 1 { typed[typed.len() - 2] } else { "tallyd" };
        let script = format!(
            "source ./tallyd.bash; COMP_WORDS=(tallyd {}); COMP_CWORD={}; \
             _tallyd tallyd '{}' '{previous}'; echo ${{COMPREPLY[@]}}",
            words.join(" "),
            typed.len(),
            typed.last().unwrap()
        );
        let output = Command::new("bash").args(["-c", &script]).current_dir(dir.path()).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.trim(), want, "typed: {typed:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
