//! `shoseki check scope`: which kinds of evidence the estate should have. `exclude` and `include` say it, each by a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use shoseki_comply::checks::scope::{EXCLUDE, Exclusion, INCLUDE, Inclusion, KINDS, Kind, LeftOut, SCOPE, Scope};
use shoseki_comply::checks::{FIRSTS, Period, all_rows, own_rows};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::Engine;
use shoseki_segment::attachment::{MAX_NAME, MAX_NOTE};
use shoseki_vault::Vault;

use super::super::attach::checked;
use super::super::query::newest;
use super::list::heads;
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub(super) fn command() -> Command {
    let kinds = KINDS.map(|kind| kind.name);
    let of = |name: &'static str| {
        Command::new(name).arg(Arg::new("kind").value_name("KIND").required(true).value_parser(kinds))
    };
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let exclude = of("exclude").arg(text("reason", "TEXT").required(true)).arg(text("approved-by", "WHO"));
    Command::new("scope").subcommand(exclude).subcommand(of("include"))
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = Arc::new(context.open().await?);
    let (scope, last) = known(context, &vault).await?;
    match matches.subcommand() {
        Some(("exclude", matches)) => exclude(context, matches, (&vault, &scope, &last)).await,
        Some((_, matches)) => include(context, matches, (&vault, &scope)).await,
        None => {
            show(context, &scope, &last)?;
            Ok(Exit::Done)
        }
    }
}

/// When each kind spoke last, by its name.
type Last = BTreeMap<&'static str, Timestamp>;

/// What was said of the scope, and when each kind spoke last.
async fn known(context: &Context, vault: &Arc<Vault>) -> Result<(Scope, Last)> {
    let tail = newest(context, vault, false, true).await?;
    let engine = |options| Engine::over_tail(Arc::clone(vault), &tail, options);
    let now = Timestamp::now();
    let scope = Scope::of(&own_rows(engine, SCOPE, now).await?);
    let rows = all_rows(engine, FIRSTS, now).await?;
    let mut last = Last::new();
    for row in rows.iter() {
        let Some(kind) = KINDS.iter().find(|kind| kind.sources.contains(&row.text("source"))) else { continue };
        if let Some(time) = row.time("last") {
            last.entry(kind.name).and_modify(|known| *known = time.max(*known)).or_insert(time);
        }
    }
    Ok((scope, last))
}

/// The day of a moment, in the zone.
fn day(context: &Context, time: Timestamp) -> String {
    context.local(time).chars().take("2026-03-05".len()).collect()
}

/// Whether what was said counts for a period that ends now.
fn counts(out: &LeftOut) -> bool {
    let now = Timestamp::now();
    out.counts_for(Period { from: now, to: now })
}

fn show(context: &Context, scope: &Scope, last: &Last) -> Result<()> {
    if context.json {
        let kinds = KINDS.map(|kind| {
            let out = scope.left_out(kind);
            json!({
                "kind": kind.name,
                "sources": kind.sources,
                "in_scope": !out.is_some_and(counts),
                "last": last.get(kind.name).map(Timestamp::to_string),
                "excluded": out.map(|out| json!({
                    "at": out.at.to_string(), "until": out.until().to_string(), "by": out.by, "reason": out.said.reason,
                    "approved_by": out.said.approved_by, "record": out.record,
                })),
            })
        });
        return output::json(&json!({"kinds": kinds}));
    }
    let columns = ["scope-kind", "scope-what", "scope-standing", "scope-last", "scope-reason"];
    let mut table = output::table(&heads(context, columns));
    for kind in KINDS {
        let out = scope.left_out(kind);
        let standing = match out {
            None => msg!("cli-check-scope-standing-in"),
            Some(out) if counts(out) => msg!("cli-check-scope-standing-out", until = day(context, out.until())),
            Some(out) => msg!("cli-check-scope-standing-old", until = day(context, out.until())),
        };
        table.add_row([
            kind.name.to_owned(),
            kind.title(context.lang),
            standing.text(context.lang),
            last.get(kind.name).map(|time| context.local(*time)).unwrap_or_default(),
            out.map(|out| output::on_one_line(&out.said.reason)).unwrap_or_default(),
        ]);
    }
    output::line(&table.to_string());
    Ok(())
}

async fn exclude(
    context: &Context,
    matches: &ArgMatches,
    (vault, scope, last): (&Arc<Vault>, &Scope, &Last),
) -> Result<Exit> {
    let kind = kind(matches)?;
    let text = |name: &str, most: usize| {
        matches.get_one::<String>(name).map(|text| checked(name, text.trim().to_owned(), most)).transpose()
    };
    let said = Exclusion {
        kind: kind.name.to_owned(),
        reason: text("reason", MAX_NOTE)?.unwrap_or_default(),
        approved_by: text("approved-by", MAX_NAME)?,
    };
    if let Some(last) = last.get(kind.name) {
        context.note(&msg!(
            "cli-warning",
            what = msg!("cli-check-scope-spoke", last = context.local(*last)).text(context.lang)
        ));
    }
    say(context, vault, Access::new(EXCLUDE).saying(&said)?).await?;
    let now = LeftOut { at: Timestamp::now(), by: None, record: String::new(), said };
    let until = day(context, now.until());
    if !context.json {
        context.say(&match scope.left_out(kind).filter(|out| counts(out)) {
            Some(out) => msg!("cli-check-scope-again", kind = kind.name, since = day(context, out.at), until = until),
            None => msg!("cli-check-scope-now-out", kind = kind.name, reason = now.said.reason.as_str(), until = until),
        });
        return Ok(Exit::Done);
    }
    told(context, vault).await
}

async fn include(context: &Context, matches: &ArgMatches, (vault, scope): (&Arc<Vault>, &Scope)) -> Result<Exit> {
    let kind = kind(matches)?;
    let is_out = scope.left_out(kind).is_some();
    if is_out {
        say(context, vault, Access::new(INCLUDE).saying(&Inclusion { kind: kind.name.to_owned() })?).await?;
    }
    if !context.json {
        context.say(&match is_out {
            true => msg!("cli-check-scope-now-in", kind = kind.name),
            false => msg!("cli-check-scope-not-out", kind = kind.name),
        });
        return Ok(Exit::Done);
    }
    told(context, vault).await
}

/// The scope as it is now, as JSON.
async fn told(context: &Context, vault: &Arc<Vault>) -> Result<Exit> {
    let (scope, last) = known(context, vault).await?;
    show(context, &scope, &last)?;
    Ok(Exit::Done)
}

fn kind(matches: &ArgMatches) -> Result<&'static Kind> {
    let name = matches.get_one::<String>("kind").map(String::as_str).unwrap_or_default();
    Kind::find(name).ok_or_else(|| Fault::broken(msg!("cli-json")))
}

/// Records what is said, and seals it where that can be done here.
async fn say(context: &Context, vault: &Arc<Vault>, said: Access) -> Result<()> {
    let recorded = Recorded::begin(context, vault, said).await?;
    if !recorded.is_recorded() {
        return Err(Fault::world(msg!("cli-check-scope-unrecorded")));
    }
    recorded.whole();
    access::seal(context, vault).await;
    Ok(())
}
