//! What lies outside the vault: a checkpoint that somebody kept, and the anchors. Only against these a whole vault that was
//! rolled back, or rebuilt by who holds the signing key, can be seen.

use std::collections::BTreeSet;

use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::{ANCHORS_KEY, REMOVED_ANCHORS_KEY};
use shoseki_tlog::{Checkpoint, MAX_CHECKPOINT_BYTES, SignedCheckpoint, VerifierKey};

use crate::Place;
use crate::log::Logs;
use crate::vault::Question;
use crate::verdict::{Anchored, Problem, Report};

/// What the checkpoint to compare with is called in a report.
pub(crate) const AGAINST: &str = "--against";

/// Judges all that lies outside.
pub(crate) async fn judge(question: &Question, key: &VerifierKey, logs: &Logs, report: &mut Report) -> Result<()> {
    let agrees = match &question.against {
        Some(bytes) => kept(bytes, key, logs, report)?,
        None => false,
    };
    let removed = logs.replay.setting(REMOVED_ANCHORS_KEY).unwrap_or_default();
    let removed: BTreeSet<&str> = removed.split('\n').collect();
    let listed: BTreeSet<&str> = logs.replay.setting(ANCHORS_KEY).unwrap_or_default().lines().collect();
    let all = || logs.all_anchors.iter().map(String::as_str);
    for url in all().filter(|url| removed.contains(url)) {
        report.note(msg!("verify-anchor-dropped", place = url));
    }
    for url in all().filter(|url| !removed.contains(url) && !listed.contains(url)) {
        report.note(msg!("verify-anchor-unlisted", place = url));
    }
    for (url, place) in &question.anchors {
        look(url, Ok(place), key, logs, report).await?;
    }
    let is_open = |url: &str| question.anchors.iter().any(|(open, _)| open == url);
    for url in all().filter(|url| !removed.contains(url) && !is_open(url)) {
        match &question.opener {
            Some(opener) => look(url, opener.open(url).await.as_ref(), key, logs, report).await?,
            None => report.note(msg!("verify-anchor-not-looked-at", place = url)),
        }
    }
    match &report.anchored_until {
        Some(until) => {
            let time = until.time.map(|time| time.to_string()).unwrap_or_default();
            let note = msg!("verify-anchored-until", size = until.size, time = time, place = until.place.as_str());
            report.note(note);
        }
        None if agrees => {} // that was said
        None => report.note(msg!("verify-not-anchored")),
    }
    Ok(())
}

/// Compares with an anchor. That it cannot be reached is said, and is no lie of the vault.
async fn look(
    url: &str,
    place: Result<&Place, &Fault>,
    key: &VerifierKey,
    logs: &Logs,
    report: &mut Report,
) -> Result<()> {
    let looked = match place {
        Ok(place) => anchor(url, place, key, logs, report).await,
        Err(fault) => Err(fault.clone()),
    };
    match looked {
        Err(fault) if matches!(fault.kind(), Kind::World | Kind::Caller) => {
            report.note(msg!("verify-anchor-unreachable", place = url, why = &fault));
            Ok(())
        }
        looked => looked,
    }
}

/// Compares with a checkpoint that somebody kept. `true` where it covers something and agrees.
fn kept(bytes: &[u8], key: &VerifierKey, logs: &Logs, report: &mut Report) -> Result<bool> {
    let claimed = Checkpoint::parse_unverified(bytes)
        .map_err(|fault| Fault::caller(msg!("verify-against-unreadable")).because(fault))?;
    if claimed.origin != key.name() {
        let message = msg!("verify-against-other-origin", found = claimed.origin, expected = key.name());
        return Err(Fault::caller(message));
    }
    let signed = match SignedCheckpoint::open(bytes, key) {
        Ok(signed) => signed,
        Err(fault) => {
            report.problem(Problem::tampered(AGAINST, msg!("verify-against-other-key")).because(fault));
            return Ok(false);
        }
    };
    report.checked.anchors += 1;
    match logs.disagreement(AGAINST, &signed) {
        Some(problem) => report.problem(problem),
        None if signed.size() == 0 => report.note(msg!("verify-against-empty")),
        None => {
            report.note(msg!("verify-against-agrees", size = signed.size()));
            return Ok(true);
        }
    }
    Ok(false)
}

/// `<origin, with / as _>/<size>` at an anchor.
fn size_of(name: &str, folder: &str) -> Option<u64> {
    let digits = name.strip_prefix(folder)?.strip_prefix('/')?;
    (digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

async fn anchor(url: &str, place: &Place, key: &VerifierKey, logs: &Logs, report: &mut Report) -> Result<()> {
    let folder = key.name().replace('/', "_");
    let mut largest = 0;
    for (name, length) in place.list(&folder).await? {
        let Some(size) = size_of(&name, &folder).filter(|_| length <= MAX_CHECKPOINT_BYTES as u64) else { continue };
        let what = format!("{}/{name}", url.trim_end_matches('/'));
        let Some(bytes) = place.get(&name).await? else { continue };
        let signed = match SignedCheckpoint::open(&bytes, key) {
            Ok(signed) if signed.size() == size => signed,
            Ok(signed) => {
                report.problem(Problem::tampered(what, msg!("verify-checkpoint-misplaced", size = signed.size())));
                continue;
            }
            Err(fault) => {
                report.problem(Problem::of(what, fault));
                continue;
            }
        };
        report.checked.anchors += 1;
        match logs.disagreement(&what, &signed) {
            Some(problem) => report.problem(problem),
            None => largest = largest.max(size),
        }
    }
    if largest > report.anchored_until.as_ref().map_or(0, |until| until.size) {
        let time = logs.times.get(&(largest - 1)).copied();
        report.anchored_until = Some(Anchored { size: largest, time, place: url.to_owned() });
    }
    Ok(())
}
