//! What of a value is looked at: the pieces between its quotes. A literal without a quote that stands in the value stands
//! within one of them.

use std::borrow::Cow;

/// Whether a byte ends a piece: a quote, or one of the bytes that stand for values in templates and between them in the rest.
pub(super) fn ends_piece(byte: u8) -> bool {
    byte == b'"' || byte <= crate::shred::UUID
}

/// Calls with each piece of a value; where a piece has an escape, also with the pieces of what it says.
pub(super) fn each_piece(value: &[u8], piece: &mut impl FnMut(&[u8])) {
    // Most values are one piece, and all bytes at once are faster asked than one after another.
    if !value.iter().fold(false, |has, byte| has | ends_piece(*byte) | (*byte == b'\\')) {
        return piece(value);
    }
    for part in value.split(|byte| ends_piece(*byte)) {
        piece(part);
        if memchr::memchr(b'\\', part).is_some() {
            let said = unescaped(part);
            said.split(|byte| ends_piece(*byte)).for_each(&mut *piece);
        }
    }
}

/// What the content of a JSON string says. An escape that is none stays as it is; a lone surrogate becomes U+FFFD; a
/// backslash at the end (the quote that it escaped ended the piece) is left out.
fn unescaped(part: &[u8]) -> Vec<u8> {
    let mut said = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        said.extend_from_slice(before);
        let (bytes, length) = escaped(escape);
        said.extend_from_slice(&bytes);
        rest = escape.get(length..).unwrap_or_default();
    }
    said.extend_from_slice(rest);
    said
}

/// What the escape at the beginning says, and its length.
fn escaped(escape: &[u8]) -> (Cow<'_, [u8]>, usize) {
    let one = |byte: &'static [u8]| (Cow::Borrowed(byte), 2);
    match escape.get(1) {
        None => (Cow::Borrowed(&[]), 1),
        Some(b'n') => one(b"\n"),
        Some(b't') => one(b"\t"),
        Some(b'r') => one(b"\r"),
        Some(b'b') => one(b"\x08"),
        Some(b'f') => one(b"\x0c"),
        Some(b'u') => match unit(escape) {
            None => (Cow::Borrowed(escape.get(..2).unwrap_or_default()), 2),
            Some(high @ 0xD800..0xDC00) => match escape.get(6..).and_then(unit) {
                Some(low @ 0xDC00..0xE000) => {
                    let code = 0x1_0000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(low) - 0xDC00);
                    (utf8(char::from_u32(code)), 12)
                }
                _ => (utf8(None), 6),
            },
            Some(unit) => (utf8(char::from_u32(u32::from(unit))), 6),
        },
        Some(_) => (Cow::Borrowed(escape.get(1..2).unwrap_or_default()), 2),
    }
}

/// The code unit of `\uXXXX` at the beginning.
fn unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn utf8(said: Option<char>) -> Cow<'static, [u8]> {
    Cow::Owned(said.unwrap_or(char::REPLACEMENT_CHARACTER).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(value: &str) -> Vec<String> {
        let mut pieces = Vec::new();
        each_piece(value.as_bytes(), &mut |piece| pieces.push(String::from_utf8_lossy(piece).into_owned()));
        pieces
    }

    #[test]
    fn values_are_cut_at_quotes_and_escapes_are_read_too() {
        assert_eq!(pieces("GetObject"), ["GetObject"]);
        assert_eq!(pieces(r#"[{"a":"b"}]"#), ["[{", "a", ":", "b", "}]"]);
        assert_eq!(pieces("a\0b\u{1}c"), ["a", "b", "c"]);
        assert_eq!(pieces(r"x\/y\u00e9\n"), [r"x\/y\u00e9\n", "x/y\u{e9}\n"]);
        assert_eq!(
            pieces(r#"a\"b"#),
            ["a\\", "a", "b"],
            "a quote ends a piece, the backslash before it is not the value's"
        );
        assert_eq!(pieces(r"\ud83d\ude00 \ud83d \u12"), [r"\ud83d\ude00 \ud83d \u12", "\u{1f600} \u{fffd} \\u12"]);
    }
}
