//! The digest of a day as it is told to people, with the command that signs it; and days that nobody signed.

use serde_json::Value;
use shoseki_comply::review::Reviews;
use shoseki_event::Timestamp;
use shoseki_messages::{Message, Value as Said, msg};

use super::history::{DIGEST, History, UNSIGNED};
use super::{News, Ran, Run};
use crate::Happening;
use crate::config::DigestJob;

/// How many sources are named.
const SOURCES: usize = 6;
/// How many findings are shown.
const FINDINGS: usize = 8;
/// How long ago a day may be that nobody signed, in microseconds: what is older was told, or is of before there were digests.
const OLDEST: i64 = 62 * 86_400 * 1_000_000;

/// What is told of a run: a digest a day, and days without a signature.
pub(super) fn news(
    run: &Run<'_>,
    job: &DigestJob,
    (ran, vault): (&Ran, &str),
    (history, reviews, now): (&History, &Reviews, Timestamp),
) -> News {
    let digests = ran.report.as_array().into_iter().flatten();
    let mut news = News { verdict: "made".to_owned(), ..News::default() };
    news.tell.extend(digests.map(|digest| told(run, digest, vault)));
    news.details.push(("days", news.tell.len().to_string()));
    let after = i64::try_from(job.unsigned_after.0.0.as_micros()).unwrap_or(i64::MAX);
    let is_due = |to: Timestamp| now.0 >= to.0.saturating_add(after) && now.0.saturating_sub(to.0) < OLDEST;
    let name = run.schedule.name.as_str();
    for day in history.digests(name).filter(|day| is_due(day.to) && !history.is_told_unsigned(name, &day.day)) {
        if reviews.first_of((day.from, day.to)).is_none() {
            let message = msg!("schedule-review-missing", day = day.day.as_str(), zone = run.zone.name());
            let happening = Happening::failure(UNSIGNED, message).with("day", day.day.as_str());
            news.tell.push(run.named(happening).mended_by(sign(&day.day, run, vault)));
        }
    }
    news
}

/// The command that signs a day.
fn sign(day: &str, run: &Run<'_>, vault: &str) -> Message {
    let command = format!("shoseki review {day} --sign --tz {} --vault {vault}", run.zone.name());
    msg!("schedule-digest-sign", command = command)
}

fn told(run: &Run<'_>, made: &Value, vault: &str) -> Happening {
    let digest = &made["digest"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let count = |name: &str| digest["counts"][name].as_u64().unwrap_or_default();
    let day = text(&digest["day"]);
    let message = msg!(
        "schedule-digest-made",
        day = day.as_str(),
        zone = text(&digest["zone"]),
        events = count("events"),
        failed = count("failed"),
        failures = count("failures"),
        review = count("to_review")
    );
    let happening = Happening::new(DIGEST, message)
        .with("day", day.as_str())
        .with("day_from", text(&digest["from"]))
        .with("day_to", text(&digest["to"]))
        .with("sha256", text(&made["sha256"]))
        .with("tree_size", digest["tree_size"].as_u64().unwrap_or_default());
    let mut happening = run.named(happening).mended_by(sign(&day, run, vault));
    for name in ["events", "failed", "failures", "to_review", "open_findings", "overdue_findings"] {
        happening = happening.with(name, count(name));
    }
    happening.beside = lines(digest);
    happening
}

/// What stands between its first line and the command.
fn lines(digest: &Value) -> Vec<Message> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let count = |name: &str| digest["counts"][name].as_u64().unwrap_or_default();
    let mut lines = Vec::new();
    let sources = list(&digest["sources"]);
    let source = |source: &Value| {
        let name = source["source"].as_str().unwrap_or_default();
        format!("{name} {} ({})", source["events"], source["usual"])
    };
    if !sources.is_empty() {
        let all = sources.iter().take(SOURCES).map(source).collect::<Vec<_>>().join(", ");
        lines.push(msg!("schedule-digest-sources", sources = all));
    }
    if digest["new"]["compared"] == true {
        lines.push(msg!(
            "schedule-digest-new",
            streams = count("new_streams"),
            principals = count("new_principals"),
            operations = count("new_operations"),
            addresses = count("new_addresses")
        ));
    }
    let findings: Vec<Message> = list(&digest["checks"]).iter().flat_map(findings).collect();
    let more = findings.len().saturating_sub(FINDINGS);
    lines.extend(findings.into_iter().take(FINDINGS));
    if more > 0 {
        lines.push(msg!("schedule-digest-more", count = more));
    }
    lines.push(msg!("schedule-digest-open", open = count("open_findings"), overdue = count("overdue_findings")));
    lines
}

/// The findings of a check of the day that fail or are to be looked at.
fn findings(check: &Value) -> Vec<Message> {
    let one = |finding: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let what = Said::Both { en: text(&finding["what"]["en"]), ja: text(&finding["what"]["ja"]) };
        let (check, subject) = (text(&check["check"]), text(&finding["subject"]));
        match (finding["status"].as_str(), finding["to_review"].as_bool()) {
            (Some("fail"), _) => Some(msg!("schedule-digest-failure", check = check, subject = subject, what = what)),
            (_, Some(true)) => Some(msg!("schedule-digest-review", check = check, subject = subject, what = what)),
            _ => None,
        }
    };
    check["findings"].as_array().into_iter().flatten().filter_map(one).collect()
}
