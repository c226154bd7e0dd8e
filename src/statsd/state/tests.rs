//! States written and read again, with time as an argument.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::encode::Encoder;
use crate::memory::Room;
use crate::statsd;
use crate::statsd::map::Mapper;
use crate::statsd::parse::{Bounds, Styles};
use crate::statsd::settings::Options;
use crate::statsd::store::{Limits, Lost};
use crate::telemetry::Registry;
use proptest::prelude::*;
use std::time::UNIX_EPOCH;

const RULES: &str = "mappings:\n- match: histo.*\n  name: histo\n  observer_type: histogram\n  labels: {of: $1}\n\
                     - match: brief.*\n  name: brief\n  ttl: 30s\n  labels: {of: $1}\n";

const OPTIONS: Options = Options {
    styles: Styles::ALL,
    cached_lines: 100,
    bounds: Bounds { line: 8192, name: 1024, tags: 100, label: 1024 },
    limits: Limits { series: 1000, series_per_metric: usize::MAX },
    set_window: Duration::from_secs(60),
    zero_first: false,
    created: true,
};

fn pipeline_with(options: &Options, rules: &str) -> Pipeline {
    Pipeline::new(statsd::Metrics::new(&Registry::new()).unwrap(), options, Mapper::from_yaml(rules).unwrap())
}

fn pipeline() -> Pipeline {
    pipeline_with(&OPTIONS, RULES)
}

fn send(pipeline: &Pipeline, now: Tick, lines: &str) {
    pipeline.ingest(now, lines.split('\n').map(str::as_bytes));
}

fn exposition(pipeline: &Pipeline, now: Tick) -> String {
    let (mut encoder, mut body, mut cursor) = (Encoder::default(), Vec::new(), pipeline.begin(now));
    while pipeline.write(&mut cursor, 7, now, &mut encoder) {}
    encoder.take(&mut body);
    String::from_utf8(body).unwrap()
}

/// Series of every type, in every form that it can have.
fn lines(name: u8, value: i16) -> String {
    let (label, value) = (name / 8, f64::from(value) / 8.0);
    match name % 8 {
        0 => format!("counter:{}|c|#a:{label}", value.abs()),
        1 => format!("gauge:{value}|g|#a:{label},b:\"\\"),
        2 => (0..120).map(|i| format!("timer:{}|ms|#a:{label}\n", value + f64::from(i % 70))).collect(),
        3 => format!("histo.x{label}:{}|h|@0.00000000001", value.abs()),
        4 => format!("set:{value}|s|#a:{label}"),
        5 => (0..600).map(|i| format!("crowd:{i}{value}|s\n")).collect(),
        6 => format!("brief.b{label}:1|c"),
        _ => format!("inf:{}|g", if value > 0.0 { "inf" } else { "nan" }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_written_is_read(sent in proptest::collection::vec((0..64_u8, any::<i16>(), 0..900_u32), 0..60)) {
        let (before, mut now) = (pipeline(), 0);
        for (name, value, pause) in sent {
            now += pause;
            send(&before, now, &lines(name, value));
        }
        let (state, after) = (encode(&before, now), pipeline());
        prop_assert_eq!(decode(&state, &after, ROOM).unwrap(), Lost::default());
        prop_assert!(encode(&after, ROOM) == state);
        for later in [0, 299, 301, 1300, 7000] {
            prop_assert_eq!(exposition(&after, ROOM + later), exposition(&before, now + later));
        }
    }

    #[test]
    fn whatever_the_bytes_are_nothing_panics(at in any::<proptest::sample::Index>(), to in any::<u8>(), cut in any::<bool>()) {
        let before = pipeline();
        (0..16).for_each(|name| send(&before, 5, &lines(name, 77)));
        let mut state = encode(&before, 9);
        let at = at.index(state.len());
        if cut { state.truncate(at) } else { state[at] = to }
        let after = pipeline();
        let read = decode(&state, &after, ROOM).is_ok();
        let body = exposition(&after, ROOM + 50);
        prop_assert!(read || body.is_empty(), "half a state: {}", body);
        send(&after, ROOM + 2000, &lines(2, 3));
    }
}

/// Writes a file as of one time of the wall, and reads it as of another.
fn restart(finished: bool, written: u64, read: u64, edit: impl FnOnce(&mut Vec<u8>)) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let (before, metrics) = (Arc::new(pipeline()), Metrics::new(&Registry::new()).unwrap());
    let file = StateFile { path: path.clone(), pipeline: Arc::clone(&before), metrics, clock: Clock::start_at(100) };
    send(&before, 100, "brief.a:1|c\nlasting:1|c\nset:1|s");
    file.write(finished, UNIX_EPOCH + Duration::from_secs(written)).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    edit(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let (after, registry) = (pipeline(), Registry::new());
    let metrics = Metrics::new(&registry).unwrap();
    restore(&path, &after, &metrics, ROOM, UNIX_EPOCH + Duration::from_secs(read));
    let series = exposition(&after, ROOM);
    let mut shown: Vec<String> =
        series.lines().filter(|line| !line.starts_with('#')).map(|line| line.replace("{of=\"a\"}", "")).collect();
    for family in
        registry.gather().iter().filter(|family| family.name().contains("begun") || family.name().contains("age"))
    {
        for metric in family.get_metric().iter().filter(|metric| metric.get_gauge().get_value() != 0.0) {
            let from = metric.get_label().first().map_or("age", |label| label.value());
            shown.push(format!("{from} {}", metric.get_gauge().get_value()));
        }
    }
    (dir, shown.join(", "))
}

#[test]
fn time_goes_on_between_two_runs_by_the_clock_of_the_wall() {
    for (finished, read, want) in [
        (true, 1000, "brief 1, lasting 1, set 1, finished 1"),
        (true, 1030, "brief 1, lasting 1, set 1, age 30, finished 1"),
        (false, 1032, "lasting 1, set 1, age 32, unfinished 1"),
        // A minute is over for the set; years are for all that ends.
        (true, 1061, "lasting 1, set 0, age 61, finished 1"),
        (true, 1_000_000_000, "lasting 1, set 0, age 999999000, finished 1"),
        // Set back: no time has gone by.
        (true, 10, "brief 1, lasting 1, set 1, finished 1"),
    ] {
        assert_eq!(restart(finished, 1000, read, |_| ()).1, want, "read: {read}");
    }
}

#[test]
fn a_file_that_is_not_whole_is_set_aside() {
    type Edit = fn(&mut Vec<u8>);
    let edits: [(&str, Edit); 6] = [
        ("empty", Vec::clear),
        ("foreign", |bytes| bytes[0] = b'X'),
        ("another version", |bytes| bytes[8] = 99),
        ("changed", |bytes| bytes[60] ^= 1),
        ("cut off", |bytes| bytes.truncate(bytes.len() - 1)),
        ("longer", |bytes| bytes.push(0)),
    ];
    for (what, edit) in edits {
        let (dir, shown) = restart(true, 1000, 1000, edit);
        assert_eq!(shown, "damaged 1", "{what}");
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["state.damaged"], "{what}");
    }
}

#[test]
fn it_is_written_again_and_again_and_once_more_in_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let (pipeline, registry) = (Arc::new(pipeline()), Registry::new());
    let file = StateFile {
        path: path.clone(),
        pipeline: Arc::clone(&pipeline),
        metrics: Metrics::new(&registry).unwrap(),
        clock: Clock::start_at(ROOM),
    };
    let (running, end) = crossbeam_channel::bounded(0);
    // What a run begins with that finds the file like this.
    let found = || {
        let (header, mut frames) = read::open(&path, SystemTime::now()).unwrap()?;
        let after = pipeline_with(&OPTIONS, RULES);
        after.restore(&header, ROOM, &mut frames).unwrap();
        let lines = exposition(&after, ROOM);
        let value = lines.lines().find_map(|line| line.strip_prefix("ticks ")).map(str::to_owned);
        Some((header.finished, value?))
    };
    let await_found = |want: &str| {
        let start = std::time::Instant::now();
        while found() != Some((false, want.into())) {
            assert!(start.elapsed() < Duration::from_secs(60), "it is not written: {:?}", found());
            std::thread::yield_now();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| file.run(&end, Duration::from_millis(5)));
        for want in ["1", "2", "3"] {
            send(&pipeline, ROOM, "ticks:1|c");
            await_found(want);
        }
        send(&pipeline, ROOM, "ticks:1|c");
        drop(running);
    });
    assert_eq!(found(), Some((true, "4".into())));
}

#[test]
fn limits_hold_and_what_is_over_them_is_counted() {
    let before = pipeline();
    (0..10).for_each(|i| send(&before, 0, &format!("many:1|c|#i:{i}\nfew:1|c|#i:{}", i % 2)));
    let state = encode(&before, 0);
    for (series, series_per_metric, lost, kept) in [(7, usize::MAX, 5, 7), (100, 3, 7, 5), (12, 10, 0, 12)] {
        let after = pipeline_with(&Options { limits: Limits { series, series_per_metric }, ..OPTIONS }, RULES);
        let got = decode(&state, &after, ROOM).unwrap();
        let shown = exposition(&after, ROOM).lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((got.over_limit, shown), (lost, kept), "{series} {series_per_metric}");
    }
}

#[test]
fn memory_holds_and_what_is_over_it_is_counted() {
    let before = pipeline();
    (0..10).for_each(|i| send(&before, 0, &format!("many:1|c|#i:{i}")));
    let state = encode(&before, 0);
    for (resident, lost, kept) in [(0, 0, 10), (1 << 20, 10, 0)] {
        let after = pipeline().within(Room::new(1 << 20, Box::new(move || Some(resident))));
        let got = decode(&state, &after, ROOM).unwrap();
        let shown = exposition(&after, ROOM).lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((got, shown), (Lost { over_memory: lost, ..Lost::default() }, kept));
    }
}

#[test]
fn other_rules_change_a_metric_with_its_next_sample() {
    let before = pipeline();
    send(&before, 0, "histo.x:1|h\nplain:1|ms");
    let state = encode(&before, 0);
    let after = pipeline_with(&OPTIONS, &RULES.replace("histogram", "summary"));
    decode(&state, &after, ROOM).unwrap();
    assert!(exposition(&after, ROOM).contains("histo_bucket"));
    send(&after, ROOM, "histo.x:2|h\nplain:1|ms");
    let shown = exposition(&after, ROOM);
    assert!(!shown.contains("histo_bucket") && shown.contains("histo_count{of=\"x\"} 1\n"), "{shown}");
    assert!(shown.contains("plain_count 2\n"), "{shown}");
}
