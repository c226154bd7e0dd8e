//! Names of system, kernel and host. Source: uname(2).

use crate::host::{CollectError, Collector, Spec};
use crate::model::{Desc, Sink};
use rustix::system::{Uname, uname};

static INFO: Desc<'static> = Desc::gauge(
    "node_uname_info",
    "Labeled system information as provided by the uname system call.",
    &["sysname", "release", "version", "machine", "nodename", "domainname"],
);

/// The collector `uname`.
pub static SPEC: Spec = Spec {
    name: "uname",
    about: "names of system, kernel and host from uname(2)",
    default_enabled: true,
    flags: &[],
    metrics: &[&INFO],
    build: |_| Ok(Box::new(UnameInfo)),
};

struct UnameInfo;

impl Collector for UnameInfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&uname(), out);
        Ok(())
    }
}

fn emit(uname: &Uname, out: &mut dyn Sink) {
    let texts =
        [uname.sysname(), uname.release(), uname.version(), uname.machine(), uname.nodename(), uname.domainname()]
            .map(|text| text.to_string_lossy());
    let values = texts.each_ref().map(|text| &**text);
    out.family(&INFO).sample(&values, 1.0);
}
