//! Batteries and other power sources. Source: IOKit, `IOPSCopyPowerSourcesInfo`; the keys are those of
//! `IOKit/ps/IOPSKeys.h`. Units: volts, amperes (from thousandths), seconds (from minutes), degrees Celsius, and for
//! capacities percent or mAh, as the source has them.

use super::iokit::{self, Properties};
use crate::flag::Flag;
use crate::host::{CollectError, Collector, Metrics, Spec, filter};
use crate::model::{Desc, Sink, heads};
use crate::pattern::Pattern;
use std::collections::HashSet;

/// A family whose help names its field.
macro_rules! field {
    ($field:literal, $labels:expr) => {
        Desc::gauge(
            concat!("node_power_supply_", $field),
            concat!("IOKit Power Source information field ", $field, " for <power_supply>."),
            $labels,
        )
    };
    ($field:literal) => {
        field!($field, &["power_supply"])
    };
}

type Figure = fn(&Properties) -> Option<f64>;

static TABLE: [(Desc<'static>, Figure); 13] = [
    (field!("current_capacity"), |source| source.number("Current Capacity")),
    (field!("max_capacity"), |source| source.number("Max Capacity")),
    (field!("design_capacity"), |source| source.number("DesignCapacity")),
    (field!("nominal_capacity"), |source| source.number("Nominal Capacity")),
    (field!("time_to_empty_seconds"), |source| source.number("Time to Empty").map(seconds_from_minutes)),
    (field!("time_to_full_seconds"), |source| source.number("Time to Full Charge").map(seconds_from_minutes)),
    (field!("voltage_volt"), |source| source.number("Voltage").map(from_milli)),
    (field!("current_ampere"), |source| source.number("Current").map(from_milli)),
    (field!("temp_celsius"), |source| source.number("Temperature")),
    (field!("present"), |source| source.switch("Is Present")),
    (field!("charging"), |source| source.switch("Is Charging")),
    (field!("charged"), |source| source.switch("Is Charged")),
    (field!("internal_failure"), |source| source.switch("Internal Failure")),
];

static STATE: Desc<'static> = field!("power_source_state", &["power_supply", "state"]);
static HEALTH: Desc<'static> = field!("battery_health", &["power_supply", "state"]);
static INFO: Desc<'static> = Desc::gauge(
    "node_power_supply_info",
    "IOKit Power Source information for <power_supply>.",
    &["id", "power_supply", "serial_number", "transport_type", "type"],
);

const STATES: &[&str] = &["AC Power", "Battery Power", "Off Line"];
const HEALTHS: &[&str] = &["Fair", "Good", "Poor"];

pub static METRICS: Metrics = &{
    let figures = heads(&TABLE);
    let mut all = [&INFO; 16];
    let mut i = 0;
    while i < figures.len() {
        all[i] = figures[i];
        i += 1;
    }
    all[i] = &STATE;
    all[i + 1] = &HEALTH;
    all
};

/// The collector `powersupplyclass`.
pub static SPEC: Spec = Spec {
    name: "powersupplyclass",
    about: "batteries and other power sources from IOKit",
    default_enabled: true,
    flags: &[Flag::value(
        "collector.powersupply.ignored-supplies",
        "REGEXP",
        "^$",
        "Regexp of power supplies to ignore for powersupplyclass collector.",
    )],
    build: |env| {
        let ignored = filter::pattern(env.flags, "collector.powersupply.ignored-supplies")?;
        Ok(Box::new(PowerSupplies { ignored }))
    },
};

struct PowerSupplies {
    ignored: Option<Pattern>,
}

impl Collector for PowerSupplies {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut supplies = supplies(iokit::power_sources()?);
        supplies.retain(|supply| !self.ignored.as_ref().is_some_and(|pattern| pattern.is_match(&supply.name)));
        emit(&supplies, out);
        Ok(())
    }
}

/// A power source under a name of its own.
struct Supply {
    name: String,
    id: String,
    source: Properties,
}

/// Two sources may have one name, as two UPS of a kind do: the later one goes on with its number.
fn supplies(sources: Vec<Properties>) -> Vec<Supply> {
    let mut seen = HashSet::new();
    let name = |source: Properties| {
        let id = source.number("Power Source ID").map(|id| id.to_string()).unwrap_or_default();
        let mut name = source.text("Name")?.to_owned();
        if seen.contains(&name) {
            name = format!("{name}_{id}");
        }
        seen.insert(name.clone()).then_some(Supply { name, id, source })
    };
    sources.into_iter().filter_map(name).collect()
}

fn emit(supplies: &[Supply], out: &mut dyn Sink) {
    for (desc, figure) in &TABLE {
        let mut family = out.family(desc);
        for Supply { name, source, .. } in supplies {
            if let Some(figure) = figure(source) {
                family.sample(&[name], figure);
            }
        }
    }
    emit_states(&STATE, STATES, "Power Source State", supplies, out);
    emit_states(&HEALTH, HEALTHS, "BatteryHealth", supplies, out);
    let mut family = out.family(&INFO);
    for Supply { name, id, source } in supplies {
        let text = |key| source.text(key).unwrap_or_default();
        let values = [id, name, text("Hardware Serial Number"), text("Transport Type"), text("Type")];
        let mut labels: Vec<(&str, &str)> = INFO.labels.iter().copied().zip(values).collect();
        labels.retain(|(_, value)| !value.is_empty());
        family.labeled(&labels, 1.0);
    }
}

/// A sample for each state that is known, and for the one that it is in.
fn emit_states(desc: &Desc<'static>, known: &[&str], key: &str, supplies: &[Supply], out: &mut dyn Sink) {
    let mut family = out.family(desc);
    for Supply { name, source, .. } in supplies {
        let Some(now) = source.text(key) else { continue };
        let new = (!known.contains(&now)).then_some(now);
        for state in known.iter().copied().chain(new) {
            family.sample(&[name, state], f64::from(u8::from(state == now)));
        }
    }
}

/// What is below 0 says that the time is not known.
fn seconds_from_minutes(minutes: f64) -> f64 {
    if minutes > 0.0 { minutes * 60.0 } else { minutes }
}

fn from_milli(figure: f64) -> f64 {
    figure / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::iokit::Value::{self, Number, Switch, Text};
    use crate::host::macos::tests::golden;

    fn battery() -> Vec<(&'static str, Value)> {
        vec![
            ("Name", Text("InternalBattery-0".into())),
            ("Type", Text("InternalBattery".into())),
            ("Transport Type", Text("Internal".into())),
            ("Hardware Serial Number", Text("F8Y0123456789ABCD".into())),
            ("Power Source ID", Number(4_522_083.0)),
            ("Power Source State", Text("Battery Power".into())),
            ("BatteryHealth", Text("Good".into())),
            ("Current Capacity", Number(87.0)),
            ("Max Capacity", Number(100.0)),
            ("DesignCapacity", Number(4382.0)),
            ("Nominal Capacity", Number(4020.0)),
            ("Time to Empty", Number(312.0)),
            ("Time to Full Charge", Number(-1.0)),
            ("Current", Number(-1024.0)),
            ("Voltage", Number(12_345.0)),
            ("Temperature", Number(30.5)),
            ("Internal Failure", Switch(false)),
            ("Is Charged", Switch(false)),
            ("Is Charging", Switch(false)),
            ("Is Present", Switch(true)),
        ]
    }

    #[test]
    fn a_battery_shows_what_its_source_tells() {
        let ups = [
            ("Name", Text("Back-UPS".into())),
            ("Power Source State", Text("Limbo".into())),
            ("Power Source ID", Number(7.0)),
        ];
        let sources = vec![
            battery().into_iter().collect(),
            ups.clone().into_iter().collect(),
            ups.into_iter().collect(),
            // Has no name: nothing can be said of it.
            [("Type", Text("UPS".into()))].into_iter().collect(),
        ];
        golden("powersupplyclass", |out| emit(&supplies(sources), out));
    }

    #[test]
    fn every_family_is_declared_once() {
        let names: HashSet<&str> = METRICS.iter().map(|desc| desc.name).collect();
        assert_eq!(names.len(), METRICS.len());
    }
}
