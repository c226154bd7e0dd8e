//! Sockets in use by protocol. Source: proc_pid_net(5), `/proc/net/{sockstat,sockstat6}`. Unit: sockets; `mem` is in
//! pages, `mem_bytes` and `memory` are in bytes.

use crate::host::files::{self, Kept, if_there};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, name};
use std::path::Path;

static USED: Desc<'static> = Desc::gauge("node_sockstat_sockets_used", "Number of IPv4 sockets in use.", &[]);
static STATE: Desc<'static> = Desc::gauge("node_sockstat_*", "Number of * sockets in state *.", &[]);

/// The collector `sockstat`.
pub static SPEC: Spec = Spec {
    name: "sockstat",
    about: "sockets in use by protocol from /proc/net/sockstat and sockstat6",
    default_enabled: true,
    flags: &[],
    build: |env| {
        let file = |name| Kept::new(env.roots.proc(name));
        Ok(Box::new(Sockstat(["net/sockstat", "net/sockstat6"].map(file))))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&USED, &STATE];

/// The keys that node_exporter knows; a new kernel's others are left out, as there.
const STATES: [&str; 6] = ["inuse", "orphan", "tw", "alloc", "mem", "memory"];

/// For either version of IP. A file is missing where the kernel is without that version.
struct Sockstat([Kept; 2]);

impl Collector for Sockstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&mut self.0)?, out);
        Ok(())
    }
}

#[derive(Default)]
struct Sockets {
    used: Option<f64>,
    /// Protocol, state, number.
    states: Vec<(String, &'static str, f64)>,
}

fn read(files: &mut [Kept; 2]) -> Result<Sockets, CollectError> {
    let mut sockets = Sockets::default();
    for file in files {
        if let Some(text) = if_there(file.read())? {
            parse(file.path(), &text, &mut sockets)?;
        }
    }
    Ok(sockets)
}

/// `TCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1`
fn parse(path: &Path, text: &str, sockets: &mut Sockets) -> Result<(), CollectError> {
    for (at, line) in files::lines(text) {
        let Some((protocol, rest)) = line.split_once(':') else {
            return Err(CollectError::malformed(path, at, "expected a protocol and a colon"));
        };
        if !name::is_label_name(protocol) {
            return Err(CollectError::malformed(path, at, format!("{protocol:?} is no protocol")));
        }
        let mut fields = rest.split_ascii_whitespace();
        while let Some(key) = fields.next() {
            let value = fields.next().unwrap_or_default();
            let number = files::parse(path, at, value)?;
            if protocol == "sockets" {
                sockets.used = Some(number).filter(|_| key == "used").or(sockets.used);
            } else if let Some(state) = STATES.iter().find(|state| **state == key) {
                sockets.states.push((protocol.to_owned(), state, number));
            }
        }
    }
    Ok(())
}

fn emit(sockets: &Sockets, out: &mut dyn Sink) {
    if let Some(used) = sockets.used {
        out.one(&USED, used);
    }
    let mut state = |protocol: &str, state: &str, number: f64| {
        let family = format!("node_sockstat_{protocol}_{state}");
        out.one(&Desc::gauge(&family, &format!("Number of {protocol} sockets in state {state}."), &[]), number);
    };
    for (protocol, name, number) in &sockets.states {
        state(protocol, name, *number);
        if *name == "mem" {
            state(protocol, "mem_bytes", bytes_from_pages(*number));
        }
    }
}

fn bytes_from_pages(pages: f64) -> f64 {
    pages * rustix::param::page_size() as f64
}
