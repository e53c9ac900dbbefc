//! The report as lines for a spreadsheet, which opens it in Japanese: a byte order mark, headings in the report's language, and no cell
//! that is a formula. What a line is of, its first cell says.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use shoseki_comply::checks::{Finding, Judged};
use shoseki_comply::findings::Case;
use shoseki_comply::frameworks::Assessed;
use shoseki_comply::gaps::Gap;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, lookup, msg};
use shoseki_query::output::{Format, writer};

use super::Report;

/// The columns, in this order in every language.
const COLUMNS: [&str; 27] = [
    "kind",
    "number",
    "title",
    "whose",
    "status",
    "assessor",
    "answered",
    "check",
    "check-title",
    "severity",
    "check-status",
    "subject",
    "found-status",
    "to-review",
    "what",
    "events",
    "first-event",
    "last-event",
    "records",
    "finding",
    "state",
    "first-seen",
    "last-seen",
    "age",
    "owner",
    "reason",
    "until",
];

/// A line, by the names of its columns.
type Line = Vec<(&'static str, String)>;

pub(super) fn lines(report: &Report<'_>, lang: Lang) -> Result<Vec<u8>> {
    let writing = Writing { report, lang };
    let mut lines: Vec<Line> = Vec::new();
    for one in report.assessed {
        lines.extend(writing.requirement(one));
    }
    lines.extend(report.from_outside().into_iter().map(|case| writing.outside(case)));
    lines.extend(report.gaps.gaps.iter().map(|gap| writing.gap(gap)));
    lines.extend(writing.reviews());
    lines.extend(writing.samples());
    writing.written(&lines)
}

struct Writing<'r, 'a> {
    report: &'r Report<'a>,
    lang: Lang,
}

impl Writing<'_, '_> {
    fn word(&self, name: &str) -> String {
        lookup(&format!("report-csv-{name}"), self.lang).unwrap_or_default()
    }

    fn yes(&self, is: bool) -> String {
        self.word(if is { "yes" } else { "no" })
    }

    fn time(&self, time: Option<Timestamp>) -> String {
        time.map(|time| self.report.local(time)).unwrap_or_default()
    }

    /// A requirement: a line for itself, one for each finding, one for each document.
    fn requirement(&self, one: &Assessed<'_>) -> Vec<Line> {
        let (requirement, lang) = (one.requirement, self.lang);
        let head: Line = vec![
            ("number", requirement.number.clone()),
            ("title", requirement.title.of(lang).to_owned()),
            ("whose", lookup(&format!("report-whose-{}", requirement.whose), lang).unwrap_or_default()),
            ("status", one.status.word(lang)),
            ("assessor", one.status.assessed(lang)),
            ("answered", self.yes(one.is_answered())),
        ];
        let of = |kind: &str, rest: Line| {
            let kind = std::iter::once(("kind", self.word(kind)));
            kind.chain(head.clone()).chain(rest).collect::<Line>()
        };
        let mut lines = vec![of("requirement", vec![("what", requirement.asks.of(lang).to_owned())])];
        for judged in &one.checks {
            lines.extend(judged.findings.iter().map(|finding| of("check-finding", self.finding(judged, finding))));
        }
        if let Some((asked, answer)) = requirement.manual.as_ref().zip(one.manual.as_ref()) {
            let what = format!("{} / {}", asked.of(lang), answer.what.text(lang));
            let record = answer.document.map(|document| document.record.clone()).unwrap_or_default();
            let subject = self.report.framework.attach_name(requirement);
            lines.push(of(
                "document",
                vec![
                    ("subject", subject),
                    ("found-status", answer.status.word(lang)),
                    ("what", what),
                    ("records", record),
                ],
            ));
        }
        lines
    }

    fn finding(&self, judged: &Judged<'_>, finding: &Finding) -> Line {
        let lang = self.lang;
        let mut line: Line = vec![
            ("check", judged.check.id.to_string()),
            ("check-title", judged.check.title(lang)),
            ("severity", judged.check.severity.word(lang)),
            ("check-status", judged.status().word(lang)),
            ("subject", finding.subject.clone()),
            ("found-status", finding.status.word(lang)),
            ("to-review", self.yes(finding.is_to_review)),
            ("what", finding.what.text(lang)),
            ("events", if finding.events > 0 { finding.events.to_string() } else { String::new() }),
            ("first-event", self.time(finding.first)),
            ("last-event", self.time(finding.last)),
            ("records", finding.records.join(" ")),
        ];
        line.extend(self.report.case_of(finding).map(|case| self.case(case)).unwrap_or_default());
        line
    }

    /// How a finding stands through time.
    fn case(&self, case: &Case) -> Line {
        let mut line: Line = vec![
            ("finding", self.report.register.short(&case.id)),
            ("state", case.state().word(self.lang)),
            ("first-seen", self.report.local(case.first_seen)),
            ("last-seen", self.report.local(case.last_seen)),
            ("age", self.report.age(case).to_string()),
        ];
        if let Some(accept) = &case.exception {
            line.push(("owner", accept.owner.clone()));
            line.push(("reason", accept.reason.clone()));
            line.push(("until", accept.until.day.clone()));
        }
        line
    }

    /// A finding from outside, with its cause and its measures.
    fn outside(&self, case: &Case) -> Line {
        let measures = case.measures.iter().map(|taken| taken.measure.text.as_str());
        let said = std::iter::once(case.what(self.lang)).chain(case.cause.as_deref()).chain(measures);
        let mut line: Line = vec![
            ("kind", self.word("outside")),
            ("number", case.requirements().join(" ")),
            ("severity", case.severity().word(self.lang)),
            ("subject", case.subject().to_owned()),
            ("what", said.collect::<Vec<&str>>().join(" / ")),
            ("records", case.records().join(" ")),
        ];
        line.extend(self.case(case));
        if case.exception.is_none() {
            line.push(("until", case.due().map(|due| due.day.clone()).unwrap_or_default()));
        }
        line
    }

    fn gap(&self, gap: &Gap) -> Line {
        let word = |name: String| lookup(&name, self.lang).unwrap_or_default();
        vec![
            ("kind", self.word("gap")),
            ("subject", gap.stream.clone()),
            ("what", gap_text(gap, self.lang)),
            ("first-event", self.report.local(gap.from)),
            ("last-event", self.time(gap.to)),
            ("state", word(format!("report-gap-{}", gap.state.name()))),
        ]
    }

    /// Days that were reviewed, and stretches that nobody reviewed.
    fn reviews(&self) -> Vec<Line> {
        let within = (self.report.period.from, self.report.period.to);
        let done = self.report.reviews.within(within).map(|done| {
            vec![
                ("kind", self.word("review")),
                ("subject", done.said.day.clone()),
                ("what", done.by.clone().unwrap_or_default()),
                ("last-event", self.report.local(done.at)),
                ("records", done.record.clone()),
            ]
        });
        let missing = self.report.reviews.holes(within).into_iter().map(|hole| {
            let days = (hole.to.0 - hole.from.0) / 86_400_000_000;
            vec![
                ("kind", self.word("review-missing")),
                ("what", msg!("report-said-days", count = days).text(self.lang)),
                ("first-event", self.report.local(hole.from)),
                ("last-event", self.report.local(hole.to)),
            ]
        });
        done.chain(missing).collect()
    }

    /// The items of samples, each with room for its test.
    fn samples(&self) -> Vec<Line> {
        let items = self.report.samples.iter().flat_map(|sample| {
            sample.drawn.iter().enumerate().map(move |(at, record)| {
                let how = msg!(
                    "report-said-drawn",
                    at = at + 1,
                    take = sample.drawn.len(),
                    from = sample.from,
                    seed = sample.seed.as_str()
                );
                vec![
                    ("kind", self.word("sample")),
                    ("subject", sample.file.clone()),
                    ("what", how.text(self.lang)),
                    ("records", record.clone()),
                ]
            })
        });
        items.collect()
    }

    fn written(&self, lines: &[Line]) -> Result<Vec<u8>> {
        let broken = |error| Fault::broken(msg!("cli-json")).because(error);
        let fields: Vec<Field> =
            COLUMNS.iter().map(|name| Field::new(self.word(name), DataType::Utf8, false)).collect();
        let cell = |line: &Line, name: &str| {
            let found = line.iter().find(|(known, _)| *known == name).map(|(_, value)| visible(value));
            found.unwrap_or_default()
        };
        let column = |name: &&str| {
            let values = lines.iter().map(|line| cell(line, name));
            Arc::new(StringArray::from_iter_values(values)) as ArrayRef
        };
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), COLUMNS.iter().map(column).collect()).map_err(broken)?;
        let mut bytes = Vec::new();
        let mut writer = writer(Format::Csv { bom: true, zone: self.report.made.zone }, &schema, &mut bytes)?;
        writer.write(&batch)?;
        writer.finish()?;
        drop(batch);
        Ok(bytes)
    }
}

/// A text whose letters can all be seen: what hides or turns others is shown by its number.
fn visible(text: &str) -> String {
    let letter = |c: char| match shoseki_messages::is_hidden(c) && !matches!(c, '\n' | '\t') {
        true => shoseki_messages::by_number(c),
        false => c.to_string(),
    };
    text.chars().map(letter).collect()
}

/// What is said of a gap: what it is, how many events are lost, who settled it and why.
pub(super) fn gap_text(gap: &Gap, lang: Lang) -> String {
    let kind = lookup(&format!("report-gap-{}", gap.kind.name()), lang).unwrap_or_default();
    let lost = gap.lost.map(|count| msg!("report-said-lost", count = count).text(lang));
    let expected = gap.at_most.map(|minutes| msg!("report-said-silence", minutes = minutes).text(lang));
    let settled = gap.settled.as_ref().map(|settled| {
        let parts = [Some(settled.cause.as_str()), settled.answer.as_deref(), settled.by.as_deref()];
        parts.into_iter().flatten().collect::<Vec<&str>>().join(" / ")
    });
    let parts = std::iter::once(kind).chain(lost).chain(expected).chain(gap.detail.clone()).chain(settled);
    parts.collect::<Vec<String>>().join(" / ")
}
