//! Reading one event in one pass: members are visited in order, each value is read or skipped, and every byte is
//! checked on the way. It is not a tree: nothing is kept that the visitor does not take.
//!
//! ```text
//! {"eventName":"ListBuckets","userIdentity":{"type":"IAMUser"}}
//!  ^ members() calls its visitor with the key, and the visitor must consume the value
//! ```
//!
//! A key that stands twice is visited twice; parsers let the last one win, as most readers of JSON do.

use std::borrow::Cow;

use crate::Reason;
use crate::json::{self, Stop};

/// A place in an event's text, at the beginning of a value.
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of an event.
    ///
    /// # Errors
    /// [`Reason::NotUtf8`].
    pub fn new(event: &'a [u8]) -> Result<Self, Reason> {
        let text = std::str::from_utf8(event).map_err(|_| Reason::NotUtf8)?;
        Ok(Self { text, at: 0, depth: 0 })
    }

    /// Visits the members of an object: the visitor is called with each key and must consume its value. What is not
    /// an object is skipped, and the answer is `false`.
    ///
    /// # Errors
    /// Where the bytes are not JSON, or the visitor fails.
    pub fn members(&mut self, mut visit: impl FnMut(&str, &mut Self) -> Result<(), Reason>) -> Result<bool, Reason> {
        if !self.enter(b'{')? {
            return Ok(false);
        }
        while self.goes_on(b'}')? {
            let mut has_escapes = false;
            let member = json::noted_member(self.bytes(), self.at, false, &mut has_escapes);
            let (end, value) = member.map_err(Stop::reason)?;
            let key = self.slice(self.at + 1, end - 1);
            self.at = value;
            if has_escapes { visit(&decoded(key), self)? } else { visit(key, self)? }
        }
        Ok(true)
    }

    /// Visits the elements of an array with their numbers from 0, as [`Cursor::members`] does members.
    ///
    /// # Errors
    /// Where the bytes are not JSON, or the visitor fails.
    pub fn elements(&mut self, mut visit: impl FnMut(usize, &mut Self) -> Result<(), Reason>) -> Result<bool, Reason> {
        if !self.enter(b'[')? {
            return Ok(false);
        }
        let mut index = 0;
        while self.goes_on(b']')? {
            visit(index, self)?;
            index += 1;
        }
        Ok(true)
    }

    /// The value as text: a string's content, `None` for `null`, and for anything else its own bytes, so that a number
    /// is read with all its digits. A lone surrogate becomes U+FFFD.
    ///
    /// # Errors
    /// Where the bytes are not JSON.
    pub fn text(&mut self) -> Result<Option<Cow<'a, str>>, Reason> {
        if !self.is_string() {
            let raw = self.skip()?;
            return Ok(if raw == "null" { None } else { Some(raw.into()) });
        }
        let (start, mut has_escapes) = (self.at + 1, false);
        self.at = json::noted_string(self.bytes(), start, &mut has_escapes).map_err(Stop::reason)?;
        let inside = self.slice(start, self.at - 1);
        Ok(Some(if has_escapes { decoded(inside) } else { inside.into() }))
    }

    /// Whether the value is `null`.
    pub fn is_null(&self) -> bool {
        self.bytes().get(self.at) == Some(&b'n')
    }

    /// The place of the value in the event's bytes, once its beginning was looked for.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Whether the value is a string.
    pub fn is_string(&self) -> bool {
        self.bytes().get(self.at) == Some(&b'"')
    }

    /// Whether the value is an object.
    pub fn is_object(&self) -> bool {
        self.bytes().get(self.at) == Some(&b'{')
    }

    /// Whether the value is an array.
    pub fn is_list(&self) -> bool {
        self.bytes().get(self.at) == Some(&b'[')
    }

    /// The text of a value that must be a string.
    ///
    /// # Errors
    /// [`Reason::NotText`] with the native name, or where the bytes are not JSON.
    pub fn string(&mut self, field: &'static str) -> Result<Cow<'a, str>, Reason> {
        if self.bytes().get(self.at) != Some(&b'"') {
            self.skip()?;
            return Err(Reason::NotText { field });
        }
        Ok(self.text()?.unwrap_or_default())
    }

    /// Consumes the value and returns its text as it stands.
    ///
    /// # Errors
    /// Where the bytes are not JSON.
    pub fn skip(&mut self) -> Result<&'a str, Reason> {
        let start = self.at;
        let bytes = self.bytes();
        if bytes.get(start) == Some(&b'"') {
            self.at = json::string(bytes, start + 1).map_err(Stop::reason)?; // most values are strings
            return Ok(self.slice(start, self.at));
        }
        let rest = bytes.get(start..).unwrap_or_default();
        self.at += match json::value(rest, self.depth) {
            // A number that ends the event has ended.
            Err(Stop::End) if self.depth == 0 => json::value(&[rest, b" "].concat(), 0),
            step => step,
        }
        .map_err(|stop| self.reason(stop))?;
        Ok(self.slice(start, self.at))
    }

    /// Checks that nothing but white space follows.
    ///
    /// # Errors
    /// [`Reason::Syntax`].
    pub fn end(&self) -> Result<(), Reason> {
        match json::blank(self.bytes(), self.at, false) {
            Err(Stop::End) => Ok(()),
            Ok(at) | Err(Stop::Bad(at) | Stop::Deep(at)) => Err(Reason::Syntax { at }),
        }
    }

    fn enter(&mut self, open: u8) -> Result<bool, Reason> {
        self.at = json::blank(self.bytes(), self.at, false).map_err(Stop::reason)?;
        if self.bytes().get(self.at) != Some(&open) {
            self.skip()?;
            return Ok(false);
        }
        if self.depth >= json::MAX_DEPTH {
            return Err(Reason::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        Ok(true)
    }

    /// Goes to the next key or element, behind the comma that must stand before all but the first.
    fn goes_on(&mut self, close: u8) -> Result<bool, Reason> {
        // No value ends in an opening bracket, so one before this place is the one just entered.
        let is_first = matches!(self.bytes().get(self.at.wrapping_sub(1)), Some(b'{' | b'['));
        let at = json::blank(self.bytes(), self.at, false).map_err(Stop::reason)?;
        self.at = at;
        match self.bytes().get(at) {
            Some(byte) if *byte == close => {
                self.depth -= 1;
                self.at += 1;
                return Ok(false);
            }
            Some(b',') if !is_first => self.at = json::blank(self.bytes(), at + 1, false).map_err(Stop::reason)?,
            Some(_) if is_first => {}
            _ => return Err(Reason::Syntax { at }),
        }
        Ok(true)
    }

    fn reason(&self, stop: Stop) -> Reason {
        match stop {
            Stop::Bad(at) => Reason::Syntax { at: self.at + at },
            other => other.reason(),
        }
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }
}

/// What a string says, given what stands between its quotes (already checked against the grammar).
fn decoded(inside: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', inside.as_bytes()) else { return inside.into() };
    let (plain, mut rest) = inside.split_at(first);
    let mut text = String::with_capacity(inside.len());
    text.push_str(plain);
    while let Some(after) = rest.strip_prefix('\\') {
        let (decoded, length) = escaped(after);
        text.push(decoded);
        rest = after.get(length..).unwrap_or_default();
        let plain = rest.find('\\').unwrap_or(rest.len());
        text.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    text.into()
}

/// The character of an escape, and how many bytes behind the backslash it takes.
fn escaped(after: &str) -> (char, usize) {
    match after.as_bytes().first() {
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(b'n') => ('\n', 1),
        Some(b'r') => ('\r', 1),
        Some(b't') => ('\t', 1),
        Some(b'u') => {
            let unit = |at: usize| after.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
            let high = unit(1).unwrap_or(0xFFFD);
            let low = unit(7).filter(|low| after.get(5..7) == Some("\\u") && (0xDC00..0xE000).contains(low));
            match low {
                Some(low) if (0xD800..0xDC00).contains(&high) => {
                    let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
                }
                _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
            }
        }
        Some(other) => (char::from(*other), 1), // a quote, a backslash, a slash
        None => (char::REPLACEMENT_CHARACTER, 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(event: &str) -> Result<Vec<(String, Option<String>)>, Reason> {
        let mut found = Vec::new();
        let mut cursor = Cursor::new(event.as_bytes())?;
        cursor.members(|key, value| {
            found.push((key.to_owned(), value.text()?.map(Cow::into_owned)));
            Ok(())
        })?;
        cursor.end()?;
        Ok(found)
    }

    fn one(event: &str) -> Option<String> {
        texts(event).unwrap().pop().unwrap().1
    }

    #[test]
    fn values_are_read_as_text() {
        assert_eq!(one(r#"{"a":"b"}"#).as_deref(), Some("b"));
        assert_eq!(one(r#"{"a":null}"#), None);
        assert_eq!(one(r#"{"a":18446744073709551615}"#).as_deref(), Some("18446744073709551615"));
        assert_eq!(one(r#"{"a":[1, 2]}"#).as_deref(), Some("[1, 2]"));
        assert_eq!(one(r#"{"a":"\u8a3c\u8de1\ud83d\ude00\n\/"}"#).as_deref(), Some("証跡😀\n/"));
        assert_eq!(one(r#"{"a":"\ud83d!"}"#).as_deref(), Some("\u{FFFD}!"));
        assert_eq!(one(r#"{"a":"\ud83d\u0041"}"#).as_deref(), Some("\u{FFFD}A"));
        assert_eq!(texts(r#"{"\u0061":1,"a":2}"#).unwrap().len(), 2);
        assert_eq!(texts(r#"{"\u0061":1}"#).unwrap()[0].0, "a");
    }

    #[test]
    fn what_is_not_json_is_refused_at_its_place() {
        for (event, at) in [
            (r#"{"a":1,}"#, 7),
            (r#"{"a":1 "b":2}"#, 7),
            (r#"{,"a":1}"#, 1),
            (r#"{"a":1}x"#, 7),
            (r#"{"a":01}"#, 6),
            (r#"{"a":{"b":tru}}"#, 13),
        ] {
            assert_eq!(texts(event), Err(Reason::Syntax { at }), "{event}");
        }
        assert_eq!(texts(r#"{"a":1"#), Err(Reason::EndsEarly));
        assert_eq!(Cursor::new(b"{\"a\":\"\xff\"}").err(), Some(Reason::NotUtf8));
    }

    #[test]
    fn nesting_is_visited_to_its_bound() {
        fn down(cursor: &mut Cursor<'_>) -> Result<(), Reason> {
            cursor.elements(|_, inner| down(inner)).map(|_| ())
        }
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(down(&mut Cursor::new(nested(json::MAX_DEPTH).as_bytes()).unwrap()), Ok(()));
        assert_eq!(down(&mut Cursor::new(nested(json::MAX_DEPTH + 1).as_bytes()).unwrap()), Err(Reason::TooDeep));
    }

    proptest! {
        #[test]
        fn strings_are_decoded_as_serde_json_does(text in any::<String>(), escape in any::<bool>()) {
            let mut json = serde_json::to_string(&text).unwrap();
            if escape {
                let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
                json = format!("\"{units}\"");
            }
            prop_assert_eq!(one(&format!("{{\"a\":{json}}}")), Some(text));
        }

        #[test]
        fn any_bytes_end_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(mut cursor) = Cursor::new(&bytes) {
                let _ = cursor.members(|_, value| value.skip().map(|_| ()));
            }
        }
    }
}
