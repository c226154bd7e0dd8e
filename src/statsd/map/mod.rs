//! The mapping file: which metrics get which name, labels and options. Its language is `docs/mapping.md`; the reference
//! is statsd_exporter's pkg/mapper.
//!
//! The way of a file: `yaml` makes a tree of the text, `read` rules of the tree, `glob` and `patterns` make them
//! findable, `template` renders what a match captured.

mod glob;
mod options;
mod patterns;
mod read;
mod rule;
mod scratch;
mod set;
mod template;
mod texts;

pub use crate::yaml::FileError as MapError;
pub use rule::{Action, Defaults, EventKind, HistogramOptions, Observer, Quantile, Rule, SummaryOptions};
pub use scratch::Scratch;

use crate::pattern::{self, MAX_COMPILED_BYTES, Pattern, PatternError};
use crate::yaml;
use glob::Globs;
use patterns::Patterns;
use read::{MatchType, RuleText};
use std::io::{self, Write};
use std::path::PathBuf;
use template::Template;

/// How much a mapping file may say. A file over one of them is refused whole.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Rules in it.
    pub rules: usize,
    /// Memory of a compiled expression, in bytes.
    pub regex_bytes: usize,
}

impl Default for Limits {
    /// Far more than anyone has written.
    fn default() -> Self {
        Self { file_bytes: 16 << 20, rules: 100_000, regex_bytes: MAX_COMPILED_BYTES }
    }
}

/// A mapping file, to be read now and again.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// How much it may say.
    pub limits: Limits,
}

impl Source {
    /// Reads it. An error names it.
    pub fn load(&self) -> Result<Mapper, MapError> {
        let text = yaml::text_of(&self.path, self.limits.file_bytes)?;
        Mapper::within(&text, &self.limits).map_err(|e| e.in_file(&self.path))
    }
}

/// The rules of a mapping file. It doesn't change once it is loaded; a reload makes another.
#[derive(Debug)]
pub struct Mapper {
    rules: Vec<Ready>,
    globs: Globs,
    patterns: Patterns,
    defaults: Defaults,
    unused: Vec<u32>,
}

/// A rule, ready to render.
#[derive(Debug)]
struct Ready {
    rule: Rule,
    name: Template,
    labels: Box<[(Box<str>, Template)]>,
    /// Which parts of the name are captured.
    stars: Box<[usize]>,
}

/// A rule that matches a name, and what it makes of it.
#[derive(Debug)]
pub struct Match<'a> {
    /// Place of the rule among all rules.
    pub id: usize,
    /// The rule.
    pub rule: &'a Rule,
    /// The metric's name, before escaping. It may be empty, which the caller counts as an error. A rule that drops
    /// renders nothing.
    pub name: &'a str,
    labels: &'a [(Box<str>, Template)],
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Match<'a> {
    /// Names and values of the rule's labels, by name.
    pub fn labels(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let values = self.ends.windows(2).map(|ends| self.text.get(ends[0]..ends[1]).unwrap_or_default());
        self.labels.iter().map(|(name, _)| &**name).zip(values)
    }
}

impl Mapper {
    /// No rules.
    pub fn empty() -> Self {
        Self {
            rules: Vec::new(),
            globs: Globs::new(true),
            patterns: Patterns::default(),
            defaults: Defaults::default(),
            unused: Vec::new(),
        }
    }

    /// Reads the text of a mapping file that has the usual limits.
    pub fn from_yaml(text: &str) -> Result<Self, MapError> {
        Self::within(text, &Limits::default())
    }

    fn within(text: &str, limits: &Limits) -> Result<Self, MapError> {
        let mut mapper = Self::empty();
        let Some(tree) = yaml::read(text)? else { return Ok(mapper) };
        let file = read::file(&tree, limits.rules)?;
        mapper.defaults = file.defaults;
        mapper.globs = Globs::new(!file.glob_disable_ordering);
        let mut globs = Vec::new();
        for (id, text) in (0..).zip(&file.rules) {
            let used = match text.match_type {
                MatchType::Glob => mapper.add_glob(id, text, &mut globs),
                MatchType::Regex => {
                    mapper.add_regex(id, text, limits.regex_bytes)?;
                    true
                }
            };
            if !used {
                mapper.unused.push(id);
            }
        }
        mapper.globs.finish(&globs);
        let text = |id: u32| mapper.rules.get(id as usize).map_or("", |ready| &ready.rule.matching);
        mapper.patterns.finish(text);
        Ok(mapper)
    }

    fn add_glob<'t>(&mut self, id: u32, text: &RuleText<'t>, globs: &mut Vec<&'t str>) -> bool {
        globs.push(text.matching);
        let stars: Box<[usize]> =
            text.matching.split('.').enumerate().filter(|(_, part)| *part == "*").map(|(i, _)| i).collect();
        let captures = stars.len();
        self.rules.push(Ready::new(text, stars, |template| Template::glob(template, captures)));
        self.globs.insert(text.matching, text.kinds, id)
    }

    fn add_regex(&mut self, id: u32, text: &RuleText<'_>, most: usize) -> Result<(), MapError> {
        let compiled = pattern::parse(text.matching).and_then(|hir| Ok((Pattern::compile(&hir, most)?, hir)));
        let ((pattern, groups), hir) = compiled.map_err(|e| {
            let why = match e {
                PatternError::TooBig(most) => {
                    format!("this expression takes more than {most} bytes once compiled (--statsd.max-regex-size)")
                }
                // The last line of the parser's drawing is its reason.
                e => {
                    let told = e.to_string();
                    let why = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    format!("this is no regular expression: {why}")
                }
            };
            MapError::new(text.rule.line, why).in_rule(Some(text.matching))
        })?;
        self.rules.push(Ready::new(text, Box::default(), |template| Template::regex(template, &groups)));
        self.patterns.insert(&hir, pattern, text.kinds, id);
        Ok(())
    }

    /// The rule for a name and kind of event, with what it makes of the name: globs first, then regular expressions.
    pub fn find<'a>(&'a self, name: &str, kind: EventKind, scratch: &'a mut Scratch) -> Option<Match<'a>> {
        let (id, ready) = match self.globs.find(name, kind, scratch) {
            Some(id) => {
                let ready = self.rules.get(id as usize)?;
                let Scratch { parts, text, ends, .. } = &mut *scratch;
                let star =
                    |group: usize| parts.get(*ready.stars.get(group - 1)?).and_then(|part| name.get(part.clone()));
                ready.render(|group| if group == 0 { name } else { star(group).unwrap_or_default() }, text, ends);
                (id, ready)
            }
            None => {
                let id = self.patterns.find(name, kind, scratch)?;
                let ready = self.rules.get(id as usize)?;
                let Scratch { search, text, ends, .. } = &mut *scratch;
                let group = |group| search.group(group).and_then(|range| name.get(range)).unwrap_or_default();
                ready.render(group, text, ends);
                (id, ready)
            }
        };
        let (text, ends) = (scratch.text.as_str(), scratch.ends.as_slice());
        let name = text.get(..ends.first().copied().unwrap_or_default()).unwrap_or_default();
        Some(Match { id: id as usize, rule: &ready.rule, name, labels: &ready.labels, text, ends })
    }

    /// What holds for metrics without a rule.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// All rules, in the order of the file.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter().map(|ready| &ready.rule)
    }

    /// Rules that no metric will ever reach: globs whose match stands in an earlier rule, or ends where an earlier,
    /// longer one goes on.
    pub fn unused(&self) -> impl Iterator<Item = &Rule> {
        self.unused.iter().filter_map(|id| self.rules.get(*id as usize)).map(|ready| &ready.rule)
    }

    /// Writes the tree of globs as a graph that Graphviz draws.
    pub fn dot(&self, out: &mut dyn Write) -> io::Result<()> {
        self.globs.dot(|id| self.rules.get(id as usize).map(|ready| &ready.rule), out)
    }
}

impl Ready {
    fn new(text: &RuleText<'_>, stars: Box<[usize]>, template: impl Fn(&str) -> Template) -> Self {
        let labels = text.labels.iter().map(|(name, value)| ((*name).into(), template(value))).collect();
        Self { rule: text.rule.clone(), name: template(text.name), labels, stars }
    }

    fn render<'n>(&self, group: impl Fn(usize) -> &'n str, text: &mut String, ends: &mut Vec<usize>) {
        text.clear();
        ends.clear();
        if self.rule.action == Action::Drop {
            return;
        }
        for template in std::iter::once(&self.name).chain(self.labels.iter().map(|(_, value)| value)) {
            template.render(&group, text);
            ends.push(text.len());
        }
    }
}
