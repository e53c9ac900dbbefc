//! Opening inputs: a short one is read whole, a long one as a stream, and what must be kept as it came is read again.

use std::fs::{self, File};
use std::io::Read;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_messages::Result;
use shoseki_segment::receipt::Extent;
use tokio::runtime::Handle;

use super::inputs::{At, Input, unreadable};
use super::objects::Object;

/// Inputs up to this length are read once and hashed in memory; longer ones are read twice.
const IN_MEMORY: u64 = 64 << 20;
/// The longest input that is kept whole where its records do not rebuild it.
const MAX_ORIGINAL: u64 = 256 << 20;

impl Input {
    /// Whether it is too long to be held in memory.
    pub(super) fn is_long(&self) -> bool {
        self.size > IN_MEMORY
    }

    /// The object that is fetched before its turn: a file is opened by who reads it, and what is long is read in parts.
    pub(super) fn fetched_ahead(&self) -> Option<&Object> {
        match &self.at {
            At::Object(object) if !self.is_long() => Some(object),
            _ => None,
        }
    }

    /// What its bucket calls this version of it, where it is an object.
    pub(super) fn etag(&self) -> Option<&str> {
        match &self.at {
            At::Object(object) => object.etag(),
            At::Stdin | At::File(_) => None,
        }
    }

    /// Its bytes as a stream. Objects must not be opened from within the runtime.
    ///
    /// # Errors
    /// The world's failure where it cannot be opened.
    pub(super) fn open(&self, runtime: &Handle) -> Result<Box<dyn Read>> {
        Ok(match &self.at {
            At::Stdin => Box::new(std::io::stdin().lock()),
            At::File(path) => Box::new(File::open(path).map_err(|error| unreadable(&self.name, error))?),
            At::Object(object) => Box::new(object.parts(&self.name, runtime)),
        })
    }

    /// Whether it can be read again, to be kept whole: standard input and what is very large cannot.
    pub(super) fn can_be_kept(&self) -> bool {
        !matches!(self.at, At::Stdin) && self.size <= MAX_ORIGINAL
    }

    /// Reads again what was received, to be kept whole. `None` where it came by standard input, is too long, or is no
    /// longer what it was.
    pub(super) fn again(&self, received: &Extent, runtime: &Handle) -> Option<Bytes> {
        if received.size > MAX_ORIGINAL {
            return None;
        }
        let bytes = match &self.at {
            At::Stdin => return None,
            At::File(path) => fs::read(path).ok()?.into(),
            At::Object(object) => runtime.block_on(object.whole(&self.name)).ok()??,
        };
        (hex::encode(Sha256::digest(&bytes)) == received.sha256).then_some(bytes)
    }
}
