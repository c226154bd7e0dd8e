//! The page of the largest and the busiest metrics: plain tables for people.

use super::store::{Ranked, Ranking};
use std::fmt::Write;

/// Writes both tables.
pub fn tables(ranking: Ranking) -> String {
    let when = if ranking.is_first_minute { "since the start" } else { "in the last whole minute" };
    let mut out = format!("{} series\n\nMetrics with most series\n", ranking.series);
    let [largest, busiest] = ranking.end();
    table(&largest, &mut out);
    out.push_str("\nMetrics with most samples ");
    out.push_str(when);
    out.push('\n');
    table(&busiest, &mut out);
    out
}

fn table(metrics: &[Ranked], out: &mut String) {
    // Writing to a string does not fail.
    writeln!(out, "{:>10} {:>12}  {:<9}  metric", "series", "samples", "type").ok();
    for Ranked { name, kind, series, samples, .. } in metrics {
        writeln!(out, "{series:>10} {samples:>12}  {:<9}  {}", kind.as_str(), name.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Room;
    use crate::statsd::store::{FamilySpec, Limits, SeriesSpec, Shape, Store, Update};

    fn store() -> Store {
        Store::new(Limits { series: 1000, series_per_metric: 1000 })
    }

    fn send(store: &mut Store, name: &str, labels: &str, times: usize) {
        let spec = FamilySpec { name, shape: &Shape::Counter, help: "" };
        let handle = store.intern(&spec, &SeriesSpec { labels, ttl: 0 }, 1, &mut Room::default()).unwrap();
        (0..times).for_each(|_| drop(store.apply(handle, 1, |_| (Some(Update::Add(1.0)), String::new()))));
    }

    /// What is shown where each turn looks at so many metrics, and so much is done between two.
    fn shown(store: &mut Store, count: usize, turn: usize, mut between: impl FnMut(&mut Store)) -> String {
        let mut ranking = store.begin_ranking(count);
        while store.rank(&mut ranking, turn) {
            between(store);
        }
        tables(ranking)
    }

    #[test]
    fn the_largest_and_the_busiest_are_told_apart() {
        let mut store = store();
        send(&mut store, "wide", "a=\"1\"", 1);
        send(&mut store, "wide", "a=\"2\"", 1);
        send(&mut store, "busy", "", 5);
        let want = "3 series\n\nMetrics with most series\n    series      samples  type       metric\n         \
            2            2  counter    wide\n         1            5  counter    busy\n\n\
            Metrics with most samples since the start\n    series      samples  type       metric\n         \
            1            5  counter    busy\n         2            2  counter    wide\n";
        for turn in [1, 2, 3] {
            assert_eq!(shown(&mut store, 2, turn, |_| ()), want);
        }
        let mut busiest = |now| {
            store.turn_minute(now);
            let text = shown(&mut store, 1, 9, |_| ());
            text.split_once("Metrics with most samples ").unwrap().1.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let head = "    series      samples  type       metric";
        assert_eq!(busiest(599), ["since the start", head, "         1            5  counter    busy"]);
        assert_eq!(busiest(600), ["in the last whole minute", head, "         1            5  counter    busy"]);
        assert_eq!(busiest(1200), ["in the last whole minute", head], "nothing came in the minute after");
    }

    /// Held against all metrics in order.
    #[test]
    fn the_first_are_those_of_all_by_figure_and_then_by_name() {
        let mut store = store();
        let mut want: Vec<(usize, String)> = Vec::new();
        for i in 0..100_usize {
            let (name, series) = (format!("m{}", i * 37 % 100), i * 7 % 5 + 1);
            (0..series).for_each(|i| send(&mut store, &name, &format!("i=\"{i}\""), 0));
            want.push((series, name));
        }
        want.sort_by(|(series, name), (other, its)| other.cmp(series).then(name.cmp(its)));
        for count in [0, 1, 7, 100, 1000] {
            let text = shown(&mut store, count, 9, |_| ());
            let (largest, _) = text.split_once("\n\nMetrics with most samples").unwrap();
            let got: Vec<(usize, String)> = (largest.lines().skip(4))
                .map(|line| line.split_whitespace().collect::<Vec<_>>())
                .map(|words| (words[0].parse().unwrap(), words[3].to_owned()))
                .collect();
            assert_eq!(got, want[..count.min(100)]);
        }
    }

    #[test]
    fn a_look_shows_one_minute_and_begins_anew_when_that_ends() {
        let mut store = store();
        (0..5).for_each(|i| send(&mut store, &format!("m{i}"), "", i));
        let whole = shown(&mut store, 9, 9, |_| ()).replace("since the start", "in the last whole minute");
        assert_eq!(shown(&mut store, 9, 2, |store| store.turn_minute(600)), whole);
    }
}
