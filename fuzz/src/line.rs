//! Packets of lines through whole pipelines, one with the cache of lines and one without: both count and show the same,
//! and what they show is a valid body. The first byte says which tag styles are read and whether there are rules; an
//! empty line ends a batch, and a second and a half goes by.

use super::exposition::{Values, check_exposition};
use std::sync::Arc;
use std::time::Duration;
use tallyd::encode::Encoder;
use tallyd::statsd::map::Mapper;
use tallyd::statsd::observe::Tick;
use tallyd::statsd::parse::{Bounds, Styles};
use tallyd::statsd::settings::Options;
use tallyd::statsd::store::Limits;
use tallyd::statsd::{Metrics, Pipeline};
use tallyd::telemetry::Registry;

const RULES: &str = include_str!("rules.yml");
const PAUSE: Tick = 15;
/// A body is written and read for each, twice: more of them would cost more than they find.
const MAX_BATCHES: usize = 4;

fn options(byte: u8, cached_lines: usize) -> Options {
    let bit = |bit: u8| byte & (1 << bit) != 0;
    // Most styles are on for most inputs, as they are for most users.
    let styles = Styles {
        dogstatsd: !bit(0),
        influxdb: !bit(1),
        librato: !bit(2),
        signalfx: !bit(3),
        graphite: bit(4),
        bare: bit(5),
        container_id: !bit(6),
    };
    let bounds = Bounds { line: 1000, name: 100, tags: 5, label: 20 };
    let limits = Limits { series: 200, series_per_metric: 50 };
    Options {
        bounds,
        styles,
        cached_lines,
        limits,
        set_window: Duration::from_secs(2),
        zero_first: bit(4) && bit(5),
        created: false,
    }
}

/// What is made once: a registry costs more than a line. Its counts go on from input to input, alike on both sides.
struct Side {
    registry: Registry,
    metrics: Arc<Metrics>,
}

thread_local! {
    static SIDES: [Side; 2] = [(); 2].map(|()| {
        let registry = Registry::new();
        Side { metrics: Arc::new(Metrics::new(&registry).expect("metrics")), registry }
    });
    static MAPPERS: [Arc<Mapper>; 2] =
        [Arc::new(Mapper::empty()), Arc::new(Mapper::from_yaml(RULES).expect("rules"))];
}

/// Bodies after each batch, and what was counted.
fn run(side: &Side, byte: u8, cached_lines: usize, lines: &[u8]) -> (Vec<Vec<u8>>, String) {
    let mapper = MAPPERS.with(|mappers| Arc::clone(&mappers[usize::from(byte >> 7)]));
    let options = options(byte, cached_lines);
    let pipeline = Pipeline::new(Arc::clone(&side.metrics), &options, mapper);
    let lines: Vec<&[u8]> = lines.split(|b| *b == b'\n').collect();
    let (mut bodies, mut now) = (Vec::new(), 0);
    for batch in lines.split(|line| line.is_empty()).take(MAX_BATCHES) {
        // Twice, so that the cache has something to know.
        for _ in 0..2 {
            pipeline.ingest(now, batch.iter().copied());
        }
        let (mut encoder, mut body) = (Encoder::default(), Vec::new());
        let mut cursor = pipeline.begin(now);
        while pipeline.write(&mut cursor, 3, now, &mut encoder) {}
        encoder.take(&mut body);
        check_exposition(&body, Values::Counted);
        bodies.push(body);
        now += PAUSE;
    }
    (bodies, counts(&side.registry))
}

fn counts(registry: &Registry) -> String {
    let mut out = String::new();
    for family in registry.gather().iter().filter(|family| !family.name().contains("cache")) {
        for metric in family.get_metric() {
            let labels: Vec<&str> = metric.get_label().iter().map(|label| label.value()).collect();
            let value = metric.get_counter().get_value() + metric.get_gauge().get_value();
            out.push_str(&format!("{} {labels:?} {value}\n", family.name()));
        }
    }
    out
}

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let Some((byte, lines)) = data.split_first() else { return };
    let [(bodies, counted), (cached_bodies, cached_counted)] =
        SIDES.with(|[plain, cached]| [run(plain, *byte, 0, lines), run(cached, *byte, 5, lines)]);
    assert_eq!(counted, cached_counted, "counts without and with the cache");
    for (body, cached) in bodies.iter().zip(&cached_bodies) {
        assert_eq!(String::from_utf8_lossy(body), String::from_utf8_lossy(cached), "without and with the cache");
    }
}
