//! Names, limits and the time to live of series.

use super::*;
use crate::encode::Encoder;
use crate::statsd::map::{HistogramOptions, Observer};
use std::sync::Arc;

const NONE: Limits = Limits { series: usize::MAX, series_per_metric: usize::MAX };

/// Adds 1 to a series at a time.
fn add(store: &mut Store, name: &str, shape: &Shape, labels: &str, times: (Tick, Tick)) -> Result<(), StoreError> {
    add_within(&mut Room::default(), store, &FamilySpec { name, shape, help: "" }, labels, times)
}

fn add_within(
    room: &mut Room,
    store: &mut Store,
    family: &FamilySpec<'_>,
    labels: &str,
    (ttl, now): (Tick, Tick),
) -> Result<(), StoreError> {
    let handle = store.intern(family, &SeriesSpec { labels, ttl }, now, room)?;
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

proptest::proptest! {
    /// Held against a list of the names that each metric has.
    #[test]
    fn a_name_is_given_once_and_comes_free_with_its_metric(
        steps in proptest::collection::vec(("[ab]{1,3}", proptest::sample::select(&["", "_sum", "_count", "_bucket"][..]), 0..3_usize), 1..300)
    ) {
        let histogram = Shape::of(&Observer::Histogram(Arc::new(HistogramOptions { buckets: vec![1.0] })));
        let shapes = [Shape::Counter, Shape::of(&Observer::Summary(Arc::default())), histogram];
        let (mut store, mut metrics) = (Store::new(NONE), Vec::<(String, usize, Tick)>::new());
        for (now, (word, suffix, shape)) in (0..).zip(steps) {
            let names = |name: &str, shape: usize| -> Vec<String> {
                ["", "_sum", "_count", "_bucket"][..[1, 3, 4][shape]].iter().map(|end| format!("{name}{end}")).collect()
            };
            let name = format!("{word}{suffix}");
            store.expire(now);
            metrics.retain(|(.., changed)| changed + 100 >= now);
            let same = metrics.iter_mut().find(|(other, kind, _)| *other == name && *kind == shape);
            let result = add(&mut store, &name, &shapes[shape], "", (100, now));
            if let Some((.., changed)) = same {
                *changed = now;
                proptest::prop_assert_eq!(result, Ok(()));
            } else if metrics.iter().any(|(other, kind, _)| names(other, *kind).iter().any(|one| names(&name, shape).contains(one))) {
                proptest::prop_assert_eq!(result, Err(StoreError::Conflict));
            } else {
                metrics.push((name, shape, now));
                proptest::prop_assert_eq!(result, Ok(()));
            }
            proptest::prop_assert_eq!(store.len(), metrics.len());
        }
    }
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
fn without_memory_what_is_new_takes_the_place_of_what_went_and_what_is_there_goes_on() {
    let (mut store, mut plenty) = (Store::new(NONE), Room::new(1 << 20, Box::new(|| Some(0))));
    let mut add = |room: &mut Room, name, labels, now| {
        store.expire(now);
        add_within(room, &mut store, &FamilySpec { name, shape: &Shape::Counter, help: "" }, labels, (10, now))
    };
    assert_eq!([add(&mut plenty, "a", "x=\"1\"", 0), add(&mut plenty, "b", "", 5)], [Ok(()); 2]);
    let mut full = Room::new(1 << 20, Box::new(|| Some(1 << 20)));
    assert_eq!([add(&mut full, "a", "x=\"2\"", 5), add(&mut full, "c", "", 5)], [Err(StoreError::Memory); 2]);
    assert_eq!([add(&mut full, "a", "x=\"1\"", 5), add(&mut full, "b", "", 9)], [Ok(()); 2]);
    assert_eq!([add(&mut full, "c", "", 16), add(&mut full, "d", "", 16)], [Ok(()), Err(StoreError::Memory)]);
    assert_eq!(samples(&mut store), ["c 1", "b 2"]);
}

/// The memory of a table of names doubles when it grows, which a series of a known metric does not need.
#[test]
fn a_new_name_that_has_no_room_leaves_room_for_others() {
    let (mut store, mut plenty) = (Store::new(NONE), Room::default());
    let mut add = |room: &mut Room, i: usize, labels: &str| {
        let name = format!("name{i}");
        add_within(room, &mut store, &FamilySpec { name: &name, shape: &Shape::Counter, help: "" }, labels, (0, 0))
    };
    // As many as the table has places: 7 of 8 of 2048.
    (0..1792).for_each(|i| add(&mut plenty, i, "").unwrap());
    let mut little = Room::new(10_000, Box::new(|| Some(0)));
    assert_eq!(add(&mut little, 1792, ""), Err(StoreError::Memory));
    assert_eq!(
        (little.is_full(), add(&mut little, 0, "x=\"1\"")),
        (false, Err(StoreError::Memory)),
        "the index grows too"
    );
    assert_eq!(add(&mut plenty, 0, "x=\"1\""), Ok(()));
    assert_eq!((add(&mut little, 0, "x=\"2\""), add(&mut little, 1792, "")), (Ok(()), Err(StoreError::Memory)));
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
