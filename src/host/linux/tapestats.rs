//! SCSI tape drives. Source: Documentation/scsi/st.rst in the kernel, `/sys/class/scsi_tape/stN/stats`. Unit: bytes,
//! requests; time is in nanoseconds there, in seconds here.

use crate::flag::Flag;
use crate::host::filter::pattern;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, heads};
use crate::pattern::Pattern;

/// Each with the file that has its figure; those that end in `_ns` are times.
static FAMILIES: [(Desc<'static>, &str); 10] = [
    (
        Desc::gauge("node_tape_io_now", "The number of I/Os currently outstanding to this device.", &["device"]),
        "in_flight",
    ),
    (
        Desc::counter(
            "node_tape_io_time_seconds_total",
            "The amount of time spent waiting for all I/O to complete (including read and write). This \
         includes tape movement commands such as seeking between file or set marks and implicit tape \
         movement such as when rewind on close tape devices are used.",
            &["device"],
        ),
        "io_ns",
    ),
    (
        Desc::counter(
            "node_tape_io_others_total",
            "The number of I/Os issued to the tape drive other than read or write commands. The time taken to \
         complete these commands uses the following calculation \
         io_time_seconds_total-read_time_seconds_total-write_time_seconds_total",
            &["device"],
        ),
        "other_cnt",
    ),
    (
        Desc::counter("node_tape_read_bytes_total", "The number of bytes read from the tape drive.", &["device"]),
        "read_byte_cnt",
    ),
    (
        Desc::counter(
            "node_tape_reads_completed_total",
            "The number of read requests issued to the tape drive.",
            &["device"],
        ),
        "read_cnt",
    ),
    (
        Desc::counter(
            "node_tape_read_time_seconds_total",
            "The amount of time spent waiting for read requests to complete.",
            &["device"],
        ),
        "read_ns",
    ),
    (
        Desc::counter(
            "node_tape_residual_total",
            "The number of times during a read or write we found the residual amount to be non-zero. This \
         should mean that a program is issuing a read larger thean the block size on tape. For write not \
         all data made it to tape.",
            &["device"],
        ),
        "resid_cnt",
    ),
    (
        Desc::counter("node_tape_written_bytes_total", "The number of bytes written to the tape drive.", &["device"]),
        "write_byte_cnt",
    ),
    (
        Desc::counter(
            "node_tape_writes_completed_total",
            "The number of write requests issued to the tape drive.",
            &["device"],
        ),
        "write_cnt",
    ),
    (
        Desc::counter(
            "node_tape_write_time_seconds_total",
            "The amount of time spent waiting for write requests to complete.",
            &["device"],
        ),
        "write_ns",
    ),
];

const IGNORED: &str = "collector.tapestats.ignored-devices";

/// The collector `tapestats`.
pub static SPEC: Spec = Spec {
    name: "tapestats",
    about: "SCSI tape drives from /sys/class/scsi_tape",
    default_enabled: true,
    flags: &[Flag::value(IGNORED, "REGEXP", "^$", "Regexp of devices to ignore for tapestats.")],
    build: |env| {
        let ignored = pattern(env.flags, IGNORED)?;
        Ok(Box::new(Tapestats { roots: env.roots.clone(), ignored }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &heads(&FAMILIES);

struct Tapestats {
    roots: Roots,
    ignored: Option<Pattern>,
}

impl Collector for Tapestats {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

struct Tape {
    name: String,
    /// In the order of [`FAMILIES`].
    figures: [f64; 10],
}

impl Tapestats {
    fn read(&self) -> Result<Vec<Tape>, CollectError> {
        let folder = self.roots.sys("class/scsi_tape");
        let mut names = files::list(&folder).map_err(CollectError::absent_is_no_data)?;
        // The other names, such as nst0 and st0a, are modes of the same drives.
        names.retain(|name| {
            let number = name.strip_prefix("st").unwrap_or_default();
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        });
        names.retain(|name| !self.ignored.as_ref().is_some_and(|ignored| ignored.is_match(name)));
        let mut tapes = Vec::with_capacity(names.len());
        for name in names {
            let mut figures = [0.0; 10];
            for (figure, (_, file)) in figures.iter_mut().zip(&FAMILIES) {
                let path = folder.join(&name).join("stats").join(file);
                let number = files::if_there(files::number(&path))?.unwrap_or_default();
                *figure = if file.ends_with("_ns") { seconds_from_nanos(number) } else { number };
            }
            tapes.push(Tape { name, figures });
        }
        Ok(tapes)
    }
}

fn seconds_from_nanos(nanos: f64) -> f64 {
    nanos / 1e9
}

fn emit(tapes: &[Tape], out: &mut dyn Sink) {
    for (i, (desc, _)) in FAMILIES.iter().enumerate() {
        let mut family = out.family(desc);
        tapes.iter().for_each(|tape| family.sample(&[&tape.name], tape.figures[i]));
    }
}
