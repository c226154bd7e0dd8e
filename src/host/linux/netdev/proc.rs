//! The lines of `/proc/net/dev`. Source: proc_pid_net(5); kernel `net/core/net-procfs.c`.

use super::Device;
use crate::host::{CollectError, files};
use std::path::Path;

/// Counters of a line: eight for each direction.
const COUNTERS: usize = 16;
/// Lines of heading.
const HEADING: usize = 2;

/// Reads all lines after the heading.
pub fn devices(path: &Path, text: &str) -> Result<Vec<Device>, CollectError> {
    let lines = files::lines(text).skip(HEADING).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| device(line).map_err(|why| CollectError::malformed(path, number, why))).collect()
}

///   eth0:10437182923 13899359    0    0 ...
///   ^^^^ ^^^^^^^^^^^ ^^^^^^^^
///   name counters, the first of which may follow the colon at once
fn device(line: &str) -> Result<Device, String> {
    // An alias device such as `eth0:1` has a colon in its name.
    let (name, rest) = line.rsplit_once(':').ok_or("no colon after a device's name")?;
    let name = name.trim();
    if name.is_empty() {
        return Err("no name before the colon".into());
    }
    let number = |field: &str| field.parse().map_err(|_| format!("{field:?} is not a whole number"));
    let counters: Vec<u64> = rest.split_ascii_whitespace().map(number).collect::<Result<_, _>>()?;
    if counters.len() < COUNTERS {
        return Err(format!("{} counters, expected {COUNTERS}", counters.len()));
    }
    Ok(Device { name: name.to_owned(), alias: None, counters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_device() {
        let counters = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15";
        let device = |name: &str| Ok(Device { name: name.into(), alias: None, counters: (0..16).collect() });
        for (line, want) in [
            (format!("  eth0: 0 {counters}"), device("eth0")),
            (format!("wlan0:0 {counters}"), device("wlan0")),
            (format!("eth0:1:0 {counters}"), device("eth0:1")),
            (format!("eth0 0 {counters}"), Err("no colon after a device's name".into())),
            (format!(" : 0 {counters}"), Err("no name before the colon".into())),
            (format!("eth0: {counters}"), Err("15 counters, expected 16".into())),
            (format!("eth0: -1 {counters}"), Err("\"-1\" is not a whole number".into())),
        ] {
            assert_eq!(super::device(&line), want, "line: {line:?}");
        }
    }

    #[test]
    fn an_error_names_the_line() {
        let error = devices(Path::new("/proc/net/dev"), "Inter-|\n face |\neth0: 1\n").unwrap_err();
        assert_eq!(error.to_string(), "/proc/net/dev:3: 1 counters, expected 16");
    }
}
