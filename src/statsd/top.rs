//! The page of the largest and the busiest metrics: plain tables for people.

use super::store::{Ranked, Store};
use std::fmt::Write;

/// Writes both tables, of so many metrics each.
pub fn tables(store: &Store, count: usize) -> String {
    let when = if store.is_first_minute() { "since the start" } else { "in the last whole minute" };
    let mut out = format!("{} series\n\nMetrics with most series\n", store.len());
    table(&store.largest(count), &mut out);
    out.push_str("\nMetrics with most samples ");
    out.push_str(when);
    out.push('\n');
    table(&store.busiest(count), &mut out);
    out
}

fn table(metrics: &[Ranked<'_>], out: &mut String) {
    // Writing to a string does not fail.
    writeln!(out, "{:>10} {:>12}  {:<9}  metric", "series", "samples", "type").ok();
    for (name, kind, series, samples) in metrics {
        writeln!(out, "{series:>10} {samples:>12}  {:<9}  {name}", kind.as_str()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Room;
    use crate::statsd::store::{FamilySpec, Limits, SeriesSpec, Shape, Update};

    #[test]
    fn the_largest_and_the_busiest_are_told_apart() {
        let mut store = Store::new(Limits { series: 100, series_per_metric: 100 });
        let mut send = |name: &str, labels: &str, times: usize, now: u32| {
            let spec = SeriesSpec { labels, ttl: 0 };
            let handle = store
                .intern(&FamilySpec { name, shape: &Shape::Counter, help: "" }, &spec, now, &mut Room::default())
                .unwrap();
            (0..times).for_each(|_| drop(store.apply(handle, now, |_| (Some(Update::Add(1.0)), String::new()))));
        };
        send("wide", "a=\"1\"", 1, 1);
        send("wide", "a=\"2\"", 1, 1);
        send("busy", "", 5, 1);
        let want = "3 series\n\nMetrics with most series\n    series      samples  type       metric\n         \
            2            2  counter    wide\n         1            5  counter    busy\n\n\
            Metrics with most samples since the start\n    series      samples  type       metric\n         \
            1            5  counter    busy\n";
        assert_eq!(tables(&store, 2), want.to_owned() + "         2            2  counter    wide\n");
        store.turn_minute(599);
        assert!(tables(&store, 1).contains("since the start"));
        store.turn_minute(600);
        let busiest =
            |store: &Store| store.busiest(1).first().map(|(name, _, _, samples)| (name.to_string(), *samples));
        assert!(tables(&store, 1).contains("in the last whole minute"));
        assert_eq!(busiest(&store), Some(("busy".into(), 5)));
        store.turn_minute(1200);
        assert_eq!(busiest(&store), None, "nothing came in the minute after");
    }
}
