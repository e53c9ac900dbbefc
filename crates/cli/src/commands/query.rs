//! `shoseki query 'QUERY'`: questions in the language of CloudWatch Logs Insights, or in SQL.

use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use clap::{Arg, ArgAction, ArgMatches, Command};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::output::{Format, RowWriter, row_texts, writer};
use shoseki_query::{Answer, Engine, Failure, Options};

use super::Entry;
use crate::context::Context;
use crate::{Exit, output, time};

pub const ENTRY: Entry = Entry { name: "query", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// The arguments that say which events a question is about; packages take them too.
pub fn range_arguments(command: Command) -> Command {
    command
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("source").long("source").value_name("SOURCE").action(ArgAction::Append))
        .arg(Arg::new("stream").long("stream").value_name("NAME").action(ArgAction::Append))
        .arg(Arg::new("sql").long("sql").action(ArgAction::SetTrue))
}

fn arguments(command: Command) -> Command {
    let formats = ["table", "csv", "json", "jsonl", "parquet"];
    range_arguments(command)
        .arg(Arg::new("query").value_name("QUERY"))
        .arg(Arg::new("file").long("file").short('f').value_name("FILE").conflicts_with("query"))
        .arg(Arg::new("output").long("output").short('o').value_name("FORMAT").value_parser(formats))
        .arg(Arg::new("bom").long("bom").action(ArgAction::SetTrue))
        .arg(Arg::new("lookups").long("lookups").value_name("DIR").env("SHOSEKI_LOOKUPS").hide_env_values(true))
}

/// What a question is about, from its arguments.
pub fn options(context: &Context, matches: &ArgMatches) -> Result<Options> {
    let now = Utc::now();
    let bound = |name: &str, is_end: bool| match matches.get_one::<String>(name) {
        Some(text) => time::parse(text, context.zone, now, is_end).map(Some),
        None => Ok(None),
    };
    let all = |name: &str| -> Vec<String> { matches.get_many::<String>(name).into_iter().flatten().cloned().collect() };
    let (from, to) = (bound("from", false)?, bound("to", true)?);
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(Fault::caller(msg!("cli-range-empty", from = from.to_string(), to = to.to_string())));
    }
    let sources = all("source");
    Ok(Options {
        from,
        to,
        include_internal: sources.iter().any(|source| source == "shoseki"),
        sources,
        streams: all("stream"),
        zone: context.zone,
        now: Timestamp(now.timestamp_micros()),
        ..Options::default()
    })
}

/// The text of the question: the argument, a file, or standard input.
pub fn text(matches: &ArgMatches) -> Result<String> {
    let unreadable =
        |path: &str, error: std::io::Error| Fault::caller(msg!("cli-query-unreadable", path = path)).because(error);
    if let Some(path) = matches.get_one::<String>("file") {
        return std::fs::read_to_string(path).map_err(|error| unreadable(path, error));
    }
    match matches.get_one::<String>("query").map(String::as_str) {
        Some("-") => {}
        Some(text) => return Ok(text.to_owned()),
        None if std::io::stdin().is_terminal() => return Err(Fault::caller(msg!("cli-query-missing"))),
        None => {}
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| unreadable("-", error))?;
    Ok(text)
}

/// Asks.
async fn ask(context: &Context, engine: &Engine, sql: bool, text: &str) -> Result<Answer> {
    let answer = if sql { engine.sql(text).await } else { engine.insights(text).await };
    answer.map_err(|failure| fault(context, text, failure))
}

/// Why there is no answer; mistakes in the question are shown under their places.
pub fn fault(context: &Context, text: &str, failure: Failure) -> Fault {
    match failure {
        Failure::Fault(fault) => fault,
        Failure::Mistakes(errors) => {
            eprint!("{}", shoseki_insights::render(text, &errors, context.lang));
            Fault::caller(msg!("cli-query-mistakes", count = errors.len()))
        }
    }
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let (mut options, text) = (options(context, matches)?, text(matches)?);
    options.lookups = matches.get_one::<String>("lookups").map(PathBuf::from);
    let vault = Arc::new(context.open().await?);
    let snapshot = vault.snapshot().await?;
    let sealed = vault.checkpoint().await;
    let engine = Engine::over(vault, &snapshot, options);
    let mut answer = ask(context, &engine, matches.get_flag("sql"), &text).await?;
    let asked = matches.get_one::<String>("output").map(String::as_str);
    let default = if context.json {
        "json"
    } else if output::is_terminal() {
        "table"
    } else {
        "csv"
    };
    let rows = match asked.unwrap_or(default) {
        "table" => table(context, &mut answer).await?,
        name => {
            let zone = context.zone;
            let format = match name {
                "json" => Format::Json,
                "jsonl" => Format::JsonLines,
                "parquet" => Format::Parquet,
                _ => Format::Csv { bom: matches.get_flag("bom"), zone },
            };
            if format == Format::Parquet && output::is_terminal() {
                return Err(Fault::caller(msg!("cli-query-parquet-terminal")));
            }
            let out = std::io::BufWriter::new(Out(std::io::stdout()));
            let writer = writer(format, &answer.schema(), out)?;
            stream(&mut answer, writer).await?
        }
    };
    for hint in answer.hints() {
        context.note(&msg!("cli-query-hint", what = hint.text(context.lang)));
    }
    // A damaged checkpoint takes no answer away; it is said.
    match sealed.map(|checkpoint| snapshot.size().saturating_sub(checkpoint.map_or(0, |checkpoint| checkpoint.size())))
    {
        Ok(0) => {}
        Ok(unsealed) => context.note(&msg!("cli-query-unsealed", count = unsealed)),
        Err(fault) => context.note(&msg!("cli-warning", what = fault.chain(context.lang))),
    }
    if rows == 0 && output::is_terminal() {
        context.note(&msg!("cli-query-no-rows"));
    }
    Ok(Exit::Done)
}

/// Standard output whose reader may go away, as `head` does: then the query ends, and that is no error.
struct Out(std::io::Stdout);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            written => written,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            flushed => flushed,
        }
    }
}

/// Writes all rows as they come.
async fn stream(answer: &mut Answer, mut writer: Box<dyn RowWriter + '_>) -> Result<u64> {
    let mut rows = 0;
    while let Some(batch) = answer.next().await? {
        rows += batch.num_rows() as u64;
        writer.write(&batch)?;
    }
    writer.finish()?;
    Ok(rows)
}

/// How many rows stand in one table; a longer answer is several tables, so that memory stays bounded.
const ROWS_A_TABLE: usize = 500;
/// How many characters of a cell are shown in a table.
const SHOWN: usize = 100;

async fn table(context: &Context, answer: &mut Answer) -> Result<u64> {
    let heads: Vec<String> = answer.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut table = output::table(&heads);
    let (mut rows, mut in_table, mut is_cut) = (0, 0, false);
    while let Some(batch) = answer.next().await? {
        for row in 0..batch.num_rows() {
            let cells = row_texts(&batch, row, context.zone).into_iter().map(|cell| {
                if cell.chars().nth(SHOWN).is_none() {
                    return cell;
                }
                is_cut = true;
                cell.chars().take(SHOWN).chain(['…']).collect()
            });
            table.add_row(cells);
            (rows, in_table) = (rows + 1, in_table + 1);
            if in_table == ROWS_A_TABLE {
                output::line(&table.to_string());
                table = output::table(&heads);
                in_table = 0;
            }
        }
    }
    if in_table > 0 {
        output::line(&table.to_string());
    }
    if is_cut {
        context.note(&msg!("cli-query-cut"));
    }
    context.note(&msg!("cli-query-rows", rows = output::count(rows)));
    Ok(rows)
}
