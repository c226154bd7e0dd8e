//! Where a service is installed: on this machine or below `--root`, for all or for one user, and which program it runs.

use super::ServiceError;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where packages put the program.
pub const PACKAGED: &str = "/usr/bin/tallyd";

/// Where a service is installed.
#[derive(Clone, Debug)]
pub struct Place {
    /// The image of another machine; this machine without it.
    pub root: Option<PathBuf>,
    /// A service of the user rather than of the machine.
    pub user: bool,
    /// Home of the user.
    pub home: PathBuf,
    /// Where the user's settings are. Source: the XDG base directory specification.
    pub config: PathBuf,
    /// The program, as the service will see it.
    pub program: PathBuf,
}

impl Place {
    /// The place that the options and the environment name.
    pub fn here(user: bool, root: Option<PathBuf>) -> Result<Self, ServiceError> {
        let refused = |why: &str| ServiceError::Refused(why.to_owned());
        let var = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if user && root.is_some() {
            return Err(refused("--root is for the services of a machine: it doesn't go with --user"));
        }
        let home = match var("HOME") {
            Some(home) => home,
            None if user => return Err(refused("--user needs HOME to be set")),
            None => PathBuf::new(),
        };
        let config = var("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).unwrap_or_else(|| home.join(".config"));
        let running =
            env::current_exe().map_err(|e| ServiceError::Refused(format!("can't tell where tallyd is: {e}")))?;
        let program = match &root {
            None => running,
            Some(root) => running.strip_prefix(root).map_or_else(|_| PACKAGED.into(), |path| Path::new("/").join(path)),
        };
        Ok(Self { root, user, home, config, program })
    }

    /// A path of the service's machine as one of ours.
    pub fn under(&self, path: &Path) -> PathBuf {
        match &self.root {
            Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
            None => path.to_owned(),
        }
    }

    /// Whether something is there, be it a link to nowhere.
    pub fn exists(&self, path: &Path) -> bool {
        fs::symlink_metadata(self.under(path)).is_ok()
    }

    /// What a file holds, if it can be read.
    pub fn reads(&self, path: &Path) -> Option<Vec<u8>> {
        fs::read(self.under(path)).ok()
    }

    /// A service of the machine runs as a user of its own, who must reach the program.
    pub fn check_program(&self) -> Result<(), ServiceError> {
        if self.user || self.root.is_some() {
            return Ok(());
        }
        let closed = self.program.ancestors().find(|path| !path.as_os_str().is_empty() && !open_to_all(path));
        match closed {
            None => Ok(()),
            Some(closed) => Err(ServiceError::Refused(format!(
                "can't have {} run by a user of its own: {} is closed to others; put it to /usr/local/bin first, or use --user",
                self.program.display(),
                closed.display()
            ))),
        }
    }
}

/// Whether every user may run it, or pass through it.
fn open_to_all(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0)
}
