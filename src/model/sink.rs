//! Where samples go. Collectors and the StatsD store push into a [`Sink`]; `encode` has the ones that write a body.
//!
//! Samples of one family are pushed one after another: a sink writes as it is called and builds no tree.

use super::Desc;

/// Suffix of the sample that says when a series began, in seconds since 1970. OpenMetrics has it; the text format, which
/// knows no such sample, leaves it out.
pub const CREATED: &str = "_created";

/// The labels of a sample, in one of the forms that their producers have at hand.
#[derive(Clone, Copy, Debug)]
pub enum Labels<'a> {
    /// Names of the descriptor with a value each.
    Zip(&'a [&'a str], &'a [&'a str]),
    /// Names and values side by side, for families whose label sets differ from sample to sample.
    Pairs(&'a [(&'a str, &'a str)]),
    /// Text as it stands between the braces, escaped already, and one more label (`le`, `quantile`) after it.
    Rendered(&'a str, Option<(&'static str, &'a str)>),
}

/// One sample of the family that is open.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// `""`, `"_sum"`, `"_count"`, `"_bucket"` or [`CREATED`].
    pub suffix: &'static str,
    /// Labels of the series.
    pub labels: Labels<'a>,
    /// Value in the base unit of the family.
    pub value: f64,
}

/// Takes families and their samples.
pub trait Sink {
    /// Opens a family; samples belong to it until the next call. `false`: the name has another owner in this scrape,
    /// the sink has counted that, and samples are to be left out.
    fn open(&mut self, desc: &Desc<'_>) -> bool;

    /// Pushes a sample of the open family.
    fn push(&mut self, sample: &Sample<'_>);
}

impl dyn Sink + '_ {
    /// A family whose samples follow through the returned writer.
    pub fn family<'s>(&'s mut self, desc: &Desc<'s>) -> Family<'s> {
        let open = self.open(desc);
        Family { sink: self, names: desc.labels, open }
    }

    /// A family of one sample without labels.
    pub fn one(&mut self, desc: &Desc<'_>, value: f64) {
        if self.open(desc) {
            self.push(&Sample { suffix: "", labels: Labels::Pairs(&[]), value });
        }
    }
}

/// Writes the samples of one family.
pub struct Family<'s> {
    sink: &'s mut (dyn Sink + 's),
    names: &'s [&'s str],
    open: bool,
}

impl Family<'_> {
    /// A sample with a value for each label name of the descriptor, in its order.
    pub fn sample(&mut self, values: &[&str], value: f64) {
        debug_assert_eq!(self.names.len(), values.len(), "a value for each label name");
        self.push("", Labels::Zip(self.names, values), value);
    }

    /// A sample with label names of its own.
    pub fn labeled(&mut self, labels: &[(&str, &str)], value: f64) {
        self.push("", Labels::Pairs(labels), value);
    }

    /// A sample in full: suffix and labels in any form.
    pub fn push(&mut self, suffix: &'static str, labels: Labels<'_>, value: f64) {
        if self.open {
            self.sink.push(&Sample { suffix, labels, value });
        }
    }
}
