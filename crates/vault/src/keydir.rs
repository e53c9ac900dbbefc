//! The folder outside the vault that holds its secrets: the key that signs checkpoints and the key that wraps keys.
//!
//! ```text
//! <key folder>/<origin, with / as _>/signing.key       PRIVATE+KEY+…           mode 0600
//!                                    encryption.key    shoseki-key/v1:…        mode 0600, or the name of a service's
//!                                                      aws-kms:arn:…           key, which holds no secret
//!                                    encryption.key.<name of the key>          mode 0600, one a key since a rotation
//!                                    verifier.pub      <origin>+<hash>+<key>   for everyone
//! ```

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::{KeyProvider, KeyServices, LocalKey, Providers};
use shoseki_tlog::{SigningKey, VerifierKey};
use zeroize::Zeroizing;

/// The secrets of one vault.
#[derive(Clone, Debug)]
pub struct KeyDir {
    folder: PathBuf,
}

const SIGNING: &str = "signing.key";
const ENCRYPTION: &str = "encryption.key";
const VERIFIER: &str = "verifier.pub";
/// Stands beside the others from before they are made until the vault is: a call that died in between is taken up again.
const UNUSED: &str = ".unused";

/// A key that wraps keys, as its file holds it: the key itself, or the name of one that a service keeps.
#[derive(Clone, Debug)]
pub(crate) enum Held {
    Local(LocalKey),
    Service(String),
}

/// The longest name of a service's key; an ARN is far shorter.
const MAX_NAME: usize = 2_048;

impl Held {
    /// Reads the text of a key file.
    fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        let scheme = name.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
        let is_scheme = !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        if is_scheme && name.len() <= MAX_NAME && name.chars().all(|c| c.is_ascii_graphic()) {
            return Ok(Self::Service(name.to_owned()));
        }
        LocalKey::parse(text).map(Self::Local)
    }

    fn to_text(&self) -> Zeroizing<String> {
        match self {
            Self::Local(key) => key.to_text(),
            Self::Service(name) => Zeroizing::new(format!("{name}\n")),
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Local(key) => key.name(),
            Self::Service(name) => name.clone(),
        }
    }

    fn open(self, services: &dyn KeyServices) -> Result<Arc<dyn KeyProvider>> {
        Ok(match self {
            Self::Local(key) => Arc::new(key),
            Self::Service(name) => services.open(&name)?,
        })
    }

    /// The file in which it is kept under its own name: `encryption.key.0a1b2c3d4e5f6071`.
    fn file(&self) -> String {
        let name = match self {
            Self::Local(key) => key.name().rsplit(':').next().unwrap_or_default().to_owned(),
            Self::Service(name) => hex::encode(&Sha256::digest(name)[..8]),
        };
        format!("{ENCRYPTION}.{name}")
    }
}

impl KeyDir {
    /// The folder of an origin below `base`.
    pub fn of(base: &Path, origin: &str) -> Self {
        let name: String =
            origin.chars().map(|c| if c.is_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
        Self { folder: base.join(name) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Makes the secrets of a new vault; `service` names the key of a service that wraps its keys, in place of a file's. What
    /// a call left that died before the vault was there is kept, until [`KeyDir::are_used`].
    ///
    /// # Errors
    /// The caller's mistake where the keys of a vault are there: two with one key would be two logs that contradict each other. The
    /// world's failure where the folder cannot be written.
    pub fn create(&self, origin: &str, service: Option<&str>) -> Result<()> {
        let failed = |error| self.unwritable(error);
        if self.folder.join(SIGNING).exists() && !self.folder.join(UNUSED).exists() {
            let path = self.folder.display().to_string();
            return Err(Fault::caller(msg!("vault-keys-used", path = path, origin = origin)));
        }
        fs::create_dir_all(&self.folder).map_err(failed)?;
        restrict(&self.folder, 0o700).map_err(failed)?;
        if !self.folder.join(SIGNING).exists() {
            self.write(UNUSED, "", 0o600).map_err(failed)?;
            self.write(SIGNING, &SigningKey::generate(origin)?.to_secret_text(), 0o600).map_err(failed)?;
        }
        if !self.folder.join(VERIFIER).exists() {
            // It follows from the other, so that it is made up for where a process died between the two.
            self.write(VERIFIER, &format!("{}\n", self.signing()?.verifier()), 0o644).map_err(failed)?;
        }
        if !self.folder.join(ENCRYPTION).exists() {
            let held = match service {
                Some(name) => Held::Service(name.to_owned()),
                None => Held::Local(LocalKey::fresh()?),
            };
            self.write(ENCRYPTION, &held.to_text(), 0o600).map_err(failed)?;
        }
        Ok(())
    }

    /// The vault of these secrets is there.
    ///
    /// # Errors
    /// The world's failure where the folder cannot be written.
    pub fn are_used(&self) -> Result<()> {
        let mark = self.folder.join(UNUSED);
        if !mark.exists() {
            return Ok(()); // also where the folder may only be read
        }
        match fs::remove_file(mark) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(self.unwritable(error)),
            _ => Ok(()),
        }
    }

    /// Whether it is the same folder as another, by whatever path.
    pub fn is_same(&self, other: &Self) -> bool {
        let real = |keys: &Self| fs::canonicalize(&keys.folder).ok();
        real(self).is_some_and(|path| real(other) == Some(path))
    }

    /// Writes a file whole or not at all, and durably: a vault must not outlive its keys. What another process put there
    /// in the meantime is kept.
    fn write(&self, name: &str, text: &str, mode: u32) -> std::io::Result<()> {
        let (path, temporary) = (self.folder.join(name), self.folder.join(format!(".{name}-{}", std::process::id())));
        let placed = (|| {
            let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).open(&temporary)?;
            restrict(&temporary, mode)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            match fs::hard_link(&temporary, &path) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
                _ => fs::File::open(&self.folder)?.sync_all(),
            }
        })();
        let _ = fs::remove_file(&temporary); // it is a link to the placed file by now, or of no use
        placed
    }

    fn read(&self, name: &str) -> Result<String> {
        let path = self.folder.join(name);
        fs::read_to_string(&path).map_err(|error| {
            let shown = path.display().to_string();
            Fault::caller(msg!("vault-key-missing", path = shown)).because(error)
        })
    }

    /// What a file holds; where it holds something else, its name is said, and nothing of it.
    fn parsed<T>(&self, name: &str, parse: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let path = self.folder.join(name).display().to_string();
        parse(&self.read(name)?).map_err(|fault| Fault::caller(msg!("vault-key-damaged", path = path)).because(fault))
    }

    /// The key that signs checkpoints.
    ///
    /// # Errors
    /// The caller's mistake where it is not there or no such key.
    pub fn signing(&self) -> Result<SigningKey> {
        self.parsed(SIGNING, |text| SigningKey::from_secret_text(text.trim()))
    }

    /// The key that verifies checkpoints; it is public.
    ///
    /// # Errors
    /// The caller's mistake where it is not there or no such key.
    pub fn verifier(&self) -> Result<VerifierKey> {
        self.parsed(VERIFIER, |text| text.trim().parse())
    }

    /// The key that wraps keys.
    pub(crate) fn held(&self) -> Result<Held> {
        self.parsed(ENCRYPTION, Held::parse)
    }

    /// The name of the key that wraps keys: `file:0a1b2c3d4e5f6071`, `aws-kms:arn:…`.
    ///
    /// # Errors
    /// The caller's mistake where it is not there or no such key.
    pub fn encryption_name(&self) -> Result<String> {
        Ok(self.held()?.name())
    }

    /// The key that wraps keys, and with it those that did so before a rotation and are still there.
    ///
    /// # Errors
    /// The caller's mistake where the current one is not there, or one of them is no such key.
    pub fn providers(&self, services: &dyn KeyServices) -> Result<Providers> {
        let current = self.held()?;
        let mut older: Vec<Arc<dyn KeyProvider>> = Vec::new();
        for held in self.kept_keys()? {
            if held.name() != current.name() {
                older.push(held.open(services)?);
            }
        }
        Ok(Providers::new(current.open(services)?, older))
    }

    /// The keys that are kept under their own names.
    fn kept_keys(&self) -> Result<Vec<Held>> {
        self.kept()?.iter().map(|name| self.parsed(name, Held::parse)).collect()
    }

    /// The names of the files in which keys are kept under their own names.
    fn kept(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.folder).and_then(|entries| {
            entries
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                .collect::<std::io::Result<Vec<_>>>()
        });
        let mut names = entries.map_err(|error| {
            Fault::caller(msg!("vault-key-missing", path = self.folder.display().to_string())).because(error)
        })?;
        names.retain(|name| name.strip_prefix(ENCRYPTION).is_some_and(|rest| rest.starts_with('.')));
        names.sort();
        Ok(names)
    }

    /// Takes another key to wrap keys, and keeps the one before. Every key that ever wraps anything lies first under its own
    /// name: where two processes do this at once, neither's key is lost.
    ///
    /// # Errors
    /// The world's failure where the folder cannot be written; the caller's mistake where the key is missing.
    pub(crate) fn renew(&self, next: &Held) -> Result<()> {
        self.adopt(&self.held()?)?;
        self.adopt(next)?;
        self.make_current(next)
    }

    /// Keeps a key under its own name.
    fn adopt(&self, key: &Held) -> Result<()> {
        self.write(&key.file(), &key.to_text(), 0o600).map_err(|error| self.unwritable(error))
    }

    /// Puts a copy of a key that is kept in the place of the current one, whole or not at all.
    fn make_current(&self, key: &Held) -> Result<()> {
        let (kept, path) = (self.folder.join(key.file()), self.folder.join(ENCRYPTION));
        let link = self.folder.join(format!(".{ENCRYPTION}-{}", std::process::id()));
        let placed = (|| {
            let _ = fs::remove_file(&link); // left by one who died
            fs::hard_link(&kept, &link)?;
            fs::rename(&link, &path)?;
            fs::File::open(&self.folder)?.sync_all()
        })();
        placed.map_err(|error| self.unwritable(error))
    }

    fn unwritable(&self, error: std::io::Error) -> Fault {
        Fault::world(msg!("vault-keys-unwritable", path = self.folder.display().to_string())).because(error)
    }

    /// Copies all secrets to another folder. An older backup of the same keys is brought forward; of others, nothing is
    /// touched.
    ///
    /// # Errors
    /// The caller's mistake where other keys are there; the world's failure where it cannot be written.
    pub fn copy_to(&self, target: &Self) -> Result<()> {
        fs::create_dir_all(&target.folder)
            .and_then(|()| restrict(&target.folder, 0o700))
            .map_err(|error| target.unwritable(error))?;
        for (name, mode) in [(SIGNING, 0o600), (VERIFIER, 0o644)] {
            target.copy_in(name, &self.read(name)?, mode)?;
        }
        for name in self.kept()? {
            target.copy_in(&name, &self.read(&name)?, 0o600)?;
        }
        let (current, kept) = (self.held()?, self.kept_keys()?);
        let is_older =
            |there: &Held| there.name() != current.name() && kept.iter().any(|key| key.name() == there.name());
        match target.held() {
            Ok(there) if is_older(&there) => {
                target.make_current(&current) // it holds an older one of these, and that is kept beside by now
            }
            _ => target.copy_in(ENCRYPTION, &current.to_text(), 0o600),
        }
    }

    fn copy_in(&self, name: &str, text: &str, mode: u32) -> Result<()> {
        self.write(name, text, mode).map_err(|error| self.unwritable(error))?;
        if self.read(name)? == text {
            return Ok(());
        }
        let path = self.folder.join(name).display().to_string();
        Err(Fault::caller(msg!("vault-keys-of-another", path = path)))
    }

    /// The files, for showing.
    pub fn files(&self) -> [PathBuf; 3] {
        [SIGNING, ENCRYPTION, VERIFIER].map(|name| self.folder.join(name))
    }
}

#[cfg(unix)]
pub(crate) fn restrict(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(crate) fn restrict(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}
