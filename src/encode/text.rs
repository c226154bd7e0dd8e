//! Text format 0.0.4.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use super::escape::escape_help;
use crate::model::Desc;

/// Appends what stands before the samples of a family.
pub fn write_header(desc: &Desc<'_>, out: &mut Vec<u8>) {
    for part in ["# HELP ", desc.name, " "] {
        out.extend_from_slice(part.as_bytes());
    }
    escape_help(desc.help, out);
    for part in ["\n# TYPE ", desc.name, " ", desc.kind.as_str(), "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Encoder, Format};
    use crate::model::{Kind, Labels, Sink};

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
        let refused: Vec<String> = encoder.refused().into_iter().map(|refused| refused.name).collect();
        assert_eq!(refused, ["t", "t_count"]);
        encoder.take(&mut out);
        let want = "# HELP t_count \n# TYPE t_count counter\nt_count 1\n# HELP t \n# TYPE t gauge\nt 3\n";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }

    #[test]
    fn names_that_are_given_away_are_one_parts() {
        for format in [Format::Text, Format::OpenMetrics] {
            let ours = [Desc::counter("hits_total", "", &[]), Desc::gauge("depth", "", &[])];
            let write = |part: &mut dyn Sink| ours.iter().for_each(|desc| part.one(desc, 1.0));
            let mut first = Encoder::new(format);
            write(&mut first);
            let names = first.names();
            let mut body = Encoder::new(format).without(&names);
            let (mut given, mut other) = (body.part_with(&names), body.part());
            write(&mut other);
            (&mut other as &mut dyn Sink).one(&Desc::gauge("theirs", "", &[]), 2.0);
            write(&mut given);
            (&mut given as &mut dyn Sink).one(&Desc::gauge("theirs", "", &[]), 1.0);
            body.append(&mut other);
            body.append(&mut given);
            let refused: Vec<String> = body.refused().into_iter().map(|refused| refused.name).collect();
            assert_eq!(refused, ["hits_total", "depth", "theirs"]);
            let mut out = Vec::new();
            body.take(&mut out);
            let text = String::from_utf8(out).unwrap();
            let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert_eq!(samples, ["theirs 2", "hits_total 1", "depth 1"]);
        }
    }
}
