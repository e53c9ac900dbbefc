//! The tables of `incident timeline` and `incident scope`: short names, and times without their zone, which the head names.

use shoseki_comply::incident::{Deed, Line, Scope, Step, Trail};
use shoseki_event::Timestamp;
use shoseki_messages::{lookup, msg};

use crate::arn::Names;
use crate::context::Context;
use crate::output;

/// The most lines of others that a table shows.
const SHOWN: usize = 50;

/// A time in the zone that the head names.
fn local(context: &Context, time: Timestamp) -> String {
    match time.to_utc() {
        Some(utc) => utc.with_timezone(&context.zone).format("%Y-%m-%dT%H:%M:%S").to_string(),
        None => time.to_string(),
    }
}

fn heads<const N: usize>(context: &Context, names: [&str; N]) -> [String; N] {
    names.map(|name| {
        let word = lookup(&format!("incident-head-{name}"), context.lang).unwrap_or_default();
        if ["when", "first", "last"].contains(&name) { format!("{word} ({})", context.zone.name()) } else { word }
    })
}

/// `#3`, the number of the identity below; `→#3` of what gave it its credentials.
fn hop(step: &Step) -> String {
    format!("{}#{}", if step.is_origin { "→" } else { "" }, step.identity + 1)
}

pub(super) fn of_timeline(context: &Context, trail: &Trail) {
    if trail.steps().len() == 0 {
        return;
    }
    let texts = trail.steps().flat_map(|step| [step.seen.actor.as_str(), step.seen.resource.as_str()]);
    let names = Names::of(texts);
    let columns = ["when", "source", "who", "action", "resource", "outcome", "address", "hop"];
    let mut table = output::table(&heads(context, columns));
    for step in trail.steps() {
        let seen = &step.seen;
        table.add_row([
            local(context, seen.time),
            seen.source.clone(),
            names.short(&seen.actor),
            seen.action.clone(),
            names.short(&seen.resource),
            if seen.error.is_empty() { seen.outcome.clone() } else { seen.error.clone() },
            seen.address.clone(),
            hop(step),
        ]);
    }
    output::line(&table.to_string());
}

pub(super) fn of_scope(context: &Context, scope: &Scope) {
    let others = scope.others.iter().flat_map(|other| [other.actor.as_str(), other.resource.as_str()]);
    let names = Names::of(scope.lines.iter().map(|line| line.resource.as_str()).chain(others));
    if !scope.lines.is_empty() {
        let mut table = output::table(&heads(context, ["deed", "resource", "action", "records", "first", "last"]));
        for (line, things) in Deed::ALL.into_iter().flat_map(|deed| scope.folded(deed)) {
            table.add_row(row(context, &names, (&line, things)));
        }
        output::line(&table.to_string());
    }
    if scope.others.is_empty() {
        return;
    }
    context.say(&msg!("incident-others", count = scope.others.len()));
    let mut table = output::table(&heads(context, ["who", "action", "resource", "records"]));
    for other in scope.others.iter().take(SHOWN) {
        let (actor, resource) = (names.short(&other.actor), names.short(&other.resource));
        table.add_row([actor, other.action.clone(), resource, other.records.to_string()]);
    }
    output::line(&table.to_string());
    if scope.others.len() > SHOWN {
        context.note(&msg!("incident-cut-others", most = SHOWN, count = scope.others.len()));
    }
}

fn row(context: &Context, names: &Names, (line, things): (&Line, usize)) -> [String; 6] {
    let actions = line.actions.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let resource = match things {
        1 => names.short(&line.resource),
        _ => {
            let objects = msg!("incident-objects", count = things).text(context.lang);
            format!("{} {objects}", names.short(&line.resource))
        }
    };
    let deed = line.deed.word(context.lang);
    [deed, resource, actions, line.records.to_string(), local(context, line.first), local(context, line.last)]
}
