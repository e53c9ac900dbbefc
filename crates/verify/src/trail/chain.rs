//! The digests of one account and region, judged: each by its signature, and each against the one after it. Nothing is read
//! here.
//!
//! ```text
//! digest 01:00 ◀── digest 02:00 ◀── digest 03:00      each names the hash and the signature of the one before it
//! ```
//!
//! A signature lies beside its digest, and stands in the next digest too. Whichever of the two is right proves the digest:
//! nobody but the holder of the key can make either. So all digests but the newest can be judged from bare files.

use std::collections::{BTreeMap, HashMap};

use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};
use shoseki_sources::{DigestDocument, ObjectName, PreviousDigest};

use super::finding::{ChainName, Finding, Flaw};
use super::keys::KeyRing;
use super::place::{Located, last, plain, shown};
use super::report::Findings;

/// What lies between two digests at the least.
pub(crate) const HOUR: i64 = 3_600_000_000;
/// Times that are nearer than this are taken for one: digests of a restarted trail do not meet to the second.
pub(crate) const SLACK: i64 = 300_000_000;
/// How long after its end a digest may be signed.
const SIGNING: i64 = 2 * HOUR;
/// How many missing digests in a row are listed one by one.
const LISTED: i64 = 1_000;
/// The only signatures that digests have.
const ALGORITHM: &str = "SHA256withRSA";

/// A digest file as it was read.
#[derive(Clone, Debug)]
pub(crate) struct ReadDigest {
    /// As people read its place.
    pub(crate) shown: String,
    /// Its file's name.
    pub(crate) name: Box<str>,
    /// Its chain, as its name says.
    pub(crate) chain: ChainName,
    /// The time in its name.
    pub(crate) time: Timestamp,
    /// What it says.
    pub(crate) document: Result<Document, Message>,
    /// The signature beside it.
    pub(crate) signature: Option<String>,
    /// When it was made, where it is one of late files and that is known.
    pub(crate) made: Option<Timestamp>,
    /// How many bytes lie behind its gzip stream.
    pub(crate) trailing: u64,
    /// Whether the digest before it lies outside of what was given.
    pub(crate) goes_outside: bool,
}

/// The readable content of a digest.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) digest: DigestDocument,
    pub(crate) sha256: [u8; 32],
    pub(crate) located: Located,
}

/// What a digest is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It is false, or nothing that can be read.
    Refuted,
    /// Nothing proves it.
    Unproven,
    /// The key that it names signed it.
    Proven,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) findings: Findings,
    /// For each digest, in the order in which they were given.
    pub(crate) standings: Vec<Standing>,
}

/// What is judged, and by what.
pub(crate) struct Case<'a> {
    /// The digests of an account and region, by their chains and times.
    pub(crate) digests: &'a [ReadDigest],
    pub(crate) keys: &'a KeyRing,
    /// From when on digests must be there; without it, from the oldest one here.
    pub(crate) from: Option<Timestamp>,
    /// What begins at this time or later was not asked for.
    pub(crate) to: Option<Timestamp>,
}

/// Puts digests into the order in which [`judge`] takes them.
pub(crate) fn sort(digests: &mut [ReadDigest]) {
    digests.sort_by(|a, b| (&a.chain, a.time, &a.shown).cmp(&(&b.chain, b.time, &b.shown)));
}

/// Judges the digests of an account and region.
pub(crate) fn judge(case: &Case<'_>) -> Judged {
    let links = Links::of(case.digests);
    let mut judged = Judged { findings: Findings::until(case.to), standings: Vec::new() };
    for (at, digest) in case.digests.iter().enumerate() {
        let standing = case.standing(digest, links.after(at), &mut judged.findings);
        judged.standings.push(standing);
    }
    let mut chains: BTreeMap<&ChainName, Vec<usize>> = BTreeMap::new();
    for (at, digest) in case.digests.iter().enumerate() {
        chains.entry(&digest.chain).or_default().push(at);
    }
    for members in chains.values() {
        case.walk(members, &links, &mut judged);
    }
    judged
}

/// Which digest names which as the one before it.
struct Links<'a> {
    before: Vec<Option<usize>>,
    after: HashMap<usize, Vec<&'a PreviousDigest>>,
}

impl<'a> Links<'a> {
    fn of(digests: &'a [ReadDigest]) -> Self {
        let mut names: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, digest) in digests.iter().enumerate() {
            names.entry(plain(&digest.name)).or_default().push(at);
        }
        let find = |place: &ObjectName| -> Option<usize> {
            let found = names.get(plain(last(&place.key)))?;
            let is_there = |at: &&usize| match digests.get(**at).map(|digest| &digest.document) {
                Some(Ok(document)) => document.digest.place == *place && document.located != Located::Elsewhere,
                _ => false,
            };
            // What cannot be read, or states another place, lies there all the same; only a moved one does not.
            let is_not_moved = |at: &&usize| match digests.get(**at).map(|digest| &digest.document) {
                Some(Ok(document)) => document.located != Located::Elsewhere,
                _ => true,
            };
            found.iter().find(is_there).or_else(|| found.iter().find(is_not_moved)).copied()
        };
        let mut links = Self { before: Vec::new(), after: HashMap::new() };
        for digest in digests {
            let previous = digest.document.as_ref().ok().and_then(|document| document.digest.previous.as_ref());
            let before = previous.and_then(|previous| find(&previous.place));
            links.before.push(before);
            if let (Some(before), Some(previous)) = (before, previous) {
                links.after.entry(before).or_default().push(previous);
            }
        }
        links
    }

    fn after(&self, at: usize) -> &[&'a PreviousDigest] {
        self.after.get(&at).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Case<'_> {
    /// Judges one digest by what it is, by its signature, and by what those after it say of it.
    fn standing(&self, read: &ReadDigest, after: &[&PreviousDigest], findings: &mut Findings) -> Standing {
        let find = |flaw, message| Finding::new(flaw, &read.chain, &*read.shown, message).during(read.time, read.time);
        let document = match &read.document {
            Ok(document) => document,
            Err(why) => {
                findings.push(find(Flaw::DigestUnreadable, why.clone()));
                return Standing::Refuted;
            }
        };
        let Document { digest, sha256, located } = document;
        let find = |flaw, message| find(flaw, message).during(digest.start, digest.end);
        if *located == Located::Elsewhere {
            let message = msg!("verify-trail-digest-moved", place = shown(&digest.place));
            findings.push(find(Flaw::DigestMoved, message));
        }
        if read.trailing > 0 {
            findings.push(find(Flaw::TrailingBytes, msg!("verify-trail-trailing", bytes = read.trailing)));
        }
        if &*digest.algorithm != ALGORITHM {
            let message = msg!("verify-trail-algorithm", algorithm = &*digest.algorithm);
            findings.push(find(Flaw::AlgorithmUnknown, message));
            return Standing::Unproven;
        }
        let text = digest.signed_text(sha256);
        let own = read.signature.as_deref();
        let stated = after.iter().filter_map(|previous| previous.signature.as_deref());
        let signatures: Vec<&str> = own.into_iter().chain(stated).collect();
        if signatures.is_empty() {
            findings.push(find(Flaw::SignatureMissing, msg!("verify-trail-signature-missing")));
            return Standing::Unproven;
        }
        let key = self.keys.get(&digest.fingerprint);
        let bytes = |signature: &str| hex::decode(signature).unwrap_or_default();
        let right = key.and_then(|key| {
            let signature = signatures.iter().find(|signature| key.verifies(text.as_bytes(), &bytes(signature)))?;
            Some((key, *signature))
        });
        let Some((key, right)) = right else {
            let signer = signatures.iter().find_map(|text_of| self.keys.signer(text.as_bytes(), &bytes(text_of)));
            let differs = after.iter().any(|previous| previous.hash.is_some_and(|hash| hash != *sha256));
            let fingerprint = &*digest.fingerprint;
            let (flaw, message) = match (signer, key) {
                (Some(signer), _) => {
                    let other = signer.fingerprint();
                    (Flaw::KeyOther, msg!("verify-trail-key-other", fingerprint = fingerprint, other = other))
                }
                (None, None) => (Flaw::KeyUnknown, msg!("verify-trail-key-unknown", fingerprint = fingerprint)),
                (None, Some(_)) if differs => (Flaw::DigestAltered, msg!("verify-trail-digest-altered")),
                (None, Some(_)) => (Flaw::SignatureWrong, msg!("verify-trail-signature-wrong")),
            };
            findings.push(find(flaw, message));
            return if flaw == Flaw::KeyUnknown { Standing::Unproven } else { Standing::Refuted };
        };
        if own.is_some_and(|own| !own.eq_ignore_ascii_case(right)) {
            findings.push(find(Flaw::SignatureWrong, msg!("verify-trail-signature-replaced")));
        }
        let signed = read.made.or_else(|| (!read.chain.backfill).then_some(digest.end));
        let is_of_its_time =
            |time: Timestamp| key.is_valid_at(time) || key.is_valid_at(Timestamp(time.0.saturating_add(SIGNING)));
        if signed.is_some_and(|time| !is_of_its_time(time)) {
            let message = msg!("verify-trail-key-not-valid", validity = key.validity());
            findings.push(find(Flaw::KeyNotValid, message));
            return Standing::Unproven;
        }
        Standing::Proven
    }

    /// Goes along one chain, from its oldest digest to its newest, and looks at what lies between two.
    fn walk(&self, members: &[usize], links: &Links<'_>, judged: &mut Judged) {
        let mut older: Option<usize> = None;
        for &at in members {
            let Some(read) = self.digests.get(at) else { continue };
            let standing = judged.standings.get(at).copied().unwrap_or(Standing::Refuted);
            let Ok(Document { digest, located, .. }) = &read.document else {
                older = Some(at); // it lies in its place, and is told of already
                continue;
            };
            if *located == Located::Elsewhere {
                continue;
            }
            let neighbour = older.and_then(|older| self.digests.get(older));
            match (&digest.previous, links.before.get(at).copied().flatten()) {
                (Some(previous), Some(before)) => {
                    self.link(read, previous, (before, standing), judged);
                    if let Some(passed) = older.filter(|older| *older != before && !read.chain.backfill) {
                        self.bypassed(read, passed, judged);
                    }
                }
                (Some(_), None) if read.goes_outside && self.from.is_some_and(|from| digest.start <= from) => {}
                (Some(_), None) if read.goes_outside => {
                    let message = msg!("verify-trail-chain-outside");
                    let finding = Finding::new(Flaw::NotGiven, &read.chain, previous_of(digest), message);
                    judged.findings.push(finding.told_by(&*read.shown).during(digest.start, digest.start));
                }
                // What it names cannot be believed, and nothing lies between.
                (Some(_), None)
                    if standing == Standing::Refuted && neighbour.is_some_and(|older| meet(older, digest)) => {}
                (Some(previous), None) => self.missing(read, digest, (previous, neighbour), judged),
                (None, _) => restarted(read, digest, neighbour, judged),
            }
            older = Some(at);
        }
    }

    /// What a digest says of the one before it, against what that is.
    fn link(
        &self,
        read: &ReadDigest,
        previous: &PreviousDigest,
        (before, standing): (usize, Standing),
        judged: &mut Judged,
    ) {
        let Some(older) = self.digests.get(before) else { return };
        let Ok(document) = &older.document else { return };
        let find = |flaw, message| {
            let finding = Finding::new(flaw, &older.chain, &*older.shown, message).told_by(&*read.shown);
            finding.during(document.digest.start, document.digest.end)
        };
        let is_proven = judged.standings.get(before) == Some(&Standing::Proven);
        let (flaw, message) = match judged.standings.get_mut(before) {
            // Nothing could be said of it by itself: its key is unknown, or its signature. But who names it is proven.
            Some(found @ Standing::Unproven)
                if standing == Standing::Proven && previous.hash.is_some_and(|hash| hash != document.sha256) =>
            {
                *found = Standing::Refuted;
                (Flaw::DigestAltered, msg!("verify-trail-digest-altered-chain"))
            }
            _ if !is_proven || standing == Standing::Refuted => return,
            _ if previous.hash == Some(document.sha256) && !self.is_signed_otherwise(older, document, previous) => {
                return;
            }
            _ => (Flaw::ChainBroken, msg!("verify-trail-chain-broken", next = &*read.shown)),
        };
        judged.findings.push(find(flaw, message));
    }

    /// Whether the next digest states a signature of a digest that is none of its key's.
    fn is_signed_otherwise(&self, older: &ReadDigest, document: &Document, previous: &PreviousDigest) -> bool {
        let Some(stated) = previous.signature.as_deref().filter(|stated| older.signature.as_deref() != Some(stated))
        else {
            return false;
        };
        let text = document.digest.signed_text(&document.sha256);
        let key = self.keys.get(&document.digest.fingerprint);
        let bytes = hex::decode(stated).unwrap_or_default();
        !key.is_some_and(|key| key.verifies(text.as_bytes(), &bytes))
    }

    /// A digest that lies between two which are chained past it.
    fn bypassed(&self, next: &ReadDigest, passed: usize, judged: &mut Judged) {
        let Some(read) = self.digests.get(passed) else { return };
        let is_copy = |other: &ReadDigest| other.name == read.name && other.shown != read.shown;
        if judged.standings.get(passed) == Some(&Standing::Refuted) || self.digests.iter().any(is_copy) {
            return; // it is told of, or is here twice
        }
        let message = msg!("verify-trail-digest-bypassed", next = &*next.shown);
        let finding = Finding::new(Flaw::DigestBypassed, &read.chain, &*read.shown, message).told_by(&*next.shown);
        judged.findings.push(finding.during(read.time, read.time));
    }

    /// The digests between two, or before the oldest, of which the first is named.
    fn missing(
        &self,
        read: &ReadDigest,
        digest: &DigestDocument,
        (previous, neighbour): (&PreviousDigest, Option<&ReadDigest>),
        judged: &mut Judged,
    ) {
        let end = digest.start;
        let first =
            Finding::new(Flaw::DigestMissing, &read.chain, shown(&previous.place), msg!("verify-trail-digest-missing"))
                .told_by(&*read.shown);
        let hour_before = |time: Timestamp| Timestamp(time.0.saturating_sub(HOUR));
        let since = match (neighbour, self.from) {
            (Some(neighbour), _) => neighbour.time,
            (None, Some(from)) if from < end => from,
            (None, Some(_)) => return, // it is older than what was asked for
            (None, None) => {
                let message = msg!("verify-trail-older-missing");
                let finding = Finding::new(Flaw::OlderMissing, &read.chain, shown(&previous.place), message);
                judged.findings.push(finding.told_by(&*read.shown).during(hour_before(end), end));
                return;
            }
        };
        if read.chain.backfill {
            judged.findings.push(first.during(end, end)); // they come when files are late, and not every hour
            return;
        }
        judged.findings.push(first.during(hour_before(end).max(since), end));
        let (mut to, mut listed) = (hour_before(end), 1);
        while to.0.saturating_sub(since.0) > HOUR / 2 {
            let from = if listed < LISTED { hour_before(to).max(since) } else { since };
            let place = renamed(&previous.place, to);
            let message = match from == since && to.0.saturating_sub(from.0) > HOUR + SLACK {
                true => msg!("verify-trail-digests-missing-many", count = to.0.saturating_sub(from.0) / HOUR),
                false => msg!("verify-trail-digest-missing-between"),
            };
            let finding = Finding::new(Flaw::DigestMissing, &read.chain, place, message).told_by(&*read.shown);
            judged.findings.push(finding.during(from, to));
            (to, listed) = (from, listed + 1);
        }
    }
}

/// Whether a digest begins where the one before it ends.
fn meet(older: &ReadDigest, digest: &DigestDocument) -> bool {
    digest.start.0.saturating_sub(older.time.0) <= SLACK
}

fn previous_of(digest: &DigestDocument) -> String {
    digest.previous.as_ref().map(|previous| shown(&previous.place)).unwrap_or_default()
}

/// A digest that begins a chain though there are older ones: between them nothing was digested.
fn restarted(read: &ReadDigest, digest: &DigestDocument, neighbour: Option<&ReadDigest>, judged: &mut Judged) {
    let Some(neighbour) = neighbour.filter(|_| !read.chain.backfill) else { return };
    if !meet(neighbour, digest) {
        let message = msg!("verify-trail-restarted");
        let finding = Finding::new(Flaw::TrailRestarted, &read.chain, &*read.shown, message);
        judged.findings.push(finding.told_by(&*neighbour.shown).during(neighbour.time, digest.start));
    }
}

/// The name that a digest of the same chain has which ends at another time; its second is that of its neighbours.
pub(crate) fn renamed(place: &ObjectName, end: Timestamp) -> String {
    let Some(time) = end.to_utc() else { return shown(place) };
    let (folder, name) = place.key.rsplit_once('/').unwrap_or(("", &place.key));
    let day = folder.rsplitn(4, '/').last().unwrap_or_default();
    let stem = name.rsplit_once('_').map_or(name, |(stem, _)| stem);
    let (day_of, time_of) = (time.format("%Y/%m/%d"), time.format("%Y%m%dT%H%M%SZ"));
    format!("s3://{}/{day}/{day_of}/{stem}_{time_of}.json.gz", place.bucket)
}
