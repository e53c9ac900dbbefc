//! The keys of a log: Ed25519, named after the log's origin, as texts of C2SP signed-note.
//!
//! ```text
//! verifier key   example.com/log+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx     name+hash+base64
//! signing key    PRIVATE+KEY+example.com/log+33d7b496+AX…                                 the same with the seed
//! ```
//! The base64 is of the algorithm's byte (`0x01`, Ed25519) and 32 bytes of key.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, SignatureError, Signer, VerifyingKey};
use shoseki_messages::{Fault, Result, msg};
use zeroize::{Zeroize, Zeroizing};

const ED25519: u8 = 1;
const SECRET_PREFIX: &str = "PRIVATE+KEY+";
/// A name is a URL without its scheme; anything longer is not one that a person compares by eye.
const MAX_NAME_BYTES: usize = 255;
/// The longest text of a key: prefix, name, hash and 33 bytes in base64.
const MAX_KEY_BYTES: usize = SECRET_PREFIX.len() + MAX_NAME_BYTES + 1 + 8 + 1 + 44;

/// Whether a text may name a key, and so a log: no spaces, no plus, nothing that a terminal would not show.
fn is_name(name: &str) -> bool {
    signed_note::is_key_name_valid(name) && name.len() <= MAX_NAME_BYTES && !name.chars().any(char::is_control)
}

/// Name, hash and the 32 bytes of `name+hash+base64`.
fn parts(text: &str) -> Option<(&str, u32, Zeroizing<[u8; 32]>)> {
    if text.len() > MAX_KEY_BYTES {
        return None;
    }
    let (name, rest) = text.split_once('+')?;
    let (hash, encoded) = rest.split_once('+')?;
    let decoded = Zeroizing::new(BASE64_STANDARD.decode(encoded).ok()?);
    let (algorithm, key) = decoded.split_first()?;
    let is_hash = hash.len() == 8 && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !is_name(name) || !is_hash || *algorithm != ED25519 {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    if key.len() != bytes.len() {
        return None;
    }
    bytes.copy_from_slice(key);
    Some((name, u32::from_str_radix(hash, 16).ok()?, bytes))
}

/// `<hash>+<base64>` of 32 bytes of key.
fn tail(hash: u32, bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut tagged = Zeroizing::new([ED25519; 33]);
    tagged[1..].copy_from_slice(bytes);
    let mut encoded = BASE64_STANDARD.encode(tagged.as_slice());
    let tail = Zeroizing::new(format!("{hash:08x}+{encoded}"));
    encoded.zeroize();
    tail
}

/// The public half: who may have signed a checkpoint. Shown and read as `name+hash+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key_id: u32,
    key: VerifyingKey,
}

impl VerifierKey {
    /// The verifier of a name and the 32 bytes of an Ed25519 public key.
    ///
    /// # Errors
    /// The caller's mistake where the name cannot name a log or the bytes are no public key.
    pub fn ed25519(name: &str, public: &[u8; 32]) -> Result<Self> {
        if !is_name(name) {
            return Err(Fault::caller(msg!("tlog-key-name-unusable", name = name)));
        }
        let key = VerifyingKey::from_bytes(public)
            .map_err(|error| Fault::caller(msg!("tlog-verifier-key-unreadable")).because(error))?;
        let key_id = signed_note::key_id(name, &[&[ED25519], public.as_slice()].concat());
        Ok(Self { name: name.to_owned(), key_id, key })
    }

    /// The key's name, which is the log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256 over name and key: what a signature line says it was made with.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The 32 bytes of the public key, for those who verify by hand.
    pub fn public_bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Whether these are the 64 bytes of this key's signature over the message. Strictly as RFC 8032 says, and without
    /// keys of small order, for which one signature fits many messages.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl signed_note::Verifier for VerifierKey {
    fn name(&self) -> &str {
        self.name()
    }

    fn key_id(&self) -> u32 {
        self.key_id
    }

    fn verify(&self, msg: &[u8], sig: &[u8]) -> bool {
        self.verify(msg, sig)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.name, *tail(self.key_id, &self.public_bytes()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = Fault;

    /// Reads `name+hash+base64`; spaces around it do not matter. The text stands in no error: somebody may have given
    /// the signing key by mistake.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.starts_with(SECRET_PREFIX) {
            return Err(Fault::caller(msg!("tlog-verifier-key-is-secret")));
        }
        let unreadable = || Fault::caller(msg!("tlog-verifier-key-unreadable"));
        let (name, hash, public) = parts(text).ok_or_else(unreadable)?;
        let key = Self::ed25519(name, &public)?;
        if key.key_id == hash { Ok(key) } else { Err(unreadable()) }
    }
}

/// The secret half. `Debug` and `Display` show its name and hash only; its memory is wiped when it goes.
#[derive(Clone)]
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

impl SigningKey {
    /// A new key for an origin, from the operating system's randomness.
    ///
    /// # Errors
    /// The caller's mistake where the name cannot name a log; the world's where the system has no randomness.
    pub fn generate(origin: &str) -> Result<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice())
            .map_err(|error| Fault::world(msg!("tlog-no-randomness")).because(error.to_string()))?;
        Self::from_seed(origin, &seed)
    }

    fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::ed25519(name, key.verifying_key().as_bytes())?;
        Ok(Self { key, verifier })
    }

    /// Reads `PRIVATE+KEY+name+hash+base64`; spaces and line ends around it do not matter.
    ///
    /// # Errors
    /// The caller's mistake where the text is no such key; the error does not show the text.
    pub fn from_secret_text(text: &str) -> Result<Self> {
        let unreadable = || Fault::caller(msg!("tlog-signing-key-unreadable"));
        let rest = text.trim().strip_prefix(SECRET_PREFIX).ok_or_else(unreadable)?;
        let (name, hash, seed) = parts(rest).ok_or_else(unreadable)?;
        let key = Self::from_seed(name, &seed)?;
        if key.verifier.key_id == hash { Ok(key) } else { Err(unreadable()) }
    }

    /// The key as `PRIVATE+KEY+name+hash+base64`, without a line end. Whoever has it can sign for the log.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(self.key.to_bytes());
        let tail = tail(self.verifier.key_id, &seed);
        Zeroizing::new([SECRET_PREFIX, self.name(), "+", &tail].concat())
    }

    /// The key's name, which is the log's origin.
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl signed_note::Signer for SigningKey {
    fn name(&self) -> &str {
        self.name()
    }

    fn key_id(&self) -> u32 {
        self.verifier.key_id
    }

    fn sign(&self, msg: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.key.try_sign(msg)?.to_bytes().to_vec())
    }
}

impl fmt::Display for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}", self.name(), self.verifier.key_id)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({self}, secret not shown)")
    }
}
