//! AWS Config: configuration items, one a record, out of the `ConfigHistory` and `ConfigSnapshot` files that it delivers
//! to S3, and the notifications that it sends through SNS or EventBridge.
//!
//! ```text
//! {"fileVersion":"1.0","configurationItems":[{"resourceType":"AWS::S3::Bucket","resourceId":"shop-invoices",
//!  "ARN":"arn:aws:s3:::shop-invoices","configurationItemCaptureTime":"2026-03-05T01:02:03.004Z",
//!  "configurationItemStatus":"OK","configurationStateId":1772672523004,"configuration":{…},…},…]}
//!
//! {"configurationItemDiff":{…},"configurationItem":{…},"notificationCreationTime":"…",
//!  "messageType":"ConfigurationItemChangeNotification","recordVersion":"1.3"}
//! {"configRuleName":"…","resourceType":"…","resourceId":"…","newEvaluationResult":{"complianceType":"NON_COMPLIANT",…},
//!  "messageType":"ComplianceChangeNotification","recordVersion":"1.0",…}
//! ```
//!
//! An item's time is when the configuration was captured, so that the newest item of a resource before an instant is what
//! it was then. A snapshot repeats items that a history holds: what has the same bytes is the same record.

use std::borrow::Cow;

use shoseki_event::{Columns, Outcome, Timestamp};

use crate::ocsf::{Extra, Product};
use crate::source::{name_or_unknown, owned};
use crate::{Cursor, NativeKind, Reason, Signature, Source, time};

/// The source `config`.
pub(crate) struct Config;

type Text<'a> = Option<Cow<'a, str>>;

const COMPLIANCE_FINDING: i32 = 2003;
const CLOUD_RESOURCES_INVENTORY_INFO: i32 = 5023;

/// A configuration item, as files, notifications and the API write it.
#[derive(Default)]
struct Item<'a> {
    time: Text<'a>,
    status: Text<'a>,
    state: Text<'a>,
    arn: Text<'a>,
    kind: Text<'a>,
    id: Text<'a>,
    account: Text<'a>,
    region: Text<'a>,
}

/// What stands outside of the item, in a notification.
#[derive(Default)]
struct Notice<'a> {
    message: Text<'a>,
    sent: Text<'a>,
    rule: Text<'a>,
    compliance: Text<'a>,
    recorded: Text<'a>,
}

#[rustfmt::skip] // one a line
const NATIVES: &[(&str, NativeKind)] = &[
    ("configurationItemCaptureTime", NativeKind::Time),
    ("configurationItemStatus", NativeKind::Text),
    ("configurationStateId", NativeKind::Text),
    ("resourceType", NativeKind::Text),
    ("resourceId", NativeKind::Text),
    ("resourceName", NativeKind::Text),
    ("ARN", NativeKind::Text),
    ("awsAccountId", NativeKind::Text),
    ("awsRegion", NativeKind::Text),
    ("availabilityZone", NativeKind::Text),
    ("resourceCreationTime", NativeKind::Time),
    ("tags", NativeKind::Text),
    ("relatedEvents", NativeKind::Text),
    ("relationships", NativeKind::Text),
    ("configuration", NativeKind::Text),
    ("supplementaryConfiguration", NativeKind::Text),
    ("messageType", NativeKind::Text),
    ("notificationCreationTime", NativeKind::Time),
    ("configurationItem", NativeKind::Text),
    ("configurationItemDiff", NativeKind::Text),
    ("configRuleName", NativeKind::Text),
    ("newEvaluationResult.complianceType", NativeKind::Text),
    ("newEvaluationResult.annotation", NativeKind::Text),
    ("newEvaluationResult.resultRecordedTime", NativeKind::Time),
    ("oldEvaluationResult.complianceType", NativeKind::Text),
];

impl Source for Config {
    fn id(&self) -> &'static str {
        "config"
    }

    fn title(&self) -> &'static str {
        "AWS Config"
    }

    fn signatures(&self) -> &'static [Signature] {
        &[
            &[&["configurationItemCaptureTime"], &["resourceType"], &["resourceId"]],
            &[&["messageType"], &["recordVersion"], &["notificationCreationTime"]],
        ]
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let (mut item, mut notice) = (Item::default(), Notice::default());
        let mut cursor = Cursor::new(raw)?;
        if !cursor.members(|key, value| notice.member(key, value, &mut item))? {
            return Err(Reason::NotAnObject);
        }
        cursor.end()?;
        match notice.message.is_some() {
            true => Ok(notice.columns(item, received)),
            false => item.columns(received),
        }
    }

    fn stream(&self, columns: &Columns) -> String {
        format!("config/{}/{}", name_or_unknown(&columns.account), name_or_unknown(&columns.region))
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        NATIVES
    }

    fn classes(&self) -> Vec<i32> {
        vec![COMPLIANCE_FINDING, CLOUD_RESOURCES_INVENTORY_INFO]
    }

    fn product(&self) -> Product {
        Product { name: "Config", vendor: Some("AWS"), cloud: Some("AWS"), ..Product::default() }
    }

    fn extras(&self, _: &Columns) -> &'static [(Extra, &'static str)] {
        &[
            (Extra::Rule, "configRuleName"),
            (Extra::ResourceType, "resourceType"),
            (Extra::ResourceType, "configurationItem.resourceType"),
            (Extra::ResourceType, "configurationItemSummary.resourceType"),
        ]
    }

    fn example(&self) -> &'static [u8] {
        br#"{"relatedEvents":[],"relationships":[],"configuration":{"name":"shop-invoices","owner":{"id":"c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"},"creationDate":"2025-11-02T03:04:05.000Z"},"supplementaryConfiguration":{"PublicAccessBlockConfiguration":{"blockPublicAcls":true,"ignorePublicAcls":true,"blockPublicPolicy":true,"restrictPublicBuckets":true}},"tags":{"team":"billing"},"configurationItemVersion":"1.3","configurationItemCaptureTime":"2026-03-05T01:02:03.004Z","configurationStateId":1772672523004,"awsAccountId":"111122223333","configurationItemStatus":"OK","resourceType":"AWS::S3::Bucket","resourceId":"shop-invoices","resourceName":"shop-invoices","ARN":"arn:aws:s3:::shop-invoices","awsRegion":"ap-northeast-1","availabilityZone":"Regional","configurationStateMd5Hash":"","resourceCreationTime":"2025-11-02T03:04:05.000Z"}"#
    }
}

impl<'a> Item<'a> {
    fn member(&mut self, key: &str, value: &mut Cursor<'a>) -> Result<(), Reason> {
        let into = match key {
            "configurationItemCaptureTime" => &mut self.time,
            "configurationItemStatus" => &mut self.status,
            "configurationStateId" => &mut self.state,
            "ARN" | "arn" => &mut self.arn,
            "resourceType" => &mut self.kind,
            "resourceId" => &mut self.id,
            "awsAccountId" | "accountId" => &mut self.account,
            "awsRegion" => &mut self.region,
            _ => return value.skip().map(|_| ()),
        };
        *into = value.text()?;
        Ok(())
    }

    /// The ARN, or the type and the id, which are what notifications of compliance have.
    fn resource(&self) -> Option<String> {
        let stated = |text: &Text<'a>| text.clone().filter(|text| !text.is_empty());
        match (stated(&self.arn), stated(&self.kind), stated(&self.id)) {
            (Some(arn), ..) => Some(arn.into_owned()),
            (None, Some(kind), Some(id)) => Some(format!("{kind}/{id}")),
            (None, None, id) => id.map(Cow::into_owned),
            (None, kind, None) => kind.map(Cow::into_owned),
        }
    }

    /// What makes it one of the items of its resource.
    fn key(&self) -> Option<String> {
        let (time, state) = (self.time.as_deref()?, self.state.as_deref().unwrap_or_default());
        Some(format!("{}/{time}/{state}", self.resource()?))
    }

    fn columns(self, received: Timestamp) -> Result<Columns, Reason> {
        if self.time.is_none() {
            return Err(Reason::Missing { field: "configurationItemCaptureTime" });
        }
        if self.kind.is_none() {
            return Err(Reason::Missing { field: "resourceType" });
        }
        let (time, time_origin) = judged(&self.time, received);
        Ok(Columns {
            time,
            time_origin,
            class_uid: CLOUD_RESOURCES_INVENTORY_INFO,
            activity_id: 1,
            severity_id: 1,
            key: self.key().map(Into::into),
            resource: self.resource().map(Into::into),
            operation: owned(self.status),
            account: owned(self.account),
            region: owned(self.region),
            service: Some("config.amazonaws.com".into()),
            ..Columns::default()
        })
    }
}

impl<'a> Notice<'a> {
    fn member(&mut self, key: &str, value: &mut Cursor<'a>, item: &mut Item<'a>) -> Result<(), Reason> {
        match key {
            "messageType" => self.message = value.text()?,
            "notificationCreationTime" => self.sent = value.text()?,
            "configRuleName" => self.rule = value.text()?,
            "newEvaluationResult" => {
                return value
                    .members(|key, value| {
                        match key {
                            "complianceType" => self.compliance = value.text()?,
                            "resultRecordedTime" => self.recorded = value.text()?,
                            _ => drop(value.skip()?),
                        }
                        Ok(())
                    })
                    .map(|_| ());
            }
            // An item that is too large for a notification is only summed up.
            "configurationItem" | "configurationItemSummary" => {
                return value.members(|key, value| item.member(key, value)).map(|_| ());
            }
            _ => item.member(key, value)?,
        }
        Ok(())
    }

    fn columns(self, item: Item<'a>, received: Timestamp) -> Columns {
        let message = self.message.as_deref().unwrap_or_default();
        let is_compliance = message == "ComplianceChangeNotification";
        let own_time = if is_compliance { &self.recorded } else { &item.time };
        let (time, time_origin) = judged(if own_time.is_some() { own_time } else { &self.sent }, received);
        let key = match (is_compliance, &self.rule, item.resource(), own_time) {
            (true, Some(rule), Some(resource), Some(time)) => Some(format!("{message}/{rule}/{resource}/{time}")),
            (false, ..) => item.key().map(|key| format!("{message}/{key}")),
            _ => None,
        };
        let (status, severity_id) = match self.compliance.as_deref() {
            Some("COMPLIANT") => (Outcome::Success, 1),
            Some("NON_COMPLIANT") => (Outcome::Failure, 3),
            _ => (Outcome::Unknown, 1),
        };
        let activity_id = match is_compliance {
            true => 2, // a change of what was found
            false if item.time.is_some() => 1,
            false => 99,
        };
        Columns {
            time,
            time_origin,
            class_uid: if is_compliance { COMPLIANCE_FINDING } else { CLOUD_RESOURCES_INVENTORY_INFO },
            activity_id,
            severity_id,
            status,
            key: key.map(Into::into),
            resource: item.resource().map(Into::into),
            account: owned(item.account),
            region: owned(item.region),
            error: owned(self.compliance.filter(|_| status == Outcome::Failure)),
            operation: owned(self.message),
            service: Some("config.amazonaws.com".into()),
            ..Columns::default()
        }
    }
}

/// Files and notifications state RFC 3339, the API's own answers also seconds since 1970.
fn judged(stated: &Text<'_>, received: Timestamp) -> (Timestamp, shoseki_event::TimeOrigin) {
    match stated.as_deref().and_then(time::epoch) {
        Some(read) => time::judged(Some(read), received),
        None => time::stated(stated.as_deref(), received),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(event: &str) -> Result<Columns, Reason> {
        Config.derive(event.as_bytes(), Timestamp::parse("2026-03-06T00:00:00Z").unwrap())
    }

    #[test]
    fn samples_give_their_golden_columns() {
        crate::tests::golden(&Config);
    }

    #[test]
    fn an_item_is_known_by_its_resource_and_its_state() {
        let item = |rest: &str| {
            derive(&format!(
                r#"{{"configurationItemCaptureTime":"2026-03-05T01:02:03Z","resourceType":"AWS::EC2::Volume"{rest}}}"#
            ))
            .unwrap()
        };
        let whole = item(r#","resourceId":"vol-1","configurationStateId":7"#);
        assert_eq!(whole.resource.as_deref(), Some("AWS::EC2::Volume/vol-1"));
        assert_eq!(whole.key.as_deref(), Some("AWS::EC2::Volume/vol-1/2026-03-05T01:02:03Z/7"));
        assert_eq!(item(r#","ARN":"","resourceId":"vol-1""#).resource.as_deref(), Some("AWS::EC2::Volume/vol-1"));
        assert_eq!(item(r#","arn":"a","accountId":"1""#).resource.as_deref(), Some("a"));
    }

    #[test]
    fn what_an_item_must_have() {
        assert_eq!(derive("{}"), Err(Reason::Missing { field: "configurationItemCaptureTime" }));
        let timed = r#"{"configurationItemCaptureTime":"2026-03-05T01:02:03Z"}"#;
        assert_eq!(derive(timed), Err(Reason::Missing { field: "resourceType" }));
        assert_eq!(derive("[]"), Err(Reason::NotAnObject));
        assert_eq!(derive(r#"{"messageType":"X","configurationItem":null}"#).unwrap().key, None);
        let api = derive(r#"{"configurationItemCaptureTime":1772672523.004,"resourceType":"AWS::IAM::User"}"#).unwrap();
        assert_eq!(api.time.to_string(), "2026-03-05T01:02:03.004Z");
    }
}
