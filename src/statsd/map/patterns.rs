//! Regular expressions in file order.
//!
//! A name is tried against few of them: most expressions hold a text without which they can't match, and one walk over
//! the name finds which of these texts are in it. What has no such text (`(\w+)\.(\w+)`) is tried on each name.

use super::rule::EventKind;
use super::scratch::Scratch;
use crate::pattern::translate;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// Longer texts are cut to this many bytes.
const MAX_LITERAL_BYTES: usize = 128;
/// A choice between more texts than this is left out of sight.
const MAX_LITERALS: usize = 32;

/// Compiles an expression that means what it means in Go, to so many bytes at the most.
///
/// It works on bytes because without Unicode's tables only a byte can be compared regardless of case, as `(?i)` asks.
pub fn compile(text: &str, most: usize) -> Result<Regex, regex::Error> {
    let translated = translate(text);
    let build = |unicode| RegexBuilder::new(&translated).unicode(unicode).size_limit(most).build();
    build(true).or_else(|e| if text.contains("(?") { build(false).map_err(|_| e) } else { Err(e) })
}

/// The expressions of a mapping file.
#[derive(Debug, Default)]
pub struct Patterns {
    patterns: Vec<Pattern>,
    /// Those to try on each name.
    always: Vec<u32>,
    /// Children in the tree of bytes that the texts form.
    bytes: HashMap<(u32, u8), u32, RandomState>,
    /// Nodes of that tree: the number of the text that ends there, from 1.
    nodes: Vec<u32>,
    /// For each text, the expressions that need it.
    needed: Vec<Vec<u32>>,
}

/// Texts of which a match holds at least one.
type Texts = Vec<Vec<u8>>;

#[derive(Debug)]
struct Pattern {
    regex: Regex,
    kinds: &'static [EventKind],
    rule: u32,
}

impl Patterns {
    /// Adds an expression for some kinds of events.
    pub fn insert(&mut self, regex: Regex, kinds: &'static [EventKind], rule: u32) {
        self.patterns.push(Pattern { regex, kinds, rule });
    }

    /// Ends the building: finds what each expression can be known by.
    pub fn finish(&mut self) {
        let known: Vec<Vec<Texts>> = self.patterns.iter().map(|pattern| texts(pattern.regex.as_str())).collect();
        let mut uses: HashMap<&[u8], usize, RandomState> = HashMap::default();
        known.iter().flatten().flatten().for_each(|text| *uses.entry(text).or_default() += 1);
        for (id, choices) in (0..).zip(&known) {
            // What few others have says most; of these the longest.
            let weight = |texts: &Texts| {
                let uses: usize = texts.iter().filter_map(|text| uses.get(&**text)).sum();
                (uses, texts.iter().map(|text| usize::MAX - text.len()).max())
            };
            match choices.iter().min_by_key(|texts| weight(texts)) {
                Some(texts) => texts.iter().for_each(|text| self.need(text, id)),
                None => self.always.push(id),
            }
        }
    }

    fn need(&mut self, literal: &[u8], id: u32) {
        if self.nodes.is_empty() {
            self.nodes.push(0);
        }
        let mut node = 0;
        for byte in literal.iter().take(MAX_LITERAL_BYTES) {
            let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
            node = *self.bytes.entry((node, *byte)).or_insert(next);
            if node == next {
                self.nodes.push(0);
            }
        }
        let number = &mut self.nodes[node as usize];
        if *number == 0 {
            self.needed.push(Vec::new());
            *number = u32::try_from(self.needed.len()).unwrap_or(u32::MAX);
        }
        self.needed[*number as usize - 1].push(id);
    }

    /// The first expression that matches a name, by its rule, and what its groups hold.
    pub fn find<'n>(&self, name: &'n str, kind: EventKind, scratch: &mut Scratch) -> Option<(u32, Captures<'n>)> {
        self.collect(name.as_bytes(), scratch);
        scratch.candidates.iter().find_map(|id| {
            let Pattern { regex, kinds, rule } = &self.patterns[*id as usize];
            let captures = if kinds.contains(&kind) { regex.captures(name.as_bytes()) } else { None };
            captures.map(|captures| (*rule, captures))
        })
    }

    /// Puts the expressions that may match into `scratch.candidates`, in order.
    fn collect(&self, name: &[u8], scratch: &mut Scratch) {
        let Scratch { candidates, seen, .. } = scratch;
        candidates.clear();
        candidates.extend(&self.always);
        seen.start(self.needed.len());
        for start in 0..name.len() {
            let mut node = 0;
            for byte in &name[start..] {
                match self.bytes.get(&(node, *byte)) {
                    Some(next) => node = *next,
                    None => break,
                }
                let number = self.nodes[node as usize] as usize;
                if number > 0 && seen.put(number - 1) {
                    candidates.extend(&self.needed[number - 1]);
                }
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

/// Sets of texts; a match of the expression holds at least one of each.
fn texts(regex: &str) -> Vec<Texts> {
    // What only compiles without Unicode is known by nothing.
    let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(regex);
    parsed.map(|hir| required(&hir)).unwrap_or_default()
}

fn required(hir: &Hir) -> Vec<Texts> {
    match hir.kind() {
        HirKind::Literal(literal) => vec![vec![literal.0.to_vec()]],
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(required).collect(),
        HirKind::Alternation(parts) => {
            let longest = |part| required(part).into_iter().max_by_key(|texts| texts.iter().map(Vec::len).min());
            let texts: Option<Vec<Texts>> = parts.iter().map(longest).collect();
            texts.map(|texts| texts.concat()).filter(|texts| texts.len() <= MAX_LITERALS).into_iter().collect()
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_match_must_hold() {
        for (text, want) in [
            ("svc\\.(\\w+)\\.count", "svc. .count"),
            ("^svc-(\\d+)$", "svc-"),
            ("(a|bc)\\.(\\w+)", "a|bc ."),
            ("(web|app)(\\w+)", "web|app"),
            ("(x\\d+yy|app)(\\w+)", "yy|app"),
            ("(\\w+|app)", ""),
            ("(abc)?d", "d"),
            ("(abc)+d", "abc d"),
            ("a{2}", "a"),
            (".", ""),
            ("a*", ""),
            ("", ""),
            ("(?i)a", ""),
        ] {
            let sets = texts(&translate(text)).into_iter().map(|texts| String::from_utf8(texts.join(&b'|')).unwrap());
            assert_eq!(sets.collect::<Vec<_>>().join(" "), want, "text: {text:?}");
        }
    }

    #[test]
    fn a_name_is_tried_against_few() {
        let mut patterns = Patterns::default();
        for rule in 0..100 {
            let text = format!("^app{rule}\\.(\\w+)\\.requests\\.");
            patterns.insert(compile(&text, 1 << 20).unwrap(), &EventKind::ALL, rule);
        }
        patterns.finish();
        let mut scratch = Scratch::default();
        assert!(patterns.find("app42.x.requests.y", EventKind::Gauge, &mut scratch).is_some());
        assert_eq!(scratch.candidates, [42]);
    }

    #[test]
    fn the_first_expression_that_matches_wins() {
        let texts = ["^svc\\.(\\w+)$", "svc", "(\\w+)\\.x", "(?i)UPPER", "a|b\\.c", "\\w", "é+"];
        let mut patterns = Patterns::default();
        for (rule, text) in texts.iter().enumerate() {
            patterns.insert(compile(text, 1 << 20).unwrap(), &[EventKind::Gauge], u32::try_from(rule).unwrap());
        }
        patterns.finish();
        let mut scratch = Scratch::default();
        for (name, want) in [
            ("svc.a", Some(0)),
            ("svc.a.b", Some(1)),
            ("q.x.y", Some(2)),
            ("the.upper.one", Some(3)),
            ("b.c", Some(4)),
            ("_", Some(5)),
            ("é", Some(6)),
            ("", None),
            ("-", None),
        ] {
            let got = patterns.find(name, EventKind::Gauge, &mut scratch).map(|(rule, _)| rule);
            assert_eq!(got, want, "name: {name:?}");
            assert_eq!(patterns.find(name, EventKind::Counter, &mut scratch).map(|(rule, _)| rule), None);
        }
    }
}
