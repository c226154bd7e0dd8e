//! Open files of the whole system. Source: proc_sys_fs(5), `/proc/sys/fs/file-nr`.

use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};

static ALLOCATED: Desc<'static> = Desc::gauge("node_filefd_allocated", "File descriptor statistics: allocated.", &[]);
static MAXIMUM: Desc<'static> = Desc::gauge("node_filefd_maximum", "File descriptor statistics: maximum.", &[]);

/// The collector `filefd`.
pub static SPEC: Spec = Spec {
    name: "filefd",
    about: "open files and their limit from /proc/sys/fs/file-nr",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Filefd(Kept::new(env.roots.proc("sys/fs/file-nr"))))),
};

/// What it shows.
pub static METRICS: Metrics = &[&ALLOCATED, &MAXIMUM];

struct Filefd(Kept);

impl Collector for Filefd {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(read(&mut self.0)?, out);
        Ok(())
    }
}

/// Allocated and maximum. Between them stand those allocated but not used, 0 since Linux 2.6.
fn read(file: &mut Kept) -> Result<[f64; 2], CollectError> {
    let text = file.read()?;
    let path = file.path();
    let mut fields = text.split_ascii_whitespace();
    match (fields.next(), fields.next(), fields.next()) {
        (Some(allocated), Some(_), Some(maximum)) => {
            Ok([files::parse(path, 1, allocated)?, files::parse(path, 1, maximum)?])
        }
        _ => Err(CollectError::malformed(path, 1, "expected three numbers")),
    }
}

fn emit([allocated, maximum]: [f64; 2], out: &mut dyn Sink) {
    out.one(&ALLOCATED, allocated);
    out.one(&MAXIMUM, maximum);
}
