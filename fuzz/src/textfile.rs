//! Text files with metrics: each is left out whole or shown, and what is shown is a valid body.

use super::exposition::{Values, check_exposition};
use std::cell::RefCell;
use std::fs;
use tallyd::cli::{self, Request};
use tallyd::config::Config;
use tallyd::encode::Encoder;
use tallyd::host::Host;
use tempfile::TempDir;

thread_local! {
    static HOST: RefCell<(Host, TempDir)> = RefCell::new(host());
}

/// A host of which the text files are all that is collected.
fn host() -> (Host, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let directory = format!("--collector.textfile.directory={}", folder.path().display());
    let args = ["--collector.disable-defaults", "--collector.textfile", &directory];
    let Ok(Request::Run(flags)) = cli::parse(args) else { panic!("flags") };
    (Config::new(&flags).expect("a config").host, folder)
}

/// Panics where it does not hold.
pub fn check(text: &[u8]) {
    HOST.with_borrow_mut(|(host, folder)| {
        fs::write(folder.path().join("fuzz.prom"), text).expect("a file");
        let mut encoder = Encoder::default();
        host.collect(&host.select(&[], &[]).expect("all collectors"), &mut encoder);
        let mut body = Vec::new();
        encoder.take(&mut body);
        let shown = String::from_utf8_lossy(&body);
        assert!(shown.contains("node_scrape_collector_success{collector=\"textfile\"} 1"), "{shown}");
        check_exposition(&body, Values::Any);
    });
}
