//! Which hours of which account and region no digest tells of, though one should: the newest digests that are not there,
//! whole regions that are not, and log files that no digest names. Nothing is read here.
//!
//! A chain cannot prove its own end: who deletes the newest digests leaves a shorter chain that is whole. What is compared is
//! therefore the clock, newer log files, the other regions and accounts of the same trail, and what must be there (`expected`).

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::chain::{HOUR, SLACK, renamed};
use super::expected::{Expected, absence};
use super::finding::{ChainName, Finding, Flaw};
use super::report::{ChainSummary, Draft, Gap};

/// The next digest ends an hour later, and is there two hours after its end at the latest.
const DUE: i64 = 3 * HOUR;
/// A log file's name has the minute in which it was made; it is delivered some minutes later.
const DELIVERY: i64 = 600_000_000;

/// The time that was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrailRange {
    /// From when on; without it, from the oldest that is there.
    pub from: Option<Timestamp>,
    /// Up to when; without it, up to now where a bucket was given, and up to the newest file in a folder.
    pub to: Option<Timestamp>,
}

fn later(time: Timestamp, by: i64) -> Timestamp {
    Timestamp(time.0.saturating_add(by))
}

/// An account and a region.
pub(crate) type Pair = (String, String);

/// Looks at what all chains together leave open, up to the horizon. `silent` are accounts and regions that have digests, and
/// neither a digest nor a log file of the time that was asked for.
pub(crate) fn judge(
    (range, horizon): (TrailRange, Timestamp),
    silent: &BTreeSet<Pair>,
    expected: &Expected<'_>,
    draft: &mut Draft,
) {
    for (account, region) in silent {
        let name = ChainName {
            account: account.clone(),
            region: region.clone(),
            trail: String::new(),
            home_region: String::new(),
            backfill: false,
        };
        let finding = absence(&name, msg!("verify-trail-region-silent"));
        draft.findings.push(finding.during(range.from.unwrap_or(horizon), horizon));
    }
    let chains: Vec<ChainSummary> = draft.chains.iter().filter(|chain| !chain.name.backfill).cloned().collect();
    let mut trails: BTreeMap<(&str, &str), Vec<&ChainSummary>> = BTreeMap::new();
    for chain in &chains {
        trails.entry((&chain.name.trail, &chain.name.home_region)).or_default().push(chain);
    }
    for members in trails.values() {
        for chain in members {
            newest(chain, members, horizon, draft);
            beginning(chain, range, draft);
        }
        absent(members, (range, horizon), (silent, expected), draft);
    }
    expected.absent(range.from, horizon, draft);
}

/// Whether the newest digests of a chain are there.
fn newest(chain: &ChainSummary, members: &[&ChainSummary], horizon: Timestamp, draft: &mut Draft) {
    if horizon < later(chain.last, DUE) {
        return;
    }
    let sibling =
        members.iter().max_by_key(|other| other.last).filter(|other| other.last > later(chain.last, HOUR + SLACK));
    let newest_log = chain.newest_log.filter(|log| *log > later(chain.last, DELIVERY));
    let hours = horizon.0.saturating_sub(chain.last.0) / HOUR;
    let (flaw, message) = match (newest_log, sibling) {
        (Some(log), _) => {
            let message = msg!("verify-trail-newest-missing-logs", hours = hours, log = log.to_string());
            (Flaw::NewestMissing, message)
        }
        (None, Some(other)) => {
            let (account, region) = (other.name.account.as_str(), other.name.region.as_str());
            let last = other.last.to_string();
            let message = msg!(
                "verify-trail-newest-missing-other",
                hours = hours,
                account = account,
                region = region,
                last = last
            );
            (Flaw::NewestMissing, message)
        }
        (None, None) => (Flaw::NewestOverdue, msg!("verify-trail-newest-overdue", hours = hours)),
    };
    let place = renamed(&chain.newest, later(chain.last, HOUR));
    draft.findings.push(Finding::new(flaw, &chain.name, place, message).during(chain.last, horizon));
}

/// A chain that begins later than what was asked for: by its own signed word, no digest was before.
fn beginning(chain: &ChainSummary, range: TrailRange, draft: &mut Draft) {
    let Some(from) = range.from.filter(|from| chain.begins && later(*from, HOUR) <= chain.first) else { return };
    draft.gaps.push(Gap { chain: chain.name.clone(), from, to: chain.first, flaw: None });
}

/// Accounts and regions that other accounts and regions of the trail lead to expect.
fn absent(
    members: &[&ChainSummary],
    (range, horizon): (TrailRange, Timestamp),
    (silent, expected): (&BTreeSet<Pair>, &Expected<'_>),
    draft: &mut Draft,
) {
    let accounts: BTreeSet<&str> = members.iter().map(|chain| chain.name.account.as_str()).collect();
    let others: BTreeSet<&str> = members.iter().map(|chain| chain.name.region.as_str()).collect();
    let mut regions = others.clone();
    regions.extend(members.iter().filter_map(|chain| expected.home(chain)));
    let there: BTreeSet<(&str, &str)> =
        members.iter().map(|chain| (chain.name.account.as_str(), chain.name.region.as_str())).collect();
    let Some(first) = members.iter().map(|chain| chain.first).min() else { return };
    let Some(any) = members.first() else { return };
    for account in &accounts {
        let is_told = |region: &str| silent.contains(&((*account).to_owned(), region.to_owned()));
        for region in regions.iter().filter(|region| !there.contains(&(*account, **region)) && !is_told(region)) {
            let name = ChainName {
                account: (*account).to_owned(),
                region: (*region).to_owned(),
                trail: any.name.trail.clone(),
                home_region: any.name.home_region.clone(),
                backfill: false,
            };
            let message = match others.contains(*region) {
                true => msg!("verify-trail-region-absent"),
                false => msg!("trail-region-home"),
            };
            let from = range.from.unwrap_or(first).max(first);
            draft.findings.push(absence(&name, message).during(from, horizon));
        }
    }
}

/// A log file that no digest names.
#[derive(Clone, Debug)]
pub(crate) struct Unnamed {
    pub(crate) what: String,
    pub(crate) time: Timestamp,
}

/// What unnamed log files are: added where digests cover their time, unproven in a gap, too new else. Returns how many are
/// too new.
pub(crate) fn unnamed(
    mut files: Vec<Unnamed>,
    mut spans: Vec<(Timestamp, Timestamp)>,
    (chain, has_digests): (&ChainName, bool),
    horizon: Timestamp,
    findings: &mut Vec<Finding>,
) -> u64 {
    files.sort_by(|a, b| (a.time, &a.what).cmp(&(b.time, &b.what)));
    if !has_digests {
        if let (Some(first), Some(last)) = (files.first(), files.last()) {
            let message = msg!("verify-trail-no-digests", count = files.len(), first = first.what.as_str());
            let what = format!("{}/CloudTrail-Digest/{}/", chain.account, chain.region);
            findings.push(Finding::new(Flaw::NoDigests, chain, what, message).during(first.time, last.time));
        }
        return 0;
    }
    spans.sort();
    let mut covered: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, to) in spans {
        match covered.last_mut() {
            Some(last) if from <= later(last.1, SLACK) => last.1 = last.1.max(to),
            _ => covered.push((from, to)),
        }
    }
    let newest = covered.last().map(|last| last.1);
    let (mut not_due, mut unproven) = (0, Vec::new());
    for file in files {
        let is_covered = covered.iter().any(|(from, to)| *from <= file.time && later(file.time, DELIVERY) <= *to);
        if is_covered {
            let finding = Finding::new(Flaw::LogExtra, chain, &*file.what, msg!("verify-trail-log-extra"));
            findings.push(finding.during(file.time, file.time));
        } else if newest.is_some_and(|newest| later(file.time, DELIVERY) > newest && horizon < later(newest, DUE)) {
            not_due += 1;
        } else {
            unproven.push(file);
        }
    }
    if let (Some(first), Some(last)) = (unproven.first(), unproven.last()) {
        let message = msg!("verify-trail-logs-unproven", count = unproven.len());
        findings.push(Finding::new(Flaw::LogUnproven, chain, &*first.what, message).during(first.time, last.time));
    }
    not_due
}
