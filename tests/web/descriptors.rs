//! A process that runs out of descriptors: a child of the test, because the limit is the process's.

use crate::client::Client;
use crate::server::{Server, eventually};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names of the threads of a web side.
const OURS: [&str; 3] = ["web-front", "web-0", "web-1"];
const CHILD: &str = "TALLYD_TEST_FEW_DESCRIPTORS";

/// Value of a counter in the text that the server shows.
fn value(text: &str, name: &str) -> u64 {
    let line = text.lines().find(|l| l.starts_with(name) && !l.starts_with('#'));
    line.and_then(|l| l.rsplit_once(' ')).map_or(0, |(_, value)| value.parse().unwrap())
}

#[test]
fn running_out_of_descriptors_ends_by_itself() {
    if std::env::var_os(CHILD).is_some() {
        return serve_with_few_descriptors();
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "descriptors::running_out_of_descriptors_ends_by_itself", "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let at: SocketAddr = loop {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "the child tells its address");
        if let Some((_, at)) = line.trim().split_once("serves on ") {
            break at.parse().unwrap();
        }
    };
    let stats = || Client::new(at).get("/metrics?collect[]=stats").text().to_owned();
    // Idle connections give theirs away.
    let idle: Vec<Client> = (0..100).map(|_| Client::new(at)).collect();
    let text = stats();
    assert!(value(&text, "tallyd_web_accept_errors_total") > 0, "{text}");
    assert!(value(&text, "tallyd_web_connections_evicted_total") > 0, "{text}");
    drop(idle);
    // Those that have begun a head do so when their time is over; until then the listener rests.
    let before = value(&stats(), "tallyd_web_accept_errors_total");
    let begun: Vec<Client> = (0..100)
        .map(|_| {
            let mut client = Client::new(at);
            client.send("GET");
            client
        })
        .collect();
    let text = stats();
    let errors = value(&text, "tallyd_web_accept_errors_total") - before;
    assert!((1..250).contains(&errors), "{errors} errors: the listener rests after one");
    assert!(value(&text, "tallyd_web_requests_refused_total{reason=\"head_timeout\"}") > 0, "{text}");
    drop(begun);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

fn serve_with_few_descriptors() {
    let server = Server::with(|s| s.limits.head_timeout = Duration::from_millis(300));
    let few = rustix::process::Rlimit { current: Some(32), ..getrlimit(Resource::Nofile) };
    setrlimit(Resource::Nofile, few).unwrap();
    println!("\nserves on {}", server.at);
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    assert!(server.web.stop());
    if cfg!(target_os = "linux") {
        // A thread that was joined may show for a moment longer.
        eventually("no thread is left", || !threads().iter().any(|name| OURS.contains(&name.trim())));
    }
}

fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("comm")).ok()).collect()
}
