//! Bcachefs. Source: the kernel's fs/bcachefs/sysfs.c, `/sys/fs/bcachefs/UUID`. Unit: by the name; the kernel rounds what
//! it prints with a suffix.

mod parse;

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, name};
use parse::Row;
use std::collections::BTreeMap;
use std::path::Path;

static INFO: Desc<'static> = Desc::gauge("node_bcachefs_info", "Filesystem information.", &["uuid"]);
static BTREE_CACHE: Desc<'static> =
    Desc::gauge("node_bcachefs_btree_cache_size_bytes", "Btree cache memory usage in bytes.", &["uuid"]);
static COMPRESSED: Desc<'static> =
    Desc::gauge("node_bcachefs_compression_compressed_bytes", "Compressed size by algorithm.", &["uuid", "algorithm"]);
static UNCOMPRESSED: Desc<'static> = Desc::gauge(
    "node_bcachefs_compression_uncompressed_bytes",
    "Uncompressed size by algorithm.",
    &["uuid", "algorithm"],
);
static ERRORS: Desc<'static> =
    Desc::counter("node_bcachefs_errors_total", "Error count by error type.", &["uuid", "error_type"]);
static COUNTER: Desc<'static> =
    Desc::counter("node_bcachefs_*_total", "Bcachefs counter * since filesystem creation.", &["uuid"]);
static WRITES: Desc<'static> =
    Desc::counter("node_bcachefs_btree_writes_total", "Number of btree writes by type.", &["uuid", "type"]);
static WRITE_SIZE: Desc<'static> =
    Desc::gauge("node_bcachefs_btree_write_average_size_bytes", "Average btree write size by type.", &["uuid", "type"]);
static DEVICE_INFO: Desc<'static> =
    Desc::gauge("node_bcachefs_device_info", "Device information.", &["uuid", "device", "label", "state"]);
static BUCKET_SIZE: Desc<'static> =
    Desc::gauge("node_bcachefs_device_bucket_size_bytes", "Bucket size in bytes.", &["uuid", "device"]);
static BUCKETS: Desc<'static> =
    Desc::gauge("node_bcachefs_device_buckets", "Total number of buckets.", &["uuid", "device"]);
static DURABILITY: Desc<'static> =
    Desc::gauge("node_bcachefs_device_durability", "Device durability setting.", &["uuid", "device"]);
static IO_DONE: Desc<'static> = Desc::counter(
    "node_bcachefs_device_io_done_bytes_total",
    "IO bytes by operation type and data type.",
    &["uuid", "device", "operation", "data_type"],
);
static IO_ERRORS: Desc<'static> =
    Desc::counter("node_bcachefs_device_io_errors_total", "IO errors by error type.", &["uuid", "device", "type"]);

/// The collector `bcachefs`.
pub static SPEC: Spec = Spec {
    name: "bcachefs",
    about: "Bcachefs from /sys/fs/bcachefs",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Bcachefs { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[
    &INFO,
    &BTREE_CACHE,
    &COMPRESSED,
    &UNCOMPRESSED,
    &ERRORS,
    &COUNTER,
    &WRITES,
    &WRITE_SIZE,
    &DEVICE_INFO,
    &BUCKET_SIZE,
    &BUCKETS,
    &DURABILITY,
    &IO_DONE,
    &IO_ERRORS,
];

struct Bcachefs {
    roots: Roots,
}

impl Collector for Bcachefs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let filesystems = read(&self.roots)?;
        emit(&filesystems, out);
        emit_devices(&filesystems, out);
        Ok(())
    }
}

struct Filesystem {
    uuid: String,
    btree_cache: f64,
    /// Compressed and uncompressed bytes by algorithm.
    compression: Vec<Row<2>>,
    errors: Vec<Row<1>>,
    counters: Vec<Row<1>>,
    /// Number and average bytes by type.
    writes: Vec<Row<2>>,
    devices: Vec<Device>,
}

struct Device {
    name: String,
    label: String,
    state: String,
    bucket_size: f64,
    buckets: f64,
    durability: f64,
    /// Bytes by operation and type of data.
    done: Vec<(&'static str, Row<1>)>,
    errors: Vec<Row<1>>,
}

fn read(roots: &Roots) -> Result<Vec<Filesystem>, CollectError> {
    let folder = roots.sys("fs/bcachefs");
    let mut filesystems = Vec::new();
    for uuid in files::list(&folder).map_err(CollectError::absent_is_no_data)? {
        let path = folder.join(&uuid);
        if path.is_dir() {
            filesystems.push(read_filesystem(&path, uuid)?);
        }
    }
    if filesystems.is_empty() {
        return Err(CollectError::NoData(format!("{} is empty", folder.display())));
    }
    Ok(filesystems)
}

fn read_filesystem(folder: &Path, uuid: String) -> Result<Filesystem, CollectError> {
    let mut counters = Vec::new();
    for name in files::list_if_there(&folder.join("counters"))? {
        let path = folder.join("counters").join(&name);
        counters.push(Row { figures: [parse::counter(&path, &files::read(&path)?)?], name });
    }
    let mut devices = Vec::new();
    for name in files::list(folder)? {
        if let Some(device) = name.strip_prefix("dev-") {
            devices.push(read_device(&folder.join(&name), device)?);
        }
    }
    Ok(Filesystem {
        uuid,
        btree_cache: bytes(&folder.join("btree_cache_size"))?,
        compression: rows(&folder.join("compression_stats"), parse::table)?,
        errors: rows(&folder.join("errors"), parse::errors)?,
        counters,
        writes: rows(&folder.join("btree_write_stats"), parse::table)?,
        devices,
    })
}

fn read_device(folder: &Path, name: &str) -> Result<Device, CollectError> {
    let text = |file: &str| Ok(files::if_there(files::value(&folder.join(file)))?.unwrap_or_default());
    let number = |file: &str| Ok(files::if_there(files::number(&folder.join(file)))?.unwrap_or_default());
    Ok(Device {
        name: name.to_owned(),
        label: text("label")?,
        state: text("state")?,
        bucket_size: bytes(&folder.join("bucket_size"))?,
        buckets: number("nbuckets")?,
        durability: number("durability")?,
        done: rows(&folder.join("io_done"), parse::io_done)?,
        errors: rows(&folder.join("io_errors"), parse::io_errors)?,
    })
}

/// A size, 0 where the file is missing or empty.
fn bytes(path: &Path) -> Result<f64, CollectError> {
    match files::if_there(files::value(path))?.as_deref() {
        None | Some("") => Ok(0.0),
        Some(text) => parse::bytes(path, 0, text),
    }
}

/// The parts of a file, none where it is missing.
fn rows<T>(path: &Path, parse: fn(&Path, &str) -> Result<Vec<T>, CollectError>) -> Result<Vec<T>, CollectError> {
    files::read_if_there(path)?.map_or(Ok(Vec::new()), |text| parse(path, &text))
}

fn emit(filesystems: &[Filesystem], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    filesystems.iter().for_each(|fs| family.sample(&[&fs.uuid], 1.0));
    let mut family = out.family(&BTREE_CACHE);
    filesystems.iter().for_each(|fs| family.sample(&[&fs.uuid], fs.btree_cache));
    for (i, desc) in [&COMPRESSED, &UNCOMPRESSED].into_iter().enumerate() {
        let mut family = out.family(desc);
        for fs in filesystems {
            fs.compression.iter().for_each(|row| family.sample(&[&fs.uuid, &row.name], row.figures[i]));
        }
    }
    let mut family = out.family(&ERRORS);
    for fs in filesystems {
        fs.errors.iter().for_each(|row| family.sample(&[&fs.uuid, &row.name], row.figures[0]));
    }
    for (i, desc) in [&WRITES, &WRITE_SIZE].into_iter().enumerate() {
        let mut family = out.family(desc);
        for fs in filesystems {
            fs.writes.iter().for_each(|row| family.sample(&[&fs.uuid, &row.name], row.figures[i]));
        }
    }
    let mut counters = BTreeMap::<&str, Vec<(&str, f64)>>::new();
    for fs in filesystems {
        for Row { name, figures: [figure] } in &fs.counters {
            counters.entry(name).or_default().push((&fs.uuid, *figure));
        }
    }
    for (counter, samples) in counters {
        let mut metric = String::from("node_bcachefs_");
        name::escape_into(counter, &mut metric);
        metric.push_str("_total");
        let help = format!("Bcachefs counter {counter} since filesystem creation.");
        let mut family = out.family(&Desc { name: &metric, help: &help, ..COUNTER });
        samples.into_iter().for_each(|(uuid, figure)| family.sample(&[uuid], figure));
    }
}

fn emit_devices(filesystems: &[Filesystem], out: &mut dyn Sink) {
    let devices = || filesystems.iter().flat_map(|fs| fs.devices.iter().map(|device| (fs.uuid.as_str(), device)));
    let mut family = out.family(&DEVICE_INFO);
    devices().for_each(|(uuid, device)| family.sample(&[uuid, &device.name, &device.label, &device.state], 1.0));
    let mut each = |desc, value: fn(&Device) -> f64| {
        let mut family = out.family(desc);
        devices().for_each(|(uuid, device)| family.sample(&[uuid, &device.name], value(device)));
    };
    each(&BUCKET_SIZE, |device| device.bucket_size);
    each(&BUCKETS, |device| device.buckets);
    each(&DURABILITY, |device| device.durability);
    let mut family = out.family(&IO_DONE);
    for (uuid, device) in devices() {
        for (operation, Row { name, figures: [bytes] }) in &device.done {
            family.sample(&[uuid, &device.name, operation, name], *bytes);
        }
    }
    let mut family = out.family(&IO_ERRORS);
    for (uuid, device) in devices() {
        for Row { name, figures: [errors] } in &device.errors {
            family.sample(&[uuid, &device.name, name], *errors);
        }
    }
}
