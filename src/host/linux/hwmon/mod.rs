//! Sensors of hardware monitoring chips: temperatures, voltages, fans, currents, power.
//!
//! Source: `/sys/class/hwmon`, as Documentation/hwmon/sysfs-interface.rst of the kernel describes it. A file is called
//! after the type of its sensor, the sensor's number and what of it the file holds: `temp1_crit`, `in0_input`, `pwm2`.
//! Units differ by type, see [`family`].

mod family;
mod name;

use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use family::Families;
use name::SensorFile;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

static CHIP_NAMES: Desc<'static> =
    Desc::gauge("node_hwmon_chip_names", "Annotation metric for human-readable chip names", &["chip", "chip_name"]);
static SENSOR_LABEL: Desc<'static> =
    Desc::gauge("node_hwmon_sensor_label", "Label for given chip and sensor", &["chip", "sensor", "label"]);

/// The most common families of sensors; the others are named likewise, after the sensor's type and its file.
static SENSORS: [Desc<'static>; 9] = {
    let labels = &["chip", "sensor"];
    [
        Desc::gauge("node_hwmon_*", "What a file of a sensor holds, named after both.", labels),
        Desc::gauge("node_hwmon_curr_amps", "Hardware monitor for current (input)", labels),
        Desc::counter("node_hwmon_energy_joule_total", "Hardware monitor for joules used so far (input)", labels),
        Desc::gauge("node_hwmon_fan_rpm", "Hardware monitor for fan revolutions per minute (input)", labels),
        Desc::gauge("node_hwmon_in_volts", "Hardware monitor for voltage (input)", labels),
        Desc::gauge("node_hwmon_power_watt", "Hardware monitor for power usage in watts (input)", labels),
        Desc::gauge("node_hwmon_temp_celsius", "Hardware monitor for temperature (input)", labels),
        Desc::gauge("node_hwmon_temp_crit_celsius", "Hardware monitor for temperature (crit)", labels),
        Desc::gauge("node_hwmon_temp_max_celsius", "Hardware monitor for temperature (max)", labels),
    ]
};

const FLAGS: &[Flag] = &[
    Flag::value(
        "collector.hwmon.chip-include",
        "REGEXP",
        "",
        "Regexp of hwmon chip to include (mutually exclusive to device-exclude).",
    ),
    Flag::value(
        "collector.hwmon.chip-exclude",
        "REGEXP",
        "",
        "Regexp of hwmon chip to exclude (mutually exclusive to device-include).",
    ),
    Flag::value(
        "collector.hwmon.sensor-include",
        "REGEXP",
        "",
        "Regexp of hwmon sensor to include (mutually exclusive to sensor-exclude).",
    ),
    Flag::value(
        "collector.hwmon.sensor-exclude",
        "REGEXP",
        "",
        "Regexp of hwmon sensor to exclude (mutually exclusive to sensor-include).",
    ),
];

/// The collector `hwmon`.
pub static SPEC: Spec = Spec {
    name: "hwmon",
    about: "hardware monitoring sensors from /sys/class/hwmon",
    default_enabled: true,
    flags: FLAGS,
    build: |env| {
        Ok(Box::new(Hwmon {
            roots: env.roots.clone(),
            chips: Filter::from_both(env.flags, "collector.hwmon.chip-include", "collector.hwmon.chip-exclude")?,
            sensors: Filter::from_both(env.flags, "collector.hwmon.sensor-include", "collector.hwmon.sensor-exclude")?,
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &{
    let mut metrics = [&CHIP_NAMES; SENSORS.len() + 2];
    metrics[1] = &SENSOR_LABEL;
    let mut at = 0;
    while at < SENSORS.len() {
        metrics[at + 2] = &SENSORS[at];
        at += 1;
    }
    metrics
};

struct Hwmon {
    roots: Roots,
    chips: Filter,
    /// Over `chip;sensor`, so that a sensor of one chip can be told from those of others.
    sensors: Filter,
}

impl Collector for Hwmon {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

/// A chip and its sensors.
struct Chip {
    label: String,
    /// From its file `name`, if that says anything.
    name: Option<String>,
    sensors: BTreeMap<String, Sensor>,
}

/// A sensor: its type, and the text of each of its files by what the file holds.
struct Sensor {
    kind: &'static str,
    elements: BTreeMap<String, String>,
}

impl Hwmon {
    fn read(&self) -> Result<Vec<Chip>, CollectError> {
        let class = self.roots.sys("class/hwmon");
        let entries = files::list(&class).map_err(CollectError::absent_is_no_data)?;
        let dirs: Vec<PathBuf> = entries.iter().map(|entry| class.join(entry)).filter(|dir| dir.is_dir()).collect();
        let mut chips = Vec::new();
        for (dir, label) in name::labels(&dirs) {
            if self.chips.ignores(&label) {
                continue;
            }
            let mut sensors = BTreeMap::new();
            // Drivers from before the hwmon class keep the files of their sensors with the device.
            for dir in [dir, &dir.join("device")] {
                self.read_sensors(dir, &label, &mut sensors)?;
            }
            chips.push(Chip { name: name::from_file(dir), label, sensors });
        }
        Ok(chips)
    }

    /// Adds the files of a directory that belong to sensors. One that can't be read is left out: boards leave inputs
    /// of a chip open, and drivers answer for those with whatever error they like.
    fn read_sensors(&self, dir: &Path, chip: &str, sensors: &mut BTreeMap<String, Sensor>) -> Result<(), CollectError> {
        for file in files::if_there(files::list(dir))?.unwrap_or_default() {
            let Some(SensorFile { kind, sensor, element }) = SensorFile::parse(&file) else { continue };
            if self.sensors.ignores(&format!("{chip};{sensor}")) {
                continue;
            }
            match files::read(&dir.join(&file)) {
                Ok(text) => {
                    let sensor = sensors.entry(sensor).or_insert_with(|| Sensor { kind, elements: BTreeMap::new() });
                    sensor.elements.insert(element.to_owned(), text.trim_matches('\n').to_owned());
                }
                Err(e) => log::debug!("collector hwmon: {e}"),
            }
        }
        Ok(())
    }
}

fn emit(chips: &[Chip], out: &mut dyn Sink) {
    let mut family = out.family(&CHIP_NAMES);
    for chip in chips {
        if let Some(name) = &chip.name {
            family.sample(&[&chip.label, name], 1.0);
        }
    }
    let mut family = out.family(&SENSOR_LABEL);
    let sensors = || chips.iter().flat_map(|chip| chip.sensors.iter().map(move |(name, sensor)| (chip, name, sensor)));
    for (chip, name, sensor) in sensors() {
        if let Some(label) = sensor.elements.get("label") {
            family.sample(&[&chip.label, name, label], 1.0);
        }
    }
    let mut families = Families::default();
    for (chip, name, sensor) in sensors() {
        families.add(&chip.label, name, sensor.kind, &sensor.elements);
    }
    families.emit(out);
}
