//! DogStatsD's messages that are no metrics: events, which are only counted, and service checks, whose status is a gauge.

use super::{LineError, Styles, Tags, dogstatsd};

/// Whether a line is an event: `_e{5,4}:title|text|...`.
pub fn is_event(line: &[u8]) -> bool {
    line.starts_with(b"_e{")
}

/// Whether a line is a service check: `_sc|name|2|...`.
pub fn is_service_check(line: &[u8]) -> bool {
    line.starts_with(b"_sc|")
}

/// A service check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceCheck<'a> {
    /// Its name.
    pub name: &'a str,
    /// 0 is OK, 1 a warning, 2 critical, 3 unknown.
    pub status: &'a str,
}

/// Reads a service check; its tags go into `tags`, which is emptied first. Time, host and message are let by.
///
/// ```text
/// _sc|db.can_connect|2|d:1656581400|h:web1|#db:orders|m:refused
///     ^^^^^^^^^^^^^^ ^                      ^^^^^^^^^
/// ```
///
/// Source: the DogStatsD datagram format, protocol 1.0.
pub fn parse_service_check<'a>(
    line: &'a [u8],
    styles: Styles,
    tags: &mut Tags<'a>,
) -> Result<ServiceCheck<'a>, LineError> {
    tags.clear();
    let line = std::str::from_utf8(line).map_err(|_| LineError::MalformedLine)?;
    let mut sections = line.split('|').skip(1);
    let name = sections.next().filter(|name| !name.is_empty()).ok_or(LineError::MalformedLine)?;
    let status = sections.next().filter(|status| matches!(*status, "0" | "1" | "2" | "3"));
    let status = status.ok_or(LineError::MalformedValue)?;
    for section in sections {
        if let Some(list) = section.strip_prefix('#') {
            dogstatsd::parse_tags(list, styles, tags);
        } else if section.starts_with("c:") && styles.container_id {
            tags.push("container_id", dogstatsd::parse_container_id(section)?);
        }
    }
    Ok(ServiceCheck { name, status })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_checks_are_read_or_refused() {
        for (line, want) in [
            ("_sc|db.up|0", Ok(("db.up", "0", vec![]))),
            ("_sc|a b|2|d:1|h:x|#k:v,l:w|m:no # here", Ok(("a b", "2", vec![("k", "v"), ("l", "w")]))),
            ("_sc|db.up|1|c:id", Ok(("db.up", "1", vec![("container_id", "id")]))),
            ("_sc|db.up|1|c:", Err(LineError::MalformedContainerId)),
            ("_sc|db.up|4", Err(LineError::MalformedValue)),
            ("_sc|db.up", Err(LineError::MalformedValue)),
            ("_sc||1", Err(LineError::MalformedLine)),
        ] {
            let mut tags = Tags::default();
            let got = parse_service_check(line.as_bytes(), Styles::ALL, &mut tags);
            let got = got.map(|check| (check.name, check.status, tags.as_slice().to_vec()));
            assert_eq!(got, want, "line: {line:?}");
        }
    }
}
