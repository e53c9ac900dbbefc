//! `shoseki inventory`: what exists against what speaks: each resource that should leave evidence, its stream, and its last record.

use std::sync::Arc;

use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use shoseki_comply::account::Looked;
use shoseki_comply::checks::{CHECKS, Check, Judged, Period, Status};
use shoseki_comply::findings::{self, About, Register, Stated};
use shoseki_comply::frameworks::{Framework, named_by};
use shoseki_comply::inventory::{RECENT, Speech};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Result, lookup, msg};
use shoseki_query::{Engine, Options};

use super::Entry;
use super::check::look::{self, Heard, Look, Seen};
use super::check::{access_of, engine, shown, tell};
use super::query::{limits, newest, room_arguments};
use crate::access::{self, Recorded};
use crate::context::Context;
use crate::{Exit, csv, output};

pub const ENTRY: Entry =
    Entry { name: "inventory", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    look::arguments(room_arguments(command))
        .arg(Arg::new("output").long("output").short('o').value_name("FORMAT").value_parser(["table", "csv", "json"]))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if matches.get_flag("print-policy") {
        return look::print_policy();
    }
    let now = Timestamp::now();
    let look = Look::of(context, matches, now)?;
    let vault = Arc::new(context.open().await?);
    let tail = newest(context, &vault, false, true).await?;
    let size = tail.snapshot.size();
    let engine = engine(context, limits(matches)?, &vault, &tail);
    let checks: Vec<&Check> = CHECKS.iter().filter(|check| check.is_of_inventory()).collect();
    let listen = async {
        match &look {
            Some(look) => {
                let (looked, seen): (Looked, Seen) = look.look(context, Some(&vault), Some(&engine)).await?;
                let heard = look::heard(&engine, (&looked, &seen.looking), look.moment(now), &checks).await?;
                Ok((Some(heard), Some(seen)))
            }
            None => {
                Ok((look::kept(&engine, now, look::OfKept { inventory: &checks, ..Default::default() }).await?, None))
            }
        }
    };
    let (heard, seen) = tokio::select! {
        heard = listen => heard?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Stopped),
    };
    let Some(mut heard) = heard else {
        context.note(&msg!("cli-inventory-none"));
        return Ok(Exit::Unverifiable);
    };
    let to = look.as_ref().map_or(now, |look| look.moment(now));
    let period = Period { from: Timestamp(to.0.saturating_sub(RECENT)), to };
    let access = access_of(&[], (&[], &checks), period, size);
    let recorded = Recorded::begin(context, &vault, access).await?;
    let is_recorded = recorded.is_recorded();
    let stated = stated(&mut heard, &engine, (&recorded, period, now)).await;
    let stated = match stated {
        Ok(stated) => stated,
        Err(fault) => {
            recorded.failed(&fault);
            return Err(fault);
        }
    };
    let statuses: Vec<Status> = heard.judged.iter().map(Judged::status).collect();
    tell(recorded, &statuses, (stated, Some(&heard.looking)))?;
    match matches.get_one::<String>("output").map(String::as_str) {
        Some("csv") => as_csv(context, &heard)?,
        Some("json") => output::json(&as_json(&heard, seen.as_ref(), is_recorded))?,
        None if context.json => output::json(&as_json(&heard, seen.as_ref(), is_recorded))?,
        _ => print(context, &heard, seen.as_ref()),
    }
    if is_recorded {
        access::seal(context, &vault).await;
    }
    Ok(exit(&heard))
}

/// What the run says of findings: who does not speak is one, as for `check`.
async fn stated(
    heard: &mut Heard<'_>,
    engine: &impl Fn(Options) -> Engine,
    (recorded, period, now): (&Recorded, Period, Timestamp),
) -> Result<Stated> {
    let (register, known) = (Register::read(engine, now).await?, Framework::all()?);
    let about = About { period, run: recorded.id(), looked: Some(&heard.looking) };
    Ok(findings::state(&mut heard.judged, &register, about, &|id| named_by(id, &known)))
}

fn exit(heard: &Heard<'_>) -> Exit {
    match Status::of_all(heard.judged.iter().map(Judged::status)) {
        Status::Fail => Exit::Failed,
        Status::NoEvidence => Exit::Unverifiable,
        Status::Pass | Status::NotApplicable => Exit::Done,
    }
}

/// What is said, the worst first.
fn sorted<'h>(heard: &'h Heard<'_>) -> Vec<(&'h Check, &'h Speech)> {
    let mut all: Vec<(&Check, &Speech)> = heard.speeches.iter().map(|(check, speech)| (*check, speech)).collect();
    all.sort_by_key(|(_, speech)| speech.status);
    all
}

/// What it is, in a word: an account, a cluster.
fn kind(check: &Check, lang: Lang) -> String {
    lookup(&format!("cli-inventory-kind-{}", check.id.replace('_', "-")), lang).unwrap_or_default()
}

pub(super) fn print(context: &Context, heard: &Heard<'_>, seen: Option<&Seen>) {
    let lang = context.lang;
    match (seen, heard.since) {
        (Some(seen), _) => look::print(context, seen),
        (None, Some(since)) => {
            let places = heard.looking.places.iter().filter(|place| place.contains(' '));
            let places = places.map(String::as_str).collect::<Vec<_>>().join(", ");
            context.say(&msg!("cli-inventory-of", time = context.local(since), places = places));
        }
        (None, None) => {}
    }
    let heads = ["resource", "kind", "stream", "last", "state"];
    let mut table =
        output::table(&heads.map(|name| lookup(&format!("cli-inventory-{name}"), lang).unwrap_or_default()));
    for (check, speech) in sorted(heard) {
        let last = speech.heard.as_ref().map(|heard| context.local(heard.last)).unwrap_or_default();
        let state = match speech.status {
            Status::Pass => speech.status.word(lang),
            _ => format!("{}: {}", speech.status.word(lang), speech.what.text(lang)),
        };
        table.add_row([speech.resource.clone(), kind(check, lang), speech.stream.clone(), last, state]);
    }
    if heard.speeches.is_empty() {
        // Of nothing there is no table: why nothing is known stands below.
        if let Some(as_of) = seen.filter(|seen| seen.answers == 0).and_then(|seen| seen.as_of) {
            context.note(&msg!("cli-inventory-no-items", time = context.local(as_of)));
        }
    } else {
        output::line(&table.to_string());
    }
    // What could not be seen at all is no row of the table.
    for judged in heard.judged.iter().filter(|judged| !has_rows(heard, judged)) {
        for finding in judged.findings.iter().filter(|finding| finding.status == Status::NoEvidence) {
            output::sentence(&format!("{}: {}", finding.subject, finding.what.text(lang)));
        }
    }
    let counted = Status::ALL.map(|status| {
        let count = heard.speeches.iter().filter(|(_, speech)| speech.status == status).count();
        format!("{} {count}", status.word(lang))
    });
    context.say(&msg!("cli-inventory-summary", counts = counted.join(shown::separator(lang))));
    if heard.speeches.iter().any(|(_, speech)| speech.status == Status::Fail) {
        context.note(&msg!("cli-inventory-mend"));
    }
}

fn has_rows(heard: &Heard<'_>, judged: &Judged<'_>) -> bool {
    heard.speeches.iter().any(|(check, _)| check.id == judged.check.id)
}

/// The columns of the CSV, and the names in JSON.
const COLUMNS: [&str; 10] =
    ["resource", "check", "place", "stream", "first", "last", "records", "record", "status", "what"];

fn as_csv(context: &Context, heard: &Heard<'_>) -> Result<()> {
    let line = |(check, speech): (&Check, &Speech)| {
        let of = |text: &dyn Fn(&shoseki_comply::inventory::Heard) -> String| {
            speech.heard.as_ref().map(text).unwrap_or_default()
        };
        vec![
            speech.resource.clone(),
            check.id.to_string(),
            speech.place.clone().unwrap_or_default(),
            speech.stream.clone(),
            of(&|heard| context.local(heard.first)),
            of(&|heard| context.local(heard.last)),
            of(&|heard| heard.records.to_string()),
            of(&|heard| heard.record.clone()),
            speech.status.name().to_owned(),
            speech.what.text(context.lang),
        ]
    };
    let lines: Vec<Vec<String>> = sorted(heard).into_iter().map(line).collect();
    csv::print(context, &COLUMNS, &lines)
}

pub(super) fn as_json(heard: &Heard<'_>, seen: Option<&Seen>, is_recorded: bool) -> Value {
    let one = |(check, speech): (&Check, &Speech)| {
        let heard = speech.heard.as_ref();
        json!({
            "resource": speech.resource,
            "check": check.id,
            "place": speech.place,
            "stream": Some(&speech.stream).filter(|stream| !stream.is_empty()),
            "first": heard.map(|heard| heard.first.to_string()),
            "last": heard.map(|heard| heard.last.to_string()),
            "records": heard.map(|heard| heard.records),
            "record": heard.map(|heard| heard.record.as_str()),
            "status": speech.status.name(),
            "what": {"en": speech.what.text(Lang::En), "ja": speech.what.text(Lang::Ja)},
        })
    };
    json!({
        "taken": heard.since.map(|since| since.to_string()),
        "places": heard.looking.places,
        "looked": seen.map(Seen::to_json),
        "recorded": is_recorded,
        "new_findings": heard.judged.iter().map(Judged::new_ones).sum::<usize>(),
        "status": Status::of_all(heard.judged.iter().map(Judged::status)).name(),
        "resources": sorted(heard).into_iter().map(one).collect::<Vec<_>>(),
        "checks": heard.judged.iter().map(Judged::to_json).collect::<Vec<_>>(),
    })
}
