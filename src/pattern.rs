//! Regular expressions in Go's spelling, which the flags and mapping files of the two exporters are written in.
//!
//! The one difference that matters: Go's `\d`, `\w`, `\s` and `\b` know ASCII only. Spelling them out keeps the meaning
//! and lets the program do without Unicode's tables.

use regex::{Regex, RegexBuilder};

/// A compiled expression may not take more memory than this, in bytes, unless a flag says otherwise.
pub const MAX_COMPILED_BYTES: usize = 1 << 20;

/// A regular expression that means what it means in Go.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles an expression.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(&translate(text)).size_limit(MAX_COMPILED_BYTES).build().map(Self)
    }

    /// Whether the expression matches anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The compiled expression, for captures.
    pub fn regex(&self) -> &Regex {
        &self.0
    }
}

/// Rewrites Go's classes into ones that mean the same to the regex crate.
pub fn translate(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut chars, mut in_class) = (text.chars(), false);
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(class) => push_class(class, in_class, &mut out),
                None => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                // A `]` that comes first stands for itself.
                let mut rest = chars.clone();
                if rest.next() == Some('^') {
                    chars = rest.clone();
                    out.push('^');
                } else {
                    rest = chars.clone();
                }
                if rest.next() == Some(']') {
                    chars = rest;
                    out.push_str("\\]");
                }
            }
            // Go knows no nested classes and no set operations: these stand for themselves.
            '[' if !chars.as_str().starts_with(':') => out.push_str("\\["),
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            // [:alpha:] holds the only `]` that does not end the class around it.
            '[' => {
                out.push('[');
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            c => out.push(c),
        }
    }
    out
}

fn push_class(class: char, in_class: bool, out: &mut String) {
    let (inside, negated) = match class.to_ascii_lowercase() {
        'd' => ("0-9", class == 'D'),
        'w' => ("0-9A-Za-z_", class == 'W'),
        's' => ("\\t\\n\\x0C\\r ", class == 'S'),
        'b' if !in_class => {
            out.push_str(if class == 'b' { "(?-u:\\b)" } else { "(?-u:\\B)" });
            return;
        }
        _ => {
            out.push('\\');
            out.push(class);
            return;
        }
    };
    match (in_class, negated) {
        (true, false) => out.push_str(inside),
        (_, true) => out.extend(["[^", inside, "]"]),
        (false, false) => out.extend(["[", inside, "]"]),
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
            ("^$", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().is_match(text), want, "{pattern:?} on {text:?}");
        }
        assert!(Pattern::new("(a").is_err());
        assert!(Pattern::new("a{1000}{1000}{1000}").is_err(), "a bomb is refused");
    }
}
