//! `shoseki retention`: for how long what is kept, deleting what is older, and in which storage class what is kept lies.

mod tier;

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_segment::retention::{DEFAULT_CLASS, MAX_MONTHS};
use shoseki_vault::ingest::Meter;
use shoseki_vault::retention::{Due, plan};
use shoseki_vault::{Snapshot, Vault};

use super::ingest::stop_on_ctrl_c;
use super::query::known_sources;
use super::{Entry, hold};
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry =
    Entry { name: "retention", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// What regulations ask for, in months.
pub(super) const PRESETS: [(&str, u32); 4] = [("pci-dss", 12), ("fiea", 60), ("tax", 84), ("companies-act", 120)];

fn arguments(command: Command) -> Command {
    let many = |name: &'static str| Arg::new(name).long(name).value_name("NAME").action(ArgAction::Append);
    let months = value_parser!(u32).range(1..=i64::from(MAX_MONTHS));
    command
        .subcommand_required(true)
        .subcommand(Command::new("show"))
        .subcommand(
            Command::new("set")
                .arg(Arg::new("class").value_name("CLASS").default_value(DEFAULT_CLASS))
                .arg(Arg::new("months").long("months").value_name("N").value_parser(months))
                .arg(
                    Arg::new("preset")
                        .long("preset")
                        .value_name("PRESET")
                        .value_parser(PRESETS.map(|(name, _)| name))
                        .conflicts_with("months"),
                )
                .arg(
                    Arg::new("for-ever")
                        .long("for-ever")
                        .action(ArgAction::SetTrue)
                        .conflicts_with_all(["months", "preset"]),
                )
                .arg(many("stream"))
                .arg(many("source")),
        )
        .subcommand(Command::new("plan"))
        .subcommand(
            Command::new("run")
                .arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue))
                .arg(Arg::new("reason").long("reason").value_name("TEXT").default_value("retention")),
        )
        .subcommand(tier::command())
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if let Some(("tier", matches)) = matches.subcommand() {
        return tier::run(context, matches).await; // what lies where can be seen without the vault's keys
    }
    let vault = Arc::new(context.open().await?);
    match matches.subcommand() {
        Some(("set", matches)) => {
            let class = matches.get_one::<String>("class").cloned().unwrap_or_default();
            let recorded = Recorded::begin(context, &vault, Access::new("retention.set").with("class", class)).await?;
            let ended = set(context, &vault, matches).await;
            recorded.ended(ended)
        }
        Some(("plan", _)) => show_plan(context, &vault.snapshot().await?),
        Some(("run", matches)) => {
            if !is_wanted(context, &vault, matches).await? {
                return Ok(Exit::Done);
            }
            let reason = matches.get_one::<String>("reason").cloned().unwrap_or_default();
            let access = Access::new("retention.run").with("reason", reason.as_str());
            let mut recorded = Recorded::begin(context, &vault, access).await?;
            let ended = expire(context, &vault, &reason, &mut recorded).await;
            recorded.ended(ended)
        }
        _ => show(context, &vault.snapshot().await?),
    }
}

/// A period in words.
fn period(context: &Context, months: Option<u32>) -> String {
    let message =
        months.map_or_else(|| msg!("cli-retention-for-ever"), |months| msg!("cli-retention-months", months = months));
    message.text(context.lang)
}

/// The period of each class, the default one among them; nothing is for ever.
pub(super) fn periods(snapshot: &Snapshot) -> Result<BTreeMap<String, Option<u32>>> {
    let mut classes = snapshot.policy()?.classes;
    classes.entry(DEFAULT_CLASS.to_owned()).or_insert(None);
    Ok(classes)
}

/// They in words, a class a line.
pub(super) fn in_short(context: &Context, periods: &BTreeMap<String, Option<u32>>) -> String {
    let lines = periods.iter().map(|(class, months)| format!("{class}: {}", period(context, *months)));
    lines.collect::<Vec<String>>().join("\n")
}

fn show(context: &Context, snapshot: &Snapshot) -> Result<Exit> {
    let mut policy = snapshot.policy()?;
    if context.json {
        output::json(&policy)?;
        return Ok(Exit::Done);
    }
    policy.classes.entry(DEFAULT_CLASS.to_owned()).or_insert(None);
    let heads = ["cli-retention-class", "cli-retention-period", "cli-retention-of", "cli-retention-expired"];
    let mut table = output::table(&heads.map(|id| lookup(id, context.lang).unwrap_or_default()));
    for (class, months) in &policy.classes {
        let own = policy.sources.iter().chain(&policy.streams).filter(|(_, of)| *of == class);
        let mut own: Vec<String> = own.map(|(name, _)| name.clone()).collect();
        if class == DEFAULT_CLASS {
            own.push(msg!("cli-retention-rest").text(context.lang));
        }
        let expired = snapshot.replay.expired_before(class).map(|day| day.to_string()).unwrap_or_default();
        table.add_row([class.clone(), period(context, *months), own.join("\n"), expired]);
    }
    output::line(&table.to_string());
    Ok(Exit::Done)
}

async fn set(context: &Context, vault: &Vault, matches: &ArgMatches) -> Result<Exit> {
    let class = matches.get_one::<String>("class").cloned().unwrap_or_default();
    let names = |name: &str| matches.get_many::<String>(name).unwrap_or_default().cloned().collect::<Vec<_>>();
    let preset = matches.get_one::<String>("preset");
    let preset = preset.and_then(|name| PRESETS.iter().find(|(known, _)| known == name)).map(|(_, months)| *months);
    let months = matches.get_one::<u32>("months").copied().or(preset);
    known_sources(&names("source"))?;
    if months.is_none() && !matches.get_flag("for-ever") && names("stream").is_empty() && names("source").is_empty() {
        return Err(Fault::caller(msg!("cli-retention-what")));
    }
    let mut policy = vault.snapshot().await?.policy()?;
    if months.is_some() || matches.get_flag("for-ever") {
        policy.classes.insert(class.clone(), months);
    } else if !policy.classes.contains_key(&class) && class != DEFAULT_CLASS {
        return Err(Fault::caller(msg!("cli-retention-what")));
    }
    policy.streams.extend(names("stream").into_iter().map(|name| (name, class.clone())));
    policy.sources.extend(names("source").into_iter().map(|name| (name, class.clone())));
    let is_new = vault.set_policy(&policy).await?;
    let (checkpoint, warnings) = vault.seal().await?;
    for warning in &warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    let months = policy.months(&class);
    if context.json {
        output::json(&json!({"class": class, "months": months, "new": is_new, "tree_size": checkpoint.size()}))?;
    } else if is_new {
        let period = period(context, months);
        context.say(&msg!("cli-retention-set", class = class, period = period, size = checkpoint.size()));
    } else {
        context.say(&msg!("cli-retention-there", class = class));
    }
    Ok(Exit::Done)
}

fn now_ms() -> i64 {
    Timestamp::now().0.div_euclid(1_000)
}

fn counts<'a>(files: impl Iterator<Item = &'a shoseki_segment::commit::File>) -> (u64, u64, u64) {
    files.fold((0, 0, 0), |(files, records, bytes), file| {
        (files + 1, records + file.add.records(), bytes + file.add.size)
    })
}

fn as_json(due: &Due) -> Value {
    let (files, records, bytes) = counts(due.files.iter());
    let held: Vec<Value> = due.held.iter().map(|(file, by)| json!({"path": file.add.path(), "by": by})).collect();
    json!({
        "class": due.class, "months": due.months, "before": due.before.to_string(), "files": files, "records": records,
        "bytes": bytes, "from": due.files.iter().map(|file| file.add.day).min().map(|day| day.to_string()), "held": held,
    })
}

fn show_plan(context: &Context, snapshot: &Snapshot) -> Result<Exit> {
    let all = plan(&snapshot.replay, now_ms())?;
    let counted = snapshot.replay.counted_from(now_ms());
    if context.json {
        let due: Vec<Value> = all.iter().map(as_json).collect();
        output::json(&json!({"counted_from": counted.map(|day| day.to_string()), "due": due}))?;
        return Ok(Exit::Done);
    }
    let Some(counted) = counted else {
        context.say(&msg!("cli-retention-no-time"));
        return Ok(Exit::Done);
    };
    let heads = [
        "cli-retention-class",
        "cli-retention-before",
        "cli-retention-files",
        "cli-retention-records",
        "cli-retention-bytes",
        "cli-retention-held",
        "cli-retention-by",
    ];
    let mut table = output::table(&heads.map(|id| lookup(id, context.lang).unwrap_or_default()));
    for due in &all {
        let (files, records, bytes) = counts(due.files.iter());
        let mut by: Vec<&String> = due.held.iter().flat_map(|(_, by)| by).collect();
        by.sort();
        by.dedup();
        let by: Vec<&str> = by.into_iter().map(String::as_str).collect();
        table.add_row([
            due.class.clone(),
            due.before.to_string(),
            output::count(files),
            output::count(records),
            output::bytes(bytes),
            output::count(due.held.len() as u64),
            by.join(", "),
        ]);
    }
    output::line(&table.to_string());
    context.say(&msg!("cli-retention-counted", day = counted.to_string()));
    let asked = snapshot.holds()?.values().filter(|hold| hold.is_in_force() && hold.query.is_some()).count();
    if asked > 0 {
        context.say(&msg!("cli-retention-asked", count = asked));
    }
    context.say(&msg!("cli-retention-dry-run"));
    Ok(Exit::Done)
}

/// Whether it is to be done: what goes for good is asked about first.
async fn is_wanted(context: &Context, vault: &Vault, matches: &ArgMatches) -> Result<bool> {
    let all = plan(&vault.snapshot().await?.replay, now_ms())?;
    let (files, records, _) = counts(all.iter().flat_map(|due| &due.files));
    if files == 0 || matches.get_flag("yes") {
        return Ok(true); // where nothing is due, what an earlier run left is done
    }
    if !std::io::stdin().is_terminal() {
        return Err(Fault::caller(msg!("cli-retention-not-asked")));
    }
    let question = msg!("cli-retention-ask", files = output::count(files), records = output::count(records));
    output::aside(&question.text(context.lang));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && answer.trim() == "yes")
}

async fn expire(context: &Context, vault: &Arc<Vault>, reason: &str, recorded: &mut Recorded) -> Result<Exit> {
    let meter = Arc::new(Meter::default());
    // Holds by a question cover what answers it now: it is asked of all that would go, before any of it does.
    let known = hold::renew(context, vault).await?;
    let said = msg!("cli-retention-stopping").text(context.lang);
    let stopper = tokio::spawn(stop_on_ctrl_c(Arc::clone(&meter), said));
    let done = vault.expire(reason, known, &meter).await;
    stopper.abort();
    let done = done?;
    recorded.detail("files", done.files);
    recorded.detail("records", done.records);
    if context.json {
        output::json(&done)?;
    } else if done.files == 0 && done.deleted == 0 {
        context.say(&msg!("cli-retention-nothing"));
    } else {
        let (files, records) = (output::count(done.files), output::count(done.records));
        let deleted = output::count(done.deleted);
        context.say(&msg!(
            "cli-retention-done",
            files = files,
            records = records,
            deleted = deleted,
            size = done.tree_size
        ));
    }
    if done.stopped {
        context.note(&msg!("cli-retention-stopped"));
        return Ok(Exit::Stopped);
    }
    Ok(Exit::Done)
}
