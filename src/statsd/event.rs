//! What a value does to a series: pure, and the same on the short way and the long one.

use super::cache::Reading;
use super::parse::{Kind, Sample, parse_number};
use super::store::{FamilyKind, Update};
use super::tally::{EventError, EventType};

/// The value of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input<'a> {
    /// A number; a sign in front of it makes a gauge relative.
    Number { value: f64, relative: bool },
    /// The member of a set.
    Member(&'a [u8]),
}

impl<'a> Input<'a> {
    /// The value of a sample that was parsed.
    pub fn of(sample: &Sample<'a>) -> Self {
        match sample.kind {
            Kind::Set => Self::Member(sample.text.as_bytes()),
            _ => Self::Number { value: sample.value, relative: is_relative(sample.text.as_bytes()) },
        }
    }

    /// Reads the value of a line whose like is known; `None` where the parser would not read it as the one value of one
    /// sample.
    pub fn read(kind: FamilyKind, text: &'a [u8]) -> Option<Self> {
        if kind == FamilyKind::Set {
            let is_member = !text.is_empty() && memchr::memchr(b':', text).is_none() && text.is_ascii();
            return is_member.then_some(Self::Member(text));
        }
        Some(Self::Number { value: parse_number(text)?, relative: is_relative(text) })
    }
}

fn is_relative(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'+' | b'-'))
}

/// What an input does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect<'a> {
    /// It changes the series.
    Change(EventType, Update<'a>),
    /// It counts, and changes nothing: an observation that stands for none.
    Nothing(EventType),
    /// It may not reach the series.
    Refused(EventError),
}

impl<'a> Effect<'a> {
    /// Scales the input and checks it. Sums must stay sums: a counter takes nothing below zero, and neither it nor an
    /// observer what is not finite.
    pub fn of(kind: FamilyKind, reading: &Reading, input: Input<'a>) -> Self {
        let event = event_type(kind);
        let (value, relative) = match input {
            Input::Number { value, relative } => (reading.value(value), relative),
            Input::Member(member) => return Self::Change(event, Update::Insert(member)),
        };
        match kind {
            FamilyKind::Gauge if relative => Self::Change(event, Update::Add(value)),
            FamilyKind::Gauge => Self::Change(event, Update::Set(value)),
            FamilyKind::Counter if value < 0.0 => Self::Refused(EventError::IllegalNegativeCounter),
            _ if !value.is_finite() => Self::Refused(EventError::NotFinite),
            FamilyKind::Counter => Self::Change(event, Update::Add(value)),
            FamilyKind::Summary | FamilyKind::Histogram if reading.weight > 0 => {
                Self::Change(event, Update::Observe(value, reading.weight))
            }
            FamilyKind::Summary | FamilyKind::Histogram | FamilyKind::Set => Self::Nothing(event),
        }
    }

    /// The change, if it is one.
    pub fn update(&self) -> Option<Update<'a>> {
        match self {
            Self::Change(_, update) => Some(*update),
            Self::Nothing(_) | Self::Refused(_) => None,
        }
    }
}

/// The type under which an event is counted.
pub fn event_type(kind: FamilyKind) -> EventType {
    match kind {
        FamilyKind::Counter => EventType::Counter,
        FamilyKind::Gauge => EventType::Gauge,
        FamilyKind::Summary | FamilyKind::Histogram => EventType::Observer,
        FamilyKind::Set => EventType::Set,
    }
}
