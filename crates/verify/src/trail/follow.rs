//! A trail that moved to another bucket: its chain goes on in the one before. Where that was not given, it is opened too, by
//! the word of a digest whose signature is right, and of nobody else.

use std::collections::BTreeSet;

use async_trait::async_trait;
use shoseki_messages::Result;

use super::chain::{Document, ReadDigest, Standing};
use super::discover::Leaf;
use super::place::Located;
use super::run::Run;
use super::tree::TrailPlace;

/// How many buckets one chain is followed into.
const MAX_BUCKETS: usize = 16;

/// What opens a bucket that a digest names.
#[async_trait]
pub trait OtherBuckets: Send + Sync {
    /// The whole bucket of this name.
    ///
    /// # Errors
    /// Where it cannot be opened.
    async fn open(&self, bucket: &str) -> Result<TrailPlace>;
}

/// Says of each digest whether the one before it lies outside of all that is known.
pub(crate) fn mark(run: &Run, digests: &mut [ReadDigest]) {
    let roots: Vec<_> = run.places().iter().map(|place| place.root().clone()).collect();
    for read in digests {
        let Ok(Document { digest, located, .. }) = &read.document else { continue };
        let Some(previous) = &digest.previous else { continue };
        let is_copy = *located == Located::OtherBucket;
        read.goes_outside = !roots.iter().any(|root| root.could_hold(&previous.place, is_copy));
    }
}

/// The folders in which the chains of an account and region go on, beyond what was `followed` before.
pub(crate) async fn next(
    run: &Run,
    (digests, standings): (&[ReadDigest], &[Standing]),
    followed: &mut BTreeSet<String>,
) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for (read, standing) in digests.iter().zip(standings) {
        let Ok(Document { digest, located: Located::Here, .. }) = &read.document else { continue };
        let is_asked_for = run.range.from.is_none_or(|from| from < digest.start);
        let Some(previous) = digest.previous.as_ref().filter(|_| read.goes_outside && is_asked_for) else { continue };
        // Year, month, day and the file's name stand behind the region.
        let Some(folder) = previous.place.key.rsplitn(5, '/').nth(4) else { continue };
        let digests = format!("{}/{folder}", previous.place.bucket);
        let is_new = *standing == Standing::Proven && followed.len() < MAX_BUCKETS && followed.insert(digests.clone());
        if !is_new {
            continue;
        }
        if let Some(place) = run.open(&previous.place.bucket).await {
            let logs = digests.replace("/CloudTrail-Digest/", "/CloudTrail/");
            leaves.extend([digests, logs].map(|folder| Leaf::of_region(place, folder)));
        }
    }
    leaves
}
