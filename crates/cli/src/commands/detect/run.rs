//! Looking back: which records satisfy which rules. Each run is a record, and so is each match that is new or has grown.

use std::sync::Arc;

use clap::ArgMatches;
use serde::Serialize;
use serde_json::json;
use shoseki_comply::checks::{Rows, own_rows};
use shoseki_detect::{Before, Detector, ENGINE, Match, Suppressions, look_back};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Lang, Result, lookup, msg};
use shoseki_query::{Engine, Options};
use shoseki_server::detecting::Known;
use shoseki_vault::Vault;
use shoseki_vault::wal::Tail;

use super::super::query;
use super::{configured, of_problems, rules, tell_problems};
use crate::access::{Access, Beginning};
use crate::arn::Names;
use crate::context::Context;
use crate::{Exit, output, progress};

/// The most matches of which a run leaves a record each.
const MOST_TOLD: usize = 10_000;

/// How far the runs before looked that came to their end.
const LOOKED: &str = "select raw -> 'details' ->> 'scope' as scope, \
     max(try_cast(raw -> 'details' ->> 'tree_size' as bigint)) as size\nfrom events\n\
     where kind = 'event' and operation = 'detect.run' and raw -> 'details' ->> 'ended' = 'whole'\ngroup by 1";

#[derive(Serialize)]
struct Report<'a> {
    rules: usize,
    rules_sha256: &'a str,
    engine: &'static str,
    from: Option<String>,
    to: Option<String>,
    /// The first commit that was looked at, where only new ones were, and the size of the tree.
    since: Option<u64>,
    tree_size: u64,
    records: u64,
    matches: Vec<Shown<'a>>,
    problems: Vec<String>,
    recorded: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    one: &'a Match,
    /// Whether no run before told it.
    new: bool,
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let detector = Detector::new(rules(matches)?);
    let mut problems = detector.rules().problems.clone();
    problems.extend(detector.problems.iter().cloned());
    let detector = Arc::new(detector);
    let suppressions = Suppressions(configured(matches)?.suppress);
    let options = query::limits(matches)?.apply(query::options(context, matches)?);
    let vault = Arc::new(context.open().await?);
    let tail = query::newest(context, &vault, false, true).await?;
    let (hash, count) = (detector.rules().hash(), detector.rules().all().filter(|rule| !rule.is_base).count());
    let scope = scope(&hash, matches, &options);
    let since = match matches.get_flag("new") {
        true => Some(last_size(&vault, &tail, &scope).await?),
        false => None,
    };
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let (from, to, tree_size) = (time(options.from), time(options.to), tail.snapshot.size());
    let access = Access::new("detect.run")
        .with("rules", count as u64)
        .with("rules_sha256", hash.as_str())
        .with("engine", ENGINE)
        .with("scope", scope)
        .with("from", from.clone())
        .with("to", to.clone())
        .with("sources", options.sources.clone())
        .with("streams", options.streams.clone())
        .with("since", since)
        .with("tree_size", tree_size);
    let mut recorded = Beginning::of(context, &vault, access);
    let known = Known::of(|options| Engine::over_tail(Arc::clone(&vault), &tail, options)).await?;
    let options = Options { include_internal: true, ..options };
    let commits = |commits| Engine::over_commits(Arc::clone(&vault), &tail.snapshot, commits, options.clone());
    let engine = commits(since.unwrap_or_default()..tree_size);
    let older = |from, to| {
        let bounds = Options { from: Some(from), to, ..options.clone() };
        Engine::over_commits(Arc::clone(&vault), &tail.snapshot, 0..since.unwrap_or_default(), bounds)
    };
    let before: Option<Before<'_>> = since.is_some().then_some(&older);
    let mut shown = None;
    let looked = tokio::select! {
        looked = look_back(&engine, &detector, before, |running| shown = Some(progress::of_query(&running, context.lang))) => looked,
        _ = tokio::signal::ctrl_c() => return Ok(stopped(recorded).await),
    };
    drop(shown);
    recorded.durable().await?;
    let mut recorded = recorded.begun().await;
    let looked = match looked {
        Ok(looked) => looked,
        Err(fault) => {
            recorded.into_iter().for_each(|recorded| recorded.failed(&fault));
            return Err(fault);
        }
    };
    let found = looked.matches.merged(&known.all(), &suppressions);
    let shown: Vec<Shown<'_>> = found.iter().map(|one| Shown { one, new: known.events(&one.id).is_none() }).collect();
    let is_recorded = recorded.as_ref().is_some_and(|recorded| recorded.is_recorded());
    if let Some(recorded) = &mut recorded {
        recorded.detail("records", looked.records);
        recorded.detail("matches", found.len() as u64);
        recorded.detail("problems", problems.len() as u64);
        // What only new commits were asked for is more of a match; what all were asked for is the match.
        let is_more = |one: &&Match| known.events(&one.id).is_none_or(|events| since.is_some() || events < one.events);
        let grown: Vec<&Match> = found.iter().filter(is_more).collect();
        if grown.len() > MOST_TOLD {
            context.note(&msg!("detect-told-most", most = output::count(MOST_TOLD as u64)));
        }
        for one in grown.into_iter().take(MOST_TOLD) {
            let told = Access::new("detect.match")
                .saying(one)?
                .with("rules_sha256", hash.as_str())
                .with("engine", ENGINE)
                .with("since", since);
            recorded.tell(&one.id, told);
        }
    }
    let is_found = found.iter().any(|one| one.suppressed.is_none());
    let report = Report {
        rules: count,
        rules_sha256: &hash,
        engine: ENGINE,
        from,
        to,
        since,
        tree_size,
        records: looked.records,
        matches: shown,
        problems: problems.iter().map(|problem| problem.why.text(Lang::En)).collect(),
        recorded: is_recorded,
    };
    print(context, matches, &report)?;
    recorded.into_iter().for_each(|recorded| recorded.whole());
    tell_problems(context, &problems);
    Ok(of_problems(problems.len(), if is_found { Exit::Failed } else { Exit::Done }))
}

async fn stopped(recorded: Beginning) -> Exit {
    recorded.begun().await.into_iter().for_each(|recorded| recorded.stopped());
    Exit::Stopped
}

/// What a run is about, as it was typed: runs of one scope go on where the last ended, and a day ago is another time each day.
fn scope(hash: &str, matches: &ArgMatches, options: &Options) -> String {
    let typed = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let said = json!([hash, typed("from"), typed("to"), options.sources, options.streams]);
    hex::encode(&<sha2::Sha256 as sha2::Digest>::digest(said.to_string())[..16])
}

/// The rows of a question about our own records.
async fn own(vault: &Arc<Vault>, tail: &Tail, question: &'static str) -> Result<Rows> {
    own_rows(|options| Engine::over_tail(Arc::clone(vault), tail, options), question, Timestamp::now()).await
}

/// The size of the tree of the last run of the same scope.
async fn last_size(vault: &Arc<Vault>, tail: &Tail, scope: &str) -> Result<u64> {
    let runs = own(vault, tail, LOOKED).await?;
    Ok(runs.iter().filter(|run| run.text("scope") == scope).map(|run| run.count("size")).max().unwrap_or_default())
}

fn print(context: &Context, matches: &ArgMatches, report: &Report<'_>) -> Result<()> {
    let format = matches.get_one::<String>("output").map(String::as_str);
    if context.json || format == Some("json") {
        return output::json(report);
    }
    if format == Some("jsonl") {
        for one in &report.matches {
            output::line(&serde_json::to_string(one).map_err(|error| Fault::broken(msg!("cli-json")).because(error))?);
        }
        return Ok(());
    }
    let lang = context.lang;
    if !report.matches.is_empty() {
        let word = |name: &str| lookup(&format!("detect-head-{name}"), lang).unwrap_or_default();
        let mut table =
            output::table(&["match", "level", "title", "first", "events", "actor", "address", "resource"].map(word));
        let names = report.matches.iter().flat_map(|Shown { one, .. }| [&one.about.actor, &one.about.resource]);
        let names = Names::of(names.map(String::as_str));
        for Shown { one, new } in &report.matches {
            let level = lookup(&format!("detect-level-{}", one.level), lang).unwrap_or_default();
            let mut level = if *new { format!("{level} *") } else { level };
            if one.suppressed.is_some() {
                level = format!("({level})");
            }
            table.add_row([
                one.id.clone(),
                level,
                one.rule().title(lang).to_owned(),
                context.local(one.first),
                output::count(one.events),
                names.short(&one.about.actor),
                one.about.address.clone(),
                names.short(&one.about.resource),
            ]);
        }
        output::line(&table.to_string());
    }
    let (records, rules) = (output::count(report.records), output::count(report.rules as u64));
    let new = report.matches.iter().filter(|one| one.new).count();
    context.say(&msg!("detect-done", matches = report.matches.len(), new = new, records = records, rules = rules));
    if let Some(first) = report.matches.first() {
        context.say(&msg!("detect-next", rule = first.one.rule.as_str()));
    }
    Ok(())
}
