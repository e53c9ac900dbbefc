//! Objects of a bucket as inputs: listed below `s3://bucket/prefix`, fetched whole, or read in parts where they are long.
//!
//! Here is no order of work and no thread; `queue.rs` says which object is fetched when. What is read is what was listed:
//! each GET asks for the same ETag, so that an object that is replaced meanwhile is told and not mixed.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use object_store::aws::AmazonS3;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, ObjectMeta, ObjectStore};
use shoseki_messages::{Fault, Result, msg};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::inputs::{At, Input};
use crate::store;

/// How long a part is in which a long object is read.
const PART: u64 = 8 << 20;
/// How many parts are fetched ahead of the one being read.
const PARTS_AHEAD: usize = 2;

/// An object as it was listed.
#[derive(Clone, Debug)]
pub(super) struct Object {
    bucket: Arc<AmazonS3>,
    key: Path,
    e_tag: Option<String>,
    size: u64,
}

/// The objects whose keys begin with the prefix of `s3://bucket/prefix`, in the order of their keys. Where an object has
/// exactly this key, it alone is meant.
///
/// # Errors
/// The caller's mistake where the URL names no bucket or the bucket is not there; the world's failure where it cannot be
/// listed.
pub(super) async fn list(url: &str) -> Result<Vec<Input>> {
    let (bucket, name, prefix) = store::bucket(url)?;
    let mut inputs = Vec::new();
    let mut options = PaginatedListOptions::default();
    loop {
        let page = bucket.list_paginated(Some(prefix).filter(|prefix| !prefix.is_empty()), options).await;
        let page = page.map_err(|error| unlisted(url, error))?;
        for meta in page.result.objects {
            let is_meant_alone = inputs.is_empty() && meta.location.as_ref() == prefix && meta.size > 0;
            inputs.push(input(&bucket, name, meta));
            if is_meant_alone {
                return Ok(inputs);
            }
        }
        match page.page_token {
            None => break,
            next => options = PaginatedListOptions { page_token: next, ..PaginatedListOptions::default() },
        }
    }
    inputs.sort_by(|a, b| a.name.cmp(&b.name)); // S3 lists in this order; what calls itself S3 may not
    Ok(inputs)
}

fn input(bucket: &Arc<AmazonS3>, name: &str, meta: ObjectMeta) -> Input {
    let shown = format!("s3://{name}/{}", meta.location);
    let object = Object { bucket: Arc::clone(bucket), key: meta.location, e_tag: meta.e_tag, size: meta.size };
    Input { name: shown, size: meta.size, at: At::Object(object) }
}

fn unlisted(url: &str, error: Error) -> Fault {
    // A listing's error is of no kind; what S3 answered is only in its text.
    let text = error.to_string();
    let message = match error {
        Error::InvalidPath { .. } => msg!("vault-object-key-unusable", url = url),
        _ if text.contains("NoSuchBucket") => {
            return Fault::caller(msg!("vault-bucket-absent", url = url)).because(error);
        }
        _ if text.contains("403 Forbidden") => msg!("vault-bucket-forbidden", url = url),
        _ => msg!("vault-bucket-unlistable", url = url),
    };
    Fault::world(message).because(error)
}

fn failed(name: &str, error: Error) -> Fault {
    let message = match error {
        Error::NotFound { .. } => msg!("vault-object-vanished", path = name),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => msg!("vault-object-forbidden", path = name),
        Error::Precondition { .. } => msg!("vault-object-replaced", path = name),
        _ => msg!("vault-file-unreadable", path = name),
    };
    Fault::world(message).because(error)
}

impl Object {
    /// The whole object. `None` where there is no object of a listed key and length 0: consoles mark folders by `name/`,
    /// which is read as `name`.
    pub(super) async fn whole(&self, name: &str) -> Result<Option<Bytes>> {
        match self.get(None).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) if self.size == 0 => Ok(None),
            Err(error) => Err(failed(name, error)),
        }
    }

    async fn get(&self, range: Option<GetRange>) -> object_store::Result<Bytes> {
        let options = GetOptions { if_match: self.e_tag.clone(), range, ..GetOptions::default() };
        self.bucket.get_opts(&self.key, options).await?.bytes().await
    }

    /// Reads the object in parts, from its beginning. Must not be read from within the runtime.
    pub(super) fn parts(&self, name: &str, runtime: &Handle) -> Parts {
        let (object, name) = (self.clone(), name.to_owned());
        Parts { object, name, runtime: runtime.clone(), asked: 0, coming: VecDeque::new(), part: Bytes::new() }
    }
}

/// A long object being read: one part at hand, a few on their way.
pub(super) struct Parts {
    object: Object,
    name: String,
    runtime: Handle,
    /// Up to where parts were asked for.
    asked: u64,
    coming: VecDeque<JoinHandle<object_store::Result<Bytes>>>,
    part: Bytes,
}

impl Parts {
    fn ask(&mut self) {
        while self.coming.len() <= PARTS_AHEAD && self.asked < self.object.size {
            let end = (self.asked + PART).min(self.object.size);
            let (object, range) = (self.object.clone(), GetRange::Bounded(self.asked..end));
            self.coming.push_back(self.runtime.spawn(async move { object.get(Some(range)).await }));
            self.asked = end;
        }
    }
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.part.is_empty() {
            self.ask();
            let Some(next) = self.coming.pop_front() else { return Ok(0) };
            let part = self.runtime.block_on(next).map_err(io::Error::other)?;
            self.part = part.map_err(|error| io::Error::other(failed(&self.name, error)))?;
        }
        let length = buffer.len().min(self.part.len());
        buffer[..length].copy_from_slice(&self.part[..length]);
        self.part.advance(length);
        Ok(length)
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.coming.iter().for_each(JoinHandle::abort);
    }
}
