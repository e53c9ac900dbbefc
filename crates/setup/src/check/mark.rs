//! What a run's events have in them: a nonce that says when it began, and behind it a word for each trial, so that a later run knows
//! what an earlier one emitted.
//!
//! ```text
//! 69a8dacb 1f3c 7b20e5     seconds since 1970, chance, the trial: all in hexadecimal
//! ```

use sha2::{Digest, Sha256};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

/// How many digits a nonce has.
const DIGITS: usize = 12;
/// How many the word of a trial has: with what stands before it, a name of 32 letters is the longest that MySQL takes.
const OF_TRIAL: usize = 6;

/// The nonce of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// A new one, of a run that begins then; `chance` tells two runs of one second apart.
    pub fn new(now: Timestamp, chance: u16) -> Self {
        let seconds = u32::try_from(now.0.div_euclid(1_000_000)).unwrap_or_default();
        Self(format!("{seconds:08x}{chance:04x}"))
    }

    /// Reads one that an earlier run showed.
    ///
    /// # Errors
    /// The caller's mistake where the text is none.
    pub fn parse(text: &str) -> Result<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match text.len() == DIGITS && text.bytes().all(is_digit) {
            true => Ok(Self(text.to_owned())),
            false => Err(Fault::caller(msg!("setup-check-nonce", text = text))),
        }
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When its run began.
    pub fn begun(&self) -> Timestamp {
        let seconds = self.0.get(..8).and_then(|digits| i64::from_str_radix(digits, 16).ok());
        Timestamp(seconds.unwrap_or_default().saturating_mul(1_000_000))
    }

    /// The mark of a trial.
    pub(super) fn mark(&self, source: &str, of: &str) -> String {
        let hash = hex::encode(Sha256::digest(format!("{source} {of}")));
        format!("{}{}", self.0, hash.get(..OF_TRIAL).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_says_when_its_run_began_and_tells_trials_apart() {
        let nonce = Nonce::new(Timestamp(1_772_672_523_500_000), 0x1f3c);
        assert_eq!((nonce.as_str(), nonce.begun()), ("69a8d60b1f3c", Timestamp(1_772_672_523_000_000)));
        assert_eq!(Nonce::parse(nonce.as_str()).unwrap(), nonce);
        assert_eq!(nonce.mark("eks", "shop").len(), DIGITS + OF_TRIAL);
        assert_ne!(nonce.mark("eks", "shop"), nonce.mark("eks", "shop-2"));
        assert!(format!("shoseki_check_{}", nonce.mark("database", "orders")).len() <= 32);
        for odd in ["", "69a8dacb1f3", "69A8DACB1F3C", "69a8dacb1f3z", "69a8dacb1f3c7"] {
            assert_eq!(Nonce::parse(odd).unwrap_err().id(), "setup-check-nonce", "{odd}");
        }
    }
}
