//! No stream was silent for longer than it ever is, and nobody said that events are lost: the gap register.

use shoseki_messages::{Message, msg};

use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Severity};
use crate::gaps::{Gap, Kind, State};

pub(super) const CHECK: Check = Check::gaps("evidence_has_no_open_gap", Severity::Critical, judge);

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let Some(register) = evidence.gaps.filter(|register| !register.streams.is_empty()) else {
        return vec![Finding::no_evidence("*", msg!("check-found-nothing-arrived"))];
    };
    let is_within = |gap: &&Gap| gap.from < evidence.period.to;
    let gaps: Vec<&Gap> = register.open().filter(is_within).collect();
    let mut findings: Vec<Finding> = gaps
        .iter()
        .map(|gap| {
            Finding::fail(gap.stream.as_str(), what(gap)).of_events(0, Some(gap.from), gap.to).told_by(aspect(gap))
        })
        .collect();
    let settled = register.gaps.iter().filter(is_within).filter_map(|gap| Some((gap, gap.settled.as_ref()?)));
    for (gap, settled) in settled {
        let by = settled.by.as_deref().unwrap_or("-");
        let answer = settled.answer.as_deref().unwrap_or("-");
        let what = msg!(
            "check-found-settled",
            from = gap.from.to_string(),
            by = by,
            cause = settled.cause.as_str(),
            answer = answer
        );
        let finding = Finding::pass(gap.stream.as_str(), what).of_events(0, Some(gap.from), gap.to).to_review();
        findings.push(finding.told_by(aspect(gap)));
    }
    for stream in register.streams.iter().filter(|stream| gaps.iter().all(|gap| gap.stream != stream.name)) {
        let name = stream.name.as_str();
        findings.push(match &stream.rhythm {
            Some(rhythm) => Finding::pass(name, msg!("check-found-no-gap", minutes = rhythm.at_most)),
            None => Finding::no_evidence(name, msg!("check-found-no-rhythm")),
        });
    }
    findings
}

/// What tells a gap from others of its stream: its beginning, and what is missing. Whether it lasts is none of it. A stream that never
/// spoke has one gap, which begins with whatever period is asked about.
fn aspect(gap: &Gap) -> String {
    let begin = if gap.kind == Kind::Never { String::new() } else { gap.from.to_string() };
    format!("{} {begin} {}", gap.kind.name(), gap.detail.as_deref().unwrap_or_default())
}

fn what(gap: &Gap) -> Message {
    let minutes = gap.to.map_or(0, |to| (to.0 - gap.from.0) / 60_000_000);
    let at_most = gap.at_most.unwrap_or_default();
    match gap.kind {
        Kind::Lost => msg!("check-found-lost", events = gap.lost.unwrap_or_default(), why = detail(gap)),
        Kind::Missing => msg!("check-found-missing-file", file = detail(gap)),
        Kind::Never => msg!("check-found-never", minutes = at_most),
        Kind::Silent if gap.state == State::Ongoing => msg!("check-found-silent-still", most = at_most),
        Kind::Silent => msg!("check-found-gap", minutes = minutes, most = at_most),
    }
}

fn detail(gap: &Gap) -> &str {
    gap.detail.as_deref().unwrap_or("-")
}
