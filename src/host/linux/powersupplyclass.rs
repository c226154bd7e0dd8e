//! Batteries, mains and USB supplies. Source: `/sys/class/power_supply`, as
//! Documentation/ABI/testing/sysfs-class-power of the kernel describes it: voltages, currents, charges, energies and
//! power in millionths of a unit, temperatures in tenths of a degree, times in seconds, capacities in percent.

use crate::flag::Flag;
use crate::host::linux::attributes::{self, Attribute, Row, from_micro, unchanged};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files, filter};
use crate::model::{Desc, Sink};
use crate::pattern::Pattern;

/// An attribute whose family is named otherwise than its file, or alike.
macro_rules! supply {
    ($file:literal => $name:literal, $convert:expr) => {
        Attribute::converted(
            $file,
            Desc::gauge(
                concat!("node_power_supply_", $name),
                concat!($name, " value of /sys/class/power_supply/<power_supply>."),
                &["power_supply"],
            ),
            $convert,
        )
    };
    ($file:literal, $convert:expr) => {
        supply!($file => $file, $convert)
    };
}

static TABLE: [Attribute; 49] = [
    supply!("authentic", unchanged),
    supply!("calibrate", unchanged),
    supply!("capacity", unchanged),
    supply!("capacity_alert_max", unchanged),
    supply!("capacity_alert_min", unchanged),
    supply!("cycle_count" => "cyclecount", unchanged),
    supply!("online", unchanged),
    supply!("present", unchanged),
    supply!("time_to_empty_now" => "time_to_empty_seconds", unchanged),
    supply!("time_to_full_now" => "time_to_full_seconds", unchanged),
    supply!("current_boot", from_micro),
    supply!("current_max", from_micro),
    supply!("current_now" => "current_ampere", from_micro),
    supply!("energy_empty", from_micro),
    supply!("energy_empty_design", from_micro),
    supply!("energy_full", from_micro),
    supply!("energy_full_design", from_micro),
    supply!("energy_now" => "energy_watthour", from_micro),
    supply!("voltage_boot", from_micro),
    supply!("voltage_max", from_micro),
    supply!("voltage_max_design", from_micro),
    supply!("voltage_min", from_micro),
    supply!("voltage_min_design", from_micro),
    supply!("voltage_now" => "voltage_volt", from_micro),
    supply!("voltage_ocv", from_micro),
    supply!("charge_control_limit", from_micro),
    supply!("charge_control_limit_max", from_micro),
    supply!("charge_counter", from_micro),
    supply!("charge_empty", from_micro),
    supply!("charge_empty_design", from_micro),
    supply!("charge_full", from_micro),
    supply!("charge_full_design", from_micro),
    supply!("charge_now" => "charge_ampere", from_micro),
    supply!("charge_term_current", from_micro),
    supply!("constant_charge_current", from_micro),
    supply!("constant_charge_current_max", from_micro),
    supply!("constant_charge_voltage", from_micro),
    supply!("constant_charge_voltage_max", from_micro),
    supply!("precharge_current", from_micro),
    supply!("input_current_limit", from_micro),
    supply!("power_now" => "power_watt", from_micro),
    supply!("temp" => "temp_celsius", from_tenths),
    supply!("temp_alert_max" => "temp_alert_max_celsius", from_tenths),
    supply!("temp_alert_min" => "temp_alert_min_celsius", from_tenths),
    supply!("temp_ambient" => "temp_ambient_celsius", from_tenths),
    supply!("temp_ambient_max" => "temp_ambient_max_celsius", from_tenths),
    supply!("temp_ambient_min" => "temp_ambient_min_celsius", from_tenths),
    supply!("temp_max" => "temp_max_celsius", from_tenths),
    supply!("temp_min" => "temp_min_celsius", from_tenths),
];

static INFO: Desc<'static> =
    Desc::gauge("node_power_supply_info", "info of /sys/class/power_supply/<power_supply>.", &NAMES);

/// Text attributes; those that a supply has are labels of [`INFO`].
const TEXTS: [&str; 11] = [
    "capacity_level",
    "charge_type",
    "health",
    "manufacturer",
    "model_name",
    "scope",
    "serial_number",
    "status",
    "technology",
    "type",
    "usb_type",
];

/// Labels of [`INFO`].
const NAMES: [&str; TEXTS.len() + 1] = {
    let mut names = ["power_supply"; TEXTS.len() + 1];
    let mut at = 0;
    while at < TEXTS.len() {
        names[at + 1] = TEXTS[at];
        at += 1;
    }
    names
};

static FAMILIES: [&Desc<'static>; 50] = attributes::families(&[&INFO], &TABLE);

/// The collector `powersupplyclass`.
pub static SPEC: Spec = Spec {
    name: "powersupplyclass",
    about: "batteries and other power supplies from /sys/class/power_supply",
    default_enabled: true,
    flags: &[Flag::value(
        "collector.powersupply.ignored-supplies",
        "REGEXP",
        "^$",
        "Regexp of power supplies to ignore for powersupplyclass collector.",
    )],
    build: |env| {
        Ok(Box::new(PowerSupplies {
            roots: env.roots.clone(),
            ignored: filter::pattern(env.flags, "collector.powersupply.ignored-supplies")?,
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct PowerSupplies {
    roots: Roots,
    ignored: Option<Pattern>,
}

impl Collector for PowerSupplies {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let (infos, rows) = self.read()?;
        emit(&infos, &rows, out);
        Ok(())
    }
}

type Info = Vec<(&'static str, String)>;

impl PowerSupplies {
    fn read(&self) -> Result<(Vec<Info>, Vec<Row>), CollectError> {
        let class = self.roots.sys("class/power_supply");
        let (mut infos, mut rows) = (Vec::new(), Vec::new());
        for name in files::list(&class).map_err(CollectError::absent_is_no_data)? {
            if self.ignored.as_ref().is_some_and(|pattern| pattern.is_match(&name)) {
                continue;
            }
            let dir = class.join(&name);
            let values = attributes::read(&dir, &TABLE)?;
            let mut info = vec![("power_supply", name.clone())];
            for file in TEXTS {
                info.push((file, files::label(&dir.join(file))?));
            }
            info.retain(|(_, text)| !text.is_empty());
            infos.push(info);
            rows.push(Row { labels: vec![name], values });
        }
        Ok((infos, rows))
    }
}

fn emit(infos: &[Info], rows: &[Row], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    for info in infos {
        let labels: Vec<(&str, &str)> = info.iter().map(|(name, text)| (*name, text.as_str())).collect();
        family.labeled(&labels, 1.0);
    }
    attributes::emit(&TABLE, rows, out);
}

fn from_tenths(value: f64) -> f64 {
    value / 10.0
}
