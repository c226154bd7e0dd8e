//! Globs as one tree over dot-separated parts, so that a name costs a look-up for each part however many rules there are.
//!
//! What it decides is what statsd_exporter's state machine decides (pkg/mapper/fsm). So a rule is never used if its match
//! stands in an earlier rule, which then moves to the later one's place in the order; nor is it if its match ends where
//! that of an earlier rule goes on.

mod backtrack;
mod dot;

use super::rule::EventKind;
use super::scratch::Scratch;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

const ROOT: u32 = 0;
/// No node, no word, no rule.
const NONE: u32 = u32::MAX;

/// The globs of a mapping file.
#[derive(Debug)]
pub struct Globs {
    nodes: Vec<Node>,
    /// The child of a node for a word.
    edges: HashMap<(u32, u32), u32, RandomState>,
    words: HashMap<Box<str>, u32, RandomState>,
    /// Parts of the longest glob.
    longest: usize,
    inserted: u32,
    ordered: bool,
    backtracks: bool,
}

#[derive(Clone, Debug)]
struct Node {
    parent: u32,
    /// The child for any word.
    star: u32,
    /// For each kind of event.
    kinds: [State; 3],
}

/// What a node is to one kind of event.
#[derive(Clone, Copy, Debug)]
struct State {
    /// How many parts may follow; none may (`least` above `most`) where no rule of the kind comes by.
    least: u32,
    most: u32,
    rule: u32,
    /// Place in the order of globs of the rule.
    priority: u32,
    /// The best priority from here on.
    best: u32,
}

impl Node {
    const NEW: Self = Self {
        parent: NONE,
        star: NONE,
        kinds: [State { least: NONE, most: 0, rule: NONE, priority: NONE, best: NONE }; 3],
    };
}

impl Globs {
    /// No globs yet.
    pub fn new(ordered: bool) -> Self {
        Self {
            nodes: vec![Node::NEW],
            edges: HashMap::default(),
            words: HashMap::default(),
            longest: 0,
            inserted: 0,
            ordered,
            backtracks: ordered,
        }
    }

    /// Adds a rule for some kinds of events; `false`: it will never be used.
    pub fn insert(&mut self, glob: &str, kinds: &[EventKind], rule: u32) -> bool {
        let parts = glob.split('.').count();
        self.longest = self.longest.max(parts);
        let mut node = ROOT;
        let mut before = [false; 3];
        for (i, part) in glob.split('.').enumerate() {
            node = self.child_or_new(node, part);
            let left = u32::try_from(parts - 1 - i).unwrap_or(NONE - 1);
            for kind in kinds {
                let state = &mut self.nodes[node as usize].kinds[*kind as usize];
                before[*kind as usize] = state.least <= state.most;
                (state.least, state.most) = (state.least.min(left), state.most.max(left));
            }
        }
        let mut used = false;
        for kind in kinds {
            let state = &mut self.nodes[node as usize].kinds[*kind as usize];
            if !before[*kind as usize] {
                state.rule = rule;
                used = true;
            }
            state.priority = self.inserted;
        }
        self.inserted += 1;
        used
    }

    /// Ends the building. `globs` are all that were inserted, in order.
    pub fn finish(&mut self, globs: &[&str]) {
        // A child is made after its parent.
        for child in (0..self.nodes.len()).rev() {
            for kind in 0..EventKind::ALL.len() {
                let Node { parent, kinds, .. } = &mut self.nodes[child];
                let state = &mut kinds[kind];
                if state.rule != NONE {
                    state.best = state.best.min(state.priority);
                }
                let (parent, best) = (*parent, state.best);
                if let Some(parent) = self.nodes.get_mut(parent as usize) {
                    parent.kinds[kind].best = parent.kinds[kind].best.min(best);
                }
            }
        }
        self.backtracks = self.ordered || self.needs_backtracking(globs);
        self.nodes.shrink_to_fit();
    }

    /// The rule for a name. Afterwards `scratch.parts` holds the parts of the name.
    pub fn find(&self, name: &str, kind: EventKind, scratch: &mut Scratch) -> Option<u32> {
        if !self.split(name, scratch) {
            return None;
        }
        let Scratch { words, stack, .. } = scratch;
        let (mut best, mut found) = (NONE, None);
        stack.clear();
        stack.push((ROOT, 0));
        while let Some((node, depth)) = stack.pop() {
            let state = &self.nodes[node as usize].kinds[kind as usize];
            if state.best >= best {
                continue;
            }
            let Some(word) = words.get(depth) else {
                if state.rule != NONE && state.priority < best {
                    (best, found) = (state.priority, Some(state.rule));
                    if !self.ordered {
                        break;
                    }
                }
                continue;
            };
            let left = words.len() - 1 - depth;
            let fits = |child: &u32| self.fits(*child, kind, left);
            let word = self.child(node, *word).filter(fits);
            let star = self.star(node).filter(fits);
            // The word is looked into first. Without backtracking the star counts only where the word leads nowhere.
            if let Some(star) = star.filter(|_| word.is_none() || self.backtracks) {
                stack.push((star, depth + 1));
            }
            if let Some(word) = word {
                stack.push((word, depth + 1));
            }
        }
        found
    }

    /// Splits a name into its parts; `false`: it has more than any glob.
    fn split(&self, name: &str, scratch: &mut Scratch) -> bool {
        let (mut start, words, parts) = (0, &mut scratch.words, &mut scratch.parts);
        words.clear();
        parts.clear();
        for part in name.split('.') {
            if words.len() == self.longest {
                return false;
            }
            words.push(self.words.get(part).copied().unwrap_or(NONE));
            parts.push(start..start + part.len());
            start += part.len() + 1;
        }
        true
    }

    fn child(&self, node: u32, word: u32) -> Option<u32> {
        self.edges.get(&(node, word)).copied()
    }

    fn star(&self, node: u32) -> Option<u32> {
        Some(self.nodes[node as usize].star).filter(|star| *star != NONE)
    }

    fn fits(&self, node: u32, kind: EventKind, left: usize) -> bool {
        let state = &self.nodes[node as usize].kinds[kind as usize];
        (state.least as usize..=state.most as usize).contains(&left)
    }

    fn child_or_new(&mut self, node: u32, part: &str) -> u32 {
        let next = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let child = if part == "*" {
            let star = &mut self.nodes[node as usize].star;
            if *star == NONE {
                *star = next;
            }
            *star
        } else {
            let count = u32::try_from(self.words.len()).unwrap_or(NONE);
            let word = *self.words.entry_ref(part).or_insert(count);
            *self.edges.entry((node, word)).or_insert(next)
        };
        if child == next {
            self.nodes.push(Node { parent: node, ..Node::NEW });
        }
        child
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EventKind::{Counter, Gauge};

    fn globs(ordered: bool, rules: &[&str]) -> Globs {
        let mut globs = Globs::new(ordered);
        for (i, rule) in rules.iter().enumerate() {
            let kinds: &[EventKind] = if rule.ends_with('!') { &[Gauge] } else { &EventKind::ALL };
            globs.insert(rule.trim_end_matches('!'), kinds, u32::try_from(i).unwrap());
        }
        let plain: Vec<&str> = rules.iter().map(|rule| rule.trim_end_matches('!')).collect();
        globs.finish(&plain);
        globs
    }

    #[test]
    fn the_first_rule_that_matches_wins() {
        for (rules, name, want) in [
            (&["a.*.c", "a.b.*"][..], "a.b.c", Some(0)),
            (&["a.b.*", "a.*.c"], "a.b.c", Some(0)),
            (&["a.b.*", "a.*.c"], "a.x.c", Some(1)),
            (&["a.b.*", "a.*.c"], "a.x.d", None),
            (&["a.b.*", "a.*.c"], "a.b", None),
            (&["a.b.*", "a.*.c"], "a.b.c.d", None),
            (&["a.*.c"], "a..c", Some(0)),
            (&["*"], "", Some(0)),
            (&["a.*", "*.b", "a.b"], "a.b", Some(0)),
            (&["a.b!", "a.*"], "a.b", Some(1)),
            (&[], "a", None),
            // The shorter one ends where the longer one passes, so it is never used; the other way round it is.
            (&["a.*.*", "a.*"], "a.b", None),
            (&["a.*", "a.*.*"], "a.b", Some(0)),
            (&["a.*!", "a.*.*", "a.*"], "a.b", None),
            // The second "a.*" takes the first along to its place.
            (&["a.*", "*.b", "a.*"], "a.b", Some(1)),
            (&["a.*", "*.b", "a.*"], "a.c", Some(0)),
        ] {
            let got = globs(true, rules).find(name, Counter, &mut Scratch::default());
            assert_eq!(got, want, "rules: {rules:?}, name: {name:?}");
        }
        assert_eq!(globs(true, &["a.b!", "a.*"]).find("a.b", Gauge, &mut Scratch::default()), Some(0));
    }

    #[test]
    fn without_order_words_go_before_stars() {
        for (rules, name, want) in [
            (&["a.*.*", "a.b.*"][..], "a.b.c", Some(1)),
            (&["a.*.*", "*.b.c", "a.b.*"], "a.b.c", Some(2)),
            // Neither holds the other, so the way back from "b" is kept open.
            (&["a.b.c", "a.*.d"], "a.b.d", Some(1)),
            // The first holds the second: no way back.
            (&["a.*.*", "a.b.c"], "a.b.d", None),
            (&["a.*.*", "a.b.c"], "a.x.d", Some(0)),
            // A third rule opens it.
            (&["a.*.*", "a.b.c", "x.y.z", "x.*.w"], "a.b.d", Some(0)),
        ] {
            let got = globs(false, rules).find(name, Counter, &mut Scratch::default());
            assert_eq!(got, want, "rules: {rules:?}, name: {name:?}");
        }
    }

    #[test]
    fn hostile_names_cost_little() {
        // Each name follows as many ways as there are rules, and no more.
        let rules: Vec<String> = (0..1u32 << 12)
            .map(|bits| (0..12).map(|i| if bits >> i & 1 == 0 { "*" } else { "a" }).collect::<Vec<_>>().join("."))
            .collect();
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        let (globs, mut scratch) = (globs(true, &rules), Scratch::default());
        let name = ["a"; 12].join(".");
        assert_eq!(globs.find(&name, Counter, &mut scratch), Some(0));
        assert_eq!(globs.find(&".".repeat(1 << 20), Counter, &mut scratch), None);
        assert!(scratch.parts.len() <= 12);
    }
}
