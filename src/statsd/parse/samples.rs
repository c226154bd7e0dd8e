//! What stands behind the name: one sample, several with a type each (Etsy), or several values of one type (DogStatsD
//! 1.1).

use super::{LineError, Notes, Styles, Tags, dogstatsd, parse_number};

/// Value, type, rate, tags, container, time: more sections than these make a sample malformed. The two of
/// [`dogstatsd::is_origin`] come on top.
const MAX_SECTIONS: usize = 6;

/// One observation stands for no more than this many, so that their number never overflows: four billion such samples
/// would have to come. A rate that asks for more is a mistake.
const MAX_WEIGHT: f64 = u32::MAX as f64;

/// The type of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `c`
    Counter,
    /// `g`
    Gauge,
    /// `ms`, in milliseconds
    Timer,
    /// `h` or `d`
    Distribution,
    /// `s`
    Set,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "c" => Self::Counter,
            "g" => Self::Gauge,
            "ms" => Self::Timer,
            "h" | "d" => Self::Distribution,
            "s" => Self::Set,
            _ => return None,
        })
    }
}

/// One sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<'a> {
    /// Its type.
    pub kind: Kind,
    /// The value as sent: a number, of milliseconds for [`Kind::Timer`], or any text for [`Kind::Set`].
    pub text: &'a str,
    /// The same as a number; 0 for a set.
    pub value: f64,
    /// What a counter's value is divided by: its rate, and 1 for all others.
    pub rate: f64,
    /// How many observations one stands for: trunc(1 / rate), at most `MAX_WEIGHT`, and 1 for counters and gauges.
    pub weight: u64,
}

/// A sample's value and the sections behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    value: &'a str,
    /// `None`: no bar at all, so not even an empty type.
    sections: Option<&'a str>,
}

/// The samples of a line, still as text.
#[derive(Debug)]
pub enum Samples<'a> {
    /// Samples with their sections, separated by colons.
    Each(Option<&'a str>),
    /// Values separated by colons that share the sections.
    Packed { values: Option<&'a str>, sections: &'a str },
}

impl<'a> Samples<'a> {
    /// Tells the forms apart.
    ///
    /// ```text
    /// req:1|c:2|c          each
    ///     ^^^^^^^
    /// req:1:2:3|h|#a:b     packed
    ///     ^^^^^^^^^^^^
    /// ```
    pub fn new(text: &'a str) -> Result<Self, LineError> {
        let (value, sections) = text.split_once('|').ok_or(LineError::NotEnoughParts)?;
        if !value.contains(':') {
            return Ok(Self::Each(Some(text)));
        }
        let kind = sections.split('|').next().and_then(Kind::parse).filter(|kind| *kind != Kind::Set);
        kind.map(|_| Self::Packed { values: Some(value), sections }).ok_or(LineError::InvalidExtendedAggregate)
    }
}

impl<'a> Iterator for Samples<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        match self {
            Self::Each(rest) => {
                let (sample, more) = split_sample((*rest)?);
                *rest = more;
                Some(match sample.split_once('|') {
                    Some((value, sections)) => Raw { value, sections: Some(sections) },
                    None => Raw { value: sample, sections: None },
                })
            }
            Self::Packed { values, sections } => {
                let text = (*values)?;
                let (value, more) = match text.split_once(':') {
                    Some((value, more)) => (value, Some(more)),
                    None => (text, None),
                };
                *values = more;
                Some(Raw { value, sections: Some(sections) })
            }
        }
    }
}

/// Cuts the first sample off. A colon ends it, except one that belongs to a section of DogStatsD: from there on the
/// line is one sample.
///
/// ```text
/// 1|c:2|c|@0.5          1|c:2|c|c:83c0        1|c|#a:b
/// ^^^                   ^^^                   ^^^^^^^^
/// ```
fn split_sample(text: &str) -> (&str, Option<&str>) {
    // statsd_exporter has it so: with tags there are no samples side by side.
    if text.contains("|#") {
        return (text, None);
    }
    match text.split_once(':') {
        Some((sample, _)) if sample.split('|').skip(2).last().is_some_and(|s| matches!(s, "c" | "e" | "card")) => {
            (text, None)
        }
        Some((sample, more)) => (sample, Some(more)),
        None => (text, None),
    }
}

/// Reads a sample; its tags are added to `tags`, and what stands out to `notes`.
///
/// ```text
/// req:320|ms|@0.1|#env:prod|c:83c0|T1656581400
///     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
/// ```
pub fn parse_sample<'a>(
    raw: Raw<'a>,
    styles: Styles,
    tags: &mut Tags<'a>,
    notes: &mut Notes,
) -> Result<Sample<'a>, LineError> {
    let mut sections = raw.sections.ok_or(LineError::MalformedComponent)?.split('|');
    let kind = sections.next().and_then(Kind::parse);
    let known = sections.clone().filter(|section| !dogstatsd::is_origin(section)).count();
    if known + 2 > MAX_SECTIONS {
        return Err(LineError::MalformedComponent);
    }
    let value = match kind {
        Some(Kind::Set) => (!raw.value.is_empty()).then_some(0.0),
        _ => parse_number(raw.value.as_bytes()),
    };
    let value = value.ok_or(LineError::MalformedValue)?;
    if sections.clone().any(str::is_empty) {
        return Err(LineError::MalformedComponent);
    }
    let mut sample = Sample { kind: kind.unwrap_or(Kind::Gauge), value, text: raw.value, rate: 1.0, weight: 1 };
    for section in sections {
        match section.as_bytes()[0] {
            b'@' => notes.bad_rates += u32::from(!sample.set_rate(&section[1..])),
            b'#' => dogstatsd::parse_tags(&section[1..], styles, tags),
            _ if dogstatsd::is_timestamp(section) => {
                notes.let_by += 1;
                notes.timed = true;
            }
            _ if dogstatsd::is_origin(section) => notes.let_by += 1,
            b'c' => {
                let id = dogstatsd::parse_container_id(section)?;
                if styles.container_id {
                    tags.push("container_id", id);
                }
            }
            _ => return Err(LineError::InvalidSampleFactor),
        }
    }
    kind.map(|_| sample).ok_or(LineError::IllegalEvent)
}

impl Sample<'_> {
    /// Takes a sampling rate into account; `false` where it is no number.
    ///
    /// ```text
    /// req:1|c|@0.1
    ///          ^^^
    /// ```
    ///
    /// Ratio; 0 and what is no number count as 1, as statsd_exporter has it. A gauge has none.
    /// Source: the StatsD metric types document.
    fn set_rate(&mut self, text: &str) -> bool {
        let number = parse_number(text.as_bytes());
        let rate = number.filter(|rate| *rate != 0.0).unwrap_or(1.0);
        match self.kind {
            Kind::Counter => self.rate *= rate,
            // A float becomes an integer by leaving out its fraction; one below zero or NaN becomes 0.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Kind::Timer | Kind::Distribution => self.weight = (1.0 / rate).min(MAX_WEIGHT) as u64,
            Kind::Gauge | Kind::Set => {}
        }
        number.is_some()
    }
}
