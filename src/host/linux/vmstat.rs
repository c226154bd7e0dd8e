//! Counts of the memory management. Source: proc_vmstat(5), `/proc/vmstat`. Unit: mostly pages; see there.

use crate::flag::Flag;
use crate::host::filter::pattern;
use crate::host::{CollectError, Collector, Roots, Spec, files};
use crate::model::{Desc, Sink, name};
use crate::pattern::Pattern;
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
    metrics: &[&FIELD],
    build: |env| {
        let wanted = pattern(env.flags, "collector.vmstat.fields")?;
        Ok(Box::new(Vmstat { roots: env.roots.clone(), wanted }))
    },
};

struct Vmstat {
    roots: Roots,
    /// An empty expression matches every field.
    wanted: Option<Pattern>,
}

impl Collector for Vmstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("vmstat");
        let text = files::read(&path)?;
        emit(&parse(&path, &text, self.wanted.as_ref())?, out);
        Ok(())
    }
}

/// nr_free_pages 977769
/// The procfs crate copies all lines into a map, of which mostly seven are wanted.
fn parse<'t>(path: &Path, text: &'t str, wanted: Option<&Pattern>) -> Result<Vec<(&'t str, f64)>, CollectError> {
    let mut fields = Vec::new();
    for (number, line) in files::lines(text) {
        let malformed = || CollectError::malformed(path, number, "expected a name and a value");
        let (key, value) = line.split_once(' ').ok_or_else(malformed)?;
        if !name::is_label_name(key) {
            return Err(malformed());
        }
        if wanted.is_none_or(|wanted| wanted.is_match(key)) {
            fields.push((key, files::parse(path, number, value)?));
        }
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

    #[test]
    fn only_wanted_fields_are_read() {
        let wanted = Pattern::new("^pg").unwrap();
        let path = Path::new("/proc/vmstat");
        let text = "nr_free_pages 1\npgfault 2\npgmajfault 3\n";
        assert_eq!(parse(path, text, Some(&wanted)).unwrap(), [("pgfault", 2.0), ("pgmajfault", 3.0)]);
        assert_eq!(parse(path, text, None).unwrap().len(), 3);
        for text in ["a 1\npgfault x\n", "a 1\npgfault\n", "a 1\n\n", "a 1\na-b 1\n"] {
            let error = parse(path, text, None).unwrap_err().to_string();
            assert!(error.starts_with("/proc/vmstat:2: "), "{text:?}: {error}");
        }
    }
}
