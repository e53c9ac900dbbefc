//! Where it is told that `serve` is well, again and again: `[heartbeat]`. Who hears nothing any more tells people by himself.
//!
//! ```text
//! [heartbeat]
//! url_file = "heartbeat.url"
//! every = "5m"
//! ```

use std::path::{Path, PathBuf};

use serde::Deserialize;
use shoseki_messages::{Fault, Message, Result, msg};

use super::alert::{is_url, secret};
use super::{Hidden, Length};

/// The table `[heartbeat]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// The URL that is posted to.
    pub url: Option<Hidden>,
    /// A file that holds it.
    pub url_file: Option<PathBuf>,
    /// How often.
    #[serde(default = "five_minutes")]
    pub every: Length,
}

fn five_minutes() -> Length {
    Length::seconds(300)
}

impl Heartbeat {
    /// Makes paths relative to the configuration's folder.
    pub(super) fn below(&mut self, folder: &Path) {
        if let Some(path) = &mut self.url_file {
            *path = folder.join(&*path);
        }
    }

    /// The URL.
    ///
    /// # Errors
    /// The caller's mistake where the file cannot be read, or holds no URL.
    pub(crate) fn target(&self) -> Result<Hidden> {
        let url = secret(self.url.as_ref(), self.url_file.as_ref())?;
        url.filter(is_url).ok_or_else(|| Fault::caller(msg!("alert-config-heartbeat-url")))
    }
}

/// What is wrong with it.
pub(super) fn mistakes(heartbeat: &Heartbeat, found: &mut Vec<Message>) {
    if heartbeat.url.is_some() == heartbeat.url_file.is_some() {
        found.push(msg!("alert-config-heartbeat-one"));
    }
    if heartbeat.url.as_ref().is_some_and(|url| !is_url(url)) {
        found.push(msg!("alert-config-heartbeat-url"));
    }
    if heartbeat.every.0.is_zero() {
        found.push(msg!("alert-config-heartbeat-every"));
    }
}
