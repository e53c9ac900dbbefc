//! `shoseki erase`: records of a person go, on lawful demand. One asks, another confirms; what forbids it and what it does not reach
//! is said before.

mod plan;
mod unreached;

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use serde_json::json;
use shoseki_messages::{Fault, Message, Result, lookup, msg};
use shoseki_segment::erasure::Request;
use shoseki_segment::new_name;
use shoseki_segment::retention::{Step, is_same_person};
use shoseki_vault::ingest::Meter;
use shoseki_vault::{Snapshot, Vault};

use super::ingest::stop_on_ctrl_c;
use super::{Entry, hold};
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

use plan::Shown;

pub const ENTRY: Entry = Entry { name: "erase", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// The laws by which it is asked for: GDPR, art. 17; 個人情報保護法, 第35条; the order of a court or an authority.
const GROUNDS: [&str; 4] = ["gdpr-17", "appi-35", "order", "other"];

fn arguments(command: Command) -> Command {
    let text = |name: &'static str| {
        Arg::new(name).long(name).value_name("TEXT").value_parser(NonEmptyStringValueParser::new())
    };
    let id = || Arg::new("id").value_name("REQUEST").required(true);
    command
        .subcommand_required(true)
        .subcommand(selecting(Command::new("plan")))
        .subcommand(
            selecting(Command::new("request"))
                .arg(Arg::new("ground").long("ground").value_name("LAW").required(true).value_parser(GROUNDS))
                .arg(text("why").required(true))
                .arg(text("before-its-time")),
        )
        .subcommand(Command::new("list"))
        .subcommand(Command::new("show").arg(id()).arg(
            Arg::new("limit").long("limit").value_name("N").default_value("20").value_parser(value_parser!(usize)),
        ))
        .subcommand(Command::new("confirm").arg(id()).arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue)))
        .subcommand(Command::new("withdraw").arg(id()).arg(text("why").required(true)))
}

/// What says which records.
fn selecting(command: Command) -> Command {
    let many =
        |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value).action(ArgAction::Append);
    let day = |name: &'static str| Arg::new(name).long(name).value_name("DAY");
    command
        .arg(Arg::new("query").long("query").value_name("QUERY"))
        .arg(Arg::new("sql").long("sql").action(ArgAction::SetTrue).requires("query"))
        .arg(many("record", "RECORD"))
        .arg(many("source", "NAME"))
        .arg(many("stream", "NAME"))
        .arg(day("from"))
        .arg(day("to"))
        .group(ArgGroup::new("which").args(["query", "record"]).required(true).multiple(true))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = Arc::new(context.open().await?);
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let (verb, matches) = matches.subcommand().unwrap_or(("list", matches));
    let id = if ["show", "confirm", "withdraw"].contains(&verb) { text(matches, "id") } else { String::new() };
    // What was asked names a person: no record says it.
    let access = match verb {
        "plan" => Access::new("erase.plan"),
        "request" => {
            Access::new("erase.request").with("ground", text(matches, "ground")).with("why", text(matches, "why"))
        }
        "show" => Access::new("erase.show").with("request", id.as_str()),
        "confirm" => Access::new("erase.confirm").with("request", id.as_str()),
        "withdraw" => Access::new("erase.withdraw").with("request", id.as_str()).with("why", text(matches, "why")),
        _ => return list(context, &vault.snapshot().await?),
    };
    let mut recorded = Recorded::begin(context, &vault, access).await?;
    let ended = match verb {
        "plan" => show_plan(context, &vault, matches, &mut recorded).await,
        "request" => request(context, &vault, matches, &mut recorded).await,
        "show" => show(context, &vault, &id, matches).await,
        "confirm" => confirm(context, &vault, &id, matches, &mut recorded).await,
        _ => withdraw(context, &vault, &id, text(matches, "why")).await,
    };
    recorded.ended(ended)
}

async fn show_plan(
    context: &Context,
    vault: &Arc<Vault>,
    matches: &ArgMatches,
    recorded: &mut Recorded,
) -> Result<Exit> {
    let shown = Shown::of(context, vault, matches).await?;
    recorded.detail("records", shown.plan.count());
    if context.json {
        output::json(&shown.as_json())?;
    } else {
        shown.print(context);
        let asked =
            vault.snapshot().await?.holds()?.values().filter(|hold| hold.is_in_force() && hold.query.is_some()).count();
        if asked > 0 && shown.plan.count() > 0 {
            context.say(&msg!("cli-erase-holds-asked", count = asked));
        }
        if shown.plan.count() > 0 {
            context.say(&msg!("cli-erase-dry-run"));
        }
    }
    Ok(Exit::Done)
}

async fn request(context: &Context, vault: &Arc<Vault>, matches: &ArgMatches, recorded: &mut Recorded) -> Result<Exit> {
    let shown = Shown::of(context, vault, matches).await?;
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    if shown.plan.count() == 0 {
        shown.print(context);
        return Err(Fault::caller(msg!("cli-erase-nothing")));
    }
    let before_its_time = text("before-its-time");
    shown.plan.check_size()?;
    match (shown.kept(), &before_its_time) {
        (Some((class, Some(until))), None) => {
            return Err(Fault::caller(msg!("cli-erase-kept", class = class, until = until)));
        }
        (Some((class, None)), None) => return Err(Fault::caller(msg!("cli-erase-kept-for-ever", class = class))),
        _ => {}
    }
    let Step { by, at, why } = hold::step(text("why").unwrap_or_default())?;
    let request = Request {
        by,
        at,
        ground: text("ground").unwrap_or_default(),
        why,
        before_its_time,
        records: shown.plan.records().into_iter().map(|(id, ordinals)| (id.to_string(), ordinals)).collect(),
        originals: shown.plan.originals.keys().cloned().collect(),
        withdrawn: None,
    };
    let id: String = new_name()?.to_string().chars().take(8).collect();
    vault.request_erasure(&id, &request).await?;
    recorded.detail("request", id.as_str());
    recorded.detail("records", request.count());
    let size = hold::sealed(context, vault).await?;
    if context.json {
        output::json(&json!({"id": id, "request": request, "plan": shown.as_json(), "tree_size": size}))?;
        return Ok(Exit::Done);
    }
    shown.print(context);
    context.say(&msg!("cli-erase-asked", id = id.as_str(), records = output::count(request.count()), size = size));
    Ok(Exit::Done)
}

/// How many requests wait for another person.
pub(super) fn waiting(snapshot: &Snapshot) -> Result<u64> {
    let is_open = |(id, request): &(&String, &Request)| state(snapshot, id, request).0 == "waiting";
    Ok(snapshot.erasures()?.iter().filter(is_open).count() as u64)
}

/// Where a request stands.
fn state(snapshot: &Snapshot, id: &str, request: &Request) -> (&'static str, Message) {
    match (&request.withdrawn, snapshot.replay.erasure(id)) {
        (_, Some(version)) => ("done", msg!("cli-erase-is-done", version = version)),
        (Some(step), None) => ("withdrawn", msg!("cli-erase-is-withdrawn", by = step.by.as_str())),
        (None, None) => ("waiting", msg!("cli-erase-is-waiting")),
    }
}

fn list(context: &Context, snapshot: &Snapshot) -> Result<Exit> {
    let requests = snapshot.erasures()?;
    if context.json {
        let of = |(id, request): (&String, &Request)| {
            let version = snapshot.replay.erasure(id);
            json!({"id": id, "state": state(snapshot, id, request).0, "commit": version, "request": request})
        };
        output::json(&requests.iter().map(of).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if requests.is_empty() {
        context.say(&msg!("cli-erase-none"));
        return Ok(Exit::Done);
    }
    let heads =
        ["cli-erase-id", "cli-erase-ground", "cli-erase-why", "cli-erase-records", "cli-erase-by", "cli-erase-state"];
    let mut table = output::table(&heads.map(|id| lookup(id, context.lang).unwrap_or_default()));
    for (id, request) in &requests {
        let asked = format!("{}\n{}", request.by, request.at);
        let state = state(snapshot, id, request).1.text(context.lang);
        let records = output::count(request.count());
        table.add_row([id.clone(), request.ground.clone(), request.why.clone(), records, asked, state]);
    }
    output::line(&table.to_string());
    Ok(Exit::Done)
}

/// A request that waits for its confirmation, or was confirmed.
fn known(snapshot: &Snapshot, id: &str) -> Result<Request> {
    let unknown = || Fault::caller(msg!("erasure-unknown", id = id));
    let request = snapshot.erasures()?.remove(id).ok_or_else(unknown)?;
    match &request.withdrawn {
        Some(step) => Err(Fault::caller(msg!("erasure-withdrawn", id = id, by = step.by.as_str()))),
        None => Ok(request),
    }
}

async fn show(context: &Context, vault: &Arc<Vault>, id: &str, matches: &ArgMatches) -> Result<Exit> {
    let snapshot = vault.snapshot().await?;
    let request = known(&snapshot, id)?;
    let limit = matches.get_one::<usize>("limit").copied().unwrap_or_default();
    let shown = Shown::of_request(context, vault, &request).await?;
    let rows = shown.rows(context, vault, limit).await?;
    if context.json {
        output::json(&json!({
            "id": id, "state": state(&snapshot, id, &request).0, "request": request, "plan": shown.as_json(),
            "rows": rows.iter().map(|row| row.as_json()).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let (ground, why, by) = (request.ground.as_str(), request.why.as_str(), request.by.as_str());
    context.say(&msg!("cli-erase-asks", by = by, at = request.at.as_str(), ground = ground, why = why));
    if let Some(reason) = &request.before_its_time {
        context.say(&msg!("cli-erase-before-its-time", why = reason.as_str()));
    }
    context.say(&state(&snapshot, id, &request).1);
    plan::print_rows(context, &rows, shown.plan.count());
    shown.print(context);
    Ok(Exit::Done)
}

async fn confirm(
    context: &Context,
    vault: &Arc<Vault>,
    id: &str,
    matches: &ArgMatches,
    recorded: &mut Recorded,
) -> Result<Exit> {
    let snapshot = vault.snapshot().await?;
    let request = known(&snapshot, id)?;
    let by = hold::step(String::new())?.by;
    let is_done = snapshot.replay.erasure(id).is_some();
    if !is_done {
        if is_same_person(&request.by, &by) {
            return Err(Fault::caller(msg!("erasure-same-person", by = request.by.as_str())));
        }
        if !matches.get_flag("yes") && !is_wanted(context, &request)? {
            return Ok(Exit::Done);
        }
    }
    if !is_done {
        // Holds by a question cover what answers it now.
        let shown = Shown::of_request(context, vault, &request).await?;
        hold::renew_over(context, vault, &snapshot, &shown.files()).await?;
    }
    let meter = Arc::new(Meter::default());
    let said = msg!("cli-erase-stopping").text(context.lang);
    let stopper = tokio::spawn(stop_on_ctrl_c(Arc::clone(&meter), said));
    let done = vault.erase(id, &by, &meter).await;
    stopper.abort();
    let done = done?;
    recorded.detail("records", done.records);
    recorded.detail("commit", done.version);
    if done.stopped {
        context.note(&msg!("cli-erase-stopped"));
        return Ok(Exit::Stopped);
    }
    let left = unreached::after(context, vault, &request, done.version).await?;
    if context.json {
        output::json(&json!({"id": id, "done": done, "unreached": unreached::as_json(&left)}))?;
        return Ok(Exit::Done);
    }
    let (records, deleted) = (output::count(done.records), output::count(done.deleted.len() as u64));
    context.say(&match done.again {
        true => msg!("cli-erase-done-before", version = done.version, deleted = deleted),
        false => msg!("cli-erase-done", records = records, version = done.version, deleted = deleted),
    });
    unreached::print(context, &left);
    Ok(Exit::Done)
}

/// Whether it is to be done: what goes for good is asked about first.
fn is_wanted(context: &Context, request: &Request) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Fault::caller(msg!("cli-erase-not-asked")));
    }
    let question = msg!("cli-erase-ask", records = output::count(request.count()), why = request.why.as_str());
    output::aside(&question.text(context.lang));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && answer.trim() == "yes")
}

async fn withdraw(context: &Context, vault: &Vault, id: &str, why: String) -> Result<Exit> {
    vault.withdraw_erasure(id, hold::step(why)?).await?;
    let size = hold::sealed(context, vault).await?;
    if context.json {
        output::json(&BTreeMap::from([("id", json!(id)), ("tree_size", json!(size))]))?;
    } else {
        context.say(&msg!("cli-erase-withdrawn", id = id));
    }
    Ok(Exit::Done)
}
