//! Name and version of the distribution. Source: os-release(5), `/etc/os-release` or else `/usr/lib/os-release`.

use crate::host::release::{self, Release};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::{Path, PathBuf};

static SUPPORT_END: Desc<'static> = Desc::gauge(
    "node_os_support_end_timestamp_seconds",
    "Metric containing the end-of-life date timestamp of the OS.",
    &[],
);

/// The collector `os`.
pub static SPEC: Spec = Spec {
    name: "os",
    about: "name and version of the distribution from os-release",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Os { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&release::INFO, &release::VERSION, &SUPPORT_END];

struct Os {
    roots: Roots,
}

impl Collector for Os {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

#[derive(Debug, Default, PartialEq)]
struct File {
    /// The labels' names are the keys of the file in lower case.
    release: Release,
    /// Midnight UTC of the day on which support ends, in seconds since 1970.
    support_end: Option<f64>,
}

fn read(roots: &Roots) -> Result<File, CollectError> {
    let paths: [PathBuf; 2] = ["/etc/os-release", "/usr/lib/os-release"].map(|path| roots.host(path));
    for path in &paths {
        if let Some(text) = files::read_if_there(path)? {
            return parse(path, &text);
        }
    }
    Err(CollectError::NoData("no os-release file".to_owned()))
}

fn parse(path: &Path, text: &str) -> Result<File, CollectError> {
    let mut file = File::default();
    for (number, line) in files::lines(text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let malformed = |why: &str| CollectError::malformed(path, number, why);
        let (key, value) = line.split_once('=').ok_or_else(|| malformed("expected KEY=value"))?;
        let value = unquote(value).ok_or_else(|| malformed("expected a closing quote at the end"))?;
        if key == "SUPPORT_END" {
            let day = day(&value).ok_or_else(|| malformed("expected a date such as 2030-06-01"))?;
            file.support_end = Some(seconds_from_days(day));
        } else {
            file.release.set(key, value);
        }
    }
    Ok(file)
}

/// The value of an assignment of the shell: plain, or in single or double quotes, where a backslash takes the meaning
/// from `$`, `"`, `\` and a back-tick. `None` where a quote is not closed.
fn unquote(value: &str) -> Option<String> {
    if let Some(rest) = value.strip_prefix('\'') {
        return rest.strip_suffix('\'').map(str::to_owned);
    }
    let text = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars().peekable());
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&escaped) if c == '\\' && matches!(escaped, '$' | '"' | '\'' | '\\' | '`') => {
                out.push(escaped);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    Some(out)
}

/// 2030-06-01
/// Days since 1970-01-01 in the Gregorian calendar.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn day(date: &str) -> Option<i32> {
    let digits = |text: &str, width: usize| {
        (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i32>().ok())?
    };
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i32::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || !(1..=length).contains(&day) {
        return None;
    }
    // The year starts in March here, so that the day that leaps is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468)
}

fn seconds_from_days(days: i32) -> f64 {
    f64::from(days) * 86_400.0
}

fn emit(file: &File, out: &mut dyn Sink) {
    release::emit(&file.release, out);
    if let Some(seconds) = file.support_end {
        out.one(&SUPPORT_END, seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unquoted_as_a_shell_would() {
        for (value, want) in [
            ("debian", Some("debian")),
            ("\"Debian GNU/Linux\"", Some("Debian GNU/Linux")),
            ("'single \\'", Some("single \\")),
            ("\"a \\\"b\\\" \\$c \\\\ \\d\"", Some("a \"b\" $c \\ \\d")),
            ("\"open", None),
            ("\"", None),
            ("'", None),
            ("", Some("")),
        ] {
            assert_eq!(unquote(value).as_deref(), want, "{value:?}");
        }
    }

    #[test]
    fn dates_become_days() {
        for (date, want) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("2030-06-01", Some(22_066)),
            ("1969-12-31", Some(-1)),
            ("2100-02-29", None),
            ("2030-13-01", None),
            ("2030-06-00", None),
            ("2030-6-1", None),
            ("2030-06-01-1", None),
            ("+030-06-01", None),
            ("", None),
        ] {
            assert_eq!(day(date), want, "{date:?}");
        }
    }

    #[test]
    fn lines_that_assign_nothing_are_told_by_number() {
        let path = Path::new("/etc/os-release");
        assert_eq!(parse(path, "# ours\n\nID=debian\nHOME_URL=x\n").unwrap().release.label("id"), "debian");
        for text in ["ID=a\nNAME\n", "ID=a\nNAME=\"b\n", "ID=a\nSUPPORT_END=soon\n"] {
            let error = parse(path, text).unwrap_err().to_string();
            assert!(error.starts_with("/etc/os-release:2: "), "{text:?}: {error}");
        }
    }
    #[test]
    fn the_file_of_etc_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let roots = Roots::new("/p", "/s", root.path(), "/u");
        assert!(matches!(read(&roots), Err(CollectError::NoData(_))));
        for (dir, id) in [("usr/lib", "vendor"), ("etc", "admin")] {
            std::fs::create_dir_all(root.path().join(dir)).unwrap();
            std::fs::write(root.path().join(dir).join("os-release"), format!("ID={id}\n")).unwrap();
            assert_eq!(read(&roots).unwrap().release.label("id"), id);
        }
    }
}
