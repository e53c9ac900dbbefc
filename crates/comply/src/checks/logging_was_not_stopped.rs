//! Nobody stopped a log of AWS, or the audit log of a database: who did is a failure, who tried without success is for a person to
//! look at.

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::{List, Mark};
use super::logging_changes_are_listed::{CALLS, MARIADB, PGAUDIT};
use super::rows::Row;
use super::scope::CLOUDTRAIL;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[
    CALLS,
    // Calls that leave a log running, and have it record less. What they say is read of these few alone.
    Query::sql(
        "select stream, coalesce(\"userIdentity.arn\", \"userIdentity.invokedBy\") as actor, \"eventName\" as operation, less as resource, \
         case when \"errorCode\" is null then 'success' else 'failure' end as status, count(*) as events, min(time) as first, \
         max(time) as last, min(\"@ptr\") as record\nfrom (select *, case \
         when \"eventName\" = 'UpdateTrail' and \"requestParameters\" ->> 'isMultiRegionTrail' = 'false' then 'isMultiRegionTrail=false' \
         when \"eventName\" = 'UpdateTrail' and \"requestParameters\" ->> 'includeGlobalServiceEvents' = 'false' then 'includeGlobalServiceEvents=false' \
         when \"eventName\" = 'UpdateTrail' and \"requestParameters\" ->> 'enableLogFileValidation' = 'false' then 'enableLogFileValidation=false' \
         when \"eventName\" = 'UpdateClusterConfig' and \"requestParameters\" -> 'logging' ->> 'clusterLogging' like '%\"enabled\":false%' then 'logging=false' \
         when \"eventName\" = 'PutEventSelectors' and \"requestParameters\" ->> 'eventSelectors' like '%\"includeManagementEvents\":false%' \
         then 'includeManagementEvents=false' end as less\nfrom cloudtrail\nwhere \"eventName\" in ('UpdateTrail', 'UpdateClusterConfig', \
         'PutEventSelectors'))\nwhere less is not null\ngroup by 1, 2, 3, 4, 5",
    ),
    MARIADB,
    PGAUDIT,
];
/// Which of them tell of calls and statements, and which of what was narrowed.
const ACTS: [usize; 3] = [0, 2, 3];
const LESS: [usize; 3] = [1, 2, 3];

/// The calls and statements that stop a log, of all that change something about logs, each with those that start it or make it again.
const STOPS: [(&str, &[&str]); 14] = [
    ("StopLogging", &["StartLogging", "CreateTrail"]),
    ("DeleteTrail", &["CreateTrail"]),
    ("StopEventDataStoreIngestion", &["StartEventDataStoreIngestion", "CreateEventDataStore"]),
    ("DeleteEventDataStore", &["CreateEventDataStore"]),
    ("StopConfigurationRecorder", &["StartConfigurationRecorder"]),
    ("DeleteConfigurationRecorder", &["StartConfigurationRecorder"]),
    ("DeleteDeliveryChannel", &["PutDeliveryChannel"]),
    ("DeleteFlowLogs", &["CreateFlowLogs"]),
    ("DeleteDetector", &["CreateDetector"]),
    ("DisableSecurityHub", &["EnableSecurityHub"]),
    ("server_audit_logging=OFF", &["server_audit_logging=ON"]),
    ("UNINSTALL server_audit", &["INSTALL server_audit", "server_audit_logging=ON"]),
    ("pgaudit.log=none", &["SET pgaudit.log"]),
    ("DROP EXTENSION pgaudit", &["CREATE EXTENSION pgaudit"]),
];

pub(super) const CHECK: Check = Check::evidence("evidence_logging_was_not_stopped", Severity::Critical, QUERIES, judge);

const LIST: List = List {
    needs: &[&CLOUDTRAIL],
    is_global: false,
    mark: |row| match (stops(row), row.text("operation"), row.text("status")) {
        (Some(_), _, "failure") => Some(Mark::Review),
        (Some(_), ..) => Some(Mark::Wrong),
        (None, ..) => None,
    },
    says: |mark| match mark {
        Mark::Wrong => msg!("check-found-logging-stopped"),
        _ => msg!("check-found-refused-to-stop"),
    },
    none: || msg!("check-found-no-logging-stop"),
};

const NARROWED: List = List {
    needs: &[&CLOUDTRAIL],
    is_global: false,
    // Another trail may record what this one leaves out, and of a database's setting it is not told whether it is less.
    mark: |row| match (row.text("operation"), row.text("status")) {
        _ if stops(row).is_some() || is_start(row) => None,
        (_, "failure") | ("PutEventSelectors" | "SET server_audit" | "SET pgaudit" | "SET pgaudit.log", _) => {
            Some(Mark::Review)
        }
        _ => Some(Mark::Wrong),
    },
    says: |_| msg!("check-found-logging-narrowed"),
    none: || msg!("check-found-no-logging-stop"),
};

/// The calls that start again what a call stopped; nothing where it stops nothing.
fn stops(row: Row<'_>) -> Option<&'static [&'static str]> {
    STOPS.iter().find(|(call, _)| *call == row.text("operation")).map(|(_, starts)| *starts)
}

/// Whether it starts a log of a database again; what starts one of AWS is no call that narrows one.
fn is_start(row: Row<'_>) -> bool {
    matches!(row.text("operation"), "server_audit_logging=ON" | "INSTALL server_audit" | "CREATE EXTENSION pgaudit")
}

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let of = |questions: [usize; 3]| Evidence {
        rows: questions.iter().filter_map(|question| evidence.rows.get(*question).copied()).collect(),
        ..*evidence
    };
    let (acts, narrowed) = (of(ACTS), NARROWED.acts(&of(LESS)));
    let mut findings = LIST.judge(&acts);
    if !narrowed.is_empty() {
        findings.retain(|finding| finding.what.id() != "check-found-no-logging-stop");
        findings.extend(narrowed.into_iter().map(|finding| finding.told_by("narrowed")));
    }
    findings.extend(rows_of(&acts).filter_map(|stop| again(&acts, stop)));
    findings
}

fn rows_of<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = Row<'a>> + use<'a> {
    evidence.rows.clone().into_iter().flat_map(super::Rows::iter)
}

/// That a log that was stopped was started again later: how long nothing was recorded.
fn again(evidence: &Evidence<'_>, stop: Row<'_>) -> Option<Finding> {
    let starts = stops(stop).filter(|_| stop.text("status") != "failure")?;
    let stopped = stop.time("last")?;
    let (stream, log) = (stop.text("stream"), name(stop.text("resource")));
    let is_it = |row: &Row<'_>| {
        starts.contains(&row.text("operation"))
            && row.text("status") != "failure"
            && row.text("stream") == stream
            && name(row.text("resource")) == log
    };
    let (started, row) = rows_of(evidence)
        .filter(is_it)
        .filter_map(|row| {
            Some(([row.time("first"), row.time("last")].into_iter().flatten().find(|time| *time > stopped)?, row))
        })
        .min_by_key(|(time, _)| *time)?;
    let what = msg!(
        "check-found-logging-again",
        what = format!("{} {}", row.text("operation"), row.text("resource")),
        stopped = stopped.to_string(),
        started = started.to_string(),
        minutes = started.0.saturating_sub(stopped.0) / 60_000_000
    );
    let subject = row.text("actor");
    let finding = Finding::pass(subject, what).to_review().proved_by([row.text("record").to_owned()]);
    Some(finding.told_by(format!("again {stream} {log}")))
}

/// A log's name without what stands before it in its ARN: it is called by either.
fn name(log: &str) -> &str {
    log.rsplit(['/', ':']).next().unwrap_or(log)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{acts, judged};
    use super::super::{Cell, Rows};
    use super::*;

    #[test]
    fn a_stop_fails_and_one_without_success_is_for_a_person() {
        let rows = [
            ("arn:aws:iam::1:user/a", "StopLogging", "success"),
            ("arn:aws:iam::1:user/a", "DeleteTrail", "failure"),
            ("arn:aws:iam::1:user/b", "DeleteTrail", "failure"),
            ("arn:aws:iam::1:user/c", "PutRetentionPolicy", "success"),
        ];
        assert_eq!(
            judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![acts(&rows)]),
            [
                "fail arn:aws:iam::1:user/a: StopLogging succeeded: what it recorded is not recorded from then on, until it is started or made again",
                "pass! arn:aws:iam::1:user/a: tried to stop a log, without success: DeleteTrail",
                "pass! arn:aws:iam::1:user/b: tried to stop a log, without success: DeleteTrail",
            ]
        );
        assert_eq!(
            judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![acts(&[])]),
            ["pass cloudtrail: nobody stopped a log"]
        );
        let narrowed = [
            ("arn:aws:iam::1:user/a", "UpdateTrail", "success"),
            ("arn:aws:iam::1:user/b", "PutEventSelectors", "success"),
        ];
        assert_eq!(
            judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![acts(&[]), acts(&narrowed)]),
            [
                "fail arn:aws:iam::1:user/a: UpdateTrail: less is recorded from then on",
                "pass! arn:aws:iam::1:user/b: PutEventSelectors: less is recorded from then on",
            ]
        );
        assert!(judged(&CHECK, &["k8s-audit/prod"], vec![acts(&[])])[0].starts_with("no_evidence cloudtrail"));
    }

    #[test]
    fn what_was_started_again_is_said() {
        let at = |text: &str| Cell::Time(super::super::tests::time(text));
        let row = |operation: &str, resource: &str, time: &str| -> [Cell; 8] {
            [
                "cloudtrail/1/us-east-1".into(),
                "arn:aws:iam::1:user/a".into(),
                operation.into(),
                resource.into(),
                "success".into(),
                Cell::Number(1),
                at(time),
                at(time),
            ]
        };
        let arn = "arn:aws:cloudtrail:us-east-1:1:trail/main";
        let rows = vec![
            row("StartLogging", "main", "2026-03-02T00:00:00Z"),
            row("StopLogging", "main", "2026-03-03T00:00:00Z"),
            row("StartLogging", "other", "2026-03-03T00:10:00Z"),
            row("StartLogging", arn, "2026-03-03T01:30:00Z"),
        ];
        let names = ["stream", "actor", "operation", "resource", "status", "events", "first", "last"];
        // Another setting of pgaudit starts nothing again.
        let of = |operation: &str| {
            let pgaudit = vec![
                row("pgaudit.log=none", "pgaudit", "2026-03-03T00:00:00Z"),
                row(operation, "pgaudit", "2026-03-03T01:30:00Z"),
            ];
            let rows = vec![Rows::default(), Rows::default(), Rows::default(), Rows::of(names, pgaudit)];
            judged(&CHECK, &["cloudtrail/1/us-east-1"], rows).iter().any(|line| line.contains("90 minutes"))
        };
        assert_eq!([of("SET pgaudit.log"), of("SET pgaudit")], [true, false]);
        let said = judged(&CHECK, &["cloudtrail/1/us-east-1"], vec![Rows::of(names, rows)]);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("fail arn:aws:iam::1:user/a: StopLogging main succeeded"), "{}", said[0]);
        let again = format!(
            "pass! arn:aws:iam::1:user/a: StartLogging {arn} at 2026-03-03T01:30:00Z, 90 minutes after it was stopped at 2026-03-03T00:00:00Z: what happened between is not recorded"
        );
        assert_eq!(said[1], again);
    }
}
