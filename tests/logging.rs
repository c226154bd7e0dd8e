//! What reaches stderr, and what happens when nobody reads it: each case runs this test program again as a child.

#![allow(clippy::unwrap_used)]

use log::LevelFilter;
use std::process::{Child, Command, Stdio};
use tallyd::logging::{Format, init};

/// Set in the child: how it logs.
const CHILD: &str = "TALLYD_TEST_LOGS";

/// Not a case of its own: what the child does.
#[test]
fn child() {
    let Ok(format) = std::env::var(CHILD) else { return };
    init(LevelFilter::Info, if format == "json" { Format::Json } else { Format::Logfmt }).unwrap();
    log::debug!("not at this level");
    // More than a pipe holds.
    for n in 0..2000 {
        log::info!("line {n} of {}", "many".repeat(20));
    }
}

fn spawn(format: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, format)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn lines_reach_stderr() {
    let time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z";
    let cases = [
        ("logfmt", format!("^time={time} level=INFO source=tests/logging.rs:[0-9]+ msg=\"line [0-9]+ of (many)+\"$")),
        (
            "json",
            format!(
                "^\\{{\"time\":\"{time}\",\"level\":\"INFO\",\"source\":\"tests/logging.rs:[0-9]+\",\
                 \"msg\":\"line [0-9]+ of (many)+\"\\}}$"
            ),
        ),
    ];
    for (format, want) in cases {
        let output = spawn(format).wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let want = tallyd::pattern::Pattern::new(&want).unwrap();
        assert_eq!(text.lines().count(), 2000);
        for line in text.lines() {
            assert!(want.is_match(line), "line: {line}");
        }
    }
}

#[test]
fn a_closed_stderr_ends_nothing() {
    let mut child = spawn("logfmt");
    drop(child.stderr.take());
    assert!(child.wait().unwrap().success());
}
