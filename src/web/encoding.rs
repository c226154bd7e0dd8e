//! `Accept-Encoding`: whether the answer may be gzip, and how it becomes it. Source: RFC 9110, 12.4.2 and 12.5.3.

use flate2::Compression;
use flate2::read::GzEncoder;
use std::io::{self, Read};

/// Whether a client that sends this value takes gzip: listed with a weight above 0, or not listed and `*` is.
pub fn accepts_gzip(accept_encoding: &str) -> bool {
    let weight_of = |wanted: &str| {
        accept_encoding.split(',').find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(wanted);
            named.then(|| parts.find_map(weight).unwrap_or(1.0))
        })
    };
    weight_of("gzip").or_else(|| weight_of("x-gzip")).or_else(|| weight_of("*")).is_some_and(|weight| weight > 0.0)
}

/// `q=0.5`; one that can't be read counts as 0, which costs bytes and breaks nobody.
fn weight(parameter: &str) -> Option<f64> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().unwrap_or(0.0))
}

/// A body as gzip. The encoder would lose its head to a body that is not ready: it is asked for nothing until the body is,
/// which an empty read tells. It is there from the start, so that its 300 kB are not the last block of the heap, which
/// would go back to the system after each scrape.
pub struct Packed<B> {
    encoder: GzEncoder<B>,
    is_ready: bool,
}

impl<B: Read> Packed<B> {
    /// Nothing of the body was read.
    pub fn new(body: B) -> Self {
        Self { encoder: GzEncoder::new(body, Compression::fast()), is_ready: false }
    }
}

impl<B: Read> Read for Packed<B> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.is_ready {
            self.encoder.get_mut().read(&mut [])?;
            self.is_ready = true;
        }
        self.encoder.read(buf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is not ready until it was asked twice.
    struct Late(u8, &'static [u8]);

    impl Read for Late {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 < 3 { Err(io::ErrorKind::WouldBlock.into()) } else { self.1.read(buf) }
        }
    }

    #[test]
    fn a_body_that_is_late_is_packed_whole() {
        for text in [&b""[..], b"x", b"up 1\n"] {
            let mut packed = Packed::new(Late(0, text));
            let mut bytes = [0; 100];
            for _ in 0..2 {
                assert_eq!(packed.read(&mut bytes).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            }
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(packed).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, text);
        }
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (value, want) in [
            ("gzip", true),
            ("GZIP", true),
            ("deflate, gzip;q=0.5", true),
            ("gzip ; q=1.0", true),
            ("*", true),
            ("x-gzip", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("", false),
            ("gzip;q=x", false),
            ("gzipped", false),
        ] {
            assert_eq!(accepts_gzip(value), want, "value: {value:?}");
        }
    }
}
