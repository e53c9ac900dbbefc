//! Settings in files of code: Terraform, its plans, CloudFormation, Kubernetes. Texts in, findings with their lines out.
//!
//! What a file is, its content says. A unit (a root of Terraform with its modules, a plan, a template, all manifests together) is an
//! estate of its own. What is not evaluated is unknown, and passes nothing.

mod accept;
mod cloudformation;
mod json;
mod kubernetes;
mod reading;
mod seen;
mod selectors;
mod terraform;
mod tree;
mod yaml;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use shoseki_messages::{Message, msg};

use crate::checks::{Check, Finding, Judged, Status, judge_settings};
use crate::settings::Origin;
use reading::Reading;
use seen::{MOST_RESOURCES, Seen};

pub use accept::Accepted;
pub(crate) use cloudformation::selectors as selectors_of_api;

/// The longest file that is read, in bytes.
pub const MOST_BYTES: u64 = 128 << 20;
/// Ends of names of the files that may be ours; which of them are, their content says.
pub const ENDS: [&str; 6] = ["tf", "tfvars", "json", "yaml", "yml", "template"];

/// How large the stack is that files are read on: expressions lead to each other, to a bounded depth.
const STACK: usize = 64 << 20;

/// A file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path, as it is said in findings.
    pub path: String,
    /// What stands in it.
    pub text: String,
    /// Why it could not be read, where that is so; then nothing is said to stand in it.
    pub unread: Option<Message>,
    /// Whether it was named by itself, and not found in a folder: then it is said where it is none of ours.
    pub is_named: bool,
}

/// Something of a file that is no finding: it cannot be read, or an exception in it does not count.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// The line; 0 where there is none to name.
    pub line: u32,
    /// What is said.
    pub what: Message,
    /// Whether what stands there was not judged.
    pub is_unread: bool,
}

/// What was read, by its kind, in files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files of Terraform.
    pub terraform: usize,
    /// Plans.
    pub plans: usize,
    /// Templates of CloudFormation.
    pub templates: usize,
    /// Files with manifests or values.
    pub manifests: usize,
    /// Resources in all of them.
    pub resources: usize,
}

impl Counts {
    /// How many files were read.
    pub fn files(self) -> usize {
        self.terraform + self.plans + self.templates + self.manifests
    }
}

/// A finding of a check.
#[derive(Clone, Debug)]
pub struct Row<'c> {
    /// The check.
    pub check: &'c Check,
    /// What it found.
    pub finding: Finding,
    /// The exception that accepts it.
    pub accepted: Option<Accepted>,
}

impl Row<'_> {
    /// How it counts: what is accepted fails nothing.
    pub fn status(&self) -> Status {
        if self.accepted.is_some() { Status::Pass } else { self.finding.status }
    }

    /// The file and the line that it is about.
    pub fn place(&self) -> (&str, u32) {
        match &self.finding.origin {
            Some(Origin::File { path, line }) => (path, *line),
            _ => ("", 0),
        }
    }
}

/// What came of judging files.
#[derive(Clone, Debug, Default)]
pub struct Report<'c> {
    /// What was found, by files and lines.
    pub rows: Vec<Row<'c>>,
    /// What is to be said besides.
    pub problems: Vec<Problem>,
    /// What was read.
    pub counts: Counts,
}

impl<'c> Report<'c> {
    /// What each check comes to; what is accepted passes, and is to be looked at.
    pub fn judged(&self) -> Vec<Judged<'c>> {
        let mut all: Vec<Judged<'c>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for row in &self.rows {
            let at = *places.entry(row.check.id.as_ref()).or_insert_with(|| {
                all.push(Judged { check: row.check, findings: Vec::new() });
                all.len() - 1
            });
            let finding = row.finding.clone();
            let finding = match &row.accepted {
                Some(_) => Finding { status: Status::Pass, is_to_review: true, ..finding },
                None => finding,
            };
            if let Some(judged) = all.get_mut(at) {
                judged.findings.push(finding);
            }
        }
        all
    }
}

/// Judges files. `today` is the day on which exceptions must not have ended.
pub fn judge<'c>(sources: &[Source], checks: &[&'c Check], today: NaiveDate) -> Report<'c> {
    let work = || judged(sources, checks, today);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok().and_then(|thread| thread.join().ok())
    })
    .unwrap_or_else(|| Report {
        problems: vec![Problem { path: String::new(), line: 0, what: msg!("iac-broken"), is_unread: true }],
        ..Report::default()
    })
}

fn judged<'c>(sources: &[Source], checks: &[&'c Check], today: NaiveDate) -> Report<'c> {
    let mut judging = Judging { checks, room: MOST_RESOURCES, ..Judging::default() };
    Reading::of(sources, &mut judging);
    let Judging { mut report, blocks, findings, .. } = judging;
    let accepted = accepted(sources, blocks, today, &mut report);
    for (check, found) in findings.into_values() {
        report.rows.extend(found.into_iter().map(|finding| {
            let is_open = matches!(finding.status, Status::Fail | Status::NoEvidence);
            let exception = match &finding.origin {
                Some(Origin::File { path, line }) if is_open && !accepted.is_empty() => {
                    accepted.get(&(path.clone(), *line, check.id.to_string()))
                }
                _ => None,
            };
            Row { check, accepted: exception.cloned(), finding }
        }));
    }
    let key = |row: &Row<'_>| {
        let (path, line) = row.place();
        (path.to_owned(), line, row.finding.status, row.check.id.clone(), row.finding.subject.clone())
    };
    report.rows.sort_by_cached_key(key);
    report.problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    report
}

/// Judging one unit after another: of each only its findings are kept.
#[derive(Default)]
struct Judging<'c, 'r> {
    checks: &'r [&'c Check],
    report: Report<'c>,
    blocks: BTreeMap<String, Vec<(u32, u32)>>,
    findings: HashMap<&'c str, (&'c Check, Vec<Finding>)>,
    /// How many more resources there is room for.
    room: usize,
}

impl Judging<'_, '_> {
    /// Nothing yet of a unit, with what room there is.
    fn unit(&self) -> Seen {
        Seen::within(self.room)
    }

    /// Judges a unit, and gives the place for the next.
    fn take(&mut self, mut seen: Seen) -> Seen {
        self.room = seen.room();
        self.report.counts.resources += seen.count;
        for (path, lines) in std::mem::take(&mut seen.blocks) {
            self.blocks.entry(path).or_default().extend(lines);
        }
        let problem = |((path, line), what)| Problem { path, line, what, is_unread: true };
        self.report.problems.extend(std::mem::take(&mut seen.problems).into_iter().map(problem));
        let estate = seen.estate();
        for judged in judge_settings(&estate, self.checks) {
            let all = self.findings.entry(judged.check.id.as_ref()).or_insert_with(|| (judged.check, Vec::new()));
            all.1.extend(judged.findings);
        }
        self.unit()
    }
}

/// Exceptions, by the file, the first line of the block that they are about, and the check.
type Exceptions = HashMap<(String, u32, String), Accepted>;

fn accepted(
    sources: &[Source],
    blocks: BTreeMap<String, Vec<(u32, u32)>>,
    today: NaiveDate,
    report: &mut Report<'_>,
) -> Exceptions {
    let mut all = Exceptions::new();
    for source in sources {
        let Some(blocks) = blocks.get(&source.path) else { continue };
        if !source.text.contains(accept::MARK) {
            continue;
        }
        let (exceptions, wrong) = accept::read(&source.text, today);
        let problem = |(line, what)| Problem { path: source.path.clone(), line, what, is_unread: false };
        report.problems.extend(wrong.into_iter().map(problem));
        let places = accept::Places::of(blocks, &source.text);
        for one in exceptions {
            match places.block_of(one.line) {
                Some(first) => drop(all.insert((source.path.clone(), first, one.check.clone()), one)),
                None => {
                    report.problems.push(problem((one.line, msg!("iac-accept-nowhere", check = one.check.as_str()))))
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unknowns;
