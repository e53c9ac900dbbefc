//! Making a package: the query is asked over a sealed tree, its rows are written, the records behind them are proven.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use shoseki_event::{RecordId, SegmentId, Timestamp};
use shoseki_insights::{Command, Query, Step};
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_query::output::{Format, writer};
use shoseki_query::{Answer, Engine, Failure, Options};
use shoseki_tlog::SignedCheckpoint;
use shoseki_vault::{Snapshot, Vault};
use shoseki_verify::package::{Language, Manifest, PackageWriter};

use crate::mask::Mask;
use crate::page::page;

/// What is to be packed.
#[derive(Clone, Debug)]
pub struct Request {
    /// The query.
    pub query: String,
    /// Whether it is SQL. Its answer must then have the column `@ptr`.
    pub sql: bool,
    /// What it is about.
    pub options: Options,
    /// What is masked in the readable files; nothing where absent.
    pub mask: Option<Mask>,
}

/// What was packed.
#[derive(Clone, Debug)]
pub struct Packed {
    /// How many rows the answer has.
    pub rows: u64,
    /// How many records stand behind them.
    pub records: u64,
    /// The size of the tree that was asked.
    pub tree_size: u64,
}

/// The column with a record's name.
const POINTER: &str = "@ptr";

/// Writes a package.
///
/// # Errors
/// All mistakes of the query at once; the caller's mistake where its rows do not lead to records; what the vault says else.
pub async fn pack<W: Write + Seek + Send>(vault: &Arc<Vault>, request: &Request, out: W) -> Result<Packed, Failure> {
    let (snapshot, checkpoint) = sealed(vault).await?;
    let options = Options { with_pointers: true, ..request.options.clone() };
    let engine = Engine::over(Arc::clone(vault), &snapshot, options);
    let mut package = PackageWriter::new(out);
    let mut ids = BTreeSet::new();
    let zone = request.options.zone;

    package.start("rows.csv")?;
    let format = Format::Csv { bom: true, zone };
    let rows = write_rows(request, ask(&engine, request).await?, format, &mut package, Some(&mut ids)).await?;
    package.start("rows.jsonl")?;
    write_rows(request, ask(&engine, request).await?, Format::JsonLines, &mut package, None).await?;
    for evidence in evidence(request) {
        let mut answer = engine.insights(&evidence).await?;
        while let Some(batch) = answer.next().await? {
            pointers(&batch, &mut ids)?;
        }
    }

    let mut streams = BTreeSet::new();
    let mut commits = BTreeMap::new();
    let mut by_segment: BTreeMap<SegmentId, Vec<RecordId>> = BTreeMap::new();
    for id in &ids {
        by_segment.entry(id.segment).or_default().push(*id);
    }
    package.start("records.jsonl")?;
    for ids in by_segment.values() {
        let proofs = vault.prove(&snapshot, &checkpoint, ids).await?;
        for record in &proofs.records {
            streams.insert(record.provenance.stream.to_string());
            package.record(record)?;
        }
        commits.extend(proofs.commits);
    }
    for (version, commit) in &commits {
        package.commit(*version, &commit.bytes, &commit.proof.to_bytes())?;
    }
    package.checkpoint(checkpoint.bytes())?;
    let manifest = Manifest {
        format: 0, // the writer knows it
        created: Timestamp::now().to_string(),
        origin: vault.marker().origin.clone(),
        query: request.query.clone(),
        language: if request.sql { Language::Sql } else { Language::Insights },
        from: request.options.from.map(|time| time.to_string()),
        to: request.options.to.map(|time| time.to_string()),
        time_zone: zone.name().to_owned(),
        tree_size: checkpoint.size(),
        rows,
        records: ids.len() as u64,
        streams: streams.into_iter().collect(),
        complete: true,
        masked: request.mask.is_some(),
        files: BTreeMap::new(),
    };
    let verifier = vault.verifier()?.to_string();
    for (name, lang) in [("README.en.html", Lang::En), ("README.ja.html", Lang::Ja)] {
        package.add(name, page(&manifest, &verifier, lang).as_bytes())?;
    }
    package.finish(manifest, &vault.keys().signing()?)?;
    Ok(Packed { rows, records: ids.len() as u64, tree_size: checkpoint.size() })
}

/// How often a tree is looked at that others keep adding to.
const TRIES: usize = 8;

/// A snapshot and the checkpoint of just its size.
async fn sealed(vault: &Vault) -> Result<(Snapshot, SignedCheckpoint)> {
    for _ in 0..TRIES {
        let (checkpoint, _) = vault.seal().await?;
        let snapshot = vault.snapshot().await?;
        if snapshot.size() == checkpoint.size() {
            return Ok((snapshot, checkpoint));
        }
    }
    Err(Fault::world(msg!("package-vault-busy")))
}

async fn ask(engine: &Engine, request: &Request) -> Result<Answer, Failure> {
    if request.sql { engine.sql(&request.query).await } else { engine.insights(&request.query).await }
}

async fn write_rows(
    request: &Request,
    mut answer: Answer,
    format: Format,
    out: &mut (impl Write + Send),
    mut ids: Option<&mut BTreeSet<RecordId>>,
) -> Result<u64> {
    if request.sql && answer.schema().column_with_name(POINTER).is_none() {
        return Err(Fault::caller(msg!("package-sql-without-pointers")));
    }
    let mut writer = writer(format, &answer.schema(), out)?;
    let mut rows = 0;
    while let Some(batch) = answer.next().await? {
        rows += batch.num_rows() as u64;
        if let Some(ids) = ids.as_deref_mut() {
            pointers(&batch, ids)?;
        }
        match &request.mask {
            Some(mask) => writer.write(&mask.batch(&batch)?)?,
            None => writer.write(&batch)?,
        }
    }
    writer.finish()?;
    Ok(rows)
}

/// The names of records in a batch, where it has them.
fn pointers(batch: &RecordBatch, ids: &mut BTreeSet<RecordId>) -> Result<()> {
    let Some(column) = batch.column_by_name(POINTER).and_then(|column| column.as_string_opt::<i32>()) else {
        return Ok(());
    };
    for pointer in column.iter().flatten() {
        ids.insert(pointer.parse()?);
    }
    Ok(())
}

/// The queries for events that the answer's rows do not name: where those are no events (after `stats`), the commands before
/// it; and of each sub-query its own.
fn evidence(request: &Request) -> Vec<String> {
    if request.sql {
        return Vec::new();
    }
    let parsed = shoseki_insights::parse(&request.query);
    let is_stats = |step: &Step| matches!(step.command, Command::Stats(_));
    let has_stats = parsed.query.steps.iter().any(is_stats);
    let of_query = has_stats.then_some(&parsed.query);
    let queries = of_query.into_iter().chain(parsed.query.subqueries());
    queries.map(|query| events_of(query, &request.query)).collect()
}

/// The query for the events that a query's rows are, or were before `stats`.
fn events_of(query: &Query, text: &str) -> String {
    let steps = || query.steps.iter().take_while(|step| !matches!(step.command, Command::Stats(_)));
    let (first, last) = (steps().next(), steps().last());
    let before = first.zip(last).and_then(|(first, last)| text.get(first.span.start..last.span.end));
    before.map_or_else(|| format!("display {POINTER}"), |before| format!("{before}\n| display {POINTER}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queries(query: &str) -> Vec<String> {
        let request = Request { query: query.to_owned(), sql: false, options: Options::default(), mask: None };
        evidence(&request)
    }

    #[test]
    fn events_behind_groups_and_in_sub_queries_are_evidence_too() {
        assert_eq!(queries("filter a = 1 | fields b"), Vec::<String>::new());
        assert_eq!(queries("stats count(*)"), ["display @ptr"]);
        assert_eq!(
            queries("filter a = 1 # why\n| fields b | stats count(*) by b | limit 1"),
            ["filter a = 1 # why\n| fields b\n| display @ptr"]
        );
        let query = "SOURCE 'x' | filter a in (SOURCE 'y' | filter b = 1 | stats count(*) by a) | stats count(*)";
        assert_eq!(
            queries(query),
            [
                "SOURCE 'x' | filter a in (SOURCE 'y' | filter b = 1 | stats count(*) by a)\n| display @ptr",
                "SOURCE 'y' | filter b = 1\n| display @ptr",
            ]
        );
        assert_eq!(queries("join left=a right=b where a.k=b.k (fields k)"), ["fields k\n| display @ptr"]);
    }
}
