//! WiFi interfaces and the stations that they talk to. Source: nl80211, `linux/nl80211.h` in the kernel. Unit: hertz,
//! seconds, bits a second, bytes, packets, dBm.

mod fixtures;
mod nl80211;

use crate::flag::Flag;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, refs};
use std::path::PathBuf;

const STATION: &[&str] = &["device", "mac_address"];

static FREQUENCY: Desc<'static> = Desc::gauge(
    "node_wifi_interface_frequency_hertz",
    "The current frequency a WiFi interface is operating at, in hertz.",
    &["device"],
);
static INFO: Desc<'static> = Desc::gauge(
    "node_wifi_station_info",
    "Labeled WiFi interface station information as provided by the operating system.",
    &["device", "bssid", "ssid", "mode"],
);
/// In the order of [`Station::figures`].
static STATIONS: [Desc<'static>; 12] = [
    Desc::counter(
        "node_wifi_station_connected_seconds_total",
        "The total number of seconds a station has been connected to an access point.",
        STATION,
    ),
    Desc::gauge(
        "node_wifi_station_inactive_seconds",
        "The number of seconds since any wireless activity has occurred on a station.",
        STATION,
    ),
    Desc::gauge(
        "node_wifi_station_receive_bits_per_second",
        "The current WiFi receive bitrate of a station, in bits per second.",
        STATION,
    ),
    Desc::gauge(
        "node_wifi_station_transmit_bits_per_second",
        "The current WiFi transmit bitrate of a station, in bits per second.",
        STATION,
    ),
    Desc::counter(
        "node_wifi_station_receive_bytes_total",
        "The total number of bytes received by a WiFi station.",
        STATION,
    ),
    Desc::counter(
        "node_wifi_station_transmit_bytes_total",
        "The total number of bytes transmitted by a WiFi station.",
        STATION,
    ),
    Desc::counter(
        "node_wifi_station_received_packets_total",
        "The total number of packets received by a station.",
        STATION,
    ),
    Desc::counter(
        "node_wifi_station_transmitted_packets_total",
        "The total number of packets transmitted by a station.",
        STATION,
    ),
    Desc::gauge(
        "node_wifi_station_signal_dbm",
        "The current WiFi signal strength, in decibel-milliwatts (dBm).",
        STATION,
    ),
    Desc::counter(
        "node_wifi_station_transmit_retries_total",
        "The total number of times a station has had to retry while sending a packet.",
        STATION,
    ),
    Desc::counter(
        "node_wifi_station_transmit_failed_total",
        "The total number of times a station has failed to send a packet.",
        STATION,
    ),
    Desc::counter(
        "node_wifi_station_beacon_loss_total",
        "The total number of times a station has detected a beacon loss.",
        STATION,
    ),
];

const FIXTURES: &str = "collector.wifi.fixtures";

/// The collector `wifi`.
pub static SPEC: Spec = Spec {
    name: "wifi",
    about: "WiFi interfaces and stations from nl80211",
    default_enabled: false,
    flags: &[Flag::value(
        FIXTURES,
        "FOLDER",
        "",
        "Read JSON files of this folder instead of asking the kernel, for tests.",
    )],
    build: |env| {
        let fixtures = Some(env.flags.text(FIXTURES)).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Ok(Box::new(Wifi { fixtures }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &{
    let [a, b, c, d, e, f, g, h, i, j, k, l] = refs(&STATIONS);
    [&FREQUENCY, &INFO, a, b, c, d, e, f, g, h, i, j, k, l]
};

struct Wifi {
    fixtures: Option<PathBuf>,
}

impl Collector for Wifi {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut interfaces = match &self.fixtures {
            Some(folder) => fixtures::read(folder)?,
            None => nl80211::read()?,
        };
        // Some virtual devices have no name.
        interfaces.retain(|interface| !interface.name.is_empty());
        emit(&interfaces, out);
        Ok(())
    }
}

#[derive(Debug, Default, PartialEq)]
struct Interface {
    name: String,
    frequency_hertz: f64,
    bss: Option<Bss>,
    stations: Vec<Station>,
}

/// The network that an interface is part of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Bss {
    bssid: String,
    ssid: String,
    mode: &'static str,
}

#[derive(Debug, Default, PartialEq)]
struct Station {
    mac_address: String,
    /// In the order of [`STATIONS`].
    figures: [f64; 12],
}

/// How an interface takes part, by `NL80211_BSS_STATUS_*`: authenticated, associated, or one of equals.
fn mode(status: u32) -> &'static str {
    match status {
        0 | 1 => "client",
        2 => "ad-hoc",
        _ => "unknown",
    }
}

/// An address as `02:00:5e:10:00:01`.
fn mac(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn emit(interfaces: &[Interface], out: &mut dyn Sink) {
    let mut family = out.family(&FREQUENCY);
    interfaces.iter().for_each(|interface| family.sample(&[&interface.name], interface.frequency_hertz));
    let mut family = out.family(&INFO);
    for interface in interfaces {
        if let Some(Bss { bssid, ssid, mode }) = &interface.bss {
            family.sample(&[&interface.name, bssid, ssid, mode], 1.0);
        }
    }
    for (i, desc) in STATIONS.iter().enumerate() {
        let mut family = out.family(desc);
        for interface in interfaces {
            for Station { mac_address, figures } in &interface.stations {
                family.sample(&[&interface.name, mac_address], figures[i]);
            }
        }
    }
}
