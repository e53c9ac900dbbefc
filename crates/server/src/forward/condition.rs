//! Which records go out: a condition of the query language, asked of one file at a time.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use bytes::Bytes;
use shoseki_event::RecordId;
use shoseki_insights::{Command, parse, render};
use shoseki_messages::{Fault, Lang, Result, msg};
use shoseki_query::{Answer, Engine, Failure, Mapping, Options, Store};
use shoseki_segment::commit::{Add, File};
use shoseki_segment::keys::Secret;
use shoseki_vault::Vault;

/// The most memory of a question.
const MEMORY: usize = 96 << 20;

/// Whether a text is a condition as after `filter`; else why not, in English.
pub(crate) fn condition(filter: &str) -> std::result::Result<(), String> {
    let query = format!("filter {filter}");
    let parsed = parse(&query);
    if !parsed.errors.is_empty() {
        return Err(render(&query, &parsed.errors, Lang::En));
    }
    match parsed.query.steps.as_slice() {
        [step] if matches!(step.command, Command::Filter(_)) => Ok(()),
        _ => Err(msg!("server-config-forward-one-filter").text(Lang::En)),
    }
}

/// Nothing to ask about: a condition is only to be understood.
#[derive(Debug)]
struct Nothing;

#[async_trait::async_trait]
impl Store for Nothing {
    fn files(&self) -> &[Add] {
        &[]
    }

    async fn read(&self, _: &Add, _: &[Range<u64>]) -> Result<Vec<Bytes>> {
        Ok(Vec::new())
    }

    async fn key(&self, _: &Add) -> Result<Option<Secret>> {
        Ok(None)
    }
}

/// Whether a condition can be asked: its functions are known, and get what they want.
///
/// # Errors
/// The caller's mistake.
pub(super) async fn understood(filter: &str) -> Result<()> {
    asked(&Engine::new(Arc::new(Nothing), Options::default()), filter).await.map(|_| ())
}

async fn asked(engine: &Engine, filter: &str) -> Result<Answer> {
    let query = format!("fields @ptr | filter {filter} | display @ptr");
    engine.insights(&query).await.map_err(|failure| match failure {
        Failure::Fault(fault) => fault,
        Failure::Mistakes(errors) => {
            Fault::caller(msg!("server-forward-filter", why = render(&query, &errors, Lang::En)))
        }
    })
}

/// The records of a file that satisfy a condition.
///
/// # Errors
/// Where the file cannot be read.
pub(super) async fn matching(
    vault: &Arc<Vault>,
    file: &File,
    filter: &str,
    mapping: Option<Arc<Mapping>>,
) -> Result<HashSet<RecordId>> {
    let options = Options { include_internal: true, memory: MEMORY, cores: 1, mapping, ..Options::default() };
    let engine = Engine::over_files(Arc::clone(vault), vec![file.add.clone()], options);
    let mut answer = asked(&engine, filter).await?;
    let broken = || Fault::broken(msg!("server-forward-filter", why = "@ptr"));
    let mut ids = HashSet::new();
    while let Some(batch) = answer.next().await? {
        let column = batch.columns().first().ok_or_else(broken)?;
        let column = cast(column, &DataType::Utf8).map_err(|error| broken().because(error))?;
        for id in column.as_string_opt::<i32>().ok_or_else(broken)?.iter().flatten() {
            ids.insert(id.parse()?);
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_one_filter() {
        assert_eq!(condition("eventName like /Delete/ and sourceIPAddress != '10.0.0.1'"), Ok(()));
        for wrong in ["", "eventName =", "a = 1 | limit 3", "a = 1 | filter b = 2"] {
            assert!(condition(wrong).is_err(), "{wrong}");
        }
    }
}
