//! `tallyd top` against a running agent, and against nobody.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, program};

fn top(args: &[&str]) -> (Option<i32>, String, String) {
    let output = program().arg("top").args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_largest_and_the_busiest_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    let unix = format!("unix://{}/web.sock", dir.path().display());
    let agent = Agent::start(&[&format!("--web.listen-address={unix}")]);
    agent.send_udp("app.wide:1|g|#a:1\napp.wide:1|g|#a:2\napp.busy:1|c\napp.busy:1|c\napp.busy:1|c\napp.x:1|c");
    agent.await_value("app_x", 1.0);
    let want = "4 series\n\nMetrics with most series\n    series      samples  type       metric\n         \
        2            2  gauge      app_wide\n\nMetrics with most samples since the start\n    series      samples  \
        type       metric\n         1            3  counter    app_busy\n";
    for from in [format!("http://{}", agent.web), unix] {
        assert_eq!(top(&["--from", &from, "--count", "1"]), (Some(0), want.to_owned(), String::new()), "from {from}");
    }
}

#[test]
fn who_is_not_there_is_told_of_in_one_sentence() {
    let (code, _, complaint) = top(&["--from", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    assert!(complaint.starts_with("tallyd: can't ask http://127.0.0.1:1: ") && complaint.lines().count() == 1);
    for (from, why) in [
        ("127.0.0.1:9100", "an agent is http://HOST:PORT or unix:///PATH"),
        ("unix:/web.sock", "a unix socket is unix:///PATH, the path from the root on"),
        ("unix:///no/web.sock", "No such file or directory (os error 2)"),
        ("https://host:9100/", "https is not spoken here; curl shows the same: https://host:9100/-/top"),
    ] {
        let want = (Some(1), String::new(), format!("tallyd: can't ask {from}: {why}\n"));
        assert_eq!(top(&["--from", from]), want, "from {from}");
    }
}
