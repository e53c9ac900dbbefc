//! The fields of a CloudTrail event that its columns are made of, read in one pass. Where a key stands twice, the last
//! one counts.

use std::borrow::Cow;

use crate::{Cursor, Reason};

type Text<'a> = Option<Cow<'a, str>>;

/// The members of `requestParameters` that name what was acted on, the most telling first. An S3 object's name is its
/// bucket and its key.
const NAMES: &[&str] = &[
    "bucketName",
    "secretId",
    "roleName",
    "userName",
    "groupName",
    "policyArn",
    "instanceId",
    "functionName",
    "keyId",
    "dBInstanceIdentifier",
    "tableName",
    "logGroupName",
    "trailName",
    "clusterName",
    "roleArn",
    "resourceArn",
    "resourceId",
    "volumeId",
    "snapshotId",
    "groupId",
    "vpcId",
    "name",
];

/// The members of `responseElements` and of `serviceEventDetails` that say what a sign-in came to.
const SIGN_INS: &[&str] = &[
    "ConsoleLogin",
    "CheckMfa",
    "SwitchRole",
    "ExitRole",
    "RenewRole",
    "UserAuthentication",
    "CredentialVerification",
];

/// What the columns need.
#[derive(Default)]
pub(super) struct Event<'a> {
    pub(super) id: Text<'a>,
    pub(super) time: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) source: Text<'a>,
    pub(super) kind: Text<'a>,
    pub(super) region: Text<'a>,
    pub(super) address: Text<'a>,
    pub(super) error: Text<'a>,
    pub(super) recipient: Text<'a>,
    pub(super) user: Identity<'a>,
    /// What a sign-in came to, `Success` or `Failure`: see [`SIGN_INS`].
    pub(super) sign_in: Text<'a>,
    /// `additionalEventData.MFAUsed`: `Yes` or `No`.
    pub(super) mfa_used: Text<'a>,
    /// `insightDetails.state`: `Start` or `End`.
    pub(super) insight_state: Text<'a>,
    /// The call that an Insights event is about: `insightDetails.eventSource` and `eventName`.
    insight: (Text<'a>, Text<'a>),
    category: Text<'a>,
    endpoint: Text<'a>,
    arn: Text<'a>,
    parameters: Parameters<'a>,
    details: Parameters<'a>,
}

/// `userIdentity`.
#[derive(Default)]
pub(super) struct Identity<'a> {
    pub(super) kind: Text<'a>,
    pub(super) account: Text<'a>,
    arn: Text<'a>,
    name: Text<'a>,
    principal: Text<'a>,
    invoked_by: Text<'a>,
}

/// The best name that `requestParameters` has, with its place in [`NAMES`].
#[derive(Default)]
struct Parameters<'a> {
    name: Option<(usize, Cow<'a, str>)>,
    object: Text<'a>,
}

impl<'a> Event<'a> {
    /// Reads an event and checks that all of it is JSON.
    pub(super) fn read(raw: &'a [u8]) -> Result<Self, Reason> {
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
            "eventID" => self.id = text_or_null(value, "eventID")?,
            "eventTime" => self.time = text_or_null(value, "eventTime")?,
            "eventName" => self.name = text_or_null(value, "eventName")?,
            "eventSource" => self.source = text_or_null(value, "eventSource")?,
            "eventType" => self.kind = value.text()?,
            "awsRegion" => self.region = value.text()?,
            "sourceIPAddress" => self.address = value.text()?,
            "errorCode" => self.error = value.text()?,
            "recipientAccountId" => self.recipient = value.text()?,
            "userIdentity" => self.user = Identity::read(value)?,
            "requestParameters" => self.parameters = Parameters::read(value)?,
            "responseElements" => self.response(value)?,
            "serviceEventDetails" => self.details(value)?,
            "eventCategory" => self.category = value.text()?,
            "vpcEndpointId" => self.endpoint = value.text()?,
            "insightDetails" => self.insight(value)?,
            "additionalEventData" => self.mfa_used = only(value, "MFAUsed")?,
            "resources" => {
                self.arn = None;
                value.elements(|_, resource| {
                    let arn = only(resource, "ARN")?;
                    self.arn = self.arn.take().or(arn);
                    Ok(())
                })?;
            }
            _ => drop(value.skip()?),
        }
        Ok(())
    }

    /// An Insights event has no name of its own.
    pub(super) fn is_insight(&self) -> bool {
        self.kind.as_deref() == Some("AwsCloudTrailInsight")
    }

    /// What was acted on: the first ARN of `resources`, else what the parameters name, or a service's own details; for an
    /// Insights event the call that it is about, for network activity the endpoint that it went through.
    pub(super) fn resource(&self) -> Text<'a> {
        let own = self.arn.clone().or_else(|| self.parameters.named()).or_else(|| self.details.named());
        own.or_else(|| match (&self.insight, self.category.as_deref()) {
            ((Some(source), Some(name)), _) => Some(format!("{source}/{name}").into()),
            (_, Some("NetworkActivity")) => self.endpoint.clone(),
            _ => None,
        })
    }

    fn response(&mut self, value: &mut Cursor<'a>) -> Result<(), Reason> {
        self.sign_in = None;
        value.members(|key, value| self.outcome(key, value)).map(|_| ())
    }

    fn outcome(&mut self, key: &str, value: &mut Cursor<'a>) -> Result<(), Reason> {
        match SIGN_INS.contains(&key) {
            true => self.sign_in = value.text()?,
            false => drop(value.skip()?),
        }
        Ok(())
    }

    fn details(&mut self, value: &mut Cursor<'a>) -> Result<(), Reason> {
        let mut details = Parameters::default();
        value.members(|key, value| match SIGN_INS.contains(&key) {
            true => self.outcome(key, value),
            false => details.member(key, value),
        })?;
        self.details = details;
        Ok(())
    }

    fn insight(&mut self, value: &mut Cursor<'a>) -> Result<(), Reason> {
        (self.insight, self.insight_state) = ((None, None), None);
        value.members(|key, value| {
            match key {
                "state" => self.insight_state = value.text()?,
                "eventSource" => self.insight.0 = value.text()?,
                "eventName" => self.insight.1 = value.text()?,
                _ => drop(value.skip()?),
            }
            Ok(())
        })?;
        Ok(())
    }
}

impl<'a> Identity<'a> {
    fn read(value: &mut Cursor<'a>) -> Result<Self, Reason> {
        let mut user = Self::default();
        value.members(|key, value| {
            match key {
                "type" => user.kind = value.text()?,
                "accountId" => user.account = value.text()?,
                "arn" => user.arn = value.text()?,
                "userName" => user.name = value.text()?,
                "principalId" => user.principal = value.text()?,
                "invokedBy" => user.invoked_by = value.text()?,
                _ => drop(value.skip()?),
            }
            Ok(())
        })?;
        Ok(user)
    }

    /// Who acted, by the most telling name there is.
    pub(super) fn actor(&self) -> Text<'a> {
        [&self.arn, &self.name, &self.principal, &self.invoked_by, &self.kind]
            .into_iter()
            .find_map(|name| name.clone().filter(|name| !name.is_empty()))
    }
}

impl<'a> Parameters<'a> {
    fn read(value: &mut Cursor<'a>) -> Result<Self, Reason> {
        let mut found = Self::default();
        value.members(|key, value| found.member(key, value))?;
        Ok(found)
    }

    fn member(&mut self, key: &str, value: &mut Cursor<'a>) -> Result<(), Reason> {
        if key == "key" {
            self.object = value.text()?;
        } else if let Some(place) = NAMES.iter().position(|name| *name == key) {
            let name = value.text()?.filter(|name| !name.is_empty() && !name.starts_with(['{', '[']));
            if let Some(name) = name.filter(|_| self.name.as_ref().is_none_or(|(best, _)| place <= *best)) {
                self.name = Some((place, name));
            }
        } else {
            value.skip()?;
        }
        Ok(())
    }

    fn named(&self) -> Text<'a> {
        let (place, name) = self.name.as_ref()?;
        match &self.object {
            Some(object) if *place == 0 => Some(format!("{name}/{object}").into()),
            _ => Some(name.clone()),
        }
    }
}

/// One member of an object, as text.
fn only<'a>(value: &mut Cursor<'a>, wanted: &str) -> Result<Text<'a>, Reason> {
    let mut found = None;
    value.members(|key, value| {
        if key == wanted {
            found = value.text()?;
        } else {
            value.skip()?;
        }
        Ok(())
    })?;
    Ok(found)
}

/// A string; `null` is as good as absent.
fn text_or_null<'a>(value: &mut Cursor<'a>, field: &'static str) -> Result<Text<'a>, Reason> {
    if value.is_null() {
        return value.text();
    }
    value.string(field).map(Some)
}
