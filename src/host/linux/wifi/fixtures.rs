//! Interfaces from JSON files, as node_exporter's tests have them: durations in nanoseconds, addresses in base64.

use super::{Bss, Interface, Station, mac, mode};
use crate::host::linux::json::Json;
use crate::host::{CollectError, files};
use std::path::Path;

/// Reads `interfaces.json`, and `bss.json` and `stationinfo.json` of each interface, which may be missing.
pub fn read(folder: &Path) -> Result<Vec<Interface>, CollectError> {
    let mut interfaces = Vec::new();
    for json in Json::read_list(&folder.join("interfaces.json"))? {
        let name = json.text("name").to_owned();
        let bss = files::if_there(Json::read(&folder.join(&name).join("bss.json")))?;
        let stations = files::if_there(Json::read_list(&folder.join(&name).join("stationinfo.json")))?;
        interfaces.push(Interface {
            name,
            frequency_hertz: json.number("frequency") * 1e6,
            bss: bss.map(|json| Bss {
                bssid: mac(&base64(json.text("bssid"))),
                ssid: json.text("ssid").to_owned(),
                mode: [0_u32, 1, 2]
                    .into_iter()
                    .find(|s| f64::from(*s) == json.number("status"))
                    .map_or("unknown", mode),
            }),
            stations: stations.unwrap_or_default().iter().map(station).collect(),
        });
    }
    Ok(interfaces)
}

fn station(json: &Json) -> Station {
    let number = |key| json.number(key);
    Station {
        mac_address: mac(&base64(json.text("hardwareaddr"))),
        figures: [
            number("connected") / 1e9,
            number("inactive") / 1e9,
            number("receivebitrate"),
            number("transmitbitrate"),
            number("receivedbytes"),
            number("transmittedbytes"),
            number("receivedpackets"),
            number("transmittedpackets"),
            number("signal"),
            number("transmitretries"),
            number("transmitfailed"),
            number("beaconloss"),
        ],
    }
}

/// Bytes of a text in base64 (RFC 4648, section 4); other characters than its own are left out.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes().filter_map(|b| DIGITS.iter().position(|digit| *digit == b)) {
        bits = bits << 6 | u32::try_from(digit).unwrap_or_default();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count).to_le_bytes()[0]);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        for (text, want) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(base64(text), want.as_bytes(), "text: {text:?}");
        }
    }
}
