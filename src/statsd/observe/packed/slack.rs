//! Slack in a byte.

/// The least number of five binary digits that is not below, as a byte; up to a million, and more is less than was asked
/// for. What was rounded once stays as it is.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Whole, and small.
pub fn to_byte(number: f32) -> u8 {
    let (mut number, mut exponent) = (number.ceil(), 0);
    while number >= 32.0 && exponent < 14 {
        number = (number / 2.0).ceil();
        exponent += 1;
    }
    (exponent << 4) + (number as u8).min(31)
}

/// The number of a byte.
pub fn from_byte(byte: u8) -> f32 {
    match (byte >> 4, f32::from(byte & 15)) {
        (0, small) => small,
        (exponent, digits) => (digits + 16.0) * f32::from(exponent - 1).exp2(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_never_less_than_its_number_and_stays() {
        for number in [0.0, 0.5, 1.0, 15.0, 16.0, 31.0, 31.5, 32.0, 33.0, 62.5, 63.5, 127.0, 65_537.0, 507_904.0] {
            let kept = from_byte(to_byte(number));
            assert!(kept >= number && kept <= (number * 1.0625).max(1.0), "{number}: {kept}");
        }
        for byte in 0..=u8::MAX {
            assert_eq!(to_byte(from_byte(byte)), byte);
        }
    }
}
