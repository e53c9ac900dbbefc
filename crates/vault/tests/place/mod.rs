//! The places that every test of the vault runs on: a folder, encrypted and not, and a bucket of moto's S3 where the test
//! command started one.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use shoseki_vault::{Access, Init, Store, Vault};
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
    /// Each kind of place, empty.
    pub async fn all(name: &str) -> Vec<Self> {
        let folder = |encrypt| {
            let folder = tempfile::tempdir().unwrap();
            let url = folder.path().join("vault").display().to_string();
            Self { url, encrypt, folder }
        };
        let mut places = vec![folder(true), folder(false)];
        match std::env::var("SHOSEKI_TEST_S3") {
            Ok(endpoint) => {
                let url = bucket(&endpoint, name).await;
                places.push(Self { url, encrypt: false, folder: tempfile::tempdir().unwrap() });
            }
            Err(_) => eprintln!("skipped: `{name}` on S3 needs SHOSEKI_TEST_S3, which `cargo xtask test` sets"),
        }
        places
    }

    pub fn store(&self) -> Store {
        Store::open(&self.url, true).unwrap()
    }

    pub fn access(&self) -> Access {
        Access { key_base: self.folder.path().join("keys") }
    }

    pub async fn vault(&self) -> Vault {
        let init = Init { encrypt: Some(self.encrypt), ..Init::default() };
        Vault::init(&self.url, &self.access(), &init).await.unwrap().vault
    }

    pub async fn open(&self) -> Vault {
        Vault::open(&self.url, &self.access()).await.unwrap()
    }
}

/// A prefix of its own in a bucket that is made by a plain PUT: moto asks for no signature.
async fn bucket(endpoint: &str, name: &str) -> String {
    use std::io::{Read, Write};
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = std::net::TcpStream::connect(&host).unwrap();
    let request =
        format!("PUT /shoseki-test HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("200") || answer.contains("BucketAlready"), "{answer}");
    format!("s3://shoseki-test/{name}-{}", std::process::id())
}

/// A CloudTrail file with the events of these numbers, one a second.
pub fn events(numbers: Range<u32>) -> String {
    let event = |n: u32| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/甲","accountId":"111122223333"}},"eventTime":"2026-03-05T{:02}:{:02}:{:02}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"ap-northeast-1","sourceIPAddress":"192.0.2.{}","requestParameters":{{"bucketName":"b","key":"k/{n}"}},"eventID":"00000000-0000-4000-8000-{n:012}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
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
