//! Kubernetes audit: an `Event` of `audit.k8s.io/v1` or `v1beta1`, from the log file, a webhook's `EventList` (whose
//! items lack `kind` and `apiVersion`) or EKS.
//!
//! ```text
//! {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"…","stage":"ResponseComplete",
//!  "requestURI":"/api/v1/namespaces/shop/secrets/db","verb":"get","user":{"username":"aiko","groups":[…]},
//!  "sourceIPs":["198.51.100.7"],"objectRef":{"resource":"secrets","namespace":"shop","name":"db","apiVersion":"v1"},
//!  "responseStatus":{"code":200},"requestReceivedTimestamp":"…","stageTimestamp":"2026-03-05T01:02:03.000001Z"}
//! ```
//!
//! The time is `stageTimestamp`, when what the event says became true: the time of receipt is the same for all stages
//! of a request, and an `exec` that ran for an hour ended an hour after it.
//!
//! One request gives one event a stage, so the key is `auditID` and `stage`. A caller can choose the `auditID`.

use std::borrow::Cow;

use shoseki_event::{ColumnText, Columns, Outcome, Timestamp};

use crate::ocsf::{Extra, Product};
use crate::source::owned;
use crate::{Cursor, NativeKind, Reason, Signature, Source, time};

/// The source `k8s-audit`.
pub(crate) struct K8sAudit;

type Text<'a> = Option<Cow<'a, str>>;

#[derive(Default)]
struct Event<'a> {
    id: Text<'a>,
    stage: Text<'a>,
    verb: Text<'a>,
    stage_time: Text<'a>,
    request_time: Text<'a>,
    old_time: Text<'a>,
    user: Text<'a>,
    address: Text<'a>,
    object: Object<'a>,
    code: Text<'a>,
    reason: Text<'a>,
}

#[derive(Default)]
struct Object<'a> {
    namespace: Text<'a>,
    resource: Text<'a>,
    subresource: Text<'a>,
    name: Text<'a>,
}

/// `Event` of `audit.k8s.io/v1`.
#[rustfmt::skip] // one a line
const NATIVES: &[(&str, NativeKind)] = &[
    ("requestReceivedTimestamp", NativeKind::Time),
    ("stageTimestamp", NativeKind::Time),
    ("auditID", NativeKind::Text),
    ("stage", NativeKind::Text),
    ("level", NativeKind::Text),
    ("verb", NativeKind::Text),
    ("requestURI", NativeKind::Text),
    ("user.username", NativeKind::Text),
    ("user.uid", NativeKind::Text),
    ("user.groups", NativeKind::Text),
    ("user.extra", NativeKind::Text),
    ("impersonatedUser.username", NativeKind::Text),
    ("sourceIPs", NativeKind::Text),
    ("sourceIPs.0", NativeKind::Text),
    ("userAgent", NativeKind::Text),
    ("objectRef.resource", NativeKind::Text),
    ("objectRef.subresource", NativeKind::Text),
    ("objectRef.namespace", NativeKind::Text),
    ("objectRef.name", NativeKind::Text),
    ("objectRef.apiGroup", NativeKind::Text),
    ("objectRef.apiVersion", NativeKind::Text),
    ("responseStatus.code", NativeKind::Whole),
    ("responseStatus.status", NativeKind::Text),
    ("responseStatus.reason", NativeKind::Text),
    ("responseStatus.message", NativeKind::Text),
    ("requestObject", NativeKind::Text),
    ("responseObject", NativeKind::Text),
    ("annotations", NativeKind::Text),
];

impl Source for K8sAudit {
    fn id(&self) -> &'static str {
        "k8s-audit"
    }

    fn title(&self) -> &'static str {
        "Kubernetes audit"
    }

    fn signatures(&self) -> &'static [Signature] {
        &[&[&["auditID"], &["stage"], &["verb", "requestURI"]]]
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let event = Event::read(raw)?;
        let id = event.id.as_deref().ok_or(Reason::Missing { field: "auditID" })?;
        let stage = event.stage.as_deref().ok_or(Reason::Missing { field: "stage" })?;
        let stated =
            [&event.stage_time, &event.request_time, &event.old_time].into_iter().find_map(|time| time.as_deref());
        let (time, time_origin) = time::stated(stated, received);
        let code = event.code.as_deref().and_then(|code| code.parse::<u16>().ok()).unwrap_or_default();
        let status = match code {
            _ if stage == "Panic" => Outcome::Failure,
            0 => Outcome::Unknown,
            1..400 => Outcome::Success,
            _ => Outcome::Failure,
        };
        let key = format!("{id}/{stage}").into();
        Ok(Columns {
            time,
            time_origin,
            key: Some(key),
            class_uid: 6003,
            activity_id: activity(event.verb.as_deref()),
            severity_id: severity(code, status),
            status,
            operation: owned(event.verb),
            actor_type: event.user.as_deref().map(|user| user_type(user).into()),
            actor: owned(event.user),
            src_ip: owned(event.address),
            resource: event.object.path(),
            error: owned(event.reason),
            ..Columns::default()
        })
    }

    fn stream(&self, _: &Columns) -> String {
        "k8s-audit".to_owned() // an event does not name its cluster
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("verb", "operation"),
            ("user.username", "actor"),
            ("sourceIPs.0", "src_ip"),
            ("responseStatus.reason", "error"),
        ]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        NATIVES
    }

    fn product(&self) -> Product {
        Product { name: "Kubernetes", ..Product::default() }
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        &[
            (Extra::UserAgent, "userAgent"),
            (Extra::Url, "requestURI"),
            (Extra::HttpCode, "responseStatus.code"),
            (Extra::ErrorMessage, "responseStatus.message"),
            (Extra::ResourceType, "objectRef.resource"),
            (Extra::Request, "auditID"),
        ]
    }

    fn example(&self) -> &'static [u8] {
        br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"2c1d9a52-6f0e-4b9b-8a53-0d3b7f6f1a10","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets/db-credentials","verb":"get","user":{"username":"aiko","groups":["platform","system:authenticated"]},"sourceIPs":["198.51.100.7"],"userAgent":"kubectl/v1.33.1","objectRef":{"resource":"secrets","namespace":"shop","name":"db-credentials","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-03-05T01:02:03.000001Z","stageTimestamp":"2026-03-05T01:02:03.004211Z","annotations":{"authorization.k8s.io/decision":"allow"}}"#
    }
}

impl<'a> Event<'a> {
    fn read(raw: &'a [u8]) -> Result<Self, Reason> {
        let mut event = Self::default();
        let mut cursor = Cursor::new(raw)?;
        if !cursor.members(|key, value| event.member(key, value))? {
            return Err(Reason::NotAnObject);
        }
        cursor.end()?;
        Ok(event)
    }

    fn member(&mut self, key: &str, value: &mut Cursor<'a>) -> Result<(), Reason> {
        match key {
            "auditID" => self.id = Some(value.string("auditID")?),
            "stage" => self.stage = Some(value.string("stage")?),
            "verb" => self.verb = Some(value.string("verb")?),
            "stageTimestamp" => self.stage_time = value.text()?,
            "requestReceivedTimestamp" => self.request_time = value.text()?,
            "timestamp" => self.old_time = value.text()?,
            "user" => {
                self.user = None;
                value.members(|key, value| pick(key == "username", &mut self.user, value))?;
            }
            "sourceIPs" => {
                self.address = None;
                value.elements(|index, value| pick(index == 0, &mut self.address, value))?;
            }
            "objectRef" => {
                self.object = Object::default();
                value.members(|key, value| match key {
                    "namespace" => pick(true, &mut self.object.namespace, value),
                    "resource" => pick(true, &mut self.object.resource, value),
                    "subresource" => pick(true, &mut self.object.subresource, value),
                    "name" => pick(true, &mut self.object.name, value),
                    _ => value.skip().map(|_| ()),
                })?;
            }
            "responseStatus" => {
                (self.code, self.reason) = (None, None);
                value.members(|key, value| match key {
                    "code" => pick(true, &mut self.code, value),
                    _ => pick(key == "reason", &mut self.reason, value),
                })?;
            }
            _ => drop(value.skip()?),
        }
        Ok(())
    }
}

/// Takes the value as text where it is wanted, and passes over it otherwise.
fn pick<'a>(wanted: bool, into: &mut Text<'a>, value: &mut Cursor<'a>) -> Result<(), Reason> {
    if wanted {
        *into = value.text()?;
    } else {
        value.skip()?;
    }
    Ok(())
}

impl Object<'_> {
    /// `namespace/resource[/subresource]/name`, without what is absent; nothing for a request that has no object.
    fn path(&self) -> Option<ColumnText> {
        self.resource.as_ref()?;
        let parts: Vec<&str> = [&self.namespace, &self.resource, &self.subresource, &self.name]
            .into_iter()
            .filter_map(|part| part.as_deref())
            .filter(|part| !part.is_empty())
            .collect();
        Some(parts.join("/").into())
    }
}

fn activity(verb: Option<&str>) -> i32 {
    match verb {
        Some("create") => 1,
        Some("get" | "list" | "watch") => 2,
        Some("update" | "patch") => 3,
        Some("delete" | "deletecollection") => 4,
        Some(_) => 99,
        None => 0,
    }
}

/// 1 informational; 2 low for a failure, for conflicts and missing objects are daily bread; 3 medium for a refusal or a
/// server's error.
fn severity(code: u16, status: Outcome) -> i32 {
    match (status, code) {
        (Outcome::Failure, 402 | 404..500) => 2,
        (Outcome::Failure, _) => 3,
        _ => 1,
    }
}

/// What kind of user a name is, by the prefixes that Kubernetes reserves.
fn user_type(name: &str) -> &'static str {
    match name.strip_prefix("system:") {
        None => "User",
        Some("anonymous") => "Anonymous",
        Some(rest) if rest.starts_with("serviceaccount:") => "ServiceAccount",
        Some(rest) if rest.starts_with("node:") => "Node",
        Some(_) => "System",
    }
}

#[cfg(test)]
mod tests;
