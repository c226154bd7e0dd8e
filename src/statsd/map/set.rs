//! Many expressions asked at once: which is the first that matches a name.
//!
//! They are one automaton, whose states are made as names ask for them and then kept. So a name costs a step for each of
//! its bytes, however many expressions there are.

use crate::pattern::compiler;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Config, WhichCaptures};
use regex_automata::{Input, MatchKind};
use regex_syntax::hir::Hir;
use std::sync::{Arc, Weak};

/// Memory of the states, in bytes. When it is full, all are forgotten.
const MAX_STATE_BYTES: usize = 4 << 20;

/// The states are forgotten only if they were good for so many bytes of names each. As long as they were not, names for
/// which they don't suffice are tried in the slow way.
const BYTES_A_STATE: usize = 10;

/// The expressions.
#[derive(Debug)]
pub struct Set {
    dfa: Arc<DFA>,
    /// Their numbers.
    members: Vec<u32>,
}

/// The states of one set, made so far.
#[derive(Debug, Default)]
pub struct States(Option<(Weak<DFA>, Cache)>);

impl States {
    /// Those of this set. Those of another, of a mapping file that was replaced, are dropped.
    fn of(&mut self, dfa: &Arc<DFA>) -> &mut Cache {
        if self.0.as_ref().is_some_and(|(of, _)| of.as_ptr() != Arc::as_ptr(dfa)) {
            self.0 = None;
        }
        &mut self.0.get_or_insert_with(|| (Arc::downgrade(dfa), dfa.create_cache())).1
    }

    /// Drops them all.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}

/// There is no room for the states that a name needs.
#[derive(Debug)]
pub struct Full;

impl Set {
    /// The set of these expressions, by number in rising order; `None` where they are too much for it.
    pub fn new(members: Vec<u32>, expressions: &[Hir]) -> Option<Self> {
        Self::within(MAX_STATE_BYTES, members, expressions)
    }

    fn within(bytes: usize, members: Vec<u32>, expressions: &[Hir]) -> Option<Self> {
        let nfa = compiler(Config::new().which_captures(WhichCaptures::None)).build_many_from_hir(expressions).ok()?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(bytes)
            .minimum_cache_clear_count(Some(0))
            .minimum_bytes_per_state(Some(BYTES_A_STATE));
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).ok()?;
        Some(Self { dfa: Arc::new(dfa), members })
    }

    /// The numbers of all.
    pub fn members(&self) -> &[u32] {
        &self.members
    }

    /// The number of the first expression that matches a name and is wanted.
    pub fn first(&self, name: &[u8], states: &mut States, wanted: impl Fn(u32) -> bool) -> Result<Option<u32>, Full> {
        let cache = states.of(&self.dfa);
        cache.search_start(0);
        let mut first = None;
        let (at, result) = self.walk(name, cache, |pattern| {
            let member = self.members[pattern];
            if first.is_none_or(|first| member < first) && wanted(member) {
                first = Some(member);
            }
        });
        cache.search_finish(at);
        result.map(|()| first)
    }

    /// Calls back for what matches; says how far it came.
    fn walk(&self, name: &[u8], cache: &mut Cache, mut found: impl FnMut(usize)) -> (usize, Result<(), Full>) {
        let Ok(mut state) = self.dfa.start_state_forward(cache, &Input::new(name)) else { return (0, Err(Full)) };
        let mut matches = |state: LazyStateID, cache: &Cache| {
            if state.is_match() {
                let count = self.dfa.match_len(cache, state);
                (0..count).for_each(|i| found(self.dfa.match_pattern(cache, state, i).as_usize()));
            }
        };
        for (at, byte) in name.iter().enumerate() {
            cache.search_update(at);
            let (before, cleared) = (state, cache.clear_count());
            match self.dfa.next_state(cache, state, *byte) {
                Ok(next) if next.is_dead() => return (at, Ok(())),
                Ok(next) if next.is_quit() => return (at, Err(Full)),
                Ok(next) => state = next,
                Err(_) => return (at, Err(Full)),
            }
            // What stays in one state has told its matches.
            if state != before || cache.clear_count() != cleared {
                matches(state, cache);
            }
        }
        match self.dfa.next_eoi_state(cache, state) {
            Ok(state) => {
                matches(state, cache);
                (name.len(), Ok(()))
            }
            Err(_) => (name.len(), Err(Full)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Pattern, parse};

    fn set(bytes: usize, texts: &[String]) -> Set {
        let expressions: Vec<Hir> = texts.iter().map(|text| parse(text).unwrap()).collect();
        Set::within(bytes, (0..).take(texts.len()).collect(), &expressions).unwrap()
    }

    #[test]
    fn the_first_that_matches_is_told_or_that_there_is_no_room() {
        let texts: Vec<String> = (1..20).rev().map(|n| format!("^(a|b){{{n}}}$|b[ab]{{{n}}}\\b.$")).collect();
        let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::new(text).unwrap()).collect();
        let letter = |n: u32, i: u32| if n.wrapping_mul(0x9E37_79B1) >> (11 + i) & 1 == 1 { 'b' } else { 'a' };
        let name = |n: u32| (0..n % 21).map(|i| letter(n, i)).chain((n % 2 == 1).then_some('.')).collect::<String>();
        let names: Vec<String> = (0..2000).map(name).collect();
        for bytes in [40_000, MAX_STATE_BYTES] {
            let (set, mut states, mut full) = (set(bytes, &texts), States::default(), 0);
            for (name, odd) in names.iter().flat_map(|name| [(name, false), (name, true)]) {
                let wanted = |id: u32| !odd || id % 2 == 1;
                let want = (0..).zip(&patterns).find(|(id, pattern)| wanted(*id) && pattern.is_match(name));
                match set.first(name.as_bytes(), &mut states, wanted) {
                    Ok(first) => assert_eq!(first, want.map(|(id, _)| id), "name: {name}"),
                    Err(Full) => full += 1,
                }
            }
            assert!(full < 2 * names.len(), "some names found room in {bytes}");
            assert_eq!(full == 0, bytes == MAX_STATE_BYTES, "{full} names found no room in {bytes}");
        }
    }

    #[test]
    fn states_of_another_set_are_not_used() {
        let sets = [["^a$", "^b+$"], ["^b$", "^.$"]].map(|texts| set(MAX_STATE_BYTES, &texts.map(str::to_owned)));
        let mut states = States::default();
        for (of, name, want) in [
            (0, "a", Some(0)),
            (1, "a", Some(1)),
            (0, "b", Some(1)),
            (1, "b", Some(0)),
            (0, "bb", Some(1)),
            (1, "bb", None),
        ] {
            assert_eq!(sets[of].first(name.as_bytes(), &mut states, |_| true).unwrap(), want, "{name} in {of}");
        }
    }
}
