//! Events taken apart: what events of one form have in common stands once, as a template, and what differs stands in columns,
//! one a path. Joined again they give every byte back.
//!
//! ```text
//! event      {"eventName":"GetObject","requestParameters":{"key":"a\"b"},"readOnly":true,"resources":[{"type":"x"}]}
//! template   {"eventName":"␁","requestParameters":{"key":"␁"},"readOnly":␂,"resources":␂}
//! columns    text:/eventName = GetObject    text:/requestParameters/key = a\"b
//!            json:/readOnly = true          json:/resources = [{"type":"x"}]
//! ```
//!
//! A template is the event with a mark in the place of each value: [`TEXT`] for what stands between the quotes of a string,
//! [`UUID`] for such a text that is a UUID in lower case, [`JSON`] for anything else, lists whole. A column is named by its
//! kind and the path as a JSON Pointer (RFC 6901). A path that few events have gets no column: its value stands in `rest`,
//! among others, with a NUL behind each, in the order of the template.
//!
//! Taking apart is canonical: given the depth that the file states, an event has one template or none. What has none (no
//! object, not UTF-8, a key twice or with an escape) stays whole in `raw`.

mod build;
mod cut;
mod join;
mod template;

pub use build::{Column, Shredded, shred};
pub use cut::{Slot, cut};
pub use join::{Joiner, Texts};
pub use template::{Part, Template};

/// The mark of a string's content, as it is written, escapes included.
pub const TEXT: u8 = 0x01;
/// The mark of a value that is no string: a number, `true`, `false`, `null`, a list, an object below the depth.
pub const JSON: u8 = 0x02;
/// The mark of a string's content that is a UUID of lower-case digits.
pub const UUID: u8 = 0x03;
/// What stands behind each value in the column `rest`; no JSON has it unescaped.
pub const SEPARATOR: u8 = 0x00;

/// The column of templates.
pub const TEMPLATE: &str = "template";
/// The column of values that have no column of their own.
pub const REST: &str = "rest";

/// The deepest nesting of objects that is taken apart; the outermost object counts as one.
pub const MAX_DEPTH: u8 = 12;
/// The most templates of a segment. Events of further ones stay whole.
pub const MAX_TEMPLATES: usize = 4_096;
/// The most columns of paths.
pub const MAX_COLUMNS: usize = 256;
/// The most values of an event that is taken apart.
pub const MAX_SLOTS: usize = 1_024;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A string's content as it is written.
    Text,
    /// Any other value, as it is written.
    Json,
    /// A string's content that is a UUID of lower-case digits.
    Uuid,
}

impl Kind {
    /// Its mark in a template.
    pub fn mark(self) -> u8 {
        match self {
            Self::Text => TEXT,
            Self::Json => JSON,
            Self::Uuid => UUID,
        }
    }

    /// The beginning of the names of its columns.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Text => "text:",
            Self::Json => "json:",
            Self::Uuid => "uuid:",
        }
    }

    /// The kind and the pointer of a column's name.
    pub fn of_column(name: &str) -> Option<(Self, &str)> {
        let split = |kind: Self| Some((kind, name.strip_prefix(kind.prefix())?));
        [Self::Text, Self::Json, Self::Uuid].into_iter().find_map(split).filter(|(_, pointer)| pointer.starts_with('/'))
    }
}

/// The sixteen bytes of a UUID in its only form here: 36 bytes, lower-case digits.
pub fn uuid_bytes(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let (mut bytes, mut digits) = ([0_u8; 16], 0);
    for (at, byte) in text.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        let to = bytes.get_mut(digits / 2)?;
        *to = *to << 4 | digit;
        digits += 1;
    }
    Some(bytes)
}

/// The text of a UUID's sixteen bytes.
pub fn uuid_text(bytes: &[u8], text: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push(b'-');
        }
        text.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

#[cfg(test)]
mod tests;
