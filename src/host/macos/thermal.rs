//! Limits of the CPU and temperatures. Source: IOKit, `IOPMCopyCPUPowerStatus` and the sensors. Units: ratio of 1,
//! CPUs, degrees Celsius.
//!
//! Apple silicon publishes no limits: then the temperatures stand alone, and that is no failure.

use super::iokit::{self, Properties};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::collections::{BTreeSet, HashMap};

static SCHEDULER_LIMIT: Desc<'static> = Desc::gauge(
    "node_thermal_cpu_scheduler_limit_ratio",
    "Represents the percentage (0-100) of CPU time available. 100% at normal operation. The OS may limit this time for \
     a percentage less than 100%.",
    &[],
);
static AVAILABLE_CPU: Desc<'static> = Desc::gauge(
    "node_thermal_cpu_available_cpu",
    "Reflects how many, if any, CPUs have been taken offline. Represented as an integer number of CPUs (0 - Max CPUs).",
    &[],
);
static SPEED_LIMIT: Desc<'static> = Desc::gauge(
    "node_thermal_cpu_speed_limit_ratio",
    "Defines the speed & voltage limits placed on the CPU. Represented as a percentage (0-100) of maximum CPU speed.",
    &[],
);
static TEMPERATURE: Desc<'static> =
    Desc::gauge("node_thermal_temperature_celsius", "Temperature of the thermal sensor in Celsius.", &["sensor"]);

/// The collector `thermal`.
pub static SPEC: Spec = Spec {
    name: "thermal",
    about: "limits of the CPU and temperatures from IOKit",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(Thermal)),
};

/// What it shows.
pub static METRICS: Metrics = &[&SCHEDULER_LIMIT, &AVAILABLE_CPU, &SPEED_LIMIT, &TEMPERATURE];

struct Thermal;

impl Collector for Thermal {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let (limits, mut sensors) = (iokit::cpu_power_status()?, iokit::temperatures());
        sensors.retain(Sensor::is_possible);
        if limits.is_none() && sensors.is_empty() {
            return Err(CollectError::NoData("no limits of the CPU and no sensors".to_owned()));
        }
        emit(&limits.unwrap_or_default(), &sensors, out);
        Ok(())
    }
}

/// A sensor and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    /// Its name, which several may share.
    pub product: String,
    /// Tells some of those apart.
    pub location: Option<f64>,
    /// Tells all of them apart.
    pub registry_id: Option<f64>,
    /// Temperature.
    pub celsius: f64,
}

impl Sensor {
    /// Sensors of some Macs say -9200 and the like where they measure nothing.
    fn is_possible(&self) -> bool {
        self.celsius.is_finite() && self.celsius >= ABSOLUTE_ZERO_CELSIUS
    }
}

const ABSOLUTE_ZERO_CELSIUS: f64 = -273.15;

/// The name of each sensor; one that is shared goes on with the place, or else the number in the registry, as in
/// node_exporter.
fn names(sensors: &[Sensor]) -> Vec<String> {
    let place = |sensor: &Sensor| sensor.location.map(|place| place.to_string());
    let (mut of_name, mut of_place) = (HashMap::new(), HashMap::new());
    for sensor in sensors {
        *of_name.entry(sensor.product.as_str()).or_insert(0) += 1;
        *of_place.entry((sensor.product.as_str(), place(sensor))).or_insert(0) += 1;
    }
    let name = |sensor: &Sensor| {
        let product = sensor.product.as_str();
        if of_name.get(product) == Some(&1) {
            return product.to_owned();
        }
        let alone = of_place.get(&(product, place(sensor))) == Some(&1);
        let suffix = place(sensor).filter(|_| alone).or_else(|| sensor.registry_id.map(|id| id.to_string()));
        format!("{product}_{}", suffix.unwrap_or_default())
    };
    sensors.iter().map(name).collect()
}

fn emit(limits: &Properties, sensors: &[Sensor], out: &mut dyn Sink) {
    // The keys are those of `IOKit/pwr_mgt/IOPM.h`.
    let mut limit = |desc, key, base: fn(f64) -> f64| {
        if let Some(figure) = limits.number(key) {
            out.one(desc, base(figure));
        }
    };
    limit(&SCHEDULER_LIMIT, "CPU_Scheduler_Limit", ratio_from_percent);
    limit(&AVAILABLE_CPU, "CPU_Available_CPUs", |cpus| cpus);
    limit(&SPEED_LIMIT, "CPU_Speed_Limit", ratio_from_percent);
    let mut family = out.family(&TEMPERATURE);
    let mut seen = BTreeSet::new();
    for (sensor, name) in sensors.iter().zip(names(sensors)) {
        if seen.insert(name.clone()) {
            family.sample(&[&name], sensor.celsius);
        }
    }
}

fn ratio_from_percent(percent: f64) -> f64 {
    percent / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::iokit::Value::{Number, Text};
    use crate::host::macos::tests::golden;

    fn sensor(product: &str, location: Option<f64>, registry_id: f64, celsius: f64) -> Sensor {
        Sensor { product: product.into(), location, registry_id: Some(registry_id), celsius }
    }

    #[test]
    fn limits_and_temperatures_are_shown() {
        let limits = [
            ("CPU_Scheduler_Limit", Number(100.0)),
            ("CPU_Available_CPUs", Number(8.0)),
            ("CPU_Speed_Limit", Number(72.0)),
            ("Other", Text("x".into())),
        ];
        let sensors = [
            sensor("PMU tdie1", Some(1.0), 4_294_968_001.0, 41.5),
            sensor("gas gauge battery", None, 4_294_968_002.0, 30.25),
            sensor("PMU tdev1", Some(7.0), 4_294_968_003.0, 38.0),
            sensor("PMU tdev1", Some(8.0), 4_294_968_004.0, 39.0),
            sensor("NAND CH0 temp", Some(2.0), 4_294_968_005.0, 33.0),
            sensor("NAND CH0 temp", Some(2.0), 4_294_968_006.0, 34.0),
        ];
        golden("thermal", |out| emit(&limits.into_iter().collect(), &sensors, out));
        golden("thermal-apple-silicon", |out| emit(&Properties::default(), &sensors[..2], out));
    }

    #[test]
    fn a_sensor_has_a_name_of_its_own() {
        let names = |sensors: &[Sensor]| names(sensors).join(" ");
        assert_eq!(names(&[]), "");
        assert_eq!(names(&[sensor("a", None, 1.0, 0.0), sensor("b", None, 2.0, 0.0)]), "a b");
        assert_eq!(names(&[sensor("a", None, 1.0, 0.0), sensor("a", Some(5.0), 2.0, 0.0)]), "a_1 a_5");
    }

    #[test]
    fn what_no_sensor_can_measure_is_left_out() {
        for (celsius, want) in [(-9200.0, false), (f64::NAN, false), (-273.15, true), (0.0, true), (105.0, true)] {
            assert_eq!(sensor("a", None, 1.0, celsius).is_possible(), want, "{celsius}");
        }
    }
}
