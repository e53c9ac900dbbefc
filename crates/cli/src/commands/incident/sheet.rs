//! The tables of `incident timeline` and `incident scope`. Names stand in them as short as they are clear, so that a line fits a
//! terminal; JSON and CSV have them whole.
//!
//! ```text
//! arn:aws:iam::111122223333:user/deploy-bot       user/deploy-bot, where one account is on the trail
//! arn:aws:s3:::hinode-customers/a.csv             hinode-customers/a.csv
//! 2026-03-05T14:34:25+09:00                       2026-03-05T14:34:25, the zone in the head
//! ```

use std::collections::BTreeSet;

use shoseki_comply::incident::{Deed, Line, Scope, Step, Trail};
use shoseki_event::Timestamp;
use shoseki_messages::{lookup, msg};

use crate::context::Context;
use crate::output;

/// The most lines of others that a table shows.
const SHOWN: usize = 50;

/// How names are written.
struct Names<'a> {
    context: &'a Context,
    is_one_account: bool,
}

impl<'a> Names<'a> {
    fn of<'t>(context: &'a Context, texts: impl Iterator<Item = &'t str>) -> Self {
        let accounts: BTreeSet<&str> = texts.filter_map(parts).map(|(account, _)| account).collect();
        let named = accounts.iter().filter(|account| !account.is_empty()).count();
        Self { context, is_one_account: named <= 1 }
    }

    fn short(&self, text: &str) -> String {
        match parts(text) {
            Some((account, rest)) if self.is_one_account || account.is_empty() => rest.to_owned(),
            Some((account, rest)) => format!("{account}:{rest}"),
            None => text.to_owned(),
        }
    }

    fn time(&self, time: Timestamp) -> String {
        match time.to_utc() {
            Some(utc) => utc.with_timezone(&self.context.zone).naive_local().format("%Y-%m-%dT%H:%M:%S").to_string(),
            None => time.to_string(),
        }
    }
}

/// The account of an ARN, and what is named in it.
fn parts(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.strip_prefix("arn:")?.splitn(5, ':').skip(3);
    parts.next().zip(parts.next()).filter(|(_, rest)| !rest.is_empty())
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
    let names = Names::of(context, texts);
    let columns = ["when", "source", "who", "action", "resource", "outcome", "address", "hop"];
    let mut table = output::table(&heads(context, columns));
    for step in trail.steps() {
        let seen = &step.seen;
        table.add_row([
            names.time(seen.time),
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
    let names = Names::of(context, scope.lines.iter().map(|line| line.resource.as_str()).chain(others));
    if !scope.lines.is_empty() {
        let mut table =
            output::table(&heads(context, ["deed", "resource", "action", "records", "first", "last"]));
        for (line, things) in Deed::ALL.into_iter().flat_map(|deed| scope.folded(deed)) {
            table.add_row(row(&names, (&line, things)));
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

fn row(names: &Names<'_>, (line, things): (&Line, usize)) -> [String; 6] {
    let actions = line.actions.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let resource = match things {
        1 => names.short(&line.resource),
        _ => {
            let objects = msg!("incident-objects", count = things).text(names.context.lang);
            format!("{} {objects}", names.short(&line.resource))
        }
    };
    let deed = line.deed.word(names.context.lang);
    [deed, resource, actions, line.records.to_string(), names.time(line.first), names.time(line.last)]
}
