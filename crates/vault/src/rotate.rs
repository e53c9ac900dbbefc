//! Rotation: a new key that wraps the class keys. What is encrypted is not touched, and neither are the class keys
//! themselves: who has an older provider's key opens what it opened before, and nothing of later months.
//!
//! If the process dies: before the new key is in its place, nothing has happened; behind it, the next rotation finds class
//! keys that another key wraps, and goes on instead of making yet another one.

use async_recursion::async_recursion;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::LocalKey;

use crate::keydir::Held;
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

/// What is to wrap the class keys from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// Another of the same kind: a new key file. A service rotates by itself.
    #[default]
    Same,
    /// A new key file.
    File,
    /// The key of a service, by its name: `aws-kms:arn:…`.
    Service(String),
}

impl Vault {
    /// Takes another key to wrap keys, and wraps every class key by it. Where a rotation was stopped before its end, it is
    /// brought to its end, and no further key is made.
    ///
    /// # Errors
    /// The caller's mistake where the vault is not encrypted by us, a key is missing, or a service rotates by itself; damage
    /// where a class key does not open; the world's failure where the keys cannot be written.
    #[async_recursion]
    pub async fn rotate(&mut self, next: &Next) -> Result<Rotation> {
        let unencrypted = || Fault::caller(msg!("vault-rotate-unencrypted", url = self.store().url()));
        let (class_keys, left) = self.ring().ok_or_else(unencrypted)?.count().await?;
        let current = self.keys().held()?;
        let next = match (next, &current) {
            (Next::Service(name), current) if *name == current.name() => None,
            (Next::Service(name), _) => Some(Held::Service(name.clone())),
            (Next::Same | Next::File, Held::Local(_)) | (Next::Same, _) if left > 0 => None,
            (Next::Same, Held::Service(name)) => {
                return Err(Fault::caller(msg!("vault-rotate-service", name = name.as_str())));
            }
            (Next::Same | Next::File, _) => Some(Held::Local(LocalKey::fresh()?)),
        };
        if let Some(next) = &next {
            self.keys().renew(next)?;
            self.open_ring()?;
        }
        let unencrypted = || Fault::caller(msg!("vault-rotate-unencrypted", url = self.store().url()));
        let ring = self.ring().ok_or_else(unencrypted)?;
        let rewrapped = ring.rewrap().await?;
        Ok(Rotation { provider: ring.provider(), is_new: next.is_some(), class_keys, rewrapped })
    }
}
