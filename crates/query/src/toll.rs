//! What a query may read, before it reads anything: for who pays for what is read. Commits say which files may hold what is asked for;
//! indexes, which lie in the files, are not asked.

use async_recursion::async_recursion;
use std::collections::HashMap;

use shoseki_event::SegmentId;

use crate::engine::{Engine, Failure};
use crate::explain::Language;
use crate::scan::{self, Selection};

/// Ranges that lie no further apart are fetched by one request.
const APART: u64 = object_store::OBJECT_STORE_COALESCE_DEFAULT;

/// A file that a query may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toll {
    /// Its path below `events/`.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// How often it is opened: more than once where the range of time is cut, or a sub-query reads it too.
    pub times: u64,
    /// The most bytes that are read of it: a column that conditions need is read again for the rows that are left.
    pub most_bytes: u64,
    /// The most requests.
    pub most_requests: u64,
}

impl Engine {
    /// The files that a query may read, in the order of their paths. Nothing of them is read.
    ///
    /// # Errors
    /// All mistakes of the query, as when it is run.
    #[async_recursion]
    pub async fn toll(&self, query: &str, language: Language) -> Result<Vec<Toll>, Failure> {
        let mut all: HashMap<SegmentId, (u64, u64)> = HashMap::new();
        let mut add = |passes: HashMap<SegmentId, u64>, times: &dyn Fn(SegmentId) -> u64| {
            for (file, passes) in passes {
                let known = all.entry(file).or_default();
                let times = times(file);
                *known = (known.0 + times, known.1 + times * passes);
            }
        };
        match language {
            Language::Sql => add(scan::passes(&self.plan_of_sql(query).await?), &|_| 1),
            Language::Insights => {
                let (engine, asked) = self.understood(query).await?;
                let slices = engine.slices(&asked).ranges;
                let within: Vec<Selection> = slices
                    .iter()
                    .map(|(from, to)| Selection { from: *from, to: *to, ..asked.selection.clone() })
                    .collect();
                let times = |id: SegmentId| {
                    let file = engine.files().iter().find(|file| file.id() == id);
                    let opened = file.map_or(1, |file| within.iter().filter(|one| one.open(file).is_some()).count());
                    // Where it is cut, indexes are asked once before.
                    (opened.max(1) + usize::from(within.len() > 1)) as u64
                };
                let mut plans = engine.plans(&asked).await?.into_iter();
                plans.by_ref().take(1).for_each(|plan| add(scan::passes(&plan), &times));
                plans.for_each(|plan| add(scan::passes(&plan), &|_| 1));
            }
        }
        let toll = |file: &shoseki_segment::commit::Add| {
            let (times, passes) = all.get(&file.id()).copied()?;
            let chunks = file.tags.index.map_or(0, |index| index.chunks() as u64);
            Some(Toll {
                path: file.path(),
                bytes: file.size,
                times,
                most_bytes: file.size.saturating_mul(passes),
                most_requests: passes.saturating_mul(1 + file.size / APART).saturating_add(times * (chunks + 2)),
            })
        };
        let mut tolls: Vec<Toll> = self.files().iter().filter_map(toll).collect();
        tolls.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tolls)
    }
}
