//! Regular expressions in file order.
//!
//! A name is tried against few of them: most expressions hold a text without which they can't match, and one walk over
//! the name finds which of these texts are in it. What has no such text (`(\w+)-(\w+)`), or one that many have, is asked
//! at once, as a set.

use super::rule::EventKind;
use super::scratch::Scratch;
use super::set::{Full, Set};
use super::texts::{Texts, Tree, required};
use crate::pattern::{Pattern, parse};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use regex_syntax::hir::Hir;
use std::cmp::Reverse;

/// So many expressions with the same text are tried one by one.
const FEW: usize = 4;
/// The set takes expressions up to so many states of theirs. The rest is tried one by one.
const MAX_SET_STATES: usize = 1 << 16;

/// The expressions of a mapping file.
#[derive(Debug, Default)]
pub struct Patterns {
    rules: Vec<Rule>,
    /// The expressions that are asked at once.
    set: Option<Set>,
    /// What the others are known by.
    tree: Tree,
    /// What each can be known by, while the building goes on.
    known: Vec<Vec<Texts>>,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    kinds: &'static [EventKind],
    rule: u32,
}

/// The expressions that need a text. What has none needs the empty one.
type Users<'t> = HashMap<&'t [u8], Vec<u32>, RandomState>;

impl Patterns {
    /// Adds an expression, read and compiled, for some kinds of events.
    pub fn insert(&mut self, hir: &Hir, pattern: Pattern, kinds: &'static [EventKind], rule: u32) {
        self.known.push(required(hir));
        self.rules.push(Rule { pattern, kinds, rule });
    }

    /// Ends the building, where the text of each rule can be had once more: chooses what each is known by.
    pub fn finish<'t>(&mut self, text: impl Fn(u32) -> &'t str) {
        let known = std::mem::take(&mut self.known);
        let mut uses: HashMap<&[u8], usize, RandomState> = HashMap::default();
        known.iter().flatten().flatten().for_each(|text| *uses.entry(text).or_default() += 1);
        // What few others have says most; of these the longest.
        let weight = |texts: &&Texts| {
            let uses: usize = texts.iter().filter_map(|text| uses.get(&**text)).sum();
            (uses, texts.iter().map(|text| usize::MAX - text.len()).max())
        };
        let none = vec![Vec::new()];
        let chosen = known.iter().map(|choices| choices.iter().min_by_key(weight).unwrap_or(&none));
        let chosen: Vec<&Texts> = chosen.collect();
        let mut users = Users::default();
        for (id, text) in (0..).zip(&chosen).flat_map(|(id, texts)| texts.iter().map(move |text| (id, text))) {
            users.entry(text).or_default().push(id);
        }
        self.set = self.crowd(&chosen, &users, text);
        let members = self.set.as_ref().map(Set::members).unwrap_or_default();
        users.values_mut().for_each(|ids| ids.retain(|id| members.binary_search(id).is_err()));
        self.tree = Tree::new(users.into_iter());
    }

    /// The set of those whose texts many others have.
    fn crowd<'t>(&self, chosen: &[&Texts], users: &Users<'_>, text: impl Fn(u32) -> &'t str) -> Option<Set> {
        let tried = |id: &u32| {
            chosen[*id as usize].iter().filter_map(|text| users.get(&**text)).map(Vec::len).max().unwrap_or_default()
        };
        let mut ids: Vec<u32> = (0..).take(chosen.len()).filter(|id| tried(id) > FEW).collect();
        ids.sort_by_key(|id| Reverse(tried(id)));
        let mut states = 0;
        ids.retain(|id| {
            let more = self.rules[*id as usize].pattern.states();
            let fits = states + more <= MAX_SET_STATES;
            states += if fits { more } else { 0 };
            fits
        });
        if ids.len() <= FEW {
            return None;
        }
        ids.sort_unstable();
        let expressions = ids.iter().map(|id| parse(text(self.rules[*id as usize].rule)).ok());
        let expressions: Vec<Hir> = expressions.collect::<Option<_>>()?;
        Set::new(ids, &expressions)
    }

    /// The first expression that matches a name, by its rule. What its groups hold is in `scratch.search`.
    pub fn find(&self, name: &str, kind: EventKind, scratch: &mut Scratch) -> Option<u32> {
        let name = name.as_bytes();
        let wanted = |id: u32| self.rules[id as usize].kinds.contains(&kind);
        let Scratch { candidates, seen, states, search, .. } = scratch;
        candidates.clear();
        self.tree.find(name, seen, candidates);
        match &self.set {
            Some(set) => match set.first(name, states, wanted) {
                Ok(first) => candidates.extend(first),
                Err(Full) => candidates.extend(set.members()),
            },
            None => states.clear(),
        }
        candidates.sort_unstable();
        candidates.dedup();
        let found = candidates.iter().find(|id| wanted(**id) && self.rules[**id as usize].pattern.search(name, search));
        found.map(|id| self.rules[*id as usize].rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules of these texts, in order, for one kind.
    fn patterns(texts: &[String]) -> Patterns {
        let mut patterns = Patterns::default();
        for (rule, text) in (0..).zip(texts) {
            let hir = parse(text).unwrap();
            patterns.insert(&hir, Pattern::compile(&hir, 1 << 20).unwrap().0, &[EventKind::Gauge], rule);
        }
        patterns.finish(|rule| &texts[rule as usize]);
        patterns
    }

    #[test]
    fn a_name_is_tried_against_few() {
        for (text, first) in [("^app#\\.(\\w+)\\.requests\\.", "app0.x.requests.y"), ("^(\\w{#})-", "aaaaaaaaaa-")] {
            let texts: Vec<String> = (0..100).map(|n| text.replace('#', &n.to_string())).collect();
            let patterns = patterns(&texts);
            let mut scratch = Scratch::default();
            for n in [42, 7, 99] {
                let name = match text.contains("app") {
                    true => first.replace('0', &n.to_string()),
                    false => format!("{}-", "a".repeat(n)),
                };
                assert_eq!(patterns.find(&name, EventKind::Gauge, &mut scratch), u32::try_from(n).ok());
                assert_eq!(scratch.candidates.len(), 1, "name: {name}");
            }
        }
    }

    #[test]
    fn the_first_expression_that_matches_wins() {
        let texts = ["^svc\\.(\\w+)$", "svc", "(\\w+)\\.x", "(?i)UPPER", "a|b\\.c", "\\w", "é+"].map(str::to_owned);
        // With many others that are asked at once.
        let crowd = (0..100).map(|n| format!("^[!-~]{{{}}}$|\\W[!-~]$", n + 20));
        for texts in [texts.to_vec(), texts.iter().cloned().chain(crowd).collect()] {
            let patterns = patterns(&texts);
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
                ("-------------------------", patterns.set.as_ref().map(|_| 7)),
            ] {
                let got = patterns.find(name, EventKind::Gauge, &mut scratch);
                assert_eq!(got, want, "name: {name:?}");
                assert_eq!(patterns.find(name, EventKind::Counter, &mut scratch), None);
            }
        }
    }
}
