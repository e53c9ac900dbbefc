//! The report as JSON: all of it, in both languages; times are UTC.

use serde_json::{Value, json};
use shoseki_comply::checks::{Judged, Status};
use shoseki_comply::findings::Case;
use shoseki_comply::review::Done;
use shoseki_messages::{Fault, Result, msg};

use super::{Changes, Report, Sampled};

/// The version of the form.
const VERSION: u64 = 1;

pub(super) fn text(report: &Report<'_>) -> Result<Vec<u8>> {
    let mut bytes = pretty(&value(report))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// JSON as people can read it too.
pub(super) fn pretty(value: &Value) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|error| Fault::broken(msg!("cli-json")).because(error))
}

fn value(report: &Report<'_>) -> Value {
    let framework = report.framework;
    let counted = Status::ALL.map(|status| (status.name().to_owned(), json!(report.count(status))));
    let cases = |cases: Vec<&Case>| cases.into_iter().map(|case| case_json(report, case)).collect::<Vec<Value>>();
    json!({
        "format": "shoseki-report",
        "version": VERSION,
        "framework": {
            "id": framework.id, "title": framework.title.to_json(), "note": framework.note.as_ref().map(|note| note.to_json()),
        },
        "period": {
            "from": report.period.from.to_string(), "to": report.period.to.to_string(),
            "goes_on_to": report.made.goes_on.map(|end| end.to_string()),
        },
        "made": {
            "at": report.made.at.to_string(), "by": report.made.by, "time_zone": report.made.zone.name(),
            "recorded": report.made.is_recorded, "program": concat!("shoseki ", env!("CARGO_PKG_VERSION")),
        },
        "scope": scope(report),
        "status": report.status().name(),
        "summary": Value::Object(counted.into_iter().collect()),
        "requirements": report.assessed.iter().map(|one| {
            let mut value = one.to_json(framework);
            let documents = report.documents_of(one).map(|document| json!({
                "title": document.title, "record": document.record, "attached": document.attached.to_string(),
                "valid_from": document.valid_from.map(|day| day.to_string()),
                "valid_to": document.valid_to.map(|day| day.to_string()),
            }));
            value["documents"] = json!(documents.collect::<Vec<Value>>());
            value
        }).collect::<Vec<Value>>(),
        "checks": report.judged.iter().map(Judged::to_json).collect::<Vec<Value>>(),
        "open_findings": cases(report.open()),
        "exceptions": cases(report.exceptions()),
        "findings_from_outside": cases(report.from_outside()),
        "gaps": report.gaps.gaps.iter().map(|gap| gap.to_json()).collect::<Vec<Value>>(),
        "reviews": reviews(report),
        "changes": report.before.iter().map(|since| Changes::of(report, since).to_json()).collect::<Vec<Value>>(),
        "samples": report.samples.iter().map(sample).collect::<Vec<Value>>(),
    })
}

fn scope(report: &Report<'_>) -> Value {
    let scope = report.scope;
    let streams = report.arrivals.streams.iter().map(|(name, arrived)| {
        json!({
            "name": name, "source": arrived.source, "records": arrived.records, "days": arrived.days.len(),
            "first": arrived.first.map(|time| time.to_string()), "last": arrived.last.map(|time| time.to_string()),
        })
    });
    let accounts = scope.accounts.iter().map(|(account, events)| json!({"account": account, "events": events}));
    json!({
        "vault": scope.place,
        "origin": scope.origin,
        "verifier_key": scope.verifier,
        "tree_size": scope.tree_size,
        "sealed_tree_size": scope.sealed,
        "checkpoint": scope.checkpoint,
        "anchors": scope.anchors,
        "retention_months": scope.periods,
        "holds": scope.holds,
        "unsealed_records": scope.unsealed,
        "waiting_accesses": scope.waiting,
        "streams": streams.collect::<Vec<Value>>(),
        "accounts": accounts.collect::<Vec<Value>>(),
    })
}

fn case_json(report: &Report<'_>, case: &Case) -> Value {
    let mut value = case.to_json(report.register.letters(), report.made.at);
    value["age_days"] = json!(report.age(case));
    value["history"] = case.history_json();
    value
}

fn reviews(report: &Report<'_>) -> Value {
    let within = (report.period.from, report.period.to);
    let done = |done: &Done| {
        json!({
            "day": done.said.day, "zone": done.said.zone, "at": done.at.to_string(), "by": done.by, "record": done.record,
            "digest_sha256": done.said.digest_sha256,
        })
    };
    let holes = report.reviews.holes(within);
    json!({
        "done": report.reviews.within(within).map(done).collect::<Vec<Value>>(),
        "missing": holes.iter().map(|hole| json!({"from": hole.from.to_string(), "to": hole.to.to_string()})).collect::<Vec<Value>>(),
        "late": report.reviews.late(within).into_iter().map(done).collect::<Vec<Value>>(),
    })
}

fn sample(sample: &Sampled) -> Value {
    json!({
        "at": sample.at.to_string(), "drawn_by": sample.by, "record": sample.record, "file": sample.file, "query": sample.query,
        "from": sample.asked.0, "to": sample.asked.1, "population": sample.from, "take": sample.take, "seed": sample.seed,
        "has_population": sample.has_population, "drawn": sample.drawn,
    })
}
