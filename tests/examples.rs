//! The mapping files of `examples/`: what each app sends becomes the metrics, labels and buckets of its walkthrough.
//! `.ci/walkthroughs` runs the apps themselves.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use tallyd::statsd::map::{EventKind, Limits, Mapper, Observer, Rule, Scratch, Source};

/// The default buckets of Prometheus' client for Python, which the apps of the walkthroughs use.
const CLIENT_BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
const DOLLARS: &[f64] = &[10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0];

/// What an app sends, as app, kind and name, and the series it becomes. Of those that carry their labels as tags only the
/// name is mapped.
const SENT: &[(&str, &str, &str, &str)] = &[
    (
        "flask_demo",
        "counter",
        "flask_demo.requests.GET.get_users.200",
        r#"flask_http_requests_total{endpoint="get_users",method="GET",status="200"}"#,
    ),
    (
        "flask_demo",
        "observer",
        "flask_demo.duration.POST.create_order",
        r#"flask_http_request_duration_seconds{endpoint="create_order",method="POST"}"#,
    ),
    ("flask_demo", "counter", "flask_demo.orders_created", "app_orders_created_total{}"),
    ("flask_demo", "counter", "flask_demo.revenue", "app_revenue_total{}"),
    ("flask_demo", "gauge", "flask_demo.active_users", "app_active_users{}"),
    ("flask_demo", "gauge", "flask_demo.uptime", "app_uptime_seconds{}"),
    (
        "flask_demo",
        "gauge",
        "flask_demo.info.production.1.0.0",
        r#"app_info{environment="production",version="1.0.0"}"#,
    ),
    ("orders_demo", "counter", "orders_demo.requests", "flask_http_request_total{}"),
    ("orders_demo", "observer", "orders_demo.duration", "flask_http_request_duration_seconds{}"),
    ("orders_demo", "observer", "orders_demo.query", "database_query_duration_seconds{}"),
    ("orders_demo", "counter", "orders_demo.orders", "orders_total{}"),
    ("orders_demo", "observer", "orders_demo.order_value", "order_value_dollars{}"),
    ("orders_demo", "gauge", "orders_demo.active_users", "active_users{}"),
    (
        "load",
        "counter",
        "load.requests.GET.index.200",
        r#"flask_app_requests_total{endpoint="index",http_status="200",method="GET"}"#,
    ),
    ("load", "observer", "load.latency.index", r#"flask_app_request_latency_seconds{endpoint="index"}"#),
    ("fastapi_demo", "counter", "fastapi_demo.requests", "http_requests_total{}"),
    ("fastapi_demo", "observer", "fastapi_demo.duration", "http_request_duration_seconds{}"),
    ("fastapi_demo", "gauge", "fastapi_demo.active_connections", "active_connections{}"),
    ("workshop", "counter", "workshop.requests", "flask_http_request_total{}"),
    ("workshop", "observer", "workshop.duration", "flask_http_request_duration_seconds{}"),
    ("workshop", "counter", "workshop.custom_requests", "webapp_custom_requests_total{}"),
    ("workshop", "counter", "workshop.business_operations", "webapp_business_operations_total{}"),
];

fn examples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
}

fn mapper(app: &str) -> Mapper {
    Source { path: examples().join(app).join("mapping.yml"), limits: Limits::default() }.load().unwrap()
}

fn buckets(rule: &Rule) -> &[f64] {
    match &rule.observer {
        Observer::Histogram(options) => &options.buckets,
        Observer::Summary(_) => &[],
    }
}

#[test]
fn what_an_app_sends_becomes_what_its_walkthrough_shows() {
    for &(app, kind, sent, want) in SENT {
        let kind = EventKind::ALL.into_iter().find(|k| k.name() == kind).unwrap();
        let (mapper, mut scratch) = (mapper(app), Scratch::default());
        let found = mapper.find(sent, kind, &mut scratch).unwrap_or_else(|| panic!("{sent} is mapped"));
        let labels: Vec<String> = found.labels().map(|(name, value)| format!("{name}={value:?}")).collect();
        assert_eq!(format!("{}{{{}}}", found.name, labels.join(",")), want, "{sent}");
        assert!(found.rule.help.is_some(), "{sent} has a help text");
        if kind == EventKind::Observer {
            let want = if sent.ends_with("order_value") { DOLLARS } else { CLIENT_BUCKETS };
            assert_eq!(buckets(found.rule), want, "{sent}");
        }
        // A gauge that outlives its app shows what is no longer so; a counter that goes would start again at 0.
        assert_eq!(found.rule.ttl.is_some(), kind == EventKind::Gauge, "{sent}: ttl");
    }
}

#[test]
fn each_app_is_here_and_each_rule_is_used() {
    let apps: BTreeSet<String> = fs::read_dir(examples())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let tested: BTreeSet<String> = SENT.iter().map(|(app, ..)| (*app).to_owned()).collect();
    assert_eq!(apps, tested);
    for app in apps {
        let mapper = mapper(&app);
        assert_eq!(mapper.unused().count(), 0, "{app}: no rule hides another");
        let rules = SENT.iter().filter(|(of, ..)| *of == app).count();
        assert_eq!(mapper.rules().len(), rules, "{app}: each rule is tested");
    }
}

#[test]
fn the_mapping_files_can_be_joined() {
    // docs/walkthroughs.md says so: one agent takes all five apps.
    let mut joined = String::from("mappings:\n");
    let apps: BTreeSet<&str> = SENT.iter().map(|(app, ..)| *app).collect();
    for app in apps {
        let text = fs::read_to_string(examples().join(app).join("mapping.yml")).unwrap();
        joined.push_str(text.split_once("mappings:\n").unwrap().1);
    }
    let mapper = Mapper::from_yaml(&joined).unwrap();
    assert_eq!(mapper.rules().len(), SENT.len());
    assert_eq!(mapper.unused().count(), 0);
}
