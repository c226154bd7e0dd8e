//! Bonded network interfaces. Source: `/sys/class/net/bonding_masters` and below it, as
//! Documentation/networking/bonding.rst of the kernel describes them. Unit: interfaces.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};

static SLAVES: Desc<'static> =
    Desc::gauge("node_bonding_slaves", "Number of configured slaves per bonding interface.", &["master"]);
static ACTIVE: Desc<'static> =
    Desc::gauge("node_bonding_active", "Number of active slaves per bonding interface.", &["master"]);

/// The collector `bonding`.
pub static SPEC: Spec = Spec {
    name: "bonding",
    about: "bonded network interfaces from /sys/class/net",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Bonding { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&SLAVES, &ACTIVE];

struct Bonding {
    roots: Roots,
}

impl Collector for Bonding {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

/// A bond: its name, how many interfaces it has and how many of them are up.
struct Bond {
    name: String,
    slaves: u32,
    active: u32,
}

fn read(roots: &Roots) -> Result<Vec<Bond>, CollectError> {
    let class = roots.sys("class/net");
    let masters = files::read(&class.join("bonding_masters")).map_err(CollectError::absent_is_no_data)?;
    let mut bonds = Vec::new();
    for name in masters.split_ascii_whitespace() {
        let dir = class.join(name);
        // A bond may be gone since the list was read.
        let Some(members) = files::if_there(files::read(&dir.join("bonding/slaves")))? else { continue };
        let (mut slaves, mut active) = (0, 0);
        for member in members.split_ascii_whitespace() {
            // Kernels before 3.9 say `slave_` for `lower_`.
            let status = |link| files::label(&dir.join(format!("{link}_{member}/bonding_slave/mii_status")));
            slaves += 1;
            active += u32::from(status("lower")? == "up" || status("slave")? == "up");
        }
        bonds.push(Bond { name: name.to_owned(), slaves, active });
    }
    Ok(bonds)
}

fn emit(bonds: &[Bond], out: &mut dyn Sink) {
    let mut family = out.family(&SLAVES);
    bonds.iter().for_each(|bond| family.sample(&[&bond.name], f64::from(bond.slaves)));
    let mut family = out.family(&ACTIVE);
    bonds.iter().for_each(|bond| family.sample(&[&bond.name], f64::from(bond.active)));
}
