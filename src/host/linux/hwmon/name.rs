//! Names of chips and of the files of their sensors.

use crate::host::files;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The types of sensors that are shown.
const KINDS: [&str; 14] = [
    "vrm",
    "beep_enable",
    "update_interval",
    "in",
    "cpu",
    "fan",
    "pwm",
    "temp",
    "curr",
    "power",
    "energy",
    "humidity",
    "intrusion",
    "freq",
];

/// What the name of a sensor's file says.
#[derive(Debug, PartialEq, Eq)]
pub struct SensorFile<'a> {
    /// One of [`KINDS`].
    pub kind: &'static str,
    /// Type and number, the value of the label `sensor`. A sensor without a number has number 0.
    pub sensor: String,
    /// What of the sensor the file holds; empty where the name says only whose file it is.
    pub element: &'a str,
}

impl<'a> SensorFile<'a> {
    /// temp1_crit_alarm
    /// ^^^^ type, up to the first digit; `_` belongs to it
    ///     ^ number, may be missing
    ///       ^^^^^^^^^^ element, may be missing with its `_`
    pub fn parse(file: &'a str) -> Option<Self> {
        let (kind, rest) = file.split_at(file.find(|c: char| c.is_ascii_digit()).unwrap_or(file.len()));
        let (number, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let kind = KINDS.into_iter().find(|known| *known == kind)?;
        let number: u32 = if number.is_empty() { 0 } else { number.parse().ok()? };
        let element =
            if rest.is_empty() { "" } else { rest.strip_prefix('_').filter(|element| !element.is_empty())? };
        Some(Self { kind, sensor: format!("{kind}{number}"), element })
    }
}

/// Directories of chips with a label for each that no other has. Several chips of one device (a Wi-Fi card's bands, a
/// laptop's fans beside its WMI sensors) would share the device's name: those get what tells them apart after it, the
/// text of their file `name` or else their directory.
pub fn labels(dirs: &[PathBuf]) -> Vec<(&Path, String)> {
    let named: Vec<(&Path, String, String)> = dirs
        .iter()
        .filter_map(|dir| Some((dir.as_path(), base(dir)?, files::label(&dir.join("name")).unwrap_or_default())))
        .collect();
    let (mut bases, mut pairs) = (HashMap::<&str, u32>::new(), HashMap::<(&str, &str), u32>::new());
    for (_, base, name) in &named {
        *bases.entry(base).or_default() += 1;
        *pairs.entry((base, name)).or_default() += 1;
    }
    let label = |(dir, base, name): &(&'_ Path, String, String)| {
        if bases.get(base.as_str()) == Some(&1) {
            return base.clone();
        }
        let own = clean(name);
        if own.is_empty() || pairs.get(&(base.as_str(), name.as_str())) != Some(&1) {
            return format!("{base}_{}", last(dir));
        }
        format!("{base}_{own}")
    };
    named.iter().map(|chip| (chip.0, label(chip))).collect()
}

/// What the driver calls the chip.
pub fn from_file(dir: &Path) -> Option<String> {
    Some(clean(&files::value(&dir.join("name")).ok()?)).filter(|name| !name.is_empty())
}

/// A name for a chip that stays the same from boot to boot, which its number does not: that of its device, else the
/// one in its file, else the number after all.
fn base(dir: &Path) -> Option<String> {
    if let Ok(device) = dir.join("device").canonicalize() {
        let (device, bus) = (last(&device), device.parent().map(last).unwrap_or_default());
        if !device.is_empty() {
            return Some(if bus.is_empty() { device } else { format!("{bus}_{device}") });
        }
    }
    from_file(dir).or_else(|| Some(last(&dir.canonicalize().ok()?)).filter(|name| !name.is_empty()))
}

/// The last part of a path, fit for a name.
fn last(path: &Path) -> String {
    path.file_name().map(|name| clean(&name.to_string_lossy())).unwrap_or_default()
}

/// Makes a part of a metric name or label value of any text: lower case, and `_` for each other character but not at
/// the ends.
pub fn clean(text: &str) -> String {
    let fit = |c: char| if matches!(c, 'a'..='z' | '0'..='9' | ':' | '_') { c } else { '_' };
    let name: String = text.to_lowercase().chars().map(fit).collect();
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_a_sensor_by_its_name() {
        for (file, want) in [
            ("temp1_crit_alarm", Some(("temp", "temp1", "crit_alarm"))),
            ("pwm1", Some(("pwm", "pwm1", ""))),
            ("pwm2_auto_point1_pwm", Some(("pwm", "pwm2", "auto_point1_pwm"))),
            ("in0_input", Some(("in", "in0", "input"))),
            ("update_interval", Some(("update_interval", "update_interval0", ""))),
            ("beep_enable", Some(("beep_enable", "beep_enable0", ""))),
            ("power", Some(("power", "power0", ""))),
            ("temp01_input", Some(("temp", "temp1", "input"))),
            ("temp1_", None),
            ("temp1input", None),
            ("temp_input", None),
            ("temp99999999999_input", None),
            ("name", None),
            ("1", None),
            ("", None),
        ] {
            let got = SensorFile::parse(file);
            let got = got.as_ref().map(|f| (f.kind, f.sensor.as_str(), f.element));
            assert_eq!(got, want, "file: {file:?}");
        }
    }

    #[test]
    fn any_text_becomes_a_part_of_a_name() {
        for (text, want) in
            [("Core 0", "core_0"), ("applesmc.768", "applesmc_768"), ("0000:01:00.0", "0000:01:00_0"), ("_-Å-_", "")]
        {
            assert_eq!(clean(text), want, "text: {text:?}");
        }
    }
}
