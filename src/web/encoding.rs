//! `Accept-Encoding`: whether the answer may be gzip. Source: RFC 9110, 12.4.2 and 12.5.3.

/// Whether a client that sends this value takes gzip: listed with a weight above 0, or not listed and `*` is.
pub fn accepts_gzip(accept_encoding: &str) -> bool {
    let weight_of = |wanted: &str| {
        accept_encoding.split(',').find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(wanted);
            named.then(|| parts.find_map(weight).unwrap_or(1.0))
        })
    };
    weight_of("gzip").or_else(|| weight_of("x-gzip")).or_else(|| weight_of("*")).is_some_and(|weight| weight > 0.0)
}

/// `q=0.5`; one that can't be read counts as 0, which costs bytes and breaks nobody.
fn weight(parameter: &str) -> Option<f64> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (value, want) in [
            ("gzip", true),
            ("GZIP", true),
            ("deflate, gzip;q=0.5", true),
            ("gzip ; q=1.0", true),
            ("*", true),
            ("x-gzip", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("", false),
            ("gzip;q=x", false),
            ("gzipped", false),
        ] {
            assert_eq!(accepts_gzip(value), want, "value: {value:?}");
        }
    }
}
