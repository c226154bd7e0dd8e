//! A TLS connection that never makes its thread wait: each call does what the bytes at hand allow.
//!
//! No decrypted bytes stay in it between two turns of its owner, which takes them all ([`Session::drain`]), so that to
//! poll the socket is enough. What it holds is bounded by rustls: 64 KiB of a handshake, a record, and 64 KiB to send.

use crate::web::socket::Socket;
use rustls::{CertificateError, ServerConfig, ServerConnection};
use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;

/// What a client is told that speaks plain HTTP, in Go's words.
const NOT_TLS: &[u8] = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

/// A TLS connection.
#[derive(Debug)]
pub struct Session {
    /// What it runs over.
    pub socket: Socket,
    tls: ServerConnection,
    has_begun: bool,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The client has gone.
    Gone,
    /// It speaks plain HTTP.
    PlainHttp,
    /// Its certificate is missing.
    NoCertificate,
    /// Its certificate is not one that is taken.
    BadCertificate,
    /// Its certificate has none of the names that may come in.
    NotAllowed,
    /// It has no version, suite or curve that is spoken.
    Incompatible,
    /// It does not keep to the protocol.
    Protocol,
}

impl Failure {
    /// Value of the label `reason`.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Gone => "client_gone",
            Self::PlainHttp => "plain_http",
            Self::NoCertificate => "no_certificate",
            Self::BadCertificate => "bad_certificate",
            Self::NotAllowed => "not_allowed",
            Self::Incompatible => "incompatible",
            Self::Protocol => "protocol",
        }
    }

    fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::NoCertificatesPresented => Self::NoCertificate,
            // Ours alone: see `san`.
            rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => Self::NotAllowed,
            rustls::Error::InvalidCertificate(_) => Self::BadCertificate,
            rustls::Error::PeerIncompatible(_) | rustls::Error::NoApplicationProtocol => Self::Incompatible,
            _ => Self::Protocol,
        }
    }
}

impl Session {
    /// Begins on a socket.
    pub fn new(socket: Socket, config: Arc<ServerConfig>) -> io::Result<Self> {
        let tls = ServerConnection::new(config).map_err(io::Error::other)?;
        Ok(Self { socket, tls, has_begun: false })
    }

    /// Goes on with the handshake. Whether it is over.
    pub fn handshake(&mut self) -> Result<bool, Failure> {
        if !self.has_begun {
            match self.socket.peek() {
                Ok(Some(first)) if first.is_ascii_alphabetic() => {
                    // Said once and not waited for; an error only means that the client is gone already. What is left
                    // unread would make the end a reset, so that it is read.
                    io::copy(&mut Read::by_ref(&mut self.socket).take(4096), &mut io::sink()).ok();
                    self.socket.write_all(NOT_TLS).ok();
                    return Err(Failure::PlainHttp);
                }
                Ok(None) => return Err(Failure::Gone),
                Ok(Some(_)) => self.has_begun = true,
                Err(e) if is_for_later(&e) => return Ok(false),
                Err(_) => return Err(Failure::Gone),
            }
        }
        match self.tls.read_tls(&mut self.socket) {
            Ok(0) => return Err(Failure::Gone),
            Ok(_) => self.process().map_err(|e| Failure::of(&e))?,
            Err(e) if is_for_later(&e) => {}
            Err(_) => return Err(Failure::Gone),
        }
        match self.flush() {
            Ok(()) => Ok(!self.tls.is_handshaking()),
            Err(e) if is_for_later(&e) => Ok(false),
            Err(_) => Err(Failure::Gone),
        }
    }

    /// Whether it has something to send before anything else.
    pub fn wants_write(&self) -> bool {
        self.tls.wants_write()
    }

    /// Takes all that was decrypted and not read.
    pub fn drain(&mut self, into: &mut Vec<u8>) {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = self.tls.reader().read(&mut bytes) {
            into.extend_from_slice(bytes.get(..read).unwrap_or_default());
        }
    }

    /// Says that nothing more will be written.
    pub fn finish(&mut self) -> io::Result<()> {
        self.tls.send_close_notify();
        // A client that left no room for it does not wait for it either.
        self.flush().ok();
        self.socket.finish()
    }

    fn process(&mut self) -> Result<(), rustls::Error> {
        let processed = self.tls.process_new_packets().map(drop);
        if processed.is_err() {
            // The alert that tells the client why.
            self.flush().ok();
        }
        processed
    }
}

impl Read for Session {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.tls.read_tls(&mut self.socket)? == 0 {
            return Ok(0);
        }
        self.process().map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        self.tls.reader().read(buf)
    }
}

impl Write for Session {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        // Nothing is taken before what was taken has gone, so that there is room for something.
        self.flush()?;
        let taken = self.tls.writer().write_vectored(bufs)?;
        match self.flush() {
            Err(e) if !is_for_later(&e) => Err(e),
            _ => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.socket)?;
        }
        Ok(())
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
