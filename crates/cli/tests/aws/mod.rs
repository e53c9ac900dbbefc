//! moto as AWS, where the test command started it: its buckets, and its KMS.
#![allow(clippy::unwrap_used, reason = "in a test it is how it fails")]
#![allow(dead_code, reason = "each test uses what it needs of it")]

pub mod front;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// The server.
pub struct Moto {
    host: String,
}

impl Moto {
    /// `None`, and said, where no server was started for the tests.
    pub fn of(test: &str) -> Option<Self> {
        let Ok(endpoint) = std::env::var("SHOSEKI_TEST_S3") else {
            eprintln!("skipped: `{test}` needs SHOSEKI_TEST_S3, which `cargo xtask test` sets");
            return None;
        };
        let moto = Self { host: endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned() };
        let made = moto.call("PUT /shoseki-test", "s3", "", b"");
        assert!(made.contains(" 200 ") || made.contains("BucketAlready"), "{made}");
        Some(moto)
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.host)
    }

    /// A prefix of the tests' bucket that no other run uses.
    pub fn prefix(&self, name: &str) -> String {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        format!("{name}-{}-{since}", std::process::id())
    }

    /// Puts an object below the bucket.
    pub fn put(&self, key: &str, body: &[u8]) {
        self.put_with(key, "", body);
    }

    /// Puts an object with headers, such as what S3 keeps beside it.
    pub fn put_with(&self, key: &str, headers: &str, body: &[u8]) {
        self.put_at(&format!("shoseki-test/{key}"), headers, body);
    }

    /// Makes another bucket.
    pub fn bucket(&self, name: &str) {
        self.put_at(name, "", b"");
    }

    /// Puts an object into any bucket: `bucket/key`.
    pub fn put_at(&self, name: &str, headers: &str, body: &[u8]) {
        let answer = self.call(&format!("PUT /{name}"), "s3", headers, body);
        assert!(answer.contains(" 200 "), "{answer}");
    }

    /// Asks KMS.
    pub fn kms(&self, action: &str, body: &str) -> Value {
        let headers = format!("X-Amz-Target: TrentService.{action}\r\nContent-Type: application/x-amz-json-1.1\r\n");
        let answer = self.call("POST /", "kms", &headers, body.as_bytes());
        assert!(answer.contains(" 200 "), "{answer}");
        serde_json::from_str(answer.rsplit("\r\n\r\n").next().unwrap()).unwrap_or_default()
    }

    /// A new key's ARN.
    pub fn key(&self) -> String {
        self.kms("CreateKey", "{}")["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }

    /// moto looks at who signed, and not at the signature.
    pub fn call(&self, line: &str, service: &str, headers: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let (host, length) = (&self.host, body.len());
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {host}\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=test/20260305/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\
             {headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// moto, and boto3 that calls it.
pub struct Cloud {
    pub moto: Moto,
    python: String,
}

impl Cloud {
    /// `None`, and said, where a test cannot have them.
    pub fn of(test: &str) -> Option<Self> {
        let Ok(python) = std::env::var("SHOSEKI_TEST_PYTHON") else {
            eprintln!("skipped: `{test}` needs SHOSEKI_TEST_PYTHON, which `cargo xtask test` sets");
            return None;
        };
        Some(Self { moto: Moto::of(test)?, python })
    }

    /// Makes an account so.
    pub fn make(&self, account: &str, state: &str) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/estate.py");
        let mut command = std::process::Command::new(&self.python);
        let done = command.args([script, &self.moto.endpoint(), account, state]).output().unwrap();
        assert!(done.status.success(), "{state}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// What a script says of an account, as JSON.
    pub fn ask(&self, script: &str, account: &str) -> Value {
        let mut command = std::process::Command::new(&self.python);
        let said = command.args([script, &self.moto.endpoint(), account]).output().unwrap();
        assert!(said.status.success(), "{script}: {}", String::from_utf8_lossy(&said.stderr));
        serde_json::from_slice(&said.stdout).unwrap()
    }
}

/// An account that no other test uses.
pub fn account() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{:012}", 100_000_000_000 + since % 900_000_000_000)
}

/// A file of CloudTrail with an event of an account now.
pub fn trail(account: &str) -> String {
    json!({"Records": [{
        "eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::{account}:user/a"), "accountId": account},
        "eventTime": shoseki_event::Timestamp::now().to_string(), "eventSource": "eks.amazonaws.com", "eventName": "DescribeCluster",
        "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.1", "eventID": format!("00000000-0000-4000-8000-{account}"),
        "eventType": "AwsApiCall", "recipientAccountId": account,
    }]})
    .to_string()
}
