//! Watchdog timers. Source: `/sys/class/watchdog`, as Documentation/ABI/testing/sysfs-class-watchdog of the kernel
//! describes it. Unit: seconds.

use crate::host::linux::attributes::{self, Attribute, Row};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};

macro_rules! watchdog {
    ($file:literal => $name:literal) => {
        Attribute::new(
            $file,
            Desc::gauge(
                concat!("node_watchdog_", $name),
                concat!("Value of /sys/class/watchdog/<watchdog>/", $file),
                &["name"],
            ),
        )
    };
}

static TABLE: [Attribute; 7] = [
    watchdog!("bootstatus" => "bootstatus"),
    watchdog!("fw_version" => "fw_version"),
    watchdog!("nowayout" => "nowayout"),
    watchdog!("timeleft" => "timeleft_seconds"),
    watchdog!("timeout" => "timeout_seconds"),
    watchdog!("pretimeout" => "pretimeout_seconds"),
    watchdog!("access_cs0" => "access_cs0"),
];

static INFO: Desc<'static> = Desc::gauge(
    "node_watchdog_info",
    "Info of /sys/class/watchdog/<watchdog>",
    &["name", "options", "identity", "state", "status", "pretimeout_governor"],
);

static FAMILIES: [&Desc<'static>; 8] = attributes::families(&[&INFO], &TABLE);

/// The collector `watchdog`.
pub static SPEC: Spec = Spec {
    name: "watchdog",
    about: "watchdog timers from /sys/class/watchdog",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Watchdog { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct Watchdog {
    roots: Roots,
}

impl Collector for Watchdog {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let (infos, rows) = read(&self.roots)?;
        emit(&infos, &rows, out);
        Ok(())
    }
}

/// Values of the labels of [`INFO`].
type Info = [String; 6];

fn read(roots: &Roots) -> Result<(Vec<Info>, Vec<Row>), CollectError> {
    let class = roots.sys("class/watchdog");
    let (mut infos, mut rows) = (Vec::new(), Vec::new());
    for name in files::list(&class).map_err(CollectError::absent_is_no_data)? {
        let dir = class.join(&name);
        let label = |file| files::label(&dir.join(file));
        let [options, identity, state, status] =
            [label("options")?, label("identity")?, label("state")?, label("status")?];
        infos.push([name.clone(), options, identity, state, status, label("pretimeout_governor")?]);
        rows.push(Row { labels: vec![name], values: attributes::read(&dir, &TABLE)? });
    }
    Ok((infos, rows))
}

fn emit(infos: &[Info], rows: &[Row], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    infos.iter().for_each(|labels| family.sample(&labels.each_ref().map(String::as_str), 1.0));
    attributes::emit(&TABLE, rows, out);
}
