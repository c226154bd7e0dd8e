//! Labels as they go over the wire, alike in both formats but for the numbers of `le` and `quantile`.

use super::escape::escape_label_value;
use super::number::write_canonical;
use crate::model::Labels;

/// Appends labels with their braces, or nothing where there are none. `canonical`: write the numbers of `le` and
/// `quantile` as OpenMetrics has them.
pub fn write_labels(labels: Labels<'_>, canonical: bool, out: &mut Vec<u8>) {
    let braces = out.len();
    let mut pair = |name: &str, value: &str| {
        begin(braces, name, out);
        match canonical && matches!(name, "le" | "quantile") {
            true => write_canonical(value, out),
            false => escape_label_value(value, out),
        }
        out.push(b'"');
    };
    match labels {
        Labels::Zip(names, values) => names.iter().zip(values).for_each(|(name, value)| pair(name, value)),
        Labels::Pairs(pairs) => pairs.iter().for_each(|(name, value)| pair(name, value)),
        Labels::Rendered(text, more) => {
            if !text.is_empty() {
                out.push(b'{');
                out.extend_from_slice(text.as_bytes());
            }
            if let Some((name, value)) = more {
                begin(braces, name, out);
                match canonical {
                    true => write_canonical(value, out),
                    false => out.extend_from_slice(value.as_bytes()),
                }
                out.push(b'"');
            }
        }
    }
    if out.len() > braces {
        out.push(b'}');
    }
}

/// What stands before a value.
fn begin(braces: usize, name: &str, out: &mut Vec<u8>) {
    out.push(if out.len() == braces { b'{' } else { b',' });
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
}
