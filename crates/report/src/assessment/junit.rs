//! The report as JUnit has it, for what shows test results: a suite for each requirement, a case for each of its checks and for its
//! document. What could not be judged is an error: it is neither passed nor skipped.

use shoseki_comply::checks::{Judged, Status};
use shoseki_comply::frameworks::Assessed;
use shoseki_messages::Lang;

use super::Report;
use crate::markup::escape;

pub(super) fn text(report: &Report<'_>, lang: Lang) -> String {
    let title = report.framework.title.of(lang);
    let suites: String = report.assessed.iter().map(|one| suite(report, one, lang)).collect();
    let all: Vec<Status> =
        report.assessed.iter().flat_map(|one| cases(report, one, lang)).map(|case| case.status).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n{suites}</testsuites>\n",
        line(title),
        counts(&all)
    )
}

/// A case: what it is called, how it stands, and what is said of it.
struct Case {
    name: String,
    class: String,
    status: Status,
    what: String,
}

fn cases(report: &Report<'_>, one: &Assessed<'_>, lang: Lang) -> Vec<Case> {
    let number = &one.requirement.number;
    let class = |end: &str| format!("{}.{number}.{end}", report.framework.id);
    if let Some(why) = &one.requirement.not_applicable {
        let what = why.of(lang).to_owned();
        return vec![Case { name: number.clone(), class: class("requirement"), status: Status::NotApplicable, what }];
    }
    let check = |judged: &&Judged<'_>| Case {
        name: judged.check.title(lang),
        class: class(&judged.check.id),
        status: judged.status(),
        what: told(judged, lang),
    };
    let document = one.requirement.manual.as_ref().zip(one.manual.as_ref()).map(|(asked, answer)| Case {
        name: asked.of(lang).to_owned(),
        class: class("document"),
        status: answer.status,
        what: answer.what.text(lang),
    });
    one.checks.iter().map(check).chain(document).collect()
}

/// What a check says of what is as it is: the findings of its own status.
fn told(judged: &Judged<'_>, lang: Lang) -> String {
    let status = judged.status();
    let of_status = judged.findings.iter().filter(|finding| finding.status == status);
    let lines = of_status.map(|finding| {
        let records = finding.records.join(" ");
        format!("{}: {} {records}", finding.subject, finding.what.text(lang)).trim_end().to_owned()
    });
    lines.collect::<Vec<String>>().join("\n")
}

fn suite(report: &Report<'_>, one: &Assessed<'_>, lang: Lang) -> String {
    let cases = cases(report, one, lang);
    let statuses: Vec<Status> = cases.iter().map(|case| case.status).collect();
    let time = report.made.at.to_string();
    let inside: String = cases.iter().map(|case| written(case, lang)).collect();
    let name = format!("{} {}", one.requirement.number, one.requirement.title.of(lang));
    format!("<testsuite name=\"{}\" timestamp=\"{time}\" {}>\n{inside}</testsuite>\n", line(&name), counts(&statuses))
}

fn written(case: &Case, lang: Lang) -> String {
    let head = format!("<testcase name=\"{}\" classname=\"{}\"", line(&case.name), line(&case.class));
    let (said, what) = (line(&case.status.word(lang)), escape(&case.what));
    match case.status {
        Status::Pass => format!("{head}/>\n"),
        Status::NotApplicable => format!("{head}><skipped message=\"{}\"/></testcase>\n", line(&case.what)),
        Status::Fail => format!("{head}><failure message=\"{said}\">{what}</failure></testcase>\n"),
        Status::NoEvidence => format!("{head}><error message=\"{said}\">{what}</error></testcase>\n"),
    }
}

fn counts(statuses: &[Status]) -> String {
    let count = |status: Status| statuses.iter().filter(|one| **one == status).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        statuses.len(),
        count(Status::Fail),
        count(Status::NoEvidence),
        count(Status::NotApplicable)
    )
}

/// A text in one line, as an attribute has it.
fn line(text: &str) -> String {
    escape(&text.replace(['\n', '\t'], " "))
}
