//! Settings in files of code: Terraform, its plans, CloudFormation, Kubernetes. Texts in, findings with their lines out.
//!
//! What a file is, its content says. A unit (a root of Terraform with its modules, a plan, a template, all manifests together) is an
//! estate of its own. What is not evaluated is unknown, and passes nothing.

mod accept;
mod cloudformation;
mod json;
mod kubernetes;
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
use seen::Seen;

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
    let mut report = Report::default();
    let units = Reading::of(sources, &mut report);
    let mut blocks: BTreeMap<String, Vec<(u32, u32)>> = BTreeMap::new();
    let mut findings: HashMap<&str, (&'c Check, Vec<Finding>)> = HashMap::new();
    for mut seen in units {
        report.counts.resources += seen.count;
        for (path, lines) in std::mem::take(&mut seen.blocks) {
            blocks.entry(path).or_default().extend(lines);
        }
        let estate = seen.estate();
        for judged in judge_settings(&estate, checks) {
            let all = findings.entry(judged.check.id.as_ref()).or_insert_with(|| (judged.check, Vec::new()));
            all.1.extend(judged.findings);
        }
    }
    let accepted = accepted(sources, &blocks, today, &mut report);
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

/// Exceptions, by the file, the first line of the block that they are about, and the check.
type Exceptions = HashMap<(String, u32, String), Accepted>;

fn accepted(
    sources: &[Source],
    blocks: &BTreeMap<String, Vec<(u32, u32)>>,
    today: NaiveDate,
    report: &mut Report<'_>,
) -> Exceptions {
    let mut all = Exceptions::new();
    for source in sources {
        let Some(blocks) = blocks.get(&source.path) else { continue };
        let (exceptions, wrong) = accept::read(&source.text, today);
        let problem = |(line, what)| Problem { path: source.path.clone(), line, what, is_unread: false };
        report.problems.extend(wrong.into_iter().map(problem));
        let lines: Vec<&str> = if exceptions.is_empty() { Vec::new() } else { source.text.lines().collect() };
        for one in exceptions {
            match accept::block_of(one.line, blocks, &lines) {
                Some(first) => drop(all.insert((source.path.clone(), first, one.check.clone()), one)),
                None => {
                    report.problems.push(problem((one.line, msg!("iac-accept-nowhere", check = one.check.as_str()))))
                }
            }
        }
    }
    all
}

/// Reading files: each becomes what its content says, and those that belong together are one unit.
#[derive(Default)]
struct Reading {
    terraform: Vec<terraform::File>,
    manifests: Seen,
    units: Vec<Seen>,
}

impl Reading {
    fn of(sources: &[Source], report: &mut Report<'_>) -> Vec<Seen> {
        let mut reading = Self::default();
        for source in sources {
            let end = source.path.rsplit_once('.').map_or("", |(_, end)| end);
            let read = match end {
                "tf" | "tfvars" => reading.terraform(source, report),
                "json" => reading.json(source, report),
                "yaml" | "yml" => reading.yaml(source, report),
                _ if source.text.trim_start().starts_with('{') => reading.json(source, report),
                _ => reading.yaml(source, report),
            };
            let problem = |line, what| Problem { path: source.path.clone(), line, what, is_unread: true };
            match read {
                Ok(true) => (),
                Ok(false) if source.is_named => report.problems.push(problem(0, msg!("iac-none-of-ours"))),
                Ok(false) => (),
                Err((line, what)) => report.problems.push(problem(line, what)),
            }
        }
        let mut units = terraform::read(&reading.terraform, sources);
        units.extend(reading.units);
        units.push(reading.manifests);
        units
    }

    fn terraform(&mut self, source: &Source, report: &mut Report<'_>) -> Result<bool, (u32, Message)> {
        let name = source.path.rsplit('/').next().unwrap_or_default();
        // Terraform itself takes only these of files of variables; others are handed to it by name.
        if name.ends_with(".tfvars")
            && !(name == "terraform.tfvars" || name.ends_with(".auto.tfvars") || source.is_named)
        {
            return Ok(false);
        }
        let file = terraform::File::read(&source.path, &source.text)
            .map_err(|broken| (broken.line, msg!("iac-no-hcl", what = broken.what)))?;
        self.terraform.push(file);
        report.counts.terraform += 1;
        Ok(true)
    }

    fn json(&mut self, source: &Source, report: &mut Report<'_>) -> Result<bool, (u32, Message)> {
        let has = |what: &str| source.text.contains(what);
        let may_be_plan = has("\"format_version\"") && (has("\"planned_values\"") || has("\"resource_changes\""));
        if !may_be_plan && !has("AWSTemplateFormatVersion") && !has("\"AWS::") {
            return Ok(false);
        }
        let node = json::read(&source.text, if may_be_plan { terraform::PASSED_OVER } else { &[] })
            .map_err(|broken| (broken.line, msg!("iac-no-json", what = broken.what)))?;
        if terraform::is_plan(&node) {
            self.units.push(terraform::read_plan(&source.path, &node));
            report.counts.plans += 1;
        } else if cloudformation::is_template(&node) {
            self.units.push(cloudformation::read(&source.path, &node));
            report.counts.templates += 1;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn yaml(&mut self, source: &Source, report: &mut Report<'_>) -> Result<bool, (u32, Message)> {
        let has = |what: &str| source.text.contains(what);
        let is_any = ["AWSTemplateFormatVersion", "AWS::", "apiVersion", "falco", "json_output"].into_iter().any(has);
        if !is_any {
            return Ok(false);
        }
        let documents = match yaml::read(&source.text) {
            Ok(documents) => documents,
            // A template of Helm is no YAML before it is filled in.
            Err(_) if has("{{") => return Ok(false),
            Err(broken) => return Err((broken.line, msg!("iac-no-yaml", what = broken.what))),
        };
        let mut is_manifest = false;
        for (index, node) in documents.iter().enumerate() {
            if cloudformation::is_template(node) {
                self.units.push(cloudformation::read(&source.path, node));
                report.counts.templates += 1;
                return Ok(true);
            }
            if kubernetes::is_manifest(node) {
                is_manifest = true;
                let last = documents.get(index + 1).map_or(u32::MAX, |next| next.line.saturating_sub(1));
                self.manifests.blocks.entry(source.path.clone()).or_default().push((node.line, last));
                kubernetes::read(&source.path, &source.text, node, &mut self.manifests);
            }
        }
        report.counts.manifests += usize::from(is_manifest);
        Ok(is_manifest)
    }
}

#[cfg(test)]
mod tests;
