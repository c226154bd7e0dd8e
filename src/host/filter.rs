//! Include and exclude filters over names of devices, mount points and the like.
//!
//! The names of a host hardly change from scrape to scrape, and asking an expression costs more than all else that a
//! collector does with a name. So answers are kept.

use crate::flag::{FlagError, Values};
use crate::pattern::Pattern;
use std::cell::RefCell;
use std::collections::HashMap;

/// A filter keeps this many answers, then starts anew: where containers come and go, so do their devices.
const MAX_ANSWERS: usize = 1024;

/// A choice keeps this many. No kernel has as many fields; this is for what is no kernel's file.
const MAX_FIELDS: usize = 4096;

/// Which names a collector looks at: those that its include pattern finds, or all but those its exclude pattern finds.
#[derive(Debug, Default)]
pub struct Filter {
    include: Option<Pattern>,
    exclude: Option<Pattern>,
    /// Whether a name is left out.
    answers: RefCell<HashMap<Box<str>, bool, foldhash::fast::RandomState>>,
}

impl Filter {
    /// The filter that two flags make, each a regular expression that may match anywhere in the name; an empty one is
    /// not there. Giving both is an error, as it is in node_exporter, except that the default of `exclude` gives way.
    pub fn from_flags(flags: &Values, include: &str, exclude: &str) -> Result<Self, FlagError> {
        let (wanted, mut unwanted) = (pattern(flags, include)?, pattern(flags, exclude)?);
        if wanted.is_some() && unwanted.is_some() {
            if flags.given(exclude) {
                return Err(flags.wrong(include, format!("it can't be used together with --{exclude}")));
            }
            unwanted = None;
        }
        Ok(Self { include: wanted, exclude: unwanted, answers: RefCell::default() })
    }

    /// The filter that two flags make which may be given together: a name is left out by either.
    pub fn from_both(flags: &Values, include: &str, exclude: &str) -> Result<Self, FlagError> {
        Ok(Self { include: pattern(flags, include)?, exclude: pattern(flags, exclude)?, answers: RefCell::default() })
    }

    /// The same of expressions that have to match all of a name. An empty one matches no name.
    pub fn from_whole(flags: &Values, include: &str, exclude: &str) -> Result<Self, FlagError> {
        let whole = |name: &str| {
            let pattern = Pattern::new(&format!("^(?:{})$", flags.text(name)));
            pattern.map(Some).map_err(|e| flags.wrong(name, e.to_string()))
        };
        Ok(Self { include: whole(include)?, exclude: whole(exclude)?, answers: RefCell::default() })
    }

    /// Whether the name is left out.
    pub fn ignores(&self, name: &str) -> bool {
        if self.include.is_none() && self.exclude.is_none() {
            return false;
        }
        let mut answers = self.answers.borrow_mut();
        if let Some(answer) = answers.get(name) {
            return *answer;
        }
        if answers.len() == MAX_ANSWERS {
            answers.clear();
        }
        let answer = self.asked(name);
        answers.insert(name.into(), answer);
        answer
    }

    fn asked(&self, name: &str) -> bool {
        self.exclude.as_ref().is_some_and(|p| p.is_match(name))
            || self.include.as_ref().is_some_and(|p| !p.is_match(name))
    }
}

/// The regular expression that a flag holds; `None` where it is empty.
pub fn pattern(flags: &Values, name: &str) -> Result<Option<Pattern>, FlagError> {
    let text = flags.text(name);
    if text.is_empty() {
        return Ok(None);
    }
    Pattern::new(text).map(Some).map_err(|e| flags.wrong(name, e.to_string()))
}

/// Which fields of a file are wanted. The kernel has the same fields in the same order as long as it runs, so that the
/// answer is found by the place of the field.
#[derive(Debug)]
pub struct Choice {
    /// An empty expression matches every field.
    wanted: Option<Pattern>,
    answers: Vec<(String, bool)>,
}

impl Choice {
    /// The fields that an expression finds.
    pub fn new(wanted: Option<Pattern>) -> Self {
        Self { wanted, answers: Vec::new() }
    }

    /// Whether the field is wanted that is at this place, from 0, in the file. Places are asked for in order.
    pub fn wants(&mut self, place: usize, name: &str) -> bool {
        if let Some((known, answer)) = self.answers.get(place)
            && known == name
        {
            return *answer;
        }
        let answer = self.wanted.as_ref().is_none_or(|wanted| wanted.is_match(name));
        self.answers.truncate(place);
        if place < MAX_FIELDS {
            self.answers.push((name.to_owned(), answer));
        }
        answer
    }
}
