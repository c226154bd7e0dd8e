//! A compiled expression in few bytes.
//!
//! An automaton of the library takes 1.7 kB for an expression of usual length, in a dozen pieces. Where thousands of
//! expressions are in use, fetching them from memory is what a search takes its time for. This is the same automaton in
//! one piece of some 250 bytes, and the search through it is that of the library's backtracker: what was tried once in
//! vain at a place is not tried again, so that time is bounded by the lengths of expression and text.

use super::Search;
use regex_automata::nfa::thompson::{NFA, State, Transition};
use regex_automata::util::look::{Look, LookMatcher};
use regex_automata::util::primitives::{NonMaxUsize, StateID};

/// Longer expressions are left to the library.
const MAX_STATES: usize = 512;

/// Bits of a word of those that say what was tried.
const TRIED_BITS: usize = u64::BITS as usize;

/// The steps, and how many slots their captures need.
#[derive(Clone, Debug)]
pub struct Program {
    steps: Box<[Step]>,
    start: u16,
    /// How many steps are states. The ranges of some of these follow.
    states: u16,
    slots: u16,
    anchored: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A byte from `first` to `last` leads on.
    Range {
        first: u8,
        last: u8,
        next: u16,
    },
    /// One of the ranges that stand there.
    Ranges {
        from: u16,
        to: u16,
    },
    /// The first way, or else the second.
    Split {
        first: u16,
        second: u16,
    },
    /// The ways that stand there, in turn.
    Ways {
        from: u16,
        to: u16,
    },
    /// A way.
    Way {
        next: u16,
    },
    /// The place is kept.
    Capture {
        slot: u16,
        next: u16,
    },
    /// A condition on the place, by the number of its bit.
    Look {
        bit: u8,
        next: u16,
    },
    Fail,
    Match,
}

/// What is to be done when a way fails.
#[derive(Debug)]
pub enum Pending {
    Try { step: u16, at: usize },
    Restore { slot: u16, place: Option<NonMaxUsize> },
}

impl Program {
    /// The program of an automaton; `None` if it is too long.
    pub fn new(nfa: &NFA) -> Option<Self> {
        let states = nfa.states();
        if states.len() > MAX_STATES {
            return None;
        }
        let mut rest = Vec::new();
        let steps = states.iter().map(|state| Self::step(state, states.len(), &mut rest));
        let mut steps = steps.collect::<Option<Vec<Step>>>()?;
        steps.append(&mut rest);
        Some(Self {
            steps: steps.into(),
            start: number(nfa.start_anchored())?,
            states: u16::try_from(states.len()).ok()?,
            slots: u16::try_from(nfa.group_info().slot_len()).ok()?,
            anchored: nfa.is_always_start_anchored(),
        })
    }

    /// Of how many states the automaton consists.
    pub fn states(&self) -> usize {
        usize::from(self.states)
    }

    fn step(state: &State, states: usize, rest: &mut Vec<Step>) -> Option<Step> {
        let mut put = |steps: &mut dyn Iterator<Item = Option<Step>>| {
            let from = u16::try_from(states + rest.len()).ok()?;
            for step in steps {
                rest.push(step?);
            }
            Some((from, u16::try_from(states + rest.len()).ok()?))
        };
        let range = |t: &Transition| Some(Step::Range { first: t.start, last: t.end, next: number(t.next)? });
        let way = |id: &StateID| Some(Step::Way { next: number(*id)? });
        Some(match state {
            State::ByteRange { trans } => range(trans)?,
            State::Sparse(sparse) => {
                let (from, to) = put(&mut sparse.transitions.iter().map(range))?;
                Step::Ranges { from, to }
            }
            // The library's compiler makes none.
            State::Dense(_) => return None,
            State::Union { alternates } => {
                let (from, to) = put(&mut alternates.iter().map(way))?;
                Step::Ways { from, to }
            }
            State::BinaryUnion { alt1, alt2 } => Step::Split { first: number(*alt1)?, second: number(*alt2)? },
            State::Capture { next, slot, .. } => {
                Step::Capture { slot: u16::try_from(slot.as_usize()).ok()?, next: number(*next)? }
            }
            State::Look { look, next } => {
                Step::Look { bit: u8::try_from(look.as_repr().trailing_zeros()).ok()?, next: number(*next)? }
            }
            State::Fail => Step::Fail,
            State::Match { .. } => Step::Match,
        })
    }

    /// Looks for the first match, and keeps what its groups hold.
    pub fn search(&self, text: &[u8], search: &mut Search) -> bool {
        search.slots.clear();
        search.slots.resize(usize::from(self.slots), None);
        search.tried.clear();
        search.tried.resize((self.states() * (text.len() + 1)).div_ceil(TRIED_BITS), 0);
        let last = if self.anchored { 0 } else { text.len() };
        (0..=last).any(|start| self.matches_at(text, start, search))
    }

    fn matches_at(&self, text: &[u8], start: usize, search: &mut Search) -> bool {
        search.pending.clear();
        search.pending.push(Pending::Try { step: self.start, at: start });
        while let Some(next) = search.pending.pop() {
            match next {
                Pending::Try { step, at } if self.follow(text, step, at, search) => return true,
                Pending::Try { .. } => {}
                Pending::Restore { slot, place } => search.slots[usize::from(slot)] = place,
            }
        }
        false
    }

    /// Follows a way to its end, and leaves those beside it for later. Whether it ends in a match.
    fn follow(&self, text: &[u8], mut step: u16, mut at: usize, search: &mut Search) -> bool {
        let Search { tried, pending, slots } = search;
        loop {
            let place = usize::from(step) * (text.len() + 1) + at;
            let (word, bit) = (&mut tried[place / TRIED_BITS], 1 << (place % TRIED_BITS));
            if *word & bit != 0 {
                return false;
            }
            *word |= bit;
            step = match self.steps[usize::from(step)] {
                Step::Range { first, last, next } => match text.get(at) {
                    Some(byte) if (first..=last).contains(byte) => {
                        at += 1;
                        next
                    }
                    _ => return false,
                },
                Step::Ranges { from, to } => {
                    let Some(byte) = text.get(at) else { return false };
                    let next = self.steps[usize::from(from)..usize::from(to)].iter().find_map(|step| match step {
                        Step::Range { first, last, next } if (first..=last).contains(&byte) => Some(*next),
                        _ => None,
                    });
                    at += 1;
                    match next {
                        Some(next) => next,
                        None => return false,
                    }
                }
                Step::Split { first, second } => {
                    pending.push(Pending::Try { step: second, at });
                    first
                }
                Step::Ways { from, to } => {
                    let ways = self.steps[usize::from(from)..usize::from(to)].iter().rev();
                    pending.extend(ways.filter_map(|step| match step {
                        Step::Way { next } => Some(Pending::Try { step: *next, at }),
                        _ => None,
                    }));
                    return false;
                }
                Step::Capture { slot, next } => {
                    let kept = &mut slots[usize::from(slot)];
                    pending.push(Pending::Restore { slot, place: std::mem::replace(kept, NonMaxUsize::new(at)) });
                    next
                }
                Step::Look { bit, next } => match Look::from_repr(1 << bit) {
                    Some(look) if LookMatcher::new().matches(look, text, at) => next,
                    _ => return false,
                },
                Step::Fail | Step::Way { .. } => return false,
                Step::Match => return true,
            }
        }
    }
}

fn number(id: StateID) -> Option<u16> {
    u16::try_from(id.as_usize()).ok()
}
