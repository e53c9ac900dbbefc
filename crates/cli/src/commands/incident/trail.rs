//! `incident timeline` and `incident scope`: what those did whom an incident is about, drawn from the evidence of all sources. That it
//! was looked at is a record like any question's.

use std::sync::Arc;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_comply::incident::{self, Deed, Incident, Kind, Scope, Span, Step, Subject, Trail};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::Engine;

use super::super::query;
use super::{Opened, sheet};
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::{Exit, csv, output};

/// How far back is looked where nothing is said, in microseconds.
const USUAL: i64 = 30 * 86_400 * 1_000_000;
/// The columns of the CSV.
const COLUMNS: [&str; 11] =
    ["time", "source", "actor", "action", "resource", "outcome", "error", "address", "hop", "identity", "record"];
/// What names a subject, by the names of the arguments.
const NAMED: [&str; 4] = ["principal", "address", "resource", "session"];

pub(super) fn range(command: Command) -> Command {
    let time = |name: &'static str| Arg::new(name).long(name).value_name("TIME").allow_hyphen_values(true);
    command.arg(time("from")).arg(time("to"))
}

pub(super) fn arguments(command: Command) -> Command {
    let named = |name: &'static str| Arg::new(name).long(name).value_name("VALUE").action(ArgAction::Append);
    let deeds = PossibleValuesParser::new(Deed::ALL.map(word_of));
    let deed = Arg::new("deed").long("deed").value_name("DEED").action(ArgAction::Append).value_parser(deeds);
    range(NAMED.into_iter().fold(command, |command, name| command.arg(named(name)))).arg(deed)
}

/// A deed's name on the command line.
fn word_of(deed: Deed) -> &'static str {
    if deed == Deed::SignedIn { "signed-in" } else { deed.name() }
}

/// The deeds that are asked for; none where all are.
fn deeds(matches: &ArgMatches) -> Vec<Deed> {
    let typed = matches.get_many::<String>("deed").into_iter().flatten();
    typed.filter_map(|name| Deed::ALL.into_iter().find(|deed| word_of(*deed) == name)).collect()
}

/// A subject that was given by an argument that says what it is.
fn subject(name: &str, value: &str) -> Result<Subject> {
    let read = Subject::read(value)?;
    match (name, read.kind) {
        ("resource", kind) if kind != Kind::Resource => Ok(Subject::new(Kind::Resource, value.trim())),
        ("address", kind) if kind != Kind::Address => {
            Err(Fault::caller(msg!("incident-no-address", value = value.trim())))
        }
        ("session", kind) if !matches!(kind, Kind::Session | Kind::Key) => {
            Err(Fault::caller(msg!("incident-no-session", value = value.trim())))
        }
        _ => Ok(read),
    }
}

/// What was asked for, and what was found.
pub(super) struct Found {
    pub(super) trail: Trail,
    pub(super) scope: Option<Scope>,
    pub(super) span: Span,
}

/// What to look for, and from when until when.
struct Asked {
    verb: &'static str,
    incident: Option<String>,
    subjects: Vec<Subject>,
    span: Span,
}

async fn asked(context: &Context, matches: &ArgMatches, (verb, opened): (&'static str, &Opened)) -> Result<Asked> {
    let mut subjects = Vec::new();
    for name in NAMED {
        for value in matches.get_many::<String>(name).into_iter().flatten() {
            subjects.push(subject(name, value)?);
        }
    }
    let id = matches.get_one::<String>("id");
    let incidents = match id {
        Some(_) => Some(opened.incidents(context).await?),
        None => None,
    };
    let one = incidents.as_ref().zip(id).map(|(incidents, id)| incidents.find(id)).transpose()?;
    of(context, matches, (verb, one, subjects))
}

fn of(
    context: &Context,
    matches: &ArgMatches,
    (verb, one, mut subjects): (&'static str, Option<&Incident>, Vec<Subject>),
) -> Result<Asked> {
    subjects.splice(0..0, one.into_iter().flat_map(|one| one.subjects.iter().cloned()));
    // Of what left no evidence, such as a laptop that was lost, a report is made all the same.
    if subjects.is_empty() && verb != "report" {
        return Err(Fault::caller(match one {
            Some(one) => msg!("incident-without-subject", id = one.name()),
            None => msg!("incident-trail-of-nothing"),
        }));
    }
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (from, to) = query::range(context, text("from"), text("to"))?;
    let end = one.and_then(|one| one.closed.as_ref()).map(|(at, ..)| *at);
    let to = to.or(end).unwrap_or_else(Timestamp::now);
    // What became known late began before that: 30 days before the match, where it is opened from one.
    let begin = one.map_or(to, |one| one.open.first.unwrap_or(one.open.known).min(one.open.known).min(to));
    let span = Span { from: from.unwrap_or(Timestamp(begin.0.saturating_sub(USUAL))), to };
    Ok(Asked { verb, incident: one.map(|one| one.name().to_owned()), subjects, span })
}

/// Looks for what an incident's subjects did; nothing where it was stopped.
pub(super) async fn of_incident(
    context: &Context,
    matches: &ArgMatches,
    (verb, opened, one): (&'static str, &Opened, &Incident),
) -> Result<Option<Found>> {
    look(context, opened, (of(context, matches, (verb, Some(one), Vec::new()))?, true)).await
}

async fn look(context: &Context, opened: &Opened, (asked, is_scope): (Asked, bool)) -> Result<Option<Found>> {
    let span = asked.span;
    let access = Access::new("query.run")
        .with("command", format!("incident {}", asked.verb))
        .with("incident", asked.incident)
        .with("subjects", json!(asked.subjects))
        .with("from", span.from.to_string())
        .with("to", span.to.to_string());
    let tail = query::newest(context, &opened.vault, false, false).await?;
    let mapping = shoseki_query::Mapping::of_vault(tail.snapshot.app_mapping())?;
    let engine = |mut options: shoseki_query::Options| {
        options.mapping.clone_from(&mapping);
        Engine::over_tail(Arc::clone(&opened.vault), &tail, options)
    };
    let recorded = Recorded::begin(context, &opened.vault, access).await?;
    let work = async {
        let trail = incident::follow(engine, &asked.subjects, span).await?;
        let scope = if is_scope { Some(incident::scope(engine, &trail, span).await?) } else { None };
        Ok(Found { trail, scope, span })
    };
    let Some((mut recorded, found)) = recorded.over(work).await? else { return Ok(None) };
    recorded.detail("records", found.trail.steps().len());
    recorded.whole();
    Ok(Some(found))
}

pub(super) async fn timeline(context: &Context, matches: &ArgMatches, opened: &Opened) -> Result<Exit> {
    let asked = asked(context, matches, ("timeline", opened)).await?;
    let Some(mut found) = look(context, opened, (asked, false)).await? else { return Ok(Exit::Stopped) };
    let records = found.trail.steps().len();
    let most = matches.get_one::<u32>("limit").and_then(|most| usize::try_from(*most).ok());
    found.trail.keep(&deeds(matches), most);
    let trail = &found.trail;
    if context.json {
        let mut value = trail.to_json();
        (value["from"], value["to"]) = (json!(found.span.from.to_string()), json!(found.span.to.to_string()));
        output::json(&value)?;
        return Ok(Exit::Done);
    }
    if matches.get_flag("csv") {
        let lines: Vec<Vec<String>> = trail.steps().map(|step| line(trail, step)).collect();
        csv::print(context, &COLUMNS, &lines)?;
        trail.cut.iter().for_each(|cut| context.note(cut));
        return Ok(Exit::Done);
    }
    sheet::of_timeline(context, trail);
    identities(context, trail);
    context.say(&msg!(
        "incident-trail",
        records = records,
        identities = trail.identities.len(),
        from = context.local(found.span.from),
        to = context.local(found.span.to)
    ));
    trail.cut.iter().for_each(|cut| context.note(cut));
    Ok(Exit::Done)
}

fn line(trail: &Trail, step: &Step) -> Vec<String> {
    let (seen, of) = (&step.seen, trail.identities.get(step.identity));
    let own = |text: &str| text.to_owned();
    vec![
        seen.time.to_string(),
        own(&seen.source),
        own(&seen.actor),
        own(&seen.action),
        own(&seen.resource),
        own(&seen.outcome),
        own(&seen.error),
        own(&seen.address),
        of.map(|of| of.hop.to_string()).unwrap_or_default(),
        of.map(|of| own(&of.subject.value)).unwrap_or_default(),
        own(&seen.record),
    ]
}

/// Whose records they are, and how each came onto the trail.
fn identities(context: &Context, trail: &Trail) {
    for (at, identity) in trail.identities.iter().enumerate() {
        let (kind, value) = (identity.subject.kind.word(context.lang), identity.subject.value.as_str());
        let way = trail.way(at, context.lang).map(|way| format!(" ← {way}")).unwrap_or_default();
        output::sentence(&format!("  #{} {kind}: {value}{way}", at + 1));
    }
}

pub(super) async fn scope(context: &Context, matches: &ArgMatches, opened: &Opened) -> Result<Exit> {
    let asked = asked(context, matches, ("scope", opened)).await?;
    let Some(mut found) = look(context, opened, (asked, true)).await? else { return Ok(Exit::Stopped) };
    let (deeds, scope) = (deeds(matches), found.scope.as_mut());
    let Some(scope) = scope else { return Ok(Exit::Done) };
    if !deeds.is_empty() {
        scope.keep(&deeds);
    }
    if context.json {
        let mut value = scope.to_json();
        value["identities"] = found.trail.to_json()["identities"].take();
        (value["from"], value["to"]) = (json!(found.span.from.to_string()), json!(found.span.to.to_string()));
        output::json(&value)?;
        return Ok(Exit::Done);
    }
    sheet::of_scope(context, scope);
    context.say(&msg!(
        "incident-trail",
        records = found.trail.steps().len(),
        identities = found.trail.identities.len(),
        from = context.local(found.span.from),
        to = context.local(found.span.to)
    ));
    scope.cut.iter().for_each(|cut| context.note(cut));
    Ok(Exit::Done)
}
