//! Random rules and random names: what the mapper makes of them against a slow model that says in plain words what the
//! mapping language means.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use regex::{Captures, Regex};
use std::fmt::Write;
use tallyd::statsd::map::{Action, EventKind, Mapper, Scratch};

#[derive(Clone, Debug)]
struct Rule {
    matching: String,
    regex: bool,
    kind: Option<EventKind>,
    drop: bool,
    name: String,
    labels: Vec<(String, String)>,
}

/// What becomes of a name: nothing, a drop, or a metric name with labels.
#[derive(Debug, PartialEq)]
enum Outcome {
    Unmapped,
    Drop,
    Series(String, Vec<(String, String)>),
}

/// Makes a text of a template.
type Expand<'a> = Box<dyn Fn(&str) -> String + 'a>;

struct Model {
    rules: Vec<Rule>,
    /// Of each rule, if it is one.
    regexes: Vec<Option<Regex>>,
    ordered: bool,
}

impl Model {
    fn outcome(&self, name: &str, kind: EventKind) -> Outcome {
        let glob = if self.ordered { self.first_glob(name, kind) } else { self.tightest_glob(name, kind) };
        let (rule, expand): (&Rule, Expand<'_>) = match glob {
            Some(rule) => (rule, Box::new(|template| expand_glob(template, &rule.matching, name))),
            None => {
                let rules = self.rules.iter().zip(&self.regexes).filter(|(rule, _)| rule.is_for(kind));
                let mut found = rules.filter_map(|(rule, regex)| {
                    let pattern = regex.as_ref()?;
                    let template = |template: &str, captures: &Captures<'_>| {
                        let mut out = String::new();
                        captures.expand(template, &mut out);
                        out
                    };
                    pattern.is_match(name).then_some((rule, pattern, template))
                });
                let Some((rule, pattern, expand)) = found.next() else { return Outcome::Unmapped };
                let name = name.to_owned();
                (rule, Box::new(move |text| expand(text, &pattern.captures(&name).unwrap())))
            }
        };
        if rule.drop {
            return Outcome::Drop;
        }
        let mut labels: Vec<_> = rule.labels.iter().map(|(name, value)| (name.clone(), expand(value))).collect();
        labels.sort();
        Outcome::Series(expand(&rule.name), labels)
    }

    fn globs(&self, kind: EventKind) -> impl DoubleEndedIterator<Item = (usize, &Rule)> + Clone {
        self.rules.iter().enumerate().filter(move |(_, rule)| !rule.regex && rule.is_for(kind))
    }

    /// A glob is used unless an earlier one is the same or begins with all of its parts.
    fn is_used(&self, place: usize, kind: EventKind) -> bool {
        let parts = self.rules[place].parts();
        !self.globs(kind).any(|(earlier, rule)| earlier < place && rule.parts().starts_with(&parts))
    }

    /// With order: the first of those that match, where a rule stands at its last repetition.
    fn first_glob(&self, name: &str, kind: EventKind) -> Option<&Rule> {
        let place = |rule: &Rule| self.globs(kind).rev().find(|(_, other)| other.matching == rule.matching).unwrap().0;
        self.globs(kind)
            .filter(|(i, rule)| self.is_used(*i, kind) && holds(&rule.matching, name))
            .min_by_key(|(_, rule)| place(rule))
            .map(|(_, rule)| rule)
    }

    /// Without order: from the front, a word goes before a star.
    fn tightest_glob(&self, name: &str, kind: EventKind) -> Option<&Rule> {
        if self.goes_back() {
            let stars = |rule: &Rule| rule.parts().iter().map(|part| part == "*").collect::<Vec<_>>();
            return self
                .globs(kind)
                .filter(|(i, rule)| self.is_used(*i, kind) && holds(&rule.matching, name))
                .min_by_key(|(_, rule)| stars(rule))
                .map(|(_, rule)| rule);
        }
        let words: Vec<&str> = name.split('.').collect();
        let mut path: Vec<String> = Vec::new();
        for (i, word) in words.iter().enumerate() {
            let left = words.len() - i - 1;
            // As long as some rule is no longer, and some no shorter, than what is left.
            let leads = |part: &str| {
                let way = [&path[..], &[part.to_owned()]].concat();
                let lengths = self.globs(kind).map(|(_, rule)| rule.parts()).filter(|parts| parts.starts_with(&way));
                let lengths: Vec<usize> = lengths.map(|parts| parts.len() - way.len()).collect();
                lengths.iter().any(|length| *length <= left) && lengths.iter().any(|length| *length >= left)
            };
            path.push([*word, "*"].into_iter().find(|part| leads(part))?.to_owned());
        }
        self.globs(kind).find(|(i, rule)| rule.parts() == path && self.is_used(*i, kind)).map(|(_, rule)| rule)
    }

    /// Whether a word that leads nowhere is given up for the star beside it: if for any rule that is possible with
    /// another of its length, and the rule neither holds another nor is held by one.
    fn goes_back(&self) -> bool {
        let globs: Vec<&str> =
            self.rules.iter().filter(|rule| !rule.regex).map(|rule| rule.matching.as_str()).collect();
        let others = |i: usize| {
            let (globs, parts) = (&globs, globs[i].split('.').count());
            (0..globs.len()).filter(move |j| *j != i && globs[*j].split('.').count() == parts).map(|j| globs[j])
        };
        (0..globs.len()).any(|i| {
            let mut stars = globs[i].match_indices('*');
            stars.any(|(star, _)| others(i).any(|other| other.starts_with(&globs[i][..star])))
                && !others(i).any(|other| holds(globs[i], other) || holds(other, globs[i]))
        })
    }
}

impl Rule {
    fn is_for(&self, kind: EventKind) -> bool {
        self.kind.is_none_or(|own| own == kind)
    }

    fn parts(&self) -> Vec<String> {
        self.matching.split('.').map(str::to_owned).collect()
    }

    fn yaml(&self, out: &mut String) {
        write!(out, "- match: '{}'\n  name: '{}'\n", self.matching, self.name).unwrap();
        self.kind.iter().for_each(|kind| writeln!(out, "  match_metric_type: {}", kind.name()).unwrap());
        out.push_str(if self.regex { "  match_type: regex\n" } else { "" });
        out.push_str(if self.drop { "  action: drop\n  labels:\n" } else { "  labels:\n" });
        self.labels.iter().for_each(|(name, value)| writeln!(out, "    {name}: '{value}'").unwrap());
    }
}

/// Whether a glob matches a text: as many parts, each the same or a star.
fn holds(glob: &str, text: &str) -> bool {
    let (glob, text): (Vec<&str>, Vec<&str>) = (glob.split('.').collect(), text.split('.').collect());
    glob.len() == text.len() && glob.iter().zip(text).all(|(part, word)| *part == "*" || *part == word)
}

/// The regex crate's, which shares no engine with ours. Go's classes know ASCII only.
fn go_regex(text: &str) -> Regex {
    let classes = [("\\w", "[0-9A-Za-z_]"), ("\\W", "[^0-9A-Za-z_]"), ("\\d", "[0-9]"), ("\\b", "(?-u:\\b)")];
    let text = classes.iter().fold(text.to_owned(), |text, (class, meaning)| text.replace(class, meaning));
    Regex::new(&text).unwrap()
}

/// A reference is a number of a star, 0 for the whole name; another reference is empty.
fn expand_glob(template: &str, glob: &str, name: &str) -> String {
    let captured = glob.split('.').zip(name.split('.')).filter(|(part, _)| *part == "*").map(|(_, word)| word);
    let captured: Vec<&str> = std::iter::once(name).chain(captured).collect();
    let references = Regex::new(r"\$\{?([a-zA-Z0-9_$]+)\}?").unwrap();
    let group = |found: &Captures<'_>| found[1].parse::<usize>().ok().and_then(|i| captured.get(i).copied());
    references.replace_all(template, |found: &Captures<'_>| group(found).unwrap_or_default().to_owned()).into_owned()
}

fn rule() -> impl Strategy<Value = Rule> {
    let word = select(vec!["a", "b", "c", "x-1", "*", "*"]);
    let glob = prop::collection::vec(word, 1..5).prop_map(|parts| (parts.join("."), false));
    let regexes = ["a", "^b\\.(\\w+)$", "(\\w+)", "(?P<part>x-\\d)\\.", "(a|c)\\.b", "\\.([^.]*)\\.", "(b)?c", ""];
    let regex = select(regexes.to_vec()).prop_map(|regex| (regex.to_owned(), true));
    let kind = prop_oneof![3 => Just(None), 1 => select(EventKind::ALL.to_vec()).prop_map(Some)];
    let names = select(vec!["fix", "$1", "m_${2}", "${1}_total", "$1_total", "$2${1}", "m$1$2", "$0"]);
    let values =
        select(vec!["fix", "$1", "$2", "$1-$2", "${1}x", "$1x", "$0", "$3", "${part}", "$$1", "100%", "$1$2", "$-"]);
    let labels = prop::collection::btree_map(select(vec!["l0", "l1", "l2"]), values, 0..3);
    (prop_oneof![4 => glob, 1 => regex], kind, prop::bool::weighted(0.2), names, labels).prop_map(
        |((matching, regex), kind, drop, name, labels)| {
            let labels = labels.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            Rule { matching, regex, kind, drop, name: name.to_owned(), labels }
        },
    )
}

/// Expressions that have no text, or the same, in such a number that they are asked at once.
fn crowd() -> impl Strategy<Value = Vec<Rule>> {
    let regexes = [
        "^(\\w{#})\\.(\\w)",
        "(\\w*)\\W{#}([^.]*)$",
        "^.{#}$",
        "(\\W|\\w{#})+\\b",
        "[a-d]{#}(-\\d)?",
        "^(?:\\w+\\.){#}(\\w+)?$",
        "(?:(b|a)\\.){#}",
        "[^!-~]{#}()",
    ];
    let matching = (select(regexes.to_vec()), 1u8..7)
        .prop_map(|(regex, count): (&str, u8)| regex.replace('#', &count.to_string()));
    let one = (rule(), matching).prop_map(|(rule, matching)| Rule { matching, regex: true, ..rule });
    prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(one, 17..40)]
}

fn name() -> impl Strategy<Value = String> {
    let word = select(vec!["a", "b", "c", "x-1", "", "d", "é"]);
    prop::collection::vec(word, 1..6).prop_map(|parts| parts.join("."))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_mapper_does_what_the_model_says(
        mut rules in prop::collection::vec(rule(), 1..9),
        crowd in crowd(),
        again in prop::collection::vec((any::<Index>(), rule()), 0..3),
        names in prop::collection::vec((name(), select(EventKind::ALL.to_vec())), 20),
        ordered: bool,
    ) {
        rules.extend(crowd);
        for (of, rule) in again {
            let Rule { matching, regex, kind, .. } = of.get(&rules).clone();
            rules.push(Rule { matching, regex, kind, ..rule });
        }
        let mut text = format!("defaults: {{glob_disable_ordering: {}}}\nmappings:\n", !ordered);
        rules.iter().for_each(|rule| rule.yaml(&mut text));
        let mapper = Mapper::from_yaml(&text).unwrap();
        let regexes = rules.iter().map(|rule| rule.regex.then(|| go_regex(&rule.matching))).collect();
        let model = Model { rules, regexes, ordered };
        let mut scratch = Scratch::default();
        for (name, kind) in names {
            let want = model.outcome(&name, kind);
            let got = mapper.find(&name, kind, &mut scratch).map_or(Outcome::Unmapped, |found| {
                let labels = found.labels().map(|(name, value)| (name.to_owned(), value.to_owned()));
                match found.rule.action {
                    Action::Drop => Outcome::Drop,
                    Action::Map => Outcome::Series(found.name.to_owned(), labels.collect()),
                }
            });
            prop_assert_eq!(got, want, "name: {:?}, kind: {:?}, rules:\n{}", name, kind, text);
        }
    }

    /// Whatever stands in a file, it is read or refused.
    #[test]
    fn any_text_is_read_or_refused(pieces in prop::collection::vec(select(PIECES.to_vec()), 0..40)) {
        let text = pieces.concat();
        match Mapper::from_yaml(&text) {
            Ok(mapper) => drop(mapper.find("a.b", EventKind::Counter, &mut Scratch::default())),
            Err(e) => prop_assert!(!e.to_string().is_empty()),
        }
    }
}

const PIECES: &[&str] = &[
    "mappings:",
    "\n",
    "\n- ",
    "\n  ",
    " ",
    "match: ",
    "name: ",
    "a.*",
    "'*'",
    "labels: ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "&x ",
    "*x",
    "<<: ",
    "defaults:",
    "ttl: ",
    "0",
    "5s",
    "regex",
    "match_type: ",
    "\"",
    "'",
    "|",
    ">",
    "\t",
    "#",
    "!t",
    "? ",
    ": ",
    "---",
    "...",
    "%",
    "é",
    "\u{0}",
    "\r",
    "$1",
    "(",
    "summary_options: ",
    "quantiles: ",
    "buckets: ",
    "~",
];
