//! What may not be repeated is not: neither in the log, however much of it is asked for, nor on any page, nor on stderr.

#![allow(clippy::unwrap_used)]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{Agent, ask, await_that, program};
use std::cell::RefCell;
use std::fs;

const RIGHT: &str = "open-sesame";
const WRONG: &str = "open-barley";
const KEY: &str = "bm90IHJlYWxseSBhIGtleQ";

/// Ways in which a file with secrets can be wrong. `HASH` stands for a hash.
const BROKEN: [&str; 6] = [
    "basic_auth_users:\n  alice: HASHxx\n",
    "basic_auth_users:\n  alice: open-sesame\n",
    "basic_auth_users:\n  alice: [HASH\n",
    "basic_auth_users:\n  alice: {HASH: HASH}\n",
    "basic_auth_users:\n  - HASH\n",
    "tls_server_config:\n  cert: none\n  key: bm90IHJlYWxseSBhIGtleQ\n",
];

#[test]
fn passwords_hashes_and_keys_are_never_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("web.yml");
    let hash = bcrypt::hash(RIGHT, 4).unwrap();
    // Salt and what came of it, also where the cost is left out.
    let digest = hash.rsplit('$').next().unwrap().to_owned();
    let good = format!("basic_auth_users:\n  alice: {hash}\n");
    fs::write(&path, &good).unwrap();
    let config = format!("--web.config.file={}", path.display());
    let agent = Agent::start(&[&config, "--log.level=debug"]);
    let said = RefCell::new(String::new());
    let request = |login: &str, target: &str| {
        let field = format!("Authorization: Basic {}\r\n", STANDARD.encode(login));
        let answer = ask(agent.web, "GET", target, &field);
        said.borrow_mut().extend([answer.head, answer.body]);
        answer.status
    };
    let (right, wrong) = (format!("alice:{RIGHT}"), format!("alice:{WRONG}"));
    assert_eq!(request(&right, "/metrics"), 200);
    assert_eq!([request(&wrong, "/metrics"), request(&format!("{RIGHT}:alice"), "/")], [401, 401]);
    for broken in BROKEN {
        let text = broken.replace("HASH", &hash);
        fs::write(&path, &text).unwrap();
        let failures = agent.log().matches("stays as it was").count();
        await_that("it is read", || {
            request(&right, "/-/healthy");
            agent.log().matches("stays as it was").count() > failures
        });
        let output = program().args(["--check-config", &config]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        said.borrow_mut().push_str(&String::from_utf8(output.stderr).unwrap());
    }
    for target in ["/metrics", "/", "/-/top", "/nothing"] {
        request(&right, target);
    }
    let said = said.into_inner() + &agent.log();
    for secret in [RIGHT, WRONG, &STANDARD.encode(&right), &STANDARD.encode(&wrong), &hash, &digest, KEY] {
        let place = said.find(secret);
        assert_eq!(place.map(|at| &said[at.saturating_sub(200)..at]), None, "{secret} stands behind this");
    }
    assert!(said.contains("alice") && said.contains("DEBUG"), "{said}");
}
