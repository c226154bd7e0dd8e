//! Mapping files: each is refused with a sentence or makes rules, which then map names that they are for and others.

use tallyd::statsd::map::{EventKind, Mapper, Scratch};

const NAMES: [&str; 6] = ["", "a", "a.b.c", "test.dispatcher.Foo.send.success", "ä.ö", "......"];

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mapper = match Mapper::from_yaml(text) {
        Ok(mapper) => mapper,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let own: Vec<String> = mapper.rules().take(20).map(|rule| rule.matching.replace('*', "xy")).collect();
    let mut scratch = Scratch::default();
    for name in NAMES.iter().copied().chain(own.iter().map(String::as_str)) {
        for kind in EventKind::ALL {
            let Some(found) = mapper.find(name, kind, &mut scratch) else { continue };
            assert!(found.id < mapper.rules().len());
            let names: Vec<&str> = found.labels().map(|(name, _)| name).collect();
            assert!(names.is_sorted(), "labels by name: {names:?}");
        }
    }
    mapper.dot(&mut Vec::new()).expect("a vector takes all");
}
