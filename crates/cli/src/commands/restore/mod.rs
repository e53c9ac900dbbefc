//! `shoseki restore`: a vault is put right from a replica, or made anew from one; a rehearsal does the latter and takes it away again.

mod rehearse;

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command};
use serde_json::{Value, json};
use shoseki_event::Day;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::layout::{self, Marker};
use shoseki_vault::ingest::Meter;
use shoseki_vault::replica::{self, Copied, Restored, RestoredObject, Scope};
use shoseki_vault::{Store, Vault};

use super::Entry;
use super::ingest::stop_on_ctrl_c;
use super::replica::{note_problems, problems};
use super::verify::whole_place;
use crate::access::{self, Access, Recorded};
use crate::context::Context;
use crate::{Exit, output, progress};

pub const ENTRY: Entry = Entry { name: "restore", arguments, run: |context, matches| Box::pin(run(context, matches)) };

/// How many objects have a record of their own; of more, the record of the restore says how many there are.
const MOST_RECORDS: usize = 10_000;

fn arguments(command: Command) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let value = |name: &'static str, shown: &'static str| Arg::new(name).long(name).value_name(shown);
    command
        .arg(value("from", "URL").required(true))
        .arg(flag("damaged"))
        .arg(value("day", "DAY"))
        .arg(value("segment", "ID"))
        .arg(value("object", "PATH"))
        .arg(value("to", "URL"))
        .arg(flag("rehearse"))
        .group(ArgGroup::new("what").args(["damaged", "day", "segment", "object", "to", "rehearse"]).required(true))
        .arg(flag("accept-loss").conflicts_with("rehearse"))
        .arg(value("why", "TEXT"))
        .arg(flag("deep").requires("rehearse"))
        .arg(value("in", "DIR").requires("rehearse"))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let from = text("from").unwrap_or_default();
    let replica = Vault::open(from, &context.access()?).await?;
    if matches.get_flag("rehearse") {
        return rehearse::run(context, &replica, matches.get_flag("deep"), text("in")).await;
    }
    let asked = Asked { why: text("why"), accepts_loss: matches.get_flag("accept-loss") };
    match text("to") {
        Some(to) => whole(context, &replica, to, &asked).await,
        None => in_place(context, &replica, &scope(matches)?, &asked).await,
    }
}

struct Asked<'a> {
    why: Option<&'a str>,
    accepts_loss: bool,
}

fn scope(matches: &ArgMatches) -> Result<Scope> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    if let Some(day) = text("day") {
        return Day::parse(day).map(Scope::Day);
    }
    if let Some(segment) = text("segment") {
        return segment.parse().map(Scope::Segment);
    }
    Ok(text("object").map_or(Scope::Damaged, |name| Scope::Object(name.to_owned())))
}

fn scope_name(scope: &Scope) -> String {
    match scope {
        Scope::Damaged => "damaged".to_owned(),
        Scope::Day(day) => format!("day {day}"),
        Scope::Segment(segment) => format!("segment {segment}"),
        Scope::Object(name) => format!("object {name}"),
    }
}

/// By which vault an access is recorded: the replica, whose name is the vault's; where it cannot be written, as on a medium that is
/// only read, the vault itself.
async fn recorder(context: &Context, replica: &Vault) -> Option<Vault> {
    if replica.store().may_write().is_ok() {
        return None;
    }
    let vault = context.open().await.ok()?;
    (vault.marker().origin == replica.marker().origin).then_some(vault)
}

/// Does something with a meter, which Ctrl-C stops.
async fn metered<T>(context: &Context, work: impl AsyncFnOnce(Arc<Meter>) -> Result<T>) -> Result<T> {
    let meter = Arc::new(Meter::default());
    let said = msg!("replica-stopping").text(context.lang);
    let stopper = tokio::spawn(stop_on_ctrl_c(Arc::clone(&meter), said));
    let shown = progress::of_objects(&meter, context.lang);
    let done = work(meter).await;
    drop(shown);
    stopper.abort();
    done
}

/// Puts the vault right where it lies.
async fn in_place(context: &Context, replica: &Vault, scope: &Scope, asked: &Asked<'_>) -> Result<Exit> {
    let place = Store::open(context.url()?, false, context.access()?.buckets.as_ref()).await?;
    if whole_place(place.url()) == whole_place(replica.store().url()) {
        return Err(Fault::caller(msg!("replica-restore-same", url = place.url())));
    }
    let marker = place.get(layout::MARKER).await?;
    let marker = marker.and_then(|bytes| Marker::parse(&String::from_utf8_lossy(&bytes)).ok());
    if let Some(other) = marker.filter(|marker| marker.origin != replica.marker().origin) {
        return Err(Fault::caller(msg!("replica-restore-other", url = place.url(), origin = other.origin)));
    }
    let access = begin(replica, asked).with("to", whole_place(place.url())).with("scope", scope_name(scope));
    let recorder = recorder(context, replica).await;
    let mut recorded = Recorded::begin(context, recorder.as_ref().unwrap_or(replica), access).await?;
    let restored = metered(context, async |meter: Arc<Meter>| {
        replica::restore(replica, &place, scope, asked.accepts_loss, &meter).await
    });
    let restored = match restored.await {
        Ok(restored) => restored,
        Err(fault) => {
            recorded.failed(&fault);
            return Err(fault);
        }
    };
    tell(&mut recorded, &restored, replica, &place);
    let is_recorded = recorded.is_recorded();
    if let Some(fault) = &restored.failed {
        recorded.failed(fault);
        show(context, &restored, is_recorded)?;
        return Err(Fault::clone(fault));
    }
    let exit = match (restored.stopped, restored.problems.is_empty()) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Done,
        (false, false) => Exit::Failed,
    };
    match exit {
        Exit::Stopped => recorded.stopped(),
        _ => recorded.whole(), // what could not be put right is among its details
    }
    show(context, &restored, is_recorded)?;
    if let (true, Ok(vault)) = (is_recorded, context.open().await) {
        access::seal(context, &vault).await;
    }
    Ok(exit)
}

fn begin(replica: &Vault, asked: &Asked<'_>) -> Access {
    let access = Access::new("restore.run").with("from", whole_place(replica.store().url()));
    match asked.why {
        Some(why) => access.with("reason", why),
        None => access,
    }
}

/// What was restored, and a record of each object.
fn tell(recorded: &mut Recorded, restored: &Restored, replica: &Vault, place: &Store) {
    recorded.detail("tree_size", restored.size);
    recorded.detail("looked_at", restored.looked_at);
    recorded.detail("restored", restored.restored.len());
    recorded.detail("bytes", restored.restored.iter().map(|one| one.bytes).sum::<u64>());
    let failed: Vec<&str> = restored.problems.iter().take(100).map(|problem| problem.name.as_str()).collect();
    recorded.detail("not_restored", failed);
    recorded.detail("problems", restored.problems.len());
    for (number, one) in restored.restored.iter().take(MOST_RECORDS).enumerate() {
        let RestoredObject { name, sha256, bytes, aside } = one;
        let access = Access::new("restore.object")
            .with("object", name.as_str())
            .with("sha256", sha256.clone())
            .with("bytes", *bytes)
            .with("was", if aside.is_some() { "wrong" } else { "missing" })
            .with("aside", aside.clone())
            .with("from", whole_place(replica.store().url()))
            .with("to", whole_place(place.url()));
        recorded.tell(&number.to_string(), access);
    }
}

fn show(context: &Context, restored: &Restored, is_recorded: bool) -> Result<()> {
    if context.json {
        let mut report = json!(restored);
        report["problems"] = problems(&restored.problems, context.lang);
        report["recorded"] = json!(is_recorded);
        return output::json(&report);
    }
    for RestoredObject { name, aside, sha256, .. } in &restored.restored {
        context.say(&match aside {
            Some(aside) if sha256.is_none() => {
                msg!("replica-set-aside", name = name.as_str(), aside = aside.as_str())
            }
            Some(aside) => msg!("replica-restored-wrong", name = name.as_str(), aside = aside.as_str()),
            None => msg!("replica-restored-missing", name = name.as_str()),
        });
    }
    let (count, looked_at) = (restored.restored.len(), output::count(restored.looked_at));
    context.say(&msg!("replica-restored", count = count, looked_at = looked_at, size = restored.size));
    note_problems(context, &restored.problems);
    if restored.stopped {
        context.note(&msg!("replica-stopped"));
    }
    Ok(())
}

/// The first parts of the names that a vault's objects have.
const OWN: [&str; 5] = [layout::MARKER, layout::EVENTS, layout::ORIGINALS, layout::KEYS, layout::TLOG];

/// Whether it is of the folders that hold what the replica must have too; of the log there may be other sizes.
fn is_data(name: &str) -> bool {
    [layout::EVENTS, layout::ORIGINALS, layout::KEYS].iter().any(|folder| name.starts_with(folder))
}

/// A vault anew, in a place that holds nothing else. What was begun there goes on.
async fn whole(context: &Context, replica: &Vault, to: &str, asked: &Asked<'_>) -> Result<Exit> {
    let place = Store::open(to, true, context.access()?.buckets.as_ref()).await?;
    let is_own = |(name, _): &(String, u64)| name.split('/').next().is_some_and(|first| OWN.contains(&first));
    let [from, other] = [replica.store().url(), place.url()].map(|url| format!("{}/", whole_place(url)));
    if from.starts_with(&other) || other.starts_with(&from) {
        return Err(Fault::caller(msg!("replica-within", url = to, vault = replica.store().url())));
    }
    let marker = place.get(layout::MARKER).await?;
    let is_same = marker.is_none_or(|bytes| bytes == replica.marker().to_text().as_bytes());
    let there = place.list("").await?;
    let known: BTreeSet<String> = match there.is_empty() {
        true => BTreeSet::new(),
        false => replica.store().list("").await?.into_iter().map(|(name, _)| name).collect(),
    };
    let is_own =
        |(name, size): &(String, u64)| known.contains(name) || is_own(&(name.clone(), *size)) && !is_data(name);
    if !is_same || replica::is_marked(&place).await? || !there.iter().all(is_own) {
        return Err(Fault::caller(msg!("replica-restore-not-empty", url = to)));
    }
    let size = replica::newest(replica, replica.store()).await?.map_or(0, |newest| newest.size());
    if !asked.accepts_loss {
        replica::check_known(replica, size).await?;
    }
    let access = begin(replica, asked).with("to", whole_place(to)).with("scope", "whole");
    let recorder = recorder(context, replica).await;
    let mut recorded = Recorded::begin(context, recorder.as_ref().unwrap_or(replica), access).await?;
    let is_recorded = recorded.is_recorded();
    let copied =
        metered(context, async |meter: Arc<Meter>| replica::copy(replica, &place, asked.accepts_loss, &meter).await)
            .await;
    let copied = match copied {
        Ok(copied) => copied,
        Err(fault) => {
            recorded.failed(&fault);
            return Err(fault);
        }
    };
    recorded.detail("tree_size", copied.size);
    recorded.detail("objects", copied.objects);
    recorded.detail("bytes", copied.bytes);
    recorded.detail("problems", copied.problems.len());
    let is_whole = copied.problems.is_empty() && copied.size == copied.source_size;
    let exit = match (copied.stopped, is_whole) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Done,
        (false, false) => Exit::Failed,
    };
    recorded.ended(Ok(exit))?;
    if context.json {
        let mut report = report_of(context, &copied, to);
        report["recorded"] = json!(is_recorded);
        output::json(&report)?;
    } else {
        let (objects, bytes) = (output::count(copied.objects), output::bytes(copied.bytes));
        context.say(&msg!("replica-restored-whole", url = to, objects = objects, bytes = bytes, size = copied.size));
        note_problems(context, &copied.problems);
        if copied.stopped {
            context.note(&msg!("replica-stopped"));
        } else if is_whole {
            context.note(&msg!("replica-restored-next", url = to));
        }
    }
    Ok(exit)
}

fn report_of(context: &Context, copied: &Copied, to: &str) -> Value {
    let mut report = json!(copied);
    report["url"] = json!(to);
    report["problems"] = problems(&copied.problems, context.lang);
    report
}
