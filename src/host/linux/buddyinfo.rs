//! Free blocks of memory by size. Source: proc_buddyinfo(5), `/proc/buddyinfo`. Unit: blocks of 2^size pages.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static BLOCKS: Desc<'static> =
    Desc::gauge("node_buddyinfo_blocks", "Count of free blocks according to size.", &["node", "zone", "size"]);

/// The collector `buddyinfo`.
pub static SPEC: Spec = Spec {
    name: "buddyinfo",
    about: "free blocks of memory by size from /proc/buddyinfo",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Buddyinfo { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&BLOCKS];

struct Buddyinfo {
    roots: Roots,
}

impl Collector for Buddyinfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("buddyinfo");
        let text = files::read(&path)?;
        emit(&parse(&path, &text)?, out);
        Ok(())
    }
}

struct Zone<'t> {
    node: &'t str,
    name: &'t str,
    blocks: Vec<f64>,
}

/// Node 0, zone    DMA32    759    572    791    475
fn parse<'t>(path: &Path, text: &'t str) -> Result<Vec<Zone<'t>>, CollectError> {
    let zone = |(number, line): (usize, &'t str)| {
        let malformed = || CollectError::malformed(path, number, "expected a node, a zone and counts of blocks");
        let (node, rest) =
            line.strip_prefix("Node ").and_then(|line| line.split_once(", zone ")).ok_or_else(malformed)?;
        let mut fields = rest.split_ascii_whitespace();
        let name = fields.next().ok_or_else(malformed)?;
        let blocks = fields.map(|count| files::parse(path, number, count)).collect::<Result<_, _>>()?;
        Ok(Zone { node, name, blocks })
    };
    files::lines(text).map(zone).collect()
}

fn emit(zones: &[Zone<'_>], out: &mut dyn Sink) {
    let mut number = itoa::Buffer::new();
    let mut family = out.family(&BLOCKS);
    for zone in zones {
        for (size, &count) in zone.blocks.iter().enumerate() {
            family.sample(&[zone.node, zone.name, number.format(size)], count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_another_form_are_told_by_number() {
        let path = Path::new("/proc/buddyinfo");
        for line in ["", "Node 0", "Node 0, zone", "Node 0, zone DMA x", "DMA 1 2"] {
            let error = parse(path, &format!("Node 0, zone DMA 1\n{line}\n")).map(|_| ()).unwrap_err().to_string();
            assert!(error.starts_with("/proc/buddyinfo:2: "), "{line:?}: {error}");
        }
    }
}
