//! What a group is called by who made it: a container of Docker or Podman, or a unit of systemd. Sources: Docker's
//! `/var/lib/docker/containers/ID/config.v2.json`; Podman's `overlay-containers/containers.json`; systemd's
//! CONTROL_GROUP_INTERFACE.

use crate::host::linux::json::Json;
use crate::host::{CollectError, Roots};
use std::collections::HashMap;
use std::path::Path;

/// Digits of a container's id.
const ID_DIGITS: usize = 64;
/// So many of them are shown where a container's name is not known, as `docker ps` does.
const SHORT_DIGITS: usize = 12;
const PODMAN_LISTS: [&str; 2] = [
    "/var/lib/containers/storage/overlay-containers/containers.json",
    "/run/containers/storage/overlay-containers/volatile-containers.json",
];
/// Kinds of units that have groups.
const UNITS: [&str; 6] = [".service", ".scope", ".slice", ".socket", ".mount", ".swap"];

/// What a group is.
#[derive(Debug, PartialEq, Eq)]
enum Kind<'i> {
    Docker(&'i str),
    Podman(&'i str),
    /// A container of Kubernetes' runtimes.
    Cri(&'i str),
    Unit(&'i str),
    Other,
}

/// Looks names up. Podman's list is read once, when it is asked for.
pub struct Names<'r> {
    roots: &'r Roots,
    podman: Option<HashMap<String, String>>,
}

impl<'r> Names<'r> {
    /// Of a host.
    pub fn new(roots: &'r Roots) -> Self {
        Self { roots, podman: None }
    }

    /// The name of a group, and whether it is a container. A file that this user may not read leaves the short id.
    pub fn of(&mut self, id: &str) -> Result<(String, bool), CollectError> {
        let short = |hash: &str| hash.get(..SHORT_DIGITS).unwrap_or(hash).to_owned();
        Ok(match kind(id) {
            Kind::Docker(hash) => (self.docker(hash).unwrap_or_else(|| short(hash)), true),
            Kind::Podman(hash) => {
                let names = self.podman.get_or_insert_with(|| podman(self.roots));
                (names.get(hash).cloned().unwrap_or_else(|| short(hash)), true)
            }
            Kind::Cri(hash) => (short(hash), true),
            Kind::Unit(unit) => (unit.to_owned(), false),
            Kind::Other => (String::new(), false),
        })
    }

    fn docker(&self, hash: &str) -> Option<String> {
        let path = self.roots.host("/var/lib/docker/containers").join(hash).join("config.v2.json");
        let config = Json::read(&path).ok()?;
        let name = config.text("Name").trim_start_matches('/');
        (!name.is_empty()).then(|| name.to_owned())
    }
}

/// Names of Podman's containers by id, as far as its lists can be read.
fn podman(roots: &Roots) -> HashMap<String, String> {
    let lists = PODMAN_LISTS.iter().filter_map(|path| Json::read_list(&roots.host(Path::new(path))).ok());
    let name = |container: &Json| match container.get("names") {
        Some(Json::List(names)) => match names.first() {
            Some(Json::Text(name)) => Some((container.text("id").to_owned(), name.clone())),
            _ => None,
        },
        _ => None,
    };
    lists.flatten().filter_map(|container| name(&container)).collect()
}

/// What the last part of an id tells. Runtimes that leave groups to systemd make scopes; others, folders of their own.
fn kind(id: &str) -> Kind<'_> {
    let (parent, last) = id.rsplit_once('/').unwrap_or(("", id));
    let name = last.strip_suffix(".scope").unwrap_or(last);
    if let Some(hash) = name.strip_prefix("docker-").filter(|text| is_hash(text)) {
        return Kind::Docker(hash);
    }
    if let Some(hash) = name.strip_prefix("libpod-").filter(|text| is_hash(text)) {
        return Kind::Podman(hash);
    }
    if let Some(hash) = ["cri-containerd-", "crio-"].iter().find_map(|prefix| name.strip_prefix(prefix))
        && is_hash(hash)
    {
        return Kind::Cri(hash);
    }
    if is_hash(name) {
        return match parent.rsplit_once('/') {
            Some((_, "docker")) => Kind::Docker(name),
            _ => Kind::Cri(name),
        };
    }
    // A name that would look like one of the kernel's files has a line in front.
    let unit = last.strip_prefix('_').unwrap_or(last);
    if UNITS.iter().any(|suffix| unit.ends_with(suffix)) { Kind::Unit(unit) } else { Kind::Other }
}

fn is_hash(text: &str) -> bool {
    text.len() == ID_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn an_id_tells_who_made_it() {
        let with = |text: &str| text.replace('#', HASH);
        for (id, want) in [
            ("/docker/#", Kind::Docker(HASH)),
            ("/system.slice/docker-#.scope", Kind::Docker(HASH)),
            ("/machine.slice/libpod-#.scope", Kind::Podman(HASH)),
            ("/libpod_parent/libpod-#", Kind::Podman(HASH)),
            ("/machine.slice/libpod-conmon-#.scope", Kind::Unit("")),
            ("/machine.slice/libpod-#.scope/container", Kind::Other),
            ("/kubepods.slice/kubepods-pod1.slice/cri-containerd-#.scope", Kind::Cri(HASH)),
            ("/kubepods/burstable/pod1/#", Kind::Cri(HASH)),
            ("/system.slice/ssh.service", Kind::Unit("ssh.service")),
            ("/system.slice/_cpu.service", Kind::Unit("cpu.service")),
            ("/system.slice", Kind::Unit("system.slice")),
            ("/docker/prometheus-webapp", Kind::Other),
            ("/docker", Kind::Other),
            ("/", Kind::Other),
        ] {
            let id = with(id);
            match (kind(&id), want) {
                (Kind::Unit(unit), Kind::Unit("")) => assert!(id.ends_with(unit), "{id}"),
                (kind, want) => assert_eq!(kind, want, "{id}"),
            }
        }
    }
}
