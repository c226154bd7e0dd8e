//! What an operating system says of its release, for the collectors `os` of all systems.

use crate::model::{Desc, Sink};

/// All that is known, as labels.
pub static INFO: Desc<'static> = Desc::gauge(
    "node_os_info",
    "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, pretty_name, \
     variant, variant_id, version, version_codename, version_id.",
    &[
        "build_id",
        "id",
        "id_like",
        "image_id",
        "image_version",
        "name",
        "pretty_name",
        "variant",
        "variant_id",
        "version",
        "version_codename",
        "version_id",
    ],
);
/// The version as a number.
pub static VERSION: Desc<'static> = Desc::gauge(
    "node_os_version",
    "Metric containing the major.minor part of the OS version.",
    &["id", "id_like", "name"],
);

/// Values of the labels of [`INFO`].
#[derive(Debug, Default, PartialEq)]
pub struct Release([String; INFO.labels.len()]);

impl Release {
    /// The value of a label; empty where the system does not say.
    pub fn label(&self, name: &str) -> &str {
        INFO.labels.iter().zip(&self.0).find(|(label, _)| **label == name).map_or("", |(_, value)| value)
    }

    /// Sets the label of this name, in any case, if there is one.
    pub fn set(&mut self, name: &str, value: String) {
        if let Some((_, place)) =
            INFO.labels.iter().zip(&mut self.0).find(|(label, _)| label.eq_ignore_ascii_case(name))
        {
            *place = value;
        }
    }
}

/// 20.04.2
/// ^^^^^
/// Major and minor part of a version as a number; 0 where it does not start with one.
fn major_minor(version: &str) -> f64 {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(version);
    if end > 0 && version[end..].starts_with('.') {
        end += 1 + digits(&version[end + 1..]);
    }
    version[..end].parse().unwrap_or_default()
}

/// Pushes the labels, and the version where it is a number.
pub fn emit(release: &Release, out: &mut dyn Sink) {
    out.family(&INFO).sample(&release.0.each_ref().map(String::as_str), 1.0);
    let version = major_minor(release.label("version_id"));
    if version > 0.0 {
        let values = ["id", "id_like", "name"].map(|name| release.label(name));
        out.family(&VERSION).sample(&values, version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_cut_after_the_minor_part() {
        for (version, want) in [
            ("20.04", 20.04),
            ("12", 12.0),
            ("7.9.2009", 7.9),
            ("14.2-RELEASE-p3", 14.2),
            ("3.", 3.0),
            ("rolling", 0.0),
            ("", 0.0),
            (".5", 0.0),
            (".", 0.0),
        ] {
            assert_eq!(major_minor(version), want, "{version:?}");
        }
    }

    #[test]
    fn a_label_is_found_in_any_case() {
        let mut release = Release::default();
        release.set("VERSION_ID", "12".into());
        release.set("HOME_URL", "x".into());
        assert_eq!((release.label("version_id"), release.label("id")), ("12", ""));
    }
}
