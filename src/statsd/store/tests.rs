//! Names, limits and the time to live of series.

use super::*;
use crate::encode::Encoder;

const NONE: Limits = Limits { series: usize::MAX, series_per_metric: usize::MAX };

/// Adds 1 to a series at a time.
fn add(store: &mut Store, name: &str, shape: &Shape, labels: &str, (ttl, now): (Tick, Tick)) -> Result<(), StoreError> {
    let spec = SeriesSpec { labels, names: 0, ttl };
    let handle = store.intern(&FamilySpec { name, shape, help: "" }, &spec, now)?;
    store.apply(handle, now, |_| (Some(Update::Add(1.0)), ()));
    Ok(())
}

/// Samples as they are written, without comments.
fn samples(store: &mut Store) -> Vec<String> {
    let (mut encoder, mut body, mut cursor) = (Encoder::default(), Vec::new(), store.begin());
    while store.write(&mut cursor, 2, 0, &mut encoder) {}
    encoder.take(&mut body);
    let body = String::from_utf8(body).unwrap();
    body.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn a_name_has_one_type_until_its_last_series_goes() {
    let mut store = Store::new(NONE);
    let forever = (0, 0);
    add(&mut store, "a", &Shape::Counter, "x=\"1\"", (10, 0)).unwrap();
    add(&mut store, "a", &Shape::Counter, "x=\"2\"", (20, 0)).unwrap();
    assert_eq!(add(&mut store, "a", &Shape::Gauge, "", forever), Err(StoreError::Conflict));
    store.expire(11);
    assert_eq!(samples(&mut store), ["a{x=\"2\"} 1"]);
    assert_eq!(add(&mut store, "a", &Shape::Gauge, "", forever), Err(StoreError::Conflict));
    store.expire(21);
    assert_eq!((store.len(), samples(&mut store).len()), (0, 0));
    assert_eq!(add(&mut store, "a", &Shape::Gauge, "", forever), Ok(()));
    assert_eq!(samples(&mut store), ["a 1"]);
}

#[test]
fn a_sample_puts_off_the_end_of_its_series_alone() {
    let mut store = Store::new(NONE);
    for now in [0, 9, 18] {
        add(&mut store, "a", &Shape::Counter, "", (10, now)).unwrap();
        add(&mut store, "b", &Shape::Counter, "", (10, now.min(9))).unwrap();
        store.expire(now);
    }
    store.expire(20);
    assert_eq!(samples(&mut store), ["a 3"]);
}

#[test]
fn limits_refuse_what_is_new_and_let_go_on_what_is_there() {
    let mut store = Store::new(Limits { series: 3, series_per_metric: 2 });
    let mut add = |name, labels, now| add(&mut store, name, &Shape::Counter, labels, (10, now));
    assert_eq!([add("a", "x=\"1\"", 0), add("a", "x=\"2\"", 5), add("b", "", 5)], [Ok(()); 3]);
    assert_eq!([add("a", "x=\"3\"", 5), add("c", "", 5)], [Err(StoreError::Full); 2]);
    assert_eq!([add("a", "x=\"2\"", 5), add("b", "", 5)], [Ok(()); 2]);
    store.expire(11);
    let mut add = |name, labels| self::add(&mut store, name, &Shape::Counter, labels, (10, 11));
    assert_eq!([add("a", "x=\"3\""), add("a", "x=\"4\"")], [Ok(()), Err(StoreError::Full)]);
    assert_eq!(samples(&mut store), ["a{x=\"2\"} 2", "a{x=\"3\"} 1", "b 2"]);
}

#[test]
fn when_a_series_came_is_told_of_who_comes_again_anew() {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, SystemTime};
    static SECONDS: AtomicU64 = AtomicU64::new(1000);
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_millis(1500 * SECONDS.fetch_add(1, Ordering::Relaxed));
    let mut store = Store::new(NONE).created(Some(clock));
    let mut shown = |name: &str, now| {
        store.expire(now);
        add(&mut store, name, &Shape::Counter, "", (10, now)).unwrap();
        add(&mut store, "gauge", &Shape::Gauge, "", (0, now)).unwrap();
        let (mut encoder, mut body) = (Encoder::new(crate::encode::Format::OpenMetrics), Vec::new());
        let mut cursor = store.begin();
        while store.write(&mut cursor, 9, 0, &mut encoder) {}
        encoder.take(&mut body);
        let body = String::from_utf8(body).unwrap();
        body.lines().filter(|line| line.contains("_created")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(shown("a", 0), ["a_created 1500"]);
    assert_eq!(shown("a", 5), ["a_created 1500"]);
    assert_eq!(shown("b", 10), ["a_created 1500", "b_created 1503"]);
    assert_eq!(shown("a", 20), ["a_created 1504.5", "b_created 1503"]);
}
