//! A record as an incident looks at it: who did what, on what, how it ended, and what came of it that can be followed further. Pure.
//!
//! Who did it is read where the source says it: CloudTrail's `userIdentity`; Kubernetes' `user`, `impersonatedUser` and what EKS puts
//! into `user.extra` (`arn`, `canonicalArn`, `accessKeyId`). Of other sources the columns are all there is.

use serde::Serialize;
use serde_json::Value;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, lookup};

use super::subject::{Kind, Subject};
use crate::checks::Row;

/// How long a session lasts at most, in microseconds.
const SESSION: i64 = 12 * 3_600_000_000;

/// What was done, of what succeeded; and what was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Something was read.
    Read,
    /// Something was changed.
    Changed,
    /// Something was made.
    Created,
    /// Something was deleted.
    Deleted,
    /// Somebody signed in.
    SignedIn,
    /// It was refused, or failed.
    Refused,
    /// What its source does not tell.
    Other,
}

impl Deed {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Changed, Self::Created, Self::Deleted, Self::SignedIn, Self::Refused, Self::Other];

    /// From OCSF's `class_uid` and `activity_id`, and from the outcome.
    fn of(class: i64, activity: i64, is_refused: bool) -> Self {
        match (class, activity) {
            _ if is_refused => Self::Refused,
            (3002, _) | (6005, 3) => Self::SignedIn,
            (6003 | 3001, 1) | (6005, 6) => Self::Created,
            (6003, 2) | (6005, 1 | 4) => Self::Read,
            (6003, 4) | (3001, 6) | (6005, 7) => Self::Deleted,
            (6003, 3) | (3001, 2..) | (6005, 2 | 5) => Self::Changed,
            _ => Self::Other,
        }
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Changed => "changed",
            Self::Created => "created",
            Self::Deleted => "deleted",
            Self::SignedIn => "signed_in",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }

    /// The word for it.
    pub fn word(self, lang: Lang) -> String {
        lookup(&format!("incident-deed-{}", self.name().replace('_', "-")), lang).unwrap_or_default()
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When.
    pub time: Timestamp,
    /// The source.
    pub source: String,
    /// Who, as the column `actor` has it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// On what.
    pub resource: String,
    /// `success`, `failure` or `unknown`.
    pub outcome: String,
    /// The error that was answered.
    pub error: String,
    /// From where.
    pub address: String,
    /// What kind of thing was done.
    pub deed: Deed,
    /// The record's name.
    pub record: String,
    /// The event; null where it is no JSON.
    pub raw: Value,
}

/// What came of a record that can be followed: how it came, what it is, and until when it can be it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// How it came.
    pub relation: Relation,
    /// What it is.
    pub subject: Subject,
    /// Until when it holds, where that is known.
    pub until: Option<Timestamp>,
}

/// How a principal leads to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It was given temporary credentials, which the answer names.
    Issued,
    /// It took on a role; the answer names no key, so that the session's name and its longest life have to do.
    Assumed,
    /// It made an access key.
    MadeKey,
    /// It made a user, a role or a service account.
    Made,
    /// It gave a user a password.
    GavePassword,
    /// It had a token of a service account made.
    MadeToken,
}

impl Relation {
    /// The words for it.
    pub fn word(self, lang: Lang) -> String {
        let name = match self {
            Self::Issued => "issued",
            Self::Assumed => "assumed",
            Self::MadeKey => "made-key",
            Self::Made => "made",
            Self::GavePassword => "gave-password",
            Self::MadeToken => "made-token",
        };
        lookup(&format!("incident-relation-{name}"), lang).unwrap_or_default()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl Seen {
    /// From a row of the question for candidates.
    pub(super) fn of(row: Row<'_>) -> Option<Self> {
        let outcome = row.text("outcome").to_owned();
        let deed = Deed::of(row.number("class"), row.number("activity"), outcome == "failure");
        let owned = |name: &str| row.text(name).to_owned();
        Some(Self {
            time: row.time("at")?,
            source: owned("origin"),
            actor: owned("who"),
            action: owned("action"),
            resource: owned("what"),
            outcome,
            error: owned("error"),
            address: owned("address"),
            deed,
            record: owned("record"),
            raw: serde_json::from_str(row.text("raw")).unwrap_or_default(),
        })
    }

    /// Whether a subject did it, or, of an address or a resource, whether it is in it.
    pub fn is_of(&self, subject: &Subject) -> bool {
        let value = subject.value.as_str();
        let identity = &self.raw["userIdentity"];
        let is_user =
            || [&self.raw["user"], &self.raw["impersonatedUser"]].iter().any(|user| text(&user["username"]) == value);
        match subject.kind {
            Kind::Address => self.address == value || has(&self.raw["sourceIPs"], value),
            Kind::Key => text(&identity["accessKeyId"]) == value || self.extra("accessKeyId", value),
            Kind::Session => text(&identity["arn"]) == value || self.actor == value || self.extra("arn", value),
            Kind::Role => self.is_of_role(subject),
            Kind::User => {
                let account = [&identity["accountId"], &self.raw["recipientAccountId"]].map(text);
                let is_named =
                    text(&identity["userName"]) == subject.last_part() && text(&identity["type"]) == "IAMUser";
                let is_here = || subject.account().is_some_and(|known| account.contains(&known));
                text(&identity["arn"]) == value
                    || self.actor == value
                    || self.extra("arn", value)
                    || (is_named && text(&identity["arn"]).is_empty() && is_here())
            }
            Kind::ServiceAccount => is_user() || self.actor == value || text(&identity["userName"]) == value,
            Kind::Name => {
                let last = self.actor.rsplit(['/', ':']).next();
                is_user() || self.actor == value || last == Some(value) || text(&identity["userName"]) == value
            }
            Kind::Resource => {
                let named = self.raw["resources"].as_array().into_iter().flatten().map(|one| text(&one["ARN"]));
                let object = self.object().unwrap_or_default();
                named.chain([self.resource.as_str(), object.as_str()]).any(|resource| is_in(resource, value))
            }
        }
    }

    /// Kubernetes' object, whatever is done of it: `namespace/pods/name` also where a pod is entered.
    fn object(&self) -> Option<String> {
        let part = |name: &str| self.raw["objectRef"][name].as_str();
        Some(format!("{}/{}/{}", part("namespace")?, part("resource")?, part("name")?))
    }

    fn is_of_role(&self, role: &Subject) -> bool {
        let issuer = text(&self.raw["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]);
        let name = format!(":assumed-role/{}/", role.last_part());
        let is_session = |arn: &str| arn.contains(&name) && arn.split(':').nth(4) == role.account();
        issuer == role.value
            || self.actor == role.value
            || (issuer.is_empty() && is_session(text(&self.raw["userIdentity"]["arn"])))
            || self.extra("canonicalArn", &role.value)
            || is_session(self.raw["user"]["extra"]["arn"].get(0).map(text).unwrap_or_default())
    }

    fn extra(&self, name: &str, value: &str) -> bool {
        has(&self.raw["user"]["extra"][name], value)
    }

    /// What came of it that can be followed. What was refused gave nothing.
    pub fn products(&self) -> Vec<Product> {
        if self.outcome == "failure" {
            return Vec::new();
        }
        match self.source.as_str() {
            "cloudtrail" => self.of_aws().into_iter().collect(),
            "k8s-audit" => self.of_cluster().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn of_aws(&self) -> Option<Product> {
        let (asked, gave) = (&self.raw["requestParameters"], &self.raw["responseElements"]);
        let product = |relation, kind, value: String| {
            (!value.is_empty()).then(|| Product { relation, subject: Subject::new(kind, value), until: None })
        };
        let stated = |value: &Value| Some(text(value).to_owned()).filter(|text| !text.is_empty());
        match self.action.as_str() {
            "CreateAccessKey" => product(Relation::MadeKey, Kind::Key, stated(&gave["accessKey"]["accessKeyId"])?),
            "CreateUser" => {
                let arn = stated(&gave["user"]["arn"]).or_else(|| self.user(asked));
                product(Relation::Made, Kind::User, arn?)
            }
            "CreateRole" => product(Relation::Made, Kind::Role, stated(&gave["role"]["arn"])?),
            "CreateLoginProfile" | "UpdateLoginProfile" => {
                product(Relation::GavePassword, Kind::User, self.user(asked)?)
            }
            action
                if action.starts_with("AssumeRole") || ["GetSessionToken", "GetFederationToken"].contains(&action) =>
            {
                match stated(&gave["credentials"]["accessKeyId"]) {
                    Some(key) => product(Relation::Issued, Kind::Key, key),
                    None => {
                        let until = Some(Timestamp(self.time.0.saturating_add(SESSION)));
                        let session = product(Relation::Assumed, Kind::Session, self.session()?)?;
                        Some(Product { until, ..session })
                    }
                }
            }
            _ => None,
        }
    }

    /// The session that a role was taken on as: as the answer says, or as it was asked for.
    pub fn session(&self) -> Option<String> {
        let (asked, gave) = (&self.raw["requestParameters"], &self.raw["responseElements"]);
        let stated = [&gave["assumedRoleUser"]["arn"], &gave["federatedUser"]["arn"]].map(text);
        if let Some(arn) = stated.into_iter().find(|arn| !arn.is_empty()) {
            return Some(arn.to_owned());
        }
        let (role, name) = (Subject::new(Kind::Role, text(&asked["roleArn"])), text(&asked["roleSessionName"]));
        let partition = role.value.split(':').nth(1).unwrap_or("aws").to_owned();
        let account = role.account()?;
        (!name.is_empty()).then(|| format!("arn:{partition}:sts::{account}:assumed-role/{}/{name}", role.last_part()))
    }

    fn user(&self, asked: &Value) -> Option<String> {
        let (name, account) = (text(&asked["userName"]), text(&self.raw["recipientAccountId"]));
        let partition = text(&self.raw["userIdentity"]["arn"]).split(':').nth(1).unwrap_or("aws").to_owned();
        let path = Some(text(&asked["path"])).filter(|path| path.starts_with('/')).unwrap_or("/");
        (!name.is_empty() && !account.is_empty()).then(|| format!("arn:{partition}:iam::{account}:user{path}{name}"))
    }

    fn of_cluster(&self) -> Option<Product> {
        let object = &self.raw["objectRef"];
        if text(&self.raw["verb"]) != "create" || text(&object["resource"]) != "serviceaccounts" {
            return None;
        }
        let relation = match text(&object["subresource"]) {
            "token" => Relation::MadeToken,
            "" => Relation::Made,
            _ => return None,
        };
        let named = [&object["name"], &self.raw["responseObject"]["metadata"]["name"]].map(text);
        let (name, namespace) = (named.into_iter().find(|name| !name.is_empty())?, text(&object["namespace"]));
        let subject = Subject::new(Kind::ServiceAccount, format!("system:serviceaccount:{namespace}:{name}"));
        Some(Product { relation, subject, until: None })
    }
}

fn has(list: &Value, value: &str) -> bool {
    list.as_array().into_iter().flatten().any(|one| text(one) == value)
}

/// Whether a resource is the one that is asked for, or lies in it: `bucket/key` in `bucket`, `ns/pods/web` where `ns/pods` is asked for.
fn is_in(resource: &str, asked: &str) -> bool {
    let begins = |whole: &str| whole.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let own = resource.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
    let named = own.and_then(|own| own.split_once(['/', ':'])).map(|(_, name)| name);
    begins(resource) || own.is_some_and(begins) || named.is_some_and(begins)
}
