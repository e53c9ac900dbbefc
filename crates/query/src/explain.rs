//! What a query would read and how, without running it: for who wonders why a query takes long.

use async_recursion::async_recursion;
use std::collections::HashMap;
use std::sync::Arc;

use datafusion::physical_plan::{ExecutionPlan, displayable};
use serde::Serialize;
use shoseki_event::{SegmentId, Timestamp};
use shoseki_segment::commit::Add;

use crate::engine::{Engine, Failure};
use crate::scan::{RuledBy, Selection};

/// Which language a query is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// That of CloudWatch Logs Insights.
    Insights,
    /// SQL.
    Sql,
}

/// Why a file is not read. A new reason is a variant here and its text `cli-explain-<name>` in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// None of its events is of the time range.
    Time,
    /// None is of the streams asked for.
    Stream,
    /// None is of the sources asked for.
    Source,
    /// It has records of our own only, which nobody asked for.
    Internal,
    /// Each segment fails for a reason of its own.
    Several,
    /// A condition asks for another time, source or stream.
    Condition,
    /// Its skip index knows that it has nothing of what is looked for.
    Index,
}

impl Why {
    /// The word for it in the catalogue and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Stream => "stream",
            Self::Source => "source",
            Self::Internal => "internal",
            Self::Several => "several",
            Self::Condition => "condition",
            Self::Index => "index",
        }
    }
}

/// Files, their bytes and their records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// How many files.
    pub files: u64,
    /// Their size as they are stored, in bytes.
    pub bytes: u64,
    /// Their records.
    pub records: u64,
}

impl Total {
    fn add(&mut self, choice: &Choice) {
        self.files += 1;
        self.bytes += choice.bytes;
        self.records += choice.records;
    }
}

/// The files that are passed over for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// The reason.
    pub why: Why,
    /// The files.
    #[serde(flatten)]
    pub total: Total,
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its path below `events/`.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its records.
    pub records: u64,
    /// Its sources.
    pub sources: Vec<String>,
    /// Its first event, RFC 3339.
    pub first: String,
    /// Its last event.
    pub last: String,
    /// Why it is not read; none where it is.
    pub passed_over: Option<Why>,
}

/// What a query would read, and its plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The language of the query.
    pub language: Language,
    /// The files of the snapshot.
    pub all: Total,
    /// Those that would be read.
    pub read: Total,
    /// Those that would not, by reason.
    pub passed_over: Vec<PassedOver>,
    /// In how many slices of the time range, one after another; with a `limit` the later ones may not be needed.
    pub slices: usize,
    /// Each file, the newest first.
    pub files: Vec<Choice>,
    /// The engine's plan.
    pub plan: String,
}

/// A plan in words, and the files that it does not read for their indexes.
pub(crate) struct Explained {
    pub(crate) plan: String,
    ruled_out: HashMap<SegmentId, RuledBy>,
}

impl Explained {
    pub(crate) async fn of(plan: &Arc<dyn ExecutionPlan>) -> datafusion::error::Result<Self> {
        let ruled_out = crate::scan::ruled_out(plan).await?;
        Ok(Self { plan: displayable(plan.as_ref()).indent(false).to_string(), ruled_out })
    }
}

impl Engine {
    /// What a query would read and how. It reads no event, and asks indexes.
    ///
    /// # Errors
    /// All mistakes of the query, as when it is run.
    #[async_recursion]
    pub async fn explanation(&self, query: &str, language: Language) -> Result<Explanation, Failure> {
        let (Explained { plan, ruled_out }, slices, selection) = match language {
            Language::Sql => (self.explained_sql(query).await?, 1, self.selection()),
            Language::Insights => {
                let (_, asked) = self.understood(query).await?;
                (self.explained(query).await?, self.slices(&asked).ranges.len(), asked.selection.clone())
            }
        };
        let mut files: Vec<Choice> = self.files().iter().map(|file| choice(file, &selection, &ruled_out)).collect();
        files.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.path.cmp(&b.path)));
        let (mut all, mut read) = (Total::default(), Total::default());
        let mut passed_over: Vec<PassedOver> = Vec::new();
        for file in &files {
            all.add(file);
            let Some(why) = file.passed_over else {
                read.add(file);
                continue;
            };
            match passed_over.iter_mut().find(|known| known.why == why) {
                Some(known) => known.total.add(file),
                None => {
                    let mut total = Total::default();
                    total.add(file);
                    passed_over.push(PassedOver { why, total });
                }
            }
        }
        passed_over.sort_by_key(|known| known.why);
        Ok(Explanation { language, all, read, passed_over, slices, files, plan })
    }
}

fn choice(file: &Add, selection: &Selection, ruled_out: &HashMap<SegmentId, RuledBy>) -> Choice {
    let segments = &file.tags.segments;
    let mut sources: Vec<String> = segments.iter().map(|segment| segment.source.clone()).collect();
    sources.sort();
    sources.dedup();
    let first = segments.iter().map(|segment| segment.min).min().unwrap_or(Timestamp(0));
    let last = segments.iter().map(|segment| segment.max).max().unwrap_or(Timestamp(0));
    let by = ruled_out.get(&file.id()).map(|by| match by {
        RuledBy::Tags => Why::Condition,
        RuledBy::Index => Why::Index,
    });
    Choice {
        path: file.path(),
        bytes: file.size,
        records: segments.iter().map(|segment| u64::from(segment.count)).sum(),
        sources,
        first: first.to_string(),
        last: last.to_string(),
        passed_over: why(file, selection).or(by),
    }
}

/// The one condition without which the file would be read.
fn why(file: &Add, selection: &Selection) -> Option<Why> {
    if selection.open(file).is_some() {
        return None;
    }
    let without = [
        (Why::Internal, Selection { internal: true, ..selection.clone() }),
        (Why::Time, Selection { from: None, to: None, ..selection.clone() }),
        (Why::Stream, Selection { streams: Vec::new(), ..selection.clone() }),
        (Why::Source, Selection { sources: Vec::new(), ..selection.clone() }),
    ];
    let one = without.into_iter().find(|(_, relaxed)| relaxed.open(file).is_some()).map(|(why, _)| why);
    one.or(Some(Why::Several))
}
