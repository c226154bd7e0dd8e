//! The web config file: passwords, header fields and TLS, with curl and openssl as peers.

use super::certificates::{certificate, signed};
use super::client::Client;
use super::common::have;
use super::server::{LARGE, Server, body, eventually};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tallyd::web::secure::Door;
use tallyd::web::stats::HANDSHAKES_FAILED;
use tempfile::TempDir;

fn guarded(dir: &TempDir, text: &str) -> Server {
    guarded_with(dir, text, Duration::from_secs(20))
}

fn guarded_with(dir: &TempDir, text: &str, head_timeout: Duration) -> Server {
    let path = dir.path().join("web.yml");
    fs::write(&path, text).unwrap();
    Server::with(|settings| {
        settings.door = Arc::new(Door::new(&path).unwrap());
        settings.limits.head_timeout = head_timeout;
    })
}

fn users(cost: u32) -> String {
    format!("basic_auth_users:\n  alice: {}\n", bcrypt::hash("wonderland", cost).unwrap())
}

fn ask(server: &Server, login: Option<&str>) -> (String, Option<String>) {
    let authorization = login.map(|login| format!("Authorization: Basic {}\r\n", STANDARD.encode(login)));
    let mut client = Client::new(server.at);
    client.send(format!("GET /metrics HTTP/1.1\r\nHost: a\r\n{}\r\n", authorization.unwrap_or_default()));
    let answer = client.answer();
    (answer.status.clone(), answer.field("WWW-Authenticate").map(str::to_owned))
}

fn logins(server: &Server, result: &str) -> u64 {
    server.stats.logins.with_label_values(&[result]).get()
}

#[test]
fn only_who_knows_a_password_comes_in_and_is_checked_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = guarded(&dir, &users(4));
    let (refused, basic) = ("HTTP/1.1 401 Unauthorized".to_owned(), Some("Basic".to_owned()));
    for login in [None, Some("alice:"), Some("alice:Wonderland"), Some("bob:wonderland"), Some("alice"), Some(":")] {
        assert_eq!(ask(&server, login), (refused.clone(), basic.clone()), "login: {login:?}");
    }
    for _ in 0..3 {
        assert_eq!(ask(&server, Some("alice:wonderland")), ("HTTP/1.1 200 OK".to_owned(), None));
    }
    // Two of those refused said nothing that could be checked.
    assert_eq!((logins(&server, "success"), logins(&server, "failure")), (1, 4));
    assert_eq!(server.refused("unauthorized"), 6);
    // The password changes, and the one that was right is right no more.
    let other = format!("basic_auth_users: {{alice: {}}}\n", bcrypt::hash("looking-glass", 4).unwrap());
    fs::write(dir.path().join("web.yml"), other).unwrap();
    eventually("the file is looked at", || ask(&server, Some("alice:wonderland")) == (refused.clone(), basic.clone()));
    assert_eq!(ask(&server, Some("alice:looking-glass")).0, "HTTP/1.1 200 OK");
}

#[test]
fn who_guesses_has_to_wait_and_others_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let server = guarded(&dir, &users(4));
    assert_eq!(ask(&server, Some("alice:wonderland")).0, "HTTP/1.1 200 OK");
    eventually("guessing is stopped", || ask(&server, Some("alice:guess")).0 == "HTTP/1.1 429 Too Many Requests");
    assert!(server.refused("login_limit") > 0 && logins(&server, "failure") >= 10);
    assert_eq!(ask(&server, Some("alice:wonderland")).0, "HTTP/1.1 200 OK");
}

#[test]
fn a_flood_of_costly_passwords_holds_up_no_scraper() {
    let dir = tempfile::tempdir().unwrap();
    // Enough work a password that the flood below is still being checked while the scraper comes.
    let server = guarded(&dir, &users(7));
    assert_eq!(ask(&server, Some("alice:wonderland")).0, "HTTP/1.1 200 OK");
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {}\r\n\r\n", STANDARD.encode("alice:x"));
    let mut flood: Vec<Client> = (0..10).map(|_| Client::new(server.at)).collect();
    flood.iter_mut().for_each(|client| _ = client.send(&head));
    for _ in 0..20 {
        assert_eq!(ask(&server, Some("alice:wonderland")).0, "HTTP/1.1 200 OK");
    }
    let refused = flood.iter_mut().map(|client| client.answer().status);
    assert!(refused.into_iter().all(|status| status.contains(" 401 ") || status.contains(" 429 ")));
}

#[test]
fn header_fields_are_those_of_every_answer() {
    let dir = tempfile::tempdir().unwrap();
    let server = guarded(&dir, "http_server_config:\n  headers:\n    X-Frame-Options: deny\n");
    for target in ["/metrics", "/", "/nothing"] {
        assert_eq!(Client::new(server.at).get(target).field("X-Frame-Options"), Some("deny"), "target: {target}");
    }
    let refused = Client::new(server.at).send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n").answer();
    assert_eq!(refused.field("X-Frame-Options"), Some("deny"));
}

fn curl(server: &Server, dir: &Path, target: &str, arguments: &str) -> Output {
    let url = format!("https://{}{target}", server.at);
    let arguments = arguments.split(' ').filter(|argument| !argument.is_empty());
    Command::new("curl").current_dir(dir).args(["-sSg", "--max-time", "20", &url]).args(arguments).output().unwrap()
}

const TLS: &str = "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n";

fn failed(server: &Server, reason: &str) -> u64 {
    server.stats.handshakes_failed.with_label_values(&[reason]).get()
}

#[test]
fn curl_reads_bodies_of_any_size_over_tls() {
    if !have("curl") || !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    certificate(dir.path(), "a");
    let server = guarded(&dir, TLS);
    for versions in ["--tlsv1.3", "--tls-max 1.2"] {
        let small = curl(&server, dir.path(), "/metrics", &format!("--cacert a.crt {versions}"));
        assert_eq!(String::from_utf8_lossy(&small.stdout), "up 1\n", "{}", String::from_utf8_lossy(&small.stderr));
        let large = curl(&server, dir.path(), "/metrics?collect[]=large", &format!("--cacert a.crt {versions}"));
        assert!(large.stdout == body(LARGE), "{} bytes came", large.stdout.len());
    }
    // Two requests on one connection.
    let url = format!("https://{}/-/healthy", server.at);
    let twice = curl(&server, dir.path(), "/metrics", &format!("--cacert a.crt {url}"));
    assert_eq!(String::from_utf8_lossy(&twice.stdout), "up 1\ntallyd is healthy.\n");
}

#[test]
fn plain_http_and_half_a_handshake_are_counted() {
    if !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    certificate(dir.path(), "a");
    let server = guarded_with(&dir, TLS, Duration::from_millis(300));
    let mut plain = TcpStream::connect(server.at).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut told = Vec::new();
    // What was not read of the request may turn the end into a reset.
    plain.read_to_end(&mut told).ok();
    assert!(String::from_utf8_lossy(&told).ends_with("Client sent an HTTP request to an HTTPS server.\n"));
    eventually("plain HTTP is counted", || failed(&server, "plain_http") == 1);
    let mut half = TcpStream::connect(server.at).unwrap();
    half.write_all(&[22, 3, 1, 2, 0, 1, 0]).unwrap();
    assert_eq!(half.read(&mut [0]).unwrap_or_default(), 0);
    eventually("half a handshake is counted", || failed(&server, "timeout") == 1);
    let mut noise = TcpStream::connect(server.at).unwrap();
    noise.write_all(&[0; 64]).unwrap();
    eventually("noise is counted", || failed(&server, "protocol") == 1);
}

#[test]
fn a_certificate_is_replaced_while_it_serves_and_a_broken_one_is_not_taken() {
    if !have("curl") || !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let reloads = |server: &Server, result| server.stats.config_reloads.with_label_values(&[result]).get();
    certificate(dir.path(), "a");
    certificate(dir.path(), "b");
    fs::copy(dir.path().join("a.crt"), dir.path().join("old.crt")).unwrap();
    let server = guarded(&dir, TLS);
    assert!(curl(&server, dir.path(), "/metrics", "--cacert old.crt").status.success());
    fs::write(dir.path().join("a.crt"), "no certificate").unwrap();
    eventually("the files are looked at", || {
        assert!(curl(&server, dir.path(), "/metrics", "--cacert old.crt").status.success());
        reloads(&server, "failure") == 1
    });
    assert_eq!(reloads(&server, "success"), 0);
    for kind in ["key", "crt"] {
        fs::rename(dir.path().join(format!("b.{kind}")), dir.path().join(format!("a.{kind}"))).unwrap();
    }
    eventually("they are looked at again", || curl(&server, dir.path(), "/metrics", "--cacert a.crt").status.success());
    assert!(!curl(&server, dir.path(), "/metrics", "--cacert old.crt").status.success());
    assert_eq!((reloads(&server, "success"), reloads(&server, "failure")), (1, 1));
}

#[test]
fn certificates_change_under_load_and_no_request_fails() {
    if !have("curl") || !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    ["a", "b"].iter().for_each(|name| certificate(dir.path(), name));
    let pairs = ["b", "a"].map(|name| ["key", "crt"].map(|kind| fs::read(at(&format!("{name}.{kind}"))).unwrap()));
    fs::write(at("all.crt"), pairs.each_ref().map(|[_, certificate]| certificate.clone()).concat()).unwrap();
    let server = guarded(&dir, TLS);
    let reloads = || server.stats.config_reloads.with_label_values(&["success"]).get();
    let (over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let url = format!("https://{}/-/healthy", server.at);
                while !over.load(Ordering::Relaxed) {
                    // Two requests on one connection.
                    let output = curl(&server, dir.path(), "/metrics", &format!("--cacert all.crt {url}"));
                    let said = String::from_utf8_lossy(&output.stdout);
                    assert_eq!(said, "up 1\ntallyd is healthy.\n", "{}", String::from_utf8_lossy(&output.stderr));
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // Ends them where this thread fails, too.
        let _over = Over(&over);
        for (count, pair) in (1..=4).zip(pairs.iter().cycle()) {
            for (bytes, kind) in pair.iter().zip(["key", "crt"]) {
                fs::write(at("new"), bytes).unwrap();
                fs::rename(at("new"), at(&format!("a.{kind}"))).unwrap();
            }
            let before = asked.load(Ordering::Relaxed);
            eventually("it is read again", || reloads() >= count);
            eventually("it is used", || asked.load(Ordering::Relaxed) > before + 6);
        }
    });
    assert_eq!(HANDSHAKES_FAILED.map(|reason| failed(&server, reason)).iter().sum::<u64>(), 0);
}

/// Says that it is over when it goes.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn of_clients_with_certificates_only_those_with_an_allowed_name_come_in() {
    if !have("curl") || !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    ["a", "ca"].iter().for_each(|name| certificate(dir.path(), name));
    signed(dir.path(), "named", "subjectAltName=DNS:other.example,URI:spiffe://example/prometheus");
    signed(dir.path(), "other", "subjectAltName=DNS:spiffe.example");
    signed(dir.path(), "nameless", "");
    let allowed = "  client_allowed_sans: [host.example, 'spiffe://example/prometheus']\n";
    for (kind, ca) in [
        ("RequireAnyClientCert", ""),
        ("VerifyClientCertIfGiven", "  client_ca_file: ca.crt\n"),
        ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n"),
    ] {
        let server = guarded(&dir, &format!("{TLS}  client_auth_type: {kind}\n{ca}{allowed}"));
        let come_in = ["named", "other", "nameless", ""].map(|name| {
            let certificate =
                if name.is_empty() { String::new() } else { format!("--cert {name}.crt --key {name}.key") };
            let output = curl(&server, dir.path(), "/metrics", &format!("--cacert a.crt {certificate}"));
            output.status.success() && output.stdout == b"up 1\n"
        });
        assert_eq!(come_in, [true, false, false, false], "{kind}");
        let counted = || (failed(&server, "not_allowed"), failed(&server, "no_certificate"));
        eventually("all who were refused are counted", || counted() == (2, 1));
    }
}

#[test]
fn clients_are_asked_for_certificates_as_the_file_says() {
    if !have("curl") || !have("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    ["a", "ca", "stranger"].iter().for_each(|name| certificate(dir.path(), name));
    signed(dir.path(), "c", "");
    let ours = "--cert c.crt --key c.key";
    let strange = "--cert stranger.crt --key stranger.key";
    // With none, one of the CA's and another one.
    for (kind, ca, want) in [
        ("NoClientCert", "", [true, true, true]),
        ("RequestClientCert", "", [true, true, true]),
        ("RequireAnyClientCert", "", [false, true, true]),
        ("VerifyClientCertIfGiven", "  client_ca_file: ca.crt\n", [true, true, false]),
        ("RequireAndVerifyClientCert", "  client_ca_file: ca.crt\n", [false, true, false]),
    ] {
        let server = guarded(&dir, &format!("{TLS}  client_auth_type: {kind}\n{ca}"));
        let come_in = ["", ours, strange].map(|certificate| {
            let output = curl(&server, dir.path(), "/metrics", &format!("--cacert a.crt {certificate}"));
            output.status.success() && output.stdout == b"up 1\n"
        });
        assert_eq!(come_in, want, "{kind}");
        let refused = want.iter().filter(|came| !**came).count() as u64;
        let counted = || failed(&server, "no_certificate") + failed(&server, "bad_certificate");
        eventually("all who were refused are counted", || counted() == refused);
    }
}
