//! Memory that matching uses again and again.

use super::set::States;
use crate::pattern::Search;
use std::ops::Range;

/// What [`Mapper::find`](super::Mapper::find) needs for a moment; one a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The parts of the name, by their place in it.
    pub(super) parts: Vec<Range<usize>>,
    /// Their numbers in the tree of globs.
    pub(super) words: Vec<u32>,
    /// Nodes of the tree to look into, with their depth.
    pub(super) stack: Vec<(u32, usize)>,
    /// Regular expressions to try.
    pub(super) candidates: Vec<u32>,
    /// Literals already seen in the name.
    pub(super) seen: Marks,
    /// The states of the set of expressions.
    pub(super) states: States,
    /// What an expression is tried with, and its groups.
    pub(super) search: Search,
    /// The rendered name and the rendered label values, one after the other.
    pub(super) text: String,
    /// Where each of them ends.
    pub(super) ends: Vec<usize>,
}

/// A set of small numbers that is emptied at once, however many it may hold.
#[derive(Debug, Default)]
pub struct Marks {
    /// For each number, the round in which it was put in last.
    rounds: Vec<u32>,
    round: u32,
}

impl Marks {
    /// Empties it, and makes room for numbers below `count`.
    pub(super) fn start(&mut self, count: usize) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.rounds.clear();
            self.round = 1;
        }
        if self.rounds.len() < count {
            self.rounds.resize(count, 0);
        }
    }

    /// Puts a number in; `false` if it was there.
    pub(super) fn put(&mut self, number: usize) -> bool {
        std::mem::replace(&mut self.rounds[number], self.round) != self.round
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn marks_are_gone_with_each_start() {
        let mut marks = Marks { rounds: Vec::new(), round: u32::MAX - 1 };
        for count in [1, 3, 2] {
            marks.start(count);
            assert_eq!([marks.put(0), marks.put(0), marks.put(count - 1)], [true, false, count > 1]);
        }
        assert_eq!((marks.round, marks.rounds.len()), (2, 3), "after the last round comes the first");
    }
}
