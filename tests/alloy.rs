//! The files in `alloy/`: each scrape names its times, in seconds, and its timeout is not above its interval, which Alloy
//! finds out only when it runs. Lines are indented by tabs, as `alloy fmt` prints them.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;

fn seconds(body: &str, name: &str) -> u32 {
    let line = body.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
    line.split('"').nth(1).unwrap().strip_suffix('s').unwrap().parse().unwrap()
}

#[test]
fn each_scrape_has_a_timeout_within_its_interval() {
    let mut scrapes = 0;
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/alloy")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for block in text.split("\nprometheus.scrape ").skip(1) {
            let body = block.split("\n}\n").next().unwrap();
            assert!(seconds(body, "scrape_timeout") <= seconds(body, "scrape_interval"), "{}: {body}", path.display());
            scrapes += 1;
        }
        for line in text.lines().filter(|line| !line.starts_with("//")) {
            assert!(!line.starts_with(' ') && line.trim_end() == line, "{}: {line:?}", path.display());
        }
    }
    assert!(scrapes >= 6, "the files have scrapes");
}
