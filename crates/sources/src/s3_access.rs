//! S3's server access logs: a line a request, delivered within hours and as best S3 can; CloudTrail's data events are the
//! stronger evidence.
//!
//! ```text
//! c0ffee… shop-invoices [05/Mar/2026:01:02:03 +0000] 198.51.100.7 arn:aws:iam::111122223333:user/aiko 3E57427F3EXAMPLE
//! REST.GET.OBJECT 2026/03/invoice.pdf "GET /shop-invoices/2026/03/invoice.pdf HTTP/1.1" 200 - 113 113 7 6 "-" "aws-cli/2.24.1" -
//! s9lzHYrFp76ZVxRcpX9+EXAMPLE= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader shop-invoices.s3.ap-northeast-1.amazonaws.com TLSv1.3 - -
//! ```
//!
//! (One line.) `-` stands for what is absent. Newer columns stand behind the older ones; S3 says that there will be more.
//!
//! One request can leave several lines, such as one for each object that it deletes, and S3 may deliver a line twice: what is
//! the same request, operation, object and version is known by these.
//!
//! The request, the referrer and the user agent are what the caller sent, quotes and all. Where they could make up another
//! status of the request, the line says so in `error` and is severe.

use std::borrow::Cow;

use shoseki_event::{Columns, Outcome, Timestamp};

use crate::native::Native;
use crate::ocsf::{Extra, Product};
use crate::source::name_or_unknown;
use crate::{Form, NativeKind, Reason, Source, time};

/// The source `s3-access`.
pub(crate) struct S3Access;

const API_ACTIVITY: i32 = 6003;

/// What stands in `error` where what the caller sent could have made up the status.
const TWO_READINGS: &str = "the line can be read in two ways";

/// The columns behind the user agent, in their order.
const LATER: [&str; 9] = [
    "version_id",
    "host_id",
    "signature_version",
    "cipher_suite",
    "authentication_type",
    "host_header",
    "tls_version",
    "access_point_arn",
    "acl_required",
];

/// A line's columns, as they stand there.
struct Line<'a> {
    owner: &'a str,
    bucket: &'a str,
    time: &'a str,
    address: &'a str,
    requester: &'a str,
    request_id: &'a str,
    operation: &'a str,
    key: &'a str,
    request: &'a str,
    /// Status, error code, bytes sent, size, total time, turn-around time.
    result: [&'a str; 6],
    referrer: &'a str,
    agent: &'a str,
    later: &'a str,
    has_two_readings: bool,
}

impl Source for S3Access {
    fn id(&self) -> &'static str {
        "s3-access"
    }

    fn title(&self) -> &'static str {
        "Amazon S3 server access log"
    }

    fn form(&self) -> Form {
        Form::Lines
    }

    fn recognises(&self, event: &[u8]) -> bool {
        Line::read(&String::from_utf8_lossy(event)).is_some_and(|line| time::access_log(line.time).is_some())
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let text = String::from_utf8_lossy(raw);
        let line = Line::read(&text).ok_or(Reason::NotALine { of: "S3" })?;
        let (time, time_origin) = time::judged(time::access_log(line.time), received);
        let [code, error, ..] = line.result;
        let status = match code.parse::<u16>() {
            Ok(..400) => Outcome::Success,
            Ok(_) => Outcome::Failure,
            Err(_) => Outcome::Unknown,
        };
        let severity_id = match (status, code) {
            _ if line.has_two_readings => 4,
            (Outcome::Failure, "401" | "403") => 3,
            (Outcome::Failure, _) => 2,
            _ => 1,
        };
        let error = if line.has_two_readings { Some(TWO_READINGS) } else { stated(error) };
        let version = line.later().next().unwrap_or("-");
        Ok(Columns {
            time,
            time_origin,
            class_uid: API_ACTIVITY,
            activity_id: activity(line.operation),
            severity_id,
            status,
            key: stated(line.request_id).map(|id| format!("{id}/{}/{}/{version}", line.operation, line.key).into()),
            resource: Some(line.resource().into()),
            operation: Some(line.operation.into()),
            service: Some("s3.amazonaws.com".into()),
            actor: stated(line.requester).map(Into::into),
            src_ip: stated(line.address).map(Into::into),
            error: error.map(Into::into),
            ..Columns::default()
        })
    }

    fn stream(&self, columns: &Columns) -> String {
        let bucket = columns.resource.as_deref().and_then(|resource| resource.split('/').next()).map(Into::into);
        format!("s3-access/{}", name_or_unknown(&bucket))
    }

    fn native(&self, raw: &[u8]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(raw);
        let line = Line::read(&text)?;
        let mut native = Native::new();
        let mut text = |name: &str, value: &str| native.text(name, stated(value).unwrap_or_default());
        text("bucket_owner", line.owner);
        text("bucket", line.bucket);
        text("time", line.time);
        text("remote_ip", line.address);
        text("requester", line.requester);
        text("request_id", line.request_id);
        text("operation", line.operation);
        text("key", line.key);
        text("request_uri", line.request);
        text("error_code", line.result[1]);
        text("referrer", line.referrer);
        text("user_agent", line.agent);
        for (name, value) in LATER.iter().zip(line.later()) {
            text(name, value);
        }
        let names = ["http_status", "", "bytes_sent", "object_size", "total_time", "turn_around_time"];
        for (name, value) in names.iter().zip(line.result).filter(|(name, _)| !name.is_empty()) {
            native.number(name, stated(value).unwrap_or_default());
        }
        Some(native.finish())
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[("operation", "operation"), ("requester", "actor"), ("remote_ip", "src_ip")]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("operation", NativeKind::Text),
            ("requester", NativeKind::Text),
            ("remote_ip", NativeKind::Text),
            ("bucket", NativeKind::Text),
            ("key", NativeKind::Text),
            ("request_uri", NativeKind::Text),
            ("http_status", NativeKind::Whole),
            ("error_code", NativeKind::Text),
            ("bytes_sent", NativeKind::Whole),
            ("user_agent", NativeKind::Text),
            ("request_id", NativeKind::Text),
        ]
    }

    fn product(&self) -> Product {
        Product { name: "S3", vendor: Some("AWS"), cloud: Some("AWS"), ..Product::default() }
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        &[(Extra::UserAgent, "user_agent"), (Extra::HttpCode, "http_status"), (Extra::Request, "request_id")]
    }

    fn example(&self) -> &'static [u8] {
        br#"c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00 shop-invoices [05/Mar/2026:01:02:03 +0000] 198.51.100.7 arn:aws:iam::111122223333:user/aiko 3E57427F3EXAMPLE REST.GET.OBJECT 2026/03/invoice-7.pdf "GET /shop-invoices/2026/03/invoice-7.pdf HTTP/1.1" 200 - 11302 11302 27 26 "-" "aws-cli/2.24.1" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi3EXAMPLE= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader shop-invoices.s3.ap-northeast-1.amazonaws.com TLSv1.3 - -"#
    }
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (owner, rest) = line.split_once(' ')?;
        let (bucket, rest) = rest.split_once(" [")?;
        let (time, rest) = rest.split_once("] ")?;
        let is_owner = owner.len() == 64 && owner.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_owner || bucket.is_empty() || bucket.contains(' ') || time.len() != 26 {
            return None;
        }
        let mut words = rest.splitn(6, ' ');
        let (address, requester, request_id) = (words.next()?, words.next()?, words.next()?);
        let (operation, key, rest) = (words.next()?, words.next()?, words.next()?);
        if operation.is_empty()
            || !operation.bytes().all(|byte| byte.is_ascii_uppercase() || b"._0123456789".contains(&byte))
        {
            return None;
        }
        let (request, rest) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = results(quoted).next()?;
                (quoted.get(..end)?, quoted.get(end + 2..)?)
            }
            None => rest.split_once(' ')?,
        };
        let has_two_readings = results(rest).next().is_some();
        let mut words = rest.splitn(7, ' ');
        let mut result = [""; 6];
        for into in &mut result {
            *into = words.next()?;
        }
        let (callers, later) = callers(words.next().unwrap_or_default());
        let (referrer, agent) = callers.split_once("\" \"").unwrap_or((callers, ""));
        Some(Self {
            owner,
            bucket,
            time,
            address,
            requester,
            request_id,
            operation,
            key,
            request,
            result,
            referrer: referrer.trim_matches('"'),
            agent: agent.strip_suffix('"').unwrap_or(agent),
            later,
            has_two_readings,
        })
    }

    fn later(&self) -> impl Iterator<Item = &'a str> {
        self.later.split(' ').filter(|word| !word.is_empty())
    }

    /// `bucket/key`, the key as it stands there, with its percent signs; the bucket alone where there is no key.
    fn resource(&self) -> Cow<'a, str> {
        match stated(self.key) {
            Some(key) => format!("{}/{key}", self.bucket).into(),
            None => self.bucket.into(),
        }
    }
}

/// The quotes that can close the request: behind each stand a status, an error code, four numbers, and a quote or nothing.
fn results(text: &str) -> impl Iterator<Item = usize> {
    memchr::memmem::find_iter(text.as_bytes(), b"\" ").filter(|quote| {
        let mut words = text.get(quote + 2..).unwrap_or_default().splitn(7, ' ');
        let is_status = words.next().is_some_and(|word| word == "-" || is_number(word, 3..=3));
        let is_code =
            words.next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        let are_numbers = (0..4).all(|_| words.next().is_some_and(|word| word == "-" || is_number(word, 1..=20)));
        is_status && is_code && are_numbers && words.next().is_none_or(|word| word.starts_with(['"', '-']))
    })
}

fn is_number(word: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands in quotes, referrer and user agent, and what behind the last quote. Lines of S3's own have neither in quotes.
fn callers(text: &str) -> (&str, &str) {
    match text.rfind('"') {
        Some(last) => text.split_at(last + 1),
        None => ("", text.splitn(3, ' ').nth(2).unwrap_or_default()),
    }
}

fn stated(word: &str) -> Option<&str> {
    Some(word).filter(|word| !matches!(*word, "" | "-"))
}

/// API Activity's `activity_id` of an operation: who asked (`REST`, `WEBSITE`, `BATCH`, or S3 itself), how, and for what.
fn activity(operation: &str) -> i32 {
    let mut parts = operation.split('.').skip(1);
    match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
        ("GET" | "HEAD" | "OPTIONS", _) | ("POST", "SELECT_OBJECT_CONTENT") => 2,
        ("DELETE" | "EXPIRE", _) | (_, "DELETEMARKER" | "MULTI_OBJECT_DELETE") => 4,
        ("COPY", "OBJECT_GET" | "PART_GET") => 2,
        ("COPY" | "POST", _) => 1,
        ("PUT" | "TRANSITION" | "TRANSITION_GDA" | "TRANSITION_SIA" | "RESTORE", _) => 3,
        _ => 99,
    }
}

#[cfg(test)]
mod tests;
