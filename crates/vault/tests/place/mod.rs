//! The places that every test of the vault runs on: a folder, encrypted and not, and a bucket of moto's S3 where the test
//! command started one.

#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]

use std::fmt;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use shoseki_vault::{Access, Init, NoProfiles, Store, Vault};
use tempfile::TempDir;

/// A place for a vault, and its keys.
pub struct Place {
    url: String,
    encrypt: bool,
    folder: TempDir,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (encrypted: {})", self.url, self.encrypt)
    }
}

impl Place {
    /// A folder, empty.
    pub fn folder(encrypt: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("vault").display().to_string();
        Self { url, encrypt, folder }
    }

    /// Each kind of place, empty.
    pub async fn all(name: &str) -> Vec<Self> {
        let mut places = vec![Self::folder(true), Self::folder(false)];
        if let Some(bucket) = Bucket::of(name) {
            for (encrypt, how) in [(true, "encrypted"), (false, "plain")] {
                let url = bucket.url(&format!("{name}-{how}"));
                places.push(Self { url, encrypt, folder: tempfile::tempdir().unwrap() });
            }
        }
        places
    }

    #[allow(dead_code, reason = "not every test asks")]
    pub fn is_encrypted(&self) -> bool {
        self.encrypt
    }

    pub async fn store(&self) -> Store {
        Store::open(&self.url, true, &NoProfiles).await.unwrap()
    }

    pub fn access(&self) -> Access {
        Access::new(self.folder.path().join("keys"))
    }

    pub async fn vault(&self) -> Vault {
        let init = Init { encrypt: Some(self.encrypt), ..Init::default() };
        Vault::init(&self.url, &self.access(), &init).await.unwrap().vault
    }

    pub async fn open(&self) -> Vault {
        Vault::open(&self.url, &self.access()).await.unwrap()
    }
}

/// What `AmazonS3Builder::from_env` needs to reach moto; a test may not set them, since other threads read them.
const VARIABLES: [&str; 6] = [
    "SHOSEKI_TEST_S3",
    "AWS_ENDPOINT_URL",
    "AWS_ALLOW_HTTP",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
];

/// The tests' bucket of moto's S3.
pub struct Bucket {
    host: String,
}

impl Bucket {
    /// The bucket, made where it is not there yet; `None`, and said, where no server was started for the tests.
    pub fn of(test: &str) -> Option<Self> {
        let value = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(missing) = VARIABLES.iter().find(|name| value(name).is_none()) {
            eprintln!("skipped: `{test}` on S3 needs {missing}, which `cargo xtask test` sets");
            return None;
        }
        let endpoint = value(&VARIABLES[0]).unwrap_or_default();
        let bucket = Self { host: endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned() };
        let answer = bucket.put("", b"");
        assert!(answer.contains(" 200 ") || answer.contains("BucketAlready"), "{answer}");
        Some(bucket)
    }

    /// A prefix that no other run uses.
    pub fn url(&self, name: &str) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        format!("s3://shoseki-test/{name}-{}-{since}-{number}", std::process::id())
    }

    /// A plain PUT below the bucket, and its answer: moto looks at who signed, and not at the signature.
    pub fn put(&self, path: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let (host, length) = (&self.host, body.len());
        let head = format!(
            "PUT /shoseki-test{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=test/20260305/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\nContent-Length: \
             {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// A CloudTrail file with the events of these numbers, one a second.
pub fn events(numbers: Range<u32>) -> String {
    let event = |n: u32| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/甲","accountId":"111122223333"}},"eventTime":"2026-03-{:02}T{:02}:{:02}:{:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"bucketName":"b","key":"k/{n}"}},"eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
            5 + n / 86_400,
            n / 3_600 % 24,
            n / 60 % 60,
            n % 60,
            n % 250,
        )
    };
    let all: Vec<String> = numbers.map(event).collect();
    format!("{{\"Records\":[{}]}}", all.join(","))
}

/// Writes a file and gives its path.
pub fn write_file(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}
