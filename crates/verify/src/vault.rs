//! Judges a vault: every object in it has a rule (`docs/spec/vault.md`), and what has none does not belong there.

use async_recursion::async_recursion;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt};
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::FORMAT_VERSION;
use shoseki_segment::commit::{ENCRYPTION_KEY, FORMAT_KEY, ORIGIN_KEY};
use shoseki_segment::keys::KeyProvider;
use shoseki_segment::layout::{self, Marker};
use shoseki_tlog::{Checkpoint, MAX_CHECKPOINT_BYTES, VerifierKey};

use crate::keys::Keys;
use crate::log::{self, Logs};
use crate::verdict::{Problem, Report};
use crate::{Place, against, delta, files, originals, rebuild};

/// What to judge, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// The vault.
    pub place: Place,
    /// The key that verifies its checkpoints; without it nothing can be judged.
    pub key: Option<VerifierKey>,
    /// What opens its encrypted files. Without it, what is sealed in them is judged by the files' hashes alone.
    pub provider: Option<Arc<dyn KeyProvider>>,
    /// Whether to open every file, hash every record, derive every column again and rebuild every file received.
    pub deep: bool,
    /// A signed checkpoint that was kept elsewhere.
    pub against: Option<Bytes>,
    /// Anchors that are open, each with its URL as the table names it.
    pub anchors: Vec<(String, Place)>,
    /// What opens the other anchors that the commits name; without it they are not looked at.
    pub opener: Option<Arc<dyn OpensAnchors>>,
}

/// Opens anchors by their URLs.
pub trait OpensAnchors: fmt::Debug + Send + Sync {
    /// The place of an anchor; the world's failure where it cannot be reached.
    fn open<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Place>>;
}

/// All objects of a place, by name, with their sizes.
#[derive(Debug, Default)]
pub(crate) struct Listing(BTreeMap<String, u64>);

impl Listing {
    /// Lists a vault that others may be writing to: what is written last is listed first, so that whatever a listed object
    /// builds on is listed too.
    async fn of(place: &Place) -> Result<Self> {
        let tiles = format!("{}/tile", layout::TLOG);
        let first = [layout::CHECKPOINTS, tiles.as_str(), layout::DELTA_LOG];
        let mut listing = Self::default();
        for folder in first {
            listing.0.extend(place.list(folder).await?);
        }
        let is_listed = |name: &str| first.iter().any(|folder| name.starts_with(&format!("{folder}/")));
        listing.0.extend(place.list("").await?.into_iter().filter(|(name, _)| !is_listed(name)));
        Ok(listing)
    }

    /// The objects below a folder.
    pub(crate) fn under(&self, folder: &str) -> impl Iterator<Item = (&str, u64)> {
        let prefix = format!("{folder}/");
        let below = self.0.range(prefix.clone()..);
        below.take_while(move |(name, _)| name.starts_with(&prefix)).map(|(name, size)| (name.as_str(), *size))
    }

    pub(crate) fn size(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }
}

/// Reads objects, many at once, and hands each to `then`; those that are gone since the listing are left out.
pub(crate) async fn read_all<K: Send, T>(
    place: &Place,
    wanted: Vec<(K, String)>,
    then: impl Fn(K, Bytes) -> T,
) -> Result<Vec<T>> {
    let read = futures::stream::iter(wanted)
        .map(|(key, name)| async move { Ok::<_, Fault>((key, place.get(&name).await?)) })
        .buffer_unordered(16);
    let done = read.try_filter_map(|(key, bytes)| {
        let done = bytes.map(|bytes| then(key, bytes));
        async move { Ok(done) }
    });
    done.try_collect().await
}

/// Judges a vault.
///
/// # Errors
/// The caller's mistake where there is no vault, or what it is to be compared with is no checkpoint; the world's failure
/// where it cannot be read. Everything else is in the report.
#[async_recursion]
pub async fn verify_vault(question: &Question) -> Result<Report> {
    let place = &question.place;
    let mut listing = Listing::of(place).await?;
    let bytes: u64 = listing.0.values().sum();
    place.reads().want(bytes);
    if question.deep {
        place.reads().want(listing.under(layout::EVENTS).map(|(_, size)| size).sum()); // files are rebuilt of what is read again
    }
    let has_commits = listing.under(layout::DELTA_LOG).next().is_some();
    if listing.size(layout::MARKER).is_none() && !has_commits {
        return Err(Fault::caller(msg!("verify-no-vault")));
    }
    let mut report = Report::new("");
    let Some(key) = &question.key else {
        marker(place, &listing, &mut report).await?; // what is wrong with it may be why no key was found
        report.problem(Problem::unverifiable(layout::CHECKPOINT, msg!("verify-no-key")));
        return Ok(report.conclude(0));
    };
    key.name().clone_into(&mut report.origin);
    note_temporary(&mut listing, &mut report);
    unknown(&listing, &mut report);
    let marker = marker(place, &listing, &mut report).await?;
    if let Some(marker) = marker.filter(|marker| marker.origin != key.name()) {
        let message = msg!("verify-other-origin", there = marker.origin.as_str(), key = key.name());
        report.problem(Problem::unverifiable(layout::MARKER, message));
        // Where nothing claims to be of the key's log, it is simply the key of another vault, and judges nothing.
        // A checkpoint that somebody kept of the key's log says that it should be here.
        if question.against.is_none() && !claims(place, &listing, key).await? {
            return Ok(report.conclude(0));
        }
    }
    if report.problems.iter().any(|problem| problem.message.id() == "segment-newer-format") {
        return Ok(report.conclude(0));
    }
    let logs = log::judge(place, &listing, key, &mut report).await?;
    if has_commits {
        configuration(place, &logs, key, &mut report).await?;
    }
    delta::judge(place, &listing, &logs, &mut report).await?;
    let keys = Arc::new(Keys::judge(place, &listing, question.provider.clone(), &mut report).await?);
    let evidence = Evidence { place: place.clone(), listing, keys, deep: question.deep };
    let receipts = files::judge(&evidence, &logs, &mut report).await?;
    originals::judge(&evidence, &logs, &receipts, &mut report).await?;
    if question.deep {
        rebuild::judge(&evidence, &logs, receipts.found, &mut report).await?;
    }
    against::judge(question, key, &logs, &mut report).await?;
    if logs.sealed == 0 {
        report.problem(Problem::unverifiable(layout::CHECKPOINTS, msg!("verify-nothing-sealed")));
    }
    let proven = report.checked.commits.min(logs.sealed);
    Ok(report.conclude(proven))
}

/// What the judges of files share.
pub(crate) struct Evidence {
    pub(crate) place: Place,
    pub(crate) listing: Listing,
    pub(crate) keys: Arc<Keys>,
    pub(crate) deep: bool,
}

/// Whether a checkpoint names the key, in its origin or among its signatures, or is none: who changes what is in a vault must not
/// get away with another name on some of it.
async fn claims(place: &Place, listing: &Listing, key: &VerifierKey) -> Result<bool> {
    let all = listing.under(layout::CHECKPOINTS).map(|(name, size)| (name.to_owned(), size));
    let newest = listing.size(layout::CHECKPOINT).map(|size| (layout::CHECKPOINT.to_owned(), size));
    let (read, large): (Vec<_>, Vec<_>) = all.chain(newest).partition(|(_, size)| *size <= MAX_CHECKPOINT_BYTES as u64);
    if !large.is_empty() {
        return Ok(true);
    }
    let wanted = read.into_iter().map(|(name, _)| ((), name)).collect();
    let named = |(), bytes: Bytes| {
        Checkpoint::parse_unverified(&bytes).is_err()
            || String::from_utf8_lossy(&bytes).split_ascii_whitespace().any(|word| word == key.name())
    };
    Ok(read_all(place, wanted, named).await?.contains(&true))
}

/// What makes a place a replica.
const REPLICA: &str = ".shoseki-replica";
/// How what a restore kept begins.
const ASIDE: &str = ".shoseki-aside-";

/// Passes over `.shoseki-…`, which nothing seals: temporary files, the mark of a replica, what a restore set aside.
fn note_temporary(listing: &mut Listing, report: &mut Report) {
    let (mut temporary, mut aside) = (0, Vec::new());
    listing.0.retain(|name, _| {
        let last = name.rsplit('/').next().unwrap_or_default();
        let is_ours = last.starts_with(".shoseki-");
        if last.starts_with(ASIDE) {
            aside.push(name.clone());
        } else if name == REPLICA {
            report.note(msg!("verify-replica"));
        } else if is_ours {
            temporary += 1;
        }
        !is_ours
    });
    if temporary > 0 {
        report.note(msg!("verify-temporary-files", count = temporary));
    }
    if !aside.is_empty() {
        let names = aside.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
        report.note(msg!("verify-set-aside", count = aside.len(), names = names));
    }
}

/// Objects that are none of a vault's.
fn unknown(listing: &Listing, report: &mut Report) {
    for name in listing.0.keys() {
        let first = name.split('/').next().unwrap_or_default();
        let is_known = name == layout::MARKER
            || name.contains('/') && [layout::EVENTS, layout::ORIGINALS, layout::KEYS, layout::TLOG].contains(&first);
        if !is_known {
            report.problem(Problem::tampered(name.as_str(), msg!("verify-object-unknown")));
        }
    }
}

/// `shoseki.toml`: nothing in it may change, so it is compared byte for byte with what it would be written as.
async fn marker(place: &Place, listing: &Listing, report: &mut Report) -> Result<Option<Marker>> {
    let changed = || Problem::tampered(layout::MARKER, msg!("verify-marker-changed"));
    let Some(length) = listing.size(layout::MARKER) else {
        report.problem(Problem::tampered(layout::MARKER, msg!("verify-object-missing")));
        return Ok(None);
    };
    let bytes = if length > 65_536 { Bytes::new() } else { place.get(layout::MARKER).await?.unwrap_or_default() };
    let Ok(text) = std::str::from_utf8(&bytes) else {
        report.problem(changed());
        return Ok(None);
    };
    match Marker::parse(text) {
        Ok(marker) => {
            if marker.to_text() != text {
                report.problem(changed());
            }
            Ok(Some(marker))
        }
        Err(fault) => {
            report.problem(if fault.kind() == Kind::Damage {
                changed().because(fault)
            } else {
                Problem::of(layout::MARKER, fault)
            });
            Ok(None)
        }
    }
}

/// What is sealed of the vault's nature agrees with what `shoseki.toml` says and with the key.
async fn configuration(place: &Place, logs: &Logs, key: &VerifierKey, report: &mut Report) -> Result<()> {
    let setting = |name: &str| logs.replay.setting(name).unwrap_or_default();
    if logs.replay.table().is_none() {
        return Ok(()); // the commit that says it was named
    }
    let bytes = place.get(layout::MARKER).await?.unwrap_or_default();
    let marker = std::str::from_utf8(&bytes).ok().and_then(|text| Marker::parse(text).ok());
    let sealed = Marker {
        format: setting(FORMAT_KEY).parse().unwrap_or(FORMAT_VERSION),
        origin: setting(ORIGIN_KEY).to_owned(),
        encryption: setting(ENCRYPTION_KEY).to_owned(),
    };
    if marker.is_some_and(|marker| marker != sealed) {
        report.problem(Problem::tampered(layout::MARKER, msg!("verify-marker-differs")).since(logs.since(0)));
    }
    if sealed.origin != key.name() {
        let message = msg!("verify-other-origin", there = sealed.origin, key = key.name());
        report.problem(Problem::unverifiable(layout::commit(0), message));
    }
    Ok(())
}
