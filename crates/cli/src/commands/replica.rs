//! `shoseki replica add|remove|list|sync`: other places that hold the vault again, whole and proven.

use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde::Serialize;
use serde_json::json;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, lookup, msg};
use shoseki_segment::commit::Commit;
use shoseki_segment::layout;
use shoseki_vault::compact::{Deleted, GRACE_DAYS};
use shoseki_vault::ingest::Meter;
use shoseki_vault::replica::{self, Copied, Problem};
use shoseki_vault::{Keyring, Store, Vault};

use super::Entry;
use super::ingest::stop_on_ctrl_c;
use super::verify::whole_place;
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output, progress};

pub const ENTRY: Entry = Entry { name: "replica", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    let url = || Arg::new("url").value_name("URL");
    let sync = Command::new("sync")
        .arg(url())
        .arg(Arg::new("accept-loss").long("accept-loss").action(ArgAction::SetTrue))
        .arg(Arg::new("delete-replaced").long("delete-replaced").action(ArgAction::SetTrue))
        .arg(
            Arg::new("grace-days")
                .long("grace-days")
                .value_name("DAYS")
                .requires("delete-replaced")
                .value_parser(value_parser!(u32)),
        );
    command
        .subcommand_required(true)
        .subcommand(Command::new("add").arg(url().required(true)))
        .subcommand(sync)
        .subcommand(Command::new("list"))
        .subcommand(Command::new("remove").arg(url().required(true)))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let vault = context.open().await?;
    let url = |matches: &ArgMatches| matches.get_one::<String>("url").cloned();
    match matches.subcommand() {
        Some(("add", matches)) => {
            let url = url(matches).unwrap_or_default();
            let recorded = Recorded::begin(context, &vault, Access::new("replica.add").with("url", &*url)).await?;
            let ended = add(context, &vault, &url).await;
            recorded.ended(ended)
        }
        Some(("remove", matches)) => {
            let url = url(matches).unwrap_or_default();
            let recorded = Recorded::begin(context, &vault, Access::new("replica.remove").with("url", &*url)).await?;
            let ended = remove(context, &vault, &url).await;
            recorded.ended(ended)
        }
        Some(("sync", matches)) => sync(context, &vault, url(matches).as_deref(), How::of(matches)).await,
        _ => list(context, &vault).await,
    }
}

/// How replicas are brought forward.
#[derive(Clone, Copy, Debug, Default)]
struct How {
    /// After how many days replaced files are deleted there; not at all where absent.
    grace: Option<u32>,
    /// Whether it goes on past what is lost here.
    accepts_loss: bool,
}

impl How {
    fn of(matches: &ArgMatches) -> Self {
        let days = matches.get_one::<u32>("grace-days").copied().unwrap_or(GRACE_DAYS);
        let grace = matches.get_flag("delete-replaced").then_some(days);
        Self { grace, accepts_loss: matches.get_flag("accept-loss") }
    }
}

/// Seals what was committed; an anchor that cannot be reached is said.
async fn seal(context: &Context, vault: &Vault) -> Result<u64> {
    let (checkpoint, warnings) = vault.seal().await?;
    for warning in &warnings {
        context.note(&msg!("cli-warning", what = warning.chain(context.lang)));
    }
    Ok(checkpoint.size())
}

async fn add(context: &Context, vault: &Vault, url: &str) -> Result<Exit> {
    vault.check_before_adding().await?;
    let buckets = context.access()?.buckets;
    let place = Store::open(url, true, buckets.as_ref()).await?;
    let url = replica::absolute(url, buckets.as_ref()).await?;
    let [own, other] = [whole_place(vault.store().url()), whole_place(&url)].map(|place| format!("{place}/"));
    if own.starts_with(&other) || other.starts_with(&own) {
        return Err(Fault::caller(msg!("replica-within", url = url, vault = vault.store().url())));
    }
    replica::begin(vault, &place).await?;
    let is_new = vault.add_replica(&url).await?;
    let size = seal(context, vault).await?;
    let synced = one(context, vault, &url, How::default()).await;
    if context.json {
        output::json(&json!({"url": url, "new": is_new, "tree_size": size, "replica": synced.report(context.lang)}))?;
    } else {
        context.say(&if is_new { msg!("replica-added", url = &url) } else { msg!("replica-there", url = &url) });
        synced.say(context);
    }
    let folder = vault.keys().path().display().to_string();
    match vault.ring().map(Keyring::provider) {
        Some(provider) => context.note(&msg!("replica-keys", folder = folder, provider = provider)),
        None => context.note(&msg!("replica-signing-key", folder = folder)),
    }
    Ok(synced.exit())
}

async fn remove(context: &Context, vault: &Vault, url: &str) -> Result<Exit> {
    vault.remove_replica(url).await?;
    let size = seal(context, vault).await?;
    if context.json {
        output::json(&json!({"url": url, "tree_size": size}))?;
    } else {
        context.say(&msg!("replica-removed", url = url));
    }
    Ok(Exit::Done)
}

/// What became of one replica.
struct Synced {
    url: String,
    copied: Result<Copied>,
    deleted: Option<Deleted>,
}

impl Synced {
    fn exit(&self) -> Exit {
        match &self.copied {
            Ok(copied) if copied.stopped => Exit::Stopped,
            Ok(copied) if copied.problems.is_empty() => Exit::Done,
            _ => Exit::Failed,
        }
    }

    fn report(&self, lang: Lang) -> serde_json::Value {
        match &self.copied {
            Ok(copied) => {
                let mut report = json!(copied);
                report["url"] = json!(self.url);
                report["problems"] = problems(&copied.problems, lang);
                report["deleted"] = json!(self.deleted);
                report
            }
            Err(fault) => json!({"url": self.url, "error": {"id": fault.id(), "text": fault.chain(lang)}}),
        }
    }

    fn say(&self, context: &Context) {
        let url = self.url.as_str();
        self.note(context);
        let Ok(copied) = &self.copied else { return };
        let (objects, bytes) = (output::count(copied.objects), output::bytes(copied.bytes));
        let (size, source) = (output::count(copied.size), output::count(copied.source_size));
        context.say(&match () {
            () if copied.objects == 0 && copied.size == copied.source_size => {
                msg!("replica-up-to-date", url = url, size = size)
            }
            () => msg!("replica-synced", url = url, objects = objects, bytes = bytes, size = size, source = source),
        });
        if let Some(deleted) = &self.deleted {
            let (files, bytes) = (output::count(deleted.files), output::bytes(deleted.bytes));
            context.say(&msg!("replica-deleted", files = files, bytes = bytes, kept = output::count(deleted.kept)));
        }
        if copied.stopped {
            context.note(&msg!("replica-stopped"));
        }
    }

    /// What is wrong, on standard error.
    fn note(&self, context: &Context) {
        match &self.copied {
            Ok(copied) => note_problems(context, &copied.problems),
            Err(fault) => {
                let url = self.url.as_str();
                context.note(&msg!("replica-not-synced", url = url, why = fault.chain(context.lang)));
            }
        }
    }
}

/// What is wrong with objects, for programs.
pub fn problems(all: &[Problem], lang: Lang) -> serde_json::Value {
    let one =
        |problem: &Problem| json!({"what": problem.name, "id": problem.fault.id(), "text": problem.fault.chain(lang)});
    all.iter().map(one).collect()
}

/// The same for people.
pub fn note_problems(context: &Context, all: &[Problem]) {
    for problem in all {
        let why = problem.fault.chain(context.lang);
        context.note(&msg!("replica-problem", name = problem.name.as_str(), why = why));
    }
}

/// Brings replicas forward: one, or all.
async fn sync(context: &Context, vault: &Vault, url: Option<&str>, how: How) -> Result<Exit> {
    vault.check_stated().await?; // who can write to the store says nothing of where evidence goes
    let known = vault.snapshot().await?.replicas();
    let urls = match url {
        None if known.is_empty() => return Err(Fault::caller(msg!("replica-none"))),
        None => known,
        Some(url) => {
            let whole = replica::absolute(url, context.access()?.buckets.as_ref()).await.unwrap_or(url.to_owned());
            if !known.contains(&whole) {
                return Err(Fault::caller(msg!("replica-unknown", url = url, known = known.join(", "))));
            }
            vec![whole]
        }
    };
    let (mut reports, mut exit, mut is_recorded) = (Vec::new(), Exit::Done, false);
    for url in urls {
        let synced = one(context, vault, &url, how).await;
        is_recorded |= record(context, vault, &synced, how).await?;
        match context.json {
            true => {
                synced.note(context);
                reports.push(synced.report(context.lang));
            }
            false => synced.say(context),
        }
        if synced.exit() == Exit::Stopped {
            exit = Exit::Stopped;
            break;
        }
        if synced.exit() == Exit::Failed {
            exit = Exit::Failed;
        }
    }
    if context.json {
        output::json(&reports)?;
    }
    if is_recorded {
        access::seal(context, vault).await;
    }
    Ok(exit)
}

async fn one(context: &Context, vault: &Vault, url: &str, how: How) -> Synced {
    let meter = Arc::new(Meter::default());
    let said = msg!("replica-stopping").text(context.lang);
    let stopper = tokio::spawn(stop_on_ctrl_c(Arc::clone(&meter), said));
    let shown = progress::of_objects(&meter, context.lang);
    let (mut copied, mut deleted) = (copy(vault, url, how, &meter).await, None);
    drop(shown);
    stopper.abort();
    if let Some(days) = how.grace.filter(|_| copied.as_ref().is_ok_and(|copied| !copied.stopped)) {
        match prune(context, url, days).await {
            Ok(done) => deleted = Some(done),
            Err(fault) => copied = Err(fault),
        }
    }
    Synced { url: url.to_owned(), copied, deleted }
}

async fn copy(vault: &Vault, url: &str, how: How, meter: &Meter) -> Result<Copied> {
    let place = replica::open(vault, url).await?;
    replica::copy(vault, &place, how.accepts_loss, meter).await
}

/// Deletes from a replica what sealed compactions replaced, and what expired: it is a vault, and judged as one.
async fn prune(context: &Context, url: &str, days: u32) -> Result<Deleted> {
    let replica = Vault::open(url, &context.access()?).await?;
    let mut deleted = replica.delete_replaced(days, Timestamp::now()).await?;
    let gone = replica.delete_gone().await?;
    deleted.files += gone.files;
    deleted.bytes += gone.bytes;
    Ok(deleted)
}

/// Leaves a record where evidence was copied, or could not be. What copies nothing but our own records leaves none: it would be the
/// next thing to copy.
async fn record(context: &Context, vault: &Vault, synced: &Synced, how: How) -> Result<bool> {
    let access = Access::new("replica.sync").with("url", synced.url.as_str());
    match &synced.copied {
        Ok(copied) if copied.problems.is_empty() && copied.evidence_files == 0 => Ok(false),
        Ok(copied) => {
            let damaged: Vec<&str> = copied.problems.iter().take(100).map(|problem| problem.name.as_str()).collect();
            let access = access.saying(copied)?.with("damaged", damaged).with("problems", copied.problems.len());
            let access = access.with("accepts_loss", how.accepts_loss);
            let recorded = Recorded::begin(context, vault, access).await?;
            let is_recorded = recorded.is_recorded();
            recorded.ended(Ok(synced.exit())).map(|_| is_recorded)
        }
        Err(fault) => {
            let recorded = Recorded::begin(context, vault, access).await?;
            let is_recorded = recorded.is_recorded();
            recorded.failed(fault);
            Ok(is_recorded)
        }
    }
}

/// How long is waited for a replica that is only looked at.
const PATIENCE: Duration = Duration::from_secs(20);

/// A replica, as `list` and `status` show it; times are UTC.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// Where it is.
    pub url: String,
    /// The size of the tree that it proves; absent where it cannot be reached.
    pub size: Option<u64>,
    /// When the last commit that it has was written.
    pub time: Option<String>,
    /// How many sealed commits it lacks.
    pub behind: Option<u64>,
    /// How many seconds the vault's last commit is younger than its last one.
    pub behind_seconds: Option<i64>,
    /// The bytes that lie there.
    pub bytes: Option<u64>,
    /// Why it cannot be reached.
    pub error: Option<String>,
}

/// How the replicas of a vault stand.
pub async fn standings(context: &Context, vault: &Vault) -> Result<Vec<Standing>> {
    let sealed = vault.checkpoint().await?.map_or(0, |checkpoint| checkpoint.size());
    let mut all = Vec::new();
    for url in vault.snapshot().await?.replicas() {
        let mut standing = Standing {
            url: url.clone(),
            size: None,
            time: None,
            behind: None,
            behind_seconds: None,
            bytes: None,
            error: None,
        };
        let unreachable = || Fault::world(msg!("replica-unreachable", url = url.as_str()));
        let looked = tokio::time::timeout(PATIENCE, stand(vault, sealed, &mut standing)).await;
        if let Err(fault) = looked.unwrap_or_else(|_| Err(unreachable())) {
            standing.error = Some(fault.chain(context.lang));
        }
        all.push(standing);
    }
    Ok(all)
}

async fn stand(vault: &Vault, sealed: u64, standing: &mut Standing) -> Result<()> {
    let place = replica::open(vault, &standing.url).await?;
    let size = replica::newest(vault, &place).await?.map_or(0, |newest| newest.size());
    let last = time_of(&place, size).await?;
    let newest = time_of(vault.store(), sealed).await?;
    standing.size = Some(size);
    standing.time = last.map(|time| time.to_string());
    standing.behind = Some(sealed.saturating_sub(size));
    standing.behind_seconds =
        last.zip(newest).map(|(last, newest)| newest.0.saturating_sub(last.0).max(0).div_euclid(1_000_000));
    standing.bytes = Some(place.list("").await?.iter().map(|(_, size)| size).sum());
    Ok(())
}

/// When the last commit of a tree says that it was written.
async fn time_of(store: &Store, size: u64) -> Result<Option<Timestamp>> {
    let Some(last) = size.checked_sub(1) else { return Ok(None) };
    let bytes = store.get(&layout::commit(last)).await?;
    let commit = bytes.and_then(|bytes| Commit::parse(&bytes).ok());
    Ok(commit.map(|commit| Timestamp(commit.timestamp_ms.saturating_mul(1_000))))
}

async fn list(context: &Context, vault: &Vault) -> Result<Exit> {
    let all = standings(context, vault).await?;
    if context.json {
        output::json(&all)?;
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        context.say(&msg!("replica-none"));
        return Ok(Exit::Done);
    }
    let heads =
        ["replica-head-url", "replica-head-size", "replica-head-time", "replica-head-behind", "replica-head-bytes"];
    let mut table = output::table(&heads.map(|id| lookup(id, context.lang).unwrap_or_default()));
    for one in &all {
        let count = |value: Option<u64>| value.map(output::count).unwrap_or_default();
        let time = one.time.as_deref().and_then(|text| Timestamp::parse(text).ok());
        let time = time.map(|time| context.local(time)).unwrap_or_default();
        table.add_row([
            &one.url,
            &count(one.size),
            &time,
            &behind(context.lang, one),
            &one.bytes.map(output::bytes).unwrap_or_default(),
        ]);
    }
    output::line(&table.to_string());
    for one in &all {
        if let Some(why) = &one.error {
            context.note(&msg!("cli-warning", what = why.as_str()));
        }
    }
    Ok(Exit::Done)
}

/// How far a replica is behind, in words.
pub fn behind(lang: Lang, standing: &Standing) -> String {
    match (standing.behind, standing.behind_seconds) {
        (None, _) => msg!("replica-standing-unreachable").text(lang),
        (Some(0), _) => msg!("replica-standing-current").text(lang),
        (Some(commits), seconds) => {
            let minutes = seconds.unwrap_or_default().div_euclid(60);
            msg!("replica-standing-behind", commits = commits, minutes = minutes).text(lang)
        }
    }
}
