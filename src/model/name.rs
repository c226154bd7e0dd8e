//! Metric and label names: what is valid, and how other text becomes a name.

/// Whether `name` is a Prometheus metric name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
pub fn is_metric_name(name: &str) -> bool {
    is_name(name, |b| b == b':')
}

/// Whether `name` is a Prometheus label name: `[a-zA-Z_][a-zA-Z0-9_]*`.
pub fn is_label_name(name: &str) -> bool {
    is_name(name, |_| false)
}

fn is_name(name: &str, also: impl Fn(u8) -> bool) -> bool {
    let word = |b: u8| b.is_ascii_alphabetic() || b == b'_' || also(b);
    let mut bytes = name.bytes();
    bytes.next().is_some_and(word) && bytes.all(|b| word(b) || b.is_ascii_digit())
}

/// Makes a metric or label name of any text: each character outside `[a-zA-Z0-9_]` becomes `_`, a leading digit gets
/// one in front. A run of dashes becomes a single `_`, as statsd_exporter has it. Appends to `out`.
pub fn escape_into(text: &str, out: &mut String) {
    if text.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        out.push('_');
    }
    let mut before = '\0';
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            out.push(c);
        } else if !(c == '-' && before == '-') {
            out.push('_');
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_name() {
        for (text, want) in [
            ("", ""),
            ("app.hits", "app_hits"),
            ("1app", "_1app"),
            ("app..hits", "app__hits"),
            ("größe", "gr__e"),
            ("a-b", "a_b"),
            ("a--b", "a_b"),
            ("a---b", "a_b"),
            ("a-.-b", "a___b"),
            ("App:x", "App_x"),
            ("日本", "__"),
        ] {
            let mut got = String::new();
            escape_into(text, &mut got);
            assert_eq!(got, want, "text: {text:?}");
            assert!(got.is_empty() || is_label_name(&got), "text: {text:?}");
        }
    }

    #[test]
    fn names_are_told_from_other_text() {
        for (name, metric, label) in [
            ("", false, false),
            ("a", true, true),
            ("a:b", true, false),
            ("1a", false, false),
            ("a-b", false, false),
            ("_1", true, true),
        ] {
            assert_eq!((is_metric_name(name), is_label_name(name)), (metric, label), "name: {name:?}");
        }
    }
}
