//! What would go, what forbids it, and what it does not reach.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_event::{Day, RecordId, Timestamp};
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_query::{Engine, Mapping, Options};
use shoseki_report::records_of;
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::commit::Add;
use shoseki_segment::erasure::Request;
use shoseki_vault::Vault;
use shoseki_vault::erase::{Part, Plan};

use super::super::query::{fault, known_sources, newest};
use super::super::retention::PRESETS;
use super::unreached::{self, Unreached};
use crate::context::Context;
use crate::output;

/// What a person sees of each record before he confirms.
const COLUMNS: [&str; 6] = ["@timestamp", "@source", "@log", "did", "who", "@ptr"];
/// How many files kept whole are named one by one.
const ORIGINALS_NAMED: usize = 20;
const QUESTION: &str =
    "fields @timestamp, @source, @log, api.operation as did, actor.user.name as who, @ptr\n| sort @timestamp asc";

/// A plan, and what stands beside it.
pub(super) struct Shown {
    pub(super) plan: Plan,
    unreached: Vec<Unreached>,
}

/// What of one class goes.
#[derive(Default)]
struct OfClass<'a> {
    files: u64,
    records: u64,
    months: Option<u32>,
    until: Option<Day>,
    held: BTreeSet<&'a str>,
}

/// A record as it is shown.
pub(super) struct Row(Vec<String>);

impl Row {
    pub(super) fn as_json(&self) -> Value {
        COLUMNS.iter().zip(&self.0).map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    }
}

impl Shown {
    /// Of what arguments select.
    pub(super) async fn of(context: &Context, vault: &Arc<Vault>, matches: &ArgMatches) -> Result<Self> {
        let names = |name: &str| matches.get_many::<String>(name).unwrap_or_default().cloned().collect::<Vec<_>>();
        let mut ids = BTreeSet::new();
        for name in names("record") {
            ids.insert(name.parse::<RecordId>()?);
        }
        if let Some(query) = matches.get_one::<String>("query") {
            let day = |name: &str| matches.get_one::<String>(name).map(|text| Day::parse(text)).transpose();
            known_sources(&names("source"))?;
            let tail = newest(context, vault, false, false).await?;
            if tail.records() > 0 {
                context.note(&msg!("cli-erase-unsealed", records = output::count(tail.records())));
            }
            let snapshot = tail.snapshot;
            let options = Options {
                from: day("from")?.map(Day::start),
                to: day("to")?.map(Day::start),
                sources: names("source"),
                streams: names("stream"),
                include_internal: names("source").iter().any(|source| source == OWN_SOURCE),
                with_pointers: true,
                mapping: Mapping::of_vault(snapshot.app_mapping())?,
                ..Options::default()
            };
            let engine = Engine::over(Arc::clone(vault), &snapshot, options);
            let found = records_of(&engine, query, matches.get_flag("sql")).await;
            let (found, hints) = found.map_err(|failure| fault(context, query, failure))?;
            // A slip in a name must not look as if there were nothing of a person.
            hints.iter().for_each(|hint| context.note(hint));
            ids.extend(found);
        }
        Self::of_records(context, vault, &ids.into_iter().collect::<Vec<_>>()).await
    }

    /// Of what a request names.
    pub(super) async fn of_request(context: &Context, vault: &Arc<Vault>, request: &Request) -> Result<Self> {
        let named = request.erased().map_err(|why| Fault::damage(msg!("retention-unreadable", why = why)))?;
        let ids = named.iter().flat_map(|(segment, ordinals)| {
            ordinals.iter().map(|ordinal| RecordId { segment: *segment, ordinal }).collect::<Vec<_>>()
        });
        Self::of_records(context, vault, &ids.collect::<Vec<_>>()).await
    }

    async fn of_records(context: &Context, vault: &Arc<Vault>, ids: &[RecordId]) -> Result<Self> {
        let snapshot = vault.snapshot().await?;
        let plan = vault.plan_erasure(&snapshot, ids).await?;
        let unreached = unreached::before(context, vault, &snapshot, &plan).await?;
        Ok(Self { plan, unreached })
    }

    /// The files that records go of.
    pub(super) fn files(&self) -> Vec<Add> {
        self.plan.parts.iter().map(|part| part.file.add.clone()).collect()
    }

    fn classes(&self) -> BTreeMap<&str, OfClass<'_>> {
        let mut classes: BTreeMap<&str, OfClass<'_>> = BTreeMap::new();
        for Part { file, records, held, kept_until, months, .. } in &self.plan.parts {
            let class = classes.entry(&file.add.class).or_default();
            class.files += 1;
            class.records += records.values().map(shoseki_segment::Ordinals::len).sum::<u64>();
            class.months = *months;
            class.until = class.until.max(*kept_until);
            class.held.extend(held.iter().map(String::as_str));
        }
        classes
    }

    /// The class that the policy keeps for ever, or whose period ends last, where that is to come.
    pub(super) fn kept(&self) -> Option<(String, Option<String>)> {
        if let Some(part) = self.plan.parts.iter().find(|part| part.is_for_ever) {
            return Some((part.file.add.class.clone(), None));
        }
        let today = Timestamp::now().day();
        let of = |(class, of): (&str, OfClass<'_>)| Some((of.until.filter(|until| *until > today)?, class.to_owned()));
        let (until, class) = self.classes().into_iter().filter_map(of).max()?;
        Some((class, Some(until.to_string())))
    }

    pub(super) fn as_json(&self) -> Value {
        let of = |(class, of): (&str, OfClass<'_>)| {
            json!({
                "class": class, "records": of.records, "files": of.files, "months": of.months,
                "kept_until": of.until.map(|day| day.to_string()), "held_by": of.held,
            })
        };
        let plan = &self.plan;
        json!({
            "records": plan.count(), "classes": self.classes().into_iter().map(of).collect::<Vec<_>>(),
            "originals": plan.originals.values().collect::<Vec<_>>(), "own_records": plan.own.len(),
            "erased_before": plan.before, "unreached": unreached::as_json(&self.unreached),
        })
    }

    pub(super) fn print(&self, context: &Context) {
        let lang = context.lang;
        let heads = [
            "cli-retention-class",
            "cli-erase-records",
            "cli-retention-files",
            "cli-retention-period",
            "cli-erase-until",
            "cli-erase-holds",
        ];
        let mut table = output::table(&heads.map(|id| lookup(id, lang).unwrap_or_default()));
        for (class, of) in self.classes() {
            let preset = PRESETS.iter().find(|(_, months)| Some(*months) == of.months).map(|(name, _)| *name);
            let period = match (of.months, preset) {
                (None, _) => msg!("cli-retention-for-ever").text(lang),
                (Some(months), None) => msg!("cli-retention-months", months = months).text(lang),
                (Some(months), Some(preset)) => {
                    format!("{} ({preset})", msg!("cli-retention-months", months = months).text(lang))
                }
            };
            let held: Vec<&str> = of.held.iter().copied().collect();
            table.add_row([
                class.to_owned(),
                output::count(of.records),
                output::count(of.files),
                period,
                of.until.map(|day| day.to_string()).unwrap_or_default(),
                held.join(", "),
            ]);
        }
        if self.plan.count() > 0 {
            output::line(&table.to_string());
        }
        let plan = &self.plan;
        for origin in plan.originals.values().take(ORIGINALS_NAMED) {
            context.say(&msg!("cli-erase-original", origin = origin.as_str()));
        }
        let counted = [
            ("cli-erase-before", plan.before),
            ("cli-erase-own", plan.own.len() as u64),
            ("cli-erase-originals", plan.originals.len() as u64),
        ];
        for (id, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
            context.say(&shoseki_messages::Message::new(id).with("count", output::count(count)));
        }
        if plan.count() == 0 {
            context.say(&msg!("cli-erase-nothing"));
            return;
        }
        for id in plan.held() {
            context.say(&msg!("cli-erase-held", hold = id));
        }
        match self.kept() {
            Some((class, Some(until))) => context.say(&msg!("cli-erase-is-kept", class = class, until = until)),
            Some((class, None)) => context.say(&msg!("cli-erase-is-kept-for-ever", class = class)),
            None => {}
        }
        unreached::print(context, &self.unreached);
    }

    /// The records that go, the first of them in the order of time.
    pub(super) async fn rows(&self, context: &Context, vault: &Arc<Vault>, limit: usize) -> Result<Vec<Row>> {
        let gone = self.plan.records();
        let files = self.files();
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let mapping = Mapping::of_vault(vault.snapshot().await?.app_mapping())?;
        let options = Options { with_pointers: true, mapping, ..Options::default() };
        let engine = Engine::over_files(Arc::clone(vault), files, options);
        let asked = |failure| fault(context, QUESTION, failure);
        let mut answer = engine.insights(QUESTION).await.map_err(asked)?;
        let mut rows = Vec::new();
        while let Some(batch) = answer.next().await? {
            let mut columns = Vec::with_capacity(COLUMNS.len());
            for name in COLUMNS {
                let column = batch.column_by_name(name).and_then(|column| cast(column, &DataType::Utf8).ok());
                columns.push(column.ok_or_else(|| Fault::broken(msg!("query-engine")))?);
            }
            for row in 0..batch.num_rows() {
                let text = |column: &Arc<dyn Array>| {
                    let texts = column.as_string_opt::<i32>().filter(|texts| texts.is_valid(row));
                    texts.map(|texts| texts.value(row).to_owned()).unwrap_or_default()
                };
                let cells: Vec<String> = columns.iter().map(text).collect();
                let id: Option<RecordId> = cells.last().and_then(|id| id.parse().ok());
                let is_gone = |id: RecordId| gone.get(&id.segment).is_some_and(|gone| gone.contains(id.ordinal));
                if id.is_some_and(is_gone) {
                    rows.push(Row(cells));
                }
                if rows.len() >= limit {
                    return Ok(rows);
                }
            }
        }
        Ok(rows)
    }
}

pub(super) fn print_rows(context: &Context, rows: &[Row], count: u64) {
    if rows.is_empty() {
        return;
    }
    let heads = [
        "cli-erase-time",
        "cli-status-source",
        "cli-status-stream",
        "cli-erase-did",
        "cli-erase-who",
        "cli-erase-record",
    ];
    let mut table = output::table(&heads.map(|id| lookup(id, context.lang).unwrap_or_default()));
    for Row(cells) in rows {
        table.add_row(cells);
    }
    output::line(&table.to_string());
    if (rows.len() as u64) < count {
        context.say(&msg!("cli-erase-more", shown = rows.len(), count = output::count(count)));
    }
}
