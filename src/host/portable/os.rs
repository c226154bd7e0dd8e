//! Name and version of the operating system. Source: sysinfo (`/etc/os-release`, sysctl).
//!
//! Labels that sysinfo does not know are empty, as node_exporter has them for a system that does not say.

use super::failed;
use crate::host::{CollectError, Collector, Spec};
use crate::model::{Desc, Sink};
use sysinfo::System;

static INFO: Desc<'static> = Desc::gauge(
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
static VERSION: Desc<'static> = Desc::gauge(
    "node_os_version",
    "Metric containing the major.minor part of the OS version.",
    &["id", "id_like", "name"],
);

/// The collector `os`.
pub static SPEC: Spec = Spec {
    name: "os",
    about: "name and version of the operating system",
    default_enabled: true,
    flags: &[],
    metrics: &[&INFO, &VERSION],
    build: |_| Ok(Box::new(Os)),
};

struct Os;

impl Collector for Os {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read()?, out);
        Ok(())
    }
}

#[derive(Default)]
struct Release {
    id: String,
    id_like: String,
    name: String,
    version: String,
    version_id: String,
}

/// macOS: the fields that `SystemVersion.plist` has, which names no id. sysinfo's name there is the kernel's.
#[cfg(target_os = "macos")]
fn read() -> Result<Release, CollectError> {
    let version = System::os_version().map_err(|e| failed("os_version", e))?;
    Ok(Release { name: "macOS".into(), version: version.clone(), version_id: version, ..Release::default() })
}

#[cfg(not(target_os = "macos"))]
fn read() -> Result<Release, CollectError> {
    Ok(Release {
        id: System::distribution_id(),
        id_like: System::distribution_id_like().join(" "),
        name: System::name().map_err(|e| failed("os_name", e))?,
        version: String::new(),
        // A rolling distribution has none.
        version_id: System::os_version().unwrap_or_default(),
    })
}

fn emit(os: &Release, out: &mut dyn Sink) {
    let Release { id, id_like, name, version, version_id } = os;
    out.family(&INFO).sample(&["", id, id_like, "", "", name, "", "", "", version, "", version_id], 1.0);
    if let Some(number) = major_minor(version_id) {
        out.family(&VERSION).sample(&[id, id_like, name], number);
    }
}

/// `14.5.1` is 14.5; `None` where the version is not a number above 0.
fn major_minor(version: &str) -> Option<f64> {
    let mut dots = 0;
    let end = version.find(|c: char| {
        dots += usize::from(c == '.');
        !(c.is_ascii_digit() || c == '.') || dots > 1
    });
    version.get(..end.unwrap_or(version.len()))?.parse().ok().filter(|number| *number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_cut_behind_its_minor_part() {
        for (version, want) in [
            ("12", Some(12.0)),
            ("12.", Some(12.0)),
            ("14.5.1", Some(14.5)),
            ("22.04", Some(22.04)),
            ("14.2-RELEASE-p3", Some(14.2)),
            ("", None),
            (".", None),
            ("rolling", None),
            ("0", None),
        ] {
            assert_eq!(major_minor(version), want, "version: {version:?}");
        }
    }
}
