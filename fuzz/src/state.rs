//! State files behind their header and checksum: each leads to series that make a valid body, and that take samples and
//! are saved as others are, or to nothing.

use super::exposition::{Values, check_exposition};
use std::time::Duration;
use tallyd::encode::Encoder;
use tallyd::statsd::map::Mapper;
use tallyd::statsd::observe::Tick;
use tallyd::statsd::parse::{Bounds, Styles};
use tallyd::statsd::settings::Options;
use tallyd::statsd::state::{ReadError, decode, encode};
use tallyd::statsd::store::Limits;
use tallyd::statsd::{Metrics, Pipeline};
use tallyd::telemetry::Registry;

/// Version, finished, written, hashes.
const HEADER: &[u8] = b"TALLYDST\x03\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const NOW: Tick = 300_000_000;

fn pipeline() -> Pipeline {
    let options = Options {
        bounds: Bounds { line: 1000, name: 100, tags: 5, label: 20 },
        styles: Styles::ALL,
        cached_lines: 10,
        limits: Limits { series: 50, series_per_metric: 20 },
        set_window: Duration::from_secs(2),
        zero_first: false,
        created: true,
    };
    Pipeline::new(Metrics::new(&Registry::new()).expect("metrics"), &options, Mapper::empty())
}

fn body(pipeline: &Pipeline, now: Tick) -> Vec<u8> {
    let (mut encoder, mut body, mut cursor) = (Encoder::default(), Vec::new(), pipeline.begin(now));
    while pipeline.write(&mut cursor, 10, now, &mut encoder) {}
    encoder.take(&mut body);
    body
}

/// Panics where it does not hold.
pub fn check(frames: &[u8]) {
    let read = pipeline();
    if let Err(error) = decode(&[HEADER, frames].concat(), &read, NOW) {
        assert!(!matches!(error, ReadError::Version(_)), "the header is of another version: nothing would be read");
        assert!(body(&read, NOW).is_empty(), "half a state");
        return;
    }
    let again = pipeline();
    decode(&encode(&read, NOW), &again, NOW).expect("what was read can be written");
    for later in [0, 15, 10_000] {
        let shown = body(&read, NOW + later);
        check_exposition(&shown, Values::Any);
        assert!(shown == body(&again, NOW + later), "two states from one");
        for pipeline in [&read, &again] {
            pipeline.ingest(NOW + later, [&b"timer:5|ms"[..], b"members:x|s", b"hits:1|c"].into_iter());
        }
    }
}
