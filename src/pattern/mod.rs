//! Regular expressions in Go's spelling, which the flags and mapping files of the two exporters are written in.
//!
//! What is read by regex-syntax is compiled by regex-automata, the two that the regex crate is made of. Used directly they
//! let all expressions share the memory of a search, where each `Regex` has its own.

mod go;

use regex_automata::Input;
use regex_automata::nfa::thompson::backtrack::{self, BoundedBacktracker};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{BuildError, Compiler, Config};
use regex_automata::util::captures::GroupInfo;
use regex_automata::util::primitives::{NonMaxUsize, PatternID};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use std::fmt;
use std::ops::Range;

/// A compiled expression may not take more memory than this, in bytes, unless a flag says otherwise.
pub const MAX_COMPILED_BYTES: usize = 1 << 20;

/// Why a text is no expression.
#[derive(Debug)]
pub enum PatternError {
    /// It is not written as one.
    Syntax(Box<regex_syntax::Error>),
    /// It would take more than so many bytes once compiled.
    TooBig(usize),
    /// It asks for what the engines can't do.
    Unable(Box<BuildError>),
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(e) => e.fmt(f),
            Self::TooBig(most) => write!(f, "Compiled regex exceeds size limit of {most} bytes."),
            Self::Unable(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for PatternError {}

impl From<BuildError> for PatternError {
    fn from(e: BuildError) -> Self {
        e.size_limit().map_or_else(|| Self::Unable(Box::new(e)), Self::TooBig)
    }
}

/// Reads an expression that means what it means in Go.
///
/// Where it asks for `(?i)` it is about bytes, not characters: without Unicode's tables only they can be compared
/// regardless of case.
pub fn parse(text: &str) -> Result<Hir, PatternError> {
    let translated = go::translate(text);
    let parse = |unicode| {
        let parsed = ParserBuilder::new().unicode(unicode).utf8(false).build().parse(&translated);
        parsed.map_err(|e| PatternError::Syntax(Box::new(e)))
    };
    parse(true).or_else(|e| if text.contains("(?") { parse(false).map_err(|_| e) } else { Err(e) })
}

/// How all expressions are compiled: no match has to end where a character does, as what is matched are bytes.
pub fn compiler(config: Config) -> Compiler {
    let mut compiler = Compiler::new();
    compiler.configure(config.utf8(false));
    compiler
}

/// A regular expression that means what it means in Go.
#[derive(Clone, Debug)]
pub struct Pattern(BoundedBacktracker);

/// The groups of an expression.
#[derive(Debug)]
pub struct Groups(GroupInfo);

impl Groups {
    /// How many there are, the whole match among them.
    pub fn count(&self) -> usize {
        self.0.group_len(PatternID::ZERO)
    }

    /// The group of that name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.0.to_index(PatternID::ZERO, name)
    }
}

impl Pattern {
    /// Compiles an expression.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        Ok(Self::compile(&parse(text)?, MAX_COMPILED_BYTES)?.0)
    }

    /// Compiles what was read, to so many bytes at the most.
    pub fn compile(hir: &Hir, most: usize) -> Result<(Self, Groups), PatternError> {
        let nfa = compiler(Config::new().nfa_size_limit(Some(most))).build_from_hir(hir)?;
        let groups = Groups(nfa.group_info().clone());
        Ok((Self(BoundedBacktracker::new_from_nfa(nfa)?), groups))
    }

    /// Of how many states the compiled expression consists.
    pub fn states(&self) -> usize {
        self.0.get_nfa().states().len()
    }

    /// Whether the expression matches anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.search(text.as_bytes(), &mut Search::default())
    }

    /// Looks for the first match in the text, and keeps what its groups hold.
    pub fn search(&self, text: &[u8], search: &mut Search) -> bool {
        let Search { cache, slots } = search;
        let (nfa, input) = (self.0.get_nfa(), Input::new(text));
        slots.clear();
        slots.resize(nfa.group_info().slot_len(), None);
        let cache = cache.get_or_insert_with(|| self.0.create_cache());
        cache.reset(&self.0);
        self.0.try_search_slots(cache, &input, slots).map_or_else(
            // Expression and text are too long together for what it may remember.
            |_| {
                let machine = PikeVM::new_from_nfa(nfa.clone());
                machine.is_ok_and(|m| m.search_slots(&mut m.create_cache(), &input, slots).is_some())
            },
            |found| found.is_some(),
        )
    }
}

/// Memory of searches for any expressions, and what the last one found.
#[derive(Debug, Default)]
pub struct Search {
    cache: Option<backtrack::Cache>,
    /// Where each group starts and ends.
    slots: Vec<Option<NonMaxUsize>>,
}

impl Search {
    /// Where a group is in the text, 0 for the whole match. `None`: it is no part of the match.
    pub fn group(&self, group: usize) -> Option<Range<usize>> {
        let ends = self.slots.get(2 * group..2 * group + 2)?;
        Some(ends[0]?.get()..ends[1]?.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        for (pattern, text, want) in [
            ("^\\w+$", "abc_1", true),
            ("^\\w+$", "å", false),
            ("^\\W$", "å", true),
            ("^[\\w.-]+$", "a.b-c", true),
            ("^[^\\d]$", "5", false),
            ("^[\\D]$", "5", false),
            ("^[\\D]$", "x", true),
            ("^\\d{2}\\s\\S$", "12 x", true),
            ("^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$", "nvme0n1p2", true),
            ("^[[:alpha:]]+$", "abc", true),
            ("^[]a]+$", "]a]", true),
            ("^[^]a]+$", "b", true),
            ("^[a[]$", "[", true),
            ("^[a&&b]+$", "&", true),
            ("a\\bb|\\bc\\b", "x c y", true),
            ("\\.", "a.b", true),
            ("(?i)^É?upper", "Upper", true),
            ("^$", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().is_match(text), want, "{pattern:?} on {text:?}");
        }
        assert!(Pattern::new("(a").is_err());
        assert!(Pattern::new("a{1000}{1000}{1000}").is_err(), "a bomb is refused");
    }

    #[test]
    fn what_groups_hold() {
        let mut search = Search::default();
        // The second time, most are too long together with the text for the first engine.
        for (most, more) in [(20, 0), (3000, 2000)] {
            for (pattern, want) in [
                ("b(c{1,#})", Some(vec![Some(1..5), Some(2..5)])),
                ("(x{1,#})?b|(a{1,#})$", Some(vec![Some(1..2), None, None])),
                ("^(a{1,#}?|ab)(b?)", Some(vec![Some(0..2), Some(0..1), Some(1..2)])),
                (
                    "^(|a|ab)(c{1,#}|bc{2}|[^a-y]|\\z)(?P<rest>c?)",
                    Some(vec![Some(0..5), Some(0..1), Some(1..4), Some(4..5)]),
                ),
                ("()*\\bc{1,#}", None),
                ("d{1,#}", None),
            ] {
                let hir = parse(&pattern.replace('#', &most.to_string())).unwrap();
                let (pattern, groups) = Pattern::compile(&hir, 1 << 20).unwrap();
                let text = format!("abccc{}", "-".repeat(more));
                let found = pattern.search(text.as_bytes(), &mut search);
                let got = found.then(|| (0..groups.count()).map(|group| search.group(group)).collect::<Vec<_>>());
                assert_eq!(got, want, "{:?} and {more} more", hir.to_string());
            }
        }
    }
}
