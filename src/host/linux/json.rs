//! JSON, as far as what container engines write down, and fixtures of collectors that speak netlink, need it. Source: RFC 8259.

use crate::host::{CollectError, files};
use std::path::Path;

/// Lists and objects may be nested this deep.
const MAX_DEPTH: usize = 16;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a file that holds a list.
    pub fn read_list(path: &Path) -> Result<Vec<Self>, CollectError> {
        match Self::read(path)? {
            Self::List(items) => Ok(items),
            _ => Err(CollectError::malformed(path, 0, "expected a list")),
        }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, CollectError> {
        let text = files::read(path)?;
        Self::parse(&text).ok_or_else(|| CollectError::malformed(path, 0, "it is not JSON"))
    }

    /// Reads a text that is one value.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let value = value(&mut rest, MAX_DEPTH)?;
        rest.trim_start().is_empty().then_some(value)
    }

    /// A member of an object; case counts for nothing.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// A member that is a number, 0 where there is none.
    pub fn number(&self, key: &str) -> f64 {
        if let Some(Self::Number(number)) = self.get(key) { *number } else { 0.0 }
    }

    /// A member that is a text, empty where there is none.
    pub fn text(&self, key: &str) -> &str {
        if let Some(Self::Text(text)) = self.get(key) { text } else { "" }
    }
}

fn value(rest: &mut &str, depth: usize) -> Option<Json> {
    let depth = depth.checked_sub(1)?;
    *rest = rest.trim_start();
    for (word, json) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))] {
        if take(rest, word) {
            return Some(json);
        }
    }
    if take(rest, "[") {
        return items(rest, "]", |rest| value(rest, depth)).map(Json::List);
    }
    if take(rest, "{") {
        let member = |rest: &mut &str| {
            *rest = rest.trim_start();
            let name = take(rest, "\"").then(|| text(rest))??;
            *rest = rest.trim_start();
            take(rest, ":").then(|| value(rest, depth))?.map(|value| (name, value))
        };
        return items(rest, "}", member).map(Json::Object);
    }
    if take(rest, "\"") {
        return text(rest).map(Json::Text);
    }
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
    let (number, tail) = rest.split_at(end);
    *rest = tail;
    number.parse().ok().map(Json::Number)
}

fn take(rest: &mut &str, token: &str) -> bool {
    let tail = rest.strip_prefix(token);
    *rest = tail.unwrap_or(rest);
    tail.is_some()
}

/// Items with commas between them, up to the closing bracket.
fn items<T>(rest: &mut &str, close: &str, item: impl Fn(&mut &str) -> Option<T>) -> Option<Vec<T>> {
    let mut items = Vec::new();
    loop {
        *rest = rest.trim_start();
        if items.is_empty() && take(rest, close) {
            return Some(items);
        }
        items.push(item(rest)?);
        *rest = rest.trim_start();
        if take(rest, close) {
            return Some(items);
        }
        take(rest, ",").then_some(())?;
    }
}

/// A text whose opening quote is taken.
fn text(rest: &mut &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => out.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits = chars.as_str().get(..4)?;
                    chars = chars.as_str().get(4..)?.chars();
                    // Half of a surrogate pair stands for nothing by itself.
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
                c => c,
            }),
            c => out.push(c),
        }
    }
    *rest = chars.as_str();
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let json = Json::parse(r#" {"a": [1, -2.5e1, true, null, []], "B": {"c": "x\"\u00e9\n"}} "#).unwrap();
        assert_eq!(json.get("b").unwrap().text("C"), "x\"é\n");
        let list = [Json::Number(1.0), Json::Number(-25.0), Json::Bool(true), Json::Null, Json::List(vec![])];
        assert_eq!(json.get("a"), Some(&Json::List(list.to_vec())));
        assert_eq!((json.number("a"), json.text("a"), json.get("d")), (0.0, "", None));
    }

    #[test]
    fn other_text_is_refused() {
        for text in
            ["", "{", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "\"a", "\"\\u12", "1 1", "nul", "-", &"[".repeat(99)]
        {
            assert_eq!(Json::parse(text), None, "text: {text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn garbage_does_not_make_it_panic(text: String) {
            drop(Json::parse(&text));
            drop(Json::parse(&format!("[\"{text}\"]")));
        }
    }
}
