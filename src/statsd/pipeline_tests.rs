//! Lines in, series and counts out, with the cache and without it.

use super::*;
use crate::encode::Encoder;
use crate::statsd::parse::Bounds;
use crate::statsd::store;
use crate::telemetry::Registry;
use std::time::Duration;

/// Feeds lines, each twice-over as one batch, and returns the series and what was counted, without zeros.
fn feed(lines: &[&str], options: &Options) -> (String, String) {
    let registry = Registry::new();
    let pipeline = Pipeline::new(Metrics::new(&registry).unwrap(), options, Mapper::empty());
    pipeline.ingest(0, lines.iter().map(|line| line.as_bytes()));
    (exposition(&pipeline, 1000), counts(&registry))
}

fn exposition(pipeline: &Pipeline, turn: usize) -> String {
    let (mut encoder, mut body, mut cursor) = (Encoder::default(), Vec::new(), pipeline.begin(0));
    while pipeline.write(&mut cursor, turn, 0, &mut encoder) {}
    encoder.take(&mut body);
    let text = String::from_utf8(body).unwrap();
    text.lines().filter(|line| !line.starts_with("# HELP")).map(|line| format!("{line}\n")).collect()
}

fn counts(registry: &Registry) -> String {
    let mut lines = Vec::new();
    for family in registry.gather() {
        for metric in family.get_metric() {
            let labels: Vec<&str> = metric.get_label().iter().map(|label| label.value()).collect();
            let value = metric.get_counter().get_value() + metric.get_gauge().get_value();
            let name = family.name().trim_start_matches("statsd_exporter_").trim_end_matches("_total");
            if value != 0.0 && name != "tallyd_statsd_series" && !name.contains("cache") {
                lines.push([&[name], labels.as_slice(), &[&value.to_string()]].concat().join(" "));
            }
        }
    }
    lines.join(", ")
}

const OPTIONS: Options = Options {
    styles: Styles::ALL,
    cached_lines: 100,
    bounds: Bounds { line: 8192, name: 1024, tags: 100, label: 1024 },
    limits: store::Limits { series: 1000, series_per_metric: usize::MAX },
    set_window: Duration::from_secs(60),
    zero_first: false,
    created: false,
};

#[test]
fn lines_become_series_and_are_counted() {
    for (lines, series, counted) in [
        (
            &["a.b:1|c", "a.b:2|c|@0.5", "a.b:3|c|@0.5"][..],
            "# TYPE a_b counter\na_b 11\n",
            "events counter 3, events_unmapped 3, lines 3, metrics counter 1, samples 3",
        ),
        (
            &["g:5|g", "g:+2|g", "g:-3|g", "g:+2|g", "h:-1|g"],
            "# TYPE g gauge\ng 6\n# TYPE h gauge\nh -1\n",
            "events gauge 5, events_unmapped 5, lines 5, metrics gauge 2, samples 5",
        ),
        (
            &["a:1|c|#x:1", "a:1|c|#y:1", "a:1|c|#x:2", "a:1|c|#x:2"],
            "# TYPE a counter\na{x=\"1\"} 1\na{y=\"1\"} 1\na{x=\"2\"} 2\n",
            "events counter 4, events_unmapped 4, lines 4, metrics counter 2, samples 4, tags 4",
        ),
        (
            &["a:1|c", "a:2|g", "a:2|g", "b:x|c", "", "a:-1|c", "a:-1|c", "a:nan|c"],
            "# TYPE a counter\na 1\n",
            "events_conflict a gauge 2, events_error illegal_negative_counter 2, events_error not_finite 1, \
             events counter 1, events_unmapped 6, lines 8, metrics counter 1, sample_errors malformed_value 1, \
             samples 7",
        ),
        (
            &["a:1|c|#bare,k:v", "a:1|c|#bare,k:v", "a:1|c|#__name__:x", "a:1|c|#__name__:x"],
            "# TYPE a counter\na{k=\"v\"} 2\na 2\n",
            "events counter 4, events_unmapped 4, lines 4, metrics counter 2, samples 4, tag_errors 4, tags 4",
        ),
        (
            &["_sc|db|1|#bare,k:v|c:", "_sc|db|1|#bare,k:v"],
            "# TYPE db gauge\ndb{k=\"v\"} 1\n",
            "events gauge 1, events_unmapped 1, lines 2, metrics gauge 1, sample_errors malformed_container_id 1, \
             samples 1, tag_errors 2, tags 1, tallyd_statsd_dogstatsd_messages service_check 1",
        ),
        (
            &["t:1|h|@1e-20", "t:1|h|@1e-20"],
            "# TYPE t summary\nt{quantile=\"0.5\"} 1\nt{quantile=\"0.9\"} 1\nt{quantile=\"0.99\"} 1\nt_sum 8589934590\n\
             t_count 8589934590\n",
            "events observer 8589934590, events_unmapped 8589934590, lines 2, metrics summary 1, samples 2",
        ),
        (&["t:1|ms|@2|#a:b", "t:1|ms|@-1", "t:1|h|@2"], "", "lines 3, samples 3, tags 1"),
        (
            &["a:1|c\r"],
            "# TYPE a counter\na 1\n",
            "events counter 1, events_unmapped 1, lines 1, metrics counter 1, samples 1",
        ),
    ] {
        let (got, got_counts) = feed(lines, &OPTIONS);
        assert_eq!(got, series, "lines: {lines:?}");
        assert_eq!(got_counts, counted, "lines: {lines:?}");
        assert_eq!(
            feed(lines, &Options { cached_lines: 0, ..OPTIONS }),
            (got, got_counts),
            "without the cache: {lines:?}"
        );
    }
}

#[test]
fn names_and_tags_beyond_their_limits_are_refused_each_time() {
    let options = Options { bounds: Bounds { name: 3, tags: 2, label: 4, ..OPTIONS.bounds }, ..OPTIONS };
    let lines = ["abcd:1|c", "a:1:2|c|#k:vwxyz", "a:1|c|#k:v,l:v,m:v", "_sc|abcd|1", "abc:1|c|#k:v,l:v"];
    for cached_lines in [0, 100] {
        let (series, counted) = feed(&[lines, lines].concat(), &Options { cached_lines, ..options });
        assert_eq!(series, "# TYPE abc counter\nabc{k=\"v\",l=\"v\"} 2\n");
        for count in ["label_too_long 4", "name_too_long 4", "too_many_tags 2"] {
            assert!(counted.contains(&format!("sample_errors {count},")), "{counted}");
        }
    }
}

#[test]
fn what_memory_refuses_is_counted_each_time_and_by_metric() {
    let registry = Registry::new();
    let pipeline = Pipeline::new(Metrics::new(&registry).unwrap(), &OPTIONS, Mapper::empty());
    pipeline.ingest(0, [&b"kept:1|c"[..], b"kept:1|c|#i:1"].into_iter());
    let pipeline = pipeline.within(Room::new(1, Box::new(|| Some(2))));
    for _ in 0..3 {
        pipeline.ingest(0, [&b"kept:1|c"[..], b"kept:1|c|#i:2", b"new:1:2|ms", b"kept:1|c|#i:1"].into_iter());
    }
    assert_eq!(exposition(&pipeline, 9), "# TYPE kept counter\nkept 4\nkept{i=\"1\"} 4\n");
    let counted = counts(&registry);
    for count in [
        "events counter 8,",
        "tallyd_memory_full 1,",
        "tallyd_memory_limit_bytes 1,",
        "tallyd_statsd_events_over_memory 9,",
        "tallyd_statsd_series_refused kept 3,",
        "tallyd_statsd_series_refused new 6",
    ] {
        assert!(counted.contains(count), "{count}: {counted}");
    }
}

#[test]
fn a_line_beyond_the_limit_is_refused_and_the_next_one_taken() {
    let long = format!("{}:1|c", "n".repeat(OPTIONS.bounds.line));
    let (series, counted) = feed(&[&long, "a:1|c"], &OPTIONS);
    assert_eq!(series, "# TYPE a counter\na 1\n");
    assert!(counted.contains("sample_errors line_too_long 1"), "{counted}");
}

#[test]
fn a_scrape_in_turns_shows_what_one_at_once_shows_and_nothing_born_meanwhile() {
    let pipeline = Pipeline::new(Metrics::new(&Registry::new()).unwrap(), &OPTIONS, Mapper::empty());
    let lines: Vec<String> = (0..50).map(|i| format!("m{}:1|c|#i:{i}", i % 7)).collect();
    pipeline.ingest(0, lines.iter().map(String::as_bytes));
    let whole = exposition(&pipeline, 1000);
    for turn in 1..10 {
        assert_eq!(exposition(&pipeline, turn), whole, "turn: {turn}");
    }
    let (mut encoder, mut body, mut cursor) = (Encoder::default(), Vec::new(), pipeline.begin(0));
    assert!(pipeline.write(&mut cursor, 10, 0, &mut encoder));
    pipeline.ingest(0, [&b"new:1|c"[..], b"m0:1|c|#i:new", b"m6:1|c|#i:new"].into_iter());
    while pipeline.write(&mut cursor, 10, 0, &mut encoder) {}
    encoder.take(&mut body);
    assert!(!String::from_utf8(body).unwrap().contains("new"));
    assert!(exposition(&pipeline, 10).contains("new 1\n"));
}

proptest::proptest! {
    /// The cache changes what a line costs, never what it does.
    #[test]
    fn with_the_cache_and_without_it_is_the_same(
        lines in proptest::collection::vec("[ab](,k=v)?:(1|x|-2|0\\.5|\\+3)(:4)?\\|(c|g|q)(\\|@0\\.5|\\|@y)?(\\|#k:v(,z)?)?", 0..40)
    ) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        proptest::prop_assert_eq!(feed(&lines, &Options { cached_lines: 0, ..OPTIONS }), feed(&lines, &Options { cached_lines: 3, ..OPTIONS }));
    }
}
