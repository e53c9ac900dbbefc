//! AWS CloudTrail: one element of a log file's `Records`, or one event of a single-object file.
//!
//! ```text
//! {"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/aiko",…},
//!  "eventTime":"2026-03-05T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets",
//!  "awsRegion":"ap-northeast-1","sourceIPAddress":"198.51.100.7","eventID":"…","recipientAccountId":"111122223333",…}
//! ```
//!
//! Fields: "CloudTrail record contents" of the CloudTrail user guide. Management, data and network activity events have one
//! form; Insights events (`insightDetails`) have no `eventName` of their own. Digest files are a source of their own.

mod class;
mod digest;
mod document;
mod event;
mod name;

use shoseki_event::{Columns, Timestamp};

use crate::ocsf::{Extra, Product};
use crate::source::{name_or_unknown, owned};
use crate::{NativeKind, Reason, Signature, Source, time};
use event::Event;

pub(crate) use digest::CloudTrailDigest;
pub use document::{DigestDocument, NamedLogFile, ObjectName, PreviousDigest};
pub use name::{TrailFile, TrailFileName};

/// The source `cloudtrail`.
pub(crate) struct CloudTrail;

/// "CloudTrail record contents", without what only a few services write.
#[rustfmt::skip] // one a line
const NATIVES: &[(&str, NativeKind)] = &[
    ("eventTime", NativeKind::Time),
    ("eventName", NativeKind::Text),
    ("eventSource", NativeKind::Text),
    ("awsRegion", NativeKind::Text),
    ("sourceIPAddress", NativeKind::Text),
    ("userAgent", NativeKind::Text),
    ("errorCode", NativeKind::Text),
    ("errorMessage", NativeKind::Text),
    ("userIdentity.type", NativeKind::Text),
    ("userIdentity.principalId", NativeKind::Text),
    ("userIdentity.arn", NativeKind::Text),
    ("userIdentity.accountId", NativeKind::Text),
    ("userIdentity.accessKeyId", NativeKind::Text),
    ("userIdentity.userName", NativeKind::Text),
    ("userIdentity.invokedBy", NativeKind::Text),
    ("userIdentity.sessionContext.sessionIssuer.type", NativeKind::Text),
    ("userIdentity.sessionContext.sessionIssuer.arn", NativeKind::Text),
    ("userIdentity.sessionContext.sessionIssuer.userName", NativeKind::Text),
    ("userIdentity.sessionContext.attributes.mfaAuthenticated", NativeKind::Boolean),
    ("requestParameters", NativeKind::Text),
    ("responseElements", NativeKind::Text),
    ("additionalEventData", NativeKind::Text),
    ("resources", NativeKind::Text),
    ("requestID", NativeKind::Text),
    ("eventID", NativeKind::Text),
    ("eventType", NativeKind::Text),
    ("eventCategory", NativeKind::Text),
    ("eventVersion", NativeKind::Text),
    ("readOnly", NativeKind::Boolean),
    ("managementEvent", NativeKind::Boolean),
    ("recipientAccountId", NativeKind::Text),
    ("sharedEventID", NativeKind::Text),
    ("vpcEndpointId", NativeKind::Text),
    ("vpcEndpointAccountId", NativeKind::Text),
    ("insightDetails", NativeKind::Text),
    ("serviceEventDetails", NativeKind::Text),
    ("tlsDetails.tlsVersion", NativeKind::Text),
    ("tlsDetails.clientProvidedHostHeader", NativeKind::Text),
];

#[rustfmt::skip] // one a line
const EXTRAS: &[(Extra, &str)] = &[
    (Extra::UserAgent, "userAgent"),
    (Extra::Request, "requestID"),
    (Extra::ErrorMessage, "errorMessage"),
    (Extra::Credential, "userIdentity.accessKeyId"),
    (Extra::Issuer, "userIdentity.sessionContext.sessionIssuer.arn"),
    (Extra::Mfa, "additionalEventData.MFAUsed"),
    (Extra::Mfa, "userIdentity.sessionContext.attributes.mfaAuthenticated"),
    (Extra::User, "requestParameters.userName"),
    (Extra::User, "responseElements.accessKey.userName"),
];

impl Source for CloudTrail {
    fn id(&self) -> &'static str {
        "cloudtrail"
    }

    fn title(&self) -> &'static str {
        "AWS CloudTrail"
    }

    fn signatures(&self) -> &'static [Signature] {
        // S3's own notifications have the first three as well.
        &[&[&["eventVersion"], &["eventTime"], &["eventSource", "eventType"], &["eventID", "eventType", "requestID"]]]
    }

    fn derivation(&self) -> u32 {
        2 // Insights, network activity and sign-in events say more
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let event = Event::read(raw)?;
        let stated = event.time.as_deref().ok_or(Reason::Missing { field: "eventTime" })?;
        let (time, time_origin) = time::stated(Some(stated), received);
        if event.name.is_none() && !event.is_insight() {
            return Err(Reason::Missing { field: "eventName" });
        }
        let class = class::classify(&event);
        let status = class::status(&event);
        let severity_id = class::severity(&event, status);
        let resource = event.resource();
        Ok(Columns {
            time,
            time_origin,
            class_uid: class.class_uid,
            activity_id: class.activity_id,
            severity_id,
            status,
            resource: owned(resource),
            key: owned(event.id),
            operation: owned(event.name),
            service: owned(event.source),
            actor: owned(event.user.actor()),
            actor_type: owned(event.user.kind),
            src_ip: owned(event.address),
            account: owned(event.recipient.or(event.user.account)),
            region: owned(event.region),
            error: owned(event.error),
        })
    }

    fn stream(&self, columns: &Columns) -> String {
        format!("cloudtrail/{}/{}", name_or_unknown(&columns.account), name_or_unknown(&columns.region))
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("eventID", "key"),
            ("eventName", "operation"),
            ("eventSource", "service"),
            ("awsRegion", "region"),
            ("sourceIPAddress", "src_ip"),
            ("userIdentity.type", "actor_type"),
            ("errorCode", "error"),
        ]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        NATIVES
    }

    fn classes(&self) -> Vec<i32> {
        class::CLASSES.to_vec()
    }

    fn product(&self) -> Product {
        Product { name: "CloudTrail", vendor: Some("AWS"), cloud: Some("AWS"), ..Product::default() }
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        EXTRAS
    }

    fn example(&self) -> &'static [u8] {
        br#"{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEAIKO000001","arn":"arn:aws:iam::111122223333:user/aiko","accountId":"111122223333","userName":"aiko"},"eventTime":"2026-03-05T01:02:03Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"ap-northeast-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.24.1","requestParameters":null,"responseElements":null,"eventID":"6f2f1c1e-0b7a-4c5d-9d58-1f0a4d1b7c11","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}"#
    }
}

#[cfg(test)]
mod tests;
