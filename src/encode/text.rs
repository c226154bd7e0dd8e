//! Text format 0.0.4, written as it is pushed.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use super::escape::{escape_help, escape_label_value};
use super::number::write_value;
use crate::model::{Desc, Labels, Sample, Sink};
use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::hash::BuildHasher;

/// No kind of family has more: `_bucket`, `_sum` and `_count`.
const MAX_SUFFIXES: usize = 3;

/// Writes one body. Lives for one scrape; its buffer is emptied chunk by chunk.
#[derive(Default)]
pub struct Encoder {
    out: Vec<u8>,
    /// Sample names that have an owner in this body, by keyed hash: eight bytes each, whatever their length.
    owned: HashSet<u64, RandomState>,
    hasher: RandomState,
    name: String,
    /// `# HELP` and `# TYPE` of the open family until its first sample: a family without one leaves no trace.
    header: Vec<u8>,
    refused: Vec<String>,
}

impl Encoder {
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

    /// Names of families refused since the last call because an earlier source of this body has them.
    pub fn refused(&mut self) -> Vec<String> {
        std::mem::take(&mut self.refused)
    }

    /// Gives all sample names of a family to it, or none where one of them has an owner. Leaves its bare name in `name`.
    fn claim(&mut self, desc: &Desc<'_>) -> bool {
        self.name.clear();
        self.name.push_str(desc.name);
        let mut names = [self.hasher.hash_one(&self.name); 1 + MAX_SUFFIXES];
        // Hashed whole: `t` with `_count` and `t_count` are one name.
        for (name, suffix) in names[1..].iter_mut().zip(desc.kind.suffixes()) {
            self.name.push_str(suffix);
            *name = self.hasher.hash_one(&self.name);
            self.name.truncate(desc.name.len());
        }
        let free = !names.iter().any(|name| self.owned.contains(name));
        if free {
            self.owned.extend(&names[..=desc.kind.suffixes().len()]);
        }
        free
    }
}

impl Sink for Encoder {
    fn open(&mut self, desc: &Desc<'_>) -> bool {
        self.header.clear();
        if !self.claim(desc) {
            self.refused.push(desc.name.to_owned());
            return false;
        }
        for part in ["# HELP ", desc.name, " "] {
            self.header.extend_from_slice(part.as_bytes());
        }
        escape_help(desc.help, &mut self.header);
        for part in ["\n# TYPE ", desc.name, " ", desc.kind.as_str(), "\n"] {
            self.header.extend_from_slice(part.as_bytes());
        }
        true
    }

    fn push(&mut self, sample: &Sample<'_>) {
        self.out.append(&mut self.header);
        self.out.extend_from_slice(self.name.as_bytes());
        self.out.extend_from_slice(sample.suffix.as_bytes());
        write_labels(sample.labels, &mut self.out);
        self.out.push(b' ');
        write_value(sample.value, &mut self.out);
        self.out.push(b'\n');
    }
}

fn write_labels(labels: Labels<'_>, out: &mut Vec<u8>) {
    let braces = out.len();
    let mut pair = |name: &str, value: &str| {
        out.push(if out.len() == braces { b'{' } else { b',' });
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"=\"");
        escape_label_value(value, out);
        out.push(b'"');
    };
    match labels {
        Labels::Zip(names, values) => names.iter().zip(values).for_each(|(name, value)| pair(name, value)),
        Labels::Pairs(pairs) => pairs.iter().for_each(|(name, value)| pair(name, value)),
        Labels::Rendered(text, more) => {
            if !text.is_empty() {
                out.push(b'{');
                out.extend_from_slice(text.as_bytes());
            }
            if let Some((name, value)) = more {
                out.push(if out.len() == braces { b'{' } else { b',' });
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b"=\"");
                out.extend_from_slice(value.as_bytes());
                out.push(b'"');
            }
        }
    }
    if out.len() > braces {
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn body(write: impl FnOnce(&mut dyn Sink)) -> String {
        let (mut encoder, mut out) = (Encoder::default(), Vec::new());
        write(&mut encoder);
        encoder.take(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_body_is_written_as_it_is_pushed() {
        let got = body(|out| {
            out.one(&Desc::gauge("up", "Up\nor \\ down.", &[]), 1.0);
            let mut family = out.family(&Desc::counter("hits_total", "Hits.", &["path", "code"]));
            family.sample(&["/\"a\"", "200"], 2.5);
            family.labeled(&[("other", "x")], f64::NAN);
            let mut family = out.family(&Desc::new(Kind::Histogram, "size", "Size.", &[]));
            family.push("_bucket", Labels::Rendered("", Some(("le", "+Inf"))), 1.0);
            family.push("_bucket", Labels::Rendered("a=\"b\"", Some(("le", "1"))), 1.0);
            family.push("_sum", Labels::Rendered("a=\"b\"", None), 0.5);
        });
        let want = "# HELP up Up\\nor \\\\ down.\n# TYPE up gauge\nup 1\n\
            # HELP hits_total Hits.\n# TYPE hits_total counter\nhits_total{path=\"/\\\"a\\\"\",code=\"200\"} 2.5\n\
            hits_total{other=\"x\"} NaN\n\
            # HELP size Size.\n# TYPE size histogram\nsize_bucket{le=\"+Inf\"} 1\nsize_bucket{a=\"b\",le=\"1\"} 1\n\
            size_sum{a=\"b\"} 0.5\n";
        assert_eq!(got, want);
    }

    #[test]
    fn a_family_without_samples_leaves_no_trace() {
        let got = body(|out| {
            let _ = out.family(&Desc::gauge("empty", "", &[]));
            out.one(&Desc::gauge("full", "", &[]), 0.0);
        });
        assert_eq!(got, "# HELP full \n# TYPE full gauge\nfull 0\n");
    }

    #[test]
    fn a_name_with_an_owner_is_refused_whole() {
        let (mut encoder, mut out) = (Encoder::default(), Vec::new());
        let sink: &mut dyn Sink = &mut encoder;
        sink.one(&Desc::counter("t_count", "", &[]), 1.0);
        let mut family = sink.family(&Desc::new(Kind::Summary, "t", "", &[]));
        family.push("_sum", Labels::Pairs(&[]), 1.0);
        sink.one(&Desc::gauge("t", "", &[]), 3.0);
        sink.one(&Desc::gauge("t_count", "", &[]), 4.0);
        assert_eq!(encoder.refused(), ["t", "t_count"]);
        encoder.take(&mut out);
        let want = "# HELP t_count \n# TYPE t_count counter\nt_count 1\n# HELP t \n# TYPE t gauge\nt 3\n";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
}
