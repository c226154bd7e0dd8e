//! A mapping file's tree to rules, with the checks and defaults of statsd_exporter (pkg/mapper/mapper.go, mapping.go).

use super::MapError;
use super::options::{ObserverType, Observers};
use super::rule::{Action, Defaults, EventKind, Rule};
use crate::model::name::is_label_name;
use crate::yaml::fields::{Fields, duration, entries, list, number, switch, text, word};
use crate::yaml::{Entry, Node};
use std::sync::Arc;
use std::time::Duration;

const FILE_KEYS: &[&str] = &["defaults", "mappings"];
const DEFAULTS_KEYS: &[&str] = &[
    "observer_type",
    "timer_type",
    "match_type",
    "glob_disable_ordering",
    "ttl",
    "summary_options",
    "histogram_options",
];
/// Keys that older files have at the top of a rule or of the defaults, and where they belong.
const MOVED: [(&str, &str); 2] = [("buckets", "histogram_options"), ("quantiles", "summary_options")];
const RULE_KEYS: &[&str] = &[
    "match",
    "match_type",
    "match_metric_type",
    "name",
    "labels",
    "honor_labels",
    "action",
    "help",
    "ttl",
    "scale",
    "observer_type",
    "timer_type",
    "summary_options",
    "histogram_options",
];

/// How a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchType {
    Glob,
    Regex,
}

/// A mapping file.
#[derive(Default)]
pub struct File<'a> {
    pub defaults: Defaults,
    pub glob_disable_ordering: bool,
    pub rules: Vec<RuleText<'a>>,
}

/// A rule with what matches and renders as text.
pub struct RuleText<'a> {
    pub rule: Rule,
    pub match_type: MatchType,
    pub matching: &'a str,
    /// The kinds of events that it is for.
    pub kinds: &'static [EventKind],
    pub name: &'a str,
    /// Names and values, by name.
    pub labels: Vec<(&'a str, &'a str)>,
}

/// Reads a whole file, which may have so many rules.
pub fn file(node: &Node, most: usize) -> Result<File<'_>, MapError> {
    let fields = Fields::new(node, FILE_KEYS)?;
    let (mut file, mut given) = (File::default(), Given::default());
    if let Some(node) = fields.get("defaults") {
        none_has_moved(node)?;
        let fields = Fields::new(node, DEFAULTS_KEYS)?;
        file.glob_disable_ordering = fields.read("glob_disable_ordering", switch)?.unwrap_or_default();
        given.match_type = fields.read("match_type", match_type)?;
        given.ttl = fields.read("ttl", ttl)?.flatten();
        given.observers = Observers::new(observer_type(&fields)?, &fields)?;
    }
    file.defaults = Defaults { ttl: given.ttl, observer: given.observers.unmapped() };
    if let Some(rules) = fields.read("mappings", list)? {
        for rule in rules {
            if file.rules.len() == most {
                let why = format!("there are more than {most} rules (--statsd.max-mapping-rules)");
                return Err(MapError::new(rule.line, why));
            }
            file.rules.push(given.rule(rule).map_err(|e| e.in_rule(matching(rule)))?);
        }
    }
    Ok(file)
}

/// What a rule matches, for an error about it.
fn matching(rule: &Node) -> Option<&str> {
    text(&entries(rule).ok()?.iter().find(|entry| &*entry.key == "match")?.node).ok()
}

/// Refuses what statsd_exporter took at this place once.
fn none_has_moved(node: &Node) -> Result<(), MapError> {
    let moved = |entry: &Entry| MOVED.iter().find(|(key, _)| *key == &*entry.key).map(|(_, place)| (entry.line, place));
    match entries(node)?.iter().find_map(|entry| Some((entry, moved(entry)?))) {
        Some((Entry { key, .. }, (line, place))) => Err(MapError::new(line, format!("{key} belong into {place}"))),
        None => Ok(()),
    }
}

/// What rules inherit.
#[derive(Default)]
struct Given {
    match_type: Option<MatchType>,
    ttl: Option<Duration>,
    observers: Observers,
}

impl Given {
    fn rule<'a>(&self, node: &'a Node) -> Result<RuleText<'a>, MapError> {
        none_has_moved(node)?;
        let fields = Fields::new(node, RULE_KEYS)?;
        let needed = |key: &str| MapError::new(node.line, format!("the rule has no {key}"));
        let matching = fields.read("match", text)?.ok_or_else(|| needed("match"))?;
        let name = fields.read("name", text)?.filter(|name| !name.is_empty()).ok_or_else(|| needed("name"))?;
        if !is_name_template(name) {
            let line = fields.get("name").map_or(node.line, |name| name.line);
            let why = "is no metric name: letters, digits, _, $1 and ${1}, with no digit in front";
            return Err(MapError::new(line, format!("name: {name} {why}")));
        }
        let match_type = fields.read("match_type", match_type)?.or(self.match_type).unwrap_or(MatchType::Glob);
        if match_type == MatchType::Glob && !is_glob(matching) {
            let line = fields.get("match").map_or(node.line, |node| node.line);
            let why = "this is no glob: words of letters, digits, _ and single -, or a * alone, with dots between";
            return Err(MapError::new(line, why));
        }
        let rule = Rule {
            matching: matching.into(),
            line: node.line,
            action: fields.read("action", action)?.unwrap_or(Action::Map),
            help: fields.read("help", text)?.filter(|help| !help.is_empty()).map(Arc::from),
            ttl: fields.read("ttl", ttl)?.flatten().or(self.ttl),
            scale: fields.read("scale", number)?,
            honor_labels: fields.read("honor_labels", switch)?.unwrap_or_default(),
            observer: self.observers.of_rule(observer_type(&fields)?, &fields)?,
        };
        let kinds = fields.read("match_metric_type", event_kinds)?.unwrap_or(&EventKind::ALL);
        Ok(RuleText { rule, match_type, matching, kinds, name, labels: labels(&fields)? })
    }
}

fn labels<'a>(fields: &Fields<'a>) -> Result<Vec<(&'a str, &'a str)>, MapError> {
    let Some(node) = fields.get("labels") else { return Ok(Vec::new()) };
    let mut labels = Vec::new();
    for Entry { key, line, node } in entries(node)? {
        if key.len() < 2 || !is_label_name(key) {
            let why = "is no label name: two or more letters, digits and _, with no digit in front";
            return Err(MapError::new(*line, format!("labels: {key} {why}")));
        }
        labels.push((&**key, text(node)?));
    }
    labels.sort_unstable();
    Ok(labels)
}

fn match_type(node: &Node) -> Result<MatchType, MapError> {
    word(node, &[("glob", MatchType::Glob), ("regex", MatchType::Regex), ("", MatchType::Glob)])
}

fn action(node: &Node) -> Result<Action, MapError> {
    word(node, &[("map", Action::Map), ("drop", Action::Drop), ("", Action::Map)])
}

fn event_kinds(node: &Node) -> Result<&'static [EventKind], MapError> {
    use EventKind::{Counter, Gauge, Observer};
    word(node, &[("counter", &[Counter][..]), ("gauge", &[Gauge]), ("observer", &[Observer])])
}

/// `timer_type` is an older spelling of `observer_type`.
fn observer_type(fields: &Fields<'_>) -> Result<Option<ObserverType>, MapError> {
    let read = |node: &_| {
        let types = [("summary", ObserverType::Summary), ("histogram", ObserverType::Histogram)];
        word(node, &[types[0], types[1], ("", ObserverType::Summary)])
    };
    match (fields.read("observer_type", read)?, fields.read("timer_type", read)?) {
        (Some(_), Some(_)) => {
            let line = fields.get("timer_type").map_or(0, |node| node.line);
            Err(MapError::new(line, "timer_type is another spelling of observer_type; give one of them"))
        }
        (new, old) => Ok(new.or(old)),
    }
}

/// Zero is no time to live, which leaves the default's.
fn ttl(node: &Node) -> Result<Option<Duration>, MapError> {
    Ok(Some(duration(node)?).filter(|ttl| !ttl.is_zero()))
}

/// `metricLineRE` of statsd_exporter: words with single dashes inside, or stars; the first word has no digit in front.
fn is_glob(text: &str) -> bool {
    let word = |part: &str| {
        let edges = [part.chars().next(), part.chars().next_back()];
        !edges.contains(&None)
            && !edges.contains(&Some('-'))
            && !part.contains("--")
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    !text.starts_with(|c: char| c.is_ascii_digit()) && text.split('.').all(|part| part == "*" || word(part))
}

/// `metricNameRE` of statsd_exporter: a name of which `$1` and `${1}` may be parts.
fn is_name_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '$' {
            let digits = rest.strip_prefix('{').unwrap_or(rest);
            rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
            if rest.len() == digits.len() {
                return false;
            }
            rest = rest.strip_prefix('}').unwrap_or(rest);
        } else if !(c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
    }
    !text.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_and_names_are_told_from_other_text() {
        for (text, want) in [
            ("a", true),
            ("*", true),
            ("a.b-c.*", true),
            ("*.1.2a", true),
            ("a_.__", true),
            ("", false),
            ("1.a", false),
            ("a.", false),
            (".a", false),
            ("a.b*", false),
            ("a.**", false),
            ("a.-b", false),
            ("a.b-", false),
            ("a.b--c", false),
            ("å.*", false),
            ("a b", false),
        ] {
            assert_eq!(is_glob(text), want, "glob: {text:?}");
        }
        for (text, want) in [
            ("a", true),
            ("a_1", true),
            ("$1", true),
            ("${1}_total", true),
            ("$1_total", true),
            ("a$1$2", true),
            ("${1", true),
            ("$1}", true),
            ("1a", false),
            ("a-b", false),
            ("a:b", false),
            ("$", false),
            ("$x", false),
            ("a.b", false),
            ("å", false),
        ] {
            assert_eq!(is_name_template(text), want, "name: {text:?}");
        }
    }
}
