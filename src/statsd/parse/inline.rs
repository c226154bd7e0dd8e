//! Tags that stand in the name: SignalFX `[k=v]`, Librato `#k=v`, InfluxDB `,k=v`, Graphite `;k=v`.

use super::{Styles, Tags};
use std::borrow::Cow;

/// Takes the tags out of a name.
///
/// ```text
/// app.[env=prod,host=a]hits    SignalFX, anywhere in the name: app.hits
///     ^^^^^^^^^^^^^^^^^
/// app.hits#env=prod            Librato
///         ^^^^^^^^^
/// app.hits,env=prod            InfluxDB
///         ^^^^^^^^^
/// app.hits;env=prod;host=a     Graphite
///         ^^^^^^^^^^^^^^^^
/// ```
///
/// A bracket without its partner, or before it, is a tag error and leaves the name as it is.
pub fn split_name<'a>(name: &'a str, styles: Styles, tags: &mut Tags<'a>) -> Cow<'a, str> {
    if styles.signalfx {
        match (name.find('['), name.find(']')) {
            (Some(open), Some(close)) if open < close => {
                tags.push_list(&name[open + 1..close], ',', '=');
                let (before, after) = (&name[..open], &name[close + 1..]);
                return if after.is_empty() { Cow::Borrowed(before) } else { Cow::Owned([before, after].concat()) };
            }
            (None, None) => {}
            _ => {
                tags.refuse_one();
                return Cow::Borrowed(name);
            }
        }
    }
    let starts = |c: char| match c {
        '#' => styles.librato,
        ',' => styles.influxdb,
        ';' => styles.graphite,
        _ => false,
    };
    match name.find(starts) {
        Some(at) => {
            let between = if name[at..].starts_with(';') { ';' } else { ',' };
            tags.push_list(&name[at + 1..], between, '=');
            Cow::Borrowed(&name[..at])
        }
        None => Cow::Borrowed(name),
    }
}
