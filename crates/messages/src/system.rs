//! Why the operating system refused something, in both languages, with the system's own number.

use std::error::Error;
use std::io;

use crate::{Lang, Message, Value, msg};

/// What a cause says in a language. What comes from another library and is no refusal of the system stays in that library's words.
pub(crate) fn said(cause: &(dyn Error + 'static), lang: Lang) -> String {
    match cause.downcast_ref::<io::Error>().and_then(refusal) {
        Some(message) => message.text(lang),
        None => cause.to_string(),
    }
}

impl From<&io::Error> for Value {
    fn from(error: &io::Error) -> Self {
        refusal(error).map_or_else(|| Self::Text(error.to_string()), Self::from)
    }
}

/// The refusals that people meet. `None` for what the system did not say, and for what is too rare to have words here.
fn refusal(error: &io::Error) -> Option<Message> {
    let number = error.raw_os_error()?;
    let message = match error.kind() {
        io::ErrorKind::NotFound => msg!("system-not-found"),
        io::ErrorKind::PermissionDenied => msg!("system-permission-denied"),
        io::ErrorKind::AlreadyExists => msg!("system-already-exists"),
        io::ErrorKind::NotADirectory => msg!("system-not-a-directory"),
        io::ErrorKind::IsADirectory => msg!("system-is-a-directory"),
        io::ErrorKind::DirectoryNotEmpty => msg!("system-directory-not-empty"),
        io::ErrorKind::ReadOnlyFilesystem => msg!("system-read-only"),
        io::ErrorKind::StorageFull => msg!("system-storage-full"),
        io::ErrorKind::QuotaExceeded => msg!("system-quota-exceeded"),
        io::ErrorKind::FileTooLarge => msg!("system-file-too-large"),
        io::ErrorKind::InvalidFilename => msg!("system-invalid-filename"),
        io::ErrorKind::ResourceBusy => msg!("system-busy"),
        io::ErrorKind::ConnectionRefused => msg!("system-connection-refused"),
        io::ErrorKind::ConnectionReset => msg!("system-connection-reset"),
        io::ErrorKind::BrokenPipe => msg!("system-broken-pipe"),
        io::ErrorKind::TimedOut => msg!("system-timed-out"),
        io::ErrorKind::HostUnreachable => msg!("system-host-unreachable"),
        io::ErrorKind::NetworkUnreachable => msg!("system-network-unreachable"),
        io::ErrorKind::AddrInUse => msg!("system-address-in-use"),
        io::ErrorKind::AddrNotAvailable => msg!("system-address-not-available"),
        io::ErrorKind::OutOfMemory => msg!("system-out-of-memory"),
        _ => unnamed(number)?,
    };
    Some(msg!("system-refusal", what = message, number = number))
}

/// Those for which the standard library has no kind.
#[cfg(unix)]
fn unnamed(number: i32) -> Option<Message> {
    match number {
        5 => Some(msg!("system-input-output")),
        23 | 24 => Some(msg!("system-too-many-open-files")),
        40 => Some(msg!("system-too-many-links")),
        _ => None,
    }
}

#[cfg(not(unix))]
fn unnamed(_: i32) -> Option<Message> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fault;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_the_system_says_is_said_in_both_languages() {
        for (number, japanese) in [
            (2, "ファイルまたはディレクトリがありません"),
            (13, "許可がありません"),
            (28, "ディスクに空きがありません"),
            (111, "接続が拒否されました"),
            (24, "開いているファイルが多すぎます"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            let system = error.to_string();
            let fault = Fault::world(msg!("cli-warning", what = "x")).because(error);
            assert_eq!(fault.chain(Lang::En), format!("warning: x: {system}"), "in the system's own words");
            assert_eq!(fault.chain(Lang::Ja), format!("警告: x: {japanese}（os error {number}）"));
        }
    }

    #[test]
    fn what_the_system_did_not_say_keeps_its_words() {
        for error in [io::Error::other("a bad line"), io::Error::from_raw_os_error(9_999)] {
            let said = error.to_string();
            let fault = Fault::world(msg!("cli-warning", what = "x")).because(error);
            assert!(fault.chain(Lang::Ja).ends_with(&said), "{fault:?}");
        }
    }
}
