//! A template, read strictly: objects of keys and marks, and nothing in it that could be a value.

use std::collections::HashSet;

use super::cut::{is_blank, is_mark, string_end};
use super::{JSON, Kind, MAX_DEPTH, MAX_SLOTS, TEXT, UUID};

/// A stretch of a template and the value behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The bytes before the value.
    pub before: Vec<u8>,
    /// The value's kind.
    pub kind: Kind,
    /// The value's path as a JSON Pointer (RFC 6901): `/requestParameters/bucketName`.
    pub pointer: String,
}

impl Part {
    /// The name of the value's column.
    pub fn column(&self) -> String {
        format!("{}{}", self.kind.prefix(), self.pointer)
    }
}

/// A template, taken apart itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The values, in order.
    pub parts: Vec<Part>,
    /// The bytes behind the last value.
    pub after: Vec<u8>,
    /// The pointers of its objects, empty ones too, but for the outermost.
    pub objects: Vec<String>,
}

impl Template {
    /// Reads a template. `None` where it is none: a value in it that is no mark, a key that stands twice or is written with an
    /// escape, nesting or values beyond the bounds.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { bytes: text.as_bytes(), at: 0, copied: 0, template: Self::empty() };
        reader.object("", 1)?;
        let after = reader.bytes.get(reader.copied..)?;
        // Behind the object there is at most white space.
        if !reader.bytes.get(reader.at..)?.iter().all(|byte| is_blank(*byte)) {
            return None;
        }
        reader.template.after = after.to_vec();
        Some(reader.template)
    }

    fn empty() -> Self {
        Self { parts: Vec::new(), after: Vec::new(), objects: Vec::new() }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    copied: usize,
    template: Template,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        while is_blank(*self.bytes.get(self.at)?) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    fn object(&mut self, pointer: &str, depth: u8) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.take(b'{')?;
        if self.next()? == b'}' {
            self.at += 1;
            return Some(());
        }
        let mut keys = HashSet::new();
        loop {
            let key = self.key()?;
            self.take(b':')?;
            let inner = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            if !keys.insert(key) {
                return None;
            }
            self.value(inner, depth)?;
            match self.next()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        self.take(b'"')?;
        let end = string_end(self.bytes, self.at)?;
        let key = self.bytes.get(self.at..end)?;
        self.at = end + 1;
        let is_plain = !key.iter().any(|byte| *byte == b'\\' || is_mark(*byte));
        is_plain.then(|| std::str::from_utf8(key).ok().map(str::to_owned))?
    }

    fn value(&mut self, pointer: String, depth: u8) -> Option<()> {
        match self.next()? {
            b'{' => {
                self.template.objects.push(pointer.clone());
                self.object(&pointer, depth + 1)
            }
            JSON => self.mark(Kind::Json, pointer),
            b'"' => {
                self.at += 1;
                let kind = match *self.bytes.get(self.at)? {
                    TEXT => Kind::Text,
                    UUID => Kind::Uuid,
                    _ => return None,
                };
                self.mark(kind, pointer)?;
                (self.bytes.get(self.at)? == &b'"').then(|| self.at += 1)
            }
            _ => None,
        }
    }

    fn mark(&mut self, kind: Kind, pointer: String) -> Option<()> {
        let before = self.bytes.get(self.copied..self.at)?.to_vec();
        self.at += 1;
        self.copied = self.at;
        self.template.parts.push(Part { before, kind, pointer });
        (self.template.parts.len() <= MAX_SLOTS).then_some(())
    }
}
