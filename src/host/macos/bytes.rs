//! Fields of the kernel's structures, by their place. Every Mac is little-endian. `None`: the bytes end before.

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

pub fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    array(bytes, at).map(i32::from_le_bytes)
}

pub fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

pub fn i64_at(bytes: &[u8], at: usize) -> Option<i64> {
    array(bytes, at).map(i64::from_le_bytes)
}

/// The text in `len` bytes, which ends at the first zero, if there is one.
pub fn text_at(bytes: &[u8], at: usize, len: usize) -> Option<String> {
    let field = bytes.get(at..at.checked_add(len)?)?;
    let text = field.split(|byte| *byte == 0).next()?;
    Some(String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_where_the_bytes_end() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 0xff, b'a', 0, b'b'];
        assert_eq!((u8_at(&bytes, 7), u8_at(&bytes, 11)), (Some(0xff), None));
        assert_eq!((u16_at(&bytes, 0), u16_at(&bytes, 10)), (Some(0x0201), None));
        assert_eq!((u32_at(&bytes, 4), u32_at(&bytes, 8)), (Some(0xff07_0605), None));
        assert_eq!(i32_at(&bytes, 4), Some(-0x00f8_f9fb));
        assert_eq!((u64_at(&bytes, 0), u64_at(&bytes, usize::MAX)), (Some(0xff07_0605_0403_0201), None));
        assert_eq!(
            (i64_at(&bytes, 3), i64_at(&bytes, 4)),
            (Some(i64::from_le_bytes([4, 5, 6, 7, 0xff, b'a', 0, b'b'])), None)
        );
        assert_eq!(text_at(&bytes, 8, 3).as_deref(), Some("a"));
        assert_eq!(text_at(&bytes, 10, 1).as_deref(), Some("b"));
        assert_eq!((text_at(&bytes, 10, 2), text_at(&bytes, 1, usize::MAX)), (None, None));
    }
}
