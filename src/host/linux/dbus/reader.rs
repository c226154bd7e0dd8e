//! Values of a message. Source: D-Bus Specification, "Marshaling".

use std::fmt;

/// Bytes that are not what the specification says, or not what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What answers a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Its values, in the sender's byte order.
    pub bytes: Vec<u8>,
    /// The types of its values.
    pub signature: String,
    /// Whether numbers have their highest byte first.
    pub big_endian: bool,
}

impl Body {
    /// The values, if they are of these types.
    pub fn read(&self, signature: &str) -> Result<Reader<'_>, Malformed> {
        if self.signature != signature {
            return Err(Malformed("an answer has other types than its method"));
        }
        Ok(Reader::new(&self.bytes, self.big_endian))
    }

    /// The value, where the answer is one whose type it tells itself: a property.
    pub fn variant(&self) -> Result<Value<'_>, Malformed> {
        self.read("v")?.variant()
    }
}

/// A plain value that tells its own type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'b> {
    /// A string, an object path or a signature.
    Text(&'b str),
    /// An unsigned number of 8, 32 or 64 bits.
    Number(u64),
}

/// Reads values one after another. Each type begins at a multiple of its size, counted from the first byte.
#[derive(Clone, Debug)]
pub struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    big_endian: bool,
}

impl<'b> Reader<'b> {
    /// Over bytes that begin where a message or its body does.
    pub fn new(bytes: &'b [u8], big_endian: bool) -> Self {
        Self { bytes, at: 0, big_endian }
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Goes on to a multiple of `size`.
    pub fn align(&mut self, size: usize) {
        self.at = self.at.next_multiple_of(size);
    }

    /// `y`
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        self.array().map(|[byte]| byte)
    }

    /// `u`
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.align(4);
        let bytes = self.array()?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// `t`
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.align(8);
        let bytes = self.array()?;
        Ok(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A length of 32 bits.
    pub fn length(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.u32()?).map_err(|_| Malformed("a length is beyond memory"))
    }

    /// `s`, or `o`
    pub fn text(&mut self) -> Result<&'b str, Malformed> {
        let length = self.length()?;
        self.ended_text(length)
    }

    /// `g`
    pub fn signature(&mut self) -> Result<&'b str, Malformed> {
        let length = self.byte()?;
        self.ended_text(usize::from(length))
    }

    /// `v` of a plain value.
    pub fn variant(&mut self) -> Result<Value<'b>, Malformed> {
        match self.signature()? {
            "s" | "o" => self.text().map(Value::Text),
            "g" => self.signature().map(Value::Text),
            "y" => self.byte().map(|n| Value::Number(n.into())),
            "u" => self.u32().map(|n| Value::Number(n.into())),
            "t" => self.u64().map(Value::Number),
            _ => Err(Malformed("a variant is of a type that nobody asks for")),
        }
    }

    /// `a(...)`: reads each of its structures.
    pub fn structures<T>(&mut self, each: impl Fn(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let length = self.length()?;
        self.align(8);
        let end = self.at.checked_add(length).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or(Malformed("an array ends after its message"))?;
        let mut items = Vec::new();
        while self.at < end {
            self.align(8);
            items.push(each(self)?);
        }
        Ok(items)
    }

    /// Text with the zero byte that follows it.
    fn ended_text(&mut self, length: usize) -> Result<&'b str, Malformed> {
        let text = self.take(length)?;
        if self.byte()? != 0 {
            return Err(Malformed("text does not end where it says"));
        }
        str::from_utf8(text).map_err(|_| Malformed("text is not UTF-8"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed("a message is cut off"))
    }

    fn take(&mut self, count: usize) -> Result<&'b [u8], Malformed> {
        let end = self.at.checked_add(count).ok_or(Malformed("a length is beyond memory"))?;
        let taken = self.bytes.get(self.at..end).ok_or(Malformed("a message is cut off"))?;
        self.at = end;
        Ok(taken)
    }
}
