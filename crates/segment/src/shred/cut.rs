//! An event to its template and the places of its values: one pass over the bytes.

use memchr::{memchr, memchr2};

use super::{Kind, MAX_SLOTS, SEPARATOR, UUID, uuid_bytes};

/// Where a value stands in the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its first byte.
    pub start: u32,
    /// The byte behind its last.
    pub end: u32,
    /// What it is.
    pub kind: Kind,
}

/// Writes the event's template and the places of its values, objects deeper than `depth` whole. `false` where it cannot be
/// taken apart at all. Whether the template is one that may stand is for [`super::Template::parse`] to say, once a template.
pub fn cut(event: &[u8], depth: u8, template: &mut Vec<u8>, slots: &mut Vec<Slot>) -> bool {
    template.clear();
    slots.clear();
    if event.first() != Some(&b'{') || u32::try_from(event.len()).is_err() {
        return false;
    }
    Cutter { event, depth, template, slots, copied: 0 }.run().is_some()
}

struct Cutter<'a> {
    event: &'a [u8],
    depth: u8,
    template: &'a mut Vec<u8>,
    slots: &'a mut Vec<Slot>,
    /// Everything before this place is in the template or in a slot.
    copied: usize,
}

impl Cutter<'_> {
    fn run(mut self) -> Option<()> {
        let event = self.event;
        let (mut at, mut open) = (0, 0_u8);
        while let Some(byte) = event.get(at) {
            match byte {
                b'"' => {
                    let end = string_end(event, at + 1)?;
                    let next = event.get(end + 1..)?.iter().find(|byte| !is_blank(**byte));
                    if next != Some(&b':') {
                        let content = event.get(at + 1..end)?;
                        let kind = if uuid_bytes(content).is_some() { Kind::Uuid } else { Kind::Text };
                        self.slot(at + 1, end, kind)?;
                    }
                    at = end + 1;
                }
                b'{' if open < self.depth => {
                    open += 1;
                    at += 1;
                }
                b'[' | b'{' => {
                    let end = composite_end(event, at)?;
                    self.slot(at, end, Kind::Json)?;
                    at = end;
                }
                b'}' => {
                    open = open.checked_sub(1)?;
                    at += 1;
                }
                b',' | b':' => at += 1,
                byte if is_blank(*byte) => at += 1,
                _ => {
                    let rest = event.get(at..)?;
                    let length = rest.iter().position(|byte| is_blank(*byte) || matches!(byte, b',' | b'}' | b']'))?;
                    if length == 0 {
                        return None;
                    }
                    self.slot(at, at + length, Kind::Json)?;
                    at += length;
                }
            }
        }
        self.template.extend_from_slice(event.get(self.copied..)?);
        (open == 0).then_some(())
    }

    fn slot(&mut self, start: usize, end: usize, kind: Kind) -> Option<()> {
        // Short values are the rule: a loop of our own beats a call there.
        let value = self.event.get(start..end)?;
        let has_separator =
            if value.len() < 16 { value.contains(&SEPARATOR) } else { memchr(SEPARATOR, value).is_some() };
        if has_separator || self.slots.len() >= MAX_SLOTS {
            return None;
        }
        self.template.extend_from_slice(self.event.get(self.copied..start)?);
        self.template.push(kind.mark());
        self.slots.push(Slot { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()?, kind });
        self.copied = end;
        Some(())
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether a byte is a mark or the separator: such bytes stand nowhere else in a template.
pub(super) fn is_mark(byte: u8) -> bool {
    byte <= UUID
}

/// The place of the quote that ends a string, given the place behind the one that begins it.
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let rest = bytes.get(at..)?;
        let found = memchr2(b'"', b'\\', rest)?;
        if rest[found] == b'"' {
            return Some(at + found);
        }
        at += found + 2;
    }
}

/// The place behind a list or an object that begins here.
fn composite_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut open = 0_u32;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?,
            b'[' | b'{' => open += 1,
            b']' | b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
