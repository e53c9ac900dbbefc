//! Which source an event is of: the outermost keys of an object are read once, for all sources that are known by their
//! keys; the others are asked one after another.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use crate::{Cursor, Form, Reason, SOURCES, Source};

/// Outermost keys of which an event has one of each group.
pub type Signature = &'static [&'static [&'static str]];

/// Whether an event's outermost object has a key of each group. It looks no further than the last of them.
pub(crate) fn has(event: &[u8], signature: Signature) -> bool {
    let mut missing: Vec<&[&str]> = signature.to_vec();
    let Ok(mut cursor) = Cursor::new(event) else { return false };
    // The error is of no interest: it ends the visit where nothing is missing any more, or where the bytes are broken.
    let _ = cursor.members(|key, value| {
        missing.retain(|group| !group.contains(&key));
        if missing.is_empty() {
            return Err(Reason::Unknown);
        }
        value.skip().map(|_| ())
    });
    missing.is_empty()
}

/// The source that knows an event.
pub fn auto(event: &[u8]) -> Option<&'static dyn Source> {
    if event.trim_ascii_start().first() != Some(&b'{') {
        return SOURCES.iter().copied().find(|source| !matches!(source.form(), Form::Json) && source.recognises(event));
    }
    let others = || SOURCES.iter().copied().find(|source| source.signatures().is_empty() && source.recognises(event));
    KNOWN.source_of(event).or_else(others)
}

static KNOWN: LazyLock<Known> = LazyLock::new(Known::new);

/// All signatures at once.
struct Known {
    /// Of each signature its source and the groups that must be met, a bit each; in the order of the sources.
    signatures: Vec<(&'static dyn Source, u16)>,
    /// Of each key the groups that it meets: the signature's place, and a bit.
    keys: HashMap<&'static str, Vec<(usize, u16)>, FixedState>,
}

/// The most signatures that there are room for.
const ROOM: usize = 32;

impl Known {
    fn new() -> Self {
        let mut known = Self { signatures: Vec::new(), keys: HashMap::with_hasher(FixedState::default()) };
        let all =
            SOURCES.iter().flat_map(|source| source.signatures().iter().map(move |signature| (*source, *signature)));
        for (place, (source, signature)) in all.take(ROOM).enumerate() {
            let bits = (0..signature.len()).map(|group| 1 << group);
            known.signatures.push((source, bits.clone().fold(0, |all, bit: u16| all | bit)));
            for (group, bit) in signature.iter().zip(bits) {
                group.iter().for_each(|key| known.keys.entry(key).or_default().push((place, bit)));
            }
        }
        known
    }

    /// The first source of which a signature is met. It looks no further than where that is certain.
    fn source_of(&self, event: &[u8]) -> Option<&'static dyn Source> {
        let mut met = [0_u16; ROOM];
        let mut cursor = Cursor::new(event).ok()?;
        let _ = cursor.members(|key, value| {
            for (place, bit) in self.keys.get(key).into_iter().flatten() {
                met[*place] |= bit;
            }
            if self.signatures.first().is_some_and(|(_, all)| met[0] == *all) {
                return Err(Reason::Unknown);
            }
            value.skip().map(|_| ())
        });
        self.signatures.iter().zip(met).find(|((_, all), met)| met == all).map(|((source, _), _)| *source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_all_signatures() {
        let signatures: Vec<Signature> =
            SOURCES.iter().flat_map(|source| source.signatures().iter().copied()).collect();
        assert!(signatures.len() <= ROOM && signatures.iter().all(|groups| (1..=16).contains(&groups.len())));
    }

    #[test]
    fn one_look_says_what_each_source_says_by_itself() {
        for source in SOURCES {
            let event = source.example();
            let first = SOURCES.iter().copied().find(|source| source.recognises(event));
            assert_eq!(auto(event).map(Source::id), first.map(Source::id));
        }
    }
}
