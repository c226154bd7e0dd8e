//! A line whose like was seen before takes no memory: nothing is allocated on the way from its bytes to its series. Summaries
//! are not among them: they work in their values from time to time, and take a buffer for that.

#![allow(clippy::unwrap_used)]

use allocation_counter::measure;
use std::time::Duration;
use tallyd::statsd::map::Mapper;
use tallyd::statsd::parse::{Bounds, Styles};
use tallyd::statsd::settings::Options;
use tallyd::statsd::store::Limits;
use tallyd::statsd::{Metrics, Pipeline};
use tallyd::telemetry::Registry;

const RULES: &str = "
mappings:
- match: warm.mapped.*
  name: warm_mapped
  observer_type: histogram
  labels: {part: $1}
";

/// Each kind and way, among values of all forms.
const LINES: &[&str] = &[
    "warm.counter:1|c",
    "warm.sampled:1|c|@0.1",
    "warm.tagged:2|c|#endpoint:/item,method:GET,status:200",
    "warm.gauge:1.5|g",
    "warm.gauge:+3|g",
    "warm.mapped.timer:320|ms",
    "warm.mapped.timer:0.25|ms|@0.5",
    "warm.mapped.distribution:1e3|d|#endpoint:/item",
    "warm.set:somebody|s",
];

#[test]
fn a_known_line_allocates_nothing() {
    let options = Options {
        styles: Styles::ALL,
        cached_lines: 100,
        bounds: Bounds { line: 8192, name: 1024, tags: 100, label: 1024 },
        limits: Limits { series: 100, series_per_metric: 100 },
        set_window: Duration::from_secs(60),
        zero_first: false,
        created: false,
    };
    let metrics = Metrics::new(&Registry::new()).unwrap();
    let pipeline = Pipeline::new(metrics, &options, Mapper::from_yaml(RULES).unwrap());
    let ingest = |line: &str| pipeline.ingest(1, std::iter::repeat_n(line.as_bytes(), 1000));
    for line in LINES {
        ingest(line);
    }
    let allocated: Vec<_> = LINES.iter().map(|line| (*line, measure(|| ingest(line)).count_total)).collect();
    let nothing: Vec<_> = LINES.iter().map(|line| (*line, 0)).collect();
    assert_eq!(allocated, nothing);
}
