//! Lines and all that they say, accepted and refused, side by side.

use super::*;

type Read<'a> = (String, Vec<Result<(Kind, f64, f64, u64), LineError>>, Vec<(&'a str, &'a str)>, u32);

/// Name, samples, tags as they stand after the last sample, and tag errors.
fn read(line: &str, styles: Styles) -> Result<Read<'_>, LineError> {
    let mut tags = Tags::default();
    let mut parsed = parse_line(line.as_bytes(), styles, &mut tags)?;
    let mut samples = Vec::new();
    while let Some(sample) = parsed.next_sample(&mut tags) {
        samples.push(sample.map(|s| (s.kind, s.value, s.rate, s.weight)));
    }
    Ok((parsed.name.into_owned(), samples, tags.as_slice().to_vec(), tags.take_errors()))
}

#[test]
fn lines_are_read_whole() {
    use Kind::{Counter, Distribution, Gauge, Timer};
    use LineError as E;
    let one = |kind, value| vec![Ok((kind, value, 1.0, 1))];
    for (line, name, samples, tags, errors) in [
        ("a:1|c", "a", one(Counter, 1.0), vec![], 0),
        ("a.b:-1.5|g", "a.b", one(Gauge, -1.5), vec![], 0),
        ("a:320|ms|@0.1", "a", vec![Ok((Timer, 320.0, 1.0, 10))], vec![], 0),
        ("a:3|h|@0.33", "a", vec![Ok((Distribution, 3.0, 1.0, 3))], vec![], 0),
        ("a:3|d|@1e-300", "a", vec![Ok((Distribution, 3.0, 1.0, u64::from(u32::MAX)))], vec![], 0),
        ("a:3|d|@2", "a", vec![Ok((Distribution, 3.0, 1.0, 0))], vec![], 0),
        ("a:3|d|@-0.5", "a", vec![Ok((Distribution, 3.0, 1.0, 0))], vec![], 0),
        ("a:1|c|@0.5", "a", vec![Ok((Counter, 1.0, 0.5, 1))], vec![], 0),
        ("a:1|c|@0", "a", one(Counter, 1.0), vec![], 0),
        ("a:4|g|@0.1", "a", one(Gauge, 4.0), vec![], 0),
        ("a:1|c|@0.5:2|c", "a", vec![Ok((Counter, 1.0, 0.5, 1)), Ok((Counter, 2.0, 1.0, 1))], vec![], 0),
        ("a:1|c:x|c", "a", vec![Ok((Counter, 1.0, 1.0, 1)), Err(E::MalformedValue)], vec![], 0),
        ("a:1:2|ms", "a", vec![Ok((Timer, 1.0, 1.0, 1)), Ok((Timer, 2.0, 1.0, 1))], vec![], 0),
        ("a:1:2|c|#t:v", "a", vec![Ok((Counter, 1.0, 1.0, 1)), Ok((Counter, 2.0, 1.0, 1))], vec![("t", "v")], 0),
        ("a:1|c|#t:v,bare,u:w:x,", "a", one(Counter, 1.0), vec![("t", "v"), ("u", "w:x")], 1),
        ("a:1|c|##t:v,:v,t:", "a", one(Counter, 1.0), vec![("t", "v")], 2),
        ("a:1|c|#", "a", one(Counter, 1.0), vec![], 0),
        ("a#k=v:1|c", "a", one(Counter, 1.0), vec![("k", "v")], 0),
        ("a#:1|c", "a", one(Counter, 1.0), vec![], 0),
        ("a,k=v,,l=w:1|c", "a", one(Counter, 1.0), vec![("k", "v"), ("l", "w")], 1),
        ("a.[k=v]b:1|c", "a.b", one(Counter, 1.0), vec![("k", "v")], 0),
        ("a]k=v[:1|c", "a]k=v[", one(Counter, 1.0), vec![], 1),
        ("a[k=v:1|c", "a[k=v", one(Counter, 1.0), vec![], 1),
        ("a:1|c|c:id", "a", one(Counter, 1.0), vec![("container_id", "id")], 0),
        (
            "a:1|c|#t:v|c:ci-id|T12|e:it-false|card:low",
            "a",
            one(Counter, 1.0),
            vec![("t", "v"), ("container_id", "ci-id")],
            0,
        ),
        ("a:1|c|e:x", "a", one(Counter, 1.0), vec![], 0),
        (
            "a:1|c:2|c|c:id",
            "a",
            vec![Ok((Counter, 1.0, 1.0, 1)), Ok((Counter, 2.0, 1.0, 1))],
            vec![("container_id", "id")],
            0,
        ),
        ("a:1|c|c:", "a", vec![Err(E::MalformedContainerId)], vec![], 0),
        ("a:1|c|c", "a", vec![Err(E::MalformedContainerId)], vec![], 0),
        ("a:user 1|s|@0.1", "a", vec![Ok((Kind::Set, 0.0, 1.0, 1))], vec![], 0),
        ("a:|s", "a", vec![Err(E::MalformedValue)], vec![], 0),
        ("a:1|c|Tx", "a", one(Counter, 1.0), vec![], 0),
        ("a:1|c||@0.1", "a", vec![Err(E::MalformedComponent)], vec![], 0),
        ("a:1|c|@1|#a:b|c:x|T1|@1", "a", vec![Err(E::MalformedComponent)], vec![], 0),
        ("a:1|c|zzz", "a", vec![Err(E::InvalidSampleFactor)], vec![], 0),
        ("a:1|q", "a", vec![Err(E::IllegalEvent)], vec![], 0),
        ("a:1|", "a", vec![Err(E::IllegalEvent)], vec![], 0),
        ("a:1|c:2", "a", vec![Ok((Counter, 1.0, 1.0, 1)), Err(E::MalformedComponent)], vec![], 0),
    ] {
        assert_eq!(read(line, Styles::ALL), Ok((name.to_owned(), samples, tags, errors)), "line: {line:?}");
    }
}

#[test]
fn lines_that_hold_no_sample_are_refused() {
    for (line, want) in [
        ("", LineError::MalformedLine),
        ("a", LineError::MalformedLine),
        (":1|c", LineError::MalformedLine),
        ("::||", LineError::MalformedLine),
        ("a:1", LineError::NotEnoughParts),
        ("a:1:2|q", LineError::InvalidExtendedAggregate),
        ("a:1:2|s", LineError::InvalidExtendedAggregate),
        ("a,k=v:1|c|#l:w", LineError::MixedTaggingStyles),
        ("a[k=v]:1|c|#l:w", LineError::MixedTaggingStyles),
    ] {
        assert_eq!(read(line, Styles::ALL), Err(want), "line: {line:?}");
    }
    assert_eq!(parse_line(b"\xff:1|c", Styles::ALL, &mut Tags::default()).err(), Some(LineError::MalformedLine));
}

#[test]
fn styles_that_are_off_leave_the_line_as_it_is() {
    let none = Styles { dogstatsd: false, influxdb: false, librato: false, signalfx: false, ..Styles::ALL };
    for (line, name) in [("a,k=v:1|c", "a,k=v"), ("a#k=v:1|c", "a#k=v"), ("a[k=v]:1|c", "a[k=v]"), ("a:1|c|#k:v", "a")]
    {
        let want = Ok((name.to_owned(), vec![Ok((Kind::Counter, 1.0, 1.0, 1))], vec![], 0));
        assert_eq!(read(line, none), want, "line: {line:?}");
    }
}

#[test]
fn styles_that_are_on_read_more() {
    let more = Styles { graphite: true, bare: true, container_id: false, ..Styles::ALL };
    for (line, name, tags) in [
        ("a;k=v;l=w:1|c", "a", vec![("k", "v"), ("l", "w")]),
        ("a,k=v;l=w:1|c", "a", vec![("k", "v;l=w")]),
        ("a:1|c|#urgent,k:v,", "a", vec![("urgent", "true"), ("k", "v")]),
        ("a:1|c|#k:v|c:id", "a", vec![("k", "v")]),
    ] {
        let want = Ok((name.to_owned(), vec![Ok((Kind::Counter, 1.0, 1.0, 1))], tags, 0));
        assert_eq!(read(line, more), want, "line: {line:?}");
    }
}

#[test]
fn what_stands_out_is_noted_and_refuses_nothing() {
    for (line, notes) in [
        ("a:1|c|@y", Notes { bad_rates: 1, ..Notes::default() }),
        ("a:1|c|T12", Notes { let_by: 1, timed: true, ..Notes::default() }),
        ("a:1|c|e:x|card:low", Notes { let_by: 2, ..Notes::default() }),
    ] {
        let mut tags = Tags::default();
        let mut parsed = parse_line(line.as_bytes(), Styles::ALL, &mut tags).unwrap();
        assert!(matches!(parsed.next_sample(&mut tags), Some(Ok(Sample { rate: 1.0, .. }))), "line: {line:?}");
        assert_eq!((parsed.notes, parsed.next_sample(&mut tags)), (notes, None), "line: {line:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(line: Vec<u8>) {
        let mut tags = Tags::default();
        if let Ok(mut parsed) = parse_line(&line, Styles::ALL, &mut tags) {
            while parsed.next_sample(&mut tags).is_some() {}
        }
    }

    #[test]
    fn bits_of_the_protocol_are_read_or_refused(line in "[a:|#,=@\\[\\].;cgmshdTe0-9-]{0,40}") {
        let mut tags = Tags::default();
        if let Ok(mut parsed) = parse_line(line.as_bytes(), Styles::ALL, &mut tags) {
            let (mut samples, most) = (0, line.matches(':').count());
            while parsed.next_sample(&mut tags).is_some() {
                samples += 1;
            }
            proptest::prop_assert!(samples <= most, "{samples} samples of {line:?}");
        }
    }
}
