//! `shoseki gaps`: where a stream should have spoken and did not; `gaps repair` fetches such stretches again.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_comply::gaps::{Asked, Gap, Kind, Register, Stream, register};
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Result, lookup, msg};
use shoseki_query::Engine;
use shoseki_server::{Ask, Config};
use shoseki_vault::Vault;

use super::Entry;
use super::query::{newest, range};
use super::serve::{self, Opened};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "gaps", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// How far back gaps are looked for where nothing is said, in microseconds.
const USUAL: i64 = 7 * 86_400 * 1_000_000;

fn arguments(command: Command) -> Command {
    let repair = Command::new("repair");
    asked(command)
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue))
        .arg(Arg::new("streams").long("streams").action(ArgAction::SetTrue))
        .args_conflicts_with_subcommands(true)
        .subcommand(asked(repair))
}

fn asked(command: Command) -> Command {
    let config = Arg::new("config").long("config").short('c').env("SHOSEKI_CONFIG").hide_env_values(true);
    command
        .arg(config.value_name("FILE"))
        .arg(Arg::new("wal").long("wal").env("SHOSEKI_WAL").hide_env_values(true).value_name("DIR"))
        .arg(Arg::new("from").long("from").value_name("TIME").allow_hyphen_values(true))
        .arg(Arg::new("to").long("to").value_name("TIME").allow_hyphen_values(true))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if let Some(("repair", matches)) = matches.subcommand() {
        return repair(context, matches).await;
    }
    let config = matches.get_one::<String>("config").map(PathBuf::from);
    let config = config.map(|path| Config::read(&path)).transpose()?;
    let vault = Arc::new(context.open().await?);
    let found = look(context, &vault, &asked_of(context, matches, config.as_ref())?).await?;
    if context.json {
        output::json(&json!({
            "gaps": found.gaps.iter().map(Gap::to_json).collect::<Vec<_>>(),
            "streams": found.streams.iter().map(stream_json).collect::<Vec<_>>(),
        }))?;
    } else if matches.get_flag("streams") {
        streams_table(context, &found);
    } else {
        print(context, &found, matches.get_flag("all"));
    }
    Ok(exit(&found))
}

/// Where of no stream it is known how it speaks, nothing can be said: that is no pass.
fn exit(found: &Register) -> Exit {
    match found.open().next() {
        Some(_) => Exit::Failed,
        None if found.streams.iter().all(|stream| stream.rhythm.is_none()) => Exit::Unverifiable,
        None => Exit::Done,
    }
}

fn asked_of(context: &Context, matches: &ArgMatches, config: Option<&Config>) -> Result<Asked> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (from, to) = range(context, text("from"), text("to"))?;
    let to = to.map_or_else(Timestamp::now, |to| to.min(Timestamp::now()));
    let from = from.unwrap_or(Timestamp(to.0 - USUAL));
    Ok(Asked { from, to, expected: config.map(shoseki_server::expected).unwrap_or_default() })
}

async fn look(context: &Context, vault: &Arc<Vault>, asked: &Asked) -> Result<Register> {
    let tail = newest(context, vault, false, false).await?;
    register(|options| Engine::over_tail(Arc::clone(vault), &tail, options), asked).await
}

/// Fetches the stretches in which something is missing, and says what is still missing.
async fn repair(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let (_, config) = serve::config(matches)?;
    let Opened { vault, wal } = serve::open(context, &config).await?;
    let asked = asked_of(context, matches, Some(&config))?;
    let before = look(context, &vault, &asked).await?;
    let stretches = stretches(&before, asked.to);
    let mut fetched = Vec::new();
    for stretch in &stretches {
        let ask = Ask { names: Vec::new(), stretch: Some(*stretch) };
        let about = (&ask, super::fetch::happened(context), serve::stopped()?);
        let (brought, is_stopped) = shoseki_server::fetch(Arc::clone(&vault), &config, &wal, about).await?;
        fetched.extend(brought);
        if is_stopped {
            return Ok(Exit::Stopped);
        }
    }
    let after = look(context, &vault, &asked).await?;
    let (was, is) = (before.open().count(), after.open().count());
    let events: u64 = fetched.iter().map(|one| one.events).sum();
    let faults = fetched.iter().filter_map(|one| Some((&one.name, one.fault.as_ref()?))).collect::<Vec<_>>();
    if context.json {
        let problems = faults.iter().map(|(name, fault)| json!({"name": name, "why": fault.chain(Lang::En)}));
        output::json(&json!({
            "before": was,
            "fetched_events": events,
            "gaps": after.gaps.iter().map(Gap::to_json).collect::<Vec<_>>(),
            "problems": problems.collect::<Vec<_>>(),
        }))?;
    } else {
        context.say(&msg!("cli-gaps-repaired", before = was, after = is, events = events));
        print(context, &after, false);
    }
    for (name, fault) in faults {
        context.note(&msg!("cli-fetch-failed", name = name, why = fault.chain(context.lang)));
    }
    Ok(if is == 0 { Exit::Done } else { Exit::Failed })
}

/// The stretches in which something is missing, put together where they touch.
fn stretches(register: &Register, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let is_fetched = |gap: &&Gap| matches!(gap.kind, Kind::Silent | Kind::Never | Kind::Missing);
    let mut all: Vec<_> = register.open().filter(is_fetched).map(|gap| (gap.from, gap.to.unwrap_or(now))).collect();
    all.sort_unstable();
    let mut stretches: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, to) in all {
        match stretches.last_mut() {
            Some((_, end)) if from <= *end => *end = (*end).max(to),
            _ => stretches.push((from, to)),
        }
    }
    stretches
}

fn stream_json(stream: &Stream) -> serde_json::Value {
    json!({
        "stream": stream.name,
        "last": stream.last.map(|last| last.to_string()),
        "at_most_minutes": stream.rhythm.as_ref().map(|rhythm| rhythm.at_most),
        "hours_of_the_week": stream.rhythm.as_ref().map(shoseki_comply::gaps::Rhythm::hours),
        "expected": stream.rhythm.as_ref().map(|_| if stream.is_stated { "stated" } else { "learned" }),
        "delay_minutes": stream.delay,
    })
}

fn headings<const N: usize>(lang: Lang, names: [&str; N]) -> [String; N] {
    names.map(|name| lookup(&format!("cli-gaps-{name}"), lang).unwrap_or_default())
}

fn word(lang: Lang, name: &str) -> String {
    lookup(&format!("cli-gaps-{name}"), lang).unwrap_or_default()
}

fn print(context: &Context, found: &Register, all: bool) {
    let shown: Vec<&Gap> = if all { found.gaps.iter().collect() } else { found.open().collect() };
    if shown.is_empty() {
        context.say(&msg!("cli-gaps-none", streams = found.streams.len()));
    } else {
        let lang = context.lang;
        let mut table = output::table(&headings(lang, ["state", "kind", "stream", "from", "to", "why"]));
        for gap in &shown {
            let to = gap.to.map_or_else(|| word(lang, "now"), |to| context.local(to));
            table.add_row([
                word(lang, &format!("state-{}", gap.state.name())),
                word(lang, &format!("kind-{}", gap.kind.name())),
                gap.stream.clone(),
                context.local(gap.from),
                to,
                why(lang, gap),
            ]);
        }
        output::line(&table.to_string());
        let mut kinds: Vec<Kind> = shown.iter().map(|gap| gap.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for gap in kinds.iter().filter_map(|kind| shown.iter().find(|gap| gap.kind == *kind)) {
            let kind = word(lang, &format!("kind-{}", gap.kind.name()));
            context.say(&msg!("cli-gaps-mend", kind = kind, what = gap.mend().text(lang)));
        }
    }
    let unknown = found.streams.iter().filter(|stream| stream.rhythm.is_none()).count();
    if unknown > 0 {
        context.note(&msg!("cli-gaps-unknown", count = unknown));
    }
}

fn why(lang: Lang, gap: &Gap) -> String {
    if let Some(at_most) = gap.at_most {
        let id = if gap.is_stated { "cli-gaps-stated" } else { "cli-gaps-learned" };
        return match id {
            "cli-gaps-stated" => msg!("cli-gaps-stated", minutes = at_most).text(lang),
            _ => msg!("cli-gaps-learned", minutes = at_most).text(lang),
        };
    }
    let count = gap.lost.map(|count| msg!("cli-gaps-lost", count = count).text(lang));
    count.into_iter().chain(gap.detail.clone()).collect::<Vec<_>>().join(" · ")
}

fn streams_table(context: &Context, found: &Register) {
    let lang = context.lang;
    let mut table = output::table(&headings(lang, ["stream", "last", "at-most", "hours", "delay"]));
    for stream in &found.streams {
        let last = stream.last.map(|last| context.local(last)).unwrap_or_default();
        let (at_most, hours) = match &stream.rhythm {
            Some(rhythm) if stream.is_stated => (msg!("cli-gaps-stated", minutes = rhythm.at_most), rhythm.hours()),
            Some(rhythm) => (msg!("cli-gaps-learned", minutes = rhythm.at_most), rhythm.hours()),
            None => (msg!("cli-gaps-learning"), 0),
        };
        let delay = msg!("cli-gaps-minutes", minutes = stream.delay).text(lang);
        table.add_row([stream.name.clone(), last, at_most.text(lang), format!("{hours}/168"), delay]);
    }
    output::line(&table.to_string());
}
