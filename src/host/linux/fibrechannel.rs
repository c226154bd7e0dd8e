//! Fibre Channel host ports. Source: `/sys/class/fc_host`, as drivers/scsi/scsi_transport_fc.c of the kernel writes it.
//! Units: frames, words of four bytes, events; seconds.

use crate::host::linux::attributes::{self, Attribute, Row};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};

macro_rules! statistic {
    ($file:literal => $name:literal, $help:literal) => {
        Attribute::new(
            concat!("statistics/", $file),
            Desc::counter(concat!("node_fibrechannel_", $name), $help, &["fc_host"]),
        )
    };
}

static TABLE: [Attribute; 14] = [
    statistic!("dumped_frames" => "dumped_frames_total", "Number of dumped frames"),
    statistic!("error_frames" => "error_frames_total", "Number of errors in frames"),
    statistic!("invalid_crc_count" => "invalid_crc_total", "Invalid Cyclic Redundancy Check count"),
    statistic!("rx_frames" => "rx_frames_total", "Number of frames received"),
    statistic!("rx_words" => "rx_words_total", "Number of words received by host port"),
    statistic!("tx_frames" => "tx_frames_total", "Number of frames transmitted by host port"),
    statistic!("tx_words" => "tx_words_total", "Number of words transmitted by host port"),
    statistic!("seconds_since_last_reset" => "seconds_since_last_reset_total",
        "Number of seconds since last host port reset"),
    statistic!("invalid_tx_word_count" => "invalid_tx_words_total", "Number of invalid words transmitted by host port"),
    statistic!("link_failure_count" => "link_failure_total", "Number of times the host port link has failed"),
    statistic!("loss_of_sync_count" => "loss_of_sync_total",
        "Number of failures on either bit or transmission word boundaries"),
    statistic!("loss_of_signal_count" => "loss_of_signal_total", "Number of times signal has been lost"),
    statistic!("nos_count" => "nos_total", "Number Not_Operational Primitive Sequence received by host port"),
    statistic!("fcp_packet_aborts" => "fcp_packet_aborts_total", "Number of aborted packets"),
];

static INFO: Desc<'static> = Desc::gauge(
    "node_fibrechannel_info",
    "Non-numeric data from /sys/class/fc_host/<host>, value is always 1.",
    &[
        "fc_host",
        "speed",
        "port_state",
        "port_type",
        "port_id",
        "port_name",
        "fabric_name",
        "symbolic_name",
        "supported_classes",
        "supported_speeds",
        "dev_loss_tmo",
    ],
);

static FAMILIES: [&Desc<'static>; 15] = attributes::families(&[&INFO], &TABLE);

/// The collector `fibrechannel`.
pub static SPEC: Spec = Spec {
    name: "fibrechannel",
    about: "Fibre Channel host ports from /sys/class/fc_host",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(FibreChannel { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct FibreChannel {
    roots: Roots,
}

impl Collector for FibreChannel {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let (infos, rows) = read(&self.roots)?;
        emit(&infos, &rows, out);
        Ok(())
    }
}

/// Values of the labels of [`INFO`].
type Info = Vec<String>;

/// What an adapter answers for a statistic that its firmware does not keep: all bits set.
const NOT_KEPT: f64 = u64::MAX as f64;

fn read(roots: &Roots) -> Result<(Vec<Info>, Vec<Row>), CollectError> {
    let class = roots.sys("class/fc_host");
    let (mut infos, mut rows) = (Vec::new(), Vec::new());
    for name in files::list(&class).map_err(CollectError::absent_is_no_data)? {
        let dir = class.join(&name);
        let mut info = vec![name.clone()];
        for file in INFO.labels.iter().skip(1) {
            let text = files::label(&dir.join(file))?;
            // Identifiers and world wide names are known without their prefix.
            let is_id = matches!(*file, "port_id" | "port_name" | "fabric_name");
            info.push(text.strip_prefix("0x").filter(|_| is_id).unwrap_or(&text).to_owned());
        }
        let mut values = attributes::read(&dir, &TABLE)?;
        for value in &mut values {
            *value = value.filter(|value| *value < NOT_KEPT);
        }
        infos.push(info);
        rows.push(Row { labels: vec![name], values });
    }
    Ok((infos, rows))
}

fn emit(infos: &[Info], rows: &[Row], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    for info in infos {
        let labels: Vec<&str> = info.iter().map(String::as_str).collect();
        family.sample(&labels, 1.0);
    }
    attributes::emit(&TABLE, rows, out);
}
