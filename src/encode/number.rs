//! Numbers in the text format: what Go's `ParseFloat`, which reads them, takes, and the shortest that reads back equal.

use super::escape::escape_label_value;

/// Integers below this are written digit by digit; from here on the exponent is shorter.
const MAX_PLAIN_INTEGER: f64 = 1e16;

/// Appends a sample value: integers without a point, `+Inf`, `-Inf` and `NaN` as the format spells them, and otherwise
/// the shortest text that reads back as the same number.
pub fn write_value(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if value.abs() < MAX_PLAIN_INTEGER && value.trunc() == value {
        // -0.0 is written as 0: nobody who reads a sample tells them apart.
        #[allow(clippy::cast_possible_truncation)] // Within bounds: checked above.
        out.extend_from_slice(itoa::Buffer::new().format(value as i64).as_bytes());
    } else {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    }
}

/// Appends the value of `le` or `quantile` as OpenMetrics has it: a number always shows that it is a float.
/// Text that is no number is written as a label value is.
pub fn write_canonical(text: &str, out: &mut Vec<u8>) {
    escape_label_value(text, out);
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        out.extend_from_slice(b".0");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_floats_in_openmetrics() {
        for (text, want) in [
            ("1", "1.0"),
            ("-1", "-1.0"),
            ("0", "0.0"),
            ("2.5", "2.5"),
            ("1e+06", "1e+06"),
            ("1e-05", "1e-05"),
            ("+Inf", "+Inf"),
            ("", ""),
            ("-", "-"),
            ("a\"", "a\\\""),
        ] {
            let mut out = Vec::new();
            write_canonical(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want, "text: {text:?}");
        }
    }

    fn written(value: f64) -> String {
        let mut out = Vec::new();
        write_value(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_spelled_as_the_format_has_them() {
        for (value, want) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-3.0, "-3"),
            (0.25, "0.25"),
            (1e15, "1000000000000000"),
            (1e16, "1e16"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (4.999_999_999_999_999_6e-6, "4.9999999999999996e-6"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(written(value), want);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_number_reads_back_equal(bits: u64) {
            let value = f64::from_bits(bits);
            let text = written(value).replace("Inf", "inf");
            let back: f64 = text.parse().unwrap();
            proptest::prop_assert!(back == value || (back.is_nan() && value.is_nan()), "{value:?} as {text}");
        }
    }
}
