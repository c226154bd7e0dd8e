//! Subcommands as data: parsing (`cli`), their help, the man page and the completions come from it.

use crate::flag::Takes;

/// A subcommand, or a verb of one.
#[derive(Debug)]
pub struct Subcommand {
    /// The word that stands for it.
    pub name: &'static str,
    /// What it does, in a clause without a full stop.
    pub about: &'static str,
    /// The form of its command line.
    pub usage: &'static str,
    /// What stands below its help, if anything.
    pub examples: &'static str,
    /// What is no option, in order; none may be missing.
    pub operands: &'static [Operand],
    /// Its options, which its verbs take as well.
    pub options: &'static [Opt],
    /// What it can be told to do, one at a time, where there is a choice.
    pub verbs: &'static [Subcommand],
}

/// An argument that is known by its place.
#[derive(Debug)]
pub struct Operand {
    /// What stands for it in help.
    pub word: &'static str,
    /// A clause without a full stop.
    pub help: &'static str,
    /// What it may be; empty for any text.
    pub choices: &'static [&'static str],
}

/// An argument that is known by its name.
#[derive(Debug)]
pub struct Opt {
    /// Its name without dashes.
    pub name: &'static str,
    /// A letter that stands for it, too, with its dash.
    pub short: Option<&'static str>,
    /// What follows it.
    pub takes: Takes,
    /// Its value when it is not given, `""` for none.
    pub default: &'static str,
    /// A clause without a full stop.
    pub help: &'static str,
    /// What its value may be; empty for any text.
    pub choices: &'static [&'static str],
    /// The highest number of things that its value may be, if it is one.
    pub most: Option<u16>,
}

impl Opt {
    /// An option without a default.
    pub const fn new(name: &'static str, takes: Takes, help: &'static str) -> Self {
        Self { name, short: None, takes, default: "", help, choices: &[], most: None }
    }

    /// The same option with a value for when it is not given.
    #[must_use]
    pub const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    /// The same option that takes one of some words.
    #[must_use]
    pub const fn one_of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// The same option that takes a number of things, up to so many.
    #[must_use]
    pub const fn up_to(mut self, most: u16) -> Self {
        self.most = Some(most);
        self
    }

    /// The same option with a letter.
    #[must_use]
    pub const fn short(mut self, short: &'static str) -> Self {
        self.short = Some(short);
        self
    }
}

/// What the arguments of a subcommand say.
#[derive(Debug)]
pub struct Matches {
    /// The subcommand.
    pub(crate) command: &'static Subcommand,
    /// Its verb.
    pub(crate) verb: Option<&'static Subcommand>,
    /// Its operands, in order.
    pub(crate) operands: Vec<String>,
    /// By name, in the order in which they are given; a switch has an empty value.
    pub(crate) options: Vec<(&'static str, String)>,
}

impl Matches {
    /// The verb, where the subcommand has some.
    pub fn verb(&self) -> &'static str {
        self.verb.map_or("", |verb| verb.name)
    }

    /// The operand at a place, from 0.
    pub fn operand(&self, at: usize) -> &str {
        self.operands.get(at).map_or("", String::as_str)
    }

    /// Whether an option is given.
    pub fn given(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The value of an option: the last given, or its default.
    pub fn value(&self, name: &str) -> Option<&str> {
        let default = || {
            let known = self.command.options.iter().find(|option| option.name == name)?;
            (!known.default.is_empty()).then_some(known.default)
        };
        self.all(name).last().or_else(default)
    }

    /// All values that are given of an option.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.options.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}
