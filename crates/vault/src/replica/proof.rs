//! Whether the bytes of an object are the ones that the signed log, its name or a key proves; nothing is copied that is not.

use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::ClassKeyObject;
use shoseki_segment::{envelope, layout};
use shoseki_tlog::{SignedCheckpoint, VerifierKey};

use super::state::ProvenState;
use crate::keyring::{Keyring, parts};

/// What objects are held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof<'a> {
    pub(crate) state: &'a ProvenState,
    pub(crate) key: &'a VerifierKey,
    /// The class keys, where the vault is encrypted.
    pub(crate) ring: Option<&'a Keyring>,
}

impl Proof<'_> {
    /// Makes sure that an object is what it must be (`docs/spec/vault.md`).
    ///
    /// # Errors
    /// Damage where it is not, or where a vault has no object of this name; the world's failure where a key cannot be asked for.
    pub(crate) async fn check(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let is_right = if name == layout::MARKER {
            bytes == self.state.marker().to_text().as_bytes()
        } else if let Some(version) = layout::commit_version(name) {
            let entry = usize::try_from(version).ok().and_then(|at| self.state.commits.get(at));
            entry.is_some_and(|entry| entry.is_of(version, bytes))
        } else if let Some(file) = self.state.files.get(name) {
            Sha256::digest(bytes)[..] == file.sha256
        } else if let Some(hash) = name.strip_prefix(layout::ORIGINALS).and_then(|rest| rest.strip_prefix('/')) {
            self.is_original(name, hash, bytes).await?
        } else if let Some((id, _)) = parts(name) {
            self.check_key(id, bytes).await?
        } else if name == layout::CHECKPOINT || name.starts_with(layout::CHECKPOINTS) {
            let size = layout::checkpoint_size(name);
            let signed = SignedCheckpoint::open(bytes, self.key);
            signed.is_ok_and(|signed| {
                self.state.agrees(&signed) && (name == layout::CHECKPOINT || size == Some(signed.size()))
            })
        } else if let Some(path) = name.strip_prefix(layout::TLOG).and_then(|rest| rest.strip_prefix('/')) {
            self.state.log.check(path, bytes).is_ok()
        } else {
            return Err(Fault::damage(msg!("replica-object-unknown", name = name)));
        };
        if is_right { Ok(()) } else { Err(Fault::damage(msg!("replica-object-differs", name = name))) }
    }

    async fn is_original(&self, name: &str, hash: &str, bytes: &[u8]) -> Result<bool> {
        let is_named = |content: &[u8]| hex::encode(Sha256::digest(content)) == hash;
        let Some(ring) = self.ring else { return Ok(is_named(bytes)) };
        if is_named(bytes) {
            return Ok(true);
        }
        let class_key = ring.get(&envelope::wrapped_key(bytes)?.id).await?;
        Ok(is_named(&envelope::open(&class_key, name, bytes)?))
    }

    async fn check_key(&self, id: &str, bytes: &[u8]) -> Result<bool> {
        let Some(ring) = self.ring else { return Ok(false) };
        let object = ClassKeyObject::parse(bytes)?;
        ring.check(&object).await?;
        Ok(object.id == id && object.to_bytes() == bytes)
    }
}
