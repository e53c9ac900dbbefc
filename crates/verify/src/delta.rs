//! Delta's own checkpoints: nothing seals them, but other engines trust them. One without a file hides that file's records
//! from every query, so each is compared with the replay of the commits; they may be deleted without loss.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::layout;

use crate::Place;
use crate::log::Logs;
use crate::vault::Listing;
use crate::verdict::{Problem, Report};

const LAST_CHECKPOINT: &str = "events/_delta_log/_last_checkpoint";
/// The largest checkpoint that is read: a hundred thousand files make one of 29 MB.
const MAX_CHECKPOINT_BYTES: u64 = 512 << 20;

/// The version of `<20 digits>.checkpoint.parquet`, or of a part `<20 digits>.checkpoint.<10 digits>.<10 digits>.parquet`.
fn checkpoint_version(name: &str) -> Option<u64> {
    let file = name.strip_prefix(layout::DELTA_LOG)?.strip_prefix('/')?;
    let (version, rest) = file.split_once(".checkpoint")?;
    let is_number = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    let part = rest.strip_suffix(".parquet")?;
    let is_part = |part: &str| {
        part.strip_prefix('.')
            .and_then(|part| part.split_once('.'))
            .is_some_and(|(number, of)| is_number(number, 10) && is_number(of, 10))
    };
    let is_name = is_number(version, 20) && (part.is_empty() || is_part(part));
    is_name.then(|| version.parse().ok())?
}

/// Judges everything in the Delta log's folder that is no commit.
pub(crate) async fn judge(place: &Place, listing: &Listing, logs: &Logs, report: &mut Report) -> Result<()> {
    let mut versions = std::collections::BTreeMap::<u64, Vec<String>>::new();
    for (name, size) in listing.under(layout::DELTA_LOG) {
        match checkpoint_version(name) {
            Some(version) if size <= MAX_CHECKPOINT_BYTES => versions.entry(version).or_default().push(name.to_owned()),
            _ if layout::commit_version(name).is_some() || name == LAST_CHECKPOINT => {}
            _ => report.problem(Problem::tampered(name, msg!("verify-object-unknown"))),
        }
    }
    for (version, names) in &versions {
        let mut found = BTreeSet::new();
        let mut is_read = true;
        for name in names {
            let bytes = place.get(name).await?.unwrap_or_default();
            match files_of(bytes) {
                Ok(files) => found.extend(files),
                Err(fault) => {
                    is_read = false;
                    report.problem(Problem::of(name.as_str(), fault));
                }
            }
        }
        let replaced_later =
            logs.replaced.iter().filter(|replaced| replaced.by > *version).map(|replaced| &replaced.file);
        let expired_later = logs.expired.iter().filter(|expired| expired.by > *version).map(|expired| &expired.file);
        let erased_later = logs.erased.iter().filter(|erased| erased.by > *version).map(|erased| &erased.file);
        let later = replaced_later.chain(expired_later).chain(erased_later);
        let files = logs.files.iter().chain(later).filter(|file| file.version <= *version);
        let expected: BTreeSet<(String, u64)> = files.map(|file| (file.add.path(), file.add.size)).collect();
        if is_read && found != expected {
            let hidden = expected.difference(&found).count();
            let message = msg!("verify-delta-checkpoint-differs", version = *version, hidden = hidden);
            report.problem(Problem::tampered(names.join(", "), message).since(logs.since(*version)));
        }
    }
    if listing.size(LAST_CHECKPOINT).is_some_and(|size| size <= 65_536) {
        let bytes = place.get(LAST_CHECKPOINT).await?.unwrap_or_default();
        let hint: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
        let version = hint.as_ref().and_then(|hint| hint.get("version")?.as_u64());
        if version.is_none_or(|version| !versions.contains_key(&version)) {
            report.problem(Problem::tampered(LAST_CHECKPOINT, msg!("verify-last-checkpoint-wrong")));
        }
    } else if listing.size(LAST_CHECKPOINT).is_some() {
        report.problem(Problem::tampered(LAST_CHECKPOINT, msg!("verify-last-checkpoint-wrong")));
    }
    Ok(())
}

/// The paths and sizes of a checkpoint's `add` actions.
fn files_of(bytes: Bytes) -> Result<Vec<(String, u64)>> {
    fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
        Fault::damage(msg!("verify-delta-checkpoint-unreadable")).because(error)
    }
    let lacks = || Fault::damage(msg!("verify-delta-checkpoint-unreadable"));
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(unreadable)?;
    let mask = parquet::arrow::ProjectionMask::columns(builder.parquet_schema(), ["add.path", "add.size"]);
    let mut files = Vec::new();
    for batch in builder.with_projection(mask).build().map_err(unreadable)? {
        let batch = batch.map_err(unreadable)?;
        let add = batch.column_by_name("add").and_then(|add| add.as_struct_opt()).ok_or_else(lacks)?;
        let path = add.column_by_name("path").ok_or_else(lacks)?;
        let path = arrow::compute::cast(path, &arrow::datatypes::DataType::Utf8).map_err(unreadable)?;
        let size = add.column_by_name("size").ok_or_else(lacks)?;
        let size = arrow::compute::cast(size, &arrow::datatypes::DataType::Int64).map_err(unreadable)?;
        let path = path.as_string_opt::<i32>().ok_or_else(lacks)?;
        let size = size.as_primitive_opt::<arrow::datatypes::Int64Type>().ok_or_else(lacks)?;
        for row in (0..batch.num_rows()).filter(|row| add.is_valid(*row) && path.is_valid(*row)) {
            files.push((path.value(row).to_owned(), u64::try_from(size.value(row)).unwrap_or_default()));
        }
    }
    Ok(files)
}
