//! `incident list` and `incident show`.

use clap::ArgMatches;
use serde_json::{Value, json};
use shoseki_comply::incident::{Incident, Incidents, Owed, Said, standing};
use shoseki_event::Timestamp;
use shoseki_messages::{Result, lookup, msg};

use crate::context::Context;
use crate::{Exit, output};

fn words<const N: usize>(context: &Context, names: [&str; N]) -> [String; N] {
    names.map(|name| lookup(&format!("incident-head-{name}"), context.lang).unwrap_or_default())
}

pub(super) fn list(context: &Context, incidents: &Incidents) -> Result<Exit> {
    let (all, now) = (incidents.all(), Timestamp::now());
    if context.json {
        let all: Vec<Value> = all.iter().map(|one| one.to_json(now, context.zone)).collect();
        output::json(&json!({"incidents": all}))?;
        return Ok(Exit::Done);
    }
    if !all.is_empty() {
        let mut table = output::table(&words(context, ["id", "state", "severity", "title", "known", "due"]));
        for one in &all {
            let next = next(one, context).and_then(|owed| owed.deadline).map(|deadline| deadline.until);
            table.add_row([
                one.name().to_owned(),
                standing(one, context.lang),
                one.open.severity.word(context.lang),
                one.open.title.clone(),
                context.local(one.open.known),
                next.unwrap_or_default(),
            ]);
        }
        output::line(&table.to_string());
    }
    let open = all.iter().filter(|one| one.closed.is_none()).count();
    context.say(&msg!("incident-counts", open = open, closed = all.len() - open));
    Ok(Exit::Done)
}

pub(super) fn one(context: &Context, matches: &ArgMatches, incidents: &Incidents) -> Result<Exit> {
    let one = incidents.find(matches.get_one::<String>("id").map(String::as_str).unwrap_or_default())?;
    print(context, one)?;
    Ok(Exit::Done)
}

/// An incident with its history.
pub(super) fn print(context: &Context, one: &Incident) -> Result<()> {
    let (lang, now) = (context.lang, Timestamp::now());
    if context.json {
        let mut value = one.to_json(now, context.zone);
        let moment = |told: &shoseki_comply::incident::Told| {
            let text = |lang| told.text(lang).text(lang);
            json!({"at": told.at.to_string(), "by": told.by, "record": told.record,
                "en": text(shoseki_messages::Lang::En), "ja": text(shoseki_messages::Lang::Ja)})
        };
        value["history"] = one.history.iter().map(moment).collect();
        return output::json(&value);
    }
    let (state, severity) = (standing(one, lang), one.open.severity.word(lang));
    output::sentence(&format!("{} [{state}, {severity}] {}", one.name(), one.open.title));
    context.say(&msg!("incident-known", at = context.local(one.open.known)));
    for subject in &one.subjects {
        output::sentence(&format!("  {}: {}", subject.kind.word(lang), subject.value));
    }
    if let Some(cause) = &one.cause {
        context.say(&msg!("incident-cause", text = output::on_one_line(cause)));
    }
    one.owed(context.zone).iter().for_each(|owed| context.say(&due(context, owed, now)));
    let mut table = output::table(&words(context, ["when", "who", "happened", "record"]));
    for told in &one.history {
        let what = told.text(lang).text(lang);
        table.add_row([context.local(told.at), told.by.clone().unwrap_or_default(), what, told.record.clone()]);
    }
    output::line(&table.to_string());
    Ok(())
}

/// What was said last of an incident, an answer to who said it; of a report and a duty, what is due next.
pub(super) fn last(context: &Context, one: &Incident) -> Result<()> {
    let (true, Some(told)) = (!context.json, one.history.last()) else { return print(context, one) };
    output::sentence(&format!("{} {}", one.name(), told.text(context.lang).text(context.lang)));
    let now = Timestamp::now();
    if matches!(told.said, Said::Close(_)) {
        for measured in one.measures() {
            let (finding, check) = (measured.finding.to_string(), measured.check.as_str());
            context.say(&msg!("incident-finding-stays", finding = finding, check = check));
        }
    }
    match (&told.said, next(one, context)) {
        (Said::Made(_) | Said::Add(_) | Said::Close(_), Some(owed)) => {
            context.say(&msg!("incident-next", what = due(context, &owed, now).text(context.lang)));
        }
        (Said::Made(_), None) => context.say(&msg!("incident-reports-made")),
        _ => {}
    }
    Ok(())
}

/// The report that is to be made next: the one that is due first, else one for which no day is set.
fn next(one: &Incident, context: &Context) -> Option<Owed> {
    let open = one.owed(context.zone).into_iter().filter(|owed| owed.made.is_none());
    open.min_by_key(|owed| owed.deadline.as_ref().map_or(i64::MAX, |deadline| deadline.end.0))
}

/// A report that is asked for: made, due or late.
fn due(context: &Context, owed: &Owed, now: Timestamp) -> shoseki_messages::Message {
    let (form, name) = (owed.form.title(context.lang), owed.form.name());
    let until = owed.deadline.as_ref().map(|deadline| deadline.until.as_str());
    match (owed.made.map(|at| context.local(at)), until) {
        (Some(at), Some(until)) => msg!("incident-report-made", form = form, until = until, at = at),
        (Some(at), None) => msg!("incident-report-made-undated", form = form, at = at),
        (None, Some(until)) if owed.is_late(now) => {
            msg!("incident-report-late", form = form, name = name, until = until)
        }
        (None, Some(until)) => msg!("incident-report-due", form = form, name = name, until = until),
        (None, None) => msg!("incident-report-open", form = form, name = name),
    }
}
