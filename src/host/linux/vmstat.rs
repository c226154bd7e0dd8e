//! Counts of the memory management. Source: proc_vmstat(5), `/proc/vmstat`. Unit: mostly pages; see there.

use crate::flag::Flag;
use crate::host::files::{self, Kept};
use crate::host::filter::{Choice, pattern};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, name};
use std::path::Path;

static FIELD: Desc<'static> = Desc::untyped("node_vmstat_*", "/proc/vmstat information field *.", &[]);

/// The collector `vmstat`.
pub static SPEC: Spec = Spec {
    name: "vmstat",
    about: "paging, swapping and faults from /proc/vmstat",
    default_enabled: true,
    flags: &[Flag::value(
        "collector.vmstat.fields",
        "REGEX",
        "^(oom_kill|pgpg|pswp|pg.*fault).*",
        "Regexp of fields to return for vmstat collector.",
    )],
    build: |env| {
        let wanted = pattern(env.flags, "collector.vmstat.fields")?;
        Ok(Box::new(Vmstat { file: Kept::new(env.roots.proc("vmstat")), choice: Choice::new(wanted) }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&FIELD];

struct Vmstat {
    file: Kept,
    choice: Choice,
}

impl Collector for Vmstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let text = self.file.read()?;
        emit(&parse(self.file.path(), &text, &mut self.choice)?, out);
        Ok(())
    }
}

/// nr_free_pages 977769
/// The procfs crate copies all lines into a map, of which mostly seven are wanted.
fn parse<'t>(path: &Path, text: &'t str, choice: &mut Choice) -> Result<Vec<(&'t str, f64)>, CollectError> {
    let mut fields = Vec::new();
    for (number, line) in files::lines(text) {
        let malformed = || CollectError::malformed(path, number, "expected a name and a value");
        let (key, value) = line.split_once(' ').ok_or_else(malformed)?;
        if !choice.wants(number - 1, key) {
            continue;
        }
        if !name::is_label_name(key) {
            return Err(malformed());
        }
        if fields.iter().any(|(known, _)| *known == key) {
            return Err(CollectError::malformed(path, number, format!("{key} is there twice")));
        }
        fields.push((key, files::parse(path, number, value)?));
    }
    Ok(fields)
}

fn emit(fields: &[(&str, f64)], out: &mut dyn Sink) {
    for (key, value) in fields {
        let (name, help) = (["node_vmstat_", key].concat(), ["/proc/vmstat information field ", key, "."].concat());
        out.one(&Desc::untyped(&name, &help, &[]), *value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    fn choice(wanted: Option<&str>) -> Choice {
        Choice::new(wanted.map(|text| Pattern::new(text).unwrap()))
    }

    #[test]
    fn only_wanted_fields_are_read_also_when_the_file_changes() {
        let path = Path::new("/proc/vmstat");
        let mut choice = choice(Some("^pg"));
        for (text, want) in [
            ("nr_free_pages 1\npgfault 2\npgmajfault 3\n", &["pgfault", "pgmajfault"][..]),
            ("nr_free_pages 1\npgfault 2\npgmajfault 3\n", &["pgfault", "pgmajfault"]),
            ("pgfault 2\nnr_free_pages 1\n", &["pgfault"]),
            ("pgfault 2\nnr_free_pages 1\npgmajfault 3\n", &["pgfault", "pgmajfault"]),
            ("", &[]),
        ] {
            let fields = parse(path, text, &mut choice).unwrap();
            assert_eq!(fields.iter().map(|(key, _)| *key).collect::<Vec<_>>(), want, "{text:?}");
        }
    }

    #[test]
    fn lines_of_another_form_are_told_by_number() {
        let path = Path::new("/proc/vmstat");
        for text in ["a 1\npgfault x\n", "a 1\npgfault\n", "a 1\n\n", "a 1\na-b 1\n", "a 1\na 2\n"] {
            let error = parse(path, text, &mut choice(None)).unwrap_err().to_string();
            assert!(error.starts_with("/proc/vmstat:2: "), "{text:?}: {error}");
        }
    }
}
