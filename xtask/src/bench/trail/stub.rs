//! A stub of S3 and of CloudTrail's `ListPublicKeys` over a folder: as much of both as a validator of trails asks for, and fast
//! enough not to be what is measured. It answers anybody on this machine, and knows no signatures.
//!
//! ```text
//! GET /bucket?list-type=2&prefix=…&delimiter=/     GET /bucket?prefix=…&marker=…     GET /bucket?location
//! GET /bucket/key        POST / (X-Amz-Target: …ListPublicKeys)
//! ```
//!
//! What S3 keeps beside an object stands in `<key>.head.json`, as `aws s3api head-object` prints it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context as _, Result};
use serde_json::Value;

const SIDE_CAR: &str = ".head.json";
/// How many keys stand in a page.
const PAGE: usize = 1_000;
/// The longest body that is read and dropped.
const MAX_BODY: u64 = 1 << 20;

/// A running stub; its threads end with the program.
pub struct Stub {
    port: u16,
    asked: Arc<AtomicU64>,
}

/// What the threads share.
struct Bucket {
    name: String,
    folder: PathBuf,
    /// The keys, with their lengths.
    keys: BTreeMap<String, u64>,
    public_keys: String,
    asked: Arc<AtomicU64>,
}

/// What is answered.
struct Answer {
    status: &'static str,
    kind: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Stub {
    /// Serves a folder as a bucket.
    pub fn start(folder: &Path, name: &str, public_keys: &str) -> Result<Self> {
        let mut keys = BTreeMap::new();
        collect(folder, folder, &mut keys)?;
        let asked = Arc::new(AtomicU64::new(0));
        let bucket = Arc::new(Bucket {
            name: name.to_owned(),
            folder: folder.to_owned(),
            keys,
            public_keys: public_keys.to_owned(),
            asked: Arc::clone(&asked),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen")?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let bucket = Arc::clone(&bucket);
                thread::spawn(move || drop(bucket.serve(&stream))); // who asks may go away at any time
            }
        });
        Ok(Self { port, asked })
    }

    /// What a program must be told to ask the stub.
    pub fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// How many requests were answered.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

fn collect(root: &Path, folder: &Path, keys: &mut BTreeMap<String, u64>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))? {
        let entry = entry?;
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, keys)?;
        } else if let Some(key) = path.strip_prefix(root)?.to_str().filter(|key| !key.ends_with(SIDE_CAR)) {
            keys.insert(key.to_owned(), entry.metadata()?.len());
        }
    }
    Ok(())
}

impl Bucket {
    /// Answers one request after another until the other side goes away.
    fn serve(&self, stream: &TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        let mut stream = stream;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let (mut length, mut waits, mut header) = (0, false, String::new());
            loop {
                header.clear();
                reader.read_line(&mut header)?;
                let lower = header.trim().to_ascii_lowercase();
                match lower.split_once(':') {
                    Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
                    Some(("expect", _)) => waits = true,
                    _ if lower.is_empty() => break,
                    _ => {}
                }
            }
            if waits {
                stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            }
            std::io::copy(&mut reader.by_ref().take(length.min(MAX_BODY)), &mut std::io::sink())?;
            self.asked.fetch_add(1, Ordering::Relaxed);
            let mut words = line.split(' ');
            let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let Answer { status, kind, headers, body } = self.answer(method, target);
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{headers}\r\n");
            let body = if method == "HEAD" { Vec::new() } else { body };
            stream.write_all(&[head.into_bytes(), body].concat())?;
        }
    }

    fn answer(&self, method: &str, target: &str) -> Answer {
        if method == "POST" {
            let body = self.public_keys.clone().into_bytes();
            return Answer { status: "200 OK", kind: "application/x-amz-json-1.1", headers: String::new(), body };
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = decoded(path);
        let inside = path.trim_start_matches('/').strip_prefix(self.name.as_str()).unwrap_or_default();
        let key = inside.trim_start_matches('/');
        if !key.is_empty() {
            return self.object(key);
        }
        let query: BTreeMap<String, String> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        if query.contains_key("location") {
            return xml("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>".to_owned());
        }
        self.list(&query)
    }

    fn object(&self, key: &str) -> Answer {
        let missing = || Answer { status: "404 Not Found", ..xml("<Error><Code>NoSuchKey</Code></Error>".to_owned()) };
        let Some(size) = self.keys.get(key) else { return missing() };
        let Ok(body) = fs::read(self.folder.join(key)) else { return missing() };
        let mut headers =
            format!("ETag: \"{size:x}\"\r\nLast-Modified: Thu, 05 Mar 2026 00:00:00 GMT\r\nAccept-Ranges: bytes\r\n");
        if key.contains("_CloudTrail-Digest_") {
            let beside = fs::read(self.folder.join(format!("{key}{SIDE_CAR}"))).unwrap_or_default();
            let beside: Value = serde_json::from_slice(&beside).unwrap_or_default();
            for (name, value) in beside["Metadata"].as_object().into_iter().flatten() {
                headers += &format!("x-amz-meta-{name}: {}\r\n", value.as_str().unwrap_or_default());
            }
        }
        Answer { status: "200 OK", kind: "application/x-gzip", headers, body }
    }

    /// A page of keys, in either version of the call.
    fn list(&self, query: &BTreeMap<String, String>) -> Answer {
        let text = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let (prefix, delimiter) = (text("prefix"), text("delimiter"));
        let after = ["continuation-token", "start-after", "marker"].map(text).into_iter().max().unwrap_or_default();
        let (mut contents, mut folders, mut count, mut last) = (String::new(), BTreeSet::new(), 0, None);
        let begin = prefix.max(after).to_owned();
        for (key, size) in self.keys.range(begin..).take_while(|(key, _)| key.starts_with(prefix)) {
            if key.as_str() <= after {
                continue;
            }
            let below = &key[prefix.len()..];
            if let Some(end) = below.find(delimiter).filter(|_| !delimiter.is_empty()) {
                folders.insert(&key[..prefix.len() + end + delimiter.len()]);
                continue;
            }
            if count == PAGE {
                last =
                    Some(contents.rfind("<Key>").map(|at| &contents[at + 5..]).and_then(|rest| rest.split('<').next()));
                break;
            }
            count += 1;
            contents += &format!(
                "<Contents><Key>{key}</Key><LastModified>2026-03-05T00:00:00.000Z</LastModified><ETag>&quot;{size:x}&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            );
        }
        let next = last.flatten().unwrap_or_default().to_owned();
        let folders: String =
            folders.iter().map(|name| format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>")).collect();
        let more = if next.is_empty() {
            String::new()
        } else {
            format!("<NextContinuationToken>{next}</NextContinuationToken><NextMarker>{next}</NextMarker>")
        };
        let name = &self.name;
        xml(format!(
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{name}</Name><Prefix>{prefix}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>{PAGE}</MaxKeys><IsTruncated>{}</IsTruncated>{more}{contents}{folders}</ListBucketResult>",
            !next.is_empty()
        ))
    }
}

fn xml(body: String) -> Answer {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}").into_bytes();
    Answer { status: "200 OK", kind: "application/xml", headers: String::new(), body }
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(count: usize) -> (tempfile::TempDir, Bucket) {
        let folder = tempfile::tempdir().unwrap();
        let keys = (0..count).map(|n| (format!("a/{n:05}"), 2)).chain([("b".to_owned(), 1)]).collect();
        let (name, public_keys) = ("x".to_owned(), "{}".to_owned());
        let bucket = Bucket { name, folder: folder.path().to_owned(), keys, public_keys, asked: Arc::default() };
        (folder, bucket)
    }

    fn text(answer: Answer) -> String {
        String::from_utf8(answer.body).unwrap()
    }

    #[test]
    fn pages_follow_each_other() {
        let (_folder, bucket) = bucket(1_500);
        let first = text(bucket.answer("GET", "/x?list-type=2&prefix=a%2F"));
        assert!(first.contains("<NextContinuationToken>a/00999<") && first.contains("<KeyCount>1000<"), "{first}");
        let second = text(bucket.answer("GET", "/x?list-type=2&prefix=a%2F&continuation-token=a%2F00999"));
        assert!(second.contains("<Key>a/01000<") && second.contains("<IsTruncated>false<"), "{second}");
        let top = text(bucket.answer("GET", "/x?delimiter=%2F"));
        assert!(top.contains("<Prefix>a/</Prefix>") && top.contains("<Key>b<") && !top.contains("<Key>a"), "{top}");
    }

    #[test]
    fn objects_have_what_lies_beside_them() {
        let (folder, mut bucket) = bucket(1);
        let key = "1_CloudTrail-Digest_x.json.gz";
        bucket.keys.insert(key.to_owned(), 3);
        fs::write(folder.path().join(key), "abc").unwrap();
        fs::write(folder.path().join(format!("{key}.head.json")), r#"{"Metadata":{"signature":"00"}}"#).unwrap();
        let answer = bucket.answer("GET", &format!("/x/{key}"));
        assert!(answer.headers.contains("x-amz-meta-signature: 00\r\n"));
        assert_eq!(text(answer), "abc");
        assert_eq!(bucket.answer("GET", "/x/none").status, "404 Not Found");
        assert_eq!(text(bucket.answer("POST", "/")), "{}");
    }
}
