//! `docs/metrics.md`: what the collectors declare, and what an agent shows of itself.

use super::NOTE;
use super::common::Agent;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use tallyd::host::{Spec, all_specs, macos, metrics, portable};
use tallyd::model::Desc;

const INTRO: &str = "\
Names, types, help texts and labels are those of node_exporter and statsd_exporter where these have the metric.

A `*` in a name stands for what the kernel, a driver or a user calls a thing. Labels are all that a series of the family
can have; some come only with a flag, and one without a value is left out. The unit follows from the name; a metric
without one counts things or is a plain number.
";

/// Lines that give every family of the StatsD side a series.
const LINES: &str = "docs.a:1|c\ndocs.a:1|g\ndocs.b:1|ms\ndocs.c:x|s";

pub fn page() -> String {
    let mut out = format!("<!-- {NOTE} -->\n\n# Metrics\n\n{INTRO}");
    writeln!(out, "\n- [Host](#host): {}", links(&all_specs())).unwrap();
    out.push_str(
        "- [Host on macOS](#host-on-macos)\n- [The agent itself](#the-agent-itself)\n- [StatsD](#statsd)\n\n## Host\n",
    );
    all_specs().into_iter().for_each(|spec| collector(&mut out, spec));
    out.push_str("\n## Host on macOS\n\nCollectors that macOS has besides, or that show something else there:\n");
    macos::COLLECTORS.iter().for_each(|spec| on_macos(&mut out, spec));
    out.push_str(
        "\n## The agent itself\n\n`--web.disable-exporter-metrics` leaves out `process_*`, `promhttp_*` and `tallyd_web_*`, \
         `--no-web.compat-build-info` the build infos of the two exporters.\n\n",
    );
    own(&mut out);
    out.push_str(
        "\n## StatsD\n\nMetrics of apps have the names that the apps give them, with `_` for what a name may not hold, or those \
         that a [mapping file](mapping.md) gives them. A counter is a `counter`, a gauge a `gauge`, a timer, histogram or \
         distribution a `summary` or a `histogram` in seconds for timers, and a set a `gauge` of how many members it has had \
         within `--statsd.set-window`.\n",
    );
    out
}

fn links(specs: &[&Spec]) -> String {
    let links: Vec<String> = specs.iter().map(|spec| format!("[{0}](#{0})", spec.name)).collect();
    links.join(", ")
}

fn collector(out: &mut String, spec: &Spec) {
    let state = if spec.default_enabled { "On" } else { "Off" };
    writeln!(out, "\n### {}\n\n{}. {state} by default.", spec.name, capital(spec.about)).unwrap();
    if !spec.flags.is_empty() {
        let names: Vec<String> = spec.flags.iter().map(|flag| format!("`--{}`", flag.name)).collect();
        writeln!(out, "Flags: {}.", names.join(", ")).unwrap();
    }
    if let Some(other) = portable::COLLECTORS.iter().find(|other| other.name == spec.name) {
        let names: Vec<String> = metrics(other).iter().map(|desc| format!("`{}`", desc.name)).collect();
        let all = metrics(spec).iter().all(|desc| metrics(other).iter().any(|there| there.name == desc.name));
        let which = if all { "all of them".into() } else { names.join(", ") };
        writeln!(out, "With `--host.backend=portable`: {which}.").unwrap();
    }
    table(out, spec);
}

fn table(out: &mut String, spec: &Spec) {
    out.push_str("\n| metric | type | unit | labels | help |\n|---|---|---|---|---|\n");
    let mut metrics: Vec<&&Desc<'_>> = metrics(spec).iter().collect();
    metrics.sort_by_key(|desc| desc.name);
    for desc in metrics {
        row(out, desc.name, desc.kind.as_str(), &desc.labels.join(", "), desc.help);
    }
}

/// A collector of macOS, where it is not one that is in the list already.
fn on_macos(out: &mut String, spec: &Spec) {
    if all_specs().iter().any(|other| other.name == spec.name && metrics(other) == metrics(spec)) {
        return;
    }
    let state = if spec.default_enabled { "On" } else { "Off" };
    writeln!(out, "\n### {} on macOS\n\n{}. {state} by default.", spec.name, capital(spec.about)).unwrap();
    table(out, spec);
}

fn row(out: &mut String, name: &str, kind: &str, labels: &str, help: &str) {
    let help = help.replace('\n', " ").replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*");
    writeln!(out, "| `{name}` | {kind} | {} | {labels} | {help} |", unit(name)).unwrap();
}

/// The unit that a name ends in, by the naming rules of Prometheus and the older names of node_exporter.
fn unit(name: &str) -> &'static str {
    let name = name.strip_suffix("_total").unwrap_or(name);
    for (ending, unit) in [
        ("seconds", "s"),
        ("bytes", "B"),
        ("_celsius", "°C"),
        ("_volts", "V"),
        ("_volt", "V"),
        ("_amps", "A"),
        ("_ampere", "A"),
        ("_joules", "J"),
        ("_joule", "J"),
        ("_watt", "W"),
        ("_watts", "W"),
        ("_hertz", "Hz"),
        ("_mhz", "MHz"),
        ("_rpm", "1/min"),
        ("_ratio", "ratio"),
        ("_percent", "%"),
        ("_info", "1"),
    ] {
        if name.ends_with(ending) {
            return unit;
        }
    }
    ""
}

fn capital(clause: &str) -> String {
    let mut chars = clause.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// A family of an exposition.
#[derive(Default)]
struct Family<'b> {
    help: &'b str,
    kind: &'b str,
    labels: BTreeMap<&'b str, BTreeSet<&'b str>>,
}

/// What a running agent shows besides the host and its apps. A label with few values is shown with them.
fn own(out: &mut String) {
    let dir = tempfile::tempdir().unwrap();
    let state = format!("--statsd.state-file={}", dir.path().join("state").display());
    let agent = Agent::start(&["--collector.disable-defaults", &state]);
    agent.send_udp(LINES);
    agent.await_value("statsd_exporter_lines_total", 4.0);
    let body = agent.metrics();
    let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
    for line in body.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            families.entry(name).or_default().help = help;
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            families.entry(name).or_default().kind = kind;
        } else if let Some((name, labels)) = line.split_once('{')
            && let Some(family) = families.get_mut(name)
        {
            for pair in labels.split_once('}').unwrap().0.split(',') {
                let (label, value) = pair.split_once('=').unwrap();
                family.labels.entry(label).or_default().insert(value.trim_matches('"'));
            }
        }
    }
    out.push_str("| metric | type | unit | labels | help |\n|---|---|---|---|---|\n");
    for (name, Family { help, kind, labels }) in families {
        if name.starts_with("docs_") {
            continue;
        }
        let bare = name.ends_with("_info") || labels.values().flatten().any(|value| value.starts_with("docs_"));
        let labels: Vec<String> = labels.into_iter().map(|(label, values)| shown(label, &values, bare)).collect();
        row(out, name, kind, &labels.join(", "), help);
    }
    for desc in tallyd::host::registry::METRICS {
        row(out, desc.name, desc.kind.as_str(), &desc.labels.join(", "), desc.help);
    }
}

fn shown(label: &str, values: &BTreeSet<&str>, bare: bool) -> String {
    if bare {
        return label.to_owned();
    }
    let values: Vec<&str> = values.iter().copied().collect();
    format!("{label} ({})", values.join(", "))
}
