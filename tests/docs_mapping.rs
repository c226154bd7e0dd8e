//! The examples of docs/mapping.md: each YAML block is read, and the events below it become what stands beside them.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use tallyd::statsd::map::{Action, EventKind, Limits, Mapper, Match, Observer, Scratch};

const DOC: &str = include_str!("../docs/mapping.md");

/// A YAML block and the indented lines that follow it.
struct Example {
    line: usize,
    yaml: String,
    events: Vec<String>,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut in_block = false;
    for (i, line) in DOC.lines().enumerate() {
        match (line, examples.last_mut()) {
            ("```yaml", _) => {
                in_block = true;
                examples.push(Example { line: i + 1, yaml: String::new(), events: Vec::new() });
            }
            ("```", _) => in_block = false,
            (_, Some(example)) if in_block => writeln!(example.yaml, "{line}").unwrap(),
            (_, Some(example)) if line.starts_with("    ") => example.events.push(line.trim().to_owned()),
            _ => {}
        }
    }
    examples
}

/// What the document says of a match: the series, and of the rest what it chooses to mention.
fn told(found: Option<&Match<'_>>, kind: EventKind, want: &str) -> String {
    let Some(found) = found else { return "unmapped".into() };
    if found.rule.action == Action::Drop {
        return "drop".into();
    }
    let labels: Vec<String> = found.labels().map(|(name, value)| format!("{name}={value:?}")).collect();
    let mut out = format!("{}{{{}}}", found.name, labels.join(","));
    found.rule.ttl.iter().for_each(|ttl| write!(out, " ttl={ttl:?}").unwrap());
    found.rule.scale.iter().for_each(|scale| write!(out, " scale={scale}").unwrap());
    out.push_str(if found.rule.honor_labels { " honor_labels" } else { "" });
    if kind == EventKind::Observer && want.contains(' ') {
        match &found.rule.observer {
            Observer::Histogram(options) => {
                out.push_str(" histogram");
                options.buckets.iter().for_each(|bucket| write!(out, " {bucket}").unwrap());
            }
            Observer::Summary(options) => {
                out.push_str(" summary");
                options.quantiles.iter().for_each(|q| write!(out, " {}±{}", q.quantile, q.error).unwrap());
                write!(out, " over {:?} in {}", options.max_age, options.age_buckets).unwrap();
            }
        }
    }
    out
}

#[test]
fn each_example_does_what_the_document_says() {
    let examples = examples();
    assert!(examples.len() >= 10, "the document has examples");
    for Example { line, yaml, events } in examples {
        let mapper = Mapper::from_yaml(&yaml).unwrap_or_else(|e| panic!("docs/mapping.md:{line}: {e}"));
        assert!(!events.is_empty(), "docs/mapping.md:{line}: the example has events");
        for event in events {
            let (input, want) = event.split_once(" => ").unwrap();
            let (kind, name) = input.split_once(' ').unwrap();
            let kind = EventKind::ALL.into_iter().find(|k| k.name() == kind).unwrap();
            let mut scratch = Scratch::default();
            let found = mapper.find(name, kind, &mut scratch);
            assert_eq!(told(found.as_ref(), kind, want), want, "docs/mapping.md:{line}: {input}");
        }
    }
}

#[test]
fn the_limits_are_the_ones_in_force() {
    assert_eq!(Limits::default().file_bytes, 16 << 20);
    assert!(DOC.contains("16 MiB a file"));
}

#[test]
fn each_key_is_in_the_document() {
    // What the errors list as known is all there is.
    for place in [
        "",
        "defaults:\n  ",
        "mappings:\n- ",
        "defaults:\n  summary_options:\n    ",
        "defaults:\n  histogram_options:\n    ",
        "defaults:\n  summary_options:\n    quantiles:\n    - ",
    ] {
        let error = Mapper::from_yaml(&format!("{place}unheard_of: 1\n")).unwrap_err().to_string();
        let known = error.split_once("known here: ").unwrap().1;
        for key in known.split(", ") {
            assert!(
                DOC.contains(&format!("`{key}`")) || DOC.contains(&format!("{key}:")),
                "{key} is in docs/mapping.md"
            );
        }
    }
}
