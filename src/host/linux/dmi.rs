//! Who made the machine, its board and its firmware. Source: `/sys/class/dmi/id`, text that the firmware has put in its
//! DMI tables (SMBIOS specification).

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::io::ErrorKind;

static INFO: Desc<'static> = Desc::gauge(
    "node_dmi_info",
    "A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, bios_version, \
     board_asset_tag, board_name, board_serial, board_vendor, board_version, chassis_asset_tag, chassis_serial, \
     chassis_vendor, chassis_version, product_family, product_name, product_serial, product_sku, product_uuid, \
     product_version, system_vendor if provided by DMI.",
    &NAMES,
);

/// Labels and their files, where these are called otherwise.
const LABELS: [(&str, &str); 20] = [
    ("bios_date", "bios_date"),
    ("bios_release", "bios_release"),
    ("bios_vendor", "bios_vendor"),
    ("bios_version", "bios_version"),
    ("board_asset_tag", "board_asset_tag"),
    ("board_name", "board_name"),
    ("board_serial", "board_serial"),
    ("board_vendor", "board_vendor"),
    ("board_version", "board_version"),
    ("chassis_asset_tag", "chassis_asset_tag"),
    ("chassis_serial", "chassis_serial"),
    ("chassis_vendor", "chassis_vendor"),
    ("chassis_version", "chassis_version"),
    ("product_family", "product_family"),
    ("product_name", "product_name"),
    ("product_serial", "product_serial"),
    ("product_sku", "product_sku"),
    ("product_uuid", "product_uuid"),
    ("product_version", "product_version"),
    ("system_vendor", "sys_vendor"),
];

/// The labels alone.
const NAMES: [&str; LABELS.len()] = {
    let mut names = [""; LABELS.len()];
    let mut at = 0;
    while at < LABELS.len() {
        names[at] = LABELS[at].0;
        at += 1;
    }
    names
};

/// The collector `dmi`.
pub static SPEC: Spec = Spec {
    name: "dmi",
    about: "makers and versions of the machine, its board and firmware from /sys/class/dmi",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Dmi { roots: env.roots.clone(), labels: None })),
};

/// What it shows.
pub static METRICS: Metrics = &[&INFO];

struct Dmi {
    roots: Roots,
    /// Read once: the text is the same until the machine boots again.
    labels: Option<Labels>,
}

type Labels = Vec<(&'static str, String)>;

impl Collector for Dmi {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        if self.labels.is_none() {
            self.labels = Some(read(&self.roots)?);
        }
        match self.labels.as_deref() {
            None | Some([]) => Err(CollectError::NoData("the firmware says nothing".to_owned())),
            Some(labels) => {
                emit(labels, out);
                Ok(())
            }
        }
    }
}

fn read(roots: &Roots) -> Result<Labels, CollectError> {
    let dir = roots.sys("class/dmi/id");
    files::list(&dir).map_err(CollectError::absent_is_no_data)?;
    let (mut labels, mut kept) = (Labels::new(), Vec::new());
    for (label, file) in LABELS {
        match files::value(&dir.join(file)) {
            Ok(text) => labels.push((label, text)),
            Err(CollectError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            // Serial numbers and the UUID are for root only.
            Err(CollectError::Io { source, .. }) if source.kind() == ErrorKind::PermissionDenied => kept.push(file),
            Err(e) => return Err(e),
        }
    }
    if !kept.is_empty() {
        log::info!("collector dmi: without {}: only root may read them", kept.join(", "));
    }
    Ok(labels)
}

fn emit(labels: &[(&'static str, String)], out: &mut dyn Sink) {
    let labels: Vec<(&str, &str)> = labels.iter().map(|(label, text)| (*label, text.as_str())).collect();
    out.family(&INFO).labeled(&labels, 1.0);
}
