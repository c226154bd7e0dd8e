//! Tags that stand in the name: SignalFX `[k=v]`, Librato `#k=v`, InfluxDB `,k=v`.

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
/// ```
///
/// A bracket without its partner, or before it, is a tag error and leaves the name as it is.
pub fn split_name<'a>(name: &'a str, styles: Styles, tags: &mut Tags<'a>) -> Cow<'a, str> {
    if styles.signalfx {
        match (name.find('['), name.find(']')) {
            (Some(open), Some(close)) if open < close => {
                tags.push_list(&name[open + 1..close], '=', |tag| tag);
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
    let start = name.find(|c| (c == '#' && styles.librato) || (c == ',' && styles.influxdb));
    match start {
        Some(at) => {
            tags.push_list(&name[at + 1..], '=', |tag| tag);
            Cow::Borrowed(&name[..at])
        }
        None => Cow::Borrowed(name),
    }
}
