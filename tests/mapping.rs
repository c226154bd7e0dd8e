//! Mapping files: what each makes of some names, and what is wrong with those that are refused.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use tallyd::statsd::map::{Action, EventKind, Limits, Mapper, Observer, Scratch, Source};

/// `c name` to `metric{labels}`, with everything else that the rule says and isn't the default.
fn outcome(mapper: &Mapper, line: &str) -> String {
    let (kind, name) = line.split_once(' ').unwrap();
    let kind = match kind {
        "c" => EventKind::Counter,
        "g" => EventKind::Gauge,
        _ => EventKind::Observer,
    };
    let mut scratch = Scratch::default();
    let Some(found) = mapper.find(name, kind, &mut scratch) else { return "unmapped".into() };
    if found.rule.action == Action::Drop {
        return format!("drop {:?}", found.name);
    }
    let labels: Vec<String> = found.labels().map(|(name, value)| format!("{name}={value:?}")).collect();
    let mut out = format!("{}{{{}}}", found.name, labels.join(","));
    let rule = found.rule;
    rule.help.iter().for_each(|help| write!(out, " help={help:?}").unwrap());
    rule.ttl.iter().for_each(|ttl| write!(out, " ttl={ttl:?}").unwrap());
    rule.scale.iter().for_each(|scale| write!(out, " scale={scale}").unwrap());
    if rule.honor_labels {
        out.push_str(" honor");
    }
    if kind == EventKind::Observer {
        write!(out, " {}", observer(&rule.observer)).unwrap();
    }
    out
}

fn observer(observer: &Observer) -> String {
    match observer {
        Observer::Histogram(options) => format!("histogram{:?}", options.buckets),
        Observer::Summary(options) => {
            let quantiles: Vec<String> =
                options.quantiles.iter().map(|q| format!("{}±{}", q.quantile, q.error)).collect();
            let (age, steps, cap) = (options.max_age, options.age_buckets, options.buf_cap);
            format!("summary[{}] {age:?}/{steps} {cap}", quantiles.join(" "))
        }
    }
}

const DEFAULT_SUMMARY: &str = "summary[0.5±0.05 0.9±0.01 0.99±0.001] 600s/5 500";
const DEFAULT_HISTOGRAM: &str = "histogram[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]";

/// A file, and pairs of an event and what becomes of it. `SUMMARY` and `HISTOGRAM` stand for the default ones.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const ACCEPTED: &[Case] = &[
    ("no text", "", &[("c a", "unmapped")]),
    ("no rules", "mappings: []", &[("c a", "unmapped")]),
    ("null everywhere", "defaults:\nmappings:\n", &[("c a", "unmapped")]),
    ("a document marker", "---\nmappings:\n- {match: a, name: b}\n", &[("c a", "b{}")]),
    (
        "parts as labels",
        "mappings:\n- match: shop.*.*\n  name: orders_total\n  labels: {way: $2, site: \"${1}_shop\"}\n",
        &[
            ("c shop.eu.paid", "orders_total{site=\"eu_shop\",way=\"paid\"}"),
            ("c shop.eu", "unmapped"),
            ("c shop.eu.paid.x", "unmapped"),
            ("c shop..", "orders_total{site=\"_shop\",way=\"\"}"),
        ],
    ),
    (
        "a part as the name",
        "mappings:\n- match: \"*.by.*\"\n  name: ${2}_total\n  labels: {who: $1, all: $0}\n",
        &[
            ("c ann.by.sea", "sea_total{all=\"ann.by.sea\",who=\"ann\"}"),
            ("c ann.by.", "_total{all=\"ann.by.\",who=\"ann\"}"),
        ],
    ),
    ("an empty name", "mappings:\n- {match: \"a.*\", name: $1}\n", &[("c a.", "{}"), ("c a.b", "b{}")]),
    (
        "labels of odd types",
        "mappings:\n- match: a\n  name: b\n  labels: {aa: 80, bb: true, cc: ~, dd: 1.50, ee: 'x y'}\n",
        &[("c a", "b{aa=\"80\",bb=\"true\",cc=\"\",dd=\"1.50\",ee=\"x y\"}")],
    ),
    (
        "globs before expressions, in file order",
        "mappings:\n- {match: 'x.+', match_type: regex, name: third}\n- {match: 'x.*', name: first}\n\
         - {match: 'y|x', match_type: regex, name: fourth}\n- {match: '*.y', name: second}\n",
        &[
            ("c x.y", "first{}"),
            ("c z.y", "second{}"),
            ("c x.y.z", "third{}"),
            ("c a.x", "fourth{}"),
            ("c a", "unmapped"),
        ],
    ),
    (
        "an optional group",
        "mappings:\n- match: ^job\\.(\\w+)(?:\\.(\\w+))?$\n  match_type: regex\n  name: job\n\
         \x20 labels: {first: $1, second: $2, none: $3, whole: $0}\n",
        &[
            ("c job.a", "job{first=\"a\",none=\"\",second=\"\",whole=\"job.a\"}"),
            ("c job.a.b", "job{first=\"a\",none=\"\",second=\"b\",whole=\"job.a.b\"}"),
        ],
    ),
    (
        "an expression regardless of case",
        "mappings:\n- {match: '(?i)^GET\\.(.*)', match_type: regex, name: got, labels: {what: $1}}\n",
        &[("c get.é", "got{what=\"é\"}"), ("c Get.", "got{what=\"\"}"), ("c set.x", "unmapped")],
    ),
    (
        "expressions by default",
        "defaults: {match_type: regex}\nmappings:\n- {match: 'n-(\\d+)', name: n, labels: {no: $1}}\n\
         - {match: 'n.*', match_type: glob, name: g}\n- {match: 'm.*', match_type: '', name: h}\n",
        &[("c n-7", "n{no=\"7\"}"), ("c n.7", "g{}"), ("c m.7", "h{}")],
    ),
    (
        "by kind of event",
        "mappings:\n- {match: 'k.*', match_metric_type: counter, name: c}\n\
         - {match: 'k.*', match_metric_type: gauge, name: g}\n- {match: 'k.*', match_metric_type: observer, name: o}\n\
         - {match: 'k', match_metric_type: counter, match_type: regex, name: r}\n",
        &[("c k.x", "c{}"), ("g k.x", "g{}"), ("o k.x", "o{} SUMMARY"), ("c k", "r{}"), ("g k", "unmapped")],
    ),
    (
        "drop",
        "mappings:\n- {match: keep, name: kept}\n- {match: ., match_type: regex, action: drop, name: x, labels: {aa: $1}}\n",
        &[("c keep", "kept{}"), ("c other", "drop \"\"")],
    ),
    (
        "everything about a rule",
        "mappings:\n- match: a\n  name: b\n  help: \"Two\\nlines.\"\n  ttl: 1m20s\n  scale: 1e-3\n  honor_labels: yes\n  action: map\n",
        &[("g a", "b{} help=\"Two\\nlines.\" ttl=80s scale=0.001 honor")],
    ),
    (
        "the default's time to live",
        "defaults: {ttl: 90s}\nmappings:\n- {match: a, name: a}\n- {match: b, name: b, ttl: 0}\n- {match: c, name: c, ttl: 1s}\n",
        &[("c a", "a{} ttl=90s"), ("c b", "b{} ttl=90s"), ("c c", "c{} ttl=1s")],
    ),
    (
        "histograms",
        "mappings:\n- {match: a, name: a, observer_type: histogram}\n\
         - {match: b, name: b, timer_type: histogram, histogram_options: {buckets: [1, 2.5, .inf]}}\n\
         - match: c\n  name: c\n  observer_type: histogram\n\
         \x20 histogram_options: {native_histogram_bucket_factor: 1.1, native_histogram_max_buckets: 256}\n\
         - {match: d, name: d, histogram_options: {buckets: [1]}}\n",
        &[
            ("o a", "a{} HISTOGRAM"),
            ("o b", "b{} histogram[1.0, 2.5]"),
            ("o c", "c{} HISTOGRAM"),
            ("o d", "d{} SUMMARY"),
        ],
    ),
    (
        "histograms by default",
        "defaults: {observer_type: histogram, histogram_options: {buckets: [3]}}\nmappings:\n- {match: a, name: a}\n\
         - {match: b, name: b, observer_type: summary}\n- {match: c, name: c, histogram_options: {buckets: []}}\n",
        &[("o a", "a{} histogram[3.0]"), ("o b", "b{} SUMMARY"), ("o c", "c{} histogram[3.0]")],
    ),
    (
        "summaries",
        "mappings:\n- match: a\n  name: a\n  observer_type: summary\n  summary_options:\n\
         \x20   quantiles: [{quantile: 0.9, error: 0.1}, {quantile: 0.5}, {quantile: 0.9, error: 0.2}]\n\
         \x20   max_age: 30s\n    age_buckets: 3\n    buf_cap: 1000\n",
        &[("o a", "a{} summary[0.5±0 0.9±0.2] 30s/3 1000")],
    ),
    (
        "the window of the defaults counts where a summary is chosen",
        "defaults: {summary_options: {max_age: 1m, age_buckets: 2, quantiles: [{quantile: 0.7, error: 0.1}]}}\nmappings:\n\
         - {match: a, name: a}\n- {match: b, name: b, observer_type: summary}\n\
         - {match: c, name: c, observer_type: summary, summary_options: {age_buckets: 7, max_age: 0}}\n\
         - {match: d, name: d, summary_options: {age_buckets: 7}}\n",
        &[
            ("o a", "a{} summary[0.7±0.1] 600s/5 500"),
            ("o b", "b{} summary[0.7±0.1] 60s/2 500"),
            ("o c", "c{} summary[0.7±0.1] 60s/7 500"),
            ("o d", "d{} summary[0.7±0.1] 600s/7 500"),
        ],
    ),
    (
        "an older spelling in the defaults",
        "defaults: {timer_type: histogram, histogram_options: {buckets: [4]}}\nmappings:\n- {match: a, name: a}\n",
        &[("o a", "a{} histogram[4.0]")],
    ),
    (
        "anchors and merges",
        "mappings:\n- &slow\n  match: a\n  name: a\n  observer_type: histogram\n  histogram_options: &b {buckets: [1]}\n\
         - {<<: *slow, match: b, name: b}\n- {match: c, name: c, observer_type: histogram, histogram_options: *b}\n",
        &[("o a", "a{} histogram[1.0]"), ("o b", "b{} histogram[1.0]"), ("o c", "c{} histogram[1.0]")],
    ),
    (
        "unordered globs",
        "defaults: {glob_disable_ordering: true}\nmappings:\n- {match: 'a.*.*', name: loose}\n- {match: 'a.b.*', name: tight}\n",
        &[("c a.b.c", "tight{}"), ("c a.c.c", "loose{}")],
    ),
];

#[test]
fn files_say_what_becomes_of_names() {
    for (case, text, pairs) in ACCEPTED {
        let mapper = Mapper::from_yaml(text).unwrap_or_else(|e| panic!("{case}: {e}"));
        for (event, want) in *pairs {
            let want = want.replace("SUMMARY", DEFAULT_SUMMARY).replace("HISTOGRAM", DEFAULT_HISTOGRAM);
            assert_eq!(outcome(&mapper, event), want, "case: {case}, event: {event}");
        }
    }
}

const REFUSED: &[(&str, &str)] = &[
    ("mappings: [\n", "line 2: while parsing a node, did not find expected node content"),
    ("just text", "line 1: a map of keys and values is needed"),
    ("mappings: {match: a}", "line 1: mappings: a list is needed"),
    ("mapping: []", "line 1: the key \"mapping\" is unknown; known here: defaults, mappings"),
    ("mappings:\n- a\n", "line 2: a map of keys and values is needed"),
    ("mappings:\n-\n", "line 2: the rule has no match"),
    ("mappings:\n- name: a\n", "line 2: the rule has no match"),
    ("mappings:\n- match: a\n", "line 2: match \"a\": the rule has no name"),
    ("mappings:\n- match: a\n  name: ''\n", "line 2: match \"a\": the rule has no name"),
    ("mappings:\n- match: a\n  name: a\n  match: b\n", "line 4: \"match\" is given twice"),
    (
        "mappings:\n- match: a\n  name: b-c\n",
        "line 3: match \"a\": name: b-c is no metric name: letters, digits, _, $1 and ${1}, with no digit in front",
    ),
    (
        "mappings:\n- name: a\n  match: a.b*\n",
        "line 3: match \"a.b*\": this is no glob: words of letters, digits, _ and single -, or a * alone, with dots between",
    ),
    (
        "mappings:\n- {match: (a, match_type: regex, name: b}\n",
        "line 2: match \"(a\": this is no regular expression: unclosed group",
    ),
    (
        "mappings:\n- match: a\n  name: b\n  labels:\n    ok: x\n    y: x\n",
        "line 6: match \"a\": labels: y is no label name: two or more letters, digits and _, with no digit in front",
    ),
    ("mappings:\n- match: a\n  name: b\n  labels: [x]\n", "line 4: match \"a\": a map of keys and values is needed"),
    ("mappings:\n- match: a\n  name: b\n  labels: {aa: [x]}\n", "line 4: match \"a\": a text is needed"),
    (
        "mappings:\n- match: a\n  name: b\n  buckets: [1]\n",
        "line 4: match \"a\": buckets belong into histogram_options",
    ),
    ("defaults:\n  buckets: [1]\n", "line 2: buckets belong into histogram_options"),
    ("defaults:\n  ttl: 1s\n  quantiles: []\n", "line 3: quantiles belong into summary_options"),
    (
        "mappings:\n- match: a\n  name: b\n  quantiles: []\n",
        "line 4: match \"a\": quantiles belong into summary_options",
    ),
    ("mappings:\n- match: a\n  name: b\n  action: keep\n", "line 4: match \"a\": action: keep is not map or drop"),
    (
        "mappings:\n- match: a\n  name: b\n  match_type: fsm\n",
        "line 4: match \"a\": match_type: fsm is not glob or regex",
    ),
    (
        "mappings:\n- match: a\n  name: b\n  match_metric_type: set\n",
        "line 4: match \"a\": match_metric_type: set is not counter or gauge or observer",
    ),
    (
        "mappings:\n- match: a\n  name: b\n  observer_type: gauge\n",
        "line 4: match \"a\": observer_type: gauge is not summary or histogram",
    ),
    (
        "mappings:\n- match: a\n  name: b\n  observer_type: summary\n  timer_type: summary\n",
        "line 5: match \"a\": timer_type is another spelling of observer_type; give one of them",
    ),
    (
        "mappings:\n- match: a\n  name: b\n  ttl: soon\n",
        "line 4: match \"a\": ttl: soon is not a time with a unit, such as 500ms, 90s or 1h30m, or 0",
    ),
    ("mappings:\n- match: a\n  name: b\n  scale: .nan\n", "line 4: match \"a\": scale: .nan is not a number"),
    (
        "mappings:\n- match: a\n  name: b\n  honor_labels: 2\n",
        "line 4: match \"a\": honor_labels: 2 is not true or false",
    ),
    (
        "mappings:\n- match: a\n  name: b\n  observer_type: summary\n  histogram_options:\n    buckets: [1]\n",
        "line 6: match \"a\": histogram_options don't go with a summary",
    ),
    (
        "defaults: {observer_type: histogram}\nmappings:\n- match: a\n  name: b\n  summary_options: {max_age: 1s}\n",
        "line 5: match \"a\": summary_options don't go with a histogram",
    ),
    (
        "defaults:\n  histogram_options:\n    buckets: [1, 2, 2]\n",
        "line 3: histogram_options: buckets: 2 does not rise above 2, which stands before it",
    ),
    (
        "defaults:\n  summary_options:\n    quantiles:\n    - {quantile: 99}\n",
        "line 4: summary_options: quantiles: quantile: 99 is not between 0 and 1",
    ),
    (
        "defaults:\n  summary_options:\n    quantile: 1\n",
        "line 3: summary_options: the key \"quantile\" is unknown; known here: quantiles, max_age, age_buckets, buf_cap",
    ),
];

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, want) in REFUSED {
        let error = Mapper::from_yaml(text).expect_err(text);
        assert_eq!(error.to_string(), *want, "text: {text:?}");
    }
}

#[test]
fn what_holds_without_a_rule() {
    for (text, ttl, want) in [
        ("", None, DEFAULT_SUMMARY),
        ("defaults: {ttl: 1h, observer_type: histogram}", Some(3600), DEFAULT_HISTOGRAM),
        ("defaults: {observer_type: histogram, histogram_options: {buckets: [1]}}", None, "histogram[1.0]"),
        (
            "defaults: {ttl: 0, observer_type: summary, summary_options: {max_age: 1s, quantiles: [{quantile: 0.3}]}}",
            None,
            "summary[0.3±0] 600s/5 500",
        ),
    ] {
        let mapper = Mapper::from_yaml(text).unwrap();
        let defaults = mapper.defaults();
        assert_eq!(defaults.ttl.map(|ttl| ttl.as_secs()), ttl, "text: {text}");
        assert_eq!(observer(&defaults.observer), want, "text: {text}");
    }
}

#[test]
fn rules_that_nothing_reaches_are_told() {
    let text = "mappings:\n- {match: 'a.*.c', name: a}\n- {match: 'a.*', name: b}\n- {match: 'b.*', name: c}\n\
                - {match: 'b.*', match_metric_type: gauge, name: d}\n- {match: 'b', match_type: regex, name: e}\n";
    let mapper = Mapper::from_yaml(text).unwrap();
    let unused: Vec<(usize, &str)> = mapper.unused().map(|rule| (rule.line, &*rule.matching)).collect();
    assert_eq!(unused, [(3, "a.*"), (5, "b.*")]);
    assert_eq!(mapper.rules().len(), 5);
}

#[test]
fn the_tree_of_globs_is_drawn() {
    let text = "mappings:\n- {match: 'a.*', name: a}\n- {match: b, match_metric_type: gauge, name: b}\n";
    let mut out = Vec::new();
    Mapper::from_yaml(text).unwrap().dot(&mut out).unwrap();
    let want = r##"digraph g {
rankdir=LR
node [ label="",style=filled,fillcolor=white,shape=circle ]
0 [color="#a94442",fillcolor="#f2dede"];
0 -> 1  [label = "counter"];
1 [color="#D6B656",fillcolor="#FFF2CC"];
1 -> 2  [label = "a"];
2 -> 3  [label = "*"];
3 [color="#82B366",fillcolor="#D5E8D4",tooltip="line 2: a.*"];
0 -> 4  [label = "gauge"];
4 [color="#D6B656",fillcolor="#FFF2CC"];
4 -> 5  [label = "a"];
4 -> 6  [label = "b"];
6 [color="#82B366",fillcolor="#D5E8D4",tooltip="line 3: b"];
5 -> 7  [label = "*"];
7 [color="#82B366",fillcolor="#D5E8D4",tooltip="line 2: a.*"];
0 -> 8  [label = "observer"];
8 [color="#D6B656",fillcolor="#FFF2CC"];
8 -> 9  [label = "a"];
9 -> 10  [label = "*"];
10 [color="#82B366",fillcolor="#D5E8D4",tooltip="line 2: a.*"];
}
"##;
    assert_eq!(String::from_utf8(out).unwrap(), want);
}

#[test]
fn files_are_read_and_named_in_errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.yml");
    let source = Source { path: path.clone(), limits: Limits::default() };
    let check = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        source.load().map(|mapper| mapper.rules().len()).map_err(|e| e.to_string())
    };
    let named = |why: &str| Err(format!("{}: {why}", path.display()));
    assert_eq!(check(b"mappings:\n- {match: a, name: b}\n"), Ok(1));
    assert_eq!(check(b"mappings:\n- {match: a}\n"), named("line 2: match \"a\": the rule has no name"));
    assert_eq!(check(b"# \n\xff"), named("line 2: this is not UTF-8"));
    assert_eq!(check(&vec![b'\n'; (16 << 20) + 1]), named("it is longer than 16777216 bytes"));
    let aliases = |count| format!("mappings:\n- &rule {{match: a, name: b}}\n{}", "- *rule\n".repeat(count));
    assert_eq!(check(aliases(99_999).as_bytes()), Ok(100_000));
    assert_eq!(
        check(aliases(100_000).as_bytes()),
        named("line 2: there are more than 100000 rules (--statsd.max-mapping-rules)")
    );
    std::fs::remove_file(&path).unwrap();
    let error = source.load().unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: No such file", path.display())), "{error}");
}

#[test]
fn threads_may_share_a_mapper() {
    fn shared<T: Send + Sync>() {}
    shared::<Mapper>();
}
