//! How large the program is, by how it is built.

use crate::document::Table;
use crate::peer::TALLYD;
use crate::small::STATIC;
use crate::{Bench, build};
use std::fs;
use std::io;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Builds what this machine builds by itself, and writes the table of all that there is.
pub fn run(bench: &Bench) -> io::Result<()> {
    let bare = format!("{ROOT}/target/without-tls");
    build(&["--release", "--no-default-features", "--target-dir", &bare])?;
    build(&["--profile", "release-small"])?;
    let device = |target| format!("{ROOT}/target/small/{target}/release-small/tallyd");
    let mut table = Table::new("sizes", &["build", "MB", "goal"]);
    for (name, path, goal) in [
        ("x86-64, glibc", TALLYD.to_owned(), "4"),
        ("the same without TLS", format!("{bare}/release/tallyd"), "2.5"),
        ("x86-64, glibc, release-small", format!("{ROOT}/target/release-small/tallyd"), ""),
        ("x86-64, musl, static, release-small", STATIC.to_owned(), ""),
        ("aarch64, musl, static, release-small", device("aarch64-unknown-linux-musl"), ""),
        ("armv7, musl, static, release-small", device("armv7-unknown-linux-musleabihf"), ""),
    ] {
        let size = fs::metadata(path).map_or("not built".into(), |file| format!("{:.2}", file.len() as f64 / 1e6));
        table.row([name.to_owned(), size, goal.to_owned()]);
    }
    bench.publish(table)
}
