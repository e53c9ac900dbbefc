//! Keys: a provider's key wraps a key per retention class and month, that wraps a key per file.
//!
//! ```text
//! provider (a key file outside the vault; AWS KMS)
//!   └─ keys/standard/2026-03/1.json   the class key, wrapped by the provider; a later generation after a rotation
//!        └─ tag `shoseki.key`         a file's key, wrapped by the class key
//! ```
//!
//! Wrapping is AES-256-GCM with a random nonce: `nonce (12) ‖ ciphertext (32) ‖ tag (16)`, and the context as associated
//! data, so that a wrapped key cannot be moved to another place.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use zeroize::Zeroizing;

use crate::layout::newer;
use crate::{FIRST_FORMAT, FORMAT_VERSION};

/// 32 secret bytes. They are wiped when dropped and never shown.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// New, from the system's random numbers.
    ///
    /// # Errors
    /// The world's failure where the system gives none.
    pub fn fresh() -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(bytes.as_mut()).map_err(|_| Fault::world(msg!("segment-no-random")))?;
        Ok(Self(bytes))
    }

    /// The bytes, for the cipher.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Secret {
    fn from(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn cipher(key: &Secret) -> Result<LessSafeKey> {
    let unbound = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| Fault::broken(msg!("segment-cipher")))?;
    Ok(LessSafeKey::new(unbound))
}

/// Encrypts `plain` in place and appends the tag.
pub(crate) fn seal(key: &Secret, nonce: [u8; NONCE_LEN], aad: &[u8], plain: &mut Vec<u8>) -> Result<()> {
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), plain)
        .map_err(|_| Fault::broken(msg!("segment-cipher")))
}

/// Decrypts in place; `None` where key, nonce, associated data or bytes are not what was sealed.
pub(crate) fn open<'a>(
    key: &Secret,
    nonce: [u8; NONCE_LEN],
    aad: &[u8],
    sealed: &'a mut [u8],
) -> Result<Option<&'a [u8]>> {
    let opened = cipher(key)?.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), sealed);
    Ok(opened.ok().map(|plain| &*plain))
}

/// Wraps a key by another.
///
/// # Errors
/// The world's failure where there are no random numbers.
pub fn wrap(by: &Secret, context: &str, key: &Secret) -> Result<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| Fault::world(msg!("segment-no-random")))?;
    let mut sealed = key.expose().to_vec();
    seal(by, nonce, context.as_bytes(), &mut sealed)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Unwraps what [`wrap`] made.
///
/// # Errors
/// Damage where the key is another or the bytes were changed.
pub fn unwrap(by: &Secret, context: &str, wrapped: &[u8]) -> Result<Secret> {
    let refused = || Fault::damage(msg!("segment-key-refused", context = context));
    let (nonce, sealed) = wrapped.split_at_checked(NONCE_LEN).ok_or_else(refused)?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| refused())?;
    let mut sealed = Zeroizing::new(sealed.to_vec());
    let plain = open(by, nonce, context.as_bytes(), &mut sealed)?.ok_or_else(refused)?;
    let bytes: [u8; 32] = plain.try_into().map_err(|_| refused())?;
    Ok(Secret::from(bytes))
}

/// What holds the outermost key.
#[async_trait::async_trait]
pub trait KeyProvider: Send + Sync + fmt::Debug {
    /// Its name in the wrapped keys: `file:0a1b2c3d4e5f6071`, `aws-kms:arn:…`. It tells keys apart and reveals none.
    fn name(&self) -> String;
    /// The provider of a name: this one, or one of those that it stands for.
    fn named(&self, name: &str) -> Option<&dyn KeyProvider>;
    /// Wraps a class key.
    async fn wrap(&self, context: &str, key: &Secret) -> Result<Vec<u8>>;
    /// Unwraps a class key.
    async fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Secret>;
}

/// Opens the providers that are no file: keys that a service keeps, such as AWS KMS.
pub trait KeyServices: Send + Sync + fmt::Debug {
    /// The provider of a name, such as `aws-kms:arn:…`. Nothing is asked of the service yet.
    ///
    /// # Errors
    /// The caller's mistake where the name is of no service that is known here.
    fn open(&self, name: &str) -> Result<Arc<dyn KeyProvider>>;
}

/// No services: only key files open anything.
#[derive(Clone, Copy, Debug)]
pub struct NoServices;

impl KeyServices for NoServices {
    fn open(&self, name: &str) -> Result<Arc<dyn KeyProvider>> {
        Err(Fault::caller(msg!("segment-key-service-unknown", name = name)))
    }
}

const FILE_KEY_PREFIX: &str = "shoseki-key/v1:";

/// The provider of a folder vault: a key that lies in a file outside the vault.
#[derive(Clone, Debug)]
pub struct LocalKey(Secret);

impl LocalKey {
    /// A new key.
    ///
    /// # Errors
    /// The world's failure where there are no random numbers.
    pub fn fresh() -> Result<Self> {
        Ok(Self(Secret::fresh()?))
    }

    /// Reads the text of a key file: `shoseki-key/v1:<base64 of 32 bytes>`.
    ///
    /// # Errors
    /// The caller's mistake where it is no such text. The text is never repeated in the error.
    pub fn parse(text: &str) -> Result<Self> {
        let unreadable = || Fault::caller(msg!("segment-key-file-unreadable"));
        let encoded = text.trim().strip_prefix(FILE_KEY_PREFIX).ok_or_else(unreadable)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| unreadable())?);
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| unreadable())?;
        Ok(Self(Secret::from(bytes)))
    }

    /// The text of the key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{FILE_KEY_PREFIX}{}\n", STANDARD.encode(self.0.expose())))
    }
}

#[async_trait::async_trait]
impl KeyProvider for LocalKey {
    fn name(&self) -> String {
        let digest = Sha256::digest([b"shoseki/key-name/v1".as_slice(), self.0.expose()].concat());
        format!("file:{}", hex::encode(&digest[..8]))
    }

    fn named(&self, name: &str) -> Option<&dyn KeyProvider> {
        (self.name() == name).then_some(self)
    }

    async fn wrap(&self, context: &str, key: &Secret) -> Result<Vec<u8>> {
        wrap(&self.0, context, key)
    }

    async fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Secret> {
        unwrap(&self.0, context, wrapped)
    }
}

/// The provider that wraps, and older ones, which only unwrap: what a vault is opened with after a rotation.
#[derive(Clone, Debug)]
pub struct Providers {
    current: Arc<dyn KeyProvider>,
    older: Vec<Arc<dyn KeyProvider>>,
}

impl Providers {
    /// The current provider and the older ones.
    pub fn new(current: Arc<dyn KeyProvider>, older: Vec<Arc<dyn KeyProvider>>) -> Self {
        Self { current, older }
    }
}

#[async_trait::async_trait]
impl KeyProvider for Providers {
    fn name(&self) -> String {
        self.current.name()
    }

    fn named(&self, name: &str) -> Option<&dyn KeyProvider> {
        std::iter::once(&self.current).chain(&self.older).find_map(|provider| provider.named(name))
    }

    async fn wrap(&self, context: &str, key: &Secret) -> Result<Vec<u8>> {
        self.current.wrap(context, key).await
    }

    async fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Secret> {
        self.current.unwrap(context, wrapped).await
    }
}

/// A class key as it lies in `keys/<class>/<month>/<generation>.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassKeyObject {
    format: u32,
    /// `standard/2026-03`.
    pub id: String,
    /// [`KeyProvider::name`] of who wrapped it.
    pub provider: String,
    /// Base64.
    wrapped: String,
}

impl ClassKeyObject {
    fn context(id: &str) -> String {
        format!("shoseki/class-key/v1:{id}")
    }

    /// Wraps a class key for storing.
    ///
    /// # Errors
    /// The provider's.
    pub async fn seal(id: &str, key: &Secret, provider: &dyn KeyProvider) -> Result<Self> {
        let wrapped = provider.wrap(&Self::context(id), key).await?;
        Ok(Self {
            format: FIRST_FORMAT,
            id: id.to_owned(),
            provider: provider.name(),
            wrapped: STANDARD.encode(wrapped),
        })
    }

    /// The class key.
    ///
    /// # Errors
    /// The caller's mistake where the provider is another than the one that wrapped it, damage where it was changed.
    pub async fn open(&self, provider: &dyn KeyProvider) -> Result<Secret> {
        let Some(provider) = provider.named(&self.provider) else {
            let id = self.id.as_str();
            return Err(Fault::caller(msg!(
                "segment-other-key",
                id = id,
                wanted = self.provider.as_str(),
                given = provider.name()
            )));
        };
        let wrapped = STANDARD
            .decode(&self.wrapped)
            .map_err(|error| Fault::damage(msg!("segment-key-refused", context = self.id.as_str())).because(error))?;
        provider.unwrap(&Self::context(&self.id), &wrapped).await
    }

    /// The object's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the object.
    ///
    /// # Errors
    /// Damage where it is no such object; the caller's mistake where a newer version wrote it.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let object: Self = serde_json::from_slice(bytes)
            .map_err(|error| Fault::damage(msg!("segment-key-object-unreadable")).because(error))?;
        if object.format > FORMAT_VERSION {
            return Err(newer(&object.id, object.format));
        }
        Ok(object)
    }
}

/// A file's key, wrapped by a class key: it stands in the file's tag and in the heads of envelopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedKey {
    /// The class key's id: `standard/2026-03`.
    pub id: String,
    /// Base64.
    wrapped: String,
}

impl WrappedKey {
    /// Wraps a file's key; `name` is the file's, so that the key fits no other.
    ///
    /// # Errors
    /// The world's failure where there are no random numbers.
    pub fn seal(id: &str, class_key: &Secret, name: &str, key: &Secret) -> Result<Self> {
        let wrapped = wrap(class_key, &format!("shoseki/file-key/v1:{name}"), key)?;
        Ok(Self { id: id.to_owned(), wrapped: STANDARD.encode(wrapped) })
    }

    /// The file's key.
    ///
    /// # Errors
    /// Damage where the class key is another, the name is another, or it was changed.
    pub fn open(&self, class_key: &Secret, name: &str) -> Result<Secret> {
        let wrapped = STANDARD
            .decode(&self.wrapped)
            .map_err(|error| Fault::damage(msg!("segment-key-refused", context = name)).because(error))?;
        unwrap(class_key, &format!("shoseki/file-key/v1:{name}"), &wrapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_only_in_its_place() {
        let (outer, inner) = (Secret::fresh().unwrap(), Secret::fresh().unwrap());
        let wrapped = wrap(&outer, "a", &inner).unwrap();
        assert_eq!(unwrap(&outer, "a", &wrapped).unwrap().expose(), inner.expose());
        assert!(unwrap(&outer, "b", &wrapped).is_err());
        assert!(unwrap(&inner, "a", &wrapped).is_err());
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert!(unwrap(&outer, "a", &changed).is_err(), "byte {at}");
        }
        assert!(unwrap(&outer, "a", b"short").is_err());
    }

    #[tokio::test]
    async fn older_providers_unwrap_and_the_current_one_wraps() {
        let [old, new, other] = [1, 2, 3].map(|n| LocalKey(Secret::from([n; 32])));
        let key = Secret::fresh().unwrap();
        let first = ClassKeyObject::seal("standard/2026-03", &key, &old).await.unwrap();
        let all = Providers::new(Arc::new(new.clone()), vec![Arc::new(old.clone())]);
        let second = ClassKeyObject::seal("standard/2026-03", &key, &all).await.unwrap();
        assert_eq!((second.provider.as_str(), all.name()), (new.name().as_str(), new.name()));
        for object in [&first, &second] {
            assert_eq!(object.open(&all).await.unwrap().expose(), key.expose());
            assert_eq!(object.open(&other).await.unwrap_err().id(), "segment-other-key");
        }
        assert_eq!(second.open(&old).await.unwrap_err().id(), "segment-other-key");
    }

    #[test]
    fn secrets_are_never_shown() {
        let key = LocalKey(Secret::from([65; 32]));
        assert_eq!(format!("{key:?}"), "LocalKey(Secret(…))");
        assert!(!LocalKey::parse("shoseki-key/v1:QUFB").unwrap_err().to_string().contains("QUFB"));
        assert_eq!(LocalKey::parse(&key.to_text()).unwrap().name(), key.name());
    }
}
