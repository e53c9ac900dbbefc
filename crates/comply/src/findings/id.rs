//! Names of findings: short enough to be typed and read out, and the same in each run that finds the same.
//!
//! ```text
//! F-3K7Q2M8PXYZ0AB1C     sixteen letters of Crockford's base 32: 80 bits of a SHA-256
//! F-3K7Q2M               as it is shown: as many of them as tell it from all others, six at least
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The letters: neither I, L, O nor U is among them, so that nothing is mistaken for another when it is read out.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many letters a whole name has.
pub(super) const WHOLE: usize = 16;
/// What stands before them.
pub(super) const HEAD: &str = "F-";

/// The name of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

impl Id {
    /// The name of what a check says of a subject. `aspect` is what else tells it from others of the same subject: the beginning of a
    /// gap, a field, whether it is for a person to look at. Counts and times of events are none of it, so it is the same in every run.
    pub fn of(check: &str, subject: &str, aspect: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [check, subject, aspect] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self::from_bytes(&hash.finalize())
    }

    /// The name of a finding from outside, made of what was drawn for the record that enters it.
    pub fn drawn(drawn: &str) -> Self {
        Self::of("", drawn, "")
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let mut bits = bytes.iter().take(WHOLE * 5 / 8).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let mut letters = [b'0'; WHOLE];
        for letter in letters.iter_mut().rev() {
            let at = usize::try_from(bits & 31).unwrap_or_default();
            *letter = LETTERS.get(at).copied().unwrap_or(b'0');
            bits >>= 5;
        }
        Self(letters.iter().map(|letter| char::from(*letter)).collect())
    }

    /// Its letters, without the head.
    pub fn letters(&self) -> &str {
        &self.0
    }

    /// Its first letters, as it is shown.
    pub fn short(&self, letters: usize) -> String {
        format!("{HEAD}{}", self.0.get(..letters.min(WHOLE)).unwrap_or(&self.0))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEAD}{}", self.0)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let letters = typed(HEAD, &text).filter(|letters| letters.len() == WHOLE);
        letters.map(Self).ok_or("expected `F-` and sixteen letters")
    }
}

/// The letters of a name as somebody typed it: with or without its head (`F-`), in any case, with O for 0 and I or L for 1. Nothing where it
/// cannot be the beginning of one.
pub fn typed(head: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let has_head = text.get(..head.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(head));
    let rest = if has_head { text.get(head.len()..)? } else { text };
    let letter = |c: char| {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        u8::try_from(c).ok().filter(|byte| LETTERS.contains(byte)).map(char::from)
    };
    let letters: String = rest.chars().map(letter).collect::<Option<_>>()?;
    (1..=WHOLE).contains(&letters.len()).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_each_time_and_depends_on_each_part() {
        let id = Id::of("vault_is_anchored", "shoseki", "");
        // A golden value: names stand in sealed records, and people write them into tickets.
        assert_eq!(id.to_string(), "F-12NG2TX3P63V6C0J");
        let others =
            [("vault_is_anchored", "shosek", "i"), ("vault_is_anchored", "shoseki", "a"), ("v", "shoseki", "")];
        assert!(others.iter().all(|(check, subject, aspect)| Id::of(check, subject, aspect) != id));
        assert_eq!(id.short(6), "F-12NG2T");
    }

    #[test]
    fn what_is_typed_is_read_in_any_case_and_with_letters_that_look_alike() {
        for (text, letters) in [
            ("F-3K7Q2M", Some("3K7Q2M")),
            ("f-3k7q2m", Some("3K7Q2M")),
            (" 3k7q2m ", Some("3K7Q2M")),
            ("F-OIL", Some("011")),
            ("F-", None),
            ("", None),
            ("F-3K7U", None),
            ("F-3K7Q2M8PXYZ0AB1CD", None),
            ("指摘", None),
        ] {
            assert_eq!(typed(HEAD, text).as_deref(), letters, "{text}");
        }
        let id = Id::of("a", "b", "c");
        assert_eq!(Id::try_from(id.to_string()), Ok(id));
        assert!(Id::try_from("F-3K7Q2M".to_owned()).is_err());
    }
}
