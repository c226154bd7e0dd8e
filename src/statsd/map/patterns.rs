//! Regular expressions in file order.
//!
//! A name is tried against few of them: most expressions hold a text without which they can't match, and one walk over
//! the name finds which of these texts are in it. What has no such text (`(\w+)\.(\w+)`) is tried on each name.

use super::rule::EventKind;
use super::scratch::Scratch;
use crate::pattern::{MAX_COMPILED_BYTES, translate};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// Longer texts are cut to this many bytes.
const MAX_LITERAL_BYTES: usize = 128;
/// An expression whose alternatives need more texts than this is tried on each name.
const MAX_LITERALS: usize = 32;

/// Compiles an expression that means what it means in Go.
///
/// It works on bytes because without Unicode's tables only a byte can be compared regardless of case, as `(?i)` asks.
pub fn compile(text: &str) -> Result<Regex, regex::Error> {
    let translated = translate(text);
    let build = |unicode| RegexBuilder::new(&translated).unicode(unicode).size_limit(MAX_COMPILED_BYTES).build();
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

#[derive(Debug)]
struct Pattern {
    regex: Regex,
    kinds: Vec<EventKind>,
    rule: u32,
}

impl Patterns {
    /// Adds an expression for some kinds of events.
    pub fn insert(&mut self, text: &str, regex: Regex, kinds: &[EventKind], rule: u32) {
        let id = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        self.patterns.push(Pattern { regex, kinds: kinds.to_vec(), rule });
        let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(&translate(text));
        match parsed.ok().and_then(|hir| required(&hir)) {
            Some(literals) => literals.iter().for_each(|literal| self.need(literal, id)),
            None => self.always.push(id),
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
        seen.clear();
        seen.resize(self.needed.len(), false);
        for start in 0..name.len() {
            let mut node = 0;
            for byte in &name[start..] {
                match self.bytes.get(&(node, *byte)) {
                    Some(next) => node = *next,
                    None => break,
                }
                let number = self.nodes[node as usize] as usize;
                if number > 0 && !std::mem::replace(&mut seen[number - 1], true) {
                    candidates.extend(&self.needed[number - 1]);
                }
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

/// Texts of which each match holds at least one. `None`: there are none, or too many.
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        // The part whose shortest text is the longest says most.
        HirKind::Concat(parts) => {
            parts.iter().filter_map(required).max_by_key(|texts| texts.iter().map(Vec::len).min())
        }
        HirKind::Alternation(parts) => {
            let texts: Vec<Vec<u8>> = parts.iter().map(required).collect::<Option<Vec<_>>>()?.concat();
            (texts.len() <= MAX_LITERALS).then_some(texts)
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(text: &str) -> Option<String> {
        let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(&translate(text)).unwrap();
        required(&hir).map(|texts| String::from_utf8(texts.join(&b'|')).unwrap())
    }

    #[test]
    fn what_a_match_must_hold() {
        for (text, want) in [
            ("svc\\.(\\w+)\\.count", Some(".count")),
            ("^svc-(\\d+)$", Some("svc-")),
            ("(a|bc)\\.(\\w+)", Some(".")),
            ("(web|app)(\\w+)", Some("web|app")),
            ("(\\w+)\\.(\\w+)", Some(".")),
            ("(\\w+)", None),
            (".", None),
            ("a*", None),
            ("(abc)?d", Some("d")),
            ("", None),
            ("[.]", Some(".")),
        ] {
            assert_eq!(literals(text).as_deref(), want, "text: {text:?}");
        }
    }

    #[test]
    fn the_first_expression_that_matches_wins() {
        let texts = ["^svc\\.(\\w+)$", "svc", "(\\w+)\\.x", "(?i)UPPER", "a|b\\.c", "\\w", "é+"];
        let mut patterns = Patterns::default();
        for (rule, text) in texts.iter().enumerate() {
            patterns.insert(text, compile(text).unwrap(), &[EventKind::Gauge], u32::try_from(rule).unwrap());
        }
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
