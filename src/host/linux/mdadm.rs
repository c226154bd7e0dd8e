//! Software RAID. Source: md(4) and Documentation/admin-guide/md.rst in the kernel, `/proc/mdstat` and
//! `/sys/block/md*/md`. Unit: disks; blocks of 1 KiB.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static STATE: Desc<'static> = Desc::gauge("node_md_state", "Indicates the state of md-device.", &["device", "state"]);
static DISKS: Desc<'static> =
    Desc::gauge("node_md_disks", "Number of active/failed/spare disks of device.", &["device", "state"]);
static REQUIRED: Desc<'static> = Desc::gauge("node_md_disks_required", "Total number of disks of device.", &["device"]);
static BLOCKS: Desc<'static> = Desc::gauge("node_md_blocks", "Total number of blocks on device.", &["device"]);
static SYNCED: Desc<'static> = Desc::gauge("node_md_blocks_synced", "Number of blocks synced on device.", &["device"]);
static RAID_DISKS: Desc<'static> = Desc::gauge("node_md_raid_disks", "Number of raid disks on device.", &["device"]);
static DEGRADED: Desc<'static> = Desc::gauge("node_md_degraded", "Number of degraded disks on device.", &["device"]);

/// The collector `mdadm`.
pub static SPEC: Spec = Spec {
    name: "mdadm",
    about: "software RAID from /proc/mdstat and /sys/block",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Mdadm { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&STATE, &DISKS, &REQUIRED, &BLOCKS, &SYNCED, &RAID_DISKS, &DEGRADED];

struct Mdadm {
    roots: Roots,
}

impl Collector for Mdadm {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("mdstat");
        let text = files::read(&path).map_err(CollectError::absent_is_no_data)?;
        emit(&parse(&path, &text)?, &read_sys(&self.roots)?, out);
        Ok(())
    }
}

/// What an array does, as the label `state` has it.
const STATES: [&str; 5] = ["active", "inactive", "recovering", "resync", "check"];

#[derive(Debug, PartialEq)]
struct Array {
    name: String,
    state: String,
    active: f64,
    failed: f64,
    spare: f64,
    required: f64,
    blocks: f64,
    synced: f64,
}

/// ```text
/// md6 : active raid1 sdb2[2](F) sdc[1](S) sda2[0]
///       195310144 blocks [2/1] [U_]
///       [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec
/// ```
fn parse(path: &Path, text: &str) -> Result<Vec<Array>, CollectError> {
    let lines: Vec<&str> = text.lines().collect();
    let mut arrays = Vec::new();
    for (at, device) in files::lines(text) {
        if device.trim().is_empty()
            || device.starts_with([' ', '\t'])
            || device.starts_with("Personalities")
            || device.starts_with("unused")
        {
            continue;
        }
        let line = |after: usize| lines.get(at - 1 + after).copied().unwrap_or_default();
        // The line of the bitmap may stand between that of the size and that of a synchronisation.
        let sync = if line(2).contains("bitmap") { line(3) } else { line(2) };
        arrays.push(parse_array(path, at, [device, line(1), sync])?);
    }
    Ok(arrays)
}

fn parse_array(path: &Path, at: usize, [device, status, sync]: [&str; 3]) -> Result<Array, CollectError> {
    let fields: Vec<&str> = device.split_ascii_whitespace().collect();
    let (name, state) = (files::field(path, at, &fields, 0)?, files::field(path, at, &fields, 2)?);
    let blocks = status.split_ascii_whitespace().next().unwrap_or_default();
    let blocks = files::parse_count(path, at + 1, blocks)?;
    let (required, active) = if device.contains("raid0") || device.contains("linear") {
        // Without redundancy there is no [2/2]; each disk has its number in brackets.
        let disks = device.matches('[').count() as f64;
        (disks, disks)
    } else if state == "inactive" {
        (0.0, 0.0)
    } else {
        disks(path, at + 1, status)?
    };
    let doing = [("recovery", "recovering"), ("check", "check"), ("resync", "resync"), ("reshape", "reshape")];
    let doing = doing.into_iter().find(|(word, _)| sync.contains(word));
    // PENDING, DELAYED and REMOTE stand in place of the figures.
    let synced = match doing.and_then(|_| sync.split_once('(')) {
        Some((_, rest)) => files::parse_count(path, at + 2, rest.split('/').next().unwrap_or_default())?,
        None if doing.is_some() => 0.0,
        None => blocks,
    };
    Ok(Array {
        name: name.to_owned(),
        state: doing.map_or(state, |(_, state)| state).to_owned(),
        active,
        failed: device.matches("(F)").count() as f64,
        spare: device.matches("(S)").count() as f64,
        required,
        blocks,
        synced,
    })
}

/// Required and active disks of `... [8/7] [UUUUUUU_]`.
fn disks(path: &Path, at: usize, status: &str) -> Result<(f64, f64), CollectError> {
    let fraction = status.split_ascii_whitespace().find_map(|field| {
        let (required, active) = field.strip_prefix('[')?.strip_suffix(']')?.split_once('/')?;
        Some((required.parse::<u32>().ok()?, active.parse::<u32>().ok()?))
    });
    let (required, active) = fraction.ok_or_else(|| CollectError::malformed(path, at, "expected disks as [2/2]"))?;
    Ok((f64::from(required), f64::from(active)))
}

/// What sysfs has of an array.
struct SysArray {
    name: String,
    disks: f64,
    degraded: f64,
}

fn read_sys(roots: &Roots) -> Result<Vec<SysArray>, CollectError> {
    let block = roots.sys("block");
    let mut arrays = Vec::new();
    for name in files::list_if_there(&block)?.into_iter().filter(|name| name.starts_with("md")) {
        let path = block.join(&name).join("md/raid_disks");
        let Some(text) = files::if_there(files::value(&path))? else { continue };
        // Empty while the array is being put together; `3 (2)`, new and old, while it grows.
        let Some(disks) = text.split(' ').next().filter(|disks| !disks.is_empty()) else { continue };
        let disks = files::parse_count(&path, 0, disks)?;
        // Not there for levels without redundancy.
        let degraded = files::if_there(files::number(&block.join(&name).join("md/degraded")))?.unwrap_or_default();
        arrays.push(SysArray { name, disks, degraded });
    }
    Ok(arrays)
}

fn emit(arrays: &[Array], sys: &[SysArray], out: &mut dyn Sink) {
    let mut family = out.family(&STATE);
    for array in arrays {
        for state in STATES {
            family.sample(&[&array.name, state], f64::from(u8::from(array.state == state)));
        }
    }
    let mut family = out.family(&DISKS);
    for array in arrays {
        for (state, disks) in [("active", array.active), ("failed", array.failed), ("spare", array.spare)] {
            family.sample(&[&array.name, state], disks);
        }
    }
    let mut family = out.family(&REQUIRED);
    arrays.iter().for_each(|array| family.sample(&[&array.name], array.required));
    let mut family = out.family(&BLOCKS);
    arrays.iter().for_each(|array| family.sample(&[&array.name], array.blocks));
    let mut family = out.family(&SYNCED);
    arrays.iter().for_each(|array| family.sample(&[&array.name], array.synced));
    let mut family = out.family(&RAID_DISKS);
    sys.iter().for_each(|array| family.sample(&[&array.name], array.disks));
    let mut family = out.family(&DEGRADED);
    sys.iter().for_each(|array| family.sample(&[&array.name], array.degraded));
}
