//! Sockets in the file system: made with a mode, in the place of one that an earlier run left behind, and removed at the
//! end.

use super::{BindError, reason};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A socket in the file system, removed when this is dropped.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(e) = fs::remove_file(&self.0)
            && e.kind() != io::ErrorKind::NotFound
        {
            log::warn!("can't remove {}: {e}", self.0.display());
        }
    }
}

/// Reads what follows `unix:` in `unix:///PATH`.
pub fn parse_path(text: &str) -> Result<PathBuf, String> {
    let path = text.strip_prefix("//").filter(|path| path.starts_with('/') && path.len() > 1);
    let path = path.ok_or("a unix socket is unix:///PATH, the path from the root on")?;
    fitting(path)
}

/// A path that a socket can be at: there is room for some hundred bytes.
pub fn fitting(path: &str) -> Result<PathBuf, String> {
    match SocketAddr::from_pathname(path) {
        Ok(_) => Ok(path.into()),
        Err(_) => Err("the path of a unix socket may not have so many bytes".into()),
    }
}

/// Reads permission bits, as `chmod` takes them.
pub fn parse_mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    mode.ok_or_else(|| "a mode is up to four octal digits".into())
}

/// Where a socket is, for people.
pub fn place(address: io::Result<SocketAddr>) -> String {
    match address {
        // Of a socket that a service manager has bound in the abstract namespace, this tells the name.
        Ok(address) => address.as_pathname().map_or_else(|| format!("{address:?}"), |path| path.display().to_string()),
        Err(e) => e.to_string(),
    }
}

/// Binds a socket for datagrams.
pub fn bind_datagram(flag: &'static str, path: &Path, mode: u32) -> Result<(UnixDatagram, SocketFile), BindError> {
    let knock = || UnixDatagram::unbound()?.connect(path);
    bind_file(flag, path, mode, knock, UnixDatagram::bind)
}

/// Binds a socket that listens, non-blocking.
pub fn bind_stream(flag: &'static str, path: &Path, mode: u32) -> Result<(UnixListener, SocketFile), BindError> {
    let knock = || UnixStream::connect(path).map(drop);
    bind_file(flag, path, mode, knock, |path| {
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true).map(|()| listener)
    })
}

/// Binds a socket in the file system. `knock` tells whether somebody reads from the one that is there.
fn bind_file<'p, S>(
    flag: &'static str,
    path: &'p Path,
    mode: u32,
    knock: impl Fn() -> io::Result<()>,
    bind: impl Fn(&'p Path) -> io::Result<S>,
) -> Result<(S, SocketFile), BindError> {
    let bound = || {
        remove_stale(path, knock)?;
        let socket = bind(path)?;
        let file = SocketFile(path.to_owned());
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        Ok((socket, file))
    };
    bound().map_err(|e: io::Error| BindError {
        flag,
        address: path.display().to_string(),
        why: reason(&e),
        absent: false,
    })
}

/// Removes a socket that an earlier run left behind: one that nobody reads from. Anything else stays where it is.
fn remove_stale(path: &Path, knock: impl Fn() -> io::Result<()>) -> io::Result<()> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    if is_socket && knock().is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused) {
        fs::remove_file(path)?;
    }
    Ok(())
}
