//! What a judgement of a trail says: the verdict, what was checked, each chain of digests, the hours that no digest tells of,
//! and the findings. An `intact` is made here only, and never of nothing.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use shoseki_event::Timestamp;
use shoseki_messages::Message;

use super::chain::HOUR;
use super::finding::{ChainName, Finding, Flaw};
use crate::Verdict;
use crate::verdict::spoken;

/// The most findings that are listed; one deleted folder can make a million.
const MAX_FINDINGS: usize = 10_000;
/// The most gaps that are listed.
const MAX_GAPS: usize = 10_000;

/// How much was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrailChecked {
    /// Digests that were read.
    pub digests: u64,
    /// Those whose signature is right.
    pub digests_proven: u64,
    /// Log files that digests name.
    pub log_files: u64,
    /// Those whose content is that which a proven digest states.
    pub log_files_proven: u64,
    /// Of these, how many were not read again, since an earlier run had found them so.
    pub log_files_resumed: u64,
    /// Bytes of files that were read.
    pub bytes: u64,
    /// Log files that are too new for a digest.
    pub log_files_not_due: u64,
    /// Accounts.
    pub accounts: u64,
    /// Regions.
    pub regions: u64,
}

/// A chain of digests, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSummary {
    /// Which.
    pub name: ChainName,
    /// How many digests of it are here.
    pub digests: u64,
    /// How many of them are proven.
    pub proven: u64,
    /// How many log files they name.
    pub log_files: u64,
    /// From when on.
    pub first: Timestamp,
    /// Up to when.
    pub last: Timestamp,
    /// Whether its first digest says that none was before it.
    pub begins: bool,
    /// The bucket in which its digests were found, where that is not the one to which they were delivered.
    pub copied_from: Option<String>,
    /// The time of the newest log file of its account and region.
    pub(crate) newest_log: Option<Timestamp>,
    /// The place of its newest digest, from which the names of later ones follow.
    pub(crate) newest: shoseki_sources::ObjectName,
}

/// Hours of which no digest tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Of which chain.
    pub chain: ChainName,
    /// From when on.
    pub from: Timestamp,
    /// Up to when.
    pub to: Timestamp,
    /// Why; `None` where the chain begins behind it, by its own signed word.
    pub flaw: Option<Flaw>,
}

impl Gap {
    /// How many hours it has, the begun ones too.
    pub fn hours(&self) -> i64 {
        let micros = self.to.0.saturating_sub(self.from.0).max(0);
        micros / HOUR + i64::from(micros % HOUR > HOUR / 2)
    }
}

impl Serialize for ChainSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ChainSummary", 12)?;
        fields.serialize_field("account", &self.name.account)?;
        fields.serialize_field("region", &self.name.region)?;
        fields.serialize_field("trail", &self.name.trail)?;
        fields.serialize_field("home_region", &self.name.home_region)?;
        fields.serialize_field("backfill", &self.name.backfill)?;
        fields.serialize_field("digests", &self.digests)?;
        fields.serialize_field("proven", &self.proven)?;
        fields.serialize_field("log_files", &self.log_files)?;
        fields.serialize_field("from", &self.first.to_string())?;
        fields.serialize_field("to", &self.last.to_string())?;
        fields.serialize_field("begins", &self.begins)?;
        fields.serialize_field("copied_from", &self.copied_from)?;
        fields.end()
    }
}

impl Serialize for Gap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Gap", 7)?;
        fields.serialize_field("account", &self.chain.account)?;
        fields.serialize_field("region", &self.chain.region)?;
        fields.serialize_field("trail", &self.chain.trail)?;
        fields.serialize_field("from", &self.from.to_string())?;
        fields.serialize_field("to", &self.to.to_string())?;
        fields.serialize_field("hours", &self.hours())?;
        fields.serialize_field("code", &self.flaw)?;
        fields.end()
    }
}

/// A judgement of a trail.
#[derive(Clone, Debug, Serialize)]
pub struct TrailReport {
    /// The judgement in one word.
    pub verdict: Verdict,
    /// Whether it was stopped before its end; then it is never `intact`.
    pub stopped: bool,
    /// How much was checked.
    pub checked: TrailChecked,
    /// The chains.
    pub chains: Vec<ChainSummary>,
    /// The hours × regions × accounts that should have a digest and have none.
    pub gaps: Vec<Gap>,
    /// How many gaps more there are than are listed.
    pub more_gaps: u64,
    /// What is wrong, and what cannot be judged: by account, region and time.
    pub findings: Vec<Finding>,
    /// How many findings more there are than are listed.
    pub more_findings: u64,
    /// What is worth knowing and is not wrong.
    #[serde(serialize_with = "spoken")]
    pub notes: Vec<Message>,
}

/// Findings, of which only so many are kept.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    /// How many of those kept are no tampering.
    weak: usize,
    more: u64,
    gaps: Vec<Gap>,
    more_gaps: u64,
    is_tampered: bool,
    is_open: bool,
    /// What begins at this time or later was not asked for.
    until: Option<Timestamp>,
}

impl Findings {
    /// None yet; what begins at a time or later is not taken.
    pub(crate) fn until(until: Option<Timestamp>) -> Self {
        Self { until, ..Self::default() }
    }

    /// Adds a finding. Past the bound only tampering still finds room, in the place of what cannot be judged.
    pub(crate) fn push(&mut self, finding: Finding) {
        if self.until.is_some_and(|until| finding.from.is_some_and(|from| until <= from)) {
            return;
        }
        let is_tampering = finding.flaw.verdict() == Verdict::Tampered;
        self.is_tampered |= is_tampering;
        self.is_open |= !is_tampering;
        if let (true, Some(from), Some(to)) = (finding.flaw.is_gap(), finding.from, finding.to) {
            self.gap(Gap { chain: finding.chain.clone(), from, to, flaw: Some(finding.flaw) });
        }
        if self.kept.len() < MAX_FINDINGS {
            self.weak += usize::from(!is_tampering);
            self.kept.push(finding);
            return;
        }
        self.more += 1;
        if !is_tampering || self.weak == 0 {
            return;
        }
        let is_weak = |finding: &Finding| finding.flaw.verdict() != Verdict::Tampered;
        if let Some(weak) = self.kept.iter_mut().rfind(|finding| is_weak(finding)) {
            *weak = finding;
            self.weak -= 1;
        }
    }

    /// The accounts and regions of the findings of a kind.
    pub(crate) fn pairs(&self, flaw: Flaw) -> impl Iterator<Item = (String, String)> {
        let of_kind = self.kept.iter().filter(move |finding| finding.flaw == flaw);
        of_kind.map(|finding| (finding.chain.account.clone(), finding.chain.region.clone()))
    }

    /// Adds a gap, to the one before where they meet.
    fn gap(&mut self, gap: Gap) {
        let has_room = self.gaps.len() < MAX_GAPS;
        match self.gaps.last_mut() {
            Some(last) if last.chain == gap.chain && last.flaw == gap.flaw && gap.to == last.from => {
                last.from = gap.from
            }
            _ if has_room => self.gaps.push(gap),
            _ => self.more_gaps += 1,
        }
    }

    /// Adds those of another collection.
    pub(crate) fn append(&mut self, other: Self) {
        let Self { kept, more, gaps, more_gaps, is_tampered, is_open, .. } = other;
        let before = (std::mem::take(&mut self.gaps), self.more_gaps);
        kept.into_iter().for_each(|finding| self.push(finding));
        (self.gaps, self.more_gaps) = before; // those of the kept ones are among the others
        gaps.into_iter().for_each(|gap| self.gap(gap));
        self.more_gaps += more_gaps;
        self.more += more;
        self.is_tampered |= is_tampered;
        self.is_open |= is_open;
    }
}

/// A report in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) checked: TrailChecked,
    pub(crate) chains: Vec<ChainSummary>,
    /// Hours before a chain begins, of which no finding tells.
    pub(crate) gaps: Vec<Gap>,
    pub(crate) notes: Vec<Message>,
    pub(crate) findings: Findings,
}

impl Draft {
    /// Draws the conclusion. Nothing proven, or something left undone, is never intact.
    pub(crate) fn conclude(self, stopped: bool) -> TrailReport {
        let Self { checked, mut chains, mut gaps, notes, findings } = self;
        let Findings { kept: mut list, more, gaps: told, more_gaps, is_tampered, is_open, .. } = findings;
        let is_intact = !is_open && !stopped && checked.digests_proven > 0;
        let verdict = match (is_tampered, is_intact) {
            (true, _) => Verdict::Tampered,
            (false, true) => Verdict::Intact,
            (false, false) => Verdict::Unverifiable,
        };
        list.sort_by(|a, b| {
            let place = |finding: &Finding| (finding.chain.account.clone(), finding.chain.region.clone());
            let time = |finding: &Finding| (finding.from, finding.flaw);
            place(a).cmp(&place(b)).then_with(|| time(a).cmp(&time(b))).then_with(|| a.what.cmp(&b.what))
        });
        chains.sort_by(|a, b| a.name.cmp(&b.name));
        gaps.extend(told);
        let mut gaps = merged(gaps);
        let more_gaps = more_gaps + gaps.len().saturating_sub(MAX_GAPS) as u64;
        gaps.truncate(MAX_GAPS);
        TrailReport { verdict, stopped, checked, chains, gaps, more_gaps, findings: list, more_findings: more, notes }
    }
}

/// Gaps that meet, as one.
fn merged(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut by_chain: BTreeMap<ChainName, Vec<Gap>> = BTreeMap::new();
    for gap in gaps {
        by_chain.entry(gap.chain.clone()).or_default().push(gap);
    }
    let mut merged: Vec<Gap> = Vec::new();
    for mut gaps in by_chain.into_values() {
        gaps.sort_by_key(|gap| (gap.from, gap.to));
        for gap in gaps {
            match merged.last_mut() {
                Some(last) if last.chain == gap.chain && last.flaw == gap.flaw && gap.from <= last.to => {
                    last.to = last.to.max(gap.to);
                }
                _ => merged.push(gap),
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use shoseki_messages::msg;

    use super::*;

    #[test]
    fn past_the_bound_tampering_takes_the_place_of_what_cannot_be_judged() {
        let chain = ChainName {
            account: String::new(),
            region: String::new(),
            trail: String::new(),
            home_region: String::new(),
            backfill: false,
        };
        let finding = |flaw| Finding::new(flaw, &chain, "x", msg!("verify-trail-log-missing"));
        let fill = |flaw, count| {
            let mut findings = Findings::default();
            (0..count).for_each(|_| findings.push(finding(flaw)));
            findings
        };
        let mut draft = Draft { findings: fill(Flaw::KeyUnknown, MAX_FINDINGS + 1), ..Draft::default() };
        draft.findings.append(fill(Flaw::LogMissing, MAX_FINDINGS + 2));
        let report = draft.conclude(false);
        assert_eq!((report.verdict, report.findings.len()), (Verdict::Tampered, MAX_FINDINGS));
        assert_eq!(report.more_findings, MAX_FINDINGS as u64 + 3);
        assert!(report.findings.iter().all(|finding| finding.flaw == Flaw::LogMissing));
    }
}
