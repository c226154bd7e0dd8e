//! A line of StatsD to samples. Pure: slices in, values or an error out, nothing logged or counted here.
//!
//! ```text
//! app.hits,env=prod : 1 | c | @0.1 | #region:eu
//! ~~~~~~~~ ~~~~~~~~   ~   ~   ~~~~   ~~~~~~~~~~
//! name     tags       value type rate tags          (no spaces in a real line)
//! ```
//!
//! One file a tag style: `inline` for those that stand in the name, `dogstatsd` for the sections behind the type.
//! Sources: the [metric types of StatsD], the [DogStatsD datagram format] up to 1.6, and statsd_exporter, whose reading
//! of doubtful lines is kept.
//!
//! [metric types of StatsD]: https://github.com/statsd/statsd/blob/master/docs/metric_types.md
//! [DogStatsD datagram format]: https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/

mod bounds;
mod dogstatsd;
mod error;
mod inline;
mod number;
mod samples;
mod service_check;
mod tags;

pub use bounds::Bounds;
pub use error::LineError;
pub use number::parse_number;
pub use samples::{Kind, Sample};
pub use service_check::{ServiceCheck, is_event, is_service_check, parse_service_check};
pub use tags::Tags;

use samples::Samples;
use std::borrow::Cow;

/// Which tag styles are read; the others are part of the name, or ignored where they stand behind the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Styles {
    /// `name:1|c|#key:value,key:value`
    pub dogstatsd: bool,
    /// `name,key=value:1|c`
    pub influxdb: bool,
    /// `name#key=value:1|c`
    pub librato: bool,
    /// `name[key=value]:1|c`
    pub signalfx: bool,
    /// `name;key=value:1|c`
    pub graphite: bool,
    /// Whether a DogStatsD tag without a value has the value `true`, rather than being an error.
    pub bare: bool,
    /// Whether the container of a DogStatsD sample becomes a label.
    pub container_id: bool,
}

impl Styles {
    /// All styles that statsd_exporter reads by default.
    pub const ALL: Self = Self {
        dogstatsd: true,
        influxdb: true,
        librato: true,
        signalfx: true,
        graphite: false,
        bare: false,
        container_id: true,
    };
}

/// What stands out in a line without refusing it, to be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Sampling rates that were no number, so that 1 was taken.
    pub bad_rates: u32,
    /// Sections that were let by.
    pub let_by: u32,
    /// Whether one of them was a time: no other line will be like this one.
    pub timed: bool,
}

/// A line with its name and the tags of its name read, and its samples still to be read.
#[derive(Debug)]
pub struct Line<'a> {
    /// Name without tags, as it was sent.
    pub name: Cow<'a, str>,
    /// What stood out in the samples so far, and refuses none of them.
    pub notes: Notes,
    samples: Samples<'a>,
    styles: Styles,
}

/// Reads a line up to its samples. Tags of the name go into `tags`, which is emptied first.
///
/// ```text
/// app.hits[env=prod]:1|c:2|c
/// ^^^^^^^^^^^^^^^^^^ ~~~~~~~ read by next_sample
/// ```
pub fn parse_line<'a>(line: &'a [u8], styles: Styles, tags: &mut Tags<'a>) -> Result<Line<'a>, LineError> {
    tags.clear();
    let line = std::str::from_utf8(line).map_err(|_| LineError::MalformedLine)?;
    let (name, rest) = line.split_once(':').ok_or(LineError::MalformedLine)?;
    if name.is_empty() {
        return Err(LineError::MalformedLine);
    }
    let name = inline::split_name(name, styles, tags);
    if !tags.is_empty() && rest.contains("|#") {
        return Err(LineError::MixedTaggingStyles);
    }
    tags.seal();
    Ok(Line { name, notes: Notes::default(), samples: Samples::new(rest)?, styles })
}

impl<'a> Line<'a> {
    /// Reads the next sample and its tags, which join those of the name in `tags`; `None` after the last.
    pub fn next_sample(&mut self, tags: &mut Tags<'a>) -> Option<Result<Sample<'a>, LineError>> {
        let raw = self.samples.next()?;
        tags.unseal();
        Some(samples::parse_sample(raw, self.styles, tags, &mut self.notes))
    }
}

#[cfg(test)]
mod tests;
