//! Files of the kernel: one of the fixtures with some of its bytes changed, or with other text in its place, read by the
//! collectors that read it. What comes of it is an error or samples, and the body is one that a scraper can read.
//!
//! The first two bytes pick the file. Of the third, an odd one says that the rest stands in its place; else the rest is a
//! list of changes of four bytes each: what, where (two), and by what.

use super::exposition::{Values, check_exposition};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tallyd::encode::Encoder;
use tallyd::flag::Values as Flags;
use tallyd::host::{COLLECTORS, Env, Host, Roots};
use tempfile::TempDir;

thread_local! {
    static TREE: RefCell<Tree> = RefCell::new(Tree::new());
}

/// A copy of the fixtures, and a host for each collector that reads them.
struct Tree {
    _folder: TempDir,
    /// Each file with its text.
    files: Vec<(PathBuf, Vec<u8>)>,
    hosts: Vec<Host>,
    /// By file, the collectors that read it, once that is known.
    readers: HashMap<usize, Vec<usize>>,
}

impl Tree {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = Vec::new();
        copy(&fixtures(), folder.path(), &mut files);
        files.sort();
        let at = |name: &str| folder.path().join(name);
        let roots = Roots::new(at("proc"), at("sys"), at("root"), at("udev"));
        let flags = Flags::defaults(COLLECTORS.iter().flat_map(|spec| spec.flags));
        let env = Env { roots: &roots, flags: &flags };
        let host = |name| Host::new(COLLECTORS, &env, |spec| spec.name == name).expect("a host");
        let hosts = COLLECTORS.iter().map(|spec| host(spec.name)).collect();
        Self { _folder: folder, files, hosts, readers: HashMap::new() }
    }

    /// Which collectors show something else, or fail, when the file says nothing.
    fn find_readers(&self, file: usize) -> Vec<usize> {
        let (path, text) = &self.files[file];
        let shown = || self.hosts.iter().map(scrape).collect::<Vec<_>>();
        let before = shown();
        fs::write(path, "~").expect("a file");
        let after = shown();
        fs::write(path, text).expect("a file");
        (0..self.hosts.len()).filter(|host| before[*host] != after[*host]).collect()
    }

    fn try_with(&mut self, file: usize, text: &[u8]) {
        if !self.readers.contains_key(&file) {
            self.readers.insert(file, self.find_readers(file));
        }
        let (path, usual) = &self.files[file];
        fs::write(path, text).expect("a file");
        for host in &self.readers[&file] {
            check_exposition(scrape(&self.hosts[*host]).as_bytes(), Values::Kernel);
        }
        fs::write(path, usual).expect("a file");
    }
}

/// What a host shows, without how long that took.
fn scrape(host: &Host) -> String {
    let (mut encoder, mut body) = (Encoder::default(), Vec::new());
    host.collect(&host.select(&[], &[]).expect("all collectors"), &mut encoder);
    encoder.take(&mut body);
    assert_eq!(encoder.refused(), [], "families that are left out");
    let body = String::from_utf8(body).expect("UTF-8");
    body.split_inclusive('\n').filter(|line| !line.starts_with("node_scrape_collector_duration_seconds{")).collect()
}

/// The fixtures of the program's tests, whose own crate this may be or not.
fn fixtures() -> PathBuf {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.map(|folder| folder.join("tests/fixtures/host")).find(|path| path.is_dir()).expect("fixtures")
}

fn copy(from: &Path, to: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(Result::unwrap) {
        let (kind, to) = (entry.file_type().expect("a kind"), to.join(entry.file_name()));
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).expect("a link"), to).expect("a link");
        } else if kind.is_dir() {
            copy(&entry.path(), &to, files);
        } else {
            let text = fs::read(entry.path()).expect("a file");
            fs::write(&to, &text).expect("a file");
            files.push((to, text));
        }
    }
}

/// Changes bytes of a text: sets one, takes one out, puts one in, doubles a piece, or cuts the rest off.
fn change(text: &mut Vec<u8>, edits: &[u8]) {
    for edit in edits.chunks_exact(4).take(32) {
        let at = usize::from(u16::from_le_bytes([edit[1], edit[2]])) % (text.len() + 1);
        match edit[0] % 5 {
            0 if at < text.len() => text[at] = edit[3],
            1 if at < text.len() => drop(text.remove(at)),
            2 => text.insert(at, edit[3]),
            3 => {
                let piece = text[at..].iter().take(usize::from(edit[3])).copied().collect::<Vec<u8>>();
                text.splice(at..at, piece);
            }
            4 if edit[3] == 0 => text.truncate(at),
            _ => {}
        }
    }
}

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let [low, high, how, rest @ ..] = data else { return };
    TREE.with_borrow_mut(|tree| {
        let file = usize::from(u16::from_le_bytes([*low, *high])) % tree.files.len();
        if how % 2 == 1 {
            return tree.try_with(file, rest);
        }
        let mut text = tree.files[file].1.clone();
        change(&mut text, rest);
        tree.try_with(file, &text);
    });
}
