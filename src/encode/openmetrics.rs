//! OpenMetrics 1.0: what differs from the text format. Served only when asked for, because it renames counters that lack
//! `_total`, and then strictly: a parser that minds one sample throws the whole scrape away.
//! Source: <https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md>.

use super::escape::escape_label_value;
use crate::model::{Desc, Kind, Labels, Sample};

/// The last line of a body.
pub const END: &[u8] = b"# EOF\n";

/// Why a sample was left out.
pub const FOREIGN: &str = "OpenMetrics knows no such value: its sums don't go below zero";

const TOTAL: &str = "_total";

/// Name of a family: that of a counter goes without `_total`.
pub fn family_name<'a>(desc: &Desc<'a>) -> &'a str {
    let bare = desc.name.strip_suffix(TOTAL).filter(|bare| !bare.is_empty() && desc.kind == Kind::Counter);
    bare.unwrap_or(desc.name)
}

/// Makes of a family's name that of its samples: a counter's goes with `_total`.
pub fn rename(desc: &Desc<'_>, name: &mut String) {
    if desc.kind == Kind::Counter && family_name(desc).len() == desc.name.len() {
        name.push_str(TOTAL);
    }
}

/// The name of a family's samples without what [`rename`] gave it.
pub fn base(name: &str, kind: Option<Kind>) -> &str {
    name.strip_suffix(TOTAL).filter(|_| kind == Some(Kind::Counter)).unwrap_or(name)
}

/// Suffixes of the names that belong to a family. No other family may have `_created`, written or not.
pub const fn suffixes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Counter => &["_total", "_created"],
        Kind::Summary => &["_sum", "_count", "_created"],
        Kind::Histogram => &["_bucket", "_sum", "_count", "_created"],
        Kind::Gauge | Kind::Untyped => &[],
    }
}

/// Appends what stands before the samples of a family.
pub fn write_header(desc: &Desc<'_>, out: &mut Vec<u8>) {
    let kind = if desc.kind == Kind::Untyped { "unknown" } else { desc.kind.as_str() };
    let name = family_name(desc);
    for part in ["# HELP ", name, " "] {
        out.extend_from_slice(part.as_bytes());
    }
    // Here a help text is escaped like a label, quotes and all.
    escape_label_value(desc.help, out);
    for part in ["\n# TYPE ", name, " ", kind, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Which samples of the open family are none that the format knows.
#[derive(Default)]
pub struct Strict {
    /// A bucket below zero: then a histogram has neither sum nor count.
    below_zero: bool,
    /// The series' sum was left out. A histogram has its count only with the sum.
    sumless: bool,
    told: bool,
}

impl Strict {
    /// Whether the format knows the sample.
    pub fn admits(&mut self, kind: Kind, sample: &Sample<'_>) -> bool {
        match (kind, sample.suffix) {
            (Kind::Gauge | Kind::Untyped, _) => true,
            // A quantile of nothing is NaN.
            (Kind::Summary, "") => sample.value.is_nan() || sample.value >= 0.0,
            (Kind::Histogram, "_bucket") => {
                self.below_zero |= is_below_zero(sample.labels);
                sample.value >= 0.0
            }
            (Kind::Histogram, "_sum") => {
                self.sumless = self.below_zero || sample.value.is_nan() || sample.value < 0.0;
                !self.sumless
            }
            (Kind::Histogram, "_count") => !self.sumless,
            _ => sample.value >= 0.0,
        }
    }

    /// Whether this is the first sample of the family that is left out.
    pub fn is_first(&mut self) -> bool {
        !std::mem::replace(&mut self.told, true)
    }
}

/// Whether the bound of a bucket is below zero.
fn is_below_zero(labels: Labels<'_>) -> bool {
    let bound = match labels {
        Labels::Zip(names, values) => {
            names.iter().zip(values).find(|(name, _)| **name == "le").map(|(_, bound)| *bound)
        }
        Labels::Pairs(pairs) => pairs.iter().find(|(name, _)| *name == "le").map(|(_, bound)| *bound),
        Labels::Rendered(_, more) => more.map(|(_, bound)| bound),
    };
    bound.is_some_and(|bound| bound.starts_with('-') && bound.parse::<f64>().is_ok_and(|bound| bound < 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Encoder, Format};
    use crate::model::{CREATED, Sink};

    #[test]
    fn a_series_may_say_when_it_began() {
        let write = |out: &mut dyn Sink| {
            for name in ["hits", "jobs_total"] {
                let mut family = out.family(&Desc::counter(name, "", &[]));
                family.push("", Labels::Rendered("a=\"b\"", None), 2.0);
                family.push(CREATED, Labels::Rendered("a=\"b\"", None), 1_764_316_072.123);
            }
            let mut family = out.family(&Desc::new(Kind::Summary, "t", "", &[]));
            family.push("_sum", Labels::Rendered("", None), 1.0);
            family.push("_count", Labels::Rendered("", None), 1.0);
            family.push(CREATED, Labels::Rendered("", None), 1.5);
        };
        let samples = |format| {
            let (mut encoder, mut out) = (Encoder::new(format), Vec::new());
            write(&mut encoder);
            encoder.take(&mut out);
            let text = String::from_utf8(out).unwrap();
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            samples(Format::OpenMetrics),
            [
                "hits_total{a=\"b\"} 2",
                "hits_created{a=\"b\"} 1764316072.123",
                "jobs_total{a=\"b\"} 2",
                "jobs_created{a=\"b\"} 1764316072.123",
                "t_sum 1",
                "t_count 1",
                "t_created 1.5"
            ]
        );
        assert_eq!(samples(Format::Text), ["hits{a=\"b\"} 2", "jobs_total{a=\"b\"} 2", "t_sum 1", "t_count 1"]);
    }

    fn body(write: impl FnOnce(&mut dyn Sink)) -> (String, Vec<String>) {
        let (mut encoder, mut out) = (Encoder::new(Format::OpenMetrics), Vec::new());
        write(&mut encoder);
        encoder.end();
        encoder.take(&mut out);
        (String::from_utf8(out).unwrap(), encoder.refused().into_iter().map(|refused| refused.name).collect())
    }

    #[test]
    fn a_body_is_written_as_the_standard_has_it() {
        let (got, refused) = body(|out| {
            out.one(&Desc::counter("hits_total", "Hits, \"all\".", &[]), 2.0);
            out.one(&Desc::counter("jobs", "Jobs\nand \\.", &[]), 1.0);
            out.one(&Desc::untyped("what", "", &[]), f64::NAN);
            out.one(&Desc::counter("_total", "", &[]), 1.0);
            let _ = out.family(&Desc::gauge("empty", "", &[]));
            let mut family = out.family(&Desc::new(Kind::Histogram, "size", "Size.", &[]));
            for (le, count) in [("1", 1.0), ("2.5", 1.0), ("1e+06", 2.0), ("+Inf", 2.0)] {
                family.push("_bucket", Labels::Rendered("a=\"b\"", Some(("le", le))), count);
            }
            family.push("_sum", Labels::Rendered("a=\"b\"", None), 7.0);
            family.push("_count", Labels::Rendered("a=\"b\"", None), 2.0);
            let mut family = out.family(&Desc::new(Kind::Summary, "t", "", &[]));
            family.push("", Labels::Pairs(&[("quantile", "1"), ("x", "1")]), f64::NAN);
            family.push("", Labels::Pairs(&[("quantile", "0.5")]), 3.0);
        });
        let want = "# HELP hits Hits, \\\"all\\\".\n# TYPE hits counter\nhits_total 2\n\
            # HELP jobs Jobs\\nand \\\\.\n# TYPE jobs counter\njobs_total 1\n\
            # HELP what \n# TYPE what unknown\nwhat NaN\n\
            # HELP _total \n# TYPE _total counter\n_total_total 1\n\
            # HELP size Size.\n# TYPE size histogram\nsize_bucket{a=\"b\",le=\"1.0\"} 1\n\
            size_bucket{a=\"b\",le=\"2.5\"} 1\nsize_bucket{a=\"b\",le=\"1e+06\"} 2\nsize_bucket{a=\"b\",le=\"+Inf\"} 2\n\
            size_sum{a=\"b\"} 7\nsize_count{a=\"b\"} 2\n\
            # HELP t \n# TYPE t summary\nt{quantile=\"1.0\",x=\"1\"} NaN\nt{quantile=\"0.5\"} 3\n# EOF\n";
        assert_eq!((got.as_str(), refused.len()), (want, 0));
        assert_eq!(body(|_| {}).0, "# EOF\n");
    }

    #[test]
    fn names_that_meet_without_their_suffixes_have_one_owner() {
        let (got, refused) = body(|out| {
            for name in ["a_total", "a", "b", "b_total", "c_created"] {
                out.one(&Desc::counter(name, "", &[]), 1.0);
            }
            out.one(&Desc::gauge("a", "", &[]), 2.0);
            out.one(&Desc::gauge("b_created", "", &[]), 2.0);
            out.one(&Desc::gauge("d_total", "", &[]), 2.0);
        });
        assert_eq!(refused, ["a", "b_total", "a", "b_created"]);
        let samples: Vec<&str> = got.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(samples, ["a_total 1", "b_total 1", "c_created_total 1", "d_total 2"]);
    }

    #[test]
    fn values_that_would_cost_the_scrape_are_left_out_and_told_once() {
        let (got, refused) = body(|out| {
            out.family(&Desc::counter("c", "", &["n"])).sample(&["1"], -1.0);
            let mut family = out.family(&Desc::counter("d", "", &["n"]));
            for (n, value) in [("1", f64::NAN), ("2", -1.0), ("3", 1.0)] {
                family.sample(&[n], value);
            }
            out.one(&Desc::gauge("g", "", &[]), -1.0);
            let mut family = out.family(&Desc::new(Kind::Summary, "s", "", &[]));
            family.push("", Labels::Rendered("", Some(("quantile", "0.5"))), -1.0);
            family.push("_sum", Labels::Rendered("", None), -1.0);
            family.push("_count", Labels::Rendered("", None), 1.0);
            let mut family = out.family(&Desc::new(Kind::Histogram, "h", "", &[]));
            for (labels, sum) in [("a=\"1\"", -1.0), ("a=\"2\"", 1.0)] {
                family.push("_bucket", Labels::Rendered(labels, Some(("le", "+Inf"))), 1.0);
                family.push("_sum", Labels::Rendered(labels, None), sum);
                family.push("_count", Labels::Rendered(labels, None), 1.0);
            }
            let mut family = out.family(&Desc::new(Kind::Histogram, "i", "", &[]));
            family.push("_bucket", Labels::Rendered("", Some(("le", "-2"))), 0.0);
            family.push("_bucket", Labels::Rendered("", Some(("le", "+Inf"))), 1.0);
            family.push("_sum", Labels::Rendered("", None), 1.0);
            family.push("_count", Labels::Rendered("", None), 1.0);
        });
        let samples: Vec<&str> = got.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                "d_total{n=\"3\"} 1",
                "g -1",
                "s_count 1",
                "h_bucket{a=\"1\",le=\"+Inf\"} 1",
                "h_bucket{a=\"2\",le=\"+Inf\"} 1",
                "h_sum{a=\"2\"} 1",
                "h_count{a=\"2\"} 1",
                "i_bucket{le=\"-2.0\"} 0",
                "i_bucket{le=\"+Inf\"} 1"
            ]
        );
        assert_eq!(refused, ["c_total", "d_total", "s", "h", "i"]);
    }
}
