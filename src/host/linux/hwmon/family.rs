//! Families of sensors. Type and element together make the name, the help text and the unit. The kernel counts in
//! thousandths of volt, degree and ampere, and in millionths of watt, joule and the ratio of humidity.

use super::name::clean;
use crate::model::{Desc, Kind, Sink};
use std::collections::BTreeMap;

const LABELS: &[&str] = &["chip", "sensor"];

/// The samples of all sensors by the family they belong to.
#[derive(Default)]
pub struct Families(BTreeMap<String, Family>);

struct Family {
    help: String,
    kind: Kind,
    /// By chip and sensor.
    samples: BTreeMap<(String, String), f64>,
}

impl Families {
    /// Adds all elements of a sensor that are numbers.
    pub fn add(&mut self, chip: &str, sensor: &str, kind: &str, elements: &BTreeMap<String, String>) {
        for (element, text) in elements {
            let Some(value) = number(kind, text) else { continue };
            let Some(meaning) = Meaning::of(kind, element) else { continue };
            let mut sensor = sensor.to_owned();
            if (kind, element.as_str()) == ("freq", "input") {
                // Clocks of graphics cards go by their label.
                let Some(label) = elements.get("label") else { continue };
                sensor = clean(label);
            }
            let family = self.0.entry(meaning.name(kind, element, elements.contains_key(""))).or_insert(Family {
                help: meaning.help,
                kind: meaning.kind,
                samples: BTreeMap::new(),
            });
            family.samples.entry((chip.to_owned(), sensor)).or_insert(value / meaning.per_unit);
        }
    }

    /// Pushes all families.
    pub fn emit(&self, out: &mut dyn Sink) {
        for (name, Family { help, kind, samples }) in &self.0 {
            let mut family = out.family(&Desc::new(*kind, name, help, LABELS));
            for ((chip, sensor), value) in samples {
                family.sample(&[chip, sensor], *value);
            }
        }
    }
}

/// The number that a file holds. `beep_enable` is on or off, whatever else it says.
fn number(kind: &str, text: &str) -> Option<f64> {
    match kind {
        "beep_enable" => Some(f64::from(u8::from(text.trim() == "1"))),
        _ => text.trim().parse().ok().filter(|value: &f64| value.is_finite()),
    }
}

/// What a number means.
struct Meaning {
    help: String,
    kind: Kind,
    /// What the name of the family ends in.
    suffix: &'static str,
    /// How many of the kernel's units make one of the family's.
    per_unit: f64,
}

impl Meaning {
    /// The name of the family. The value of a sensor that has a file without an element, too, is told from that one.
    fn name(&self, kind: &str, element: &str, plain: bool) -> String {
        let kind = if kind == "vrm" { "voltage_regulator_version" } else { kind };
        let element = match element {
            "" => String::new(),
            "input" if !plain => String::new(),
            _ => format!("_{}", clean(element)),
        };
        format!("node_hwmon_{kind}{element}{}", self.suffix)
    }

    /// `None` for what is no value.
    fn of(kind: &str, element: &str) -> Option<Self> {
        let gauge = |suffix, per_unit, help: String| Some(Self { help, kind: Kind::Gauge, suffix, per_unit });
        match (kind, element) {
            ("beep_enable", "") => gauge("d", 1.0, "Hardware beep enabled".into()),
            ("vrm", "") => gauge("", 1.0, "Hardware voltage regulator".into()),
            ("update_interval", "") => gauge("_seconds", 1e3, "Hardware monitor update interval".into()),
            ("beep_enable" | "vrm" | "update_interval", _) | (_, "label") => None,
            (_, "fault" | "alarm") => gauge("", 1.0, format!("Hardware sensor {element} status ({kind})")),
            (_, "beep") => gauge("_enabled", 1.0, "Hardware monitor sensor has beeping enabled".into()),
            ("in" | "cpu", _) => gauge("_volts", 1e3, format!("Hardware monitor for voltage ({element})")),
            ("temp", "") => gauge("_celsius", 1e3, "Hardware monitor for temperature (input)".into()),
            ("temp", _) if element != "type" => {
                gauge("_celsius", 1e3, format!("Hardware monitor for temperature ({element})"))
            }
            ("curr", _) => gauge("_amps", 1e3, format!("Hardware monitor for current ({element})")),
            ("energy", _) => Some(Self {
                help: format!("Hardware monitor for joules used so far ({element})"),
                kind: Kind::Counter,
                suffix: "_joule_total",
                per_unit: 1e6,
            }),
            ("power", "accuracy") => gauge("", 1e6, "Hardware monitor power meter accuracy, as a ratio".into()),
            ("power", "average_interval" | "average_interval_min" | "average_interval_max") => {
                gauge("_seconds", 1e3, format!("Hardware monitor power usage update interval ({element})"))
            }
            ("power", _) => gauge("_watt", 1e6, format!("Hardware monitor for power usage in watts ({element})")),
            ("humidity", _) => gauge("", 1e6, format!("{HUMIDITY} ({element})")),
            ("fan", "input" | "min" | "max" | "target") => {
                gauge("_rpm", 1.0, format!("Hardware monitor for fan revolutions per minute ({element})"))
            }
            ("freq", "input") => gauge("_freq_mhz", 1e6, "Hardware monitor for GPU frequency in MHz".into()),
            _ => gauge("", 1.0, format!("Hardware monitor {kind} element {element}")),
        }
    }
}

const HUMIDITY: &str =
    "Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_element_say_what_a_number_is() {
        for (kind, element, text, want) in [
            ("temp", "input", "55000", Some(("node_hwmon_temp_celsius", 55.0))),
            ("temp", "type", "3", Some(("node_hwmon_temp_type", 3.0))),
            ("temp", "crit_alarm", "0", Some(("node_hwmon_temp_crit_alarm_celsius", 0.0))),
            ("in", "input", "792", Some(("node_hwmon_in_volts", 0.792))),
            ("cpu", "vid", "1100", Some(("node_hwmon_cpu_vid_volts", 1.1))),
            ("curr", "max", "500", Some(("node_hwmon_curr_max_amps", 0.5))),
            ("energy", "input", "2500000", Some(("node_hwmon_energy_joule_total", 2.5))),
            ("power", "accuracy", "950000", Some(("node_hwmon_power_accuracy", 0.95))),
            ("power", "average_interval", "250", Some(("node_hwmon_power_average_interval_seconds", 0.25))),
            ("power", "average", "35000000", Some(("node_hwmon_power_average_watt", 35.0))),
            ("humidity", "input", "450000", Some(("node_hwmon_humidity", 0.45))),
            ("fan", "target", "1200", Some(("node_hwmon_fan_target_rpm", 1200.0))),
            ("fan", "div", "8", Some(("node_hwmon_fan_div", 8.0))),
            ("pwm", "", "128", Some(("node_hwmon_pwm", 128.0))),
            ("vrm", "", "13.0", Some(("node_hwmon_voltage_regulator_version", 13.0))),
            ("update_interval", "", "1000", Some(("node_hwmon_update_interval_seconds", 1.0))),
            ("beep_enable", "", "0", Some(("node_hwmon_beep_enabled", 0.0))),
            ("intrusion", "beep", "1", Some(("node_hwmon_intrusion_beep_enabled", 1.0))),
            ("freq", "input", "300000000", None),
            ("temp", "label", "1", None),
            ("temp", "input", "", None),
            ("temp", "input", "nan", None),
        ] {
            let mut families = Families::default();
            families.add("chip", "sensor", kind, &BTreeMap::from([(element.to_owned(), text.to_owned())]));
            let got =
                families.0.iter().flat_map(|(name, f)| f.samples.values().map(move |value| (name.as_str(), *value)));
            assert_eq!(got.collect::<Vec<_>>(), want.into_iter().collect::<Vec<_>>(), "{kind}_{element}: {text:?}");
        }
    }

    #[test]
    fn an_input_beside_a_plain_file_has_its_own_name() {
        let mut families = Families::default();
        let elements = [("", "1"), ("input", "1400")].map(|(element, text)| (element.to_owned(), text.to_owned()));
        families.add("chip", "fan1", "fan", &BTreeMap::from(elements));
        assert_eq!(families.0.keys().collect::<Vec<_>>(), ["node_hwmon_fan", "node_hwmon_fan_input_rpm"]);
    }
}
