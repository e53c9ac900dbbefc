//! `shoseki gaps`: where a stream should have spoken and did not; `gaps repair` fetches such stretches again, `gaps settle` says why
//! nothing more will come.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_comply::gaps::{Asked, Gap, Kind, Register, SETTLED, State, Stream, register};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, lookup, msg};
use shoseki_query::Engine;
use shoseki_server::{Ask, Config};
use shoseki_vault::Vault;

use super::Entry;
use super::query::{newest, range};
use super::serve::{self, Opened};
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "gaps", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// How far back gaps are looked for where nothing is said, in microseconds.
const USUAL: i64 = 7 * 86_400 * 1_000_000;

fn arguments(command: Command) -> Command {
    let repair = Command::new("repair");
    let settle = asked(Command::new("settle"))
        .arg(Arg::new("stream").value_name("STREAM").required(true))
        .arg(Arg::new("begin").long("begin").value_name("TIME"))
        .arg(Arg::new("cause").long("cause").value_name("TEXT").required(true))
        .arg(Arg::new("answer").long("answer").value_name("TEXT"));
    asked(command)
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue))
        .arg(Arg::new("streams").long("streams").action(ArgAction::SetTrue))
        .args_conflicts_with_subcommands(true)
        .subcommand(asked(repair))
        .subcommand(settle)
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
    match matches.subcommand() {
        Some(("repair", matches)) => return repair(context, matches).await,
        Some(("settle", matches)) => return settle(context, matches).await,
        _ => {}
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
    let objects = missing(&before);
    let of_objects = (!objects.is_empty()).then(|| Ask { objects, ..Ask::default() });
    let of_stretches = stretches(&before, asked.to);
    let of_stretches = of_stretches.into_iter().map(|stretch| Ask { stretch: Some(stretch), ..Ask::default() });
    let mut fetched = Vec::new();
    for ask in of_objects.into_iter().chain(of_stretches) {
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

/// The open gaps of a stream that begin then; the only one where no beginning is named.
fn named(context: &Context, found: &Register, stream: &str, begin: Option<Timestamp>) -> Result<Vec<Gap>> {
    let of_stream: Vec<&Gap> = found.open().filter(|gap| gap.stream == stream).collect();
    let is_meant = |gap: &&&Gap| begin.is_none_or(|begin| gap.from == begin);
    let meant: Vec<Gap> = of_stream.iter().filter(is_meant).map(|gap| (*gap).clone()).collect();
    let is_one = meant.iter().all(|gap| meant.first().is_some_and(|first| first.from == gap.from));
    if !meant.is_empty() && is_one {
        return Ok(meant);
    }
    let begins: Vec<String> = of_stream.iter().map(|gap| context.local(gap.from)).collect();
    Err(Fault::caller(if begins.is_empty() {
        msg!("cli-gaps-settle-none", stream = stream)
    } else {
        msg!("cli-gaps-settle-which", stream = stream, begins = begins.join(", "))
    }))
}

/// Records why events are missing for good, and what was done about it: the gap is settled, and is not forgotten.
async fn settle(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let config = matches.get_one::<String>("config").map(PathBuf::from);
    let config = config.map(|path| Config::read(&path)).transpose()?;
    let vault = Arc::new(context.open().await?);
    let (begin, _) = range(context, text("begin"), None)?;
    let mut asked = asked_of(context, matches, config.as_ref())?;
    asked.from = begin.map_or(asked.from, |begin| Timestamp(begin.0.min(asked.from.0)));
    let (stream, cause) = (text("stream").unwrap_or_default(), text("cause").unwrap_or_default().trim());
    if cause.is_empty() {
        return Err(Fault::caller(msg!("cli-gaps-settle-cause")));
    }
    let gaps = named(context, &look(context, &vault, &asked).await?, stream, begin)?;
    let Some(gap) = gaps.first() else { return Ok(Exit::Done) };
    let access = Access::new(SETTLED).with("stream", stream).with("from", gap.from.to_string()).with("cause", cause);
    let access = access.with("kind", gap.kind.name());
    let access = text("answer").into_iter().fold(access, |access, answer| access.with("answer", answer));
    let access = gap.to.into_iter().fold(access, |access, to| access.with("to", to.to_string()));
    let recorded = Recorded::begin(context, &vault, access).await?;
    if !recorded.is_recorded() {
        return Err(Fault::world(msg!("cli-gaps-settle-unrecorded")));
    }
    recorded.whole();
    access::take_in(context, &vault).await;
    let after = look(context, &vault, &asked).await?;
    let is_settled = |gap: &&Gap| gap.stream == stream && gap.state == State::Settled;
    let settled: Vec<&Gap> = after.gaps.iter().filter(is_settled).collect();
    if context.json {
        output::json(&json!({"settled": settled.iter().map(|gap| gap.to_json()).collect::<Vec<_>>()}))?;
    } else if settled.iter().any(|settled| settled.from == gap.from) {
        context.say(&msg!("cli-gaps-settled", stream = stream, from = context.local(gap.from)));
    } else {
        context.say(&msg!("cli-gaps-settle-waits", stream = stream));
    }
    Ok(Exit::Done)
}

/// The stretches in which something is missing, put together where they touch.
/// The object that is missing: its gap is of the time when that was told, and says nothing of the object's own.
fn object(gap: &Gap) -> Option<&str> {
    gap.detail.as_deref().filter(|detail| gap.kind == Kind::Missing && detail.starts_with("s3://"))
}

/// The objects that are missing, by their URLs.
fn missing(register: &Register) -> Vec<String> {
    register.open().filter_map(object).map(str::to_owned).collect()
}

fn stretches(register: &Register, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let is_fetched =
        |gap: &&Gap| matches!(gap.kind, Kind::Silent | Kind::Never | Kind::Missing) && object(gap).is_none();
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
    if shown.is_empty() && found.streams.is_empty() {
        context.say(&msg!("cli-gaps-nothing"));
    } else if shown.is_empty() {
        // Of a stream without a rhythm nothing can be missing; what is said of those stands below.
        let judged = found.streams.iter().filter(|stream| stream.rhythm.is_some()).count();
        if judged > 0 {
            context.say(&msg!("cli-gaps-none", streams = judged));
        }
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
    if let Some(settled) = &gap.settled {
        let by = settled.by.as_deref().unwrap_or("?");
        let parts = [Some(settled.cause.as_str()), settled.answer.as_deref(), Some(by)];
        return parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    }
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
