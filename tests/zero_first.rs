//! `--statsd.zero-first` on a running agent.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, await_that, get, value};

#[test]
fn a_new_counter_is_at_0_once_and_other_types_never() {
    let agent = Agent::start(&["--statsd.zero-first"]);
    let send = |lines: &str, count: usize| {
        agent.send_udp(lines);
        // A page that is no scrape: one would be the first to see them.
        await_that("all are there", || get(agent.web, "/-/top").body.starts_with(&format!("{count} series\n")));
    };
    send("app.hits:3|c\napp.temp:7|g\napp.time:20|ms", 3);
    assert_eq!(value(&get(agent.web, "/metrics?collect[]=loadavg").body, "app_hits"), None);
    let first = agent.metrics();
    let shown = ["app_hits", "app_temp", "app_time_count"].map(|name| value(&first, name));
    assert_eq!(shown, [Some(0.0), Some(7.0), Some(1.0)]);
    send("app.hits:4|c\napp.hits:1|c|#a:b", 4);
    let second = agent.metrics();
    assert_eq!((value(&second, "app_hits"), value(&second, "app_hits{a=\"b\"}")), (Some(7.0), Some(0.0)));
    assert_eq!(agent.value("app_hits{a=\"b\"}"), Some(1.0));
}
