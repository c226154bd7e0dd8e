//! Certificates for tests, made by openssl.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs openssl in a folder.
pub fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(dir).args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a certificate for localhost, signed by itself.
pub fn certificate(dir: &Path, name: &str) {
    let subject = "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1";
    let key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    openssl(dir, &format!("{key} -keyout {name}.key -out {name}.crt {subject}"));
}

/// Makes a certificate for a client, signed by `ca`, with these extensions besides.
pub fn signed(dir: &Path, name: &str, extensions: &str) {
    openssl(dir, &format!("req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN=prometheus"));
    let extensions = format!("basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n{extensions}\n");
    fs::write(dir.join("ext"), extensions).unwrap();
    let by = "-CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext";
    openssl(dir, &format!("x509 -req -in {name}.csr {by} -out {name}.crt"));
}
