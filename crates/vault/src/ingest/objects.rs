//! Objects of a bucket as inputs: fetched whole, or read in parts where they are long. `bucket.rs` lists them.
//!
//! Here is no order of work and no thread; `queue.rs` says which object is fetched when. What is read is what was listed:
//! each GET asks for the same ETag, so that an object that is replaced meanwhile is told and not mixed.

use async_recursion::async_recursion;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, ObjectMeta, ObjectStore};
use shoseki_messages::{Fault, Result, msg};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::inputs::{At, Input};

/// How long a part is in which a long object is read.
const PART: u64 = 8 << 20;
/// How many parts are fetched ahead of the one being read.
const PARTS_AHEAD: usize = 2;

/// An object as it was listed.
#[derive(Clone, Debug)]
pub struct Object {
    bucket: Arc<AmazonS3>,
    /// `s3://bucket/key`, as provenance names it.
    name: String,
    key: Path,
    e_tag: Option<String>,
    size: u64,
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
    pub(super) fn of(bucket: &Arc<AmazonS3>, bucket_name: &str, meta: ObjectMeta) -> Self {
        let name = format!("s3://{bucket_name}/{}", meta.location);
        Self { bucket: Arc::clone(bucket), name, key: meta.location, e_tag: meta.e_tag, size: meta.size }
    }

    pub(super) fn into_input(self) -> Input {
        Input { name: self.name.clone(), size: self.size, at: At::Object(self) }
    }

    /// `s3://bucket/key`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its key.
    pub fn key(&self) -> &str {
        self.key.as_ref()
    }

    /// Its length in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its bytes, as it was listed. `None` where it is only the mark of a folder.
    ///
    /// # Errors
    /// The world's failure where it is gone, was replaced or cannot be read.
    #[async_recursion]
    pub async fn bytes(&self) -> Result<Option<Bytes>> {
        self.whole(&self.name).await
    }

    /// What the bucket calls this version of it.
    pub fn etag(&self) -> Option<&str> {
        self.e_tag.as_deref()
    }

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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpStream;

    use object_store::ObjectStoreExt;

    use super::super::bucket::list;
    use super::*;
    use crate::NoProfiles;
    use crate::buckets;

    /// The tests' bucket, made where it is not there yet: no object store makes one.
    fn bucket_url(test: &str) -> Option<String> {
        let Ok(endpoint) = std::env::var("SHOSEKI_TEST_S3") else {
            eprintln!("skipped: `{test}` needs SHOSEKI_TEST_S3, which `cargo xtask test` sets");
            return None;
        };
        let host = endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "PUT /shoseki-test HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
        Some(format!("s3://shoseki-test/{test}-{}", std::process::id()))
    }

    fn object(input: &Input) -> Object {
        let At::Object(object) = &input.at else { panic!("no object: {input:?}") };
        object.clone()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_gone_or_replaced_since_it_was_listed_is_told() {
        let Some(url) = bucket_url("gone-or-replaced") else { return };
        let (bucket, _, prefix) = buckets::open(&url, &NoProfiles).await.unwrap();
        let key = Path::parse(format!("{prefix}/a.json")).unwrap();
        bucket.put(&key, "{}".into()).await.unwrap();
        let input = list(&url, &NoProfiles).await.unwrap().remove(0);
        let (listed, name) = (object(&input), input.name.as_str());
        assert_eq!((name, listed.whole(name).await.unwrap().unwrap()), (&*format!("{url}/a.json"), "{}".into()));

        bucket.put(&key, "{\"other\":1}".into()).await.unwrap();
        assert_eq!(listed.whole(name).await.unwrap_err().id(), "vault-object-replaced");
        let mut parts = listed.parts(name, &Handle::current());
        let read = tokio::task::spawn_blocking(move || parts.read_to_end(&mut Vec::new())).await.unwrap();
        let fault = read.unwrap_err().downcast::<Fault>().unwrap();
        assert_eq!(fault.id(), "vault-object-replaced");

        bucket.delete(&key).await.unwrap();
        assert_eq!(listed.whole(name).await.unwrap_err().id(), "vault-object-vanished");
        let empty = Object { size: 0, ..listed };
        assert_eq!(empty.whole(name).await.unwrap(), None, "a folder's mark");
        assert!(list(&url, &NoProfiles).await.unwrap().is_empty());
    }
}
