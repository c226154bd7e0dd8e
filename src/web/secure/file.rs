//! The web config file, as text says it. Source: exporter-toolkit, docs/web-configuration.md.

use crate::yaml::fields::{Fields, entries, list, switch, text, word};
use crate::yaml::{self, Entry, FileError, Node};
use std::path::{Path, PathBuf};

/// A web config file, or a file that it names, may have this many bytes.
pub const MAX_FILE_BYTES: u64 = 1 << 20;
/// There may be this many users. Each of them is compared with at each login.
pub const MAX_USERS: usize = 1000;
/// The cost of a bcrypt hash, above which one login takes longer than a scrape may.
const MAX_COST: u32 = 16;

const FILE_KEYS: &[&str] = &["tls_server_config", "http_server_config", "basic_auth_users"];
const TLS_KEYS: &[&str] = &[
    "cert",
    "key",
    "client_ca",
    "cert_file",
    "key_file",
    "client_ca_file",
    "client_auth_type",
    "client_allowed_sans",
    "min_version",
    "max_version",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
];
const VERSIONS: &[(&str, Version)] = &[("TLS12", Version::Tls12), ("TLS13", Version::Tls13)];
/// Header fields that may be set, and what they may be, where that is not free.
const HEADERS: &[(&str, &[&str])] = &[
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

/// What a file says.
#[derive(Default)]
pub struct WebFile {
    /// How TLS is spoken; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Header fields of every answer.
    pub headers: Vec<(String, String)>,
    /// Names with their bcrypt hashes.
    pub users: Vec<(String, String)>,
}

/// How TLS is spoken.
pub struct Tls {
    /// The line that begins it.
    pub line: usize,
    /// The certificate, and those that it rests on.
    pub cert: Pem,
    /// Its key.
    pub key: Pem,
    /// Who signs the certificates of clients.
    pub client_ca: Option<Pem>,
    /// What is asked of clients.
    pub client_auth: ClientAuth,
    /// Names, one of which the certificate of a client has to have; `None` for any.
    pub client_sans: Option<Vec<String>>,
    /// The oldest version that is spoken.
    pub min: Version,
    /// The newest.
    pub max: Version,
    /// Suites of TLS 1.2, as Go names them, with their lines; none for all.
    pub suites: Vec<(String, usize)>,
    /// Curves, as Go names them, with their lines, the best first; none for all.
    pub curves: Vec<(String, usize)>,
}

/// PEM text, or where it is.
pub enum Pem {
    /// The text.
    Inline(String),
    /// A file.
    File(PathBuf),
}

impl Pem {
    /// The text. An error names the file.
    pub fn read(&self) -> Result<String, FileError> {
        match self {
            Self::Inline(text) => Ok(text.clone()),
            Self::File(path) => yaml::text_of(path, MAX_FILE_BYTES),
        }
    }
}

/// Versions that are spoken. What came before them is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub enum Version {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// What is asked of clients. Source: Go, crypto/tls, `ClientAuthType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// Nothing.
    None,
    /// A certificate, which may be missing and is not verified.
    Request,
    /// A certificate, which is not verified.
    RequireAny,
    /// A certificate, which may be missing.
    VerifyIfGiven,
    /// A certificate.
    RequireAndVerify,
}

const CLIENT_AUTH: &[(&str, ClientAuth)] = &[
    ("NoClientCert", ClientAuth::None),
    ("RequestClientCert", ClientAuth::Request),
    ("RequireAnyClientCert", ClientAuth::RequireAny),
    ("VerifyClientCertIfGiven", ClientAuth::VerifyIfGiven),
    ("RequireAndVerifyClientCert", ClientAuth::RequireAndVerify),
];

/// Reads the text of a file whose paths are relative to `dir`.
pub fn parse(content: &str, dir: &Path) -> Result<WebFile, FileError> {
    let Some(tree) = yaml::read(content)? else { return Ok(WebFile::default()) };
    if let Some(Entry { line, .. }) = entries(&tree)?.iter().find(|entry| &*entry.key == "rate_limit") {
        return Err(FileError::new(*line, "rate_limit is not served; --web.max-requests limits scrapes"));
    }
    let fields = Fields::new(&tree, FILE_KEYS)?;
    Ok(WebFile {
        tls: fields.get("tls_server_config").map(|node| tls(node, dir)).transpose()?,
        headers: fields.get("http_server_config").map(headers).transpose()?.unwrap_or_default(),
        users: fields.get("basic_auth_users").map(users).transpose()?.unwrap_or_default(),
    })
}

fn tls(node: &Node, dir: &Path) -> Result<Tls, FileError> {
    let fields = Fields::new(node, TLS_KEYS)?;
    fields.read("prefer_server_cipher_suites", switch)?;
    let wrong = |why: &str| FileError::new(node.line, why);
    let tls = Tls {
        line: node.line,
        cert: pem(&fields, "cert", "cert_file", dir)?
            .ok_or_else(|| wrong("tls_server_config needs cert_file or cert"))?,
        key: pem(&fields, "key", "key_file", dir)?.ok_or_else(|| wrong("tls_server_config needs key_file or key"))?,
        client_ca: pem(&fields, "client_ca", "client_ca_file", dir)?,
        client_auth: fields.read("client_auth_type", |node| word(node, CLIENT_AUTH))?.unwrap_or(ClientAuth::None),
        client_sans: fields.read("client_allowed_sans", texts)?,
        min: fields.read("min_version", |node| word(node, VERSIONS))?.unwrap_or(Version::Tls12),
        max: fields.read("max_version", |node| word(node, VERSIONS))?.unwrap_or(Version::Tls13),
        suites: fields.read("cipher_suites", names)?.unwrap_or_default(),
        curves: fields.read("curve_preferences", names)?.unwrap_or_default(),
    };
    match (tls.client_auth, &tls.client_ca) {
        (ClientAuth::None, Some(_)) => Err(wrong("a client CA needs a client_auth_type that asks for certificates")),
        (ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify, None) => {
            Err(wrong("a client_auth_type that verifies needs client_ca_file or client_ca"))
        }
        (ClientAuth::None, None) if tls.client_sans.is_some() => {
            Err(wrong("client_allowed_sans needs a client_auth_type that asks for certificates"))
        }
        _ if tls.client_sans.as_ref().is_some_and(Vec::is_empty) => {
            Err(wrong("client_allowed_sans has no name, and nobody could come in"))
        }
        _ if tls.min > tls.max => Err(wrong("min_version is above max_version")),
        _ => Ok(tls),
    }
}

fn pem(fields: &Fields<'_>, inline: &str, file: &str, dir: &Path) -> Result<Option<Pem>, FileError> {
    let not_empty = |text: &&str| !text.is_empty();
    match (fields.read(inline, text)?.filter(not_empty), fields.read(file, text)?.filter(not_empty)) {
        (Some(_), Some(_)) => {
            let line = fields.get(file).map_or(0, |node| node.line);
            Err(FileError::new(line, format!("{inline} and {file} are two spellings of one thing; give one of them")))
        }
        (Some(pem), None) => Ok(Some(Pem::Inline(pem.to_owned()))),
        (None, path) => Ok(path.map(|path| Pem::File(dir.join(path)))),
    }
}

fn texts(node: &Node) -> Result<Vec<String>, FileError> {
    list(node)?.map(|item| Ok(text(item)?.to_owned())).collect()
}

fn names(node: &Node) -> Result<Vec<(String, usize)>, FileError> {
    list(node)?.map(|name| Ok((text(name)?.to_owned(), name.line))).collect()
}

fn headers(node: &Node) -> Result<Vec<(String, String)>, FileError> {
    let fields = Fields::new(node, &["http2", "headers"])?;
    fields.read("http2", switch)?;
    let mut headers = Vec::new();
    for Entry { key, line, node } in fields.get("headers").map_or(Ok(&[][..]), entries)? {
        let known = HEADERS.iter().find(|(name, _)| *name == &**key);
        let Some((_, allowed)) = known else {
            let names: Vec<&str> = HEADERS.iter().map(|(name, _)| *name).collect();
            return Err(FileError::new(*line, format!("the header {key:?} can't be set; {} can", names.join(", "))));
        };
        let value = text(node)?;
        if !(allowed.is_empty() || value.is_empty() || allowed.contains(&value)) {
            return Err(FileError::new(*line, format!("{key}: {value:?} is not {}", allowed.join(" or "))));
        }
        if !value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Err(FileError::new(*line, format!("{key}: a header field is one line of ASCII")));
        }
        if !value.is_empty() {
            headers.push((key.to_string(), value.to_owned()));
        }
    }
    Ok(headers)
}

/// Errors tell the name and never the hash.
fn users(node: &Node) -> Result<Vec<(String, String)>, FileError> {
    let entries = entries(node)?;
    if entries.len() > MAX_USERS {
        return Err(FileError::new(node.line, format!("there are more than {MAX_USERS} users")));
    }
    let user = |Entry { key, line, node }: &Entry| {
        let hash = text(node)?;
        let why = match hash.parse::<bcrypt::HashParts>() {
            Ok(parts) if parts.get_cost() > MAX_COST => format!("the cost of its hash is above {MAX_COST}"),
            Ok(_) => return Ok((key.to_string(), hash.to_owned())),
            Err(_) => "the password is no bcrypt hash, as htpasswd -nBC 10 makes it".into(),
        };
        Err(FileError::new(*line, format!("user {key:?}: {why}")))
    };
    entries.iter().map(user).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_told_with_its_line() {
        let tls = "tls_server_config:\n  cert_file: a\n  key_file: b\n";
        for (text, want) in [
            (
                "tls_config: {}",
                "line 1: the key \"tls_config\" is unknown; known here: tls_server_config, http_server_config, basic_auth_users",
            ),
            ("tls_server_config:\n  cert_file: a", "line 2: tls_server_config needs key_file or key"),
            (
                "tls_server_config:\n  cert_file: a\n  cert: b",
                "line 2: cert and cert_file are two spellings of one thing; give one of them",
            ),
            (&format!("{tls}  min_version: TLS11"), "line 4: min_version: TLS11 is not TLS12 or TLS13"),
            (&format!("{tls}  min_version: TLS13\n  max_version: TLS12"), "line 2: min_version is above max_version"),
            (
                &format!("{tls}  client_auth_type: RequireAndVerifyClientCert"),
                "line 2: a client_auth_type that verifies needs client_ca_file or client_ca",
            ),
            (
                &format!("{tls}  client_ca_file: c"),
                "line 2: a client CA needs a client_auth_type that asks for certificates",
            ),
            (
                &format!("{tls}  client_allowed_sans: [a]"),
                "line 2: client_allowed_sans needs a client_auth_type that asks for certificates",
            ),
            (
                &format!("{tls}  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []"),
                "line 2: client_allowed_sans has no name, and nobody could come in",
            ),
            (&format!("{tls}  client_allowed_sans: a"), "line 4: client_allowed_sans: a list is needed"),
            ("rate_limit: {burst: 2}", "line 1: rate_limit is not served; --web.max-requests limits scrapes"),
            (
                "http_server_config:\n  headers:\n    X-Frame-Options: allow",
                "line 3: X-Frame-Options: \"allow\" is not deny or sameorigin",
            ),
            (
                "http_server_config:\n  headers:\n    X-XSS-Protection: \"1\\r\\nA: b\"",
                "line 3: X-XSS-Protection: a header field is one line of ASCII",
            ),
            (
                "basic_auth_users:\n  alice: secret",
                "line 2: user \"alice\": the password is no bcrypt hash, as htpasswd -nBC 10 makes it",
            ),
            ("basic_auth_users: [alice]", "line 1: a map of keys and values is needed"),
        ] {
            let error = parse(text, Path::new("")).err().map(|e| e.to_string());
            assert_eq!(error.as_deref(), Some(want), "text: {text:?}");
        }
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let file = parse("tls_server_config: {cert_file: a, key_file: /b}", Path::new("/etc/tallyd")).unwrap();
        let tls = file.tls.unwrap();
        assert!(matches!(&tls.cert, Pem::File(path) if path == Path::new("/etc/tallyd/a")));
        assert!(matches!(&tls.key, Pem::File(path) if path == Path::new("/b")));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_more_than_an_error(text in ".{0,200}") {
            parse(&text, Path::new("")).ok();
        }
    }
}
