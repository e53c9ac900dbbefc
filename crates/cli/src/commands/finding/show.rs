//! `finding show ID`: one finding with its history, how to mend it, how to ask again, and how to prove its records.

use std::path::Path;

use clap::ArgMatches;
use shoseki_comply::checks::{CHECKS, Check, Period, find};
use shoseki_comply::findings::{Case, Origin, Register, Seen, Taken, Teller};
use shoseki_messages::{Message, Result, lookup, msg};

use super::list::standing;
use crate::context::Context;
use crate::{Exit, output};

pub(super) fn run(context: &Context, matches: &ArgMatches, register: &Register) -> Result<Exit> {
    let id = matches.get_one::<String>("id").map(String::as_str).unwrap_or_default();
    let case = register.find(id)?;
    if context.json {
        let mut value = case.to_json(register.letters(), register.at);
        value["history"] = case.history_json();
        output::json(&value)?;
    } else {
        print(context, register, case);
    }
    Ok(Exit::Done)
}

fn print(context: &Context, register: &Register, case: &Case) {
    let lang = context.lang;
    let (nature, severity) = (case.nature().word(lang), case.severity().word(lang));
    let state = standing(lang, register, case).replace('\n', ", ");
    let id = register.short(&case.id);
    context.say(&msg!("cli-finding-head", id = id, state = state, severity = severity, nature = nature));
    let check = CHECKS.iter().find(|check| Some(check.id.as_ref()) == case.check());
    if let Some(check) = check {
        output::line(&format!("{} ({})", check.title(lang), check.id));
    }
    output::sentence(&format!("{}: {}", case.subject(), case.what(lang)));
    output::line("");
    if !case.requirements().is_empty() {
        context.say(&msg!("cli-finding-requirements", requirements = case.requirements().join(", ")));
    }
    match &case.origin {
        Origin::Check(seen) => {
            let over = case.seen_over.unwrap_or(Period { from: seen.from, to: seen.to });
            let (from, to) = (context.local(over.from), context.local(over.to));
            context.say(&msg!("cli-finding-period", from = from, to = to));
            if let Some(place) = &seen.place {
                context.say(&msg!("cli-finding-place", place = place));
            }
        }
        Origin::Outside(added) => {
            added.text.iter().for_each(|text| output::line(text));
            let due = added.due.as_ref().map_or("-", |due| due.day.as_str());
            context.say(&msg!("cli-finding-due-of", due = due, owner = added.owner.as_deref().unwrap_or("-")));
        }
    }
    if let Some(cause) = &case.cause {
        context.say(&msg!("cli-finding-cause", text = cause));
    }
    case.measures.iter().for_each(|taken| context.say(&measure(taken)));
    if let Some(check) = check {
        context.say(&msg!("cli-check-mend", what = check.mend(lang)));
    }
    output::line("");
    history(context, case);
    commands(context, case);
}

fn measure(taken: &Taken) -> Message {
    let measure = &taken.measure;
    let due = measure.due.as_ref().map_or("-", |due| due.day.as_str());
    match (&measure.check, &taken.proof) {
        (_, Some((record, _))) => msg!("cli-finding-measure-proved", text = &measure.text, due = due, record = record),
        (Some(check), None) => msg!("cli-finding-measure-unproved", text = &measure.text, due = due, check = check),
        (None, None) => msg!("cli-finding-measure", text = &measure.text, due = due),
    }
}

fn history(context: &Context, case: &Case) {
    let lang = context.lang;
    let heads = ["when", "who", "happened", "record"];
    let heads = heads.map(|name| lookup(&format!("cli-finding-{name}"), lang).unwrap_or_default());
    let mut table = output::table(&heads);
    let shown = |time| context.local(time);
    for moment in &case.history {
        table.add_row([
            context.local(moment.at),
            moment.by.clone().unwrap_or_default(),
            moment.what.text(lang, &shown).text(lang),
            moment.record.clone(),
        ]);
    }
    output::line(&table.to_string());
}

/// The command that looks there again where a check found it.
fn again(case: &Case, seen: &Seen) -> String {
    let check = seen.check.as_str();
    if find(check, &[]).is_some_and(Check::is_of_setup) {
        return "shoseki setup plan --record".to_owned();
    }
    match seen.told_by {
        None => {
            let over = case.seen_over.unwrap_or(Period { from: seen.from, to: seen.to });
            format!("shoseki check --check {check} --from {} --to {}", over.from, over.to)
        }
        Some(Teller::Live) => format!("shoseki check --live --check {check}"),
        Some(Teller::AwsConfig) => format!("shoseki check --aws-config --check {check}"),
        Some(Teller::Code) => {
            // Files of a folder belong together.
            let folder = Path::new(seen.place.as_deref().unwrap_or(".")).parent().unwrap_or(Path::new("."));
            format!("shoseki check iac {} --check {check} --record", output::quoted(&folder.to_string_lossy()))
        }
    }
}

/// Commands that ask again and prove.
fn commands(context: &Context, case: &Case) {
    if let Origin::Check(seen) = &case.origin {
        context.say(&msg!("cli-finding-ask", command = again(case, seen)));
    }
    for taken in case.measures.iter().filter(|taken| taken.proof.is_none()) {
        if let Some(check) = &taken.measure.check {
            context.say(&msg!("cli-finding-ask", command = format!("shoseki check --check {check}")));
        }
    }
    let records = case.records().iter().chain(case.history.iter().map(|moment| &moment.record));
    let mut records: Vec<&str> = records.map(String::as_str).filter(|record| !record.is_empty()).collect();
    records.sort_unstable();
    records.dedup();
    if let Some(first) = records.first() {
        context.say(&msg!("cli-finding-prove", record = *first, count = records.len()));
    }
    if !case.records().is_empty() {
        context.say(&msg!("cli-finding-records", records = case.records().join(" ")));
    }
}
