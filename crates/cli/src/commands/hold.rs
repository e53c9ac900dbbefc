//! `shoseki hold`: what must not go, whatever its period. It is placed by one person, and released by two.

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_event::{Day, Timestamp};
use shoseki_messages::{Fault, Message, Result, lookup, msg};
use shoseki_query::{Engine, Mapping, Options};
use shoseki_report::segments_behind;
use shoseki_segment::commit::Add;
use shoseki_segment::new_name;
use shoseki_segment::retention::{Asked, Hold, MAX_HELD_SEGMENTS, Step, is_same_person};
use shoseki_vault::retention::plan;
use shoseki_vault::{Snapshot, Vault};

use super::Entry;
use super::query::{fault, known_sources};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "hold", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let many = |name: &'static str| Arg::new(name).long(name).value_name("NAME").action(ArgAction::Append);
    let day = |name: &'static str| Arg::new(name).long(name).value_name("DAY");
    let why =
        || Arg::new("why").long("why").value_name("TEXT").required(true).value_parser(NonEmptyStringValueParser::new());
    let id = || Arg::new("id").value_name("HOLD").required(true);
    command
        .subcommand_required(true)
        .subcommand(
            Command::new("place")
                .arg(why())
                .arg(many("stream"))
                .arg(many("source"))
                .arg(day("from"))
                .arg(day("to"))
                .arg(Arg::new("query").long("query").value_name("QUERY"))
                .arg(Arg::new("sql").long("sql").action(ArgAction::SetTrue).requires("query"))
                .arg(day("until")),
        )
        .subcommand(Command::new("list"))
        .subcommand(Command::new("release").arg(id()).arg(why()))
        .subcommand(Command::new("confirm").arg(id()))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = Arc::new(context.open().await?);
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let Some((verb, matches)) = matches.subcommand().filter(|(verb, _)| *verb != "list") else {
        return list(context, &vault.snapshot().await?);
    };
    let access = match verb {
        "place" => Access::new("hold.place").with("why", text(matches, "why")),
        "release" => Access::new("hold.release").with("hold", text(matches, "id")).with("why", text(matches, "why")),
        _ => Access::new("hold.confirm").with("hold", text(matches, "id")),
    };
    let mut recorded = Recorded::begin(context, &vault, access).await?;
    let ended = match verb {
        "place" => place(context, &vault, matches, &mut recorded).await,
        "release" => release(context, &vault, &text(matches, "id"), text(matches, "why")).await,
        _ => confirm(context, &vault, &text(matches, "id")).await,
    };
    recorded.ended(ended)
}

/// Who it is, as records of accesses tell it: who became another by `sudo` is himself.
fn person() -> Result<String> {
    let actor = access::actor();
    let name = |key: &str| actor.get(key).and_then(|name| name.as_str()).map(str::to_owned);
    name("sudo_user").or_else(|| name("user")).ok_or_else(|| Fault::caller(msg!("cli-hold-nobody")))
}

pub(super) fn step(why: String) -> Result<Step> {
    Ok(Step { by: person()?, at: Timestamp::now().to_string(), why })
}

async fn place(context: &Context, vault: &Arc<Vault>, matches: &ArgMatches, recorded: &mut Recorded) -> Result<Exit> {
    let names = |name: &str| matches.get_many::<String>(name).unwrap_or_default().cloned().collect::<BTreeSet<_>>();
    let day = |name: &str| matches.get_one::<String>(name).map(|text| Day::parse(text)).transpose();
    known_sources(&names("source").into_iter().collect::<Vec<String>>())?;
    let Step { by, at, why } = step(matches.get_one::<String>("why").cloned().unwrap_or_default())?;
    let mut hold = Hold {
        by,
        at,
        why,
        until: day("until")?.map(|day| day.to_string()),
        sources: names("source"),
        streams: names("stream"),
        from: day("from")?.map(|day| day.start().0),
        to: day("to")?.map(|day| day.start().0),
        query: matches
            .get_one::<String>("query")
            .map(|text| Asked { text: text.clone(), sql: matches.get_flag("sql") }),
        segments: BTreeSet::new(),
        release: None,
        confirmed: None,
    };
    if hold.from.is_some_and(|from| hold.to.is_some_and(|to| to <= from)) {
        let day = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
        return Err(Fault::caller(msg!("cli-range-empty", from = day("from"), to = day("to"))));
    }
    if hold.query.is_some() {
        let files = vault.snapshot().await?.replay.files().map(|file| file.add.clone()).collect();
        hold.segments = answering(context, vault, &hold, files).await?;
    } else if hold.sources.is_empty() && hold.streams.is_empty() && hold.from.is_none() && hold.to.is_none() {
        return Err(Fault::caller(msg!("cli-hold-covers-nothing")));
    }
    let id: String = new_name()?.to_string().chars().take(8).collect();
    vault.set_hold(&id, None, &hold).await?;
    recorded.detail("hold", id.as_str());
    let size = sealed(context, vault).await?;
    let covered = Covered::by(&hold, &vault.snapshot().await?);
    if context.json {
        let Covered { files, records } = covered;
        output::json(
            &json!({"id": id, "in_force": true, "covers": {"files": files, "records": records}, "hold": hold}),
        )?;
        return Ok(Exit::Done);
    }
    context.say(&msg!("cli-hold-placed", id = id.as_str(), size = size));
    if covered.files == 0 {
        context.note(&msg!("cli-hold-covers-none-yet"));
    } else {
        context.say(&msg!("cli-hold-covers-now", files = covered.files, records = covered.records));
    }
    Ok(Exit::Done)
}

/// What a hold keeps of what is in the vault: files are kept whole.
struct Covered {
    files: usize,
    records: u64,
}

impl Covered {
    fn by(hold: &Hold, snapshot: &Snapshot) -> Self {
        let is_covered = |add: &&Add| add.tags.segments.iter().any(|tag| hold.covers(tag));
        let files: Vec<&Add> = snapshot.replay.files().map(|file| &file.add).filter(is_covered).collect();
        Self { files: files.len(), records: files.iter().map(|add| add.left()).sum() }
    }
}

/// The segments of some files that answer the question of a hold.
async fn answering(context: &Context, vault: &Arc<Vault>, hold: &Hold, files: Vec<Add>) -> Result<BTreeSet<String>> {
    let Some(Asked { text, sql }) = &hold.query else { return Ok(BTreeSet::new()) };
    let options = Options {
        from: hold.from.map(Timestamp),
        to: hold.to.map(Timestamp),
        sources: hold.sources.iter().cloned().collect(),
        streams: hold.streams.iter().cloned().collect(),
        with_pointers: true,
        mapping: Mapping::of_vault(vault.snapshot().await?.app_mapping())?,
        ..Options::default()
    };
    let engine = Engine::over_files(Arc::clone(vault), files, options);
    let found = segments_behind(&engine, text, *sql).await.map_err(|failure| fault(context, text, failure))?;
    let all: BTreeSet<String> = found.iter().map(ToString::to_string).chain(hold.segments.iter().cloned()).collect();
    if all.len() > MAX_HELD_SEGMENTS {
        return Err(Fault::caller(msg!("cli-hold-too-much", count = all.len(), limit = MAX_HELD_SEGMENTS)));
    }
    Ok(all)
}

/// Asks the questions of holds again, of all that is due, and adds what answers them. Gives how many commits were looked at.
pub(super) async fn renew(context: &Context, vault: &Arc<Vault>) -> Result<u64> {
    let snapshot = vault.snapshot().await?;
    let due = plan(&snapshot.replay, Timestamp::now().0.div_euclid(1_000))?;
    let files: Vec<Add> = due.iter().flat_map(|due| &due.files).map(|file| file.add.clone()).collect();
    renew_over(context, vault, &snapshot, &files).await?;
    Ok(snapshot.size())
}

/// Asks the questions of holds again, of some files, and adds what answers them.
pub(super) async fn renew_over(
    context: &Context,
    vault: &Arc<Vault>,
    snapshot: &Snapshot,
    files: &[Add],
) -> Result<()> {
    for (id, seen) in snapshot.holds()?.into_iter().filter(|(_, hold)| hold.is_in_force()) {
        let segments = answering(context, vault, &seen, files.to_vec()).await?;
        if !segments.is_subset(&seen.segments) {
            vault.set_hold(&id, Some(&seen), &Hold { segments, ..seen.clone() }).await?;
        }
    }
    Ok(())
}

async fn release(context: &Context, vault: &Vault, id: &str, why: String) -> Result<Exit> {
    let seen = known(&vault.snapshot().await?, id)?;
    let mut hold = seen.clone();
    if let Some(asked) = &hold.release {
        return Err(Fault::caller(msg!("cli-hold-asked-before", id = id, by = asked.by.as_str())));
    }
    hold.release = Some(step(why)?);
    vault.set_hold(id, Some(&seen), &hold).await?;
    sealed(context, vault).await?;
    tell(context, id, &hold, &msg!("cli-hold-asked", id = id))
}

async fn confirm(context: &Context, vault: &Vault, id: &str) -> Result<Exit> {
    let seen = known(&vault.snapshot().await?, id)?;
    let mut hold = seen.clone();
    let Some(asked) = &hold.release else { return Err(Fault::caller(msg!("cli-hold-not-asked", id = id))) };
    let confirmed = step(String::new())?;
    if is_same_person(&asked.by, &confirmed.by) {
        return Err(Fault::caller(msg!("cli-hold-same-person", by = asked.by.as_str())));
    }
    hold.confirmed = Some(confirmed);
    vault.set_hold(id, Some(&seen), &hold).await?;
    sealed(context, vault).await?;
    tell(context, id, &hold, &msg!("cli-hold-released", id = id))
}

/// A hold that is in force.
fn known(snapshot: &Snapshot, id: &str) -> Result<Hold> {
    let hold = snapshot.holds()?.remove(id).ok_or_else(|| Fault::caller(msg!("cli-hold-unknown", id = id)))?;
    if hold.is_in_force() { Ok(hold) } else { Err(Fault::caller(msg!("cli-hold-released-before", id = id))) }
}

pub(super) async fn sealed(context: &Context, vault: &Vault) -> Result<u64> {
    let (checkpoint, warnings) = vault.seal().await?;
    for warning in &warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    Ok(checkpoint.size())
}

fn tell(context: &Context, id: &str, hold: &Hold, message: &Message) -> Result<Exit> {
    if context.json {
        output::json(&json!({"id": id, "in_force": hold.is_in_force(), "hold": hold}))?;
    } else {
        context.say(message);
    }
    Ok(Exit::Done)
}

fn list(context: &Context, snapshot: &Snapshot) -> Result<Exit> {
    let holds = snapshot.holds()?;
    if context.json {
        let of = |(id, hold): (&String, &Hold)| json!({"id": id, "in_force": hold.is_in_force(), "hold": hold});
        output::json(&holds.iter().map(of).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if holds.is_empty() {
        context.say(&msg!("cli-hold-none"));
        return Ok(Exit::Done);
    }
    let heads = ["cli-hold-id", "cli-hold-scope", "cli-hold-why", "cli-hold-by", "cli-hold-until", "cli-hold-state"];
    let mut table = output::table(&heads.map(|id| lookup(id, context.lang).unwrap_or_default()));
    for (id, hold) in &holds {
        let placed = format!("{}\n{}", hold.by, hold.at);
        let until = hold.until.clone().unwrap_or_default();
        table.add_row([id.clone(), scope(hold), hold.why.clone(), placed, until, state(hold).text(context.lang)]);
    }
    output::line(&table.to_string());
    Ok(Exit::Done)
}

fn scope(hold: &Hold) -> String {
    let day = |time: Option<i64>| time.map(|time| Timestamp(time).day().to_string()).unwrap_or_default();
    let mut parts: Vec<String> = hold.query.iter().map(|asked| asked.text.clone()).collect();
    parts.extend(hold.sources.iter().chain(&hold.streams).cloned());
    if hold.from.is_some() || hold.to.is_some() {
        parts.push(format!("{} – {}", day(hold.from), day(hold.to)));
    }
    parts.join("\n")
}

fn state(hold: &Hold) -> Message {
    let today = Timestamp::now().day().to_string();
    match (&hold.release, &hold.confirmed, &hold.until) {
        (Some(asked), Some(confirmed), _) => {
            msg!("cli-hold-is-released", by = asked.by.as_str(), other = confirmed.by.as_str())
        }
        (Some(asked), None, _) => msg!("cli-hold-release-asked", by = asked.by.as_str()),
        (None, _, Some(day)) if *day < today => msg!("cli-hold-overdue", day = day.as_str()),
        _ => msg!("cli-hold-in-force"),
    }
}
