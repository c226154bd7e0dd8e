//! Go's spelling, made that of Rust.
//!
//! The one difference that matters: Go's `\d`, `\w`, `\s` and `\b` know ASCII only. Spelling them out keeps the meaning
//! and lets the program do without Unicode's tables.

/// Rewrites Go's classes into ones that mean the same to Rust's parser.
pub fn translate(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut chars, mut in_class) = (text.chars(), false);
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(class) => push_class(class, in_class, &mut out),
                None => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                // A `]` that comes first stands for itself.
                let mut rest = chars.clone();
                if rest.next() == Some('^') {
                    chars = rest.clone();
                    out.push('^');
                } else {
                    rest = chars.clone();
                }
                if rest.next() == Some(']') {
                    chars = rest;
                    out.push_str("\\]");
                }
            }
            // Go knows no nested classes and no set operations: these stand for themselves.
            '[' if !chars.as_str().starts_with(':') => out.push_str("\\["),
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            // [:alpha:] holds the only `]` that does not end the class around it.
            '[' => {
                out.push('[');
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            c => out.push(c),
        }
    }
    out
}

fn push_class(class: char, in_class: bool, out: &mut String) {
    let (inside, negated) = match class.to_ascii_lowercase() {
        'd' => ("0-9", class == 'D'),
        'w' => ("0-9A-Za-z_", class == 'W'),
        's' => ("\\t\\n\\x0C\\r ", class == 'S'),
        'b' if !in_class => {
            out.push_str(if class == 'b' { "(?-u:\\b)" } else { "(?-u:\\B)" });
            return;
        }
        _ => {
            out.push('\\');
            out.push(class);
            return;
        }
    };
    match (in_class, negated) {
        (true, false) => out.push_str(inside),
        (_, true) => out.extend(["[^", inside, "]"]),
        (false, false) => out.extend(["[", inside, "]"]),
    }
}
