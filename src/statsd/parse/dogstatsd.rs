//! The sections behind the type that DogStatsD added to the protocol.

use super::tags::split_list;
use super::{LineError, Styles, Tags};

/// Reads the tags of a sample; a second `#` in front of one is let by. One without a value is an error, or `true`.
///
/// ```text
/// req:1|c|#env:prod,url:http://x
///          ^^^^^^^^^^^^^^^^^^^^^
/// ```
///
/// Since protocol 1.0.
pub fn parse_tags<'a>(section: &'a str, styles: Styles, tags: &mut Tags<'a>) {
    if !styles.dogstatsd {
        return;
    }
    for tag in split_list(section, ',') {
        let tag = tag.strip_prefix('#').unwrap_or(tag);
        if styles.bare && !tag.is_empty() && !tag.contains(':') {
            tags.push(tag, "true");
        } else {
            tags.push_text(tag, ':');
        }
    }
}

/// Reads the container that a sample comes from, as the client names it (`ci-ID` and `in-INODE` since 1.4).
///
/// ```text
/// req:1|c|#env:prod|c:83c0a99c
///                   ^^^^^^^^^^
/// ```
///
/// Since protocol 1.2.
pub fn parse_container_id(section: &str) -> Result<&str, LineError> {
    match section.strip_prefix("c:") {
        Some(id) if !id.is_empty() => Ok(id),
        _ => Err(LineError::MalformedContainerId),
    }
}

/// Whether a section is a time, which is let by, since Prometheus gives a sample the time of its scrape.
///
/// ```text
/// req:1|c|T1656581400
///         ^^^^^^^^^^^
/// ```
///
/// Seconds since 1970, which nobody checks, as statsd_exporter has it. Since protocol 1.3.
pub fn is_timestamp(section: &str) -> bool {
    section.starts_with('T')
}

/// Whether a section is one that says where a sample comes from, which is let by: external data (1.5) or the
/// cardinality of tags that an agent adds (1.6).
///
/// ```text
/// req:1|c|e:it-false,cn-nginx|card:low
///         ^^^^^^^^^^^^^^^^^^^ ^^^^^^^^
/// ```
pub fn is_origin(section: &str) -> bool {
    section.starts_with("e:") || section.starts_with("card:")
}
