//! NFS mounts, each with its calls to the server. Source: nfsstat(8), `/proc/self/mountstats`. Unit: bytes, calls;
//! milliseconds there, seconds here.

mod families;
mod parse;

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::Sink;
use families::{AGE, BYTES, EVENTS, INFO, OPERATION_ERRORS, OPERATIONS, Row, TRANSPORTS};
use parse::Mount;
use std::collections::HashSet;

/// What families hold that the kernel counts up forever: a figure wraps at what a float holds without a gap.
const EXACT: u64 = 1 << 53;
/// Operations: times from this place on are in milliseconds.
const FIRST_MILLIS: usize = 5;
/// Transports: idle time, which may have wrapped below zero.
const IDLE: usize = 4;

/// The collector `mountstats`.
pub static SPEC: Spec = Spec {
    name: "mountstats",
    about: "NFS mounts from /proc/self/mountstats",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Mountstats { roots: env.roots.clone() })),
};

pub static METRICS: Metrics = &{
    let mut all = [&INFO; 55];
    all[1] = &AGE;
    all[2] = &OPERATION_ERRORS;
    let tables: [&'static [Row]; 4] = [&BYTES, &EVENTS, &TRANSPORTS, &OPERATIONS];
    let (mut to, mut table) = (3, 0);
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            all[to] = &tables[table][row].0;
            to += 1;
            row += 1;
        }
        table += 1;
    }
    all
};

struct Mountstats {
    roots: Roots,
}

impl Collector for Mountstats {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mounts = read(&self.roots)?;
        let exports = exports(&mounts);
        emit_mounts(&mounts, &exports, out);
        emit_calls(&exports, out);
        Ok(())
    }
}

/// Mounts with the server's address, empty where it is not known.
fn read(roots: &Roots) -> Result<Vec<(Mount, String)>, CollectError> {
    let path = roots.proc("self/mountstats");
    let mounts = parse::mounts(&path, &files::read(&path)?)?;
    let mountinfo = files::read(&roots.proc("self/mountinfo"))?;
    let with_address = |mount| {
        let address = parse::address(&mountinfo, &mount).unwrap_or_default().to_owned();
        (mount, address)
    };
    Ok(mounts.into_iter().map(with_address).collect())
}

/// Mounts of one export by one protocol share their statistics with the first of them.
struct Export<'m> {
    mount: &'m Mount,
    labels: [&'m str; 3],
}

fn exports(mounts: &[(Mount, String)]) -> Vec<Export<'_>> {
    let (mut exports, mut seen) = (Vec::new(), HashSet::new());
    for (mount, address) in mounts {
        for transport in &mount.transports {
            let labels = [mount.export.as_str(), &transport.protocol, address];
            if seen.insert(labels) {
                exports.push(Export { mount, labels });
            }
        }
    }
    exports
}

fn emit_mounts(mounts: &[(Mount, String)], exports: &[Export<'_>], out: &mut dyn Sink) {
    let (mut family, mut seen) = (out.family(&INFO), HashSet::new());
    for (mount, address) in mounts {
        for transport in &mount.transports {
            let labels = [mount.export.as_str(), &transport.protocol, address, &mount.mountpoint];
            if seen.insert(labels) {
                family.sample(&labels, 1.0);
            }
        }
    }
    let mut family = out.family(&AGE);
    exports.iter().for_each(|export| family.sample(&export.labels, export.mount.age_seconds));
    let mut each = |rows: &'static [Row], figures: fn(&Mount) -> &[f64]| {
        for (desc, place) in rows {
            let mut family = out.family(desc);
            for export in exports {
                // An older kernel has fewer events.
                let figure = figures(export.mount).get(*place).copied().unwrap_or_default();
                family.sample(&export.labels, figure);
            }
        }
    };
    each(&BYTES, |mount| &mount.bytes);
    each(&EVENTS, |mount| &mount.events);
}

fn emit_calls(exports: &[Export<'_>], out: &mut dyn Sink) {
    for (desc, place) in &TRANSPORTS {
        let mut family = out.family(desc);
        for Export { mount, labels: [export, protocol, address] } in exports {
            for (i, transport) in mount.transports.iter().enumerate() {
                let figure = transport.figures[*place];
                let figure = if *place == IDLE { figure % EXACT } else { figure };
                family.sample(&[export, protocol, address, &i.to_string()], figure as f64);
            }
        }
    }
    for (desc, place) in &OPERATIONS {
        let mut family = out.family(desc);
        for Export { mount, labels: [export, protocol, address] } in exports {
            for operation in &mount.operations {
                let figure = operation.figures[*place];
                let value = if *place >= FIRST_MILLIS { seconds_from_millis(figure % EXACT) } else { figure as f64 };
                family.sample(&[export, protocol, address, &operation.name], value);
            }
        }
    }
    let mut family = out.family(&OPERATION_ERRORS);
    for Export { mount, labels: [export, protocol, address] } in exports {
        for operation in &mount.operations {
            if let Some(errors) = operation.figures.get(OPERATIONS.len()) {
                family.sample(&[export, protocol, address, &operation.name], (errors % EXACT) as f64);
            }
        }
    }
}

fn seconds_from_millis(millis: u64) -> f64 {
    millis as f64 / 1000.0
}
