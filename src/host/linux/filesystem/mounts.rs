//! The lines of `/proc/PID/mountinfo`. Source: proc_pid_mountinfo(5).

use crate::host::{CollectError, Roots, files};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

/// A mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub device: String,
    pub point: String,
    /// Type of the file system.
    pub kind: String,
    pub major: u32,
    pub minor: u32,
    pub read_only: bool,
}

/// Reads the mounts of the first process, which are the host's.
pub fn read(roots: &Roots) -> Result<Vec<Mount>, CollectError> {
    let mut path = roots.proc("1/mountinfo");
    let text = match files::read(&path) {
        // Where the first process is hidden (hidepid), our own mounts are the next best.
        Err(CollectError::Io { source, .. })
            if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) =>
        {
            path = roots.proc("self/mountinfo");
            files::read(&path)
        }
        other => other,
    }?;
    parse(&path, &text)
}

/// Reads all lines.
pub fn parse(path: &Path, text: &str) -> Result<Vec<Mount>, CollectError> {
    let lines = files::lines(text).filter(|(_, line)| !line.is_empty());
    lines.map(|(number, line)| mount(line).map_err(|why| CollectError::malformed(path, number, why))).collect()
}

/// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
///       ^^^^       ^^^^^ ^^                    ^^^^ ^^^^^^^^^ ^^
///       numbers    point options               kind device    options of the file system
fn mount(line: &str) -> Result<Mount, &'static str> {
    // The number of fields before the dash varies. Blanks within fields are escaped, and a device may be empty.
    let (front, back) = line.split_once(" - ").ok_or("no dash between the two parts of a mount")?;
    let front: Vec<&str> = front.split(' ').collect();
    let &[_, _, numbers, _, point, options, ..] = front.as_slice() else {
        return Err("too few fields before the dash");
    };
    let mut back = back.splitn(3, ' ');
    let (Some(kind), Some(device), Some(super_options)) = (back.next(), back.next(), back.next()) else {
        return Err("too few fields after the dash");
    };
    let numbers = numbers.split_once(':').and_then(|(major, minor)| major.parse().ok().zip(minor.parse().ok()));
    let (major, minor) = numbers.ok_or("expected MAJOR:MINOR")?;
    // emergency_ro: ext4 has stopped writing after an error, and leaves "rw" there (Linux 6.12).
    let has = |options: &str, wanted: &[&str]| options.split(',').any(|option| wanted.contains(&option));
    let read_only = has(options, &["ro"]) || has(super_options, &["ro", "emergency_ro"]);
    Ok(Mount { device: device.to_owned(), point: unescape(point), kind: kind.to_owned(), major, minor, read_only })
}

/// Turns `\040` and the like back into the bytes that they stand for: blank, tab, line feed, backslash and `#`.
fn unescape(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut rest = field;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let escaped = after.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(u8::is_ascii);
        match escaped {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &after[3..];
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Leaves out mounts that would have the same labels: of those at one place, statvfs sees the one mounted last.
pub fn unique(mounts: Vec<Mount>) -> Vec<Mount> {
    let mut places: HashMap<(String, String, String), usize> = HashMap::new();
    let mut kept: Vec<Mount> = Vec::with_capacity(mounts.len());
    for mount in mounts {
        let key = (mount.device.clone(), mount.point.clone(), mount.kind.clone());
        match places.get(&key) {
            Some(&place) => kept[place] = mount,
            None => {
                places.insert(key, kept.len());
                kept.push(mount);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_mount() {
        let mount = |device: &str, point: &str, kind: &str, read_only| {
            Ok(Mount { device: device.into(), point: point.into(), kind: kind.into(), major: 98, minor: 1, read_only })
        };
        for (line, want) in [
            (
                "1 2 98:1 /a /b rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
                mount("/dev/root", "/b", "ext3", false),
            ),
            ("1 2 98:1 /a /b rw - tmpfs  rw", mount("", "/b", "tmpfs", false)),
            ("1 2 98:1 / / ro shared:1 master:2 x - ext4 /dev/sda rw", mount("/dev/sda", "/", "ext4", true)),
            ("1 2 98:1 / / rw - ext4 /dev/sda ro", mount("/dev/sda", "/", "ext4", true)),
            ("1 2 98:1 / / rw - ext4 /dev/sda rw,emergency_ro", mount("/dev/sda", "/", "ext4", true)),
            ("1 2 98:1 / / rw,errors=ro - ext4 /dev/sda rw", mount("/dev/sda", "/", "ext4", false)),
            ("1 2 98:1 / /a\\040b\\011c\\134 rw - nfs4 h:/a\\040b rw", mount("h:/a\\040b", "/a b\tc\\", "nfs4", false)),
            ("1 2 98:1 / /a\\9\\ü rw - x y z", mount("y", "/a\\9\\ü", "x", false)),
            ("1 2 98:1 / / rw ext4 /dev/sda rw", Err("no dash between the two parts of a mount")),
            ("1 2 98:1 / / - ext4 /dev/sda rw", Err("too few fields before the dash")),
            ("1 2 98:1 / / rw - ext4 /dev/sda", Err("too few fields after the dash")),
            ("1 2 98 / / rw - ext4 /dev/sda rw", Err("expected MAJOR:MINOR")),
        ] {
            assert_eq!(super::mount(line), want, "line: {line:?}");
        }
    }

    #[test]
    fn of_mounts_with_the_same_labels_the_last_counts() {
        let text = "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n1 2 8:2 / /b rw - ext4 /dev/sda2 rw\n\
            1 2 8:1 / /a ro - ext4 /dev/sda1 rw\n1 2 0:9 / /a rw - tmpfs none rw\n";
        let got = unique(parse(Path::new("mountinfo"), text).unwrap());
        let got: Vec<_> = got.iter().map(|m| (m.point.as_str(), m.kind.as_str(), m.read_only)).collect();
        assert_eq!(got, [("/a", "ext4", true), ("/b", "ext4", false), ("/a", "tmpfs", false)]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(line in ".*") {
            drop(mount(&line));
            drop(unescape(&line));
        }
    }
}
