//! The JSON lines of a commit, in Delta's words and in a fixed order of fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoseki_event::{Day, SegmentId};
use shoseki_messages::{Fault, Result, msg};

use super::{Action, Add, Commit, Erasure, Expiry, REMOVED_ANCHORS_KEY, Remove, Table, Transaction};
use crate::erasure::ERASURE_KEY;
use crate::layout::newer;
use crate::retention::{MAX_TEXT, is_class};
use crate::schema::{PARTITIONS, delta_schema};
use crate::{
    ANCHORED_FORMAT, COMPACTED_FORMAT, ERASED_FORMAT, EXPIRING_FORMAT, FIRST_FORMAT, FORMAT_VERSION, FileTags,
    SegmentTag,
};

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
    #[serde(rename = "remove")]
    Remove(RemoveLine),
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RemoveLine {
    path: String,
    deletion_timestamp: i64,
    data_change: bool,
    extended_file_metadata: bool,
    partition_values: BTreeMap<String, String>,
    size: u64,
}

/// Delta's reader and writer versions: nothing beyond the oldest is needed.
const PROTOCOL: (u32, u32) = (1, 2);

pub(super) fn write(commit: &Commit) -> Vec<u8> {
    let (action, operation) = match &commit.action {
        Action::Create(_) => ("create", "CREATE TABLE"),
        Action::Ingest { .. } => ("ingest", "WRITE"),
        Action::Compact { .. } => ("compact", "OPTIMIZE"),
        Action::Expire { .. } => ("expire", "DELETE"),
        Action::Erase { .. } => ("erase", "DELETE"),
        Action::Configure(_) => ("configure", "SET TBLPROPERTIES"),
    };
    let parameters = match &commit.action {
        Action::Ingest { .. } => BTreeMap::from([("mode".to_owned(), "Append".to_owned())]),
        Action::Expire { expiry, .. } => expiry_parameters(expiry),
        Action::Erase { erasure, .. } => erasure_parameters(erasure),
        Action::Create(_) | Action::Compact { .. } | Action::Configure(_) => BTreeMap::new(),
    };
    let mut lines = vec![Line::Info(Info {
        timestamp: commit.timestamp_ms,
        operation: operation.to_owned(),
        operation_parameters: parameters,
        engine_info: commit.engine.clone(),
        shoseki: Ours {
            format: format(commit),
            action: action.to_owned(),
            batch: commit.batch.clone(),
            statement: commit.statement.clone(),
        },
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
            lines.extend(adds.iter().map(|add| Line::Add(add_line(add, true))));
        }
        Action::Compact { removes, add } => {
            lines.extend(removes.iter().map(|remove| Line::Remove(remove_line(remove, commit.timestamp_ms, false))));
            lines.push(Line::Add(add_line(add, false)));
        }
        Action::Expire { removes, .. } => {
            lines.extend(removes.iter().map(|remove| Line::Remove(remove_line(remove, commit.timestamp_ms, true))));
        }
        Action::Erase { removes, adds, .. } => {
            lines.extend(removes.iter().map(|remove| Line::Remove(remove_line(remove, commit.timestamp_ms, true))));
            lines.extend(adds.iter().map(|add| Line::Add(add_line(add, true))));
        }
    }
    let mut bytes = Vec::new();
    for line in &lines {
        bytes.extend(serde_json::to_vec(line).unwrap_or_default()); // plain structs always serialise
        bytes.push(b'\n');
    }
    bytes
}

/// The version that a commit needs to be understood.
fn format(commit: &Commit) -> u32 {
    match &commit.action {
        Action::Configure(table) if table.configuration.contains_key(REMOVED_ANCHORS_KEY) => ANCHORED_FORMAT,
        Action::Erase { .. } => ERASED_FORMAT,
        Action::Configure(table) if table.configuration.keys().any(|key| key.starts_with(ERASURE_KEY)) => ERASED_FORMAT,
        _ if commit.statement.is_some() => EXPIRING_FORMAT,
        Action::Compact { .. } => COMPACTED_FORMAT,
        Action::Expire { .. } => EXPIRING_FORMAT,
        Action::Create(_) | Action::Ingest { .. } | Action::Configure(_) => FIRST_FORMAT,
    }
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

fn partition(class: &str, day: Day) -> BTreeMap<String, String> {
    BTreeMap::from([("class".to_owned(), class.to_owned()), ("day".to_owned(), day.to_string())])
}

fn remove_line(remove: &Remove, removed_ms: i64, data_change: bool) -> RemoveLine {
    RemoveLine {
        path: remove.path(),
        deletion_timestamp: removed_ms,
        data_change,
        extended_file_metadata: true,
        partition_values: partition(&remove.class, remove.day),
        size: remove.size,
    }
}

fn add_line(add: &Add, data_change: bool) -> AddLine {
    AddLine {
        path: add.path(),
        partition_values: partition(&add.class, add.day),
        size: add.size,
        modification_time: add.modified_ms,
        data_change,
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
    let (mut protocol, mut table, mut transactions) = (None, None, Vec::new());
    let (mut removes, mut adds) = (Vec::new(), Vec::new());
    for line in lines {
        match line? {
            Line::Info(_) => return Err(refused("a second `commitInfo`")),
            Line::Protocol(line) => protocol = Some((line.min_reader_version, line.min_writer_version)),
            Line::Table(line) => table = Some(line),
            Line::Transaction(line) => {
                transactions.push(Transaction { stream: line.app_id, sequence: line.version });
            }
            Line::Remove(line) => removes.push(read_remove(&line)?),
            Line::Add(line) => adds.push(read_add(line)?),
        }
    }
    let table =
        table.map(|line| Table { id: line.id, created_ms: line.created_time, configuration: line.configuration });
    let files = (removes.as_slice(), adds.as_slice());
    let action = match (info.shoseki.action.as_str(), protocol, table, files) {
        ("create", Some(PROTOCOL), Some(table), ([], [])) if transactions.is_empty() => Action::Create(table),
        ("configure", None, Some(table), ([], [])) if transactions.is_empty() => Action::Configure(table),
        ("ingest", None, None, ([], [_, ..])) => {
            adds.iter().try_for_each(ingested)?;
            Action::Ingest { transactions, adds }
        }
        ("compact", None, None, ([_, _, ..], [add])) if transactions.is_empty() => {
            compacted(add)?;
            Action::Compact { removes, add: add.clone() }
        }
        ("expire", None, None, ([_, ..], [])) if transactions.is_empty() => {
            Action::Expire { expiry: read_expiry(&info.operation_parameters)?, removes }
        }
        ("erase", None, None, ([_, ..], [_, ..])) if transactions.is_empty() => {
            adds.iter().try_for_each(erased)?;
            Action::Erase { erasure: read_erasure(&info.operation_parameters)?, removes, adds }
        }
        (action, ..) => return Err(refused(&format!("its lines are not those of `{action}`"))),
    };
    let Ours { batch, statement, .. } = info.shoseki;
    Ok(Commit { timestamp_ms: info.timestamp, engine: info.engine_info, batch, action, statement })
}

/// An ingest's file is named by its first segment, and its segments are new.
fn ingested(add: &Add) -> Result<()> {
    let first = add.tags.segments.first().map(|segment| segment.id);
    let is_old = |segment: &SegmentTag| segment.commit.is_some() || !segment.erased.is_empty();
    if first != Some(add.name) || add.tags.segments.iter().any(is_old) {
        return Err(refused("an `add` of `ingest` that is not one"));
    }
    Ok(())
}

/// A compaction's file says where each of its segments was first committed, and which version reads it.
fn compacted(add: &Add) -> Result<()> {
    let all_were_there = add.tags.segments.iter().all(|segment| segment.commit.is_some());
    if !all_were_there || add.tags.format < COMPACTED_FORMAT {
        return Err(refused("an `add` of `compact` that is not one"));
    }
    Ok(())
}

/// An erasure's file says where each of its segments was first committed, and which version reads it.
fn erased(add: &Add) -> Result<()> {
    let all_were_there = add.tags.segments.iter().all(|segment| segment.commit.is_some());
    if !all_were_there || add.tags.format < ERASED_FORMAT {
        return Err(refused("an `add` of `erase` that is not one"));
    }
    Ok(())
}

fn erasure_parameters(erasure: &Erasure) -> BTreeMap<String, String> {
    let Erasure { request, asked_by, by, ground, why, segments, records } = erasure;
    let texts = [
        ("askedBy", asked_by.clone()),
        ("by", by.clone()),
        ("ground", ground.clone()),
        ("reason", why.clone()),
        ("records", records.to_string()),
        ("request", request.clone()),
        ("segments", segments.to_string()),
    ];
    texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn read_erasure(parameters: &BTreeMap<String, String>) -> Result<Erasure> {
    let missing = || refused("an `erase` without its order");
    let is_one = |text: &&String| !text.trim().is_empty() && text.len() <= MAX_TEXT;
    let text = |name: &str| parameters.get(name).filter(is_one).cloned().ok_or_else(missing);
    let number = |name: &str| text(name)?.parse::<u64>().map_err(|error| missing().because(error));
    Ok(Erasure {
        request: text("request")?,
        asked_by: text("askedBy")?,
        by: text("by")?,
        ground: text("ground")?,
        why: text("reason")?,
        segments: number("segments")?,
        records: number("records")?,
    })
}

/// The policy, the range and the counts stand where a version that knows no expiry reads them, and then refuses the format by name.
fn expiry_parameters(expiry: &Expiry) -> BTreeMap<String, String> {
    let Expiry { class, months, from, before, segments, records, reason } = expiry;
    let texts = [
        ("before", before.to_string()),
        ("class", class.clone()),
        ("from", from.to_string()),
        ("months", months.to_string()),
        ("reason", reason.clone()),
        ("records", records.to_string()),
        ("segments", segments.to_string()),
    ];
    texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn read_expiry(parameters: &BTreeMap<String, String>) -> Result<Expiry> {
    let missing = || refused("an `expire` without its policy");
    let text = |name: &str| parameters.get(name).ok_or_else(missing);
    let number = |name: &str| text(name)?.parse::<u64>().map_err(|error| missing().because(error));
    let class = text("class")?.clone();
    let reason = text("reason")?.clone();
    if !is_class(&class) || reason.len() > MAX_TEXT {
        return Err(missing());
    }
    Ok(Expiry {
        class,
        months: u32::try_from(number("months")?).map_err(|error| missing().because(error))?,
        from: Day::parse(text("from")?).map_err(|fault| missing().because(fault))?,
        before: Day::parse(text("before")?).map_err(|fault| missing().because(fault))?,
        segments: number("segments")?,
        records: number("records")?,
        reason,
    })
}

/// The class, the day and the name of a file, from its partition values and its path.
fn read_place(partition: &BTreeMap<String, String>, path: &str) -> Result<(String, Day, SegmentId)> {
    let value = |name: &str| partition.get(name).ok_or_else(|| refused("a file without a partition value"));
    let class = value("class")?.clone();
    let is_name = !class.is_empty() && class.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !is_name {
        return Err(refused("a file with a class that is no name"));
    }
    let name = path.rsplit('/').next().and_then(|file| file.strip_suffix(".parquet"));
    let is_none = || refused("a file with a path that is none");
    let name = name.ok_or_else(is_none)?.parse().map_err(|fault| is_none().because(fault))?;
    Ok((class, Day::parse(value("day")?)?, name))
}

fn read_remove(line: &RemoveLine) -> Result<Remove> {
    let (class, day, name) = read_place(&line.partition_values, &line.path)?;
    Ok(Remove { name, class, day, size: line.size })
}

fn read_add(line: AddLine) -> Result<Add> {
    let (class, day, name) = read_place(&line.partition_values, &line.path)?;
    Ok(Add {
        name,
        class,
        day,
        size: line.size,
        modified_ms: line.modification_time,
        tags: FileTags::from_map(&line.tags)?,
    })
}
