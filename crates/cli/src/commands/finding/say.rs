//! What people say of findings: `add`, `cause`, `measure`, `accept`, `note`, `resolve`. Each is a record, and what follows from it is
//! what the register says afterwards.

use chrono::{Days, NaiveDate, Utc};
use clap::ArgMatches;
use serde::Serialize;
use shoseki_comply::checks::Severity;
use shoseki_comply::findings::{
    ACCEPTED, ADDED, Accept, Added, CAUSE, Case, Cause, Due, Id, MEASURE, Measure, NOTED, Note, RESOLVED, Register,
    Resolve, State,
};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::attachment::{MAX_NAME, MAX_NOTE};

use super::super::attach::{checked, doubt, requirements};
use super::super::check::known_check;
use super::Opened;
use super::list::standing;
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output, time};

/// For how many days an exception may last without `--long`: a year.
const USUAL: u64 = 366;

pub(super) async fn run(context: &Context, matches: &ArgMatches, (verb, opened): (&str, &Opened)) -> Result<Exit> {
    let register = opened.register(context).await?;
    if verb == "add" {
        let added = added(context, matches, opened).await?;
        doubt(context, &added.requirements)?;
        say(context, opened, (ADDED, &added)).await?;
        return told(context, opened, &added.finding).await;
    }
    let id = matches.get_one::<String>("id").map(String::as_str).unwrap_or_default();
    let case = register.find(id)?;
    let finding = case.id.clone();
    match verb {
        "cause" => {
            // Of what only a run closed, somebody may still say why it was there.
            if case.resolution.as_ref().is_none_or(|resolution| resolution.said.is_some()) {
                open(&register, case)?;
            }
            say(context, opened, (CAUSE, &Cause { finding: finding.clone(), text: needed(matches, "text")? })).await?;
        }
        "measure" => {
            open(&register, case)?;
            say(context, opened, (MEASURE, &measure(context, matches, &finding)?)).await?;
        }
        "accept" => {
            open(&register, case)?;
            say(context, opened, (ACCEPTED, &accept(context, matches, &finding)?)).await?;
        }
        "note" => {
            say(context, opened, (NOTED, &Note { finding: finding.clone(), text: needed(matches, "text")? })).await?;
        }
        _ => {
            let said = resolve(matches, opened, &finding).await?;
            if let Some(why) = case.unresolvable(&said) {
                return Err(Fault::caller(why));
            }
            say(context, opened, (RESOLVED, &said)).await?;
        }
    }
    told(context, opened, &finding).await
}

/// Only of what is not done something more is said.
fn open(register: &Register, case: &Case) -> Result<()> {
    match case.state() {
        State::Resolved => Err(Fault::caller(msg!("cli-finding-resolved", id = register.short(&case.id)))),
        State::Open | State::Accepted => Ok(()),
    }
}

/// Records what is said, and seals it where that can be done here.
pub(in super::super) async fn say(
    context: &Context,
    opened: &Opened,
    (action, said): (&'static str, &impl Serialize),
) -> Result<()> {
    let recorded = Recorded::begin(context, &opened.vault, Access::new(action).saying(said)?).await?;
    if !recorded.is_recorded() {
        return Err(Fault::world(msg!("cli-finding-unrecorded")));
    }
    recorded.whole();
    access::seal(context, &opened.vault).await;
    Ok(())
}

/// How the finding stands now.
async fn told(context: &Context, opened: &Opened, id: &Id) -> Result<Exit> {
    let register = opened.register(context).await?;
    let Some(case) = register.get(id) else {
        context.say(&msg!("cli-finding-waits"));
        return Ok(Exit::Done);
    };
    if context.json {
        output::json(&case.to_json(register.letters(), register.at))?;
        return Ok(Exit::Done);
    }
    let state = standing(context.lang, &register, case).replace('\n', ", ");
    let what = output::on_one_line(&format!("{}: {}", case.subject(), case.what(context.lang)));
    context.say(&msg!("cli-finding-now", id = register.short(id), state = state, what = what));
    Ok(Exit::Done)
}

fn text(matches: &ArgMatches, name: &str, most: usize) -> Result<Option<String>> {
    let given = matches.get_one::<String>(name);
    given.map(|text| checked(name, text.trim().to_owned(), most)).transpose()
}

fn needed(matches: &ArgMatches, name: &str) -> Result<String> {
    text(matches, name, MAX_NOTE).map(Option::unwrap_or_default)
}

/// A day to come, and its end in the zone.
fn day(context: &Context, matches: &ArgMatches, name: &str) -> Result<Option<Due>> {
    let Some(given) = matches.get_one::<String>(name) else { return Ok(None) };
    let unreadable =
        |error| Fault::caller(msg!("cli-attach-day", argument = name, text = given.as_str())).because(error);
    let day: NaiveDate = given.trim().parse().map_err(unreadable)?;
    let day = day.format("%Y-%m-%d").to_string();
    let end = time::parse(&day, context.zone, Utc::now(), true)?;
    if end.0 <= Utc::now().timestamp_micros() {
        return Err(Fault::caller(msg!("cli-finding-past", argument = name, day = day)));
    }
    Ok(Some(Due { day, end }))
}

async fn added(context: &Context, matches: &ArgMatches, opened: &Opened) -> Result<Added> {
    let severity = matches.get_one::<String>("severity").and_then(|name| Severity::from_name(name));
    Ok(Added {
        finding: Id::drawn(&shoseki_vault::spool::new_id()?),
        source: text(matches, "from", MAX_NAME)?.unwrap_or_default(),
        title: text(matches, "title", MAX_NAME)?.unwrap_or_default(),
        text: text(matches, "text", MAX_NOTE)?,
        severity: severity.unwrap_or(Severity::Medium),
        due: day(context, matches, "due")?,
        requirements: requirements(matches)?,
        documents: documents(matches, opened).await?,
        owner: text(matches, "owner", MAX_NAME)?,
    })
}

/// The records of documents that are named; each must be one.
async fn documents(matches: &ArgMatches, opened: &Opened) -> Result<Vec<String>> {
    let named: Vec<String> = matches.get_many::<String>("document").into_iter().flatten().cloned().collect();
    if named.is_empty() {
        return Ok(named);
    }
    let all = opened.vault.attachments(&opened.vault.snapshot().await?).await?;
    let is_there = |record: &&String| all.iter().any(|statement| statement.id.to_string() == **record);
    match named.iter().find(|record| !is_there(record)) {
        Some(record) => Err(Fault::caller(msg!("cli-finding-document", record = record))),
        None => Ok(named),
    }
}

fn measure(context: &Context, matches: &ArgMatches, finding: &Id) -> Result<Measure> {
    let check = matches.get_one::<String>("check");
    Ok(Measure {
        finding: finding.clone(),
        text: needed(matches, "text")?,
        due: day(context, matches, "due")?,
        check: check.map(|check| known_check(matches, check)).transpose()?,
    })
}

fn accept(context: &Context, matches: &ArgMatches, finding: &Id) -> Result<Accept> {
    let until = day(context, matches, "until")?.ok_or_else(|| Fault::broken(msg!("cli-json")))?;
    let last = Utc::now().with_timezone(&context.zone).date_naive().checked_add_days(Days::new(USUAL));
    let is_long = until.day.parse::<NaiveDate>().is_ok_and(|day| last.is_some_and(|last| day > last));
    if is_long && !matches.get_flag("long") {
        return Err(Fault::caller(msg!("cli-finding-long", day = until.day)));
    }
    Ok(Accept {
        finding: finding.clone(),
        owner: text(matches, "owner", MAX_NAME)?.unwrap_or_default(),
        reason: text(matches, "reason", MAX_NOTE)?.unwrap_or_default(),
        until,
        approved_by: text(matches, "approved-by", MAX_NAME)?,
    })
}

async fn resolve(matches: &ArgMatches, opened: &Opened, finding: &Id) -> Result<Resolve> {
    Ok(Resolve {
        finding: finding.clone(),
        cause: text(matches, "cause", MAX_NOTE)?,
        measure: text(matches, "measure", MAX_NOTE)?,
        without_proof: text(matches, "without-proof", MAX_NOTE)?,
        documents: documents(matches, opened).await?,
    })
}
