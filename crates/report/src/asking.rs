//! A query as it is asked for a package, when that is made and when it is judged: which records its rows are of, which stand
//! behind them, which rows belong to a sample, what is masked.

use async_recursion::async_recursion;
use std::collections::{BTreeSet, HashSet};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use shoseki_event::{RecordId, SegmentId};
use shoseki_insights::{Command, Query, Step};
use shoseki_messages::{Fault, Message, Result, msg};
use shoseki_query::{Answer, Engine, Failure};

use crate::mask::Mask;

/// The column with a record's name.
pub(crate) const POINTER: &str = "@ptr";

/// A query and what of its answer goes into a package.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) query: &'a str,
    pub(crate) sql: bool,
    /// What is masked; nothing where absent.
    pub(crate) mask: Option<&'a Mask>,
    /// Rows of these records only, where some were drawn.
    pub(crate) keep: Option<&'a HashSet<RecordId>>,
}

impl Asking<'_> {
    /// Asks.
    ///
    /// # Errors
    /// All mistakes of the query; the caller's where the rows of SQL do not say which records they are of.
    pub(crate) async fn ask(&self) -> Result<Answer, Failure> {
        if !self.sql {
            return self.engine.insights(self.query).await;
        }
        let answer = self.engine.sql(self.query).await?;
        if answer.schema().column_with_name(POINTER).is_none() {
            return Err(Fault::caller(msg!("package-sql-without-pointers")).into());
        }
        Ok(answer)
    }

    /// The records that the rows are of, each once, in the order of the rows.
    ///
    /// # Errors
    /// The caller's mistake where the rows are no events; as [`Asking::ask`].
    pub(crate) async fn names(&self) -> Result<Vec<RecordId>, Failure> {
        let mut answer = self.ask().await?;
        if answer.schema().column_with_name(POINTER).is_none() {
            return Err(Fault::caller(msg!("package-sample-without-events")).into());
        }
        let (mut names, mut seen) = (Vec::new(), HashSet::new());
        while let Some(batch) = answer.next().await? {
            let mut all: Vec<RecordId> = Vec::new();
            all.pointers(&batch)?;
            names.extend(all.into_iter().filter(|id| seen.insert(*id)));
        }
        Ok(names)
    }

    /// Adds the records that the rows do not name.
    ///
    /// # Errors
    /// As [`Asking::ask`].
    pub(crate) async fn evidence(&self, ids: &mut impl Pointers) -> Result<(), Failure> {
        if self.sql {
            return Ok(());
        }
        for Evidence { of, events } in evidence(self.query) {
            // What `stats … offset` counts, or `diff` compares with, is of another time.
            let engine = self.engine.where_it_reads(&of).await?;
            let mut answer = engine.insights(&events).await?;
            while let Some(batch) = answer.next().await? {
                ids.pointers(&batch)?;
            }
        }
        Ok(())
    }

    /// The rows of a batch that go into the package.
    ///
    /// # Errors
    /// Our own broken invariant: a batch can be cut.
    pub(crate) fn kept(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let Some(keep) = self.keep else { return Ok(batch) };
        let pointers = batch.column_by_name(POINTER).and_then(|column| column.as_string_opt::<i32>());
        let is_kept = |row: usize| {
            let pointer = pointers.filter(|pointers| pointers.is_valid(row)).map(|pointers| pointers.value(row));
            pointer.and_then(|pointer| pointer.parse().ok()).is_some_and(|id: RecordId| keep.contains(&id))
        };
        let mask: BooleanArray = (0..batch.num_rows()).map(|row| Some(is_kept(row))).collect();
        filter_record_batch(&batch, &mask).map_err(|error| Fault::broken(msg!("package-mask-own")).because(error))
    }

    /// A batch as the readable files show it.
    ///
    /// # Errors
    /// As [`Mask::batch`].
    pub(crate) fn masked(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        match self.mask {
            Some(mask) => mask.batch(batch),
            None => Ok(batch.clone()),
        }
    }
}

/// The segments that hold the records of an answer's rows, and those behind them (before `stats`, in sub-queries). The engine must
/// have been asked for pointers.
///
/// # Errors
/// All mistakes of the query; the caller's where the rows of SQL do not say which records they are of.
#[async_recursion]
pub async fn segments_behind(engine: &Engine, query: &str, sql: bool) -> Result<BTreeSet<SegmentId>, Failure> {
    let asking = Asking { engine, query, sql, mask: None, keep: None };
    let (mut answer, mut segments) = (asking.ask().await?, BTreeSet::new());
    while let Some(batch) = answer.next().await? {
        segments.pointers(&batch)?;
    }
    asking.evidence(&mut segments).await?;
    Ok(segments)
}

/// The records that an answer's rows are of, and what there is to say of the question, as of a field that no event has. The engine
/// must have been asked for pointers.
///
/// # Errors
/// All mistakes of the query; the caller's where its rows are no events.
#[async_recursion]
pub async fn records_of(
    engine: &Engine,
    query: &str,
    sql: bool,
) -> Result<(BTreeSet<RecordId>, Vec<Message>), Failure> {
    let (mut answer, mut records) =
        (Asking { engine, query, sql, mask: None, keep: None }.ask().await?, BTreeSet::new());
    if answer.schema().column_with_name(POINTER).is_none() {
        return Err(Fault::caller(msg!("report-rows-no-events")).into());
    }
    while let Some(batch) = answer.next().await? {
        records.pointers(&batch)?;
    }
    Ok((records, answer.hints()))
}

/// What collects the names of records.
pub(crate) trait Pointers {
    /// Takes a name.
    fn take(&mut self, id: RecordId);

    /// Takes the names in a batch, where it has them.
    ///
    /// # Errors
    /// Our own broken invariant: a name is one.
    fn pointers(&mut self, batch: &RecordBatch) -> Result<()> {
        let Some(column) = batch.column_by_name(POINTER).and_then(|column| column.as_string_opt::<i32>()) else {
            return Ok(());
        };
        for pointer in column.iter().flatten() {
            self.take(pointer.parse()?);
        }
        Ok(())
    }
}

impl Pointers for BTreeSet<RecordId> {
    fn take(&mut self, id: RecordId) {
        self.insert(id);
    }
}

impl Pointers for BTreeSet<SegmentId> {
    fn take(&mut self, id: RecordId) {
        self.insert(id.segment);
    }
}

impl Pointers for Vec<RecordId> {
    fn take(&mut self, id: RecordId) {
        self.push(id);
    }
}

/// Events that the answer's rows do not name.
#[derive(Debug, PartialEq, Eq)]
struct Evidence {
    /// The query, or sub-query, whose rows they are, or were before they became groups.
    of: String,
    /// The query for them.
    events: String,
}

/// The events that the answer's rows do not name: where those are no events (after `stats`), those before that; and of each
/// sub-query its own.
fn evidence(query: &str) -> Vec<Evidence> {
    let parsed = shoseki_insights::parse(query);
    let has_groups = parsed.query.steps.iter().any(makes_groups);
    let of_query = has_groups.then_some(&parsed.query);
    let queries = of_query.into_iter().chain(parsed.query.subqueries());
    queries.map(|part| Evidence { of: text_of(part.steps.iter(), query), events: events_of(part, query) }).collect()
}

/// Whether a command makes groups of events.
fn makes_groups(step: &Step) -> bool {
    matches!(
        step.command,
        Command::Stats(_)
            | Command::CountFrequent(_)
            | Command::Patterns(_)
            | Command::Diff(_)
            | Command::Logcompare(_)
            | Command::Anomaly(_)
            | Command::RelevantFields(_)
    )
}

/// The text of some steps.
fn text_of<'q>(mut steps: impl Iterator<Item = &'q Step>, text: &str) -> String {
    let first = steps.next();
    let last = steps.last().or(first);
    let part = first.zip(last).and_then(|(first, last)| text.get(first.span.start..last.span.end));
    part.unwrap_or_default().to_owned()
}

/// The query for the events that a query's rows are, or were before they became groups.
fn events_of(query: &Query, text: &str) -> String {
    let before = text_of(query.steps.iter().take_while(|step| !makes_groups(step)), text);
    if before.is_empty() { format!("display {POINTER}") } else { format!("{before}\n| display {POINTER}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(query: &str) -> Vec<String> {
        evidence(query).into_iter().map(|evidence| evidence.events).collect()
    }

    #[test]
    fn events_behind_groups_and_in_sub_queries_are_evidence_too() {
        assert_eq!(events("filter a = 1 | fields b"), Vec::<String>::new());
        assert_eq!(events("stats count(*)"), ["display @ptr"]);
        let patterns = ["pattern @message", "logcompare timeshift 1d", "pattern @message | diff", "anomaly"];
        for groups in patterns.into_iter().chain(["countFrequent a", "relevantfields b where c = 1"]) {
            assert_eq!(events(&format!("filter a = 1 | {groups}")), ["filter a = 1\n| display @ptr"]);
        }
        let part = evidence("fields a | filter a in (fields b | stats max(b) by b offset 1d)");
        assert_eq!(part[0].of, "fields b | stats max(b) by b offset 1d");
        assert_eq!(
            events("filter a = 1 # why\n| fields b | stats count(*) by b | limit 1"),
            ["filter a = 1 # why\n| fields b\n| display @ptr"]
        );
        let query = "SOURCE 'x' | filter a in (SOURCE 'y' | filter b = 1 | stats count(*) by a) | stats count(*)";
        assert_eq!(
            events(query),
            [
                "SOURCE 'x' | filter a in (SOURCE 'y' | filter b = 1 | stats count(*) by a)\n| display @ptr",
                "SOURCE 'y' | filter b = 1\n| display @ptr",
            ]
        );
        assert_eq!(events("join left=a right=b where a.k=b.k (fields k)"), ["fields k\n| display @ptr"]);
    }
}
