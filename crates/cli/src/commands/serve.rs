//! `shoseki serve`: takes in what is pushed, until it is told to stop.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use shoseki_messages::{Fault, Lang, Message, Result, lookup, msg};
use shoseki_server::config::{Schedule, Telling};
use shoseki_server::schedule::zone_of;
use shoseki_server::{Config, Happening, Serving, serve};
use shoseki_vault::Vault;

use super::{Entry, schedule};
use crate::context::Context;
use crate::{Exit, output};

pub const ENTRY: Entry = Entry { name: "serve", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    shared_arguments(command)
        .arg(Arg::new("check").long("check").action(ArgAction::SetTrue))
        .arg(Arg::new("test-alerts").long("test-alerts").action(ArgAction::SetTrue).conflicts_with("check"))
}

/// The arguments that say where the configuration and the write-ahead log are.
pub(super) fn shared_arguments(command: Command) -> Command {
    command
        .arg(
            Arg::new("config").long("config").short('c').env("SHOSEKI_CONFIG").hide_env_values(true).value_name("FILE"),
        )
        .arg(Arg::new("wal").long("wal").env("SHOSEKI_WAL").hide_env_values(true).value_name("DIR"))
}

/// The configuration where none is named.
const CONFIG: &str = "shoseki.toml";

/// The configuration that is named, and its path.
pub(super) fn config(matches: &ArgMatches) -> Result<(PathBuf, Config)> {
    let path = PathBuf::from(matches.get_one::<String>("config").map_or(CONFIG, String::as_str));
    let config = Config::read(&path)?;
    Ok((path, config))
}

/// The vault, and the folder of its write-ahead log.
pub(super) struct Opened {
    pub(super) vault: Arc<Vault>,
    pub(super) wal: PathBuf,
}

/// Opens what a configuration names, for who writes the log.
pub(super) async fn open(context: &Context, config: &Config) -> Result<Opened> {
    let vault = vault(context, config).await?;
    let wal = context.wal(&vault, config.wal.as_deref())?;
    if let Err(fault) = context.note_wal(&vault, &wal) {
        context.note(&msg!("cli-warning", what = fault.chain(context.lang))); // a question must then be told where it is
    }
    Ok(Opened { vault, wal })
}

/// The same for who works beside `serve`: the log is where `serve` noted that it is, unless it is named.
pub(super) async fn open_beside(context: &Context, config: &Config) -> Result<Opened> {
    let vault = vault(context, config).await?;
    let wal = match &config.wal {
        Some(wal) => context.wal(&vault, Some(wal))?,
        None => context.noted_wal(&vault)?,
    };
    Ok(Opened { vault, wal })
}

/// The vault that is asked for, else the one that a configuration names.
async fn vault(context: &Context, config: &Config) -> Result<Arc<Vault>> {
    let url = match (&config.vault, context.url()) {
        (_, Ok(url)) => url,
        (Some(url), Err(_)) => url.as_str(),
        (None, Err(fault)) => return Err(fault),
    };
    let access = context.access_in(config.region.as_deref())?;
    Vault::open(url, &access).await.map(Arc::new)
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let (path, config) = config(matches)?;
    if matches.get_flag("check") {
        shoseki_server::check(&config).await?;
        schedule::check(context, &config, &path)?;
        return check(context, &config, &path.display().to_string());
    }
    if matches.get_flag("test-alerts") {
        return test_alerts(context, &config).await;
    }
    schedule::check(context, &config, &path)?;
    let Opened { vault, wal } = open(context, &config).await?;
    let scheduling = (schedule::runner(context, &config, &path, (&vault, &wal)), context.zone);
    let as_text = (!context.json && std::io::stderr().is_terminal()).then_some(context.lang);
    let happened = move |happening: &Happening| tell(happening, as_text);
    let (lang, is_json) = (context.lang, context.json);
    let ready = move |serving: Serving| say_ready(serving, lang, is_json);
    serve(vault, &config, &wal, scheduling, (happened, ready, stopped()?)).await?;
    Ok(Exit::Done)
}

/// Sends a trial to each who is told of what happens.
async fn test_alerts(context: &Context, config: &Config) -> Result<Exit> {
    if config.alerts.is_empty() {
        return Err(Fault::caller(msg!("cli-serve-no-alerts")));
    }
    let tried = shoseki_server::try_alerts(config).await;
    let is_whole = tried.iter().all(|(_, sent)| sent.is_ok());
    if context.json {
        let row = |(name, sent): &(String, Result<()>)| json!({"name": name, "sent": sent.is_ok(), "why": sent.as_ref().err().map(|fault| fault.chain(Lang::En))});
        output::json(&json!({"alerts": tried.iter().map(row).collect::<Vec<_>>()}))?;
    } else {
        for (name, sent) in &tried {
            match sent {
                Ok(()) => context.say(&msg!("cli-serve-alert-sent", name = name)),
                Err(fault) => context.note(&msg!("cli-fetch-failed", name = name, why = fault.chain(context.lang))),
            }
        }
    }
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

/// Says what a configuration would do.
fn check(context: &Context, config: &Config, path: &str) -> Result<Exit> {
    if context.json {
        let senders = config.senders.iter().map(|sender| json!({"name": sender.name, "receivers": sender.receivers}));
        let syslog = config.syslog.iter().map(|one| json!({"name": one.name, "listen": one.listen}));
        let reaches = config.fetch.reaches();
        let fetchers = reaches
            .iter()
            .map(|(reach, from)| json!({"name": reach.name, "from": from, "region": reach.region, "role": reach.role}));
        let files = config.files.iter().map(|one| json!({"name": one.name, "paths": one.paths}));
        let forwards = config.forwards.iter().map(|one| {
            let (kind, at) = one.target();
            json!({"name": one.name, "target": kind, "at": at})
        });
        output::json(&json!({
            "files": files.collect::<Vec<_>>(),
            "syslog": syslog.collect::<Vec<_>>(),
            "config": path,
            "http": config.http.listen,
            "tls": config.http.tls.is_some(),
            "status": config.status.listen,
            "senders": senders.collect::<Vec<_>>(),
            "fetchers": fetchers.collect::<Vec<_>>(),
            "forwards": forwards.collect::<Vec<_>>(),
            "schedules": config.schedules.iter().map(|one| scheduled_json(context, config, one)).collect::<Vec<_>>(),
            "doubts": doubts(config).iter().map(|doubt| doubt.text(Lang::En)).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let (listen, status) = (config.http.listen.to_string(), config.status.listen.to_string());
    context.say(&msg!("cli-serve-checked", path = path, listen = listen, status = status));
    for one in &config.syslog {
        context.say(&msg!("cli-serve-syslog", name = one.name.as_str(), at = one.listen.to_string()));
    }
    for one in &config.files {
        context.say(&msg!("cli-serve-files", name = one.name.as_str(), paths = one.paths.join(", ")));
    }
    for sender in &config.senders {
        let receivers = sender.receivers.join(", ");
        context.say(&msg!("cli-serve-sender", name = sender.name.as_str(), receivers = receivers));
    }
    for (reach, from) in config.fetch.reaches() {
        let region = reach.region.unwrap_or_default();
        context.say(&msg!("cli-serve-fetcher", name = reach.name, from = from, region = region));
    }
    for one in &config.forwards {
        let (kind, at) = one.target();
        context.say(&msg!("cli-serve-forward", name = one.name.as_str(), target = kind, at = at));
    }
    for one in &config.schedules {
        context.say(&scheduled(context, config, one));
    }
    for doubt in doubts(config) {
        context.note(&msg!("cli-warning", what = doubt.text(context.lang)));
    }
    let has_senders = !config.senders.is_empty() || !config.syslog.is_empty();
    let is_idle = config.files.is_empty() && config.forwards.is_empty() && config.schedules.is_empty();
    if !has_senders && config.fetch.is_empty() && is_idle {
        context.note(&msg!("cli-serve-nobody"));
    }
    Ok(Exit::Done)
}

/// When a schedule is due next, for people.
fn scheduled(context: &Context, config: &Config, one: &Schedule) -> Message {
    let plan = one.plan(zone_of(config, context.zone));
    let next = context.clone().in_zone(plan.zone).local(schedule::due(&plan));
    let does = lookup(&format!("schedule-does-{}", one.kind()), context.lang).unwrap_or_default();
    msg!("schedule-checked", name = one.name.as_str(), does = does, when = plan.said(), next = next)
}

/// The same for machines.
fn scheduled_json(context: &Context, config: &Config, one: &Schedule) -> serde_json::Value {
    let plan = one.plan(zone_of(config, context.zone));
    json!({
        "name": one.name, "does": one.kind(), "plan": plan.line(), "next": schedule::due(&plan).to_string(),
    })
}

/// What is no mistake for certain, and is mostly one.
fn doubts(config: &Config) -> Vec<Message> {
    let mut doubts: Vec<Message> = Vec::new();
    for region in config.regions().into_iter().filter(|region| !is_region(region)) {
        doubts.push(msg!("cli-serve-region", region = region));
    }
    let is_silent = |one: &Schedule| match (&one.query, one.kind()) {
        (Some(query), _) => query.alert == Telling::None,
        (None, kind) => kind == "report" || kind == "package",
    };
    if config.alerts.is_empty() && config.schedules.iter().any(|one| !is_silent(one)) {
        doubts.push(msg!("schedule-nobody"));
    }
    doubts
}

/// Whether a text looks like the name of a region of AWS: `ap-northeast-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => words.len() >= 2 && is_number(number) && words.iter().all(is_word),
        None => false,
    }
}

/// Tells of what happens: in words where a person reads, in JSON for whoever gathers logs.
pub(super) fn tell(happening: &Happening, as_text: Option<Lang>) {
    match as_text {
        Some(lang) => output::note(&happening.message.text(lang)),
        None => output::aside(&format!("{}\n", happening.to_json())),
    }
}

fn say_ready(serving: Serving, lang: Lang, is_json: bool) {
    if is_json {
        let syslog: serde_json::Map<_, _> =
            serving.syslog.iter().map(|(name, at)| (name.clone(), at.to_string().into())).collect();
        output::data(&json!({"http": serving.http, "status": serving.status, "syslog": syslog}).to_string());
    } else {
        let (http, status) = (serving.http.to_string(), serving.status.to_string());
        output::line(&msg!("cli-serve-ready", http = http, status = status).text(lang));
        for (name, at) in &serving.syslog {
            output::line(&msg!("cli-serve-syslog", name = name, at = at.to_string()).text(lang));
        }
    }
}

/// Resolves with Ctrl-C, or when the process is asked to end. A second Ctrl-C ends it at once: what is acknowledged is in the log.
pub(super) fn stopped() -> Result<impl Future<Output = ()>> {
    let failed = |error| Fault::world(msg!("cli-no-threads")).because(error);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tokio::spawn(async move {
                interrupt.recv().await;
                std::process::exit(130);
            });
        })
    }
    #[cfg(not(unix))]
    {
        let _ = failed;
        Ok(async {
            let _ = tokio::signal::ctrl_c().await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_looks_like_one() {
        for region in
            ["ap-northeast-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "mx-central-1", "eusc-de-east-1"]
        {
            assert!(is_region(region), "{region}");
        }
        for other in ["tokyo", "", "ap-northeast", "ap-northeast-1a", "AP-northeast-1", "northeast-1", "ap--1", "1-2-3"]
        {
            assert!(!is_region(other), "{other}");
        }
    }
}
