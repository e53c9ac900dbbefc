//! `shoseki leaks`: tokens, passwords, keys and card numbers in the events of a vault: where they stand, and never what they
//! are.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde::{Serialize, Serializer};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Message, Result, lookup, msg};
use shoseki_query::Engine;
use shoseki_sources::secrets::{Secret, Secrets};

use super::{Entry, query};
use crate::context::Context;
use crate::{Exit, output, progress};

pub const ENTRY: Entry = Entry { name: "leaks", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let command = command
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("source").long("source").value_name("SOURCE").action(ArgAction::Append))
        .arg(Arg::new("stream").long("stream").value_name("NAME").action(ArgAction::Append))
        .arg(Arg::new("limit").long("limit").value_name("N").default_value("100").value_parser(value_parser!(u64)));
    query::room_arguments(command)
}

/// The events that have some, the newest first.
const QUESTION: &str = "filter ispresent(secrets(@message)) | display @ptr, @timestamp, @source, @log, @message";

/// What the command reports; times are UTC.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Events that have secrets.
    events: u64,
    /// Secrets.
    secrets: u64,
    groups: Vec<Group>,
    /// The newest, up to `--limit`.
    found: Vec<Found>,
}

/// The secrets of a kind in a stream.
#[derive(Debug, Serialize)]
struct Group {
    kind: &'static str,
    source: String,
    stream: String,
    events: u64,
    secrets: u64,
    #[serde(serialize_with = "in_utc")]
    first: Option<Timestamp>,
    #[serde(serialize_with = "in_utc")]
    last: Option<Timestamp>,
}

/// A secret.
#[derive(Debug, Serialize)]
struct Found {
    record: String,
    #[serde(serialize_with = "in_utc")]
    time: Option<Timestamp>,
    source: String,
    stream: String,
    kind: &'static str,
    field: String,
    /// The first digits of its SHA-256, where it cannot be guessed from them.
    fingerprint: Option<String>,
}

fn in_utc<S: Serializer>(time: &Option<Timestamp>, out: S) -> std::result::Result<S::Ok, S::Error> {
    time.map(|time| time.to_string()).serialize(out)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let limit = matches.get_one::<u64>("limit").copied().unwrap_or_default();
    let options = query::limits(matches)?.apply(query::options(context, matches)?);
    let vault = Arc::new(context.open().await?);
    let tail = query::newest(context, &vault, false, false).await?;
    let engine = Engine::over_tail(vault, &tail, options);
    let (report, hints) = tokio::select! {
        gathered = gather(context, &engine, limit) => gathered?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
    };
    if context.json {
        output::json(&report)?;
    } else {
        print(context, &report);
    }
    for hint in hints {
        context.note(&msg!("cli-query-hint", what = hint.text(context.lang)));
    }
    Ok(if report.secrets == 0 { Exit::Done } else { Exit::Failed })
}

async fn gather(context: &Context, engine: &Engine, limit: u64) -> Result<(Report, Vec<Message>)> {
    let secrets = Secrets::all()?;
    let mut answer = engine.insights(QUESTION).await.map_err(|failure| query::fault(context, QUESTION, failure))?;
    let shown = progress::of_query(&answer.progress(), context.lang);
    let mut gathering = Gathering { secrets, limit, report: Report::default(), groups: BTreeMap::new() };
    while let Some(batch) = answer.next().await? {
        gathering.take(&batch)?;
    }
    drop(shown);
    let Gathering { mut report, groups, .. } = gathering;
    report.groups = groups.into_values().collect();
    Ok((report, answer.hints()))
}

struct Gathering {
    secrets: &'static Secrets,
    limit: u64,
    report: Report,
    groups: BTreeMap<(&'static str, String, String), Group>,
}

impl Gathering {
    fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        let texts = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let times = batch.column_by_name("@timestamp").and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
        let (Some(names), Some(sources), Some(streams), Some(events), Some(times)) =
            (texts("@ptr"), texts("@source"), texts("@log"), texts("@message"), times)
        else {
            return Err(Fault::broken(msg!("query-engine")));
        };
        for row in 0..batch.num_rows() {
            let time = times.is_valid(row).then(|| Timestamp(times.value(row)));
            let of = Event { name: names.value(row), source: sources.value(row), stream: streams.value(row), time };
            self.event(&of, self.secrets.find(events.value(row).as_bytes()));
        }
        Ok(())
    }

    fn event(&mut self, event: &Event<'_>, secrets: Vec<Secret>) {
        self.report.events += 1;
        self.report.secrets += secrets.len() as u64;
        let mut last = None;
        for secret in secrets {
            let kind = secret.kind.name();
            let (source, stream) = (event.source.to_owned(), event.stream.to_owned());
            let key = (kind, source.clone(), stream.clone());
            let group = self.groups.entry(key).or_insert_with(|| Group {
                kind,
                source: source.clone(),
                stream: stream.clone(),
                events: 0,
                secrets: 0,
                first: event.time,
                last: event.time,
            });
            group.secrets += 1;
            group.events += u64::from(last.replace(kind) != Some(kind));
            group.first = group.first.into_iter().chain(event.time).min();
            group.last = group.last.max(event.time);
            if (self.report.found.len() as u64) < self.limit {
                let (record, fingerprint) = (event.name.to_owned(), secret.fingerprint);
                let (time, field) = (event.time, secret.field);
                self.report.found.push(Found { record, time, source, stream, kind, field, fingerprint });
            }
        }
    }
}

/// An event that has secrets.
struct Event<'a> {
    name: &'a str,
    source: &'a str,
    stream: &'a str,
    time: Option<Timestamp>,
}

fn print(context: &Context, report: &Report) {
    let lang = context.lang;
    let heads = |ids: &[&str]| ids.iter().map(|id| lookup(id, lang).unwrap_or_default()).collect::<Vec<_>>();
    let time = |time: Option<Timestamp>| time.map(|time| context.local(time)).unwrap_or_default();
    if report.secrets == 0 {
        context.say(&msg!("cli-leaks-none"));
        return;
    }
    let mut table = output::table(&heads(&[
        "cli-leaks-kind",
        "cli-status-stream",
        "cli-status-source",
        "cli-leaks-secrets",
        "cli-leaks-events",
        "cli-status-first",
        "cli-status-last",
    ]));
    for group in &report.groups {
        let (secrets, events) = (output::count(group.secrets), output::count(group.events));
        let (first, last) = (time(group.first), time(group.last));
        table.add_row([group.kind, &group.stream, &group.source, &secrets, &events, &first, &last]);
    }
    output::line(&table.to_string());
    if !report.found.is_empty() {
        let mut table = output::table(&heads(&[
            "cli-leaks-record",
            "cli-leaks-time",
            "cli-leaks-kind",
            "cli-leaks-field",
            "cli-leaks-fingerprint",
        ]));
        for found in &report.found {
            let fingerprint = found.fingerprint.as_deref().unwrap_or_default();
            table.add_row([&*found.record, &time(found.time), found.kind, &found.field, fingerprint]);
        }
        output::line(&table.to_string());
    }
    let (secrets, events) = (output::count(report.secrets), output::count(report.events));
    context.say(&msg!("cli-leaks-done", secrets = secrets, events = events, shown = report.found.len()));
}
