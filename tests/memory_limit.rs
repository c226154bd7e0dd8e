//! `--limit.memory` on a running agent: a flood of new series, by TCP, so that each line arrives.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, value};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;

const SIGHUP: i32 = 1;
const MIB: f64 = 1024.0 * 1024.0;

/// What series may take before they are refused.
const ROOM: f64 = 6.0 * MIB;

/// Above the limit there may be a sixteenth of it, by its margin, and what a scrape and a batch take for a moment. The
/// kernel counts pages for each CPU apart and adds them up now and then, which is up to 256 KiB a CPU.
const SLACK: f64 = 3.0 * MIB;

const FLOOD: u32 = 40_000;
const KEPT: u32 = 100;

/// Whether what is freed can become free memory: the address sanitizer keeps it, to see who uses it still.
fn is_freed() -> bool {
    std::env::var_os("ASAN_OPTIONS").is_none()
}

fn resident(body: &str) -> f64 {
    value(body, "process_resident_memory_bytes").unwrap()
}

/// An agent that may take so much more than one takes that has done nothing.
fn start() -> (Agent, f64) {
    let idle = Agent::start(&["--collector.disable-defaults"]);
    idle.metrics();
    let limit = (resident(&idle.metrics()) + ROOM).round();
    (Agent::start(&["--collector.disable-defaults", &format!("--limit.memory={limit}")]), limit)
}

fn count(body: &str, name: &str) -> f64 {
    value(body, name).unwrap_or_default()
}

/// Sends a flood with tags that never come again, and as many lines of series that are to be kept.
fn flood(agent: &Agent, kind: &str, tag: &str, mut look: impl FnMut()) {
    let mut stream = TcpStream::connect(agent.statsd("tcp")).unwrap();
    for start in (0..FLOOD).step_by(100) {
        let mut lines = String::new();
        for i in start..start + 100 {
            write!(
                lines,
                "flood:1|{kind}|#{tag}:{i},path:/a/page/that/nobody/visits/again/{i}\nkept{}:1|c\n",
                i % KEPT
            )
            .unwrap();
        }
        stream.write_all(lines.as_bytes()).unwrap();
        if start % 5000 == 0 {
            look();
        }
    }
}

fn sum_of_kept(body: &str) -> f64 {
    (0..KEPT).map(|i| count(body, &format!("kept{i}"))).sum()
}

#[test]
fn a_flood_of_series_ends_at_the_limit_and_what_is_there_goes_on() {
    if !is_freed() {
        return;
    }
    let (agent, limit) = start();
    (0..KEPT).for_each(|i| agent.send_udp(&format!("kept{i}:0|c")));
    agent.await_value("statsd_exporter_lines_total", f64::from(KEPT));
    let mut most = 0.0_f64;
    for turn in 1..=2 {
        flood(&agent, "c", &format!("turn{turn}"), || most = most.max(resident(&agent.metrics())));
        let lines = f64::from(KEPT + 2 * FLOOD * turn);
        agent.await_value("statsd_exporter_lines_total", lines);
        let body = agent.metrics();
        most = most.max(resident(&body));
        let kept = count(&body, "tallyd_statsd_series") - f64::from(KEPT);
        let refused = count(&body, "tallyd_statsd_events_over_memory_total");
        assert_eq!(kept + refused, f64::from(FLOOD * turn), "each line of the flood is a series or refused");
        assert!(kept > 1000.0 && refused > 1000.0, "{kept} kept, {refused} refused");
        assert_eq!(count(&body, "tallyd_statsd_series_refused_total{metric=\"flood\"}"), refused);
        assert_eq!(sum_of_kept(&body), f64::from(FLOOD * turn), "no line of a known series is refused");
        assert_eq!([count(&body, "tallyd_memory_full"), count(&body, "tallyd_memory_limit_bytes")], [1.0, limit]);
    }
    assert!(most <= limit + SLACK, "{:.1} MiB above the limit", (most - limit) / MIB);
    assert_eq!(agent.log().matches("memory is at its limit").count(), 1, "{}", agent.log());
}

#[test]
fn what_went_makes_room_again() {
    if !is_freed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mapping = dir.path().join("mapping.yml");
    let become_a =
        |kind| fs::write(&mapping, format!("mappings:\n- match: flood\n  name: flood\n  observer_type: {kind}\n"));
    become_a("histogram").unwrap();
    let (_, limit) = start();
    let flag = format!("--statsd.mapping-config={}", mapping.display());
    let agent = Agent::start(&["--collector.disable-defaults", &format!("--limit.memory={limit}"), &flag]);
    flood(&agent, "ms", "first", || ());
    agent.await_value("statsd_exporter_lines_total", f64::from(2 * FLOOD));
    // Not whether it is full now: each second free pages are given back, and what a grown table left may be room again.
    assert!(agent.value("tallyd_statsd_events_over_memory_total") > Some(1000.0));
    // All histograms of the flood go when one becomes a summary.
    become_a("summary").unwrap();
    agent.signal(SIGHUP);
    agent.await_value("statsd_exporter_config_reloads_total{outcome=\"success\"}", 1.0);
    agent.send_udp("flood:1|ms|#second:1");
    agent.await_value("flood_count{second=\"1\"}", 1.0);
    agent.await_value("tallyd_memory_full", 0.0);
    agent.send_udp("other:1|c");
    agent.await_value("other", 1.0);
}

#[test]
fn nothing_is_refused_without_a_limit() {
    let agent = Agent::start(&["--collector.disable-defaults"]);
    flood(&agent, "c", "all", || ());
    agent.await_value("tallyd_statsd_series", f64::from(FLOOD + KEPT));
    let body = agent.metrics();
    for name in ["tallyd_memory_limit_bytes", "tallyd_memory_full", "tallyd_statsd_events_over_memory_total"] {
        assert_eq!(value(&body, name), Some(0.0), "{name}");
    }
}
