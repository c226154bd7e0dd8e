//! `Accept`: which format a scraper wants most. Source: RFC 9110, 12.4.2 and 12.5.1.

/// Whether a scraper asks for OpenMetrics by name, and for text no more than for it.
pub fn prefers_openmetrics(accept: &str) -> bool {
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::parse).collect();
    let weight = |wanted: &str, versions: &[&str]| {
        let of = ranges.iter().filter(|range| range.is(wanted) && range.version.is_none_or(|v| versions.contains(&v)));
        of.map(|range| range.weight).reduce(f64::max)
    };
    let openmetrics = weight("application/openmetrics-text", &["1.0.0", "0.0.1"]).unwrap_or_default();
    // The range that says most counts.
    let text = weight("text/plain", &["0.0.4"]).or_else(|| weight("text/*", &[])).or_else(|| weight("*/*", &[]));
    openmetrics > 0.0 && openmetrics >= text.unwrap_or_default()
}

/// `type/subtype;version=1.0.0;q=0.5`.
struct Range<'a> {
    name: &'a str,
    version: Option<&'a str>,
    weight: f64,
}

impl<'a> Range<'a> {
    /// A weight that can't be read counts as 0: the answer is text then, which everyone reads.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let mut range = Self { name: parts.next().filter(|name| !name.is_empty())?, version: None, weight: 1.0 };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim() {
                "q" | "Q" => range.weight = value.parse().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0),
                version if version.eq_ignore_ascii_case("version") => range.version = Some(value),
                _ => {}
            }
        }
        Some(range)
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_openmetrics_by_name_gets_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,\
            application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,\
            text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, want) in [
            (prometheus, true),
            ("application/openmetrics-text", true),
            ("Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.1", true),
            ("text/plain;q=0.5, application/openmetrics-text;q=0.5", true),
            ("application/openmetrics-text;q=0.5, text/plain;q=0.6", false),
            ("application/openmetrics-text;q=0.5, text/*;q=0.6", false),
            ("application/openmetrics-text;q=0.5, */*", false),
            ("application/openmetrics-text;q=0.5, */*, text/plain;q=0.1", true),
            ("application/openmetrics-text;version=2.0.0", false),
            ("application/openmetrics-text;q=0", false),
            ("application/openmetrics-text;q=x", false),
            ("application/openmetrics-text;q=NaN", false),
            ("text/plain", false),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("*/*", false),
            ("", false),
            (",;,=;q", false),
        ] {
            assert_eq!(prefers_openmetrics(accept), want, "accept: {accept:?}");
        }
    }
}
