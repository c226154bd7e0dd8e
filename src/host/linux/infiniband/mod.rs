//! InfiniBand and RoCE adapters: state, rate and counters of their ports. Source: `/sys/class/infiniband`, as
//! Documentation/ABI/stable/sysfs-class-infiniband of the kernel describes it. Units: bytes and packets.

mod counters;

use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::linux::attributes::{self, Attribute, Row};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};

const PORT: &[&str] = &["device", "port"];

static INFO: Desc<'static> = Desc::gauge(
    "node_infiniband_info",
    "Non-numeric data from /sys/class/infiniband/<device>, value is always 1.",
    &["device", "board_id", "firmware_version", "hca_type"],
);

static STATE: [Attribute; 3] = [
    Attribute::parsed(
        "state",
        Desc::gauge(
            "node_infiniband_state_id",
            "State of the InfiniBand port (0: no change, 1: down, 2: init, 3: armed, 4: active, 5: act defer)",
            PORT,
        ),
        parse_state,
    ),
    Attribute::parsed(
        "phys_state",
        Desc::gauge(
            "node_infiniband_physical_state_id",
            "Physical state of the InfiniBand port (0: no change, 1: sleep, 2: polling, 3: disable, 4: shift, \
             5: link up, 6: link error recover, 7: phytest)",
            PORT,
        ),
        parse_state,
    ),
    Attribute::parsed(
        "rate",
        Desc::gauge("node_infiniband_rate_bytes_per_second", "Maximum signal transfer rate", PORT),
        parse_rate,
    ),
];

static FAMILIES: [&Desc<'static>; 64] =
    attributes::families(&[&INFO, STATE[0].desc(), STATE[1].desc(), STATE[2].desc()], &counters::TABLE);

/// The collector `infiniband`.
pub static SPEC: Spec = Spec {
    name: "infiniband",
    about: "InfiniBand and RoCE ports from /sys/class/infiniband",
    default_enabled: true,
    flags: &[
        Flag::value(
            "collector.infiniband.device-include",
            "REGEXP",
            "",
            "Regexp of infiniband devices to include (mutually exclusive to device-exclude).",
        ),
        Flag::value(
            "collector.infiniband.device-exclude",
            "REGEXP",
            "",
            "Regexp of infiniband devices to exclude (mutually exclusive to device-include).",
        ),
    ],
    build: |env| {
        let (include, exclude) = ("collector.infiniband.device-include", "collector.infiniband.device-exclude");
        let filter = Filter::from_both(env.flags, include, exclude)?;
        Ok(Box::new(Infiniband { roots: env.roots.clone(), filter }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct Infiniband {
    roots: Roots,
    filter: Filter,
}

impl Collector for Infiniband {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

#[derive(Default)]
struct Adapters {
    /// Values of the labels of [`INFO`].
    infos: Vec<[String; 4]>,
    states: Vec<Row>,
    counters: Vec<Row>,
}

impl Infiniband {
    fn read(&self) -> Result<Adapters, CollectError> {
        let class = self.roots.sys("class/infiniband");
        let mut adapters = Adapters::default();
        for name in files::list(&class).map_err(CollectError::absent_is_no_data)? {
            if self.filter.ignores(&name) {
                continue;
            }
            let dir = class.join(&name);
            let label = |file| files::label(&dir.join(file));
            adapters.infos.push([name.clone(), label("board_id")?, label("fw_ver")?, label("hca_type")?]);
            for port in files::numbered(&dir.join("ports"), "")? {
                let dir = dir.join(format!("ports/{port}"));
                let labels = vec![name.clone(), port.to_string()];
                adapters.states.push(Row { labels: labels.clone(), values: attributes::read(&dir, &STATE)? });
                adapters.counters.push(Row { labels, values: attributes::read(&dir, &counters::TABLE)? });
            }
        }
        Ok(adapters)
    }
}

fn emit(adapters: &Adapters, out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    adapters.infos.iter().for_each(|labels| family.sample(&labels.each_ref().map(String::as_str), 1.0));
    attributes::emit(&STATE, &adapters.states, out);
    attributes::emit(&counters::TABLE, &adapters.counters, out);
}

/// 4: ACTIVE
/// ^
fn parse_state(text: &str) -> Option<f64> {
    text.split_once(':')?.0.parse::<u32>().ok().map(f64::from)
}

/// 100 Gb/sec (4X EDR)
/// ^^^
/// Gigabits a second, in bytes.
fn parse_rate(text: &str) -> Option<f64> {
    let (gigabits, unit) = text.split_once(' ')?;
    let rate: f64 = gigabits.parse().ok().filter(|_| unit.starts_with("Gb/sec"))?;
    rate.is_finite().then_some((rate * 1e9 / 8.0).trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_and_rate_are_numbers_in_text() {
        for (text, want) in
            [("4: ACTIVE", Some(4.0)), ("5: LinkUp", Some(5.0)), ("ACTIVE", None), (": x", None), ("-1: x", None)]
        {
            assert_eq!(parse_state(text), want, "state: {text:?}");
        }
        for (text, want) in [
            ("100 Gb/sec (4X EDR)", Some(1.25e10)),
            ("2.5 Gb/sec (1X SDR)", Some(3.125e8)),
            ("100", None),
            ("inf Gb/sec", None),
            ("100 Mb/sec", None),
        ] {
            assert_eq!(parse_rate(text), want, "rate: {text:?}");
        }
    }
}
