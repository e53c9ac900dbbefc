//! The digest of a day as it is told to people, with the command that signs it; and days that nobody signed.

use serde_json::Value;
use shoseki_comply::review::Reviews;
use shoseki_event::Timestamp;
use shoseki_messages::{Message, Value as Said, msg};

use super::history::{DIGEST, History, UNSIGNED};
use super::masked::masked;
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
    let name = run.schedule.name.as_str();
    let made: Vec<Happening> = digests.map(|digest| told(run, digest, vault)).collect();
    news.details.push(("days", made.len().to_string()));
    let untold = |action: &str, day: &str| history.untold.of(action, &format!("{name} {day}"));
    for digest in made {
        let to = digest.details.get("day").map(|day| untold(DIGEST, day)).unwrap_or_default();
        // A day is told again only where its digest reads otherwise: something came late, or a check found more.
        match (history.is_told_digest(name, &digest), to.is_empty()) {
            (false, _) => news.tell.push(digest),
            (true, false) => news.tell.push(digest.again_to(&to)),
            (true, true) => {}
        }
    }
    let after = i64::try_from(job.unsigned_after.0.0.as_micros()).unwrap_or(i64::MAX);
    let is_due = |to: Timestamp| now.0 >= to.0.saturating_add(after) && now.0.saturating_sub(to.0) < OLDEST;
    for day in history.digests(name).filter(|day| is_due(day.to)) {
        let (is_told, to) = (history.is_told_unsigned(name, &day.day), untold(UNSIGNED, &day.day));
        if reviews.first_of((day.from, day.to)).is_none() && (!is_told || !to.is_empty()) {
            let message = msg!("schedule-review-missing", day = day.day.as_str(), zone = run.zone.name());
            let happening = Happening::failure(UNSIGNED, message).with("day", day.day.as_str());
            let happening = run.named(happening).mended_by(sign(&day.day, run, vault));
            news.tell.push(if is_told { happening.again_to(&to) } else { happening });
        }
    }
    news
}

/// The command that signs a day.
fn sign(day: &str, run: &Run<'_>, vault: &str) -> Message {
    let command = format!("shoseki review {day} --sign --tz {} --vault {}", run.zone.name(), quoted(vault));
    msg!("schedule-digest-sign", command = command)
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
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
        let of = |value: &Value| masked(&text(value));
        let what = Said::Both { en: of(&finding["what"]["en"]), ja: of(&finding["what"]["ja"]) };
        let (check, subject) = (text(&check["check"]), of(&finding["subject"]));
        match (finding["status"].as_str(), finding["to_review"].as_bool()) {
            (Some("fail"), _) => Some(msg!("schedule-digest-failure", check = check, subject = subject, what = what)),
            (_, Some(true)) => Some(msg!("schedule-digest-review", check = check, subject = subject, what = what)),
            _ => None,
        }
    };
    check["findings"].as_array().into_iter().flatten().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shoseki_messages::Lang;

    use super::super::Covering;
    use super::*;
    use crate::Config;

    const DAY: i64 = 86_400_000_000;

    #[test]
    fn a_digest_is_a_few_lines_and_nobody_is_told_twice_that_a_day_is_unsigned() {
        let config = "[[schedule]]\nname = \"a\"\nat = \"08:00\"\ndigest = { unsigned_after = \"1d\" }\n";
        let config = Config::parse(config, "shoseki.toml").unwrap();
        let schedule = &config.schedules[0];
        let (job, plan) = (schedule.digest.clone().unwrap(), schedule.plan(chrono_tz::Asia::Tokyo));
        let due = Timestamp::parse("2026-03-05T23:00:00Z").unwrap();
        let period = Covering::Yesterday.of(due, &plan).unwrap();
        let run = Run { schedule, zone: plan.zone, due, is_late: true, period, days: None };
        let finding = |status: &str, review: bool| json!({"status": status, "subject": "bot", "to_review": review, "what": {"en": "stopped", "ja": "停止"}});
        let made = json!([{"sha256": "ab", "digest": {
            "day": "2026-03-05", "zone": "Asia/Tokyo", "from": period.0.to_string(), "to": period.1.to_string(), "tree_size": 7,
            "counts": {"events": 12, "failed": 3, "failures": 1, "to_review": 1, "open_findings": 4, "overdue_findings": 0},
            "sources": [{"source": "cloudtrail", "events": 12, "failed": 3, "usual": 10}],
            "new": {"compared": false},
            "checks": [{"check": "c", "findings": [finding("fail", false), finding("pass", true), finding("pass", false),
                {"status": "fail", "subject": "password=hunter2 4111111111111111", "to_review": false, "what": {"en": "x", "ja": "x"}}]}],
        }}]);
        let ran = Ran { command: String::new(), report: made, said: String::new(), is_cut: false };
        let (mut history, reviews) = (History::default(), Reviews::default());
        let mut tell = |days: i64| {
            let now = Timestamp(period.1.0 + days * DAY + DAY / 2);
            let news = news(&run, &job, (&ran, "./vault"), (&history, &reviews, now));
            news.tell.iter().for_each(|happening| history.told(happening));
            news.tell
        };
        let first = tell(0);
        assert_eq!(first.len(), 1);
        let lines: Vec<String> = first[0].beside.iter().map(|line| line.text(Lang::Ja)).collect();
        assert_eq!(
            lines,
            [
                "ソース別のイベント数 (かっこ内は通常の 1 日): cloudtrail 12 (10)",
                "[不合格] c: bot: 停止",
                "[要確認] c: bot: 停止",
                "[不合格] c: password=*** 411111******1111: x",
                "未解決の指摘 4 件、うち期限超過 0 件",
            ]
        );
        let sign = first[0].mend.as_ref().unwrap().to_string();
        assert!(sign.ends_with("shoseki review 2026-03-05 --sign --tz Asia/Tokyo --vault ./vault"), "{sign}");
        assert_eq!((first[0].details["late"].as_str(), first[0].details["sha256"].as_str()), ("true", "ab"));
        assert_eq!(quoted("/mnt/audit vault"), "'/mnt/audit vault'", "a person copies it into a shell");
        let actions = |tell: Vec<Happening>| tell.into_iter().map(|told| told.action).collect::<Vec<_>>();
        assert_eq!(actions(tell(1)), [UNSIGNED], "it counts as it did");
        assert_eq!(actions(tell(2)), [""; 0]);
    }
}
