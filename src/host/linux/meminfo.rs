//! Use of memory. Source: proc_meminfo(5), `/proc/meminfo`. Unit: bytes, but for the counts of huge pages.
//!
//! Every line becomes a family, so that what a newer kernel adds is there; the procfs crate knows a fixed list.

use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, name};
use std::path::Path;

static FIELD: Desc<'static> = Desc::gauge("node_memory_*", "Memory information field *.", &[]);

/// The collector `meminfo`.
pub static SPEC: Spec = Spec {
    name: "meminfo",
    about: "use of memory from /proc/meminfo",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Meminfo(Kept::new(env.roots.proc("meminfo"))))),
};

/// What it shows.
pub static METRICS: Metrics = &[&FIELD];

struct Meminfo(Kept);

impl Collector for Meminfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let text = self.0.read()?;
        emit(&parse(self.0.path(), &text)?, out);
        Ok(())
    }
}

/// A line, with its value in bytes where it has a unit.
#[derive(Debug, PartialEq)]
pub struct Field<'t> {
    pub key: &'t str,
    pub in_bytes: bool,
    pub value: f64,
}

impl<'t> Field<'t> {
    /// MemTotal:        8044284 kB
    pub fn parse(path: &Path, number: usize, line: &'t str) -> Result<Self, CollectError> {
        let malformed = || CollectError::malformed(path, number, "expected a name, a value and perhaps kB");
        let (key, rest) = line.split_once(':').ok_or_else(malformed)?;
        let mut words = rest.split_ascii_whitespace();
        let value = files::parse(path, number, words.next().unwrap_or_default())?;
        match (words.next(), words.next()) {
            (None, _) => Ok(Self { key, in_bytes: false, value }),
            (Some("kB"), None) => Ok(Self { key, in_bytes: true, value: bytes_from_kib(value) }),
            _ => Err(malformed()),
        }
    }

    /// Appends the key as a part of a metric's name: `Active(anon)` is `Active_anon`.
    pub fn push_key(&self, name: &mut String) {
        name::escape_into(self.key.trim_end_matches(')'), name);
    }
}

fn parse<'t>(path: &Path, text: &'t str) -> Result<Vec<Field<'t>>, CollectError> {
    files::lines(text).map(|(number, line)| Field::parse(path, number, line)).collect()
}

/// The kernel's kB are 1024 bytes.
fn bytes_from_kib(kib: f64) -> f64 {
    kib * 1024.0
}

fn emit(fields: &[Field<'_>], out: &mut dyn Sink) {
    const PREFIX: &str = "node_memory_";
    const HELP: &str = "Memory information field ";
    let (mut name, mut help) = (String::from(PREFIX), String::from(HELP));
    for field in fields {
        name.truncate(PREFIX.len());
        field.push_key(&mut name);
        if field.in_bytes {
            name.push_str("_bytes");
        }
        help.truncate(HELP.len());
        help.push_str(&name[PREFIX.len()..]);
        help.push('.');
        out.one(&Desc::gauge(&name, &help, &[]), field.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_whole_or_refused() {
        let path = Path::new("/proc/meminfo");
        for (line, want) in [
            ("MemTotal:  3742148 kB", Some(("MemTotal", true, 3_831_959_552.0))),
            ("HugePages_Total:  3", Some(("HugePages_Total", false, 3.0))),
            ("Active(anon): 1 kB", Some(("Active(anon)", true, 1024.0))),
            ("MemTotal: 1 MB", None),
            ("MemTotal: 1 kB 2", None),
            ("MemTotal: kB", None),
            ("MemTotal:", None),
            ("MemTotal 1 kB", None),
            ("", None),
        ] {
            let text = format!("{line}\n");
            let got = parse(path, &text);
            let want = want.map(|(key, in_bytes, value)| vec![Field { key, in_bytes, value }]);
            assert_eq!(got.ok(), want, "{line:?}");
        }
    }
}
