//! The subject of an X.509 certificate in DER (RFC 5280, 4.1), as RFC 4514 writes it: `CN=web-1,O=Example K.K.`
//!
//! ```text
//! Certificate ::= { { [0] version?, serial, algorithm, issuer, validity, subject, … }, … }
//! subject     ::= list of sets of { which attribute, its value }
//! ```
//!
//! Whether the certificate is genuine is not asked here: who shows one was asked before.

use std::fmt::Write;

/// DER's tags.
const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const BMP: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// The most attributes that are read.
const MOST: usize = 32;

/// The names of attributes (RFC 4514, section 3, and one that certificates still have), by their object identifiers in DER.
const NAMES: &[(&[u8], &str)] = &[
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "STREET"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], "emailAddress"),
];

/// Whom a certificate names, the last part first. `None` where it is no certificate; empty where it names nobody.
pub fn subject(certificate: &[u8]) -> Option<String> {
    let mut signed = Der(Der(Der(certificate).take(SEQUENCE)?).take(SEQUENCE)?);
    if signed.0.first() == Some(&VERSION) {
        signed.take(VERSION)?;
    }
    signed.take(INTEGER)?; // the serial number
    for _algorithm_issuer_validity in 0..3 {
        signed.take(SEQUENCE)?;
    }
    let (mut name, mut parts) = (Der(signed.take(SEQUENCE)?), Vec::new());
    while !name.0.is_empty() && parts.len() < MOST {
        let (mut set, mut together) = (Der(name.take(SET)?), Vec::new());
        while !set.0.is_empty() && together.len() < MOST {
            let mut attribute = Der(set.take(SEQUENCE)?);
            let which = attribute.take(OBJECT)?;
            let (tag, value) = attribute.next()?;
            together.push(format!("{}={}", named(which), written(tag, value)));
        }
        parts.push(together.join("+"));
    }
    parts.reverse();
    Some(parts.join(","))
}

/// What is left of some DER.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next element's tag and content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return None, // DER has no other form, and no name is longer
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }

    /// The content of the next element, which must have this tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

/// An attribute's name, or its object identifier with dots.
fn named(which: &[u8]) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == which) {
        return (*name).to_owned();
    }
    let (mut text, mut number, mut is_first) = (String::new(), 0_u64, true);
    for byte in which {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        let _ = if is_first {
            let root = (number / 40).min(2); // its first two numbers are one
            write!(text, "{root}.{}", number - 40 * root)
        } else {
            write!(text, ".{number}")
        };
        (number, is_first) = (0, false);
    }
    text
}

/// A value as text: letters that stand for themselves, others behind a backslash; none that is a control character.
fn written(tag: u8, value: &[u8]) -> String {
    let text: String = match tag {
        UTF8 | PRINTABLE | IA5 => String::from_utf8_lossy(value).into_owned(),
        TELETEX => value.iter().map(|byte| char::from(*byte)).collect(),
        BMP => {
            let units = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|letter| letter.unwrap_or('\u{fffd}')).collect()
        }
        _ => return format!("#{}", hex::encode(value)),
    };
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len());
    for (at, letter) in text.chars().enumerate() {
        let is_edge = (letter == ' ' && (at == 0 || at == last)) || (letter == '#' && at == 0);
        if is_edge || "\"+,;<>\\".contains(letter) {
            escaped.push('\\');
        }
        if letter.is_control() {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _ = write!(escaped, "\\{byte:02x}"); // a text takes all
            }
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element.
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap();
        let head = if length < 0x80 { vec![length as u8] } else { [&[0x82][..], &length.to_be_bytes()].concat() };
        [&[tag][..], &head, content].concat()
    }

    /// A certificate with attributes of these identifiers, tags and values, each in a set of its own.
    fn certificate(attributes: &[(&[u8], u8, &[u8])], version: &[u8]) -> Vec<u8> {
        let sets = attributes
            .iter()
            .flat_map(|(which, tag, value)| der(SET, &der(SEQUENCE, &[der(OBJECT, which), der(*tag, value)].concat())));
        let name = der(SEQUENCE, &sets.collect::<Vec<u8>>());
        let empty = der(SEQUENCE, b"");
        let signed = [version, &der(INTEGER, b"\x01"), &empty, &empty, &empty, &name, b"key"].concat();
        der(SEQUENCE, &[der(SEQUENCE, &signed), b"signature".to_vec()].concat())
    }

    const CN: &[u8] = &[0x55, 4, 3];
    const O: &[u8] = &[0x55, 4, 10];

    #[test]
    fn names_are_written_as_the_standard_has_it() {
        let v3 = der(VERSION, &der(INTEGER, b"\x02"));
        let of = |attributes: &[(&[u8], u8, &[u8])]| subject(&certificate(attributes, &v3)).unwrap();
        assert_eq!(of(&[(O, PRINTABLE, b"Example K.K."), (CN, UTF8, "監査-1".as_bytes())]), "CN=監査-1,O=Example K.K.");
        assert_eq!(of(&[(CN, UTF8, b" a,b+\"c\\<>; ")]), "CN=\\ a\\,b\\+\\\"c\\\\\\<\\>\\;\\ ");
        assert_eq!(of(&[(CN, UTF8, b"#1\n\x7f")]), "CN=\\#1\\0a\\7f");
        assert_eq!(of(&[(CN, BMP, b"\x76\xe3\xd8\x00"), (O, TELETEX, b"\xe9")]), "O=é,CN=監\u{fffd}");
        assert_eq!(of(&[(&[0x2a, 0x83, 0x08], IA5, b"x"), (CN, 0x04, b"\x01")]), "CN=#01,1.2.392=x");
        assert_eq!(of(&[]), "");
        assert_eq!(subject(&certificate(&[(CN, UTF8, b"old")], b"")).as_deref(), Some("CN=old"), "version 1");
    }

    #[test]
    fn what_is_no_certificate_has_no_subject() {
        let whole = certificate(&[(CN, UTF8, b"web-1")], b"");
        for cut in 0..whole.len() {
            assert_eq!(subject(&whole[..cut]), None, "cut at {cut}");
        }
        assert_eq!(subject(b"\x30\x80\x30\x80"), None, "no length");
        assert_eq!(subject(b"\x30\x84\xff\xff\xff\xff"), None, "too long");
    }

    #[test]
    fn a_changed_byte_ends_in_an_answer() {
        let whole =
            certificate(&[(O, UTF8, b"Example\n"), (CN, BMP, b"\0w\0e"), (&[0x2a, 0x83, 0x08], IA5, b"x")], b"");
        for (at, byte) in (0..whole.len()).flat_map(|at| (0..=u8::MAX).map(move |byte| (at, byte))) {
            let mut changed = whole.clone();
            changed[at] = byte;
            let found = subject(&changed);
            assert!(found.is_none_or(|found| !found.contains(char::is_control)), "byte {at} as {byte}");
        }
    }
}
