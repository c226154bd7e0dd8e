//! Name and version of macOS. Source: `/System/Library/CoreServices/SystemVersion.plist`, Property List(5).

use crate::host::release::{self, Release};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::Sink;
use std::path::Path;

const FILE: &str = "/System/Library/CoreServices/SystemVersion.plist";

/// The collector `os`.
pub static SPEC: Spec = Spec {
    name: "os",
    about: "name and version of macOS",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Os { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&release::INFO, &release::VERSION];

struct Os {
    roots: Roots,
}

impl Collector for Os {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.host(FILE);
        let text = files::read(&path).map_err(CollectError::absent_is_no_data)?;
        release::emit(&parse(&path, &text)?, out);
        Ok(())
    }
}

fn parse(path: &Path, text: &str) -> Result<Release, CollectError> {
    let mut release = Release::default();
    for (key, value) in strings(text) {
        let labels: &[&str] = match key {
            "ProductName" => &["name"],
            "ProductVersion" => &["version", "version_id"],
            "ProductBuildVersion" => &["build_id"],
            _ => &[],
        };
        labels.iter().for_each(|label| release.set(label, unescape(value)));
    }
    if release.label("name").is_empty() || release.label("version").is_empty() {
        return Err(CollectError::malformed(path, 0, "expected a property list with ProductName and ProductVersion"));
    }
    Ok(release)
}

/// <key>ProductName</key> <string>macOS</string>
///      ^^^^^^^^^^^                ^^^^^
/// Keys whose value is a string, with it, as they stand in XML.
fn strings(xml: &str) -> impl Iterator<Item = (&str, &str)> {
    xml.split("<key>").skip(1).filter_map(|rest| {
        let (key, rest) = rest.split_once("</key>")?;
        let (value, _) = rest.trim_start().strip_prefix("<string>")?.split_once("</string>")?;
        Some((key.trim(), value.trim()))
    })
}

/// The five entities that XML has without a definition.
fn unescape(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::tests::golden;
    use proptest::prelude::*;

    const PLIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>BuildID</key>
	<string>9D2B4C1A-0000-11EF-8F3E-6E0B5A1C2D3E</string>
	<key>Seed</key>
	<false/>
	<key>ProductBuildVersion</key>
	<string>24G84</string>
	<key>ProductCopyright</key>
	<string>1983-2025 Apple &amp; Co.</string>
	<key>ProductName</key>
	<string>macOS</string>
	<key>ProductUserVisibleVersion</key>
	<string>15.6</string>
	<key>ProductVersion</key>
	<string>15.6.1</string>
</dict>
</plist>
"#;

    #[test]
    fn the_system_is_named() {
        golden("os", |out| release::emit(&parse(Path::new(FILE), PLIST).unwrap(), out));
    }

    #[test]
    fn a_list_without_name_or_version_is_malformed() {
        for text in ["", "bplist00\u{fffd}", "<dict><key>ProductName</key><string>macOS</string></dict>", "<key>"] {
            let error = parse(Path::new(FILE), text).unwrap_err().to_string();
            assert!(error.starts_with(FILE), "{text:?}: {error}");
        }
        assert_eq!(unescape("&amp;lt; &lt;&gt;&quot;&apos;&amp;"), "&lt; <>\"'&");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*", cut in 0..PLIST.len()) {
            parse(Path::new(FILE), &text).ok();
            parse(Path::new(FILE), &PLIST[..cut]).ok();
        }
    }
}
