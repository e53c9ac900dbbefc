//! What is wrong with a trail, or cannot be judged: one finding for each, with its place, its time, the digest that tells it,
//! and what to do. The codes are stable: other tools count and compare them.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, msg};

use crate::Verdict;

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// A digest that another one names, or whose hour lies between two, is not there.
    DigestMissing,
    /// The newest digests are not there, though the trail went on.
    NewestMissing,
    /// A digest's content is not that which the next digest and its signature state.
    DigestAltered,
    /// What lies under a digest's name is none.
    DigestUnreadable,
    /// A digest lies under another name than it states.
    DigestMoved,
    /// A signature is not that of the key that the digest names.
    SignatureWrong,
    /// A signature is right, but of another key than the digest names.
    KeyOther,
    /// A digest is signed, but the next one states another content or signature.
    ChainBroken,
    /// A digest lies between two that are chained past it.
    DigestBypassed,
    /// Bytes follow the gzip stream.
    TrailingBytes,
    /// A log file that a digest names is not there.
    LogMissing,
    /// A log file's content is not that whose hash the digest states.
    LogAltered,
    /// No digest names a log file, and digests cover its time.
    LogExtra,
    /// A file among CloudTrail's has no name of CloudTrail's.
    FileForeign,
    // Those above are tampering, those from here on cannot be judged: `verdict` goes by the order.
    /// The oldest digest here names one before it that is not there.
    OlderMissing,
    /// No newer digest is there, and nothing says whether the trail went on.
    NewestOverdue,
    /// No signature of a digest is at hand.
    SignatureMissing,
    /// The key that a digest names is not among the keys.
    KeyUnknown,
    /// The key that signed was not valid at the time.
    KeyNotValid,
    /// A hash or a signature is of a kind that is not known here.
    AlgorithmUnknown,
    /// The trail was stopped and started: between, nothing is proven.
    TrailRestarted,
    /// Log files of a time that no digest covers.
    LogUnproven,
    /// What a digest names lies outside of what was given.
    NotGiven,
    /// An account and region has no digest, where others of the trail have.
    RegionAbsent,
    /// An account and region has log files and no digest.
    NoDigests,
    /// A file could not be read.
    Unreadable,
}

impl Flaw {
    /// The verdict that it leads to.
    pub fn verdict(self) -> Verdict {
        if self < Self::OlderMissing { Verdict::Tampered } else { Verdict::Unverifiable }
    }

    /// Whether its time is one of which no digest tells.
    pub(crate) fn is_gap(self) -> bool {
        matches!(
            self,
            Self::DigestMissing
                | Self::NewestMissing
                | Self::NewestOverdue
                | Self::TrailRestarted
                | Self::RegionAbsent
                | Self::NoDigests
        )
    }

    /// What to do about it.
    pub fn mend(self) -> Message {
        match self {
            Self::DigestMissing | Self::NewestMissing | Self::LogMissing => msg!("verify-trail-mend-missing"),
            Self::DigestAltered | Self::DigestUnreadable | Self::LogAltered | Self::TrailingBytes => {
                msg!("verify-trail-mend-altered")
            }
            Self::DigestMoved => msg!("verify-trail-mend-moved"),
            Self::SignatureWrong | Self::KeyOther => msg!("verify-trail-mend-signature"),
            Self::ChainBroken | Self::DigestBypassed => msg!("verify-trail-mend-chain"),
            Self::LogExtra | Self::FileForeign => msg!("verify-trail-mend-extra"),
            Self::OlderMissing => msg!("verify-trail-mend-older"),
            Self::NewestOverdue => msg!("verify-trail-mend-overdue"),
            Self::SignatureMissing => msg!("verify-trail-mend-no-signature"),
            Self::KeyUnknown => msg!("verify-trail-mend-key"),
            Self::KeyNotValid | Self::AlgorithmUnknown => msg!("verify-trail-mend-report"),
            Self::TrailRestarted => msg!("verify-trail-mend-restarted"),
            Self::LogUnproven => msg!("verify-trail-mend-unproven"),
            Self::NotGiven => msg!("verify-trail-mend-not-given"),
            Self::RegionAbsent | Self::NoDigests => msg!("verify-trail-mend-no-digests"),
            Self::Unreadable => msg!("verify-trail-mend-unreadable"),
        }
    }
}

/// Which chain of digests something is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ChainName {
    /// The account.
    pub account: String,
    /// The region whose events it tells of.
    pub region: String,
    /// The trail's name; empty where it is not known.
    pub trail: String,
    /// The region in which the trail was made; empty where it is not known.
    pub home_region: String,
    /// Whether it is the chain of the digests of late files.
    pub backfill: bool,
}

/// One thing that is wrong, or that cannot be judged.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its kind, which decides the verdict.
    pub flaw: Flaw,
    /// The object: `s3://bucket/key`, or a path.
    pub what: String,
    /// The chain.
    pub chain: ChainName,
    /// The time of which it is: since when, where only that is known.
    pub from: Option<Timestamp>,
    /// Up to when.
    pub to: Option<Timestamp>,
    /// The digest that tells it, where that is not the object itself.
    pub digest: Option<String>,
    /// What is wrong.
    pub message: Message,
}

impl Finding {
    pub(crate) fn new(flaw: Flaw, chain: &ChainName, what: impl Into<String>, message: Message) -> Self {
        Self { flaw, what: what.into(), chain: chain.clone(), from: None, to: None, digest: None, message }
    }

    pub(crate) fn during(mut self, from: Timestamp, to: Timestamp) -> Self {
        (self.from, self.to) = (Some(from), Some(to));
        self
    }

    pub(crate) fn told_by(mut self, digest: impl Into<String>) -> Self {
        self.digest = Some(digest.into());
        self
    }
}

/// A message in both languages.
struct Both<'m>(&'m Message);

impl Serialize for Both<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Both", 2)?;
        fields.serialize_field("en", &self.0.text(Lang::En))?;
        fields.serialize_field("ja", &self.0.text(Lang::Ja))?;
        fields.end()
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let mut fields = serializer.serialize_struct("Finding", 12)?;
        fields.serialize_field("code", &self.flaw)?;
        fields.serialize_field("verdict", &self.flaw.verdict())?;
        fields.serialize_field("resource", &self.what)?;
        fields.serialize_field("account", &self.chain.account)?;
        fields.serialize_field("region", &self.chain.region)?;
        fields.serialize_field("trail", &self.chain.trail)?;
        fields.serialize_field("backfill", &self.chain.backfill)?;
        fields.serialize_field("from", &time(self.from))?;
        fields.serialize_field("to", &time(self.to))?;
        fields.serialize_field("digest", &self.digest)?;
        fields.serialize_field("text", &Both(&self.message))?;
        fields.serialize_field("mend", &Both(&self.flaw.mend()))?;
        fields.end()
    }
}
