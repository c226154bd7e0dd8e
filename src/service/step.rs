//! Steps of an installation. Each is said as it is done; when one fails, those before it are undone, the last first.

use super::{Place, ServiceError};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program and its arguments; no shell stands between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    program: String,
    arguments: Vec<String>,
}

impl Call {
    /// A program by name or path.
    pub fn new(program: impl Into<String>, arguments: &[&str]) -> Self {
        Self { program: program.into(), arguments: arguments.iter().map(|&argument| argument.to_owned()).collect() }
    }

    /// Runs it to its end. The reason of a failure is what a sentence about it ends with.
    pub fn run(&self) -> Result<(), String> {
        match Command::new(&self.program).args(&self.arguments).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(status.to_string()),
            Err(e) => Err(e.to_string()),
        }
    }

    /// Whether it ends well; what it prints is not for the user.
    pub fn succeeds(&self) -> bool {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

/// A file to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where, as the machine of the service will see it.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
    /// Its permissions.
    pub mode: u32,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Writes a file, or replaces it.
    Write(File),
    /// Makes a symbolic link.
    Link {
        /// Where.
        at: PathBuf,
        /// What it leads to.
        to: PathBuf,
    },
    /// Removes a file or a link.
    Remove(PathBuf),
    /// Runs a program.
    Run {
        /// Which.
        call: Call,
        /// What undoes it.
        undo: Call,
        /// Whether that comes after all that else is to undo.
        last: bool,
    },
}

impl Step {
    /// [`Step::Write`].
    pub fn write(path: PathBuf, text: &str, mode: u32) -> Self {
        Self::Write(File { path, text: text.to_owned(), mode })
    }

    /// [`Step::Link`].
    pub fn link((at, to): (PathBuf, PathBuf)) -> Self {
        Self::Link { at, to }
    }
}

/// How a step is undone. Paths are whole ones.
enum Undo {
    Remove(PathBuf),
    RemoveFolder(PathBuf),
    Restore(File, Vec<u8>),
    Relink { at: PathBuf, to: PathBuf },
    Run(Call),
}

/// Does steps, says so, and remembers how to undo them.
pub struct Work<'a> {
    place: &'a Place,
    out: &'a mut dyn Write,
    undo: Vec<Undo>,
}

impl<'a> Work<'a> {
    /// Nothing done yet.
    pub fn new(place: &'a Place, out: &'a mut dyn Write) -> Self {
        Self { place, out, undo: Vec::new() }
    }

    /// Says a line. A reader that has gone away does not stop the work.
    pub fn say(&mut self, line: &str) {
        drop(writeln!(self.out, "{line}"));
    }

    /// Does all steps, or none.
    pub fn all(&mut self, steps: Vec<Step>) -> Result<(), ServiceError> {
        let done = steps.into_iter().try_for_each(|step| self.one(step));
        if done.is_err() {
            self.undo_all();
        }
        done
    }

    fn one(&mut self, step: Step) -> Result<(), ServiceError> {
        match step {
            Step::Write(file) => self.write(File { path: self.place.under(&file.path), ..file }),
            Step::Link { at, to } => self.link(self.place.under(&at), to),
            Step::Remove(path) => self.remove(&self.place.under(&path)),
            Step::Run { call, undo, last } => {
                call.run().map_err(|why| ServiceError::Call { call: call.clone(), why })?;
                self.say(&format!("ran {call}"));
                self.undo.insert(if last { 0 } else { self.undo.len() }, Undo::Run(undo));
                Ok(())
            }
        }
    }

    fn write(&mut self, file: File) -> Result<(), ServiceError> {
        self.make_folders(&file.path)?;
        let fails = self.fails("write", &file.path);
        let old = match fs::read(&file.path) {
            Ok(bytes) => Some((bytes, fs::metadata(&file.path).map_err(&fails)?.permissions().mode())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(fails(e)),
        };
        put(&file, file.text.as_bytes()).map_err(fails)?;
        let path = file.path.clone();
        self.say(&format!("{} {}", if old.is_some() { "replaced" } else { "wrote" }, path.display()));
        self.undo.push(match old {
            Some((bytes, mode)) => Undo::Restore(File { mode, ..file }, bytes),
            None => Undo::Remove(path),
        });
        Ok(())
    }

    fn link(&mut self, at: PathBuf, to: PathBuf) -> Result<(), ServiceError> {
        self.make_folders(&at)?;
        symlink(&to, &at).map_err(self.fails("link", &at))?;
        self.say(&format!("linked {} to {}", at.display(), to.display()));
        self.undo.push(Undo::Remove(at));
        Ok(())
    }

    fn remove(&mut self, path: &Path) -> Result<(), ServiceError> {
        let fails = self.fails("remove", path);
        let meta = fs::symlink_metadata(path).map_err(&fails)?;
        let undo = if meta.is_symlink() {
            Undo::Relink { at: path.to_owned(), to: fs::read_link(path).map_err(&fails)? }
        } else {
            let file = File { path: path.to_owned(), text: String::new(), mode: meta.permissions().mode() };
            Undo::Restore(file, fs::read(path).map_err(&fails)?)
        };
        fs::remove_file(path).map_err(fails)?;
        self.say(&format!("removed {}", path.display()));
        self.undo.push(undo);
        Ok(())
    }

    /// What an error of the system makes of a step.
    fn fails(&self, tried: &'static str, path: &Path) -> impl Fn(io::Error) -> ServiceError + use<> {
        let (path, user) = (path.to_owned(), self.place.user);
        move |source| ServiceError::File { tried, path: path.clone(), user, source }
    }

    /// Makes the folders above a path that are not there.
    fn make_folders(&mut self, path: &Path) -> Result<(), ServiceError> {
        let missing: Vec<&Path> = path.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir(folder).map_err(self.fails("make", folder))?;
            self.undo.push(Undo::RemoveFolder(folder.to_owned()));
        }
        Ok(())
    }

    fn undo_all(&mut self) {
        while let Some(undo) = self.undo.pop() {
            let line = match undo.run() {
                Ok(did) => format!("undone: {did}"),
                Err(why) => format!("can't undo: {why}"),
            };
            self.say(&line);
        }
    }
}

impl Undo {
    /// What was done, or why it could not be.
    fn run(self) -> Result<String, String> {
        let (did, path, result) = match self {
            Self::Run(call) => {
                return call.run().map(|()| format!("ran {call}")).map_err(|why| format!("{call}: {why}"));
            }
            Self::Remove(path) => ("removed", path.clone(), fs::remove_file(path)),
            Self::RemoveFolder(path) => ("removed", path.clone(), fs::remove_dir(path)),
            Self::Restore(file, bytes) => ("restored", file.path.clone(), put(&file, &bytes)),
            Self::Relink { at, to } => ("restored", at.clone(), symlink(to, at)),
        };
        result.map(|()| format!("{did} {}", path.display())).map_err(|e| format!("{}: {e}", path.display()))
    }
}

/// Puts a file in its place whole: a reader sees the old one or the new one, and so does one after a power cut.
fn put(file: &File, bytes: &[u8]) -> io::Result<()> {
    let mut name = file.path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = file.path.with_file_name(name);
    let written =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(file.mode).open(&beside).and_then(
            |mut handle| {
                handle.write_all(bytes)?;
                // The mode of an open is cut by the umask, and a file that was there keeps its own.
                handle.set_permissions(fs::Permissions::from_mode(file.mode & 0o7777))?;
                handle.sync_all()
            },
        );
    let placed = written.and_then(|()| fs::rename(&beside, &file.path));
    if placed.is_err() {
        // The error is told; what is left beside is no worse than that.
        drop(fs::remove_file(&beside));
    }
    placed
}
