//! One line of the StatsD protocol, with DogStatsD's rate and tags: `app.hits:1|c|@0.1|#env:prod,urgent`.
//!
//! What would break the line apart, or make another metric of it, is refused here: a server would drop it in silence.

use cadence::Metric;
use std::fmt;

/// A kind of metric.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What the user calls it.
    pub name: &'static str,
    /// What the protocol calls it.
    code: &'static str,
    value: Value,
}

/// What a kind takes for its value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Number,
    /// A number, and a step up or down where it has a sign.
    NumberOrStep,
    Text,
}

/// Every kind there is. Source: the StatsD metric types document; DogStatsD for `h` and `d`.
pub const KINDS: [Kind; 6] = [
    Kind { name: "counter", code: "c", value: Value::Number },
    Kind { name: "gauge", code: "g", value: Value::NumberOrStep },
    Kind { name: "timer", code: "ms", value: Value::Number },
    Kind { name: "histogram", code: "h", value: Value::Number },
    Kind { name: "distribution", code: "d", value: Value::Number },
    Kind { name: "set", code: "s", value: Value::Text },
];

/// What the user calls them.
pub const KIND_NAMES: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = KINDS[at].name;
        at += 1;
    }
    names
};

/// A line without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(String);

impl Metric for Line {
    fn as_metric_str(&self) -> &str {
        &self.0
    }
}

impl Line {
    /// The line that says what the user said. Tags are `key=value`, `key:value` or a word alone.
    pub fn new(kind: &str, name: &str, value: &str, rate: Option<&str>, tags: &[&str]) -> Result<Self, LineError> {
        let found = KINDS.iter().find(|known| known.name == kind);
        let kind = found.ok_or_else(|| LineError::Kind(kind.to_owned()))?;
        if !is_clean(name, ":|") {
            return Err(LineError::Name(name.to_owned()));
        }
        let value = kind.value(value).ok_or_else(|| LineError::Value(kind.name, value.to_owned()))?;
        let mut line = format!("{name}:{value}|{}", kind.code);
        if let Some(rate) = rate {
            let parsed = rate.parse().ok().filter(|parsed: &f64| *parsed > 0.0 && *parsed <= 1.0);
            line += &format!("|@{}", parsed.ok_or_else(|| LineError::Rate(rate.to_owned()))?);
        }
        for (i, tag) in tags.iter().enumerate() {
            line.push_str(if i == 0 { "|#" } else { "," });
            line.push_str(&pair(tag).ok_or_else(|| LineError::Tag((*tag).to_owned()))?);
        }
        Ok(Self(line))
    }
}

impl Kind {
    /// The value as the line has it; `None` where the kind has no such value.
    fn value(self, text: &str) -> Option<&str> {
        if self.value == Value::Text {
            return is_clean(text, ":|").then_some(text);
        }
        text.parse().ok().filter(|number: &f64| number.is_finite())?;
        // Only a gauge tells +5 from 5.
        Some(if self.value == Value::NumberOrStep { text } else { text.trim_start_matches('+') })
    }
}

/// A tag as DogStatsD has it: `key:value`, or a word.
fn pair(tag: &str) -> Option<String> {
    let (key, value) = match tag.split_once('=') {
        Some((key, value)) if !key.contains(':') => (key, Some(value)),
        // `a:b=c` would become key `a` with value `b:c`.
        Some(_) => return None,
        None => (tag, None),
    };
    let clean = is_clean(key, ",|") && !key.starts_with(':') && value.is_none_or(|v| v.is_empty() || is_clean(v, ",|"));
    clean.then(|| value.map_or_else(|| key.to_owned(), |value| format!("{key}:{value}")))
}

/// Whether a part of a line is there and holds neither what separates it from the next nor what ends the line.
fn is_clean(text: &str, separators: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_control() || separators.contains(c))
}

/// What can't be said on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineError {
    /// No kind has this name.
    Kind(String),
    /// A name that would end too early.
    Name(String),
    /// A value that this kind does not take.
    Value(&'static str, String),
    /// A rate that is none.
    Rate(String),
    /// A tag that would fall into pieces.
    Tag(String),
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "{kind:?} is no type of metric"),
            Self::Name(name) => {
                write!(f, "the name {name:?} is empty or holds ':', '|' or a control character")
            }
            Self::Value("set", value) => {
                write!(f, "the member {value:?} is empty or holds ':', '|' or a control character")
            }
            Self::Value(kind, value) => write!(f, "the value {value:?} of a {kind} is not a number"),
            Self::Rate(rate) => write!(f, "the rate {rate:?} is not a number above 0 and up to 1"),
            Self::Tag(tag) => {
                write!(f, "the tag {tag:?} has no key, or holds ',', '|', a control character or a key with ':'")
            }
        }
    }
}

impl std::error::Error for LineError {}

#[cfg(test)]
mod tests {
    use super::*;
    use cadence::prelude::*;
    use cadence::{NopMetricSink, StatsdClient};

    #[test]
    fn lines_say_what_the_user_said() {
        type Case<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, &'a [&'a str], &'a str);
        let cases: &[Case<'_>] = &[
            ("counter", "app.hits", "1", None, &[], "app.hits:1|c"),
            ("counter", "app.hits", "+2", None, &[], "app.hits:2|c"),
            ("counter", "app.hits", "1", Some("0.10"), &[], "app.hits:1|c|@0.1"),
            ("counter", "app.hits", "1", Some("1"), &["env=prod", "urgent"], "app.hits:1|c|@1|#env:prod,urgent"),
            ("gauge", "q", "5", None, &[], "q:5|g"),
            ("gauge", "q", "+5", None, &[], "q:+5|g"),
            ("gauge", "q", "-3.5", None, &[], "q:-3.5|g"),
            ("timer", "t", "320", None, &["env:prod"], "t:320|ms|#env:prod"),
            ("histogram", "h", "0.25", None, &["url=http://x/?a=b"], "h:0.25|h|#url:http://x/?a=b"),
            ("distribution", "d", "1e3", None, &["empty="], "d:1e3|d|#empty:"),
            ("set", "users", "größe 1", None, &[], "users:größe 1|s"),
        ];
        for (kind, name, value, rate, tags, want) in cases {
            let got = Line::new(kind, name, value, *rate, tags).map(|line| line.0);
            assert_eq!(got.as_deref(), Ok(*want));
        }
    }

    #[test]
    fn what_no_line_can_say_is_refused() {
        let line = |kind, name, value, rate, tag| Line::new(kind, name, value, rate, &[tag]);
        for name in ["", "a:b", "a|b", "a\nb"] {
            assert_eq!(line("counter", name, "1", None, "t"), Err(LineError::Name(name.into())));
        }
        for value in ["", "x", "nan", "inf", "1|c", "1\nb:1", "0x10", "1,5"] {
            assert_eq!(line("gauge", "n", value, None, "t"), Err(LineError::Value("gauge", value.into())));
        }
        for value in ["", "a|b", "a:b", "a\0"] {
            assert_eq!(line("set", "n", value, None, "t"), Err(LineError::Value("set", value.into())));
        }
        for rate in ["", "0", "-1", "1.5", "nan", "x"] {
            assert_eq!(line("timer", "n", "1", Some(rate), "t"), Err(LineError::Rate(rate.into())));
        }
        for tag in ["", "=v", ":v", "a,b", "a=b,c", "a=b|c", "a:b=c", "a=b\n"] {
            assert_eq!(line("timer", "n", "1", None, tag), Err(LineError::Tag(tag.into())));
        }
        assert_eq!(line("meter", "n", "1", None, "t"), Err(LineError::Kind("meter".into())));
    }

    #[test]
    fn cadence_writes_the_same_line() {
        let client = StatsdClient::from_sink("", NopMetricSink);
        let sent = client.count_with_tags("n", 2).with_tag("k", "v").with_tag_value("w").with_sampling_rate(0.25);
        let ours = Line::new("counter", "n", "2", Some("0.25"), &["k=v", "w"]).unwrap();
        assert_eq!(sent.try_send().unwrap().as_metric_str(), ours.0);
        let sent = client.distribution("n", 0.5).unwrap();
        assert_eq!(sent.as_metric_str(), Line::new("distribution", "n", "0.5", None, &[]).unwrap().0);
    }
}
