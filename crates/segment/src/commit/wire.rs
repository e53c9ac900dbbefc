//! The JSON lines of a commit, in Delta's words and in a fixed order of fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoseki_event::Day;
use shoseki_messages::{Fault, Result, msg};

use super::{Action, Add, Commit, Table, Transaction};
use crate::layout::newer;
use crate::schema::{PARTITIONS, delta_schema};
use crate::{FIRST_FORMAT, FORMAT_VERSION, FileTags};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Line {
    #[serde(rename = "commitInfo")]
    Info(Info),
    #[serde(rename = "protocol")]
    Protocol(Protocol),
    #[serde(rename = "metaData")]
    Table(MetaData),
    #[serde(rename = "txn")]
    Transaction(Txn),
    #[serde(rename = "add")]
    Add(AddLine),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Info {
    timestamp: i64,
    operation: String,
    operation_parameters: BTreeMap<String, String>,
    engine_info: String,
    shoseki: Ours,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ours {
    format: u32,
    action: String,
    batch: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Protocol {
    min_reader_version: u32,
    min_writer_version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MetaData {
    id: String,
    format: Format,
    schema_string: String,
    partition_columns: Vec<String>,
    configuration: BTreeMap<String, String>,
    created_time: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    provider: String,
    options: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Txn {
    app_id: String,
    version: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AddLine {
    path: String,
    partition_values: BTreeMap<String, String>,
    size: u64,
    modification_time: i64,
    data_change: bool,
    stats: String,
    tags: BTreeMap<String, String>,
}

/// Delta's reader and writer versions: nothing beyond the oldest is needed.
const PROTOCOL: (u32, u32) = (1, 2);

pub(super) fn write(commit: &Commit) -> Vec<u8> {
    let (action, operation) = match &commit.action {
        Action::Create(_) => ("create", "CREATE TABLE"),
        Action::Ingest { .. } => ("ingest", "WRITE"),
        Action::Configure(_) => ("configure", "SET TBLPROPERTIES"),
    };
    let mut parameters = BTreeMap::new();
    if action == "ingest" {
        parameters.insert("mode".to_owned(), "Append".to_owned());
    }
    let mut lines = vec![Line::Info(Info {
        timestamp: commit.timestamp_ms,
        operation: operation.to_owned(),
        operation_parameters: parameters,
        engine_info: commit.engine.clone(),
        shoseki: Ours { format: FIRST_FORMAT, action: action.to_owned(), batch: commit.batch.clone() },
    })];
    match &commit.action {
        Action::Create(table) => {
            lines.push(Line::Protocol(Protocol { min_reader_version: PROTOCOL.0, min_writer_version: PROTOCOL.1 }));
            lines.push(Line::Table(meta_data(table)));
        }
        Action::Configure(table) => lines.push(Line::Table(meta_data(table))),
        Action::Ingest { transactions, adds } => {
            lines.extend(
                transactions.iter().map(|t| Line::Transaction(Txn { app_id: t.stream.clone(), version: t.sequence })),
            );
            lines.extend(adds.iter().map(|add| Line::Add(add_line(add))));
        }
    }
    let mut bytes = Vec::new();
    for line in &lines {
        bytes.extend(serde_json::to_vec(line).unwrap_or_default()); // plain structs always serialise
        bytes.push(b'\n');
    }
    bytes
}

fn meta_data(table: &Table) -> MetaData {
    MetaData {
        id: table.id.clone(),
        format: Format { provider: "parquet".to_owned(), options: BTreeMap::new() },
        schema_string: delta_schema(),
        partition_columns: PARTITIONS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        configuration: table.configuration.clone(),
        created_time: table.created_ms,
    }
}

fn add_line(add: &Add) -> AddLine {
    AddLine {
        path: add.path(),
        partition_values: BTreeMap::from([
            ("class".to_owned(), add.class.clone()),
            ("day".to_owned(), add.day.to_string()),
        ]),
        size: add.size,
        modification_time: add.modified_ms,
        data_change: true,
        stats: add.tags.stats(),
        tags: add.tags.to_map(),
    }
}

fn refused(why: &str) -> Fault {
    Fault::damage(msg!("segment-commit-refused", why = why))
}

pub(super) fn read(bytes: &[u8]) -> Result<Commit> {
    let text = std::str::from_utf8(bytes).map_err(|error| refused("not UTF-8").because(error))?;
    let mut lines = text.lines().enumerate().map(|(number, line)| {
        serde_json::from_str::<Line>(line).map_err(|error| refused(&format!("line {}", number + 1)).because(error))
    });
    let Some(Line::Info(info)) = lines.next().transpose()? else {
        return Err(refused("the first line is not `commitInfo`"));
    };
    if info.shoseki.format > FORMAT_VERSION {
        return Err(newer("commitInfo", info.shoseki.format));
    }
    let (mut protocol, mut table, mut transactions, mut adds) = (None, None, Vec::new(), Vec::new());
    for line in lines {
        match line? {
            Line::Info(_) => return Err(refused("a second `commitInfo`")),
            Line::Protocol(line) => protocol = Some((line.min_reader_version, line.min_writer_version)),
            Line::Table(line) => table = Some(line),
            Line::Transaction(line) => {
                transactions.push(Transaction { stream: line.app_id, sequence: line.version });
            }
            Line::Add(line) => adds.push(read_add(line)?),
        }
    }
    let table =
        table.map(|line| Table { id: line.id, created_ms: line.created_time, configuration: line.configuration });
    let action = match (info.shoseki.action.as_str(), protocol, table) {
        ("create", Some(PROTOCOL), Some(table)) if adds.is_empty() && transactions.is_empty() => Action::Create(table),
        ("configure", None, Some(table)) if adds.is_empty() && transactions.is_empty() => Action::Configure(table),
        ("ingest", None, None) if !adds.is_empty() => Action::Ingest { transactions, adds },
        (action, ..) => return Err(refused(&format!("its lines are not those of `{action}`"))),
    };
    Ok(Commit { timestamp_ms: info.timestamp, engine: info.engine_info, batch: info.shoseki.batch, action })
}

fn read_add(line: AddLine) -> Result<Add> {
    let value = |name: &str| line.partition_values.get(name).ok_or_else(|| refused("`add` without a partition value"));
    let class = value("class")?.clone();
    let is_name = !class.is_empty() && class.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !is_name {
        return Err(refused("`add` with a class that is no name"));
    }
    Ok(Add {
        class,
        day: Day::parse(value("day")?)?,
        size: line.size,
        modified_ms: line.modification_time,
        tags: FileTags::from_map(&line.tags)?,
    })
}
