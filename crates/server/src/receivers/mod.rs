//! The receivers, one file each. A new one is a file and a word in [`RECEIVERS`].
//!
//! A receiver is pure: it is given a request whose sender is known and whose body is decoded, and gives events or a reason. What
//! is durable, counted and limited is not its business.

mod elasticsearch;
mod falco;
mod firehose;
mod github;
mod kubernetes_audit;
mod loki;
mod ndjson;
mod otlp;
mod splunk_hec;

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};
use shoseki_sources::{Piece, Source, Splitter, auto};

use crate::config::Secret;
use crate::trial::Sample;

/// The receivers, in the order of the guide.
#[rustfmt::skip] // one a line
pub const RECEIVERS: &[&dyn Receiver] = &[
    &kubernetes_audit::KubernetesAudit,
    &falco::Falco,
    &otlp::Otlp,
    &loki::Loki,
    &elasticsearch::Elasticsearch,
    &splunk_hec::SplunkHec,
    &firehose::Firehose,
    &github::GitHub,
    &ndjson::NdJson,
];

/// The most events of a request: each takes memory of its own until it is sealed, however short it is.
pub(crate) const MAX_EVENTS: usize = 100_000;
/// How many bytes of a body are cut at once.
const AT_ONCE: usize = 1 << 20;

/// A protocol by which events are pushed.
pub trait Receiver: Sync {
    /// The name in the configuration and in provenance: `kubernetes-audit`.
    fn id(&self) -> &'static str;

    /// The name for people; a proper noun, the same in every language.
    fn title(&self) -> &'static str;

    /// The paths that it answers. A part in braces stands for any one part: `/{index}/_bulk`; `{rest...}` for all that follow.
    fn paths(&self) -> &'static [&'static str];

    /// The events of a request, and the yes that its sender expects once they are durable.
    ///
    /// # Errors
    /// Why there are none.
    fn take(&self, request: &Request) -> Result<Taken, No>;

    /// An event that it takes, that means nothing and has a mark in it, as its senders would post it at that time. Nothing where
    /// only its sender can make one.
    fn sample(&self, _mark: &str, _time: Timestamp) -> Option<Sample> {
        None
    }

    /// How the protocol says no.
    fn refuse(&self, _request: &Asked, no: &No) -> Answer {
        Answer::json(no.status, &json!({ "error": no.why.to_string() }))
    }
}

/// What is known of a request before its body is read.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// The path, without a token.
    pub path: String,
    /// What stood where the receiver's path has braces, in order.
    pub parts: Vec<String>,
    /// What stands behind the question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
}

impl Asked {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A request whose sender is known.
#[derive(Clone)]
pub struct Request {
    /// All but the body.
    pub asked: Asked,
    /// The body, decoded as `Content-Encoding` says.
    pub body: Bytes,
    /// The source that the sender's configuration names.
    pub source: Option<&'static dyn Source>,
    /// The secret that the sender signs with, where its configuration names one.
    pub secret: Option<Secret>,
}

/// What a request brought.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The events.
    pub parts: Vec<Part>,
    /// What the sender hears once they are durable.
    pub yes: Answer,
}

/// Events of one stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// The source, where the protocol says it.
    pub source: Option<&'static str>,
    /// What the protocol calls the stream.
    pub log: Option<String>,
    /// What the protocol calls this delivery: the same again is no second one.
    pub id: Option<String>,
    /// The events, each as it came.
    pub events: Vec<Bytes>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
    /// What else the protocol's clients look for.
    pub headers: Vec<(&'static str, &'static str)>,
}

impl Answer {
    /// A JSON document.
    pub fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string().into(), headers: Vec::new() }
    }

    /// Nothing but a status.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, content_type: "text/plain", body: Bytes::new(), headers: Vec::new() }
    }

    /// The same with a header.
    #[must_use]
    pub fn with(mut self, header: (&'static str, &'static str)) -> Self {
        self.headers.push(header);
        self
    }
}

/// A refusal: what the sender may do about it is in the status.
#[derive(Clone, Debug)]
pub struct No {
    /// 400, 401, 403, 404, 405, 413, 415, 429 or 503.
    pub status: StatusCode,
    /// Why.
    pub why: Message,
}

impl No {
    /// The body is not what the protocol says.
    pub fn malformed(why: Message) -> Self {
        Self { status: StatusCode::BAD_REQUEST, why }
    }

    /// Another method was expected.
    pub fn method(expected: &str) -> Self {
        Self { status: StatusCode::METHOD_NOT_ALLOWED, why: msg!("server-no-method", expected = expected) }
    }
}

/// The events of a body that is JSON, JSON Lines or text, as files of these are cut. What is no event is kept as one, so that
/// nothing is lost: it will be counted as unparsed.
///
/// # Errors
/// Where there are more than [`MAX_EVENTS`].
fn events(body: &Bytes, source: Option<&'static dyn Source>) -> Result<Vec<Bytes>, No> {
    let mut splitter = source.map_or_else(Splitter::auto, Splitter::expecting);
    let (mut pieces, mut events, mut rest) = (Vec::new(), Vec::new(), body.clone());
    while !rest.is_empty() {
        splitter.feed(rest.split_to(rest.len().min(AT_ONCE)), &mut pieces);
        if rest.is_empty() {
            splitter.finish(&mut pieces);
        }
        for piece in pieces.drain(..) {
            match piece {
                Piece::Event { bytes, .. } | Piece::Unparsed { bytes, .. } => events.push(bytes),
                Piece::Gap { .. } => {}
            }
        }
        few(events.len())?;
    }
    Ok(events)
}

/// Refuses what is more than [`MAX_EVENTS`].
pub(crate) fn few(events: usize) -> Result<(), No> {
    let why = || msg!("server-too-many-events", max = MAX_EVENTS);
    if events <= MAX_EVENTS { Ok(()) } else { Err(No { status: StatusCode::PAYLOAD_TOO_LARGE, why: why() }) }
}

/// Whether a source knows an event: then it is taken out of what carried it. All else is kept with its carrier.
fn is_known(event: &[u8]) -> bool {
    auto(event).is_some()
}

/// Events by what their protocol calls their streams, in the order in which the streams come first.
fn by_log(all: Vec<(Option<String>, Bytes)>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut places: HashMap<Option<String>, usize> = HashMap::new();
    for (log, event) in all {
        let place = *places.entry(log.clone()).or_insert(parts.len());
        if place == parts.len() {
            parts.push(Part { log, ..Part::default() });
        }
        if let Some(part) = parts.get_mut(place) {
            part.events.push(event);
        }
    }
    parts
}

/// Nanoseconds since 1970 as RFC 3339; where no calendar has them, as they are.
fn instant(nanoseconds: i128) -> String {
    let time = i64::try_from(nanoseconds).ok().map(chrono::DateTime::from_timestamp_nanos);
    time.map_or_else(|| nanoseconds.to_string(), |time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

/// What stands for the braces of a pattern, where it fits a path.
pub(crate) fn fits(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = path.strip_prefix('/')?;
    let mut parts = pattern.strip_prefix('/')?.split('/').peekable();
    while let Some(part) = parts.next() {
        if part == "{rest...}" {
            found.push(rest.to_owned());
            return Some(found);
        }
        let (given, after) = rest.split_once('/').map_or((rest, None), |(given, after)| (given, Some(after)));
        if part.starts_with('{') {
            found
                .push(percent_encoding::percent_decode_str(given).decode_utf8().ok().filter(|g| !g.is_empty())?.into());
        } else if part != given {
            return None;
        }
        match (after, parts.peek()) {
            (Some(after), Some(_)) => rest = after,
            (None, None) => return Some(found),
            (Some(""), None) => return Some(found), // a slash at the end
            _ => return None,
        }
    }
    None
}

/// The receiver of a path, and what stands for its braces.
pub(crate) fn of_path(path: &str) -> Option<(&'static dyn Receiver, Vec<String>)> {
    RECEIVERS
        .iter()
        .copied()
        .find_map(|receiver| receiver.paths().iter().find_map(|pattern| Some((receiver, fits(pattern, path)?))))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn request(method: Method, path: &str, headers: &[(&'static str, &str)], body: &[u8]) -> Request {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts = of_path(path).unwrap().1;
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let asked = Asked { method, path: path.to_owned(), parts, query: query.to_owned(), headers };
        Request { asked, body: Bytes::copy_from_slice(body), source: None, secret: None }
    }

    pub(crate) fn post(path: &str, headers: &[(&'static str, &str)], body: &[u8]) -> Request {
        request(Method::POST, path, headers, body)
    }

    pub(crate) fn get(path: &str) -> Request {
        request(Method::GET, path, &[], b"")
    }

    /// What a receiver takes out of a request that it takes.
    pub(crate) fn taken(receiver: &dyn Receiver, request: &Request) -> (Vec<Part>, Answer) {
        assert_eq!(of_path(&request.asked.path).unwrap().0.id(), receiver.id());
        let taken = receiver.take(request).unwrap();
        (taken.parts, taken.yes)
    }

    /// How a receiver refuses a request that it refuses.
    pub(crate) fn refused(receiver: &dyn Receiver, request: &Request) -> Answer {
        receiver.refuse(&request.asked, &receiver.take(request).err().unwrap())
    }

    #[test]
    fn every_receiver_says_what_it_expects() {
        for receiver in RECEIVERS {
            let path = receiver.paths().iter().find(|path| !path.contains('{') && **path != "/").unwrap();
            let wrong = receiver.take(&request(Method::DELETE, path, &[], b""));
            assert_eq!(wrong.err().unwrap().status, StatusCode::METHOD_NOT_ALLOWED, "{}", receiver.id());
        }
    }

    #[test]
    fn a_body_of_many_tiny_events_is_refused_before_it_takes_memory() {
        let lines = |count: usize| Bytes::from(b"x\n".repeat(count));
        assert_eq!(events(&lines(MAX_EVENTS), None).unwrap().len(), MAX_EVENTS);
        assert_eq!(events(&lines(20 * MAX_EVENTS), None).unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
        let bulk = b"{\"create\":{}}\n{}\n".repeat(MAX_EVENTS + 1);
        assert_eq!(refused(&elasticsearch::Elasticsearch, &post("/a/_bulk", &[], &bulk)).status, 413);
        let hec = b"{\"event\":1}".repeat(MAX_EVENTS + 1);
        assert_eq!(refused(&splunk_hec::SplunkHec, &post("/services/collector", &[], &hec)).status, 413);
    }

    #[test]
    fn a_path_fits_one_receiver() {
        assert_eq!(fits("/{index}/_bulk", "/logs/_bulk"), Some(vec!["logs".to_owned()]));
        assert_eq!(fits("/{index}/_bulk", "/%E7%9B%A3%E6%9F%BB/_bulk"), Some(vec!["監査".to_owned()]));
        assert_eq!(fits("/a", "/a/"), Some(vec![]));
        assert_eq!(fits("/a/{rest...}", "/a/b/c"), Some(vec!["b/c".to_owned()]));
        for (pattern, path) in [("/a", "/b"), ("/a", "/a/b"), ("/{x}/_bulk", "//_bulk"), ("/a/b", "/a"), ("/a", "a")] {
            assert_eq!(fits(pattern, path), None, "{pattern} {path}");
        }
    }

    #[test]
    fn the_list_has_no_two_of_a_name_or_a_path() {
        let mut ids: Vec<&str> = RECEIVERS.iter().map(|receiver| receiver.id()).collect();
        let mut paths: Vec<&str> = RECEIVERS.iter().flat_map(|receiver| receiver.paths()).copied().collect();
        let (all_ids, all_paths) = (ids.len(), paths.len());
        ids.sort_unstable();
        ids.dedup();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!((ids.len(), paths.len()), (all_ids, all_paths));
        assert!(paths.iter().all(|path| path.starts_with('/') && !path.starts_with("/t/")));
    }
}
