//! How buckets are reached: endpoint, region and credentials by the AWS conventions.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use object_store::Error;
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredentialProvider, Checksum};
use shoseki_messages::{Fault, Result, msg};

/// The beginning of a bucket's URL.
pub(crate) const S3: &str = "s3://";

/// What opens buckets, beyond their URLs.
#[async_trait]
pub trait Buckets: Debug + Send + Sync {
    /// The settings of this process.
    async fn settings(&self) -> BucketSettings;
}

/// How buckets are reached. What is absent is taken from the environment's variables, or from what the machine runs on.
#[derive(Clone, Debug, Default)]
pub struct BucketSettings {
    /// The region, `ap-northeast-1`.
    pub region: Option<String>,
    /// The endpoint's URL, where it is not AWS's own.
    pub endpoint: Option<String>,
    /// What requests are signed with.
    pub credentials: Option<AwsCredentialProvider>,
}

/// Buckets by the environment's variables alone.
#[derive(Clone, Copy, Debug)]
pub struct NoProfiles;

#[async_trait]
impl Buckets for NoProfiles {
    async fn settings(&self) -> BucketSettings {
        BucketSettings::default()
    }
}

/// The bucket of `s3://bucket/prefix`, its name and the prefix.
///
/// # Errors
/// The caller's mistake where the URL names no bucket or the settings are unusable.
pub(crate) async fn open<'u>(url: &'u str, buckets: &dyn Buckets) -> Result<(Arc<AmazonS3>, &'u str, &'u str)> {
    let rest = url.strip_prefix(S3).unwrap_or_default();
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if name.is_empty() {
        return Err(Fault::caller(msg!("vault-bucket-missing", url = url)));
    }
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let endpoints = [variable("AWS_ENDPOINT_URL"), variable("AWS_ENDPOINT_URL_S3")];
    let builder = built(AmazonS3Builder::from_env(), name, buckets.settings().await, endpoints);
    let bucket =
        builder.build().map_err(|error| Fault::caller(msg!("vault-bucket-unusable", url = url)).because(error))?;
    Ok((Arc::new(bucket), name, prefix))
}

/// A bucket by its settings; endpoints that variables name go before theirs.
fn built(
    builder: AmazonS3Builder,
    name: &str,
    settings: BucketSettings,
    mut endpoints: [Option<String>; 2],
) -> AmazonS3Builder {
    // A bucket that locks what is put into it by default takes nothing without a checksum.
    let mut builder = builder.with_bucket_name(name).with_checksum_algorithm(Checksum::SHA256);
    if let Some(endpoint) = settings.endpoint.filter(|_| endpoints.iter().all(Option::is_none)) {
        builder = builder.with_endpoint(&endpoint);
        endpoints[0] = Some(endpoint);
    }
    if let Some(region) = settings.region {
        builder = builder.with_region(region);
    }
    if let Some(credentials) = settings.credentials {
        builder = builder.with_credentials(credentials);
    }
    if endpoints.iter().flatten().any(|endpoint| endpoint.starts_with("http://")) {
        builder = builder.with_allow_http(true);
    }
    builder
}

/// Why a bucket gives no list of its objects. Such an error is of no kind: what S3 answered stands in its text only.
pub(crate) fn unlisted(url: &str, error: Error) -> Fault {
    let text = error.to_string();
    if text.contains("NoSuchBucket") {
        return Fault::caller(msg!("vault-bucket-absent", url = url)); // S3's page of XML says no more
    }
    let message = match error {
        Error::InvalidPath { .. } => msg!("vault-object-key-unusable", url = url),
        Error::Unauthenticated { .. } => msg!("vault-store-unauthenticated", url = url),
        _ if text.contains("AccessDenied") => msg!("vault-bucket-forbidden", url = url),
        _ => msg!("vault-bucket-unlistable", url = url),
    };
    Fault::world(message).because(error)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use object_store::StaticCredentialProvider;
    use object_store::aws::AwsCredential;
    use object_store::path::Path;
    use object_store::{ObjectStore, PutOptions};

    use super::*;

    /// S3 refuses an object without a checksum where the bucket locks what is put into it, as an anchor's should.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_put_has_a_checksum() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
            while !bytes.ends_with(b"evidence") {
                let read = stream.read(&mut chunk).unwrap();
                bytes.extend_from_slice(&chunk[..read]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n").unwrap();
            String::from_utf8(bytes).unwrap()
        });
        let credential = AwsCredential { key_id: "k".into(), secret_key: "s".into(), token: None };
        let settings = BucketSettings {
            region: Some("us-east-1".to_owned()),
            endpoint: Some(url),
            credentials: Some(Arc::new(StaticCredentialProvider::new(credential))),
        };
        let bucket = built(AmazonS3Builder::new(), "locked", settings, [None, None]).build().unwrap();
        bucket.put_opts(&Path::from("a"), "evidence".into(), PutOptions::default()).await.unwrap();
        let expected = "x-amz-checksum-sha256: 7oJQ+3bglLNLRx8Tpz275R0a4ULp31nXwNMewg8KCo4=";
        let head = asked.join().unwrap();
        assert!(head.contains(expected), "`{expected}` is not in {head}");
    }
}
