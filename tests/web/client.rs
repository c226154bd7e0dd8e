//! A client that takes answers apart byte by byte, so that what the tests compare is what went over the wire.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer as it came.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: String,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Status line, fields other than `Date` and `Server`, and the body, for comparing whole.
    pub fn shown(&self) -> String {
        let fields = self.fields.iter().filter(|(name, _)| name != "Date" && name != "Server");
        let fields: String = fields.map(|(name, value)| format!("{name}: {value}\n")).collect();
        format!("{}\n{fields}\n{}", self.status, self.text())
    }
}

/// A connection.
pub struct Client(pub BufReader<TcpStream>);

impl Client {
    pub fn new(at: SocketAddr) -> Self {
        Self::on(TcpStream::connect(at).unwrap())
    }

    /// One with this address.
    #[cfg(target_os = "linux")]
    pub fn from(source: &str, at: SocketAddr) -> Self {
        use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
        let fd = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&fd, &SocketAddr::new(source.parse().unwrap(), 0)).unwrap();
        connect(&fd, &at).unwrap();
        Self::on(fd.into())
    }

    fn on(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
        self
    }

    pub fn get(&mut self, target: &str) -> Answer {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")).answer()
    }

    pub fn answer(&mut self) -> Answer {
        self.try_answer(false).unwrap()
    }

    /// Reads an answer; that to a `HEAD` has no body.
    pub fn try_answer(&mut self, head_only: bool) -> io::Result<Answer> {
        let status = self.line()?;
        let mut fields = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else { break };
            fields.push((name.to_owned(), value.to_owned()));
        }
        let mut answer = Answer { status, fields, body: Vec::new() };
        if head_only {
            return Ok(answer);
        }
        if let Some(length) = answer.field("Content-Length") {
            answer.body = vec![0; length.parse().unwrap()];
            self.0.read_exact(&mut answer.body)?;
        } else if answer.field("Transfer-Encoding") == Some("chunked") {
            answer.body = self.chunks()?;
        } else {
            self.0.read_to_end(&mut answer.body)?;
        }
        Ok(answer)
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.line()?, 16).expect("a chunk begins with its size");
            let start = body.len();
            body.resize(start + size, 0);
            self.0.read_exact(&mut body[start..])?;
            assert_eq!(self.line()?, "", "a chunk ends where its size says");
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("cut off after {line:?}"))),
        }
    }

    /// Whether the server has closed, orderly or not.
    pub fn is_closed(&mut self) -> bool {
        !matches!(self.0.read(&mut [0]), Ok(1))
    }
}
