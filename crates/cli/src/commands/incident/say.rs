//! What people say of incidents: `open`, `note`, `add`, `measure`, `report`, `close`. Each is a record, and what follows from it is what the
//! fold says afterwards.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use clap::ArgMatches;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shoseki_comply::checks::{Severity, own_rows};
use shoseki_comply::findings::{self, Due, Id};
use shoseki_comply::incident::{
    ADDED, Add, CLOSED, CONTAINED, Close, Duty, Form, Incident, MEASURED, Made, Measured, NOTED, Note, OPENED, Open,
    REPORTED, Subject,
};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::Engine;
use shoseki_segment::attachment::{MAX_NAME, MAX_NOTE};

use super::super::attach::checked;
use super::super::check::known_check;
use super::{Opened, contain, draft, show};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, time};

/// All matches of rules that were told.
const MATCHES: &str = "select arrow_cast(raw, 'Utf8') as raw\nfrom events\n\
     where kind = 'event' and operation = 'detect.match'\norder by time";
/// How many things one call may name.
const MOST: usize = 1_000;

pub(super) async fn run(context: &Context, matches: &ArgMatches, (verb, opened): (&str, &Opened)) -> Result<Exit> {
    let incidents = opened.incidents(context).await?;
    if verb == "open" {
        let name = incidents.name(&shoseki_vault::spool::new_id()?);
        let said = open(context, matches, (name, opened)).await?;
        say(context, opened, Access::new(OPENED).saying(&said)?).await?;
        return told(context, opened, (&said.incident, show::print)).await;
    }
    let one = incidents.find(matches.get_one::<String>("id").map(String::as_str).unwrap_or_default())?;
    let incident = one.name().to_owned();
    let access = match verb {
        "note" => of(NOTED, &Note { incident: incident.clone(), text: needed(matches, "text")? })?,
        "add" => of(ADDED, &add(matches, &incident)?)?,
        "measure" => {
            let (measured, finding) = measure(context, matches, one)?;
            return measured_as(context, opened, (&measured, &finding)).await;
        }
        "report" if !matches.contains_id("file") => return draft::run(context, matches, (opened, one)).await,
        "report" => of(REPORTED, &report(matches, &incident)?)?,
        "contain" => match contain::run(context, matches, (opened, one)).await? {
            Some(step) => of(CONTAINED, &step)?,
            None => return Ok(Exit::Done),
        },
        _ => of(CLOSED, &close(context, matches, one)?)?,
    };
    say(context, opened, access).await?;
    told(context, opened, (&incident, show::last)).await
}

fn of(action: &'static str, said: &impl Serialize) -> Result<Access> {
    Access::new(action).saying(said)
}

/// Records what is said, and seals it where that can be done here.
async fn say(context: &Context, opened: &Opened, access: Access) -> Result<()> {
    seal(context, opened, Recorded::begin(context, &opened.vault, access).await?).await
}

async fn seal(context: &Context, opened: &Opened, recorded: Recorded) -> Result<()> {
    if !recorded.is_recorded() {
        return Err(Fault::world(msg!("incident-unrecorded")));
    }
    recorded.whole();
    access::seal(context, &opened.vault).await;
    Ok(())
}

/// How an incident is shown.
type Print = fn(&Context, &Incident) -> Result<()>;

/// Shows what came of it.
async fn told(context: &Context, opened: &Opened, (name, print): (&str, Print)) -> Result<Exit> {
    match opened.incidents(context).await?.find(name) {
        Ok(one) => print(context, one)?,
        Err(_) => context.say(&msg!("incident-waits", id = name)),
    }
    Ok(Exit::Done)
}

pub(super) fn text(matches: &ArgMatches, name: &str, most: usize) -> Result<Option<String>> {
    let given = matches.get_one::<String>(name);
    given.map(|text| checked(name, text.trim().to_owned(), most)).transpose()
}

fn needed(matches: &ArgMatches, name: &str) -> Result<String> {
    text(matches, name, MAX_NOTE).map(Option::unwrap_or_default)
}

/// Whom it is about, what shows it, and whom it must be reported to.
fn about(matches: &ArgMatches) -> Result<(Vec<Subject>, Vec<String>, Vec<Duty>)> {
    let all = |name: &str| matches.get_many::<String>(name).into_iter().flatten().take(MOST);
    let subjects = all("subject").map(|text| Subject::read(text)).collect::<Result<_>>()?;
    let records = all("record").map(|record| checked("record", record.clone(), MAX_NAME)).collect::<Result<_>>()?;
    Ok((subjects, records, all("duty").filter_map(|name| Duty::from_name(name)).collect()))
}

async fn open(context: &Context, matches: &ArgMatches, (incident, opened): (String, &Opened)) -> Result<Open> {
    let now = Timestamp::now();
    let known = matches.get_one::<String>("known");
    let known = known.map(|text| time::parse(text, context.zone, Utc::now(), false)).transpose()?.unwrap_or(now);
    if known > now {
        return Err(Fault::caller(msg!("incident-known-future", at = context.local(known))));
    }
    let (mut subjects, mut records, duties) = about(matches)?;
    let severity = matches.get_one::<String>("severity").and_then(|name| Severity::from_name(name));
    let mut open = Open {
        incident,
        title: text(matches, "title", MAX_NAME)?.unwrap_or_default(),
        severity: severity.unwrap_or(Severity::Medium),
        known,
        zone: Some(context.zone.name().to_owned()),
        of_match: None,
        first: None,
        subjects: Vec::new(),
        records: Vec::new(),
        duties,
    };
    if let Some(id) = matches.get_one::<String>("match") {
        let found = found(context, opened, id).await?;
        let text = |name: &str| found[name].as_str().unwrap_or_default();
        if open.title.is_empty() {
            let known = super::super::detect::title(text("rule"), context.lang);
            open.title = known.as_deref().unwrap_or(text("title")).chars().take(MAX_NAME / 4).collect();
        }
        open.severity = severity.or(Severity::from_name(text("level"))).unwrap_or(Severity::Low);
        open.of_match = Some(text("id").to_owned());
        open.first = Timestamp::parse(text("first")).ok();
        // What its records do not have in common is `*`, and what is no subject is left out.
        let common = ["actor", "address"].into_iter().filter(|name| text(name) != "*");
        subjects.extend(common.filter_map(|name| Subject::read(text(name)).ok()));
        let (named, events) = (found["records"].as_array().map_or(0, Vec::len).min(MOST), found["events"].as_u64());
        if events.is_some_and(|events| events > named as u64) {
            context.note(&msg!("incident-match-cut", records = named, events = events.unwrap_or_default()));
        }
        records.extend(
            found["records"].as_array().into_iter().flatten().filter_map(Value::as_str).take(MOST).map(str::to_owned),
        );
    }
    (open.subjects, open.records) = (subjects, records);
    Ok(open)
}

/// What was told last of a match.
async fn found(context: &Context, opened: &Opened, id: &str) -> Result<Value> {
    let tail = opened.tail(context).await?;
    let engine = |options| Engine::over_tail(Arc::clone(&opened.vault), &tail, options);
    let rows = own_rows(engine, MATCHES, Timestamp::now()).await?;
    let events = rows.iter().filter_map(|row| serde_json::from_str::<Value>(row.text("raw")).ok());
    let typed = id.trim().to_ascii_uppercase();
    let typed = if typed.starts_with("M-") { typed } else { format!("M-{typed}") };
    let mut begun: BTreeMap<String, Value> = BTreeMap::new();
    for mut event in events {
        let details = event["details"].take();
        if let Some(known) = details["id"].as_str().filter(|known| known.to_ascii_uppercase().starts_with(&typed)) {
            begun.insert(known.to_owned(), details); // what was told last of it
        }
    }
    if begun.len() > 1 {
        let known = begun.keys().take(8).cloned().collect::<Vec<_>>().join(", ");
        return Err(Fault::caller(msg!("incident-ambiguous-match", id = id, known = known)));
    }
    begun.into_values().next().ok_or_else(|| Fault::caller(msg!("incident-match-unknown", id = id)))
}

fn add(matches: &ArgMatches, incident: &str) -> Result<Add> {
    let (subjects, records, duties) = about(matches)?;
    if subjects.is_empty() && records.is_empty() && duties.is_empty() {
        return Err(Fault::caller(msg!("incident-nothing-added")));
    }
    Ok(Add { incident: incident.to_owned(), records, subjects, duties, why: needed(matches, "why")? })
}

fn day(context: &Context, matches: &ArgMatches) -> Result<Option<Due>> {
    let Some(given) = matches.get_one::<String>("due") else { return Ok(None) };
    let unreadable =
        |error| Fault::caller(msg!("cli-attach-day", argument = "due", text = given.as_str())).because(error);
    let day: NaiveDate = given.trim().parse().map_err(unreadable)?;
    let day = day.to_string();
    let end = time::parse(&day, context.zone, Utc::now(), true)?;
    Ok(Some(Due { day, end }))
}

/// A measure, and the finding that stays open until its check passes.
fn measure(context: &Context, matches: &ArgMatches, one: &Incident) -> Result<(Measured, findings::Added)> {
    let check = matches.get_one::<String>("check").map(String::as_str).unwrap_or_default();
    let (finding, due) = (Id::drawn(&shoseki_vault::spool::new_id()?), day(context, matches)?);
    let said = needed(matches, "text")?;
    let measured = Measured {
        incident: one.name().to_owned(),
        cause: text(matches, "cause", MAX_NOTE)?,
        text: said.clone(),
        check: known_check(matches, check)?,
        finding: finding.clone(),
        due: due.clone(),
    };
    let added = findings::Added {
        finding,
        source: one.name().to_owned(),
        title: one.open.title.clone(),
        text: Some(said),
        severity: one.open.severity,
        due,
        requirements: Vec::new(),
        documents: Vec::new(),
        owner: None,
    };
    Ok((measured, added))
}

/// One access tells the measure, and what makes a finding of it.
async fn measured_as(
    context: &Context,
    opened: &Opened,
    (measured, added): (&Measured, &findings::Added),
) -> Result<Exit> {
    let mut recorded = Recorded::begin(context, &opened.vault, of(MEASURED, measured)?).await?;
    recorded.tell("finding", of(findings::ADDED, added)?);
    let finding = added.finding.clone();
    if let Some(text) = measured.cause.clone() {
        recorded.tell("cause", of(findings::CAUSE, &findings::Cause { finding: finding.clone(), text })?);
    }
    let (text, due, check) = (measured.text.clone(), measured.due.clone(), Some(measured.check.clone()));
    recorded.tell("measure", of(findings::MEASURE, &findings::Measure { finding, text, due, check })?);
    seal(context, opened, recorded).await?;
    told(context, opened, (&measured.incident, show::last)).await
}

/// A report that was made: its file is read to its end, and not kept.
fn report(matches: &ArgMatches, incident: &str) -> Result<Made> {
    let path = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
    let unreadable =
        |error: std::io::Error| Fault::caller(msg!("cli-verify-file-unreadable", path = path)).because(error);
    let (mut file, mut hash) = (std::fs::File::open(path).map_err(unreadable)?, Sha256::new());
    let bytes = std::io::copy(&mut file, &mut hash).map_err(unreadable)?;
    if bytes == 0 {
        return Err(Fault::caller(msg!("cli-attach-empty", path = path)));
    }
    let name = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let form = matches.get_one::<String>("form").and_then(|name| Form::from_name(name));
    let form = form.ok_or_else(|| Fault::caller(msg!("incident-report-of-one")))?;
    let (file, sha256) = (checked("FILE", name, MAX_NAME)?, hex::encode(hash.finalize()));
    Ok(Made { incident: incident.to_owned(), form, file, sha256, bytes })
}

fn close(context: &Context, matches: &ArgMatches, one: &Incident) -> Result<Close> {
    if one.closed.is_some() {
        return Err(Fault::caller(msg!("incident-closed", id = one.name())));
    }
    let (cause, despite) = (text(matches, "cause", MAX_NOTE)?, text(matches, "why", MAX_NOTE)?);
    let why = one.unclosable(cause.as_deref(), context.zone);
    if !why.is_empty() && despite.is_none() {
        return Err(Fault::caller(msg!("incident-unclosable", id = one.name(), why = why)));
    }
    Ok(Close { incident: one.name().to_owned(), cause, despite })
}
