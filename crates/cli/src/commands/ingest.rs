//! `shoseki ingest SOURCE PATH…`: takes evidence in.

use std::sync::Arc;
use std::time::Instant;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, Result, lookup, msg};
use shoseki_sources::{SOURCES, by_id};
use shoseki_vault::ingest::{Conflict, Meter, Order, Request, Summary, ingest};

use super::Entry;
use crate::context::Context;
use crate::{Exit, access, output, progress};

pub const ENTRY: Entry = Entry { name: "ingest", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let sources: Vec<&'static str> = ["auto"].into_iter().chain(SOURCES.iter().map(|source| source.id())).collect();
    command
        .arg(Arg::new("source").value_name("SOURCE").required(true).value_parser(sources))
        .arg(Arg::new("path").value_name("PATH").required(true).num_args(1..))
        .arg(Arg::new("stream").long("stream").value_name("NAME"))
        .arg(Arg::new("order").long("order").value_name("ORDER").value_parser(["oldest", "newest"]))
        .arg(Arg::new("refetch").long("refetch").action(ArgAction::SetTrue))
        .arg(Arg::new("again").long("again").action(ArgAction::SetTrue))
        .arg(Arg::new("strict").long("strict").action(ArgAction::SetTrue))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = context.open().await?;
    let is_newest_first = matches.get_one::<String>("order").is_some_and(|order| order == "newest");
    let request = Request {
        paths: matches.get_many::<String>("path").into_iter().flatten().cloned().collect(),
        source: matches.get_one::<String>("source").and_then(|id| by_id(id)),
        stream: matches.get_one::<String>("stream").cloned(),
        refetch: matches.get_flag("refetch"),
        again: matches.get_flag("again"),
        order: if is_newest_first { Order::Newest } else { Order::Oldest },
        ..Request::default()
    };
    let meter = Arc::new(Meter::default());
    let stopper = tokio::spawn(stop_on_ctrl_c(Arc::clone(&meter), msg!("cli-ingest-stopping").text(context.lang)));
    access::take_in(context, &vault).await;
    let begun = Instant::now();
    let shown = progress::show(&meter, context.lang);
    let summary = ingest(&vault, &request, &meter).await;
    drop(shown);
    stopper.abort();
    let summary = summary?;
    report(context, &summary, begun.elapsed().as_secs_f64())?;
    Ok(exit(&summary, matches.get_flag("strict")))
}

/// What came of it, as the exit code says it: what could not be received whole weighs more than what was received and cannot be read.
fn exit(summary: &Summary, is_strict: bool) -> Exit {
    let is_unread = summary.unparsed + summary.empty > 0;
    if summary.stopped {
        Exit::Stopped
    } else if !summary.problems.is_empty() || (is_strict && (is_unread || summary.conflicts > 0)) {
        Exit::Failed
    } else if is_unread {
        Exit::Unverifiable
    } else {
        Exit::Done
    }
}

/// Asks for a stop where Ctrl-C is pressed, and says so.
pub async fn stop_on_ctrl_c(meter: Arc<Meter>, said: String) {
    if tokio::signal::ctrl_c().await.is_ok() {
        meter.stop();
        output::aside(&format!("\n{said}\n"));
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130); // a second time: at once; what was not committed is received again next time
    }
}

/// Prints what came of it.
pub fn report(context: &Context, summary: &Summary, seconds: f64) -> Result<()> {
    if context.json {
        let mut report = json!(summary);
        report["seconds"] = json!(seconds);
        output::json(&report)?;
    } else {
        print_table(context.lang, summary, seconds);
    }
    for problem in &summary.problems {
        let why = problem.fault.chain(context.lang);
        let names_it = why.contains(&format!("`{}`", problem.file));
        let what = if names_it { why } else { format!("`{}`: {why}", problem.file) };
        context.note(&msg!("cli-ingest-problem", what = what));
    }
    for conflict in &summary.conflicting {
        let Conflict { file, source, key, time, .. } = conflict;
        let time = Timestamp::parse(time).map_or_else(|_| time.clone(), |time| context.local(time));
        let (file, source, key) = (file.as_str(), source.as_str(), key.as_str());
        context.note(&msg!("cli-ingest-conflict", file = file, source = source, key = key, time = time));
    }
    if summary.conflicts > summary.conflicting.len() as u64 {
        let more = summary.conflicts - summary.conflicting.len() as u64;
        context.note(&msg!("cli-ingest-conflicts-more", count = more));
    }
    // Where nothing of a file could be read, its warning says more.
    let is_said = summary.warnings.iter().any(|warning| warning.id() == "vault-files-unread");
    if summary.unparsed > 0 && !is_said {
        let unread = msg!("cli-ingest-unread", count = summary.unparsed);
        context.note(&msg!("cli-warning", what = unread.text(context.lang)));
    }
    for warning in &summary.warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    if summary.stopped {
        context.note(&msg!("cli-ingest-stopped"));
    }
    Ok(())
}

fn print_table(lang: Lang, summary: &Summary, seconds: f64) {
    let mut table = output::table(&[]);
    let mut row = |id: &str, value: String| {
        table.add_row([lookup(id, lang).unwrap_or_default(), value]);
    };
    let known: Message = msg!(
        "cli-ingest-files-known",
        files = output::count(summary.files),
        known = output::count(summary.files_known)
    );
    row("cli-ingest-files", known.text(lang));
    row("cli-ingest-records", output::count(summary.records));
    let sources: Vec<String> =
        summary.sources.iter().map(|(id, count)| format!("{id} {}", output::count(*count))).collect();
    if !sources.is_empty() {
        row("cli-ingest-sources", sources.join(", "));
    }
    row("cli-ingest-new", output::count(summary.new));
    row("cli-ingest-duplicates", output::count(summary.duplicates));
    row("cli-ingest-conflicts", output::count(summary.conflicts));
    row("cli-ingest-unparsed", output::count(summary.unparsed));
    let bytes = msg!(
        "cli-ingest-bytes-all",
        received = output::bytes(summary.bytes_received),
        content = output::bytes(summary.bytes_content),
        stored = output::bytes(summary.bytes_stored)
    );
    row("cli-ingest-bytes", bytes.text(lang));
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate for people"
    )]
    let rate = (summary.records as f64 / seconds.max(0.001)) as u64;
    row("cli-ingest-rate", msg!("cli-ingest-rate-value", rate = output::count(rate)).text(lang));
    row("cli-ingest-tree", output::count(summary.tree_size));
    output::line(&table.to_string());
}
