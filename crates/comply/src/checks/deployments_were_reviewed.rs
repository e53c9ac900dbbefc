//! What was deployed came from a merged pull request, and another person than its author approved or merged it: the match of
//! approvals with changes, as far as GitHub's events show both.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::rows::Row;
use super::{Check, Query, Severity};

/// Deployments of the period; what was merged, and who approved, at any time before its end.
const QUERIES: &[Query] = &[
    Query::sql(
        "select coalesce(\"repository.full_name\", stream) as repository, \"deployment.sha\" as commit, \
         \"deployment.environment\" as environment, min(time) as first, max(time) as last, count(*) as events, min(\"@ptr\") as record\n\
         from github\nwhere \"deployment.sha\" is not null and \"action\" = 'created' and \"deployment_status.state\" is null\n\
         group by 1, 2, 3",
    ),
    Query::whole_sql(
        "select coalesce(\"repository.full_name\", json(raw, 'base.repo.full_name')) as repository, \
         coalesce(\"pull_request.merge_commit_sha\", json(raw, 'merge_commit_sha')) as commit, \
         max(coalesce(\"pull_request.number\", try_cast(json(raw, 'number') as bigint))) as number, \
         max(coalesce(\"pull_request.user.login\", json(raw, 'user.login'))) as author, \
         max(coalesce(\"pull_request.merged_by.login\", json(raw, 'merged_by.login'))) as merger, max(\"@ptr\") as record\n\
         from github\nwhere coalesce(json(raw, 'pull_request.merged_at'), json(raw, 'merged_at')) is not null\ngroup by 1, 2",
    ),
    Query::whole_sql(
        "select \"repository.full_name\" as repository, \"pull_request.number\" as number, \"review.user.login\" as reviewer\n\
         from github\nwhere lower(\"review.state\") = 'approved'\ngroup by 1, 2, 3",
    ),
];

pub(super) const CHECK: Check = Check::evidence("evidence_deployments_were_reviewed", Severity::High, QUERIES, judge);

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    if !evidence.arrivals.has(&["github"]) {
        return vec![Finding::no_evidence("github", msg!("check-found-source-missing"))];
    }
    let merged: BTreeMap<(&str, &str), Row<'_>> =
        evidence.answer(1).map(|row| ((row.text("repository"), row.text("commit")), row)).collect();
    let known: BTreeSet<&str> = evidence.answer(1).map(|row| row.text("repository")).collect();
    let mut reviewers: BTreeMap<(&str, i64), Vec<&str>> = BTreeMap::new();
    for row in evidence.answer(2) {
        reviewers.entry((row.text("repository"), row.number("number"))).or_default().push(row.text("reviewer"));
    }
    let mut findings = Vec::new();
    for deployed in evidence.answer(0) {
        let (repository, commit) = (deployed.text("repository"), deployed.text("commit"));
        let subject = format!("{repository}@{} → {}", commit.get(..12).unwrap_or(commit), deployed.text("environment"));
        let mut records = vec![deployed.text("record").to_owned()];
        let finding = match merged.get(&(repository, commit)) {
            None if known.contains(repository) => Finding::fail(subject, msg!("check-found-no-pull-request")),
            None => Finding::no_evidence(subject, msg!("check-found-no-merges", repository = repository)),
            Some(pull) => {
                records.push(pull.text("record").to_owned());
                let (author, number) = (pull.text("author"), pull.number("number"));
                let all =
                    reviewers.get(&(repository, number)).into_iter().flatten().copied().chain([pull.text("merger")]);
                match all.into_iter().find(|person| is_another(person, author)) {
                    Some(person) => Finding::pass(
                        subject,
                        msg!("check-found-approved", number = number, author = author, person = person),
                    ),
                    None => Finding::fail(subject, msg!("check-found-own-approval", number = number, author = author)),
                }
            }
        };
        findings.push(
            finding
                .of_events(deployed.count("events"), deployed.time("first"), deployed.time("last"))
                .proved_by(records),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::pass("github", msg!("check-found-no-deployment")));
    }
    findings
}

/// Whether somebody is a person, and another one than the author: a program that merges approves nothing.
fn is_another(person: &str, author: &str) -> bool {
    !person.is_empty() && person != author && !person.ends_with("[bot]")
}

#[cfg(test)]
mod tests {
    use super::super::tests::judged;
    use super::super::{Cell, Rows};
    use super::*;

    #[test]
    fn a_deployment_needs_a_pull_request_and_another_person() {
        let deployed = |commit: &str| [Cell::from("o/shop"), commit.into(), "production".into(), Cell::Number(1)];
        let deployed = Rows::of(
            ["repository", "commit", "environment", "events"],
            ["aaa", "bbb", "ccc", "ddd"].map(deployed).to_vec(),
        );
        let pull = |commit: &str, number: i64, merger: &str| {
            [Cell::from("o/shop"), commit.into(), Cell::Number(number), "taro".into(), merger.into()]
        };
        let pulls = Rows::of(
            ["repository", "commit", "number", "author", "merger"],
            vec![pull("aaa", 1, "aiko"), pull("bbb", 2, "taro"), pull("ccc", 3, "github-merge-queue[bot]")],
        );
        let reviews = Rows::of(
            ["repository", "number", "reviewer"],
            vec![["o/shop".into(), Cell::Number(3), "mei".into()], ["o/shop".into(), Cell::Number(2), "taro".into()]],
        );
        let found = judged(&CHECK, &["github/o/shop"], vec![deployed, pulls, reviews]);
        assert_eq!(
            found,
            [
                "fail o/shop@bbb → production: pull request 2 of taro was approved and merged by nobody else",
                "fail o/shop@ddd → production: no merged pull request has this commit: it was not reviewed here",
                "pass o/shop@aaa → production: pull request 1 of taro; approved or merged by aiko",
                "pass o/shop@ccc → production: pull request 3 of taro; approved or merged by mei",
            ]
        );
    }
}
