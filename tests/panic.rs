//! A panic on any thread ends the process with a message and status 70.

#![allow(clippy::unwrap_used, clippy::panic, clippy::exit)]

use std::process::Command;
use std::thread;
use tallyd::panic::{STATUS, end_on_panic};

/// Set where this program runs itself.
const INSIDE: &str = "TALLYD_TEST_PANIC";

#[test]
fn a_panic_on_any_thread_ends_the_process() {
    if std::env::var_os(INSIDE).is_some() {
        end_on_panic(std::process::exit);
        let thread = thread::Builder::new().name("worker".into()).spawn(|| panic!("a fault")).unwrap();
        // Without the hook the join would go on, and the status be another.
        drop(thread.join());
        return;
    }
    let me = std::env::current_exe().unwrap();
    let output = Command::new(me).arg("--nocapture").env(INSIDE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), STATUS), (Some(70), 70), "{said}");
    assert!(said.contains("'worker'") && said.contains("a fault"), "{said}");
}
