//! The folder outside the vault that holds its secrets: the key that signs checkpoints and the key that wraps keys.
//!
//! ```text
//! <key folder>/<origin, with / as _>/signing.key       PRIVATE+KEY+…           mode 0600
//!                                    encryption.key    shoseki-key/v1:…        mode 0600
//!                                    verifier.pub      <origin>+<hash>+<key>   for everyone
//! ```

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::LocalKey;
use shoseki_tlog::{SigningKey, VerifierKey};

/// The secrets of one vault.
#[derive(Clone, Debug)]
pub struct KeyDir {
    folder: PathBuf,
}

const SIGNING: &str = "signing.key";
const ENCRYPTION: &str = "encryption.key";
const VERIFIER: &str = "verifier.pub";

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

    /// Makes the secrets of a new vault. What is there already is kept: a second call changes nothing.
    ///
    /// # Errors
    /// The world's failure where the folder cannot be written.
    pub fn create(&self, origin: &str) -> Result<()> {
        let failed = |error: std::io::Error| {
            Fault::world(msg!("vault-keys-unwritable", path = self.folder.display().to_string())).because(error)
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        restrict(&self.folder, 0o700).map_err(failed)?;
        if !self.folder.join(SIGNING).exists() {
            self.write(SIGNING, &SigningKey::generate(origin)?.to_secret_text(), 0o600).map_err(failed)?;
        }
        if !self.folder.join(VERIFIER).exists() {
            // It follows from the other, so that it is made up for where a process died between the two.
            self.write(VERIFIER, &format!("{}\n", self.signing()?.verifier()), 0o644).map_err(failed)?;
        }
        if !self.folder.join(ENCRYPTION).exists() {
            self.write(ENCRYPTION, &LocalKey::fresh()?.to_text(), 0o600).map_err(failed)?;
        }
        Ok(())
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

    /// The key that signs checkpoints.
    ///
    /// # Errors
    /// The caller's mistake where it is not there or no such key.
    pub fn signing(&self) -> Result<SigningKey> {
        SigningKey::from_secret_text(self.read(SIGNING)?.trim())
    }

    /// The key that verifies checkpoints; it is public.
    ///
    /// # Errors
    /// The caller's mistake where it is not there or no such key.
    pub fn verifier(&self) -> Result<VerifierKey> {
        self.read(VERIFIER)?.trim().parse()
    }

    /// The key that wraps keys.
    ///
    /// # Errors
    /// The caller's mistake where it is not there or no such key.
    pub fn encryption(&self) -> Result<LocalKey> {
        LocalKey::parse(&self.read(ENCRYPTION)?)
    }

    /// The files, for showing and for a backup.
    pub fn files(&self) -> [PathBuf; 3] {
        [SIGNING, ENCRYPTION, VERIFIER].map(|name| self.folder.join(name))
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}
