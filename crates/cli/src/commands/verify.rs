//! `shoseki verify`: the whole vault, judged by a crate that shares only pure formats with the writer.

use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use futures::future::BoxFuture;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_segment::commit::{Action, Commit, MAX_COMMIT_BYTES, ORIGIN_KEY};
use shoseki_segment::keys::KeyProvider;
use shoseki_segment::layout::{self, MARKER, Marker};
use shoseki_setup::tiering::{Of, Survey, Tariff, verified};
use shoseki_tlog::VerifierKey;
use shoseki_vault::{Buckets, KeyDir, Store, open_anchor};
use shoseki_verify::{OpensAnchors, Place, Question, Report, Verdict, verify_vault};

use super::Entry;
use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::storage::{self, Bucket};
use crate::{Exit, output, progress};

pub const ENTRY: Entry = Entry { name: "verify", arguments, run: |context, matches| Box::pin(run(context, matches)) };

fn arguments(command: Command) -> Command {
    command
        .arg(Arg::new("deep").long("deep").action(ArgAction::SetTrue))
        .arg(Arg::new("against").long("against").value_name("CHECKPOINT"))
        .arg(Arg::new("key").long("key").value_name("KEY"))
        .arg(Arg::new("cost").long("cost").action(ArgAction::SetTrue).conflicts_with_all(["against", "key"]))
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    if matches.get_flag("cost") {
        return cost(context, matches.get_flag("deep")).await;
    }
    let against = match matches.get_one::<String>("against") {
        Some(path) => Some(read(path)?.into()),
        None => None,
    };
    let key = matches.get_one::<String>("key").map(|text| verifier(text)).transpose()?;
    let deep = matches.get_flag("deep");
    let report = judge(context, key, deep, against).await?;
    record(context, &report, deep).await;
    show(context, &report)?;
    Ok(exit(report.verdict))
}

/// What it would read, and what that costs. Nothing is read but the bucket's listing.
async fn cost(context: &Context, is_deep: bool) -> Result<Exit> {
    let Some(bucket) = Bucket::of(context.url()?).await else {
        storage::say_free(context)?;
        return Ok(Exit::Done);
    };
    let survey = Survey::of(&bucket.stored("").await?, Timestamp::now());
    let (readings, tariff) = (verified(&survey, is_deep), Tariff::read()?);
    let classes = || readings.iter().map(|reading| reading.class.as_str());
    if context.json {
        let mut json = storage::as_json(&tariff, &readings)?;
        json["paid"] = true.into();
        json["deep"] = is_deep.into();
        json["prices"] = tariff.to_json(Of::Reading, classes())?;
        output::json(&json)?;
        return Ok(Exit::Done);
    }
    storage::print(context, &tariff, &readings)?;
    context.say(&msg!("cli-tier-verify-usd", usd = storage::dollars(storage::sum(&tariff, &readings)?)));
    storage::say_prices(context, &tariff, Of::Reading, classes())?;
    Ok(Exit::Done)
}

/// Leaves a record of the verdict: that the vault is verified regularly is evidence. Who cannot open the vault, as an auditor with
/// the verifier key alone, leaves none.
async fn record(context: &Context, report: &Report, deep: bool) {
    let Ok(vault) = context.open().await else { return };
    let access = Access::new("verify.run")
        .with("place", whole_place(vault.store().url()))
        .with("verdict", report.verdict.name())
        .with("deep", deep)
        .with("tree_size", report.tree_size)
        .with("problems", report.problems.len());
    if let Some(recorded) = Recorded::quietly(context, &vault, access).await {
        recorded.whole();
    }
}

/// Where a vault lies, however it was named: the whole path of a folder, or a URL. A copy elsewhere is another place.
pub fn whole_place(url: &str) -> String {
    let path = url.strip_prefix("file://").unwrap_or(url);
    match std::fs::canonicalize(path) {
        Ok(whole) => whole.display().to_string(),
        Err(_) => url.trim_end_matches('/').to_owned(),
    }
}

/// The exit code of a verdict.
pub fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Intact => Exit::Done,
        Verdict::Tampered => Exit::Failed,
        Verdict::Unverifiable => Exit::Unverifiable,
    }
}

fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Fault::caller(msg!("cli-verify-file-unreadable", path = path)).because(error))
}

/// A verifier key: the key itself, or a file that holds it.
pub fn verifier(text: &str) -> Result<VerifierKey> {
    if std::path::Path::new(text).is_file() {
        let content = String::from_utf8_lossy(&read(text)?).into_owned();
        return content.trim().parse();
    }
    text.parse()
}

/// Judges the vault of a context. What is wrong with it is in the report, whatever it is.
pub async fn judge(
    context: &Context,
    key: Option<VerifierKey>,
    deep: bool,
    against: Option<bytes::Bytes>,
) -> Result<Report> {
    let access = context.access()?;
    let store = Store::open(context.url()?, false, access.buckets.as_ref()).await?;
    let marker = match store.get(MARKER).await? {
        Some(bytes) => Marker::parse(&String::from_utf8_lossy(&bytes)).ok(), // what is wrong with it, the judge says
        None => None,
    };
    let folder = |origin: &str| KeyDir::of(&access.key_base, origin);
    let mut keys = marker.as_ref().map(|marker| folder(&marker.origin));
    // Who changed what `shoseki.toml` says of the origin hid the keys, and not the vault: the first commit says it, too.
    if keys.as_ref().is_none_or(|keys| keys.verifier().is_err()) {
        keys = first_origin(&store).await?.map(|origin| folder(&origin)).or(keys);
    }
    let own = || keys.as_ref().and_then(|keys| keys.verifier().ok());
    let provider = keys.as_ref().and_then(|keys| keys.providers(access.services.as_ref()).ok());
    let question = Question {
        place: place(&store),
        key: key.or_else(own),
        provider: provider.map(|key| Arc::new(key) as Arc<dyn KeyProvider>),
        deep,
        against,
        anchors: Vec::new(),
        opener: Some(Arc::new(Opener(Arc::clone(&access.buckets)))),
    };
    let _shown = progress::of_verification(question.place.reads(), context.lang);
    verify_vault(&question).await
}

/// A store, as the judge reads it.
pub fn place(store: &Store) -> Place {
    Place::new(Arc::clone(store.objects()), store.path(""))
}

/// The origin that the first commit states.
async fn first_origin(store: &Store) -> Result<Option<String>> {
    let name = layout::commit(0);
    let size =
        store.list(layout::DELTA_LOG).await?.into_iter().find_map(|(there, size)| (there == name).then_some(size));
    if size.is_none_or(|size| size > MAX_COMMIT_BYTES as u64) {
        return Ok(None);
    }
    let first = store.get(&name).await?;
    let Some(Ok(Commit { action: Action::Create(table), .. })) = first.map(|bytes| Commit::parse(&bytes)) else {
        return Ok(None);
    };
    Ok(table.configuration.get(ORIGIN_KEY).cloned())
}

/// Anchors, opened as everything else is.
#[derive(Debug)]
struct Opener(Arc<dyn Buckets>);

impl OpensAnchors for Opener {
    fn open<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Place>> {
        Box::pin(async move { open_anchor(url, self.0.as_ref()).await.map(|store| place(&store)) })
    }
}

/// Prints a report.
pub fn show(context: &Context, report: &Report) -> Result<()> {
    if context.json {
        return output::json(report);
    }
    let lang = context.lang;
    let mut table = output::table(&[]);
    let mut row = |id: &str, value: String| {
        table.add_row([lookup(id, lang).unwrap_or_default(), value]);
    };
    row("cli-verify-verdict", report.verdict.message().text(lang));
    row("cli-verify-origin", report.origin.clone());
    row("cli-verify-tree", output::count(report.tree_size));
    let checked = &report.checked;
    let checked = msg!(
        "cli-verify-checked-value",
        commits = output::count(checked.commits),
        log = output::count(checked.log_objects),
        checkpoints = output::count(checked.checkpoints),
        files = output::count(checked.files),
        records = output::count(checked.records),
        bytes = output::bytes(checked.bytes),
        receipts = output::count(checked.receipts),
        keys = output::count(checked.keys),
        anchors = output::count(checked.anchors)
    );
    row("cli-verify-checked", checked.text(lang));
    output::line(&table.to_string());
    for problem in &report.problems {
        let since = problem
            .since
            .as_ref()
            .map(|since| msg!("cli-verify-since", commit = since.commit, time = context.local(since.time)).text(lang));
        context.say(&msg!(
            "cli-verify-problem",
            verdict = problem.verdict.message().text(lang),
            what = problem.what.as_str(),
            why = problem.text(lang),
            since = since.unwrap_or_default()
        ));
    }
    if report.more_problems > 0 {
        context.say(&msg!("cli-verify-more", count = report.more_problems));
    }
    for note in &report.notes {
        context.say(&msg!("cli-verify-note", what = note.text(lang)));
    }
    Ok(())
}
