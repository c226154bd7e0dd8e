//! Known weaknesses of the CPU and what the kernel does about them. Source: the kernel's
//! ABI/testing/sysfs-devices-system-cpu, `/sys/devices/system/cpu/vulnerabilities`.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};

static INFO: Desc<'static> = Desc::gauge(
    "node_cpu_vulnerabilities_info",
    "Details of each CPU vulnerability reported by sysfs. The value of the series is an int encoded state of the \
     vulnerability. The same state is stored as a string in the label",
    &["codename", "state", "mitigation"],
);

/// The collector `cpu_vulnerabilities`.
pub static SPEC: Spec = Spec {
    name: "cpu_vulnerabilities",
    about: "weaknesses of the CPU from /sys/devices/system/cpu/vulnerabilities",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(CpuVulnerabilities { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&INFO];

struct CpuVulnerabilities {
    roots: Roots,
}

impl Collector for CpuVulnerabilities {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

/// Names of the weaknesses, and what the kernel says of each.
fn read(roots: &Roots) -> Result<Vec<(String, String)>, CollectError> {
    let dir = roots.sys("devices/system/cpu/vulnerabilities");
    let names = files::if_there(files::list(&dir))?.unwrap_or_default();
    names.into_iter().map(|name| files::value(&dir.join(&name)).map(|text| (name, text))).collect()
}

/// Mitigation: usercopy/swapgs barriers and __user pointer sanitization
/// ^^^^^^^^^^  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
/// State, and what follows it. `itlb_multihit` says for whom first: `KVM: Mitigation: Split huge pages`.
fn parse(text: &str) -> (&'static str, &str) {
    let text = text.strip_prefix("KVM: ").unwrap_or(text);
    for (prefix, state) in [
        ("Not affected", "not affected"),
        ("Vulnerable", "vulnerable"),
        ("Processor vulnerable", "vulnerable"),
        ("Mitigation", "mitigation"),
        ("Unknown", "unknown"),
    ] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return (state, rest.strip_prefix(": ").unwrap_or(rest));
        }
    }
    ("unknown", text)
}

fn emit(vulnerabilities: &[(String, String)], out: &mut dyn Sink) {
    let mut family = out.family(&INFO);
    for (name, text) in vulnerabilities {
        let (state, mitigation) = parse(text);
        family.sample(&[name, state, mitigation], 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_those_of_the_kernel_document() {
        for (text, want) in [
            ("Not affected", ("not affected", "")),
            ("Vulnerable", ("vulnerable", "")),
            ("Vulnerable: No microcode", ("vulnerable", "No microcode")),
            ("Mitigation: PTI", ("mitigation", "PTI")),
            ("KVM: Mitigation: VMX disabled", ("mitigation", "VMX disabled")),
            ("KVM: Vulnerable", ("vulnerable", "")),
            ("Processor vulnerable", ("vulnerable", "")),
            ("Unknown: Dependent on hypervisor status", ("unknown", "Dependent on hypervisor status")),
            ("something new", ("unknown", "something new")),
            ("", ("unknown", "")),
        ] {
            assert_eq!(parse(text), want, "{text:?}");
        }
    }
}
