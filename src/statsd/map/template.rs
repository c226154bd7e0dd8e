//! Names and label values with references to what a match captured: `$1`, `${1}`.
//!
//! Globs and regular expressions read the same text differently, as statsd_exporter has it: after a glob, what follows
//! the `$` may hold further `$`, and what is no number of a star is empty; after a regular expression the rules are
//! those of Go's `Regexp.Expand`.

use crate::pattern::Groups;

/// A text with references, ready to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Box<[Part]>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    /// A capture; 0 is the whole name or match.
    Group(usize),
}

impl Template {
    /// Reads a template beside a glob with this many stars.
    pub fn glob(text: &str, stars: usize) -> Self {
        let mut parts = Parts::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            parts.text(before);
            let braced = after.strip_prefix('{').unwrap_or(after);
            let end = braced.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$'));
            let (name, tail) = braced.split_at(end.unwrap_or(braced.len()));
            if name.is_empty() {
                parts.text("$");
                rest = after;
                continue;
            }
            // Another number, or a name: empty.
            parts.group(name.parse().ok().filter(|group| *group <= stars));
            rest = tail.strip_prefix('}').unwrap_or(tail);
        }
        parts.text(rest);
        parts.finish()
    }

    /// Reads a template beside a regular expression.
    pub fn regex(text: &str, groups: &Groups) -> Self {
        let mut parts = Parts::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            parts.text(before);
            if let Some(tail) = after.strip_prefix('$') {
                parts.text("$");
                rest = tail;
            } else if let Some((name, tail)) = reference(after) {
                parts.group(group(name, groups));
                rest = tail;
            } else {
                parts.text("$");
                rest = after;
            }
        }
        parts.text(rest);
        parts.finish()
    }

    /// Appends the text, with each reference replaced by what it stands for.
    pub fn render<'a>(&self, group: impl Fn(usize) -> &'a str, out: &mut String) {
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(index) => out.push_str(group(*index)),
            }
        }
    }
}

/// Splits `name` or `{name}` from what follows it. The longest name counts, so `1_x` is one and not `1`.
fn reference(text: &str) -> Option<(&str, &str)> {
    let braced = text.strip_prefix('{');
    let body = braced.unwrap_or(text);
    let end = body.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(body.len());
    let (name, tail) = body.split_at(end);
    let tail = if braced.is_some() { tail.strip_prefix('}')? } else { tail };
    (!name.is_empty()).then_some((name, tail))
}

/// The group of a number without leading zeros, or of a name. `None`: there is none, which renders as nothing.
fn group(name: &str, groups: &Groups) -> Option<usize> {
    let number = name.bytes().all(|b| b.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    match number {
        true => name.parse().ok().filter(|group| *group < groups.count()),
        false => groups.named(name),
    }
}

#[derive(Default)]
struct Parts(Vec<Part>, String);

impl Parts {
    fn text(&mut self, text: &str) {
        self.1.push_str(text);
    }

    fn group(&mut self, group: Option<usize>) {
        if let Some(group) = group {
            self.flush();
            self.0.push(Part::Group(group));
        }
    }

    fn flush(&mut self) {
        if !self.1.is_empty() {
            self.0.push(Part::Text(std::mem::take(&mut self.1).into()));
        }
    }

    fn finish(mut self) -> Template {
        self.flush();
        Template(self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Pattern, parse};

    fn render(template: &Template) -> String {
        let mut out = String::new();
        template.render(|group| ["<0>", "<1>", "<2>"][group], &mut out);
        out
    }

    #[test]
    fn references_beside_a_glob() {
        for (text, want) in [
            ("", ""),
            ("plain", "plain"),
            ("$1", "<1>"),
            ("${1}", "<1>"),
            ("a$1-$2b", "a<1>-"),
            ("a${1}_${2}b", "a<1>_<2>b"),
            ("$0", "<0>"),
            ("$3", ""),
            ("$01", "<1>"),
            ("x$1_y", "x"),
            ("$1$2", ""),
            ("${1}${2}", "<1><2>"),
            ("$1}", "<1>"),
            ("${1", "<1>"),
            ("${name}", ""),
            ("$", "$"),
            ("$-${}", "$-${}"),
            ("50%-$1", "50%-<1>"),
            ("$99999999999999999999", ""),
            ("ö$1ö", "ö<1>ö"),
        ] {
            assert_eq!(render(&Template::glob(text, 2)), want, "text: {text:?}");
        }
    }

    #[test]
    fn references_beside_a_regular_expression() {
        let (_, groups) = Pattern::compile(&parse("(a)(?P<word>b)").unwrap(), 1 << 20).unwrap();
        for (text, want) in [
            ("", ""),
            ("plain", "plain"),
            ("$1", "<1>"),
            ("${1}_x", "<1>_x"),
            ("$1_x", ""),
            ("$1$2", "<1><2>"),
            ("$0", "<0>"),
            ("$3", ""),
            ("$01", ""),
            ("$word-${word}", "<2>-<2>"),
            ("$words", ""),
            ("$$1", "$1"),
            ("${1", "${1"),
            ("$", "$"),
            ("$-${}", "$-${}"),
            ("$1ö", ""),
        ] {
            assert_eq!(render(&Template::regex(text, &groups)), want, "text: {text:?}");
        }
    }
}
