//! Number of control groups of each controller. Source: cgroups(7), `/proc/cgroups`.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static CGROUPS: Desc<'static> =
    Desc::gauge("node_cgroups_cgroups", "Current cgroup number of the subsystem.", &["subsys_name"]);
// The help text is node_exporter's; the value is 1 where the controller is enabled.
static ENABLED: Desc<'static> =
    Desc::gauge("node_cgroups_enabled", "Current cgroup number of the subsystem.", &["subsys_name"]);

/// The collector `cgroups`.
pub static SPEC: Spec = Spec {
    name: "cgroups",
    about: "number of control groups by controller from /proc/cgroups",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Cgroups { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&CGROUPS, &ENABLED];

struct Cgroups {
    roots: Roots,
}

impl Collector for Cgroups {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("cgroups");
        let text = files::read(&path)?;
        emit(&parse(&path, &text)?, out);
        Ok(())
    }
}

struct Controller<'t> {
    name: &'t str,
    cgroups: f64,
    enabled: f64,
}

/// #subsys_name  hierarchy  num_cgroups  enabled
/// cpuset        5          47           1
/// The errors of the procfs crate do not name the line.
fn parse<'t>(path: &Path, text: &'t str) -> Result<Vec<Controller<'t>>, CollectError> {
    let mut controllers = Vec::new();
    for (number, line) in files::lines(text).filter(|(_, line)| !line.starts_with('#')) {
        let mut fields = line.split_ascii_whitespace();
        let (Some(name), Some(_), Some(cgroups), Some(enabled)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(CollectError::malformed(path, number, "expected a name and three numbers"));
        };
        let (cgroups, enabled) = (files::parse(path, number, cgroups)?, files::parse(path, number, enabled)?);
        controllers.push(Controller { name, cgroups, enabled });
    }
    Ok(controllers)
}

fn emit(controllers: &[Controller<'_>], out: &mut dyn Sink) {
    let mut family = out.family(&CGROUPS);
    controllers.iter().for_each(|controller| family.sample(&[controller.name], controller.cgroups));
    let mut family = out.family(&ENABLED);
    controllers.iter().for_each(|controller| family.sample(&[controller.name], controller.enabled));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_another_form_are_told_by_number() {
        let path = Path::new("/proc/cgroups");
        for line in ["", "cpu 1 2", "cpu 1 x 1"] {
            let error = parse(path, &format!("# head\n{line}\n")).map(|_| ()).unwrap_err().to_string();
            assert!(error.starts_with("/proc/cgroups:2: "), "{line:?}: {error}");
        }
    }
}
