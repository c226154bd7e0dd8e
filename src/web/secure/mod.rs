//! Who may come in, and in which words: the web config file (`--web.config.file`), in exporter-toolkit's format.
//!
//! The file, and those that it names, are looked at when a connection or a request comes, at most once a second, and read
//! again when one of them has changed. What can't be used then is said and counted, and what was before stays.

pub mod file;
pub mod login;
pub mod names;
#[cfg(feature = "tls")]
mod san;
#[cfg(feature = "tls")]
pub mod session;
#[cfg(feature = "tls")]
mod tls;

use super::stats::Stats;
use crate::yaml::{self, FileError};
use file::{Pem, WebFile};
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tiny_http::Header;

/// The files are looked at so often at most: each look asks the system about all of them.
const LOOK: Duration = Duration::from_secs(1);

/// What the file says, ready for use.
#[derive(Default)]
pub struct Rules {
    /// How TLS is spoken.
    #[cfg(feature = "tls")]
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// Header fields of every answer.
    pub headers: Vec<Header>,
    /// Names with their bcrypt hashes; none to let everyone in.
    pub users: Vec<(String, String)>,
}

impl Rules {
    fn new(file: WebFile) -> Result<Self, FileError> {
        #[cfg(not(feature = "tls"))]
        if let Some(tls) = &file.tls {
            return Err(FileError::new(tls.line, "this tallyd was built without TLS (the feature tls)"));
        }
        Ok(Self {
            #[cfg(feature = "tls")]
            tls: file.tls.as_ref().map(tls::config).transpose()?,
            headers: file.headers.iter().filter_map(|(name, value)| super::print::field(name, value)).collect(),
            users: file.users,
        })
    }

    /// Whether TLS is spoken.
    pub fn has_tls(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }
}

/// The file as it was last read. Shows nothing of what it says.
#[derive(Default)]
pub struct Door {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rules: Arc<Rules>,
    /// When the files were last looked at.
    looked: Option<Instant>,
    /// The files that were read, and how they looked.
    seen: Vec<(PathBuf, Stamp)>,
}

/// By what a file shows that it is another: its number, size and times. `None`: it can't be looked at.
type Stamp = Option<(u64, u64, i64, i64, i64, i64)>;

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Door {
    /// Reads a file for the first time.
    pub fn new(path: &Path) -> Result<Self, FileError> {
        let (rules, seen) = read(path);
        let state = Mutex::new(State { rules: Arc::new(rules?), looked: None, seen });
        Ok(Self { path: Some(path.to_owned()), state })
    }

    /// Whether there is a file.
    pub fn is_guarded(&self) -> bool {
        self.path.is_some()
    }

    /// What URLs of it begin with.
    pub fn scheme(&self) -> &'static str {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.rules.has_tls() { "https" } else { "http" }
    }

    /// What the file says now, or said when it was last looked at.
    pub fn rules(&self, stats: &Stats) -> Arc<Rules> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &self.path
            && state.is_time(Instant::now())
            && state.seen.iter().any(|(path, stamp)| self::stamp(path) != *stamp)
        {
            let (rules, seen) = read(path);
            state.seen = seen;
            let told = rules.and_then(|rules| match rules.has_tls() == state.rules.has_tls() {
                true => Ok(rules),
                false => Err(FileError::new(0, "TLS begins or ends with a restart only").in_file(path)),
            });
            match told {
                Ok(rules) => {
                    state.rules = Arc::new(rules);
                    stats.config_reloads.with_label_values(&["success"]).inc();
                    log::info!("read the web config file {} again", path.display());
                }
                Err(e) => {
                    stats.config_reloads.with_label_values(&["failure"]).inc();
                    log::warn!("the web config file stays as it was: {e}");
                }
            }
        }
        Arc::clone(&state.rules)
    }
}

impl State {
    /// Whether it is time to look at the files.
    fn is_time(&mut self, now: Instant) -> bool {
        let is_time = self.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= LOOK);
        if is_time {
            self.looked = Some(now);
        }
        is_time
    }
}

/// The rules of a file, and the files that they come from. These are looked at before they are read: what changes
/// meanwhile is read again.
fn read(path: &Path) -> (Result<Rules, FileError>, Vec<(PathBuf, Stamp)>) {
    let mut seen = vec![(path.to_owned(), stamp(path))];
    let dir = path.parent().unwrap_or(Path::new(""));
    let parsed =
        yaml::text_of(path, file::MAX_FILE_BYTES).and_then(|text| file::parse(&text, dir).map_err(|e| e.in_file(path)));
    let named = parsed.as_ref().ok().and_then(|file| file.tls.as_ref());
    for pem in named.iter().flat_map(|tls| [Some(&tls.cert), Some(&tls.key), tls.client_ca.as_ref()]).flatten() {
        if let Pem::File(path) = pem {
            seen.push((path.clone(), stamp(path)));
        }
    }
    let rules =
        parsed.and_then(|file| Rules::new(file).map_err(|e| if e.path.is_some() { e } else { e.in_file(path) }));
    (rules, seen)
}

fn stamp(path: &Path) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_looked_at_once_a_second() {
        let (mut state, start) = (State::default(), Instant::now());
        for (millis, is_time) in [(0, true), (0, false), (999, false), (1000, true), (1500, false), (2000, true)] {
            assert_eq!(state.is_time(start + Duration::from_millis(millis)), is_time, "after {millis} ms");
        }
    }
}
