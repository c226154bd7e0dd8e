//! The query of a scrape: `?collect[]=cpu&exclude[]=mdadm`, percent-encoded or not.
//! Source: WHATWG URL standard, application/x-www-form-urlencoded.

use crate::encode::Format;
use std::time::Duration;

/// What a scraper asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Values of `collect[]`: run these collectors only. Empty for all.
    pub collect: Vec<String>,
    /// Values of `exclude[]`: run all but these.
    pub exclude: Vec<String>,
    /// How long the scraper waits for the body, less what is kept back for the way.
    pub timeout: Duration,
    /// The format of the body.
    pub format: Format,
}

impl Query {
    /// Reads the text after the question mark. Names other than the two are let by, as Go does.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let list = match decode(name, Plus::Space).as_str() {
                "collect[]" => &mut query.collect,
                "exclude[]" => &mut query.exclude,
                _ => continue,
            };
            list.push(decode(value, Plus::Space));
        }
        query
    }
}

/// What a plus sign stands for: a space in a query, itself in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plus {
    /// A space.
    Space,
    /// A plus.
    Itself,
}

/// Decodes percent signs. One that two hexadecimal digits don't follow stands for itself; bytes that are no UTF-8 become U+FFFD.
pub fn decode(text: &str, plus: Plus) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        out.push(match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            (b'+', _) if plus == Plus::Space => b' ',
            (&other, _) => other,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Reads `X-Prometheus-Scrape-Timeout-Seconds`: seconds, with a fraction or not. `None` for anything else.
pub fn parse_timeout(text: &str) -> Option<Duration> {
    let seconds = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok().filter(|timeout| !timeout.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn lists_are_read_however_they_are_spelled() {
        for (text, collect, exclude) in [
            ("", &[][..], &[][..]),
            ("collect[]=cpu", &["cpu"], &[]),
            ("collect%5B%5D=cpu&collect%5b%5d=meminfo", &["cpu", "meminfo"], &[]),
            ("exclude[]=a+b&&exclude[]", &[], &["a b", ""]),
            ("collect[]=%63pu&collect=x&name[]=y", &["cpu"], &[]),
            ("collect[]=%&collect[]=%4&collect[]=%zz&collect[]=%2B", &["%", "%4", "%zz", "+"], &[]),
            ("collect[]=%ff&collect[]=%C3%A5&collect[]==", &["\u{fffd}", "å", "="], &[]),
        ] {
            let got = Query::parse(text);
            assert_eq!((got.collect, got.exclude), (strings(collect), strings(exclude)), "text: {text:?}");
        }
    }

    fn strings(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_timeout_is_a_positive_number_of_seconds() {
        for (text, want) in [
            ("10", Some(10_000)),
            (" 0.5 ", Some(500)),
            ("0", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("1e300", None),
            ("", None),
            ("10s", None),
        ] {
            assert_eq!(parse_timeout(text), want.map(Duration::from_millis), "text: {text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text: String) {
            let encoded = text.bytes().fold(String::new(), |mut out, b| {
                write!(out, "%{b:02x}").unwrap();
                out
            });
            proptest::prop_assert_eq!(decode(&encoded, Plus::Space), text.clone());
            proptest::prop_assert_eq!(Query::parse(&format!("collect[]={encoded}")).collect, vec![text]);
        }

        #[test]
        fn no_query_panics(text in "[%+&=\\[\\]a-f0-9cole\\PC]{0,60}") {
            Query::parse(&text);
        }
    }
}
