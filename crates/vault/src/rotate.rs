//! Rotation: a new key that wraps the class keys. What is encrypted is not touched, and neither are the class keys
//! themselves: who has an older provider's key opens what it opened before, and nothing of later months.
//!
//! If the process dies: before the new key is in its place, nothing has happened; behind it, the next rotation finds class
//! keys that another key wraps, and goes on instead of making yet another one.

use shoseki_messages::{Fault, Result, msg};

use crate::vault::Vault;

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The name of the key that wraps the class keys now.
    pub provider: String,
    /// Whether it is new; else a rotation that was stopped before was brought to its end.
    pub is_new: bool,
    /// How many class keys there are.
    pub class_keys: usize,
    /// How many of them were wrapped by this call.
    pub rewrapped: usize,
}

impl Vault {
    /// Makes a new key that wraps keys, and wraps every class key by it. Where a rotation was stopped before its end, it is
    /// brought to its end, and no further key is made.
    ///
    /// # Errors
    /// The caller's mistake where the vault is not encrypted by us or a key is missing; damage where a class key does not
    /// open; the world's failure where the keys cannot be written.
    pub async fn rotate(&mut self) -> Result<Rotation> {
        let unencrypted = || Fault::caller(msg!("vault-rotate-unencrypted", url = self.store().url()));
        let (class_keys, left) = self.ring().ok_or_else(unencrypted)?.count().await?;
        let is_new = left == 0;
        if is_new {
            self.keys().renew()?;
            self.open_ring()?;
        }
        let ring =
            self.ring().ok_or_else(|| Fault::caller(msg!("vault-rotate-unencrypted", url = self.store().url())))?;
        let rewrapped = ring.rewrap().await?;
        Ok(Rotation { provider: ring.provider(), is_new, class_keys, rewrapped })
    }
}
