//! What lies in a bucket: listed below `s3://bucket/prefix`, whole or a level at a time.

use async_recursion::async_recursion;
use std::sync::Arc;

use object_store::aws::AmazonS3;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{Error, ObjectStoreExt};
use shoseki_messages::{Fault, Result, msg};

use super::inputs::Input;
use super::objects::Object;
use crate::buckets::{self, Buckets};

/// A bucket that can be listed.
#[derive(Clone, Debug)]
pub struct Bucket {
    store: Arc<AmazonS3>,
    name: String,
}

/// One level below a prefix.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// The names that end with `/`, without what is before them and without the `/`.
    pub folders: Vec<String>,
    /// The objects.
    pub objects: Vec<Object>,
}

impl Bucket {
    /// The bucket of `s3://bucket/prefix`, and the prefix.
    ///
    /// # Errors
    /// The caller's mistake where the URL names no bucket or the settings are unusable.
    #[async_recursion]
    pub async fn open(url: &str, buckets: &dyn Buckets) -> Result<(Self, String)> {
        let (store, name, prefix) = buckets::open(url, buckets).await?;
        Ok((Self { store, name: name.to_owned() }, prefix.to_owned()))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All objects whose keys begin with a prefix, in the order of their keys.
    ///
    /// # Errors
    /// The caller's mistake where there is no such bucket; the world's failure where it cannot be listed.
    #[async_recursion]
    pub async fn objects(&self, prefix: &str) -> Result<Vec<Object>> {
        self.pages(prefix, PaginatedListOptions::default()).await.map(|level| level.objects)
    }

    /// What lies one level below a prefix, which ends with `/` or is empty: of the names behind `after`, where one is given.
    ///
    /// # Errors
    /// As [`Bucket::objects`].
    #[async_recursion]
    pub async fn level(&self, prefix: &str, after: Option<&str>) -> Result<Level> {
        let offset = after.map(|after| format!("{prefix}{after}"));
        let options = PaginatedListOptions { delimiter: Some("/".into()), offset, ..PaginatedListOptions::default() };
        self.pages(prefix, options).await
    }

    /// The object of a key. `None` where there is none.
    ///
    /// # Errors
    /// The world's failure where it cannot be asked for.
    #[async_recursion]
    pub async fn object(&self, key: &str) -> Result<Option<Object>> {
        let url = format!("{}{}/{key}", buckets::S3, self.name);
        let path = Path::parse(key)
            .map_err(|error| Fault::caller(msg!("vault-object-key-unusable", url = url.as_str())).because(error))?;
        match self.store.head(&path).await {
            Ok(meta) => Ok(Some(Object::of(&self.store, &self.name, meta))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error @ (Error::PermissionDenied { .. } | Error::Unauthenticated { .. })) => {
                Err(Fault::world(msg!("vault-object-forbidden", path = url)).because(error))
            }
            Err(error) => Err(Fault::world(msg!("vault-file-unreadable", path = url)).because(error)),
        }
    }

    async fn pages(&self, prefix: &str, first: PaginatedListOptions) -> Result<Level> {
        let url = || format!("{}{}/{prefix}", buckets::S3, self.name);
        let delimiter = first.delimiter.clone();
        let (mut level, mut options) = (Level::default(), first);
        loop {
            let page = self.store.list_paginated(Some(prefix).filter(|prefix| !prefix.is_empty()), options).await;
            let page = page.map_err(|error| buckets::unlisted(&url(), error))?;
            let folders = page.result.common_prefixes.iter().filter_map(|folder| folder.filename().map(str::to_owned));
            level.folders.extend(folders);
            level.objects.extend(page.result.objects.into_iter().map(|m| Object::of(&self.store, &self.name, m)));
            match page.page_token {
                None => break,
                next => {
                    let delimiter = delimiter.clone();
                    options = PaginatedListOptions { page_token: next, delimiter, ..PaginatedListOptions::default() };
                }
            }
        }
        level.objects.sort_by(|a, b| a.name().cmp(b.name())); // S3 lists in this order; what calls itself S3 may not
        Ok(level)
    }
}

/// The objects whose keys begin with the prefix of `s3://bucket/prefix`, in the order of their keys. Where an object has
/// exactly this key, it alone is meant.
///
/// # Errors
/// The caller's mistake where the URL names no bucket or the bucket is not there; the world's failure where it cannot be
/// listed.
pub(super) async fn list(url: &str, buckets: &dyn Buckets) -> Result<Vec<Input>> {
    let (bucket, prefix) = Bucket::open(url, buckets).await?;
    let mut objects = bucket.objects(&prefix).await?;
    if objects.first().is_some_and(|object| object.key() == prefix && object.size() > 0) {
        objects.truncate(1);
    }
    Ok(objects.into_iter().map(Object::into_input).collect())
}
