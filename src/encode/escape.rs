//! Escaping of label values and help texts in the text format.

use memchr::memchr3;

/// Appends a label value, escaped: `\` to `\\`, `"` to `\"`, line feed to `\n`.
pub fn escape_label_value(value: &str, out: &mut Vec<u8>) {
    escape(value, true, out);
}

/// Appends a help text, escaped: `\` to `\\`, line feed to `\n`; quotes stay in text 0.0.4.
pub fn escape_help(help: &str, out: &mut Vec<u8>) {
    escape(help, false, out);
}

fn escape(text: &str, quotes: bool, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    // Nearly all values need nothing: find that out in one pass and copy whole.
    if memchr3(b'\\', b'\n', b'"', bytes).is_none() {
        out.extend_from_slice(bytes);
        return;
    }
    for &b in bytes {
        match b {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'"' if quotes => out.extend_from_slice(b"\\\""),
            _ => out.push(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_format_asks_for_is_escaped() {
        for (text, label, help) in
            [("plain", "plain", "plain"), ("a\"b", "a\\\"b", "a\"b"), ("a\\b\nc", "a\\\\b\\nc", "a\\\\b\\nc")]
        {
            let (mut l, mut h) = (Vec::new(), Vec::new());
            escape_label_value(text, &mut l);
            escape_help(text, &mut h);
            assert_eq!((l.as_slice(), h.as_slice()), (label.as_bytes(), help.as_bytes()), "text: {text:?}");
        }
    }
}
