//! Replicated block devices. Source: the user guide of DRBD 8.4 (section "Monitoring"), `/proc/drbd`. Unit: KiB there,
//! bytes here; requests.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, heads};
use std::path::Path;

/// Each with the key of its figure, and what to multiply it by. `nr` is taken as it stands, as node_exporter has it.
static FIGURES: [(Desc<'static>, (&str, f64)); 12] = [
    (
        Desc::counter("node_drbd_network_sent_bytes_total", "Total number of bytes sent via the network.", &["device"]),
        ("ns", 1024.0),
    ),
    (
        Desc::counter(
            "node_drbd_network_received_bytes_total",
            "Total number of bytes received via the network.",
            &["device"],
        ),
        ("nr", 1.0),
    ),
    (
        Desc::counter(
            "node_drbd_disk_written_bytes_total",
            "Net data written on local hard disk; in bytes.",
            &["device"],
        ),
        ("dw", 1024.0),
    ),
    (
        Desc::counter("node_drbd_disk_read_bytes_total", "Net data read from local hard disk; in bytes.", &["device"]),
        ("dr", 1024.0),
    ),
    (
        Desc::counter(
            "node_drbd_activitylog_writes_total",
            "Number of updates of the activity log area of the meta data.",
            &["device"],
        ),
        ("al", 1.0),
    ),
    (
        Desc::counter(
            "node_drbd_bitmap_writes_total",
            "Number of updates of the bitmap area of the meta data.",
            &["device"],
        ),
        ("bm", 1.0),
    ),
    (
        Desc::gauge("node_drbd_local_pending", "Number of open requests to the local I/O sub-system.", &["device"]),
        ("lo", 1.0),
    ),
    (
        Desc::gauge(
            "node_drbd_remote_pending",
            "Number of requests sent to the peer, but that have not yet been answered by the latter.",
            &["device"],
        ),
        ("pe", 1.0),
    ),
    (
        Desc::gauge(
            "node_drbd_remote_unacknowledged",
            "Number of requests received by the peer via the network connection, but that have not yet been \
         answered.",
            &["device"],
        ),
        ("ua", 1.0),
    ),
    (
        Desc::gauge(
            "node_drbd_application_pending",
            "Number of block I/O requests forwarded to DRBD, but not yet answered by DRBD.",
            &["device"],
        ),
        ("ap", 1.0),
    ),
    (Desc::gauge("node_drbd_epochs", "Number of Epochs currently on the fly.", &["device"]), ("ep", 1.0)),
    (
        Desc::gauge("node_drbd_out_of_sync_bytes", "Amount of data known to be out of sync; in bytes.", &["device"]),
        ("oos", 1024.0),
    ),
];
/// Each with its key and the state that counts as 1.
static STATES: [(Desc<'static>, (&str, &str)); 2] = [
    (
        Desc::gauge(
            "node_drbd_node_role_is_primary",
            "Whether the role of the node is in the primary state.",
            &["device", "node"],
        ),
        ("ro", "Primary"),
    ),
    (
        Desc::gauge(
            "node_drbd_disk_state_is_up_to_date",
            "Whether the disk of the node is up to date.",
            &["device", "node"],
        ),
        ("ds", "UpToDate"),
    ),
];
static CONNECTED: Desc<'static> =
    Desc::gauge("node_drbd_connected", "Whether DRBD is connected to the peer.", &["device"]);

/// The collector `drbd`.
pub static SPEC: Spec = Spec {
    name: "drbd",
    about: "replicated block devices from /proc/drbd",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Drbd { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &{
    let [a, b, c, d, e, f, g, h, i, j, k, l] = heads(&FIGURES);
    let [role, disk] = heads(&STATES);
    [a, b, c, d, e, f, g, h, i, j, k, l, role, disk, &CONNECTED]
};

struct Drbd {
    roots: Roots,
}

impl Collector for Drbd {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("drbd");
        let text = files::read(&path).map_err(CollectError::absent_is_no_data)?;
        emit(&parse(&path, &text)?, out);
        Ok(())
    }
}

/// What the file says of a device; an unconfigured one has its connection state only.
#[derive(Debug, Default, PartialEq)]
struct Device {
    name: String,
    figures: [Option<f64>; 12],
    /// Whether this node and the other are in the state.
    states: [Option<[bool; 2]>; 2],
    connected: Option<bool>,
}

/// ```text
///  1: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----
///     ns:17324442 nr:10961011 dw:28263521 dr:118696670 al:1100 bm:221 lo:0 pe:0 ua:0 ap:0 ep:1 wo:d oos:0
/// ```
fn parse(path: &Path, text: &str) -> Result<Vec<Device>, CollectError> {
    let mut devices = Vec::<Device>::new();
    for (at, line) in files::lines(text) {
        for field in line.split_ascii_whitespace() {
            let Some((key, value)) = field.split_once(':').filter(|(_, value)| !value.contains(':')) else { continue };
            if value.is_empty() && !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) {
                devices.push(Device { name: format!("drbd{key}"), ..Device::default() });
            } else if let Some(device) = devices.last_mut() {
                device.take(path, at, key, value)?;
            }
        }
    }
    Ok(devices)
}

impl Device {
    fn take(&mut self, path: &Path, at: usize, key: &str, value: &str) -> Result<(), CollectError> {
        if let Some(place) = FIGURES.iter().position(|(_, (wanted, _))| *wanted == key) {
            self.figures[place] = Some(files::parse_count(path, at, value)? * FIGURES[place].1.1);
        } else if let Some(place) = STATES.iter().position(|(_, (wanted, _))| *wanted == key) {
            let Some((local, remote)) = value.split_once('/') else {
                return Err(CollectError::malformed(path, at, format!("{value:?} is not one state and another")));
            };
            self.states[place] = Some([local, remote].map(|state| state == STATES[place].1.1));
        } else if key == "cs" {
            self.connected = Some(value == "Connected");
        }
        Ok(())
    }
}

fn emit(devices: &[Device], out: &mut dyn Sink) {
    for (i, (desc, _)) in FIGURES.iter().enumerate() {
        let mut family = out.family(desc);
        for device in devices {
            device.figures[i].into_iter().for_each(|figure| family.sample(&[&device.name], figure));
        }
    }
    for (i, (desc, _)) in STATES.iter().enumerate() {
        let mut family = out.family(desc);
        for device in devices {
            for (node, state) in ["local", "remote"].iter().zip(device.states[i].into_iter().flatten()) {
                family.sample(&[&device.name, node], f64::from(u8::from(state)));
            }
        }
    }
    let mut family = out.family(&CONNECTED);
    for device in devices {
        device.connected.into_iter().for_each(|is| family.sample(&[&device.name], f64::from(u8::from(is))));
    }
}
