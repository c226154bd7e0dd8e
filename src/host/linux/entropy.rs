//! The kernel's pool of randomness. Source: random(4), `/proc/sys/kernel/random`. Unit: bits.

use crate::host::{CollectError, Collector, Roots, Spec, files};
use crate::model::{Desc, Sink};

static AVAILABLE: Desc<'static> = Desc::gauge("node_entropy_available_bits", "Bits of available entropy.", &[]);
static POOL: Desc<'static> = Desc::gauge("node_entropy_pool_size_bits", "Bits of entropy pool.", &[]);

/// The collector `entropy`.
pub static SPEC: Spec = Spec {
    name: "entropy",
    about: "available entropy from /proc/sys/kernel/random",
    default_enabled: true,
    flags: &[],
    metrics: &[&AVAILABLE, &POOL],
    build: |env| Ok(Box::new(Entropy { roots: env.roots.clone() })),
};

struct Entropy {
    roots: Roots,
}

impl Collector for Entropy {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(read(&self.roots)?, out);
        Ok(())
    }
}

/// Available bits and the size of the pool.
fn read(roots: &Roots) -> Result<[f64; 2], CollectError> {
    let bits = |name| files::number(&roots.proc("sys/kernel/random").join(name));
    Ok([bits("entropy_avail")?, bits("poolsize")?])
}

fn emit([available, pool]: [f64; 2], out: &mut dyn Sink) {
    out.one(&AVAILABLE, available);
    out.one(&POOL, pool);
}
