//! Queueing disciplines of network devices. Source: rtnetlink(7), tc(8). Unit: bytes and packets.

use super::json::Json;
use super::netlink::{dump, link, qdisc};
use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, refs};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

static FAMILIES: [Desc<'static>; 7] = [
    Desc::counter("node_qdisc_bytes_total", "Number of bytes sent.", &["device", "kind"]),
    Desc::counter("node_qdisc_packets_total", "Number of packets sent.", &["device", "kind"]),
    Desc::counter("node_qdisc_drops_total", "Number of packets dropped.", &["device", "kind"]),
    Desc::counter(
        "node_qdisc_requeues_total",
        "Number of packets dequeued, not transmitted, and requeued.",
        &["device", "kind"],
    ),
    Desc::counter("node_qdisc_overlimits_total", "Number of overlimit packets.", &["device", "kind"]),
    Desc::gauge(
        "node_qdisc_current_queue_length",
        "Number of packets currently in queue to be sent.",
        &["device", "kind"],
    ),
    Desc::gauge("node_qdisc_backlog", "Number of bytes currently in queue to be sent.", &["device", "kind"]),
];

const FIXTURES: &str = "collector.qdisc.fixtures";
const INCLUDE: &str = "collector.qdisc.device-include";
const EXCLUDE: &str = "collector.qdisc.device-exclude";

/// The collector `qdisc`.
pub static SPEC: Spec = Spec {
    name: "qdisc",
    about: "queueing disciplines of network devices from rtnetlink",
    default_enabled: false,
    flags: &[
        Flag::value(
            FIXTURES,
            "FOLDER",
            "",
            "Read results.json of this folder instead of asking the kernel, for tests.",
        ),
        Flag::value(
            INCLUDE,
            "REGEXP",
            "",
            "Regexp of qdisc devices to include (mutually exclusive to device-exclude).",
        )
        .alias(&["collector.qdisk.device-include"]),
        Flag::value(
            EXCLUDE,
            "REGEXP",
            "",
            "Regexp of qdisc devices to exclude (mutually exclusive to device-include).",
        )
        .alias(&["collector.qdisk.device-exclude"]),
    ],
    build: |env| {
        let fixtures = Some(env.flags.text(FIXTURES)).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Ok(Box::new(Qdiscs { fixtures, devices: Filter::from_flags(env.flags, INCLUDE, EXCLUDE)? }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &refs(&FAMILIES);

struct Qdiscs {
    fixtures: Option<PathBuf>,
    devices: Filter,
}

impl Collector for Qdiscs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut qdiscs = match &self.fixtures {
            Some(folder) => read_fixtures(folder)?,
            None => read_kernel()?,
        };
        // Those below another one would count twice.
        qdiscs.retain(|qdisc| qdisc.is_root && !self.devices.ignores(&qdisc.device));
        emit(&qdiscs, out);
        Ok(())
    }
}

struct Qdisc {
    device: String,
    kind: String,
    is_root: bool,
    /// In the order of [`FAMILIES`].
    figures: [f64; 7],
}

fn read_fixtures(folder: &Path) -> Result<Vec<Qdisc>, CollectError> {
    let qdisc = |json: Json| Qdisc {
        device: json.text("IfaceName").to_owned(),
        kind: json.text("Kind").to_owned(),
        is_root: json.number("Parent") == 0.0,
        figures: ["Bytes", "Packets", "Drops", "Requeues", "Overlimits", "Qlen", "Backlog"].map(|key| json.number(key)),
    };
    Ok(Json::read_list(&folder.join("results.json"))?.into_iter().map(qdisc).collect())
}

fn read_kernel() -> Result<Vec<Qdisc>, CollectError> {
    let names: HashMap<u32, String> =
        dump(&link::QUESTION, link::decode)?.into_iter().map(|link| (link.index, link.name)).collect();
    let qdisc = |qdisc: qdisc::Qdisc| {
        Some(Qdisc {
            // A link may have gone, or come, between the two questions.
            device: names.get(&qdisc.link)?.clone(),
            is_root: qdisc.is_root,
            figures: [
                qdisc.bytes as f64,
                qdisc.packets as f64,
                qdisc.drops.into(),
                qdisc.requeues.into(),
                qdisc.overlimits.into(),
                qdisc.length.into(),
                qdisc.backlog.into(),
            ],
            kind: qdisc.kind,
        })
    };
    Ok(dump(&qdisc::QUESTION, qdisc::decode)?.into_iter().filter_map(qdisc).collect())
}

fn emit(qdiscs: &[Qdisc], out: &mut dyn Sink) {
    for (i, desc) in FAMILIES.iter().enumerate() {
        let mut family = out.family(desc);
        qdiscs.iter().for_each(|qdisc| family.sample(&[&qdisc.device, &qdisc.kind], qdisc.figures[i]));
    }
}
