//! A resource: its kind, its name, where it was seen, and the facts of its kind.

use std::fmt;

use serde_json::{Value as Json, json};
use shoseki_event::Timestamp;
use shoseki_messages::Message;

use super::{
    AccountPublicAccess, Administrators, AuditPolicy, Bucket, Channel, Cluster, Database, Detector, Fact, Falco, Hub,
    IamPolicy, IamRole, IamUser, Insights, Key, KubernetesRole, LogGroup, OptionGroup, Organization, ParameterGroup,
    Recorder, Subscriptions, Trail,
};

/// What another resource is called by whoever refers to it: a name, an ARN, or its address in code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(pub String);

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a fact was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a file of code.
    File {
        /// The file's path, as it was given or found.
        path: String,
        /// The line, from 1; 0 where the file has no lines to name.
        line: u32,
    },
    /// In the answer of an API.
    Call {
        /// The call: `s3:GetBucketVersioning`.
        name: String,
        /// The record of its answer, where one is kept.
        record: Option<String>,
    },
    /// In an item of AWS Config, by its record.
    Item {
        /// The record's name.
        record: String,
    },
}

impl Origin {
    /// The record that proves it, where there is one.
    pub fn record(&self) -> Option<&str> {
        match self {
            Self::File { .. } => None,
            Self::Call { record, .. } => record.as_deref(),
            Self::Item { record } => Some(record),
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Json {
        match self {
            Self::File { path, line } => json!({"file": path, "line": line}),
            Self::Call { name, record } => json!({"call": name, "record": record}),
            Self::Item { record } => json!({"record": record}),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line: 0 } => f.write_str(path),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Call { name, .. } => f.write_str(name),
            Self::Item { record } => f.write_str(record),
        }
    }
}

/// What a change of a plan does to what keeps evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What of evidence goes or gets weaker, where anything does.
    pub harm: Option<Message>,
    /// What changes of which nothing here says whether that weakens it.
    pub open: Option<Message>,
}

/// The list of kinds: a variant of [`Kind`] and of [`Facts`] each, and the function that gives the facts of a resource.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident $function:ident,)*) => {
        /// What a resource is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[doc = $doc])* $kind,)*
        }

        /// The facts of a resource, by its kind.
        #[derive(Clone, Debug)]
        pub enum Facts {
            $($(#[doc = $doc])* $kind(Box<$kind>),)*
        }

        impl Facts {
            /// The kind whose facts they are.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)*
                }
            }
        }

        $(
            impl From<$kind> for Facts {
                fn from(facts: $kind) -> Self {
                    Self::$kind(Box::new(facts))
                }
            }
        )*

        impl Resource {
            $(
                $(#[doc = $doc])*
                pub fn $function(&self) -> Option<&$kind> {
                    match &self.facts {
                        Facts::$kind(facts) => Some(facts),
                        _ => None,
                    }
                }
            )*
        }
    };
}

kinds! {
    /// A trail of CloudTrail.
    Trail trail,
    /// AWS Config's recorder.
    Recorder recorder,
    /// AWS Config's delivery channel.
    Channel channel,
    /// What blocks public access to all buckets of an account.
    AccountPublicAccess account_public_access,
    /// A bucket of S3.
    Bucket bucket,
    /// A key of KMS.
    Key key,
    /// A log group of CloudWatch Logs.
    LogGroup log_group,
    /// A cluster of EKS.
    Cluster cluster,
    /// An instance or a cluster of RDS or Aurora.
    Database database,
    /// A parameter group of RDS, of instances or of clusters.
    ParameterGroup parameter_group,
    /// An option group of RDS.
    OptionGroup option_group,
    /// A policy of IAM, managed or in line.
    IamPolicy iam_policy,
    /// A role of IAM.
    IamRole iam_role,
    /// A user of IAM, root too.
    IamUser iam_user,
    /// A detector of GuardDuty.
    Detector detector,
    /// What CloudTrail's Insights watch of a trail.
    Insights insights,
    /// Whom a log group passes its events on to.
    Subscriptions subscriptions,
    /// An organization of accounts.
    Organization organization,
    /// Security Hub in a region.
    Hub hub,
    /// Who may do everything in an account.
    Administrators administrators,
    /// A change that a plan of Terraform makes.
    Change change,
    /// A role of Kubernetes' RBAC.
    KubernetesRole kubernetes_role,
    /// An audit policy of Kubernetes.
    AuditPolicy audit_policy,
    /// An installation of Falco.
    Falco falco,
}

/// A resource of an estate.
#[derive(Clone, Debug)]
pub struct Resource {
    /// What it is called: an ARN, or its address in code (`module.logs.aws_s3_bucket.this`).
    pub name: String,
    /// All that others may call it: its name, its ARN, its address, its id.
    pub called: Vec<String>,
    /// The account that it is in, where that is known.
    pub account: Option<String>,
    /// The region that it is in, where that is known.
    pub region: Option<String>,
    /// Since when it is there, where that is known.
    pub created: Option<Timestamp>,
    /// What it is a member of, by the name of that: of an instance of Aurora, its cluster.
    pub part_of: Option<String>,
    /// Where it was seen.
    pub origin: Origin,
    /// Why it may not be there, where that is so: then it passes nothing.
    pub doubt: Option<Message>,
    /// Where parts of it were seen that were told elsewhere: `versioning`.
    pub parts: Vec<(&'static str, Origin)>,
    /// The facts of its kind.
    pub facts: Facts,
    /// Its place in its estate, which the estate sets.
    pub(super) place: usize,
}

impl Resource {
    /// A resource that others call by its name alone.
    pub fn new(name: impl Into<String>, origin: Origin, facts: impl Into<Facts>) -> Self {
        let name = name.into();
        let (called, facts) = (vec![name.clone()], facts.into());
        Self {
            name,
            called,
            account: None,
            region: None,
            created: None,
            part_of: None,
            origin,
            doubt: None,
            parts: Vec::new(),
            facts,
            place: 0,
        }
    }

    /// The same, which others may call so too.
    #[must_use]
    pub fn called(mut self, name: &Fact<String>) -> Self {
        self.called.extend(name.known().cloned());
        self
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.facts.kind()
    }

    /// Where it is: its account, and its region where it has one; nothing where the account is not known.
    pub fn place_text(&self) -> Option<String> {
        let account = self.account.as_ref()?;
        Some(self.region.as_ref().map_or_else(|| account.clone(), |region| format!("{account} {region}")))
    }

    /// Where a part of it was seen.
    pub fn origin_of(&self, part: &str) -> &Origin {
        self.parts.iter().rev().find(|(name, _)| *name == part).map_or(&self.origin, |(_, origin)| origin)
    }
}

/// A part of a resource that was told apart from it: the versioning of a bucket is a resource of its own in Terraform.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it is a part of.
    pub of: Fact<Target>,
    /// Why it may not be there, where that is so: then what it sets is not known.
    pub doubt: Option<Message>,
    /// What it is called: `versioning`. The estate knows by this which facts it may set.
    pub part: &'static str,
    /// Where it was seen.
    pub origin: Origin,
    /// The facts that it sets; all others are absent.
    pub facts: Facts,
}

impl Facts {
    /// Takes over what a piece says.
    pub(super) fn take(&mut self, piece: Self) {
        match (self, piece) {
            (Self::Bucket(all), Self::Bucket(piece)) => all.take(*piece),
            (Self::Recorder(all), Self::Recorder(piece)) => all.is_recording.take(piece.is_recording),
            (Self::Key(all), Self::Key(piece)) => all.policy.take(piece.policy),
            _ => (),
        }
    }

    /// Makes unknown what a piece would change that may not be there.
    pub(super) fn doubt(&mut self, piece: Self, why: &Message) {
        match (self, piece) {
            (Self::Bucket(all), Self::Bucket(piece)) => all.doubt(*piece, why),
            (Self::Recorder(all), Self::Recorder(piece)) => all.is_recording.doubt(piece.is_recording, why),
            (Self::Key(all), Self::Key(piece)) => all.policy.doubt(piece.policy, why),
            _ => (),
        }
    }

    /// Makes unknown whatever pieces could set, and is not set.
    pub(super) fn blur_all(&mut self, why: &Message) {
        match self {
            Self::Bucket(all) => all.blur_all(why),
            other => other.blur("", why),
        }
    }

    /// Makes unknown what a piece sets that cannot be put to its resource.
    pub(super) fn blur(&mut self, part: &str, why: &Message) {
        match self {
            Self::Bucket(all) => all.blur(part, why),
            Self::Recorder(all) => all.is_recording.blur(why),
            Self::Key(all) => all.policy.blur(why),
            _ => (),
        }
    }
}
