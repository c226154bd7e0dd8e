//! TLS by rustls and ring: the settings of a file, and a connection that never makes its thread wait.

use super::file::{ClientAuth, Pem, Tls, Version};
use super::san::Named;
use crate::yaml::FileError;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, NamedGroup, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
};
use std::sync::Arc;

/// Go's names of the curves that ring has.
const CURVES: [(&str, NamedGroup); 3] =
    [("X25519", NamedGroup::X25519), ("CurveP256", NamedGroup::secp256r1), ("CurveP384", NamedGroup::secp384r1)];

/// Makes a file's settings those of rustls.
pub fn config(tls: &Tls) -> Result<Arc<ServerConfig>, FileError> {
    let wrong = |why: String| FileError::new(tls.line, why);
    let mut provider = ring::default_provider();
    choose_suites(&mut provider, &tls.suites)?;
    choose_curves(&mut provider, &tls.curves)?;
    let provider = Arc::new(provider);
    let versions: &[&SupportedProtocolVersion] = match (tls.min, tls.max) {
        (Version::Tls12, Version::Tls12) => &[&TLS12],
        (Version::Tls12, Version::Tls13) => &[&TLS12, &TLS13],
        (Version::Tls13, _) => &[&TLS13],
    };
    let cannot = |e: Error| wrong(format!("tls_server_config: {e}"));
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(versions).map_err(cannot)?;
    let builder = match verifier(tls, &provider)? {
        None => builder.with_no_client_auth(),
        Some(verifier) => builder.with_client_cert_verifier(verifier),
    };
    let (chain, key) = (certificates(&tls.cert, "certificate", tls.line)?, key(&tls.key, tls.line)?);
    let mut config = builder.with_single_cert(chain, key).map_err(cannot)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The suites of TLS 1.3 are always spoken, as with Go.
fn choose_suites(provider: &mut CryptoProvider, wanted: &[(String, usize)]) -> Result<(), FileError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let name =
        |suite: &rustls::SupportedCipherSuite| suite.suite().as_str().unwrap_or_default().replace("TLS13_", "TLS_");
    let known = std::mem::take(&mut provider.cipher_suites);
    provider.cipher_suites = known.iter().filter(|suite| suite.tls13().is_some()).copied().collect();
    for (wanted, line) in wanted {
        let Some(suite) = known.iter().find(|suite| name(suite) == *wanted) else {
            let known: Vec<String> = known.iter().map(name).collect();
            let why = format!("the cipher suite {wanted:?} is not spoken here; known: {}", known.join(", "));
            return Err(FileError::new(*line, why));
        };
        if suite.tls13().is_none() {
            provider.cipher_suites.push(*suite);
        }
    }
    Ok(())
}

fn choose_curves(provider: &mut CryptoProvider, wanted: &[(String, usize)]) -> Result<(), FileError> {
    let mut groups = Vec::new();
    for (wanted, line) in wanted {
        let curve = CURVES.iter().find(|(name, _)| name == wanted).map(|(_, group)| *group);
        let group = provider.kx_groups.iter().find(|group| Some(group.name()) == curve);
        let known = CURVES.map(|(name, _)| name).join(", ");
        let why = || FileError::new(*line, format!("the curve {wanted:?} is not spoken here; known: {known}"));
        groups.push(*group.ok_or_else(why)?);
    }
    if !groups.is_empty() {
        provider.kx_groups = groups;
    }
    Ok(())
}

fn certificates(pem: &Pem, what: &str, line: usize) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let text = pem.read()?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(|| broken(pem, what, line))
}

fn key(pem: &Pem, line: usize) -> Result<PrivateKeyDer<'static>, FileError> {
    PrivateKeyDer::from_pem_slice(pem.read()?.as_bytes()).map_err(|_| broken(pem, "private key", line))
}

/// Says where there is no PEM, and nothing of what is there instead.
fn broken(pem: &Pem, what: &str, line: usize) -> FileError {
    match pem {
        Pem::Inline(_) => FileError::new(line, format!("tls_server_config has no {what} in PEM")),
        Pem::File(path) => FileError::new(0, format!("there is no {what} in PEM")).in_file(path),
    }
}

/// Who is asked for a certificate, and whose is taken.
fn verifier(tls: &Tls, provider: &Arc<CryptoProvider>) -> Result<Option<Arc<dyn ClientCertVerifier>>, FileError> {
    let verifier = verifier_by_type(tls, provider)?;
    let Some(allowed) = tls.client_sans.clone() else { return Ok(verifier) };
    Ok(verifier.map(|verifier| Arc::new(Named { verifier, allowed }) as Arc<dyn ClientCertVerifier>))
}

fn verifier_by_type(
    tls: &Tls,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, FileError> {
    let any = |is_mandatory| -> Option<Arc<dyn ClientCertVerifier>> {
        Some(Arc::new(AnyCertificate { provider: Arc::clone(provider), is_mandatory }))
    };
    let may_lack = match tls.client_auth {
        ClientAuth::None => return Ok(None),
        ClientAuth::Request => return Ok(any(false)),
        ClientAuth::RequireAny => return Ok(any(true)),
        ClientAuth::VerifyIfGiven => true,
        ClientAuth::RequireAndVerify => false,
    };
    let mut roots = RootCertStore::empty();
    if let Some(ca) = &tls.client_ca {
        let wrong = |_| broken(ca, "certificate of a CA", tls.line);
        certificates(ca, "certificate", tls.line)?.into_iter().try_for_each(|cert| roots.add(cert)).map_err(wrong)?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let builder = if may_lack { builder.allow_unauthenticated() } else { builder };
    builder.build().map(Some).map_err(|e| FileError::new(tls.line, format!("client_ca: {e}")))
}

/// Takes any certificate whose key the client has, as two of Go's kinds do.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
    is_mandatory: bool,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
