//! Memory errors that hardware has corrected or detected. Source: `/sys/devices/system/edac/mc`, as
//! Documentation/admin-guide/RAS of the kernel describes it. Unit: errors since the driver was loaded.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::path::Path;

static CORRECTABLE: Desc<'static> =
    Desc::counter("node_edac_correctable_errors_total", "Total correctable memory errors.", &["controller"]);
static UNCORRECTABLE: Desc<'static> =
    Desc::counter("node_edac_uncorrectable_errors_total", "Total uncorrectable memory errors.", &["controller"]);
static CSROW_CORRECTABLE: Desc<'static> = Desc::counter(
    "node_edac_csrow_correctable_errors_total",
    "Total correctable memory errors for this csrow.",
    &["controller", "csrow"],
);
static CSROW_UNCORRECTABLE: Desc<'static> = Desc::counter(
    "node_edac_csrow_uncorrectable_errors_total",
    "Total uncorrectable memory errors for this csrow.",
    &["controller", "csrow"],
);
static CHANNEL_CORRECTABLE: Desc<'static> = Desc::counter(
    "node_edac_channel_correctable_errors_total",
    "Total correctable memory errors for this channel.",
    &["controller", "csrow", "channel", "dimm_label"],
);
static CHANNEL_UNCORRECTABLE: Desc<'static> = Desc::counter(
    "node_edac_channel_uncorrectable_errors_total",
    "Total uncorrectable memory errors for this channel.",
    &["controller", "csrow", "channel", "dimm_label"],
);

/// The collector `edac`.
pub static SPEC: Spec = Spec {
    name: "edac",
    about: "memory errors from /sys/devices/system/edac",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Edac { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[
    &CORRECTABLE,
    &UNCORRECTABLE,
    &CSROW_CORRECTABLE,
    &CSROW_UNCORRECTABLE,
    &CHANNEL_CORRECTABLE,
    &CHANNEL_UNCORRECTABLE,
];

struct Edac {
    roots: Roots,
}

impl Collector for Edac {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

/// Errors of a place in memory: its labels, those corrected, those not.
struct Errors {
    labels: Vec<String>,
    correctable: Option<f64>,
    uncorrectable: Option<f64>,
}

#[derive(Default)]
struct Memory {
    controllers: Vec<Errors>,
    /// Rows of chips that are selected together.
    csrows: Vec<Errors>,
    channels: Vec<Errors>,
}

/// Reads all controllers; a machine without any has no errors to count.
fn read(roots: &Roots) -> Result<Memory, CollectError> {
    let root = roots.sys("devices/system/edac/mc");
    let mut memory = Memory::default();
    for number in files::numbered(&root, "mc")? {
        let controller = root.join(format!("mc{number}"));
        let labels = vec![number.to_string()];
        // Errors of which the hardware did not say where.
        let unknown = [labels.clone(), vec!["unknown".to_owned()]].concat();
        memory.csrows.push(read_errors(&controller, "ce_noinfo_count", "ue_noinfo_count", unknown)?);
        for number in files::numbered(&controller, "csrow")? {
            let csrow = controller.join(format!("csrow{number}"));
            read_csrow(&csrow, [labels.clone(), vec![number.to_string()]].concat(), &mut memory)?;
        }
        memory.controllers.push(read_errors(&controller, "ce_count", "ue_count", labels)?);
    }
    Ok(memory)
}

fn read_csrow(dir: &Path, labels: Vec<String>, memory: &mut Memory) -> Result<(), CollectError> {
    for file in files::if_there(files::list(dir))?.unwrap_or_default() {
        let channel = file.strip_prefix("ch").and_then(|rest| rest.strip_suffix("_ce_count"));
        let Some(channel) = channel.filter(|channel| channel.parse::<u32>().is_ok()) else { continue };
        let labels = [labels.clone(), vec![channel.to_owned(), dimm_label(dir, channel)?]].concat();
        memory.channels.push(read_errors(dir, &file, &format!("ch{channel}_ue_count"), labels)?);
    }
    memory.csrows.push(read_errors(dir, "ce_count", "ue_count", labels)?);
    Ok(())
}

fn read_errors(
    dir: &Path,
    correctable: &str,
    uncorrectable: &str,
    labels: Vec<String>,
) -> Result<Errors, CollectError> {
    let count = |file| files::count(&dir.join(file));
    Ok(Errors { labels, correctable: count(correctable)?, uncorrectable: count(uncorrectable)? })
}

/// mc#0csrow#2channel#1
/// The memory module, as the board's maker or the driver calls it, without the signs that don't read well: this one
/// becomes `mc0_csrow2_channel1`.
fn dimm_label(dir: &Path, channel: &str) -> Result<String, CollectError> {
    let label = files::optional(files::value(&dir.join(format!("ch{channel}_dimm_label"))))?;
    let clean = |label: String| label.replace('#', "").replace("csrow", "_csrow").replace("channel", "_channel");
    Ok(label.map_or_else(|| "unknown".to_owned(), clean))
}

fn emit(memory: &Memory, out: &mut dyn Sink) {
    for (correctable, uncorrectable, places) in [
        (&CORRECTABLE, &UNCORRECTABLE, &memory.controllers),
        (&CSROW_CORRECTABLE, &CSROW_UNCORRECTABLE, &memory.csrows),
        (&CHANNEL_CORRECTABLE, &CHANNEL_UNCORRECTABLE, &memory.channels),
    ] {
        emit_counts(correctable, places, |errors| errors.correctable, out);
        emit_counts(uncorrectable, places, |errors| errors.uncorrectable, out);
    }
}

fn emit_counts(desc: &Desc<'_>, places: &[Errors], count: impl Fn(&Errors) -> Option<f64>, out: &mut dyn Sink) {
    let mut family = out.family(desc);
    for errors in places {
        if let Some(count) = count(errors) {
            let labels: Vec<&str> = errors.labels.iter().map(String::as_str).collect();
            family.sample(&labels, count);
        }
    }
}
