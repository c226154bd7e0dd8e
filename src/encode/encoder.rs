//! What writes a body, in either format.

use super::labels::write_labels;
use super::number::write_value;
use super::owners::Owners;
use super::{Format, openmetrics, text};
use crate::model::{CREATED, Desc, Kind, Sample, Sink};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Something that was left out of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Name of the family.
    pub name: String,
    /// A clause that says why.
    pub why: &'static str,
}

const TAKEN: &str = "another source of the same scrape has a metric of that name";

/// The names that a part of a body has.
#[derive(Clone)]
pub struct Names(Arc<Owners>);

/// Writes one body, or a part of one. Lives for one scrape; its buffer is emptied chunk by chunk.
#[derive(Default)]
pub struct Encoder {
    format: Format,
    out: Vec<u8>,
    /// Shared by all parts of the body.
    owners: Arc<Mutex<Owners>>,
    /// Names that were given to this part before the body was begun.
    given: Option<Names>,
    /// Name of the open family's samples, without their suffixes.
    name: String,
    /// Kind of the open family.
    kind: Option<Kind>,
    /// `# HELP` and `# TYPE` of the open family until its first sample: a family without one leaves no trace.
    header: Vec<u8>,
    strict: openmetrics::Strict,
    refused: Vec<Refused>,
}

impl Encoder {
    /// An encoder of the given format.
    pub fn new(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    /// The same with room for so many bytes.
    #[must_use]
    pub fn with_room(mut self, bytes: usize) -> Self {
        self.out.reserve(bytes);
        self
    }

    /// An encoder for a part of the same body, which another thread may write: names that one part has, no other gets.
    #[must_use]
    pub fn part(&self) -> Self {
        Self { format: self.format, owners: Arc::clone(&self.owners), ..Self::default() }
    }

    /// The names that were written so far, to be given away in later bodies before they are begun.
    pub fn names(&self) -> Names {
        Names(Arc::new(self.owners().clone()))
    }

    /// The same encoder, of a body in which these names are given away. Nothing may be written yet.
    #[must_use]
    pub fn without(mut self, names: &Names) -> Self {
        self.owners = Arc::new(Mutex::new(Owners::clone(&names.0)));
        self
    }

    /// An encoder for the part of the same body that they are given to.
    #[must_use]
    pub fn part_with(&self, names: &Names) -> Self {
        Self { given: Some(names.clone()), ..self.part() }
    }

    /// Moves all that was written of a part to the end of what was written of this one.
    pub fn append(&mut self, part: &mut Self) {
        self.out.append(&mut part.out);
        self.refused.append(&mut part.refused);
    }

    /// Bytes written since the last [`take`](Self::take).
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written since the last [`take`](Self::take).
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Swaps what was written for the given buffer, which is emptied and written to next.
    pub fn take(&mut self, buffer: &mut Vec<u8>) {
        buffer.clear();
        std::mem::swap(&mut self.out, buffer);
    }

    /// Ends the body.
    pub fn end(&mut self) {
        if self.format == Format::OpenMetrics {
            self.out.extend_from_slice(openmetrics::END);
        }
    }

    /// What was left out since the last call: families whose names have another owner in this body, and those that have
    /// samples which the format does not know.
    pub fn refused(&mut self) -> Vec<Refused> {
        std::mem::take(&mut self.refused)
    }

    fn owners(&self) -> MutexGuard<'_, Owners> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&mut self, name: &str, why: &'static str) {
        self.refused.push(Refused { name: name.to_owned(), why });
    }

    /// Whether a sample is none that OpenMetrics knows. Told once for each family.
    fn is_foreign(&mut self, sample: &Sample<'_>) -> bool {
        let Some(kind) = self.kind else { return false };
        if self.strict.admits(kind, sample) {
            return false;
        }
        if self.strict.is_first() {
            let name = self.name.clone();
            self.refuse(&name, openmetrics::FOREIGN);
        }
        true
    }
}

impl Sink for Encoder {
    fn open(&mut self, desc: &Desc<'_>) -> bool {
        self.header.clear();
        let given = self.given.as_ref().is_some_and(|given| given.0.has(desc, self.format));
        if !given && !self.owners().claim(desc, self.format) {
            self.refuse(desc.name, TAKEN);
            return false;
        }
        self.name.clear();
        self.name.push_str(desc.name);
        match self.format {
            Format::Text => text::write_header(desc, &mut self.header),
            Format::OpenMetrics => {
                self.strict = openmetrics::Strict::default();
                self.kind = Some(desc.kind);
                openmetrics::rename(desc, &mut self.name);
                openmetrics::write_header(desc, &mut self.header);
            }
        }
        true
    }

    fn push(&mut self, sample: &Sample<'_>) {
        let (strict, created) = (self.format == Format::OpenMetrics, sample.suffix == CREATED);
        if strict && self.is_foreign(sample) || created && !strict {
            return;
        }
        self.out.append(&mut self.header);
        let name = if created { openmetrics::base(&self.name, self.kind) } else { &self.name };
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(sample.suffix.as_bytes());
        let canonical = strict && matches!(self.kind, Some(Kind::Summary | Kind::Histogram));
        write_labels(sample.labels, canonical, &mut self.out);
        self.out.push(b' ');
        write_value(sample.value, &mut self.out);
        self.out.push(b'\n');
    }
}
