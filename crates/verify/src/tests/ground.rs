//! Where the lies are told: in memory, in a folder, and in a bucket of moto's S3 where the test command started one. What is
//! there already is not written again, so that a lie costs what it changes.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tempfile::TempDir;

use super::fixture::Vault;
use crate::Place;

/// The tests' bucket in moto.
pub(crate) const BUCKET: &str = "shoseki-test";

/// The tests' bucket, made where it is not there yet; `None`, and said, where no server was started for the tests.
pub(crate) fn moto(what: &str) -> Option<Arc<dyn ObjectStore>> {
    let Ok(endpoint) = std::env::var("SHOSEKI_TEST_S3") else {
        println!("skipped: {what} in moto's S3 need SHOSEKI_TEST_S3, which `cargo xtask test` sets");
        return None;
    };
    let host = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!("PUT /{BUCKET} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    Some(Arc::new(AmazonS3Builder::from_env().with_bucket_name(BUCKET).with_allow_http(true).build().unwrap()))
}

/// A place for a vault.
pub(crate) enum Ground {
    Memory,
    Folder(TempDir, BTreeMap<String, Bytes>),
    Bucket(Arc<dyn ObjectStore>, Path, BTreeMap<String, Bytes>),
}

impl fmt::Debug for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Folder(..) => "a folder",
            Self::Bucket(..) => "moto's S3",
        })
    }
}

impl Ground {
    pub(crate) fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap(), BTreeMap::new())
    }

    /// `None`, and said, where moto is not there.
    pub(crate) fn bucket(what: &str) -> Option<Self> {
        let name = tempfile::tempdir().unwrap().path().file_name().unwrap().to_string_lossy().into_owned();
        Some(Self::Bucket(moto(what)?, Path::from(format!("verify-{}-{name}", std::process::id())), BTreeMap::new()))
    }

    /// The place, once these objects lie there and no others.
    pub(crate) async fn place(&mut self, objects: &BTreeMap<String, Bytes>) -> Place {
        match self {
            Self::Memory => Vault::place(objects).await,
            Self::Folder(folder, there) => {
                for name in there.keys().filter(|name| !objects.contains_key(*name)) {
                    std::fs::remove_file(folder.path().join(name)).unwrap();
                }
                for (name, bytes) in objects.iter().filter(|(name, bytes)| there.get(*name) != Some(*bytes)) {
                    let path = folder.path().join(name);
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(path, bytes).unwrap();
                }
                there.clone_from(objects);
                Place::folder(folder.path()).unwrap()
            }
            Self::Bucket(store, prefix, there) => {
                let path = |name: &str| Path::from(format!("{prefix}/{name}"));
                for name in there.keys().filter(|name| !objects.contains_key(*name)) {
                    store.delete(&path(name)).await.unwrap();
                }
                for (name, bytes) in objects.iter().filter(|(name, bytes)| there.get(*name) != Some(*bytes)) {
                    store.put(&path(name), bytes.clone().into()).await.unwrap();
                }
                there.clone_from(objects);
                Place::new(Arc::clone(store), prefix.clone())
            }
        }
    }
}
