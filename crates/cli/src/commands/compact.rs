//! `shoseki compact`: small files become large, whole segments in order.

use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Result, lookup, msg};
use shoseki_segment::MAX_FILE_RECORDS;
use shoseki_vault::Vault;
use shoseki_vault::compact::{Deleted, GRACE_DAYS, Goal, Partition, Summary, compact, preview};
use shoseki_vault::ingest::Meter;

use super::Entry;
use super::ingest::stop_on_ctrl_c;
use crate::context::Context;
use crate::{Exit, output, progress};

pub const ENTRY: Entry = Entry { name: "compact", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let rows = value_parser!(u64).range(1..=MAX_FILE_RECORDS);
    let files = value_parser!(u64).range(2..);
    command
        .arg(Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue))
        .arg(Arg::new("target-rows").long("target-rows").value_name("N").value_parser(rows))
        .arg(Arg::new("min-files").long("min-files").value_name("N").value_parser(files))
        .arg(Arg::new("delete-replaced").long("delete-replaced").action(ArgAction::SetTrue).conflicts_with("dry-run"))
        .arg(
            Arg::new("grace-days")
                .long("grace-days")
                .value_name("DAYS")
                .requires("delete-replaced")
                .value_parser(value_parser!(u32)),
        )
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = context.open().await?;
    let usual = Goal::default();
    let min_files = matches.get_one::<u64>("min-files").and_then(|files| usize::try_from(*files).ok());
    let goal = Goal {
        target_rows: matches.get_one::<u64>("target-rows").copied().unwrap_or(usual.target_rows),
        min_files: min_files.unwrap_or(usual.min_files),
    };
    if matches.get_flag("dry-run") {
        return foretell(context, &vault, &goal).await;
    }
    let meter = Arc::new(Meter::default());
    let said = msg!("cli-compact-stopping").text(context.lang);
    let stopper = tokio::spawn(stop_on_ctrl_c(Arc::clone(&meter), said));
    let shown = progress::show(&meter, context.lang);
    let summary = compact(&vault, &goal, &meter).await;
    drop(shown);
    stopper.abort();
    let summary = summary?;
    let deleted = if matches.get_flag("delete-replaced") && !summary.stopped {
        let grace_days = matches.get_one::<u32>("grace-days").copied().unwrap_or(GRACE_DAYS);
        Some((grace_days, vault.delete_replaced(grace_days, Timestamp::now()).await?))
    } else {
        None
    };
    report(context, &goal, &summary, deleted)?;
    Ok(match (summary.stopped, summary.faults.is_empty()) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Done,
        (false, false) => Exit::Failed,
    })
}

/// What would be merged.
async fn foretell(context: &Context, vault: &Vault, goal: &Goal) -> Result<Exit> {
    let partitions = preview(&vault.snapshot().await?.replay, goal);
    if context.json {
        output::json(&json!({"dry_run": true, "partitions": partitions}))?;
    } else if partitions.is_empty() {
        context.say(&msg!("cli-compact-nothing", files = goal.min_files));
    } else {
        print_table(context.lang, &partitions);
        context.say(&msg!("cli-compact-dry-run"));
    }
    Ok(Exit::Done)
}

fn report(context: &Context, goal: &Goal, summary: &Summary, deleted: Option<(u32, Deleted)>) -> Result<()> {
    if context.json {
        let mut report = json!(summary);
        report["dry_run"] = json!(false);
        report["deleted"] = json!(deleted.map(|(_, deleted)| deleted));
        output::json(&report)?;
    } else if summary.partitions.is_empty() {
        if summary.faults.is_empty() && !summary.stopped {
            context.say(&msg!("cli-compact-nothing", files = goal.min_files));
        }
    } else {
        print_table(context.lang, &summary.partitions);
        context.say(&msg!("cli-compact-sealed", size = summary.tree_size));
    }
    if let Some((days, Deleted { files, bytes, kept })) = deleted.filter(|_| !context.json) {
        let (files, bytes) = (output::count(files), output::bytes(bytes));
        context.say(&msg!(
            "cli-compact-deleted",
            files = files,
            bytes = bytes,
            kept = output::count(kept),
            days = days
        ));
    }
    for fault in &summary.faults {
        context.note(&msg!("cli-ingest-problem", what = fault.chain(context.lang)));
    }
    for warning in &summary.warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    if summary.lost_races > 0 {
        context.note(&msg!("cli-compact-lost-races", count = summary.lost_races));
    }
    if summary.stopped {
        context.note(&msg!("cli-compact-stopped"));
    }
    Ok(())
}

fn print_table(lang: Lang, partitions: &[Partition]) {
    let heads = [
        "cli-compact-day",
        "cli-compact-class",
        "cli-compact-source",
        "cli-compact-records",
        "cli-compact-files",
        "cli-compact-bytes",
    ];
    let mut table = output::table(&heads.map(|id| lookup(id, lang).unwrap_or_default()));
    let mut all = Partition { bytes_after: Some(0), ..Partition::default() };
    for partition in partitions {
        table.add_row(row(partition));
        all.records += partition.records;
        all.files_before += partition.files_before;
        all.files_after += partition.files_after;
        all.bytes_before += partition.bytes_before;
        all.bytes_after = all.bytes_after.zip(partition.bytes_after).map(|(all, bytes)| all + bytes);
    }
    if partitions.len() > 1 {
        all.day = msg!("cli-compact-all").text(lang);
        table.add_row(row(&all));
    }
    output::line(&table.to_string());
}

fn row(partition: &Partition) -> [String; 6] {
    let Partition { class, day, source, records, files_before, files_after, bytes_before, bytes_after } = partition;
    let before = output::bytes(*bytes_before);
    [
        day.clone(),
        class.clone(),
        source.clone(),
        output::count(*records),
        format!("{} → {}", output::count(*files_before), output::count(*files_after)),
        bytes_after.map_or(before.clone(), |after| format!("{before} → {}", output::bytes(after))),
    ]
}
