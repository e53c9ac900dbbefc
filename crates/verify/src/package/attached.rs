//! The documents of a package: what is said of each is a sealed record, and its bytes are those that the record names.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Seek};

use shoseki_event::Kind;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::attachment::{ATTACHMENTS, Attachment, MAX_DOCUMENT_BYTES};
use shoseki_segment::proof::{MAX_RECORD_LINE_BYTES, ProvenRecord};
use shoseki_segment::receipt::Extent;

use super::judge::{Commits, Judge, MAX_PROBLEMS};
use super::{ATTACHED, document, document_hash};
use crate::proof::is_in;
use crate::verdict::Problem;

/// A line of what is said of documents: a proven record of that stream, and what it says.
fn statement(line: &[u8], commits: &Commits) -> Result<(ProvenRecord, Attachment)> {
    let record = ProvenRecord::parse_line(line)?;
    let unproven = || Fault::damage(msg!("verify-package-commit-missing", version = record.version));
    is_in(&record, commits.get(&record.version).ok_or_else(unproven)?)?;
    let provenance = &record.provenance;
    if &*provenance.source != OWN_SOURCE || &*provenance.stream != ATTACHMENTS || provenance.kind != Kind::Event {
        return Err(Fault::damage(msg!("verify-package-no-attachment")));
    }
    let attachment = Attachment::parse(&record.raw)?;
    Ok((record, attachment))
}

impl<R: Read + Seek> Judge<'_, R> {
    /// What is said of documents, and the documents.
    pub(super) fn attachments(&mut self, commits: &Commits) {
        let Some(claimed) = self.manifest.attachments.clone() else { return };
        let Some(limit) = self.limit(ATTACHED) else { return };
        let (mut said, mut seen, mut number) = (BTreeMap::<String, Extent>::new(), HashSet::new(), 0_u64);
        let mut problems = Vec::new();
        let extent = self.archive.lines(ATTACHED, limit, MAX_RECORD_LINE_BYTES, |line| {
            number += 1;
            let problem = match statement(line, commits) {
                Ok((record, attachment)) => {
                    said.insert(document(&attachment.details.sha256), attachment.details.extent());
                    let is_new = seen.insert(record.id);
                    (!is_new).then(|| Problem::tampered(record.id.to_string(), msg!("verify-package-record-twice")))
                }
                Err(fault) => Some(Problem::of(format!("{ATTACHED} line {number}"), fault)),
            };
            problems.extend(problem.filter(|_| problems.len() as u64 <= MAX_PROBLEMS));
        });
        problems.into_iter().for_each(|problem| self.report.problem(problem));
        self.same(ATTACHED, extent);
        let documents = self.documents(&said);
        if number != claimed.statements || documents != claimed.documents {
            let message = msg!("verify-package-counts", found = number, claimed = claimed.statements);
            self.report.problem(Problem::tampered(ATTACHED, message));
        }
        if self.report.problems.is_empty() {
            self.report.note(msg!("verify-package-documents", documents = documents, statements = number));
        }
    }

    /// Whether each document is there, is the one that a statement names, and no other is there. Gives how many are.
    fn documents(&mut self, said: &BTreeMap<String, Extent>) -> u64 {
        for name in said.keys().filter(|name| !self.manifest.files.contains_key(*name)) {
            self.report.problem(Problem::tampered(name.as_str(), msg!("verify-object-missing")));
        }
        let names: Vec<String> =
            self.manifest.files.keys().filter(|name| document_hash(name).is_some()).cloned().collect();
        for name in &names {
            let Some(limit) = self.limit(name) else { continue };
            let extent = self.archive.extent(name, limit.min(MAX_DOCUMENT_BYTES));
            let is_said = matches!((&extent, said.get(name)), (Ok(found), Some(said)) if found == said);
            if self.same(name, extent) && !is_said {
                self.report.problem(Problem::tampered(name.as_str(), msg!("verify-package-document-unsaid")));
            }
        }
        names.len() as u64
    }
}
