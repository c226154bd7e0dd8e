//! What must hold whatever a parser is given, a module for each fuzz target. The tests of the program run them, too, over
//! the seeds (`tests/fuzz_seeds.rs`).

pub mod exposition;

pub mod authorization;
pub mod certificate;
pub mod flags_file;
pub mod host_files;
pub mod http_head;
pub mod line;
pub mod mapping;
pub mod state;
pub mod stream;
pub mod textfile;
pub mod web_config;
