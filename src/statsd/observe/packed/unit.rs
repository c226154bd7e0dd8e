//! What values are whole numbers of.

/// Digits behind the point.
const MOST_DIGITS: u8 = 9;
/// What a value may have been divided by last: milliseconds are, and a quotient of two roundings has bits of its own.
const MILLI: f64 = 1000.0;

/// A power of ten, or a thousandth of one; or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    pub code: u8,
    /// What a whole number is divided by, first and last.
    first: f64,
    last: f64,
}

impl Unit {
    const NONE: u8 = 2 * (MOST_DIGITS + 1);

    /// Of those that can be, in the order in which they are tried.
    pub fn new(code: u8) -> Self {
        let last = if code.is_multiple_of(2) { 1.0 } else { MILLI };
        Self { code: code.min(Self::NONE), first: 10_f64.powi(i32::from(code / 2)), last }
    }

    /// What is tried next.
    pub fn next(self) -> Self {
        Self::new(self.code.saturating_add(1))
    }

    /// Whether values are kept as they are.
    pub fn is_none(self) -> bool {
        self.code == Self::NONE
    }

    /// The whole number that stands for a value, if it gives the value back to the bit.
    #[allow(clippy::cast_possible_truncation)] // The conversion saturates.
    pub fn whole(self, value: f64) -> Option<i64> {
        let whole = (value * self.first * self.last).round() as i64;
        (self.value(whole).to_bits() == value.to_bits()).then_some(whole)
    }

    /// The value that a whole number stands for.
    #[allow(clippy::cast_precision_loss)] // As it was made.
    pub fn value(self, whole: i64) -> f64 {
        whole as f64 / self.first / self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_apps_have_a_unit() {
        for (values, want) in [
            (&[][..], Some("1")),
            (&[0.0, 17.0, -3.0, 9e15], Some("1")),
            (&[0.25, 17.0], Some("1/1000")),
            (&["320", "17", "1"].map(seconds), Some("1/1000")),
            (&["320.125", "0.001", "17.3"].map(seconds), Some("1000/1000")),
            (&["12.345678", "4294967.295001"].map(seconds), Some("1000000/1000")),
            (&[0.1 + 0.2], None),
            (&[1.0, 1e16], Some("1")),
            (&[1.0, 1e19], None),
            (&[-0.0], None),
            (&[1.0, f64::INFINITY], None),
        ] {
            let mut unit = Unit::new(0);
            while !unit.is_none() && values.iter().any(|&value| unit.whole(value).is_none()) {
                unit = unit.next();
            }
            let named =
                |unit: Unit| if unit.last > 1.0 { format!("{}/1000", unit.first) } else { unit.first.to_string() };
            assert_eq!((!unit.is_none()).then(|| named(unit)).as_deref(), want, "{values:?}");
            for &value in values.iter().filter(|_| !unit.is_none()) {
                assert_eq!(unit.value(unit.whole(value).unwrap()).to_bits(), value.to_bits());
            }
        }
    }

    /// As ingest makes seconds of what a line says.
    fn seconds(millis: &str) -> f64 {
        millis.parse::<f64>().unwrap() / MILLI
    }
}
