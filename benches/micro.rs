//! The parts one by one: `cargo bench --bench micro`, `cargo bench --bench micro -- host` for those whose name has `host`.

#![allow(clippy::unwrap_used)] // What fails here fails before anything is measured.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use std::path::Path;
use std::time::Duration;
use tallyd::encode::Encoder;
use tallyd::flag::Values;
use tallyd::host::{COLLECTORS, Env, Host, Roots};
use tallyd::statsd::map::{EventKind, Mapper, Scratch};
use tallyd::statsd::parse::{Bounds, Styles, Tags, parse_line};
use tallyd::statsd::settings::Options;
use tallyd::statsd::store::Limits;
use tallyd::statsd::{Metrics, Pipeline};
use tallyd::telemetry::Registry;

fn main() {
    divan::main();
}

const LINES: &[&str] =
    &["app.hits:1|c", "app.seconds:0.25|ms|@0.1", "app.hits:1|c|#endpoint:/api/v1/item,method:GET,status:200"];

const SERIES: usize = 10_000;

const OPTIONS: Options = Options {
    styles: Styles::ALL,
    cached_lines: 2 * SERIES,
    bounds: Bounds { line: 8192, name: 1024, tags: 100, label: 1024 },
    limits: Limits { series: 2 * SERIES, series_per_metric: usize::MAX },
    set_window: Duration::from_secs(60),
    zero_first: false,
    created: false,
};

fn pipeline(cached_lines: usize) -> Pipeline {
    mapped(cached_lines, Mapper::empty())
}

fn mapped(cached_lines: usize, mapper: Mapper) -> Pipeline {
    let metrics = Metrics::new(&Registry::new()).unwrap();
    Pipeline::new(metrics, &Options { cached_lines, ..OPTIONS }, mapper)
}

fn lines() -> Vec<String> {
    (0..SERIES).map(|n| format!("app.hits:{}|c|#endpoint:/item{n},method:GET,status:200", n % 7)).collect()
}

fn ingest(pipeline: &Pipeline, lines: &[String]) {
    pipeline.ingest(0, lines.iter().map(|line| line.as_bytes()));
}

/// A line that no cache knows, up to its last sample.
#[divan::bench(args = LINES)]
fn parse(bencher: Bencher<'_, '_>, line: &str) {
    let mut tags = Tags::default();
    bencher.bench_local(|| {
        let mut parsed = parse_line(black_box(line.as_bytes()), Styles::ALL, &mut tags).unwrap();
        while let Some(sample) = parsed.next_sample(&mut tags) {
            black_box(sample.unwrap());
        }
    });
}

/// Lines that the cache knows.
#[divan::bench]
fn ingest_known(bencher: Bencher<'_, '_>) {
    let (pipeline, lines) = (pipeline(OPTIONS.cached_lines), lines());
    ingest(&pipeline, &lines);
    bencher.counter(ItemsCount::new(SERIES)).bench_local(|| ingest(&pipeline, &lines));
}

/// Lines whose series are there, but which the cache does not know.
#[divan::bench]
fn ingest_uncached(bencher: Bencher<'_, '_>) {
    let (pipeline, lines) = (pipeline(0), lines());
    ingest(&pipeline, &lines);
    bencher.counter(ItemsCount::new(SERIES)).bench_local(|| ingest(&pipeline, &lines));
}

/// Lines of series that are all new.
#[divan::bench(sample_count = 20)]
fn ingest_new(bencher: Bencher<'_, '_>) {
    let lines = lines();
    let made = bencher.counter(ItemsCount::new(SERIES)).with_inputs(|| pipeline(OPTIONS.cached_lines));
    made.bench_local_refs(|pipeline| ingest(pipeline, &lines));
}

/// Names that were never seen, each mapped by one of so many rules.
#[divan::bench(args = [0, 100, 10_000], sample_count = 20)]
fn ingest_new_name(bencher: Bencher<'_, '_>, rules: usize) {
    let rule = |n| format!("- match: app{n}.*.*.count\n  name: app{n}_total\n  labels: {{endpoint: $1, method: $2}}\n");
    let yaml: String = std::iter::once("mappings:\n".to_owned()).chain((0..rules).map(rule)).collect();
    let lines: Vec<String> = (0..SERIES).map(|n| format!("app{}.item{n}.get.count:1|c", n % rules.max(1))).collect();
    let made =
        || mapped(OPTIONS.cached_lines, if rules == 0 { Mapper::empty() } else { Mapper::from_yaml(&yaml).unwrap() });
    bencher.counter(ItemsCount::new(SERIES)).with_inputs(made).bench_local_refs(|pipeline| ingest(pipeline, &lines));
}

/// The same of names alone, by expressions that each have a text of their own.
#[divan::bench(args = [10, 10_000], sample_count = 30)]
fn map_by_text(bencher: Bencher<'_, '_>, rules: usize) {
    let names: Vec<String> = (0..SERIES).map(|n| format!("app{}.item{n}.requests.get", n % rules)).collect();
    map(bencher, (0..rules).map(|n| format!("^app{n}\\.(\\w+)\\.requests\\.(\\w+)$")), &names);
}

/// By expressions that have no text, or none but what all have: each by one of them, all by the last, or by none.
#[divan::bench(args = [10, 100, 1000], consts = [0, 1, 2], sample_count = 10)]
fn map_without_text<const BY: usize>(bencher: Bencher<'_, '_>, rules: usize) {
    let lengths = |n: usize| [1 + n % 10, 1 + n / 10 % 10, 1 + n / 100];
    let rule = |n| {
        let [first, second, third] = lengths(n);
        format!("^([a-z]{{{first}}})\\.(\\d{{{second}}})\\.(\\w{{{third}}})$")
    };
    let name = |n: usize| {
        let [first, second, third] = lengths([n % rules, rules - 1, 10_000][BY]);
        let (word, number) = (format!("{:a>first$}", ["b", "c", "d"][n % 3]), format!("{:0>second$}", n % 10));
        format!("{word}.{number}.{:_>third$}", n % 7)
    };
    map(bencher, (0..rules).map(rule), &(0..SERIES).map(name).collect::<Vec<_>>());
}

fn map(bencher: Bencher<'_, '_>, rules: impl Iterator<Item = String>, names: &[String]) {
    let rule = |regex| format!("- match: '{regex}'\n  match_type: regex\n  name: mapped\n  labels: {{first: $1}}\n");
    let mapper = Mapper::from_yaml(&format!("mappings:\n{}", rules.map(rule).collect::<String>())).unwrap();
    let mut scratch = Scratch::default();
    bencher.counter(ItemsCount::new(names.len())).bench_local(|| {
        for name in names {
            black_box(mapper.find(name, EventKind::Counter, &mut scratch));
        }
    });
}

const TIMERS: usize = 100;

/// Ticks of one of the five age buckets of a summary.
const AGE_BUCKET: u32 = 1200;

/// A value of each timer, none of which came before.
fn timings(turn: usize) -> Vec<String> {
    let value = |n| ((turn * TIMERS + n) as f64 * 0.618_034).fract().powi(3) * 1000.0;
    (0..TIMERS).map(|n| format!("app.seconds{n}:{}|ms", value(n))).collect()
}

/// Timers that had a thousand values in each age bucket up to the one given, and the tick of it.
fn busy_timers(last: u32) -> (Pipeline, u32) {
    let pipeline = pipeline(0);
    for bucket in 0..=last {
        for turn in 0..1000 {
            let lines = timings(bucket as usize * 1000 + turn);
            pipeline.ingest(bucket * AGE_BUCKET, lines.iter().map(|line| line.as_bytes()));
        }
    }
    (pipeline, last * AGE_BUCKET)
}

/// More values of timers, in the first and in the fifth of their age buckets.
#[divan::bench(args = [0, 4])]
fn ingest_timers(bencher: Bencher<'_, '_>, last: u32) {
    let (pipeline, now) = busy_timers(last);
    let turns: Vec<Vec<String>> = (5000..5320).map(timings).collect();
    bencher.counter(ItemsCount::new(turns.len() * TIMERS)).bench_local(|| {
        for lines in &turns {
            pipeline.ingest(now, lines.iter().map(|line| line.as_bytes()));
        }
    });
}

/// The body of the apps' series.
#[divan::bench]
fn encode_store(bencher: Bencher<'_, '_>) {
    let pipeline = pipeline(OPTIONS.cached_lines);
    ingest(&pipeline, &lines());
    bencher.counter(ItemsCount::new(SERIES)).bench_local(|| encode(&pipeline, 0));
}

/// The body of timers of which all age buckets are full.
#[divan::bench]
fn encode_timers(bencher: Bencher<'_, '_>) {
    let (pipeline, now) = busy_timers(4);
    bencher.counter(ItemsCount::new(TIMERS)).bench_local(|| encode(&pipeline, now));
}

fn encode(pipeline: &Pipeline, now: u32) {
    let (mut encoder, mut cursor, mut body) = (Encoder::default(), pipeline.begin(now), Vec::new());
    while pipeline.write(&mut cursor, 500, now, &mut encoder) {
        encoder.take(&mut body);
    }
    black_box(body);
}

fn collectors() -> impl Iterator<Item = &'static str> {
    COLLECTORS.iter().map(|spec| spec.name)
}

/// A collector over the tree of the tests.
#[divan::bench(args = collectors(), max_time = 0.2)]
fn host_fixtures(bencher: Bencher<'_, '_>, name: &str) {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/host");
    let at = |folder: &str| tree.join(folder);
    collect(bencher, name, &Roots::new(at("proc"), at("sys"), at("root"), at("udev")));
}

/// A collector on this host.
#[divan::bench(args = collectors(), max_time = 0.2)]
fn host_live(bencher: Bencher<'_, '_>, name: &str) {
    collect(bencher, name, &Roots::new("/proc", "/sys", "/", "/run/udev/data"));
}

fn collect(bencher: Bencher<'_, '_>, name: &str, roots: &Roots) {
    let flags = Values::defaults(COLLECTORS.iter().flat_map(|spec| spec.flags));
    let host = Host::new(COLLECTORS, &Env { roots, flags: &flags }, |spec| spec.name == name).unwrap();
    let mut body = Vec::new();
    bencher.bench_local(|| {
        let mut encoder = Encoder::default();
        host.collect(&host.select(&[], &[]).unwrap(), &mut encoder);
        encoder.take(&mut body);
    });
}
