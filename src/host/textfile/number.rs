//! Numbers as Go reads them.

/// Reads a number as Go's `ParseFloat` does: Rust takes the same forms, but what is too large as infinite.
pub fn parse(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let spelled_out = !text.bytes().any(|b| b.is_ascii_digit());
    (!value.is_infinite() || spelled_out).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::go_float;

    #[test]
    fn numbers_are_printed_as_go_prints_them() {
        for (value, want) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (21.0, "21"),
            (409_600.0, "409600"),
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (1_638_400.0, "1.6384e+06"),
            (12_345_678.9, "1.23456789e+07"),
            (1e300, "1e+300"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-2.5e-7, "-2.5e-07"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(go_float(value), want);
        }
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, want) in [
            ("1", Some(1.0)),
            ("+1.5e3", Some(1500.0)),
            (".5", Some(0.5)),
            ("+Inf", Some(f64::INFINITY)),
            ("-inf", Some(f64::NEG_INFINITY)),
            ("Infinity", Some(f64::INFINITY)),
            ("1e400", None),
            ("-1e400", None),
            ("1_000", None),
            ("0x10", None),
            ("", None),
            ("1\r", None),
            ("one", None),
        ] {
            assert_eq!(parse(text), want, "text: {text:?}");
        }
        assert!(parse("NaN").is_some_and(f64::is_nan));
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back_equal(bits: u64) {
            let value = f64::from_bits(bits);
            let back = parse(&go_float(value)).unwrap();
            proptest::prop_assert!(back == value || (back.is_nan() && value.is_nan()), "{value:?} as {}", go_float(value));
        }
    }
}
