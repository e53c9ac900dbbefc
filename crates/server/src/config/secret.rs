//! A secret that a sender signs with. Of a token a hash is enough; who checks a signature needs the secret itself, so it lies in a file
//! that only this user reads, and nowhere in the configuration.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use shoseki_messages::{Fault, Result, msg};

/// The shortest secret that is taken.
const SHORTEST: usize = 16;
/// The longest file that is read.
const LONGEST: u64 = 4_096;

/// A secret. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<[u8]>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// These bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The content of a file, without the line's end behind it.
    ///
    /// # Errors
    /// The caller's mistake where it cannot be read, others may read it, or it is too short or too long.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let unreadable = |error: std::io::Error| {
            Fault::caller(msg!("server-config-secret-unreadable", path = shown.as_str())).because(error)
        };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
            return Err(Fault::caller(msg!("server-config-secret-open", path = shown.as_str())));
        }
        let bytes = if metadata.len() > LONGEST { Vec::new() } else { std::fs::read(path).map_err(unreadable)? };
        let secret = bytes.trim_ascii_end();
        if secret.len() < SHORTEST {
            let message = msg!("server-config-secret-short", path = shown.as_str(), least = SHORTEST, most = LONGEST);
            return Err(Fault::caller(message));
        }
        Ok(Self::of(secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_secret_is_read_where_nobody_else_may() {
        use std::fs::{Permissions, set_permissions, write};
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        assert_eq!(Secret::read(&path).unwrap_err().id(), "server-config-secret-unreadable");
        write(&path, "0123456789abcdef\n").unwrap();
        for (mode, id) in
            [(0o644, Some("server-config-secret-open")), (0o640, Some("server-config-secret-open")), (0o600, None)]
        {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(Secret::read(&path).err().map(|fault| fault.id()), id);
        }
        let secret = Secret::read(&path).unwrap();
        assert_eq!((secret.bytes(), format!("{secret:?}").as_str()), (&b"0123456789abcdef"[..], "Secret"));
        for wrong in ["short\n", &"x".repeat(5_000)] {
            write(&path, wrong).unwrap();
            assert_eq!(Secret::read(&path).unwrap_err().id(), "server-config-secret-short");
        }
    }
}
