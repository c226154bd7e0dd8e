//! Numbers in few bytes, and back.

/// Reads what was put here; behind its end are zeros.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a>(pub &'a [u8]);

impl Cursor<'_> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// What [`put_number`] wrote.
    pub fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 || shift > 63 {
                return number;
            }
        }
    }

    /// Eight bytes.
    pub fn float(&mut self) -> f64 {
        let Some((first, rest)) = self.0.split_first_chunk() else { return 0.0 };
        self.0 = rest;
        f64::from_le_bytes(*first)
    }
}

/// Seven bits a byte, the lowest first; all but the last byte have the highest bit set.
#[allow(clippy::cast_possible_truncation)] // The lowest bits are what is wanted.
pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

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
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 300, 1 << 35, u64::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|&number| put_number(&mut bytes, number));
        bytes.extend(0.1_f64.to_le_bytes());
        let mut cursor = Cursor(&bytes);
        assert_eq!(numbers.map(|_| cursor.number()), numbers);
        assert_eq!((cursor.float(), cursor.0), (0.1, &[][..]));
        assert_eq!((cursor.number(), cursor.byte(), cursor.float()), (0, 0, 0.0), "behind the end");
        assert_eq!(Cursor(&[0xFF; 20]).number(), u64::MAX, "no number is longer than ten bytes");
    }

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
