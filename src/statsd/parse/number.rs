//! Values and rates: numbers in the forms that Go's `strconv.ParseFloat` takes, since clients were tried against it.

/// Reads a number; `None` where Go refuses it, which includes one beyond the range of an `f64`.
///
/// ```text
/// 1  -0.5  +3  1e-3  .5  5.  Inf  -infinity  NaN  0x1.8p3  1_000
/// ```
pub fn parse_number(text: &[u8]) -> Option<f64> {
    parse_small(text).or_else(|| {
        let text = std::str::from_utf8(text).ok()?;
        parse_any(text).or_else(|| parse_any(&without_underscores(text)?))
    })
}

/// A text that has underscores, and each between two digits; that of a prefix counts as one.
fn without_underscores(text: &str) -> Option<String> {
    let digits = text.trim_start_matches(['+', '-']);
    let hex = digits.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    let is_digit = |at: usize, c: char| c.is_digit(if hex { 16 } else { 10 }) || hex && at == 1;
    let chars: Vec<char> = digits.chars().collect();
    let is_between = |at: usize| {
        let digit = |at: Option<usize>| at.is_some_and(|at| chars.get(at).is_some_and(|c| is_digit(at, *c)));
        digit(at.checked_sub(1)) && digit(at.checked_add(1))
    };
    let mut underscores = (0..chars.len()).filter(|&at| chars[at] == '_').peekable();
    underscores.peek()?;
    underscores.all(is_between).then(|| text.replace('_', ""))
}

fn parse_any(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.len() > 2 && unsigned.as_bytes()[..2].eq_ignore_ascii_case(b"0x") {
        let value = parse_hex(&unsigned[2..])?;
        return Some(if text.starts_with('-') { -value } else { value });
    }
    let value: f64 = text.parse().ok()?;
    let spelled_out = unsigned.starts_with(['i', 'I']);
    let signed_nan = value.is_nan() && unsigned.len() < text.len();
    (!signed_nan && (value.is_finite() || value.is_nan() || spelled_out)).then_some(value)
}

/// Up to nine digits and nothing else, which is what most lines carry.
fn parse_small(text: &[u8]) -> Option<f64> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let mut value = 0_u32;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some(f64::from(value))
}

/// Hexadecimal digits with an optional point and the exponent to the base 2, which Go demands.
fn parse_hex(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0_f64;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    let value = value * 2.0_f64.powi(shift);
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, want) in [
            ("1", Some(1.0)),
            ("0", Some(0.0)),
            ("007", Some(7.0)),
            ("999999999", Some(999_999_999.0)),
            ("12345678901", Some(12_345_678_901.0)),
            ("+4", Some(4.0)),
            ("-3", Some(-3.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1e-320", Some(1e-320)),
            ("0.1234567890123456789", Some(0.123_456_789_012_345_68)),
            ("inf", Some(f64::INFINITY)),
            ("+Inf", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("0x1.8p3", Some(12.0)),
            ("-0X10p0", Some(-16.0)),
            ("1e400", None),
            ("-1e400", None),
            ("", None),
            ("+", None),
            (".", None),
            ("1e", None),
            ("abc", None),
            (" 1", None),
            ("1 ", None),
            ("1_000", Some(1000.0)),
            ("-1_0.5e1_0", Some(-10.5e10)),
            ("0x_1_fp1_0", Some(31744.0)),
            ("_1", None),
            ("1_", None),
            ("1__0", None),
            ("1_.5", None),
            ("1._5", None),
            ("1_e3", None),
            ("1e_3", None),
            ("0_x1p1", None),
            ("inf_", None),
            ("_", None),
            ("+nan", None),
            ("0x10", None),
            ("0xp1", None),
            ("0x1p99999", None),
        ] {
            assert_eq!(parse_number(text.as_bytes()), want, "text: {text:?}");
        }
        assert!(parse_number(b"NaN").is_some_and(f64::is_nan));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_number_or_none(text in "\\PC{0,12}") {
            let _ = parse_number(text.as_bytes());
        }

        #[test]
        fn what_a_number_prints_reads_back(value: f64) {
            proptest::prop_assume!(value.is_finite());
            proptest::prop_assert_eq!(parse_number(format!("{value:?}").as_bytes()), Some(value));
        }
    }
}
