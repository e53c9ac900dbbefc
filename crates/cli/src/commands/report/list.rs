//! `report list`: the reports that were made, with the SHA-256 of each file, so that a file that somebody shows can be compared.

use std::sync::Arc;

use serde_json::json;
use shoseki_comply::checks::own_rows;
use shoseki_event::Timestamp;
use shoseki_messages::{Result, lookup, msg};
use shoseki_query::Engine;
use shoseki_report::assessment::{Made, REPORTS};

use super::super::query::newest;
use crate::context::Context;
use crate::{Exit, output};

pub(super) async fn run(context: &Context) -> Result<Exit> {
    let vault = Arc::new(context.open().await?);
    let tail = newest(context, &vault, false, true).await?;
    let engine = |options| Engine::over_tail(Arc::clone(&vault), &tail, options);
    let all = Made::all(&own_rows(engine, REPORTS, Timestamp::now()).await?);
    if context.json {
        output::json(&json!({"reports": all.iter().map(Made::to_json).collect::<Vec<_>>()}))?;
    } else if all.is_empty() {
        context.say(&msg!("cli-report-none"));
    } else {
        print(context, &all);
    }
    Ok(Exit::Done)
}

fn print(context: &Context, all: &[Made]) {
    let word = |name: &str| lookup(&format!("cli-report-c-{name}"), context.lang).unwrap_or_default();
    let mut table = output::table(&["at", "by", "framework", "period", "format", "file", "sha256"].map(word));
    for made in all {
        let said = &made.said;
        table.add_row([
            context.local(made.at),
            made.by.clone().unwrap_or_default(),
            said.framework.clone(),
            format!("{} – {}", context.local(said.from), context.local(said.to)),
            format!("{} {}", said.format, said.lang),
            said.file.clone().unwrap_or_default(),
            said.sha256.clone(),
        ]);
    }
    output::line(&table.to_string());
}
