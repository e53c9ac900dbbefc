//! Buckets of S3.

use shoseki_messages::Message;

use super::{Fact, Policy, Target, Value};

/// The default encryption of a bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encryption {
    /// `AES256`, `aws:kms`, `aws:kms:dsse`.
    pub algorithm: Fact<String>,
    /// The key, where one is named; without one, AWS's own key of the account is used.
    pub key: Fact<Target>,
}

/// What blocks public access, of a bucket; each is off where it is not set in code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublicAccess {
    /// `BlockPublicAcls`.
    pub blocks_acls: Fact<bool>,
    /// `IgnorePublicAcls`.
    pub ignores_acls: Fact<bool>,
    /// `BlockPublicPolicy`.
    pub blocks_policy: Fact<bool>,
    /// `RestrictPublicBuckets`.
    pub restricts: Fact<bool>,
}

impl PublicAccess {
    /// Whether all of it is known to be on.
    pub fn is_shut(&self) -> bool {
        let all = [&self.blocks_acls, &self.ignores_acls, &self.blocks_policy, &self.restricts];
        all.into_iter().all(|one| *one == Fact::Known(true))
    }
}

/// What blocks public access to all buckets of an account, whatever they say themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountPublicAccess {
    /// The same four settings.
    pub access: PublicAccess,
}

/// A rule of a bucket's life cycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LifecycleRule {
    /// Its id.
    pub id: Fact<String>,
    /// Whether it is on.
    pub is_enabled: Fact<bool>,
    /// Whether it takes some objects only: a prefix, tags, a size.
    pub is_partial: bool,
    /// After how many days objects expire.
    pub expires: Fact<u64>,
    /// The day on which all expires, where one is named.
    pub expires_on: Fact<String>,
    /// After how many days noncurrent versions expire.
    pub noncurrent_expires: Fact<u64>,
    /// The class into which it moves objects, as S3 writes it, where that is one whose objects must be restored before they can be read.
    pub archives: Fact<String>,
}

impl LifecycleRule {
    /// The first archive among the classes that lists of transitions name: what is not known may be one.
    pub fn archive<'v>(transitions: impl IntoIterator<Item = &'v Value>, class: &str) -> Fact<String> {
        let mut unknown = Fact::Absent;
        for list in transitions {
            let all = match list.list() {
                Fact::Known(all) => all,
                Fact::Absent => continue,
                Fact::Unknown(why) => {
                    unknown = Fact::Unknown(why);
                    continue;
                }
            };
            for name in all.iter().map(|one| one.at(class).to_text()) {
                match name {
                    // AWS Config has the names in other letters.
                    Fact::Known(name) => match name.replace(['_', ' '], "").to_ascii_uppercase().as_str() {
                        "GLACIER" => return Fact::Known("GLACIER".to_owned()),
                        "DEEPARCHIVE" => return Fact::Known("DEEP_ARCHIVE".to_owned()),
                        _ => (),
                    },
                    Fact::Absent => (),
                    Fact::Unknown(why) => unknown = Fact::Unknown(why),
                }
            }
        }
        unknown
    }
}

/// The default retention of Object Lock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// `COMPLIANCE` or `GOVERNANCE`.
    pub mode: Fact<String>,
    /// For how many days; years count 365 each.
    pub days: Fact<u64>,
}

/// A bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bucket {
    /// Its name.
    pub name: Fact<String>,
    /// Whether versioning is on; off where it is not set.
    pub is_versioned: Fact<bool>,
    /// Whether deletions of versions need a second factor.
    pub has_mfa_delete: Fact<bool>,
    /// The default encryption; SSE-S3 where it is not set.
    pub encryption: Fact<Encryption>,
    /// What blocks public access. Where it is not set, S3 blocks all of it in buckets made since April 2023.
    pub public_access: Fact<PublicAccess>,
    /// The bucket that takes its access logs.
    pub logs_to: Fact<Target>,
    /// The rules of its life cycle.
    pub lifecycle: Fact<Vec<LifecycleRule>>,
    /// Its policy.
    pub policy: Fact<Policy>,
    /// The default retention of Object Lock.
    pub lock: Fact<Lock>,
    /// The buckets that it is replicated to.
    pub replicates_to: Fact<Vec<Target>>,
    /// A canned ACL: `log-delivery-write`.
    pub acl: Fact<String>,
}

/// The parts of a bucket that are told apart from it, and the facts that each sets.
macro_rules! parts {
    ($($part:literal $($fact:ident)+,)*) => {
        impl Bucket {
            pub(super) fn take(&mut self, piece: Self) {
                $($(self.$fact.take(piece.$fact);)+)*
            }

            pub(super) fn doubt(&mut self, piece: Self, why: &Message) {
                $($(self.$fact.doubt(piece.$fact, why);)+)*
            }

            pub(super) fn blur(&mut self, part: &str, why: &Message) {
                match part {
                    $($part => {
                        $(self.$fact.blur(why);)+
                    })*
                    _ => (),
                }
            }

            pub(super) fn blur_all(&mut self, why: &Message) {
                $($(self.$fact.blur(why);)+)*
            }
        }
    };
}

parts! {
    "versioning" is_versioned has_mfa_delete,
    "encryption" encryption,
    "public_access" public_access,
    "logging" logs_to,
    "lifecycle" lifecycle,
    "policy" policy,
    "lock" lock,
    "replication" replicates_to,
    "acl" acl,
}
