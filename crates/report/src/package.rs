//! Making a package: the query is asked over a sealed tree, its rows are written, the records behind them are proven.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{Seek, Write};
use std::sync::Arc;

use shoseki_event::{RecordId, SegmentId, Timestamp};
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_query::output::{Format, writer};
use shoseki_query::{Engine, Failure, Mapping, Options, lookup_tables};
use shoseki_segment::attachment::Document;
use shoseki_segment::commit::Commit;
use shoseki_segment::population::PopulationLine;
use shoseki_sources::secrets::VERSION;
use shoseki_tlog::SignedCheckpoint;
use shoseki_vault::{ProvenCommit, Snapshot, Vault};
use shoseki_verify::package::{
    Asked, Attachments, Called, Language, Manifest, PackageWriter, Population, ROWS_CSV, ROWS_JSONL, Sample, Wanted,
    draw,
};

use crate::asking::{Asking, Pointers};
use crate::mask::Mask;
use crate::page::{Inside, page};

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
    /// Whether the package holds the whole population, so that the query can be run again over it.
    pub population: bool,
    /// Which of the records are drawn; all where absent.
    pub sample: Option<Draw>,
    /// The requirements whose documents go into it, all of them where the list is empty; none where absent.
    pub attachments: Option<Vec<String>>,
}

/// How a sample is drawn.
#[derive(Clone, Debug)]
pub struct Draw {
    /// How many records.
    pub take: u64,
    /// What decides which ones.
    pub seed: String,
    /// Who draws.
    pub by: String,
}

/// What was packed.
#[derive(Clone, Debug)]
pub struct Packed {
    /// How many rows the answer has.
    pub rows: u64,
    /// How many records stand behind them.
    pub records: u64,
    /// From how many they were drawn, where they were.
    pub drawn_from: Option<u64>,
    /// How many records the population has, where it is there.
    pub population: Option<u64>,
    /// How many documents are in it.
    pub documents: u64,
    /// The size of the tree that was asked.
    pub tree_size: u64,
    /// How a sample was drawn, and the names of its records.
    pub sample: Option<(Sample, Vec<String>)>,
}

/// The program that asks.
pub(crate) const ENGINE: &str = concat!("shoseki/", env!("CARGO_PKG_VERSION"));

/// Writes a package.
///
/// # Errors
/// All mistakes of the query at once; the caller's mistake where its rows do not lead to records, or leave open which they are
/// where they are to be the same again; what the vault says else.
pub async fn pack<W: Write + Seek + Send>(vault: &Arc<Vault>, request: &Request, out: W) -> Result<Packed, Failure> {
    let (snapshot, checkpoint) = sealed(vault).await?;
    let mapping = Mapping::of_vault(snapshot.app_mapping())?;
    let mut options = Options { with_pointers: true, mapping, ..request.options.clone() };
    if !request.sql {
        options.tables = Arc::new(lookup_tables(&request.query, options.lookups.as_deref()));
    }
    let engine = Engine::over(Arc::clone(vault), &snapshot, options.clone());
    if request.population {
        repeats(&engine, request).await?;
    }
    let writer = PackageWriter::new(out);
    let mut package = Package { writer, vault, snapshot, checkpoint, commits: BTreeMap::new() };
    let query = request.query.as_str();
    let mut asking = Asking { engine: &engine, query, sql: request.sql, mask: request.mask.as_ref(), keep: None };
    let drawn = match &request.sample {
        Some(how) => Some(Drawn::of(&asking, how).await?),
        None => None,
    };
    asking.keep = drawn.as_ref().map(|drawn| &drawn.records);
    let (rows, mut ids) = package.rows(&asking, options.zone).await?;
    match &drawn {
        Some(drawn) => ids = drawn.records.iter().copied().collect(),
        None => asking.evidence(&mut ids).await?,
    }
    let streams = package.records(&ids).await?;
    let documents = match &request.attachments {
        Some(requirements) => package.attachments(requirements).await?,
        None => Vec::new(),
    };
    package.proven_commits()?;
    let population = if request.population { Some(package.population(&engine, request).await?) } else { None };
    for (name, bytes) in options.tables.iter() {
        package.writer.table(name, bytes)?;
    }
    let manifest = Manifest {
        format: 0, // the writer knows it
        created: Timestamp::now().to_string(),
        origin: vault.marker().origin.clone(),
        query: request.query.clone(),
        language: if request.sql { Language::Sql } else { Language::Insights },
        from: options.from.map(|time| time.to_string()),
        to: options.to.map(|time| time.to_string()),
        time_zone: options.zone.name().to_owned(),
        asked: asked(request, &options),
        tree_size: package.checkpoint.size(),
        rows,
        records: ids.len() as u64,
        streams,
        complete: drawn.is_none(),
        masked: request.mask.is_some(),
        population,
        sample: drawn.as_ref().map(|drawn| drawn.sample.clone()),
        attachments: request.attachments.as_ref().map(|requirements| Attachments {
            requirements: requirements.clone(),
            documents: count_of(&documents),
            statements: documents.len() as u64,
        }),
        files: BTreeMap::new(),
    };
    let packed = Packed {
        rows,
        records: manifest.records,
        drawn_from: manifest.sample.as_ref().map(|sample| sample.from),
        population: manifest.population.as_ref().map(|population| population.records),
        documents: count_of(&documents),
        tree_size: manifest.tree_size,
        sample: drawn.as_ref().map(|drawn| (drawn.sample.clone(), ids.iter().map(ToString::to_string).collect())),
    };
    if let Some(drawn) = &drawn {
        package.writer.drawn_from(&drawn.names)?;
    }
    package.finish(manifest, &Inside { has_tables: !options.tables.is_empty(), documents })?;
    Ok(packed)
}

/// Whether the query gives the same rows when it is run again.
async fn repeats(engine: &Engine, request: &Request) -> Result<(), Failure> {
    if request.sql {
        return engine.repeats_sql(&request.query).await;
    }
    Ok(Engine::repeats(&request.query)?)
}

/// What else decides the answer, where that must be said: a package of the first format says nothing of it.
fn asked(request: &Request, options: &Options) -> Option<Asked> {
    let is_all = options.sources.is_empty() && options.streams.is_empty() && options.tables.is_empty();
    let is_said = request.population || request.sample.is_some() || !is_all;
    is_said.then(|| Asked {
        engine: ENGINE.to_owned(),
        now: options.now.to_string(),
        sources: options.sources.clone(),
        streams: options.streams.clone(),
    })
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

/// What was drawn, and from what.
struct Drawn {
    /// The records that the query gives, in the order of its rows.
    names: Vec<RecordId>,
    records: HashSet<RecordId>,
    sample: Sample,
}

impl Drawn {
    async fn of(asking: &Asking<'_>, how: &Draw) -> Result<Self, Failure> {
        let names = asking.names().await?;
        let records = draw(&names, &how.seed, how.take).into_iter().collect();
        let sample = Sample {
            take: how.take,
            from: names.len() as u64,
            seed: how.seed.clone(),
            drawn_by: how.by.clone(),
            drawn: Timestamp::now().to_string(),
        };
        Ok(Self { names, records, sample })
    }
}

/// How many records are written before others get their turn.
const AT_A_TIME: usize = 256;

/// A package of a vault's sealed tree, while it is written.
struct Package<'a, W: Write + Seek> {
    writer: PackageWriter<W>,
    vault: &'a Arc<Vault>,
    snapshot: Snapshot,
    checkpoint: SignedCheckpoint,
    /// What proves the records that were written.
    commits: BTreeMap<u64, ProvenCommit>,
}

/// How many documents statements are about.
fn count_of(documents: &[Document]) -> u64 {
    documents.iter().map(|document| &document.sha256).collect::<BTreeSet<_>>().len() as u64
}

impl<W: Write + Seek + Send> Package<'_, W> {
    /// Writes the rows, and gives their number and the records that they name.
    async fn rows(&mut self, asking: &Asking<'_>, zone: chrono_tz::Tz) -> Result<(u64, BTreeSet<RecordId>), Failure> {
        let (mut rows, mut ids) = (0, BTreeSet::new());
        let csv = Format::Csv { bom: true, zone };
        for (name, format) in [(ROWS_CSV, csv), (ROWS_JSONL, Format::JsonLines)] {
            self.writer.start(name)?;
            let mut answer = asking.ask().await?;
            let mut out = writer(format, &answer.schema(), &mut self.writer)?;
            rows = 0;
            while let Some(batch) = answer.next().await? {
                let batch = asking.kept(batch)?;
                rows += batch.num_rows() as u64;
                ids.pointers(&batch)?;
                out.write(&asking.masked(&batch)?)?;
            }
            out.finish()?;
        }
        Ok((rows, ids))
    }

    /// Writes the records and what proves them; gives their streams.
    async fn records(&mut self, ids: &BTreeSet<RecordId>) -> Result<Vec<String>> {
        let mut streams = BTreeSet::new();
        // By the files that hold them now: each is decoded once, and its records are held and no more.
        let mut by_file: BTreeMap<SegmentId, Vec<RecordId>> = BTreeMap::new();
        for id in ids {
            let file = self.snapshot.replay.file_of(id.segment).map_or(id.segment, |file| file.add.name);
            by_file.entry(file).or_default().push(*id);
        }
        self.writer.start("records.jsonl")?;
        for ids in by_file.values() {
            let proofs = self.vault.prove(&self.snapshot, &self.checkpoint, ids).await?;
            for records in proofs.records.chunks(AT_A_TIME) {
                for record in records {
                    streams.insert(record.provenance.stream.to_string());
                    self.writer.record(record)?;
                }
                tokio::task::yield_now().await; // whoever waits for Ctrl-C gets to hear of it
            }
            self.commits.extend(proofs.commits);
        }
        Ok(streams.into_iter().collect())
    }

    /// Writes the documents for requirements, what is said of them, and gives that.
    async fn attachments(&mut self, requirements: &[String]) -> Result<Vec<Document>> {
        let is_for = |document: &Document| {
            let is_of = |wanted: &String| {
                let rest = document.requirement.strip_prefix(wanted.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ', '(']))
            };
            requirements.is_empty() || requirements.iter().any(is_of)
        };
        let mut said = self.vault.attachments(&self.snapshot).await?;
        said.retain(|statement| is_for(&statement.attachment.details));
        if said.is_empty() {
            return Err(Fault::caller(msg!("package-no-documents", requirements = requirements.join(", "))));
        }
        let ids: Vec<RecordId> = said.iter().map(|statement| statement.id).collect();
        let proofs = self.vault.prove(&self.snapshot, &self.checkpoint, &ids).await?;
        proofs.records.iter().try_for_each(|record| self.writer.statement(record))?;
        self.commits.extend(proofs.commits);
        let (mut written, mut documents) = (BTreeSet::new(), Vec::with_capacity(said.len()));
        for statement in said {
            let document = statement.attachment.details;
            if written.insert(document.sha256.clone()) {
                self.writer.document(&document.sha256, &self.vault.document(&document).await?)?;
            }
            documents.push(document);
        }
        Ok(documents)
    }

    /// Writes the commits that prove what was written, and the checkpoint that proves them.
    fn proven_commits(&mut self) -> Result<()> {
        for (version, commit) in &self.commits {
            self.writer.commit(*version, &commit.bytes, &commit.proof.to_bytes())?;
        }
        self.writer.checkpoint(self.checkpoint.bytes())
    }

    /// Writes every commit of the tree, and every record of every segment that they say can hold something of what the query
    /// reads.
    async fn population(&mut self, engine: &Engine, request: &Request) -> Result<Population, Failure> {
        let options = &request.options;
        let (from, to) = if request.sql { (options.from, options.to) } else { engine.reads(&request.query).await? };
        let wanted = Wanted { from, to, sources: options.sources.clone(), streams: options.streams.clone() };
        let (mut called, writer) = (Called::new(wanted), &mut self.writer);
        let take = |version, bytes: bytes::Bytes| {
            called.take(version, &Commit::parse(&bytes)?);
            writer.tree_commit(version, &bytes)
        };
        self.vault.commits(self.checkpoint.size(), take).await?;
        called.leave_gone(&self.snapshot.replay);
        let segments: Vec<SegmentId> = called.finish().iter().map(|due| due.tag.id).collect();
        let (mut records, writer) = (0, &mut self.writer);
        let write = |line| {
            records += u64::from(matches!(line, PopulationLine::Record(_)));
            writer.population(&line)
        };
        self.vault.population(&self.snapshot, &segments, write).await?;
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Ok(Population {
            from: time(from),
            to: time(to),
            segments: segments.len() as u64,
            records,
            secrets: request.mask.as_ref().map_or(0, |_| VERSION),
            masks: request.mask.as_ref().map(Mask::patterns).unwrap_or_default(),
        })
    }

    fn finish(mut self, manifest: Manifest, inside: &Inside) -> Result<()> {
        let verifier = self.vault.verifier()?.to_string();
        for (name, lang) in [("README.en.html", Lang::En), ("README.ja.html", Lang::Ja)] {
            self.writer.add(name, page(&manifest, &verifier, inside, lang).as_bytes())?;
        }
        self.writer.finish(manifest, &self.vault.keys().signing()?)?;
        Ok(())
    }
}
