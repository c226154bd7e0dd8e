//! What the documents say is so: each command of the agent that stands in a `console` block runs, what they say of flags is what the
//! tables have, and the index has every document.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::Agent;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tallyd::host::absent::ABSENT;
use tallyd::{compat, config, host};

/// Starts of the commands that the test runs: those that change nothing but the agent and the folder of the test.
const RUN: &[&str] = &[
    "tallyd send ",
    "tallyd @",
    "tallyd --",
    "curl -s http://127.0.0.1:9100/",
    "curl -s 'http://127.0.0.1:9100/",
    "source completions/",
    "printf ",
    "openssl req ",
];

/// Starts of those that it does not, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo ", "builds, or starts the agent, which the test has done"),
    (".ci/", "is run by .ci/full"),
    ("pip install ", "needs the network"),
    ("rustup ", "needs the network"),
    ("git clone", "needs the network"),
    ("sudo ", "changes the system"),
    ("tallyd service ", "changes the system"),
];

/// Documents whose commands are not run, and why.
const NOT_READ: &[(&str, &str)] = &[
    ("release.md", "is for those who make a release, and needs its tag"),
    ("walkthrough-linux.md", "sets up a whole machine, with other servers"),
    ("walkthrough-macos.md", "sets up a whole machine, with other servers"),
    ("walkthroughs.md", "needs those servers"),
];

/// A command of a document, and the lines that it is said to print; none where the document does not say.
struct Example {
    place: String,
    command: String,
    prints: Vec<String>,
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut documents: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    documents.push(root.join("README.md"));
    documents.sort();
    documents
}

fn examples(document: &Path) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut in_block = false;
    for (line, number) in fs::read_to_string(document).unwrap().lines().map(str::trim).zip(1..) {
        match line {
            "```console" => in_block = true,
            "```" => in_block = false,
            _ if !in_block => {}
            _ => match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => examples.push(Example {
                    place: format!("{}:{number}", document.file_name().unwrap().display()),
                    command: command.to_owned(),
                    prints: Vec::new(),
                }),
                (None, Some(example)) => example.prints.push(line.to_owned()),
                (None, None) => panic!("{}:{number}: output without a command", document.display()),
            },
        }
    }
    examples
}

/// The command as the test runs it: the agent of the test has ports of its own, and one more would never end. `None`: it
/// is not run.
fn as_run(place: &str, command: &str, agent: &Agent) -> Option<String> {
    let command = match command.strip_prefix("cargo run --release -- ") {
        Some(arguments) => format!("tallyd {arguments}"),
        None => command.to_owned(),
    };
    if NOT_RUN.iter().any(|(start, _)| command.starts_with(start)) {
        return None;
    }
    assert!(
        RUN.iter().any(|start| command.starts_with(start)),
        "{place}: {command}: tests/docs.rs knows neither how to run this nor why not: see RUN and NOT_RUN"
    );
    let command = command.replace("127.0.0.1:9100", &agent.web.to_string());
    Some(match command.strip_prefix("tallyd send ") {
        Some(arguments) => format!("tallyd send --to udp://{} {arguments}", agent.statsd("udp")),
        None if command.starts_with("tallyd ") && !command.contains("--check-config") => {
            format!("{command} --check-config")
        }
        None => command,
    })
}

#[test]
fn commands_run_and_print_what_the_documents_say() {
    if !common::have("bash") || !common::have("curl") {
        return;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_tallyd")).parent().unwrap().to_owned();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let (mut ran, mut wrong) = (0, Vec::new());
    let read = |path: &PathBuf| !NOT_READ.iter().any(|(name, _)| path.ends_with(name));
    for document in documents().into_iter().filter(read) {
        let agent = Agent::start(&[]);
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("completions"),
            dir.path().join("completions"),
        )
        .unwrap();
        for Example { place, command, prints } in examples(&document) {
            let Some(script) = as_run(&place, &command, &agent) else { continue };
            ran += 1;
            let lines = || agent.value("statsd_exporter_lines_total").unwrap();
            let before = lines();
            let sends = script.starts_with("tallyd send ");
            let script = format!("set -o pipefail; {script}");
            let output =
                Command::new("bash").args(["-c", &script]).env("PATH", &path).current_dir(dir.path()).output().unwrap();
            if sends && output.status.success() {
                // The next command may look at it.
                common::await_that(&format!("{place}: {command}: its line is there"), || lines() > before);
            }
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            let as_said = prints.is_empty() || said.lines().eq(prints.iter().map(String::as_str));
            // A command that is said to print a sentence of refusal fails.
            let fails = prints.iter().any(|line| line.starts_with("tallyd: "));
            if !as_said || output.status.success() == fails {
                wrong.push(format!("{place}: {command}: {}: {said}", output.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran >= 8, "there are examples, and {ran} of them ran");
}

#[test]
fn the_index_has_every_document() {
    let index = include_str!("../docs/README.md");
    for document in documents() {
        let name = document.file_name().unwrap().to_str().unwrap();
        let linked = name == "README.md" || index.contains(&format!("]({name})"));
        assert!(linked, "docs/README.md has no link to docs/{name}");
    }
}

#[test]
fn links_lead_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let there = link.contains("://") || file.is_empty() || document.parent().unwrap().join(file).exists();
            assert!(there, "{}: there is no {file}", document.display());
        }
    }
}

const MIGRATING: &str = concat!(
    include_str!("../docs/migrating-from-node-exporter.md"),
    include_str!("../docs/migrating-from-statsd-exporter.md")
);

/// The rows of the tables of flags: the flags without dashes, and what becomes of them.
fn rows() -> Vec<(Vec<&'static str>, &'static str)> {
    let row = |line: &'static str| {
        let (flags, fate) = line.strip_prefix("| `--")?.split_once(" | ")?;
        Some((flags.split("`--").map(|flag| flag.split('`').next().unwrap()).collect(), fate))
    };
    MIGRATING.lines().filter_map(row).collect()
}

#[test]
fn what_becomes_of_each_flag_is_as_told() {
    let sections = config::sections();
    let flags = || sections.iter().flat_map(|section| &section.flags);
    let there = |name: &str| flags().any(|flag| flag.name == name || flag.aliases.contains(&name));
    for (names, fate) in rows() {
        for name in names.into_iter().filter(|name| !name.ends_with("collector.NAME")) {
            let ignored = compat::IGNORED.iter().any(|flag| flag.name == name);
            let as_told = match fate.split([' ', ',', ':', ';']).next().unwrap() {
                "same" | "ours" => there(name) && !ignored,
                "accepted" => ignored,
                "refused" => !there(name) && compat::refusal(name).is_some(),
                other => panic!("--{name}: {other} is no fate"),
            };
            assert!(as_told, "docs/migrating-from-*.md say of --{name}: {fate}");
        }
    }
}

#[test]
fn no_flag_of_the_exporters_is_left_out() {
    let told: Vec<&str> = rows().into_iter().flat_map(|(names, _)| names).collect();
    let is_told = |name: &str| assert!(told.contains(&name), "docs/migrating-from-*.md have --{name}");
    compat::IGNORED.iter().for_each(|flag| is_told(&flag.name));
    ABSENT.iter().for_each(|name| is_told(&format!("collector.{name}")));
    for flag in host::COLLECTORS.iter().flat_map(|spec| spec.flags) {
        is_told(&flag.name);
    }
}

#[test]
fn metrics_that_stay_are_there() {
    let metrics = include_str!("../docs/metrics.md");
    let rows =
        include_str!("../docs/migrating-from-statsd-exporter.md").lines().filter(|line| line.starts_with("| `statsd_"));
    for row in rows.filter(|row| row.contains(" | same")) {
        let names = row.split(" | same").next().unwrap().split('`').filter(|name| name.starts_with("statsd_"));
        for name in names {
            assert!(metrics.contains(&format!("| `{name}` |")), "{name} is not in docs/metrics.md");
        }
    }
}
