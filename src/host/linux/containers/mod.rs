//! Control groups, and of which container or unit each is. Source: cgroups(7), the kernel's admin-guide/cgroup-v2 and
//! cgroup-v1, `/sys/fs/cgroup`. Unit: seconds, bytes.
//!
//! Names of metrics, the label `id`, and what a figure is made of are cAdvisor's. The label `name` is that of Docker's or
//! Podman's container, as far as we may read it, or that of systemd's unit.

mod disk;
mod families;
mod name;
mod network;
mod tree;
mod v1;
mod v2;
mod values;

use crate::flag::{Flag, FlagError, Values};
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Env, Roots, Spec};
use crate::model::Sink;
use families::Group;
use name::Names;
use tree::Tree;

const INCLUDE_FLAG: &str = "collector.containers.id-include";
const EXCLUDE_FLAG: &str = "collector.containers.id-exclude";
const MAX_FLAG: &str = "collector.containers.max";

/// The collector `containers`.
pub static SPEC: Spec = Spec {
    name: "containers",
    about: "CPU, memory, disk and network of control groups by cAdvisor's names",
    default_enabled: false,
    flags: &[
        Flag::value(INCLUDE_FLAG, "REGEX", "", "Regexp of ids to show. (mutually exclusive to id-exclude)."),
        Flag::value(EXCLUDE_FLAG, "REGEX", "", "Regexp of ids to leave out. (mutually exclusive to id-include)."),
        Flag::value(
            MAX_FLAG,
            "N",
            "500",
            "Show this many control groups, those nearest to the root first; others are counted.",
        ),
    ],
    build: |env| Ok(Box::new(Containers::new(env)?)),
};

pub use families::METRICS;

struct Containers {
    roots: Roots,
    filter: Filter,
    max: usize,
    /// How many were not shown, over all scrapes.
    left_out: u64,
}

impl Containers {
    fn new(env: &Env<'_>) -> Result<Self, FlagError> {
        let flags: &Values = env.flags;
        let max = flags.text(MAX_FLAG).parse();
        let max = max.map_err(|_| flags.wrong(MAX_FLAG, "it is not a whole number".into()))?;
        let filter = Filter::from_flags(flags, INCLUDE_FLAG, EXCLUDE_FLAG)?;
        Ok(Self { roots: env.roots.clone(), filter, max, left_out: 0 })
    }

    fn read(&mut self) -> Result<Vec<Group>, CollectError> {
        let unified = self.roots.sys("fs/cgroup/cgroup.controllers").exists();
        let mut tree = if unified { v2::walk(&self.roots) } else { v1::walk(&self.roots) }?;
        let left_out = tree.keep(self.max, |id| !self.filter.ignores(id));
        self.left_out += left_out;
        let mut names = Names::new(&self.roots);
        let mut disks = disk::Disks::new(&self.roots);
        let mut groups = Vec::with_capacity(tree.ids.len());
        for id in &tree.ids {
            let read = if unified { v2::read(&self.roots, id) } else { v1::read(&self.roots, id) };
            let Some(figures) = values::unless_gone(read)? else { continue };
            let (name, container) = names.of(id)?;
            let network = if container { self.network(&tree, id)? } else { Vec::new() };
            let disks = figures.disks.iter().map(|disk| (disks.name(&disk.number), disk.clone())).collect();
            groups.push(Group { id: id.clone(), name, figures, disks, network });
        }
        Ok(groups)
    }

    /// The network of a container, which is that of any process in it.
    fn network(&self, tree: &Tree, id: &str) -> Result<Vec<network::Interface>, CollectError> {
        match tree.any_process(id)? {
            Some(process) => network::read(&self.roots, &process),
            None => Ok(Vec::new()),
        }
    }
}

impl Collector for Containers {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        families::emit(&self.read()?, self.left_out, out);
        Ok(())
    }
}
