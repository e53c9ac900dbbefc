//! The parts of a judgement that are about what is not in the answer: the whole population under the root of the tree, and
//! the list that a sample was drawn from.

use std::collections::HashSet;
use std::io::{Read, Seek};

use shoseki_event::RecordId;
use shoseki_merkle::{Builder, leaf_hash};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::{APP_MAPPING_KEY, Commit, Replay};
use shoseki_segment::population::{MAX_COMMIT_LINE_BYTES, MAX_POPULATION_LINE_BYTES, parse_commit_line};
use shoseki_tlog::{CommitEntry, SignedCheckpoint};

use super::judge::Judge;
use super::population::{Called, Census, Due, Take, Wanted};
use super::{COMMITS, DRAWN_FROM, MANIFEST, RECORDS, ROWS_JSONL, draw, population, population_part};
use crate::verdict::Problem;

/// The most that is said of one file.
const MAX_PROBLEMS: usize = 100;

/// The longest name of a record, with its line feed.
const MAX_NAME_BYTES: usize = 64;

impl<R: Read + Seek> Judge<'_, R> {
    /// The population, where there is one: how many records it has, if it is whole. Its segments are given to `take`.
    pub(super) fn population(
        &mut self,
        checkpoint: Option<&SignedCheckpoint>,
        take: Option<Take<'_>>,
    ) -> Result<Option<u64>> {
        let wanted = match Wanted::of(&self.manifest) {
            Ok(Some(wanted)) => wanted,
            Ok(None) => return Ok(None),
            Err(fault) => {
                self.report.problem(Problem::of(MANIFEST, fault));
                return Ok(None);
            }
        };
        let problems = self.report.problems.len();
        let due = self.all_commits(checkpoint, wanted);
        // Which segments there must be is not known where a commit is missing or was changed.
        let is_told = self.report.problems.len() == problems;
        let due = if is_told { due } else { Vec::new() };
        let (mut census, parts) = (Census::new(due, take.filter(|_| is_told)), self.parts());
        for name in &parts {
            let (Some(limit), mut number) = (self.limit(name), 0) else { continue };
            let extent = self.archive.lines(name, limit, MAX_POPULATION_LINE_BYTES, |line| {
                number += 1;
                if is_told {
                    census.line(name, number, line);
                }
            });
            self.same(name, extent);
        }
        census.finish();
        for problem in std::mem::take(&mut census.problems) {
            self.report.problem(problem);
        }
        if let Some(fault) = census.failure.take() {
            return Err(fault);
        }
        let claimed = self.manifest.population.as_ref().map(|claimed| (claimed.segments, claimed.records));
        let is_whole = is_told && self.report.problems.len() == problems;
        if is_whole && claimed != Some((census.segments, census.records)) {
            let claimed = claimed.map_or(0, |(_, records)| records);
            let message = msg!("verify-package-counts", found = census.records, claimed = claimed);
            self.report.problem(Problem::tampered(MANIFEST, message));
            return Ok(None);
        }
        self.report.checked.segments += census.segments;
        Ok(is_whole.then_some(census.records))
    }

    /// The files of the population, in order; one that is missing in between is named.
    fn parts(&mut self) -> Vec<String> {
        let count = self.manifest.files.keys().filter(|name| population_part(name).is_some()).count() as u64;
        let names: Vec<String> = (0..count).map(population).collect();
        for name in names.iter().filter(|name| !self.manifest.files.contains_key(*name)).cloned().collect::<Vec<_>>() {
            self.report.problem(Problem::tampered(name, msg!("verify-object-missing")));
        }
        names
    }

    /// Every commit of the tree: they follow one another by the grammar and lead to the root of the checkpoint. Gives the
    /// segments that are called for.
    fn all_commits(&mut self, checkpoint: Option<&SignedCheckpoint>, wanted: Wanted) -> Vec<Due> {
        let Some(limit) = self.limit(COMMITS) else { return Vec::new() };
        let (mut called, mut replay, mut tree) = (Called::new(wanted), Replay::default(), Builder::new());
        let (mut problems, mut next, mut number) = (Vec::new(), 0_u64, 0_u64);
        let extent = self.archive.lines(COMMITS, limit, MAX_COMMIT_LINE_BYTES, |line| {
            number += 1;
            if problems.len() >= MAX_PROBLEMS {
                return;
            }
            let what = || format!("{COMMITS} line {number}");
            let (version, bytes) = match parse_commit_line(line) {
                Ok(read) => read,
                Err(fault) => return problems.push(Problem::of(what(), fault)),
            };
            if version != next {
                problems.push(Problem::tampered(what(), msg!("verify-population-commit", due = next, found = version)));
            }
            next = version.saturating_add(1);
            tree.push(leaf_hash(&CommitEntry::of(version, &bytes).to_bytes()));
            let applied = Commit::parse(&bytes).and_then(|commit| {
                // Behind a commit that is missing nothing can be applied, and it was named.
                if problems.is_empty() { replay.apply(&commit).map(|()| commit) } else { Ok(commit) }
            });
            match applied {
                Ok(commit) => called.take(version, &commit),
                Err(fault) => problems.push(Problem::of(what(), fault)),
            }
        });
        let is_in_order = problems.is_empty();
        problems.into_iter().for_each(|problem| self.report.problem(problem));
        self.same(COMMITS, extent);
        let size = self.manifest.tree_size;
        if next != size {
            self.report
                .problem(Problem::tampered(COMMITS, msg!("verify-population-commits", found = next, size = size)));
        } else if is_in_order && checkpoint.is_some_and(|checkpoint| checkpoint.root() != tree.root()) {
            self.report.problem(Problem::tampered(COMMITS, msg!("verify-population-root", size = size)));
        } else {
            self.report.checked.commits = size;
        }
        self.app_mapping = replay.setting(APP_MAPPING_KEY).map(str::to_owned);
        called.leave_gone(&replay);
        called.finish()
    }

    /// The sample is what the seed draws from the list, and each record drawn has a row.
    pub(super) fn sample(&mut self, records: &HashSet<RecordId>, shown: &HashSet<RecordId>) {
        let Some(sample) = self.manifest.sample.clone() else { return };
        let Some(limit) = self.limit(DRAWN_FROM) else { return };
        let (mut names, mut seen, mut problems, mut number) = (Vec::new(), HashSet::new(), Vec::new(), 0_u64);
        let extent = self.archive.lines(DRAWN_FROM, limit, MAX_NAME_BYTES, |line| {
            number += 1;
            let what = || format!("{DRAWN_FROM} line {number}");
            let read = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n'));
            let id: Option<RecordId> =
                read.and_then(|name| name.parse().ok().filter(|id: &RecordId| id.to_string() == name));
            let problem = match id {
                None => Some(Problem::of(what(), Fault::damage(msg!("verify-sample-name")))),
                Some(id) if !seen.insert(id) => Some(Problem::tampered(what(), msg!("verify-package-record-twice"))),
                Some(id) => {
                    names.push(id);
                    None
                }
            };
            problems.extend(problem.filter(|_| problems.len() < MAX_PROBLEMS));
        });
        problems.into_iter().for_each(|problem| self.report.problem(problem));
        self.same(DRAWN_FROM, extent);
        if number != sample.from {
            let message = msg!("verify-package-counts", found = number, claimed = sample.from);
            self.report.problem(Problem::tampered(DRAWN_FROM, message));
        }
        let drawn: HashSet<RecordId> = draw(&names, &sample.seed, sample.take).into_iter().collect();
        let mut wrong: Vec<(RecordId, &'static str)> = Vec::new();
        wrong.extend(records.difference(&drawn).map(|id| (*id, "added")));
        wrong.extend(drawn.difference(records).map(|id| (*id, "missing")));
        let without_row = drawn.intersection(records).filter(|id| !shown.contains(*id));
        wrong.extend(without_row.map(|id| (*id, "row")));
        wrong.sort_unstable();
        let is_right = wrong.is_empty();
        for (id, why) in wrong.into_iter().take(MAX_PROBLEMS) {
            let message = match why {
                "added" => msg!("verify-sample-not-drawn", seed = sample.seed.as_str()),
                "missing" => msg!("verify-sample-missing", file = RECORDS),
                _ => msg!("verify-sample-missing", file = ROWS_JSONL),
            };
            self.report.problem(Problem::tampered(id.to_string(), message));
        }
        if is_right && number == sample.from {
            self.report.note(msg!(
                "verify-sample-drawn",
                by = sample.drawn_by.as_str(),
                time = sample.drawn.as_str(),
                count = drawn.len(),
                from = sample.from,
                seed = sample.seed.as_str()
            ));
            if self.manifest.population.is_none() {
                self.report.note(msg!("verify-sample-list-claimed"));
            }
        }
    }
}
